//! The one error type: a public part that doors render, and a private context that only logs see.

use std::fmt;

use domain::Refusal;

use crate::store;

/// What everything in this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is wrong with one field of an input, for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The field's name in the form, or its JSON pointer without the leading slash.
    pub field: &'static str,
    /// What to do about it.
    pub message: String,
}

/// Why an op was not done.
#[derive(Debug)]
pub enum Error {
    /// A rule says no.
    Refused(Box<Refusal>),
    /// Fields are wrong or over a limit.
    Invalid(Vec<FieldError>),
    /// There is no such thing in this workspace; says what kind of thing.
    NotFound(&'static str),
    /// A form or preview was made from an older state; nothing was done.
    Stale,
    /// Too many tries.
    TooMany {
        /// Seconds after which it is worth trying again.
        retry_after: u64,
    },
    /// A request by SCIM is wrong.
    Scim(Box<crate::scim::Problem>),
    /// The store failed; the context is for the log.
    Store(store::Error),
    /// A defect or the machine failed; the context is for the log.
    Internal(String),
}

impl Error {
    /// One wrong field.
    #[must_use]
    pub fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field, message: message.into() }])
    }

    /// The refusal inside, if a rule said no.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// The public part: never names tables, files or causes.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Invalid(fields) => {
                for (index, field) in fields.iter().enumerate() {
                    let gap = if index == 0 { "" } else { "; " };
                    write!(f, "{gap}{}: {}", field.field, field.message)?;
                }
                Ok(())
            }
            Self::Scim(problem) => problem.fmt(f),
            Self::NotFound(what) => write!(f, "There is no such {what}."),
            Self::Stale => f.write_str("This has changed meanwhile. Nothing was done."),
            Self::TooMany { retry_after } => {
                let unit = if *retry_after == 1 { "second" } else { "seconds" };
                write!(f, "Too many tries. Try again in {retry_after} {unit}.")
            }
            Self::Store(error) if error.is_unknown() => f.write_str(
                "Something went wrong on our side, and it is not known whether this was done. Look before you send it again.",
            ),
            Self::Store(error) if error.is_full() => {
                f.write_str("The server's disk is full: nothing can be saved until there is room. Nothing was changed.")
            }
            Self::Store(_) | Self::Internal(_) => {
                f.write_str("Something went wrong on our side. Nothing was changed.")
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<crate::scim::Problem> for Error {
    fn from(problem: crate::scim::Problem) -> Self {
        Self::Scim(Box::new(problem))
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}
