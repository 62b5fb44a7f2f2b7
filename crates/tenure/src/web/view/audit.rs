//! The audit log.

use askama::Template;

use super::chip::Chip;
use super::shell::Shell;
use super::{Choice, Field, FilterChip, Pager, When};

/// `/audit`. Filters by GET: `person`, `actor`, `action`, `door`, `from`, `to`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "audit/page.html")]
pub struct AuditPage {
    /// What stands around it.
    pub shell: Shell,
    /// Whether the chain holds.
    pub chain: Chain,
    /// Name or address of the person acted upon.
    pub person: Field,
    /// Name or address of who acted.
    pub actor: Field,
    /// Actions there are; the first is "any".
    pub actions: Vec<Choice>,
    /// Doors there are; the first is "any".
    pub doors: Vec<Choice>,
    /// The first day, `YYYY-MM-DD`.
    pub from: Field,
    /// The last day, `YYYY-MM-DD`.
    pub to: Field,
    /// The filters in force.
    pub chips: Vec<FilterChip>,
    /// The log without filters; `None` when there is none in force.
    pub clear: Option<String>,
    /// The same entries as CSV.
    pub csv: String,
    /// The entries, newest first.
    pub rows: Vec<AuditRow>,
    /// Where one is, and the ways on.
    pub pager: Pager,
}

/// Whether the sealed chain holds.
#[derive(Clone, Debug)]
pub enum Chain {
    /// It does: "Verified to entry 1,204, sealed 2 minutes ago".
    Verified(String),
    /// How far it is sealed; nobody has verified it just now.
    Sealed(String),
    /// Entries wait for their seal.
    Pending(String),
    /// It does not: which entry is changed, missing or cut.
    Broken(String),
}

impl Default for Chain {
    fn default() -> Self {
        Self::Pending(String::new())
    }
}

impl Chain {
    fn class(&self) -> &'static str {
        match self {
            Self::Verified(_) => "verified",
            Self::Sealed(_) => "sealed",
            Self::Pending(_) => "pending",
            Self::Broken(_) => "broken",
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Verified(text) | Self::Sealed(text) | Self::Pending(text) | Self::Broken(text) => text,
        }
    }
}

/// Who acted.
#[derive(Clone, Debug)]
pub enum Doer {
    /// A person.
    Person(Chip),
    /// The CLI with the machine's user name, a job or a service token: "CLI (root)", "Job: expire invitations".
    Machine(String),
}

impl Default for Doer {
    fn default() -> Self {
        Self::Machine(String::new())
    }
}

/// One entry.
#[derive(Clone, Debug, Default)]
pub struct AuditRow {
    /// Its number in the chain.
    pub number: String,
    /// When.
    pub when: When,
    /// Who.
    pub actor: Doer,
    /// The token that a person acted by: "API token Backup".
    pub via: Option<String>,
    /// "Deactivated", "Changed role".
    pub action: String,
    /// Whom.
    pub person: Option<Chip>,
    /// What else it was about: a team, the workspace.
    pub about: Option<String>,
    /// Through which door.
    pub door: String,
    /// Why.
    pub reason: Option<String>,
    /// The request's id.
    pub request: Option<String>,
    /// What changed.
    pub changes: Vec<Change>,
}

/// What one value was and is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Which value.
    pub field: String,
    /// What it was; `None` when there was none.
    pub before: Option<String>,
    /// What it is; `None` when there is none.
    pub after: Option<String>,
    /// Whether the values were erased with the person.
    pub erased: bool,
}
