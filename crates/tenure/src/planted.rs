//! Faults that are there on purpose: what a harness that looks for faults must find before its green counts.
//!
//! The feature `planted` is in no release. With it, `PLANTED` names the faults that are switched on, divided by commas, and
//! `PLANTED_CLOCK` a file that holds by how many seconds this program's wall clock is wrong.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use domain::{
    Refusal,
    id::{PersonId, WebhookId, WorkspaceId},
    lifecycle::Outcome,
    role::Role,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    error::Result,
    ops::webhooks::queue,
    store::{
        Rx, Sql, Tx,
        people::{self, PersonRow},
        sessions::Check,
        teams, time,
        workspaces::{self, Move, Workspace},
    },
};

/// How long a look at a session is kept.
const KEPT: Duration = Duration::from_secs(2);
/// How old a count of licenses may be that found one free.
const COUNTED: Duration = Duration::from_millis(500);

fn is_on(name: &str) -> bool {
    static ON: OnceLock<Vec<String>> = OnceLock::new();
    let on = ON.get_or_init(|| {
        let names = std::env::var("PLANTED").unwrap_or_default();
        names.split(',').map(str::to_owned).collect()
    });
    on.iter().any(|one| one == name)
}

#[expect(clippy::disallowed_methods, reason = "how old something is that must not be kept at all")]
fn now() -> Instant {
    Instant::now()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `synchronous-off`: what each new connection is told, so that a commit waits for no disk.
#[must_use]
pub(crate) fn careless(sqlite: bool) -> &'static str {
    match (is_on("synchronous-off"), sqlite) {
        (true, true) => "pragma synchronous = off",
        (true, false) => "set synchronous_commit = off",
        (false, _) => "select 1",
    }
}

/// Looks at sessions by the digest of their token, and when they were had.
type Looks = HashMap<Vec<u8>, (Instant, Check)>;

/// `cached-session`: what a look at this session brought a moment ago, instead of what it brings now.
#[must_use]
pub(crate) fn kept(hash: Option<Vec<u8>>, look: Option<Check>) -> Option<Check> {
    static LOOKS: OnceLock<Mutex<Looks>> = OnceLock::new();
    let (Some(hash), true) = (hash, is_on("cached-session")) else { return look };
    let mut looks = lock(LOOKS.get_or_init(Mutex::default));
    match (looks.get(&hash), look) {
        (Some((when, kept)), _) if now().duration_since(*when) < KEPT => Some(kept.clone()),
        (_, Some(look)) => {
            looks.insert(hash, (now(), look.clone()));
            Some(look)
        }
        (_, None) => None,
    }
}

/// When licenses were last counted and one was free.
fn free() -> std::sync::MutexGuard<'static, HashMap<WorkspaceId, Instant>> {
    static FREE: OnceLock<Mutex<HashMap<WorkspaceId, Instant>>> = OnceLock::new();
    lock(FREE.get_or_init(Mutex::default))
}

fn was_free(ws: WorkspaceId) -> bool {
    is_on("counted-license") && free().get(&ws).is_some_and(|when| now().duration_since(*when) < COUNTED)
}

/// `counted-license`: licenses are counted, and a moment later one is taken on that count. What an operation reads of
/// them is what was counted.
#[must_use]
pub(crate) fn counted(mut workspace: Workspace) -> Workspace {
    let licenses = &mut workspace.licenses;
    if licenses.free() <= 0 && was_free(workspace.id) {
        licenses.used = licenses.owned - 1;
    }
    workspace
}

/// What such a count would be refused for is written past the counters, as two who counted at the same time would.
pub(crate) async fn taken(tx: &mut Tx, ws: WorkspaceId, mut change: Move) -> Result<Move> {
    if change.used <= 0 || !is_on("counted-license") {
        return Ok(change);
    }
    let licenses = workspaces::load(tx, ws).await?.licenses;
    if licenses.used + change.used <= licenses.owned + change.owned {
        free().insert(ws, now());
    } else if was_free(ws) {
        change.used = 0;
        change.counts = workspaces::Counts::default();
    }
    Ok(change)
}

/// `unguarded-owner`: the owner's role is changed like that of anybody.
pub(crate) fn unguarded(
    asked: std::result::Result<Outcome<Role>, Refusal>,
    role: Role,
) -> std::result::Result<Outcome<Role>, Refusal> {
    match asked {
        Err(Refusal::OwnerByTransferOnly) if is_on("unguarded-owner") => Ok(Outcome::Changed(role)),
        asked => asked,
    }
}

/// `left-teams`: whoever is activated has left their teams.
pub(crate) async fn leaves(tx: &mut Tx, ws: WorkspaceId, id: PersonId) -> Result<()> {
    if is_on("left-teams") {
        for team in teams::of_person(tx, ws, id).await? {
            teams::leave(tx, ws, team.id, id).await?;
        }
    }
    Ok(())
}

/// `named-in-log`: the log says who was deleted.
pub(crate) fn names(row: &PersonRow) {
    if is_on("named-in-log") {
        tracing::info!(name = row.person.name, "deleted");
    }
}

/// `any-workspace`: who is not found in a workspace is looked for in all of them.
pub(crate) async fn anywhere(
    rx: &mut Rx,
    id: PersonId,
    found: Option<PersonRow>,
) -> Result<Option<PersonRow>> {
    if found.is_some() || !is_on("any-workspace") {
        return Ok(found);
    }
    for workspace in workspaces::all(rx).await? {
        let there = rx.one(&people::LOAD, &[&workspace.id.uuid(), &id.uuid()], people::from_row).await?;
        if there.is_some() {
            return Ok(there);
        }
    }
    Ok(None)
}

/// `never-again`: a delivery that was refused counts as taken.
#[must_use]
pub(crate) fn settled(ended: queue::Outcome) -> queue::Outcome {
    if is_on("never-again") { queue::Outcome::Taken } else { ended }
}

/// `hasty`: nothing waits for what happened to the same person or thing before.
pub(crate) async fn hurries(tx: &mut Tx, ws: WorkspaceId, webhook: WebhookId, now: Timestamp) -> Result<()> {
    const HURRY: Sql = Sql::both(
        "update deliveries set due = $1 where workspace_id = $2 and webhook_id = $3 and state = 'pending' and due is null",
    )
    .named("planted::HURRY");
    if is_on("hasty") {
        tx.exec(&HURRY, &[&time::micros(now), &ws.uuid(), &webhook.uuid()]).await?;
    }
    Ok(())
}

/// The moment as this program's wall clock has it.
#[must_use]
pub(crate) fn jumped(now: Timestamp) -> Timestamp {
    static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let file = FILE.get_or_init(|| std::env::var_os("PLANTED_CLOCK").map(PathBuf::from));
    let text = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
    let seconds = text.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}
