//! What was said in an item, as the desk and the portal show it.

use domain::{
    id::{MessageId, PersonId},
    item::{Access, MessageKind},
    person::{Kind, StatusWord},
};

use super::{
    attach,
    frame::{Frame, brief, place_of},
};
use crate::{
    error::{Error, Result},
    ops::messages::{self, Conversation},
    store::{
        Rx,
        item_people::Brief,
        items::ItemRow,
        messages::{self as stored, Message, Place},
    },
    text::markdown::{self, Mention},
    web::view::{
        chip::{Chip, Look},
        item::{Prose, Said, Talked},
    },
};

/// How many messages a page shows; those before are a link away.
pub(in crate::web) const MESSAGES: i64 = 30;

/// A place in a conversation as it stands in an address; `None` when none is named.
pub(in crate::web) fn place(text: &str) -> Result<Option<Place>> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = || {
        let (at, id) = text.split_once('_')?;
        let at = jiff::Timestamp::from_microsecond(at.parse().ok()?).ok()?;
        Some((at, id.parse::<MessageId>().ok()?))
    };
    read().map(Some).ok_or(Error::NotFound("message"))
}

/// A place as [`place`] reads it.
pub(in crate::web) fn place_text((at, id): Place) -> String {
    format!("{}_{id}", at.as_microsecond())
}

/// The messages before a place, or the latest, with the ways on from the page `href`.
pub(in crate::web) async fn talked(
    rx: &mut Rx,
    frame: &Frame,
    (row, access): (&ItemRow, Access),
    before: Option<Place>,
    href: &str,
) -> Result<Talked> {
    let ctx = &frame.session.ctx;
    let found = messages::conversation(rx, ctx, (row, access), before, MESSAGES).await?;
    Ok(Talked {
        messages: found.messages.iter().map(|message| said(frame, &found, message, href)).collect(),
        earlier: found.earlier.map(|place| format!("{href}?before={}", place_text(place))),
        latest: before.map(|_| href.to_owned()),
    })
}

/// How many later messages stand below one that an address leads to, where it is not among the latest.
const BELOW: i64 = 10;

/// The address of one message of the item whose page is `href`: the stretch of the conversation that it stands in.
pub(in crate::web) async fn address_of(
    rx: &mut Rx,
    frame: &Frame,
    (row, access): (&ItemRow, Access),
    message: MessageId,
    href: &str,
) -> Result<String> {
    let ws = frame.session.visit.workspace;
    let notes = access.sees_notes();
    let at = stored::place(rx, ws, row.id, notes, message).await?.ok_or(Error::NotFound("message"))?;
    let later = stored::after(rx, ws, row.id, notes, at, MESSAGES).await?;
    let is_late = i64::try_from(later.len()).is_ok_and(|later| later < MESSAGES);
    let end = later.get(usize::try_from(BELOW).unwrap_or(0)).filter(|_| !is_late);
    Ok(match end {
        Some(end) => format!("{href}?before={}#m-{message}", place_text(*end)),
        None => format!("{href}#m-{message}"),
    })
}

fn said(frame: &Frame, found: &Conversation, message: &Message, href: &str) -> Said {
    let side = frame.session.side();
    let who = |id: PersonId| found.mention(id).map(|brief| mentioned(frame, brief));
    let files = found.attachments.iter().filter(|file| file.message == message.id);
    let author = match &message.author {
        Some(author) => brief(author, Look::Inline, side),
        None => Chip::deleted(gone(message.author_kind)),
    };
    Said {
        id: message.id.to_string(),
        own: message.author.as_ref().is_some_and(|author| author.id == frame.session.person()),
        author,
        note: message.kind == MessageKind::Note,
        when: frame.times().when(message.created),
        body: Prose(markdown::render(&message.body, &who)),
        files: files.map(|file| attach::line(file, href)).collect(),
    }
}

/// What stands for the name of somebody who was deleted.
pub(in crate::web) const fn gone(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "Deleted user",
        Kind::Customer => "Deleted customer",
    }
}

fn mentioned(frame: &Frame, brief: &Brief) -> Mention {
    let desk = !frame.session.side().is_portal();
    Mention {
        name: brief.name.clone(),
        deactivated: brief.status == StatusWord::Deactivated,
        href: desk.then(|| place_of(brief)),
    }
}

/// What an item is about.
pub(in crate::web) fn description(row: &ItemRow) -> Prose {
    Prose(markdown::render(&row.description, &|_| None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_from_an_address() {
        let at = jiff::Timestamp::from_microsecond(1_700_000_000_123_456).expect("a moment");
        let id: MessageId = "0196aaaa-0000-7000-8000-000000000001".parse().expect("an id");
        assert_eq!(place(&place_text((at, id))).expect("a place"), Some((at, id)));
        assert_eq!(place("").expect("none"), None);
        for odd in ["_", "1_", "x_0196aaaa-0000-7000-8000-000000000001", "9999999999999999999_x", "%00"] {
            assert!(place(odd).is_err(), "{odd}");
        }
    }
}
