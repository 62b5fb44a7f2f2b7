//! Files that were sent to be imported, until they are: each lies in the data folder, in a folder of this server's
//! own, and what is known of it stands in memory. An import is done whole or not at all, so nothing is lost with it.

use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{
    id::{ImportId, PersonId, WorkspaceId},
    person::Kind,
};
use jiff::{SignedDuration, Timestamp};
use tokio::task::AbortHandle;

use super::{BadRow, Wrong};
use crate::{
    ops::import::{Progress, Report},
    sys::Sys,
};

/// The folder in the data folder.
const FOLDER: &str = "uploads";
/// The file that a server holds for as long as its folder is in use.
const LOCK: &str = "lock";
/// How long a file waits for somebody to go on with it.
pub const WAITS_FOR: SignedDuration = SignedDuration::from_hours(1);
/// How long it can be looked at what became of an import.
pub const ENDED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How many files of one person may wait; with one more, the oldest goes.
const WAITING: usize = 3;

/// How a file is to be read, and what is allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// What columns of the file are, by name; see [`super::Mapping::read`].
    pub maps: Vec<(String, String)>,
    /// Leave out bad rows.
    pub skip_bad: bool,
    /// Also change the status of people who are there.
    pub update_status: bool,
    /// Deactivate more people than the brake lets pass.
    pub past_brake: bool,
    /// How many licenses are to be owned, when fewer are now.
    pub licenses: Option<i64>,
}

/// What a check has found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The numbers.
    pub report: Report,
    /// The first of the rows that are wrong.
    pub bad: Vec<BadRow>,
    /// What the brake says, where the import would pass it.
    pub brake: Option<String>,
}

/// How far it is with a file.
#[derive(Debug, Clone)]
pub enum Stage {
    /// Its columns are not understood.
    Wrong(Wrong),
    /// It is being checked.
    Checking(Arc<Progress>),
    /// It has been checked, and waits for somebody to confirm it.
    Checked(Found),
    /// It is being imported.
    Running(Arc<Progress>),
    /// It has been imported.
    Done(Found),
    /// It could not be done, for this reason.
    Failed(String),
}

/// What changes of an upload.
#[derive(Debug, Clone)]
pub struct State {
    /// How far it is.
    pub stage: Stage,
    /// What was chosen last.
    pub choices: Choices,
    /// Why nothing was imported when somebody confirmed it.
    pub notice: Option<String>,
    /// When somebody last did something with it.
    pub touched: Timestamp,
    /// Counts the turns of work, so that one which was overtaken says nothing any more.
    pub turn: u64,
    /// Stops the check under way.
    pub abort: Option<AbortHandle>,
}

/// A file that was sent.
#[derive(Debug)]
pub struct Upload {
    /// The id, as in addresses.
    pub id: ImportId,
    /// Whose people.
    pub workspace: WorkspaceId,
    /// What everybody in it is.
    pub kind: Kind,
    /// What its sender calls it.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Who sent it: id and name.
    pub by: (PersonId, String),
    /// When.
    pub at: Timestamp,
    /// Where it lies.
    pub path: PathBuf,
    state: Mutex<State>,
}

impl Upload {
    /// How far it is, to be looked at or changed.
    pub fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked with it has left a whole state: each is set in one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where all its bad rows are written.
    #[must_use]
    pub fn errors(&self) -> PathBuf {
        self.path.with_extension("errors.csv")
    }

    /// Whether it is being imported.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state().stage, Stage::Running(_))
    }

    fn is_done(&self) -> bool {
        matches!(self.state().stage, Stage::Done(_))
    }

    /// Removes the file of people; the list of its bad rows stays until the upload goes.
    pub fn remove_file(&self) {
        remove(&self.path);
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        remove(&self.path);
        remove(&self.errors());
    }
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "an uploaded file could not be removed");
        }
        _ => {}
    }
}

/// A file that is being received; gone unless it is kept.
#[derive(Debug)]
pub struct Receiving {
    id: ImportId,
    path: PathBuf,
    kept: bool,
}

impl Receiving {
    /// Where it is written to. The file is there, empty.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if !self.kept {
            remove(&self.path);
        }
    }
}

/// Whose file it is, and what they call it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Whose people.
    pub workspace: WorkspaceId,
    /// What everybody in it is.
    pub kind: Kind,
    /// What its sender calls it.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Who sent it: id and name.
    pub by: (PersonId, String),
    /// When.
    pub at: Timestamp,
}

/// This server's own folder, and the lock that says so.
#[derive(Debug)]
struct Own {
    path: PathBuf,
    _lock: File,
}

/// Every file that was sent to this server.
#[derive(Debug)]
pub struct Uploads {
    root: PathBuf,
    own: Mutex<Option<Own>>,
    all: Mutex<HashMap<ImportId, Arc<Upload>>>,
}

impl Uploads {
    /// In this data folder. Nothing is made there before a file comes.
    #[must_use]
    pub fn within(data: &Path) -> Self {
        Self { root: data.join(FOLDER), own: Mutex::default(), all: Mutex::default() }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ImportId, Arc<Upload>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This server's own folder, made when it is first needed.
    fn folder(&self, sys: &Sys) -> io::Result<PathBuf> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = own.as_ref().filter(|own| own.path.is_dir()) {
            return Ok(own.path.clone());
        }
        let path = self.root.join(sys.uuid7().to_string());
        make_folder(&path)?;
        let lock = File::create(path.join(LOCK))?;
        lock.try_lock()?;
        *own = Some(Own { path: path.clone(), _lock: lock });
        Ok(path)
    }

    /// A file to be written to, readable for the server alone.
    pub fn receive(&self, sys: &Sys) -> io::Result<Receiving> {
        let id: ImportId = domain::id::Id::from_uuid(sys.uuid7());
        let path = self.folder(sys)?.join(format!("{id}.csv"));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?;
        Ok(Receiving { id, path, kept: false })
    }

    /// Keeps a file that has arrived whole. The oldest file of the same person that waits goes, when too many do.
    pub fn keep(&self, mut receiving: Receiving, sent: Sent) -> Arc<Upload> {
        receiving.kept = true;
        let Sent { workspace, kind, name, bytes, by, at } = sent;
        let state = State {
            stage: Stage::Checking(Arc::default()),
            choices: Choices::default(),
            notice: None,
            touched: at,
            turn: 0,
            abort: None,
        };
        let (id, path) = (receiving.id, receiving.path.clone());
        let state = Mutex::new(state);
        let upload = Arc::new(Upload { id, workspace, kind, name, bytes, by, at, path, state });
        let mut all = self.all();
        let waits = |one: &&Arc<Upload>| {
            (one.workspace, one.by.0) == (workspace, upload.by.0) && !one.is_running() && !one.is_done()
        };
        let mut waiting: Vec<ImportId> = all.values().filter(waits).map(|one| one.id).collect();
        // Ids are in the order of their time.
        waiting.sort_unstable();
        let surplus = (waiting.len() + 1).saturating_sub(WAITING);
        for id in waiting.into_iter().take(surplus) {
            forget(&mut all, id);
        }
        all.insert(id, upload.clone());
        upload
    }

    /// A file of this workspace and kind.
    #[must_use]
    pub fn find(&self, workspace: WorkspaceId, kind: Kind, id: ImportId) -> Option<Arc<Upload>> {
        let found = self.all().get(&id).cloned();
        found.filter(|upload| upload.workspace == workspace && upload.kind == kind)
    }

    /// Every file of this workspace and kind, the latest first.
    #[must_use]
    pub fn list(&self, workspace: WorkspaceId, kind: Kind) -> Vec<Arc<Upload>> {
        let mut found: Vec<_> = self.all().values().cloned().collect();
        found.retain(|upload| upload.workspace == workspace && upload.kind == kind);
        found.sort_by_key(|upload| std::cmp::Reverse(upload.id));
        found
    }

    /// Forgets a file, unless it is being imported.
    pub fn discard(&self, id: ImportId) {
        let mut all = self.all();
        if all.get(&id).is_some_and(|upload| !upload.is_running()) {
            forget(&mut all, id);
        }
    }

    /// Forgets whatever nobody has gone on with for long, and removes what servers that ended have left.
    pub fn sweep(&self, now: Timestamp) {
        self.all().retain(|_, upload| {
            let state = upload.state();
            let keeps = match state.stage {
                Stage::Running(_) => return true,
                Stage::Done(_) => ENDED_FOR,
                _ => WAITS_FOR,
            };
            let stays = now.duration_since(state.touched) < keeps;
            if !stays && let Some(abort) = &state.abort {
                abort.abort();
            }
            stays
        });
        if let Err(error) = self.remove_left()
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "uploads of servers that ended could not be removed");
        }
    }

    /// Removes the folders that no server holds.
    fn remove_left(&self) -> io::Result<()> {
        let own =
            self.own.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|own| own.path.clone());
        for entry in fs::read_dir(&self.root)? {
            let path = entry?.path();
            if Some(&path) == own.as_ref() {
                continue;
            }
            // One that has no lock yet is being made.
            let Ok(lock) = File::options().write(true).open(path.join(LOCK)) else { continue };
            if lock.try_lock().is_ok() {
                fs::remove_dir_all(&path)?;
            }
        }
        Ok(())
    }

    /// Removes everything that waits, at the end of the server.
    pub fn clear(&self) {
        self.all().clear();
        if let Some(own) = self.own.lock().unwrap_or_else(PoisonError::into_inner).take()
            && let Err(error) = fs::remove_dir_all(&own.path)
        {
            tracing::warn!(%error, "the folder of uploads could not be removed");
        }
    }
}

fn forget(all: &mut HashMap<ImportId, Arc<Upload>>, id: ImportId) {
    if let Some(upload) = all.remove(&id)
        && let Some(abort) = upload.state().abort.take()
    {
        abort.abort();
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
