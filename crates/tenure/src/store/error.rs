//! What can go wrong between an operation and its database.

use super::Engine;

/// The database drivers' errors, boxed so that a `Result` stays small.
type Driver = Box<dyn std::error::Error + Send + Sync>;

/// An error of the store. Never shown to people: the doors answer "the server could not do this" and log it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database could not be opened or reached.
    #[error("cannot open the database {target}: {source}")]
    Open {
        /// The file, or the server without its password.
        target: String,
        /// What the driver or the operating system said.
        source: Driver,
    },
    /// The database cannot be used by this program as it is set up.
    #[error("this database cannot be used: {0}")]
    Unsuitable(String),
    /// No connection, or no turn to write, came free in time.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// A statement failed.
    #[error("the statement {statement} failed: {source}")]
    Statement {
        /// Where it stands, such as `tenure::store::people::LOAD`.
        statement: &'static str,
        /// What kind of failure it is, the same for both engines.
        cause: Cause,
        /// The driver's own words.
        source: Driver,
    },
    /// A statement that must touch or return one row met another number of them.
    #[error("the statement {statement} met {rows} rows where one is right")]
    NotOneRow {
        /// Where it stands.
        statement: &'static str,
        /// How many rows it met; for a read that found several, 2.
        rows: u64,
    },
    /// A column does not hold what the reader expects.
    #[error("column {index} of a row cannot be read: {source}")]
    Column {
        /// Its place, from 0.
        index: usize,
        /// The driver's own words.
        source: Driver,
    },
    /// A row holds a value that this program does not know; names table and column.
    #[error("{0} holds a value that this program does not know")]
    Value(&'static str),
    /// The transaction did not begin; nothing ran.
    #[error("the write could not begin: {0}")]
    Begin(String),
    /// The commit failed. Whether the write is in the database is not known for certain, so it is never run again.
    #[error("the write could not be committed: {0}")]
    Commit(String),
    /// The write came to no commit: the database undid it by itself, or it could not go on. Nothing of it is kept.
    #[error("the write was undone: {0}")]
    Undone(String),
    /// There was no room for the write. Nothing of it is kept.
    #[error("the disk is full, and the write was undone")]
    Full,
    /// The operation went on after one of its statements had failed, which `PostgreSQL` would not allow.
    #[error("an operation ended well although its statement {0} had failed")]
    Poisoned(&'static str),
    /// The operation went on after the statement with which it was kept.
    #[error("an operation was kept before its statement {0} came")]
    Over(&'static str),
    /// The operation was only a rehearsal: its write is undone.
    #[error("a rehearsal, of which nothing is kept")]
    Rehearsed,
    /// The operation waited for something other than its transaction.
    #[error("an operation inside a write waited for something other than its transaction")]
    Waited,
    /// The operation panicked; its write is undone.
    #[error("an operation panicked: {0}")]
    Panicked(String),
    /// The store was closed, or its writer has ended.
    #[error("the store is closed")]
    Closed,
    /// A migration failed, or the schema does not fit this program.
    #[error("{0}")]
    Schema(String),
    /// A file beside the database could not be read or written.
    #[error("{what}: {source}")]
    File {
        /// What was tried, with the path.
        what: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// This engine has no such function.
    #[error("{0}")]
    Unsupported(&'static str),
}

/// Why a statement failed, in words both engines share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// A unique index or primary key already holds the value.
    Unique,
    /// A foreign key has no partner, or still has one.
    ForeignKey,
    /// A CHECK refused.
    Check,
    /// A NOT NULL column got no value.
    NotNull,
    /// A deadlock or serialization failure: the whole write may run again.
    Conflict,
    /// The connection broke before the commit: the whole write may run again.
    Disconnected,
    /// It took too long and was stopped.
    Timeout,
    /// Somebody else holds the database, or the row: the whole write may run again.
    Busy,
    /// The disk is full.
    Full,
    /// Anything else.
    Other,
}

impl Error {
    /// Why the statement failed, if a statement did.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Self::Statement { cause, .. } => Some(*cause),
            _ => None,
        }
    }

    /// Whether a unique index or primary key refused the write: somebody else has the name, address or key.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.cause() == Some(Cause::Unique)
    }

    /// Whether there was no room for what was to be written.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full) || self.cause() == Some(Cause::Full)
    }

    /// Whether nobody knows that nothing was kept.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Commit(_) | Self::Over(_))
    }

    /// Whether the same call may succeed a moment later (for `503` with `Retry-After`).
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Begin(_) | Self::Closed)
            || matches!(
                self.cause(),
                Some(Cause::Conflict | Cause::Disconnected | Cause::Timeout | Cause::Busy)
            )
    }

    pub(super) fn sqlite(statement: &'static str, source: rusqlite::Error) -> Self {
        Self::Statement { statement, cause: sqlite_cause(&source), source: Box::new(source) }
    }

    pub(super) fn postgres(statement: &'static str, source: &tokio_postgres::Error) -> Self {
        Self::Statement { statement, cause: postgres_cause(source), source: words(source) }
    }

    pub(super) fn open(target: impl Into<String>, source: impl Into<Driver>) -> Self {
        Self::Open { target: target.into(), source: source.into() }
    }

    pub(super) fn file(what: impl Into<String>, source: std::io::Error) -> Self {
        Self::File { what: what.into(), source }
    }

    pub(super) fn schema(engine: Engine, migration: &str, source: impl std::fmt::Display) -> Self {
        Self::Schema(format!("the migration {migration} failed on {engine} and was undone: {source}"))
    }
}

fn sqlite_cause(error: &rusqlite::Error) -> Cause {
    use rusqlite::ErrorCode;
    use rusqlite::ffi;
    let rusqlite::Error::SqliteFailure(failure, _) = error else { return Cause::Other };
    match failure.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => Cause::Unique,
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Cause::ForeignKey,
        ffi::SQLITE_CONSTRAINT_CHECK => Cause::Check,
        ffi::SQLITE_CONSTRAINT_NOTNULL => Cause::NotNull,
        _ => match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Cause::Busy,
            ErrorCode::DiskFull => Cause::Full,
            ErrorCode::OperationInterrupted => Cause::Timeout,
            _ => Cause::Other,
        },
    }
}

fn postgres_cause(error: &tokio_postgres::Error) -> Cause {
    let Some(code) = error.code() else {
        return if error.is_closed() || is_io(error) { Cause::Disconnected } else { Cause::Other };
    };
    // Codes: PostgreSQL manual, appendix A.
    match code.code() {
        "23505" => Cause::Unique,
        "23503" => Cause::ForeignKey,
        "23514" => Cause::Check,
        "23502" => Cause::NotNull,
        // 0A000 here is "cached plan must not change result type": a migration ran beside us.
        "40001" | "40P01" | "0A000" => Cause::Conflict,
        "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006" => Cause::Disconnected,
        "57014" | "25P03" => Cause::Timeout,
        "55P03" | "53300" => Cause::Busy,
        "53100" => Cause::Full,
        _ => Cause::Other,
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

/// `tokio_postgres::Error` says only "db error" or "error connecting"; the words that help are further down.
pub(super) fn words(error: &tokio_postgres::Error) -> Driver {
    let mut text;
    if let Some(db) = error.as_db_error() {
        text = format!("{} ({})", db.message(), db.code().code());
        for more in [db.detail(), db.hint(), db.constraint()].into_iter().flatten() {
            text.push_str("; ");
            text.push_str(more);
        }
    } else {
        text = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(deeper) = cause {
            text.push_str(": ");
            text.push_str(&deeper.to_string());
            cause = deeper.source();
        }
    }
    text.into()
}
