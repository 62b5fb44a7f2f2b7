//! A database for one test, gone when the test ends, however it ends.

use super::postgres;
use tenure::store::{Engine, Store, Target};

/// What is in the database when the test begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ready {
    /// The schema of the program.
    Migrated,
    /// Nothing.
    Empty,
}

/// A fresh database. Keep it for the length of the test.
pub(crate) struct Database {
    /// Opened.
    pub(crate) store: Store,
    /// For a second store, or a server of its own, on the same database.
    pub(crate) target: Target,
    // Removed in this order: the connections go before what they are connected to.
    _keep: Keep,
}

#[allow(dead_code, reason = "held for what they do when dropped")]
enum Keep {
    Folder(tempfile::TempDir),
    Database(postgres::Dropped),
}

impl Database {
    pub(crate) async fn new(engine: Engine, ready: Ready) -> Self {
        match engine {
            Engine::Sqlite => Self::sqlite(ready).await,
            Engine::Postgres => Self::postgres(ready).await,
        }
    }

    pub(crate) async fn sqlite(ready: Ready) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let target = Target::Sqlite(folder.path().join("tenure.db"));
        let store = Store::open(target.clone()).await.expect("a new SQLite database opens");
        if ready == Ready::Migrated {
            store.migrate().await.expect("the migrations run on SQLite");
        }
        Self { store, target, _keep: Keep::Folder(folder) }
    }

    pub(crate) async fn postgres(ready: Ready) -> Self {
        let dropped = postgres::create(ready).await;
        let target = Target::Postgres(dropped.url());
        let store = Store::open(target.clone()).await.expect("a new PostgreSQL database opens");
        Self { store, target, _keep: Keep::Database(dropped) }
    }
}
