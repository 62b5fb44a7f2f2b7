//! The one home of the clock and of randomness.
//!
//! Everything else is handed a [`Sys`], so that a test can stand at any moment it likes, and so that no
//! second clock can disagree with the first.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use uuid::Uuid;

/// Clock and randomness. Clones share one clock and one order of identifiers.
#[derive(Clone)]
pub struct Sys(Arc<Inner>);

struct Inner {
    clock: Clock,
    last: Mutex<Last>,
}

enum Clock {
    Real { started: Instant },
    Fixed(Mutex<Fixed>),
}

struct Fixed {
    now: Timestamp,
    elapsed: Duration,
}

/// The newest identifier given out: its milliseconds and the 74 bits that follow them.
#[derive(Default)]
struct Last {
    millis: u64,
    tail: u128,
}

/// RFC 9562, section 5.7: a version 7 identifier has 12 + 62 bits beside time, version and variant.
const TAIL_BITS: u32 = 74;

impl Sys {
    /// The machine's clock and randomness.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one home of the monotonic clock")]
    pub fn real() -> Self {
        Self::with(Clock::Real { started: Instant::now() })
    }

    /// A clock that stands at `now` until it is moved by [`Sys::advance`] or [`Sys::set`]. Randomness stays real.
    #[must_use]
    pub fn fixed(now: Timestamp) -> Self {
        Self::with(Clock::Fixed(Mutex::new(Fixed { now, elapsed: Duration::ZERO })))
    }

    fn with(clock: Clock) -> Self {
        Self(Arc::new(Inner { clock, last: Mutex::default() }))
    }

    /// This moment, cut to whole microseconds: what the database keeps, so that a value reads back equal.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one home of the wall clock")]
    pub fn now(&self) -> Timestamp {
        let now = match &self.0.clock {
            #[cfg(feature = "planted")]
            Clock::Real { .. } => crate::planted::jumped(Timestamp::now()),
            #[cfg(not(feature = "planted"))]
            Clock::Real { .. } => Timestamp::now(),
            Clock::Fixed(fixed) => lock(fixed).now,
        };
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Time since this `Sys` was made. It never runs backwards, whatever happens to the wall clock; rate limits
    /// are counted on it.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one home of the monotonic clock")]
    pub fn elapsed(&self) -> Duration {
        match &self.0.clock {
            Clock::Real { started } => started.elapsed(),
            Clock::Fixed(fixed) => lock(fixed).elapsed,
        }
    }

    /// Moves a fixed clock on. For tests.
    ///
    /// # Panics
    /// When the clock is the real one, which nobody moves, or when time would leave the calendar.
    pub fn advance(&self, by: Duration) {
        let mut fixed = self.fixed_clock();
        fixed.now = fixed.now.checked_add(by).expect("the moment is within the calendar");
        fixed.elapsed += by;
    }

    /// Sets a fixed wall clock, also backwards; [`Sys::elapsed`] stays where it is. For tests.
    ///
    /// # Panics
    /// When the clock is the real one.
    pub fn set(&self, now: Timestamp) {
        self.fixed_clock().now = now;
    }

    fn fixed_clock(&self) -> std::sync::MutexGuard<'_, Fixed> {
        match &self.0.clock {
            Clock::Fixed(fixed) => lock(fixed),
            Clock::Real { .. } => panic!("the real clock cannot be set"),
        }
    }

    /// Bytes from the operating system's generator (ASVS 5.0 11.5.1).
    ///
    /// # Panics
    /// When the operating system has no randomness to give: nothing secret may be made without it.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one home of randomness")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }

    /// A new time-ordered identifier (RFC 9562, section 5.7). Within one `Sys` each is greater than the one
    /// before, also within a millisecond and when the clock is set back (section 6.2, method 2): keyset pages
    /// and newest-first lists rely on it.
    #[must_use]
    pub fn uuid7(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        let random = u128::from_be_bytes(self.bytes::<16>());
        let mut last = lock(&self.0.last);
        if millis > last.millis {
            // The top bit stays free, so that counting on has room.
            *last = Last { millis, tail: random >> (128 - TAIL_BITS + 1) };
        } else {
            // A step of up to 32 bits keeps the next identifier hard to guess.
            last.tail += (random & u128::from(u32::MAX)) + 1;
            if last.tail >> TAIL_BITS != 0 {
                *last = Last { millis: last.millis + 1, tail: random >> (128 - TAIL_BITS + 1) };
            }
        }
        compose(&last)
    }
}

fn compose(last: &Last) -> Uuid {
    const LOW: u32 = 62;
    let high = (last.tail >> LOW) & 0xfff;
    let low = last.tail & ((1 << LOW) - 1);
    let millis = u128::from(last.millis) & 0xffff_ffff_ffff;
    Uuid::from_u128(millis << 80 | 0x7 << 76 | high << 64 | 0b10 << LOW | low)
}

/// A panic of another holder cannot leave these plain values half written, so a poisoned lock is still good.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Sys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0.clock {
            Clock::Real { .. } => f.write_str("Sys(real)"),
            Clock::Fixed(fixed) => write!(f, "Sys(fixed at {})", lock(fixed).now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-03-01T12:00:00.123456789Z".parse().expect("a timestamp")
    }

    #[test]
    fn identifiers_rise_within_a_millisecond_and_when_the_clock_is_set_back() {
        let sys = Sys::fixed(noon());
        let mut before = sys.uuid7();
        for round in 0..10_000 {
            if round == 5_000 {
                sys.set("2020-01-01T00:00:00Z".parse().expect("a timestamp"));
            }
            let next = sys.uuid7();
            assert!(next > before, "{next} follows {before}");
            before = next;
        }
    }

    #[test]
    fn identifiers_rise_across_threads() {
        let sys = Sys::real();
        let made: Vec<Vec<Uuid>> = std::thread::scope(|scope| {
            let workers: Vec<_> =
                (0..4).map(|_| scope.spawn(|| (0..500).map(|_| sys.uuid7()).collect())).collect();
            workers.into_iter().map(|worker| worker.join().expect("a worker")).collect()
        });
        assert!(made.iter().all(|of_one| of_one.is_sorted()));
        let all: std::collections::BTreeSet<_> = made.into_iter().flatten().collect();
        assert_eq!(all.len(), 2_000);
    }

    #[test]
    fn an_identifier_is_version_7_and_carries_the_moment() {
        let id = Sys::fixed(noon()).uuid7();
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        let (seconds, nanos) = id.get_timestamp().expect("a time").to_unix();
        assert_eq!((seconds, nanos / 1_000_000), (noon().as_second().unsigned_abs(), 123));
    }

    #[test]
    fn a_full_counter_moves_on_to_the_next_millisecond() {
        let sys = Sys::fixed(noon());
        let before = sys.uuid7();
        lock(&sys.0.last).tail = (1 << TAIL_BITS) - 1;
        assert!(sys.uuid7() > before);
        assert_eq!(lock(&sys.0.last).tail >> TAIL_BITS, 0);
    }

    #[test]
    fn the_clock_gives_whole_microseconds_and_moves_only_when_told() {
        let sys = Sys::fixed(noon());
        assert_eq!(sys.now().to_string(), "2026-03-01T12:00:00.123456Z");
        sys.clone().advance(Duration::from_mins(1));
        assert_eq!(sys.now().to_string(), "2026-03-01T12:01:00.123456Z");
        assert_eq!(sys.elapsed(), Duration::from_mins(1));
        assert_eq!(Sys::real().now().as_nanosecond() % 1_000, 0);
    }

    #[test]
    fn random_bytes_differ() {
        let sys = Sys::real();
        assert_ne!(sys.bytes::<32>(), sys.bytes::<32>());
    }
}
