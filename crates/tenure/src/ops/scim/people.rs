//! People: brought in, changed, taken out.

use domain::{
    audit::Action,
    id::PersonId,
    person::{Kind, Person, StatusWord},
    role::Role,
    scim::{Gone, bring, is_active, is_back},
};
use serde_json::json;

use super::{Directory, Edit, Wanted, brake, resource, said::Facts, tag, taken};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        activation, customers, deactivation, deletion, invitation, load, organizations::Belonging, profile,
        record::Record, status::Counters,
    },
    scim::{
        Resource,
        patch::{self, Deed},
        schema::ResourceType::User,
    },
    store::{
        Rx, Tx, licenses, people,
        scim::{self as store, Known},
        workspaces,
    },
    text,
};

/// What is not there.
const USER: &str = "user";

/// A person after a change.
#[derive(Debug, Clone)]
pub enum Changed {
    /// As they are now.
    There(Box<Known>),
    /// An invitation was withdrawn, and the person is gone: as they were last.
    Withdrawn(Resource),
}

/// Those attributes of a whole resource that the schemas know.
fn whole(body: &Resource) -> Result<Resource> {
    let mut resource = Resource::new();
    patch::apply(&mut resource, &patch::whole(Deed::Add, body, User), User)?;
    Ok(resource)
}

async fn there(rx: &mut Rx, ctx: &Ctx, kind: Kind, id: PersonId) -> Result<Known> {
    let known = store::load(rx, ctx.workspace, id).await?;
    known.filter(|known| known.row.person.kind == kind && !known.gone).ok_or(Error::NotFound(USER))
}

async fn now(tx: &mut Tx, ctx: &Ctx, id: PersonId) -> Result<Known> {
    store::load(tx, ctx.workspace, id).await?.ok_or(Error::NotFound(USER))
}

/// Brings somebody in; or takes somebody back whom the directory deleted, and knows by the same id.
pub async fn create(tx: &mut Tx, ctx: &Ctx, directory: &Directory, body: &Resource) -> Result<Known> {
    let authority = load::actor(tx, ctx).await?;
    authority.may_administer()?;
    let facts = Facts::of(&whole(body)?, &directory.limits)?;
    let (ws, key) = (ctx.workspace, text::email_key(&facts.email));
    people::lock_email(tx, ws, &key).await?;
    let mut existing = store::by_email(tx, ws, &key).await?;
    if let (None, Some(user_name)) = (&existing, facts.user_name_key()) {
        existing = store::by_user_name(tx, ws, &user_name).await?;
    }
    if let Some(known) = existing.as_ref().filter(|known| known.gone) {
        let gone = Gone { person: &known.row.person, external_id: known.external_id.as_deref() };
        is_back(&authority, gone, directory.kind, facts.external_id.as_deref())?;
        let id = known.row.person.id;
        store::come_back(tx, ws, id).await?;
        become_as(tx, ctx, directory, id, &facts, facts.active.unwrap_or(true)).await?;
        return now(tx, ctx, id).await;
    }
    let workspace = workspaces::load(tx, ws).await?;
    let active = facts.active.unwrap_or(true);
    let existing = existing.as_ref().map(|known| &known.row.person);
    let status = bring(&authority, existing, directory.kind, active, &workspace.licenses, ctx.now)?;
    let person = Person {
        workspace: ws,
        id: ctx.id(),
        kind: directory.kind,
        role: Role::Member,
        status,
        email: facts.email.clone(),
        name: facts.name.as_str().to_owned(),
        version: 1,
    };
    admit(tx, ctx, &person).await?;
    remember(tx, ctx, person.id, None, &facts).await?;
    now(tx, ctx, person.id).await
}

/// Saves somebody new.
async fn admit(tx: &mut Tx, ctx: &Ctx, person: &Person) -> Result<()> {
    if person.kind == Kind::Customer {
        // Rule 5: a deactivated one is put nowhere.
        let belonging = if person.status.is_active() { Belonging::ByDomain } else { Belonging::Nowhere };
        customers::admit(tx, ctx, person, belonging).await?;
        return Ok(());
    }
    invitation::save_new(tx, ctx, person).await?;
    if person.holds_license() {
        licenses::begin(tx, ctx.workspace, ctx.id(), person.id, Action::Provisioned.word(), ctx.now)?;
    }
    Record::of(Action::Provisioned)
        .person(person.id)
        .after(json!({ "kind": person.kind, "status": person.status.word(), "role": person.role }))
        .personal(json!({ "email": person.email, "name": person.name }))
        .save(tx, ctx)?;
    let mut counters = Counters::default();
    counters.count(person, &person.status, true, 1);
    counters.save(tx, ctx).await?;
    Ok(())
}

/// Changes somebody.
pub async fn change(
    tx: &mut Tx,
    ctx: &Ctx,
    directory: &Directory,
    id: PersonId,
    (edit, wanted): (&Edit, &Wanted),
) -> Result<Changed> {
    let known = locked(tx, ctx, directory, id, wanted).await?;
    let before = resource(&known);
    let after = match edit {
        Edit::Put(body) => whole(body)?,
        Edit::Patch(changes) => {
            let mut after = before.clone();
            patch::apply(&mut after, changes, User)?;
            after
        }
    };
    let mut facts = Facts::of(&after, &directory.limits)?;
    let status = &known.row.person.status;
    let active = facts.active.unwrap_or_else(|| is_active(status));
    if facts.active.is_none() && matches!(edit, Edit::Patch(_)) {
        facts.attributes.insert("active".into(), json!(active));
    }
    if status.word() == StatusWord::Invited && is_active(status) && !active {
        // Rule 12: an invitation is withdrawn, and every door is closed by it.
        invitation::withdraw(tx, ctx, id).await?;
        let mut last = before;
        last.insert("active".into(), json!(false));
        return Ok(Changed::Withdrawn(last));
    }
    become_as(tx, ctx, directory, id, &facts, active).await?;
    Ok(Changed::There(Box::new(now(tx, ctx, id).await?)))
}

/// Somebody whom the directory has, locked, in the state that it means.
async fn locked(
    tx: &mut Tx,
    ctx: &Ctx,
    directory: &Directory,
    id: PersonId,
    wanted: &Wanted,
) -> Result<Known> {
    let load::Loaded { authority, .. } = load::locked(tx, ctx, [id]).await.map_err(|error| match error {
        Error::NotFound(_) => Error::NotFound(USER),
        error => error,
    })?;
    authority.may_administer()?;
    let known = there(tx, ctx, directory.kind, id).await?;
    wanted.check(&tag(&resource(&known)))?;
    Ok(known)
}

/// Does what makes a person what a resource says: each step by its own op, the door opened first and locked last.
async fn become_as(
    tx: &mut Tx,
    ctx: &Ctx,
    directory: &Directory,
    id: PersonId,
    facts: &Facts,
    active: bool,
) -> Result<()> {
    let known = now(tx, ctx, id).await?;
    let person = &known.row.person;
    if active && !is_active(&person.status) {
        activation::activate(tx, ctx, id, activation::Input::default()).await?;
    }
    let input = profile::Input {
        name: (facts.name.as_str() != person.name).then(|| facts.name.clone()),
        email: (facts.email != person.email).then(|| facts.email.clone()),
        ..profile::Input::default()
    };
    if input.name.is_some() || input.email.is_some() {
        profile::edit(tx, ctx, id, input).await?;
    }
    remember(tx, ctx, id, Some(&known), facts).await?;
    if !active && is_active(&person.status) {
        lock_out(tx, ctx, directory, id).await?;
    }
    Ok(())
}

/// Deactivates somebody, within the brake.
async fn lock_out(tx: &mut Tx, ctx: &Ctx, directory: &Directory, id: PersonId) -> Result<()> {
    brake::lets(tx, ctx, directory).await?;
    deactivation::deactivate(tx, ctx, id, deactivation::Input::default()).await?;
    Ok(())
}

/// Keeps what the desk has no place for, with the directory's id.
async fn remember(tx: &mut Tx, ctx: &Ctx, id: PersonId, known: Option<&Known>, facts: &Facts) -> Result<()> {
    let ws = ctx.workspace;
    let external = known.and_then(|known| known.external_id.as_deref());
    if external != facts.external_id.as_deref() {
        set_external(tx, ctx, id, facts).await?;
    }
    let said = facts.said();
    let same = known.is_some_and(|known| known.said.as_ref() == Some(&said));
    if !same {
        let (key, emails) = (facts.user_name_key(), facts.email_keys());
        match store::save(tx, ws, id, &said, (key.as_deref(), &emails)).await {
            Err(Error::Store(error)) if error.is_unique() => {
                return Err(taken("Somebody else has this userName."));
            }
            saved => saved?,
        }
    }
    record(tx, ctx, id, known, facts)
}

async fn set_external(tx: &mut Tx, ctx: &Ctx, id: PersonId, facts: &Facts) -> Result<()> {
    match store::set_external(tx, ctx.workspace, id, facts.external_id.as_deref()).await {
        Err(Error::Store(error)) if error.is_unique() => Err(taken("Somebody else has this externalId.")),
        saved => saved,
    }
}

/// Rule 11: what changed of that, with its values beside the entry.
fn record(tx: &mut Tx, ctx: &Ctx, id: PersonId, known: Option<&Known>, facts: &Facts) -> Result<()> {
    let said = known.and_then(|known| known.said.as_ref());
    let before = said.and_then(|said| serde_json::from_str(&said.attributes).ok()).unwrap_or_default();
    let mut before = with_id(before, known.and_then(|known| known.external_id.as_deref()));
    let mut after = with_id(facts.attributes.clone(), facts.external_id.as_deref());
    let same: Vec<String> = before
        .iter()
        .filter(|(key, value)| after.get(*key) == Some(value))
        .map(|(key, _)| key.clone())
        .collect();
    for key in same {
        before.remove(&key);
        after.remove(&key);
    }
    if before.is_empty() && after.is_empty() {
        return Ok(());
    }
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    Record::of(Action::ProfileChanged)
        .person(id)
        .after(json!({ "directory": names }))
        .personal(json!({ "before": before, "after": after }))
        .save(tx, ctx)
}

fn with_id(mut attributes: Resource, external_id: Option<&str>) -> Resource {
    if let Some(external_id) = external_id {
        attributes.insert("externalId".into(), json!(external_id));
    }
    attributes
}

/// The directory deletes somebody. By the settings of its token they are deleted, or deactivated, and by SCIM no longer
/// there; an invitation is withdrawn.
pub async fn delete(
    tx: &mut Tx,
    ctx: &Ctx,
    directory: &Directory,
    id: PersonId,
    wanted: &Wanted,
) -> Result<()> {
    let known = locked(tx, ctx, directory, id, wanted).await?;
    let person = &known.row.person;
    if person.status.word() == StatusWord::Invited {
        invitation::withdraw(tx, ctx, id).await?;
        return Ok(());
    }
    if directory.ways.deletes {
        // A refused deletion deactivates nobody: both are one write.
        if person.status.is_active() {
            lock_out(tx, ctx, directory, id).await?;
        }
        let input = deletion::Input { email: person.email.clone(), version: None, seen: None };
        deletion::delete(tx, ctx, id, input).await?;
        return Ok(());
    }
    if person.status.is_active() {
        lock_out(tx, ctx, directory, id).await?;
    }
    store::leave(tx, ctx.workspace, &known.row, ctx.now).await?;
    Record::of(Action::LeftDirectory).person(id).save(tx, ctx)
}
