//! What programs and open pages are told as it happens: one event for each thing done, and who may hear of it.
//!
//! An event says that something happened and to whom, by ids and words alone; names and texts are read where they are.

use serde::{Deserialize, Serialize};

use crate::{audit::Action, item::MessageKind};

/// Who may hear of an event (product.md, "Who sees what").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Administrators alone: licenses, settings, sign-ins, what the audit log holds.
    Administrators,
    /// Administrators; users hear that it happened and to whom, not by whom nor how: they see the status of a
    /// person, not why or until when.
    Brief,
    /// Every user: the work.
    Users,
}

/// How much of an event somebody hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hears {
    /// Nothing.
    Nothing,
    /// That it happened, and to whom.
    Brief,
    /// All of it.
    All,
}

impl Audience {
    /// Every audience.
    pub const ALL: [Self; 3] = [Self::Administrators, Self::Brief, Self::Users];

    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Administrators => "administrators",
            Self::Brief => "brief",
            Self::Users => "users",
        }
    }

    /// Reads [`Audience::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.word() == word)
    }

    /// How much a user hears, who has the rights of an administrator here or has not.
    #[must_use]
    pub const fn hears(self, administers: bool) -> Hears {
        match (self, administers) {
            (_, true) | (Self::Users, false) => Hears::All,
            (Self::Brief, false) => Hears::Brief,
            (Self::Administrators, false) => Hears::Nothing,
        }
    }
}

/// What happens to the work, beside what the audit log records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkTopic {
    /// An item began.
    ItemCreated,
    /// A field or a part of an item changed.
    ItemChanged,
    /// A reply or a note was written.
    MessageAdded,
}

impl WorkTopic {
    /// Every topic.
    pub const ALL: [Self; 3] = [Self::ItemCreated, Self::ItemChanged, Self::MessageAdded];

    /// The word in events.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ItemCreated => "item.created",
            Self::ItemChanged => "item.changed",
            Self::MessageAdded => "message.added",
        }
    }
}

/// Whether customers hear of what happens to a request that they may see: of what its page in the portal shows. `detail`
/// is the field that changed, or the kind of the message.
#[must_use]
pub fn reaches_customers(topic: &str, detail: &str) -> bool {
    match topic {
        topic if topic == WorkTopic::ItemCreated.word() => true,
        topic if topic == WorkTopic::ItemChanged.word() => {
            ["status", "title", "description", "assignee", "requester"].contains(&detail)
        }
        topic if topic == WorkTopic::MessageAdded.word() => detail == MessageKind::Reply.word(),
        _ => false,
    }
}

/// Who hears of what the audit log records as this action; `None` where nobody is told: sign-ins and what is read are
/// looked up in the log, and a person of an import is part of its one event.
#[must_use]
pub const fn audience(action: Action) -> Option<Audience> {
    use Action as A;
    Some(match action {
        A::SignedIn | A::SignInRefused | A::PersonImported | A::Exported | A::PersonExported => return None,
        A::Invited
        | A::InvitationWithdrawn
        | A::InvitationAccepted
        | A::InvitationExpired
        | A::Deactivated
        | A::Activated
        | A::Undone
        | A::Deleted
        | A::ProfileChanged
        | A::RoleChanged
        | A::OwnershipTransferred
        | A::TeamCreated
        | A::TeamRenamed
        | A::TeamDeleted
        | A::TeamJoined
        | A::TeamLeft
        | A::CustomerAdded
        | A::Provisioned
        | A::LeftDirectory
        | A::CustomerRegistered
        | A::Converted
        | A::Imported
        | A::OrganizationCreated
        | A::OrganizationChanged
        | A::OrganizationDeleted
        | A::OrganizationJoined
        | A::OrganizationLeft => Audience::Brief,
        A::ProjectCreated
        | A::ProjectChanged
        | A::ProjectArchived
        | A::ProjectRestored
        | A::HandedOver
        | A::HandoverUndone
        | A::ItemsChanged
        | A::ArticleCreated
        | A::ArticlePublished
        | A::ArticleUnpublished
        | A::ArticleDeleted => Audience::Users,
        _ => Audience::Administrators,
    })
}
