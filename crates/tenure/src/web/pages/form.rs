//! Forms that were refused are drawn again, with what was typed and what is wrong with it.

use axum::http::StatusCode;
use domain::Refusal;

use crate::{
    error::{Error, FieldError, Result},
    web::{failure, view::Field},
};

/// What a refused form shows.
#[derive(Debug, Default)]
pub(in crate::web) struct Refused {
    /// The status of the answer.
    pub(in crate::web) status: StatusCode,
    /// What stands above the form.
    pub(in crate::web) error: Option<String>,
    fields: Vec<FieldError>,
}

impl Refused {
    /// Nothing is wrong: the form is drawn for the first time.
    pub(in crate::web) fn none() -> Self {
        Self::default()
    }

    /// One field is wrong.
    pub(in crate::web) fn wrong(field: &'static str, message: impl Into<String>) -> Self {
        let fields = vec![FieldError { field, message: message.into() }];
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, error: None, fields }
    }

    /// Refused for what the form shows in its own way.
    pub(in crate::web) fn with(status: StatusCode) -> Self {
        Self { status, ..Self::default() }
    }

    /// What was shown before does not hold any more: it is shown as it is now, and nothing was done.
    pub(in crate::web) fn overtaken() -> Self {
        let words = "Something has changed since you saw this, so nothing was done. What you see now is how it is: \
                     look again before you confirm.";
        Self::with(StatusCode::CONFLICT).saying(words)
    }

    /// Whether the form was sent at all.
    pub(in crate::web) fn was_sent(&self) -> bool {
        self.status != StatusCode::OK
    }

    /// What of an error belongs into its form. Whoever may not be here at all, and what failed on our
    /// side, gets the error's own page.
    pub(in crate::web) fn of(error: Error) -> Result<Self> {
        let status = failure::status(&error);
        let text = match error {
            Error::Invalid(fields) => return Ok(Self { status, error: None, fields }),
            Error::Stale => {
                "This was changed by somebody meanwhile, so nothing was saved. What you typed is \
                             still here: look it over and save again."
                    .to_owned()
            }
            Error::TooMany { .. } => error.to_string(),
            Error::Refused(refusal) if !concerns_the_actor(&refusal) => refusal.to_string(),
            other => return Err(other),
        };
        Ok(Self { status, error: Some(text), fields: Vec::new() })
    }

    /// With these words above the form.
    pub(in crate::web) fn saying(self, words: impl Into<String>) -> Self {
        Self { error: Some(words.into()), ..self }
    }

    /// With more words above the form.
    pub(in crate::web) fn adding(mut self, words: &str) -> Self {
        if let Some(error) = &mut self.error {
            error.push(' ');
            error.push_str(words);
        }
        self
    }

    /// The refusal stands at a field instead of above the form.
    pub(in crate::web) fn at(mut self, field: &'static str) -> Self {
        if let Some(message) = self.error.take() {
            self.fields.push(FieldError { field, message });
        }
        self
    }

    /// What is wrong with a field.
    pub(in crate::web) fn message(&self, name: &str) -> Option<String> {
        self.fields.iter().find(|field| field.field == name).map(|field| field.message.clone())
    }

    /// A field as it was typed, with what is wrong with it.
    pub(in crate::web) fn field(&self, name: &str, typed: &str) -> Field {
        Field { value: typed.to_owned(), error: self.message(name) }
    }

    /// The wrong fields as an error again: for an answer that is no form.
    pub(in crate::web) fn into_error(self) -> Error {
        Error::Invalid(self.fields)
    }

    /// What stands above the form: the refusal, or what is wrong with fields that cannot say it themselves.
    pub(in crate::web) fn above(&self, fields: &[&str]) -> Option<String> {
        let words = fields.iter().filter_map(|name| self.message(name)).collect::<Vec<_>>();
        self.error.clone().or_else(|| (!words.is_empty()).then(|| words.join(" ")))
    }
}

/// Every wrong field of several that were read, not only the first.
#[derive(Debug, Default)]
pub(in crate::web) struct Checked(Vec<FieldError>);

impl Checked {
    /// Keeps the value, or what is wrong with it.
    pub(in crate::web) fn read<T>(&mut self, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(Error::Invalid(fields)) => {
                self.0.extend(fields);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// All that was wrong, if anything was.
    pub(in crate::web) fn faults(self) -> Option<Error> {
        if self.0.is_empty() { None } else { Some(self.all()) }
    }

    /// All that was wrong.
    pub(in crate::web) fn all(self) -> Error {
        Error::Invalid(self.0)
    }
}

/// Whether it says that the actor may not be here at all.
pub(in crate::web) fn concerns_the_actor(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::NotSignedIn | Refusal::ActorDeactivated | Refusal::AdministratorsOnly | Refusal::OwnerOnly
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_fields_stand_at_their_fields_and_refusals_above_the_form() {
        let refused = Refused::of(Error::field("name", "Too long.")).expect("a form can show it");
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.field("name", "x").error.as_deref(), Some("Too long."));
        assert_eq!(refused.field("email", "x").error, None);
        let refused = Refused::of(Refusal::WrongPassword.into()).expect("a form can show it");
        assert_eq!(refused.error.as_deref(), Some("The password is not right."));
        assert_eq!(refused.at("password").message("password").as_deref(), Some("The password is not right."));
    }

    #[test]
    fn who_may_not_be_here_gets_no_form() {
        for refusal in [Refusal::NotSignedIn, Refusal::ActorDeactivated, Refusal::AdministratorsOnly] {
            assert!(Refused::of(refusal.into()).is_err());
        }
        assert!(Refused::of(Error::NotFound("team")).is_err());
        assert!(Refused::of(Error::Internal(String::new())).is_err());
    }
}
