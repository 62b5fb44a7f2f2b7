//! `/api/v1/settings`, and the brake among them.

use axum::{Json, extract::State};
use domain::{
    apps::{App as CustomerApp, Apps, FormPolicy},
    brake::Brake,
    session::SessionLengths,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        bulk,
        profile::Name,
        workspace::{self as ops, Settings},
    },
    store::{
        Tx, brakes,
        workspaces::{self, Workspace},
    },
    web::{
        api::{
            answer::{Answer, IfMatch, given, pointed, tagged},
            body::Body,
            problems::workspace::{OfBrake, OfReading, OfSettings},
            query::Query,
        },
        session::Session,
    },
};

/// A customer app.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CustomerApp, example = json!({ "on": true, "needs_login": false }))]
pub(in crate::web::api) struct OneApp {
    /// Whether there is one.
    on: bool,
    /// Whether it is for those who have signed in alone.
    needs_login: bool,
}

impl From<CustomerApp> for OneApp {
    fn from(app: CustomerApp) -> Self {
        Self { on: app.on, needs_login: app.needs_login }
    }
}

impl From<OneApp> for CustomerApp {
    fn from(app: OneApp) -> Self {
        Self { on: app.on, needs_login: app.needs_login }
    }
}

/// The settings of the workspace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub(in crate::web::api) struct Shown {
    /// The name shown.
    name: String,
    /// The language, as a BCP 47 tag.
    language: String,
    /// The time zone, as an IANA name.
    time_zone: String,
    /// After how many seconds without use a session ends.
    session_idle_seconds: i64,
    /// After how many seconds a session ends in any case.
    session_absolute_seconds: i64,
    /// Whether customers may register themselves in the portal.
    registration: bool,
    /// Whether customers of one organization see each other's requests in the portal.
    shared_requests: bool,
    /// The help centre.
    help: OneApp,
    /// The open request form.
    form: OneApp,
    /// What becomes of requests from the addresses of deactivated people: `flag`, `hold` or `refuse`.
    #[schema(pattern = "^(flag|hold|refuse)$", example = "flag")]
    form_policy: String,
    /// What the sender of a request reads that is refused.
    form_contact: String,
    /// Counts the changes of the settings: the entity tag for `If-Match`.
    version: i64,
}

impl Shown {
    fn of(workspace: Workspace, form_contact: String) -> Self {
        let Apps { help, form, policy } = workspace.apps;
        Self {
            name: workspace.name,
            language: workspace.language,
            time_zone: workspace.time_zone,
            session_idle_seconds: workspace.sessions.idle_seconds,
            session_absolute_seconds: workspace.sessions.absolute_seconds,
            registration: workspace.registration,
            shared_requests: workspace.shared_requests,
            help: help.into(),
            form: form.into(),
            form_policy: policy.word().to_owned(),
            form_contact,
            version: workspace.version,
        }
    }
}

async fn shown(app: &App, session: &Session) -> Answer {
    let (mut rx, ws) = (app.store.reader().await?, session.visit.workspace);
    let workspace = workspaces::load(&mut rx, ws).await?;
    let contact = workspaces::form_contact(&mut rx, ws).await?;
    Ok(tagged(workspace.version, Json(Shown::of(workspace, contact))))
}

/// The settings.
#[utoipa::path(
    get, path = "/api/v1/settings", operation_id = "settings", tag = "settings",
    responses((status = 200, description = "The settings, with their version as `ETag`.", body = Shown), OfReading),
    security(("session" = []))
)]
pub(in crate::web::api) async fn settings(State(app): State<App>, session: Session) -> Answer {
    shown(&app, &session).await
}

/// What is to be changed of the settings; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "session_idle_seconds": 28800, "help": { "on": true, "needs_login": false } }))]
pub(in crate::web::api) struct ChangeSettings {
    /// The name shown.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    name: Option<String>,
    /// The language, as a BCP 47 tag.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    language: Option<String>,
    /// The time zone, as an IANA name.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    time_zone: Option<String>,
    /// After how many seconds without use a session ends.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = i64)]
    session_idle_seconds: Option<i64>,
    /// After how many seconds a session ends in any case.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = i64)]
    session_absolute_seconds: Option<i64>,
    /// Whether customers may register themselves in the portal.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = bool)]
    registration: Option<bool>,
    /// Whether customers of one organization see each other's requests in the portal.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = bool)]
    shared_requests: Option<bool>,
    /// The help centre.
    help: Option<OneApp>,
    /// The open request form.
    form: Option<OneApp>,
    /// What becomes of requests from the addresses of deactivated people: `flag`, `hold` or `refuse`.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String, pattern = "^(flag|hold|refuse)$")]
    form_policy: Option<String>,
    /// What the sender of a request reads that is refused.
    form_contact: Option<String>,
}

/// What is asked for, understood.
#[derive(Clone)]
struct Wanted {
    asked: ChangeSettings,
    name: Option<Name>,
    policy: Option<FormPolicy>,
    contact: Option<String>,
}

impl Wanted {
    fn read(app: &App, asked: ChangeSettings) -> Result<Self> {
        let limits = &app.config.limits;
        let policy = |word: &str| {
            FormPolicy::parse(word).ok_or_else(|| Error::field("form_policy", "Say flag, hold or refuse."))
        };
        Ok(Self {
            name: asked.name.as_deref().map(|name| Name::parse(name, limits)).transpose()?,
            policy: asked.form_policy.as_deref().map(policy).transpose()?,
            contact: asked.form_contact.as_deref().map(|text| ops::contact(text, limits)).transpose()?,
            asked,
        })
    }

    /// Each part by the op of its page, all in one write.
    async fn save(self, tx: &mut Tx, ctx: &Ctx, version: Option<i64>) -> Result<()> {
        let now = workspaces::lock(tx, ctx.workspace).await?;
        if version.is_some_and(|version| version != now.version) {
            return Err(Error::Stale);
        }
        let asked = self.asked;
        let lengths = asked.session_idle_seconds.is_some() || asked.session_absolute_seconds.is_some();
        if self.name.is_some() || asked.language.is_some() || asked.time_zone.is_some() || lengths {
            let settings = Settings {
                name: self.name.unwrap_or_else(|| Name::kept(now.name.clone())),
                language: asked.language.unwrap_or_else(|| now.language.clone()),
                time_zone: asked.time_zone.unwrap_or_else(|| now.time_zone.clone()),
                sessions: SessionLengths {
                    idle_seconds: asked.session_idle_seconds.unwrap_or(now.sessions.idle_seconds),
                    absolute_seconds: asked.session_absolute_seconds.unwrap_or(now.sessions.absolute_seconds),
                },
                version: now.version,
            };
            ops::change(tx, ctx, settings).await?;
        }
        if let Some(open) = asked.registration {
            ops::set_registration(tx, ctx, open, None).await?;
        }
        if let Some(shared) = asked.shared_requests {
            ops::share_requests(tx, ctx, shared, None).await?;
        }
        if asked.help.is_some() || asked.form.is_some() || self.policy.is_some() || self.contact.is_some() {
            let contact = match self.contact {
                Some(contact) => contact,
                None => workspaces::form_contact(tx, ctx.workspace).await?,
            };
            let apps = Apps {
                help: asked.help.map_or(now.apps.help, CustomerApp::from),
                form: asked.form.map_or(now.apps.form, CustomerApp::from),
                policy: self.policy.unwrap_or(now.apps.policy),
            };
            ops::set_apps(tx, ctx, (apps, contact), None).await?;
        }
        Ok(())
    }
}

/// Change the settings.
///
/// All or nothing. Shorter sessions apply at once, to open ones too. With `If-Match` it is refused when they have
/// changed since that version.
#[utoipa::path(
    patch, path = "/api/v1/settings", operation_id = "change_settings", tag = "settings",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of the settings that this was decided on.")),
    request_body(content = ChangeSettings, description = "What is to be different."),
    responses((status = 200, description = "The settings as they are now.", body = Shown), OfSettings),
    security(("session" = []))
)]
pub(in crate::web::api) async fn change(
    State(app): State<App>,
    session: Session,
    wanted: IfMatch,
    query: Query,
    Body(asked): Body<ChangeSettings>,
) -> Answer {
    query.only(&[])?;
    let (settings, ctx, version) = (Wanted::read(&app, asked)?, session.ctx.clone(), wanted.version());
    let done = app.store.write(async move |tx| settings.clone().save(tx, &ctx, version).await);
    wanted.judge(done.await.map_err(|error| pointed(error, of_sessions)))?;
    shown(&app, &session).await
}

/// The fields of the session lengths, as the body calls them.
fn of_sessions(field: &'static str) -> &'static str {
    match field {
        "idle" => "session_idle_seconds",
        "absolute" => "session_absolute_seconds",
        other => other,
    }
}

/// The brake: how many people may be deactivated within 60 minutes before an administrator is asked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Brake)]
pub(in crate::web::api) struct ShownBrake {
    /// Whether it works at all.
    on: bool,
    /// The share of the active people, in percent.
    share: i64,
    /// So many may be in any case.
    minimum: i64,
    /// Counts its changes: the entity tag for `If-Match`.
    version: i64,
}

async fn shown_brake(app: &App, session: &Session) -> Answer {
    let (brake, version) = brakes::load(&mut app.store.reader().await?, session.visit.workspace).await?;
    let Brake { on, share, minimum } = brake;
    Ok(tagged(version, Json(ShownBrake { on, share, minimum, version })))
}

/// The brake.
#[utoipa::path(
    get, path = "/api/v1/settings/brake", operation_id = "brake", tag = "settings",
    responses((status = 200, description = "The brake, with its version as `ETag`.", body = ShownBrake), OfReading),
    security(("session" = []))
)]
pub(in crate::web::api) async fn brake(State(app): State<App>, session: Session) -> Answer {
    shown_brake(&app, &session).await
}

/// The brake as it is to be.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "on": true, "share": 10, "minimum": 5 }))]
pub(in crate::web::api) struct SetBrake {
    /// Whether it works at all; as it is when it is not given.
    on: Option<bool>,
    /// The share of the active people, in percent; as it is when it is not given.
    share: Option<i64>,
    /// So many may be in any case; as it is when it is not given.
    minimum: Option<i64>,
}

/// Set the brake.
///
/// With `If-Match` it is refused when it has been set since that version.
#[utoipa::path(
    put, path = "/api/v1/settings/brake", operation_id = "set_brake", tag = "settings",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of the brake that this was decided on.")),
    request_body(content = SetBrake, description = "The brake."),
    responses((status = 200, description = "The brake as it is now.", body = ShownBrake), OfBrake),
    security(("session" = []))
)]
pub(in crate::web::api) async fn set_brake(
    State(app): State<App>,
    session: Session,
    wanted: IfMatch,
    query: Query,
    Body(asked): Body<SetBrake>,
) -> Answer {
    query.only(&[])?;
    let (now, version) = brakes::load(&mut app.store.reader().await?, session.visit.workspace).await?;
    let brake = Brake {
        on: asked.on.unwrap_or(now.on),
        share: asked.share.unwrap_or(now.share),
        minimum: asked.minimum.unwrap_or(now.minimum),
    };
    // What is left out was read before: it must not have changed since.
    let (ctx, version) = (session.ctx.clone(), wanted.version().unwrap_or(version));
    let done = app.store.write(async move |tx| bulk::set_brake(tx, &ctx, brake, version).await);
    wanted.judge(done.await)?;
    shown_brake(&app, &session).await
}
