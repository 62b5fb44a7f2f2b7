//! The panel that docks beside the grid: one person, whole.

use std::collections::HashMap;

use domain::{
    actor::Actor,
    audit::Action as Recorded,
    id::{GroupId, HandoverId, PersonId, StepId},
    lifecycle::UNDO_FOR,
    person::Kind,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{asked::Asked, back::Back, held, rows::Scene};
use crate::{
    error::{Error, Result},
    store::{
        Rx,
        audit::{self, Entry},
        handovers, organizations,
        people::{self, PersonRow},
        sessions, steps, teams,
        workspaces::Workspace,
    },
    web::{
        desk::{frame::chip, words::count},
        session::Session,
        view::{
            Guard,
            chip::Look,
            naming::Naming,
            people::{Action, HistoryLine, Panel, SessionsLine},
            shell::Undo,
        },
    },
};

/// How much of the history is shown; all of it is in the audit log.
const LINES: i64 = 12;

/// What is read for a panel.
pub(super) struct Found {
    /// The person.
    pub row: PersonRow,
    groups: Vec<(GroupId, String)>,
    sessions: i64,
    history: Vec<Entry>,
    names: HashMap<PersonId, String>,
    work: held::Work,
    /// The step that can still be undone, and until when.
    undo: Option<(StepId, Timestamp)>,
    /// The handover that can still be taken back, and until when.
    handover: Option<(HandoverId, Timestamp)>,
}

/// Reads a person with what the panel shows; for members only what they may know.
pub(super) async fn read(
    rx: &mut Rx,
    workspace: &Workspace,
    id: PersonId,
    scene: Reading,
    session: &Session,
) -> Result<Found> {
    let ws = workspace.id;
    let row = people::load(rx, ws, id).await?;
    let row = row.filter(|row| row.person.kind == scene.app.kind).ok_or(Error::NotFound(scene.app.one))?;
    let groups = match row.person.kind {
        Kind::User => {
            let teams = teams::of_person(rx, ws, id).await?;
            teams.into_iter().map(|team| (team.id.into(), team.name)).collect()
        }
        Kind::Customer => {
            let organization = organizations::of_person(rx, ws, id).await?;
            organization.into_iter().map(|one| (one.id.into(), one.name)).collect()
        }
    };
    let work = held::read(rx, workspace, id, session).await?;
    let since = scene.now.saturating_sub(UNDO_FOR).unwrap_or(Timestamp::MIN);
    let until = |made: Timestamp| made.saturating_add(UNDO_FOR).unwrap_or(Timestamp::MAX);
    let handover = handovers::latest(rx, ws, id, since).await?.map(|(id, made)| (id, until(made)));
    let (history, names) = (Vec::new(), HashMap::new());
    let mut found = Found { row, groups, sessions: 0, history, names, work, undo: None, handover };
    if scene.administers {
        found.sessions = sessions::count_open(rx, ws, id, workspace.sessions, scene.now).await?;
        let step = steps::latest(rx, &found.row.person, since).await?;
        found.undo = step.map(|(step, made)| (step, until(made)));
        found.history = audit::of_person(rx, ws, id, LINES).await?;
        for entry in &found.history {
            let Some(actor) = entry.actor_id.filter(|actor| *actor != id) else { continue };
            if !found.names.contains_key(&actor)
                && let Some(row) = people::load(rx, ws, actor).await?
            {
                found.names.insert(actor, row.person.name);
            }
        }
    }
    Ok(found)
}

/// Who reads, and when.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// Whose app.
    pub app: &'static Naming,
    /// Whether as an administrator.
    pub administers: bool,
    /// The moment.
    pub now: jiff::Timestamp,
}

/// Draws the panel.
pub(super) fn draw(found: &Found, scene: &Scene<'_>, asked: &Asked) -> Panel {
    let row = &found.row;
    let (person, id) = (&row.person, row.person.id);
    let administers = scene.administers;
    Panel {
        chip: chip(row, Look::Head),
        close: Back::to_grid(asked.app, &asked.query()).path().to_owned(),
        email: person.email.clone(),
        role: scene.role(person.role),
        status: scene.status(row),
        asked_return: scene.asked_return(row),
        groups: scene.groups_of(&found.groups),
        created: scene.times.when(row.created),
        last_sign_in: administers.then(|| row.last_sign_in.map(|at| scene.times.when(at))),
        sessions: (administers && person.status.is_active()).then(|| SessionsLine {
            text: match found.sessions {
                0 => "No open session".into(),
                open => count(open, "open session", "open sessions"),
            },
            href: scene.back.action(Action::Sessions, id),
        }),
        held: found.work.lists(id),
        projects: found.work.projects(),
        hand_over: found.work.hand_over(person.kind, id, scene.back.path()),
        history: found.history.iter().map(|entry| line(found, entry, scene)).collect(),
        audit_href: administers.then(|| format!("/audit?person={id}")),
        actions: scene.actions(row, !found.groups.is_empty()),
        guard_note: scene.reader.guard_note(person),
        undo: found.undo.map(|(step, until)| Undo {
            action: scene.back.undo(step),
            guard: Guard::default(),
            until: format!("until {}", scene.times.clock(until)),
        }),
        undo_handover: found.handover.map(|(handover, until)| Undo {
            action: scene.back.undo_handover(handover),
            guard: Guard::default(),
            until: format!("until {}", scene.times.clock(until)),
        }),
    }
}

fn line(found: &Found, entry: &Entry, scene: &Scene<'_>) -> HistoryLine {
    let action = Recorded::parse(&entry.action);
    let after = serde_json::from_str::<Value>(&entry.after).unwrap_or_default();
    let what = match (action, after["role"].as_str(), after["status"].as_str()) {
        (Some(Recorded::RoleChanged), Some(role), _) => format!("Became {role}"),
        (Some(Recorded::Undone), _, Some("active")) => "Undid the deactivation".into(),
        (Some(Recorded::Undone), _, Some(_)) => "Undid the activation".into(),
        (Some(action), ..) => action.title().to_owned(),
        (None, ..) => entry.action.clone(),
    };
    let personal = entry.personal.as_ref().map(|(_, value)| value.as_str()).unwrap_or_default();
    let personal = serde_json::from_str::<Value>(personal).unwrap_or_default();
    HistoryLine {
        what,
        by: by(found, entry),
        reason: personal["reason"].as_str().map(str::to_owned),
        when: scene.times.when(entry.at),
    }
}

/// Who acted, where it was not the person.
fn by(found: &Found, entry: &Entry) -> Option<String> {
    let label = &entry.actor_label;
    match entry.actor_id {
        Some(actor) if actor == found.row.person.id => None,
        Some(actor) => Some(found.names.get(&actor).cloned().unwrap_or_else(|| "a deleted user".into())),
        None if entry.actor == (Actor::Cli { user: String::new() }).word() => {
            Some(format!("the CLI ({label})"))
        }
        None if entry.actor == "token" => Some("a service token".into()),
        None => Some("Tenure itself".into()),
    }
}
