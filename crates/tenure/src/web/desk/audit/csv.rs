//! The log as CSV (RFC 4180), in pieces, so that any length can be read without holding it.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use jiff::tz::TimeZone;

use super::{
    entry::{Names, about, erased, machine},
    filter::{self, Asked},
};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    ops::{deletion::called, load},
    sheet,
    store::{
        audit_grid::{AuditLine, Export, Someone},
        workspaces::Workspace,
    },
    web::{desk::frame::Frame, fields::QueryFields},
};

const COLUMNS: [&str; 17] = [
    "entry",
    "time",
    "actor_kind",
    "actor",
    "actor_status",
    "actor_id",
    "action",
    "person",
    "person_status",
    "person_id",
    "about",
    "door",
    "request",
    "before",
    "after",
    "personal",
    "entry_id",
];

/// What the export goes on with.
struct Source {
    app: App,
    ctx: Ctx,
    workspace: Workspace,
    zone: TimeZone,
    export: Export,
}

/// `GET /audit.csv`, with the filters of the page.
pub(super) async fn download(
    State(app): State<App>,
    frame: Frame,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let asked = match filter::read(&app, &frame, &query).await? {
        Asked::Right(filter) => filter.query,
        Asked::Wrong(refused) => return Err(refused.into_error()),
    };
    let times = frame.times();
    let mut source = Source {
        ctx: frame.session.ctx.clone(),
        workspace: filter::in_readers_zone(&frame),
        zone: times.zone().clone(),
        export: Export::new(asked),
        app,
    };
    // The first piece is read before the answer begins: what is wrong is then still an answer of its own.
    let mut first = sheet::lines([COLUMNS.map(str::to_owned)])?;
    let more = source.piece().await?;
    first.extend(more.iter().flatten());
    let rest = stream::try_unfold((source, more.is_some()), |(mut source, goes_on)| async move {
        if !goes_on {
            return Ok::<_, Cut>(None);
        }
        let piece = source.piece().await.map_err(|error| {
            tracing::warn!(?error, "an export of the audit log was cut off");
            Cut
        })?;
        Ok(piece.map(|bytes| (Bytes::from(bytes), (source, true))))
    });
    let first = stream::once(async move { Ok::<_, Cut>(Bytes::from(first)) });
    let body = Body::from_stream(futures_util::StreamExt::chain(first, rest));
    let name = format!("attachment; filename=\"audit-{}.csv\"", times.today());
    let disposition = HeaderValue::from_str(&name).map_err(|error| Error::Internal(error.to_string()))?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], body).into_response())
}

/// The answer ends before its end: the client sees that it is not whole.
#[derive(Debug, thiserror::Error)]
#[error("the export was cut off")]
struct Cut;

impl Source {
    /// The next lines; `None` at the end. Whoever is deactivated or demoted meanwhile gets no more.
    async fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(me) = self.ctx.actor.person() else {
            return Err(domain::Refusal::NotSignedIn.into());
        };
        let mut rx = self.app.store.reader().await?;
        load::unlocked(&mut rx, &self.ctx, [me]).await?.authority.may_administer()?;
        drop(rx);
        let lines = self.export.next(&self.app.store, &self.workspace).await?;
        if lines.is_empty() {
            return Ok(None);
        }
        let names = {
            let mut rx = self.app.store.point().await?;
            super::token_names(&mut rx, self.ctx.workspace, &lines).await?
        };
        sheet::lines(lines.iter().map(|line| record(line, &self.zone, &names))).map(Some)
    }
}

fn record(line: &AuditLine, zone: &TimeZone, names: &Names) -> [String; 17] {
    let entry = &line.entry;
    let id = |id: Option<domain::id::PersonId>| id.map_or(String::new(), |id| id.to_string());
    let (actor, actor_status) = match machine(entry, names) {
        Some(machine) => (machine, String::new()),
        None => person(line.actor.as_ref()),
    };
    let (whom, status) = person(line.person.as_ref());
    let personal = match &entry.personal {
        _ if erased(entry) => "erased".to_owned(),
        Some((_, json)) => json.clone(),
        None => String::new(),
    };
    [
        entry.seq.map_or(String::new(), |seq| seq.to_string()),
        entry.at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        entry.actor.clone(),
        actor,
        actor_status,
        id(entry.actor_id),
        entry.action.clone(),
        whom,
        status,
        id(entry.person),
        about(entry).unwrap_or_default(),
        entry.door.clone(),
        entry.request.to_string(),
        entry.before.clone(),
        entry.after.clone(),
        personal,
        entry.id.to_string(),
    ]
}

/// Name and status of a person, as they are today.
fn person(someone: Option<&Someone>) -> (String, String) {
    match someone {
        Some(Someone::Here(named)) => (named.name.clone(), named.status.word().into()),
        Some(Someone::Gone(kind)) => (called(*kind).into(), "deleted".into()),
        None => (String::new(), String::new()),
    }
}
