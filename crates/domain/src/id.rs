//! One id type per entity, each a `UUIDv7` inside, so that an id of one kind cannot be passed for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What every id type can do; lets helpers make or bind any of them.
pub trait Id: Copy {
    /// Wraps a UUID.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The UUID inside.
    fn uuid(self) -> Uuid;
}

/// A text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl Id for $name {
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )*};
}

ids! {
    /// One organisation's account.
    WorkspaceId,
    /// A user or a customer.
    PersonId,
    /// One signed-in browser.
    SessionId,
    /// A group of users.
    TeamId,
    /// A customer's company.
    OrganizationId,
    /// What people are grouped by: a team of users, or an organization of customers.
    GroupId,
    /// An invitation, a set-password link or a return ticket.
    LinkId,
    /// An entry of the audit log.
    AuditId,
    /// A step that can be undone.
    StepId,
    /// A change of the number of licenses owned, or of who holds one.
    LedgerId,
    /// A saved view of a grid.
    ViewId,
    /// A request, as its log lines and audit entries name it.
    RequestId,
    /// A row of the job queue.
    JobId,
    /// One action on many people.
    BatchId,
    /// A file of people that was sent to be imported.
    ImportId,
    /// A ticket or a task.
    ItemId,
    /// What items are gathered in.
    ProjectId,
    /// A reply or a note in an item's conversation.
    MessageId,
    /// A line of an item's or a project's history.
    ChangeId,
    /// A file beside an item.
    AttachmentId,
    /// Items given by one person to others.
    HandoverId,
    /// An article of the help centre.
    ArticleId,
    /// A request that waits for review before it becomes a ticket.
    HeldRequestId,
    /// A token of the JSON API.
    TokenId,
    /// Where a workspace has its events sent.
    WebhookId,
    /// One event on its way to one webhook.
    DeliveryId,
}

impl From<TeamId> for GroupId {
    fn from(team: TeamId) -> Self {
        Self(team.0)
    }
}

impl From<OrganizationId> for GroupId {
    fn from(organization: OrganizationId) -> Self {
        Self(organization.0)
    }
}
