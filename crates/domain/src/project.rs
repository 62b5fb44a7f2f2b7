//! Projects: what items are gathered in.

use serde::{Deserialize, Serialize};

use crate::{actor::Authority, item, lifecycle::Outcome, refusal::Refusal};

/// Whether a project is worked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProjectState {
    /// It takes items.
    Active,
    /// It takes no new items; those in it stay.
    Archived,
}

impl ProjectState {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Active, Self::Archived];

    /// The word in the database, the API and the CLI.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    /// Reads [`ProjectState::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Whether an item may be put into a project in this state.
pub fn may_take(state: ProjectState) -> Result<(), Refusal> {
    match state {
        ProjectState::Active => Ok(()),
        ProjectState::Archived => Err(Refusal::ProjectArchived),
    }
}

/// Whether a project may be archived, or brought back: by whoever works at the desk.
pub fn set_state(
    authority: &Authority,
    from: ProjectState,
    to: ProjectState,
) -> Result<Outcome<ProjectState>, Refusal> {
    item::may_work(authority)?;
    Ok(if from == to { Outcome::Unchanged } else { Outcome::Changed(to) })
}
