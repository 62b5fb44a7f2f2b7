//! Where the measures read the clock.

use std::time::{Duration, Instant};

/// A moment.
#[expect(clippy::disallowed_methods, reason = "measuring time is what this program is for")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Runs from when it is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(now())
    }

    /// How long it has run.
    pub(crate) fn elapsed(self) -> Duration {
        now().duration_since(self.0)
    }

    /// How long it has run, in seconds.
    pub(crate) fn seconds(self) -> f64 {
        self.elapsed().as_secs_f64()
    }
}
