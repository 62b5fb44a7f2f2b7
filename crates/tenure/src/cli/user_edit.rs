//! `tenure user edit` and `sessions`.

use clap::Args;
use domain::{
    id::{PersonId, SessionId},
    person::Kind,
};
use serde_json::json;

use super::{
    answer::Answer,
    failure::Failure,
    place::Place,
    table::{count, moment, table},
};
use crate::{
    error::Error,
    ops::{
        profile::{self, Name},
        sessions::{self, Ended},
    },
    store::{
        Tx,
        people::{self, PersonRow},
        workspaces::Workspace,
    },
};

/// What to change.
#[derive(Debug, Args)]
#[group(id = "what", required = true, multiple = true)]
pub(super) struct What {
    /// The name.
    #[arg(long)]
    name: Option<String>,
    /// The email address, with which they sign in.
    #[arg(long)]
    email: Option<String>,
    /// The language, as a tag such as en; empty follows the workspace.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// The time zone, by IANA name; empty follows the workspace.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
}

/// Whose profile to change.
#[derive(Debug, Args)]
pub(super) struct Edit {
    /// The person, by email address or id.
    person: String,
    #[command(flatten)]
    what: What,
    /// Show what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Edit {
    pub(super) async fn run(self, place: &Place, kind: Kind) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let (limits, what) = (&place.config.limits, self.what);
        let input = profile::Input {
            name: what.name.as_deref().map(|name| Name::parse(name, limits)).transpose()?,
            email: what.email.as_deref().map(|email| profile::email(email, limits)).transpose()?,
            language: what.language,
            time_zone: what.time_zone,
            ..profile::Input::default()
        };
        let row = place.person(ws, kind, &self.person).await?;
        let (ctx, id) = (place.ctx(ws), row.person.id);
        let edit = async move |tx: &mut Tx| {
            let changed = profile::edit(tx, &ctx, id, input.clone()).await?;
            let row = people::load(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("person"))?;
            Ok((changed, row))
        };
        let (changed, row) = place.carry_out(self.dry_run, edit).await?;
        if changed && !self.dry_run {
            place.seal(ws).await;
        }
        let (told, end) = match (changed, self.dry_run) {
            (true, true) => ("The profile would be changed", "\nNothing was changed."),
            (true, false) => ("The profile is changed", ""),
            (false, _) => ("Nothing had to change", ""),
        };
        let text = format!("{told}: {} <{}>.{end}", row.person.name, row.person.email);
        let json = json!({
            "person": id,
            "changed": changed,
            "name": row.person.name,
            "email": row.person.email,
            "language": row.language,
            "time_zone": row.time_zone,
        });
        let json = if self.dry_run { json!({ "dry_run": true, "plan": json }) } else { json };
        Ok(Answer::new(text, json))
    }
}

/// Whose sessions.
#[derive(Debug, Args)]
pub(super) struct Sessions {
    /// The person, by email address or id.
    person: String,
    /// End this one, by the id that the list shows.
    #[arg(long, value_name = "ID", conflicts_with = "end_all")]
    end: Option<SessionId>,
    /// End them all.
    #[arg(long)]
    end_all: bool,
}

impl Sessions {
    pub(super) async fn run(self, place: &Place, kind: Kind) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        let row = place.person(workspace.id, kind, &self.person).await?;
        let (ctx, id) = (place.ctx(workspace.id), row.person.id);
        let ended = match self.end {
            Some(session) => {
                place.store.write(async move |tx| sessions::end(tx, &ctx, id, session).await).await?
            }
            None if self.end_all => {
                place.store.write(async move |tx| sessions::end_all(tx, &ctx, id).await).await?
            }
            None => return list(place, &workspace, &row).await,
        };
        Ok(told(place, &workspace, id, &row, ended).await)
    }
}

async fn told(place: &Place, workspace: &Workspace, id: PersonId, row: &PersonRow, ended: Ended) -> Answer {
    if ended.ended > 0 {
        place.seal(workspace.id).await;
    }
    let text = format!("{}: {} ended.", row.person.name, count(ended.ended, "session"));
    Answer::new(text, json!({ "person": id, "ended": ended.ended }))
}

async fn list(place: &Place, workspace: &Workspace, row: &PersonRow) -> Result<Answer, Failure> {
    let id = row.person.id;
    let open = sessions::list(&mut place.store.reader().await?, &place.ctx(workspace.id), id).await?;
    let zone = workspace.zone();
    let rows: Vec<Vec<String>> = open
        .iter()
        .map(|session| {
            vec![
                session.id.to_string(),
                moment(session.began, &zone),
                moment(session.last_used, &zone),
                session.address.clone(),
                session.user_agent.clone(),
            ]
        })
        .collect();
    let text = if rows.is_empty() {
        format!("{} has no open session.", row.person.name)
    } else {
        table(&["ID", "BEGAN", "LAST USED", "FROM", "BROWSER"], &rows)
    };
    let list: Vec<_> = open
        .iter()
        .map(|session| {
            json!({
                "id": session.id,
                "began": session.began,
                "last_used": session.last_used,
                "address": session.address,
                "browser": session.user_agent,
            })
        })
        .collect();
    Ok(Answer::new(text, json!({ "person": id, "sessions": list })))
}
