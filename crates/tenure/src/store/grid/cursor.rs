//! Places in an ordered list, as opaque text in addresses.
//!
//! A cursor holds the values that the list is ordered by, not the id alone: the person it was made from may have
//! moved or gone meanwhile, and the page still continues where it was.

use std::fmt;

use domain::{
    id::{GroupId, PersonId},
    person::StatusWord,
};
use uuid::Uuid;

use super::query::Sort;

/// Which side of a place a page is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The page begins after the place.
    After,
    /// The page ends before the place.
    Before,
}

impl Side {
    /// The name of its parameter in query strings.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::After => "after",
            Self::Before => "before",
        }
    }
}

/// Where a page begins or ends. Its text is opaque; [`Side::word`] names the parameter that carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Which side of the place.
    pub side: Side,
    pub(crate) place: Place,
}

/// A row's place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) group: Option<GroupKey>,
    pub(crate) key: Key,
    pub(crate) person: PersonId,
}

/// A group's place; who is in none comes last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GroupKey {
    In(Vec<u8>, GroupId),
    Ungrouped,
}

/// The value that rows are ordered by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Name(Vec<u8>),
    Email(String),
    Status(StatusWordText, Vec<u8>),
    LastSignIn(i64),
    Created(i64),
}

/// A status ordered as its word is, which is how the database orders it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusWordText(pub(crate) StatusWord);

impl Ord for StatusWordText {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.word().cmp(other.0.word())
    }
}

impl PartialOrd for StatusWordText {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Begins the text; another number when the form or the collation keys change.
const FORM: u8 = b'A' + (crate::text::SortKeys::VERSION % 26) as u8;
/// Longer than any sort key or address: what is longer was not made here.
const LONGEST: usize = 4_096;

impl Place {
    /// Whether it is a place in a list so ordered.
    pub(crate) fn fits(&self, sort: Sort, grouped: bool) -> bool {
        let same = matches!(
            (&self.key, sort),
            (Key::Name(_), Sort::Name)
                | (Key::Email(_), Sort::Email)
                | (Key::Status(..), Sort::Status)
                | (Key::LastSignIn(_), Sort::LastSignIn)
                | (Key::Created(_), Sort::Created)
        );
        same && self.group.is_some() == grouped
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORM];
        match &self.group {
            None => bytes.push(0),
            Some(GroupKey::In(sort, group)) => {
                bytes.push(1);
                put(&mut bytes, sort);
                bytes.extend(group.uuid().as_bytes());
            }
            Some(GroupKey::Ungrouped) => bytes.push(2),
        }
        match &self.key {
            Key::Name(sort) => {
                bytes.push(b'n');
                put(&mut bytes, sort);
            }
            Key::Email(email) => {
                bytes.push(b'e');
                put(&mut bytes, email.as_bytes());
            }
            Key::Status(status, sort) => {
                bytes.push(b's');
                put(&mut bytes, status.0.word().as_bytes());
                put(&mut bytes, sort);
            }
            Key::LastSignIn(at) => {
                bytes.push(b'l');
                bytes.extend(at.to_be_bytes());
            }
            Key::Created(at) => {
                bytes.push(b'c');
                bytes.extend(at.to_be_bytes());
            }
        }
        bytes.extend(self.person.uuid().as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = Reader(bytes);
        if rest.byte()? != FORM {
            return None;
        }
        let group = match rest.byte()? {
            0 => None,
            1 => Some(GroupKey::In(rest.bytes()?, GroupId::from_uuid(rest.uuid()?))),
            2 => Some(GroupKey::Ungrouped),
            _ => return None,
        };
        let key = match rest.byte()? {
            b'n' => Key::Name(rest.bytes()?),
            b'e' => Key::Email(rest.text()?),
            b's' => Key::Status(StatusWordText(StatusWord::parse(&rest.text()?)?), rest.bytes()?),
            b'l' => Key::LastSignIn(rest.number()?),
            b'c' => Key::Created(rest.number()?),
            _ => return None,
        };
        let person = PersonId::from_uuid(rest.uuid()?);
        rest.0.is_empty().then_some(Self { group, key, person })
    }
}

fn put(bytes: &mut Vec<u8>, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    bytes.extend(length.to_be_bytes());
    bytes.extend(&value[..usize::from(length)]);
}

impl Cursor {
    /// Reads the text back; `None` when it was not made here, or for another order of names.
    #[must_use]
    pub fn parse(side: Side, text: &str) -> Option<Self> {
        Some(Self { side, place: Place::from_bytes(&from_hex(text)?)? })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.place.to_bytes())
    }
}

pub(crate) fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if !text.len().is_multiple_of(2) || text.len() > 5 * LONGEST {
        return None;
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    text.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// Takes values off the front.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    pub(crate) fn number(&mut self) -> Option<i64> {
        self.take().map(i64::from_be_bytes)
    }

    pub(crate) fn uuid(&mut self) -> Option<Uuid> {
        self.take().map(Uuid::from_bytes)
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        let length = usize::from(u16::from_be_bytes(self.take()?));
        if length > LONGEST {
            return None;
        }
        let (value, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(value.to_vec())
    }

    fn text(&mut self) -> Option<String> {
        // PostgreSQL takes no NUL in text.
        String::from_utf8(self.bytes()?).ok().filter(|text| !text.contains('\0'))
    }
}
