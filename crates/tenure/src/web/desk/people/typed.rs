//! What was typed into a dialog, and what of an error belongs to which of its fields.

use domain::Refusal;

use crate::{
    error::{Error, Result},
    web::desk::form::Refused,
};

const STALE: &str = "This has changed since you opened it, so nothing was done. What you see now is how it is: \
                     look again before you confirm.";

/// Sorts an error to the fields of the dialogs; hands back what no dialog can mend.
pub(super) fn placed(error: Error) -> Result<Refused> {
    let field = match error.refusal() {
        Some(Refusal::ReviewNotInFuture { .. }) => Some("review_on"),
        Some(Refusal::WrongPassword) => Some("password"),
        Some(
            Refusal::ConfirmationMismatch
            | Refusal::AddressTaken { .. }
            | Refusal::AddressOfDeactivated { .. },
        ) => Some("email"),
        _ => None,
    };
    let stale = matches!(error, Error::Stale);
    let refused = Refused::of(error)?;
    Ok(match field {
        Some(field) => refused.at(field),
        None if stale => refused.saying(STALE),
        None => refused,
    })
}
