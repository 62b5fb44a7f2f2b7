//! Workspaces, licenses, the owner, and how commands are answered.

use super::machine::{Ended, Machine, program};
use crate::support::both_engines;

both_engines! {
    fn a_workspace_is_created_listed_and_shown(machine: &Machine) {
        let created = machine.acme(10);
        let link = created["link"].as_str().expect("a link");
        assert!(link.starts_with("http://localhost:8080/password/tp_"), "{link}");

        let list = machine.json(&["workspace", "list"]);
        assert_eq!(list["workspaces"][0]["name"], "Acme");
        let shown = machine.json(&["workspace", "show"]);
        assert_eq!(shown["owner"]["email"], "owner@acme.example");
        assert_eq!(shown["licenses"]["owned"], 10);
        assert_eq!(shown["licenses"]["used"], 1);
        assert_eq!(shown["users"]["never_signed_in"], 1);
        assert_eq!(machine.user("owner@acme.example")["name"], "owner");
    }

    fn the_portals_registration_is_shown_opened_and_closed(machine: &Machine) {
        machine.acme(1);
        assert_eq!(machine.json(&["workspace", "registration"])["registration"], false);
        assert_eq!(machine.json(&["workspace", "registration", "open"])["changed"], true);
        assert_eq!(machine.json(&["workspace", "registration", "open"])["changed"], false);
        assert_eq!(machine.json(&["workspace", "registration"])["registration"], true);
        let log = machine.json(&["audit", "list", "--action", "settings.changed"]);
        assert_eq!(log["entries"].as_array().map(Vec::len), Some(1));
        assert_eq!(log["entries"][0]["after"]["registration"], true);
        machine.json(&["workspace", "registration", "closed"]);
        machine.fails(2, &["workspace", "registration", "ajar"]);
        assert_eq!(machine.json(&["workspace", "registration"])["registration"], false);
    }

    fn the_customer_apps_are_shown_and_set_up(machine: &Machine) {
        machine.acme(1);
        assert_eq!(machine.json(&["workspace", "help-centre"])["help_centre"], "off");
        assert_eq!(machine.json(&["workspace", "help-centre", "login"])["changed"], true);
        assert_eq!(machine.json(&["workspace", "help-centre", "login"])["changed"], false);
        let form = ["workspace", "request-form", "open", "--policy", "refuse", "--contact", "Call us."];
        assert_eq!(machine.json(&form)["changed"], true);
        let now = machine.json(&["workspace", "request-form"]);
        assert_eq!((&now["request_form"], &now["policy"]), (&"open".into(), &"refuse".into()));
        assert_eq!((&now["contact"], &now["changed"]), (&"Call us.".into(), &false.into()));
        assert_eq!(machine.json(&["workspace", "help-centre"])["help_centre"], "login", "the other is as it was");
        let log = machine.json(&["audit", "list", "--action", "settings.changed"]);
        assert_eq!(log["entries"].as_array().map(Vec::len), Some(2));
        assert_eq!(log["entries"][0]["after"]["contact"], "Call us.");
        machine.fails(2, &["workspace", "request-form", "--policy", "burn"]);
        assert_eq!(machine.json(&["request", "list"])["requests"].as_array().map(Vec::len), Some(0));
        let nowhere = "0196aaaa-0000-7000-8000-000000000000";
        for deed in ["accept", "discard"] {
            assert_eq!(machine.fails(4, &["request", deed, nowhere])["kind"], "not-found");
        }
        assert_eq!(machine.fails(4, &["article", "publish", "nothing"])["kind"], "not-found");
    }

    fn a_second_workspace_is_begun_only_when_a_host_leads_to_each(machine: &Machine) {
        machine.acme(2);
        let beta = ["workspace", "create", "Beta", "--owner", "o@beta.example", "--licenses", "2"];
        let at_host = [&beta[..], &["--host", "desk.beta.example"]].concat();
        let error = machine.fails(3, &beta);
        assert_eq!(error["kind"], "workspace-needs-host");
        let hints = error["hints"].to_string();
        assert!(hints.contains("tenure workspace host HOST --workspace \\\"Acme\\\"") && hints.contains("--host HOST"), "{hints}");
        assert!(!machine.fails(3, &at_host)["hints"].to_string().contains("--host HOST"), "Beta has one");
        assert_eq!(machine.json(&["workspace", "list"])["workspaces"].as_array().map(Vec::len), Some(1), "nothing was made");

        let named = machine.json(&["workspace", "host", "Desk.Acme.example"]);
        assert_eq!(named["host"], "desk.acme.example", "as the server compares it");
        machine.fails(2, &["workspace", "host", "desk.acme.example"]);
        for wrong in ["desk.acme.example:8080", "https://desk.acme.example", "two words", ""] {
            machine.fails(2, &["workspace", "host", wrong]);
        }
        let log = machine.json(&["audit", "list", "--action", "settings.changed"]);
        assert_eq!(log["entries"][0]["after"]["host"], "desk.acme.example");
        assert_eq!(log["entries"].as_array().map(Vec::len), Some(1));

        assert_eq!(machine.json(&at_host)["namesake"], false);
        machine.fails(2, &["workspace", "host", "desk.beta.example", "--workspace", "Acme"]);
        let twin = ["workspace", "create", "beta", "--owner", "o@beta.example", "--licenses", "2", "--host", "b.example"];
        assert_eq!(machine.json(&twin)["namesake"], true);
        assert!(machine.fails(2, &["user", "list", "--workspace", "Beta"])["message"].to_string().contains("give the id"));
    }

    fn numbers_out_of_range_say_the_range(machine: &Machine) {
        for wrong in ["0", "-1", "1000001", "ten", "1.5"] {
            let create = ["workspace", "create", "Acme", "--owner", "o@acme.example", "--licenses", wrong];
            for command in [&["licenses", "set", wrong][..], &create] {
                let error = machine.fails(2, command);
                assert!(error["message"].to_string().contains("from 1 to 1000000"), "{command:?}: {error}");
            }
        }
        assert!(machine.fails(2, &["audit", "list", "--limit", "-1"])["message"].to_string().contains("1..=100000"));
        machine.acme(2);
        let error = machine.fails(2, &["licenses", "price", "-1", "EUR", "month"]);
        assert!(error["message"].to_string().contains("not an amount"), "{error}");
    }

    fn the_workspace_must_be_named_when_there_are_several(machine: &Machine) {
        machine.acme(2);
        machine.json(&["workspace", "host", "desk.acme.example"]);
        let beta = machine.json(&[
            "workspace", "create", "Beta", "--owner", "o@beta.example", "--licenses", "2",
            "--host", "desk.beta.example",
        ]);
        assert!(beta["link"].as_str().expect("a link").starts_with("http://desk.beta.example:8080/password/"));

        let error = machine.fails(2, &["user", "list"]);
        assert!(error["hints"][0].as_str().expect("a hint").contains("Acme"), "{error}");
        assert!(error["hints"][0].as_str().expect("a hint").contains("Beta"), "{error}");
        for named in ["Beta", "beta", beta["workspace"].as_str().expect("an id")] {
            let users = machine.json(&["user", "list", "--workspace", named]);
            assert_eq!(users["users"][0]["email"], "o@beta.example", "{named}");
        }
        machine.fails(4, &["user", "list", "--workspace", "Gamma"]);
        // One workspace's users are not another's.
        machine.fails(4, &["user", "show", "owner@acme.example", "--workspace", "Beta"]);
        machine.fails(2, &[
            "workspace", "create", "Gamma", "--owner", "o@c.example", "--licenses", "1",
            "--host", "desk.beta.example",
        ]);
    }

    fn licenses_are_set_and_priced_and_never_fewer_than_used(machine: &Machine) {
        machine.acme(2);
        machine.json(&["user", "invite", "ada@acme.example", "--name", "Ada"]);
        let error = machine.fails(3, &["licenses", "set", "1"]);
        assert_eq!(error["kind"], "owned-below-used");
        assert_eq!(machine.json(&["licenses", "set", "5"])["free"], 3);
        let priced = machine.json(&["licenses", "price", "12.50", "eur", "month"]);
        assert_eq!(priced["price"]["minor"], 1_250);
        assert_eq!(priced["price"]["currency"], "EUR");
        assert!(machine.json(&["licenses", "price", "--remove"])["price"].is_null());
        machine.fails(2, &["licenses", "price", "1,50", "EUR", "month"]);
    }

    fn the_owner_is_replaced_on_the_record(machine: &Machine) {
        machine.acme(3);
        machine.join("Ada");
        machine.json(&["user", "invite", "ben@acme.example", "--name", "Ben"]);
        assert_eq!(machine.fails(3, &["owner", "set", "ben@acme.example", "--reason", "x"])["kind"], "new-owner-not-active");
        machine.fails(2, &["owner", "set", "ada@acme.example", "--reason", " "]);

        let set = machine.json(&["owner", "set", "ada@acme.example", "--reason", "The owner has left"]);
        assert_eq!(set["changed"], true);
        assert_eq!(machine.user("ada@acme.example")["role"], "owner");
        assert_eq!(machine.user("owner@acme.example")["role"], "administrator");
        let log = machine.json(&["audit", "list", "--action", "ownership.transferred"]);
        assert_eq!(log["entries"][0]["personal"]["reason"], "The owner has left");
        assert_eq!(log["entries"][0]["door"], "cli");
        assert_eq!(log["entries"][0]["actor"], "cli");
        let again = machine.json(&["owner", "set", "ada@acme.example", "--reason", "again"]);
        assert_eq!(again["changed"], false);
    }

    fn a_place_without_a_workspace_says_how_to_begin(machine: &Machine) {
        let error = machine.fails(if machine.is_sqlite() { 4 } else { 1 }, &["user", "list"]);
        assert!(!error["hints"].as_array().expect("hints").is_empty(), "{error}");
        if machine.is_sqlite() {
            assert!(!machine.data().exists(), "looking makes nothing");
        }
    }

    fn a_wrong_value_makes_no_workspace(machine: &Machine) {
        for wrong in [
            ["workspace", "create", "Acme", "--owner", "not an address", "--licenses", "3"],
            ["workspace", "create", "", "--owner", "o@acme.example", "--licenses", "3"],
            ["workspace", "create", "Acme", "--owner", "o@acme.example", "--licenses", "0"],
        ] {
            machine.fails(2, &wrong);
        }
        machine.fails(2, &["workspace", "create", "Acme", "--owner", "o@acme.example", "--licenses", "3", "--time-zone", "Moon/Base"]);
        if machine.is_sqlite() {
            assert!(!machine.data().exists());
        }
    }
}

#[test]
fn a_wrong_command_ends_with_2_and_help_with_0() {
    for args in
        [&["bogus"][..], &["user", "role", "a@b.example", "owner"], &["serve", "--listen", "nowhere"], &[]]
    {
        let mut command = program();
        command.args(args);
        assert_eq!(Ended::of(command).code, 2, "{args:?}");
    }
    let mut help = program();
    help.args(["user", "activate", "--help"]);
    let help = Ended::of(help);
    assert_eq!(help.code, 0);
    assert!(help.text.contains("--swap"), "{}", help.text);
    assert!(help.text.contains("Examples:"), "{}", help.text);
}

#[test]
fn the_configuration_and_completions_are_printed() {
    for args in [&["config"][..], &["completions", "bash"], &["completions", "fish"]] {
        let mut command = program();
        command.args(args);
        let ended = Ended::of(command);
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.error);
        assert!(ended.text.lines().count() > 20, "{args:?}");
    }
}

#[test]
fn postgres_without_an_audit_key_is_refused_with_what_to_do() {
    let mut command = program();
    command.args(["user", "list", "--database-url", "postgres://nowhere.example/tenure"]);
    let ended = Ended::of(command);
    assert_eq!(ended.code, 2);
    assert!(ended.error.contains("audit.key"), "{}", ended.error);
}
