//! Roles and ownership (rule 9).

use domain::{audit::Action, id::PersonId, lifecycle::Outcome, part, person::Person, role::Role};
use serde_json::json;

use super::{load, record::Record};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{Tx, people},
};

/// Makes a user a member or an administrator. Answers whether anything changed. It applies at their
/// next request (ASVS 5.0 8.3.2).
pub async fn change(tx: &mut Tx, ctx: &Ctx, id: PersonId, role: Role, version: Option<i64>) -> Result<bool> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    let outcome = part::change_role(&authority, &row.person, role);
    #[cfg(feature = "planted")]
    let outcome = crate::planted::unguarded(outcome, role);
    let Outcome::Changed(role) = outcome? else {
        return Ok(false);
    };
    load::fresh(&row, version)?;
    set(tx, ctx, &row.person, role).await?;
    Ok(true)
}

/// Saves a role that may be given to somebody who is locked.
pub(crate) async fn set(tx: &mut Tx, ctx: &Ctx, person: &Person, role: Role) -> Result<()> {
    people::set_role(tx, person, role).await?;
    Record::of(Action::RoleChanged)
        .person(person.id)
        .before(json!({ "role": person.role }))
        .after(json!({ "role": role }))
        .save(tx, ctx)
}

/// Passes ownership to an active user; the former owner becomes an administrator. Answers whether
/// anything changed. The door has confirmed the owner's password; `reason` is asked for at the machine.
pub async fn transfer_ownership(
    tx: &mut Tx,
    ctx: &Ctx,
    id: PersonId,
    reason: Option<String>,
) -> Result<bool> {
    let owner = people::owner(tx, ctx.workspace)
        .await?
        .ok_or_else(|| Error::Internal("the workspace has no owner".into()))?;
    let load::Loaded { authority, people: [row, owner] } =
        load::locked(tx, ctx, [id, owner.person.id]).await?;
    let Outcome::Changed(()) = part::transfer_ownership(&authority, &row.person)? else {
        return Ok(false);
    };
    if owner.person.role != Role::Owner {
        // Another transfer won the race between reading and locking.
        return Err(Error::Stale);
    }
    people::set_role(tx, &owner.person, Role::Administrator).await?;
    people::set_role(tx, &row.person, Role::Owner).await?;
    Record::of(Action::OwnershipTransferred)
        .person(id)
        .before(json!({ "owner": owner.person.id }))
        .after(json!({ "owner": id }))
        .personal(reason.map_or(serde_json::Value::Null, |reason| json!({ "reason": reason })))
        .save(tx, ctx)?;
    Ok(true)
}
