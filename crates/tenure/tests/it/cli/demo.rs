//! `tenure demo`.

use std::path::Path;

use serde_json::Value;

use super::machine::{Ended, Machine, Running, program};

fn start(folder: &Path, log: &Path, more: &[&str]) -> Running {
    let mut command = program();
    command.args(["demo", "--port", "0"]).args(more).arg("--data").arg(folder);
    Running::start(command, log)
}

fn on(folder: &Path, args: &[&str]) -> Value {
    let mut command = program();
    command.args(args).arg("--data").arg(folder).arg("--json");
    let ended = Ended::of(command);
    assert_eq!(ended.code, 0, "{args:?}: {}", ended.error);
    ended.json()
}

#[test]
fn the_demo_refuses_a_database_that_it_would_not_use() {
    let machine = Machine::sqlite();
    let mut command = program();
    command.args(["demo", "--database-url", "postgres://127.0.0.1:1/nowhere"]);
    command.current_dir(machine.path("."));
    let ended = Ended::of(command);
    assert_eq!(ended.code, 2, "{}", ended.error);
    assert!(ended.error.contains("not in PostgreSQL"), "{}", ended.error);
    assert!(!machine.path("tenure-data").exists());
}

#[test]
fn the_demo_tells_its_story_keeps_it_and_begins_anew_when_told() {
    let machine = Machine::sqlite();
    let (folder, log) = (machine.path("demo"), machine.path("demo.log"));
    let first = start(&folder, &log, &[]);
    let sign_ins = first.line["sign_ins"].as_array().expect("sign-ins").clone();
    for role in ["owner", "administrator", "member", "customer"] {
        assert!(sign_ins.iter().any(|one| one["role"] == role && one["status"] == "active"), "{role}");
    }
    let licenses = on(&folder, &["licenses", "show"]);
    assert_eq!((&licenses["owned"], &licenses["used"]), (&10.into(), &10.into()));
    let ada = on(&folder, &["user", "show", "ada@acme.example"]);
    assert_eq!(ada["status"], "deactivated");
    assert_eq!(ada["reason"], "Extended leave until March");
    assert!(ada["review_on"].is_string());
    assert_eq!(
        on(&folder, &["user", "list", "--status", "invited"])["users"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        on(&folder, &["user", "list", "--status", "never"])["users"].as_array().map(Vec::len),
        Some(1)
    );

    let customers = |status: &str| {
        let list = on(&folder, &["customer", "list", "--status", status]);
        list["customers"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((customers("deactivated"), customers("invited")), (1, 4));
    assert!(customers("never") >= 4, "some were added without an invitation");
    let all = on(&folder, &["customer", "list"]);
    assert_eq!(all["customers"].as_array().map(Vec::len), Some(40));
    let organizations = on(&folder, &["organization", "list"]);
    assert_eq!(organizations["organizations"].as_array().map(Vec::len), Some(6));

    let articles = on(&folder, &["article", "list"]);
    assert_eq!(articles["articles"].as_array().map(Vec::len), Some(11));
    let drafts = on(&folder, &["article", "list", "--state", "draft"]);
    assert_eq!(drafts["articles"][0]["address"], "recurring-bookings");
    for changed in [true, false] {
        assert_eq!(on(&folder, &["article", "publish", "recurring-bookings"])["changed"], changed);
    }
    assert_eq!(on(&folder, &["article", "unpublish", "recurring-bookings"])["state"], "draft");
    let shown = on(&folder, &["article", "show", "restart-a-kiosk"]);
    assert_eq!(shown["author"]["name"], "Ada Lovelace");
    assert!(shown["body"].as_str().is_some_and(|body| body.contains("five seconds")), "{shown}");
    assert_eq!(on(&folder, &["workspace", "help-centre"])["help_centre"], "open");
    assert_eq!(on(&folder, &["workspace", "request-form"])["policy"], "flag");

    let accepted = on(&folder, &["audit", "list", "--action", "invitation.accepted"]);
    for entry in accepted["entries"].as_array().expect("entries") {
        assert_eq!(entry["actor_id"], entry["person"], "whoever is invited accepts");
    }

    // While it runs its data is not taken from under it.
    let mut fresh = program();
    fresh.args(["demo", "--port", "0", "--fresh"]).arg("--data").arg(&folder);
    assert_eq!(Ended::of(fresh).code, 3);
    on(&folder, &["user", "deactivate", "ben@acme.example"]);
    assert_eq!(first.end(), 0);
    assert_eq!(on(&folder, &["doctor"])["healthy"], true);

    let second = start(&folder, &log, &[]);
    assert_eq!(second.line["made"], false);
    assert_eq!(second.line["sign_ins"], Value::Array(Vec::new()), "sign-ins are printed once");
    assert_eq!(on(&folder, &["user", "show", "ben@acme.example"])["status"], "deactivated", "data is kept");
    assert_eq!(second.end(), 0);

    let third = start(&folder, &log, &["--fresh"]);
    assert_eq!(third.line["made"], true);
    assert_ne!(third.line["sign_ins"][0]["password"], sign_ins[0]["password"]);
    assert_eq!(on(&folder, &["user", "show", "ben@acme.example"])["status"], "active");
    assert_eq!(third.end(), 0);
}

#[test]
fn the_demo_leaves_a_folder_alone_that_it_did_not_make() {
    let machine = Machine::sqlite();
    machine.acme(2);
    for more in [&[][..], &["--fresh"]] {
        let mut command = program();
        command.args(["demo", "--port", "0"]).args(more).arg("--data").arg(machine.data());
        let ended = Ended::of(command);
        assert_eq!(ended.code, 3, "{}", ended.error);
    }
    assert_eq!(machine.json(&["licenses", "show"])["owned"], 2);
}

#[test]
fn an_interrupted_demo_is_made_anew() {
    let machine = Machine::sqlite();
    let (folder, log) = (machine.path("demo"), machine.path("demo.log"));
    assert_eq!(start(&folder, &log, &[]).end(), 0);
    std::fs::write(folder.join("demo.txt"), "unfinished\n").expect("the mark");
    let again = start(&folder, &log, &[]);
    assert_eq!(again.line["made"], true);
    assert_eq!(again.end(), 0);
    assert_eq!(on(&folder, &["doctor"])["healthy"], true);
}

#[test]
fn a_crowd_adds_up() {
    let machine = Machine::sqlite();
    let folder = machine.path("demo");
    let sizes = ["--users", "600", "--customers", "600", "--items", "230"];
    assert_eq!(start(&folder, &machine.path("demo.log"), &sizes).end(), 0);
    assert_eq!(on(&folder, &["user", "list"])["users"].as_array().map(Vec::len), Some(612));
    assert_eq!(on(&folder, &["customer", "list"])["customers"].as_array().map(Vec::len), Some(640));
    let items = on(&folder, &["item", "list", "--query", "status=all&sort=number&limit=1"]);
    let own = on(&folder, &["item", "list", "--query", "status=all&q=conversation+of+200+messages"]);
    assert_eq!(
        items["items"][0]["number"].as_i64(),
        own["items"][0]["number"].as_i64().map(|first| first + 229)
    );
    assert_eq!(own["items"][0]["messages"], 200);
    let found = on(&folder, &["doctor"]);
    assert_eq!(found["healthy"], true, "{found}");
}
