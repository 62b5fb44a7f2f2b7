//! A user or a customer, and the state of their account.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    id::{PersonId, WorkspaceId},
    role::Role,
};

/// Which side of the desk a person is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Staff; signs in to the desk; holds a license while invited or active.
    User,
    /// A person served; signs in to the portal; needs no license.
    Customer,
}

impl Kind {
    /// The word in the database, the API and the CLI.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Customer => "customer",
        }
    }

    /// Reads [`Kind::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::User, Self::Customer].into_iter().find(|kind| kind.word() == word)
    }
}

/// The state of an account; each variant carries what only that state has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Status {
    /// Asked to join. Holds a license until the invitation expires, is withdrawn or accepted.
    Invited {
        /// When the present invitation was made.
        since: Timestamp,
        /// When it stops to work.
        expires: Timestamp,
        /// The license is free again because the invitation expired (product.md rule 12).
        expired: bool,
    },
    /// May sign in. Does not imply that a password is set.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// May not sign in by any door; everything held stays.
    Deactivated {
        /// Since when.
        since: Timestamp,
        /// By whom; `None` for the machine (CLI, job).
        by: Option<PersonId>,
        /// Why, in the administrator's words.
        reason: Option<String>,
        /// When to look at it again.
        review_on: Option<Date>,
    },
}

/// [`Status`] without its data: what grids filter by and the database indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusWord {
    /// See [`Status::Invited`].
    Invited,
    /// See [`Status::Active`].
    Active,
    /// See [`Status::Deactivated`].
    Deactivated,
}

impl StatusWord {
    /// Every status, in the order of an account's life.
    pub const ALL: [Self; 3] = [Self::Invited, Self::Active, Self::Deactivated];

    /// The word in the database, the API and the CLI.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Deactivated => "deactivated",
        }
    }

    /// Reads [`StatusWord::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

impl Status {
    /// The status without its data.
    #[must_use]
    pub const fn word(&self) -> StatusWord {
        match self {
            Self::Invited { .. } => StatusWord::Invited,
            Self::Active { .. } => StatusWord::Active,
            Self::Deactivated { .. } => StatusWord::Deactivated,
        }
    }

    /// Since when the account is in this state.
    #[must_use]
    pub const fn since(&self) -> Timestamp {
        match self {
            Self::Invited { since, .. } | Self::Active { since } | Self::Deactivated { since, .. } => *since,
        }
    }

    /// Whether a user in this state holds a license.
    #[must_use]
    pub const fn holds_license(&self) -> bool {
        match self {
            Self::Invited { expired, .. } => !*expired,
            Self::Active { .. } => true,
            Self::Deactivated { .. } => false,
        }
    }

    /// May sign in and act.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active { .. })
    }
}

/// What the rules need to know of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The workspace the person belongs to.
    pub workspace: WorkspaceId,
    /// The person.
    pub id: PersonId,
    /// User or customer.
    pub kind: Kind,
    /// The role; a customer is always [`Role::Member`] and the rules never read it.
    pub role: Role,
    /// The account's state.
    pub status: Status,
    /// The email address as typed; one person per address and workspace, compared without case.
    pub email: String,
    /// The name shown.
    pub name: String,
    /// Counts each change of the person; a form or preview made from an older one is stale.
    pub version: i64,
}

impl Person {
    /// Whether this person needs a license to be invited or active: users do, customers do not.
    #[must_use]
    pub fn needs_license(&self) -> bool {
        self.kind == Kind::User
    }

    /// Whether this person counts as one license used.
    #[must_use]
    pub fn holds_license(&self) -> bool {
        self.needs_license() && self.status.holds_license()
    }
}
