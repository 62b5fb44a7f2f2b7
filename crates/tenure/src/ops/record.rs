//! Writing the audit log: one call per step, in the transaction of the step (rule 11).

use domain::{actor::Actor, audit::Action, event, id::PersonId, person::Status};
use serde_json::{Value, json};

use super::events;
use crate::{
    ctx::Ctx,
    error::Result,
    seal,
    store::{
        self, Tx,
        audit::{self, Entry},
        events::NewEvent,
    },
};

/// What is recorded of a step, beside what [`Ctx`] knows.
///
/// `before` and `after` hold no names, addresses or reasons: those go to `personal`, which a deletion
/// erases without breaking the chain.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    action: Action,
    person: Option<PersonId>,
    subject: String,
    before: Value,
    after: Value,
    personal: Value,
}

impl Record {
    /// A record of an action.
    pub(crate) fn of(action: Action) -> Self {
        Self {
            action,
            person: None,
            subject: String::new(),
            before: Value::Null,
            after: Value::Null,
            personal: Value::Null,
        }
    }

    /// Whom it concerns.
    pub(crate) fn person(mut self, person: PersonId) -> Self {
        self.person = Some(person);
        self
    }

    /// What else it concerns.
    pub(crate) fn subject(mut self, subject: impl std::fmt::Display) -> Self {
        self.subject = subject.to_string();
        self
    }

    /// The state before.
    pub(crate) fn before(mut self, before: Value) -> Self {
        self.before = before;
        self
    }

    /// The state after.
    pub(crate) fn after(mut self, after: Value) -> Self {
        self.after = after;
        self
    }

    /// Names, addresses, reasons.
    pub(crate) fn personal(mut self, personal: Value) -> Self {
        self.personal = personal;
        self
    }

    /// A change of status, with the reason beside it.
    pub(crate) fn statuses(self, before: &Status, after: &Status) -> Self {
        let reason = match (before, after) {
            (_, Status::Deactivated { reason: Some(reason), .. }) => json!({ "reason": reason }),
            // Why somebody was away is not why they are back.
            (Status::Deactivated { reason: Some(reason), .. }, _) => {
                json!({ "before": { "reason": reason }, "after": {} })
            }
            _ => Value::Null,
        };
        let (before, after) = (public(before), public(after));
        self.before(before).after(after).personal(reason)
    }

    /// Saves it, and tells those who may hear of it.
    pub(crate) fn save(self, tx: &mut Tx, ctx: &Ctx) -> Result<()> {
        if let Some(event) = self.event(ctx) {
            store::events::insert(tx, ctx.workspace, event)?;
        }
        audit::insert(tx, ctx.workspace, self.entry(ctx))
    }

    /// Saves many, each as [`Record::save`] saves one, with a statement for all entries and one for all events.
    pub(crate) async fn save_all(records: Vec<Self>, tx: &mut Tx, ctx: &Ctx) -> Result<()> {
        let events: Vec<_> = records.iter().filter_map(|record| record.event(ctx)).collect();
        let entries: Vec<_> = records.into_iter().map(|record| record.entry(ctx)).collect();
        store::events::insert_all(tx, ctx.workspace, &events).await?;
        audit::insert_all(tx, ctx.workspace, &entries).await
    }

    /// What is told of it, where somebody may hear of it.
    fn event(&self, ctx: &Ctx) -> Option<NewEvent> {
        let audience = event::audience(self.action)?;
        let about = (self.person, self.subject.parse().ok());
        Some(events::of_step(ctx, (self.action.word(), audience), about, (&self.before, &self.after)))
    }

    /// The entry that [`Record::save`] saves: for who saves many at once.
    pub(crate) fn entry(self, ctx: &Ctx) -> Entry {
        let personal = (!self.personal.is_null()).then(|| {
            let salt = ctx.sys.bytes::<32>();
            (salt, self.personal.to_string())
        });
        let personal_hash =
            personal.as_ref().map(|(salt, value)| seal::personal_digest(salt, value).to_vec());
        let actor_label = match &ctx.actor {
            Actor::Cli { user } => user.clone(),
            Actor::Job { name } => name.clone(),
            // The token's name is its owner's words, so it does not belong here: its id does.
            Actor::Token { token, .. } => token.to_string(),
            Actor::Person { .. } | Actor::Visitor { .. } => String::new(),
        };
        Entry {
            id: ctx.id(),
            at: ctx.now,
            actor: ctx.actor.word().into(),
            actor_id: ctx.actor.person(),
            actor_label,
            action: self.action.word().into(),
            person: self.person,
            subject: self.subject,
            before: text(&self.before),
            after: text(&self.after),
            door: ctx.door.word().into(),
            request: ctx.request.uuid(),
            personal_hash,
            seq: None,
            mac: None,
            personal: personal.map(|(salt, value)| (salt.to_vec(), value)),
        }
    }
}

fn text(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}

/// A status without what somebody typed.
fn public(status: &Status) -> Value {
    match status {
        Status::Invited { since, expires, expired } => {
            json!({ "status": "invited", "since": since, "expires": expires, "expired": expired })
        }
        Status::Active { since } => json!({ "status": "active", "since": since }),
        Status::Deactivated { since, by, review_on, .. } => {
            json!({ "status": "deactivated", "since": since, "by": by, "review_on": review_on })
        }
    }
}
