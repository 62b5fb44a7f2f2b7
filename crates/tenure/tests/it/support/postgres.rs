//! Databases on the PostgreSQL that `TENURE_TEST_POSTGRES` names.

use super::database::Ready;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;
use tenure::store::{MIGRATIONS, Store, Target};
use tenure::sys::Sys;
use tokio_postgres::{Client, Config, NoTls, config::Host};

/// A database that is dropped with this value.
pub(crate) struct Dropped {
    name: String,
}

impl Dropped {
    pub(crate) fn url(&self) -> String {
        url(&self.name)
    }

    /// The same as an address, as the configuration takes it.
    pub(crate) fn uri(&self) -> String {
        let config = config();
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            Some(Host::Unix(path)) => path.display().to_string(),
            None => "localhost".into(),
        };
        let mut uri = format!("postgres:///{}?host={host}", self.name);
        if let Some(port) = config.get_ports().first() {
            let _ = write!(uri, "&port={port}");
        }
        if let Some(user) = config.get_user() {
            let _ = write!(uri, "&user={user}");
        }
        if let Some(password) = config.get_password() {
            let _ = write!(uri, "&password={}", String::from_utf8_lossy(password));
        }
        uri
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        let text = format!("drop database if exists {} with (force)", self.name);
        // On a thread of its own: the test's runtime may be ending.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async { admin().await.batch_execute(&text).await })
        });
        let outcome = thread.join();
        if !std::thread::panicking() {
            outcome.expect("dropping does not panic").expect("the test database is dropped");
        }
    }
}

fn config() -> Config {
    let setting = std::env::var("TENURE_TEST_POSTGRES").unwrap_or_default();
    assert!(
        !setting.is_empty(),
        "TENURE_TEST_POSTGRES is not set: run `make test`, or `export TENURE_TEST_POSTGRES=$(scripts/postgres start)`"
    );
    // A folder stands for the socket in it.
    let url = if setting.starts_with('/') {
        format!("host={setting} user=tenure dbname=postgres")
    } else {
        setting
    };
    url.parse().expect("TENURE_TEST_POSTGRES is a connection string or the folder of a socket")
}

/// The connection string for another database of the same server.
fn url(database: &str) -> String {
    let config = config();
    let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let mut url = format!("dbname={database}");
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => quoted(name),
        Some(Host::Unix(path)) => quoted(&path.display().to_string()),
        None => "localhost".into(),
    };
    let _ = write!(url, " host={host}");
    if let Some(port) = config.get_ports().first() {
        let _ = write!(url, " port={port}");
    }
    if let Some(user) = config.get_user() {
        let _ = write!(url, " user={}", quoted(user));
    }
    if let Some(password) = config.get_password() {
        let _ = write!(url, " password={}", quoted(&String::from_utf8_lossy(password)));
    }
    url
}

/// A connection outside any test's database.
pub(crate) async fn admin() -> Client {
    let (client, connection) =
        config().connect(NoTls).await.expect("the PostgreSQL of TENURE_TEST_POSTGRES answers");
    tokio::spawn(connection);
    client
}

pub(crate) async fn create(ready: Ready) -> Dropped {
    let admin = admin().await;
    let name = format!("test_{}", Sys::real().uuid7().simple());
    let template = match ready {
        Ready::Empty => "template0".to_owned(),
        Ready::Migrated => template(&admin).await,
    };
    let text = format!("create database {name} template {template} encoding 'UTF8'");
    admin.batch_execute(&text).await.expect("a test database is made");
    Dropped { name }
}

/// A migrated database to copy, made once for each state of the migrations: copying takes a fraction of migrating.
async fn template(admin: &Client) -> String {
    let mut hasher = DefaultHasher::new();
    for migration in MIGRATIONS {
        (migration.version, migration.name, migration.postgres).hash(&mut hasher);
    }
    let name = format!("tenure_template_{:016x}", hasher.finish());
    // Ends with the connection. Tests in other threads and processes wait here for the first one.
    admin.batch_execute("select pg_advisory_lock(7310)").await.expect("the lock is granted");
    let exists =
        admin.query("select 1 from pg_database where datname = $1", &[&name]).await.expect("a query runs");
    if exists.is_empty() {
        build(admin, &name).await;
    }
    admin.batch_execute("select pg_advisory_unlock(7310)").await.expect("the lock is given back");
    name
}

/// Under another name until it is complete: a run that is interrupted leaves no half template.
async fn build(admin: &Client, name: &str) {
    let half = format!("{name}_half");
    let fresh = format!("drop database if exists {half} with (force)");
    admin.batch_execute(&fresh).await.expect("a half template is dropped");
    let make = format!("create database {half} template template0 encoding 'UTF8'");
    admin.batch_execute(&make).await.expect("a template is made");
    let store = Store::open(Target::Postgres(url(&half))).await.expect("the template opens");
    store.migrate().await.expect("the migrations run on PostgreSQL");
    store.close().await;
    drop(store);
    // The server notices closed connections a moment later.
    for _ in 0..100 {
        let text = format!("alter database {half} rename to {name}");
        if admin.batch_execute(&text).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the template {half} stays in use");
}
