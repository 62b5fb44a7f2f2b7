//! Invitations (rules 12 and 13): an invited user holds a license for seven days, an invited customer
//! (rule 8) none.

use jiff::{SignedDuration, Timestamp};

use crate::{
    actor::Authority,
    license::Licenses,
    lifecycle::Change,
    person::{Kind, Person, Status, StatusWord},
    refusal::Refusal,
    role::Role,
};

/// How long an invitation works.
pub const VALID_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An invitation that may be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The state of the invited person.
    pub status: Status,
    /// Whether a license is taken by it.
    pub takes_license: bool,
    /// How many licenses are added: 0 or 1.
    pub adds_licenses: i64,
}

/// Whether somebody may be invited. `existing` is the person who has the address now; `add` says
/// that a license may be added should none be free. Customers need none.
pub fn invite(
    authority: &Authority,
    existing: Option<&Person>,
    kind: Kind,
    role: Role,
    licenses: &Licenses,
    add: bool,
    now: Timestamp,
) -> Result<Invitation, Refusal> {
    authority.may_administer()?;
    if let Some(person) = existing {
        return Err(address_refusal(person));
    }
    if role == Role::Owner || (kind == Kind::Customer && role != Role::Member) {
        return Err(Refusal::RoleNotGiven { role });
    }
    let takes_license = kind == Kind::User;
    let adds_licenses = if takes_license { license_for_one(licenses, add)? } else { 0 };
    Ok(Invitation { status: invited(now), takes_license, adds_licenses })
}

/// Rule 13: what an address that belongs to somebody is refused with.
#[must_use]
pub fn address_refusal(person: &Person) -> Refusal {
    match person.status.word() {
        StatusWord::Deactivated => {
            Refusal::AddressOfDeactivated { person: person.id, kind: person.kind, name: person.name.clone() }
        }
        status => {
            Refusal::AddressTaken { person: person.id, kind: person.kind, name: person.name.clone(), status }
        }
    }
}

/// Whether an invitation may be sent again; an expired one needs a free license.
pub fn send_again(
    authority: &Authority,
    target: &Person,
    licenses: &Licenses,
    add: bool,
    now: Timestamp,
) -> Result<Invitation, Refusal> {
    authority.may_administer()?;
    only_invited(target)?;
    let takes_license = target.needs_license() && !target.holds_license();
    let adds_licenses = if takes_license { license_for_one(licenses, add)? } else { 0 };
    Ok(Invitation { status: invited(now), takes_license, adds_licenses })
}

/// Whether an invitation may be withdrawn: the person is gone, the license free. Says whether one is
/// freed.
pub fn withdraw(authority: &Authority, target: &Person) -> Result<bool, Refusal> {
    authority.may_administer()?;
    only_invited(target)?;
    Ok(target.holds_license())
}

/// Whether an invitation may be accepted, and the state that follows. The license stays taken.
pub fn accept(target: &Person, now: Timestamp) -> Result<Change, Refusal> {
    match &target.status {
        Status::Invited { expires, expired, .. } => {
            if *expired || now >= *expires {
                return Err(Refusal::InvitationExpired);
            }
            Ok(Change {
                person: target.id,
                before: target.status.clone(),
                after: Status::Active { since: now },
            })
        }
        Status::Deactivated { .. } => Err(Refusal::ActorDeactivated),
        Status::Active { .. } => Err(Refusal::LinkVoid),
    }
}

/// What the passing of time does to an invitation: `None` while it works, or once it has expired.
#[must_use]
pub fn expire(target: &Person, now: Timestamp) -> Option<Status> {
    match &target.status {
        Status::Invited { since, expires, expired: false } if now >= *expires => {
            Some(Status::Invited { since: *since, expires: *expires, expired: true })
        }
        _ => None,
    }
}

fn only_invited(target: &Person) -> Result<(), Refusal> {
    match target.status.word() {
        StatusWord::Invited => Ok(()),
        status => Err(Refusal::NotInvited { status }),
    }
}

pub(crate) fn license_for_one(licenses: &Licenses, add: bool) -> Result<i64, Refusal> {
    match licenses.take(1) {
        Ok(_) => Ok(0),
        Err(_) if add => {
            licenses.own(licenses.owned + 1)?.take(1)?;
            Ok(1)
        }
        Err(refusal) => Err(refusal),
    }
}

pub(crate) fn invited(now: Timestamp) -> Status {
    Status::Invited {
        since: now,
        expires: now.saturating_add(VALID_FOR).unwrap_or(Timestamp::MAX),
        expired: false,
    }
}
