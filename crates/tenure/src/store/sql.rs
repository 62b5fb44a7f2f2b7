//! Statements and their values.

use super::{Engine, Row};
use crate::Result;
use std::sync::Arc;

/// A value bound to `$1`, `$2`, …: `i64`, `bool`, text, bytes, `Uuid`, `Option` of these, and the lists in
/// [`super::dialect`].
pub trait Param: rusqlite::ToSql + tokio_postgres::types::ToSql + Sync {}
impl<T: rusqlite::ToSql + tokio_postgres::types::ToSql + Sync> Param for T {}

/// A statement with its values, for [`super::Tx::batch`].
pub type Bound<'a> = (&'a Sql, &'a [&'a dyn Param]);

/// Values that a statement takes along: see [`super::Tx::soon`].
pub type Values = Vec<Box<dyn Param + Send>>;

/// How a row is read.
pub(super) type Read<T> = fn(&Row<'_>) -> Result<T>;

/// A question that goes with others in one round trip: see [`super::Rx::ask`].
#[must_use = "it finds nothing until it is asked"]
pub struct Ask<T> {
    sql: Option<&'static Sql>,
    values: Values,
    read: Read<T>,
}

impl<T> Ask<T> {
    /// All rows that a statement finds. It bounds them itself (`limit`).
    pub fn new(sql: &'static Sql, values: Values, read: fn(&Row<'_>) -> Result<T>) -> Self {
        Self { sql: Some(sql), values, read }
    }

    /// The same question, unless there is nothing to ask: then it finds nothing.
    pub fn only_if(mut self, asked: bool) -> Self {
        if !asked {
            self.sql = None;
        }
        self
    }

    /// Its statement and how its rows are read, unless there is nothing to ask.
    pub(super) fn parts(&self) -> Option<(&'static Sql, Read<T>)> {
        self.sql.map(|sql| (sql, self.read))
    }

    /// Its values, as statements take them.
    pub(super) fn params(&self) -> Vec<&dyn Param> {
        params(&self.values)
    }
}

/// Values as statements take them.
pub(super) fn params(values: &Values) -> Vec<&dyn Param> {
    values.iter().map(|value| &**value as &dyn Param).collect()
}

/// Values that a statement takes along: `bind![ws.uuid(), name.to_owned(), time::micros(now)]`.
#[macro_export]
macro_rules! bind {
    ($($value:expr),* $(,)?) => {
        vec![$(Box::new($value) as Box<dyn $crate::store::Param + Send>),*]
    };
}

/// The text of one statement. Values are always bound, never written into it.
#[derive(Clone, Debug)]
pub struct Sql {
    text: Text,
    name: &'static str,
    scan: bool,
}

#[derive(Clone, Debug)]
enum Text {
    Fixed { sqlite: &'static str, postgres: &'static str },
    Built(Arc<str>),
}

impl Sql {
    /// One text for both engines.
    #[must_use]
    pub const fn both(text: &'static str) -> Self {
        Self::each(text, text)
    }

    /// A text for each engine, for the few statements that really differ.
    #[must_use]
    pub const fn each(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { text: Text::Fixed { sqlite, postgres }, name: "(unnamed)", scan: false }
    }

    /// A text put together at run time from fixed parts (the filters and orders of a grid), with bound values only.
    #[must_use]
    pub fn built(text: String) -> Self {
        Self { text: Text::Built(text.into()), name: "(built)", scan: false }
    }

    /// This statement may read many rows: on `SQLite` it runs on a blocking thread, so that the others go on.
    #[must_use]
    pub const fn scan(mut self) -> Self {
        self.scan = true;
        self
    }

    /// This statement under the name that errors show.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// The name that errors show.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it may read many rows.
    #[must_use]
    pub const fn is_scan(&self) -> bool {
        self.scan
    }

    /// Whether its text was put together at run time.
    #[must_use]
    pub const fn is_built(&self) -> bool {
        matches!(self.text, Text::Built(_))
    }

    /// The text for `engine`.
    #[must_use]
    pub fn text(&self, engine: Engine) -> &str {
        match (&self.text, engine) {
            (Text::Fixed { sqlite, .. }, Engine::Sqlite) => sqlite,
            (Text::Fixed { postgres, .. }, Engine::Postgres) => postgres,
            (Text::Built(text), _) => text,
        }
    }
}

/// Names the statements of a table file and lists them for the test that prepares every one.
///
/// ```ignore
/// statements! {
///     LOAD = "select … where workspace_id = $1 and person_id = $2";
///     BIG = scan "select …";                                   // may read many rows
///     LOCK = for_update!("select … where …");                  // a helper of `dialect.rs`
///     ODD = { sqlite: "…", postgres: "…" };                     // what really differs
///     WIDE = scan { sqlite: "…", postgres: "…" };
/// }
/// ```
#[macro_export]
macro_rules! statements {
    (@sql $name:ident, $($sql:tt)+) => {
        $crate::statements!(@text $($sql)+).named(concat!(module_path!(), "::", stringify!($name)))
    };
    (@text scan $($rest:tt)+) => { $crate::statements!(@text $($rest)+).scan() };
    (@text $text:literal) => { $crate::store::Sql::both($text) };
    (@text { sqlite: $sqlite:expr, postgres: $postgres:expr $(,)? }) => {
        $crate::store::Sql::each($sqlite, $postgres)
    };
    (@text $sql:expr) => { $sql };
    (@all $(($name:ident $sql:expr))*) => {
        /// Every statement of this file, for the test that prepares them all.
        pub const ALL: &[(&str, $crate::store::Sql)] = &[$((stringify!($name), $sql)),*];
    };
    // One entry at a time: an entry is everything up to its semicolon.
    (@each [$($done:tt)*]) => { $crate::statements!(@all $($done)*); };
    (@each $done:tt $(#[$meta:meta])* $name:ident = scan { $($each:tt)* }; $($rest:tt)*) => {
        $crate::statements!(@one $done [$(#[$meta])*] $name [scan { $($each)* }] $($rest)*);
    };
    (@each $done:tt $(#[$meta:meta])* $name:ident = { $($each:tt)* }; $($rest:tt)*) => {
        $crate::statements!(@one $done [$(#[$meta])*] $name [{ $($each)* }] $($rest)*);
    };
    (@each $done:tt $(#[$meta:meta])* $name:ident = scan $text:literal; $($rest:tt)*) => {
        $crate::statements!(@one $done [$(#[$meta])*] $name [scan $text] $($rest)*);
    };
    (@each $done:tt $(#[$meta:meta])* $name:ident = scan $helper:ident ! ( $($arg:tt)* ); $($rest:tt)*) => {
        $crate::statements!(@one $done [$(#[$meta])*] $name [scan $helper!($($arg)*)] $($rest)*);
    };
    (@each $done:tt $(#[$meta:meta])* $name:ident = $text:literal; $($rest:tt)*) => {
        $crate::statements!(@one $done [$(#[$meta])*] $name [$text] $($rest)*);
    };
    (@each $done:tt $(#[$meta:meta])* $name:ident = $sql:expr; $($rest:tt)*) => {
        $crate::statements!(@one $done [$(#[$meta])*] $name [$sql] $($rest)*);
    };
    (@one [$($done:tt)*] [$(#[$meta:meta])*] $name:ident [$($sql:tt)+] $($rest:tt)*) => {
        $(#[$meta])*
        #[doc = concat!("The statement `", stringify!($name), "`.")]
        // Not a constant: a list for `batch` may keep references to it.
        pub static $name: $crate::store::Sql = $crate::statements!(@sql $name, $($sql)+);
        $crate::statements!(@each [$($done)* ($name { $crate::statements!(@sql $name, $($sql)+) })] $($rest)*);
    };
    ($($entries:tt)*) => { $crate::statements!(@each [] $($entries)*); };
}
