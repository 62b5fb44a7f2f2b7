//! What people type as names and addresses: cleaned, compared, sorted and searched.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

mod codes;
mod grams;
pub mod markdown;
pub mod slug;

pub use codes::{Excerpt, Sought, codes, excerpt, readable};
pub use grams::{Piece, Query, grams, pattern_of, query_grams, search_text};

/// Why a name or an address was refused. The message is for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but blanks.
    #[error("Enter {0}.")]
    Empty(&'static str),
    /// Longer than the limit, in characters.
    #[error("{what} may have at most {limit} characters; this has {length}.")]
    TooLong {
        /// The field, as the beginning of a sentence.
        what: &'static str,
        /// The limit in characters.
        limit: usize,
        /// How many there are.
        length: usize,
    },
    /// A character that is not seen, or that turns the text around it.
    #[error(
        "{what} holds a hidden character (U+{:04X}) after “{after}”. Delete it or type the text again.",
        u32::from(*.character)
    )]
    Hidden {
        /// The field, as the beginning of a sentence.
        what: &'static str,
        /// The character.
        character: char,
        /// What stands before it.
        after: String,
    },
    /// Not an email address.
    #[error("{0}")]
    NotAnAddress(String),
}

impl TextError {
    /// As an answer about `field`.
    #[must_use]
    pub fn at(self, field: &'static str) -> crate::Error {
        crate::Error::field(field, self.to_string())
    }
}

/// The one form in which addresses are compared: two addresses with the same key are one person.
/// Blanks around are dropped, Unicode is composed (NFC), and upper and lower case are the same.
///
/// RFC 5321 would let the part before the @ differ by case; no provider does, and people type both.
#[must_use]
pub fn email_key(email: &str) -> String {
    // Lowering can decompose (İ), so the composition comes last; first it makes the input uniform.
    email.trim().nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// The domain of an address key, which says to which organization a customer belongs.
#[must_use]
pub fn domain_of(email_key: &str) -> &str {
    email_key.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// An address as typed, cleaned of blanks around it, once it looks like one. It does not try to be RFC 5321:
/// whether mail arrives is shown by mail that arrives.
///
/// `limit` is in characters (RFC 5321, section 4.5.3.1.3, allows 254 octets).
pub fn clean_email(email: &str, limit: usize) -> Result<String, TextError> {
    let email: String = email.trim().nfc().collect();
    if email.is_empty() {
        return Err(TextError::Empty("an email address"));
    }
    refuse_hidden("The email address", &email, |_| false)?;
    refuse_long("The email address", &email, limit)?;
    let wrong = |why: &str| Err(TextError::NotAnAddress(why.to_owned()));
    let mut parts = email.split('@');
    let (Some(local), Some(domain)) = (parts.next(), parts.next()) else {
        return wrong("An email address has an @, as in ada@example.org.");
    };
    if parts.next().is_some() {
        return wrong("An email address has only one @. Enter one address.");
    }
    if local.is_empty() {
        return wrong("Something is missing before the @, as in ada@example.org.");
    }
    if domain.is_empty() {
        return wrong("Something is missing after the @, as in ada@example.org.");
    }
    if let Some(odd) = email.chars().find(|c| c.is_whitespace() || "<>()[]\\,;:\"".contains(*c)) {
        return Err(TextError::NotAnAddress(if odd.is_whitespace() {
            "An email address has no blanks.".to_owned()
        } else {
            format!("An email address has no “{odd}”. Enter the address alone, as in ada@example.org.")
        }));
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return wrong("Before the @ a dot stands alone, between letters or digits.");
    }
    if domain.split('.').any(|label| label.is_empty() || label.starts_with('-') || label.ends_with('-')) {
        return wrong("After the @ comes a domain, as in example.org.");
    }
    Ok(email)
}

/// A name as typed, with blanks around dropped, inner runs of blanks made one, and Unicode composed (NFC).
/// Control characters and those that turn text around are refused: they could make one person look like
/// another (UTS #39; Trojan Source).
pub fn clean_name(name: &str, limit: usize) -> Result<String, TextError> {
    let name = squeeze(&name.nfc().collect::<String>());
    if name.is_empty() {
        return Err(TextError::Empty("a name"));
    }
    // The joiners are letters' business in Persian, Hindi or an emoji family.
    refuse_hidden("The name", &name, |c| matches!(c, '\u{200c}' | '\u{200d}'))?;
    refuse_long("The name", &name, limit)?;
    // The last is a pattern of Braille without a dot.
    if name.chars().all(|c| matches!(c, '\u{200c}' | '\u{200d}' | '\u{2800}' | ' ') || is_combining_mark(c)) {
        return Err(TextError::Empty("a name"));
    }
    Ok(name)
}

/// Text of several lines, such as a reason: blanks around dropped, NFC, line ends made `\n`. Empty is fine. What
/// comes along unseen with pasted text (soft hyphens, marks of width and direction) is dropped: it names nobody, and who
/// pasted it could not find it. `what` begins the message, as in "The reason".
pub fn clean_lines(what: &'static str, text: &str, limit: usize) -> Result<String, TextError> {
    let kept =
        |c: char| matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{b}', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
    let seen: String = text.chars().filter(|c| kept(*c) || c.is_control() || !is_hidden(*c)).collect();
    let text: String = seen.trim().nfc().collect();
    refuse_hidden(what, &text, kept)?;
    refuse_long(what, &text, limit)?;
    Ok(text)
}

fn refuse_long(what: &'static str, text: &str, limit: usize) -> Result<(), TextError> {
    let length = text.chars().count();
    if length > limit { Err(TextError::TooLong { what, limit, length }) } else { Ok(()) }
}

fn refuse_hidden(what: &'static str, text: &str, fine: impl Fn(char) -> bool) -> Result<(), TextError> {
    match text.char_indices().find(|(_, c)| is_hidden(*c) && !fine(*c)) {
        None => Ok(()),
        Some((at, character)) => {
            let mut after: Vec<char> = text[..at].chars().rev().take(10).collect();
            after.reverse();
            Err(TextError::Hidden { what, character, after: after.into_iter().collect() })
        }
    }
}

/// Controls (NUL, which PostgreSQL refuses, among them), direction marks, overrides and isolates, invisible
/// operators and fillers, line and paragraph separators, tags, private and unassigned specials.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}

/// The form in which text is searched: case, accents, ligatures and widths make no difference, so that `zoe`
/// finds `Zoë`, `strasse` finds `Straße` and `lodz` finds `Łódź`. Folding twice changes nothing.
#[must_use]
pub fn fold(text: &str) -> String {
    let bare = |text: &str| text.nfkd().filter(|c| !is_accent(*c)).collect::<String>();
    // Decomposed first, because ℌ lowers only as H; again afterwards, because lowering İ brings a new mark.
    let lower: String = bare(text).chars().flat_map(lower).collect();
    let lower: String = bare(&lower).chars().flat_map(lower_plain).collect();
    squeeze(&lower.nfc().collect::<String>())
}

/// Upper then lower is Unicode's full case folding but for rarities: ß, ſ and ς meet ss, s and σ.
fn lower(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c })
}

/// Letters that Unicode does not decompose, but people type without their stroke.
fn lower_plain(c: char) -> impl Iterator<Item = char> {
    let plain = match c {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ı' => "i",
        _ => "",
    };
    let itself = if plain.is_empty() { Some(c) } else { None };
    plain.chars().chain(itself)
}

/// Marks that readers of Latin, Greek, Cyrillic, Hebrew and Arabic leave out when they type. Vowel signs of
/// other scripts and the voicing marks of kana are letters to their readers and stay.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{200b}'..='\u{200f}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Makes the bytes by which the database sorts names as people do (Unicode collation, root order).
#[derive(Clone)]
pub struct SortKeys(std::sync::Arc<CollatorBorrowed<'static>>);

impl SortKeys {
    /// Which order the keys are in: it is raised whenever the collation data or the rule below changes, and
    /// keys kept under an older number are then made anew. Keys of different versions do not compare.
    pub const VERSION: i64 = 1;

    /// PostgreSQL indexes at most 2,704 bytes of a row. Names that agree this far are in order by their id.
    const LONGEST: usize = 512;

    /// The root collation.
    ///
    /// # Panics
    /// Never: its data is compiled in.
    #[must_use]
    pub fn new() -> Self {
        let collator =
            Collator::try_new(icu_collator::CollatorPreferences::default(), CollatorOptions::default())
                .expect("the root collation is compiled in");
        Self(std::sync::Arc::new(collator))
    }

    /// The sort key of a name or an address, at most 512 bytes.
    #[must_use]
    pub fn key(&self, text: &str) -> Vec<u8> {
        let mut key = Vec::with_capacity(text.len() * 2 + 8);
        let Ok(()) = self.0.write_sort_key_to(text, &mut key);
        key.truncate(Self::LONGEST);
        key
    }
}

impl Default for SortKeys {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for SortKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SortKeys({})", Self::VERSION)
    }
}

/// One collator for the whole program: it is read-only, and loading it takes a while.
static SORT_KEYS: LazyLock<SortKeys> = LazyLock::new(SortKeys::new);

/// The bytes by which a name sorts as people do.
#[must_use]
pub fn sort_key(name: &str) -> Vec<u8> {
    SORT_KEYS.key(name)
}

/// How many bytes of a sort key the search index has: about a letter each. Names that agree so far are in no order there.
pub const NEAR: usize = 12;

/// The beginning of a sort key, as the search index has it.
#[must_use]
pub fn near(sort_key: &[u8]) -> Vec<u8> {
    sort_key[..sort_key.len().min(NEAR)].to_vec()
}

/// One or two letters that stand for a person without picture: of the first and the last word, in capitals.
/// `?` when the name has neither letter nor digit.
#[must_use]
pub fn initials(name: &str) -> String {
    let of = |word: &str| word.nfc().find(|c| c.is_alphanumeric());
    let mut letters = name.split_whitespace().filter_map(of);
    let first = letters.next();
    let last = letters.next_back().filter(|_| first.is_some_and(|first| !grams::is_cjk(first)));
    let capitals: String = first.into_iter().chain(last).filter_map(|c| c.to_uppercase().next()).collect();
    if capitals.is_empty() { "?".to_owned() } else { capitals }
}

/// How many colours there are for people without picture.
pub const HUES: u8 = 12;

/// Which of the [`HUES`] colours a person has: from the id, so the same everywhere and for ever.
#[must_use]
pub fn hue(id: Uuid) -> u8 {
    // The head of the id is time: people made together would share a colour. SplitMix64's last steps mix all of it.
    let (head, tail) = id.as_u64_pair();
    let mut mixed = head ^ tail;
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    u8::try_from((mixed ^ mixed >> 31) % u64::from(HUES)).unwrap_or(0)
}

/// The words of a person's name and address that their password must not consist of (ASVS 5.0 6.2.11).
#[must_use]
pub fn words(text: &str) -> BTreeSet<String> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.chars().count() > 2)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
#[path = "text/tests.rs"]
mod tests;
