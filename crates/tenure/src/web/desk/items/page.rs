//! The page of an item, and what is done on it with one press.

use axum::{
    extract::Request,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    apps::Arrival,
    id::PersonId,
    item::{ItemKind, ItemStatus, Part},
    person::{Kind, StatusWord},
};

use super::Item;
use crate::{
    error::{Error, Result},
    ops::{self, items::Page},
    store::item_people::{Brief, Holder},
    web::{
        desk::{form::Refused, frame::brief, words},
        fields::{Fields, QueryFields},
        flash::Flash,
        pages::{
            attach,
            conversation::{self, gone},
            talk::{self, Sending},
        },
        side::Side,
        view::{
            Choice, Link,
            chip::{Chip, Look},
            item::{Came, Composer, Held, ItemHead, ItemPage, ItemPanel, StatusTag, Tab, Talk},
            shell::Place,
        },
    },
};

/// How many of those who see a reply are named above it.
const READERS: usize = 12;

/// `GET /items/{number}`, with `before` a place in the conversation.
pub(super) async fn show(item: Item, QueryFields(query): QueryFields) -> Result<Response> {
    draw(&item, Asked { before: query.get("before").to_owned(), ..Asked::default() }).await
}

/// `GET /items/{number}/messages/{message}`: leads to the message, in the stretch of the conversation that it is in.
pub(super) async fn message(item: Item) -> Result<Response> {
    let message = item.message()?;
    let mut rx = item.app.store.reader().await?;
    let seen = (&item.row, item.access);
    let href = conversation::address_of(&mut rx, &item.frame, seen, message, &item.href()).await?;
    Ok(Redirect::to(&href).into_response())
}

/// `POST /items/{number}/messages`: a reply or a note. What is refused is drawn again with everything that was typed.
pub(super) async fn send(item: Item, request: Request) -> Result<Response> {
    match talk::send(&item, request).await? {
        Sending::Done(sent) => Ok(sent),
        Sending::Refused(typed, error, had_files) => {
            let wrong = attach::refused(error, had_files)?;
            draw(&item, Asked { typed, wrong, ..Asked::default() }).await
        }
    }
}

/// What of the page depends on the request.
#[derive(Default)]
pub(super) struct Asked {
    /// Before which message the conversation is shown.
    pub before: String,
    /// The form for a message, as it was sent.
    pub typed: Fields,
    /// What is wrong with it.
    pub wrong: Refused,
    /// Why something else was not done.
    pub error: Option<String>,
}

/// Draws the page with the conversation.
pub(super) async fn draw(item: &Item, asked: Asked) -> Result<Response> {
    let place = conversation::place(&asked.before)?;
    let mut rx = item.app.store.reader().await?;
    let page = ops::items::show(&mut rx, &item.ctx(), item.row.number).await?;
    let seen = (&page.row, page.access);
    let talked = conversation::talked(&mut rx, &item.frame, seen, place, &item.href()).await?;
    drop(rx);
    let talk = Talk {
        description: conversation::description(&page.row),
        conversation: talked,
        composer: composer(item, &page, &asked),
    };
    let status = asked.wrong.status;
    let tab = Tab::Talk(Box::new(talk));
    Ok(item.frame.draw_as(status, &whole(item, &page, tab, asked.error)))
}

/// The page around what stands at the left.
pub(super) fn whole(item: &Item, page: &Page, tab: Tab, error: Option<String>) -> ItemPage {
    let row = &page.row;
    let list = Place::of_items(row.item.kind);
    ItemPage {
        shell: item.shell(format!("{}: {}", item.called(), row.title)),
        href: item.href(),
        list: Link::new(list.label(), list.href()),
        head: ItemHead {
            number: row.number,
            kind: row.item.kind.title(),
            title: row.title.clone(),
            status: status(row.item.status),
            messages: row.messages.unsigned_abs(),
            came: came(row.arrival),
        },
        tab,
        panel: panel(item, page),
        error,
    }
}

/// What is said of an item of which nobody has proved who requested it.
fn came(arrival: Arrival) -> Option<Came> {
    let text = match arrival {
        Arrival::Known => return None,
        Arrival::Unproven => {
            "This came by the open request form. Nobody has proved that the address is the requester’s."
        }
        Arrival::Flagged => {
            "This came by the open request form, from the address of somebody who was deactivated. Nobody has proved \
             that the address is theirs."
        }
    };
    Some(Came { text, flagged: arrival == Arrival::Flagged })
}

/// `POST /items/{number}/flag/removal`: somebody has looked at it.
pub(super) async fn unflag(item: Item) -> Result<Response> {
    let (ctx, id) = (item.ctx(), item.id());
    match item.app.store.write(async move |tx| ops::requests::unflag(tx, &ctx, id).await).await {
        Ok(true) => Ok(Flash::done("The flag is taken away.").redirect(&item.href())),
        Ok(false) => Ok(Flash::note("Nothing was changed.").redirect(&item.href())),
        Err(error) => refused(&item, error).await,
    }
}

/// How a status is drawn.
pub(super) const fn status(status: ItemStatus) -> StatusTag {
    StatusTag { word: status.word(), title: status.title() }
}

fn composer(item: &Item, page: &Page, asked: &Asked) -> Composer {
    let me = item.frame.session.person();
    let mut readers: Vec<Chip> = Vec::new();
    let mut seen: Vec<PersonId> = vec![me];
    let told = page.requester.iter().chain(page.people.iter().map(|holder| &holder.person));
    // Somebody deactivated is told of nothing.
    for one in told.filter(|one| one.status != StatusWord::Deactivated) {
        if !seen.contains(&one.id) {
            seen.push(one.id);
            readers.push(chip(one, Look::Inline));
        }
    }
    let more = readers.len().saturating_sub(READERS);
    readers.truncate(READERS);
    Composer {
        action: item.under("messages"),
        body: asked.wrong.field("body", asked.typed.get("body")),
        note: asked.typed.get("kind") == "note",
        offers_note: true,
        readers,
        more_readers: (more > 0).then(|| format!("and {more} more")),
        error: asked.wrong.error.clone(),
        draft: format!("{me}-{}", item.row.number),
        files: attach::hint(&item.app),
        effect: None,
    }
}

fn chip(of: &Brief, look: Look) -> Chip {
    brief(of, look, Side::Desk)
}

fn panel(item: &Item, page: &Page) -> ItemPanel {
    let (row, times) = (&page.row, item.frame.times());
    let me = item.frame.session.person();
    let held = |part: Part, at: &str| -> Vec<Held> {
        let those = page.people.iter().filter(|holder| holder.part == part);
        let one = |holder: &Holder| Held {
            chip: chip(&holder.person, Look::Inline),
            remove: item.under(&format!("{at}/{}/removal", holder.person.id)),
        };
        those.map(one).collect()
    };
    let has = |part: Part| page.people.iter().any(|holder| holder.part == part && holder.person.id == me);
    let (maker, made_by) = maker(page);
    ItemPanel {
        statuses: ItemStatus::ALL
            .iter()
            .map(|one| Choice::new(one.word(), one.title(), *one == row.item.status))
            .collect(),
        requester: page.requester.as_ref().map(|requester| chip(requester, Look::Inline)),
        assignees: held(Part::Assignee, "assignees"),
        followers: held(Part::Follower, "followers"),
        me: me.to_string(),
        is_mine: has(Part::Assignee),
        is_followed: has(Part::Follower),
        project: project(page),
        priority: StatusTag { word: row.item.priority.word(), title: row.item.priority.title() },
        due: row.item.due.map(words::day),
        is_overdue: !row.item.status.is_finished() && row.item.due.is_some_and(|due| due < times.today()),
        tags: page.tags.iter().map(|tag| tagged(row.item.kind, tag)).collect(),
        maker,
        made_by,
        created: times.when(row.created),
        updated: times.when(row.updated),
    }
}

fn project(page: &Page) -> Option<Link> {
    let (id, name) = (page.row.item.project?, page.row.project_name.as_ref()?);
    Some(Link::new(name, format!("/projects/{id}")))
}

/// A tag leads to everything of the kind that has it.
fn tagged(kind: ItemKind, tag: &str) -> Link {
    let tag_field: String = form_urlencoded::byte_serialize(tag.as_bytes()).collect();
    Link::new(tag, format!("{}?status=all&tag={tag_field}", Place::of_items(kind).href()))
}

/// Who made it, or what stands for them.
fn maker(page: &Page) -> (Option<Chip>, String) {
    match (&page.maker, Kind::parse(&page.row.created_by.1)) {
        (Some(maker), _) => (Some(chip(maker, Look::Inline)), String::new()),
        (None, Some(kind)) => (Some(Chip::deleted(gone(kind))), String::new()),
        (None, None) if page.row.arrival != Arrival::Known => (None, "the request form".into()),
        (None, None) => (None, "the command line".into()),
    }
}

/// `POST /items/{number}/status`: one press. What it was meanwhile does not matter to whoever presses "Done".
pub(super) async fn set_status(item: Item, fields: Fields) -> Result<Response> {
    let done = async {
        let wanted = ItemStatus::parse(fields.get("status"));
        let wanted = wanted.ok_or_else(|| Error::field("status", "Choose a status from the list."))?;
        let (ctx, id) = (item.ctx(), item.id());
        let edited = item
            .app
            .store
            .write(async move |tx| ops::items::set_status(tx, &ctx, id, wanted, None).await)
            .await?;
        Ok((wanted, edited.changed))
    };
    match done.await {
        Ok((status, true)) => {
            Ok(Flash::done(format!("{} is {} now.", item.called(), low(status))).redirect(&item.href()))
        }
        Ok((status, false)) => {
            Ok(Flash::note(format!("{} was {} already.", item.called(), low(status))).redirect(&item.href()))
        }
        Err(error) => refused(&item, error).await,
    }
}

fn low(status: ItemStatus) -> String {
    status.title().to_lowercase()
}

/// The page again, with why a press on it did nothing.
pub(super) async fn refused(item: &Item, error: Error) -> Result<Response> {
    let wrong = Refused::of(error)?;
    let error = wrong.above(&["status", "person"]);
    let wrong = Refused::with(wrong.status);
    draw(item, Asked { wrong, error, ..Asked::default() }).await
}
