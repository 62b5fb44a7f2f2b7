//! Writing the history of items and projects: one call for each field that changed, in the transaction of the change.

use std::fmt::Display;

use domain::{
    actor::{Actor, Authority},
    id::PersonId,
    person::Kind,
};
use uuid::Uuid;

use crate::{
    ctx::Ctx,
    error::Result,
    store::{
        Tx,
        changes::{self, Change},
    },
};

/// A history that is being written: who acts, and on what.
pub(crate) struct History<'a> {
    ctx: &'a Ctx,
    subject: Uuid,
    label: String,
}

impl<'a> History<'a> {
    /// Of an item or a project.
    pub(crate) fn of(ctx: &'a Ctx, authority: &Authority, subject: Uuid) -> Self {
        let label = match &ctx.actor {
            Actor::Cli { user } => user.clone(),
            Actor::Job { name } => name.clone(),
            Actor::Token { token, person: None } => token.to_string(),
            Actor::Person { .. } | Actor::Visitor { .. } | Actor::Token { person: Some(_), .. } => {
                // Who was not loaded acts on people, which users alone do.
                authority.person.as_ref().map_or(Kind::User, |person| person.kind).word().to_owned()
            }
        };
        Self { ctx, subject, label }
    }

    /// A field changed. Names of people do not belong here: an id does.
    pub(crate) fn note(
        &self,
        tx: &mut Tx,
        field: &str,
        before: impl Display + Copy,
        after: impl Display + Copy,
    ) -> Result<()> {
        let change = Change {
            id: self.ctx.id(),
            at: self.ctx.now,
            actor: self.ctx.actor.word().into(),
            actor_id: self.ctx.actor.person(),
            actor_label: self.label.clone(),
            field: field.into(),
            before: before.to_string(),
            after: after.to_string(),
        };
        changes::insert(tx, self.ctx.workspace, self.subject, &self.ctx.actor, change)
    }

    /// A field changed, if it did; answers whether.
    pub(crate) fn compare<T: PartialEq>(
        &self,
        tx: &mut Tx,
        field: &str,
        (before, after): (&T, &T),
        words: impl Fn(&T) -> String,
    ) -> Result<bool> {
        if before == after {
            return Ok(false);
        }
        self.note(tx, field, words(before).as_str(), words(after).as_str())?;
        Ok(true)
    }
}

/// An id, or nothing.
pub(crate) fn id_text(id: Option<PersonId>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}
