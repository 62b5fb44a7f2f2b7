//! How often anyone may try (ASVS 5.0 2.4.1, 6.3.1): per account, so that a password is not guessed from many
//! addresses, and per address, so that many accounts are not tried from one.
//!
//! Limits hold in one server process. Several nodes allow together at most their number times the limit.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::RateLimiter;
use governor::clock::{Clock, Reference};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;

use crate::config::setting::{Setting, any, quoted, section, short};
use crate::sys::Sys;

/// So many times in so much time, all at once if one likes; then they come back evenly. Written `10/15m`, or
/// `off` for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(Option<(NonZeroU32, Duration)>);

impl Rate {
    /// No limit.
    pub const OFF: Self = Self(None);

    /// `times` in `period`; no limit when either is zero.
    #[must_use]
    pub fn new(times: u32, period: Duration) -> Self {
        Self(NonZeroU32::new(times).filter(|_| !period.is_zero()).map(|times| (times, period)))
    }

    fn quota(self) -> Option<governor::Quota> {
        let (times, period) = self.0?;
        Some(governor::Quota::with_period(period / times.get())?.allow_burst(times))
    }
}

impl Setting for Rate {
    fn parse(text: &str) -> Option<Self> {
        if text == "off" {
            return Some(Self::OFF);
        }
        let (times, period) = text.split_once('/')?;
        let (times, period) = (times.parse().ok()?, Duration::parse(period)?);
        // A period of years would overflow the limiter's clock; more than 10^9 a second its resolution.
        let sane = times > 0 && (1..=366 * 86_400).contains(&period.as_secs()) && times <= 100_000_000;
        sane.then(|| Self::new(times, period))
    }
    fn toml(&self) -> String {
        match self.0 {
            None => quoted("off"),
            Some((times, period)) => quoted(&format!("{times}/{}", short(period))),
        }
    }
}

fn rate() -> crate::config::setting::Rule<Rate> {
    any("a number of times and a period, such as 10/15m, or off")
}

section! {
    /// How often anyone may try. A refusal names the time to wait.
    pub struct Rates {
        /// Tries to sign in to one account, wrong and right ones together. Whoever knows an address can use
        /// them up for its owner, so it should refill within minutes (ASVS 6.1.1).
        sign_in_account: Rate = Rate::new(10, Duration::from_mins(5)), rate();
        /// Tries to sign in from one address. A whole office can stand behind one.
        sign_in_address: Rate = Rate::new(60, Duration::from_mins(5)), rate();
        /// Tries of a signed-in person to confirm with their password.
        confirm_account: Rate = Rate::new(10, Duration::from_mins(5)), rate();
        /// Tries of invitations and links from one address.
        link_address: Rate = Rate::new(30, Duration::from_mins(5)), rate();
        /// Requests for a return from one address. Each account has one a day anyway.
        return_address: Rate = Rate::new(10, Duration::from_hours(1)), rate();
        /// Registrations in the portal from one address.
        register_address: Rate = Rate::new(10, Duration::from_hours(1)), rate();
        /// Registrations in the portal of one workspace: somebody has to look at each.
        register_workspace: Rate = Rate::new(300, Duration::from_hours(24)), rate();
        /// Requests by the open request form from one address.
        request_address: Rate = Rate::new(10, Duration::from_hours(1)), rate();
        /// Requests by the open request form of one workspace.
        request_workspace: Rate = Rate::new(300, Duration::from_hours(24)), rate();
        /// Requests of one signed-in person.
        requests_account: Rate = Rate::new(1_200, Duration::from_mins(1)), rate();
        /// Requests from one address without being signed in.
        requests_address: Rate = Rate::new(600, Duration::from_mins(1)), rate();
    }
}

/// Refused for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many tries; try again in {} seconds", self.retry_after_seconds())]
pub struct TooMany {
    /// How long until one more is allowed.
    pub retry_after: Duration,
}

impl TooMany {
    /// For the `Retry-After` field (RFC 9110, section 10.2.3): whole seconds, rounded up.
    #[must_use]
    pub const fn retry_after_seconds(&self) -> u64 {
        let up = self.retry_after.as_secs() + (self.retry_after.subsec_nanos() > 0) as u64;
        if up == 0 { 1 } else { up }
    }
}

impl From<TooMany> for crate::Error {
    fn from(refused: TooMany) -> Self {
        Self::TooMany { retry_after: refused.retry_after_seconds() }
    }
}

/// What is left of a rate; nothing to say where there is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota(Option<Left>);

/// The field that says how many requests may be sent in how many seconds.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The field that says how many are left.
pub const LEFT: HeaderName = HeaderName::from_static("ratelimit");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    times: u32,
    period: Duration,
    remains: u32,
}

impl Quota {
    /// Says it in the fields of an answer (draft-ietf-httpapi-ratelimit-headers-10): how many requests may be sent in how
    /// many seconds, how many are left, and in how many seconds all of them will be.
    pub fn write(self, headers: &mut HeaderMap) {
        let Some(Left { times, period, remains }) = self.0 else { return };
        let window = period.as_secs();
        let used = u64::from(times.saturating_sub(remains));
        let full = (window * used).div_ceil(u64::from(times.max(1)));
        for (name, text) in [
            (POLICY, format!("\"requests\";q={times};w={window}")),
            (LEFT, format!("\"requests\";r={remains};t={full}")),
        ] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
    }
}

/// Counts for keys of one kind. Clones share the counts.
#[derive(Clone)]
pub struct Limiter(Option<Arc<Counts>>);

struct Counts {
    limiter: RateLimiter<u64, DashMapStateStore<u64>, Monotonic, StateInformationMiddleware>,
    clock: Monotonic,
    hasher: RandomState,
    most: usize,
    rate: Rate,
    /// In seconds of the clock.
    cleaned: AtomicU64,
}

/// Beyond the bound, keys share this many counts.
const SHARED: u64 = 4_096;

/// Looking through all keys takes milliseconds; within this time a full table stays as it is.
const CLEAN_EVERY: u64 = 1;

impl Limiter {
    /// The most keys that are counted one by one; each takes about 30 bytes.
    pub const MOST_KEYS: usize = 200_000;

    /// A limiter that allows `rate` to each key.
    #[must_use]
    pub fn new(sys: &Sys, rate: Rate) -> Self {
        Self::bounded(sys, rate, Self::MOST_KEYS)
    }

    fn bounded(sys: &Sys, rate: Rate, most: usize) -> Self {
        let clock = Monotonic(sys.clone());
        Self(rate.quota().map(|quota| {
            let limiter = RateLimiter::dashmap_with_clock(quota, clock.clone()).with_middleware();
            Arc::new(Counts {
                limiter,
                rate,
                clock,
                hasher: RandomState::new(),
                most,
                cleaned: AtomicU64::new(0),
            })
        }))
    }

    /// Counts one try of `key`, or refuses it. A refused try does not count.
    pub fn check(&self, key: &(impl Hash + ?Sized)) -> Result<(), TooMany> {
        self.count(key).map(drop)
    }

    /// As [`Limiter::check`]; answers what is left.
    pub fn count(&self, key: &(impl Hash + ?Sized)) -> Result<Quota, TooMany> {
        let Some(counts) = &self.0 else { return Ok(Quota(None)) };
        let now = counts.clock.now();
        match counts.limiter.check_key(&counts.place(key, now)) {
            Ok(state) => Ok(Quota(counts.rate.0.map(|(times, period)| Left {
                times: times.get(),
                period,
                remains: state.remaining_burst_capacity(),
            }))),
            Err(not_until) => Err(TooMany { retry_after: not_until.wait_time_from(now) }),
        }
    }

    /// How many keys are counted now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |counts| counts.limiter.len())
    }

    /// Whether no key is counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Counts {
    /// The count of a key. A hash keyed by this process stands for the key: nobody can choose keys that meet,
    /// and no address or account is kept.
    ///
    /// When a flood of keys has filled the table, keys share counts: limits then bite too early for some, but
    /// they hold, and memory stays bounded.
    fn place(&self, key: &(impl Hash + ?Sized), now: Instant) -> u64 {
        let hash = self.hasher.hash_one(key);
        if self.limiter.len() < self.most {
            return hash.max(SHARED);
        }
        let second = Duration::from_nanos(now.0).as_secs();
        let cleaned = self.cleaned.load(Ordering::Relaxed);
        if second >= cleaned + CLEAN_EVERY
            && self.cleaned.compare_exchange(cleaned, second, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        if self.limiter.len() < self.most { hash.max(SHARED) } else { hash % SHARED }
    }
}

impl std::fmt::Debug for Limiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Limiter({} keys)", self.len())
    }
}

/// The limiters of a server, one for each rate.
#[derive(Clone, Debug)]
pub struct Limiters {
    /// By account: [`account_key`] or the person's id.
    pub sign_in_account: Limiter,
    /// By [`network`].
    pub sign_in_address: Limiter,
    /// By person.
    pub confirm_account: Limiter,
    /// By [`network`].
    pub link_address: Limiter,
    /// By [`network`].
    pub return_address: Limiter,
    /// By [`network`].
    pub register_address: Limiter,
    /// By workspace.
    pub register_workspace: Limiter,
    /// By [`network`].
    pub request_address: Limiter,
    /// By workspace.
    pub request_workspace: Limiter,
    /// By person.
    pub requests_account: Limiter,
    /// By [`network`].
    pub requests_address: Limiter,
}

impl Limiters {
    /// Fresh counts under these rates.
    #[must_use]
    pub fn new(sys: &Sys, rates: &Rates) -> Self {
        let limiter = |rate| Limiter::new(sys, rate);
        Self {
            sign_in_account: limiter(rates.sign_in_account),
            sign_in_address: limiter(rates.sign_in_address),
            confirm_account: limiter(rates.confirm_account),
            link_address: limiter(rates.link_address),
            return_address: limiter(rates.return_address),
            register_address: limiter(rates.register_address),
            register_workspace: limiter(rates.register_workspace),
            request_address: limiter(rates.request_address),
            request_workspace: limiter(rates.request_workspace),
            requests_account: limiter(rates.requests_account),
            requests_address: limiter(rates.requests_address),
        }
    }
}

/// The key of an account that may not exist: counting by address typed treats known and unknown alike
/// (ASVS 5.0 6.3.8). `workspace` is its id.
#[must_use]
pub fn account_key(workspace: uuid::Uuid, email: &str) -> (uuid::Uuid, String) {
    (workspace, crate::text::email_key(email))
}

/// What counts as one address: an IPv4 address, or the 64 bits of IPv6 that one subscriber has.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The limiter's clock is the one clock.
#[derive(Clone)]
struct Monotonic(Sys);

/// Nanoseconds since the server began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Instant(u64);

impl Clock for Monotonic {
    type Instant = Instant;
    fn now(&self) -> Instant {
        Instant(u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}

impl std::ops::Add<governor::nanos::Nanos> for Instant {
    type Output = Self;
    fn add(self, other: governor::nanos::Nanos) -> Self {
        Self(self.0.saturating_add(other.as_u64()))
    }
}

impl Reference for Instant {
    fn duration_since(&self, earlier: Self) -> governor::nanos::Nanos {
        self.0.saturating_sub(earlier.0).into()
    }
    fn saturating_sub(&self, duration: governor::nanos::Nanos) -> Self {
        Self(self.0.checked_sub(duration.into()).unwrap_or(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sys() -> Sys {
        Sys::fixed("2026-03-01T12:00:00Z".parse().expect("a timestamp"))
    }

    #[test]
    fn asvs_6_3_1_tries_run_out_for_one_key_and_come_back_with_time() {
        let sys = sys();
        let limiter = Limiter::new(&sys, Rate::new(3, Duration::from_mins(1)));
        for _ in 0..3 {
            assert_eq!(limiter.check("ada"), Ok(()));
        }
        let refused = limiter.check("ada").expect_err("the fourth");
        assert_eq!(refused.retry_after_seconds(), 20);
        assert_eq!(limiter.check("bob"), Ok(()), "another key has tries of its own");
        sys.advance(Duration::from_secs(19));
        assert_eq!(limiter.check("ada").expect_err("too early").retry_after_seconds(), 1);
        sys.advance(Duration::from_secs(1));
        assert_eq!(limiter.check("ada"), Ok(()));
        assert!(limiter.check("ada").is_err());
        sys.advance(Duration::from_hours(1));
        assert_eq!((0..10).filter(|_| limiter.check("ada").is_ok()).count(), 3, "they do not add up");
    }

    #[test]
    fn a_refusal_always_names_at_least_a_second() {
        assert_eq!(TooMany { retry_after: Duration::ZERO }.retry_after_seconds(), 1);
        assert_eq!(TooMany { retry_after: Duration::from_millis(1_001) }.retry_after_seconds(), 2);
    }

    #[test]
    fn a_flood_of_keys_is_bounded_and_still_limited() {
        let sys = sys();
        let limiter = Limiter::bounded(&sys, Rate::new(2, Duration::from_mins(1)), 1_000);
        let allowed = (0..50_000).filter(|key: &u32| limiter.check(key).is_ok()).count();
        assert!(limiter.len() <= 1_000 + usize::try_from(SHARED).expect("small"), "{limiter:?}");
        assert!(allowed < 1_000 + 2 * 4_096 + 1, "{allowed} of a flood passed");
        sys.advance(Duration::from_mins(2));
        assert_eq!(limiter.check(&1_u32), Ok(()));
        assert!(limiter.len() <= 2, "old keys are forgotten: {limiter:?}");
    }

    #[test]
    fn off_is_no_limit() {
        let limiter = Limiter::new(&sys(), Rate::OFF);
        assert!((0..10_000).all(|_| limiter.check("ada").is_ok()));
        assert!(limiter.is_empty());
    }

    #[test]
    fn a_rate_reads_as_it_is_written() {
        for text in ["10/15m", "1/1s", "1200/1m", "off", "5/1d", "7/90s"] {
            assert_eq!(Rate::parse(text).expect(text).toml(), format!("\"{text}\""));
        }
        for wrong in ["", "10", "0/1m", "10/0s", "-1/1m", "10/15", "10/1y", "1/999999999d", "4000000000/1s"] {
            assert_eq!(Rate::parse(wrong), None, "{wrong}");
        }
        let fastest = Rate::parse("100000000/1s").expect("a rate");
        assert!(Limiter::new(&sys(), fastest).check("ada").is_ok());
    }

    #[test]
    fn one_subscriber_is_one_address() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }

    #[test]
    fn asvs_6_3_8_one_account_is_counted_alike_however_its_address_is_typed() {
        let workspace = uuid::Uuid::from_u128(7);
        assert_eq!(account_key(workspace, " ADA@example.org"), account_key(workspace, "ada@example.org"));
    }
}
