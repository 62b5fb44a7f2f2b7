//! Sessions: how long a sign-in lasts (ASVS 5.0 7.3).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLengths {
    /// Seconds without a request after which a session ends.
    pub idle_seconds: i64,
    /// Seconds after sign-in at which a session ends in any case.
    pub absolute_seconds: i64,
}

impl Default for SessionLengths {
    /// 12 hours idle, 30 days in all.
    fn default() -> Self {
        Self { idle_seconds: 12 * 3600, absolute_seconds: 30 * 24 * 3600 }
    }
}

/// Shortest idle time that can be set: a form takes a while to fill in.
pub const SHORTEST_IDLE_SECONDS: i64 = 5 * 60;
/// Longest life that can be set.
pub const LONGEST_SECONDS: i64 = 365 * 24 * 3600;

impl SessionLengths {
    /// Whether a session that began and was last used then is still good.
    pub fn check(self, began: Timestamp, last_used: Timestamp, now: Timestamp) -> Result<(), Refusal> {
        let idle = now.duration_since(last_used);
        let age = now.duration_since(began);
        if idle > SignedDuration::from_secs(self.idle_seconds)
            || age > SignedDuration::from_secs(self.absolute_seconds)
        {
            return Err(Refusal::NotSignedIn);
        }
        Ok(())
    }

    /// What keeps these lengths from being set, of the time without use and of the whole time.
    #[must_use]
    pub fn faults(self) -> (Option<&'static str>, Option<&'static str>) {
        let Self { idle_seconds: idle, absolute_seconds: absolute } = self;
        let idle_fault = if idle < SHORTEST_IDLE_SECONDS {
            Some("The time without use must be at least 5 minutes.")
        } else if idle > LONGEST_SECONDS {
            Some("The time without use must be at most 365 days.")
        } else {
            None
        };
        let absolute_fault = if absolute > LONGEST_SECONDS {
            Some("The time in all must be at most 365 days.")
        } else if absolute < idle || absolute < SHORTEST_IDLE_SECONDS {
            Some("The time in all must be at least as long as the time without use.")
        } else {
            None
        };
        (idle_fault, absolute_fault)
    }

    /// Whether these lengths can be set.
    #[must_use]
    pub fn are_sensible(self) -> bool {
        self.faults() == (None, None)
    }
}
