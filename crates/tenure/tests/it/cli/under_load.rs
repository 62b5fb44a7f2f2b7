//! A backup made while a server takes writes: restored elsewhere it is whole, and holds all that was acknowledged before
//! it began.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use reqwest::{Method, StatusCode};
use serde_json::json;
use tenure::store::{Sql, Store};

use super::machine::{Machine, Running, block_on};
use crate::support::{both_engines, http::Browser};

/// How many clients write.
const WRITERS: usize = 4;
/// How many writes are acknowledged before the backup begins, and how many more while it and the copy are made.
const BEFORE: usize = 30;

/// What was acknowledged: items by title, and what their files hold.
#[derive(Debug, Clone, Default)]
struct Journal {
    titles: BTreeSet<String>,
    files: BTreeSet<String>,
}

impl Journal {
    fn len(&self) -> usize {
        self.titles.len() + self.files.len()
    }
}

/// Makes tasks, each with a file, one after the other until it is told to stop; writes down what was answered.
async fn write(browser: Browser, writer: usize, stop: Arc<AtomicBool>, journal: Arc<Mutex<Journal>>) {
    for turn in 0..2_000 {
        if stop.load(SeqCst) {
            return;
        }
        let title = format!("Task {writer} {turn}");
        let request =
            browser.request(Method::POST, "/api/v1/items").json(&json!({ "kind": "task", "title": title }));
        let page = browser.send(request).await;
        assert_eq!(page.status, StatusCode::CREATED, "{page:?}");
        journal.lock().expect("the journal").titles.insert(title);
        let number = page.json()["number"].as_i64().expect("a number");
        let bytes = format!("file {writer} {turn} {}", "x".repeat(turn * 37 % 5_000));
        let to = format!("/items/{number}/messages");
        let sent = browser
            .send_form(&to, &[("kind", "note"), ("body", "")], &[("note.txt", bytes.as_bytes())])
            .await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        journal.lock().expect("the journal").files.insert(bytes);
    }
}

/// Waits until so much is acknowledged.
async fn until(journal: &Mutex<Journal>, length: usize) -> Journal {
    for _ in 0..6_000 {
        let now = journal.lock().expect("the journal").clone();
        if now.len() >= length {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the writers write nothing");
}

/// As `rsync -a` does.
fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            fs::copy(&from, &to).expect("a copy");
        }
    }
}

/// Backs the database up, each engine by its own means.
fn back_up(machine: &Machine, to: &Path) {
    let to = to.to_str().expect("UTF-8");
    if machine.is_sqlite() {
        machine.json(&["backup", to]);
    } else {
        let made = Command::new("pg_dump").args(["--format=custom", "--file", to, &machine.uri()]).output();
        let made = made.expect("pg_dump runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}

/// Restores it into a machine of its own, as docs/operations.md says.
fn restore(machine: &Machine, from: &Path) -> Machine {
    let text = from.to_str().expect("UTF-8");
    let key = machine.audit_key();
    let other = if machine.is_sqlite() {
        let other = Machine::sqlite();
        other.json(&["restore", text, "--audit-key", key.to_str().expect("UTF-8")]);
        other
    } else {
        let other = Machine::postgres();
        let args = ["--exit-on-error", "--no-owner", "--dbname", &other.uri(), text];
        let made = Command::new("pg_restore").args(args).output().expect("pg_restore runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        fs::copy(&key, other.audit_key()).expect("the key is brought");
        other.json(&["restore", "--loaded"]);
        other
    };
    if machine.is_sqlite() {
        fs::copy(&key, other.audit_key()).expect("the key is brought");
    }
    other
}

/// One column of every row, as text.
async fn column(store: &Store, query: &str) -> Vec<String> {
    let sql = Sql::built(query.to_owned());
    let mut rx = store.reader().await.expect("a reader");
    rx.all(&sql, &[], |row| row.get::<String>(0)).await.expect("a read")
}

/// Every file below a folder, by its name.
fn files(folder: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.path().is_dir() {
            files(&entry.path(), into);
        } else {
            let name = entry.file_name().to_string_lossy().into_owned();
            into.insert(name, fs::read_to_string(entry.path()).expect("a file"));
        }
    }
}

/// Everything acknowledged is there, and nothing is there by half.
async fn holds(machine: &Machine, before: &Journal) {
    let store = machine.store().await;
    let titles: BTreeSet<String> = column(&store, "select title from items").await.into_iter().collect();
    let lost: Vec<_> = before.titles.difference(&titles).collect();
    assert!(lost.is_empty(), "acknowledged before the backup, and lost: {lost:?}");
    let mut found = BTreeMap::new();
    files(&machine.data().join("attachments"), &mut found);
    let id = if machine.is_sqlite() {
        "lower(hex(attachment_id))"
    } else {
        "replace(attachment_id::text, '-', '')"
    };
    let rows =
        column(&store, &format!("select {id} || ' ' || size from attachments order by attachment_id")).await;
    let mut of_rows = BTreeSet::new();
    for row in &rows {
        let (id, size) = row.split_once(' ').expect("an id and a size");
        let id = uuid::Uuid::try_parse(id).expect("an id").to_string();
        let bytes = found.get(&id).unwrap_or_else(|| panic!("the row {id} is without its file"));
        assert_eq!(bytes.len().to_string(), size, "{id} is whole");
        of_rows.insert(bytes.clone());
    }
    let lost = before.files.difference(&of_rows).count();
    assert_eq!(lost, 0, "files acknowledged before the backup, and lost");
    let torn = "select title from items where item_id not in (select subject_id from events where subject_id is not null)";
    assert_eq!(column(&store, torn).await, Vec::<String>::new(), "an item without the event of its making");
    let bare = "select 'x' from messages m where not exists (select 1 from attachments a where a.message_id = m.message_id)";
    assert_eq!(column(&store, bare).await, Vec::<String>::new(), "a message without its file");
    store.close().await;
}

both_engines! {
    fn what_was_acknowledged_before_a_backup_under_load_is_whole_elsewhere(machine: &Machine) {
        machine.acme(5);
        let token = machine.join("Ada");
        let mut command = machine.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("TENURE_RATES_REQUESTS_ACCOUNT", "off").env("TENURE_RATES_REQUESTS_ADDRESS", "off");
        let server = Running::start(command, &machine.path("server.log"));
        let backup = machine.path("backup");
        let kept = machine.path("attachments-copy");
        let (before, after) = block_on(async {
            let (stop, journal) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Journal::default())));
            let mut writers = tokio::task::JoinSet::new();
            for writer in 0..WRITERS {
                let browser = Browser::new(server.url("").trim_end_matches('/')).with_cookie("tenure", &token);
                writers.spawn(write(browser, writer, stop.clone(), journal.clone()));
            }
            let before = until(&journal, BEFORE).await;
            tokio::task::block_in_place(|| back_up(machine, &backup));
            // The folder after the database, while more is written.
            tokio::task::block_in_place(|| copy_folder(&machine.data().join("attachments"), &kept));
            let after = until(&journal, before.len() + BEFORE).await;
            stop.store(true, SeqCst);
            while let Some(writer) = writers.join_next().await {
                writer.expect("a writer ends well");
            }
            (before, after)
        });
        assert_eq!(server.end(), 0);
        assert!(after.len() > before.len(), "the backup was made while others wrote");

        let other = restore(machine, &backup);
        copy_folder(&kept, &other.data().join("attachments"));
        block_on(holds(&other, &before));
        let found = other.json(&["doctor"]);
        assert_eq!(found["healthy"], true, "{found}");
        assert_eq!(other.json(&["audit", "verify"])["whole"], true);
        assert_eq!(other.user("ada@acme.example")["sessions"], 0, "nobody comes in by an old session");
        // What was backed up lives on: it takes writes and seals them.
        other.json(&["user", "invite", "ben@acme.example", "--name", "Ben"]);
        assert_eq!(other.json(&["audit", "verify"])["whole"], true);
    }
}
