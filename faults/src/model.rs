//! The small model: what a person and an item of one client's own must look like.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::wire::Who;

/// User or customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Staff.
    User,
    /// Served.
    Customer,
}

impl Kind {
    /// Where the API has them.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::User => "/api/v1/users",
            Self::Customer => "/api/v1/customers",
        }
    }
}

/// What is known of a person, as the API shows it to an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// The name.
    pub(crate) name: String,
    /// The address.
    pub(crate) email: String,
    /// The role; empty of customers.
    pub(crate) role: String,
    /// `invited`, `active`, `deactivated`, or `added` of a customer without an invitation.
    pub(crate) status: String,
    /// Why deactivated.
    pub(crate) reason: Option<String>,
    /// The teams, by id.
    pub(crate) teams: BTreeSet<String>,
}

impl View {
    /// As the API answers it.
    pub(crate) fn of(answer: &Value) -> Self {
        let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
        let teams = answer["teams"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            name: text("name"),
            email: text("email"),
            role: text("role"),
            status: text("status"),
            reason: answer["account"]["reason"].as_str().map(str::to_owned),
            teams: ids(teams),
        }
    }

    /// This, with another status.
    pub(crate) fn with(&self, status: &str, reason: Option<&str>) -> Self {
        Self { status: status.into(), reason: reason.map(str::to_owned), ..self.clone() }
    }
}

fn ids(of: &[Value]) -> BTreeSet<String> {
    of.iter().filter_map(|one| Some(one["id"].as_str()?.to_owned())).collect()
}

/// How far a credential opens its door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It must open it.
    Live,
    /// It must not, until it is restored.
    Suspended,
    /// It must not ever again.
    Ended,
}

/// What somebody shows to come in.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    /// As it is shown.
    pub(crate) who: Who,
    /// The id of a token.
    pub(crate) token: Option<String>,
    /// See there.
    pub(crate) state: State,
}

/// A person of one client's own.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// User or customer.
    pub(crate) kind: Kind,
    /// Their id, once they are there.
    pub(crate) id: Option<String>,
    /// What they look like; `None` where they are not there.
    pub(crate) view: Option<View>,
    /// What they may look like as well: an operation failed, and its write may still come to light at the next restart.
    pub(crate) other: Option<Option<View>>,
    /// Their password, once they have one.
    pub(crate) password: Option<String>,
    /// The link that sets it.
    pub(crate) link: Option<String>,
    /// The step that can be taken back.
    pub(crate) undo: Option<String>,
    /// What they show to come in.
    pub(crate) credentials: Vec<Credential>,
    /// What the API said of them before they were deactivated, while nobody else changed it since.
    pub(crate) before: Option<Value>,
}

impl Person {
    /// A place where nobody is yet.
    pub(crate) fn nobody(kind: Kind) -> Self {
        Self {
            kind,
            id: None,
            view: None,
            other: None,
            password: None,
            link: None,
            undo: None,
            credentials: Vec::new(),
            before: None,
        }
    }

    /// Their status; empty where nobody is there.
    pub(crate) fn status(&self) -> &str {
        self.view.as_ref().map_or("", |view| view.status.as_str())
    }

    /// What a deactivation does to what they hold.
    pub(crate) fn lock_out(&mut self) {
        self.link = None;
        for credential in &mut self.credentials {
            credential.state = match (&credential.token, credential.state) {
                (Some(_), State::Live) => State::Suspended,
                (_, state) if credential.token.is_some() => state,
                _ => State::Ended,
            };
        }
    }

    /// What an activation that restores tokens does.
    pub(crate) fn restore_tokens(&mut self) {
        for credential in &mut self.credentials {
            if credential.state == State::Suspended {
                credential.state = State::Live;
            }
        }
    }
}

/// What an item must look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ItemView {
    /// Its title.
    pub(crate) title: String,
    /// Its assignees, by id.
    pub(crate) assignees: BTreeSet<String>,
    /// Its followers, by id.
    pub(crate) followers: BTreeSet<String>,
    /// Its messages, sorted: they stand in the order of the servers' clocks, which a trial sets wrong, so no order is held to.
    /// One that was sent twice and done twice is there twice.
    pub(crate) messages: Vec<String>,
}

impl ItemView {
    /// As the API answers it.
    pub(crate) fn of(answer: &Value, mut messages: Vec<String>) -> Self {
        messages.sort();
        let people = |field: &str| ids(answer[field].as_array().map(Vec::as_slice).unwrap_or_default());
        Self {
            title: answer["title"].as_str().unwrap_or_default().to_owned(),
            assignees: people("assignees"),
            followers: people("followers"),
            messages,
        }
    }

    /// Somebody says something.
    pub(crate) fn say(&mut self, body: String) {
        self.messages.push(body);
        self.messages.sort();
    }

    /// Only these people's parts. Who is deleted leaves by and by, and whoever writes may follow by it.
    pub(crate) fn among(mut self, people: &BTreeSet<String>) -> Self {
        self.assignees.retain(|id| people.contains(id));
        self.followers.retain(|id| people.contains(id));
        self
    }
}

/// An item of one client's own.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Its number.
    pub(crate) number: u64,
    /// Its id.
    pub(crate) id: String,
    /// What it looks like.
    pub(crate) view: ItemView,
    /// What it may look like as well, as with [`Person::other`].
    pub(crate) other: Option<ItemView>,
}
