//! Writing the history of items and projects: one call for each field that changed, in the transaction of the change.

use std::fmt::Display;

use domain::{
    actor::{Actor, Authority},
    event::WorkTopic,
    id::{ItemId, PersonId},
    person::Kind,
};
use serde_json::json;
use uuid::Uuid;

use super::events;

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
    /// The item that it is of, if it is of one: then others are told of each line.
    item: Option<ItemId>,
    label: String,
}

/// The first line of a history.
pub(crate) const CREATED: &str = "created";

/// What an item's event does not repeat: it is text, and may be long.
const TEXTS: [&str; 2] = ["title", "description"];

impl<'a> History<'a> {
    /// Of an item.
    pub(crate) fn of_item(ctx: &'a Ctx, authority: &Authority, item: ItemId) -> Self {
        Self { item: Some(item), ..Self::of(ctx, authority, item.uuid()) }
    }

    /// Of a project or an article, whose steps the audit log records as well.
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
        Self { ctx, subject, item: None, label }
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
        self.tell(tx, &change)?;
        changes::insert(tx, self.ctx.workspace, self.subject, &self.ctx.actor, change)
    }

    fn tell(&self, tx: &mut Tx, change: &Change) -> Result<()> {
        let Some(item) = self.item else { return Ok(()) };
        if change.field == CREATED {
            let what = json!({ "kind": change.after });
            return events::tell_work(tx, self.ctx, WorkTopic::ItemCreated, item, &what);
        }
        let what = if TEXTS.contains(&change.field.as_str()) {
            json!({ "field": change.field })
        } else {
            json!({ "field": change.field, "before": change.before, "after": change.after })
        };
        events::tell_work(tx, self.ctx, WorkTopic::ItemChanged, item, &what)
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
