//! The brake (product.md section 3, 6): what acts on many at once stops before it deactivates an unlikely number of
//! people, so that a wrong filter or a broken directory locks nobody out by the thousand.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// The window over which deactivations are counted.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(60);

/// The largest minimum that can be set.
pub const MOST_MINIMUM: i64 = 1_000_000;

/// The brake's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brake {
    /// Whether it works at all.
    pub on: bool,
    /// The share of the active people that may be deactivated within [`WINDOW`], in percent.
    pub share: i64,
    /// So many may be in any case: of twelve people ten percent is one.
    pub minimum: i64,
}

impl Default for Brake {
    fn default() -> Self {
        Self { on: true, share: 10, minimum: 5 }
    }
}

/// How many people of a kind are active, and how many were deactivated within [`WINDOW`] and are so still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Recent {
    /// Active now.
    pub active: i64,
    /// Deactivated within the window.
    pub deactivated: i64,
}

impl Brake {
    /// These settings, if they make sense.
    pub fn checked(self) -> Result<Self, Refusal> {
        let sensible = (1..=100).contains(&self.share) && (1..=MOST_MINIMUM).contains(&self.minimum);
        if sensible { Ok(self) } else { Err(Refusal::BrakeOutOfRange) }
    }

    /// How many may be deactivated within the window: a share of those who were active at its beginning.
    #[must_use]
    pub fn limit(self, recent: Recent) -> i64 {
        let active = recent.active.saturating_add(recent.deactivated);
        self.minimum.max(active.saturating_mul(self.share) / 100)
    }

    /// How many more may be deactivated now.
    #[must_use]
    pub fn room(self, recent: Recent) -> i64 {
        if self.on { (self.limit(recent) - recent.deactivated).max(0) } else { i64::MAX }
    }

    /// Whether so many more may be deactivated in one step.
    pub fn check(self, recent: Recent, more: i64) -> Result<(), Refusal> {
        if more <= self.room(recent) {
            return Ok(());
        }
        Err(Refusal::BrakeWouldPass { limit: self.limit(recent), recent: recent.deactivated, more })
    }
}
