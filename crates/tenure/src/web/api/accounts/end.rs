//! What ends or turns an account: deletion, conversion, its sessions, and the way back of a step.

use axum::{
    Json,
    extract::{Path, State},
    response::IntoResponse as _,
};
use domain::{
    id::{SessionId, StepId},
    person::Kind,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{About, invite::Nothing, of_both, profile::confirmed};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        customers::{self, Conversion, Converted},
        deletion::{self, Plan as DeletionPlan},
        sessions,
        undo::{self as back, Receipt},
    },
    web::{
        api::{
            answer::{Answer, IfMatch},
            body::Body,
            people::id_of,
            problems::accounts::{OfConvert, OfDelete, OfEndSessions, OfSessions, OfUndo},
            query::Query,
        },
        session::Session,
    },
};

/// What confirms a deletion.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "email": "ada.lovelace@acme.example", "password": "seven quiet harbours" }))]
pub(in crate::web::api) struct ConfirmDeletion {
    /// The email address of whoever is deleted.
    #[schema(required)]
    email: String,
    /// One's own password.
    #[schema(required)]
    password: String,
}

async fn delete(about: &About, asked: ConfirmDeletion) -> Answer {
    let dry_run = about.dry_run()?;
    let (ctx, id, version) = (about.ctx(), about.id, about.wanted.version());
    // What is not possible at all is not confirmed first.
    let plan = deletion::plan(&mut about.app.store.reader().await?, &ctx, id).await?;
    if dry_run {
        let stale = version.is_some_and(|version| version != plan.version);
        return Ok(
            Json(about.wanted.judge(if stale { Err(Error::Stale) } else { Ok(plan) })?).into_response()
        );
    }
    confirmed(&about.app, &about.session, &asked.password).await?;
    let input = deletion::Input { email: asked.email.trim().to_owned(), version, seen: None };
    let done = about.app.store.write(async move |tx| deletion::delete(tx, &ctx, id, input.clone()).await);
    Ok(Json(about.wanted.judge(done.await)?).into_response())
}

/// An open session.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct OpenSession {
    /// The session.
    #[schema(value_type = String, format = Uuid)]
    id: SessionId,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    began: Timestamp,
    /// The last request, to within a minute.
    #[schema(value_type = String, format = DateTime)]
    last_used: Timestamp,
    /// Where it began from.
    address: String,
    /// The browser's own words.
    user_agent: String,
}

/// The open sessions of a person.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct OpenSessions {
    /// The sessions.
    sessions: Vec<OpenSession>,
}

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct SessionsEnded {
    /// How many.
    ended: i64,
}

async fn list(app: &App, session: &Session, kind: Kind, text: &str) -> Result<Json<OpenSessions>> {
    let id = id_of(app, session, kind, text).await?;
    let found = sessions::list(&mut app.store.reader().await?, &session.ctx, id).await?;
    let open = found.into_iter().map(|one| OpenSession {
        id: one.id,
        began: one.began,
        last_used: one.last_used,
        address: one.address,
        user_agent: one.user_agent,
    });
    Ok(Json(OpenSessions { sessions: open.collect() }))
}

/// The open sessions of a user.
#[utoipa::path(
    get, path = "/api/v1/users/{id}/sessions", operation_id = "sessions_of_user", tag = "users",
    params(("id" = String, Path, format = Uuid, description = "The user.")),
    responses((status = 200, description = "The sessions.", body = OpenSessions), OfSessions),
    security(("session" = []))
)]
pub(in crate::web::api) async fn of_user(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Result<Json<OpenSessions>> {
    list(&app, &session, Kind::User, &text).await
}

/// The open sessions of a customer.
#[utoipa::path(
    get, path = "/api/v1/customers/{id}/sessions", operation_id = "sessions_of_customer", tag = "customers",
    params(("id" = String, Path, format = Uuid, description = "The customer.")),
    responses((status = 200, description = "The sessions.", body = OpenSessions), OfSessions),
    security(("session" = []))
)]
pub(in crate::web::api) async fn of_customer(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Result<Json<OpenSessions>> {
    list(&app, &session, Kind::Customer, &text).await
}

async fn end_all(about: &About, _: Nothing) -> Answer {
    about.query.only(&[])?;
    let (ctx, id) = (about.ctx(), about.id);
    let done = about.app.store.write(async move |tx| sessions::end_all(tx, &ctx, id).await).await?;
    Ok(Json(SessionsEnded { ended: done.ended }).into_response())
}

of_both! {
    /// Delete a person for good.
    ///
    /// Counted by the code that does it; confirmed by the address typed and one's own password. A dry run needs neither.
    post delete(ConfirmDeletion) -> DeletionPlan, 200 "They are gone, or would be.", OfDelete,
        [
            ("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing."),
            ("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes.")
        ]:
        delete_user at "/api/v1/users/{id}/deletion",
        delete_customer at "/api/v1/customers/{id}/deletion";

    /// End all sessions of a person.
    ///
    /// Of one's own, all but the one that asks.
    delete end_all(Nothing) -> SessionsEnded, 200 "They are ended.", OfEndSessions, []:
        end_sessions_of_user at "/api/v1/users/{id}/sessions",
        end_sessions_of_customer at "/api/v1/customers/{id}/sessions";
}

/// How a customer is made a user.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "add_license": false }))]
pub(in crate::web::api) struct Convert {
    /// Whether a license is added should none be free.
    add_license: bool,
}

/// What a conversion did, or (with `dry_run`) would do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::web::api) enum Conversions {
    /// It is done.
    Receipt(Converted),
    /// Nothing was done.
    Plan(customers::Plan),
}

/// Make a customer a user.
///
/// A member, who keeps address, name and password, leaves their organization, and needs a license.
#[utoipa::path(
    post, path = "/api/v1/customers/{id}/conversion", operation_id = "convert_customer", tag = "customers",
    params(
        ("id" = String, Path, format = Uuid, description = "The customer."),
        ("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing."),
        ("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes."),
    ),
    request_body(content = Convert, description = "May be left out."),
    responses((status = 200, description = "They are a user, or would be.", body = Conversions), OfConvert),
    security(("session" = []))
)]
pub(in crate::web::api) async fn convert(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    wanted: IfMatch,
    query: Query,
    Body(asked): Body<Convert>,
) -> Answer<Json<Conversions>> {
    let about = About::of((app, session), (Kind::Customer, &text), (wanted, query)).await?;
    let input = Conversion { add_license: asked.add_license, version: wanted.version() };
    let (ctx, id) = (about.ctx(), about.id);
    if about.dry_run()? {
        let plan = customers::plan(&mut about.app.store.reader().await?, &ctx, id, input).await?;
        return Ok(Json(Conversions::Plan(plan)));
    }
    let done = about.app.store.write(async move |tx| customers::convert(tx, &ctx, id, input).await);
    Ok(Json(Conversions::Receipt(wanted.judge(done.await)?)))
}

/// Undo a deactivation, an activation or a swap.
///
/// For 10 minutes: `undo` of the receipt names the step. Sessions stay ended.
#[utoipa::path(
    post, path = "/api/v1/undo/{step}", operation_id = "undo", tag = "users",
    params(("step" = String, Path, format = Uuid, description = "The step, as its receipt names it.")),
    responses((status = 200, description = "The statuses are as before.", body = Receipt), OfUndo),
    security(("session" = []))
)]
pub(in crate::web::api) async fn undo(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer<Json<Receipt>> {
    query.only(&[])?;
    let step: StepId = text.parse().map_err(|_| Error::NotFound("step"))?;
    let ctx = session.ctx.clone();
    Ok(Json(app.store.write(async move |tx| back::undo(tx, &ctx, step).await).await?))
}
