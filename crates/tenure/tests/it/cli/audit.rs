//! The audit log at the machine: listed, sealed, verified, and not fooled.

use super::machine::{Ended, Machine, block_on};
use crate::support::both_engines;

/// Changes rows behind the program's back.
fn tamper(machine: &Machine, statement: &'static str) {
    block_on(async {
        let store = machine.store().await;
        let sql = tenure::store::Sql::both(statement);
        let rows = store.write(async move |tx| tx.exec(&sql, &[]).await).await.expect("it is changed");
        assert!(rows > 0, "{statement} meets a row");
        store.close().await;
    });
}

/// A log with some entries; answers a checkpoint kept outside.
fn some_entries(machine: &Machine) -> String {
    machine.acme(4);
    machine.join("Ada");
    machine.json(&["user", "deactivate", "ada@acme.example", "--reason", "Leave"]);
    let checkpoint = machine.json(&["audit", "checkpoint"]);
    checkpoint["checkpoint"].as_str().expect("a checkpoint").to_owned()
}

both_engines! {
    fn what_the_machine_does_is_on_the_record_and_sealed(machine: &Machine) {
        some_entries(machine);
        let log = machine.json(&["audit", "list", "--limit", "1"]);
        let entry = &log["entries"][0];
        assert_eq!(entry["action"], "person.deactivated");
        assert_eq!(entry["personal"]["reason"], "Leave");
        let user = std::process::Command::new("id").arg("-un").output().expect("id runs").stdout;
        let user = String::from_utf8(user).expect("UTF-8");
        assert!(entry["actor_label"].as_str().expect("a user").starts_with(user.trim()), "{entry}");
        let whole = machine.json(&["audit", "verify"]);
        assert_eq!(whole["whole"], true);
        assert_eq!(whole["waiting_to_be_sealed"], 0);
        machine.fails(2, &["audit", "list", "--action", "bogus"]);
    }

    fn a_changed_entry_is_found(machine: &Machine) {
        some_entries(machine);
        tamper(machine, "update audit set after = '{}' where action = 'person.deactivated'");
        let ended = machine.run(&["audit", "verify"]);
        assert_eq!(ended.code, 6, "{}", ended.text);
        assert!(ended.text.contains("broken at entry"), "{}", ended.text);
        assert_eq!(machine.run(&["doctor"]).code, 6);
    }

    fn a_changed_reason_is_found(machine: &Machine) {
        some_entries(machine);
        tamper(machine, "update audit_personal set value = '{\"reason\":\"None\"}' where value like '%Leave%'");
        assert_eq!(machine.run(&["audit", "verify"]).code, 6);
    }

    fn a_reason_taken_out_is_found(machine: &Machine) {
        some_entries(machine);
        tamper(machine, "delete from audit_personal where value like '%Leave%'");
        let ended = machine.run(&["audit", "verify"]);
        assert_eq!(ended.code, 6, "{}", ended.text);
        assert!(ended.text.contains("are gone, though their person is not"), "{}", ended.text);
    }

    fn an_entry_taken_out_is_found(machine: &Machine) {
        some_entries(machine);
        tamper(machine, "delete from audit where action = 'person.invited' and personal_hash is null or seq = 1 and personal_hash is null");
        assert_eq!(machine.run(&["audit", "verify"]).code, 6);
    }

    fn a_log_cut_at_its_end_is_found_alone_and_by_a_checkpoint_kept_outside(machine: &Machine) {
        let checkpoint = some_entries(machine);
        let kept = machine.path("checkpoints");
        std::fs::write(&kept, format!("# kept outside\n{checkpoint}\n")).expect("a file");
        let kept = kept.to_str().expect("a path");
        assert_eq!(machine.json(&["audit", "verify", "--checkpoints", kept])["whole"], true);
        let alone = machine.run(&["audit", "verify"]);
        assert!(alone.code == 0 && alone.text.contains("only against a checkpoint"), "{}", alone.text);

        // As somebody would who can write to the database: the last entry goes, and the head with it.
        tamper(machine, "delete from audit_personal where audit_id in (select a.audit_id from audit a where a.action = 'person.deactivated')");
        tamper(machine, "delete from audit where action = 'person.deactivated'");
        tamper(machine, "update audit_heads set seq = (select max(a.seq) from audit a), \
            mac = (select a.mac from audit a order by a.seq desc limit 1)");
        let alone = machine.run(&["audit", "verify"]);
        assert_eq!(alone.code, 6, "{}", alone.text);
        assert!(alone.text.contains("moved here without the key"), "{}", alone.text);
        let ended = machine.run(&["audit", "verify", "--checkpoints", kept]);
        assert_eq!(ended.code, 6);
        assert!(ended.text.contains("was cut"), "{}", ended.text);

        std::fs::write(machine.path("bad"), "12:xyz\n").expect("a file");
        machine.fails(2, &["audit", "verify", "--checkpoints", machine.path("bad").to_str().expect("a path")]);
    }

    fn one_file_holds_the_checkpoints_of_several_workspaces(machine: &Machine) {
        machine.acme(4);
        machine.json(&["workspace", "host", "acme.example", "--workspace", "Acme"]);
        machine.json(&["workspace", "create", "Beta", "--owner", "bo@beta.example", "--licenses", "3", "--host", "beta.example"]);
        let of = |workspace: &str| {
            let ended = machine.run(&["audit", "checkpoint", "-w", workspace]);
            assert_eq!(ended.code, 0, "{}", ended.error);
            ended.text
        };
        let (beta, acme) = (of("Beta"), of("Acme"));
        assert!(beta.trim().split(' ').count() == 2 && acme.trim() != beta.trim(), "{beta}{acme}");
        let kept = machine.path("both");
        std::fs::write(&kept, format!("{beta}{acme}{beta}")).expect("a file");
        let verify = |workspace: &str| {
            machine.run(&["audit", "verify", "--checkpoints", kept.to_str().expect("a path"), "-w", workspace])
        };
        let (of_acme, of_beta) = (verify("Acme"), verify("Beta"));
        assert_eq!((of_acme.code, of_beta.code), (0, 0), "{}{}", of_acme.text, of_beta.text);
        assert!(of_acme.text.contains("held against 1 checkpoint kept outside; 2 of other workspaces"), "{}", of_acme.text);
        assert!(of_beta.text.contains("held against 2 checkpoints kept outside; 1 of another"), "{}", of_beta.text);
        // One that names the workspace and was never its is still found to be wrong.
        let (id, _) = acme.split_once(' ').expect("two parts");
        let (_, head) = beta.split_once(' ').expect("two parts");
        std::fs::write(&kept, format!("{id} {head}")).expect("a file");
        assert_eq!(verify("Acme").code, 6);
        assert!(verify("Beta").text.contains("No checkpoint of this workspace"), "{}", verify("Beta").text);
        std::fs::write(&kept, format!("acme {head}")).expect("a file");
        assert_eq!(verify("Acme").code, 2);
    }

    fn another_key_is_told_and_seals_nothing(machine: &Machine) {
        some_entries(machine);
        let other = machine.path("other.key");
        std::fs::write(&other, "ab".repeat(32)).expect("a key");
        let mut command = machine.command(&["audit", "checkpoint"]);
        // The later flag wins nowhere: it is given in the environment instead.
        if machine.is_sqlite() {
            command.arg("--audit-key").arg(&other);
            let ended = Ended::of(command);
            assert_eq!(ended.code, 1, "{}", ended.text);
            assert!(ended.error.contains("not the one"), "{}", ended.error);
            let mut doctor = machine.command(&["doctor"]);
            doctor.arg("--audit-key").arg(&other);
            assert_eq!(Ended::of(doctor).code, 6);
            // Nothing would be sealed while it served.
            let mut serve = machine.command(&["serve", "--listen", "127.0.0.1:0"]);
            serve.arg("--audit-key").arg(&other);
            let ended = Ended::of(serve);
            assert_eq!(ended.code, 1, "{}", ended.text);
            assert!(ended.error.contains("seals the log of workspace Acme"), "{}", ended.error);
        }
        assert_eq!(machine.json(&["audit", "verify"])["whole"], true);
    }
}
