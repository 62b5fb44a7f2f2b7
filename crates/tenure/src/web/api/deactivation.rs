//! `/api/v1/users/{id}/deactivation`, of customers likewise: somebody's being deactivated, as a resource. POST makes
//! it, DELETE takes it back; each with a dry run that is made by the code that acts.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse as _,
};
use domain::{id::PersonId, lifecycle::Grounds, person::Kind};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{Answer, IfMatch, fresh},
    body::Body,
    people,
    problems::{OfActivate, OfActivateCustomer, OfDeactivate},
    query::{Query, invalid},
};
use crate::{
    app::App,
    ops::{
        activation::{self, Way},
        deactivation, profile,
    },
    web::{
        failure::{Plain, Wrong},
        session::Session,
    },
};

/// Why somebody is deactivated.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "reason": "Parental leave", "review_on": "2027-03-01" }))]
pub(super) struct Deactivate {
    /// Why, for administrators.
    reason: Option<String>,
    /// The day to look at it again: later than today in the workspace's time zone.
    #[schema(value_type = Option<String>, format = Date)]
    review_on: Option<Date>,
    /// Whether the service tokens that the person made are suspended too; they go on otherwise.
    suspend_made_tokens: bool,
    /// Whether the webhooks that the person made are switched off too; they go on otherwise.
    switch_off_made_webhooks: bool,
    /// The version of the person that this was decided on: refused as stale when there is a newer one.
    version: Option<i64>,
}

/// Where the license of the activation comes from.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum WayWord {
    /// From the free ones.
    #[default]
    Free,
    /// By adding one, should none be free.
    Add,
    /// By deactivating the user `other`.
    Swap,
}

/// How a user is activated. `way` and `other` may stand in the query instead.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "way": "swap", "other": "01960000-0000-7000-8000-000000000002", "reason": "Ada is back" }))]
pub(super) struct Activate {
    /// Where the license comes from; `free` when it is not given.
    way: Option<WayWord>,
    /// With `way` `swap`: who is deactivated.
    #[schema(value_type = Option<String>, format = Uuid)]
    other: Option<PersonId>,
    /// With `way` `swap`: why `other` is deactivated.
    reason: Option<String>,
    /// With `way` `swap`: the day to look at that again.
    #[schema(value_type = Option<String>, format = Date)]
    review_on: Option<Date>,
    /// Whether the user's own API tokens come back that were suspended with a deactivation of theirs. Service tokens that
    /// were suspended with it stay so: each is restored by itself.
    restore_tokens: bool,
    /// The version of the person that this was decided on: refused as stale when there is a newer one.
    version: Option<i64>,
}

/// How a customer is activated: no license is needed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "version": 3 }))]
pub(super) struct ActivateCustomer {
    /// The version of the person that this was decided on: refused as stale when there is a newer one.
    version: Option<i64>,
}

/// What a deactivation did, or (with `dry_run`) would do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Deactivated {
    /// It is done.
    Receipt(deactivation::Receipt),
    /// Nothing was done.
    Plan(deactivation::Plan),
}

/// What an activation did, or (with `dry_run`) would do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Activated {
    /// It is done.
    Receipt(activation::Receipt),
    /// Nothing was done.
    Plan(activation::Plan),
}

/// Deactivate a user.
///
/// In one transaction: the status, the license, every session, every personal API token and every link. The next
/// request with any of them is refused. Deactivating a deactivated user succeeds and says that nothing changed.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/deactivation", operation_id = "deactivate", tag = "users",
    params(
        ("id" = String, Path, format = Uuid, description = "The user."),
        ("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing."),
        ("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes."),
    ),
    request_body(content = Option<Deactivate>, description = "May be left out."),
    responses(
        (status = 200, description = "What was done, or would be.", body = Deactivated),
        OfDeactivate,
    ),
    security(("session" = []))
)]
pub(super) async fn deactivate(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    (wanted, query): (IfMatch, Query),
    Body(asked): Body<Deactivate>,
) -> Answer {
    deactivate_one((&app, &session), (Kind::User, &text), (wanted, &query), asked).await
}

/// Deactivate a customer.
///
/// In one transaction: the status, every session in the portal and every link. The next request with any of them is
/// refused. Deactivating a deactivated customer succeeds and says that nothing changed.
#[utoipa::path(
    post, path = "/api/v1/customers/{id}/deactivation", operation_id = "deactivate_customer", tag = "customers",
    params(
        ("id" = String, Path, format = Uuid, description = "The customer."),
        ("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing."),
        ("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes."),
    ),
    request_body(content = Option<Deactivate>, description = "May be left out."),
    responses(
        (status = 200, description = "What was done, or would be.", body = Deactivated),
        OfDeactivate,
    ),
    security(("session" = []))
)]
pub(super) async fn deactivate_customer(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    (wanted, query): (IfMatch, Query),
    Body(asked): Body<Deactivate>,
) -> Answer {
    deactivate_one((&app, &session), (Kind::Customer, &text), (wanted, &query), asked).await
}

async fn deactivate_one(
    (app, session): (&App, &Session),
    (kind, text): (Kind, &str),
    (wanted, query): (IfMatch, &Query),
    asked: Deactivate,
) -> Answer {
    query.only(&["dry_run"])?;
    let dry_run = query.flag("dry_run")?;
    let done = async {
        let id = people::id_of(app, session, kind, text).await?;
        let reason = profile::reason(asked.reason.as_deref().unwrap_or_default(), &app.config.limits)?;
        let grounds = Grounds { reason, review_on: asked.review_on };
        let input = deactivation::Input {
            grounds,
            made_tokens: asked.suspend_made_tokens,
            made_webhooks: asked.switch_off_made_webhooks,
            version: wanted.or(asked.version),
        };
        let ctx = session.ctx.clone();
        if dry_run {
            let mut rx = app.store.reader().await?;
            let plan = deactivation::plan(&mut rx, &ctx, id, &input).await?;
            fresh(plan.version, input.version)?;
            return Ok(Deactivated::Plan(plan));
        }
        let write = app
            .store
            .write_to_last(async move |tx| deactivation::deactivate(tx, &ctx, id, input.clone()).await);
        Ok(Deactivated::Receipt(write.await?))
    };
    Ok(Json(wanted.judge(done.await)?).into_response())
}

/// Activate a deactivated user.
///
/// It needs a free license. With none free the problem `licenses-exhausted` says so; `way` then adds one or
/// frees that of another user, in the same step. Activating an active user succeeds and says that nothing
/// changed.
#[utoipa::path(
    delete, path = "/api/v1/users/{id}/deactivation", operation_id = "activate", tag = "users",
    params(
        ("id" = String, Path, format = Uuid, description = "The user."),
        ("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing."),
        ("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes."),
        ("way" = Option<WayWord>, Query, description = "Where the license comes from."),
        ("other" = Option<String>, Query, format = Uuid, description = "With `way=swap`: who is deactivated."),
    ),
    request_body(content = Option<Activate>, description = "May be left out."),
    responses(
        (status = 200, description = "What was done, or would be.", body = Activated),
        OfActivate,
    ),
    security(("session" = []))
)]
pub(super) async fn activate(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    (wanted, query): (IfMatch, Query),
    Body(asked): Body<Activate>,
) -> Answer {
    query.only(&["dry_run", "way", "other"])?;
    let asked = from_query(&query, asked)?;
    let way = way(&app, &asked)?;
    let input =
        activation::Input { way, restore_tokens: asked.restore_tokens, version: wanted.or(asked.version) };
    activate_one((&app, &session), (Kind::User, &text), (wanted, &query), input).await
}

/// Activate a deactivated customer.
///
/// No license is needed. Activating an active customer succeeds and says that nothing changed.
#[utoipa::path(
    delete, path = "/api/v1/customers/{id}/deactivation", operation_id = "activate_customer", tag = "customers",
    params(
        ("id" = String, Path, format = Uuid, description = "The customer."),
        ("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing."),
        ("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes."),
    ),
    request_body(content = Option<ActivateCustomer>, description = "May be left out."),
    responses(
        (status = 200, description = "What was done, or would be.", body = Activated),
        OfActivateCustomer,
    ),
    security(("session" = []))
)]
pub(super) async fn activate_customer(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    (wanted, query): (IfMatch, Query),
    Body(asked): Body<ActivateCustomer>,
) -> Answer {
    query.only(&["dry_run"])?;
    let input = activation::Input { way: Way::Free, version: wanted.or(asked.version), ..Default::default() };
    activate_one((&app, &session), (Kind::Customer, &text), (wanted, &query), input).await
}

async fn activate_one(
    (app, session): (&App, &Session),
    (kind, text): (Kind, &str),
    (wanted, query): (IfMatch, &Query),
    input: activation::Input,
) -> Answer {
    let dry_run = query.flag("dry_run")?;
    let done = async {
        let id = people::id_of(app, session, kind, text).await?;
        if let Way::Swap { other, .. } = &input.way {
            people::id_of(app, session, Kind::User, &other.to_string()).await?;
        }
        let ctx = session.ctx.clone();
        if dry_run {
            let mut rx = app.store.reader().await?;
            let plan = activation::plan(&mut rx, &ctx, id, &input).await?;
            fresh(plan.version, input.version)?;
            return Ok(Activated::Plan(plan));
        }
        let write =
            app.store.write_to_last(async move |tx| activation::activate(tx, &ctx, id, input.clone()).await);
        Ok(Activated::Receipt(write.await?))
    };
    Ok(Json(wanted.judge(done.await)?).into_response())
}

/// What stands in the query is as good as in the body; in both, it must be the same.
fn from_query(query: &Query, mut asked: Activate) -> Result<Activate, Plain> {
    let mut wrong = Vec::new();
    if let Some(text) = query.get("way") {
        match serde_json::from_value::<WayWord>(text.into()) {
            Ok(way) if asked.way.is_none_or(|other| other == way) => asked.way = Some(way),
            Ok(_) => wrong.push(Wrong::parameter("way", "The body says something else.")),
            Err(_) => wrong.push(Wrong::parameter("way", "This is free, add or swap.")),
        }
    }
    if let Some(text) = query.get("other") {
        match text.parse::<PersonId>() {
            Ok(id) if asked.other.is_none_or(|other| other == id) => asked.other = Some(id),
            Ok(_) => wrong.push(Wrong::parameter("other", "The body says something else.")),
            Err(_) => wrong.push(Wrong::parameter("other", "This is the id of a user.")),
        }
    }
    if wrong.is_empty() { Ok(asked) } else { Err(invalid(wrong)) }
}

fn way(app: &App, asked: &Activate) -> Answer<Way> {
    let way = asked.way.unwrap_or_default();
    if way == WayWord::Swap {
        let Some(other) = asked.other else {
            return Err(invalid_field("other", "Say who is deactivated to make room.").into());
        };
        let reason = profile::reason(asked.reason.as_deref().unwrap_or_default(), &app.config.limits)?;
        return Ok(Way::Swap { other, grounds: Grounds { reason, review_on: asked.review_on } });
    }
    // Whoever names somebody to deactivate, and then does not ask for it, meant something else.
    for (field, given) in [
        ("other", asked.other.is_some()),
        ("reason", asked.reason.is_some()),
        ("review_on", asked.review_on.is_some()),
    ] {
        if given {
            return Err(invalid_field(field, "This goes with way swap only.").into());
        }
    }
    Ok(if way == WayWord::Add { Way::Add } else { Way::Free })
}

fn invalid_field(field: &str, detail: &str) -> Plain {
    let words = "A field of the body is not right. Nothing was done.";
    let wrong = Wrong::at(format!("/{field}"), detail);
    Plain::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", words).with(vec![wrong])
}
