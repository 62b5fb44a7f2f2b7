//! Tokens of the JSON API: what a program shows instead of a session.
//!
//! A **personal** token is its owner's and never does more than the owner may: every use looks at the owner's status
//! and role anew. It is suspended with the owner's deactivation (rule 1) and comes back only if asked for (rule 6).
//! A **service** token is the workspace's own: it stands for nobody, has the rights of an administrator as far as its
//! scopes go, and outlives whoever made it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    actor::{Actor, Authority},
    id::{PersonId, TokenId},
    lifecycle::Outcome,
    person::{Kind, Person, Status},
    refusal::Refusal,
};

/// One thing that a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Read what every user reads.
    Read,
    /// Change items, projects and what else every user changes; read, too.
    Write,
    /// Manage people, licenses and settings, and read what only administrators read; read, too.
    People,
    /// Bring users and their teams in and out by SCIM, and nothing else.
    Scim,
    /// As [`Scope::Scim`], customers.
    #[serde(rename = "scim-customers")]
    ScimCustomers,
    /// Set up webhooks.
    Webhooks,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Write, Self::People, Self::Scim, Self::ScimCustomers, Self::Webhooks];

    /// The word in the database, the API and the CLI.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::People => "people",
            Self::Scim => "scim",
            Self::ScimCustomers => "scim-customers",
            Self::Webhooks => "webhooks",
        }
    }

    /// Reads [`Scope::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }

    /// Whether only administrators give it to a token.
    #[must_use]
    pub const fn is_for_administrators(self) -> bool {
        match self {
            Self::Read | Self::Write => false,
            Self::People | Self::Scim | Self::ScimCustomers | Self::Webhooks => true,
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Who a request is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Every user.
    Work,
    /// Administrators.
    Administration,
    /// Administrators, to set up webhooks.
    Webhooks,
}

/// The scope that a request needs; `safe` are those that only read (RFC 9110, section 9.2.1).
#[must_use]
pub const fn scope_of(need: Need, safe: bool) -> Scope {
    match (need, safe) {
        (Need::Work, true) => Scope::Read,
        (Need::Work, false) => Scope::Write,
        (Need::Administration, _) => Scope::People,
        (Need::Webhooks, _) => Scope::Webhooks,
    }
}

/// What a token was made for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Whether this one was given, or is part of one that was.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        let given = match scope {
            Scope::Read => Scope::Read.bit() | Scope::Write.bit() | Scope::People.bit(),
            other => other.bit(),
        };
        self.0 & given != 0
    }

    /// Those that were given, in their order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.0 & scope.bit() != 0)
    }

    /// Whom it brings in and out by SCIM: one kind of people, users where it was made for both.
    #[must_use]
    pub const fn scim(self) -> Option<Kind> {
        if self.has(Scope::Scim) {
            Some(Kind::User)
        } else if self.has(Scope::ScimCustomers) {
            Some(Kind::Customer)
        } else {
            None
        }
    }

    /// Whether none was given.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Reads the text back that [`std::fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.split_ascii_whitespace().map(Scope::parse).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { " " })?;
            f.write_str(scope.word())?;
        }
        Ok(())
    }
}

/// Whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// One user's.
    Personal(PersonId),
    /// The workspace's own.
    Service {
        /// Who made it; none at the machine, or when they have been deleted.
        maker: Option<PersonId>,
    },
}

impl Owner {
    /// The person for whom it stands.
    #[must_use]
    pub const fn person(self) -> Option<PersonId> {
        match self {
            Self::Personal(person) => Some(person),
            Self::Service { .. } => None,
        }
    }

    /// The word in the database, the API and the CLI.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Personal(_) => "personal",
            Self::Service { .. } => "service",
        }
    }
}

/// Why a token is suspended: what brings it back depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Suspended {
    /// With a deactivation: the undo of that step brings it back, an activation only if asked.
    Deactivation,
    /// By an administrator, alone.
    Hand,
    /// Because a backup was restored, in which later revocations are missing.
    Backup,
}

impl Suspended {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Deactivation, Self::Hand, Self::Backup];

    /// The word in the database and the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deactivation => "deactivation",
            Self::Hand => "hand",
            Self::Backup => "backup",
        }
    }

    /// Reads [`Suspended::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.word() == word)
    }
}

/// What the rules need to know of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub id: TokenId,
    /// Whose.
    pub owner: Owner,
    /// What for.
    pub scopes: Scopes,
    /// When its time is over.
    pub expires: Option<Timestamp>,
    /// Since when it is suspended, and why.
    pub suspended: Option<(Timestamp, Suspended)>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// What a token is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It can be used.
    Live,
    /// It cannot, and may come back.
    Suspended,
    /// Its time is over.
    Expired,
    /// For good.
    Revoked,
}

impl State {
    /// The word in the API and the CLI.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl Token {
    /// What it is now: what ended it for good counts before what may pass.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        if self.revoked.is_some() {
            State::Revoked
        } else if self.expires.is_some_and(|expires| expires <= now) {
            State::Expired
        } else if self.suspended.is_some() {
            State::Suspended
        } else {
            State::Live
        }
    }

    /// Rule 3: no door opens for a token that is suspended, expired or revoked.
    pub fn may_be_used(&self, now: Timestamp) -> Result<(), Refusal> {
        match (self.state(now), self.expires) {
            (State::Live, _) => Ok(()),
            (State::Suspended, _) => Err(Refusal::TokenSuspended),
            (State::Expired, Some(expired)) => Err(Refusal::TokenExpired { expired }),
            (State::Expired, None) | (State::Revoked, _) => Err(Refusal::TokenInvalid),
        }
    }

    /// Whether it was made for this.
    pub fn may(&self, scope: Scope) -> Result<(), Refusal> {
        if self.scopes.has(scope) { Ok(()) } else { Err(Refusal::InsufficientScope { scope }) }
    }

    /// Whether it may act at all, with its owner as they are now: a personal token needs its owner, an active user.
    pub fn may_act_for(&self, owner: Option<&Person>) -> Result<(), Refusal> {
        match (self.owner, owner) {
            (Owner::Service { .. }, None) => Ok(()),
            (Owner::Personal(id), Some(owner)) if owner.id == id && owner.kind == Kind::User => {
                match owner.status {
                    Status::Active { .. } => Ok(()),
                    Status::Deactivated { .. } => Err(Refusal::ActorDeactivated),
                    Status::Invited { .. } => Err(Refusal::TokenInvalid),
                }
            }
            _ => Err(Refusal::TokenInvalid),
        }
    }
}

/// How long a token lives when nothing is said.
pub const USUAL_DAYS: i64 = 90;
/// How long it may live.
pub const MOST_DAYS: i64 = 366;

/// How long a token is to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// So many days.
    Days(i64),
    /// Until it is revoked.
    Forever,
}

impl Default for Life {
    fn default() -> Self {
        Self::Days(USUAL_DAYS)
    }
}

/// For whom a token is asked.
#[derive(Debug, Clone, Copy)]
pub enum For<'a> {
    /// For this person.
    Person(&'a Person),
    /// For the workspace.
    Workspace,
}

/// Whether a token may be made, and how it is then. A person makes their own and types their password for it, an
/// administrator those of the workspace; at the machine both are made.
pub fn make(
    authority: &Authority,
    of: For<'_>,
    scopes: Scopes,
    life: Life,
    (id, now): (TokenId, Timestamp),
) -> Result<Token, Refusal> {
    authority.may_act()?;
    if matches!(authority.actor, Actor::Token { .. }) {
        return Err(Refusal::TokenMakesNoToken);
    }
    let owner = match of {
        For::Workspace => {
            authority.may_administer()?;
            Owner::Service { maker: authority.actor.person() }
        }
        For::Person(person) => {
            may_own(authority, person, scopes)?;
            Owner::Personal(person.id)
        }
    };
    if scopes.is_empty() {
        return Err(Refusal::TokenNeedsScope);
    }
    Ok(Token { id, owner, scopes, expires: expires(owner, life, now)?, suspended: None, revoked: None })
}

fn may_own(authority: &Authority, person: &Person, scopes: Scopes) -> Result<(), Refusal> {
    let at_the_machine = matches!(authority.actor, Actor::Cli { .. });
    if !authority.is(person) && !at_the_machine {
        // With somebody else's token one would be them.
        return Err(Refusal::TokenMakesNoToken);
    }
    if person.kind != Kind::User {
        return Err(Refusal::UsersOnly);
    }
    match person.status {
        Status::Active { .. } => {}
        Status::Deactivated { .. } => return Err(Refusal::DeactivatedGetsNothingNew),
        Status::Invited { .. } => return Err(Refusal::InvitedIsSentAgain),
    }
    if scopes.iter().any(Scope::is_for_administrators) && !person.role.administers() {
        return Err(Refusal::AdministratorsOnly);
    }
    Ok(())
}

fn expires(owner: Owner, life: Life, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let out_of_range = Refusal::TokenLife { most_days: MOST_DAYS };
    match (life, owner) {
        (Life::Forever, Owner::Service { .. }) => Ok(None),
        (Life::Forever, Owner::Personal(_)) => Err(Refusal::PersonalTokenExpires),
        (Life::Days(days), _) if (1..=MOST_DAYS).contains(&days) => {
            let after = SignedDuration::from_hours(24 * days);
            now.checked_add(after).map(Some).map_err(|_| out_of_range)
        }
        (Life::Days(_), _) => Err(out_of_range),
    }
}

/// Whether the actor may know of this token, and revoke it: its owner, a token of itself, and administrators.
pub fn may_manage(authority: &Authority, token: &Token) -> Result<(), Refusal> {
    authority.may_act()?;
    let own = token.owner.person().is_some() && token.owner.person() == authority.actor.person();
    if own || authority.actor.token() == Some(token.id) {
        return Ok(());
    }
    authority.may_administer()
}

/// Revokes a token, for good (rule 10: twice is no error).
pub fn revoke(authority: &Authority, token: &Token) -> Result<Outcome<()>, Refusal> {
    may_manage(authority, token)?;
    Ok(if token.revoked.is_some() { Outcome::Unchanged } else { Outcome::Changed(()) })
}

/// Suspends a token alone: by administrators. One that is suspended with its owner stays so, and comes back with them.
pub fn suspend(authority: &Authority, token: &Token) -> Result<Outcome<()>, Refusal> {
    authority.may_administer()?;
    if token.revoked.is_some() {
        return Err(Refusal::TokenRevoked);
    }
    Ok(if token.suspended.is_some() { Outcome::Unchanged } else { Outcome::Changed(()) })
}

/// Brings a suspended token back: by administrators; of a person who is active (rule 3).
pub fn restore(authority: &Authority, token: &Token, owner: Option<&Person>) -> Result<Outcome<()>, Refusal> {
    authority.may_administer()?;
    if token.revoked.is_some() {
        return Err(Refusal::TokenRevoked);
    }
    if token.suspended.is_none() {
        return Ok(Outcome::Unchanged);
    }
    match (token.owner, owner) {
        (Owner::Service { .. }, _) => Ok(Outcome::Changed(())),
        (Owner::Personal(id), Some(owner)) if owner.id == id && owner.status.is_active() => {
            Ok(Outcome::Changed(()))
        }
        (Owner::Personal(_), _) => Err(Refusal::DeactivatedGetsNothingNew),
    }
}
