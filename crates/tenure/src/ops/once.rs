//! What a form makes once, however often it is sent: it carries the id of what is to be, which a repeat finds taken.

use crate::error::{Error, Result};

/// What became of something that was to be made with an id of the form's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once<T> {
    /// It is made now.
    Now(T),
    /// It was made before: nothing was done.
    Before,
}

impl<T> Once<T> {
    /// What was made of an id that nothing else has.
    pub(crate) fn fresh(self) -> Result<T> {
        match self {
            Self::Now(made) => Ok(made),
            Self::Before => Err(Error::Internal("a new id is taken".into())),
        }
    }
}
