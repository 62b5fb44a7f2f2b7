//! `/api/v1/items/{number}/messages`, its files, and the history: what was said and what was changed.

use axum::{
    Json,
    extract::{FromRequest as _, Request},
    response::Response,
};
use domain::{
    id::{AttachmentId, ChangeId, MessageId, PersonId},
    item::{ItemStatus, MessageKind},
    person::Kind,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OfPath;
use crate::{
    error::Error,
    ops::{items as ops, messages as talk},
    store::{attachments::Attachment, changes::Change, item_people::Brief, messages::Message},
    web::{
        api::{
            answer::{Answer, Who, made},
            body::Body,
            problems::work::{OfItem, OfItemPage, OfSay},
            query::{Query, invalid},
        },
        failure::{Plain, Wrong},
        pages::{attach, conversation, talk as form},
    },
};

/// How many messages or lines a page has when nothing is said, and how many it may have.
const USUAL: i64 = 50;
const MOST: i64 = 200;

/// The `limit` of a page.
pub(in crate::web::api) fn limit(query: &Query) -> Answer<i64> {
    let Some(text) = query.get("limit") else { return Ok(USUAL) };
    match text.parse() {
        Ok(limit) if (1..=MOST).contains(&limit) => Ok(limit),
        _ => {
            Err(invalid(vec![Wrong::parameter("limit", format!("This is a number from 1 to {MOST}."))])
                .into())
        }
    }
}

/// What an `after` that no page gave is answered.
pub(in crate::web::api) fn no_cursor() -> Plain {
    invalid(vec![Wrong::parameter("after", "This is no place in this list. Begin without it.")])
}

/// A file that came with a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attachment)]
pub(in crate::web::api) struct File {
    /// The id, by which it is fetched.
    #[schema(value_type = String, format = Uuid)]
    id: AttachmentId,
    /// What its sender calls it.
    name: String,
    /// Its kind, where its own bytes show that it is a picture.
    media_type: String,
    /// How many bytes it has.
    size: i64,
}

impl From<&Attachment> for File {
    fn from(file: &Attachment) -> Self {
        Self { id: file.id, name: file.name.clone(), media_type: file.media_type.clone(), size: file.size }
    }
}

/// A message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub(in crate::web::api) struct Said {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: MessageId,
    /// A reply, which everybody who sees the item sees, or a note for users alone.
    #[schema(value_type = String, pattern = "^(reply|note)$", example = "reply")]
    kind: MessageKind,
    /// The text, in Markdown; a mention is `@[ID]`.
    body: String,
    /// Who wrote it; null for somebody who was deleted.
    author: Option<Who>,
    /// What the author was when they wrote it.
    #[schema(value_type = String, pattern = "^(user|customer)$", example = "customer")]
    author_kind: Kind,
    /// Whom the text mentions, but for those who were deleted.
    mentions: Vec<Who>,
    /// The files that came with it.
    attachments: Vec<File>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
}

impl Said {
    fn of(message: Message, found: (&[Brief], &[Attachment])) -> Self {
        let tokens = crate::text::markdown::tokens(&message.body);
        Self {
            mentions: Who::each(found.0.iter().filter(|brief| tokens.contains(&brief.id))),
            attachments: found.1.iter().filter(|file| file.message == message.id).map(File::from).collect(),
            id: message.id,
            kind: message.kind,
            body: message.body,
            author: message.author.as_ref().map(Who::from),
            author_kind: message.author_kind,
            created: message.created,
        }
    }
}

/// A page of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Messages {
    /// The messages, the latest first.
    messages: Vec<Said>,
    /// The `after` of the page of earlier ones; null on the last.
    next: Option<String>,
}

/// The conversation of an item.
///
/// The latest first.
#[utoipa::path(
    get, path = "/api/v1/items/{number}/messages", operation_id = "messages", tag = "items",
    params(
        ("number" = i64, Path, description = "The item."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many messages a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of messages.", body = Messages), OfItemPage),
    security(("session" = []))
)]
pub(in crate::web::api) async fn messages(item: OfPath, query: Query) -> Answer<Json<Messages>> {
    query.only(&["after", "limit"])?;
    let place = conversation::place(query.get("after").unwrap_or_default()).map_err(|_| no_cursor())?;
    let mut rx = item.app.store.reader().await?;
    let of = (&item.row, item.access);
    let found = talk::conversation(&mut rx, &item.session.ctx, of, place, limit(&query)?).await?;
    let with = (found.mentioned.as_slice(), found.attachments.as_slice());
    Ok(Json(Messages {
        messages: found.messages.into_iter().rev().map(|message| Said::of(message, with)).collect(),
        next: found.earlier.map(conversation::place_text),
    }))
}

/// A new message.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "kind": "reply", "body": "It is **fixed**, @ada.lovelace@acme.example." }))]
pub(in crate::web::api) struct NewMessage {
    /// A reply or a note; a reply when it is not given.
    #[schema(value_type = Option<String>, pattern = "^(reply|note)$")]
    kind: Option<MessageKind>,
    /// The text, in Markdown; `@` and an address mention somebody.
    body: String,
}

/// What a message did.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Added {
    /// The message.
    #[schema(value_type = String, format = Uuid)]
    id: MessageId,
    /// The item's status now: a customer's reply brings back what was finished.
    #[schema(value_type = String, pattern = "^(new|open|waiting|done|closed)$", example = "open")]
    status: ItemStatus,
    /// Whom it mentions.
    #[schema(value_type = Vec<String>)]
    mentioned: Vec<PersonId>,
}

/// Write into the conversation of an item.
///
/// As JSON, or with files as `multipart/form-data` with the fields `kind`, `body` and any number of `file`.
#[utoipa::path(
    post, path = "/api/v1/items/{number}/messages", operation_id = "say", tag = "items",
    params(("number" = i64, Path, description = "The item.")),
    request_body(content((NewMessage = "application/json"), (NewMessage = "multipart/form-data")), description = "The message."),
    responses((status = 201, description = "It is written.", body = Added), OfSay),
    security(("session" = []))
)]
pub(in crate::web::api) async fn say(item: OfPath, query: Query, request: Request) -> Answer {
    query.only(&[])?;
    let ws = item.session.visit.workspace;
    let (kind, body, files) = if attach::is_multipart(request.headers()) {
        let sent = Box::pin(attach::read(&item.app, ws, request)).await?;
        if let Some(fault) = sent.fault {
            return Err(Error::field("file", fault).into());
        }
        (form::kind(&sent.fields)?, sent.fields.get("body").to_owned(), sent.files)
    } else {
        let Body(asked) = Body::<NewMessage>::from_request(request, &item.app).await?;
        (asked.kind.unwrap_or(MessageKind::Reply), asked.body, Vec::new())
    };
    let added = form::save(&item.app, (item.ctx(), item.row.id), (kind, &body, files)).await?;
    let at = format!("/api/v1/items/{}/messages", item.row.number);
    Ok(made(&at, Json(Added { id: added.id, status: added.status, mentioned: added.mentioned })))
}

/// A file of an item.
#[utoipa::path(
    get, path = "/api/v1/items/{number}/attachments/{attachment}", operation_id = "attachment", tag = "items",
    params(
        ("number" = i64, Path, description = "The item."),
        ("attachment" = String, Path, format = Uuid, description = "The file, as its message names it."),
    ),
    responses(
        (status = 200, description = "Its bytes.", content_type = "application/octet-stream", body = Vec<u8>),
        OfItem,
    ),
    security(("session" = []))
)]
pub(in crate::web::api) async fn attachment(item: OfPath) -> Answer<Response> {
    let of = (item.session.visit.workspace, item.row.id, item.access);
    Ok(attach::give_out(&item.app, of, item.id("attachment")?, false).await?)
}

/// A line of a history.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct HistoryLine {
    /// The line.
    #[schema(value_type = String, format = Uuid)]
    id: ChangeId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who; null for the machine and for somebody who was deleted.
    by: Option<Who>,
    /// What kind of actor: `person`, `cli` or `job`.
    actor: String,
    /// `user` or `customer` of a person; who it was at the machine.
    actor_label: String,
    /// What changed.
    #[schema(example = "status")]
    field: String,
    /// What it was; the id of a person in fields of people.
    #[schema(example = "open")]
    before: String,
    /// What it is.
    #[schema(example = "done")]
    after: String,
}

/// A page of a history.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name in the JSON")]
pub(in crate::web::api) struct History {
    /// The lines, the latest first.
    history: Vec<HistoryLine>,
    /// Whom the lines name, but for those who were deleted.
    people: Vec<Who>,
    /// The `after` of the page of earlier ones; null on the last.
    next: Option<String>,
}

impl History {
    fn of(mut lines: Vec<Change>, people: &[Brief], limit: i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = lines.len() > limit;
        lines.truncate(limit);
        let next = lines.last().filter(|_| more).map(|line| line.id.to_string());
        let line = |line: Change| HistoryLine {
            id: line.id,
            at: line.at,
            by: line.actor_id.and_then(|id| people.iter().find(|one| one.id == id)).map(Who::from),
            actor: line.actor,
            actor_label: line.actor_label,
            field: line.field,
            before: line.before,
            after: line.after,
        };
        Self { history: lines.into_iter().map(line).collect(), people: Who::each(people), next }
    }
}

/// The history of an item.
///
/// Every change, the latest first.
#[utoipa::path(
    get, path = "/api/v1/items/{number}/history", operation_id = "item_history", tag = "items",
    params(
        ("number" = i64, Path, description = "The item."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many lines a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of the history.", body = History), OfItemPage),
    security(("session" = []))
)]
pub(in crate::web::api) async fn history(item: OfPath, query: Query) -> Answer<Json<History>> {
    query.only(&["after", "limit"])?;
    let after = query.get("after").filter(|text| !text.is_empty());
    let after = after.map(str::parse::<ChangeId>).transpose().map_err(|_| no_cursor())?;
    let limit = limit(&query)?;
    let mut rx = item.app.store.reader().await?;
    let (lines, people) = ops::history(&mut rx, &item.session.ctx, item.row.id, after, limit + 1).await?;
    Ok(Json(History::of(lines, &people, limit)))
}
