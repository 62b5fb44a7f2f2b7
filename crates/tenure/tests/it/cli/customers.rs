//! `tenure customer` and `tenure organization`: each command, its refusals, and that a dry run changes nothing.

use serde_json::Value;

use super::machine::Machine;
use crate::support::both_engines;

const ANN: &str = "ann@north.example";

fn state(machine: &Machine) -> Value {
    let show = machine.json(&["customer", "show", ANN]);
    serde_json::json!([show, machine.json(&["organization", "list"]), machine.json(&["audit", "list"])])
}

both_engines! {
    fn a_customer_lives_by_the_same_commands_without_a_license(machine: &Machine) {
        machine.acme(1);
        machine.json(&["organization", "create", "Northwind", "--domain", "north.example", "--domain", "@mail.north.example"]);
        let added = machine.json(&["customer", "add", ANN, "--name", "Ann Able"]);
        let shown = machine.json(&["customer", "show", ANN]);
        assert_eq!(shown["organization"]["id"], added["organization"], "by the domain of the address");
        assert_eq!((&shown["status"], &shown["password_set"]), (&"active".into(), &false.into()));
        assert_eq!(machine.fails(4, &["user", "deactivate", ANN])["kind"], "not-found", "a customer is no user");
        assert_eq!(machine.fails(4, &["customer", "show", "owner@acme.example"])["kind"], "not-found");
        let link = machine.json(&["customer", "link", ANN]);
        assert!(link["link"].as_str().expect("a link").contains("/portal/set-password/tp_"));

        let before = state(machine);
        let plan = machine.json(&["customer", "deactivate", ANN, "--dry-run"]);
        assert_eq!((&plan["plan"]["changed"], &plan["plan"]["license_freed"]), (&true.into(), &false.into()));
        assert_eq!(state(machine), before, "a dry run changes nothing");
        let done = machine.json(&["customer", "deactivate", ANN, "--reason", "Left Northwind"]);
        assert_eq!(machine.json(&["customer", "deactivate", ANN])["changed"], false, "again is no error");
        assert_eq!(machine.json(&["customer", "activate", ANN, "--dry-run"])["plan"]["changed"], true);
        assert_eq!(machine.json(&["customer", "activate", ANN])["changed"], true, "all licenses are in use, and none is needed");
        machine.json(&["customer", "deactivate", ANN]);
        assert_eq!(machine.fails(3, &["customer", "undo", done["undo"].as_str().expect("a step")])["kind"], "undo-overtaken");
        assert_eq!(machine.fails(3, &["customer", "convert", ANN])["kind"], "address-of-deactivated");
        for refused in [
            vec!["customer", "convert", ANN],
            vec!["customer", "add", ANN, "--name", "Another"],
            vec!["customer", "link", ANN],
            vec!["user", "invite", ANN, "--name", "Another"],
        ] {
            let hints = machine.fails(3, &refused)["hints"].to_string();
            assert!(hints.contains("tenure customer activate"), "{refused:?}: {hints}");
        }
        let owner = machine.fails(3, &["customer", "add", "owner@acme.example", "--name", "Another"]);
        assert!(owner["hints"].to_string().contains("tenure user show"), "{owner}");
        machine.json(&["customer", "activate", ANN]);

        let listed = machine.json(&["customer", "list", "--search", "able"]);
        assert_eq!(listed["customers"].as_array().map(Vec::len), Some(1));
        machine.json(&["customer", "edit", ANN, "--name", "Ann Bold"]);
        assert_eq!(machine.json(&["customer", "delete", ANN, "--dry-run"])["plan"]["organization"]["name"], "Northwind");
        machine.json(&["customer", "delete", ANN, "--yes"]);
        machine.fails(4, &["customer", "show", ANN]);
    }

    fn an_invited_customer_gets_a_link_to_the_portal_and_can_be_withdrawn(machine: &Machine) {
        machine.acme(1);
        let invited = machine.json(&["customer", "invite", ANN, "--name", "Ann Able"]);
        assert!(invited["link"].as_str().expect("a link").contains("/portal/invitations/ti_"));
        let again = machine.json(&["customer", "invite", ANN, "--again"]);
        assert_ne!(again["link"], invited["link"]);
        let before = state(machine);
        assert_eq!(machine.json(&["customer", "withdraw", ANN, "--dry-run"])["plan"]["license_freed"], false);
        assert_eq!(state(machine), before);
        machine.json(&["customer", "withdraw", ANN]);
        machine.fails(4, &["customer", "show", ANN]);
    }

    fn a_customer_moves_and_becomes_a_user(machine: &Machine) {
        machine.acme(1);
        for name in ["Northwind", "Southwind"] {
            machine.json(&["organization", "create", name]);
        }
        machine.json(&["customer", "add", ANN, "--name", "Ann Able", "--organization", "Northwind"]);
        assert_eq!(machine.json(&["customer", "move", ANN, "southwind"])["changed"], true);
        assert_eq!(machine.json(&["customer", "move", ANN, "Southwind"])["changed"], false);
        machine.fails(4, &["customer", "move", ANN, "Westwind"]);
        machine.fails(2, &["customer", "move", ANN]);
        assert_eq!(machine.json(&["customer", "move", ANN, "--out"])["changed"], true);

        assert_eq!(machine.fails(3, &["customer", "convert", ANN])["kind"], "licenses-exhausted");
        let before = state(machine);
        let plan = machine.json(&["customer", "convert", ANN, "--add-license", "--dry-run"]);
        assert_eq!((&plan["plan"]["license_taken"], &plan["plan"]["added_licenses"]), (&true.into(), &1.into()));
        assert_eq!(state(machine), before);
        machine.json(&["customer", "convert", ANN, "--add-license"]);
        assert_eq!(machine.user(ANN)["holds_license"], true);
    }

    fn organizations_are_listed_changed_and_deleted(machine: &Machine) {
        machine.acme(1);
        machine.json(&["organization", "create", "Northwind", "--domain", "north.example"]);
        machine.json(&["customer", "add", ANN, "--name", "Ann Able"]);
        machine.fails(3, &["organization", "create", "northwind"]);
        machine.fails(3, &["organization", "create", "Norse", "--domain", "north.example"]);
        machine.fails(2, &["organization", "create", "Norse", "--domain", "nonsense"]);
        let changed = machine.json(&["organization", "change", "Northwind", "--name", "Norse"]);
        assert_eq!((&changed["changed"], &changed["domains"]), (&true.into(), &serde_json::json!(["north.example"])));
        assert_eq!(machine.json(&["organization", "change", "Norse"])["changed"], false);
        machine.json(&["organization", "change", "Norse", "--no-domains"]);
        let list = machine.json(&["organization", "list"]);
        let one = &list["organizations"][0];
        assert_eq!((&one["name"], &one["customers"], &one["domains"]), (&"Norse".into(), &1.into(), &serde_json::json!([])));
        assert_eq!(machine.json(&["organization", "delete", "Norse", "--dry-run"])["plan"]["members"], 1);
        assert_eq!(machine.json(&["organization", "delete", "Norse", "--yes"])["customers"], 1);
        assert_eq!(machine.json(&["customer", "show", ANN])["organization"], Value::Null);
        machine.fails(4, &["organization", "delete", "Norse", "--yes"]);
    }

    fn a_dry_run_of_any_change_says_what_it_would_do_and_changes_nothing(machine: &Machine) {
        machine.acme(1);
        let nobody = || serde_json::json!([machine.json(&["customer", "list"]), machine.json(&["user", "list"]),
            machine.json(&["organization", "list"]), machine.json(&["audit", "list"])]);
        let before = nobody();
        let plan = |args: &[&str]| {
            let told = machine.json(args);
            assert_eq!(told["dry_run"], true, "{args:?}: {told}");
            told["plan"].clone()
        };
        let made = plan(&["organization", "create", "Northwind", "--domain", "north.example", "--dry-run"]);
        assert_eq!(made["domains"], serde_json::json!(["north.example"]));
        assert_eq!(plan(&["customer", "invite", ANN, "--name", "Ann Able", "--dry-run"])["added_licenses"], 0);
        assert_eq!(plan(&["customer", "add", ANN, "--name", "Ann Able", "--dry-run"])["organization"], Value::Null);
        assert_eq!(machine.fails(3, &["user", "invite", ANN, "--name", "Ann", "--dry-run"])["kind"], "licenses-exhausted");
        let with = plan(&["user", "invite", ANN, "--name", "Ann", "--add-license", "--dry-run"]);
        assert_eq!(with["added_licenses"], 1);
        assert_eq!(nobody(), before, "nothing has changed");

        machine.json(&["organization", "create", "Northwind", "--domain", "north.example"]);
        machine.json(&["organization", "create", "Southwind"]);
        let of = plan(&["customer", "add", ANN, "--name", "Ann Able", "--dry-run"])["organization"].clone();
        machine.json(&["customer", "add", ANN, "--name", "Ann Able"]);
        let before = state(machine);
        assert_eq!(machine.fails(3, &["customer", "add", ANN, "--name", "Ann", "--dry-run"])["kind"], "address-taken");
        assert_eq!(before[0]["organization"]["id"], of, "as the plan said");
        let edited = plan(&["customer", "edit", ANN, "--name", "Ann Bold", "--dry-run"]);
        assert_eq!((&edited["changed"], &edited["name"]), (&true.into(), &"Ann Bold".into()));
        assert_eq!(plan(&["customer", "edit", ANN, "--name", "Ann Able", "--dry-run"])["changed"], false);
        assert_eq!(plan(&["customer", "move", ANN, "Southwind", "--dry-run"])["changed"], true);
        assert_eq!(plan(&["customer", "move", ANN, "Northwind", "--dry-run"])["changed"], false);
        assert_eq!(plan(&["organization", "change", "Northwind", "--no-domains", "--dry-run"])["domains"], serde_json::json!([]));
        machine.fails(3, &["organization", "change", "Northwind", "--name", "southwind", "--dry-run"]);
        assert_eq!(state(machine), before, "nothing has changed");
    }

    fn who_needs_attention_is_listed_reviewed_and_dismissed(machine: &Machine) {
        machine.acme(3);
        machine.json(&["customer", "add", ANN, "--name", "Ann Able"]);
        machine.json(&["customer", "deactivate", ANN, "--reason", "Left", "--review", "2999-01-01"]);
        let waits = || machine.json(&["customer", "list", "--needs-attention"])["customers"].as_array().map(Vec::len);
        assert_eq!(waits(), Some(0));
        assert_eq!(machine.json(&["user", "list", "--needs-attention"])["users"], serde_json::json!([]));
        machine.fails(2, &["customer", "list", "--needs-attention", "--status", "active"]);
        assert_eq!(machine.json(&["customer", "review", ANN, "2998-01-01"])["changed"], true);
        assert_eq!(machine.json(&["customer", "review", ANN, "2998-01-01"])["changed"], false);
        assert_eq!(machine.json(&["customer", "show", ANN])["review_on"], "2998-01-01");
        assert_eq!(machine.fails(3, &["customer", "review", ANN, "2020-01-01"])["kind"], "review-not-in-future");
        machine.fails(2, &["customer", "review", ANN]);
        assert_eq!(machine.json(&["customer", "review", ANN, "--none"])["review_on"], Value::Null);
        assert_eq!(machine.json(&["customer", "dismiss-return", ANN])["changed"], false, "nobody asked");
        machine.json(&["customer", "activate", ANN]);
        assert_eq!(machine.fails(3, &["customer", "review", ANN, "--none"])["kind"], "not-deactivated");
    }
}
