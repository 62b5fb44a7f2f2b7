//! The customer apps beside the portal: the help centre and the request form (rule 8).
//!
//! Each is off, for those who have signed in, or open to everybody. What is open stays open to a deactivated customer,
//! who may read on and may write as anybody may. An open form proves nothing about who sent it, so it never lets anybody
//! in: what it brings is a ticket, whose requester is whoever has the address.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    actor::Authority,
    id::PersonId,
    item::words,
    person::{Kind, Person, Status, StatusWord},
    refusal::Refusal,
};

/// One app: whether there is one, and for whom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct App {
    /// Whether it is on.
    pub on: bool,
    /// Whether it is for those who have signed in only.
    pub needs_login: bool,
}

impl App {
    /// Whether it is on, and open to everybody.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.on && !self.needs_login
    }
}

words! {
    /// What becomes of an anonymous request from the address of somebody deactivated.
    FormPolicy:
    /// It becomes a ticket like any other, which says so.
    Flag = "flag", "Accepted and flagged";
    /// An administrator looks at it before it becomes a ticket.
    Hold = "hold", "Held for review";
    /// It is not taken, and its sender is told.
    Refuse = "refuse", "Refused with an answer";
}

words! {
    /// How an item came, as far as it says who requested it.
    Arrival:
    /// From somebody signed in, or made at the desk or the machine.
    Known = "known", "Known";
    /// By the open form: nobody has proved that the address is theirs.
    Unproven = "unproven", "By the open request form";
    /// As that, and the address belonged to somebody deactivated.
    Flagged = "flagged", "From a deactivated person";
}

/// The customer apps of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apps {
    /// The help centre.
    pub help: App,
    /// The request form.
    pub form: App,
    /// What becomes of requests from the addresses of deactivated people.
    pub policy: FormPolicy,
}

impl Default for Apps {
    fn default() -> Self {
        Self { help: App::default(), form: App::default(), policy: FormPolicy::Flag }
    }
}

/// Who looks: nobody known, or whoever is signed in, with their status as it is now.
pub type Reader = Option<(Kind, StatusWord)>;

/// Whether somebody may use an app. Users always may: they write what stands in it, and look at it before others do.
/// What is open is so for everybody, somebody deactivated too.
pub fn may_use(app: App, reader: Reader) -> Result<(), Refusal> {
    match reader {
        Some((Kind::User, StatusWord::Active)) => Ok(()),
        _ if !app.on => Err(Refusal::AppClosed),
        _ if !app.needs_login => Ok(()),
        Some((Kind::Customer, StatusWord::Active)) => Ok(()),
        Some((_, StatusWord::Deactivated)) => Err(Refusal::ActorDeactivated),
        Some((_, StatusWord::Invited)) | None => Err(Refusal::NotSignedIn),
    }
}

/// What becomes of a request that the open form brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// The address is nobody's yet: it becomes a customer in this state, who has no way in, and their ticket.
    New(Status),
    /// It becomes a ticket of whoever has the address.
    From(PersonId, Arrival),
    /// It waits for an administrator.
    Held(PersonId),
}

/// Takes a request from the open form; `sender` is who has the address that was typed (rule 8).
pub fn receive(apps: &Apps, sender: Option<&Person>, now: Timestamp) -> Result<Received, Refusal> {
    // Whoever is signed in sends theirs in the portal, where it is known who asks.
    may_use(apps.form, None)?;
    let Some(sender) = sender else {
        return Ok(Received::New(Status::Active { since: now }));
    };
    match (sender.status.word(), apps.policy) {
        (StatusWord::Active | StatusWord::Invited, _) => Ok(Received::From(sender.id, Arrival::Unproven)),
        (StatusWord::Deactivated, FormPolicy::Flag) => Ok(Received::From(sender.id, Arrival::Flagged)),
        (StatusWord::Deactivated, FormPolicy::Hold) => Ok(Received::Held(sender.id)),
        (StatusWord::Deactivated, FormPolicy::Refuse) => Err(Refusal::AddressNotAccepted),
    }
}

/// Whether the actor may accept or discard what is held for review, and set the apps up.
pub fn may_review(authority: &Authority) -> Result<(), Refusal> {
    authority.may_administer()
}
