//! Files that go with messages: who gets which, as what, and what is not taken.

use domain::{
    id::ItemId,
    item::{MessageKind, Part},
    role::Role,
};
use reqwest::{Method, StatusCode};
use std::time::Duration;
use tenure::ops::items::{self, Request};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::OWNER;
use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{Who, World, address, any_name},
};

/// A name that must not become markup, nor lead out of a folder or a header.
const HOSTILE: &str = "../<img src=x onerror=alert(1)>; a=b.svg";

async fn requested(world: &World, by: Who) -> (ItemId, i64) {
    let input = Request { title: world.title("It does not print"), description: String::new() };
    let ctx = world.by(by);
    world.write(async move |tx| items::request(tx, &ctx, input.clone()).await).await.expect("a request")
}

async fn customer(world: &World, site: &Site) -> (Who, Browser) {
    let name = any_name("Cleo");
    let who = world.customer_as(&name).await;
    (who, site.in_portal(&address(&name)).await)
}

/// The addresses of the files on a page.
fn files(page: &Page) -> Vec<String> {
    let links = page.text.split("class=\"file-link\" href=\"").skip(1);
    links.map(|rest| rest.split_once('"').expect("an address").0.to_owned()).collect()
}

fn header<'a>(page: &'a Page, name: &str) -> &'a str {
    page.headers.get(name).map_or("", |value| value.to_str().expect("text"))
}

/// A picture of one size, as far as its head.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes
}

/// How many files lie below a folder.
fn count(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| if path.is_dir() { count(&path) } else { 1 })
        .sum()
}

both_engines! {
    async fn a_file_goes_to_whoever_reads_its_message_and_to_nobody_else(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (who, portal) = customer(&world, &site).await;
        let (_, stranger) = customer(&world, &site).await;
        let (id, number) = requested(&world, who).await;
        let (_, other) = requested(&world, who).await;
        let desk = site.signed_in(OWNER).await;
        let to = format!("/items/{number}/messages");
        let sent = desk.send_form(&to, &[("kind", "reply"), ("body", "See **here**.")], &[("plan.txt", b"step one")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        let sent = desk.send_form(&to, &[("kind", "note"), ("body", "")], &[("secret.txt", b"not for them")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "a file needs no words: {sent:?}");
        let page = desk.get(&format!("/items/{number}")).await;
        assert!(page.text.contains("plan.txt") && page.text.contains("8 bytes"), "{page:?}");
        let [plan, secret] = <[String; 2]>::try_from(files(&page)).expect("two files");
        for (href, text) in [(&plan, "step one"), (&secret, "not for them")] {
            let file = desk.get(href).await;
            assert_eq!((file.status, file.text.as_str()), (StatusCode::OK, text));
            assert_eq!(header(&file, "content-type"), "application/octet-stream", "whatever the sender says");
            assert_eq!(header(&file, "x-content-type-options"), "nosniff");
            assert!(header(&file, "content-disposition").starts_with("attachment; filename=\""), "{file:?}");
            assert!(header(&file, "content-security-policy").contains("sandbox"), "{file:?}");
            assert!(header(&file, "cache-control").contains("no-cache"), "{file:?}");
        }
        let page = portal.get(&format!("/portal/requests/{number}")).await;
        let theirs = files(&page);
        assert_eq!(theirs.len(), 1, "{page:?}");
        assert_eq!(portal.get(&theirs[0]).await.text, "step one");
        let of_note = secret.replace("/items/", "/portal/requests/");
        let elsewhere = theirs[0].replace(&format!("/{number}/"), &format!("/{other}/"));
        for (browser, href) in [(&portal, &of_note), (&portal, &elsewhere), (&stranger, &theirs[0])] {
            assert_eq!(browser.get(href).await.status, StatusCode::NOT_FOUND, "{href}");
        }
        assert_eq!(desk.get(&elsewhere.replace("/portal/requests/", "/items/")).await.status, StatusCode::NOT_FOUND);
        // Who leaves reads it no longer.
        let (guest, theirs_too) = customer(&world, &site).await;
        world.give(world.ctx(), id, guest.person, Part::Follower).await.expect("a part");
        assert_eq!(theirs_too.get(&theirs[0]).await.status, StatusCode::OK);
        world.take(world.ctx(), id, guest.person, Part::Follower).await.expect("taken");
        assert_eq!(theirs_too.get(&theirs[0]).await.status, StatusCode::NOT_FOUND);
        world.check().await;
    }

    /// ASVS 5.0 5.4.1, 5.4.2: nothing that was uploaded is run, whatever it is and is called.
    async fn a_file_is_never_shown_as_a_page_and_a_picture_only_when_it_is_one(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (_, number) = world.assigned("A leaking tap", &[]).await;
        let desk = site.signed_in(OWNER).await;
        let to = format!("/items/{number}/messages");
        let page = b"<html><script>alert(1)</script>".as_slice();
        let (small, huge) = (png(640, 480), png(60_000, 60_000));
        let sent = [(HOSTILE, page), ("page.html", page), ("photo.png", &small), ("huge.png", &huge), ("not.png", page)];
        let answer = desk.send_form(&to, &[("kind", "note"), ("body", "Look.")], &sent).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        let shown = desk.get(&format!("/items/{number}")).await;
        assert!(!shown.text.contains("<img src=x") && shown.text.contains("&#60;img src=x"), "{shown:?}");
        assert_eq!(shown.text.matches("<img src=\"/items/").count(), 1, "{shown:?}");
        let found = files(&shown);
        assert_eq!(found.len(), 5);
        for href in &found {
            let name = desk.get(href).await.headers["content-disposition"].to_str().expect("text").to_owned();
            assert!(name.starts_with("attachment; "), "{name}");
            assert!(!name.contains(['<', '/']) && name.matches(';').count() == 2, "{name}");
            let viewed = desk.send(desk.request(Method::GET, &format!("{href}?view=1"))).await;
            let picture = name.contains("photo.png");
            assert_eq!(header(&viewed, "content-type") == "image/png", picture, "{viewed:?}");
            assert_eq!(header(&viewed, "content-disposition").starts_with("inline"), picture, "{viewed:?}");
            assert!(header(&viewed, "content-security-policy").contains("sandbox"), "{viewed:?}");
        }
    }

    async fn what_is_not_taken_leaves_nothing_and_the_words_stay(store: Store) {
        let world = World::configured(store, 9, |config| {
            config.limits.attachment_bytes = 2_000;
            config.limits.attachments = 2;
        }).await;
        let site = Site::of(&world).await;
        let (_, number) = world.assigned("A leaking tap", &[]).await;
        let desk = site.signed_in(OWNER).await;
        let to = format!("/items/{number}/messages");
        let folder = world.app.config.server.data.join("attachments");
        let before = (world.dump().await, count(&folder));
        let large = vec![b'x'; 2_001];
        let one = b"x".as_slice();
        for (sent, words) in [
            (vec![("a.txt", one), ("large.txt", &large)], "large.txt is too large: a file may have at most 1 KiB."),
            (vec![("Run.EXE", one)], "Files such as Run.EXE are not taken here"),
            (vec![("run.bat. ", one)], "are not taken here"),
            (vec![("a.txt", one), ("b.txt", one), ("c.txt", one)], "At most 2 files go with one message."),
        ] {
            let page = desk.send_form(&to, &[("kind", "note"), ("body", "My <b> words")], &sent).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{page:?}");
            for words in [words, "Choose the files again.", "My &#60;b&#62; words"] {
                assert!(page.text.contains(words), "{words}: {page:?}");
            }
        }
        let gone = world.joined_as(&any_name("Gone"), Role::Member).await;
        let email = world.row(gone.person).await.person.email;
        let without = (world.dump().await, count(&folder));
        world.deactivate(gone.person).await.expect("a deactivation");
        let body = format!("Ask @{email}");
        let page = desk.send_form(&to, &[("kind", "note"), ("body", &body)], &[("a.txt", one)]).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{page:?}");
        assert_eq!((before.1, without.1, count(&folder)), (0, 0, 0), "no file is left");
        assert_eq!(world.dump().await["attachments"], before.0["attachments"]);
        // A form in which no file was chosen.
        let sent = desk.send_form(&to, &[("kind", "note"), ("body", "Just words")], &[("", b"")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        world.check().await;
    }

    /// Rule 3, with a file beside what was typed.
    async fn rule_03_what_was_typed_beside_a_file_is_shown_to_whoever_is_refused(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (who, portal) = customer(&world, &site).await;
        let (_, number) = requested(&world, who).await;
        world.deactivate(who.person).await.expect("a deactivation");
        let folder = world.app.config.server.data.join("attachments");
        let before = world.dump().await;
        let to = format!("/portal/requests/{number}/messages");
        let fields = [("body", "Half of a long answer")];
        let large = vec![b'x'; 3 << 20];
        let page = portal.send_form(&to, &fields, &[("photo.jpg", &large)]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
        for words in ["Your account is deactivated", "Nothing was sent", "Half of a long answer"] {
            assert!(page.text.contains(words), "{words}: {page:?}");
        }
        let signed_out = site.browser().send_form(&to, &fields, &[("a.txt", b"x")]).await;
        assert_eq!(signed_out.status, StatusCode::UNAUTHORIZED, "{signed_out:?}");
        assert!(signed_out.text.contains("Half of a long answer"), "{signed_out:?}");
        assert_eq!((world.dump().await, count(&folder)), (before, 0));
    }

    /// Rules 1 and 3: whoever is deactivated while a file is on its way has sent nothing, and gets back what they typed.
    async fn rule_03_what_was_typed_is_given_back_when_the_upload_outlives_the_account(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let name = any_name("Mel");
        let who = world.joined_as(&name, Role::Member).await;
        let (_, number) = world.assigned("A leaking tap", &[]).await;
        let cookie = site.signed_in(&address(&name)).await.cookie("tenure").expect("a session");
        let part = |head: &str, body: &str| format!("--edge\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n");
        let text = part("name=\"kind\"", "note") + &part("name=\"body\"", "Half of a long answer");
        let file = part("name=\"file\"; filename=\"a.txt\"", &"x".repeat(300_000)) + "--edge--\r\n";
        let host = site.url.trim_start_matches("http://");
        let head = format!(
            "POST /items/{number}/messages HTTP/1.1\r\nhost: {host}\r\norigin: {}\r\ncookie: tenure={cookie}\r\n\
             content-type: multipart/form-data; boundary=edge\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{text}",
            site.url,
            text.len() + file.len()
        );
        let mut stream = TcpStream::connect(host).await.expect("a connection");
        let (begin, end) = file.split_at(100_000);
        for piece in [head.as_str(), begin] {
            stream.write_all(piece.as_bytes()).await.expect("it is sent");
        }
        // The request has passed the door by then; should it not have, the answer is the same.
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.deactivate(who.person).await.expect("a deactivation");
        stream.write_all(end.as_bytes()).await.expect("the rest is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        for words in ["Your account is deactivated", "Nothing was sent", "Half of a long answer"] {
            assert!(answer.contains(words), "{words}: {answer}");
        }
        let page = site.signed_in(OWNER).await.get(&format!("/items/{number}")).await;
        assert!(page.text.contains("Nobody has written yet"), "{page:?}");
        world.check().await;
    }

    /// Rule 7.
    async fn rule_07_a_file_of_somebody_deleted_stays_without_their_name(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let mel = world.joined_as(&any_name("Mel"), Role::Member).await;
        let (id, number) = world.assigned("A leaking tap", &[]).await;
        world.attach(world.by(mel), id, MessageKind::Reply, "plan.txt", b"step one").await;
        world.delete(mel.person).await.expect("a deletion");
        let bare = mel.person.to_string().replace('-', "");
        let rows = &world.dump().await["attachments"];
        assert!(rows.len() == 1 && !rows[0].replace('-', "").contains(&bare), "{rows:?}");
        let desk = site.signed_in(OWNER).await;
        let page = desk.get(&format!("/items/{number}")).await;
        assert!(page.text.contains("Deleted user"), "{page:?}");
        assert_eq!(desk.get(&files(&page)[0]).await.text, "step one");
        world.check().await;
    }
}
