//! Passwords: what may be one, and how it is kept.
//!
//! Argon2id (RFC 9106) with 19 MiB, two passes and one lane, as a PHC string (ASVS 5.0 11.4.2). A password is
//! hashed exactly as typed: never cut, trimmed, composed or lowered (6.2.8).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::sys::Sys;

mod policy;

pub use policy::{MIN_CHARACTERS, PolicyError, check};

/// How much work one hash takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cost {
    /// 19 MiB, two passes: what OWASP recommends, and the least that a server may use (ASVS 5.0 11.4.2).
    #[default]
    Standard,
    /// 64 MiB, three passes: RFC 9106's second recommendation with one lane, about five times the work.
    Strong,
    /// 64 KiB, one pass: protects nothing. For tests, which sign in thousands of times; it is never a default,
    /// and a server that listens beyond its own machine refuses it.
    Test,
}

impl Cost {
    /// The cost for tests.
    #[must_use]
    pub const fn test() -> Self {
        Self::Test
    }

    /// Memory in KiB, and passes.
    const fn numbers(self) -> (u32, u32) {
        match self {
            Self::Standard => (19 * 1024, 2),
            Self::Strong => (64 * 1024, 3),
            Self::Test => (64, 1),
        }
    }
}

/// Why a hash was not made or checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// As many wait already as may wait. Nothing was done; trying again in a moment is right.
    #[error("too many passwords are being checked at this moment")]
    Busy,
    /// The password may not be one.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A kept hash cannot be read, or memory is out. For the log, not for the person.
    #[error("password hashing: {0}")]
    Internal(String),
}

impl PasswordError {
    /// As an answer about `field`: what is wrong with the new password stands there, a full queue asks for
    /// patience, anything else is a defect.
    #[must_use]
    pub fn at(self, field: &'static str) -> crate::Error {
        match self {
            Self::Busy => crate::Error::TooMany { retry_after: 1 },
            Self::Policy(why) => crate::Error::field(field, why.to_string()),
            Self::Internal(why) => crate::Error::Internal(why),
        }
    }
}

/// What checking a password brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is another password.
    Wrong,
    /// It is the one.
    Right {
        /// The hash was made with another cost than is set now: make it anew while the password is at hand.
        rehash: bool,
    },
}

impl Checked {
    /// Whether it is the one.
    #[must_use]
    pub const fn is_right(self) -> bool {
        matches!(self, Self::Right { .. })
    }
}

/// How many hashes run and wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The work of one hash.
    pub cost: Cost,
    /// How many run at once; 0 is one for each processor core. Each takes the memory of its cost meanwhile.
    pub concurrency: usize,
    /// How many may wait beside those that run, before more are answered [`PasswordError::Busy`].
    pub queue: usize,
    /// The longest password that is taken, in bytes of UTF-8.
    pub max_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { cost: Cost::Standard, concurrency: 0, queue: 64, max_bytes: 1_000 }
    }
}

/// Makes and checks password hashes, on threads of their own and only so many at once, so that a flood of
/// sign-ins neither stalls other requests nor takes all memory. Clones share one queue.
#[derive(Clone)]
pub struct PasswordHasher(Arc<Inner>);

struct Inner {
    sys: Sys,
    settings: Settings,
    /// Those that run or wait.
    places: Arc<Semaphore>,
    /// Those that run.
    slots: Arc<Semaphore>,
    /// Memory of finished hashes, for those that wait, which are spared from faulting in fresh pages. With nobody
    /// waiting it is given back.
    memory: Mutex<Vec<Vec<Block>>>,
    /// Stands in for the hash that an unknown account does not have.
    dummy: String,
    /// How many hashes were made or checked.
    made: AtomicU64,
}

impl PasswordHasher {
    /// A hasher with its own queue. Makes one hash, so it takes the time of one.
    pub fn new(sys: &Sys, settings: Settings) -> Result<Self, PasswordError> {
        let running = if settings.concurrency == 0 { crate::app::cores() } else { settings.concurrency };
        let dummy = hash(settings.cost, &sys.bytes::<32>(), sys.bytes(), &mut Vec::new())?;
        Ok(Self(Arc::new(Inner {
            sys: sys.clone(),
            settings: Settings { concurrency: running, ..settings },
            places: Arc::new(Semaphore::new(places(running, settings.queue))),
            slots: Arc::new(Semaphore::new(running)),
            memory: Mutex::default(),
            dummy,
            made: AtomicU64::new(0),
        })))
    }

    /// Checks a new password against the policy and hashes it. `about` is what the password must not consist of:
    /// the person's name and address and the workspace's name (ASVS 5.0 6.2.11).
    pub async fn set(&self, password: &str, about: &[&str]) -> Result<String, PasswordError> {
        let (password, salt, max) =
            (password.to_owned(), self.0.sys.bytes::<16>(), self.0.settings.max_bytes);
        let about: Vec<String> = about.iter().map(|&text| text.to_owned()).collect();
        let cost = self.0.settings.cost;
        self.run(move |memory| {
            let about: Vec<&str> = about.iter().map(String::as_str).collect();
            check(&password, &about, max)?;
            hash(cost, password.as_bytes(), salt, memory)
        })
        .await
    }

    /// Hashes a password that is known to be good, such as one that [`PasswordHasher::verify`] just found right
    /// and that is to be hashed again.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let (password, salt) = (password.to_owned(), self.0.sys.bytes::<16>());
        let cost = self.0.settings.cost;
        self.run(move |memory| hash(cost, password.as_bytes(), salt, memory)).await
    }

    /// Checks a password against a kept PHC string, in constant time (ASVS 5.0 11.2.4). A password longer than
    /// any that can be set is wrong without being hashed.
    pub async fn verify(&self, password: &str, phc: &str) -> Result<Checked, PasswordError> {
        if password.len() > self.0.settings.max_bytes {
            return self.verify_dummy(password).await;
        }
        let (password, phc) = (password.to_owned(), phc.to_owned());
        let cost = self.0.settings.cost;
        self.run(move |memory| verify(cost, password.as_bytes(), &phc, memory)).await
    }

    /// Takes the time of [`PasswordHasher::verify`] and finds the password wrong: for an address without an
    /// account and an account without a password, so that time does not tell them apart (ASVS 5.0 6.3.8).
    pub async fn verify_dummy(&self, password: &str) -> Result<Checked, PasswordError> {
        let cut = password.as_bytes();
        let (cut, dummy) = (cut[..cut.len().min(self.0.settings.max_bytes)].to_vec(), self.0.dummy.clone());
        let cost = self.0.settings.cost;
        self.run(move |memory| verify(cost, &cut, &dummy, memory)).await?;
        Ok(Checked::Wrong)
    }

    /// How many hashes were made or checked so far: the work that answers cost, free of the noise of a clock.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.0.made.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let closed = |_| PasswordError::Internal("the queue is closed".to_owned());
        let slot = Arc::clone(&self.0.slots).acquire_owned().await.map_err(closed)?;
        let inner = Arc::clone(&self.0);
        // Both permits travel along: when the client leaves, the thread still counts until it is done.
        let finished = tokio::task::spawn_blocking(move || {
            let _held = (place, slot);
            let mut memory = inner.lend();
            inner.made.fetch_add(1, Ordering::Relaxed);
            let result = work(&mut memory);
            inner.take_back(memory);
            result
        });
        finished.await.unwrap_or_else(|error| Err(PasswordError::Internal(error.to_string())))
    }
}

impl Inner {
    fn lend(&self) -> Vec<Block> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Keeps the memory of a hash, whose permits are still held, where another waits for it.
    fn take_back(&self, memory: Vec<Block>) {
        let mut kept = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if self.somebody_waits() {
            kept.push(memory);
        } else {
            kept.clear();
        }
    }

    fn somebody_waits(&self) -> bool {
        let Settings { concurrency, queue, .. } = self.settings;
        let here = places(concurrency, queue) - self.places.available_permits();
        here > concurrency - self.slots.available_permits()
    }
}

impl std::fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PasswordHasher").field(&self.0.settings).finish()
    }
}

/// How many may run and wait.
fn places(running: usize, queue: usize) -> usize {
    running.saturating_add(queue).min(Semaphore::MAX_PERMITS)
}

fn internal(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Internal(error.to_string())
}

fn params(cost: Cost) -> Result<Params, PasswordError> {
    let (memory, passes) = cost.numbers();
    Params::new(memory, passes, 1, Some(Params::DEFAULT_OUTPUT_LEN)).map_err(internal)
}

fn fill(
    params: Params,
    version: Version,
    password: &[u8],
    salt: &[u8],
    out: &mut [u8],
    memory: &mut Vec<Block>,
) -> Result<(), PasswordError> {
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    Argon2::new(Algorithm::Argon2id, version, params)
        .hash_password_into_with_memory(password, salt, out, &mut memory[..blocks])
        .map_err(internal)
}

fn hash(
    cost: Cost,
    password: &[u8],
    salt: [u8; 16],
    memory: &mut Vec<Block>,
) -> Result<String, PasswordError> {
    let params = params(cost)?;
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    let written = ParamsString::try_from(&params).map_err(internal)?;
    fill(params, Version::V0x13, password, &salt, &mut out, memory)?;
    let phc = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: written,
        salt: Some(Salt::new(&salt).map_err(internal)?),
        hash: Some(Output::new(&out).map_err(internal)?),
    };
    Ok(phc.to_string())
}

/// The most memory that a kept hash may ask for, in KiB: the database decides how much work is done, and an
/// imported or forged row must not stop the server.
const MOST_MEMORY: u32 = 256 * 1024;
const MOST_PASSES: u32 = 16;

fn verify(cost: Cost, password: &[u8], phc: &str, memory: &mut Vec<Block>) -> Result<Checked, PasswordError> {
    let kept = PasswordHash::new(phc).map_err(internal)?;
    if kept.algorithm != ARGON2ID_IDENT {
        return Err(internal(format!("unknown algorithm {}", kept.algorithm)));
    }
    let (Some(salt), Some(expected)) = (kept.salt, kept.hash) else {
        return Err(internal("the kept hash is not whole"));
    };
    let params = Params::try_from(&kept).map_err(internal)?;
    if params.m_cost() > MOST_MEMORY || params.t_cost() > MOST_PASSES {
        return Err(internal("the kept hash asks for too much work"));
    }
    let version = kept.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(internal)?;
    let current = (params.m_cost(), params.t_cost()) == cost.numbers() && params.p_cost() == 1;
    let mut out = vec![0_u8; expected.len()];
    fill(params, version, password, &salt, &mut out, memory)?;
    if bool::from(out.ct_eq(expected.as_bytes())) {
        let rehash = !(current && matches!(version, Version::V0x13));
        Ok(Checked::Right { rehash })
    } else {
        Ok(Checked::Wrong)
    }
}

#[cfg(test)]
#[path = "password/tests.rs"]
mod tests;
