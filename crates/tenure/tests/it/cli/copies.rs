//! Backup, restore and the doctor.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::machine::{Ended, Machine, program};
use crate::support::both_engines;

/// The program on another data folder.
fn elsewhere(args: &[&str], data: &Path) -> Ended {
    let mut command = program();
    command.args(args).arg("--data").arg(data);
    Ended::of(command)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of UTF-8")
}

both_engines! {
    fn the_doctor_finds_a_fine_machine_fine(machine: &Machine) {
        machine.acme(3);
        machine.join("Ada");
        let found = machine.json(&["doctor"]);
        assert_eq!(found["healthy"], true, "{found}");
        let checks: Vec<&str> = found["findings"].as_array().expect("findings").iter()
            .map(|finding| finding["check"].as_str().expect("a check")).collect();
        for check in ["database", "integrity", "clock", "audit key", "audit log of Acme", "invariants of Acme"] {
            assert!(checks.contains(&check), "{check} is not in {checks:?}");
        }
        assert_eq!(checks.contains(&"durability"), !machine.is_sqlite());
    }
}

#[test]
fn a_backup_made_during_writes_is_whole_elsewhere_with_sessions_and_links_closed() {
    let machine = Machine::sqlite();
    machine.acme(50);
    machine.join("Ada");
    machine.json(&["user", "invite", "ben@acme.example", "--name", "Ben"]);
    let (stop, copy) = (AtomicBool::new(false), machine.path("copy.db"));
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = 0;
            while !stop.load(Ordering::Relaxed) {
                machine.json(&[
                    "user",
                    "invite",
                    &format!("u{written}@acme.example"),
                    "--name",
                    "U",
                    "--add-license",
                ]);
                written += 1;
            }
            written
        });
        let made = machine.json(&["backup", text(&copy)]);
        assert!(made["bytes"].as_u64().expect("a size") > 0);
        stop.store(true, Ordering::Relaxed);
        assert!(writer.join().expect("the writer") > 0);
    });
    machine.fails(3, &["backup", text(&copy)]);

    let (home, key) = (machine.path("elsewhere"), machine.data().join("audit.key"));
    let keyless = elsewhere(&["restore", text(&copy)], &home);
    assert_eq!(keyless.code, 1, "without the key it is refused");
    assert!(keyless.error.contains("seals the audit log and is in no backup"), "{}", keyless.error);
    assert!(keyless.error.contains(text(&home.join("audit.key"))), "where it belongs: {}", keyless.error);
    assert!(!home.exists(), "nothing is left");
    let other = machine.path("other.key");
    std::fs::write(&other, "ab".repeat(32)).expect("a key");
    let wrong = elsewhere(&["restore", text(&copy), "--audit-key", text(&other)], &home);
    assert_eq!(wrong.code, 1, "another key could not go on with the log");
    assert!(wrong.error.contains("not the one that sealed"), "{}", wrong.error);
    assert!(!home.exists(), "nothing is left");
    let done = elsewhere(&["restore", text(&copy), "--audit-key", text(&key), "--json"], &home);
    assert_eq!(done.code, 0, "{}", done.error);
    assert_eq!(done.json()["workspaces"][0]["sessions_ended"], 1);
    assert_eq!(done.error, "", "nothing to warn of");
    let next = done.json()["next"].to_string();
    let (to, doctor) = (home.join("audit.key"), format!("tenure doctor --data {}", text(&home)));
    assert!(next.contains(&format!("install -m 600 {} {}", text(&key), text(&to))), "{next}");
    assert!(next.contains(&doctor) && next.contains("tenure serve --data"), "{next}");

    let doctor = elsewhere(&["doctor", "--audit-key", text(&key)], &home);
    assert_eq!(doctor.code, 0, "{}", doctor.text);
    let ada = elsewhere(&["user", "show", "ada@acme.example", "--json"], &home).json();
    assert_eq!((&ada["status"], &ada["sessions"]), (&"active".into(), &0.into()));
    let log = elsewhere(&["audit", "list", "--limit", "1", "--json"], &home).json();
    assert_eq!(log["entries"][0]["action"], "workspace.restored");
    let open = open_links(&home);
    assert_eq!(open, 0, "every link is void");
    let left: Vec<_> =
        std::fs::read_dir(&home).expect("the folder").map(|file| file.expect("a file").file_name()).collect();
    // Two connections that close at the same moment may both leave the write-ahead log to the other.
    let others: Vec<_> =
        left.iter().filter(|name| !name.to_string_lossy().starts_with("tenure.db-")).collect();
    assert_eq!(others, ["tenure.db"]);
    assert_eq!(
        elsewhere(&["restore", text(&copy), "--audit-key", text(&key)], &home).code,
        3,
        "only into an empty place"
    );
}

fn open_links(home: &Path) -> i64 {
    super::machine::block_on(async {
        let target = tenure::store::Target::Sqlite(home.join("tenure.db"));
        let store = tenure::store::Store::open(target).await.expect("the database opens");
        let sql = tenure::store::Sql::both("select count(*) from links where closed is null");
        let mut rx = store.reader().await.expect("a reader");
        rx.one(&sql, &[], |row| row.get(0)).await.expect("it is counted").expect("a number")
    })
}

#[test]
fn what_is_no_backup_is_refused_and_leaves_nothing() {
    let machine = Machine::sqlite();
    machine.acme(2);
    let (home, key) = (machine.path("elsewhere"), machine.data().join("audit.key"));
    let (bad, empty) = (machine.path("bad.db"), machine.path("empty.db"));
    std::fs::write(&bad, "this is no database, however long it may be".repeat(200)).expect("a file");
    std::fs::write(&empty, "").expect("a file");
    let (torn, foreign) = (machine.path("torn.db"), machine.path("foreign.db"));
    let whole = std::fs::read(machine.data().join("tenure.db")).expect("the database");
    std::fs::write(&torn, &whole[..5_000]).expect("a file");
    let other = rusqlite::Connection::open(&foreign).expect("a database");
    other.execute_batch("create table notes (text text)").expect("a table");
    drop(other);
    // The file is looked at before the key, which nobody needs for what is no backup.
    let flags: [&[&str]; 2] = [&[], &["--audit-key", text(&key)]];
    for file in [&bad, &empty, &torn, &foreign] {
        for flags in flags {
            let ended = elsewhere(&[&["restore", text(file)][..], flags].concat(), &home);
            assert_eq!(ended.code, 1, "{}", ended.error);
            let says = format!("{} is not a backup that can be restored", text(file));
            assert!(ended.error.contains(&says), "{}", ended.error);
            assert!(!ended.error.contains("restoring-"), "{}", ended.error);
        }
    }
    assert_eq!(
        elsewhere(&["restore", text(&machine.path("none.db")), "--audit-key", text(&key)], &home).code,
        4
    );
    assert!(!home.exists(), "nothing is left");
}

#[test]
fn nothing_is_restored_beside_what_another_database_left() {
    let machine = Machine::sqlite();
    machine.acme(2);
    let (home, key, backup) =
        (machine.path("elsewhere"), machine.data().join("audit.key"), machine.path("backup.db"));
    machine.json(&["backup", text(&backup)]);
    std::fs::create_dir(&home).expect("a folder");
    for end in ["-wal", "-shm", "-journal"] {
        let left = home.join(format!("tenure.db{end}"));
        std::fs::write(&left, "left behind").expect("a file");
        let ended = elsewhere(&["restore", text(&backup), "--audit-key", text(&key)], &home);
        assert_eq!(ended.code, 3, "{}", ended.error);
        assert!(ended.error.contains(text(&left)), "{}", ended.error);
        assert!(!home.join("tenure.db").exists());
        std::fs::remove_file(&left).expect("removed");
    }
    assert_eq!(elsewhere(&["restore", text(&backup), "--audit-key", text(&key)], &home).code, 0);
}

#[test]
fn a_database_of_postgres_is_closed_after_its_own_restore() {
    let machine = Machine::postgres();
    machine.acme(3);
    machine.join("Ada");
    assert!(
        machine.fails(3, &["backup", text(&machine.path("x.db"))])["hints"].to_string().contains("pg_dump")
    );
    machine.fails(2, &["restore", text(&machine.path("x.db"))]);
    let done = machine.json(&["restore", "--loaded"]);
    assert_eq!(done["workspaces"][0]["sessions_ended"], 1);
    assert_eq!(machine.user("ada@acme.example")["sessions"], 0);
    assert_eq!(machine.json(&["doctor"])["healthy"], true);
}

#[cfg(unix)]
#[test]
fn the_doctor_warns_of_a_key_that_others_can_read_and_finds_broken_counters() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = Machine::sqlite();
    machine.acme(3);
    let key = machine.data().join("audit.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("it is opened");
    let found = machine.json(&["doctor"]);
    let of = |check: &str| {
        let findings = found["findings"].as_array().expect("findings").iter();
        findings.clone().find(|finding| finding["check"] == check).expect("the check").clone()
    };
    assert_eq!(of("audit key")["grade"], "warning");

    super::machine::block_on(async {
        let store = machine.store().await;
        let sql = tenure::store::Sql::both("update workspaces set users_never = users_never + 1");
        store.write(async move |tx| tx.exec(&sql, &[]).await).await.expect("it is changed");
        store.close().await;
    });
    let ended = machine.run(&["doctor"]);
    assert_eq!(ended.code, 6, "{}", ended.text);
    assert!(ended.text.contains("PROBLEM  invariants of Acme"), "{}", ended.text);
}
