//! What is particular to customers (rule 8): added without an invitation, registered by themselves, converted to
//! users. All else of their life is done by the same ops as for users.

use std::{net::IpAddr, time::Duration};

use domain::{
    actor::Actor,
    audit::Action,
    customer,
    id::{OrganizationId, PersonId},
    person::{Kind, Person},
    role::Role,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    activation::record_added,
    invitation::save_new,
    load,
    organizations::{self, Belonging},
    profile::Name,
    record::Record,
    status::Counters,
};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    rate,
    store::{
        self, Rx, Tx, licenses, people,
        sessions::{self, EndedWhy},
        workspaces,
    },
    text,
};

/// Whom to add; cleaned by [`Name::parse`] and [`super::profile::email`].
#[derive(Debug, Clone)]
pub struct Input {
    /// The address.
    pub email: String,
    /// The name.
    pub name: Name,
    /// Where they belong.
    pub belonging: Belonging,
}

/// A customer who was added.
#[derive(Debug, Clone, Serialize)]
pub struct Added {
    /// The customer.
    pub person: PersonId,
    /// The organization that they joined.
    pub organization: Option<OrganizationId>,
}

/// Adds a customer: active from now on, and without a password until they are sent a link.
pub async fn add(tx: &mut Tx, ctx: &Ctx, input: Input) -> Result<Added> {
    let authority = load::actor(tx, ctx).await?;
    authority.may_administer()?;
    let key = text::email_key(&input.email);
    let existing = people::lock_email(tx, ctx.workspace, &key).await?;
    let status = customer::add(&authority, existing.as_ref().map(|row| &row.person), ctx.now)?;
    let person = Person {
        workspace: ctx.workspace,
        id: ctx.id(),
        kind: Kind::Customer,
        role: Role::Member,
        status,
        email: input.email,
        name: input.name.into_string(),
        version: 1,
    };
    admit(tx, ctx, &person, input.belonging).await
}

/// Saves a new customer whom the rules allow, in the organization that is meant.
pub(crate) async fn admit(tx: &mut Tx, ctx: &Ctx, person: &Person, belonging: Belonging) -> Result<Added> {
    save_new(tx, ctx, person).await?;
    let organization = organizations::place(tx, ctx, person, belonging).await?;
    Record::of(Action::CustomerAdded)
        .person(person.id)
        .after(json!({ "organization": organization.as_ref().map(|organization| &organization.name) }))
        .personal(json!({ "email": person.email, "name": person.name }))
        .save(tx, ctx)?;
    let mut counters = Counters::default();
    counters.count(person, &person.status, true, 1);
    counters.save(tx, ctx).await?;
    Ok(Added { person: person.id, organization: organization.map(|organization| organization.id) })
}

/// Who asks for an account; cleaned as [`Input`] is.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The address, which nobody has proved to be theirs.
    pub email: String,
    /// The name.
    pub name: Name,
}

/// How long a registration, or a request by the open form, takes to be answered: longer than saving one does, so that the time says nothing of the
/// address (rule 13; ASVS 5.0 6.3.8).
pub(crate) const ANSWER_AFTER: Duration = Duration::from_millis(500);

/// Asks for an account in the portal, from an address of the network. An administrator sees it and sends the link,
/// by which the address is proved; until then there is no way in. The answer is the same for every address, one
/// that is somebody's too.
pub async fn register(app: &App, ctx: &Ctx, from: IpAddr, input: Registration) -> Result<()> {
    app.limiters.register_address.check(&rate::network(from))?;
    app.limiters.register_workspace.check(&ctx.workspace.uuid())?;
    let ctx = ctx.clone();
    let saved = app.store.write(async move |tx| save_registration(tx, &ctx, input.clone()).await);
    let (saved, ()) = tokio::join!(saved, tokio::time::sleep(ANSWER_AFTER));
    match saved {
        // Of two racers with one address that nobody had, the second finds it in use.
        Err(Error::Invalid(_)) => Ok(()),
        saved => saved,
    }
}

async fn save_registration(tx: &mut Tx, ctx: &Ctx, input: Registration) -> Result<()> {
    let ws = ctx.workspace;
    let open = workspaces::load(tx, ws).await?.registration;
    let existing = people::by_email(tx, ws, &text::email_key(&input.email)).await?;
    let Some(status) = customer::register(open, existing.as_ref().map(|row| &row.person), ctx.now)? else {
        return Ok(());
    };
    let person = Person {
        workspace: ws,
        id: ctx.id(),
        kind: Kind::Customer,
        role: Role::Member,
        status,
        email: input.email,
        name: input.name.into_string(),
        version: 1,
    };
    save_new(tx, ctx, &person).await?;
    people::set_registered(tx, ws, person.id, Some(ctx.now)).await?;
    let organization = organizations::place(tx, ctx, &person, Belonging::ByDomain).await?;
    let ctx = ctx.acting_as(Actor::Visitor { person: person.id });
    Record::of(Action::CustomerRegistered)
        .person(person.id)
        .after(json!({ "organization": organization.map(|organization| organization.name) }))
        .personal(json!({ "email": person.email, "name": person.name }))
        .save(tx, &ctx)?;
    let mut counters = Counters::default();
    counters.count(&person, &person.status, true, 1);
    counters.save(tx, &ctx).await?;
    Ok(())
}

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conversion {
    /// Adds a license should none be free.
    pub add_license: bool,
    /// The version of the person that the preview was made from; stale when it has changed.
    pub version: Option<i64>,
}

/// What a conversion would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ConversionPlan)]
pub struct Plan {
    /// Whom.
    #[schema(value_type = String, format = Uuid)]
    pub person: PersonId,
    /// Their version, for the form that confirms.
    pub version: i64,
    /// Whether a license is taken.
    pub license_taken: bool,
    /// How many licenses are added.
    pub added_licenses: i64,
    /// Portal sessions that end.
    pub sessions_ended: i64,
    /// The organization that they leave.
    pub leaves: Option<String>,
}

/// What a conversion did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Converted {
    /// Whom.
    #[schema(value_type = String, format = Uuid)]
    pub person: PersonId,
    /// Whether a license was taken.
    pub license_taken: bool,
    /// How many licenses were added.
    pub added_licenses: i64,
    /// Portal sessions ended.
    pub sessions_ended: i64,
    /// Licenses owned afterwards.
    pub owned: i64,
    /// Licenses used afterwards.
    pub used: i64,
}

/// What converting this customer would do. The same guards as [`convert`].
pub async fn plan(rx: &mut Rx, ctx: &Ctx, id: PersonId, input: Conversion) -> Result<Plan> {
    let load::Loaded { authority, people: [row] } = load::unlocked(rx, ctx, [id]).await?;
    let workspace = workspaces::load(rx, ctx.workspace).await?;
    let decided = customer::convert(&authority, &row.person, &workspace.licenses, input.add_license)?;
    let leaves = store::organizations::of_person(rx, ctx.workspace, id).await?;
    Ok(Plan {
        person: id,
        version: row.person.version,
        license_taken: decided.takes_license,
        added_licenses: decided.adds_licenses,
        sessions_ended: sessions::count_open(rx, ctx.workspace, id, workspace.sessions, ctx.now).await?,
        leaves: leaves.map(|organization| organization.name),
    })
}

/// Makes a customer a user, a member: they keep address, name and password, leave their organization, and sign in at
/// the desk from now on.
pub async fn convert(tx: &mut Tx, ctx: &Ctx, id: PersonId, input: Conversion) -> Result<Converted> {
    let ws = ctx.workspace;
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    // As in an activation: only a decision to add must not be overtaken.
    let workspace =
        if input.add_license { workspaces::lock(tx, ws).await? } else { workspaces::load(tx, ws).await? };
    let decided = customer::convert(&authority, &row.person, &workspace.licenses, input.add_license)?;
    load::fresh(&row, input.version)?;
    let leaves = store::organizations::of_person(tx, ws, id).await?;
    if let Some(organization) = &leaves {
        store::organizations::leave(tx, ws, organization.id, id).await?;
    }
    // A portal session must not become one of the desk.
    let ended = sessions::end_all(tx, ws, id, None, EndedWhy::Ended, ctx.now).await?;
    match people::set_kind(tx, &row.person, Kind::User).await {
        Err(Error::Store(error)) if error.is_unique() => {
            return Err(Error::field("external_id", "A user has the external ID of this customer."));
        }
        saved => saved?,
    }
    let after = Person { kind: Kind::User, ..row.person.clone() };
    let never = row.last_sign_in.is_none();
    let mut counters = Counters::default();
    counters.count(&row.person, &row.person.status, never, -1);
    counters.count(&after, &after.status, never, 1);
    counters.own(decided.adds_licenses);
    if decided.takes_license {
        licenses::begin(tx, ws, ctx.id(), id, Action::Converted.word(), ctx.now)?;
    }
    Record::of(Action::Converted)
        .person(id)
        .before(json!({ "kind": "customer", "organization": leaves.map(|organization| organization.name) }))
        .after(json!({ "kind": "user", "role": after.role }))
        .save(tx, ctx)?;
    if decided.adds_licenses > 0 {
        record_added(tx, ctx, workspace.licenses.owned, decided.adds_licenses).await?;
    }
    let (owned, used) = counters.save(tx, ctx).await?;
    Ok(Converted {
        person: id,
        license_taken: decided.takes_license,
        added_licenses: decided.adds_licenses,
        sessions_ended: ended,
        owned,
        used,
    })
}
