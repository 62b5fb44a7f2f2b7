//! `tenure item`, `tenure project` and `tenure handover`: each command, its refusals, and that a dry run changes
//! nothing.

use serde_json::Value;

use super::machine::Machine;
use crate::support::both_engines;

/// Everything that these commands could change, and the audit log.
fn state(machine: &Machine) -> Value {
    let list = machine.json(&["item", "list", "--query", "status=all&sort=number"]);
    let numbers = list["items"].as_array().expect("items").iter().map(|item| item["number"].to_string());
    let items: Vec<Value> = numbers.map(|number| machine.json(&["item", "show", &number])).collect();
    serde_json::json!([items, machine.json(&["project", "list"]), machine.json(&["audit", "list"])])
}

fn item(machine: &Machine, number: &str) -> Value {
    machine.json(&["item", "show", number])
}

/// The addresses of the people in a list.
fn emails(list: &Value) -> Vec<&str> {
    list.as_array()
        .expect("people")
        .iter()
        .map(|person| person["email"].as_str().expect("an address"))
        .collect()
}

/// Who works at the machine Acme, and how many items Ada has.
fn acme_with_items(machine: &Machine) {
    machine.acme(9);
    for name in ["Ada", "Ben", "Mei"] {
        machine.join(name);
    }
    for title in ["Lamp", "Chair", "Desk", "Door"] {
        machine.json(&["item", "create", title, "--assign", "ada@acme.example"]);
    }
}

both_engines! {
    fn one_search_finds_people_items_and_texts(machine: &Machine) {
        acme_with_items(machine);
        machine.json(&["item", "create", "Window 1", "--description", "The **Hauptstraße** is loud."]);
        let found = machine.json(&["search", "HAUPTSTRASSE"]);
        assert_eq!((&found["texts"][0]["number"], &found["texts"][0]["kind"]), (&5.into(), &"description".into()));
        assert_eq!(found["texts"][0]["text"], "The Hauptstraße is loud.");
        let found = machine.json(&["search", "ada"]);
        assert_eq!((&found["users"][0]["email"], &found["users_count"]), (&"ada@acme.example".into(), &1.into()));
        // What has the number stands first, and once.
        let found = machine.json(&["search", "1"]);
        assert_eq!((&found["numbered"]["number"], &found["items"].as_array().map(Vec::len)), (&1.into(), &Some(1)));
        assert_eq!(found["items"][0]["title"], "Window 1");
        let text = machine.run(&["search", "desk"]).text;
        assert!(text.contains("ITEM") && text.contains("Desk"), "{text}");
        assert_eq!(machine.run(&["search", "zzzz"]).text.trim(), "Nothing found.");
    }

    fn items_are_made_listed_shown_and_changed(machine: &Machine) {
        machine.acme(9);
        machine.join("Ada");
        machine.json(&["project", "create", "Office move"]);
        machine.json(&["customer", "add", "cleo@globex.example", "--name", "Cleo"]);
        let made = machine.json(&[
            "item", "create", " Printer is on fire ", "--description", "It **burns**", "--priority", "urgent",
            "--due", "2026-12-01", "--project", "office MOVE", "--requester", "cleo@globex.example",
            "--assign", "ada@acme.example", "--follow", "cleo@globex.example", "--follow", "owner@acme.example",
            "--tags", "fire, printer",
        ]);
        assert_eq!((&made["number"], &made["kind"]), (&1.into(), &"ticket".into()));
        let shown = item(machine, "1");
        assert_eq!((&shown["title"], &shown["description"]), (&"Printer is on fire".into(), &"It **burns**".into()));
        assert_eq!((&shown["priority"], &shown["due"], &shown["project"]), (&"urgent".into(), &"2026-12-01".into(), &"Office move".into()));
        assert_eq!((emails(&shown["assignees"]), shown["requester"]["email"].as_str()), (vec!["ada@acme.example"], Some("cleo@globex.example")));
        let mut followers = emails(&shown["followers"]);
        followers.sort_unstable();
        assert_eq!(followers, ["cleo@globex.example", "owner@acme.example"]);
        assert_eq!(shown["tags"], serde_json::json!(["fire", "printer"]));
        machine.json(&["item", "create", "Order paper", "--kind", "task"]);

        // Text says the same as JSON, for people.
        let text = machine.run(&["item", "show", "1"]).text;
        for line in ["Printer is on fire", "Office move", "Ada", "Cleo", "2026-12-01", "fire, printer"] {
            assert!(text.contains(line), "{line}: {text}");
        }
        let list = machine.json(&["item", "list", "--kind", "ticket", "--query", "assignee=none"]);
        assert_eq!((list["count"].as_i64(), &list["more"]), (Some(0), &false.into()));
        let list = machine.json(&["item", "list", "--query", "sort=number&dir=asc&limit=1"]);
        assert_eq!((&list["items"][0]["number"], list["count"].as_i64()), (&1.into(), Some(2)));
        let next = format!("sort=number&dir=asc&limit=1&after={}", list["next"].as_str().expect("a next page"));
        assert_eq!(machine.json(&["item", "list", "--query", &next])["items"][0]["title"], "Order paper");
        assert_eq!(machine.fails(2, &["item", "list", "--query", "sort=odd"])["details"]["fields"][0]["field"], "sort");

        assert_eq!(machine.json(&["item", "status", "1", "waiting"])["changed"], true);
        assert_eq!(machine.json(&["item", "status", "1", "waiting"])["changed"], false);
        machine.fails(2, &["item", "status", "1", "odd"]);
        machine.fails(4, &["item", "status", "7", "done"]);
        machine.fails(4, &["item", "show", "7"]);
        for wrong in [["--due", "soon"], ["--priority", "odd"], ["--kind", "odd"]] {
            machine.fails(2, &[&["item", "create", "X"][..], &wrong].concat());
        }
        for wrong in [["--assign", "nobody@acme.example"], ["--requester", "nobody@acme.example"]] {
            machine.fails(4, &[&["item", "create", "X"][..], &wrong].concat());
        }
        machine.fails(2, &["item", "create", "X", "--project", "Nowhere"]);
        machine.fails(2, &["item", "create", " "]);
        assert_eq!(machine.json(&["item", "list", "--query", "status=all"])["count"], 2, "what was refused made nothing");
    }

    fn parts_are_given_and_taken_and_a_deactivated_person_gets_nothing_new(machine: &Machine) {
        machine.acme(9);
        machine.join("Ada");
        machine.join("Ben");
        machine.json(&["item", "create", "Lamp"]);
        for (give, take, field) in [("assign", "unassign", "assignees"), ("follow", "unfollow", "followers")] {
            for changed in [true, false] {
                assert_eq!(machine.json(&["item", give, "1", "ada@acme.example"])["changed"], changed, "{give}");
            }
            assert_eq!(emails(&item(machine, "1")[field]), ["ada@acme.example"]);
            for changed in [true, false] {
                assert_eq!(machine.json(&["item", take, "1", "ada@acme.example"])["changed"], changed, "{take}");
            }
            assert!(emails(&item(machine, "1")[field]).is_empty());
        }
        machine.json(&["item", "assign", "1", "ada@acme.example"]);
        machine.json(&["user", "deactivate", "ada@acme.example"]);
        machine.json(&["user", "deactivate", "ben@acme.example"]);
        assert_eq!(machine.fails(3, &["item", "assign", "1", "ben@acme.example"])["kind"], "deactivated-gets-nothing-new");
        assert_eq!(machine.fails(3, &["item", "create", "X", "--assign", "ben@acme.example"])["kind"], "deactivated-gets-nothing-new");
        // Who was assigned stays so, and is shown as what they are; others may take it away.
        assert_eq!(item(machine, "1")["assignees"][0]["status"], "deactivated");
        assert!(machine.run(&["item", "list", "--query", "assignee=deactivated"]).text.contains("Ada (deactivated)"));
        assert_eq!(machine.json(&["item", "unassign", "1", "ada@acme.example"])["changed"], true);
        machine.fails(4, &["item", "assign", "1", "nobody@acme.example"]);
        machine.fails(4, &["item", "assign", "9", "owner@acme.example"]);
    }

    fn projects_are_made_listed_renamed_archived_and_restored(machine: &Machine) {
        machine.acme(3);
        let made = machine.json(&["project", "create", " Office move ", "--description", "Out by June"]);
        let id = made["id"].as_str().expect("an id").to_owned();
        assert_eq!(made["name"], "Office move");
        assert_eq!(machine.fails(3, &["project", "create", "OFFICE MOVE"])["kind"], "project-name-taken");
        machine.fails(2, &["project", "create", " "]);
        machine.json(&["item", "create", "Boxes", "--project", &id]);
        let list = machine.json(&["project", "list"]);
        assert_eq!((&list["projects"][0]["name"], &list["projects"][0]["items"]), (&"Office move".into(), &1.into()));
        assert!(machine.run(&["project", "list"]).text.contains(&id));
        for changed in [true, false] {
            assert_eq!(machine.json(&["project", "rename", &id, "The move"])["changed"], changed);
        }
        for changed in [true, false] {
            assert_eq!(machine.json(&["project", "archive", "the move"])["changed"], changed);
        }
        assert_eq!(machine.fails(3, &["item", "create", "More boxes", "--project", "The move"])["kind"], "project-archived");
        assert_eq!(machine.json(&["project", "list"])["projects"].as_array().map(Vec::len), Some(0));
        assert_eq!(machine.json(&["project", "list", "--archived"])["projects"][0]["items"], 1, "its items stay");
        assert_eq!(machine.json(&["project", "restore", "The move"])["changed"], true);
        machine.json(&["item", "create", "More boxes", "--project", "The move"]);
        machine.fails(2, &["project", "archive", "Nowhere"]);
        assert_eq!(machine.json(&["audit", "verify"])["waiting_to_be_sealed"], 0, "what the machine did is sealed");
    }

    fn a_handover_is_previewed_done_and_taken_back(machine: &Machine) {
        acme_with_items(machine);
        machine.json(&["item", "status", "4", "done"]);
        machine.json(&["user", "deactivate", "ada@acme.example"]);
        let before = state(machine);
        let asked = ["handover", "ada@acme.example", "--to", "mei@acme.example"];
        let plan = machine.json(&[&asked[..], &["--dry-run"]].concat());
        assert_eq!((&plan["items"], &plan["shares"][0]["items"], &plan["left"]), (&3.into(), &3.into(), &0.into()));
        let text = machine.run(&[&asked[..], &["--dry-run"]].concat()).text;
        assert!(text.contains("3 items would move.") && text.contains("3 to Mei"), "{text}");
        assert_eq!(state(machine), before, "a dry run changes nothing, and leaves no entry in the log");

        let done = machine.json(&asked);
        assert_eq!((&done["items"], &done["shares"]), (&plan["items"], &plan["shares"]), "what the dry run said");
        assert_eq!(emails(&item(machine, "1")["assignees"]), ["mei@acme.example"]);
        assert_eq!(emails(&item(machine, "4")["assignees"]), ["ada@acme.example"], "what is finished stays");
        let undo = done["undo"].as_str().expect("an undo").to_owned();
        assert_eq!(machine.json(&["handover", "--undo", &undo]), serde_json::json!({ "items": 3, "skipped": 0 }));
        assert_eq!(emails(&item(machine, "1")["assignees"]), ["ada@acme.example"]);
        assert_eq!(machine.fails(3, &["handover", "--undo", &undo])["kind"], "undone-already");
        let log = machine.json(&["audit", "list", "--action", "items.handed-over"]);
        assert_eq!(log["entries"].as_array().map(Vec::len), Some(1));
        assert_eq!(log["entries"][0]["door"], "cli");
    }

    fn a_handover_goes_to_a_team_in_turn_or_is_of_some_items_alone(machine: &Machine) {
        acme_with_items(machine);
        machine.json(&["team", "create", "Support"]);
        for name in ["ada@acme.example", "ben@acme.example", "mei@acme.example"] {
            machine.json(&["team", "add", "Support", name]);
        }
        let some = machine.json(&["handover", "ada@acme.example", "--to", "ben@acme.example", "--item", "1", "--item", "2"]);
        assert_eq!(some["items"], 2);
        let text = machine.run(&["handover", "ada@acme.example", "--to-team", "support"]);
        assert!(text.text.contains("2 items moved.") && text.text.contains("tenure handover --undo"), "{}", text.text);
        let again = machine.json(&["handover", "ada@acme.example", "--to-team", "Support"]);
        assert_eq!((&again["items"], &again["undo"]), (&0.into(), &Value::Null), "nothing is left");
        machine.json(&["user", "deactivate", "mei@acme.example"]);
        let to = |whom: &'static str| ["handover", "ben@acme.example", "--to", whom];
        assert_eq!(machine.fails(3, &to("mei@acme.example"))["kind"], "deactivated-gets-nothing-new");
        assert_eq!(machine.fails(3, &to("ben@acme.example"))["kind"], "nobody-to-receive");
        machine.fails(4, &to("nobody@acme.example"));
        machine.fails(4, &["handover", "ben@acme.example", "--to-team", "Nowhere"]);
        machine.fails(4, &["handover", "--undo", "0193e2a4-7b1c-7def-8a90-123456789abc"]);
        for wrong in [
            &["handover"][..],
            &["handover", "ben@acme.example"],
            &["handover", "ben@acme.example", "--to", "ada@acme.example", "--to-team", "Support"],
            &["handover", "ben@acme.example", "--to", "ada@acme.example", "--undo", "0193e2a4-7b1c-7def-8a90-123456789abc"],
        ] {
            assert_eq!(machine.run(wrong).code, 2, "{wrong:?}");
        }
    }
}
