//! One action on many people. What it comes to for each of them is what the rule for one says; here it is only
//! put together: who changes, who stays, who is skipped and why, and the licenses of all.

use jiff::{Timestamp, civil::Date};

use crate::{
    actor::Authority,
    customer,
    id::{BatchId, OrganizationId, TeamId},
    license::Licenses,
    lifecycle::{self, Change, Grounds, Outcome},
    part,
    person::{Person, StatusWord},
    refusal::Refusal,
    role::Role,
};

/// What is to be done with each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// See [`lifecycle::deactivate`].
    Deactivate(Grounds),
    /// See [`lifecycle::activate`].
    Activate,
    /// See [`lifecycle::delete`].
    Delete,
    /// See [`part::join_team`].
    JoinTeam(TeamId),
    /// Out of this team.
    LeaveTeam(TeamId),
    /// See [`part::change_role`].
    Role(Role),
    /// Into this organization, or out of theirs. See [`customer::join_organization`].
    Organization(Option<OrganizationId>),
    /// Back to what another batch changed: see [`lifecycle::undo`].
    Undo(BatchId),
}

impl Deed {
    /// The word in the database, the API and the CLI.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Deactivate(_) => "deactivate",
            Self::Activate => "activate",
            Self::Delete => "delete",
            Self::JoinTeam(_) => "join-team",
            Self::LeaveTeam(_) => "leave-team",
            Self::Role(_) => "role",
            Self::Organization(_) => "organization",
            Self::Undo(_) => "undo",
        }
    }

    /// Whether the whole can be undone.
    #[must_use]
    pub const fn can_be_undone(&self) -> bool {
        matches!(self, Self::Deactivate(_) | Self::Activate)
    }
}

/// One of the many.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// As they are now.
    pub person: &'a Person,
    /// Whether they are in the team or organization already that the deed names; for [`Deed::Organization`] with
    /// none, whether they are in none.
    pub there: bool,
    /// For [`Deed::Undo`]: what the other batch changed.
    pub change: Option<&'a Change>,
}

/// What changes for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The account's state.
    Status {
        /// From which to which.
        change: Change,
        /// Licenses taken (1), given back (-1), or neither.
        licenses: i64,
    },
    /// The person is gone.
    Deleted {
        /// Whether a license becomes free.
        frees_license: bool,
    },
    /// They join the team.
    Joined,
    /// They leave the team.
    Left,
    /// Their role.
    Role(Role),
    /// They are in the organization, or in none.
    Moved,
}

/// What the deed comes to for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Something changes.
    Changed(Effect),
    /// It is so already (rule 10).
    Unchanged,
    /// A rule says no: this person is left as they are.
    Skipped(Refusal),
}

/// What the deed comes to for this person: the rule for one decides.
#[must_use]
pub fn decide(
    authority: &Authority,
    candidate: Candidate<'_>,
    deed: &Deed,
    now: Timestamp,
    today: Date,
) -> Verdict {
    match effect(authority, candidate, deed, now, today) {
        Ok(Outcome::Changed(effect)) => Verdict::Changed(effect),
        Ok(Outcome::Unchanged) => Verdict::Unchanged,
        Err(refusal) => Verdict::Skipped(refusal),
    }
}

fn effect(
    authority: &Authority,
    Candidate { person, there, change }: Candidate<'_>,
    deed: &Deed,
    now: Timestamp,
    today: Date,
) -> Result<Outcome<Effect>, Refusal> {
    let already = |there: bool, effect| if there { Outcome::Unchanged } else { Outcome::Changed(effect) };
    Ok(match deed {
        Deed::Deactivate(grounds) => {
            match lifecycle::deactivate(authority, person, grounds.clone(), now, today)? {
                Outcome::Unchanged => Outcome::Unchanged,
                Outcome::Changed(done) => Outcome::Changed(Effect::Status {
                    change: done.change,
                    licenses: -i64::from(done.frees_license),
                }),
            }
        }
        Deed::Activate => match lifecycle::returning(authority, person, now)? {
            Outcome::Unchanged => Outcome::Unchanged,
            Outcome::Changed(done) => Outcome::Changed(Effect::Status {
                change: done.change,
                licenses: i64::from(done.takes_license),
            }),
        },
        Deed::Delete => {
            let deletion = lifecycle::delete(authority, person)?;
            Outcome::Changed(Effect::Deleted { frees_license: deletion.frees_license })
        }
        Deed::JoinTeam(_) => {
            part::join_team(authority, person)?;
            already(there, Effect::Joined)
        }
        Deed::LeaveTeam(_) => {
            authority.may_administer()?;
            already(!there, Effect::Left)
        }
        Deed::Role(role) => match part::change_role(authority, person, *role)? {
            Outcome::Unchanged => Outcome::Unchanged,
            Outcome::Changed(role) => Outcome::Changed(Effect::Role(role)),
        },
        Deed::Organization(to) => {
            if to.is_none() || there {
                customer::leave_organization(authority, person)?;
            } else {
                customer::join_organization(authority, person)?;
            }
            already(there, Effect::Moved)
        }
        Deed::Undo(_) => {
            authority.may_administer()?;
            let change = change.ok_or(Refusal::UndoOvertaken)?;
            let (change, licenses) = lifecycle::take_back(authority, change, person)?;
            Outcome::Changed(Effect::Status { change, licenses })
        }
    })
}

/// What a batch comes to, all together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Totals {
    /// People for whom something changes.
    pub changed: i64,
    /// People for whom it is so already.
    pub unchanged: i64,
    /// People whom a rule keeps as they are.
    pub skipped: i64,
    /// Licenses that are taken.
    pub takes: i64,
    /// Licenses that become free.
    pub frees: i64,
    /// People who are deactivated.
    pub deactivated: i64,
}

impl Totals {
    /// Counts one more.
    pub fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Unchanged => self.unchanged += 1,
            Verdict::Skipped(_) => self.skipped += 1,
            Verdict::Changed(effect) => {
                self.changed += 1;
                match effect {
                    Effect::Status { change, licenses } => {
                        self.takes += (*licenses).max(0);
                        self.frees += (-licenses).max(0);
                        self.deactivated += i64::from(change.after.word() == StatusWord::Deactivated);
                    }
                    Effect::Deleted { frees_license } => self.frees += i64::from(*frees_license),
                    Effect::Joined | Effect::Left | Effect::Role(_) | Effect::Moved => {}
                }
            }
        }
    }

    /// How many people are counted.
    #[must_use]
    pub const fn all(&self) -> i64 {
        self.changed + self.unchanged + self.skipped
    }

    /// How many licenses are missing for all of them.
    #[must_use]
    pub const fn missing(&self, licenses: &Licenses) -> i64 {
        let missing = self.takes - licenses.free();
        if missing > 0 { missing } else { 0 }
    }

    /// Rule 6 for many: all get their license, or nobody does. Answers how many are added; only where `add` says so,
    /// and only those that are missing.
    pub fn licenses(&self, licenses: &Licenses, add: bool) -> Result<i64, Refusal> {
        let missing = self.missing(licenses);
        if missing > 0 && add {
            licenses.own(licenses.owned + missing)?.take(self.takes)?;
            return Ok(missing);
        }
        licenses.take(self.takes)?;
        Ok(0)
    }
}
