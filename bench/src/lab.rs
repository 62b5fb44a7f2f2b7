//! What every measure needs: the plan, the program, the databases, and a folder that is gone afterwards.

use std::{
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use tenure::store::Engine;
use tokio::sync::Mutex;

use rig::{
    clock::Stopwatch,
    failure::{During as _, Result},
    postgres::Postgres,
    server::{self, Build, Server},
};

use crate::{
    args::Args,
    bare::{self, Look},
    desk::{Crowd, Desk},
    plan::Plan,
};

/// The settings of a measured server: limits on how often one client may ask would be what is measured.
const SETTINGS: [(&str, &str); 7] = [
    ("TENURE_RATES_REQUESTS_ACCOUNT", "off"),
    ("TENURE_RATES_REQUESTS_ADDRESS", "off"),
    ("TENURE_RATES_SIGN_IN_ACCOUNT", "off"),
    ("TENURE_RATES_SIGN_IN_ADDRESS", "off"),
    ("TENURE_RATES_CONFIRM_ACCOUNT", "off"),
    ("TENURE_LOG_FORMAT", "json"),
    ("TENURE_CONFIG", ""),
];

/// A folder that is gone when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("tenure-bench-{}", std::process::id()));
        // Not one that is there: it could be somebody else's.
        std::fs::DirBuilder::new().mode(0o700).create(&path).during(path.display())?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("bench: {} is left: {error}", self.0.display());
        }
    }
}

/// See the module.
pub(crate) struct Lab {
    /// How large the run is.
    pub(crate) plan: Plan,
    binary: PathBuf,
    folder: Folder,
    engines: Vec<Engine>,
    postgres: std::result::Result<Postgres, String>,
    desks: Mutex<Vec<(Crowd, Arc<Desk>)>>,
    watch: Stopwatch,
}

/// The PostgreSQL of a run, or why there is none. Who names it or its address does not want a table without it.
async fn postgres(args: &Args) -> Result<std::result::Result<Postgres, String>> {
    if !args.wants(Engine::Postgres) {
        return Ok(Err("--engine sqlite".into()));
    }
    let named = std::env::var("TENURE_BENCH_POSTGRES").ok();
    let is_named = named.is_some();
    let asked = is_named || args.insists(Engine::Postgres);
    match Postgres::start("bench", named).await {
        Err(error) if asked && is_named => Err(error).during("the PostgreSQL of TENURE_BENCH_POSTGRES"),
        Err(error) if asked => Err(error).during("PostgreSQL"),
        started => Ok(started.map_err(|error| error.to_string())),
    }
}

impl Lab {
    /// Builds the server and starts PostgreSQL, where they are wanted.
    pub(crate) async fn open(args: &Args) -> Result<Self> {
        let watch = Stopwatch::start();
        let binary = server::binary(Build::Release)?;
        let postgres = postgres(args).await?;
        let engines = [Engine::Sqlite, Engine::Postgres].into_iter().filter(|engine| args.wants(*engine));
        Ok(Self {
            plan: args.plan(),
            binary,
            folder: Folder::make()?,
            engines: engines.collect(),
            postgres,
            desks: Mutex::default(),
            watch,
        })
    }

    /// The databases that were asked for, there or not.
    pub(crate) fn engines(&self) -> &[Engine] {
        &self.engines
    }

    /// Why an engine cannot be measured.
    pub(crate) fn missing(&self, engine: Engine) -> Option<&str> {
        self.postgres.as_ref().err().map(String::as_str).filter(|_| engine == Engine::Postgres)
    }

    /// The PostgreSQL of this run.
    pub(crate) fn postgres(&self) -> Result<&Postgres> {
        self.postgres.as_ref().map_err(|why| why.clone().into())
    }

    /// Where files of this run go.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// The program with the settings of a measured server, and none of this process's own.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TENURE_"))
        {
            command.env_remove(name);
        }
        command.envs(SETTINGS.into_iter().filter(|(_, value)| !value.is_empty()));
        command
    }

    /// A desk with so many users, made at the first asking. Measures leave as many active as they found.
    pub(crate) async fn desk(&self, engine: Engine, users: u64) -> Result<Arc<Desk>> {
        self.desk_with(engine, Crowd { users, some_away: true, ..Crowd::default() }).await
    }

    /// A desk with this crowd, made at the first asking.
    pub(crate) async fn desk_with(&self, engine: Engine, crowd: Crowd) -> Result<Arc<Desk>> {
        let mut desks = self.desks.lock().await;
        if let Some((_, desk)) = desks.iter().find(|(of, desk)| (*of, desk.engine) == (crowd, engine)) {
            return Ok(desk.clone());
        }
        let desk = Arc::new(Desk::make(self, engine, crowd).await?);
        desks.push((crowd, desk.clone()));
        Ok(desk)
    }

    /// The bare server: this program once more, with the same runtime.
    pub(crate) async fn bare(&self, look: &Look) -> Result<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--bare-server").env(bare::LOOK, serde_json::to_string(look)?);
        Server::start(command, self.folder().join("bare.log")).await
    }

    /// Says how far the run is.
    pub(crate) fn say(&self, what: &str) {
        eprintln!("{:6.1} s  {what}", self.watch.seconds());
    }

    /// Removes what the run has made elsewhere.
    pub(crate) async fn close(self) -> Result<()> {
        match &self.postgres {
            Ok(postgres) => postgres.end().await,
            Err(_) => Ok(()),
        }
    }
}
