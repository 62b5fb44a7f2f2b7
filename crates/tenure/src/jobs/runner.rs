//! Runs every kind of job in a loop of its own, workspace by workspace.

use std::{collections::HashMap, pin::Pin, time::Duration};

use domain::{
    actor::{Actor, Door},
    id::WorkspaceId,
};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};

use super::{bulk, departures, expire_invitations, purge, seal_audit};
use crate::{app::App, ctx::Ctx, error::Result, hooks, live};

type Work<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// One kind of job.
pub(super) struct Kind {
    /// The name in the audit log and in the server's log.
    pub(super) name: &'static str,
    /// How often it is looked whether something is due.
    pub(super) every: Duration,
    /// What tells that something may be due before that.
    pub(super) told: Option<fn(&App) -> &Notify>,
    /// The workspaces in which something is due.
    pub(super) due: fn(App) -> Work<Vec<WorkspaceId>>,
    /// Does what is due in one workspace; answers how much that was. While it is something, it is asked again.
    pub(super) run: fn(App, WorkspaceId) -> Work<usize>,
}

const KINDS: &[Kind] =
    &[seal_audit::KIND, expire_invitations::KIND, purge::KIND, bulk::KIND, departures::KIND];

/// The longest a workspace in which a job fails is left alone.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// A context for what the job of this name does now.
pub(super) fn ctx(app: &App, workspace: WorkspaceId, name: &str) -> Ctx {
    app.ctx(workspace, Actor::Job { name: name.into() }, Door::Job)
}

/// The running jobs.
pub struct Runner {
    stop: watch::Sender<bool>,
    loops: JoinSet<()>,
}

/// Starts every kind of job, the handing out of events, and the sending of webhooks.
#[must_use]
pub fn start(app: &App) -> Runner {
    let (stop, _) = watch::channel(false);
    let mut loops = JoinSet::new();
    for kind in KINDS {
        loops.spawn(turn(app.clone(), kind, stop.subscribe()));
    }
    loops.spawn(live::run(app.clone(), stop.subscribe()));
    loops.spawn(hooks::run(app.clone(), stop.subscribe()));
    Runner { stop, loops }
}

impl Runner {
    /// Lets what is under way come to its end, and ends.
    pub async fn stop(mut self) {
        // Nobody listens when all loops have ended already.
        let _ = self.stop.send(true);
        while self.loops.join_next().await.is_some() {}
    }
}

/// How a workspace in which a job failed is left alone for a while.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    failures: u32,
    again: Duration,
}

async fn turn(app: App, kind: &'static Kind, mut stop: watch::Receiver<bool>) {
    let mut troubles: HashMap<Option<WorkspaceId>, Trouble> = HashMap::new();
    loop {
        let done = look(&app, kind, &mut troubles, &stop).await;
        // Where something was done more may be due; who asks to stop is heard between two workspaces.
        let pause = if done > 0 { Duration::ZERO } else { jitter(&app, kind.every) };
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = told(&app, kind) => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Ends when somebody tells that something may be due.
async fn told(app: &App, kind: &Kind) {
    match kind.told {
        Some(told) => told(app).notified().await,
        None => std::future::pending().await,
    }
}

/// Does what is due now; answers how much that was. Told to stop, it leaves the workspaces that are left: of a thousand
/// the last may be long in coming.
async fn look(
    app: &App,
    kind: &'static Kind,
    troubles: &mut HashMap<Option<WorkspaceId>, Trouble>,
    stop: &watch::Receiver<bool>,
) -> usize {
    if left_alone(app, troubles, None) {
        return 0;
    }
    let mut all = 0;
    let due = match (kind.due)(app.clone()).await {
        Ok(due) => due,
        Err(error) => {
            fail(app, kind, troubles, None, &error);
            return 0;
        }
    };
    troubles.remove(&None);
    for workspace in due {
        if *stop.borrow() {
            break;
        }
        if left_alone(app, troubles, Some(workspace)) {
            continue;
        }
        match (kind.run)(app.clone(), workspace).await {
            Ok(done) => {
                troubles.remove(&Some(workspace));
                app.metrics.job(kind.name, Some(done));
                all += done;
                if done > 0 {
                    tracing::debug!(job = kind.name, %workspace, done, "done");
                }
            }
            Err(error) => fail(app, kind, troubles, Some(workspace), &error),
        }
    }
    all
}

fn left_alone(
    app: &App,
    troubles: &HashMap<Option<WorkspaceId>, Trouble>,
    workspace: Option<WorkspaceId>,
) -> bool {
    troubles.get(&workspace).is_some_and(|trouble| app.sys.elapsed() < trouble.again)
}

/// Logs a failure and doubles the time until the next try.
fn fail(
    app: &App,
    kind: &Kind,
    troubles: &mut HashMap<Option<WorkspaceId>, Trouble>,
    workspace: Option<WorkspaceId>,
    error: &crate::Error,
) {
    app.metrics.job(kind.name, None);
    let failures = troubles.get(&workspace).map_or(0, |trouble| trouble.failures) + 1;
    let wait = backoff(kind.every, failures);
    troubles.insert(workspace, Trouble { failures, again: app.sys.elapsed() + wait });
    let workspace = workspace.map(|workspace| workspace.to_string()).unwrap_or_default();
    tracing::error!(
        job = kind.name,
        workspace,
        failures,
        wait_seconds = wait.as_secs(),
        ?error,
        "a job failed"
    );
}

fn backoff(every: Duration, failures: u32) -> Duration {
    every
        .saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX))
        .clamp(every, LONGEST_WAIT.max(every))
}

/// Up to a tenth more or less, so that nodes that started together do not stay together.
fn jitter(app: &App, every: Duration) -> Duration {
    let [chance] = app.sys.bytes::<1>();
    every.mul_f64(0.9 + 0.2 * f64::from(chance) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_job_is_tried_less_and_less_often_and_never_given_up() {
        let every = Duration::from_secs(2);
        assert_eq!(backoff(every, 1), Duration::from_secs(4));
        assert_eq!(backoff(every, 3), Duration::from_secs(16));
        assert_eq!(backoff(every, 40), LONGEST_WAIT);
        assert_eq!(backoff(Duration::from_hours(1), 2), Duration::from_hours(1));
    }
}
