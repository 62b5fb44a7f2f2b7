//! People who come and go by SCIM: a directory brings them in, and takes them out again. All else of their life is
//! [`crate::lifecycle`]'s.

use jiff::Timestamp;

use crate::{
    actor::Authority,
    invitation::address_refusal,
    license::Licenses,
    person::{Kind, Person, Status},
    refusal::Refusal,
};

/// The state in which somebody new comes: active, without a password, or deactivated. A user who is active takes a
/// license. `existing` is the person who has the address now.
pub fn bring(
    authority: &Authority,
    existing: Option<&Person>,
    kind: Kind,
    active: bool,
    licenses: &Licenses,
    now: Timestamp,
) -> Result<Status, Refusal> {
    authority.may_administer()?;
    if let Some(person) = existing {
        return Err(address_refusal(person));
    }
    if !active {
        return Ok(Status::Deactivated {
            since: now,
            by: authority.actor.person(),
            reason: None,
            review_on: None,
        });
    }
    if kind == Kind::User {
        licenses.take(1)?;
    }
    Ok(Status::Active { since: now })
}

/// Somebody whom a directory deleted while they stay at the desk.
#[derive(Debug, Clone, Copy)]
pub struct Gone<'a> {
    /// Who.
    pub person: &'a Person,
    /// The directory's id of them.
    pub external_id: Option<&'a str>,
}

/// Whether a new account of the same address is this person again: when the directory's id is the same. Addresses
/// are recycled, so without it an administrator decides.
pub fn is_back(
    authority: &Authority,
    gone: Gone<'_>,
    kind: Kind,
    external_id: Option<&str>,
) -> Result<(), Refusal> {
    authority.may_administer()?;
    let same = external_id.is_some() && external_id == gone.external_id;
    if same && gone.person.kind == kind { Ok(()) } else { Err(address_refusal(gone.person)) }
}

/// Whether a person counts as active by SCIM: invited ones do until their invitation has expired.
#[must_use]
pub const fn is_active(status: &Status) -> bool {
    match status {
        Status::Active { .. } => true,
        Status::Invited { expired, .. } => !*expired,
        Status::Deactivated { .. } => false,
    }
}
