//! A trial on its stage: the nodes, and what they stand on.

use std::{path::PathBuf, sync::Arc};

use rig::{
    failure::{During as _, Result},
    postgres::{Postgres, find},
    server::Server,
};
use tokio::sync::Mutex;

use crate::{
    args::Trouble,
    chance::Chance,
    client::Client,
    desk::{Desk, Engine},
    disk::Disk,
    lab::Folder,
    mount::Mounted,
    trial::Trial,
};

/// What a trial is to be.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The database.
    pub(crate) engine: Engine,
    /// See the arguments.
    pub(crate) seed: u64,
    /// The program.
    pub(crate) binary: PathBuf,
    /// The program with planted faults.
    pub(crate) planted: Option<PathBuf>,
    /// What is set for the servers.
    pub(crate) extra: Vec<(String, String)>,
    /// The faults to choose from.
    pub(crate) troubles: Vec<Trouble>,
    /// Nodes.
    pub(crate) nodes: usize,
    /// Clients.
    pub(crate) clients: usize,
    /// Where the journal goes.
    pub(crate) journal: PathBuf,
}

/// A server that runs, and how the database knows it.
pub(crate) struct Node {
    /// The server.
    pub(crate) server: Server,
    /// The name of its connections.
    pub(crate) name: String,
}

/// See the module. What it holds ends in this order: the folder last.
pub(crate) struct Stage {
    /// The nodes; `None` where one is down.
    pub(crate) nodes: Vec<Option<Node>>,
    /// What clients share.
    pub(crate) trial: Arc<Trial>,
    /// The clients, once they are there.
    pub(crate) clients: Vec<Arc<Mutex<Client>>>,
    /// The disk under the data folder, where it is one of the trial's own.
    pub(crate) disk: Option<(Arc<Disk>, Mounted)>,
    /// The PostgreSQL underneath.
    pub(crate) postgres: Option<Arc<Postgres>>,
    /// The program with planted faults.
    pub(crate) planted: Option<PathBuf>,
    /// Whether a server does not start any more.
    pub(crate) dead: bool,
    /// By how many hours a clock was ahead at most.
    pub(crate) ahead: i64,
    /// Its choices.
    pub(crate) chance: Chance,
    /// The folder of it all.
    _folder: Folder,
}

impl Stage {
    /// Makes the desk of a trial, and starts its nodes.
    pub(crate) async fn set(plan: &Plan, postgres: Option<Arc<Postgres>>) -> Result<Self> {
        let folder = Folder::make()?;
        let (data, logs) = (folder.sub("data")?, folder.sub("logs")?);
        let url = match (plan.engine, &postgres) {
            (Engine::Postgres, Some(postgres)) => {
                Some(postgres.database(&format!("trial{}", folder.number())).await?)
            }
            _ => None,
        };
        let own_disk = if plan.engine == Engine::Sqlite && Mounted::missing().is_none() {
            let disk = Arc::new(Disk::new(Chance::new(plan.seed, 0xd15c)));
            let mounted = Mounted::mount(disk.clone(), &data)?;
            Some((disk, mounted))
        } else {
            None
        };
        let mut desk = Desk::new(plan.engine, &plan.binary, &data, &logs, url);
        desk.extra.clone_from(&plan.extra);
        // Everybody who is shared, and one for each client, who each have more users: so few that they run out.
        let licenses = 9 + plan.clients;
        let trial = Arc::new(Trial::prepare(desk, &plan.journal, licenses).await?);
        if let Some((disk, _)) = &own_disk {
            // The trial begins here: what is there now is no question.
            disk.settle();
        }
        let mut stage = Self {
            nodes: (0..plan.nodes.max(1)).map(|_| None).collect(),
            trial,
            clients: Vec::new(),
            disk: own_disk,
            postgres,
            planted: plan.planted.clone(),
            dead: false,
            ahead: 0,
            chance: Chance::new(plan.seed, 0xfa17),
            _folder: folder,
        };
        stage.start_all().await?;
        Ok(stage)
    }

    /// Starts every node that is down.
    pub(crate) async fn start_all(&mut self) -> Result<()> {
        for at in 0..self.nodes.len() {
            if self.nodes[at].is_none() {
                match self.trial.desk.serve().await {
                    Ok(node) => self.put(at, node),
                    Err(error) => self.lose(&error),
                }
            }
        }
        Ok(())
    }

    /// Nothing starts any more: whatever was acknowledged is lost.
    fn lose(&mut self, error: &rig::failure::Failure) {
        self.dead = true;
        self.trial.journal.check(
            4,
            false,
            || "a start".into(),
            || "the server starts".into(),
            || error.to_string(),
        );
    }

    /// Puts a node in its place.
    pub(crate) fn put(&mut self, at: usize, node: Node) {
        self.trial.net.add(node.server.address);
        self.nodes[at] = Some(node);
    }

    /// One of the nodes, by chance.
    pub(crate) fn any(&mut self) -> usize {
        self.chance.below(self.nodes.len())
    }

    /// Asks every node to end, and waits until they have.
    pub(crate) async fn end_all(&mut self) -> Result<()> {
        for node in &mut self.nodes {
            if let Some(Node { server, .. }) = node.take() {
                self.trial.net.remove(server.address);
                server.end().await?;
            }
        }
        Ok(())
    }

    /// What is in the database: a dump as text, or a backup.
    pub(crate) async fn dump(&self) -> Result<Vec<u8>> {
        let Some(url) = &self.trial.desk.url else {
            // Rows alone, as in the dump.
            let place = Folder::make()?;
            let file = place.path().join("end.db");
            self.trial.desk.run(&["backup", &file.to_string_lossy()]).await?;
            return tokio::fs::read(&file).await.during(file.display());
        };
        let program = find("pg_dump").ok_or("pg_dump is not installed")?;
        let ran = tokio::process::Command::new(program).arg(url).output().await.during("pg_dump")?;
        if !ran.status.success() {
            return Err(format!("pg_dump: {}", String::from_utf8_lossy(&ran.stderr).trim()).into());
        }
        Ok(ran.stdout)
    }
}
