//! One connection to `PostgreSQL` and how it is made.

use super::postgres_tls::{self, Tls};
use super::sqlite::lock;
use super::{Error, Param, error};
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use futures_util::TryStreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Row, Statement};

/// Prepared statements kept per connection. Constant statements are some hundreds; built ones come in few forms.
const KEPT: usize = 1024;

/// How a connection plans: once for all values, by loops over indexes, as SQLite does, and as the test of plans looks at
/// them. Left to itself, PostgreSQL plans lists anew for each page, goes through a table that was small when it planned,
/// and joins by all rows of a workspace where a bound number says how many are wanted (docs/decisions/0026).
pub const PLANNING: &str = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; \
     set enable_hashjoin = off; set enable_mergejoin = off; set max_parallel_workers_per_gather = 0; set jit = off";

/// A connection with the statements prepared on it, by their text.
pub(super) struct Wire {
    pub(super) client: Client,
    statements: Mutex<HashMap<Arc<str>, Statement>>,
}

impl Wire {
    pub(super) async fn prepared(&self, text: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = lock(&self.statements).get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text).await?;
        let mut statements = lock(&self.statements);
        if statements.len() >= KEPT {
            statements.clear();
        }
        statements.insert(text.into(), statement.clone());
        Ok(statement)
    }

    pub(super) fn forget(&self) {
        lock(&self.statements).clear();
    }

    /// Sent when first polled, so that several leave in the order in which they are polled.
    pub(super) async fn query(
        &self,
        statement: &Statement,
        params: &[&dyn Param],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.client.query_raw(statement, values(params)).await?.try_collect().await
    }

    /// As [`Wire::query`].
    pub(super) async fn exec(
        &self,
        statement: &Statement,
        params: &[&dyn Param],
    ) -> Result<u64, tokio_postgres::Error> {
        self.client.execute_raw(statement, values(params)).await
    }
}

fn values<'a>(params: &'a [&'a dyn Param]) -> impl ExactSizeIterator<Item = &'a (dyn ToSql + Sync)> {
    params.iter().map(|param| *param as &(dyn ToSql + Sync))
}

/// Makes connections for the pool.
pub(super) struct Manager {
    config: Config,
    tls: Tls,
    target: String,
}

impl Manager {
    pub(super) fn new(url: &str) -> Result<Self, Error> {
        let (mut config, tls) = postgres_tls::parse(url)?;
        if config.get_application_name().is_none() {
            config.application_name("tenure");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        let target = named(&config);
        Ok(Self { config, tls, target })
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// A connection of its own that tells of what other nodes notify on a channel, until it ends.
    pub(super) async fn listen(
        &self,
        channel: &str,
        heard: Arc<Notify>,
    ) -> Result<Client, tokio_postgres::Error> {
        let client = Box::pin(self.tls.listen(&self.config, heard)).await?;
        client.batch_execute(&format!("listen {channel}")).await?;
        Ok(client)
    }

    pub(super) async fn connect(&self) -> Result<Wire, Error> {
        let failed = |e| Error::open(&self.target, error::words(&e));
        // Boxed: connecting is rare, and its state would make every future that may connect large.
        let client = Box::pin(self.tls.connect(&self.config)).await.map_err(failed)?;
        // Bounds what a lost client or a slow statement can hold. Of a node that stands still, what waits for a row gives up
        // before what has the row is ended, or the one would get it from the other, and hold it as long again; what waits at
        // another node waits anew. A limit set for the role stays.
        let limits = "select set_config('statement_timeout', '30s', false)
                where current_setting('statement_timeout') = '0';
             select set_config('lock_timeout', '3s', false) where current_setting('lock_timeout') = '0';
             select set_config('idle_in_transaction_session_timeout', '5s', false)
                where current_setting('idle_in_transaction_session_timeout') = '0'";
        client.batch_execute(&format!("{limits}; {PLANNING}")).await.map_err(failed)?;
        #[cfg(feature = "planted")]
        client.batch_execute(crate::planted::careless(false)).await.map_err(failed)?;
        Ok(Wire { client, statements: Mutex::new(HashMap::new()) })
    }
}

impl managed::Manager for Manager {
    type Type = Wire;
    type Error = Error;

    async fn create(&self) -> Result<Wire, Error> {
        self.connect().await
    }

    async fn recycle(&self, wire: &mut Wire, _: &Metrics) -> RecycleResult<Error> {
        if wire.client.is_closed() {
            return Err(RecycleError::message("the connection is closed"));
        }
        Ok(())
    }
}

/// The database in words, without its password, for messages.
fn named(config: &Config) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        tokio_postgres::config::Host::Tcp(name) => name.clone(),
        tokio_postgres::config::Host::Unix(path) => path.display().to_string(),
    });
    let hosts: Vec<String> = hosts.collect();
    format!(
        "PostgreSQL database {} on {}",
        config.get_dbname().or(config.get_user()).unwrap_or("(default)"),
        if hosts.is_empty() { "(no host)".into() } else { hosts.join(", ") }
    )
}
