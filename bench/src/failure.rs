//! What went wrong, in words: a measure that cannot be trusted is no measure.

/// An error of any kind; it ends the measure.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a step of a measure answers.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Says where an error came from.
pub(crate) trait During<T> {
    /// Puts `what` before the error's own words.
    fn during(self, what: impl std::fmt::Display) -> Result<T>;
}

impl<T, E: std::fmt::Display> During<T> for std::result::Result<T, E> {
    fn during(self, what: impl std::fmt::Display) -> Result<T> {
        self.map_err(|error| format!("{what}: {error}").into())
    }
}
