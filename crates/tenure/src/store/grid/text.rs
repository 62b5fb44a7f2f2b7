//! Putting statements together, with bound values only.

use domain::{id::WorkspaceId, person::Kind};
use uuid::Uuid;

use crate::store::dialect::Uuids;
use crate::store::{Param, Sql};

/// A bound value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Id(Uuid),
    Ids(Uuids),
    Text(String),
    Number(i64),
    Bytes(Vec<u8>),
}

impl Value {
    fn as_param(&self) -> &dyn Param {
        match self {
            Self::Id(value) => value,
            Self::Ids(value) => value,
            Self::Text(value) => value,
            Self::Number(value) => value,
            Self::Bytes(value) => value,
        }
    }
}

/// A statement in the making. `{}` in a piece stands for the next value, `{w}` for the workspace, `{k}` for the
/// kind; values are numbered by where they first stand, as `SQLite` numbers them.
pub(crate) struct Text {
    written: String,
    values: Vec<Value>,
    workspace: Shared,
    kind: Shared,
}

/// A value that several places share.
struct Shared {
    value: Value,
    number: Option<usize>,
}

/// A statement with its values.
pub(crate) struct Ready {
    pub(crate) sql: Sql,
    values: Vec<Value>,
}

impl Ready {
    pub(crate) fn params(&self) -> Vec<&dyn Param> {
        self.values.iter().map(Value::as_param).collect()
    }
}

impl Text {
    pub(crate) fn new(workspace: WorkspaceId, kind: Kind) -> Self {
        let shared = |value| Shared { value, number: None };
        Self {
            written: String::with_capacity(1024),
            values: Vec::new(),
            workspace: shared(Value::Id(workspace.uuid())),
            kind: shared(Value::Text(kind.word().to_owned())),
        }
    }

    /// Adds a piece; it has as many `{}` as there are values.
    pub(crate) fn add<const N: usize>(&mut self, piece: &str, values: [Value; N]) -> &mut Self {
        let mut values = values.into_iter();
        let mut rest = piece;
        while let Some(open) = rest.find('{') {
            self.written.push_str(&rest[..open]);
            let close = rest[open..].find('}').map_or(rest.len(), |at| open + at);
            let number = match &rest[open + 1..close] {
                "w" => share(&mut self.workspace, &mut self.values),
                "k" => share(&mut self.kind, &mut self.values),
                _ => {
                    self.values.extend(values.next());
                    self.values.len()
                }
            };
            self.written.push('$');
            self.written.push_str(&number.to_string());
            rest = &rest[close + 1..];
        }
        self.written.push_str(rest);
        debug_assert!(values.next().is_none(), "a value without a place in {piece}");
        self
    }

    /// Adds a piece without values of its own.
    pub(crate) fn put(&mut self, piece: &str) -> &mut Self {
        self.add(piece, [])
    }

    /// The whole statement. With `scan` it may read many rows.
    pub(crate) fn ready(self, name: &'static str, scan: bool) -> Ready {
        let sql = Sql::built(self.written).named(name);
        Ready { sql: if scan { sql.scan() } else { sql }, values: self.values }
    }
}

fn share(shared: &mut Shared, values: &mut Vec<Value>) -> usize {
    *shared.number.get_or_insert_with(|| {
        values.push(shared.value.clone());
        values.len()
    })
}
