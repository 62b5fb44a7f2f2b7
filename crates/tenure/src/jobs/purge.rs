//! Ends sessions that nobody uses, and forgets what nobody can use any more.

use std::time::Duration;

use domain::id::WorkspaceId;
use jiff::{SignedDuration, Timestamp};

use super::runner::Kind;
use crate::{
    app::App,
    attachments::FOLDERS,
    error::{Error, Result},
    store::{
        answers, attachments, deliveries, events, handovers, links, sessions, steps, webhooks, workspaces,
    },
};

/// How long an ended session is kept, so that its bearer can be told why it ended.
const SESSIONS_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a link is kept after its last day, so that its bearer can be told that it is too late.
const LINKS_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a step is kept: it can be undone for ten minutes, and is remembered as undone a little longer.
const STEPS_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long an event is kept: a program that was down for a week goes on where it was.
const EVENTS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the answer to a request with a key is kept.
const ANSWERS_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long a delivery of a webhook is kept after its end.
const DELIVERIES_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a file without a row is left: one that is being saved has no row yet.
const FILES_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How often it is looked what can go.
const EVERY: Duration = Duration::from_mins(15);

pub(super) const KIND: Kind = Kind {
    name: "purge",
    every: EVERY,
    told: None,
    due: |app| {
        Box::pin(async move {
            let all = workspaces::all(&mut app.store.reader().await?).await?;
            Ok(all.into_iter().map(|workspace| workspace.id).collect())
        })
    },
    run: |app, workspace| Box::pin(run(app, workspace)),
};

async fn run(app: App, ws: WorkspaceId) -> Result<usize> {
    let now = app.sys.now();
    let before = |age: SignedDuration| now.saturating_sub(age).unwrap_or(Timestamp::MIN);
    // One short write for each, so that nothing waits behind all of them.
    app.store
        .write(async move |tx| {
            let lengths = workspaces::load(tx, ws).await?.sessions;
            sessions::end_idle(tx, ws, lengths, now).await
        })
        .await?;
    let (ended, expired, made) = (before(SESSIONS_FOR), before(LINKS_FOR), before(STEPS_FOR));
    app.store.write(async move |tx| sessions::purge(tx, ws, ended).await).await?;
    app.store.write(async move |tx| links::purge(tx, ws, expired).await).await?;
    app.store.write(async move |tx| steps::purge(tx, ws, made).await).await?;
    app.store.write(async move |tx| handovers::purge(tx, ws, made).await).await?;
    let answered = before(ANSWERS_FOR);
    app.store.write(async move |tx| answers::purge(tx, ws, answered)).await?;
    let told = before(EVENTS_FOR);
    while app.store.write(async move |tx| events::purge(tx, ws, told).await).await? > 0 {}
    hooks(&app, ws, before(DELIVERIES_FOR)).await?;
    super::bulk::purge(&app, ws, now).await?;
    sweep(&app, ws, now).await?;
    // Of every workspace, each time: it is little, and what an earlier server left belongs to none.
    app.uploads.sweep(now);
    Ok(0)
}

/// Forgets deliveries that ended long ago, and what is left of webhooks that were deleted.
async fn hooks(app: &App, ws: WorkspaceId, ended: Timestamp) -> Result<()> {
    while app.store.write(async move |tx| deliveries::purge(tx, ws, ended).await).await? {}
    let deleted = webhooks::deleted(&mut app.store.reader().await?, ws).await?;
    for id in deleted {
        while app.store.write(async move |tx| deliveries::remove(tx, ws, id).await).await? {}
        app.store.write(async move |tx| webhooks::remove(tx, ws, id).await).await?;
    }
    Ok(())
}

/// Removes files that no attachment names, from one folder each time: a few files are looked at, and all of them within
/// three days.
async fn sweep(app: &App, ws: WorkspaceId, now: Timestamp) -> Result<()> {
    let turn = now.as_second() / i64::try_from(EVERY.as_secs()).unwrap_or(1);
    let folder = u8::try_from(turn.rem_euclid(i64::from(FOLDERS) + 1)).unwrap_or(0);
    let before = now.saturating_sub(FILES_FOR).unwrap_or(Timestamp::MIN);
    let failed = |error: std::io::Error| Error::Internal(format!("attachments cannot be swept: {error}"));
    let old = app.attachments.old(ws, folder, before).await.map_err(failed)?;
    if old.is_empty() {
        return Ok(());
    }
    let known = attachments::known(&mut app.store.reader().await?, ws, &old).await?;
    for id in old.into_iter().filter(|id| !known.contains(id)) {
        app.attachments.remove(ws, id).await.map_err(failed)?;
    }
    Ok(())
}
