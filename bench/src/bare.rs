//! The bare server: a route of axum that answers JSON, with the runtime and the listener that Tenure has; and the same
//! route after it has asked the database who shows the token, by the database's driver alone.

use std::sync::Mutex;

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use rusqlite::{Connection, OpenFlags, config::DbConfig, types::ValueRef};
use serde::{Deserialize, Serialize};
use tenure::store::{Engine, PLANNING, tokens::CHECK_AT};
use tokio::net::TcpListener;
use tokio_postgres::Statement;
use uuid::Uuid;

use rig::{
    failure::{During as _, Result},
    postgres,
};

/// The variable with what to look for, as JSON.
pub(crate) const LOOK: &str = "TENURE_BENCH_LOOK";
/// Where it looks first.
pub(crate) const LOOKING: &str = "/look";

/// What to look for in the database.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Look {
    /// A file of SQLite, or the URL of a PostgreSQL database.
    pub(crate) database: String,
    /// The Host of the workspace.
    pub(crate) host: String,
    /// The digest of the token.
    pub(crate) hash: Vec<u8>,
}

/// About as much as `GET /api/v1/me` tells.
#[derive(Serialize)]
struct Me {
    id: Uuid,
    name: &'static str,
    email: &'static str,
    role: &'static str,
    workspace: &'static str,
    language: Option<&'static str>,
    time_zone: Option<&'static str>,
    theme: &'static str,
}

const ME: Me = Me {
    id: Uuid::from_u128(0x0196_0000_0000_7000_8000_0000_0000_0001),
    name: "Samir Haddad",
    email: "samir@acme.example",
    role: "administrator",
    workspace: "Acme",
    language: None,
    time_zone: None,
    theme: "system",
};

/// Serves until it is killed; prints where.
pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let look = std::env::var(LOOK).during(LOOK)?;
    let looking = looking(serde_json::from_str(&look).during(LOOK)?).await?;
    let router = looking.route("/api/v1/me", get(async || Json(ME)));
    println!("{}", serde_json::json!({ "url": format!("http://{}", listener.local_addr()?) }));
    Ok(axum::serve(listener, router).await?)
}

async fn looking(look: Look) -> Result<Router> {
    let driver = &*Box::leak(Box::new(Driver::open(look).await?));
    let answer = async |State(driver): State<&'static Driver>| match driver.look().await {
        Ok(true) => Ok(Json(ME)),
        Ok(false) => Err((StatusCode::UNAUTHORIZED, "nobody".to_owned())),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
    };
    Ok(Router::new().route(LOOKING, get(answer)).with_state(driver))
}

/// A driver as Tenure uses it: connections to the file that are lent, or one connection to the server for all.
enum Driver {
    Sqlite(Look, Mutex<Vec<Connection>>),
    Postgres(Look, tokio_postgres::Client, Statement),
}

impl Driver {
    async fn open(look: Look) -> Result<Self> {
        if !look.database.contains("://") {
            return Ok(Self::Sqlite(look, Mutex::default()));
        }
        let client = postgres::connect(&look.database).await?;
        client.batch_execute(PLANNING).await?;
        let statement = client.prepare(CHECK_AT.text(Engine::Postgres)).await?;
        Ok(Self::Postgres(look, client, statement))
    }

    /// Whether the one who shows the token is there.
    async fn look(&self) -> Result<bool> {
        match self {
            Self::Sqlite(look, idle) => {
                let kept = idle.lock().map_err(|_| "a reader panicked")?.pop();
                let db = match kept {
                    Some(db) => db,
                    None => open(&look.database)?,
                };
                let read = read(&db, look)?;
                idle.lock().map_err(|_| "a reader panicked")?.push(db);
                Ok(read > 0)
            }
            Self::Postgres(look, client, statement) => {
                let found = client.query_opt(statement, &[&look.host, &Uuid::nil(), &look.hash]).await;
                Ok(found.during("the look at the token")?.is_some())
            }
        }
    }
}

fn open(file: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    // Else SQLite prepares the statement anew for each value that is bound.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(db)
}

/// Reads every column of the row; answers how much that was.
fn read(db: &Connection, look: &Look) -> Result<usize> {
    let mut statement = db.prepare_cached(CHECK_AT.text(Engine::Sqlite))?;
    let columns = statement.column_count();
    let mut rows = statement.query((&look.host, Uuid::nil(), &look.hash))?;
    let mut read = 0;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            read += match row.get_ref(column)? {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 1,
            };
        }
    }
    Ok(read)
}
