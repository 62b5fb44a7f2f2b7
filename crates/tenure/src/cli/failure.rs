//! Why a command was not done: an exit code, words, and what to try next.

use std::process::ExitCode;

use domain::{Refusal, person::StatusWord};
use serde_json::{Value, json};

use super::answer::note;
use crate::{config::ConfigError, error::Error, seal::KeyError};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Refused = 3,
    NotFound = 4,
    Again = 5,
    Found = 6,
    NotConfirmed = 7,
}

impl Exit {
    pub(super) fn code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// A command that was not done.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    /// A stable name.
    kind: &'static str,
    message: String,
    hints: Vec<String>,
    details: Value,
}

impl Failure {
    fn new(exit: Exit, kind: &'static str, message: impl Into<String>) -> Self {
        Self { exit, kind, message: message.into(), hints: Vec::new(), details: Value::Null }
    }

    /// The same of a customer: the hints of a refusal that names nobody (`EMAIL`) are those of users.
    #[must_use]
    pub(super) fn of_customer(mut self) -> Self {
        for hint in &mut self.hints {
            for deed in ["activate", "withdraw", "invite"] {
                let (user, customer) =
                    (format!("tenure user {deed} EMAIL"), format!("tenure customer {deed} EMAIL"));
                *hint = hint.replace(&user, &customer);
            }
        }
        self
    }

    /// The machine or the database failed.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, "failed", message)
    }

    /// A wrong flag or value.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// Not in a state in which this may be done.
    pub(super) fn refused(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, kind, message)
    }

    /// There is no such thing.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Exit::NotFound, "not-found", message)
    }

    /// Nobody said yes.
    pub(super) fn not_confirmed(message: impl Into<String>) -> Self {
        Self::new(Exit::NotConfirmed, "not-confirmed", message)
    }

    /// Adds something to try next.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Prints it to standard error; answers the exit code.
    pub(super) fn print(&self, json: bool) -> ExitCode {
        if json {
            let error = json!({ "error": {
                "exit": self.exit as u8,
                "kind": self.kind,
                "message": self.message,
                "hints": self.hints,
                "details": self.details,
            } });
            note(&error.to_string());
        } else {
            note(&format!("error: {}", self.message));
            for hint in &self.hints {
                note(&format!("  hint: {hint}"));
            }
        }
        self.exit.code()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Refused(refusal) => refused(&refusal),
            Error::Invalid(fields) => {
                let details = json!({ "fields": fields });
                let message = fields.into_iter().map(|field| field.message).collect::<Vec<_>>().join(" ");
                Self { details, ..Self::new(Exit::Usage, "invalid", message) }
            }
            Error::Scim(_) => Self::new(Exit::Usage, "invalid", message),
            Error::NotFound(_) => Self::not_found(message),
            Error::Stale => Self::new(Exit::Again, "stale", message),
            Error::TooMany { .. } => Self::new(Exit::Again, "too-many", message),
            // Whoever has a shell here may know what failed.
            Error::Store(error) if error.is_transient() => Self::new(Exit::Again, "busy", error.to_string()),
            Error::Store(error) => Self::failed(error.to_string()),
            Error::Internal(why) => Self::failed(why),
        }
    }
}

fn refused(refusal: &Refusal) -> Failure {
    let mut failure = Failure::refused(refusal.name(), refusal.to_string());
    failure.details = serde_json::to_value(refusal).unwrap_or_default();
    match refusal {
        Refusal::LicensesExhausted { .. } => failure
            .hint("--add-license adds one; for many, --add-licenses adds those that are missing")
            .hint("for an activation, --swap EMAIL deactivates another user in the same step")
            .hint("tenure user list --status never shows who never signed in"),
        Refusal::OwnedBelowUsed { .. } => failure.hint("tenure user deactivate EMAIL frees a license"),
        Refusal::AddressOfDeactivated { person, kind, .. } => failure
            .hint(format!("tenure {} activate {person} brings them back as they were", kind.word()))
            .hint("for someone else with this address, change the address of the old account first"),
        Refusal::AddressTaken { person, kind, status: StatusWord::Invited, .. } => {
            failure.hint(format!("tenure {} invite {person} --again makes a new link", kind.word()))
        }
        Refusal::AddressTaken { person, kind, .. } => {
            failure.hint(format!("tenure {} show {person}", kind.word()))
        }
        Refusal::InvitedIsWithdrawn => failure.hint("tenure user withdraw EMAIL"),
        Refusal::InvitedIsSentAgain => failure.hint("tenure user invite EMAIL --again makes a new link"),
        Refusal::DeactivatedGetsNoLink | Refusal::NewOwnerNotActive => {
            failure.hint("tenure user activate EMAIL")
        }
        Refusal::TeamNameTaken { .. } => failure.hint("tenure team list shows all"),
        Refusal::DeleteAdministrator => failure.hint("tenure user role EMAIL member"),
        Refusal::DeactivateOwner | Refusal::DeleteOwner | Refusal::OwnerByTransferOnly => {
            failure.hint("tenure owner set EMAIL --reason … makes another user the owner")
        }
        Refusal::BrakeWouldPass { .. } => failure
            .hint("--past-the-brake does it all the same")
            .hint("tenure bulk brake shows and sets the brake"),
        Refusal::LicenseIsFree => failure.hint("leave out --swap"),
        Refusal::WorkspaceNeedsHost { lost, itself } => {
            let others = lost.len() - usize::from(*itself);
            let mut failure = failure;
            for name in &lost[..others] {
                failure = failure.hint(format!("tenure workspace host HOST --workspace \"{name}\", first"));
            }
            if *itself { failure.hint("--host HOST gives the new one a host") } else { failure }
        }
        _ => failure,
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string()).hint("tenure config prints every key with what it allows")
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let missing = matches!(error, KeyError::Missing(_));
        let failure = Self::failed(error.to_string());
        if missing { failure.hint("--audit-key FILE names the file where it is") } else { failure }
    }
}
