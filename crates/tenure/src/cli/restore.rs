//! `tenure restore`.

use std::{
    fs::{self, File},
    io,
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
    ops::restore,
    seal::AuditKey,
    store::{MIGRATIONS, Store, Target},
    sys::Sys,
};

/// Put a backup in an empty place. Every session ends and every link becomes void, on the record.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenure restore /media/backup/tenure-2030-03-01.db --data /var/lib/tenure --audit-key /media/safe/audit.key
  pg_restore --dbname=tenure tenure.dump && tenure restore --loaded --database-url postgres://tenure@db/tenure

The audit key is not in a backup: put it in the data folder as audit.key, or name it with --audit-key.")]
pub(super) struct Restore {
    /// The backup.
    #[arg(required_unless_present = "loaded")]
    file: Option<PathBuf>,
    /// The backup is in the PostgreSQL database already, by `pg_restore`: only close its sessions and links.
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
                Ok(answer("the database", &done))
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
    if !file.is_file() {
        return Err(Failure::not_found(format!("there is no file {}", file.display())));
    }
    make_folder(&folder)?;
    let _alone = serve::alone(&folder)?;
    // Looked for before anything is copied: without its key the log could not go on.
    AuditKey::load(&config.audit_key(), &Sys::real(), false)?;
    let draft = Draft::copy(file, &folder)?;
    let place = draft.open(global, config).await?;
    let done = close_everything(&place).await?;
    place.close().await;
    draft.put(&home)?;
    Ok(answer(&home.display().to_string(), &done))
}

/// A copy beside its coming place: only a whole one, with everything closed, gets the name that a server opens.
struct Draft(PathBuf);

impl Draft {
    fn copy(from: &Path, folder: &Path) -> Result<Self, Failure> {
        let draft = Self(folder.join(format!("restoring-{}.db", Sys::real().uuid7().simple())));
        let wrong = |error: io::Error| Failure::failed(format!("cannot copy {}: {error}", from.display()));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut to = options.open(&draft.0).map_err(wrong)?;
        let mut source = File::open(from).map_err(wrong)?;
        io::copy(&mut source, &mut to).and_then(|_| to.sync_all()).map_err(wrong)?;
        Ok(draft)
    }

    /// Opens it, once it is known to be a sound backup of this program.
    async fn open(&self, global: &Global, config: Config) -> Result<Place, Failure> {
        let not_ours =
            |why: String| Failure::failed(format!("this is not a backup that can be restored: {why}"));
        let store =
            Store::open(Target::Sqlite(self.0.clone())).await.map_err(|error| not_ours(words(error)))?;
        let pending = store.pending().await.map_err(|error| not_ours(words(error)))?;
        if pending.len() == MIGRATIONS.len() {
            return Err(not_ours("it holds no workspace's tables".into()));
        }
        if let Some(damage) = store.integrity().await?.first() {
            return Err(not_ours(damage.clone()));
        }
        store.migrate().await?;
        Ok(Place::over(store, global, config))
    }

    fn put(self, home: &Path) -> Result<(), Failure> {
        // Unlike a rename this never replaces a file that appeared meanwhile.
        let folder = home.parent().unwrap_or(Path::new("."));
        fs::hard_link(&self.0, home).and_then(|()| File::open(folder)?.sync_all()).map_err(|error| {
            Failure::failed(format!("cannot put the database at {}: {error}", home.display()))
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let mut name = self.0.clone().into_os_string();
            name.push(end);
            // Most of them are not there.
            let _ = fs::remove_file(name);
        }
    }
}

fn words(error: crate::Error) -> String {
    match error {
        crate::Error::Store(error) => error.to_string(),
        error => error.to_string(),
    }
}

async fn close_everything(place: &Place) -> Result<Vec<(WorkspaceId, String, i64)>, Failure> {
    let mut done = Vec::new();
    for workspace in place.all().await? {
        let ctx = place.ctx(workspace.id);
        let restored = place.store.write(async move |tx| restore::restored(tx, &ctx).await).await?;
        place.seal(workspace.id).await;
        done.push((workspace.id, workspace.name, restored.sessions_ended));
    }
    Ok(done)
}

fn answer(home: &str, done: &[(WorkspaceId, String, i64)]) -> Answer {
    let mut lines = vec![format!("Restored into {home}.")];
    lines.extend(done.iter().map(|(_, name, ended)| {
        format!("{name}: {} ended, every link is void.", table::count(*ended, "session"))
    }));
    lines.push("Everybody signs in again. Look it over with: tenure doctor".into());
    let list: Vec<Value> = done
        .iter()
        .map(|(id, name, ended)| json!({ "id": id, "name": name, "sessions_ended": ended }))
        .collect();
    Answer::new(lines.join("\n"), json!({ "database": home, "workspaces": list }))
}
