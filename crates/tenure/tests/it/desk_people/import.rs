//! People from a file, at the pages.

use std::fmt::Write as _;

use tenure::{import::uploads::WAITS_FOR, store::people};

use super::*;

const GOOD: &str = "\u{feff}Name,Email,External ID\r\nAda Adams,ADA@north.example,A-1\r\n\"Bo \"\"B\"\" Burns\",bo@north.example,A-2\r\n";

/// Sends a file; answers the address of its page.
async fn send(browser: &Browser, app: &Naming, text: &str) -> String {
    let sent =
        browser.send_file(&format!("{}/import", app.path), "file", "our people.csv", text.as_bytes()).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    sent.location().to_owned()
}

/// The page once nothing is at work on the file any more.
async fn settled(browser: &Browser, href: &str) -> Page {
    for _ in 0..600 {
        let page = browser.get(href).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        if !page.text.contains("data-poll") {
            return page;
        }
        contains(&page, &["You can leave this page"]);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the work on the file does not end");
}

/// Presses the button that imports; answers the page after it.
async fn begin(browser: &Browser, href: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.submit(&format!("{href}/begin"), fields).await;
    contains(&page, &["Import "]);
    settled(browser, href).await
}

fn files(world: &World) -> Vec<std::path::PathBuf> {
    fn walk(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.file_name().is_none_or(|name| name != "lock") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&world.app.config.server.data.join("uploads"), &mut found);
    found
}

both_apps! {
    async fn a_file_is_sent_previewed_imported_once_and_then_changes_nothing(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        contains(&owner.get(app.path).await, &[&format!("href=\"{}/import\"", app.path)]);
        contains(&owner.get(&format!("{}/import", app.path)).await, &["Upload and preview", "at most 100 MiB"]);
        let href = send(&owner, app, GOOD).await;
        let before = world.dump().await;
        let page = settled(&owner, &href).await;
        let added = format!("2 {} are added", app.many);
        contains(&page, &["our people.csv", &added, &format!("Import 2 {}", app.many), "External ID", "ADA@north.example"]);
        assert_eq!(world.dump().await, before, "a preview changes nothing");
        let page = begin(&owner, &href, &[]).await;
        contains(&page, &[&format!("2 {} were added.", app.many), "Audit log"]);
        lacks(&page, &["Check again", "Remove the file"]);
        let row = people::by_email(&mut world.reader().await, world.ws, "ada@north.example").await;
        let row = row.expect("a read").expect("somebody new");
        assert_eq!((row.person.kind, row.person.name.as_str()), (app.kind, "Ada Adams"));
        assert!(files(&world).iter().all(|path| path.to_string_lossy().ends_with(".errors.csv")), "the file is gone");
        // Pressed again, nothing happens again; and the list of files says how it ended.
        let before = world.dump().await;
        contains(&begin(&owner, &href, &[]).await, &["were added."]);
        assert_eq!(world.dump().await, before);
        contains(&owner.get(&format!("{}/import", app.path)).await, &["our people.csv", "Imported"]);
        contains(&owner.get("/audit?action=people.imported").await, &["Olga Owner"]);
        // The same file once more: nobody is doubled, and there is nothing to confirm.
        let href = send(&owner, app, GOOD).await;
        let page = settled(&owner, &href).await;
        contains(&page, &["Nothing changes", &format!("2 {} stay as they are", app.many)]);
        lacks(&page, &[&format!("Import 2 {}", app.many)]);
        world.check().await;
    }

    async fn bad_rows_are_listed_by_line_and_column_and_left_out_only_when_asked(store: Store, app: App) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let mut text = String::from("Name,Email\nAda,ada@north.example\n\"Two\nlines\",nowhere\nAda Two,ADA@NORTH.EXAMPLE\n");
        for number in 0..120 {
            writeln!(text, "=Bad {number},").expect("text");
        }
        let href = send(&owner, app, &text).await;
        let page = settled(&owner, &href).await;
        contains(&page, &[
            "122 bad rows",
            "<th scope=\"row\">3</th><td data-label=\"Column\">Email</td>",
            "<th scope=\"row\">5</th><td data-label=\"Column\">Email</td>",
            "This is the same as on line 2.",
            "and 22 more",
            "Leave out 122 bad rows, and import the others",
        ]);
        let list = owner.get(&format!("{href}/errors.csv")).await;
        assert_eq!(list.text.lines().count(), 123, "all of them are in the file");
        assert!(list.text.contains("5,Email,This is the same as on line 2.\n"), "{}", list.text);
        let before = world.dump().await;
        let page = begin(&owner, &href, &[]).await;
        contains(&page, &["Nothing was imported. Rows are bad.", "122 bad rows"]);
        assert_eq!(world.dump().await, before);
        let page = begin(&owner, &href, &[("skip_bad", "1")]).await;
        contains(&page, &[&format!("1 {} was added.", app.one), "122 bad rows left out"]);
        assert_eq!(owner.get(&format!("{href}/errors.csv")).await.text.lines().count(), 123);
        world.check().await;
    }

    async fn columns_with_other_names_are_assigned_by_hand(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let href = send(&owner, app, "Kontakt;Wer;Email\nada@north.example;Ada;old@north.example\n").await;
        let page = settled(&owner, &href).await;
        contains(&page, &["The file has no column Name", "Kontakt is taken for", "Check again", "Ada"]);
        lacks(&page, &["were added", &format!("Import 1 {}", app.one)]);
        let columns = [("column-0", "Email"), ("column-1", "Name"), ("column-2", "")];
        let page = owner.submit(&href, &columns).await;
        contains(&page, &["Import "]);
        let page = settled(&owner, &href).await;
        contains(&page, &[&format!("1 {} is added", app.one), "<option value=\"Email\" selected>"]);
        // What was not previewed is not imported: it is shown first.
        let others = [("column-0", ""), ("column-1", "Name"), ("column-2", "Email")];
        let before = world.dump().await;
        let page = begin(&owner, &href, &others).await;
        contains(&page, &[&format!("Import 1 {}", app.one)]);
        assert_eq!(world.dump().await, before);
        contains(&begin(&owner, &href, &others).await, &["was added."]);
        assert!(people::by_email(&mut world.reader().await, world.ws, "old@north.example").await.expect("a read").is_some());
        world.check().await;
    }

    async fn statuses_change_only_when_asked_and_the_brake_holds(store: Store, app: App) {
        let world = World::new(store, 20).await;
        let mut text = String::from("Name,Email,Status\n");
        for number in 0..7 {
            let name = format!("Person {number}");
            world.joined_to(app.kind, &name).await;
            writeln!(text, "{name},{},Deactivated", address(&name)).expect("text");
        }
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let href = send(&owner, app, &text).await;
        contains(&settled(&owner, &href).await, &["Nothing changes", "7 keep another status than the file says"]);
        let page = owner.submit(&href, &[("update_status", "1")]).await;
        contains(&page, &["Import "]);
        let page = settled(&owner, &href).await;
        contains(&page, &["7 of them are deactivated", "more than the 5", "Let it pass the brake"]);
        let before = world.dump().await;
        let page = begin(&owner, &href, &[("update_status", "1")]).await;
        contains(&page, &["Nothing was imported.", "more than the 5"]);
        assert_eq!(world.dump().await, before, "the brake has held it");
        let page = begin(&owner, &href, &[("update_status", "1"), ("past_brake", "1")]).await;
        contains(&page, &[&format!("7 {} were changed.", app.many), "7 of them were deactivated"]);
        world.check().await;
    }

    async fn what_changed_since_the_preview_is_shown_again_and_nothing_is_imported(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let href = send(&owner, app, &GOOD.replace("ADA@north", "ada.adams@acme")).await;
        contains(&settled(&owner, &href).await, &[&format!("2 {} are added", app.many)]);
        world.joined_to(app.kind, "Ada Adams").await;
        let before = world.dump().await;
        let page = begin(&owner, &href, &[]).await;
        contains(&page, &["have been changed meanwhile", &format!("1 {} is added", app.one), &format!("1 {} is changed", app.one)]);
        assert_eq!(world.dump().await, before);
        contains(&begin(&owner, &href, &[]).await, &["was added."]);
        world.check().await;
    }
}

both_engines! {
    async fn missing_licenses_are_named_and_added_in_the_same_step(store: Store) {
        let world = World::new(store, 2).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let href = send(&owner, USERS, GOOD).await;
        let page = settled(&owner, &href).await;
        contains(&page, &["2 licenses are needed, 1 free", "It needs 1 more license than are free.", "At least 3 are needed."]);
        let before = world.dump().await;
        contains(&begin(&owner, &href, &[]).await, &["Nothing was imported. It needs 1 more license than are free."]);
        let wrong = owner.post(&format!("{href}/begin"), &[("licenses", "many")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&wrong, &["This must be a whole number", "value=\"many\""]);
        assert_eq!(world.dump().await, before);
        contains(&begin(&owner, &href, &[("licenses", "3")]).await, &["2 users were added.", "2 licenses taken", "1 license added"]);
        let licenses = world.workspace().await.licenses;
        assert_eq!((licenses.owned, licenses.used), (3, 3));
        world.check().await;
    }

    async fn what_is_no_file_of_people_is_told_at_the_field(store: Store) {
        let world = World::configured(store, 5, |config| {
            config.limits.body_bytes = 16_384;
            config.limits.upload_bytes = 16_384;
        })
        .await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        for (name, bytes, told) in [
            ("", Vec::new(), "Choose a file first."),
            ("people.csv", Vec::new(), "The file is empty."),
            ("people.csv", b"Name,Email\n".repeat(1_490), "The file may have at most 16 KiB."),
            ("people.csv", b"Name,Email\n".repeat(4_000), "The file may have at most 16 KiB."),
        ] {
            let page = owner.send_file("/users/import", "file", name, &bytes).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{page:?}");
            contains(&page, &[told, "aria-invalid=\"true\""]);
            assert_eq!(files(&world), Vec::<std::path::PathBuf>::new(), "nothing is kept");
        }
        let href = send(&owner, USERS, "\u{0}\u{1}\u{2}").await;
        let page = settled(&owner, &href).await;
        contains(&page, &["not UTF-8 text", "Remove the file"]);
        contains(&owner.submit(&format!("{href}/removal"), &[]).await, &["The file is removed."]);
        assert_eq!(owner.get(&href).await.status, StatusCode::NOT_FOUND);
        assert_eq!(files(&world), Vec::<std::path::PathBuf>::new());
        assert_eq!(owner.get(&href.replace("users", "customers")).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_file_that_nobody_confirms_is_removed_and_so_is_what_an_ended_server_left(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let first = send(&owner, USERS, GOOD).await;
        for _ in 0..3 {
            send(&owner, USERS, GOOD).await;
        }
        assert_eq!(owner.get(&first).await.status, StatusCode::NOT_FOUND, "of four that wait the oldest goes");
        let left = world.app.config.server.data.join("uploads/gone");
        std::fs::create_dir_all(&left).expect("a folder");
        for name in ["lock", "people.csv"] {
            std::fs::write(left.join(name), GOOD).expect("a file");
        }
        let now = world.sys.now();
        world.app.uploads.sweep(now);
        assert!(!left.exists(), "nobody holds it");
        assert!(files(&world).len() >= 3, "what still waits stays");
        world.app.uploads.sweep(now.saturating_add(WAITS_FOR).expect("a moment"));
        assert_eq!(files(&world), Vec::<std::path::PathBuf>::new());
        let href = send(&owner, USERS, GOOD).await;
        settled(&owner, &href).await;
        world.app.uploads.clear();
        assert_eq!(files(&world), Vec::<std::path::PathBuf>::new(), "the server takes its files along");
        assert!(!send(&owner, USERS, GOOD).await.is_empty(), "and begins anew");
    }

    async fn a_server_takes_away_nothing_that_another_one_works_on(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let href = send(&owner, USERS, GOOD).await;
        let beside = tenure::import::uploads::Uploads::within(&world.app.config.server.data);
        beside.sweep(world.sys.now());
        contains(&begin(&owner, &href, &[]).await, &["were added."]);
    }
}
