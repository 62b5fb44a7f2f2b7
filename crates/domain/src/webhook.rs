//! Webhooks: where a workspace has its events sent, signed, and how long it is tried (Standard Webhooks 1.0).
//!
//! A webhook is the workspace's own: it goes on when whoever made it is deactivated, and forgets them when they are
//! deleted. Administrators set it up.

use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{audit::Action, event, event::WorkTopic};

/// How long an event is tried before it is dead.
pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long nothing but failures is borne before the webhook is switched off: longer than one event is tried.
pub const BORNE_FOR: SignedDuration = SignedDuration::from_hours(5 * 24);
/// How long the former secret goes on signing beside a new one.
pub const FORMER_SIGNS_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How many webhooks a workspace may have.
pub const MOST: i64 = 50;
/// The longest address, in characters.
pub const LONGEST_ADDRESS: usize = 2_000;

/// What a test event says that it is.
pub const TEST_TOPIC: &str = "webhook.test";

/// Everything that a webhook can be told of, in the order of the alphabet.
#[must_use]
pub fn topics() -> BTreeSet<&'static str> {
    let steps = Action::ALL.iter().filter(|action| event::audience(**action).is_some());
    steps.map(|action| action.word()).chain(WorkTopic::ALL.into_iter().map(WorkTopic::word)).collect()
}

/// What a webhook is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Everything, and what a later version adds.
    All,
    /// These topics.
    Some(BTreeSet<&'static str>),
}

/// Why this is no choice of topics.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadChoice {
    /// A word that stands for nothing.
    #[error("There is no event of the type \"{0}\".")]
    Unknown(String),
    /// A webhook that is told of nothing.
    #[error("Choose at least one type of event, or all.")]
    Nothing,
}

impl Choice {
    /// Reads topics.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, BadChoice> {
        let known = topics();
        let mut chosen = BTreeSet::new();
        for word in words {
            let topic = known.get(word).ok_or_else(|| BadChoice::Unknown(word.to_owned()))?;
            chosen.insert(*topic);
        }
        if chosen.is_empty() { Err(BadChoice::Nothing) } else { Ok(Self::Some(chosen)) }
    }

    /// Reads back what [`fmt::Display`] writes. A word of another version of this program is left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == ALL {
            return Self::All;
        }
        let known = topics();
        Self::Some(text.split_ascii_whitespace().filter_map(|word| known.get(word).copied()).collect())
    }

    /// Whether it is told of this.
    #[must_use]
    pub fn hears(&self, topic: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(topics) => topics.contains(topic),
        }
    }

    /// The topics, or none when it is told of everything.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        let chosen = match self {
            Self::All => None,
            Self::Some(topics) => Some(topics.iter().copied()),
        };
        chosen.into_iter().flatten()
    }
}

const ALL: &str = "*";

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str(ALL),
            Self::Some(topics) => f.write_str(&topics.iter().copied().collect::<Vec<_>>().join(" ")),
        }
    }
}

/// Why a webhook is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Off {
    /// An administrator did it.
    Hand,
    /// With the deactivation of who made it, since that was asked for: the undo of that step switches it on again.
    Deactivation,
    /// Nothing arrived for [`BORNE_FOR`].
    Failures,
    /// The receiver answered that it is gone (410, RFC 9110, section 15.5.11).
    Gone,
    /// A backup was restored: what has been changed since is not in it, and a copy is not to send what the original
    /// sends.
    Backup,
}

impl Off {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::Hand, Self::Deactivation, Self::Failures, Self::Gone, Self::Backup];

    /// The word in the database and the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hand => "hand",
            Self::Deactivation => "deactivation",
            Self::Failures => "failures",
            Self::Gone => "gone",
            Self::Backup => "backup",
        }
    }

    /// Reads [`Off::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.word() == word)
    }
}

/// How far an event is, at one webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is yet to arrive.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It was tried for [`TRIED_FOR`]; it is sent again only if asked.
    Dead,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Dead];

    /// The word in the database and the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    /// Reads [`State::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// What comes of a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is tried again then.
    At(Timestamp),
    /// It has been tried for long enough.
    Dead,
}

/// Seconds to wait after the first, the second, … attempt; after the last of them, as long again each time.
const WAITS: [i64; 9] = [5, 30, 120, 600, 1_800, 3_600, 2 * 3_600, 4 * 3_600, 8 * 3_600];

/// When an event is tried again that is tried since `since` and now failed for the `attempts`th time; `chance` (0 to
/// 255) spreads what failed together over a fifth of the wait, and the receiver may ask for patience. The last try is
/// at the end of [`TRIED_FOR`].
#[must_use]
pub fn after_failure(
    since: Timestamp,
    now: Timestamp,
    attempts: i64,
    patience: Option<SignedDuration>,
    chance: u8,
) -> Next {
    let end = since.saturating_add(TRIED_FOR).unwrap_or(Timestamp::MAX);
    if now >= end {
        return Next::Dead;
    }
    let place = usize::try_from(attempts.max(1) - 1).unwrap_or(usize::MAX).min(WAITS.len() - 1);
    let millis = WAITS[place] * (900 + 200 * i64::from(chance) / 255);
    let most = SignedDuration::from_secs(WAITS[WAITS.len() - 1]);
    let wait = SignedDuration::from_millis(millis).max(patience.unwrap_or_default().min(most));
    Next::At(now.saturating_add(wait).unwrap_or(end).min(end))
}

/// Whether a webhook that has only failed since then is to be switched off now.
#[must_use]
pub fn is_given_up(failing_since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(failing_since) >= BORNE_FOR
}

/// Where events are sent: an `https` or `http` address, taken apart once, so that what is checked is what is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Whether it is encrypted.
    pub https: bool,
    /// A name, or an address in figures.
    pub host: Host,
    /// The port.
    pub port: u16,
    /// Path and query, as they are sent.
    pub path: String,
}

/// The host of an [`Address`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name, in lower case.
    Name(String),
    /// An address in figures.
    Ip(IpAddr),
}

/// Why an address is none for a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Another scheme, or none.
    #[error("This must begin with https://.")]
    Scheme,
    /// A name and a password.
    #[error("Leave out the user name and password: the signature says who sends.")]
    Credentials,
    /// No host, or a wrong one.
    #[error("There is no such host. Write names with other than Latin letters in their xn-- form.")]
    Host,
    /// A wrong port.
    #[error("The port is a number from 1 to 65535.")]
    Port,
    /// A fragment, a blank or another character that does not belong there.
    #[error("There is a character in it that does not belong there: write it as % and two digits.")]
    Character,
    /// Too long.
    #[error("An address may have 2,000 characters.")]
    Long,
}

impl Address {
    /// Reads an address (RFC 3986, without the parts that no receiver needs).
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        if text.len() > LONGEST_ADDRESS {
            return Err(BadAddress::Long);
        }
        let (scheme, rest) = text.split_once("://").ok_or(BadAddress::Scheme)?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(BadAddress::Scheme),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(BadAddress::Credentials);
        }
        let (host, port) = apart(authority)?;
        let port = match port {
            None if https => 443,
            None => 80,
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                port.parse().ok().filter(|port| *port != 0).ok_or(BadAddress::Port)?
            }
            Some(_) => return Err(BadAddress::Port),
        };
        if !path.bytes().all(belongs) {
            return Err(BadAddress::Character);
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self { https, host: Host::parse(host)?, port, path: format!("{slash}{path}") })
    }

    /// Host and port, as the field `Host` has them; the port only where it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        match (self.https, self.port) {
            (true, 443) | (false, 80) => self.host.to_string(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }

    /// Scheme, host and port: all of it that may be shown to everybody, since a path may be a secret.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.https { "https" } else { "http" }, self.authority())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

/// Host and port.
fn apart(authority: &str) -> Result<(&str, Option<&str>), BadAddress> {
    let (host, port) = match authority.rfind(']') {
        Some(end) => authority.split_at(end + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    match port.strip_prefix(':') {
        Some(port) => Ok((host, Some(port))),
        None if port.is_empty() => Ok((host, None)),
        None => Err(BadAddress::Host),
    }
}

/// What may stand in a path or a query.
fn belongs(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%[]".contains(&byte)
}

impl Host {
    fn parse(text: &str) -> Result<Self, BadAddress> {
        if let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return inside.parse::<Ipv6Addr>().map(|ip| Self::Ip(ip.into())).map_err(|_| BadAddress::Host);
        }
        let name = text.to_ascii_lowercase();
        let last = name.strip_suffix('.').unwrap_or(&name).rsplit('.').next().unwrap_or_default();
        // Systems read 127.1, 0x7f.1 and 2130706433 as addresses, too: figures count as four of them, or not at all.
        if last.starts_with(|c: char| c.is_ascii_digit()) {
            return name.parse::<Ipv4Addr>().map(|ip| Self::Ip(ip.into())).map_err(|_| BadAddress::Host);
        }
        let label = |label: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            !label.is_empty() && label.len() <= 63 && label.bytes().all(plain)
        };
        let labels = name.strip_suffix('.').unwrap_or(&name);
        if name.len() <= 253 && labels.split('.').all(label) {
            Ok(Self::Name(name))
        } else {
            Err(BadAddress::Host)
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

/// Whether an address is one of the public Internet (the special-purpose registries of IANA, RFC 6890): nothing of the
/// network that the server stands in, of the machine itself, or of its cloud is reached by one that is.
#[must_use]
pub const fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

const fn is_public_v4(ip: Ipv4Addr) -> bool {
    match ip.octets() {
        // This network, private, loopback, multicast, reserved, broadcast.
        [0 | 10 | 127 | 224..=255, ..]
        // Shared (carrier-grade NAT), link-local, private.
        | [100, 64..=127, ..]
        | [169, 254, ..]
        | [172, 16..=31, ..]
        // Protocol assignments, documentation, relays to IPv6, private.
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [192, 168, ..]
        // Benchmarks, documentation.
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => false,
        _ => true,
    }
}

const fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // Protocol assignments (Teredo, ORCHID, benchmarks), documentation, 6to4, documentation.
        [0x2001, 0..0x0200 | 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..0x1000, ..] => false,
        // Only 2000::/3 is given out. What carries an IPv4 address inside (mapped, NAT64) lies outside, but for 6to4.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}
