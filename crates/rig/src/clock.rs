//! Where the programs that try a server read the clock.

use std::time::{Duration, Instant};

/// A moment.
#[expect(
    clippy::disallowed_methods,
    reason = "a program that tries a server is its user: it has the clock that users have"
)]
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}

/// Runs from when it is made.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// One that runs from now on.
    #[must_use]
    pub fn start() -> Self {
        Self(now())
    }

    /// How long it has run.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        now().duration_since(self.0)
    }

    /// How long it has run, in seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.elapsed().as_secs_f64()
    }
}
