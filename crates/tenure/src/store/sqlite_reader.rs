//! The reading connections of the embedded engine.

use super::Error;
use super::sqlite::{Role, connect, lock};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a reader waits for a connection.
const WAIT: Duration = Duration::from_secs(5);

/// Idle connections, the last used on top: its cached statements and pages are warm.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, places: usize) -> Self {
        Self { path, idle: Mutex::new(Vec::new()), places: Arc::new(Semaphore::new(places)) }
    }

    /// Lends a connection; with `snapshot` all its reads see one state of the database.
    pub(super) async fn lease(self: &Arc<Self>, snapshot: bool) -> Result<Lease, Error> {
        let place = match self.places.clone().try_acquire_owned() {
            Ok(place) => place,
            Err(tokio::sync::TryAcquireError::Closed) => return Err(Error::Closed),
            Err(tokio::sync::TryAcquireError::NoPermits) => {
                let wait = self.places.clone().acquire_owned();
                let place = tokio::time::timeout(WAIT, wait).await;
                place
                    .map_err(|_| Error::Busy("all reading connections are in use".into()))?
                    .map_err(|_| Error::Closed)?
            }
        };
        let idle = lock(&self.idle).pop();
        let db = match idle {
            Some(db) => db,
            None => connect(&self.path, Role::Reader)?,
        };
        let lease = Lease { db: Some(db), home: Some((self.clone(), place)) };
        if snapshot {
            let begun = lease.db().prepare_cached("begin").and_then(|mut s| s.raw_execute());
            begun.map_err(|e| Error::Begin(e.to_string()))?;
        }
        Ok(lease)
    }

    /// Closes the idle connections and lends no more.
    pub(super) fn close(&self) {
        self.places.close();
        lock(&self.idle).clear();
    }
}

/// A connection on loan. Dropped, it ends its snapshot and goes home; the writer's own has no home.
pub(super) struct Lease {
    db: Option<Connection>,
    home: Option<(Arc<Readers>, OwnedSemaphorePermit)>,
}

impl Lease {
    pub(super) fn writer(db: Connection) -> Self {
        Self { db: Some(db), home: None }
    }

    pub(super) fn is_reader(&self) -> bool {
        self.home.is_some()
    }

    pub(super) fn db(&self) -> &Connection {
        self.db.as_ref().expect("a lease holds its connection until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (Some(db), Some((readers, place))) = (self.db.take(), self.home.take()) else { return };
        // An old snapshot would keep the WAL from being checkpointed.
        let clean =
            db.is_autocommit() || db.prepare_cached("rollback").and_then(|mut s| s.raw_execute()).is_ok();
        if clean && !readers.places.is_closed() {
            lock(&readers.idle).push(db);
        }
        drop(place);
    }
}
