//! Writing into a conversation, at the desk and at the portal.

use axum::response::Response;
use domain::item::MessageKind;

use super::item::Item;
use crate::{
    error::Result,
    ops::messages::{self, Added, Body},
    web::{fields::Fields, flash::Flash},
};

/// A reply unless a note was chosen: what is for customers is what a form without the choice sends.
fn kind(fields: &Fields) -> MessageKind {
    MessageKind::parse(fields.get("kind")).unwrap_or(MessageKind::Reply)
}

/// Sends what was written, and leads back to it. Whoever calls draws a refusal, with everything that was typed.
pub(in crate::web) async fn send(item: &Item, fields: &Fields) -> Result<Response> {
    let kind = kind(fields);
    let added = save(item, kind, fields).await?;
    let told = match kind {
        MessageKind::Reply => "Your reply is sent.",
        MessageKind::Note => "Your note is saved. Only users see it.",
    };
    Ok(Flash::done(told).redirect(&format!("{}#m-{}", item.href(), added.id)))
}

async fn save(item: &Item, kind: MessageKind, fields: &Fields) -> Result<Added> {
    let body = Body::parse(fields.get("body"), &item.app.config.limits)?;
    let (ctx, id) = (item.ctx(), item.id());
    item.app.store.write(async move |tx| messages::add(tx, &ctx, id, kind, body.clone()).await).await
}
