//! Many rows as one bound value, for the statements of [`super::dialect::from_rows`].

use domain::id::WorkspaceId;
use serde_json::Value;
use uuid::Uuid;

use super::{Sql, Tx};
use crate::error::Result;

/// An id as a cell.
pub(super) fn id(id: Uuid) -> Value {
    Value::String(id.simple().to_string())
}

/// Bytes as a cell.
pub(super) fn hex(bytes: &[u8]) -> Value {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Value::String(text)
}

/// Runs a statement whose `$1` is the workspace and whose `$2` is the list, unless that is empty; answers how many
/// rows it touched.
pub(super) async fn add(tx: &mut Tx, sql: &Sql, ws: WorkspaceId, rows: Vec<Value>) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let rows = Value::Array(rows).to_string();
    tx.exec(sql, &[&ws.uuid(), &rows]).await
}
