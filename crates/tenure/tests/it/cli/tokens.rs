//! `tenure token`, and what deactivation and activation at the machine do to tokens.

use super::machine::Machine;
use crate::support::both_engines;

both_engines! {
    fn tokens_are_made_listed_suspended_restored_and_revoked(machine: &Machine) {
        machine.acme(3);
        machine.join("Ada");
        let made = machine.json(&["token", "create", "Nightly report", "--scope", "read", "--scope", "write"]);
        let (secret, id) = (made["secret"].as_str().expect("a secret"), made["token"]["id"].as_str().expect("an id"));
        assert!(secret.starts_with("tnr_"), "{secret}");
        assert_eq!(made["token"]["kind"], "service");
        let of_ada = machine.json(&["token", "create", "Script", "--scope", "read", "--for", "ada@acme.example", "--days", "30"]);
        assert_eq!(of_ada["token"]["kind"], "personal");
        let listed = machine.run(&["token", "list"]).text;
        assert!(listed.contains("Nightly report") && listed.contains("Script") && !listed.contains(secret), "{listed}");
        let hers = machine.json(&["token", "list", "--for", "ada@acme.example"]);
        assert_eq!(hers["tokens"].as_array().map(Vec::len), Some(1));

        for (verb, changed) in [("suspend", true), ("suspend", false), ("restore", true), ("restore", false), ("revoke", true), ("revoke", false)] {
            assert_eq!(machine.json(&["token", verb, id])["changed"], changed, "{verb}");
        }
        assert_eq!(machine.fails(3, &["token", "restore", id])["kind"], "token-revoked");
        assert_eq!(machine.fails(3, &["token", "create", "X", "--scope", "people", "--for", "ada@acme.example"])["kind"], "administrators-only");
        assert_eq!(machine.fails(3, &["token", "create", "X", "--scope", "read", "--days", "400"])["kind"], "token-life");
        machine.fails(2, &["token", "create", "X"]);
        machine.fails(2, &["token", "create", "X", "--scope", "everything"]);
        machine.fails(2, &["token", "create", "X", "--scope", "read", "--never-expires", "--for", "ada@acme.example"]);
        machine.fails(4, &["token", "revoke", "01960000-0000-7000-8000-000000000001"]);
    }

    fn tokens_go_with_their_owner_and_come_back_only_if_asked(machine: &Machine) {
        machine.acme(3);
        machine.join("Ada");
        machine.json(&["token", "create", "Script", "--scope", "read", "--for", "ada@acme.example"]);
        let state = || machine.json(&["token", "list", "--for", "ada@acme.example"])["tokens"][0]["state"].clone();
        let plan = machine.json(&["user", "deactivate", "ada@acme.example", "--dry-run"]);
        assert_eq!((&plan["plan"]["tokens_suspended"], state()), (&1.into(), "live".into()));
        assert_eq!(machine.json(&["user", "deactivate", "ada@acme.example"])["tokens_suspended"], 1);
        assert_eq!(state(), "suspended");
        assert_eq!(machine.json(&["user", "activate", "ada@acme.example"])["tokens_restored"], 0);
        assert_eq!(state(), "suspended");
        machine.json(&["user", "deactivate", "ada@acme.example"]);
        let back = machine.json(&["user", "activate", "ada@acme.example", "--restore-tokens"]);
        assert_eq!((&back["tokens_restored"], state()), (&1.into(), "live".into()));
    }
}
