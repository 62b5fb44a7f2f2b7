//! What went wrong, in words: a measure or a trial that cannot be trusted is none.

/// An error of any kind; it ends the measure or the trial.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a step answers.
pub type Result<T> = std::result::Result<T, Failure>;

/// Says where an error came from.
pub trait During<T> {
    /// Puts `what` before the error's own words.
    fn during(self, what: impl std::fmt::Display) -> Result<T>;
}

impl<T, E: std::fmt::Display> During<T> for std::result::Result<T, E> {
    fn during(self, what: impl std::fmt::Display) -> Result<T> {
        self.map_err(|error| format!("{what}: {error}").into())
    }
}
