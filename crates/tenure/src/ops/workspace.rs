//! Workspaces: begin one, change its settings.

use domain::{
    Refusal,
    actor::Actor,
    apps::Apps,
    audit::Action,
    id::{PersonId, WorkspaceId},
    license::Licenses,
    person::{Kind, Person, Status},
    role::Role,
    session::SessionLengths,
};
use serde_json::json;

use super::{
    invitation::save_new,
    links::new_password_link,
    load,
    profile::{LANGUAGES, Name, time_zone},
    record::Record,
    status::Counters,
};
use crate::{
    ctx::Ctx,
    error::{Error, FieldError, Result},
    limits::Limits,
    seal::{AuditKey, Checkpoint},
    secret::Secret,
    store::{
        Tx, audit, events, licenses,
        workspaces::{self, Counts, Workspace},
    },
    text,
};

/// What a workspace begins with.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name shown.
    pub name: Name,
    /// The owner's address; cleaned by [`super::profile::email`].
    pub owner_email: String,
    /// The owner's name.
    pub owner_name: Name,
    /// How many licenses it owns; the owner uses one.
    pub licenses: i64,
    /// The Host that names it, where the server holds several.
    pub host: Option<String>,
    /// IANA name of its time zone.
    pub time_zone: String,
}

/// A workspace that began, with the owner's set-password link, which is shown once.
#[derive(Debug, Clone)]
pub struct Created {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its owner.
    pub owner: PersonId,
    /// The owner's link.
    pub secret: Secret,
    /// Whether another workspace of the server has the same name: hosts tell them apart, and ids.
    pub namesake: bool,
}

/// Begins a workspace; only at the machine. `ctx.workspace` is its new id. Refused where the server would then hold
/// several and one of them had no host. A name may stand twice.
pub async fn create(tx: &mut Tx, ctx: &Ctx, key: &AuditKey, input: Input) -> Result<Created> {
    if !matches!(ctx.actor, Actor::Cli { .. }) {
        return Err(Refusal::AdministratorsOnly.into());
    }
    time_zone(&input.time_zone)?;
    let others = workspaces::neighbours(tx).await?;
    let beside = others.iter().map(|(name, has_host)| (name.as_str(), *has_host));
    domain::workspace::begin(beside, input.name.as_str(), input.host.is_some())?;
    let called = text::fold(input.name.as_str());
    let namesake = others.iter().any(|(name, _)| text::fold(name) == called);
    let licenses = Licenses { owned: 1, used: 0, price: None }.own(input.licenses)?;
    let workspace = Workspace {
        id: ctx.workspace,
        name: input.name.into_string(),
        language: "en".into(),
        time_zone: input.time_zone,
        licenses,
        counts: Counts::default(),
        customers: Counts::default(),
        registration: false,
        shared_requests: false,
        apps: Apps::default(),
        sessions: SessionLengths::default(),
        created: ctx.now,
        version: 1,
    };
    let saved = workspaces::insert(tx, &workspace, input.host.as_deref()).await;
    match saved {
        Err(Error::Store(error)) if error.is_unique() => {
            return Err(Error::field("host", "Another workspace has this host."));
        }
        saved => saved?,
    }
    let genesis = Checkpoint::genesis(key, ctx.workspace.uuid());
    let tag = genesis.tag(key, ctx.workspace.uuid());
    audit::insert_head(tx, ctx.workspace, &genesis.mac, &tag).await?;
    events::insert_end(tx, ctx.workspace).await?;
    let owner = owner(tx, ctx, input.owner_name, input.owner_email).await?;
    let secret = new_password_link(tx, ctx, owner).await?;
    Record::of(Action::WorkspaceCreated)
        .person(owner)
        .after(json!({ "licenses": input.licenses }))
        .save(tx, ctx)?;
    Ok(Created { workspace: ctx.workspace, owner, secret, namesake })
}

/// Lets a host lead to the workspace; only at the machine. A server that holds several workspaces finds each
/// by its hosts.
pub async fn add_host(tx: &mut Tx, ctx: &Ctx, host: &str) -> Result<()> {
    if !matches!(ctx.actor, Actor::Cli { .. }) {
        return Err(Refusal::AdministratorsOnly.into());
    }
    match workspaces::add_host(tx, ctx.workspace, host).await {
        Err(Error::Store(error)) if error.is_unique() => {
            return Err(Error::field("host", "A workspace has this host already."));
        }
        saved => saved?,
    }
    Record::of(Action::SettingsChanged).after(json!({ "host": host })).save(tx, ctx)
}

/// The owner is active from the start, without a password: somebody always holds the workspace.
async fn owner(tx: &mut Tx, ctx: &Ctx, name: Name, email: String) -> Result<PersonId> {
    let person = Person {
        workspace: ctx.workspace,
        id: ctx.id(),
        kind: Kind::User,
        role: Role::Owner,
        status: Status::Active { since: ctx.now },
        email,
        name: name.into_string(),
        version: 1,
    };
    save_new(tx, ctx, &person).await?;
    let why = Action::WorkspaceCreated.word();
    licenses::begin(tx, ctx.workspace, ctx.id(), person.id, why, ctx.now)?;
    let mut counters = Counters::default();
    counters.count(&person, &person.status, true, 1);
    counters.save(tx, ctx).await?;
    Ok(person.id)
}

/// New settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name shown.
    pub name: Name,
    /// A tag of [`LANGUAGES`].
    pub language: String,
    /// IANA name of the time zone.
    pub time_zone: String,
    /// How long sessions last.
    pub sessions: SessionLengths,
    /// The version that the form was made from; stale when it has changed.
    pub version: i64,
}

fn session_lengths(lengths: SessionLengths) -> Result<()> {
    let (idle, absolute) = lengths.faults();
    let at = |field, fault: Option<&str>| fault.map(|fault| FieldError { field, message: fault.to_owned() });
    let faults: Vec<_> = at("idle", idle).into_iter().chain(at("absolute", absolute)).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// Lets customers register themselves in the portal, or no longer. `version` is that of the form; stale when the
/// settings have changed since.
pub async fn set_registration(tx: &mut Tx, ctx: &Ctx, open: bool, version: Option<i64>) -> Result<()> {
    load::actor(tx, ctx).await?.may_administer()?;
    let workspace = workspaces::lock(tx, ctx.workspace).await?;
    let before = workspace.registration;
    let version = version.unwrap_or(workspace.version);
    workspaces::set_registration(tx, ctx.workspace, open, version).await?;
    if before == open {
        return Ok(());
    }
    let state = |open: bool| json!({ "registration": open });
    Record::of(Action::SettingsChanged).before(state(before)).after(state(open)).save(tx, ctx)
}

/// Lets customers of one organization see each other's requests in the portal, or no longer. `version` as in
/// [`set_registration`].
pub async fn share_requests(tx: &mut Tx, ctx: &Ctx, shared: bool, version: Option<i64>) -> Result<()> {
    load::actor(tx, ctx).await?.may_administer()?;
    let workspace = workspaces::lock(tx, ctx.workspace).await?;
    let before = workspace.shared_requests;
    workspaces::share_requests(tx, ctx.workspace, shared, version.unwrap_or(workspace.version)).await?;
    if before == shared {
        return Ok(());
    }
    let state = |shared: bool| json!({ "shared_requests": shared });
    Record::of(Action::SettingsChanged).before(state(before)).after(state(shared)).save(tx, ctx)
}

/// Sets the customer apps up, with what the sender of a request reads that is refused for its address; `contact` is
/// cleaned by [`contact`]. `version` as in [`set_registration`].
pub async fn set_apps(
    tx: &mut Tx,
    ctx: &Ctx,
    (apps, contact): (Apps, String),
    version: Option<i64>,
) -> Result<()> {
    load::actor(tx, ctx).await?.may_administer()?;
    let workspace = workspaces::lock(tx, ctx.workspace).await?;
    let before = (workspace.apps, workspaces::form_contact(tx, ctx.workspace).await?);
    let version = version.unwrap_or(workspace.version);
    workspaces::set_apps(tx, ctx.workspace, &apps, &contact, version).await?;
    let after = (apps, contact);
    if before == after {
        return Ok(());
    }
    let state = |(apps, contact): &(Apps, String)| {
        json!({
            "help_centre_on": apps.help.on,
            "help_centre_needs_login": apps.help.needs_login,
            "request_form_on": apps.form.on,
            "request_form_needs_login": apps.form.needs_login,
            "requests_of_deactivated_people": apps.policy.title(),
            "contact": contact,
        })
    };
    Record::of(Action::SettingsChanged).before(state(&before)).after(state(&after)).save(tx, ctx)
}

/// Cleans the typed text that the sender of a refused request reads.
pub fn contact(typed: &str, limits: &Limits) -> Result<String> {
    text::clean_lines("The contact text", typed, limits.reason).map_err(|error| error.at("contact"))
}

/// Changes the settings. Shorter sessions apply at once, to open ones too.
pub async fn change(tx: &mut Tx, ctx: &Ctx, settings: Settings) -> Result<()> {
    load::actor(tx, ctx).await?.may_administer()?;
    time_zone(&settings.time_zone)?;
    if !LANGUAGES.iter().any(|(tag, _)| *tag == settings.language) {
        return Err(Error::field("language", "Choose a language from the list."));
    }
    session_lengths(settings.sessions)?;
    let before = workspaces::lock(tx, ctx.workspace).await?;
    let after = Workspace {
        name: settings.name.into_string(),
        language: settings.language,
        time_zone: settings.time_zone,
        sessions: settings.sessions,
        version: settings.version,
        ..before.clone()
    };
    workspaces::set_settings(tx, &after).await?;
    let state = |workspace: &Workspace| {
        json!({
            "name": workspace.name,
            "language": workspace.language,
            "time_zone": workspace.time_zone,
            "sessions": workspace.sessions,
        })
    };
    if state(&before) == state(&after) {
        return Ok(());
    }
    Record::of(Action::SettingsChanged).before(state(&before)).after(state(&after)).save(tx, ctx)
}
