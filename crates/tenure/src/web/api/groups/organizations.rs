//! `/api/v1/organizations`, and `/api/v1/customers/{id}/organization`.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
    response::IntoResponse as _,
};
use domain::{id::OrganizationId, person::Kind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        organizations::{self as ops, Domains},
        profile::Name,
    },
    store::{
        Rx,
        organizations::{self, Organization},
    },
    web::{
        api::{
            answer::{Answer, Changed, IfMatch, given, made, nullable, tagged},
            body::Body,
            people,
            problems::groups::{
                OfDeleteOrganization, OfEditOrganization, OfMove, OfNewOrganization, OfOrganization,
                OfOrganizations,
            },
            query::Query,
            work::talk::{limit, no_cursor},
        },
        session::Session,
    },
};

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
pub(in crate::web::api) struct Shown {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: OrganizationId,
    /// The name.
    name: String,
    /// The email domains whose customers join it by themselves.
    domains: Vec<String>,
    /// How many customers are in it, deactivated ones too.
    members: i64,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// Counts its changes: the entity tag for `If-Match`.
    version: i64,
}

impl Shown {
    fn of(one: Organization, domains: Vec<String>) -> Self {
        let Organization { id, name, members, created, version } = one;
        Self { id, name, domains, members, created, version }
    }
}

/// A page of organizations.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Organizations {
    /// The organizations, by name.
    organizations: Vec<Shown>,
    /// The `after` of the page that follows; null on the last.
    next: Option<String>,
}

/// Organizations, page by page.
///
/// By name.
#[utoipa::path(
    get, path = "/api/v1/organizations", operation_id = "organizations", tag = "organizations",
    params(
        ("q" = Option<String>, Query, description = "How the name begins: then one page is all there is."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many organizations a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of organizations.", body = Organizations), OfOrganizations),
    security(("session" = []))
)]
pub(in crate::web::api) async fn organizations(
    State(app): State<App>,
    session: Session,
    query: Query,
) -> Answer<Json<Organizations>> {
    query.only(&["q", "after", "limit"])?;
    let (limit, ws) = (limit(&query)?, session.visit.workspace);
    let mut rx = app.store.reader().await?;
    let begin: String =
        query.get("q").unwrap_or_default().trim().chars().take(app.config.limits.search).collect();
    if !begin.is_empty() {
        let found = organizations::beginning(&mut rx, ws, &crate::text::fold(&begin), limit).await?;
        return Ok(Json(all_of(&mut rx, &session, found, None).await?));
    }
    let from = match query.get("after").filter(|text| !text.is_empty()) {
        None => (Vec::new(), OrganizationId::from_uuid(uuid::Uuid::nil())),
        Some(text) => {
            let id: OrganizationId = text.parse().map_err(|_| no_cursor())?;
            let before = organizations::load(&mut rx, ws, id).await?.ok_or_else(no_cursor)?;
            (crate::text::sort_key(&before.name), id)
        }
    };
    let mut rows = organizations::page(&mut rx, ws, &from, false, limit + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|rows| rows > limit);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|(one, _)| one.id.to_string());
    let rows = rows.into_iter().map(|(one, _)| one).collect();
    Ok(Json(all_of(&mut rx, &session, rows, next).await?))
}

/// Organizations with their domains.
async fn all_of(
    rx: &mut Rx,
    session: &Session,
    rows: Vec<Organization>,
    next: Option<String>,
) -> Result<Organizations> {
    let ids: Vec<OrganizationId> = rows.iter().map(|one| one.id).collect();
    let mut domains = HashMap::<OrganizationId, Vec<String>>::new();
    for (id, domain) in organizations::domains_of(rx, session.visit.workspace, &ids).await? {
        domains.entry(id).or_default().push(domain);
    }
    let shown = |one: Organization| {
        let domains = domains.remove(&one.id).unwrap_or_default();
        Shown::of(one, domains)
    };
    Ok(Organizations { organizations: rows.into_iter().map(shown).collect(), next })
}

/// The organization that a path names, with its domains. What is no id at all names nothing.
async fn load(app: &App, session: &Session, text: &str) -> Result<(Organization, Vec<String>)> {
    let (missing, ws) = (|| Error::NotFound("organization"), session.visit.workspace);
    let id: OrganizationId = text.parse().map_err(|_| missing())?;
    let mut rx = app.store.reader().await?;
    let found = organizations::load(&mut rx, ws, id).await?.ok_or_else(missing)?;
    Ok((found, organizations::domains(&mut rx, ws, id).await?))
}

async fn shown(app: &App, session: &Session, text: &str) -> Answer {
    let (found, domains) = load(app, session, text).await?;
    Ok(tagged(found.version, Json(Shown::of(found, domains))))
}

/// One organization.
#[utoipa::path(
    get, path = "/api/v1/organizations/{id}", operation_id = "organization", tag = "organizations",
    params(("id" = String, Path, format = Uuid, description = "The organization.")),
    responses(
        (status = 200, description = "The organization, with its version as `ETag`.", body = Shown),
        OfOrganization,
    ),
    security(("session" = []))
)]
pub(in crate::web::api) async fn organization(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Answer {
    shown(&app, &session, &text).await
}

/// A new organization.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "name": "Globex", "domains": ["globex.example"] }))]
pub(in crate::web::api) struct NewOrganization {
    /// The name, which no other organization has.
    #[schema(required)]
    name: String,
    /// The email domains whose customers join it by themselves; no other organization has them.
    domains: Vec<String>,
}

/// Make an organization.
#[utoipa::path(
    post, path = "/api/v1/organizations", operation_id = "create_organization", tag = "organizations",
    request_body(content = NewOrganization, description = "The organization."),
    responses(
        (status = 201, description = "It is made; `Location` says where it is.", body = Shown),
        OfNewOrganization,
    ),
    security(("session" = []))
)]
pub(in crate::web::api) async fn create(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<NewOrganization>,
) -> Answer {
    query.only(&[])?;
    let limits = &app.config.limits;
    let (name, domains) =
        (Name::parse(&asked.name, limits)?, Domains::parse(&asked.domains.join(" "), limits)?);
    let ctx = session.ctx.clone();
    let done = app.store.write(async move |tx| ops::create(tx, &ctx, name.clone(), domains.clone()).await);
    let id = done.await?.to_string();
    Ok(made(&format!("/api/v1/organizations/{id}"), shown(&app, &session, &id).await?))
}

/// What is to be changed of an organization; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "domains": ["globex.example", "globex.test"] }))]
pub(in crate::web::api) struct EditOrganization {
    /// The name.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    name: Option<String>,
    /// All its email domains.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Vec<String>)]
    domains: Option<Vec<String>>,
}

/// Change an organization.
///
/// With `If-Match` it is refused when the organization has changed since that version.
#[utoipa::path(
    patch, path = "/api/v1/organizations/{id}", operation_id = "edit_organization", tag = "organizations",
    params(
        ("id" = String, Path, format = Uuid, description = "The organization."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the organization that this was decided on."),
    ),
    request_body(content = EditOrganization, description = "What is to be different."),
    responses((status = 200, description = "The organization as it is now.", body = Shown), OfEditOrganization),
    security(("session" = []))
)]
pub(in crate::web::api) async fn edit(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    wanted: IfMatch,
    query: Query,
    Body(asked): Body<EditOrganization>,
) -> Answer {
    query.only(&[])?;
    let (was, domains) = load(&app, &session, &text).await?;
    let limits = &app.config.limits;
    let name = Name::parse(asked.name.as_deref().unwrap_or(&was.name), limits)?;
    let domains = Domains::parse(&asked.domains.unwrap_or(domains).join(" "), limits)?;
    // What is left out was read before: it must not have changed since.
    let (ctx, version) = (session.ctx.clone(), Some(wanted.version().unwrap_or(was.version)));
    let done = app
        .store
        .write(async move |tx| ops::change(tx, &ctx, was.id, name.clone(), domains.clone(), version).await);
    wanted.judge(done.await)?;
    shown(&app, &session, &text).await
}

/// What deleting an organization did, or with `dry_run` would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct OrganizationDeleted {
    /// How many customers stay, in no organization.
    members: i64,
    /// Domains that belong to nobody from now on.
    domains: Vec<String>,
}

impl From<ops::Deleted> for OrganizationDeleted {
    fn from(deleted: ops::Deleted) -> Self {
        Self { members: deleted.members, domains: deleted.domains }
    }
}

/// Delete an organization.
///
/// Its customers stay, in none.
#[utoipa::path(
    delete, path = "/api/v1/organizations/{id}", operation_id = "delete_organization", tag = "organizations",
    params(
        ("id" = String, Path, format = Uuid, description = "The organization."),
        ("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the organization that this was decided on."),
    ),
    responses(
        (status = 200, description = "It is gone, or would be.", body = OrganizationDeleted),
        OfDeleteOrganization,
    ),
    security(("session" = []))
)]
pub(in crate::web::api) async fn delete(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    wanted: IfMatch,
    query: Query,
) -> Answer {
    query.only(&["dry_run"])?;
    let dry_run = query.flag("dry_run")?;
    let id: OrganizationId = text.parse().map_err(|_| Error::NotFound("organization"))?;
    let (ctx, version) = (session.ctx.clone(), wanted.version());
    let deleted = if dry_run {
        let (found, deleted) = ops::plan_deletion(&mut app.store.reader().await?, &ctx, id).await?;
        let stale = version.is_some_and(|version| version != found.version);
        wanted.judge(if stale { Err(Error::Stale) } else { Ok(deleted) })?
    } else {
        let done = app.store.write(async move |tx| ops::delete(tx, &ctx, id, version).await);
        wanted.judge(done.await)?
    };
    Ok(Json(OrganizationDeleted::from(deleted)).into_response())
}

/// Where a customer belongs.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "organization": "01960000-0000-7000-8000-000000000001" }))]
#[expect(clippy::option_option, reason = "left out, null and a value are three things")]
pub(in crate::web::api) struct BelongsTo {
    /// The organization; null for none.
    #[serde(deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = Uuid, required)]
    organization: Option<Option<OrganizationId>>,
}

/// Move a customer into an organization, or out of theirs.
#[utoipa::path(
    put, path = "/api/v1/customers/{id}/organization", operation_id = "move_customer", tag = "organizations",
    params(("id" = String, Path, format = Uuid, description = "The customer.")),
    request_body(content = BelongsTo, description = "The organization, or none."),
    responses((status = 200, description = "They are there.", body = Changed), OfMove),
    security(("session" = []))
)]
pub(in crate::web::api) async fn move_customer(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
    Body(asked): Body<BelongsTo>,
) -> Answer {
    query.only(&[])?;
    let person = people::id_of(&app, &session, Kind::Customer, &text).await?;
    let missing = || Error::field("organization", "Say which; null is none.");
    let (ctx, to) = (session.ctx.clone(), asked.organization.ok_or_else(missing)?);
    let done = app.store.write(async move |tx| ops::move_to(tx, &ctx, person, to).await).await?;
    Ok(Changed::answer(done))
}
