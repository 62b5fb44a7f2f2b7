//! A desk: its data, its commands, and servers on it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use rig::{
    failure::{During as _, Result},
    server::Server,
};
use serde_json::Value;

use crate::stage::Node;

/// The settings of every server here. Limits on how often one client may ask would be what is tried; everything else is
/// as it is delivered, but for the work of a hash, and for times that a trial would only wait for.
const SETTINGS: [(&str, &str); 17] = [
    ("TENURE_RATES_REQUESTS_ACCOUNT", "off"),
    ("TENURE_RATES_REQUESTS_ADDRESS", "off"),
    ("TENURE_RATES_SIGN_IN_ACCOUNT", "off"),
    ("TENURE_RATES_SIGN_IN_ADDRESS", "off"),
    ("TENURE_RATES_CONFIRM_ACCOUNT", "off"),
    ("TENURE_RATES_LINK_ADDRESS", "off"),
    ("TENURE_RATES_RETURN_ADDRESS", "off"),
    ("TENURE_RATES_REGISTER_ADDRESS", "off"),
    ("TENURE_RATES_REGISTER_WORKSPACE", "off"),
    ("TENURE_RATES_REQUEST_ADDRESS", "off"),
    ("TENURE_PASSWORD_COST", "test"),
    ("TENURE_LIMITS_REQUEST_TIME", "10s"),
    ("TENURE_LIMITS_DRAIN_TIME", "12s"),
    ("TENURE_WEBHOOKS_ALLOW_HTTP", "true"),
    ("TENURE_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.1"),
    ("TENURE_WEBHOOKS_ANSWER_TIME", "2s"),
    ("TENURE_LOG_LEVEL", "info"),
];

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// The embedded one.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The database underneath.
    pub(crate) engine: Engine,
    /// The program.
    pub(crate) binary: PathBuf,
    /// What is set beside the usual settings.
    pub(crate) extra: Vec<(String, String)>,
    /// The data folder.
    pub(crate) data: PathBuf,
    /// Where the servers' logs go.
    pub(crate) logs: PathBuf,
    /// Where PostgreSQL has its data.
    pub(crate) url: Option<String>,
    number: AtomicUsize,
}

impl Desk {
    /// One whose folders are there.
    pub(crate) fn new(engine: Engine, binary: &Path, data: &Path, logs: &Path, url: Option<String>) -> Self {
        Self {
            engine,
            binary: binary.into(),
            extra: Vec::new(),
            data: data.into(),
            logs: logs.into(),
            url,
            number: AtomicUsize::new(1),
        }
    }

    /// The program on this desk's data, with nothing of this process's own settings.
    pub(crate) fn command(&self) -> Command {
        self.command_of(&self.binary)
    }

    fn command_of(&self, binary: &Path) -> Command {
        let mut command = self.wrapped(binary);
        command.arg("--data").arg(&self.data).arg("--audit-key").arg(self.key());
        command
    }

    /// The key that seals the audit log. Nodes on PostgreSQL must be told where it is.
    pub(crate) fn key(&self) -> PathBuf {
        self.data.join("audit.key")
    }

    /// Another program, with the settings of the desk.
    pub(crate) fn wrapped(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TENURE_"))
        {
            command.env_remove(name);
        }
        command.envs(SETTINGS).envs(self.extra.iter().map(|(name, value)| (name, value)));
        if let Some(url) = &self.url {
            command.env("TENURE_DATABASE_URL", url);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command; answers what it said as JSON.
    pub(crate) async fn run(&self, args: &[&str]) -> Result<Value> {
        let (status, said, complaint) = self.ran(args).await?;
        if status != Some(0) {
            return Err(format!("tenure {}: {}", args.join(" "), complaint.trim()).into());
        }
        serde_json::from_str(&said).during(args.join(" "))
    }

    /// Runs a command; answers its exit code, and what it said on either side.
    pub(crate) async fn ran(&self, args: &[&str]) -> Result<(Option<i32>, String, String)> {
        let mut command = self.command();
        command.args(args).arg("--json");
        let ran = tokio::task::spawn_blocking(move || command.output()).await?.during(args.join(" "))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((ran.status.code(), text(&ran.stdout), text(&ran.stderr)))
    }

    /// Starts a server; on PostgreSQL there may be several.
    pub(crate) async fn serve(&self) -> Result<Node> {
        self.serve_as(self.command()).await
    }

    /// Starts a server of another build.
    pub(crate) async fn serve_with(&self, binary: &Path, settings: &[(&str, String)]) -> Result<Node> {
        let mut command = self.command_of(binary);
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        self.serve_as(command).await
    }

    /// Starts a server by a command that has everything but the subcommand.
    pub(crate) async fn serve_as(&self, mut command: Command) -> Result<Node> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let name = format!("node{number}");
        if let Some(url) = &self.url {
            // So that what a dead node left running at the database can be told from what others do there.
            let mark = if url.contains('?') { '&' } else { '?' };
            command.env("TENURE_DATABASE_URL", format!("{url}{mark}application_name={name}"));
        }
        command.args(["serve", "--listen", "127.0.0.1:0", "--json"]);
        let server = Server::start(command, self.logs.join(format!("{name}.log"))).await?;
        Ok(Node { server, name })
    }
}
