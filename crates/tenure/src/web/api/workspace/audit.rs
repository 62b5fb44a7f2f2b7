//! `GET /api/v1/audit`: every step on the record (rule 11).

use axum::{
    Json,
    extract::{RawQuery, State},
};
use domain::{
    id::{AuditId, PersonId},
    person::{Kind, StatusWord},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    app::App,
    store::audit_grid::{self, AuditLine, AuditQuery, Someone},
    web::{
        api::{
            answer::Answer,
            problems::workspace::OfPage,
            query::{Query, at_parameters},
        },
        session::Session,
    },
};

/// Somebody whom an entry names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditPerson)]
pub(in crate::web::api) struct Named {
    /// The id, also of somebody who was deleted.
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    /// The name today; null when they were deleted.
    name: Option<String>,
    /// User or customer, as of today or of their deletion.
    #[schema(value_type = String, pattern = "^(user|customer)$", example = "user")]
    kind: Kind,
    /// The status today; null when they were deleted.
    #[schema(value_type = Option<String>, pattern = "^(invited|active|deactivated)$")]
    status: Option<StatusWord>,
}

impl Named {
    fn of(id: Option<PersonId>, someone: Option<Someone>) -> Option<Self> {
        let id = id?;
        Some(match someone? {
            Someone::Here(named) => {
                Self { id, name: Some(named.name), kind: named.kind, status: Some(named.status) }
            }
            Someone::Gone(kind) => Self { id, name: None, kind, status: None },
        })
    }
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct AuditEntry {
    /// The entry.
    #[schema(value_type = String, format = Uuid)]
    id: AuditId,
    /// Its place in the sealed chain; null until it is sealed.
    seq: Option<i64>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What kind of actor: `person`, `token`, `cli`, `job` or `visitor`.
    #[schema(example = "person")]
    actor_kind: String,
    /// The person who acted; null for the machine.
    actor: Option<Named>,
    /// Who it was at the machine, the kind of job, or the id of the token.
    actor_label: String,
    /// What was done.
    #[schema(example = "person.deactivated")]
    action: String,
    /// Whom it concerns.
    person: Option<Named>,
    /// What else it concerns: the id of a team, a session and the like; empty for nothing.
    subject: String,
    /// The state before.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// The state after.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// Personal values that lie beside the entry; null where there are none, or they have been erased.
    #[schema(value_type = Option<Object>)]
    personal: Option<Value>,
    /// Whether personal values have been erased.
    erased: bool,
    /// Where it came in.
    #[schema(example = "api")]
    door: String,
    /// The id of the request.
    #[schema(format = Uuid)]
    request_id: String,
}

impl From<AuditLine> for AuditEntry {
    fn from(line: AuditLine) -> Self {
        let entry = line.entry;
        let state = |text: &str| serde_json::from_str(text).ok();
        Self {
            id: entry.id,
            seq: entry.seq,
            at: entry.at,
            actor_kind: entry.actor,
            actor: Named::of(entry.actor_id, line.actor),
            actor_label: entry.actor_label,
            action: entry.action,
            person: Named::of(entry.person, line.person),
            subject: entry.subject,
            before: state(&entry.before),
            after: state(&entry.after),
            erased: entry.personal_hash.is_some() && entry.personal.is_none(),
            personal: entry.personal.and_then(|(_, text)| state(&text)),
            door: entry.door,
            request_id: entry.request.to_string(),
        }
    }
}

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct AuditPage {
    /// The entries, the latest first.
    entries: Vec<AuditEntry>,
    /// The `after` of the page of older ones; null on the last.
    next: Option<String>,
    /// The `before` of the page of newer ones; null on the first.
    previous: Option<String>,
}

/// The parameters of the log.
const PARAMETERS: &[&str] = &["person", "actor", "action", "door", "from", "to", "after", "before", "limit"];

/// The audit log, page by page.
///
/// The latest entry first.
#[utoipa::path(
    get, path = "/api/v1/audit", operation_id = "audit", tag = "audit",
    params(
        ("person" = Option<String>, Query, description = "The id of a person whom the entries concern."),
        ("actor" = Option<String>, Query, description = "The id of who acted, `cli`, `job` or `token`."),
        ("action" = Option<String>, Query, description = "What was done, as entries name it."),
        ("door" = Option<String>, Query, description = "Where it came in, as entries name it."),
        ("from" = Option<String>, Query, pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", description = "The first day, as in `2026-11-24`, in the workspace's time zone."),
        ("to" = Option<String>, Query, pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", description = "The last day."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("before" = Option<String>, Query, description = "The `previous` of the page after."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "How many entries a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of the log.", body = AuditPage), OfPage),
    security(("session" = []))
)]
pub(in crate::web::api) async fn audit(
    State(app): State<App>,
    session: Session,
    query: Query,
    RawQuery(text): RawQuery,
) -> Answer<Json<AuditPage>> {
    query.only(PARAMETERS)?;
    let asked = AuditQuery::from_query(text.as_deref().unwrap_or_default()).map_err(at_parameters)?;
    let mut rx = app.store.reader().await?;
    let page = audit_grid::page(&mut rx, &session.check.workspace, &asked).await.map_err(at_parameters)?;
    Ok(Json(AuditPage {
        entries: page.lines.into_iter().map(AuditEntry::from).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
        previous: page.previous.map(|cursor| cursor.to_string()),
    }))
}
