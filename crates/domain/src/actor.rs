//! Who does a thing, and through which door.

use serde::{Deserialize, Serialize};

use crate::{
    id::{PersonId, SessionId, TokenId},
    person::{Person, Status},
    refusal::Refusal,
    token::{Scope, Token},
};

/// Who does a thing. Guards bind all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "actor", rename_all = "lowercase")]
pub enum Actor {
    /// A signed-in person.
    Person {
        /// Who.
        person: PersonId,
        /// The session that brought the request.
        session: SessionId,
    },
    /// A program with a token of the JSON API.
    Token {
        /// The token.
        token: TokenId,
        /// Whose it is; none of a service token, which is the workspace's.
        person: Option<PersonId>,
    },
    /// Somebody with a shell on the machine.
    Cli {
        /// The machine's user name.
        user: String,
    },
    /// Work that the server does by itself.
    Job {
        /// The kind of job.
        name: String,
    },
    /// A person who is not signed in and shows a link or right credentials.
    Visitor {
        /// Whom the link or the credentials belong to.
        person: PersonId,
    },
}

impl Actor {
    /// The person behind the actor, where there is one.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { person, .. } | Self::Visitor { person } => Some(*person),
            Self::Token { person, .. } => *person,
            Self::Cli { .. } | Self::Job { .. } => None,
        }
    }

    /// The person for whom the actor acts; of a service token, which acts for nobody, a refusal that says so.
    pub const fn someone(&self) -> Result<PersonId, Refusal> {
        match (self.person(), self) {
            (Some(person), _) => Ok(person),
            (None, Self::Token { .. }) => Err(Refusal::TokenWithoutPerson),
            (None, _) => Err(Refusal::NotSignedIn),
        }
    }

    /// The token that brought the request, where one did.
    #[must_use]
    pub const fn token(&self) -> Option<TokenId> {
        match self {
            Self::Token { token, .. } => Some(*token),
            Self::Person { .. } | Self::Cli { .. } | Self::Job { .. } | Self::Visitor { .. } => None,
        }
    }

    /// The word in the audit log.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Person { .. } => "person",
            Self::Token { .. } => "token",
            Self::Cli { .. } => "cli",
            Self::Job { .. } => "job",
            Self::Visitor { .. } => "visitor",
        }
    }
}

/// The way a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Door {
    /// A page of the desk.
    Page,
    /// A page of the portal.
    Portal,
    /// The JSON API.
    Api,
    /// SCIM: a directory.
    Scim,
    /// The command line.
    Cli,
    /// A job of the server.
    Job,
}

impl Door {
    /// Every door.
    pub const ALL: [Self; 6] = [Self::Page, Self::Portal, Self::Api, Self::Scim, Self::Cli, Self::Job];

    /// The word in the audit log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Portal => "portal",
            Self::Api => "api",
            Self::Scim => "scim",
            Self::Cli => "cli",
            Self::Job => "job",
        }
    }

    /// Reads [`Door::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.word() == word)
    }
}

/// An actor as the rules see them: who, and the present state of the person behind.
///
/// Ops load it inside their own transaction (rule 1: every write checks its actor again), so an
/// `Authority` is never older than the write that it allows.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Who acts.
    pub actor: Actor,
    /// The person behind the actor as of this transaction, where there is one.
    pub person: Option<Person>,
    /// The token that the actor is, as of this transaction: one that may be used.
    pub token: Option<Token>,
    /// The door, which says which scope a token needs to manage people.
    pub door: Door,
}

impl Authority {
    /// May do anything at all: the machine may; a person must be active, a token in use and its owner active. For somebody who signs in
    /// (a visitor with right credentials) this is rule 3: no door opens for a deactivated person.
    pub fn may_act(&self) -> Result<(), Refusal> {
        match (&self.actor, &self.person) {
            (Actor::Cli { .. } | Actor::Job { .. }, _) => Ok(()),
            // A person loaded for another actor gives no right to this one.
            (Actor::Person { .. } | Actor::Visitor { .. }, Some(person)) if self.is(person) => {
                match &person.status {
                    Status::Active { .. } => Ok(()),
                    Status::Invited { .. } => Err(Refusal::NotSignedIn),
                    Status::Deactivated { .. } => Err(Refusal::ActorDeactivated),
                }
            }
            (Actor::Token { .. }, owner) => {
                self.held_token().ok_or(Refusal::TokenInvalid)?.may_act_for(owner.as_ref())
            }
            (Actor::Person { .. } | Actor::Visitor { .. }, _) => Err(Refusal::NotSignedIn),
        }
    }

    /// May manage people, licenses and settings (rule 9: only administrators do any of this).
    pub fn may_administer(&self) -> Result<(), Refusal> {
        self.may_administer_by(Scope::People)
    }

    /// May do what is for administrators, and by a token only where that was made for this scope.
    pub fn may_administer_by(&self, scope: Scope) -> Result<(), Refusal> {
        self.may_act()?;
        match (&self.actor, &self.person) {
            (Actor::Cli { .. } | Actor::Job { .. }, _) => Ok(()),
            (Actor::Person { .. }, Some(person)) if person.role.administers() => Ok(()),
            (Actor::Token { .. }, owner) => {
                let token = self.held_token().ok_or(Refusal::TokenInvalid)?;
                // What the owner may not, their token may not either, whatever it was made for.
                if owner.as_ref().is_some_and(|owner| !owner.role.administers()) {
                    return Err(Refusal::AdministratorsOnly);
                }
                match (self.door, scope) {
                    (Door::Scim, Scope::People) if token.scopes.scim().is_some() => Ok(()),
                    (Door::Scim, Scope::People) => token.may(Scope::Scim),
                    (_, scope) => token.may(scope),
                }
            }
            _ => Err(Refusal::AdministratorsOnly),
        }
    }

    /// The token, where it is the one that the actor is.
    fn held_token(&self) -> Option<&Token> {
        self.token
            .as_ref()
            .filter(|held| self.actor.token() == Some(held.id) && self.actor.person() == held.owner.person())
    }

    /// Whether the actor is this person.
    #[must_use]
    pub fn is(&self, person: &Person) -> bool {
        self.actor.person() == Some(person.id)
    }
}
