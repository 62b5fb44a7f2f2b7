//! What the audit log knows as an action (rule 11).

use serde::{Deserialize, Serialize};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $title:literal;)*) => {
        /// A thing done that the audit log records.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Action {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word in the database, the API, the CLI and CSV.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// What a person reads.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }

            /// Reads [`Action::word`] back.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.word() == word)
            }
        }
    };
}

actions! {
    /// A workspace began.
    WorkspaceCreated = "workspace.created", "Created the workspace";
    /// Workspace settings changed.
    SettingsChanged = "settings.changed", "Changed settings";
    /// The number of licenses owned, or their price, changed.
    LicensesChanged = "licenses.changed", "Changed licenses";
    /// Somebody was invited.
    Invited = "person.invited", "Invited";
    /// An invitation was sent again.
    InvitationSentAgain = "invitation.sent-again", "Sent the invitation again";
    /// An invitation was withdrawn.
    InvitationWithdrawn = "invitation.withdrawn", "Withdrew the invitation";
    /// An invitation was accepted.
    InvitationAccepted = "invitation.accepted", "Accepted the invitation";
    /// An invitation expired.
    InvitationExpired = "invitation.expired", "Invitation expired";
    /// Somebody was deactivated.
    Deactivated = "person.deactivated", "Deactivated";
    /// Somebody was activated.
    Activated = "person.activated", "Activated";
    /// A step was undone.
    Undone = "step.undone", "Undid a step";
    /// Somebody was deleted.
    Deleted = "person.deleted", "Deleted";
    /// A profile changed.
    ProfileChanged = "profile.changed", "Changed the profile";
    /// A role changed.
    RoleChanged = "role.changed", "Changed the role";
    /// Ownership passed on.
    OwnershipTransferred = "ownership.transferred", "Transferred ownership";
    /// A team began.
    TeamCreated = "team.created", "Created a team";
    /// A team got another name.
    TeamRenamed = "team.renamed", "Renamed a team";
    /// A team was deleted.
    TeamDeleted = "team.deleted", "Deleted a team";
    /// Somebody joined a team.
    TeamJoined = "team.joined", "Added to a team";
    /// Somebody left a team.
    TeamLeft = "team.left", "Removed from a team";
    /// A customer was added.
    CustomerAdded = "customer.added", "Added a customer";
    /// A customer registered themself in the portal.
    CustomerRegistered = "customer.registered", "Registered in the portal";
    /// A customer became a user.
    Converted = "person.converted", "Converted to user";
    /// People were brought in from a file.
    Imported = "people.imported", "Imported people";
    /// A file added somebody, or changed what is known of them.
    PersonImported = "person.imported", "Imported";
    /// People were written to a file.
    Exported = "people.exported", "Exported people";
    /// All that is known of a person was written to a file.
    PersonExported = "person.exported", "Exported a person's data";
    /// One action on many people began.
    BulkStarted = "bulk.started", "Began to change many people";
    /// One action on many people stopped for an administrator to look at it.
    BulkPaused = "bulk.paused", "Paused a change of many people";
    /// A paused one was let go on.
    BulkResumed = "bulk.resumed", "Let a change of many people go on";
    /// A running or paused one was ended before its end.
    BulkCancelled = "bulk.cancelled", "Cancelled a change of many people";
    /// An organization began.
    OrganizationCreated = "organization.created", "Created an organization";
    /// An organization's name or domains changed.
    OrganizationChanged = "organization.changed", "Changed an organization";
    /// An organization was deleted.
    OrganizationDeleted = "organization.deleted", "Deleted an organization";
    /// A customer joined an organization.
    OrganizationJoined = "organization.joined", "Added to an organization";
    /// A customer left an organization.
    OrganizationLeft = "organization.left", "Removed from an organization";
    /// A project began.
    ProjectCreated = "project.created", "Created a project";
    /// A project's name or description changed.
    ProjectChanged = "project.changed", "Changed a project";
    /// A project was archived.
    ProjectArchived = "project.archived", "Archived a project";
    /// An archived project was brought back.
    ProjectRestored = "project.restored", "Brought a project back";
    /// A person's items were given to others.
    HandedOver = "items.handed-over", "Handed over items";
    /// A handover was taken back.
    HandoverUndone = "handover.undone", "Took back a handover";
    /// Many items were changed at once.
    ItemsChanged = "items.changed", "Changed many items";
    /// An article of the help centre began.
    ArticleCreated = "article.created", "Began an article";
    /// An article was published.
    ArticlePublished = "article.published", "Published an article";
    /// An article was taken back.
    ArticleUnpublished = "article.unpublished", "Took an article back";
    /// An article was deleted.
    ArticleDeleted = "article.deleted", "Deleted an article";
    /// A request that was held for review became a ticket.
    RequestAccepted = "request.accepted", "Accepted a held request";
    /// A request that was held for review was thrown away.
    RequestDiscarded = "request.discarded", "Discarded a held request";
    /// A directory brought somebody in.
    Provisioned = "person.provisioned", "Added from the directory";
    /// A directory deleted somebody, who stays at the desk.
    LeftDirectory = "person.left-directory", "Removed from the directory";
    /// How a token speaks SCIM changed.
    ScimChanged = "scim.changed", "Changed how a directory is synced";
    /// The brake stopped a sync.
    ScimStopped = "scim.stopped", "Stopped a sync by the brake";
    /// An administrator let a sync go on past the brake.
    ScimLetOn = "scim.let-on", "Let a sync go on past the brake";
    /// An API token was made.
    TokenMade = "token.made", "Made an API token";
    /// An API token was revoked.
    TokenRevoked = "token.revoked", "Revoked an API token";
    /// An API token was suspended by itself, not with its owner.
    TokenSuspended = "token.suspended", "Suspended an API token";
    /// A suspended API token came back.
    TokenRestored = "token.restored", "Restored an API token";
    /// A webhook was made.
    WebhookMade = "webhook.made", "Made a webhook";
    /// A webhook's name, address or choice of events changed.
    WebhookChanged = "webhook.changed", "Changed a webhook";
    /// A webhook was switched on.
    WebhookOn = "webhook.on", "Switched a webhook on";
    /// A webhook was switched off.
    WebhookOff = "webhook.off", "Switched a webhook off";
    /// A webhook got a new secret.
    WebhookSecretRotated = "webhook.secret-rotated", "Rotated a webhook's secret";
    /// Dead deliveries of a webhook were sent again.
    WebhookSentAgain = "webhook.sent-again", "Sent deliveries of a webhook again";
    /// A webhook was deleted.
    WebhookDeleted = "webhook.deleted", "Deleted a webhook";
    /// A set-password link was made.
    LinkMade = "link.made", "Made a set-password link";
    /// A password was set by a link.
    PasswordSet = "password.set", "Set a password by link";
    /// A password was changed by its owner.
    PasswordChanged = "password.changed", "Changed the password";
    /// Somebody signed in.
    SignedIn = "session.started", "Signed in";
    /// A sign-in was refused.
    SignInRefused = "sign-in.refused", "Sign-in refused";
    /// Somebody signed out.
    SignedOut = "session.signed-out", "Signed out";
    /// A session was ended.
    SessionEnded = "session.ended", "Ended a session";
    /// A deactivated person asked for a return.
    ReturnAsked = "return.asked", "Asked for a return";
    /// An administrator dismissed an asked return.
    ReturnDismissed = "return.dismissed", "Dismissed the asked return";
    /// The day to look at a deactivation again changed.
    ReviewChanged = "review.changed", "Changed the review date";
    /// A backup was restored.
    Restored = "workspace.restored", "Restored a backup";
}
