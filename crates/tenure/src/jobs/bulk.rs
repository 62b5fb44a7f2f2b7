//! Carries batches out, piece by piece: those that somebody began in the desk, and whatever a server that died, or a
//! command that was stopped, has left.

use std::time::Duration;

use domain::id::{BatchId, WorkspaceId};
use jiff::{SignedDuration, Timestamp};

use super::runner::Kind;
use crate::{
    app::App,
    error::Result,
    ops::bulk::{self, Progress},
    store::batches::{self, State},
};

/// How long a batch is kept after its end, with its list of results.
pub(super) const BATCHES_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) const KIND: Kind = Kind {
    name: "bulk",
    every: Duration::from_secs(1),
    told: Some(|app| &app.begun),
    due: |app| Box::pin(async move { batches::due_workspaces(&mut app.store.single().await?).await }),
    run: |app, workspace| Box::pin(run(app, workspace)),
};

/// One piece of each running batch in turn, so that a short one does not wait behind a long one. The loop comes back
/// at once while anything was done.
async fn run(app: App, ws: WorkspaceId) -> Result<usize> {
    let open = batches::open(&mut app.store.single().await?, ws).await?;
    let mut done = 0;
    for batch in open.into_iter().filter(|batch| batch.state == State::Running) {
        let (sys, id) = (app.sys.clone(), batch.id);
        let after = app.store.write(async move |tx| bulk::work(tx, &sys, ws, id).await).await?;
        done += usize::try_from(after.done - batch.done()).unwrap_or(0);
    }
    Ok(done)
}

/// Does the first piece of a batch for whoever began it, so that what is about few people is done when they are answered.
/// Then the job is told of what is left: earlier, it would be at that piece itself, and the answer would say too little.
pub async fn first_piece(app: &App, ws: WorkspaceId, id: BatchId) -> Result<Progress> {
    let sys = app.sys.clone();
    let after = app.store.write(async move |tx| bulk::work(tx, &sys, ws, id).await).await?;
    if after.state == State::Running {
        app.begun.notify_one();
    }
    Ok(after)
}

/// Forgets batches that ended long ago.
pub(super) async fn purge(app: &App, ws: WorkspaceId, now: Timestamp) -> Result<()> {
    let before = now.saturating_sub(BATCHES_FOR).unwrap_or(Timestamp::MIN);
    app.store.write(async move |tx| batches::purge(tx, ws, before).await).await
}
