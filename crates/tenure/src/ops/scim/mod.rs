//! What a directory does by SCIM: it brings people in, keeps what it says of them, takes them out again, and puts
//! users into teams. Each step is done by the op that does it for everybody; this says which ones a resource means.

mod brake;
pub mod groups;
mod people;
mod said;

use domain::{id::TokenId, person::Kind};

pub use brake::{LET_ON_FOR, Settings, Stop, let_on, note_stop, set, stop};
pub use people::{Changed, change, create, delete};
pub use said::{resource, tag};

use crate::{
    error::{Error, Result},
    limits::Limits,
    scim::{Problem, ProblemKind, Resource, patch::Change},
    store::tokens::Ways,
};

/// The directory that asks.
#[derive(Debug, Clone)]
pub struct Directory {
    /// Its token.
    pub token: TokenId,
    /// Whom it brings in.
    pub kind: Kind,
    /// How it speaks.
    pub ways: Ways,
    /// The limits on what it says.
    pub limits: Limits,
}

/// What is to become of a resource.
#[derive(Debug, Clone)]
pub enum Edit {
    /// It is to be this.
    Put(Resource),
    /// These changes are made to it.
    Patch(Vec<Change>),
}

/// The entity tags of which the resource must have one: RFC 7644, section 3.14.
#[derive(Debug, Clone, Default)]
pub struct Wanted(pub Option<Vec<String>>);

impl Wanted {
    fn check(&self, tag: &str) -> Result<()> {
        match &self.0 {
            Some(tags) if !tags.iter().any(|wanted| wanted == "*" || is_same(wanted, tag)) => {
                Err(Error::Stale)
            }
            _ => Ok(()),
        }
    }
}

/// Whether two entity tags name the same, weak or not (RFC 9110, section 8.8.3.2).
#[must_use]
pub fn is_same(a: &str, b: &str) -> bool {
    a.trim_start_matches("W/") == b.trim_start_matches("W/")
}

fn taken(detail: impl Into<String>) -> Error {
    Problem::new(ProblemKind::Uniqueness, detail).into()
}

/// The directory's id of a resource.
fn external_id(resource: &Resource, limits: &Limits) -> Result<Option<String>, Problem> {
    let Some(id) = resource.get("externalId").and_then(serde_json::Value::as_str) else { return Ok(None) };
    if id.chars().count() > limits.name || id.chars().any(char::is_control) {
        return Err(Problem::value(format!(
            "externalId has at most {} characters, all of them seen.",
            limits.name
        )));
    }
    Ok(Some(id.to_owned()))
}
