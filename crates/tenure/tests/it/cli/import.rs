//! `tenure import` and `tenure export`: files as other desks write them, whole or not at all.

use serde_json::{Value, json};

use super::machine::Machine;
use crate::support::both_engines;

/// With a mark at its beginning, lines that end in CR LF, quotes, and addresses in upper case.
const PEOPLE: &str = "\u{feff}First Name,Last Name,Email,Teams,Status,External ID,Last Login\r\n\
    Ada,\"Adams \"\"Countess\"\"\",ADA@NORTH.EXAMPLE,Support,Active,P-1,2026-01-19\r\n\
    Zoë,\"Müller, von\",zoe@north.example,\"Support; Night \"\"Owls\"\"\",Deactivated,P-2,2026-01-20\r\n\
    充,太田,Mitsuru@North.example,,Active,P-3,\r\n";

impl Machine {
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    }

    /// Runs an import that ends with this code; answers what it says of it.
    fn import(&self, code: i32, file: &str, more: &[&str]) -> Value {
        let ended = self.run(&[&["import", file], more, &["--json"]].concat());
        assert_eq!(ended.code, code, "{more:?}: {}{}", ended.text, ended.error);
        ended.json()
    }

    /// All that an import could have changed.
    fn state(&self) -> Value {
        let lists = [["user", "list"], ["customer", "list"], ["team", "list"], ["organization", "list"]];
        json!([lists.map(|list| self.json(&list)), self.json(&["audit", "list"])])
    }
}

both_engines! {
    fn a_file_is_imported_in_one_command_and_twice_neither_doubles_nor_revives(machine: &Machine) {
        machine.acme(10);
        let file = machine.file("people.csv", PEOPLE);
        let before = machine.state();
        let dry = machine.import(0, &file, &["--kind", "users", "--dry-run"]);
        assert_eq!((&dry["outcome"], &dry["report"]["new"]), (&"checked".into(), &3.into()));
        assert_eq!(machine.state(), before, "a dry run changes nothing");
        let done = machine.import(0, &file, &["--kind", "users"]);
        assert_eq!(done["outcome"], "done");
        let counts = |done: &Value| ["rows", "new", "changed", "unchanged", "bad"].map(|key| done["report"][key].clone());
        assert_eq!(counts(&done), [3, 3, 0, 0, 0].map(Value::from));
        assert_eq!((&done["report"]["teams_made"], &done["report"]["licenses_taken"]), (&2.into(), &2.into()));
        let ada = machine.user("ada@north.example");
        assert_eq!((&ada["email"], &ada["name"], &ada["status"]), (&"ADA@NORTH.EXAMPLE".into(), &"Ada Adams \"Countess\"".into(), &"active".into()));
        let zoe = machine.user("zoe@north.example");
        assert_eq!((&zoe["status"], &zoe["name"], &zoe["holds_license"]), (&"deactivated".into(), &"Zoë Müller, von".into(), &false.into()));
        assert!(zoe["last_sign_in"].as_str().is_some_and(|at| at.starts_with("2026-01-")), "{zoe}");
        // Somebody was deactivated here meanwhile: the file, which says active, does not bring them back.
        machine.json(&["user", "deactivate", "mitsuru@north.example"]);
        let again = machine.import(0, &file, &["--kind", "users"]);
        assert_eq!(counts(&again), [3, 0, 0, 3, 0].map(Value::from));
        assert_eq!(again["report"]["statuses_kept"], 1);
        assert_eq!(machine.user("mitsuru@north.example")["status"], "deactivated");
        assert_eq!(machine.json(&["user", "list"])["users"].as_array().map(Vec::len), Some(4));
    }

    fn bad_rows_are_named_by_line_and_column_and_nothing_is_imported(machine: &Machine) {
        machine.acme(1);
        let text = "Name,Email,Status\r\nAda,ada@north.example,\r\n\"Two\r\nlines\",two@north.example,\r\nBob,nowhere,\r\n\
                    Cy,,\r\nAda Again,ADA@North.example,\r\nDee,dee@north.example,Sleeping\r\n";
        let file = machine.file("bad.csv", text);
        let before = machine.state();
        let ended = machine.run(&["import", &file, "--kind", "customers"]);
        assert_eq!(ended.code, 6, "{}{}", ended.text, ended.error);
        for line in [
            "line 5, Email: An email address has an @, as in ada@example.org.",
            "line 6, Email: Enter an email address.",
            "line 7, Email: This is the same as on line 2.",
            "line 8, Status: “Sleeping” is not a status. Give Active, Deactivated or Invited.",
            "Nothing was imported",
        ] {
            assert!(ended.text.contains(line), "{line}: {}", ended.text);
        }
        assert_eq!(machine.import(6, &file, &["--kind", "customers", "--dry-run"])["report"]["bad"], 4);
        assert_eq!(machine.state(), before);
        let list = machine.path("errors.csv").to_string_lossy().into_owned();
        let done = machine.import(0, &file, &["--kind", "customers", "--skip-bad", "--errors", &list]);
        assert_eq!((&done["report"]["new"], &done["report"]["bad"]), (&2.into(), &4.into()));
        let written = std::fs::read_to_string(&list).expect("a list");
        assert_eq!(written.lines().count(), 5, "{written}");
        assert!(written.contains("7,Email,This is the same as on line 2.\n"), "{written}");
        assert_eq!(machine.json(&["customer", "show", "two@north.example"])["name"], "Two lines");
    }

    fn columns_are_mapped_and_those_that_are_not_there_are_refused(machine: &Machine) {
        machine.acme(1);
        let file = machine.file("odd.csv", "Kontakt;Wer;Notes\nann@north.example;Ann;quiet\n");
        let error = machine.fails(2, &["import", &file, "--kind", "customers"]);
        assert!(error["message"].as_str().expect("words").contains("no column Email. It has: Kontakt, Wer, Notes"), "{error}");
        let maps = ["--kind", "customers", "--map", "Kontakt=Email", "--map", "Wer=Name"];
        let done = machine.import(0, &file, &maps);
        assert_eq!((&done["report"]["new"], &done["ignored_columns"]), (&1.into(), &json!(["Notes"])));
        machine.fails(2, &["import", &file, "--kind", "customers", "--map", "Nowhere=Email"]);
        machine.fails(2, &["import", &file, "--kind", "customers", "--map", "Kontakt=Shoe size"]);
        machine.fails(4, &["import", "no-such-file.csv", "--kind", "users"]);
    }

    fn missing_licenses_are_named_and_can_be_added_in_the_same_step(machine: &Machine) {
        machine.acme(2);
        let file = machine.file("people.csv", PEOPLE);
        let before = machine.state();
        let short = machine.run(&["import", &file, "--kind", "users"]);
        assert_eq!(short.code, 3, "{}{}", short.text, short.error);
        assert!(short.text.contains("Nothing was imported. It needs 1 more license than are free."), "{}", short.text);
        assert_eq!(machine.import(3, &file, &["--kind", "users", "--dry-run"])["report"]["licenses_missing"], 1);
        assert_eq!(machine.state(), before);
        let done = machine.import(0, &file, &["--kind", "users", "--licenses", "3"]);
        assert_eq!((&done["report"]["licenses_added"], &done["report"]["licenses_missing"]), (&1.into(), &0.into()));
        assert_eq!(machine.import(0, &file, &["--kind", "users", "--licenses", "2"])["report"]["licenses_added"], 0);
    }

    fn statuses_change_when_that_is_asked_for_and_the_brake_holds(machine: &Machine) {
        machine.acme(1);
        let rows = |status: &str| {
            let rows = (0..7).map(|at| format!("Person {at},person{at}@north.example,{status}\n"));
            format!("Name,Email,Status\n{}", rows.collect::<String>())
        };
        let here = machine.file("here.csv", &rows("Active"));
        machine.import(0, &here, &["--kind", "customers"]);
        let gone = machine.file("gone.csv", &rows("Deactivated"));
        assert_eq!(machine.import(0, &gone, &["--kind", "customers"])["report"]["statuses_kept"], 7);
        let before = machine.state();
        for dry in [&["--dry-run"][..], &[]] {
            let asked = [&["import", &gone, "--kind", "customers", "--update-status"], dry].concat();
            assert_eq!(machine.fails(3, &asked)["kind"], "brake-would-pass");
        }
        assert_eq!(machine.state(), before);
        let done = machine.import(0, &gone, &["--kind", "customers", "--update-status", "--past-the-brake"]);
        assert_eq!((&done["report"]["deactivated"], &done["report"]["changed"]), (&7.into(), &7.into()));
        assert_eq!(machine.json(&["customer", "show", "person3@north.example"])["status"], "deactivated");
        let back = machine.import(0, &here, &["--kind", "customers", "--update-status"]);
        assert_eq!(back["report"]["statuses_changed"], 7);
        assert_eq!(machine.json(&["customer", "show", "person3@north.example"])["status"], "active");
    }

    fn what_is_exported_comes_back_without_changing_anything(machine: &Machine) {
        machine.acme(1);
        let text = "Name,Email,Organization,Status\n\"=SUM(1)\",sum@north.example,Northwind,Active\n\
                    \"Bo \"\"B\"\", Burns\",BO@north.example,,Deactivated\n";
        let file = machine.file("customers.csv", text);
        machine.import(0, &file, &["--kind", "customers"]);
        let out = machine.path("out.csv").to_string_lossy().into_owned();
        machine.json(&["export", "--kind", "customers", "--out", &out]);
        let written = std::fs::read_to_string(&out).expect("an export");
        assert!(written.contains("'=SUM(1),"), "no cell is a formula: {written}");
        assert_eq!(written.lines().count(), 3);
        let customers = |machine: &Machine| json!([machine.json(&["customer", "list"]), machine.json(&["organization", "list"])]);
        let before = customers(machine);
        let again = machine.import(0, &out, &["--kind", "customers"]);
        assert_eq!((&again["report"]["unchanged"], &again["report"]["statuses_kept"]), (&2.into(), &0.into()));
        assert_eq!(customers(machine), before);
        let some = machine.path("some.csv").to_string_lossy().into_owned();
        machine.json(&["export", "--kind", "customers", "--query", "status=deactivated", "--out", &some]);
        assert_eq!(std::fs::read_to_string(&some).expect("an export").lines().count(), 2);
    }
}
