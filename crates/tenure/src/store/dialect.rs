//! The few places where the two engines need different words.

use rusqlite::types::{ToSqlOutput, Value};
use std::error::Error;
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use uuid::Uuid;

/// A `select` that also locks its rows until the write ends. `SQLite` has one writer, so nothing is needed there.
///
/// "No key": the writers of rows that refer to the locked one are not held up, and two of them that go on to lock
/// it do not block each other for good.
#[macro_export]
macro_rules! for_update {
    ($($text:tt)+) => {
        $crate::store::Sql::each(concat!($($text)+), concat!($($text)+, " for no key update"))
    };
}

/// A `select` that locks its rows and passes over those that another write holds: how jobs are claimed.
#[macro_export]
macro_rules! skip_locked {
    ($($text:tt)+) => {
        $crate::store::Sql::each(concat!($($text)+), concat!($($text)+, " for no key update skip locked"))
    };
}

/// `before` + "column is one of the list" + `after`, the list bound as [`Uuids`]:
/// `any_uuid!("select … where workspace_id = $1 and ", "person_id" in "$2", " order by …")`.
#[macro_export]
macro_rules! any_uuid {
    ($before:literal, $column:literal in $list:literal, $after:literal) => {
        $crate::store::Sql::each(
            concat!($before, $column, " in (select unhex(value) from json_each(", $list, "))", $after),
            concat!($before, $column, " = any(", $list, ")", $after),
        )
    };
}

/// As [`any_uuid!`], for a list of text ([`Texts`]) or numbers ([`Numbers`]).
#[macro_export]
macro_rules! any_value {
    ($before:literal, $column:literal in $list:literal, $after:literal) => {
        $crate::store::Sql::each(
            concat!($before, $column, " in (select value from json_each(", $list, "))", $after),
            concat!($before, $column, " = any(", $list, ")", $after),
        )
    };
}

/// `head` + the cells of each row of a list + `tail`: how many rows are inserted by one statement. The list is bound
/// as text, a JSON array of rows, each an array of cells; ids and bytes stand in it as hexadecimal digits. A
/// cell is named by its type and place: `from_rows!("insert into … select $1", "$2", [uuid 0, text 1], "")`. On `SQLite`
/// the head may use `r.key`, the place of the row from 0; then each engine has its own: `{ sqlite: "…", postgres: "…" }`.
/// `jsonb_each` keeps a row as it is parsed; of `json_each` each cell would be read from the row's text again.
#[macro_export]
macro_rules! from_rows {
    ($head:literal, $list:literal, [$($kind:ident $at:literal),+ $(,)?], $tail:literal) => {
        $crate::from_rows!({ sqlite: $head, postgres: $head }, $list, [$($kind $at),+], $tail)
    };
    ({ sqlite: $sqlite:literal, postgres: $postgres:literal }, $list:literal, [$($kind:ident $at:literal),+ $(,)?],
        $tail:literal) => {
        $crate::store::Sql::each(
            concat!($sqlite, $(", ", $crate::from_rows!(@sqlite $kind $at)),+, " from jsonb_each(", $list, ") r", $tail),
            concat!(
                $postgres, $(", ", $crate::from_rows!(@postgres $kind $at)),+,
                " from json_array_elements(", $list, "::text::json) r", $tail
            ),
        )
    };
    (@sqlite uuid $at:literal) => { concat!("unhex(r.value ->> ", $at, ")") };
    (@sqlite bytes $at:literal) => { concat!("unhex(r.value ->> ", $at, ")") };
    (@sqlite $kind:ident $at:literal) => { concat!("r.value ->> ", $at) };
    (@postgres uuid $at:literal) => { concat!("(r.value ->> ", $at, ")::uuid") };
    (@postgres bytes $at:literal) => { concat!("decode(r.value ->> ", $at, ", 'hex')") };
    (@postgres int $at:literal) => { concat!("(r.value ->> ", $at, ")::bigint") };
    (@postgres text $at:literal) => { concat!("r.value ->> ", $at) };
}

pub use crate::{any_uuid, any_value, for_update, from_rows, skip_locked};

/// "Column is one of the list" for built text: `in_uuids(engine, "person_id", "$2")`, bound as [`Uuids`].
#[must_use]
pub fn in_uuids(engine: super::Engine, column: &str, list: &str) -> String {
    match engine {
        super::Engine::Sqlite => format!("{column} in (select unhex(value) from json_each({list}))"),
        super::Engine::Postgres => format!("{column} = any({list})"),
    }
}

/// "Column is one of the list" for built text, bound as [`Texts`] or [`Numbers`].
#[must_use]
pub fn in_values(engine: super::Engine, column: &str, list: &str) -> String {
    match engine {
        super::Engine::Sqlite => format!("{column} in (select value from json_each({list}))"),
        super::Engine::Postgres => format!("{column} = any({list})"),
    }
}

/// A list of ids as one bound value.
#[derive(Clone, Debug)]
pub struct Uuids(pub Vec<Uuid>);

/// A list of texts as one bound value.
#[derive(Clone, Debug)]
pub struct Texts(pub Vec<String>);

/// A list of numbers as one bound value.
#[derive(Clone, Debug)]
pub struct Numbers(pub Vec<i64>);

/// The codes of a text or of a query ([`crate::text::codes`]) as one bound value: an array, and where there is none a
/// text of words, which as a query of the index means all of them.
#[derive(Clone, Debug)]
pub struct Codes(pub Vec<i32>);

impl rusqlite::ToSql for Codes {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let words: Vec<String> = self.0.iter().map(|code| format!("{code:08x}")).collect();
        Ok(ToSqlOutput::Owned(Value::Text(words.join(" "))))
    }
}

impl<A: Into<Uuid>> FromIterator<A> for Uuids {
    fn from_iter<I: IntoIterator<Item = A>>(ids: I) -> Self {
        Self(ids.into_iter().map(Into::into).collect())
    }
}

fn json(list: &impl serde::Serialize) -> rusqlite::Result<ToSqlOutput<'static>> {
    let text =
        serde_json::to_string(list).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
    Ok(ToSqlOutput::Owned(Value::Text(text)))
}

impl rusqlite::ToSql for Uuids {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        json(&self.0.iter().map(|id| id.simple().to_string()).collect::<Vec<_>>())
    }
}

impl rusqlite::ToSql for Texts {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        json(&self.0)
    }
}

impl rusqlite::ToSql for Numbers {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        json(&self.0)
    }
}

/// Hands the list to the driver's own array.
macro_rules! as_array {
    ($list:ty, $element:ty) => {
        impl ToSql for $list {
            fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
                self.0.to_sql(ty, out)
            }
            fn accepts(ty: &Type) -> bool {
                <Vec<$element> as ToSql>::accepts(ty)
            }
            to_sql_checked!();
        }
    };
}
as_array!(Uuids, Uuid);
as_array!(Texts, String);
as_array!(Numbers, i64);
as_array!(Codes, i32);
