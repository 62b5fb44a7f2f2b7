//! The arithmetic of the audit log's seal (ASVS 5.0 16.4.2).
//!
//! Each entry of a workspace is bound to all before it by HMAC-SHA-256 (RFC 2104) under a key outside the
//! database: whoever can only write to the database cannot change, add, drop or reorder an entry unseen.
//! Names and addresses stand beside the entry, which holds only their salted hash: deleting a person erases
//! values and salt, and the seal stays whole, while the hash alone says nothing about what it was made of.
//!
//! A cut at the end leaves a chain that is whole in itself. The end is kept beside it under a [`Checkpoint::tag`],
//! which nobody makes without the key; an end that was copied earlier, and put back, shows against a [`Checkpoint`]
//! kept outside.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

mod key;

pub use key::{AuditKey, KeyError, KeySource, LoadedKey};

/// A SHA-256 digest or an HMAC made with it.
pub type Hash = [u8; 32];

/// Bytes of an entry in the one form that is sealed. Every field carries its kind and length, so no two
/// different entries have the same bytes; the order of the calls is the order of the fields.
#[derive(Clone, Debug)]
pub struct Canonical(Vec<u8>);

impl Canonical {
    /// Begins an entry. `form` is the number of the list of fields: a later one with other fields has another.
    #[must_use]
    pub fn new(form: u32) -> Self {
        let mut bytes = b"tenure audit entry ".to_vec();
        bytes.extend(form.to_be_bytes());
        Self(bytes)
    }

    fn field(mut self, kind: u8, value: &[u8]) -> Self {
        self.0.push(kind);
        self.0.extend((value.len() as u64).to_be_bytes());
        self.0.extend(value);
        self
    }

    /// A field that is not there.
    #[must_use]
    pub fn none(self) -> Self {
        self.field(0, &[])
    }

    /// A text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.field(1, text.as_bytes())
    }

    /// A number, or a moment in microseconds.
    #[must_use]
    pub fn number(self, number: i64) -> Self {
        self.field(2, &number.to_be_bytes())
    }

    /// An identifier.
    #[must_use]
    pub fn id(self, id: Uuid) -> Self {
        self.field(3, id.as_bytes())
    }

    /// Bytes, such as the hash of the personal values.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.field(4, bytes)
    }

    /// A field that is perhaps there.
    #[must_use]
    pub fn maybe<T>(self, value: Option<T>, add: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            None => self.none(),
            Some(value) => add(self, value),
        }
    }

    /// The digest that the chain seals.
    #[must_use]
    pub fn digest(&self) -> Hash {
        Sha256::digest(&self.0).into()
    }
}

/// The salted hash of an entry's personal values, which stays when they are erased. The salt is 32 random
/// bytes of this entry alone: without it the few likely names could be tried.
#[must_use]
pub fn personal_digest(salt: &Hash, json: &str) -> Hash {
    Sha256::new()
        .chain_update(b"tenure audit personal ")
        .chain_update(salt)
        .chain_update(json)
        .finalize()
        .into()
}

/// How far a chain is: the number of its last entry, and that entry's seal. Written `seq:mac`, with the mac in
/// hexadecimal; such lines, kept away from the server, show later whether the log was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of the entry; the first is 1, and 0 is the empty chain.
    pub seq: u64,
    /// Its seal.
    pub mac: Hash,
}

impl Checkpoint {
    /// The beginning of a workspace's chain, before any entry.
    #[must_use]
    pub fn genesis(key: &AuditKey, workspace: Uuid) -> Self {
        let mac = keyed(key).chain_update(b"tenure audit genesis ").chain_update(workspace.as_bytes());
        Self { seq: 0, mac: mac.finalize().into_bytes().into() }
    }

    /// Seals the next entry.
    #[must_use]
    pub fn next(&self, key: &AuditKey, entry: &Hash) -> Self {
        let seq = self.seq + 1;
        Self { seq, mac: mac(key, &self.mac, seq, entry) }
    }

    /// What stands beside the kept end of a workspace's chain: without the key nobody moves it.
    #[must_use]
    pub fn tag(&self, key: &AuditKey, workspace: Uuid) -> Hash {
        let tag = keyed(key).chain_update(b"tenure audit head ").chain_update(workspace.as_bytes());
        let tag = tag.chain_update(self.seq.to_be_bytes()).chain_update(self.mac);
        tag.finalize().into_bytes().into()
    }

    /// Whether a kept tag is this end's, compared in constant time.
    #[must_use]
    pub fn has_tag(&self, key: &AuditKey, workspace: Uuid, tag: &[u8]) -> bool {
        self.tag(key, workspace).as_slice().ct_eq(tag).into()
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, to_hex(&self.mac))
    }
}

/// Not a line `seq:mac`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a checkpoint is a number, a colon and 64 hexadecimal digits")]
pub struct NotACheckpoint;

impl FromStr for Checkpoint {
    type Err = NotACheckpoint;

    fn from_str(text: &str) -> Result<Self, NotACheckpoint> {
        let (seq, mac) = text.trim().split_once(':').ok_or(NotACheckpoint)?;
        if !seq.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NotACheckpoint);
        }
        Ok(Self { seq: seq.parse().map_err(|_| NotACheckpoint)?, mac: from_hex(mac).ok_or(NotACheckpoint)? })
    }
}

/// The seal of one entry: over the seal before it, its number and its digest.
#[must_use]
pub fn mac(key: &AuditKey, prev: &Hash, seq: u64, entry: &Hash) -> Hash {
    let mac =
        keyed(key).chain_update(b"tenure audit link ").chain_update(prev).chain_update(seq.to_be_bytes());
    mac.chain_update(entry).finalize().into_bytes().into()
}

fn keyed(key: &AuditKey) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes a key of any length")
}

/// The personal values beside an entry, as the database has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Personal {
    /// The entry never had any.
    None,
    /// They were erased together with their person; their hash is in the entry still.
    Erased,
    /// They are there.
    Kept {
        /// The hash in the entry.
        digest: Hash,
        /// The salt beside it.
        salt: Hash,
        /// The values beside it.
        json: String,
    },
}

/// One sealed entry as read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its number.
    pub seq: u64,
    /// The digest of what the entry says now.
    pub entry: Hash,
    /// The seal that was kept.
    pub mac: Hash,
    /// The values beside it.
    pub personal: Personal,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is as it was sealed.
    Verified {
        /// How many entries.
        entries: u64,
        /// Of how many the personal values are erased, as deleting a person does.
        erased: u64,
    },
    /// An entry is not as it was sealed. Those before it are.
    Broken {
        /// The number of the first such entry.
        seq: u64,
        /// What is wrong with it.
        why: Why,
    },
    /// Entries at the end are gone.
    Cut {
        /// The last that is there.
        last: u64,
        /// The last that a checkpoint saw.
        expected: u64,
    },
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Its number is not the next: entries are missing or doubled before it.
    #[error("an entry before it is missing or doubled")]
    OutOfSequence,
    /// It was changed, or sealed with another key.
    #[error("its content does not match its seal")]
    Changed,
    /// The personal values beside it are gone, though their person was not deleted.
    #[error("the personal values beside it are gone, though their person is not")]
    PersonalMissing,
    /// The personal values beside it were changed.
    #[error("the personal values beside it were changed")]
    PersonalChanged,
    /// The log ends here, and nobody with the key has said so: entries behind it may be gone.
    #[error("the log's end was moved here without the key")]
    EndMoved,
    /// It was sealed anew after a checkpoint had seen another seal.
    #[error("a checkpoint kept outside says otherwise")]
    AgainstCheckpoint,
}

/// Verifies a chain that is read piece by piece. What it compares, it compares in constant time
/// (ASVS 5.0 11.2.4).
#[derive(Clone, Debug)]
pub struct Verifier {
    key: AuditKey,
    at: Checkpoint,
    first: u64,
    erased: u64,
    checkpoints: BTreeMap<u64, Vec<Hash>>,
    broken: Option<Verdict>,
}

impl Verifier {
    /// Verifies what follows `start`: [`Checkpoint::genesis`] for the whole chain. `checkpoints` are those kept
    /// outside, in any order; those before `start` are not looked at.
    pub fn new(key: &AuditKey, start: Checkpoint, checkpoints: impl IntoIterator<Item = Checkpoint>) -> Self {
        let mut seen: BTreeMap<u64, Vec<Hash>> = BTreeMap::new();
        for checkpoint in checkpoints {
            seen.entry(checkpoint.seq).or_default().push(checkpoint.mac);
        }
        let mut verifier = Self {
            key: key.clone(),
            at: start,
            first: start.seq,
            erased: 0,
            checkpoints: seen,
            broken: None,
        };
        if !verifier.agrees_with_checkpoints() {
            verifier.broken = Some(Verdict::Broken { seq: start.seq, why: Why::AgainstCheckpoint });
        }
        verifier
    }

    /// Takes the next entry. Whether going on makes sense: after the first that is broken, it does not.
    pub fn push(&mut self, sealed: &Sealed) -> bool {
        if self.broken.is_none()
            && let Err(why) = self.check(sealed)
        {
            let seq = if why == Why::OutOfSequence { self.at.seq + 1 } else { sealed.seq };
            self.broken = Some(Verdict::Broken { seq, why });
        }
        self.broken.is_none()
    }

    fn check(&mut self, sealed: &Sealed) -> Result<(), Why> {
        let next = self.at.next(&self.key, &sealed.entry);
        if sealed.seq != next.seq {
            return Err(Why::OutOfSequence);
        }
        if !equal(&sealed.mac, &next.mac) {
            return Err(Why::Changed);
        }
        match &sealed.personal {
            Personal::None => {}
            Personal::Erased => self.erased += 1,
            Personal::Kept { digest, salt, json } => {
                if !equal(&personal_digest(salt, json), digest) {
                    return Err(Why::PersonalChanged);
                }
            }
        }
        self.at = next;
        if self.agrees_with_checkpoints() { Ok(()) } else { Err(Why::AgainstCheckpoint) }
    }

    fn agrees_with_checkpoints(&self) -> bool {
        self.checkpoints.get(&self.at.seq).is_none_or(|seen| seen.iter().all(|mac| equal(mac, &self.at.mac)))
    }

    /// How far the chain is whole.
    #[must_use]
    pub const fn checkpoint(&self) -> Checkpoint {
        self.at
    }

    /// What was found, once every entry was pushed.
    #[must_use]
    pub fn finish(self) -> Verdict {
        if let Some(broken) = self.broken {
            return broken;
        }
        match self.checkpoints.last_key_value() {
            Some((&expected, _)) if expected > self.at.seq => Verdict::Cut { last: self.at.seq, expected },
            _ => Verdict::Verified { entries: self.at.seq - self.first, erased: self.erased },
        }
    }
}

/// Verifies a chain that is at hand.
pub fn verify(
    key: &AuditKey,
    start: Checkpoint,
    entries: impl IntoIterator<Item = Sealed>,
    checkpoints: impl IntoIterator<Item = Checkpoint>,
) -> Verdict {
    let mut verifier = Verifier::new(key, start, checkpoints);
    for sealed in entries {
        if !verifier.push(&sealed) {
            break;
        }
    }
    verifier.finish()
}

fn equal(one: &Hash, other: &Hash) -> bool {
    one.ct_eq(other).into()
}

/// Hexadecimal digits in lower case.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

/// Reads exactly 64 hexadecimal digits.
#[must_use]
pub fn from_hex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let half = |digit: u8| char::from(digit).to_digit(16).and_then(|half| u8::try_from(half).ok());
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = half(pair[0])? << 4 | half(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
#[path = "seal/tests.rs"]
mod tests;
