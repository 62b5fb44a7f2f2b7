//! What a user may do in the desk.

use serde::{Deserialize, Serialize};

/// A user's role. Ordered: a later one may all that an earlier one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Works in the desk.
    Member,
    /// Manages people, licenses and settings.
    Administrator,
    /// An administrator whom nobody can deactivate, delete or demote; exactly one, always active.
    Owner,
}

impl Role {
    /// Every role, in ascending order.
    pub const ALL: [Self; 3] = [Self::Member, Self::Administrator, Self::Owner];

    /// May manage people, licenses and settings, and read the audit log.
    #[must_use]
    pub fn administers(self) -> bool {
        self >= Self::Administrator
    }

    /// The word in the database, the API and the CLI.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Administrator => "administrator",
            Self::Owner => "owner",
        }
    }

    /// Reads [`Role::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}
