//! Idle licenses: the command line, the page and the grid behind it say the same.

use domain::{
    actor::{Actor, Door},
    id::WorkspaceId,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tenure::{
    app::App,
    config::Config,
    ctx::Ctx,
    ops,
    password::Cost,
    seal::AuditKey,
    secret::{self, Secret},
    store::{Store, people, workspaces},
    sys::Sys,
};

use super::machine::{Machine, block_on};
use crate::support::{both_engines, http::Site, world::PASSWORD};

const DAYS: [i64; 3] = [30, 60, 90];

both_engines! {
    fn page_grid_and_command_line_count_the_same_idle_licenses(machine: &Machine) {
        let created = machine.acme(10);
        for name in ["Ada", "Ben", "Cleo", "Dora", "Eve"] {
            machine.join(name);
        }
        machine.json(&["user", "invite", "fay@acme.example", "--name", "Fay"]);
        machine.json(&["user", "deactivate", "eve@acme.example"]);
        let (shown, whom) = block_on(async {
            let store = machine.store().await;
            let ws = workspaces::all(&mut store.reader().await.expect("a reader")).await.expect("workspaces")[0].id;
            // Days ago: the last sign-in, and since when they have been what they are.
            for (name, seen, since) in [
                ("ada", Some(61), 100),
                ("ben", None, 100),
                ("cleo", None, 59),
                // Brought back lately: there was no time to be away.
                ("dora", Some(100), 10),
                ("eve", Some(100), 100),
            ] {
                past(&store, ws, name, seen, since).await;
            }
            let link = created["link"].as_str().expect("a link").rsplit('/').next().expect("a secret").to_owned();
            pages(&store, ws, &link).await
        });
        assert_eq!(shown, [3, 2, 1]);
        assert_eq!(whom, [vec!["Ben", "Ada", "Cleo"], vec!["Ben", "Ada"], vec!["Ben"]].map(sorted));
        let said = machine.json(&["licenses", "show"]);
        for (days, count) in DAYS.iter().zip(shown) {
            let expected = json!({ "users": count, "or_more": false });
            assert_eq!(said["not_signed_in_for_days"][days.to_string()], expected, "{days} days");
        }
        let text = machine.run(&["licenses", "show"]).text;
        assert!(text.contains("Not signed in for 60 days  2"), "{text}");
    }
}

fn sorted(mut names: Vec<&str>) -> Vec<String> {
    names.sort_unstable();
    names.into_iter().map(str::to_owned).collect()
}

async fn past(store: &Store, ws: WorkspaceId, name: &str, seen: Option<i64>, since: i64) {
    let email = format!("{name}@acme.example");
    let mut rx = store.reader().await.expect("a reader");
    let row = people::by_email(&mut rx, ws, &email).await.expect("a read").expect("a person");
    drop(rx);
    let ago = |days: i64| {
        Sys::real().now().saturating_sub(SignedDuration::from_hours(24 * days)).expect("a moment")
    };
    let saved = store
        .write(async move |tx| people::set_past(tx, &row.person, ago(200), seen.map(ago), ago(since)).await);
    saved.await.expect("a past");
}

/// What the page counts for each number of days, and whom the grids behind its links list.
async fn pages(store: &Store, ws: WorkspaceId, link: &str) -> ([i64; 3], [Vec<String>; 3]) {
    let mut config = Config::default();
    config.password.cost = Cost::test();
    let app = App::new(store.clone(), Sys::real(), config, AuditKey::new([7; 32])).expect("an app");
    let owner = people::owner(&mut store.reader().await.expect("a reader"), ws).await.expect("a read");
    let owner = owner.expect("an owner").person;
    let ctx = Ctx::begin(&app.sys, ws, Actor::Visitor { person: owner.id }, Door::Page);
    let secret = Secret::parse(secret::Kind::PasswordLink, link).expect("a link");
    ops::password::set_by_link(&app, &ctx, secret, PASSWORD, ops::sessions::From::default())
        .await
        .expect("a password");
    let site = Site::serving(app.clone()).await;
    let browser = site.signed_in(&owner.email).await;
    let page = browser.get("/licenses").await.text;
    let (mut counts, mut names) = ([0; 3], [const { Vec::new() }; 3]);
    for (index, days) in DAYS.into_iter().enumerate() {
        let label = format!("</strong><span>Not signed in for {days} days</span>");
        let (before, _) = page.split_once(&label).expect("a count");
        let (before, count) = before.rsplit_once("<strong>").expect("a number");
        counts[index] = count.parse().expect("a number");
        let (_, href) = before.rsplit_once("href=\"").expect("a link");
        let href = href[..href.find('"').expect("an end")].replace("&#38;", "&");
        let grid = browser.get(&href).await.text;
        assert!(grid.contains(&format!("Not signed in for {days} days")), "the filter is named: {href}");
        let (_, query) = href.split_once('?').expect("a query");
        let users = browser.get(&format!("/api/v1/users?{query}")).await.json();
        let list = users["users"].as_array().expect("users").iter();
        let mut listed: Vec<String> = list.map(|user| text(&user["name"])).collect();
        listed.sort();
        assert!(listed.iter().all(|name| grid.contains(name.as_str())), "{listed:?} in {href}");
        names[index] = listed;
    }
    (counts, names)
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
