//! Invitations (rules 12 and 13): invite, send again, withdraw, accept, expire.

use domain::{
    Refusal,
    actor::Actor,
    audit::Action,
    id::{PersonId, TeamId},
    invitation,
    person::{Kind, Person, Status, StatusWord},
    role::Role,
};
use serde::Serialize;
use serde_json::json;

use super::{
    activation::record_added,
    deletion,
    items::depart,
    links::lock_link,
    load,
    organizations::{self, Belonging},
    record::Record,
    sessions::Opened,
    status::{self, Counters},
};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::profile::{Name, texts},
    secret::{self, Secret},
    store::{
        Rx, Tx, licenses,
        links::{self, ClosedWhy, LinkKind, LinkRow, NewLink},
        passwords,
        people::{self, PersonRow},
        teams, workspaces,
    },
    text,
};

/// Whom to invite; cleaned by [`Name::parse`] and [`super::profile::email`].
#[derive(Debug, Clone)]
pub struct Input {
    /// The address.
    pub email: String,
    /// The name.
    pub name: Name,
    /// As what they join.
    pub joining: Joining,
    /// Adds a license should none be free.
    pub add_license: bool,
}

/// As what somebody is invited.
#[derive(Debug, Clone)]
pub enum Joining {
    /// As a user, to the desk.
    User {
        /// Member or administrator.
        role: Role,
        /// Teams to begin in.
        teams: Vec<TeamId>,
    },
    /// As a customer, to the portal.
    Customer {
        /// Where they belong.
        belonging: Belonging,
    },
}

impl Joining {
    const fn kind(&self) -> Kind {
        match self {
            Self::User { .. } => Kind::User,
            Self::Customer { .. } => Kind::Customer,
        }
    }

    const fn role(&self) -> Role {
        match self {
            Self::User { role, .. } => *role,
            Self::Customer { .. } => Role::Member,
        }
    }
}

/// An invitation with its link, which is shown once.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// The invited person.
    pub person: PersonId,
    /// The link's secret.
    #[serde(skip)]
    pub secret: Secret,
    /// When it stops to work.
    pub expires: jiff::Timestamp,
    /// How many licenses were added.
    pub added_licenses: i64,
}

/// Whether this person could be invited, without doing it.
pub async fn plan(rx: &mut Rx, ctx: &Ctx, input: &Input) -> Result<invitation::Invitation> {
    let authority = load::unlocked::<0>(rx, ctx, []).await?.authority;
    let key = text::email_key(&input.email);
    let existing = people::by_email(rx, ctx.workspace, &key).await?;
    let workspace = workspaces::load(rx, ctx.workspace).await?;
    Ok(invitation::invite(
        &authority,
        existing.as_ref().map(|row| &row.person),
        input.joining.kind(),
        input.joining.role(),
        &workspace.licenses,
        input.add_license,
        ctx.now,
    )?)
}

/// Invites somebody for seven days or until they join. A user holds a license from now on.
pub async fn invite(tx: &mut Tx, ctx: &Ctx, input: Input) -> Result<Receipt> {
    let authority = load::actor(tx, ctx).await?;
    let key = text::email_key(&input.email);
    let existing = people::lock_email(tx, ctx.workspace, &key).await?;
    authority.may_administer()?;
    let teams = match &input.joining {
        Joining::User { teams, .. } => lock_teams(tx, ctx, teams).await?,
        Joining::Customer { .. } => Vec::new(),
    };
    // As in an activation: only a decision to add must not be overtaken.
    let workspace = if input.add_license {
        workspaces::lock(tx, ctx.workspace).await?
    } else {
        workspaces::load(tx, ctx.workspace).await?
    };
    let decided = invitation::invite(
        &authority,
        existing.as_ref().map(|row| &row.person),
        input.joining.kind(),
        input.joining.role(),
        &workspace.licenses,
        input.add_license,
        ctx.now,
    )?;
    let person = Person {
        workspace: ctx.workspace,
        id: ctx.id(),
        kind: input.joining.kind(),
        role: input.joining.role(),
        status: decided.status.clone(),
        email: input.email,
        name: input.name.into_string(),
        version: 1,
    };
    save_new(tx, ctx, &person).await?;
    let groups = enter(tx, ctx, &person, &input.joining, &teams).await?;
    if decided.takes_license {
        licenses::begin(tx, ctx.workspace, ctx.id(), person.id, Action::Invited.word(), ctx.now)?;
    }
    let mut counters = Counters::default();
    counters.count(&person, &person.status, true, 1);
    counters.own(decided.adds_licenses);
    let secret = new_link(tx, ctx, person.id, expires(&person.status)).await?;
    Record::of(Action::Invited)
        .person(person.id)
        .after(groups)
        .personal(json!({ "email": person.email, "name": person.name }))
        .save(tx, ctx)?;
    if decided.adds_licenses > 0 {
        let owned = workspace.licenses.owned;
        record_added(tx, ctx, owned, decided.adds_licenses).await?;
    }
    counters.save(tx, ctx).await?;
    Ok(Receipt {
        person: person.id,
        secret,
        expires: expires(&person.status),
        added_licenses: decided.adds_licenses,
    })
}

/// Puts the invited person into their teams or organization; answers what the audit log says of it.
async fn enter(
    tx: &mut Tx,
    ctx: &Ctx,
    person: &Person,
    joining: &Joining,
    teams: &[TeamId],
) -> Result<serde_json::Value> {
    match joining {
        Joining::User { role, .. } => {
            for team in teams {
                teams::join(tx, ctx.workspace, *team, person.id, ctx.now).await?;
            }
            Ok(json!({ "role": role, "teams": teams }))
        }
        Joining::Customer { belonging } => {
            let organization = organizations::place(tx, ctx, person, *belonging).await?;
            Ok(
                json!({ "kind": "customer", "organization": organization.map(|organization| organization.name) }),
            )
        }
    }
}

/// Locks the teams, each once, in the order of their ids.
async fn lock_teams(tx: &mut Tx, ctx: &Ctx, teams: &[TeamId]) -> Result<Vec<TeamId>> {
    let teams: std::collections::BTreeSet<TeamId> = teams.iter().copied().collect();
    for team in &teams {
        teams::lock(tx, ctx.workspace, *team).await?.ok_or(Error::NotFound("team"))?;
    }
    Ok(teams.into_iter().collect())
}

/// Saves a person who is new to the workspace.
pub(crate) async fn save_new(tx: &mut Tx, ctx: &Ctx, person: &Person) -> Result<()> {
    let saved = people::insert(tx, person, &texts(&person.name, &person.email), ctx.now).await;
    match saved {
        // Two racers with one address that nobody had: on PostgreSQL nothing could be locked.
        Err(Error::Store(error)) if error.is_unique() => {
            Err(Error::field("email", "Somebody with this address was added just now."))
        }
        saved => saved,
    }
}

fn expires(status: &Status) -> jiff::Timestamp {
    match status {
        Status::Invited { expires, .. } => *expires,
        Status::Active { since } | Status::Deactivated { since, .. } => *since,
    }
}

async fn new_link(tx: &mut Tx, ctx: &Ctx, person: PersonId, expires: jiff::Timestamp) -> Result<Secret> {
    let secret = Secret::new(&ctx.sys, secret::Kind::Invitation);
    let link = NewLink {
        id: ctx.id(),
        person,
        kind: LinkKind::Invitation,
        token_hash: secret.digest().to_vec(),
        made_by: ctx.actor.person(),
        expires,
    };
    links::insert(tx, ctx.workspace, &link, ctx.now).await?;
    Ok(secret)
}

/// Makes a new invitation for an invited person; the earlier one stops to work. An expired one needs a
/// free license.
pub async fn send_again(tx: &mut Tx, ctx: &Ctx, id: PersonId, add_license: bool) -> Result<Receipt> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    let workspace = workspaces::lock(tx, ctx.workspace).await?;
    let decided = invitation::send_again(&authority, &row.person, &workspace.licenses, add_license, ctx.now)?;
    let mut counters = Counters::default();
    let change = domain::lifecycle::Change {
        person: id,
        before: row.person.status.clone(),
        after: decided.status.clone(),
    };
    status::change(tx, ctx, &row, &change, Action::InvitationSentAgain, &mut counters)?;
    let secret = new_link(tx, ctx, id, expires(&decided.status)).await?;
    if row.registered.is_some() {
        people::set_registered(tx, ctx.workspace, id, None).await?;
    }
    Record::of(Action::InvitationSentAgain)
        .person(id)
        .statuses(&change.before, &change.after)
        .save(tx, ctx)?;
    if decided.adds_licenses > 0 {
        counters.own(decided.adds_licenses);
        let owned = workspace.licenses.owned;
        record_added(tx, ctx, owned, decided.adds_licenses).await?;
    }
    counters.save(tx, ctx).await?;
    Ok(Receipt {
        person: id,
        secret,
        expires: expires(&decided.status),
        added_licenses: decided.adds_licenses,
    })
}

/// What a withdrawal did.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Withdrawn {
    /// Whether a license became free.
    pub license_freed: bool,
}

/// What withdrawing this invitation would do. The same guards as [`withdraw`].
pub async fn plan_withdrawal(rx: &mut Rx, ctx: &Ctx, id: PersonId) -> Result<Withdrawn> {
    let load::Loaded { authority, people: [row] } = load::unlocked(rx, ctx, [id]).await?;
    Ok(Withdrawn { license_freed: invitation::withdraw(&authority, &row.person)? })
}

/// Withdraws an invitation: the person is gone, the license free.
pub async fn withdraw(tx: &mut Tx, ctx: &Ctx, id: PersonId) -> Result<Withdrawn> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    let license_freed = invitation::withdraw(&authority, &row.person)?;
    let mut counters = Counters::default();
    deletion::erase(tx, ctx, &row, (Action::InvitationWithdrawn, depart::PIECE), &mut counters).await?;
    counters.save(tx, ctx).await?;
    Ok(Withdrawn { license_freed })
}

/// Whom an invitation is for, if it works: what the page shows before it is accepted.
pub async fn look(rx: &mut Rx, ctx: &Ctx, secret: &Secret) -> Result<PersonRow> {
    let link = links::find(rx, ctx.workspace, &secret.digest()).await?;
    let link = link.filter(|link| link.kind == LinkKind::Invitation);
    let link = link.ok_or(Refusal::LinkVoid)?;
    let row = people::load(rx, ctx.workspace, link.person).await?;
    let row = row.ok_or(Refusal::LinkVoid)?;
    usable(&link, &row, ctx.now)?;
    Ok(row)
}

/// An invitation that ran out says so; any other that does not work says no more than that.
fn usable(link: &LinkRow, row: &PersonRow, now: jiff::Timestamp) -> Result<(), Refusal> {
    if row.person.status.word() == StatusWord::Invited {
        invitation::accept(&row.person, now)?;
    }
    if link.works(now) { Ok(()) } else { Err(Refusal::LinkVoid) }
}

/// Accepts an invitation with a name and an (already hashed) password: the person is active and signed
/// in.
pub async fn accept(
    tx: &mut Tx,
    ctx: &Ctx,
    secret: &Secret,
    name: Name,
    password_hash: &str,
    from: &super::sessions::From,
) -> Result<Opened> {
    let (link, row) = lock_link(tx, ctx.workspace, secret, LinkKind::Invitation).await?;
    usable(&link, &row, ctx.now)?;
    let mut counters = Counters::default();
    let ctx = join(tx, ctx, &row, &mut counters).await?;
    super::profile::rename(tx, &ctx, link.person, name).await?;
    passwords::set(tx, ctx.workspace, link.person, password_hash, ctx.now).await?;
    let opened = super::sessions::open(tx, &ctx, &row, from, &mut counters).await?;
    counters.save(tx, &ctx).await?;
    Ok(opened)
}

/// An invited person becomes active. Whoever lets it happen, it is the invited person who accepts: answers a
/// context in which they act.
pub(crate) async fn join(tx: &mut Tx, ctx: &Ctx, row: &PersonRow, counters: &mut Counters) -> Result<Ctx> {
    let id = row.person.id;
    let change = invitation::accept(&row.person, ctx.now)?;
    let ctx = ctx.acting_as(Actor::Visitor { person: id });
    status::change(tx, &ctx, row, &change, Action::InvitationAccepted, counters)?;
    links::close_kind(tx, ctx.workspace, id, LinkKind::Invitation, ClosedWhy::Used, ctx.now).await?;
    Record::of(Action::InvitationAccepted)
        .person(id)
        .statuses(&change.before, &change.after)
        .save(tx, &ctx)?;
    Ok(ctx)
}

/// Expires the invitations whose time has run out, up to 100; answers how many. The license of each is
/// free again.
pub async fn expire_due(tx: &mut Tx, ctx: &Ctx) -> Result<usize> {
    let mut due = people::due_invitations(tx, ctx.workspace, ctx.now).await?;
    due.sort_by_key(|row| row.person.id);
    let mut counters = Counters::default();
    let mut expired = 0;
    for row in due {
        // Locked and looked at again: it may have been accepted meanwhile.
        let Some(row) = people::lock(tx, ctx.workspace, row.person.id).await? else {
            continue;
        };
        let Some(after) = invitation::expire(&row.person, ctx.now) else {
            continue;
        };
        let change =
            domain::lifecycle::Change { person: row.person.id, before: row.person.status.clone(), after };
        status::change(tx, ctx, &row, &change, Action::InvitationExpired, &mut counters)?;
        links::close_all(tx, ctx.workspace, row.person.id, ClosedWhy::Void, ctx.now).await?;
        Record::of(Action::InvitationExpired)
            .person(row.person.id)
            .statuses(&change.before, &change.after)
            .save(tx, ctx)?;
        expired += 1;
    }
    if expired > 0 {
        counters.save(tx, ctx).await?;
    }
    Ok(expired)
}
