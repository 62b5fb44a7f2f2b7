//! The log as CSV (RFC 4180), in pieces, so that any length can be read without holding it.

use axum::{extract::State, response::Response};
use jiff::tz::TimeZone;

use super::{
    entry::{Names, about, erased, machine},
    filter::{self, Asked},
};
use crate::{
    app::App,
    ctx::Ctx,
    error::Result,
    ops::{deletion::called, load},
    sheet,
    store::{
        audit_grid::{AuditLine, Export, Someone},
        workspaces::Workspace,
    },
    web::{
        desk::frame::Frame,
        download::{self, Source, attachment},
        fields::QueryFields,
    },
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
struct Log {
    app: App,
    ctx: Ctx,
    workspace: Workspace,
    zone: TimeZone,
    export: Export,
    /// Whether the header is written.
    begun: bool,
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
    let source = Log {
        ctx: frame.session.ctx.clone(),
        workspace: filter::in_readers_zone(&frame),
        zone: times.zone().clone(),
        export: Export::new(asked),
        app: app.clone(),
        begun: false,
    };
    let body = download::body(&app, source).await?;
    attachment(&format!("audit-{}.csv", times.today()), "text/csv; charset=utf-8; header=present", body)
}

impl Source for Log {
    /// The next lines; `None` at the end. Whoever is deactivated or demoted meanwhile gets no more.
    async fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(me) = self.ctx.actor.person() else {
            return Err(domain::Refusal::NotSignedIn.into());
        };
        let mut rx = self.app.store.reader().await?;
        load::unlocked(&mut rx, &self.ctx, [me]).await?.authority.may_administer()?;
        drop(rx);
        let lines = self.export.next(&self.app.store, &self.workspace).await?;
        let header = (!std::mem::replace(&mut self.begun, true)).then(|| COLUMNS.map(str::to_owned));
        if lines.is_empty() && header.is_none() {
            return Ok(None);
        }
        let names = {
            let mut rx = self.app.store.point().await?;
            super::token_names(&mut rx, self.ctx.workspace, &lines).await?
        };
        let records = lines.iter().map(|line| record(line, &self.zone, &names));
        sheet::lines(header.into_iter().chain(records)).map(Some)
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
