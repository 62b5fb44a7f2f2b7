//! Bearer secrets: what a cookie, an invitation or a link carries.
//!
//! A secret is 256 random bits (ASVS 5.0 7.2.3 asks for 128), a reference without meaning of its own. Only its
//! digest is kept, so a stolen database opens no door; a fast digest suffices, because nothing so long can be
//! guessed (ASVS 5.0 11.4.1).

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::sys::Sys;

/// What a secret opens. Each kind has a prefix of its own, so that a token handed to the wrong door is refused
/// before it is looked up, and so that scanners for leaked secrets recognise it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A signed-in session, `ts_`.
    Session,
    /// An invitation, `ti_`.
    Invitation,
    /// A link to set a password, `tp_`.
    PasswordLink,
    /// A token of the JSON API, `tnr_`: with a checksum, since people copy it and scanners look for it.
    ApiToken,
    /// The right to ask once for a return after correct credentials of a deactivated account, `tr_`.
    ReturnTicket,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Session, Self::Invitation, Self::PasswordLink, Self::ApiToken, Self::ReturnTicket];

    /// The letters that a secret of this kind begins with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "ts_",
            Self::Invitation => "ti_",
            Self::PasswordLink => "tp_",
            Self::ApiToken => "tnr_",
            Self::ReturnTicket => "tr_",
        }
    }

    /// Whether its text ends with a checksum of what stands before.
    const fn is_checked(self) -> bool {
        matches!(self, Self::ApiToken)
    }
}

/// A bearer secret. `Debug` and `Display` hide it (ASVS 5.0 16.2.5); [`Secret::reveal`] is the only way out.
#[derive(Clone)]
pub struct Secret {
    kind: Kind,
    bytes: [u8; Secret::BYTES],
}

const TEXT: usize = 43;
/// The letters of a checksum.
const CHECK: usize = 6;

impl Secret {
    /// How many random bytes a secret has.
    pub const BYTES: usize = 32;

    /// A new secret (ASVS 5.0 7.2.2, 11.5.1).
    #[must_use]
    pub fn new(sys: &Sys, kind: Kind) -> Self {
        Self { kind, bytes: sys.bytes() }
    }

    /// Reads the text form of one kind. Anything else, another kind's secret included, is `None`.
    #[must_use]
    pub fn parse(kind: Kind, text: &str) -> Option<Self> {
        let letters = text.strip_prefix(kind.prefix())?;
        let letters = if kind.is_checked() {
            let (before, check) = text.split_at_checked(text.len().checked_sub(CHECK)?)?;
            if checksum(before) != check {
                return None;
            }
            letters.strip_suffix(check)?
        } else {
            letters
        };
        let bytes = decode(letters)?;
        Some(Self { kind, bytes })
    }

    /// What this secret opens.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The text form: the prefix, then 43 letters that need no escaping in a URL or a cookie; of an API token six more
    /// that check the others, so that a mistyped one, or one that only looks like one, is known without a look into
    /// the database. Give it to the one who is to hold it, and to nobody else.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut text = String::with_capacity(self.kind.prefix().len() + TEXT);
        text.push_str(self.kind.prefix());
        encode(&self.bytes, &mut text);
        if self.kind.is_checked() {
            let check = checksum(&text);
            text.push_str(&check);
        }
        text
    }

    /// What the database keeps: SHA-256 over prefix and bytes. Looking a row up by it leaks nothing useful
    /// through timing, since the one who asks cannot steer the digest (ASVS 5.0 11.2.4).
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(self.kind.prefix()).chain_update(self.bytes).finalize().into()
    }

    /// Whether this is the secret whose digest was kept, compared in constant time.
    #[must_use]
    pub fn matches(&self, digest: &[u8]) -> bool {
        self.digest().ct_eq(digest).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}…)", self.kind.prefix())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.kind.prefix())
    }
}

/// RFC 4648, section 5.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn encode(bytes: &[u8], into: &mut String) {
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            into.push(char::from(ALPHABET[(word >> (18 - 6 * index) & 63) as usize]));
        }
    }
}

/// Bytes as RFC 4648, section 4, has them: with `+`, `/` and `=`.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    encode(bytes, &mut text);
    let mut text = text.replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// The first letters of the digest of a text.
fn checksum(text: &str) -> String {
    let mut letters = String::with_capacity(TEXT);
    encode(&Sha256::digest(text.as_bytes()), &mut letters);
    letters.truncate(CHECK);
    letters
}

/// Exactly one text stands for each secret: a wrong length, a foreign letter or stray last bits are refused.
fn decode(text: &str) -> Option<[u8; Secret::BYTES]> {
    if text.len() != TEXT {
        return None;
    }
    let mut bytes = [0; Secret::BYTES];
    let (mut word, mut bits, mut filled) = (0_u32, 0, 0);
    for letter in text.bytes() {
        word = (word << 6 | u32::from(value(letter)?)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes[filled] = (word >> bits & 0xff) as u8;
            filled += 1;
        }
    }
    (word & ((1 << bits) - 1) == 0).then_some(bytes)
}

const fn value(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn asvs_7_2_3_a_secret_has_256_bits_and_no_two_are_equal() {
        let sys = Sys::real();
        let (one, other) = (Secret::new(&sys, Kind::Session), Secret::new(&sys, Kind::Session));
        assert_ne!(one.digest(), other.digest());
        assert!(one.matches(&one.digest()));
        assert!(!one.matches(&other.digest()));
        assert!(!one.matches(&[]));
    }

    #[test]
    fn asvs_16_2_5_a_secret_does_not_show_in_logs() {
        let secret = Secret::new(&Sys::real(), Kind::Invitation);
        let shown = format!("{secret:?} {secret}");
        assert_eq!(shown, "Secret(ti_…) ti_…");
    }

    #[test]
    fn a_secret_opens_only_doors_of_its_kind() {
        let sys = Sys::real();
        for kind in Kind::ALL {
            let text = Secret::new(&sys, kind).reveal();
            for door in Kind::ALL {
                assert_eq!(Secret::parse(door, &text).is_some(), door == kind, "{text} at {door:?}");
            }
        }
        let bytes = [7; 32];
        assert_ne!(
            Secret { kind: Kind::Session, bytes }.digest(),
            Secret { kind: Kind::Invitation, bytes }.digest()
        );
    }

    #[test]
    fn the_text_form_is_that_of_rfc_4648_section_5() {
        let mut bytes = [0; 32];
        bytes[..6].copy_from_slice(&[0x14, 0xfb, 0x9c, 0x03, 0xd9, 0x7e]);
        bytes[6..9].copy_from_slice(&[0xff, 0xff, 0xfe]);
        let text = Secret { kind: Kind::Session, bytes }.reveal();
        assert!(text.starts_with("ts_FPucA9l-___-AAAA"), "{text}");
        assert_eq!(text.len(), 46);
    }

    #[test]
    fn an_api_token_is_known_by_its_form_and_a_slip_is_found() {
        let text = Secret::new(&Sys::real(), Kind::ApiToken).reveal();
        assert!(text.starts_with("tnr_") && text.len() == 4 + TEXT + CHECK, "{text}");
        for (place, letter) in text.char_indices().skip(4) {
            let other = if letter == 'A' { "B" } else { "A" };
            let mut slip = text.clone();
            slip.replace_range(place..=place, other);
            assert!(Secret::parse(Kind::ApiToken, &slip).is_none(), "{slip}");
        }
        for wrong in ["tnr_", "", "tnr_é", &text[..text.len() - 1], &format!("{text}A"), &text[4..]] {
            assert!(Secret::parse(Kind::ApiToken, wrong).is_none(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_api_token_reads_back(bytes: [u8; 32]) {
            let secret = Secret { kind: Kind::ApiToken, bytes };
            let back = Secret::parse(Kind::ApiToken, &secret.reveal()).expect("its own text");
            prop_assert_eq!(back.digest(), secret.digest());
        }

        #[test]
        fn every_secret_reads_back(bytes: [u8; 32]) {
            let secret = Secret { kind: Kind::PasswordLink, bytes };
            let back = Secret::parse(Kind::PasswordLink, &secret.reveal()).expect("its own text");
            prop_assert_eq!(back.bytes, bytes);
        }

        #[test]
        fn what_reads_at_all_is_the_one_text_of_its_secret(text in "(ts_)?[A-Za-z0-9_=+é-]{40,46}") {
            if let Some(secret) = Secret::parse(Kind::Session, &text) {
                prop_assert_eq!(secret.reveal(), text);
            }
        }
    }
}
