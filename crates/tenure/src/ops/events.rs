//! Telling of what happens: an event in the transaction of its cause.

use domain::{
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

/// Who did it, and by which door.
fn by(ctx: &Ctx) -> Value {
    json!({ "kind": ctx.actor.word(), "id": ctx.actor.person(), "door": ctx.door.word() })
}

/// Tells of something that happened to an item. `what` holds ids and words alone.
pub(crate) fn tell_work(tx: &mut Tx, ctx: &Ctx, topic: WorkTopic, item: ItemId, what: &Value) -> Result<()> {
    let data = json!({ "by": by(ctx), "what": what }).to_string();
    let (audience, subject) = (Audience::Users, Some(item.uuid()));
    save(tx, ctx, NewEvent { subject, data, ..event(ctx, topic.word(), audience) })
}

/// Tells of a step that the audit log records: see [`super::record::Record`].
pub(crate) fn tell_step(
    tx: &mut Tx,
    ctx: &Ctx,
    (topic, audience): (&'static str, Audience),
    (person, subject): (Option<PersonId>, Option<Uuid>),
    (before, after): (&Value, &Value),
) -> Result<()> {
    let data = json!({ "by": by(ctx), "before": before, "after": after }).to_string();
    save(tx, ctx, NewEvent { subject, person, data, ..event(ctx, topic, audience) })
}

fn event(ctx: &Ctx, topic: &'static str, audience: Audience) -> NewEvent {
    let (id, at) = (ctx.sys.uuid7(), ctx.now);
    NewEvent { id, at, topic, audience, subject: None, person: None, data: String::new() }
}

fn save(tx: &mut Tx, ctx: &Ctx, event: NewEvent) -> Result<()> {
    events::insert(tx, ctx.workspace, event)
}
