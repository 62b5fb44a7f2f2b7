//! Whether the harness finds what is there: each planted fault is switched on, and must be seen.

use std::{sync::Arc, time::Duration};

use rig::{failure::Result, postgres::Postgres};

use crate::{
    args::Trouble,
    desk::Engine,
    journal::Violation,
    run::{self, Outcome, Until},
    stage::Plan,
};

/// A fault of `crates/tenure/src/planted.rs`.
struct Planted {
    name: &'static str,
    /// The invariant that it breaks.
    invariant: u8,
    /// By which of its checks, where not by any: a part of what it says.
    check: &'static str,
    /// What brings it to light.
    trouble: fn(Engine) -> Trouble,
    /// Whether only the checks of the end find it.
    in_the_end: bool,
}

/// How long a fault may stay unseen, and how long is worked before the end is looked at.
const BOUND: Duration = Duration::from_mins(3);
const SHORTLY: Duration = Duration::from_secs(15);

/// A fault that any kill of a server may bring to light, and any check of its invariant.
const fn planted(name: &'static str, invariant: u8) -> Planted {
    Planted { name, invariant, check: "", trouble: |_| Trouble::Kill, in_the_end: false }
}

const PLANTED: [Planted; 9] = [
    Planted {
        trouble: |engine| if engine == Engine::Sqlite { Trouble::Power } else { Trouble::Database },
        ..planted("synchronous-off", 4)
    },
    planted("cached-session", 1),
    planted("counted-license", 2),
    planted("unguarded-owner", 3),
    planted("left-teams", 5),
    Planted { check: "what is left in", in_the_end: true, ..planted("named-in-log", 6) },
    planted("any-workspace", 7),
    Planted { check: "that the receiver refused", in_the_end: true, ..planted("never-again", 8) },
    Planted { check: "about the same person or thing", ..planted("hasty", 8) },
];

/// Runs each planted fault until it is seen. What was seen counts as passed, and what was not as failed.
pub(crate) async fn prove(plan: &Plan, postgres: Option<Arc<Postgres>>) -> Result<Outcome> {
    let binary = plan.planted.clone().ok_or("no program with planted faults: scripts/faults builds it")?;
    let mut whole: Option<Outcome> = None;
    for planted in PLANTED {
        let trouble = (planted.trouble)(plan.engine);
        if trouble == Trouble::Power
            && let Some(why) = crate::mount::Mounted::missing()
        {
            return Err(format!("{} cannot be proved: {why}", planted.name).into());
        }
        let plan = Plan {
            binary: binary.clone(),
            extra: vec![("PLANTED".into(), planted.name.into())],
            troubles: vec![trouble],
            journal: plan.journal.with_file_name(format!("{}-{}.jsonl", plan.engine, planted.name)),
            ..plan.clone()
        };
        let until = if planted.in_the_end {
            Until::SeenInTheEnd(SHORTLY)
        } else {
            Until::Seen(BOUND, planted.invariant)
        };
        let outcome = run::run(&plan, until, postgres.clone()).await?;
        let is_it =
            |one: &&Violation| one.invariant == planted.invariant && one.during.contains(planted.check);
        let seen = outcome.violations.iter().find(is_it);
        match seen {
            Some(seen) => eprintln!("{}: {} was found after {:.1} s", plan.engine, planted.name, seen.at),
            None => eprintln!("{}: {} was NOT found", plan.engine, planted.name),
        }
        let (passed, failed) = if seen.is_some() { (1, 0) } else { (0, 1) };
        let before = whole.take().map_or((0, 0), |one| (one.passed, one.failed));
        whole = Some(Outcome { passed: before.0 + passed, failed: before.1 + failed, ..outcome });
    }
    whole.ok_or_else(|| "nothing is planted".into())
}
