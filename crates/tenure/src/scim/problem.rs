//! What is wrong with a request by SCIM (RFC 7644, section 3.12).

use std::fmt;

/// `scimType`: which of the errors that the RFC names it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The filter is malformed, or compares what cannot be compared.
    InvalidFilter,
    /// The filter would have to look at too many.
    TooMany,
    /// Somebody else has this value.
    Uniqueness,
    /// What may not be changed, or not in this state.
    Mutability,
    /// The body is malformed.
    InvalidSyntax,
    /// The path of a change names nothing.
    InvalidPath,
    /// A change has nothing to be made to.
    NoTarget,
    /// A value is missing or unsuitable.
    InvalidValue,
}

impl Kind {
    /// The word in the answer.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
        }
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            _ => 400,
        }
    }
}

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which error it is.
    pub kind: Kind,
    /// What to do about it.
    pub detail: String,
}

impl Problem {
    /// A problem.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// A value that is missing or unsuitable.
    pub fn value(detail: impl Into<String>) -> Self {
        Self::new(Kind::InvalidValue, detail)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}
