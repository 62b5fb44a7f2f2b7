use std::{collections::BTreeMap, path::Path};

use domain::{
    actor::{Actor, Door},
    id::PersonId,
    person::Kind,
};
use tenure::{
    app::App,
    config::{Config, Sources},
    demo,
    ops::{activation, deactivation},
    seal::AuditKey,
    store::{Store, Target, people},
    sys::Sys,
};

use super::*;

/// Of each table, how many rows there are and what stands in them.
type Dump = BTreeMap<String, (i64, Vec<String>)>;

fn dump(path: &Path) -> Dump {
    let db = Connection::open(path).expect("the file opens");
    let mut names = db
        .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite%'")
        .expect("a statement");
    let names: Vec<String> =
        names.query_map([], |row| row.get(0)).expect("names").map(|name| name.expect("a name")).collect();
    let of_table = |name: &String| {
        let mut statement = db.prepare(&format!("select * from {name}")).expect("a statement");
        let columns = statement.column_count();
        let read = |row: &rusqlite::Row<'_>| {
            (0..columns)
                .map(|at| row.get::<_, rusqlite::types::Value>(at))
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        let rows: Vec<String> = statement
            .query_map([], read)
            .expect("rows")
            .map(|row| format!("{:?}", row.expect("a row")))
            .collect();
        (name.clone(), (i64::try_from(rows.len()).expect("few"), rows))
    };
    names.iter().map(of_table).collect()
}

/// The tables that differ, with how many rows there are more.
fn changed(before: &Dump, after: &Dump) -> Vec<(String, i64)> {
    let differs = |(name, now): (&String, &(i64, Vec<String>))| {
        let was = &before[name];
        (was != now).then(|| (name.clone(), now.0 - was.0))
    };
    after.iter().filter_map(differs).collect()
}

async fn desk(folder: &Path) -> (App, Whom) {
    let data = ("data".to_owned(), folder.to_string_lossy().into_owned());
    let (config, _) =
        Config::load(&Sources { flags: vec![data], ..Sources::default() }).expect("a configuration");
    let store = Store::open(Target::Sqlite(folder.join("tenure.db"))).await.expect("a database");
    store.migrate().await.expect("a schema");
    let app = App::new(store, Sys::real(), config, AuditKey::new([7; 32])).expect("an app");
    let (workspace, _) = demo::tell_story(&app).await.expect("a story");
    demo::add_people(&app, workspace, Kind::User, 20, |_| ()).await.expect("people");
    let mut rx = app.store.reader().await.expect("a reader");
    let samir = people::by_email(&mut rx, workspace, "samir@acme.example").await.expect("a read");
    let by = samir.expect("Samir").person.id.uuid();
    drop(rx);
    let active: Vec<u8> = Connection::open(folder.join("tenure.db"))
        .expect("the file opens")
        .query_row(
            "select p.person_id from people p where p.kind = 'user' and p.status = 'active' and p.role = 'member' \
             and not exists (select 1 from sessions s where s.person_id = p.person_id) \
             and not exists (select 1 from holdings h where h.person_id = p.person_id) limit 1",
            [],
            |row| row.get(0),
        )
        .expect("somebody");
    let person = Uuid::from_slice(&active).expect("an id");
    (app, Whom { workspace, by, person })
}

/// A folder in which a test writes; gone with it.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_driver_writes_rows_of_the_tables_that_the_operation_writes() {
    let folder = Folder(std::env::temp_dir().join(format!("tenure-bench-rows-{}", std::process::id())));
    std::fs::create_dir(&folder.0).expect("a folder");
    let file = folder.0.join("tenure.db");
    let (app, whom) = desk(&folder.0).await;
    let id = PersonId::from_uuid(whom.person);
    let ctx = || app.ctx(whom.workspace, Actor::Cli { user: "test".into() }, Door::Cli);

    let start = dump(&file);
    let (away, back) = (ctx(), ctx());
    let op = async move |tx: &mut tenure::store::Tx| {
        deactivation::deactivate(tx, &away, id, deactivation::Input::default()).await
    };
    app.store.write(op).await.expect("a deactivation");
    let gone = dump(&file);
    let op = async move |tx: &mut tenure::store::Tx| {
        activation::activate(tx, &back, id, activation::Input::default()).await
    };
    app.store.write(op).await.expect("an activation");
    let returned = dump(&file);

    let driver = Sqlite::open(&file).expect("the driver opens");
    driver.write(&[(whom, To::Deactivated)]).expect("rows of a deactivation");
    let gone_by_hand = dump(&file);
    driver.write(&[(whom, To::Active)]).expect("rows of an activation");
    let returned_by_hand = dump(&file);

    assert_eq!(changed(&returned, &gone_by_hand), changed(&start, &gone), "a deactivation");
    assert_eq!(changed(&gone_by_hand, &returned_by_hand), changed(&gone, &returned), "an activation");
    assert_eq!(changed(&start, &gone).len(), 8, "each statement is about a table of its own");
    app.store.close().await;
}
