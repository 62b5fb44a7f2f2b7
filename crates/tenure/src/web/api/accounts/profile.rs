//! Profiles, roles and ownership.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::{
    id::PersonId,
    person::{Kind, StatusWord},
    role::Role,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{About, of_both};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        profile::{self as ops, Name},
        roles, sign_in,
    },
    store::people,
    web::{
        api::{
            answer::{Answer, Changed, IfMatch, given, tagged},
            body::Body,
            people::id_of,
            problems::accounts::{OfOwnership, OfProfile, OfRole},
            query::Query,
        },
        session::Session,
    },
};

/// What is to be changed of a profile; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "name": "Ada King", "time_zone": "Europe/London" }))]
pub(in crate::web::api) struct EditProfile {
    /// The name shown.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    name: Option<String>,
    /// The email address; only an administrator changes it.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    email: Option<String>,
    /// A language of the desk as a BCP 47 tag; empty follows the workspace.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    language: Option<String>,
    /// An IANA name; empty follows the workspace.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    time_zone: Option<String>,
    /// `system`, `light` or `dark`.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    theme: Option<String>,
}

/// A profile.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Profile {
    /// Whose.
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    /// The name shown.
    name: String,
    /// The email address.
    email: String,
    /// User or customer.
    #[schema(value_type = String, pattern = "^(user|customer)$", example = "user")]
    kind: Kind,
    /// The state of the account.
    #[schema(value_type = String, pattern = "^(invited|active|deactivated)$", example = "active")]
    status: StatusWord,
    /// A language of the desk; empty follows the workspace.
    language: String,
    /// An IANA name; empty follows the workspace.
    time_zone: String,
    /// `system`, `light` or `dark`.
    theme: String,
    /// Counts the changes of the person: the entity tag for `If-Match`.
    version: i64,
}

async fn edit_one(
    (app, session): (&App, &Session),
    id: PersonId,
    wanted: IfMatch,
    asked: EditProfile,
) -> Answer {
    let limits = &app.config.limits;
    let input = ops::Input {
        name: asked.name.map(|name| Name::parse(&name, limits)).transpose()?,
        email: asked.email.map(|email| ops::email(&email, limits)).transpose()?,
        language: asked.language,
        time_zone: asked.time_zone,
        theme: asked.theme,
        version: wanted.version(),
    };
    let ctx = session.ctx.clone();
    let done = app.store.write(async move |tx| ops::edit(tx, &ctx, id, input.clone()).await);
    wanted.judge(done.await)?;
    let row = people::load(&mut app.store.reader().await?, session.visit.workspace, id).await?;
    let row = row.ok_or(Error::NotFound("person"))?;
    let person = row.person;
    let profile = Profile {
        id: person.id,
        kind: person.kind,
        status: person.status.word(),
        name: person.name,
        email: person.email,
        language: row.language,
        time_zone: row.time_zone,
        theme: row.theme,
        version: person.version,
    };
    Ok(tagged(profile.version, Json(profile)))
}

async fn edit(about: &About, asked: EditProfile) -> Answer {
    about.query.only(&[])?;
    edit_one((&about.app, &about.session), about.id, about.wanted, asked).await
}

of_both! {
    /// Change a profile.
    ///
    /// With `If-Match` it is refused when the person has changed since that version.
    patch edit(EditProfile) -> Profile, 200 "The profile as it is now.", OfProfile,
        [("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes.")]:
        edit_user at "/api/v1/users/{id}",
        edit_customer at "/api/v1/customers/{id}";
}

/// Change one's own profile.
///
/// With `If-Match` it is refused when it has changed since that version.
#[utoipa::path(
    patch, path = "/api/v1/me", operation_id = "edit_me", tag = "users",
    params(("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes.")),
    request_body(content = EditProfile, description = "What is to be different."),
    responses((status = 200, description = "The profile as it is now.", body = Profile), OfProfile),
    security(("session" = []))
)]
pub(in crate::web::api) async fn edit_me(
    State(app): State<App>,
    session: Session,
    wanted: IfMatch,
    query: Query,
    Body(asked): Body<EditProfile>,
) -> Answer {
    query.only(&[])?;
    let me = session.someone()?;
    edit_one((&app, &session), me, wanted, asked).await
}

/// A role.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "role": "administrator" }))]
pub(in crate::web::api) struct GiveRole {
    /// Member or administrator.
    #[schema(value_type = String, pattern = "^(administrator|member)$", required)]
    role: Option<Role>,
}

/// Make a user a member or an administrator.
///
/// It applies at their next request.
#[utoipa::path(
    put, path = "/api/v1/users/{id}/role", operation_id = "set_role", tag = "users",
    params(
        ("id" = String, Path, format = Uuid, description = "The user."),
        ("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes."),
    ),
    request_body(content = GiveRole, description = "The role."),
    responses((status = 200, description = "They have it.", body = Changed), OfRole),
    security(("session" = []))
)]
pub(in crate::web::api) async fn set_role(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    wanted: IfMatch,
    query: Query,
    Body(asked): Body<GiveRole>,
) -> Answer {
    query.only(&[])?;
    let id = id_of(&app, &session, Kind::User, &text).await?;
    let role = asked.role.ok_or_else(|| Error::field("role", "Say member or administrator."))?;
    let (ctx, version) = (session.ctx.clone(), wanted.version());
    let done = app.store.write(async move |tx| roles::change(tx, &ctx, id, role, version).await);
    Ok(Changed::answer(wanted.judge(done.await)?))
}

/// Who is to own the workspace.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "owner": "01960000-0000-7000-8000-000000000001", "password": "seven quiet harbours" }))]
pub(in crate::web::api) struct NewOwner {
    /// The user.
    #[schema(value_type = String, format = Uuid, required)]
    owner: Option<PersonId>,
    /// The present owner's own password, to confirm.
    #[schema(required)]
    password: String,
}

/// Pass ownership on.
///
/// The present owner alone does so, and is an administrator from then on.
#[utoipa::path(
    put, path = "/api/v1/ownership", operation_id = "transfer_ownership", tag = "users",
    request_body(content = NewOwner, description = "Who, and one's own password."),
    responses((status = 200, description = "They own the workspace.", body = Changed), OfOwnership),
    security(("session" = []))
)]
pub(in crate::web::api) async fn transfer_ownership(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<NewOwner>,
) -> Answer {
    query.only(&[])?;
    let owner = asked.owner.ok_or_else(|| Error::field("owner", "Say who is to own the workspace."))?;
    confirmed(&app, &session, &asked.password).await?;
    let ctx = session.ctx.clone();
    let write = app.store.write(async move |tx| roles::transfer_ownership(tx, &ctx, owner, None).await);
    Ok(Changed::answer(write.await?))
}

/// Confirms the password of whoever asks (ASVS 5.0 7.5.1).
pub(super) async fn confirmed(app: &App, session: &Session, password: &str) -> Result<()> {
    if password.is_empty() {
        return Err(Error::field("password", "Enter your own password to confirm."));
    }
    sign_in::confirm(app, &session.ctx, password).await
}
