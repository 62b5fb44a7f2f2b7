//! Tickets and tasks: their words, and who may do what with them (rules 1, 2, 5 and 8).
//!
//! Users work on every item. A customer reads what they requested or follow, replies to it, and closes or
//! reopens what they requested; a note is never theirs to read or to write. Where the workspace shares requests within
//! an organization, they read their colleagues' too, and may follow them: whoever follows may reply.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    actor::{Actor, Authority},
    id::{PersonId, ProjectId},
    lifecycle::Outcome,
    person::{Kind, Person},
    refusal::Refusal,
};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($(#[$each:meta])* $variant:ident = $word:literal, $title:literal;)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the database, the API and the CLI.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// What a person reads.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// Reads the word back.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What an item is.
    ItemKind:
    /// From a customer, or for one.
    Ticket = "ticket", "Ticket";
    /// The team's own work.
    Task = "task", "Task";
}

words! {
    /// How far an item is.
    ItemStatus:
    /// Nobody has begun.
    New = "new", "New";
    /// Somebody works on it.
    Open = "open", "Open";
    /// Somebody else has to do something first, often the requester.
    Waiting = "waiting", "Waiting";
    /// The work is done.
    Done = "done", "Done";
    /// Nothing more will be done.
    Closed = "closed", "Closed";
}

words! {
    /// What the statuses come to.
    Stage:
    /// New.
    NotStarted = "not-started", "Not started";
    /// Open or waiting.
    InProgress = "in-progress", "In progress";
    /// Done or closed.
    Finished = "finished", "Finished";
}

impl ItemStatus {
    /// The statuses of what is not finished.
    pub const UNFINISHED: [Self; 3] = [Self::New, Self::Open, Self::Waiting];

    /// What the status comes to.
    #[must_use]
    pub const fn stage(self) -> Stage {
        match self {
            Self::New => Stage::NotStarted,
            Self::Open | Self::Waiting => Stage::InProgress,
            Self::Done | Self::Closed => Stage::Finished,
        }
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        matches!(self.stage(), Stage::Finished)
    }
}

words! {
    /// How urgent an item is; the most urgent comes first.
    Priority:
    /// Now.
    Urgent = "urgent", "Urgent";
    /// Next.
    High = "high", "High";
    /// As it comes.
    Normal = "normal", "Normal";
    /// When there is time.
    Low = "low", "Low";
}

impl Priority {
    /// The number in the database: 1 is the most urgent.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Urgent => 1,
            Self::High => 2,
            Self::Normal => 3,
            Self::Low => 4,
        }
    }

    /// Reads [`Priority::number`] back.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.number() == number)
    }
}

words! {
    /// A person's part in an item or a project; the requester stands in the item itself.
    Part:
    /// Works on it; a user.
    Assignee = "assignee", "Assignee";
    /// Is told of it; a user or a customer.
    Follower = "follower", "Follower";
}

words! {
    /// Who sees a message.
    MessageKind:
    /// Everybody who sees the item, customers too.
    Reply = "reply", "Reply";
    /// Users only.
    Note = "note", "Note";
}

/// What the rules need to know of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Ticket or task.
    pub kind: ItemKind,
    /// How far it is.
    pub status: ItemStatus,
    /// How urgent.
    pub priority: Priority,
    /// Until when.
    pub due: Option<Date>,
    /// Where it belongs.
    pub project: Option<ProjectId>,
    /// For whom.
    pub requester: Option<PersonId>,
}

/// How somebody stands to one item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// They requested it.
    pub requester: bool,
    /// They follow it.
    pub follower: bool,
    /// The requester is of their organization, in a workspace that shares requests within one.
    pub colleague: bool,
}

/// What somebody may do with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everything: a user, or the machine.
    Desk,
    /// Read and reply, and close or reopen: the customer who requested it.
    Requester,
    /// Read and reply: a customer who follows it.
    Follower,
    /// Read, and follow: a customer of the requester's organization.
    Colleague,
}

impl Access {
    /// Whether notes, and everything else that is for users, are shown.
    #[must_use]
    pub const fn sees_notes(self) -> bool {
        matches!(self, Self::Desk)
    }
}

/// Whether the actor works at the desk: an active user, or the machine.
pub fn may_work(authority: &Authority) -> Result<(), Refusal> {
    authority.may_act()?;
    match (&authority.actor, &authority.person) {
        // A service token is the workspace's own.
        (Actor::Cli { .. } | Actor::Job { .. }, _) | (Actor::Token { .. }, None) => Ok(()),
        (Actor::Person { .. } | Actor::Token { .. }, Some(person)) if person.kind == Kind::User => Ok(()),
        (Actor::Visitor { .. }, _) => Err(Refusal::NotSignedIn),
        _ => Err(Refusal::DeskOnly),
    }
}

/// What the actor may do with an item to which they stand so; `None` for a customer whom it does not concern:
/// to them there is no such item.
pub fn access(authority: &Authority, standing: Standing) -> Result<Option<Access>, Refusal> {
    match may_work(authority) {
        Ok(()) => Ok(Some(Access::Desk)),
        Err(Refusal::DeskOnly) if standing.requester => Ok(Some(Access::Requester)),
        Err(Refusal::DeskOnly) if standing.follower => Ok(Some(Access::Follower)),
        Err(Refusal::DeskOnly) if standing.colleague => Ok(Some(Access::Colleague)),
        Err(Refusal::DeskOnly) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// Whether a status may be set: by users any; by the customer who requested it closed, and open again.
pub fn set_status(access: Access, from: ItemStatus, to: ItemStatus) -> Result<Outcome<ItemStatus>, Refusal> {
    if from == to {
        return Ok(Outcome::Unchanged);
    }
    let theirs = to == ItemStatus::Closed || (from.is_finished() && to == ItemStatus::Open);
    match access {
        Access::Desk => Ok(Outcome::Changed(to)),
        Access::Requester if theirs => Ok(Outcome::Changed(to)),
        Access::Requester | Access::Follower | Access::Colleague => Err(Refusal::DeskOnly),
    }
}

/// Whether a message of this kind may be written. It needs a person: the machine has nothing to say.
pub fn may_write(authority: &Authority, access: Access, kind: MessageKind) -> Result<(), Refusal> {
    match authority.actor {
        Actor::Person { .. } | Actor::Token { person: Some(_), .. } => {}
        Actor::Token { person: None, .. } => return Err(Refusal::TokenWithoutPerson),
        Actor::Cli { .. } | Actor::Job { .. } | Actor::Visitor { .. } => return Err(Refusal::NotSignedIn),
    }
    match (access, kind) {
        (Access::Desk, _) | (Access::Requester | Access::Follower, MessageKind::Reply) => Ok(()),
        (Access::Colleague, MessageKind::Reply) => Err(Refusal::FollowToReply),
        (_, MessageKind::Note) => Err(Refusal::DeskOnly),
    }
}

/// The status after a message: a customer's reply brings back what waited for them or was finished.
#[must_use]
pub fn after_message(author: Kind, kind: MessageKind, status: ItemStatus) -> ItemStatus {
    match (author, kind, status) {
        (Kind::Customer, MessageKind::Reply, ItemStatus::Waiting | ItemStatus::Done | ItemStatus::Closed) => {
            ItemStatus::Open
        }
        _ => status,
    }
}

/// Whether somebody may be mentioned in a message. A customer never sees a note.
pub fn may_mention(target: &Person, kind: MessageKind) -> Result<(), Refusal> {
    if kind == MessageKind::Note && target.kind != Kind::User {
        return Err(Refusal::UsersOnly);
    }
    crate::part::may_receive(target)
}

/// Who gets the items of a handover: one after the other in turn.
///
/// `held[n]` are those among the receivers who are assigned to the item already; they are passed over as long as
/// there is somebody else, so that no item ends with fewer hands by chance of the turn.
#[must_use]
pub fn deal(receivers: &[PersonId], held: &[Vec<PersonId>]) -> Vec<PersonId> {
    let mut turn = receivers.iter().copied().cycle();
    let mut dealt = Vec::with_capacity(held.len());
    for held in held {
        let mut receiver = turn.next();
        for _ in 1..receivers.len() {
            match receiver {
                Some(one) if held.contains(&one) => receiver = turn.next(),
                _ => break,
            }
        }
        dealt.extend(receiver);
    }
    dealt
}
