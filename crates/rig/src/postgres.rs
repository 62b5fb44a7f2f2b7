//! The PostgreSQL of a run: one of its own, or the one that was named.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use tokio_postgres::NoTls;

use crate::failure::{During as _, Result};

/// A server that databases can be made on.
pub struct Postgres {
    url: String,
    /// What its databases' names begin with.
    purpose: &'static str,
    /// The folder of the server that this run has started.
    own: Option<PathBuf>,
    databases: Mutex<Vec<String>>,
    /// Whether what it has committed survives a power cut.
    pub durable: bool,
}

impl Postgres {
    /// Takes the one that was named, or starts one that is durable.
    ///
    /// `purpose` is a word that begins the names of what is made: `bench` for example.
    pub async fn start(purpose: &'static str, named: Option<String>) -> Result<Self> {
        let (url, own) = if let Some(url) = named {
            (url, None)
        } else {
            let folder = std::env::temp_dir().join(format!("tenure-{purpose}-pg-{}", std::process::id()));
            (script(&folder, &["start", "--durable"])?, Some(folder))
        };
        let mut server = Self { url, purpose, own, databases: Mutex::default(), durable: false };
        let client = server.admin().await?;
        let setting = async |name: &str| -> Result<String> {
            let text = client.query_one(&format!("show {name}"), &[]).await?;
            Ok(text.try_get(0)?)
        };
        server.durable = setting("fsync").await? == "on" && setting("synchronous_commit").await? == "on";
        Ok(server)
    }

    async fn admin(&self) -> Result<tokio_postgres::Client> {
        connect(&self.url).await
    }

    /// Makes an empty database; answers its URL.
    pub async fn database(&self, name: &str) -> Result<String> {
        let name = format!("{}_{}_{name}", self.purpose, std::process::id());
        let made = self.admin().await?.batch_execute(&format!("create database {name}")).await;
        made.during("creating a database")?;
        self.note(&name);
        Ok(within(&self.url, &name))
    }

    fn note(&self, name: &str) {
        self.databases.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(name.to_owned());
    }

    /// Makes a copy of a database that nobody is connected to; answers its URL.
    pub async fn copy(&self, url: &str, name: &str) -> Result<String> {
        let config: tokio_postgres::Config = url.parse()?;
        let of = config.get_dbname().ok_or("the URL names no database")?;
        let name = format!("{}_{}_{name}", self.purpose, std::process::id());
        let admin = self.admin().await?;
        admin.batch_execute(&format!("create database {name} template {of}")).await.during("copying")?;
        self.note(&name);
        Ok(within(&self.url, &name))
    }

    /// Changes a setting of it that can be changed while it runs. Only of one of its own.
    pub async fn set(&self, name: &str, value: &str) -> Result<()> {
        if self.own.is_none() {
            return Err("this PostgreSQL belongs to somebody else".into());
        }
        let admin = self.admin().await?;
        admin.batch_execute(&format!("alter system set {name} = '{value}'")).await.during(name)?;
        admin.batch_execute("select pg_reload_conf()").await.during(name)
    }

    /// Ends it at once, as a crash does: what it has not flushed is lost. Only one of its own.
    pub fn crash(&self) -> Result<()> {
        let folder = self.own.as_ref().ok_or("this PostgreSQL belongs to somebody else")?;
        script(folder, &["crash"]).map(drop)
    }

    /// Starts it again after [`Postgres::crash`]. Blocks until it answers.
    pub fn start_again(&self) -> Result<()> {
        let folder = self.own.as_ref().ok_or("this PostgreSQL belongs to somebody else")?;
        script(folder, &["start", "--durable"]).map(drop)
    }

    /// Removes what the run has made on it.
    pub async fn end(&self) -> Result<()> {
        let names: Vec<String> = {
            let mut databases = self.databases.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            databases.drain(..).collect()
        };
        if let Some(folder) = &self.own {
            return stop(folder);
        }
        let client = self.admin().await?;
        for name in names {
            client.batch_execute(&format!("drop database if exists {name} with (force)")).await?;
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Where the run was broken off. Ending it twice does nothing.
        if let Some(folder) = self.own.as_ref().filter(|folder| folder.exists()) {
            let _ = stop(folder);
        }
    }
}

/// A connection of the driver alone.
pub async fn connect(url: &str) -> Result<tokio_postgres::Client> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.during("connecting to PostgreSQL")?;
    tokio::spawn(async move {
        // What goes wrong is told to whoever waits for an answer.
        let _ = connection.await;
    });
    Ok(client)
}

/// Ends the run's own server and removes its folder, and the lock that the script keeps beside it.
fn stop(folder: &Path) -> Result<()> {
    script(folder, &["stop"])?;
    let mut lock = folder.as_os_str().to_owned();
    lock.push(".lock");
    // Nobody else knows the folder's name.
    let _ = std::fs::remove_file(lock);
    Ok(())
}

fn script(folder: &Path, args: &[&str]) -> Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres");
    let ran = Command::new(&path)
        .args(args)
        .env("TENURE_TEST_POSTGRES_DIR", folder)
        .output()
        .during(path.display())?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).trim().to_owned().into());
    }
    Ok(String::from_utf8(ran.stdout)?.trim().to_owned())
}

/// A program of PostgreSQL: in the path, or where distributions put it.
#[must_use]
pub fn find(name: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    for version in [18, 17, 16, 15] {
        folders.push(format!("/usr/lib/postgresql/{version}/bin").into());
        folders.push(format!("/usr/pgsql-{version}/bin").into());
    }
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The URL with another database.
fn within(url: &str, database: &str) -> String {
    let (before, query) = url.split_once('?').map_or((url, None), |(before, query)| (before, Some(query)));
    let scheme = before.find("://").map_or(0, |at| at + 3);
    let end = before[scheme..].find('/').map_or(before.len(), |at| scheme + at);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{database}{query}", &before[..end])
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn the_url_of_a_database_differs_by_its_name_alone() {
        assert_eq!(
            within("postgresql:///postgres?host=/tmp&user=a", "b"),
            "postgresql:///b?host=/tmp&user=a"
        );
        assert_eq!(within("postgres://u:p@db:5432/x", "b"), "postgres://u:p@db:5432/b");
        assert_eq!(within("postgres://db", "b"), "postgres://db/b");
    }
}
