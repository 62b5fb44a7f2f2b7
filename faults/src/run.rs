//! A trial from its beginning to its end.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper::Method;
use rig::{
    clock::Stopwatch,
    failure::{During as _, Result},
    postgres::Postgres,
};
use serde::Serialize;
use serde_json::json;
use tokio::{
    sync::Mutex,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    args::Trouble,
    chance::Chance,
    checks::Checks,
    client::Client,
    journal::{Journal, Tally, Violation},
    stage::{Plan, Stage},
};

/// How long clients may take to stand still before the trial counts as hung.
const HUNG: Duration = Duration::from_mins(3);
/// How long no delivery may come before those that are left count as lost, and how long where some are lost.
const PATIENCE: Duration = Duration::from_secs(90);
const SHORTLY: Duration = Duration::from_secs(8);
/// How long a trial may take to come to what its end is to show.
const LONGEST: Duration = Duration::from_mins(3);
/// How many names and addresses must be deleted by then: some are of invitations taken back.
const DELETED: usize = 10;
/// Of each client: users, customers, teams.
const OWN: (usize, usize, usize) = (4, 2, 2);

/// What came of a trial.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outcome {
    /// The database.
    pub(crate) engine: String,
    /// What it can be made again with.
    pub(crate) seed: u64,
    /// How long it took, in seconds.
    pub(crate) seconds: f64,
    /// Faults after which everything held.
    pub(crate) passed: u64,
    /// Faults after which something did not.
    pub(crate) failed: u64,
    /// The counts.
    pub(crate) tally: Tally,
    /// Attempts to deliver, and events that arrived.
    pub(crate) deliveries: (u64, usize),
    /// Everything that may never happen, and did.
    pub(crate) violations: Vec<Violation>,
}

/// When a trial is over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// When this time has passed.
    Over(Duration),
    /// When this invariant is violated, or this time has passed: the end is not looked at.
    Seen(Duration, u8),
    /// When this time has passed, and some were deleted and some deliveries refused (a slow machine is given longer); then
    /// nothing is waited for that should have come by now.
    SeenInTheEnd(Duration),
}

/// The fleet: its clients, and their tasks.
struct Fleet {
    clients: Vec<Arc<Mutex<Client>>>,
    tasks: JoinSet<Result<()>>,
    stop: Arc<AtomicBool>,
}

impl Fleet {
    /// Makes the clients and lets them go.
    async fn launch(plan: &Plan, stage: &mut Stage) -> Result<Self> {
        let mut clients = Vec::new();
        for number in 0..plan.clients {
            let mut client = Client::new(number, plan.seed, stage.trial.clone(), OWN.0, OWN.1);
            for team in 0..OWN.2 {
                let body = json!({ "name": format!("Team {number}.{team}") });
                let made =
                    stage.trial.must(&stage.trial.alpha, Method::POST, "/api/v1/teams", Some(body)).await?;
                client.teams.push(made["id"].as_str().ok_or("no team")?.to_owned());
            }
            clients.push(Arc::new(Mutex::new(client)));
        }
        stage.clients.clone_from(&clients);
        let (mut tasks, stop) = (JoinSet::new(), Arc::new(AtomicBool::new(false)));
        for client in &clients {
            let (client, stop, trial) = (client.clone(), stop.clone(), stage.trial.clone());
            tasks.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let _turn = trial.gate.read().await;
                    client.lock().await.turn().await?;
                }
                Ok(())
            });
        }
        Ok(Self { clients, tasks, stop })
    }

    /// Fails where a client could not go on.
    fn is_well(&mut self) -> Result<()> {
        match self.tasks.try_join_next() {
            Some(ended) => ended.during("a client")?.and(Err("a client has ended".into())),
            None => Ok(()),
        }
    }

    /// Lets the clients finish what they are at.
    async fn land(&mut self) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) =
            timeout(HUNG, self.tasks.join_next()).await.during("the clients do not end")?
        {
            ended??;
        }
        Ok(())
    }
}

/// Runs a trial.
pub(crate) async fn run(plan: &Plan, until: Until, postgres: Option<Arc<Postgres>>) -> Result<Outcome> {
    let mut stage = Stage::set(plan, postgres).await?;
    let trial = stage.trial.clone();
    let mut checks = Checks::begin(trial.clone(), plan.seed).await?;
    let mut fleet = Fleet::launch(plan, &mut stage).await?;
    let watch = Stopwatch::start();
    let (span, wanted) = match until {
        Until::Over(span) | Until::SeenInTheEnd(span) => (span, None),
        Until::Seen(span, invariant) => (span, Some(invariant)),
    };
    let enough = || {
        let shown = trial.hooks.has_refused() && trial.gone().len() >= DELETED;
        let goes_on = matches!(until, Until::SeenInTheEnd(_)) && !shown && watch.elapsed() < LONGEST;
        watch.elapsed() >= span && !goes_on
    };
    let patience = if matches!(until, Until::SeenInTheEnd(_)) { SHORTLY } else { PATIENCE };
    let mut rounds = Rounds::default();
    while !enough() && !wanted.is_some_and(|one| trial.journal.is_violated(one)) && !stage.dead {
        let trouble =
            rounds.next(&plan.troubles, &mut stage.chance).ok_or("no fault is left to choose from")?;
        let before = trial.journal.violated();
        let ended = tokio::select! {
            ended = round(&mut stage, &mut checks, &mut fleet, trouble) => ended,
            // Whoever looks for one violation need not wait for the rest.
            () = seen(&trial.journal, wanted) => Ok(()),
        };
        if let Err(error) = ended {
            stage.dead = true;
            let during = || trouble.name().to_owned();
            // No invariant's: what a planted fault is known by must be seen, not what else can go wrong with a trial.
            trial.journal.check(0, false, during, || "the trial goes on".into(), || error.to_string());
        }
        rounds.count(trial.journal.violated() == before);
        rounds.tell(plan, trouble, &trial.journal);
    }
    let before = trial.journal.violated();
    if stage.dead || (wanted.is_some() && before > 0) {
        fleet.tasks.abort_all();
    } else {
        fleet.land().await?;
        if wanted.is_none() {
            finish(&mut stage, &mut checks, &fleet, patience).await?;
        }
        rounds.count(trial.journal.violated() == before);
    }
    if trial.journal.violated() > 0 {
        let kept = plan.journal.with_extension("logs");
        copy(&trial.desk.logs, &kept).during(kept.display())?;
        eprintln!("faults: the servers' logs and what was in the database are in {}", kept.display());
    }
    Ok(Outcome {
        engine: plan.engine.to_string(),
        seed: plan.seed,
        seconds: watch.seconds(),
        passed: rounds.passed,
        failed: rounds.failed,
        tally: trial.journal.tally(),
        deliveries: trial.hooks.counts(),
        violations: trial.journal.violations(),
    })
}

/// One fault under load, and everything looked at afterwards.
async fn round(stage: &mut Stage, checks: &mut Checks, fleet: &mut Fleet, trouble: Trouble) -> Result<()> {
    sleep(Duration::from_millis(400 + stage.chance.next() % 2_000)).await;
    fleet.is_well()?;
    stage.trouble(trouble).await?;
    if !stage.dead {
        let trial = stage.trial.clone();
        let _still = timeout(HUNG, trial.gate.write()).await.during("the clients do not stand still")?;
        checks.all(&fleet.clients, trouble.name()).await?;
    }
    Ok(())
}

/// Ends once this invariant is violated; never, where none is waited for.
async fn seen(journal: &Journal, invariant: Option<u8>) {
    while !invariant.is_some_and(|one| journal.is_violated(one)) {
        sleep(Duration::from_millis(50)).await;
    }
}

/// Copies the files of a folder into another.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The faults of a trial, one after the other.
#[derive(Debug, Default)]
struct Rounds {
    queue: Vec<Trouble>,
    passed: u64,
    failed: u64,
}

impl Rounds {
    /// The next fault: each kind comes, in an order that is another each time round.
    fn next(&mut self, of: &[Trouble], chance: &mut Chance) -> Option<Trouble> {
        if self.queue.is_empty() {
            self.queue = of.to_vec();
        }
        (!self.queue.is_empty()).then(|| self.queue.swap_remove(chance.below(self.queue.len())))
    }

    fn count(&mut self, held: bool) {
        *if held { &mut self.passed } else { &mut self.failed } += 1;
    }

    fn tell(&self, plan: &Plan, trouble: Trouble, journal: &Journal) {
        let tally = journal.tally();
        eprintln!(
            "{} {:>6.1} s: {}; {} rounds held, {} did not; {} operations, {} acknowledged, {} unknown",
            plan.engine,
            journal.seconds(),
            trouble.name(),
            self.passed,
            self.failed,
            tally.asked,
            tally.acknowledged,
            tally.unknown,
        );
    }
}

/// What can only be looked at in the end.
async fn finish(stage: &mut Stage, checks: &mut Checks, fleet: &Fleet, patience: Duration) -> Result<()> {
    checks.all(&fleet.clients, "the end").await?;
    stage.catch_up().await?;
    checks.deliveries(patience).await?;
    checks.searches().await?;
    stage.end_all().await?;
    let dump = stage.dump().await?;
    checks.remains(&dump).await?;
    if stage.trial.journal.violated() > 0 {
        // Beside the servers' logs, which are kept then.
        let file = stage.trial.desk.logs.join("dump");
        tokio::fs::write(&file, dump).await.during(file.display())?;
    }
    Ok(())
}
