//! The rows of a deactivation and of an activation, written by the driver alone: what the databases can do at best.
//!
//! A test holds that they are rows of the same tables, as many of each, as the real operation writes. What it reads,
//! decides and checks is not done here, and neither is the work that follows it (seals, places of events).

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use domain::id::WorkspaceId;
use futures_util::future::try_join_all;
use rusqlite::{Connection, config::DbConfig};
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use rig::failure::{During as _, Result};

/// A value of a row.
#[derive(Clone, Copy, Debug)]
enum Value {
    Id(Uuid),
    Number(i64),
    Text(&'static str),
}

/// A statement with its values.
type Line = (&'static str, Vec<Value>);

/// Where status changes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// Away.
    Deactivated,
    /// Back.
    Active,
}

impl To {
    /// The way of a turn: away, back, away …
    pub(crate) const fn of_turn(turn: u64) -> Self {
        if turn.is_multiple_of(2) { Self::Deactivated } else { Self::Active }
    }
}

const AWAY: &str = "update people set status = 'deactivated', status_since = $1, status_by = $2, reason = null, \
                    review_on = null, version = version + 1 where workspace_id = $3 and person_id = $4";
const BACK: &str = "update people set status = 'active', status_since = $1, status_by = null, reason = null, \
                    review_on = null, version = version + 1 where workspace_id = $2 and person_id = $3";
const SPAN_ENDS: &str = "update license_spans set until = $1, until_why = 'deactivated' \
                         where workspace_id = $2 and person_id = $3 and until is null";
const SPAN_BEGINS: &str = "insert into license_spans (workspace_id, span_id, person_id, since, since_why) \
                           values ($1, $2, $3, $4, 'activated')";
const STEP: &str = "insert into steps (workspace_id, step_id, kind, made, made_by, added_licenses, owned_before) \
                    values ($1, $2, $3, $4, $5, 0, 0)";
const STEP_CHANGE: &str = "insert into step_changes (workspace_id, step_id, person_id, before, after) \
                           values ($1, $2, $3, $4, $5)";
const EVENT_SQLITE: &str = "insert into events (workspace_id, arrival, event_id, at, topic, audience, person_id, data) \
     values ($1, (select coalesce(max(e.arrival), 0) + 1 from events e where e.workspace_id = $1), $2, $3, $4, \
     'brief', $5, $6)";
const EVENT_POSTGRES: &str = "insert into events (workspace_id, arrival, event_id, at, topic, audience, person_id, data) \
     values ($1, nextval('event_arrivals'), $2, $3, $4, 'brief', $5, $6)";
const AUDIT: &str = "insert into audit (workspace_id, audit_id, at, actor, actor_id, actor_label, action, person_id, \
     subject, before, after, door, request_id) \
     values ($1, $2, $3, 'token', $4, '01960000-0000-7000-8000-000000000001', $5, $6, '', $7, $8, 'api', $9)";
const COUNTERS: &str = "update workspaces set used = used + $1, users_active = users_active + $1, \
                        users_deactivated = users_deactivated - $1 where workspace_id = $2";
const DAY: &str = "insert into license_days (workspace_id, day, owned, used, peak) \
     select w.workspace_id, $1, w.owned, w.used, w.used from workspaces w where w.workspace_id = $2 \
     on conflict (workspace_id, day) do update set owned = excluded.owned, used = excluded.used, \
     peak = case when excluded.used > license_days.peak then excluded.used else license_days.peak end";

/// As long as what the operation notes; the same for both, since only their length costs.
pub(crate) const STATE_ACTIVE: &str = r#"{"status":"active","since":"2026-03-02T09:00:00.123456Z"}"#;
pub(crate) const STATE_AWAY: &str = r#"{"status":"deactivated","since":"2026-03-02T09:00:00.123456Z","by":"01960000-0000-7000-8000-000000000001","reason":null,"review_on":null}"#;
pub(crate) const TOLD: &str = r#"{"by":{"kind":"token","id":"01960000-0000-7000-8000-000000000001","door":"api"},"before":{"status":"active","since":"2026-03-02T09:00:00.123456Z"},"after":{"status":"deactivated","since":"2026-03-02T09:00:00.123456Z","by":"01960000-0000-7000-8000-000000000001","review_on":null}}"#;

/// Who changes whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whom {
    /// The workspace.
    pub(crate) workspace: WorkspaceId,
    /// Who does it.
    pub(crate) by: Uuid,
    /// Whose status changes.
    pub(crate) person: Uuid,
}

/// Microseconds since 1970, as the tables have them.
#[expect(clippy::disallowed_methods, reason = "rows of a moment, as the operation writes them")]
fn micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Ids that grow with time, as the operation's do.
fn id(at: i64, line: u64) -> Uuid {
    use std::hash::{BuildHasher as _, RandomState};
    let millis = u64::try_from(at / 1000).unwrap_or_default();
    // Each state is seeded anew.
    Uuid::from_u64_pair(
        millis << 16 | 0x7000 | line & 0xfff,
        RandomState::new().hash_one(line) >> 2 | 1 << 63,
    )
}

/// An id of now.
pub(crate) fn fresh() -> Uuid {
    id(micros(), 0)
}

/// What one operation writes.
fn lines(whom: Whom, to: To, event: &'static str) -> Vec<Line> {
    use Value::{Id, Number, Text};
    let at = micros();
    let (ws, by, person) = (Id(whom.workspace.uuid()), Id(whom.by), Id(whom.person));
    let (step, span, told, entry, request) = (id(at, 1), id(at, 2), id(at, 3), id(at, 4), id(at, 5));
    let (word, kind, before, after, change) = match to {
        To::Deactivated => ("deactivated", "deactivation", STATE_ACTIVE, STATE_AWAY, -1),
        To::Active => ("activated", "activation", STATE_AWAY, STATE_ACTIVE, 1),
    };
    let (status, license) = match to {
        To::Deactivated => {
            ((AWAY, vec![Number(at), by, ws, person]), (SPAN_ENDS, vec![Number(at), ws, person]))
        }
        To::Active => {
            ((BACK, vec![Number(at), ws, person]), (SPAN_BEGINS, vec![ws, Id(span), person, Number(at)]))
        }
    };
    vec![
        status,
        license,
        (event, vec![ws, Id(told), Number(at), Text(word), person, Text(TOLD)]),
        (
            AUDIT,
            vec![ws, Id(entry), Number(at), by, Text(word), person, Text(before), Text(after), Id(request)],
        ),
        (STEP, vec![ws, Id(step), Text(kind), Number(at), by]),
        (STEP_CHANGE, vec![ws, Id(step), person, Text(before), Text(after)]),
        (COUNTERS, vec![Number(change), ws]),
        (DAY, vec![Number(at / 86_400_000_000), ws]),
    ]
}

/// The same rows as a script for pgbench: away and back, in a transaction each. Every client has somebody of its own,
/// whom `person` names.
pub(crate) fn script(whom: Whom, person: &str) -> String {
    let mut text = String::from("\\set i :client_id + 1\n");
    for to in [To::Deactivated, To::Active] {
        text.push_str("\\startpipeline\nbegin;\n");
        for (sql, values) in lines(whom, to, EVENT_POSTGRES) {
            let mut line = sql.to_owned();
            for (index, value) in values.iter().enumerate().rev() {
                let value = match value {
                    Value::Id(id) if *id == whom.person => person.to_owned(),
                    Value::Id(id) if *id == whom.by || *id == whom.workspace.uuid() => format!("'{id}'"),
                    // The step's own, which its change names again.
                    Value::Id(_) if sql == STEP || sql == STEP_CHANGE && index == 1 => STEP_ID.to_owned(),
                    Value::Id(_) => "gen_random_uuid()".to_owned(),
                    Value::Number(number) => number.to_string(),
                    // To pgbench a colon before a letter is the name of a variable.
                    Value::Text(text) => format!("E'{}'", text.replace(':', "\\x3a")),
                };
                line = line.replace(&format!("${}", index + 1), &value);
            }
            text.push_str(&line);
            text.push_str(";\n");
        }
        text.push_str("commit;\n\\endpipeline\n");
    }
    text
}

/// An id that is one in a transaction and new in the next, without a way there and back.
const STEP_ID: &str = "cast(md5(cast(pg_current_xact_id() as text)) as uuid)";

/// Writes by `rusqlite` alone, with the settings of the store's writer.
pub(crate) struct Sqlite(Connection);

impl Sqlite {
    /// Opens the file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let db = Connection::open(path)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let mode: String = db.query_row("pragma journal_mode = wal", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(format!("the journal is {mode}").into());
        }
        db.execute_batch(
            "pragma synchronous = full; pragma foreign_keys = on; pragma wal_autocheckpoint = 1000; \
             pragma journal_size_limit = 67108864; pragma cache_size = -8192; pragma temp_store = memory; \
             pragma secure_delete = on",
        )?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(Self(db))
    }

    /// Runs statements by hand.
    pub(crate) fn run(&self, text: &str) -> Result<()> {
        Ok(self.0.execute_batch(text)?)
    }

    /// Writes the rows of a group of operations in one durable transaction.
    pub(crate) fn write(&self, group: &[(Whom, To)]) -> Result<()> {
        self.0.execute_batch("begin immediate")?;
        for (whom, to) in group {
            for (sql, values) in lines(*whom, *to, EVENT_SQLITE) {
                let mut statement = self.0.prepare_cached(sql)?;
                for (index, value) in values.iter().enumerate() {
                    match value {
                        Value::Id(id) => statement.raw_bind_parameter(index + 1, id)?,
                        Value::Number(number) => statement.raw_bind_parameter(index + 1, number)?,
                        Value::Text(text) => statement.raw_bind_parameter(index + 1, text)?,
                    }
                }
                one(statement.raw_execute()? as u64, sql)?;
            }
        }
        Ok(self.0.execute_batch("commit")?)
    }
}

fn one(rows: u64, sql: &str) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(format!("{rows} rows by {sql}").into()) }
}

/// Writes by `tokio-postgres` alone, over one connection.
pub(crate) struct Postgres {
    client: Client,
    prepared: Vec<(&'static str, Statement)>,
}

impl Postgres {
    /// Connects, and prepares each statement.
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let client = rig::postgres::connect(url).await?;
        let mut prepared = Vec::new();
        for sql in
            [AWAY, BACK, SPAN_ENDS, SPAN_BEGINS, EVENT_POSTGRES, AUDIT, STEP, STEP_CHANGE, COUNTERS, DAY]
        {
            prepared.push((sql, client.prepare(sql).await.during(sql)?));
        }
        Ok(Self { client, prepared })
    }

    /// Writes the rows of one operation in a durable transaction, all of it sent at once: one way there and back.
    pub(crate) async fn write(&self, whom: Whom, to: To) -> Result<()> {
        let lines = lines(whom, to, EVENT_POSTGRES);
        let work = async {
            try_join_all(lines.iter().map(|line| self.line(line))).await?;
            Ok::<_, rig::failure::Failure>(())
        };
        let begin = async { Ok(self.client.batch_execute("begin").await?) };
        let commit = async { Ok(self.client.batch_execute("commit").await?) };
        // They are sent in the order in which they are first polled.
        tokio::try_join!(biased; begin, work, commit)?;
        Ok(())
    }

    async fn line(&self, (sql, values): &Line) -> Result<()> {
        let prepared = self.prepared.iter().find(|(text, _)| text == sql).ok_or("not prepared")?;
        let params = values.iter().map(|value| -> &(dyn tokio_postgres::types::ToSql + Sync) {
            match value {
                Value::Id(id) => id,
                Value::Number(number) => number,
                Value::Text(text) => text,
            }
        });
        one(self.client.execute_raw(&prepared.1, params).await?, sql)
    }
}

#[cfg(test)]
mod tests;
