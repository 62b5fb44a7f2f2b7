//! Telling of what happens: an event in the transaction of its cause.

use domain::{
    actor::Actor,
    event::{Audience, WorkTopic},
    id::{ItemId, PersonId},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    ctx::Ctx,
    error::Result,
    store::{
        Tx,
        events::{self, NewEvent},
    },
};

/// Who did it, and by which door; of a token which one, since programs have no other name.
fn by(ctx: &Ctx) -> Value {
    let mut by = json!({ "kind": ctx.actor.word(), "id": ctx.actor.person(), "door": ctx.door.word() });
    if let Actor::Token { token, .. } = &ctx.actor {
        by["token"] = json!(token);
    }
    by
}

/// What the audit log says of a state in words of people: names of teams, organizations, articles, projects, tokens and
/// webhooks, and where those send. Whoever hears of the event reads them by its subject, as far as they may.
const TEXTS: [&str; 9] =
    ["name", "team", "organization", "article", "token", "webhook", "to", "domains", "directory"];

/// A state without what people wrote.
fn wordless(state: &Value) -> Value {
    let Value::Object(fields) = state else { return state.clone() };
    let written = |name: &String, value: &Value| {
        let text = |value: &Value| value.is_string() || value.is_null();
        TEXTS.contains(&name.as_str())
            && (text(value) || value.as_array().is_some_and(|all| all.iter().all(text)))
    };
    let left = fields.iter().filter(|(name, value)| !written(name, value));
    Value::Object(left.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Tells of something that happened to an item. `what` holds ids and words alone.
pub(crate) fn tell_work(tx: &mut Tx, ctx: &Ctx, topic: WorkTopic, item: ItemId, what: &Value) -> Result<()> {
    let data = json!({ "by": by(ctx), "what": what }).to_string();
    let (audience, subject) = (Audience::Users, Some(item.uuid()));
    events::insert(tx, ctx.workspace, NewEvent { subject, data, ..event(ctx, topic.word(), audience) })
}

/// The event of a step that the audit log records: see [`super::record::Record`].
pub(crate) fn of_step(
    ctx: &Ctx,
    (topic, audience): (&'static str, Audience),
    (person, subject): (Option<PersonId>, Option<Uuid>),
    (before, after): (&Value, &Value),
) -> NewEvent {
    let data = json!({ "by": by(ctx), "before": wordless(before), "after": wordless(after) }).to_string();
    NewEvent { subject, person, data, ..event(ctx, topic, audience) }
}

fn event(ctx: &Ctx, topic: &'static str, audience: Audience) -> NewEvent {
    let (id, at) = (ctx.sys.uuid7(), ctx.now);
    NewEvent { id, at, topic, audience, subject: None, person: None, data: String::new() }
}
