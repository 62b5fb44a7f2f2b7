//! Breaks Tenure under load, and looks whether what was promised still holds.

mod args;
mod chance;
mod checks;
mod client;
mod deeds;
mod desk;
mod disk;
mod follow;
mod hooks;
mod journal;
mod knock;
mod lab;
mod model;
mod mount;
mod prove;
mod report;
mod run;
mod stage;
mod trial;
mod trouble;
mod wire;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::{Parser as _, ValueEnum as _};
use rig::{
    failure::{During as _, Result},
    postgres::Postgres,
    server::{Build, binary},
};

use args::{Args, Trouble};
use desk::Engine;
use run::{Outcome, Until};
use stage::Plan;

fn main() -> ExitCode {
    let args = Args::parse();
    rig::program::run("faults", run_all(&args))
}

/// Runs what was asked for; answers whether everything held.
async fn run_all(args: &Args) -> Result<bool> {
    let folder = args.report.parent().map(PathBuf::from).unwrap_or_default();
    fs::create_dir_all(&folder).during(folder.display())?;
    let engines = args.engines();
    let postgres = if engines.contains(&Engine::Postgres) {
        let postgres = Postgres::start("faults", None).await?;
        // What a commit does not wait for is flushed by and by: the later, the more a crash shows.
        postgres.set("wal_writer_delay", "10s").await?;
        Some(Arc::new(postgres))
    } else {
        None
    };
    let seed = args.seed.unwrap_or_else(new_seed);
    eprintln!("faults: seed {seed}");
    let binary = match &args.bin {
        Some(path) => path.canonicalize().during(path.display())?,
        None => binary(Build::Debug)?,
    };
    let mut outcomes = Vec::new();
    for engine in &engines {
        let plan = plan(args, *engine, (seed, &binary), &folder);
        let span = args.span / u32::try_from(engines.len()).unwrap_or(1);
        let outcome = if args.prove {
            prove::prove(&plan, postgres.clone()).await?
        } else {
            run::run(&plan, Until::Over(span), postgres.clone()).await?
        };
        outcomes.push(outcome);
        // Also what comes later may be broken off.
        report::write(&args.report, &outcomes)?;
    }
    if let Some(postgres) = postgres {
        postgres.end().await?;
    }
    for outcome in &outcomes {
        println!("faults on {}: {} passed, {} failed", outcome.engine, outcome.passed, outcome.failed);
    }
    Ok(outcomes.iter().all(|outcome: &Outcome| outcome.failed == 0))
}

/// The trial of an engine.
fn plan(args: &Args, engine: Engine, (seed, binary): (u64, &Path), folder: &Path) -> Plan {
    let planted = args.planted_bin.canonicalize().ok();
    let mut troubles: Vec<Trouble> = Trouble::value_variants().to_vec();
    troubles.retain(|trouble| args.only.is_empty() || args.only.contains(trouble));
    troubles.retain(|trouble| trouble.fits(engine));
    let mut leave = |which: &dyn Fn(Trouble) -> bool, why: &str| {
        for trouble in troubles.extract_if(.., |trouble| which(*trouble)) {
            println!("faults: not run on {engine}: {}: {why}", trouble.name());
        }
    };
    if let Some(why) = mount::Mounted::missing() {
        leave(&|trouble| trouble.needs_disk(), why);
    }
    if planted.is_none() {
        leave(
            &|trouble| trouble == Trouble::Clock,
            "no program with the feature `planted`: scripts/faults build",
        );
    }
    Plan {
        engine,
        seed,
        binary: binary.into(),
        planted,
        extra: Vec::new(),
        troubles,
        nodes: if engine == Engine::Postgres { args.nodes.into() } else { 1 },
        clients: args.clients.into(),
        journal: folder.join(format!("{}.jsonl", engine.to_string().to_lowercase())),
    }
}

/// A seed that no run had before.
#[expect(
    clippy::disallowed_methods,
    reason = "a new seed is told by the clock, and printed so that it can be had again"
)]
fn new_seed() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(1, |since| since.as_secs() % 1_000_000_000)
}
