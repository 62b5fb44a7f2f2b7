//! Why a rule says no, with what a door needs to help.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use crate::{
    id::{OrganizationId, PersonId, ProjectId, TeamId},
    license::Licenses,
    person::{Kind, StatusWord},
    role::Role,
    token::Scope,
};

/// A rule's no. The message is public; doors add what helps (links, choices).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "kebab-case")]
pub enum Refusal {
    /// No session, or one that has ended.
    #[error("You are not signed in.")]
    NotSignedIn,
    /// The actor's own account is deactivated.
    #[error("This account is deactivated.")]
    #[serde(rename = "account-deactivated")]
    ActorDeactivated,
    /// Rule 9: only administrators do this.
    #[error("Only administrators can do this.")]
    AdministratorsOnly,
    /// Only the owner does this.
    #[error("Only the owner can do this.")]
    OwnerOnly,
    /// Rule 9: nobody deactivates themself.
    #[error("You cannot deactivate yourself. Ask another administrator.")]
    DeactivateSelf,
    /// Rule 9: nobody deletes themself.
    #[error("You cannot delete yourself. Ask another administrator.")]
    DeleteSelf,
    /// Rule 9: the owner is not deactivated.
    #[error("The owner cannot be deactivated. Transfer ownership first.")]
    DeactivateOwner,
    /// Rule 7: the owner transfers ownership before being deleted.
    #[error("The owner cannot be deleted. Transfer ownership first.")]
    DeleteOwner,
    /// Rule 7: an administrator is made a member before being deleted.
    #[error("An administrator cannot be deleted. Make them a member first.")]
    DeleteAdministrator,
    /// Rule 12: an invited person is withdrawn, not deactivated.
    #[error("This person is invited and has not joined yet. Withdraw the invitation instead.")]
    InvitedIsWithdrawn,
    /// The invitation is not open: already accepted, or the person is deactivated.
    #[error("There is no open invitation for this person.")]
    NotInvited {
        /// The person's present status.
        status: StatusWord,
    },
    /// Rule 12: an invited person joins by the invitation; there is nothing to activate.
    #[error("This person is invited and has not joined yet. Send the invitation again instead.")]
    InvitedIsSentAgain,
    /// Rule 6: no license is free.
    #[error("All {} licenses are in use.", licenses.owned)]
    LicensesExhausted {
        /// The licenses at that moment.
        licenses: Licenses,
        /// How many the step needs.
        needed: i64,
    },
    /// A number owned that is smaller than the number used.
    #[error("{used} licenses are in use, so you cannot own only {asked}. Deactivate users first.")]
    OwnedBelowUsed {
        /// What was asked for.
        asked: i64,
        /// How many are used.
        used: i64,
    },
    /// A number of licenses that makes no sense.
    #[error("The number of licenses owned must be between 1 and {most}.")]
    OwnedOutOfRange {
        /// The most that can be owned.
        most: i64,
    },
    /// Rule 6: the person chosen to free a license holds none, or is the same person.
    #[error("The person chosen to free a license does not hold one that can be freed.")]
    SwapNotPossible,
    /// Rule 6: nobody needs to leave, since a license has become free meanwhile.
    #[error("A license is free: activate without deactivating anyone.")]
    LicenseIsFree,
    /// Rule 5: a deactivated person gets nothing new.
    #[error("This person is deactivated and cannot be given anything new.")]
    DeactivatedGetsNothingNew,
    /// Rule 3: no door opens; no link is made for a deactivated person.
    #[error("This person is deactivated. Activate them first.")]
    DeactivatedGetsNoLink,
    /// Rule 13: the address belongs to a deactivated person.
    #[error("This address belongs to a deactivated person.")]
    AddressOfDeactivated {
        /// Whom it belongs to.
        person: PersonId,
        /// What they are.
        kind: Kind,
        /// The name shown.
        name: String,
    },
    /// The address belongs to somebody.
    #[error("This address already belongs to {name}.")]
    AddressTaken {
        /// Whom it belongs to.
        person: PersonId,
        /// What they are.
        kind: Kind,
        /// The name shown.
        name: String,
        /// Their status.
        status: StatusWord,
    },
    /// Rule 12: the invitation has expired; its license is free again.
    #[error("This invitation has expired. Ask an administrator to send it again.")]
    InvitationExpired,
    /// Rule 9: ownership passes only to an active user.
    #[error("Ownership can only pass to an active user.")]
    NewOwnerNotActive,
    /// The owner's role changes only by a transfer of ownership.
    #[error("The owner's role changes only by transferring ownership.")]
    OwnerByTransferOnly,
    /// Nobody changes their own role.
    #[error("You cannot change your own role. Ask another administrator.")]
    OwnRole,
    /// The owner's credentials are changed only by the owner, or at the machine.
    #[error("Only the owner can do this for the owner; or somebody at the machine.")]
    OwnerByOwnerOnly,
    /// Undo: the time is over.
    #[error("This can no longer be undone: 10 minutes have passed.")]
    UndoTooLate {
        /// Until when it could be.
        until: Timestamp,
    },
    /// Undo: it has been undone already.
    #[error("This has already been undone.")]
    UndoneAlready,
    /// Undo: the account has changed since.
    #[error("This can no longer be undone: the account has changed since.")]
    UndoOvertaken,
    /// Rule 3: one ask for a return a day.
    #[error("You have already asked for a return. You can ask once a day.")]
    ReturnAskedToday {
        /// When they can ask again.
        again: Timestamp,
    },
    /// The link has been used, has expired or was made void.
    #[error("This link no longer works. Ask an administrator for a new one.")]
    LinkVoid,
    /// Two teams of the same name.
    #[error("There is already a team of this name.")]
    TeamNameTaken {
        /// The other team.
        team: TeamId,
    },
    /// Two organizations of the same name.
    #[error("There is already an organization of this name.")]
    OrganizationNameTaken {
        /// The other organization.
        organization: OrganizationId,
    },
    /// A domain says of an address to which organization it belongs, so it cannot be two's.
    #[error("The domain {domain} already belongs to {name}.")]
    DomainTaken {
        /// The domain.
        domain: String,
        /// The other organization.
        organization: OrganizationId,
        /// Its name.
        name: String,
    },
    /// What only users are given: a team, a role, the desk.
    #[error("This is for users, and this person is a customer.")]
    UsersOnly,
    /// What only users do: work at the desk.
    #[error("Only users can do this.")]
    DeskOnly,
    /// Two projects of the same name.
    #[error("There is already a project of this name.")]
    ProjectNameTaken {
        /// The other project.
        project: ProjectId,
    },
    /// An archived project takes nothing new.
    #[error("This project is archived and takes no new items.")]
    ProjectArchived,
    /// A reply to a colleague's request.
    #[error("Follow this request first: whoever follows it can reply.")]
    FollowToReply,
    /// A handover to somebody who gives, or to nobody.
    #[error("There is nobody here whom these items can be given to.")]
    NobodyToReceive,
    /// What only customers are given: an organization, the portal.
    #[error("This is for customers, and this person is a user.")]
    CustomersOnly,
    /// The workspace does not let customers register themselves.
    #[error("This portal is by invitation only. Ask whom you know there to invite you.")]
    RegistrationClosed,
    /// The workspace has this customer app switched off.
    #[error("There is nothing here at the moment.")]
    AppClosed,
    /// Rule 8: the workspace takes no anonymous requests from the addresses of deactivated people.
    #[error("Requests from this address are not accepted.")]
    AddressNotAccepted,
    /// A review date in the past.
    #[error("The review date must be later than today.")]
    ReviewNotInFuture {
        /// Today in the workspace's time zone.
        today: Date,
    },
    /// Only a deactivation is looked at again.
    #[error("This person is not deactivated, so there is nothing to review.")]
    NotDeactivated,
    /// The role asked for is not one an administrator gives.
    #[error("The role {} is not given this way.", role.word())]
    RoleNotGiven {
        /// What was asked for.
        role: Role,
    },
    /// Rule 7: the address typed to confirm is another one.
    #[error("The email address typed is not this person's.")]
    ConfirmationMismatch,
    /// Of several workspaces on a server, each needs a host that leads to it.
    #[error("Beside another workspace nobody would find {}: no host leads to it.", lost.join(", "))]
    WorkspaceNeedsHost {
        /// The names of those that nobody would find.
        lost: Vec<String>,
        /// Whether the new one is among them: the last.
        itself: bool,
    },
    /// The number typed to confirm is another one.
    #[error("The number typed is not the number of people to be deleted.")]
    CountMismatch,
    /// The brake: more would be deactivated within its window than it lets pass.
    #[error(
        "This would deactivate {more} {}. With {recent} in the last 60 minutes that is more than the {limit} \
         that the brake lets pass.", if *more == 1 { "person" } else { "people" }
    )]
    BrakeWouldPass {
        /// How many may be deactivated within the window.
        limit: i64,
        /// How many have been.
        recent: i64,
        /// How many this would add.
        more: i64,
    },
    /// Numbers for the brake that make no sense.
    #[error("The brake's share must be between 1 and 100 percent, and its minimum between 1 and 1,000,000.")]
    BrakeOutOfRange,
    /// The action on many people is not in a state in which this can be done.
    #[error("This change of many people is {state} already.")]
    BatchIs {
        /// The word of its state.
        state: &'static str,
    },
    /// A token that nobody knows, or that was revoked: whoever shows it learns no more.
    #[error("This API token is not valid. It may have been mistyped, or revoked.")]
    TokenInvalid,
    /// A token that is suspended.
    #[error("This API token is suspended. An administrator can restore it.")]
    TokenSuspended,
    /// A token whose time is over.
    #[error("This API token has expired. Make a new one.")]
    TokenExpired {
        /// When it did.
        expired: Timestamp,
    },
    /// A token that was not made for this.
    #[error("This API token lacks the scope \"{}\".", scope.word())]
    InsufficientScope {
        /// What is needed.
        scope: Scope,
    },
    /// Tokens are made by people, who type their password, and at the machine.
    #[error("An API token makes no API tokens. Sign in to the desk, or make it at the machine.")]
    TokenMakesNoToken,
    /// What cannot be taken back is confirmed by a password, which a program has none of.
    #[error(
        "This is confirmed with a password, so an API token cannot do it. Sign in to the desk, or do it at the machine."
    )]
    TokenConfirmsNothing,
    /// A service token stands for nobody, so nothing is its own.
    #[error("This is done by a person, and a service token stands for nobody. Use a personal token.")]
    TokenWithoutPerson,
    /// A token that may do nothing.
    #[error("Choose at least one scope.")]
    TokenNeedsScope,
    /// A life that is too short or too long.
    #[error("An API token lives for 1 to {most_days} days.")]
    TokenLife {
        /// The most that can be asked for.
        most_days: i64,
    },
    /// Only a service token lives until it is revoked.
    #[error("A personal API token expires: say after how many days.")]
    PersonalTokenExpires,
    /// A revoked token comes back in no way.
    #[error("This API token was revoked. Make a new one.")]
    TokenRevoked,
    /// A webhook that is off is sent nothing.
    #[error("This webhook is off. Switch it on first.")]
    WebhookOff,
    /// The password typed to confirm is wrong.
    #[error("The password is not right.")]
    WrongPassword,
}

impl Refusal {
    /// The stable name of the problem type at the JSON door.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not-signed-in",
            Self::ActorDeactivated => "account-deactivated",
            Self::AdministratorsOnly => "administrators-only",
            Self::OwnerOnly => "owner-only",
            Self::DeactivateSelf => "deactivate-self",
            Self::DeleteSelf => "delete-self",
            Self::DeactivateOwner => "deactivate-owner",
            Self::DeleteOwner => "delete-owner",
            Self::DeleteAdministrator => "delete-administrator",
            Self::InvitedIsWithdrawn => "invited-is-withdrawn",
            Self::NotInvited { .. } => "not-invited",
            Self::InvitedIsSentAgain => "invited-is-sent-again",
            Self::LicensesExhausted { .. } => "licenses-exhausted",
            Self::OwnedBelowUsed { .. } => "owned-below-used",
            Self::OwnedOutOfRange { .. } => "owned-out-of-range",
            Self::SwapNotPossible => "swap-not-possible",
            Self::LicenseIsFree => "license-is-free",
            Self::DeactivatedGetsNothingNew => "deactivated-gets-nothing-new",
            Self::DeactivatedGetsNoLink => "deactivated-gets-no-link",
            Self::AddressOfDeactivated { .. } => "address-of-deactivated",
            Self::AddressTaken { .. } => "address-taken",
            Self::InvitationExpired => "invitation-expired",
            Self::NewOwnerNotActive => "new-owner-not-active",
            Self::OwnerByTransferOnly => "owner-by-transfer-only",
            Self::OwnRole => "own-role",
            Self::OwnerByOwnerOnly => "owner-by-owner-only",
            Self::UndoTooLate { .. } => "undo-too-late",
            Self::UndoneAlready => "undone-already",
            Self::UndoOvertaken => "undo-overtaken",
            Self::ReturnAskedToday { .. } => "return-asked-today",
            Self::LinkVoid => "link-void",
            Self::TeamNameTaken { .. } => "team-name-taken",
            Self::OrganizationNameTaken { .. } => "organization-name-taken",
            Self::DomainTaken { .. } => "domain-taken",
            Self::UsersOnly => "users-only",
            Self::DeskOnly => "desk-only",
            Self::ProjectNameTaken { .. } => "project-name-taken",
            Self::ProjectArchived => "project-archived",
            Self::FollowToReply => "follow-to-reply",
            Self::NobodyToReceive => "nobody-to-receive",
            Self::CustomersOnly => "customers-only",
            Self::RegistrationClosed => "registration-closed",
            Self::AppClosed => "app-closed",
            Self::AddressNotAccepted => "address-not-accepted",
            Self::ReviewNotInFuture { .. } => "review-not-in-future",
            Self::NotDeactivated => "not-deactivated",
            Self::RoleNotGiven { .. } => "role-not-given",
            Self::ConfirmationMismatch => "confirmation-mismatch",
            Self::WorkspaceNeedsHost { .. } => "workspace-needs-host",
            Self::CountMismatch => "count-mismatch",
            Self::BrakeWouldPass { .. } => "brake-would-pass",
            Self::BrakeOutOfRange => "brake-out-of-range",
            Self::BatchIs { .. } => "batch-is",
            Self::TokenInvalid => "token-invalid",
            Self::TokenSuspended => "token-suspended",
            Self::TokenExpired { .. } => "token-expired",
            Self::InsufficientScope { .. } => "insufficient-scope",
            Self::TokenMakesNoToken => "token-makes-no-token",
            Self::TokenConfirmsNothing => "token-confirms-nothing",
            Self::TokenWithoutPerson => "token-without-person",
            Self::TokenNeedsScope => "token-needs-scope",
            Self::TokenLife { .. } => "token-life",
            Self::PersonalTokenExpires => "personal-token-expires",
            Self::TokenRevoked => "token-revoked",
            Self::WebhookOff => "webhook-off",
            Self::WrongPassword => "wrong-password",
        }
    }
}
