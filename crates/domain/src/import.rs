//! What a file of people may do (rules 5, 9 and 13): it adds whom it alone knows and updates whom it
//! names, but revives nobody, takes nothing away and gives no ownership.

use jiff::{Timestamp, civil::Date};

use crate::{
    actor::Authority,
    customer,
    id::PersonId,
    invitation::{VALID_FOR, address_refusal},
    license::Licenses,
    lifecycle::{self, Activation, Deactivation, Grounds, Outcome, Way},
    part,
    person::{Kind, Person, Status, StatusWord},
    refusal::Refusal,
    role::Role,
};

/// A column that an import knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The first part of the name.
    FirstName,
    /// The last part of the name.
    LastName,
    /// The whole name.
    Name,
    /// The email address.
    Email,
    /// The teams of a user.
    Teams,
    /// The organization of a customer.
    Organization,
    /// The role of a user.
    Role,
    /// The status.
    Status,
    /// The id by which another system knows the person.
    ExternalId,
    /// When the person last signed in.
    LastLogin,
}

impl Column {
    /// Every column, in the order in which a file is written.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::Teams,
        Self::Organization,
        Self::Role,
        Self::Status,
        Self::ExternalId,
        Self::LastLogin,
    ];

    /// The name by which a file has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstName => "First Name",
            Self::LastName => "Last Name",
            Self::Name => "Name",
            Self::Email => "Email",
            Self::Teams => "Teams",
            Self::Organization => "Organization",
            Self::Role => "Role",
            Self::Status => "Status",
            Self::ExternalId => "External ID",
            Self::LastLogin => "Last Login",
        }
    }
}

/// What a row says, as far as the rules read it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Of which kind everybody in the file is.
    pub kind: Kind,
    /// The id by which another system knows the person.
    pub external_id: Option<&'a str>,
    /// The role; `None` where the cell is empty.
    pub role: Option<Role>,
    /// The status; `None` where the cell is empty.
    pub status: Option<StatusWord>,
    /// Whether teams are named.
    pub teams: bool,
    /// Whether an organization is named.
    pub organization: bool,
}

/// Somebody who is there already.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The person.
    pub person: &'a Person,
    /// Their external id.
    pub external_id: Option<&'a str>,
}

/// Why a row is bad, and by which of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The column.
    pub column: Column,
    /// Why.
    pub why: Why,
}

/// Why a row is bad.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// A rule says no.
    #[error("{0}")]
    Refused(Refusal),
    /// The address belongs to somebody of the other kind.
    #[error("This address belongs to {name}, who is a {}, not a {}.", kind.word(), asked.word())]
    OtherKind {
        /// Who has it.
        name: String,
        /// What they are.
        kind: Kind,
        /// What the file is of.
        asked: Kind,
    },
    /// The address belongs to somebody whom another id names.
    #[error("This address belongs to {name}{}, who has the External ID {external_id}.", deactivated(*status))]
    OtherExternalId {
        /// Who has it.
        name: String,
        /// Their status.
        status: StatusWord,
        /// Their id.
        external_id: String,
    },
}

fn deactivated(status: StatusWord) -> &'static str {
    if status == StatusWord::Deactivated { " (deactivated)" } else { "" }
}

fn fault(column: Column, refusal: Refusal) -> Fault {
    Fault { column, why: Why::Refused(refusal) }
}

/// Whom a row means: by external id within the kind, else by address; `None` is somebody new. The
/// address of anybody else is refused (rule 13): people are neither doubled nor mixed up.
pub fn find(
    asked: &Asked<'_>,
    by_external: Option<Known<'_>>,
    by_address: Option<Known<'_>>,
) -> Result<Option<PersonId>, Fault> {
    let Some(owner) = by_address else {
        return Ok(by_external.map(|known| known.person.id));
    };
    let person = owner.person;
    if person.kind != asked.kind {
        let why = Why::OtherKind { name: person.name.clone(), kind: person.kind, asked: asked.kind };
        return Err(Fault { column: Column::Email, why });
    }
    if by_external.is_some_and(|known| known.person.id != person.id) {
        return Err(fault(Column::Email, address_refusal(person)));
    }
    match (asked.external_id, owner.external_id) {
        (Some(asked), Some(theirs)) if asked != theirs => {
            let why = Why::OtherExternalId {
                name: person.name.clone(),
                status: person.status.word(),
                external_id: theirs.to_owned(),
            };
            Err(Fault { column: Column::Email, why })
        }
        _ => Ok(Some(person.id)),
    }
}

/// Refuses what people of this kind are not given, whoever the row means.
pub fn fits(asked: &Asked<'_>) -> Result<(), Fault> {
    if asked.kind == Kind::Customer {
        if asked.teams {
            return Err(fault(Column::Teams, Refusal::UsersOnly));
        }
        if let Some(role) = asked.role.filter(|role| *role != Role::Member) {
            return Err(fault(Column::Role, Refusal::RoleNotGiven { role }));
        }
    } else if asked.organization {
        return Err(fault(Column::Organization, Refusal::CustomersOnly));
    }
    Ok(())
}

/// The state in which somebody new comes: that of the file, active where it says nothing. A role
/// of owner is not given (rule 9).
pub fn add(authority: &Authority, asked: &Asked<'_>, now: Timestamp) -> Result<(Status, Role), Fault> {
    authority.may_administer().map_err(|refusal| fault(Column::Email, refusal))?;
    let role = asked.role.unwrap_or(Role::Member);
    if role == Role::Owner {
        return Err(fault(Column::Role, Refusal::RoleNotGiven { role }));
    }
    let status = match asked.status.unwrap_or(StatusWord::Active) {
        StatusWord::Active => Status::Active { since: now },
        StatusWord::Deactivated => {
            Status::Deactivated { since: now, by: authority.actor.person(), reason: None, review_on: None }
        }
        StatusWord::Invited => Status::Invited {
            since: now,
            expires: now.saturating_add(VALID_FOR).unwrap_or(Timestamp::MAX),
            expired: false,
        },
    };
    Ok((status, role))
}

/// What becomes of the status of somebody who is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusStep {
    /// It is as the file says, or the file says nothing.
    Same,
    /// The file says another, which was not asked for.
    Kept,
    /// They are deactivated.
    Deactivate(Deactivation),
    /// They are activated.
    Activate(Activation),
}

/// What becomes of the status of `person`; it changes only when `update` is asked for, and then by the
/// rules of anybody's deactivation and activation. Nobody goes back to being invited.
///
/// Whether licenses suffice is decided for the whole file, so this asks for none.
pub fn status(
    authority: &Authority,
    person: &Person,
    asked: Option<StatusWord>,
    update: bool,
    now: Timestamp,
    today: Date,
) -> Result<StatusStep, Fault> {
    let at = |refusal| fault(Column::Status, refusal);
    let Some(asked) = asked.filter(|asked| *asked != person.status.word()) else {
        return Ok(StatusStep::Same);
    };
    if !update || asked == StatusWord::Invited {
        return Ok(StatusStep::Kept);
    }
    if asked == StatusWord::Deactivated {
        return match lifecycle::deactivate(authority, person, Grounds::default(), now, today).map_err(at)? {
            Outcome::Changed(deactivation) => Ok(StatusStep::Deactivate(deactivation)),
            Outcome::Unchanged => Ok(StatusStep::Same),
        };
    }
    let enough = Licenses { owned: 1, used: 0, price: None };
    match lifecycle::activate(authority, person, &enough, Way::Free, now, today).map_err(at)? {
        Outcome::Changed(activation) => Ok(StatusStep::Activate(activation)),
        Outcome::Unchanged => Ok(StatusStep::Same),
    }
}

/// Whether name, address or external id of `person` may be changed: by the rules of a profile.
pub fn edit(authority: &Authority, person: &Person, changes_email: bool) -> Result<(), Fault> {
    part::edit_profile(authority, person, changes_email).map_err(|refusal| fault(Column::Email, refusal))
}

/// Whether `person`, once in the state `after`, may be put into what the file names. A deactivated one
/// gets nothing new (rule 5): that is held back, and no fault of the row.
pub fn receives(authority: &Authority, person: &Person, after: &Status) -> Result<bool, Fault> {
    let then = Person { status: after.clone(), ..person.clone() };
    let (column, allowed) = match person.kind {
        Kind::User => (Column::Teams, part::join_team(authority, &then)),
        Kind::Customer => (Column::Organization, customer::join_organization(authority, &then)),
    };
    match allowed {
        Ok(()) => Ok(true),
        Err(Refusal::DeactivatedGetsNothingNew) => Ok(false),
        Err(refusal) => Err(fault(column, refusal)),
    }
}
