//! The life of an account: deactivate, activate, undo, delete (product.md section 1).
//!
//! Each function is total: from the state that the caller loaded inside its transaction to what
//! changes, or to the refusal that says why not. Doing what is already so is no error: it answers
//! [`Outcome::Unchanged`] (rule 10).

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    actor::Authority,
    id::PersonId,
    license::Licenses,
    person::{Person, Status},
    refusal::Refusal,
    role::Role,
};

/// What a step comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// Something changes.
    Changed(T),
    /// It is so already; nothing changes (rule 10).
    Unchanged,
}

/// A person's account going from one state to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Whose account.
    pub person: PersonId,
    /// The state that was.
    pub before: Status,
    /// The state that is to be.
    pub after: Status,
}

/// What an administrator says when deactivating somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grounds {
    /// Why.
    pub reason: Option<String>,
    /// When to look at it again.
    pub review_on: Option<Date>,
}

/// A deactivation that may be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deactivation {
    /// The account's change.
    pub change: Change,
    /// Whether a license becomes free (customers hold none).
    pub frees_license: bool,
}

/// Rule 1, rule 9, rule 10, rule 12: whether this person may be deactivated, and what then changes.
/// `today` is in the workspace's time zone.
pub fn deactivate(
    authority: &Authority,
    target: &Person,
    grounds: Grounds,
    now: Timestamp,
    today: Date,
) -> Result<Outcome<Deactivation>, Refusal> {
    authority.may_administer()?;
    may_be_deactivated(authority, target)?;
    // Before the grounds are looked at: the same request sent again the day after its review date
    // is no error either (rule 10).
    if matches!(target.status, Status::Deactivated { .. }) {
        return Ok(Outcome::Unchanged);
    }
    if grounds.review_on.is_some_and(|date| date <= today) {
        return Err(Refusal::ReviewNotInFuture { today });
    }
    Ok(Outcome::Changed(Deactivation {
        frees_license: target.holds_license(),
        change: Change {
            person: target.id,
            before: target.status.clone(),
            after: Status::Deactivated {
                since: now,
                by: authority.actor.person(),
                reason: grounds.reason,
                review_on: grounds.review_on,
            },
        },
    }))
}

/// The guards of a deactivation, for menus that offer only what is possible. A person who is
/// deactivated already passes: doing it again is no error.
pub fn may_be_deactivated(authority: &Authority, target: &Person) -> Result<(), Refusal> {
    // The owner first: no other administrator could do it for them, so "ask another" would mislead.
    if target.role == Role::Owner {
        return Err(Refusal::DeactivateOwner);
    }
    if authority.is(target) {
        return Err(Refusal::DeactivateSelf);
    }
    if matches!(target.status, Status::Invited { .. }) {
        return Err(Refusal::InvitedIsWithdrawn);
    }
    Ok(())
}

/// Product.md section 3, 8: another day to look at a deactivation again, or none; answers the day that is to be.
/// `today` is in the workspace's time zone.
pub fn review(
    authority: &Authority,
    target: &Person,
    review_on: Option<Date>,
    today: Date,
) -> Result<Outcome<Option<Date>>, Refusal> {
    authority.may_administer()?;
    let Status::Deactivated { review_on: before, .. } = &target.status else {
        return Err(Refusal::NotDeactivated);
    };
    // Before the day is looked at: what is so already is no error, even when it has passed (rule 10).
    if *before == review_on {
        return Ok(Outcome::Unchanged);
    }
    if review_on.is_some_and(|date| date <= today) {
        return Err(Refusal::ReviewNotInFuture { today });
    }
    Ok(Outcome::Changed(review_on))
}

/// How an activation gets its license (rule 6).
#[derive(Debug, Clone)]
pub enum Way {
    /// From those that are free.
    Free,
    /// By adding one, should none be free.
    Add,
    /// By deactivating this person, should none be free.
    Swap {
        /// Who makes room.
        other: Person,
        /// Why, for the other person's record.
        grounds: Grounds,
    },
}

/// An activation that may be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The account's change.
    pub change: Change,
    /// Whether a license is taken (customers take none).
    pub takes_license: bool,
    /// How many licenses are added: 0 or 1.
    pub adds_licenses: i64,
    /// The deactivation that makes room.
    pub swap: Option<Deactivation>,
}

/// Rule 6: whether this person may be activated, and what then changes.
pub fn activate(
    authority: &Authority,
    target: &Person,
    licenses: &Licenses,
    way: Way,
    now: Timestamp,
    today: Date,
) -> Result<Outcome<Activation>, Refusal> {
    let Outcome::Changed(mut activation) = returning(authority, target, now)? else {
        return Ok(Outcome::Unchanged);
    };
    if !activation.takes_license {
        return Ok(Outcome::Changed(activation));
    }
    match way {
        Way::Free => {
            licenses.take(1)?;
        }
        // Nobody is made to pay for a license that is not needed.
        Way::Add if licenses.free() > 0 => {}
        Way::Add => {
            licenses.own(licenses.owned + 1)?.take(1)?;
            activation.adds_licenses = 1;
        }
        Way::Swap { .. } if licenses.free() > 0 => return Err(Refusal::LicenseIsFree),
        Way::Swap { other, grounds } => {
            activation.swap = Some(make_room(authority, target, &other, grounds, now, today)?);
        }
    }
    Ok(Outcome::Changed(activation))
}

/// Rule 6 but for the license: whether this person may be activated, where the licenses of many are taken
/// together.
pub(crate) fn returning(
    authority: &Authority,
    target: &Person,
    now: Timestamp,
) -> Result<Outcome<Activation>, Refusal> {
    authority.may_administer()?;
    match &target.status {
        Status::Active { .. } => return Ok(Outcome::Unchanged),
        Status::Invited { .. } => return Err(Refusal::InvitedIsSentAgain),
        Status::Deactivated { .. } => {}
    }
    Ok(Outcome::Changed(Activation {
        change: Change {
            person: target.id,
            before: target.status.clone(),
            after: Status::Active { since: now },
        },
        takes_license: target.needs_license(),
        adds_licenses: 0,
        swap: None,
    }))
}

fn make_room(
    authority: &Authority,
    target: &Person,
    other: &Person,
    grounds: Grounds,
    now: Timestamp,
    today: Date,
) -> Result<Deactivation, Refusal> {
    if other.id == target.id {
        return Err(Refusal::SwapNotPossible);
    }
    match deactivate(authority, other, grounds, now, today)? {
        Outcome::Changed(deactivation) if deactivation.frees_license => Ok(deactivation),
        Outcome::Changed(_) | Outcome::Unchanged => Err(Refusal::SwapNotPossible),
    }
}

/// How long a step can be undone (product.md section 3, 4).
pub const UNDO_FOR: SignedDuration = SignedDuration::from_mins(10);

/// A step that can be undone: what it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When it was done.
    pub made: Timestamp,
    /// Whether it has been undone.
    pub undone: bool,
    /// The accounts it changed, with the state before and after.
    pub changes: Vec<Change>,
    /// How many licenses it added.
    pub added_licenses: i64,
    /// How many licenses were owned before it: an undo never leaves fewer.
    pub owned_before: i64,
}

/// An undo that may be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The accounts' changes, from the present state to the one before the step.
    pub changes: Vec<Change>,
    /// Licenses taken (positive) or given back (negative), all changes together.
    pub licenses_taken: i64,
    /// How many of the added licenses are given up again.
    pub removes_licenses: i64,
}

/// Undo of a deactivation, an activation or a swap, within [`UNDO_FOR`]: statuses as they were.
/// `people` are the persons of the step's changes, as they are now. A license taken meanwhile leads
/// to the refusal of rule 6.
pub fn undo(
    authority: &Authority,
    step: &Step,
    people: &[Person],
    licenses: &Licenses,
    now: Timestamp,
) -> Result<Undo, Refusal> {
    authority.may_administer()?;
    still_undoable(step.made, step.undone, now)?;
    let mut undo =
        Undo { changes: Vec::with_capacity(step.changes.len()), licenses_taken: 0, removes_licenses: 0 };
    for change in &step.changes {
        let person = people.iter().find(|person| person.id == change.person);
        let (back, licenses) = take_back(authority, change, person.ok_or(Refusal::UndoOvertaken)?)?;
        undo.licenses_taken += licenses;
        undo.changes.push(back);
    }
    let after = licenses.take(undo.licenses_taken)?;
    undo.removes_licenses = gives_up(step.added_licenses, step.owned_before, &after);
    Ok(undo)
}

/// Whether a step made then may still be undone.
pub fn still_undoable(made: Timestamp, undone: bool, now: Timestamp) -> Result<(), Refusal> {
    if undone {
        return Err(Refusal::UndoneAlready);
    }
    let until = made.saturating_add(UNDO_FOR).unwrap_or(Timestamp::MAX);
    if now > until { Err(Refusal::UndoTooLate { until }) } else { Ok(()) }
}

/// The change that takes one change of a step back, and the licenses that it takes (negative: gives back). The
/// person must still be as the step left them.
pub(crate) fn take_back(
    authority: &Authority,
    change: &Change,
    person: &Person,
) -> Result<(Change, i64), Refusal> {
    if person.status != change.after {
        return Err(Refusal::UndoOvertaken);
    }
    if matches!(change.before, Status::Deactivated { .. }) {
        may_be_deactivated(authority, person)?;
    }
    let licenses = if person.needs_license() {
        i64::from(change.before.holds_license()) - i64::from(change.after.holds_license())
    } else {
        0
    };
    let back = Change { person: person.id, before: change.after.clone(), after: change.before.clone() };
    Ok((back, licenses))
}

/// How many of the licenses that a step added its undo gives up. A number that was lowered by hand meanwhile is not
/// lowered twice.
#[must_use]
pub fn gives_up(added: i64, owned_before: i64, after: &Licenses) -> i64 {
    added.min(after.free()).min(after.owned - owned_before).max(0)
}

/// Rule 7: whether this person may be deleted.
pub fn delete(authority: &Authority, target: &Person) -> Result<Deletion, Refusal> {
    authority.may_administer()?;
    match target.role {
        Role::Owner => return Err(Refusal::DeleteOwner),
        _ if authority.is(target) => return Err(Refusal::DeleteSelf),
        Role::Administrator => return Err(Refusal::DeleteAdministrator),
        Role::Member => {}
    }
    if matches!(target.status, Status::Invited { .. }) {
        return Err(Refusal::InvitedIsWithdrawn);
    }
    Ok(Deletion { frees_license: target.holds_license() })
}

/// A deletion that may be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletion {
    /// Whether a license becomes free.
    pub frees_license: bool,
}

/// Rule 3: one ask for a return a day.
pub fn ask_for_return(target: &Person, last_asked: Option<Timestamp>, now: Timestamp) -> Result<(), Refusal> {
    if !matches!(target.status, Status::Deactivated { .. }) {
        return Err(Refusal::LinkVoid);
    }
    let again = last_asked.and_then(|asked| asked.checked_add(SignedDuration::from_hours(24)).ok());
    match again {
        Some(again) if now < again => Err(Refusal::ReturnAskedToday { again }),
        _ => Ok(()),
    }
}

/// An asked return that is dismissed: the mark goes, the person stays deactivated. When they asked is kept, so that
/// they still ask once a day (rule 3). Answers when that was.
pub fn dismiss_return(
    authority: &Authority,
    target: &Person,
    asked: Option<Timestamp>,
) -> Result<Outcome<Timestamp>, Refusal> {
    authority.may_administer()?;
    Ok(match (&target.status, asked) {
        (Status::Deactivated { .. }, Some(asked)) => Outcome::Changed(asked),
        _ => Outcome::Unchanged,
    })
}
