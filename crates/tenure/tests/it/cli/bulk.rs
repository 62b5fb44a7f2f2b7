//! `tenure bulk`: many at once from a file, by a filter or by a team; the brake; undo; results as CSV.

use super::machine::Machine;
use crate::support::both_engines;

both_engines! {
    fn many_of_a_file_are_previewed_deactivated_listed_and_undone(machine: &Machine) {
        machine.acme(9);
        for name in ["Ada", "Ben", "Cleo"] {
            machine.join(name);
        }
        let list = machine.path("list.txt");
        std::fs::write(&list, "ada@acme.example\n\nBEN@acme.example\n").expect("a file");
        let file = list.to_str().expect("a path");
        let plan = machine.json(&["bulk", "deactivate", "--ids", file, "--dry-run"]);
        assert_eq!((&plan["plan"]["totals"]["changed"], &plan["plan"]["sessions_ended"]), (&2.into(), &2.into()));
        assert_eq!(machine.user("ada@acme.example")["status"], "active", "a dry run changes nothing");

        let csv = machine.path("done.csv");
        let out = csv.to_str().expect("a path");
        let done = machine.json(&["bulk", "deactivate", "--ids", file, "--reason", "Closing", "--csv", out]);
        assert_eq!((&done["batch"]["changed"], &done["batch"]["state"]), (&2.into(), &"finished".into()));
        let written = std::fs::read_to_string(&csv).expect("results");
        assert_eq!(written.lines().count(), 3);
        assert!(written.contains("ada@acme.example,changed"), "{written}");
        let id = done["batch"]["id"].as_str().expect("an id");
        assert_eq!(machine.json(&["bulk", "show", id])["people"].as_array().map(Vec::len), Some(2));
        assert_eq!(machine.json(&["bulk", "undo", id])["batch"]["changed"], 2);
        assert_eq!(machine.user("ada@acme.example")["status"], "active");
        assert_eq!(machine.fails(3, &["bulk", "undo", id])["kind"], "undone-already");
        assert_eq!(machine.json(&["bulk", "list"])["batches"].as_array().map(Vec::len), Some(2));
    }

    /// A filter that is left out by mistake would mean everybody.
    fn a_filter_that_is_not_known_is_refused_by_name_and_touches_nobody(machine: &Machine) {
        machine.acme(9);
        machine.join("Ada");
        for query in ["vieww=active", "view=active&organization=none", "=", "VIEW=active"] {
            for asked in [
                vec!["bulk", "deactivate", "--query", query],
                vec!["bulk", "delete", "--query", query, "--yes"],
                vec!["export", "--kind", "users", "--out", "people.csv", "--query", query],
            ] {
                let wrong = machine.fails(2, &asked);
                assert!(wrong.to_string().contains("There is no filter"), "{asked:?}: {wrong}");
            }
        }
        assert_eq!(machine.user("ada@acme.example")["status"], "active");
    }

    /// Whoever comes deactivated was never active here: an import of many leaves the brake as it was.
    fn people_who_came_deactivated_do_not_count_for_the_brake(machine: &Machine) {
        machine.acme(9);
        let file = machine.path("people.csv");
        let status = |n| if n < 20 { "Deactivated" } else { "Active" };
        let rows = (0..40).map(|n| format!("Person {n},p{n}@north.example,{}\n", status(n)));
        let text = format!("Name,Email,Status\n{}", rows.collect::<String>());
        std::fs::write(&file, text).expect("a file");
        machine.json(&["import", file.to_str().expect("a path"), "--kind", "customers"]);
        let plan = machine.json(&["bulk", "deactivate", "--kind", "customers", "--query", "q=p25@", "--dry-run"]);
        assert_eq!(plan["plan"]["totals"]["changed"], 1, "{plan}");
        machine.json(&["bulk", "deactivate", "--kind", "customers", "--query", "q=p25@"]);
    }

    fn what_many_cannot_be_done_to_is_refused_with_a_way_on(machine: &Machine) {
        machine.acme(9);
        for name in ["Ada", "Ben", "Cleo"] {
            machine.join(name);
        }
        let list = machine.path("list.txt");
        std::fs::write(&list, "ada@acme.example\nnobody@acme.example\n").expect("a file");
        let wrong = machine.fails(4, &["bulk", "activate", "--ids", list.to_str().expect("a path")]);
        assert!(wrong["hints"].to_string().contains("line 2: nobody@acme.example"), "{wrong}");

        machine.json(&["bulk", "brake", "--share", "1", "--minimum", "2"]);
        let stopped = machine.fails(3, &["bulk", "deactivate", "--query", "view=active"]);
        assert_eq!(stopped["kind"], "brake-would-pass");
        assert!(stopped["hints"].to_string().contains("--past-the-brake"), "{stopped}");
        let done = machine.json(&["bulk", "deactivate", "--query", "view=active", "--past-the-brake"]);
        assert_eq!((&done["batch"]["changed"], &done["batch"]["skipped"]), (&3.into(), &1.into()));

        machine.json(&["licenses", "set", "2"]);
        let few = machine.fails(3, &["bulk", "activate", "--query", "view=deactivated"]);
        assert_eq!(few["kind"], "licenses-exhausted");
        let added = machine.json(&["bulk", "activate", "--query", "view=deactivated", "--add-licenses"]);
        assert_eq!((&added["batch"]["changed"], &added["batch"]["added_licenses"]), (&3.into(), &2.into()));

        machine.json(&["team", "create", "Support"]);
        assert_eq!(machine.json(&["bulk", "team", "Support", "--query", "view=active"])["batch"]["changed"], 4);
        assert_eq!(machine.json(&["bulk", "role", "administrator", "--all-in", "Support"])["batch"]["changed"], 3);
        assert_eq!(machine.json(&["bulk", "role", "member", "--all-in", "Support"])["batch"]["changed"], 3);
        let asked = machine.fails(7, &["bulk", "delete", "--all-in", "Support"]);
        assert_eq!(asked["kind"], "not-confirmed");
        assert_eq!(machine.json(&["bulk", "delete", "--all-in", "Support", "--yes"])["batch"]["changed"], 3);
        machine.fails(4, &["user", "show", "ada@acme.example"]);
    }
}
