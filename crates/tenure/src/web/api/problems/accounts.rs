//! The problems of accounts: coming, changing, going.

use domain::{
    Refusal,
    id::PersonId,
    license::Licenses,
    person::{Kind, StatusWord},
    role::Role,
};

use super::{IntoResponses, Responses, Sample, finding, naming, reading, responses, versioned, writing};
use crate::error::Error;

fn somebody() -> PersonId {
    PersonId::from_uuid(uuid::Uuid::nil())
}

/// Rule 13: the address is somebody's.
fn address() -> Vec<Sample> {
    let (person, kind, name) = (somebody(), Kind::User, "Ada Lovelace".to_owned());
    vec![
        Error::field("email", "Enter an email address.").into(),
        Refusal::AddressOfDeactivated { person, kind, name: name.clone() }.into(),
        Refusal::AddressTaken { person, kind, name, status: StatusWord::Active }.into(),
    ]
}

pub(super) fn no_license() -> Vec<Sample> {
    let licenses = Licenses { owned: 10, used: 10, price: None };
    vec![
        Refusal::LicensesExhausted { licenses, needed: 1 }.into(),
        Refusal::OwnedOutOfRange { most: domain::license::MOST_OWNED }.into(),
    ]
}

fn confirmed() -> Vec<Sample> {
    vec![
        Error::field("password", "Enter your own password to confirm.").into(),
        Refusal::WrongPassword.into(),
        Refusal::ConfirmationMismatch.into(),
    ]
}

fn no_deletion() -> Vec<Sample> {
    vec![
        Refusal::DeleteSelf.into(),
        Refusal::DeleteOwner.into(),
        Refusal::DeleteAdministrator.into(),
        Refusal::InvitedIsWithdrawn.into(),
    ]
}

fn not_invited() -> Vec<Sample> {
    vec![Refusal::NotInvited { status: StatusWord::Active }.into()]
}

fn no_link() -> Vec<Sample> {
    vec![
        Refusal::DeactivatedGetsNoLink.into(),
        Refusal::InvitedIsSentAgain.into(),
        Refusal::OwnerByOwnerOnly.into(),
    ]
}

pub(super) fn undo() -> Vec<Sample> {
    vec![
        Refusal::UndoneAlready.into(),
        Refusal::UndoTooLate { until: jiff::Timestamp::UNIX_EPOCH }.into(),
        Refusal::UndoOvertaken.into(),
    ]
}

problems! {
    /// Problems of inviting or adding somebody.
    OfInvite = reading(), writing(), naming("team"), address(), no_license(), vec![
        Refusal::RoleNotGiven { role: Role::Owner }.into(),
    ];
    /// Problems of sending an invitation again.
    OfSendAgain = reading(), writing(), finding(), not_invited(), no_license();
    /// Problems of withdrawing one.
    OfWithdraw = reading(), writing(), finding(), not_invited();
    /// Problems of making a set-password link.
    OfLink = reading(), writing(), finding(), no_link();
    /// Problems of changing a profile.
    OfProfile = reading(), writing(), versioned(), finding(), address(), vec![Refusal::OwnerByOwnerOnly.into()];
    /// Problems of changing a role.
    OfRole = reading(), writing(), versioned(), finding(), vec![
        Error::field("role", "Say member or administrator.").into(),
        Refusal::RoleNotGiven { role: Role::Owner }.into(),
        Refusal::OwnerByTransferOnly.into(),
        Refusal::OwnRole.into(),
        Refusal::DeactivatedGetsNothingNew.into(),
    ];
    /// Problems of passing ownership on.
    OfOwnership = reading(), writing(), finding(), confirmed(), vec![
        Refusal::OwnerOnly.into(),
        Refusal::NewOwnerNotActive.into(),
    ];
    /// Problems of making a customer a user.
    OfConvert = reading(), writing(), versioned(), finding(), no_license(), vec![
        Refusal::DeactivatedGetsNothingNew.into(),
        Refusal::InvitedIsSentAgain.into(),
        Refusal::CustomersOnly.into(),
    ];
    /// Problems of deleting somebody.
    OfDelete = reading(), writing(), versioned(), finding(), confirmed(), no_deletion();
    /// Problems of sessions.
    OfSessions = reading(), finding(), vec![Refusal::AdministratorsOnly.into()];
    /// Problems of ending sessions.
    OfEndSessions = reading(), writing(), finding();
    /// Problems of undoing a step.
    OfUndo = reading(), writing(), naming("step"), undo(), no_license();
}
