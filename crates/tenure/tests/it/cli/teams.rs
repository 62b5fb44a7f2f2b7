//! Teams, profiles and sessions at the machine.

use super::machine::Machine;
use crate::support::both_engines;

both_engines! {
    fn teams_are_made_filled_renamed_and_deleted(machine: &Machine) {
        machine.acme(5);
        machine.join("Ada");
        let made = machine.json(&["team", "create", " Support "]);
        let id = made["team"].as_str().expect("an id").to_owned();
        assert_eq!(made["name"], "Support");
        assert_eq!(machine.fails(3, &["team", "create", "SUPPORT"])["kind"], "team-name-taken");
        machine.fails(2, &["team", "create", " "]);

        for (named, changed) in [("support", true), (id.as_str(), false)] {
            let added = machine.json(&["team", "add", named, "ada@acme.example"]);
            assert_eq!(added["changed"], changed, "by {named}");
        }
        assert!(machine.fails(4, &["team", "add", "Nobody", "ada@acme.example"])["hints"].to_string().contains("Support"));
        machine.fails(4, &["team", "add", "Support", "nobody@acme.example"]);
        let list = machine.json(&["team", "list"]);
        assert_eq!((&list["teams"][0]["name"], &list["teams"][0]["members"]), (&"Support".into(), &1.into()));
        assert_eq!(machine.user("ada@acme.example")["teams"][0]["name"], "Support");

        assert_eq!(machine.json(&["team", "rename", "support", "First line"])["changed"], true);
        assert_eq!(machine.json(&["team", "rename", &id, "First line"])["changed"], false);
        let log = machine.json(&["audit", "list", "--action", "team.renamed"]);
        assert_eq!(log["entries"].as_array().map(Vec::len), Some(1), "the second changed nothing");
        assert_eq!((&log["entries"][0]["door"], &log["entries"][0]["after"]["name"]), (&"cli".into(), &"First line".into()));
        machine.fails(4, &["team", "remove", "Support", "ada@acme.example"]);

        machine.json(&["user", "deactivate", "ada@acme.example"]);
        assert_eq!(machine.json(&["team", "remove", "First line", "ada@acme.example"])["changed"], true);
        let refused = machine.fails(3, &["team", "add", "First line", "ada@acme.example"]);
        assert_eq!(refused["kind"], "deactivated-gets-nothing-new");

        machine.fails(7, &["team", "delete", "First line"]);
        assert_eq!(machine.json(&["team", "delete", "First line", "--yes"])["members"], 0);
        assert_eq!(machine.json(&["team", "list"])["teams"].as_array().map(Vec::len), Some(0));
        assert_eq!(machine.json(&["audit", "verify"])["waiting_to_be_sealed"], 0, "what the machine did is sealed");
    }

    fn a_profile_is_changed_as_far_as_it_is_named(machine: &Machine) {
        machine.acme(5);
        machine.join("Ada");
        machine.json(&["user", "invite", "ben@acme.example", "--name", "Ben"]);
        machine.fails(2, &["user", "edit", "ada@acme.example"]);
        let edited = machine.json(&["user", "edit", "ada@acme.example", "--name", "Ada King", "--time-zone", "Asia/Tokyo"]);
        assert_eq!((&edited["changed"], &edited["time_zone"]), (&true.into(), &"Asia/Tokyo".into()));
        let same = machine.json(&["user", "edit", "ada@acme.example", "--name", "Ada King"]);
        assert_eq!(same["changed"], false);
        let moved = machine.json(&["user", "edit", "ada@acme.example", "--email", "king@acme.example", "--language", "en"]);
        assert_eq!((&moved["email"], &moved["name"]), (&"king@acme.example".into(), &"Ada King".into()));
        machine.fails(4, &["user", "show", "ada@acme.example"]);
        let back = machine.json(&["user", "edit", "king@acme.example", "--time-zone", "", "--language", ""]);
        assert_eq!((&back["time_zone"], &back["language"]), (&"".into(), &"".into()), "as the workspace");
        assert_eq!(machine.fails(3, &["user", "edit", "king@acme.example", "--email", "BEN@acme.example"])["kind"], "address-taken");
        for wrong in [["--email", "nonsense"], ["--time-zone", "Moon/Base"], ["--language", "tlh"], ["--name", " "]] {
            machine.fails(2, &[&["user", "edit", "king@acme.example"][..], &wrong].concat());
        }
        let log = machine.json(&["audit", "list", "--action", "profile.changed"]);
        assert_eq!(log["entries"].as_array().map(Vec::len), Some(3));
    }

    fn sessions_are_listed_and_ended(machine: &Machine) {
        machine.acme(5);
        machine.join("Ada");
        let sessions = || {
            let listed = machine.json(&["user", "sessions", "ada@acme.example"]);
            listed["sessions"].as_array().expect("sessions").clone()
        };
        let open = sessions();
        assert_eq!(open.len(), 1);
        let id = open[0]["id"].as_str().expect("an id");
        assert!(machine.run(&["user", "sessions", "ada@acme.example"]).text.contains(id));
        // Another's session is not ended by this name.
        machine.fails(4, &["user", "sessions", "owner@acme.example", "--end", id]);
        machine.fails(2, &["user", "sessions", "ada@acme.example", "--end", id, "--end-all"]);
        assert_eq!(machine.json(&["user", "sessions", "ada@acme.example", "--end", id])["ended"], 1);
        assert!(sessions().is_empty());
        machine.fails(4, &["user", "sessions", "ada@acme.example", "--end", id]);
        assert_eq!(machine.json(&["user", "sessions", "ada@acme.example", "--end-all"])["ended"], 0);
        machine.join("Ben");
        assert_eq!(machine.json(&["user", "sessions", "ben@acme.example", "--end-all"])["ended"], 1);
        let log = machine.json(&["audit", "list", "--action", "session.ended"]);
        assert_eq!(log["entries"].as_array().map(Vec::len), Some(2), "what changed nothing is not recorded");
    }
}
