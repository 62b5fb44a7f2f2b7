//! The audit log as an administrator reads it in a browser, and as CSV.

use std::time::Duration;

use domain::role::Role;
use http_body_util::BodyExt as _;
use reqwest::StatusCode;
use tenure::ops;
use tower::ServiceExt as _;

use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{World, address},
};

const OWNER: &str = "olga.owner@acme.example";

/// How many entries a page shows.
fn entries(page: &Page) -> usize {
    page.text.matches("<li class=\"entry\">").count()
}

/// The lines of the CSV without its header, as cells.
async fn csv(browser: &Browser, path: &str) -> Vec<Vec<String>> {
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
    let kind = page.headers.get("content-type").expect("a type").to_str().expect("text");
    assert!(kind.starts_with("text/csv; charset=utf-8"), "{kind}");
    let mut reader = csv::Reader::from_reader(page.text.as_bytes());
    let rows: Result<Vec<_>, _> = reader.records().collect();
    let rows = rows.expect("well-formed CSV");
    rows.iter().map(|row| row.iter().map(str::to_owned).collect()).collect()
}

fn way(page: &Page, rel: &str) -> Option<String> {
    let (_, rest) = page.text.split_once(&format!("rel=\"{rel}\" href=\""))?;
    Some(rest[..rest.find('"')?].replace("&#38;", "&"))
}

both_engines! {
    async fn each_step_is_listed_with_who_whom_why_and_what_changed(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let team = world.team("Support").await;
        world.join(team, ada.person).await.expect("a member");
        let ctx = world.ctx();
        let grounds = domain::lifecycle::Grounds { reason: Some("Extended leave <b>".into()), review_on: Some("2027-03-01".parse().expect("a date")) };
        let input = ops::deactivation::Input { grounds, version: None, ..Default::default() };
        let person = ada.person;
        world
            .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, person, input.clone()).await)
            .await
            .expect("a deactivation");
        let browser = site.signed_in(OWNER).await;
        let page = browser.get("/audit").await;
        let text = page.text.replace("<bdi>", "").replace("</bdi>", "");
        for words in [
            "deactivated",
            "Extended leave &#60;b&#62;",
            "<th scope=\"row\">Review on</th><td><span class=\"none\">none</span></td><td>1 Mar 2027</td>",
            "added to a team",
            "Support",
            "created the workspace",
            "Command line (root)",
            "<th scope=\"row\">Status</th><td>active</td><td>deactivated</td>",
            "(Deactivated)",
            "No entry is sealed yet",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        ops::audit::seal_all(&world.app.store, world.ws, &world.app.audit_key).await.expect("sealed");
        let page = browser.get("/audit").await;
        let sealed = format!("Sealed up to entry {}, the newest.", entries(&page));
        assert!(page.text.contains(&sealed), "{sealed}");

        world.delete(ada.person).await.expect("a delete");
        let page = browser.get(&format!("/audit?person={}", ada.person)).await;
        assert!(page.text.contains("Erased with the person") && page.text.contains("Deleted user"));
        assert!(!page.text.contains("Ada Adams") && !page.text.contains("Extended leave"));
        assert!(page.text.contains("newer entries are sealed within moments"));
        // What they were is kept, and no more.
        let cal = world.joined_to(domain::person::Kind::Customer, "Cal Customer").await.person;
        world.delete(cal).await.expect("a delete");
        for path in ["/audit", "/audit.csv"] {
            let page = browser.get(&format!("{path}?person={cal}")).await;
            assert!(page.text.contains("Deleted customer") && !page.text.contains("Deleted user"), "{path}: {page:?}");
            assert!(!page.text.contains("Cal Customer"), "{path}");
        }
    }
}

both_engines! {
    async fn the_log_is_filtered_by_person_actor_action_door_and_day(store: Store) {
        let world = World::new(store, 6).await;
        let site = Site::of(&world).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        world.joined_as("Ada Baker", Role::Member).await;
        world.later(Duration::from_hours(3 * 24));
        world.deactivate(ada.person).await.expect("a deactivation");
        let browser = site.signed_in(OWNER).await;
        let by_name = browser.get("/audit?person=ada+adams").await;
        let by_email = browser.get("/audit?person=ADA.ADAMS@acme.example").await;
        let by_id = browser.get(&format!("/audit?person={}", ada.person)).await;
        let of_ada = world.actions(ada.person).await.len();
        for page in [&by_name, &by_email, &by_id] {
            assert_eq!((page.status, entries(page)), (StatusCode::OK, of_ada));
            assert_eq!(page.input("person").as_deref(), Some("ada.adams@acme.example"));
            assert!(page.text.contains("Person: ada.adams@acme.example"));
        }
        for (typed, words) in [("ada", "Several people match."), ("zzz", "Nobody matches.")] {
            let page = browser.get(&format!("/audit?person={typed}&from=2026-03-01")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.text.contains(words), "{words}: {}", page.text);
            assert_eq!(page.input("from").as_deref(), Some("2026-03-01"), "what was typed stays");
        }
        let page = browser.get("/audit?from=yesterday").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        for made_up in ["action=x", "door=x", "after=x"] {
            let page = browser.get(&format!("/audit?{made_up}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{made_up}");
        }
        let page = browser.get("/audit?actor=cli").await;
        assert_eq!(entries(&page), 1);
        let page = browser.get("/audit?action=person.deactivated&door=page&actor=olga").await;
        assert_eq!(entries(&page), 1);
        for chip in ["By: olga.owner@acme.example", "Action: Deactivated", "Door: Page"] {
            assert!(page.text.contains(chip), "{chip}");
        }
        assert!(page.text.contains("/audit.csv?actor="), "the CSV has the same filters");
        assert_eq!(entries(&browser.get("/audit?from=2026-03-05&action=person.deactivated").await), 1);
        assert_eq!(entries(&browser.get("/audit?to=2026-03-04&action=person.deactivated").await), 0);
        assert!(browser.get("/audit?to=2026-02-01").await.text.contains("No entry matches"));
    }
}

both_engines! {
    async fn days_are_those_of_the_reader(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        // 23:30 in Berlin, where the workspace is, is the next morning in Tokyo.
        world.later(Duration::from_mins(13 * 60 + 30));
        world.team("Late").await;
        let browser = site.signed_in(OWNER).await;
        let day = async |path: &str| entries(&browser.get(path).await);
        assert_eq!(day("/audit?action=team.created&from=2026-03-02&to=2026-03-02").await, 1);
        let version = browser.get("/me").await.input("_version").expect("a version");
        let fields = [("name", "Olga Owner"), ("language", ""), ("time_zone", "Asia/Tokyo"), ("theme", "system"), ("_version", version.as_str())];
        browser.submit("/me", &fields).await;
        assert_eq!(day("/audit?action=team.created&from=2026-03-02&to=2026-03-02").await, 0);
        assert_eq!(day("/audit?action=team.created&from=2026-03-03&to=2026-03-03").await, 1);
        let rows = csv(&browser, "/audit.csv?action=team.created&from=2026-03-03").await;
        assert_eq!(rows[0][1], "2026-03-03T07:30:00+09:00");
    }
}

both_engines! {
    async fn pages_and_csv_hold_every_entry_once(store: Store) {
        let world = World::new(store, 2).await;
        let site = Site::of(&world).await;
        for number in 0..1_100 {
            world.team(&format!("Team {number}")).await;
        }
        let browser = site.signed_in(OWNER).await;
        let rows = csv(&browser, "/audit.csv").await;
        let mut ids: Vec<_> = rows.iter().map(|row| row[16].clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), rows.len(), "no line twice");
        assert!(rows.len() > 1_100, "several pieces were read: {}", rows.len());
        assert_eq!(csv(&browser, "/audit.csv?action=team.created").await.len(), 1_100);
        assert!(csv(&browser, "/audit.csv?action=person.deleted").await.is_empty());

        let (mut path, mut found, mut pages) = (Some("/audit?action=team.created&limit=400".to_owned()), 0, 0);
        let mut last = None;
        while let Some(here) = path {
            let page = browser.get(&here).await;
            found += entries(&page);
            pages += 1;
            path = way(&page, "next");
            last = Some(page);
        }
        assert_eq!((found, pages), (1_100, 3));
        let page = browser.get(&way(&last.expect("a page"), "prev").expect("a way back")).await;
        assert_eq!(entries(&page), 400);
    }
}

both_engines! {
    async fn an_export_is_cut_off_when_its_session_ends(store: Store) {
        let world = World::new(store, 2).await;
        for number in 0..600 {
            world.team(&format!("Team {number}")).await;
        }
        let site = Site::of(&world).await;
        for ends in [false, true] {
            let cookie = site.signed_in(OWNER).await.cookie("tenure").expect("a session");
            let request = axum::http::Request::get("/audit.csv")
                .header("host", "localhost")
                .header("cookie", format!("tenure={cookie}"))
                .extension(axum::extract::ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 1))))
                .body(axum::body::Body::empty())
                .expect("a request");
            // Read piece by piece, as by a slow client.
            let answer = tenure::web::server::router(&world.app).oneshot(request).await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK);
            let mut body = answer.into_body();
            assert!(body.frame().await.expect("a first piece").is_ok());
            if ends {
                let (ctx, owner) = (world.cli(), world.owner.person);
                let ended = world.write(async move |tx| tenure::ops::sessions::end_all(tx, &ctx, owner).await).await;
                assert!(ended.expect("ended").ended > 0);
            }
            assert_eq!(body.frame().await.expect("a second piece").is_err(), ends);
        }
    }
}

both_engines! {
    async fn no_cell_of_the_csv_is_a_formula_and_deactivated_people_are_labelled(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let (person, _) = world.invited_as("=HYPERLINK(1)", Role::Member).await;
        world.team("@SUM(A1)").await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        world.deactivate(ada.person).await.expect("a deactivation");
        let browser = site.signed_in(OWNER).await;
        let rows = csv(&browser, "/audit.csv").await;
        assert!(rows.iter().any(|row| row[7] == "'=HYPERLINK(1)" && row[9] == person.to_string()));
        assert!(rows.iter().any(|row| row[10] == "'@SUM(A1)"));
        for cell in rows.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
        let row = rows.iter().find(|row| row[6] == "person.deactivated").expect("the deactivation");
        assert_eq!((row[7].as_str(), row[8].as_str()), ("Ada Adams", "deactivated"));
        assert_eq!((row[3].as_str(), row[4].as_str(), row[11].as_str()), ("Olga Owner", "active", "page"));
        let (name, status) = (browser.get("/audit.csv?from=x").await, browser.get("/audit.csv?person=zzz").await);
        assert_eq!((name.status, status.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
        let ada = site.browser();
        let form = [("email", address("Ada Adams")), ("password", crate::support::world::PASSWORD.to_owned())];
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ada.post("/sign-in", &form).await;
        assert_eq!(ada.get("/audit.csv").await.status, StatusCode::SEE_OTHER, "not for a deactivated person");
    }
}
