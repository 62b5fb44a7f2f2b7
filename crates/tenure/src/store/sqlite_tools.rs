//! Backup and checks of the embedded engine.

use super::sqlite::{Role, connect, misnumbered};
use super::{Engine, Error, Sql};
use crate::Result;
use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};

async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T> {
    let joined = tokio::task::spawn_blocking(work).await;
    Ok(joined.map_err(|e| Error::Panicked(e.to_string()))??)
}

/// Copies the database into `to`, which must not exist. The copy is complete and on disk, or not there.
pub(super) async fn backup(from: PathBuf, to: PathBuf) -> Result<()> {
    on_blocking_thread(move || copy(&from, &to)).await
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let exists = to.try_exists().map_err(|e| Error::file(format!("cannot look at {}", to.display()), e))?;
    if exists {
        let taken = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(Error::file(format!("cannot back up to {}", to.display()), taken));
    }
    let mut name = to.as_os_str().to_owned();
    name.push(format!(".part-{}", std::process::id()));
    let part = PathBuf::from(name);
    let outcome = fill(from, &part).and_then(|()| place(&part, to));
    if outcome.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    outcome
}

fn fill(from: &Path, part: &Path) -> Result<(), Error> {
    use std::os::unix::fs::OpenOptionsExt;
    let wrong = |e| Error::file(format!("cannot write {}", part.display()), e);
    let file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(part).map_err(wrong)?;
    let db = connect(from, Role::Tool)?;
    // One read snapshot, so that writers neither wait nor make it begin again; free pages, and with them what was
    // deleted, stay behind.
    let into = part.to_str().ok_or_else(|| wrong(std::io::ErrorKind::InvalidFilename.into()))?;
    db.execute("vacuum into ?1", [into]).map_err(|e| Error::sqlite("backup", e))?;
    // SQLite does not sync this file itself.
    file.sync_all().map_err(wrong)?;
    let copy = Connection::open_with_flags(part, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|e| Error::sqlite("backup", e))?;
    let found = pragma_words(&copy, "pragma quick_check(1)")?;
    match found.first() {
        Some(problem) => Err(Error::Unsuitable(format!("the copy is damaged: {problem}"))),
        None => Ok(()),
    }
}

fn place(part: &Path, to: &Path) -> Result<(), Error> {
    let wrong = |e| Error::file(format!("cannot put the backup at {}", to.display()), e);
    // Unlike a rename this never replaces a file that appeared meanwhile.
    std::fs::hard_link(part, to).and_then(|()| std::fs::remove_file(part)).map_err(wrong)?;
    let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|f| f.sync_all()).map_err(wrong)
}

pub(super) async fn integrity(path: PathBuf) -> Result<Vec<String>> {
    on_blocking_thread(move || {
        let db = connect(&path, Role::Tool)?;
        let mut found = pragma_words(&db, "pragma integrity_check")?;
        let failed = |e| Error::sqlite("foreign key check", e);
        let mut orphans = db.prepare("pragma foreign_key_check").map_err(failed)?;
        let orphans = orphans
            .query_map([], |row| {
                let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
                Ok(format!("a row of {table} points to a row of {parent} that is not there"))
            })
            .map_err(failed)?;
        for orphan in orphans {
            found.push(orphan.map_err(failed)?);
        }
        Ok(found)
    })
    .await
}

/// What a checking pragma complains about; "ok" is no complaint.
fn pragma_words(db: &Connection, pragma: &str) -> Result<Vec<String>, Error> {
    let read = || -> rusqlite::Result<Vec<String>> {
        let mut statement = db.prepare(pragma)?;
        let words = statement.query_map([], |row| row.get::<_, String>(0))?;
        words.filter(|word| !matches!(word, Ok(ok) if ok == "ok")).collect()
    };
    read().map_err(|e| Error::sqlite("integrity check", e))
}

pub(super) fn prepare_all(path: &Path, list: &[(&str, Sql)]) -> Result<Vec<String>, Error> {
    let db = connect(path, Role::Tool)?;
    let mut wrong = Vec::new();
    for (name, sql) in list {
        if let Err(problem) = check(&db, sql) {
            wrong.push(format!("{name} ({}): {problem}", sql.name()));
        }
    }
    Ok(wrong)
}

fn check(db: &Connection, sql: &Sql) -> Result<(), String> {
    let text = sql.text(Engine::Sqlite);
    let statement = db.prepare(text).map_err(|e| e.to_string())?;
    for index in 1..=statement.parameter_count() {
        if let Some(name) = misnumbered(&statement, index) {
            return Err(format!(
                "value {index} is called {name}: on SQLite they must first appear in the order of \
                their numbers"
            ));
        }
    }
    match scanned(db, text).map_err(|e| e.to_string())? {
        Some(step) if !sql.is_scan() => {
            Err(format!("it reads a whole table or index ({step}); give it an index, or mark it `scan`"))
        }
        _ => Ok(()),
    }
}

/// The first step of the plan that reads all of a table.
fn scanned(db: &Connection, text: &str) -> rusqlite::Result<Option<String>> {
    let mut plan = db.prepare(&format!("explain query plan {text}"))?;
    let mut tables = db.prepare_cached("select 1 from sqlite_schema where type = 'table' and name = ?1")?;
    let mut steps = plan.raw_query();
    while let Some(step) = steps.next()? {
        let step: String = step.get(3)?;
        if let Some(table) = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next())
            && tables.exists([table])?
        {
            return Ok(Some(step));
        }
    }
    Ok(None)
}
