//! `tenure user`: each command, its refusals, and that a dry run changes nothing.

use serde_json::Value;

use super::machine::{Ended, Machine};
use crate::support::both_engines;

/// Everything that a command could change of this machine's users, licenses and audit log.
fn state(machine: &Machine) -> Value {
    let list = machine.json(&["user", "list"]);
    let ids = list["users"].as_array().expect("users").iter();
    let users: Vec<Value> = ids.map(|user| machine.user(user["id"].as_str().expect("an id"))).collect();
    serde_json::json!([users, machine.json(&["licenses", "show"]), machine.json(&["audit", "list"])])
}

fn step(receipt: &Value) -> &str {
    receipt["undo"].as_str().expect("a step to undo")
}

both_engines! {
    fn a_link_that_guesses_the_desk_s_address_says_so(machine: &Machine) {
        machine.acme(3);
        let guessed = machine.run(&["user", "invite", "ada@acme.example", "--name", "Ada"]);
        assert!(guessed.error.contains("set public_url"), "{}", guessed.error);
        let mut command = machine.command(&["user", "invite", "ben@acme.example", "--name", "Ben", "--json"]);
        command.env("TENURE_PUBLIC_URL", "https://desk.acme.example");
        let told = Ended::of(command);
        assert_eq!(told.error, "");
        assert!(told.json()["link"].as_str().expect("a link").starts_with("https://desk.acme.example/invitation/"));
    }

    fn an_invited_user_gets_a_link_and_can_be_withdrawn(machine: &Machine) {
        machine.acme(2);
        let invited = machine.json(&["user", "invite", "Ada@Acme.example", "--name", "Ada Lovelace", "--role", "administrator"]);
        assert!(invited["link"].as_str().expect("a link").contains("/invitation/ti_"));
        let ada = machine.user("ada@acme.example");
        assert_eq!((&ada["status"], &ada["role"]), (&"invited".into(), &"administrator".into()));

        let again = machine.json(&["user", "invite", "ada@acme.example", "--again"]);
        assert_ne!(again["link"], invited["link"]);
        let taken = machine.fails(3, &["user", "invite", "ada@acme.example", "--name", "Ada"]);
        assert_eq!(taken["kind"], "address-taken");
        assert_eq!(machine.fails(3, &["user", "deactivate", "ada@acme.example"])["kind"], "invited-is-withdrawn");
        let full = machine.fails(3, &["user", "invite", "ben@acme.example", "--name", "Ben"]);
        assert_eq!(full["kind"], "licenses-exhausted");
        assert!(full["hints"].to_string().contains("--add-license"), "{full}");
        let added = machine.json(&["user", "invite", "ben@acme.example", "--name", "Ben", "--add-license"]);
        assert_eq!(added["added_licenses"], 1);

        let before = state(machine);
        let plan = machine.json(&["user", "withdraw", "ada@acme.example", "--dry-run"]);
        assert_eq!(plan["plan"]["license_freed"], true);
        assert_eq!(state(machine), before);
        machine.json(&["user", "withdraw", "ada@acme.example"]);
        machine.fails(4, &["user", "show", "ada@acme.example"]);
        machine.fails(4, &["user", "invite", "cleo@acme.example", "--name", "Cleo", "--team", "Nowhere"]);
    }

    fn a_deactivation_is_previewed_done_once_and_undone(machine: &Machine) {
        machine.acme(3);
        machine.join("Ada");
        let before = state(machine);
        let args = ["user", "deactivate", "ada@acme.example", "--reason", "Extended leave", "--review", "2999-03-01"];
        let plan = machine.json(&[&args[..], &["--dry-run"]].concat());
        assert_eq!(plan["plan"]["sessions_ended"], 1);
        assert_eq!(plan["plan"]["license_freed"], true);
        assert_eq!(state(machine), before, "a dry run changes nothing");

        let receipt = machine.json(&args);
        assert_eq!(receipt["sessions_ended"], plan["plan"]["sessions_ended"]);
        let ada = machine.user("ada@acme.example");
        assert_eq!(ada["status"], "deactivated");
        assert_eq!(ada["reason"], "Extended leave");
        assert_eq!(ada["review_on"], "2999-03-01");
        assert_eq!(ada["sessions"], 0);
        assert_eq!(machine.json(&args)["changed"], false, "again is no error");
        assert_eq!(machine.fails(3, &["user", "link", "ada@acme.example"])["kind"], "deactivated-gets-no-link");
        assert_eq!(machine.fails(3, &["user", "invite", "ada@acme.example", "--name", "A"])["kind"], "address-of-deactivated");

        let undone = machine.json(&["user", "undo", step(&receipt)]);
        assert_eq!(undone["activated"].as_array().map(Vec::len), Some(1));
        let ada = machine.user("ada@acme.example");
        assert_eq!((&ada["status"], &ada["sessions"]), (&"active".into(), &0.into()));
        assert_eq!(machine.fails(3, &["user", "undo", step(&receipt)])["kind"], "undone-already");
        machine.fails(2, &["user", "deactivate", "ada@acme.example", "--review", "soon"]);
        assert_eq!(machine.fails(3, &["user", "deactivate", "ada@acme.example", "--review", "2001-01-01"])["kind"], "review-not-in-future");
    }

    fn an_activation_with_no_license_free_offers_each_way(machine: &Machine) {
        machine.acme(2);
        machine.join("Ada");
        machine.json(&["user", "deactivate", "ada@acme.example"]);
        machine.join("Ben");
        let before = state(machine);
        let full = machine.fails(3, &["user", "activate", "ada@acme.example"]);
        assert_eq!(full["kind"], "licenses-exhausted");
        assert!(full["hints"].to_string().contains("--swap"), "{full}");
        let swap = ["user", "activate", "ada@acme.example", "--swap", "ben@acme.example"];
        let plan = machine.json(&[&swap[..], &["--dry-run"]].concat());
        assert_eq!(plan["plan"]["swap"]["sessions_ended"], 1);
        machine.json(&["user", "activate", "ada@acme.example", "--add-license", "--dry-run"]);
        assert_eq!(state(machine), before, "neither a refusal nor a dry run changes anything");

        let swapped = machine.json(&swap);
        assert_eq!(machine.user("ben@acme.example")["status"], "deactivated");
        assert_eq!(machine.user("ada@acme.example")["status"], "active");
        machine.json(&["user", "undo", step(&swapped)]);
        assert_eq!(machine.user("ben@acme.example")["status"], "active");

        let added = machine.json(&["user", "activate", "ada@acme.example", "--add-license"]);
        assert_eq!((&added["owned"], &added["used"]), (&3.into(), &3.into()));
        assert_eq!(machine.json(&["user", "activate", "ada@acme.example"])["changed"], false);
    }

    fn a_deletion_is_confirmed_and_leaves_nothing(machine: &Machine) {
        machine.acme(2);
        machine.join("Ada");
        machine.json(&["user", "role", "ada@acme.example", "administrator"]);
        let refused = machine.fails(3, &["user", "delete", "ada@acme.example", "--dry-run"]);
        assert_eq!(refused["kind"], "delete-administrator");
        assert_eq!(machine.json(&["user", "role", "ada@acme.example", "member"])["changed"], true);

        let before = state(machine);
        let plan = machine.json(&["user", "delete", "ada@acme.example", "--dry-run"]);
        assert_eq!(plan["plan"]["sessions_ended"], 1);
        // Nobody is at a terminal here to confirm.
        assert_eq!(machine.fails(7, &["user", "delete", "ada@acme.example"])["kind"], "not-confirmed");
        assert_eq!(state(machine), before);

        let id = machine.user("ada@acme.example")["id"].as_str().expect("an id").to_owned();
        machine.json(&["user", "delete", "ada@acme.example", "--yes"]);
        machine.fails(4, &["user", "show", &id]);
        let log = machine.json(&["audit", "list", "--user", &id]);
        assert_eq!(log["entries"][0]["action"], "person.deleted");
        assert!(!log.to_string().to_lowercase().contains("ada@"), "{log}");
        assert_eq!(machine.json(&["audit", "verify"])["whole"], true);
    }

    fn users_are_listed_by_status_role_and_letters(machine: &Machine) {
        machine.acme(5);
        machine.join("Ada");
        machine.join("Ben");
        machine.json(&["user", "invite", "zoe@acme.example", "--name", "Zoë Ångström"]);
        machine.json(&["user", "deactivate", "ben@acme.example"]);
        let names = |args: &[&str]| -> Vec<String> {
            let list = machine.json(&[&["user", "list"], args].concat());
            let users = list["users"].as_array().expect("users").iter();
            users.map(|user| user["name"].as_str().expect("a name").to_owned()).collect()
        };
        assert_eq!(names(&[]), ["Ada", "Ben", "owner", "Zoë Ångström"]);
        assert_eq!(names(&["--status", "deactivated"]), ["Ben"]);
        assert_eq!(names(&["--status", "invited"]), ["Zoë Ångström"]);
        assert_eq!(names(&["--status", "never"]), ["owner"]);
        assert_eq!(names(&["--role", "owner"]), ["owner"]);
        assert_eq!(names(&["--search", "zoë"]), ["Zoë Ångström"]);
    }

    /// Rules 1 and 7: what stays and what goes of the work is counted in words, too.
    fn a_leave_and_a_deletion_say_what_is_held_of_the_work(machine: &Machine) {
        machine.acme(3);
        machine.join("Ada");
        let ada = "ada@acme.example";
        machine.json(&["team", "create", "Support"]);
        machine.json(&["bulk", "team", "Support", "--query", "q=ada"]);
        for title in ["One", "Two"] {
            machine.json(&["item", "create", title, "--assign", ada]);
        }
        machine.json(&["item", "create", "Three", "--follow", ada, "--requester", ada]);
        let says = |args: &[&str], words: &[&str]| {
            let text = machine.run(args).text;
            for words in words {
                assert!(text.contains(words), "{args:?} does not say {words:?}: {text}");
            }
        };
        let held = "2 items assigned, 1 item followed, 1 item requested";
        let (keeps, taken) = (format!("Keeps of open work: {held}"), format!("taken out of {held}"));
        says(&["user", "deactivate", ada, "--dry-run"], &[&keeps, "Stays in the teams: Support"]);
        says(&["user", "deactivate", ada], &[&keeps]);
        for verb in [&["user", "delete", ada, "--dry-run"][..], &["user", "delete", ada, "--yes"]] {
            says(verb, &[&taken, "taken out of the teams: Support"]);
        }
        machine.json(&["customer", "add", "cal@north.example", "--name", "Cal"]);
        machine.json(&["item", "create", "Four", "--requester", "cal@north.example"]);
        let text = machine.run(&["customer", "delete", "cal@north.example", "--dry-run"]).text;
        assert!(text.contains("taken out of 1 item requested") && !text.contains("team"), "{text}");
        let text = machine.run(&["customer", "list"]).text;
        assert!(text.contains("cal@north.example") && !text.contains("ROLE") && !text.contains("member"), "{text}");
    }

    fn the_owner_is_guarded_at_the_machine_too(machine: &Machine) {
        machine.acme(2);
        for (args, kind) in [
            (&["user", "deactivate", "owner@acme.example"][..], "deactivate-owner"),
            (&["user", "delete", "owner@acme.example", "--yes"], "delete-owner"),
            (&["user", "role", "owner@acme.example", "member"], "owner-by-transfer-only"),
        ] {
            let error = machine.fails(3, args);
            assert_eq!(error["kind"], kind);
            assert!(error["hints"].to_string().contains("tenure owner set"), "{error}");
        }
    }
}
