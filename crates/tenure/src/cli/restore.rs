//! `tenure restore`.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use clap::Args;
use domain::id::WorkspaceId;
use serde_json::{Value, json};

use super::{
    Global,
    answer::Answer,
    failure::Failure,
    place::{DATABASE, Place, load_config, make_folder},
    serve, table,
};
use crate::{
    config::Config,
    ops::{audit, restore},
    seal::{AuditKey, KeyError, KeySource},
    store::{self, MIGRATIONS, Store, Target},
    sys::Sys,
};

/// Put a backup in an empty place. Every session ends, every API token is suspended and every link becomes void, on
/// the record.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenure restore /media/backup/tenure-2030-03-01.db --data /var/lib/tenure --audit-key /media/safe/audit.key
  pg_restore --dbname=tenure tenure.dump && tenure restore --loaded --database-url postgres://tenure@db/tenure

The key that seals the audit log is in no backup, so that nobody who has a backup can forge the log. Bring audit.key
from the old server, or from where a copy of it is kept: put it in the data folder as audit.key, where the server
looks for it, or name it with --audit-key.")]
pub(super) struct Restore {
    /// The backup.
    #[arg(required_unless_present = "loaded")]
    file: Option<PathBuf>,
    /// The backup is in the PostgreSQL database already, by `pg_restore`: only close its sessions, tokens and links.
    #[arg(long, conflicts_with = "file")]
    loaded: bool,
}

impl Restore {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let config = load_config(global, &[])?;
        match (self.file, config.server.database_url.get()) {
            (Some(_), Some(_)) => {
                Err(Failure::usage("a file is restored into a data folder, not into PostgreSQL")
                    .hint("pg_restore into an empty database, then: tenure restore --loaded"))
            }
            (None, None) => Err(Failure::usage("--loaded is for a PostgreSQL database")),
            (Some(file), None) => from_file(global, config, &file).await,
            (None, Some(_)) => {
                let place = Place::open_or_create(global, config).await?;
                place.key().await?;
                let done = close_everything(&place).await?;
                place.close().await;
                let next = [
                    "Look it over: tenure doctor",
                    "Start the servers; everybody signs in again: tenure serve",
                ];
                Ok(answer("the database", &done, &next.map(str::to_owned)))
            }
        }
    }
}

async fn from_file(global: &Global, config: Config, file: &Path) -> Result<Answer, Failure> {
    let folder = config.server.data.clone();
    let home = folder.join(DATABASE);
    if home.exists() {
        return Err(Failure::refused(
            "not-empty",
            format!("there is a database at {} already", home.display()),
        )
        .hint("--data DIR names an empty place"));
    }
    nothing_left(&home)?;
    looks_right(file)?;
    let made = !folder.exists();
    make_folder(&folder)?;
    let alone = Alone { _lock: serve::alone(&folder)?, folder: folder.clone(), made };
    let draft = Draft::copy(file, &folder)?;
    let source = config.audit_key();
    let place = draft.open(global, config).await?;
    let done = async {
        // Before anything is changed: without its key the log could not go on.
        its_key(&place, &source).await?;
        close_everything(&place).await
    };
    let done = done.await;
    place.close().await;
    let done = done?;
    draft.put(&home)?;
    drop(draft);
    drop(alone);
    Ok(answer(&home.display().to_string(), &done, &next(&folder, &source)))
}

/// The engine would take what another database left here for a part of the restored one, and mix the two.
fn nothing_left(home: &Path) -> Result<(), Failure> {
    for end in ["-wal", "-shm", "-journal"] {
        let mut left = home.as_os_str().to_owned();
        left.push(end);
        let left = PathBuf::from(left);
        if left.exists() {
            return Err(Failure::refused(
                "not-empty",
                format!(
                    "{} is left of another database: it belongs to the file it was made with",
                    left.display()
                ),
            )
            .hint("move it away together with that file; --data DIR names an empty place"));
        }
    }
    Ok(())
}

/// What a database of the embedded engine begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Looked at before anything is made: a wrong file name should cost nothing.
fn looks_right(file: &Path) -> Result<(), Failure> {
    if !file.is_file() {
        return Err(Failure::not_found(format!("there is no file {}", file.display())));
    }
    let cannot = |error: io::Error| Failure::failed(format!("cannot read {}: {error}", file.display()));
    let mut head = Vec::new();
    let read = File::open(file).map_err(cannot)?.take(MAGIC.len() as u64).read_to_end(&mut head);
    read.map_err(cannot)?;
    if head == MAGIC { Ok(()) } else { Err(no_backup(file, "it is not a database")) }
}

/// The file as it was typed: nobody knows the name of its copy.
fn no_backup(file: &Path, why: &str) -> Failure {
    Failure::failed(format!("{} is not a backup that can be restored: {why}", file.display()))
        .hint("tenure backup FILE makes one")
}

/// The key that sealed the backup's log, told of to somebody who may not know that there is one.
async fn its_key(place: &Place, source: &KeySource) -> Result<(), Failure> {
    let help = |failure: Failure| {
        let failure = failure.hint(
            "the key seals the audit log and is in no backup, so that who has a backup cannot forge the log: bring \
             the file audit.key from the old server, or from where a copy of it is kept",
        );
        match source {
            KeySource::File(path) => {
                failure.hint(format!("put it at {}, or name it with --audit-key FILE", path.display()))
            }
            KeySource::Given(_) => failure.hint("audit.key of the configuration is another key"),
        }
    };
    let key = match AuditKey::load(source, &place.sys, false) {
        Ok(loaded) => loaded.key,
        Err(KeyError::Missing(path)) => {
            let what =
                format!("the audit key of this backup is not at {}: nothing was restored", path.display());
            return Err(help(Failure::failed(what)));
        }
        Err(error) => return Err(error.into()),
    };
    for workspace in place.all().await? {
        if !audit::key_fits(&mut place.store.reader().await?, workspace.id, &key).await? {
            let what = "this audit key is not the one that sealed the backup's log: nothing was restored";
            return Err(help(Failure::failed(what)));
        }
    }
    Ok(())
}

/// The folder, held against servers; when it is let go, nothing is left of that.
struct Alone {
    _lock: File,
    folder: PathBuf,
    made: bool,
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.folder.join(serve::LOCK));
        if self.made {
            // Only while it is empty.
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// A copy beside its coming place: only a whole one, with everything closed, gets the name that a server opens.
struct Draft {
    path: PathBuf,
    of: PathBuf,
}

impl Draft {
    fn copy(from: &Path, folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(format!("restoring-{}.db", Sys::real().uuid7().simple()));
        let draft = Self { path, of: from.to_owned() };
        let wrong = |error: io::Error| Failure::failed(format!("cannot copy {}: {error}", from.display()));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut to = options.open(&draft.path).map_err(wrong)?;
        let mut source = File::open(from).map_err(wrong)?;
        io::copy(&mut source, &mut to).and_then(|_| to.sync_all()).map_err(wrong)?;
        Ok(draft)
    }

    /// Opens it, once it is known to be a sound backup of this program.
    async fn open(&self, global: &Global, config: Config) -> Result<Place, Failure> {
        let wrong = |error: crate::Error| self.words(&error);
        let sound = async |store: &Store| -> Result<(), String> {
            if store.pending().await.map_err(wrong)?.len() == MIGRATIONS.len() {
                return Err("it holds no workspace's tables".into());
            }
            if let Some(damage) = store.integrity().await.map_err(wrong)?.first() {
                return Err(damage.clone());
            }
            store.migrate().await.map(drop).map_err(wrong)
        };
        let opened = Store::open(Target::Sqlite(self.path.clone())).await;
        let store = opened.map_err(|error| no_backup(&self.of, &self.words(&error)))?;
        if let Err(why) = sound(&store).await {
            store.close().await;
            return Err(no_backup(&self.of, &why));
        }
        Ok(Place::over(store, global, config))
    }

    /// What an error says, of the file that was named instead of its copy.
    fn words(&self, error: &crate::Error) -> String {
        let said = match error {
            crate::Error::Store(store::Error::Open { source, .. }) => source.to_string(),
            crate::Error::Store(error) => error.to_string(),
            error => error.to_string(),
        };
        said.replace(&*self.path.to_string_lossy(), &self.of.to_string_lossy())
    }

    fn put(&self, home: &Path) -> Result<(), Failure> {
        // Unlike a rename this never replaces a file that appeared meanwhile.
        let folder = home.parent().unwrap_or(Path::new("."));
        fs::hard_link(&self.path, home).and_then(|()| File::open(folder)?.sync_all()).map_err(|error| {
            Failure::failed(format!("cannot put the database at {}: {error}", home.display()))
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let mut name = self.path.clone().into_os_string();
            name.push(end);
            // Most of them are not there.
            let _ = fs::remove_file(name);
        }
    }
}

/// What is to be done before people can work again. The server looks for the key in its data folder.
fn next(folder: &Path, source: &KeySource) -> Vec<String> {
    let (data, usual) = (folder.display(), folder.join("audit.key"));
    let mut next = Vec::new();
    let mut flag = String::new();
    if let KeySource::File(path) = source
        && *path != usual
    {
        next.push(format!(
            "Copy the audit key to where the server looks for it:\n  install -m 600 {} {}\nor name it to every \
             command with --audit-key {}, as here.",
            path.display(),
            usual.display(),
            path.display()
        ));
        flag = format!(" --audit-key {}", path.display());
    }
    next.push(format!("Look it over:\n  tenure doctor --data {data}{flag}"));
    next.push(format!("Start the server; everybody signs in again:\n  tenure serve --data {data}{flag}"));
    next
}

async fn close_everything(place: &Place) -> Result<Vec<(WorkspaceId, String, restore::Restored)>, Failure> {
    let mut done = Vec::new();
    for workspace in place.all().await? {
        let ctx = place.ctx(workspace.id);
        let restored = place.store.write(async move |tx| restore::restored(tx, &ctx).await).await?;
        place.seal(workspace.id).await;
        done.push((workspace.id, workspace.name, restored));
    }
    Ok(done)
}

fn answer(home: &str, done: &[(WorkspaceId, String, restore::Restored)], next: &[String]) -> Answer {
    let mut lines = vec![format!("Restored into {home}.")];
    lines.extend(done.iter().map(|(_, name, closed)| {
        let sessions = table::count(closed.sessions_ended, "session");
        let tokens = table::count(closed.tokens_suspended, "API token");
        let webhooks = table::count(closed.webhooks_off, "webhook");
        format!("{name}: {sessions} ended, {tokens} suspended, {webhooks} switched off, every link is void.")
    }));
    lines.push("What to do next:".into());
    lines.extend(next.iter().zip(1..).map(|(step, number)| format!("{number}. {step}")));
    let list: Vec<Value> = done
        .iter()
        .map(|(id, name, closed)| {
            let (sessions, tokens) = (closed.sessions_ended, closed.tokens_suspended);
            let webhooks = closed.webhooks_off;
            json!({
                "id": id, "name": name, "sessions_ended": sessions, "tokens_suspended": tokens, "webhooks_off": webhooks
            })
        })
        .collect();
    Answer::new(lines.join("\n"), json!({ "database": home, "workspaces": list, "next": next }))
}
