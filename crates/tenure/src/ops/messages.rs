//! Conversations: a reply or a note, and whom it mentions.
//!
//! Whoever works at the desk mentions somebody by `@` and their address, or by the token that a picker puts in; what is
//! kept is the token, so that no name stays in a text when its bearer is deleted.

use domain::{
    actor::Authority,
    event::WorkTopic,
    id::{ItemId, MessageId, PersonId},
    item::{self, Access, ItemStatus, MessageKind},
    person::Kind,
};
use serde_json::json;

use super::{
    events,
    items::{self as work, edit_saved},
    load,
};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    limits::Limits,
    store::{
        Rx, Tx,
        attachments::{self, Attachment, NewAttachment},
        item_people::{self, Brief},
        items::{self, ItemRow},
        messages::{self, Message, NewMessage, Place},
        people, texts,
    },
    text::{self, markdown},
};

/// How many people one message may mention.
pub const MOST_MENTIONS: usize = 50;

/// The text of a message, cleaned and within the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body(String);

impl Body {
    /// Cleans a typed message.
    pub fn parse(typed: &str, limits: &Limits) -> Result<Self> {
        let clean = text::clean_lines("The message", typed, limits.message);
        let clean = clean.map_err(|error| error.at("body"))?;
        if clean.is_empty() {
            return Err(Error::field("body", "Write something first."));
        }
        Ok(Self(clean))
    }

    /// As [`Body::parse`], of a message that files go with: it may be empty.
    pub fn beside_files(typed: &str, limits: &Limits) -> Result<Self> {
        if typed.trim().is_empty() { Ok(Self(String::new())) } else { Self::parse(typed, limits) }
    }

    /// The text inside.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a message did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The message.
    pub id: MessageId,
    /// The item's status now: a customer's reply brings back what was finished.
    pub status: ItemStatus,
    /// Whom it mentions.
    pub mentioned: Vec<PersonId>,
}

/// Adds a message to an item's conversation. Rule 1: the author is checked inside this write; rule 5: nobody
/// deactivated is mentioned.
pub async fn add(tx: &mut Tx, ctx: &Ctx, id: ItemId, kind: MessageKind, body: Body) -> Result<Added> {
    add_with(tx, ctx, id, (kind, body), &[]).await
}

/// As [`add`], with files, whose bytes are kept already.
pub async fn add_with(
    tx: &mut Tx,
    ctx: &Ctx,
    id: ItemId,
    (kind, body): (MessageKind, Body),
    files: &[NewAttachment],
) -> Result<Added> {
    let author = ctx.actor.someone()?;
    // Customers mention nobody: they would learn whose an address is.
    let desk = item::may_work(&load::seen(tx, ctx, &[]).await?.0).is_ok();
    let (text, wanted) = if desk { resolved(tx, ctx, body.as_str()).await? } else { (body.0, Vec::new()) };
    if wanted.len() > MOST_MENTIONS {
        return Err(Error::field("body", format!("Mention {MOST_MENTIONS} people at most.")));
    }
    let (authority, targets) = load::held(tx, ctx, &wanted).await?;
    let (row, access) = work::locked(tx, ctx, &authority, id).await?;
    item::may_write(&authority, access, kind)?;
    for target in &targets {
        item::may_mention(&target.person, kind)?;
    }
    let author_kind = authority.person.as_ref().map_or(Kind::User, |person| person.kind);
    let new = NewMessage { id: ctx.id(), item: id, kind, author, author_kind, body: &text, created: ctx.now };
    messages::insert(tx, ctx.workspace, &new).await?;
    texts::add(tx, ctx.workspace, (id, Some(new.id)), &text).await?;
    for file in files {
        let (place, by) = ((id, new.id), (author, author_kind));
        attachments::insert(tx, ctx.workspace, place, by, file, ctx.now).await?;
    }
    for target in &targets {
        messages::mention(tx, ctx.workspace, &new, target.person.id).await?;
    }
    let status = after(tx, ctx, &authority, &row, (author_kind, kind)).await?;
    items::touch(tx, ctx.workspace, id, (0, 1), ctx.now).await?;
    let what = json!({ "message": new.id, "kind": kind.word() });
    events::tell_work(tx, ctx, WorkTopic::MessageAdded, id, &what)?;
    Ok(Added { id: new.id, status, mentioned: wanted })
}

/// Sets the status that the message brings.
async fn after(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    row: &ItemRow,
    (author, kind): (Kind, MessageKind),
) -> Result<ItemStatus> {
    let status = item::after_message(author, kind, row.item.status);
    if status != row.item.status {
        let mut next = row.clone();
        next.item.status = status;
        edit_saved(tx, ctx, authority, row, &next).await?;
    }
    Ok(status)
}

/// The text with tokens in the place of addresses that are somebody's, and whom it mentions. An address that is
/// nobody's stays as it is; so does one in code, in a quotation, or in the middle of another address.
async fn resolved(tx: &mut Tx, ctx: &Ctx, body: &str) -> Result<(String, Vec<PersonId>)> {
    let spoken = markdown::spoken(body);
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('@') {
        let (before, here) = rest.split_at(at);
        text.push_str(before);
        let place = body.len() - here.len();
        let speaks = spoken
            .get(spoken.partition_point(|range| range.end <= place))
            .is_some_and(|range| range.start <= place);
        let goes_on = body[..place].ends_with(|c: char| c.is_alphanumeric() || "/._-+".contains(c));
        let address = address_at(&here[1..]).filter(|_| speaks && !goes_on);
        let found = match address {
            Some(address) => people::by_email(tx, ctx.workspace, &text::email_key(address)).await?,
            None => None,
        };
        match (address, found) {
            (Some(address), Some(row)) => {
                text.push_str(&markdown::token(row.person.id));
                rest = &here[1 + address.len()..];
            }
            (Some(address), None) => {
                text.push_str(&here[..=address.len()]);
                rest = &here[1 + address.len()..];
            }
            (None, _) => {
                text.push('@');
                rest = &here[1..];
            }
        }
    }
    text.push_str(rest);
    let wanted = markdown::tokens(&text);
    Ok((text, wanted))
}

/// The address with which a text begins.
fn address_at(text: &str) -> Option<&str> {
    let end =
        text.find(|c: char| c.is_whitespace() || "<>()[]{}\\,;:!?\"'`*".contains(c)).unwrap_or(text.len());
    let address = text[..end].trim_end_matches(['.', '_', '-']);
    let (local, domain) = address.split_once('@')?;
    (!local.is_empty() && domain.contains('.') && !domain.contains('@')).then_some(address)
}

/// A stretch of a conversation.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// The messages, the oldest first. Customers see replies only.
    pub messages: Vec<Message>,
    /// Whom they mention and who is not gone: for [`markdown::render`].
    pub mentioned: Vec<Brief>,
    /// The files that came with them.
    pub attachments: Vec<Attachment>,
    /// Where the stretch before this one ends, if there is one.
    pub earlier: Option<Place>,
}

impl Conversation {
    /// Somebody whom a message mentions.
    #[must_use]
    pub fn mention(&self, person: PersonId) -> Option<&Brief> {
        self.mentioned.iter().find(|brief| brief.id == person)
    }
}

/// The latest `limit` messages of an item before a place, for whoever has this access to it.
pub async fn conversation(
    rx: &mut Rx,
    ctx: &Ctx,
    (row, access): (&ItemRow, Access),
    before: Option<Place>,
    limit: i64,
) -> Result<Conversation> {
    let notes = access.sees_notes();
    let mut found = messages::before(rx, ctx.workspace, row.id, notes, before, limit + 1).await?;
    let more = i64::try_from(found.len()).is_ok_and(|found| found > limit);
    if more {
        found.remove(0);
    }
    let earlier = found.first().filter(|_| more).map(|message| (message.created, message.id));
    let ids: Vec<MessageId> = found.iter().map(|message| message.id).collect();
    let mut wanted: Vec<PersonId> =
        messages::mentioned(rx, ctx.workspace, &ids).await?.into_iter().map(|(_, person)| person).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mentioned = item_people::briefs(rx, ctx.workspace, &wanted).await?;
    let attachments = attachments::of_messages(rx, ctx.workspace, &ids).await?;
    Ok(Conversation { messages: found, mentioned, attachments, earlier })
}

/// A message in which somebody is mentioned.
#[derive(Debug, Clone)]
pub struct MentionLine {
    /// The item's number.
    pub number: i64,
    /// The item's title.
    pub title: String,
    /// The message's place, which is the cursor of the next page too.
    pub place: Place,
}

/// Where whoever asks is mentioned, the latest first: for My work.
pub async fn mentions(rx: &mut Rx, ctx: &Ctx, before: Option<Place>, limit: i64) -> Result<Vec<MentionLine>> {
    let me = ctx.actor.someone()?;
    let (authority, _) = load::seen(rx, ctx, &[]).await?;
    item::may_work(&authority)?;
    let found = messages::mentions_of(rx, ctx.workspace, me, before, limit).await?;
    let ids: Vec<ItemId> = found.iter().map(|(item, _)| *item).collect();
    let named = items::named(rx, ctx.workspace, &ids).await?;
    let line = |(item, place): (ItemId, Place)| {
        let (_, number, title) = named.iter().find(|(id, ..)| *id == item)?;
        Some(MentionLine { number: *number, title: title.clone(), place })
    };
    Ok(found.into_iter().filter_map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::address_at;

    #[test]
    fn an_address_ends_where_its_sentence_goes_on() {
        for (text, address) in [
            ("ada@acme.example, please", Some("ada@acme.example")),
            ("ada@acme.example.", Some("ada@acme.example")),
            ("ada@acme.example) x", Some("ada@acme.example")),
            ("ada.l+x@mail.acme.example", Some("ada.l+x@mail.acme.example")),
            ("ada", None),
            ("ada@acme", None),
            ("[0193]", None),
            ("@acme.example", None),
            ("a@b@c.example", None),
        ] {
            assert_eq!(address_at(text), address, "{text}");
        }
    }
}
