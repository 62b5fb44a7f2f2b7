//! Invitations and links: `POST /api/v1/users`, `POST /api/v1/customers`, `…/invitation`, `…/password-link`.

use axum::{
    Json,
    extract::{Path, State},
    response::IntoResponse as _,
};
use domain::{
    id::{OrganizationId, PersonId, TeamId},
    person::Kind,
    role::Role,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{About, of_both};
use crate::{
    app::App,
    ops::{
        customers,
        invitation::{self as ops, Joining, Receipt},
        links,
        organizations::Belonging,
        profile::{self, Name},
    },
    web::{
        api::{
            answer::{Answer, IfMatch, made},
            body::Body,
            problems::accounts::{OfInvite, OfLink, OfSendAgain, OfWithdraw},
            query::Query,
        },
        session::Session,
    },
};

/// A new user.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "email": "grace.hopper@acme.example", "name": "Grace Hopper", "role": "member" }))]
pub(in crate::web::api) struct NewUser {
    /// The email address.
    #[schema(required)]
    email: String,
    /// The name shown.
    #[schema(required)]
    name: String,
    /// Member or administrator; a member when it is not given.
    #[schema(value_type = Option<String>, pattern = "^(administrator|member)$")]
    role: Option<Role>,
    /// Teams to begin in.
    #[schema(value_type = Vec<String>)]
    teams: Vec<TeamId>,
    /// Whether a license is added should none be free.
    add_license: bool,
}

/// A new customer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "email": "ben@globex.example", "name": "Ben Gardner", "invite": true }))]
pub(in crate::web::api) struct NewCustomer {
    /// The email address.
    #[schema(required)]
    email: String,
    /// The name shown.
    #[schema(required)]
    name: String,
    /// Where they belong; by the domain of their address when it is not given.
    #[schema(value_type = Option<String>, format = Uuid)]
    organization: Option<OrganizationId>,
    /// Whether they are invited to the portal; else they are there, without a password.
    invite: bool,
}

/// Somebody new.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Invited {
    /// Who.
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    /// The link by which they join: shown now and never again. Null for a customer who was not invited.
    link: Option<String>,
    /// When the link stops to work.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
    /// How many licenses were added.
    added_licenses: i64,
}

/// What an invitation would take.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct InvitationPlan {
    /// Whether a license is taken.
    license_taken: bool,
    /// How many licenses are added.
    added_licenses: i64,
}

fn invited(session: &Session, kind: Kind, receipt: &Receipt) -> Invited {
    Invited {
        id: receipt.person,
        link: Some(session.visit.link(kind, &receipt.secret)),
        expires: Some(receipt.expires),
        added_licenses: receipt.added_licenses,
    }
}

/// Invite somebody, or (a dry run) say what that would take.
async fn invite(app: &App, session: &Session, query: &Query, input: ops::Input) -> Answer {
    query.only(&["dry_run"])?;
    let ctx = session.ctx.clone();
    if query.flag("dry_run")? {
        let plan = ops::plan(&mut app.store.reader().await?, &ctx, &input).await?;
        let plan = InvitationPlan { license_taken: plan.takes_license, added_licenses: plan.adds_licenses };
        return Ok(Json(plan).into_response());
    }
    let kind = if matches!(input.joining, Joining::User { .. }) { Kind::User } else { Kind::Customer };
    let receipt = app.store.write(async move |tx| ops::invite(tx, &ctx, input.clone()).await).await?;
    let at = format!("/api/v1/{}s/{}", kind.word(), receipt.person);
    Ok(made(&at, Json(invited(session, kind, &receipt))))
}

/// Invite a user.
///
/// They hold a license from now on, until the invitation expires after seven days. An address that is a deactivated
/// person's is answered with `address-of-deactivated`, whose `activate` says where to activate them instead.
#[utoipa::path(
    post, path = "/api/v1/users", operation_id = "invite_user", tag = "users",
    params(("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing.")),
    request_body(content = NewUser, description = "The user."),
    responses(
        (status = 200, description = "A dry run: what it would take.", body = InvitationPlan),
        (status = 201, description = "They are invited. Send them the link: it is shown this once.", body = Invited),
        OfInvite,
    ),
    security(("session" = []))
)]
pub(in crate::web::api) async fn invite_user(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<NewUser>,
) -> Answer {
    let limits = &app.config.limits;
    let input = ops::Input {
        email: profile::email(&asked.email, limits)?,
        name: Name::parse(&asked.name, limits)?,
        joining: Joining::User { role: asked.role.unwrap_or(Role::Member), teams: asked.teams },
        add_license: asked.add_license,
    };
    invite(&app, &session, &query, input).await
}

/// Add a customer, or invite one to the portal.
///
/// Customers need no license. An address that is a deactivated person's is answered with `address-of-deactivated`,
/// whose `activate` says where to activate them instead.
#[utoipa::path(
    post, path = "/api/v1/customers", operation_id = "add_customer", tag = "customers",
    params(("dry_run" = Option<bool>, Query, description = "With `invite`: answer what would happen, and do nothing.")),
    request_body(content = NewCustomer, description = "The customer."),
    responses(
        (status = 200, description = "A dry run: what it would take.", body = InvitationPlan),
        (status = 201, description = "They are there. A link is shown this once.", body = Invited),
        OfInvite,
    ),
    security(("session" = []))
)]
pub(in crate::web::api) async fn add_customer(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<NewCustomer>,
) -> Answer {
    let limits = &app.config.limits;
    let (email, name) = (profile::email(&asked.email, limits)?, Name::parse(&asked.name, limits)?);
    let belonging = asked.organization.map_or(Belonging::ByDomain, Belonging::In);
    if asked.invite {
        let joining = Joining::Customer { belonging };
        return invite(&app, &session, &query, ops::Input { email, name, joining, add_license: false }).await;
    }
    query.only(&[])?;
    let (ctx, input) = (session.ctx.clone(), customers::Input { email, name, belonging });
    let added = app.store.write(async move |tx| customers::add(tx, &ctx, input.clone()).await).await?;
    let answer = Invited { id: added.person, link: None, expires: None, added_licenses: 0 };
    Ok(made(&format!("/api/v1/customers/{}", added.person), Json(answer)))
}

/// How an invitation is sent again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "add_license": false }))]
pub(in crate::web::api) struct SendAgain {
    /// Whether a license is added should none be free.
    add_license: bool,
}

/// Nothing is asked for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({}))]
pub(in crate::web::api) struct Nothing {}

/// What withdrawing an invitation did, or with `dry_run` would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Withdrawn {
    /// Whether a license became free.
    license_freed: bool,
}

/// A set-password link.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct PasswordLink {
    /// The link: shown now and never again.
    link: String,
    /// When it stops to work.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

async fn send_again(about: &About, asked: SendAgain) -> Answer {
    about.query.only(&[])?;
    let (ctx, id, add) = (about.ctx(), about.id, asked.add_license);
    let receipt = about.app.store.write(async move |tx| ops::send_again(tx, &ctx, id, add).await).await?;
    Ok(Json(invited(&about.session, about.kind, &receipt)).into_response())
}

async fn withdraw(about: &About, _: Nothing) -> Answer {
    let (ctx, id) = (about.ctx(), about.id);
    let done = if about.dry_run()? {
        ops::plan_withdrawal(&mut about.app.store.reader().await?, &ctx, id).await?
    } else {
        about.app.store.write(async move |tx| ops::withdraw(tx, &ctx, id).await).await?
    };
    Ok(Json(Withdrawn { license_freed: done.license_freed }).into_response())
}

async fn make_link(about: &About, _: Nothing) -> Answer {
    about.query.only(&[])?;
    let (ctx, id) = (about.ctx(), about.id);
    let secret = about.app.store.write(async move |tx| links::make(tx, &ctx, id).await).await?;
    let visit = &about.session.visit;
    let expires = visit.now.saturating_add(links::VALID_FOR).unwrap_or(Timestamp::MAX);
    Ok(Json(PasswordLink { link: visit.link(about.kind, &secret), expires }).into_response())
}

of_both! {
    /// Send an invitation again.
    ///
    /// The link sent before stops to work. An invitation that has expired needs a free license again.
    post send_again(SendAgain) -> Invited, 200 "It is sent again. The link is shown this once.", OfSendAgain, []:
        send_invitation_again at "/api/v1/users/{id}/invitation",
        send_invitation_of_customer_again at "/api/v1/customers/{id}/invitation";

    /// Withdraw an invitation.
    ///
    /// The person is gone, and their license free.
    delete withdraw(Nothing) -> Withdrawn, 200 "It is withdrawn, or would be.", OfWithdraw,
        [("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing.")]:
        withdraw_invitation at "/api/v1/users/{id}/invitation",
        withdraw_invitation_of_customer at "/api/v1/customers/{id}/invitation";

    /// Make a set-password link.
    ///
    /// A link made before stops to work.
    post make_link(Nothing) -> PasswordLink, 200 "The link, shown this once.", OfLink, []:
        make_password_link at "/api/v1/users/{id}/password-link",
        make_password_link_of_customer at "/api/v1/customers/{id}/password-link";
}
