//! Writing into a conversation, at the desk and at the portal.

use axum::{
    extract::Request,
    response::{IntoResponse as _, Response},
};
use domain::{id::ItemId, item::MessageKind, refusal::Refusal};

use super::{attach, item::Item};
use crate::{
    app::App,
    attachments::Receiving,
    ctx::Ctx,
    error::{Error, Result},
    ops::messages::{self, Added, Body},
    store::attachments::NewAttachment,
    web::{
        failure::TypedFields,
        fields::{self, Fields},
        flash::Flash,
    },
};

/// What came of a message.
pub(in crate::web) enum Sending {
    /// It is sent, and leads back to itself.
    Done(Response),
    /// It is not: what was typed, what is wrong, and whether files went with it, which must be chosen again.
    Refused(Fields, Error, bool),
}

/// A reply where the form has no choice, as at the portal. A choice that is not understood may have been a note, which
/// customers must not see: it is refused.
pub(in crate::web) fn kind(fields: &Fields) -> Result<MessageKind> {
    match fields.get("kind") {
        "" => Ok(MessageKind::Reply),
        word => MessageKind::parse(word).ok_or_else(|| Error::field("kind", "Choose a reply or a note.")),
    }
}

/// Sends what was written. Whoever calls draws a refusal, with everything that was typed.
pub(in crate::web) async fn send(item: &Item, request: Request) -> Result<Sending> {
    let ws = item.frame.session.visit.workspace;
    let sent = Box::pin(attach::read(&item.app, ws, request)).await?;
    let (fields, had_files) = (sent.fields, !sent.files.is_empty() || sent.fault.is_some());
    if let Some(fault) = sent.fault {
        return Ok(Sending::Refused(fields, Error::field("file", fault), had_files));
    }
    let saved = async {
        let kind = kind(&fields)?;
        let sent = (kind, fields.get("body"), sent.files);
        Ok::<_, Error>((kind, save(&item.app, (item.ctx(), item.id()), sent).await?))
    };
    match saved.await {
        Ok((kind, added)) => {
            let told = match kind {
                MessageKind::Reply => "Your reply is sent.",
                MessageKind::Note => "Your note is saved. Only users see it.",
            };
            Ok(Sending::Done(Flash::done(told).redirect(&format!("{}#m-{}", item.href(), added.id))))
        }
        Err(error) => {
            // Deactivated, or signed out, while the files were on their way: what was typed is given back.
            if matches!(error.refusal(), Some(Refusal::ActorDeactivated | Refusal::NotSignedIn)) {
                let mut refused = error.into_response();
                refused
                    .extensions_mut()
                    .insert(TypedFields { fields: fields::shown(&fields), on: Some(item.href()) });
                return Ok(Sending::Done(refused));
            }
            Ok(Sending::Refused(fields, error, had_files))
        }
    }
}

/// Saves a message with the files that have arrived for it; they stay with it, and go when it is refused.
pub(in crate::web) async fn save(
    app: &App,
    (ctx, item): (Ctx, ItemId),
    (kind, typed, files): (MessageKind, &str, Vec<(Receiving, NewAttachment)>),
) -> Result<Added> {
    let limits = &app.config.limits;
    let (files, new): (Vec<_>, Vec<_>) = files.into_iter().unzip();
    let body = if new.is_empty() { Body::parse(typed, limits)? } else { Body::beside_files(typed, limits)? };
    let saved = app
        .store
        .write(async move |tx| messages::add_with(tx, &ctx, item, (kind, body.clone()), &new).await)
        .await;
    // A commit whose answer was lost may have been done: a file without a row is swept up, a row without its file would
    // be a loss.
    if matches!(saved, Ok(_) | Err(Error::Store(_) | Error::Internal(_))) {
        files.into_iter().for_each(attach::kept);
    }
    saved
}
