//! `/items/{number}/history`: every change, the latest first, with who gave what to whom.

use axum::response::Response;
use domain::{
    actor::Actor,
    article::ArticleState,
    id::{ChangeId, PersonId},
    item::{ItemKind, ItemStatus, Priority},
    person::Kind,
};

use super::{Item, page::whole};
use crate::{
    error::{Error, Result},
    ops,
    store::{changes::Change, item_people::Brief},
    web::{
        desk::{
            frame::{Frame, brief},
            words,
        },
        fields::QueryFields,
        pages::conversation::gone,
        side::Side,
        view::{
            chip::{Chip, Look},
            item::{HistoryLine, ItemHistory, Piece, Tab},
        },
    },
};

/// How many lines a page has.
const LINES: usize = 50;

/// `GET /items/{number}/history`, with `before` a change.
pub(super) async fn show(item: Item, QueryFields(query): QueryFields) -> Result<Response> {
    let before = match query.get("before") {
        "" => None,
        text => Some(text.parse::<ChangeId>().map_err(|_| Error::NotFound("change"))?),
    };
    let mut rx = item.app.store.reader().await?;
    let page = ops::items::show(&mut rx, &item.ctx(), item.row.number).await?;
    let one_more = i64::try_from(LINES + 1).unwrap_or(i64::MAX);
    let (mut lines, people) = ops::items::history(&mut rx, &item.ctx(), item.id(), before, one_more).await?;
    drop(rx);
    let more = lines.len() > LINES;
    lines.truncate(LINES);
    let earlier = lines.last().filter(|_| more);
    let href = item.under("history");
    let tab = Tab::History(ItemHistory {
        earlier: earlier.map(|line| format!("{href}?before={}", line.id)),
        latest: before.map(|_| href),
        lines: history_lines(&item.frame, &lines, &people),
    });
    Ok(item.frame.draw(&whole(&item, &page, tab, None)))
}

/// Lines of a history, as they are drawn.
pub(in crate::web::desk) fn history_lines(
    frame: &Frame,
    lines: &[Change],
    people: &[Brief],
) -> Vec<HistoryLine> {
    lines.iter().map(|line| drawn(frame, line, people)).collect()
}

fn drawn(frame: &Frame, line: &Change, people: &[Brief]) -> HistoryLine {
    let is_person = line.actor == (Actor::Visitor { person: nobody() }).word() || line.actor_id.is_some();
    let who = match line.actor_id.and_then(|id| people.iter().find(|one| one.id == id)) {
        Some(actor) => Some(brief(actor, Look::Inline, Side::Desk)),
        // Who is gone is still known to have been a user or a customer.
        None if is_person => {
            Some(Chip::deleted(Kind::parse(&line.actor_label).map_or("Deleted person", gone)))
        }
        None => None,
    };
    HistoryLine { who, machine: machine(line), what: pieces(line, people), when: frame.times().when(line.at) }
}

fn nobody() -> PersonId {
    PersonId::from_uuid(uuid::Uuid::nil())
}

/// What stands for who, where it was the machine.
fn machine(line: &Change) -> String {
    if line.actor == (Actor::Cli { user: String::new() }).word() {
        format!("The command line ({})", line.actor_label)
    } else if line.actor == "token" {
        "A service token".into()
    } else if line.actor_label == ops::requests::FORM {
        "Somebody at the request form".into()
    } else {
        "Tenure itself".into()
    }
}

/// What happened, as one sentence without marks: for the list of what changed meanwhile.
pub(in crate::web::desk) fn sentence(line: &Change, people: &[Brief], me: PersonId) -> String {
    let who = match line.actor_id {
        Some(id) if id == me => "You".to_owned(),
        Some(id) => people.iter().find(|one| one.id == id).map_or_else(
            || Kind::parse(&line.actor_label).map_or("Deleted person", gone).to_owned(),
            |one| one.name.clone(),
        ),
        None => machine(line),
    };
    let mut text = who;
    for piece in pieces(line, people) {
        text.push(' ');
        match piece {
            Piece::Words(words) => text.push_str(&words),
            Piece::Value(value) => text.extend(["“", &value, "”"]),
            Piece::Person(chip) => text.push_str(&chip.name),
        }
    }
    text
}

/// What happened, after who did it.
fn pieces(line: &Change, people: &[Brief]) -> Vec<Piece> {
    let person = |id: &str| {
        let found = id.parse::<PersonId>().ok().and_then(|id| people.iter().find(|one| one.id == id));
        Piece::Person(match found {
            Some(found) => brief(found, Look::Inline, Side::Desk),
            None => Chip::deleted("Deleted person"),
        })
    };
    let own = |id: &str| line.actor_id.is_some_and(|actor| actor.to_string() == id);
    let (before, after) = (line.before.as_str(), line.after.as_str());
    match line.field.as_str() {
        "created" => vec![Piece::words(format!("made this {after}"))],
        "description" if before.is_empty() => vec![Piece::words("wrote the description")],
        "description" if after.is_empty() => vec![Piece::words("removed the description")],
        "description" => vec![Piece::words("changed the description")],
        "body" => vec![Piece::words("changed the text")],
        "state" if after == ArticleState::Published.word() => vec![Piece::words("published it")],
        "state" => vec![Piece::words("took it back")],
        "accepted" => vec![Piece::words("accepted it, which was held for review")],
        "flag" => vec![Piece::words("took the flag away")],
        "kind" => vec![Piece::words(format!("made it a {}", title("kind", after).to_lowercase()))],
        "assignee" if before.is_empty() && own(after) => vec![Piece::words("took it on")],
        "assignee" if after.is_empty() && own(before) => vec![Piece::words("is no longer assigned")],
        "assignee" if before.is_empty() => vec![Piece::words("assigned"), person(after)],
        "assignee" => vec![Piece::words("unassigned"), person(before)],
        "follower" if before.is_empty() && own(after) => vec![Piece::words("follows it")],
        "follower" if after.is_empty() && own(before) => vec![Piece::words("no longer follows it")],
        "follower" if before.is_empty() => vec![Piece::words("added as follower"), person(after)],
        "follower" => vec![Piece::words("removed as follower"), person(before)],
        "requester" if before.is_empty() => vec![Piece::words("made the requester"), person(after)],
        "requester" if after.is_empty() => vec![Piece::words("removed the requester"), person(before)],
        "requester" => {
            vec![
                Piece::words("changed the requester from"),
                person(before),
                Piece::words("to"),
                person(after),
            ]
        }
        "handover.undone" => {
            vec![
                Piece::words("undid a handover: from"),
                person(before),
                Piece::words("it is back with"),
                person(after),
            ]
        }
        "handover" => vec![Piece::words("gave it from"), person(before), Piece::words("to"), person(after)],
        "tag" if before.is_empty() => vec![Piece::words("added the tag"), Piece::Value(after.into())],
        "tag" => vec![Piece::words("removed the tag"), Piece::Value(before.into())],
        "project" if before.is_empty() => vec![Piece::words("put it into"), Piece::Value(after.into())],
        "project" if after.is_empty() => vec![Piece::words("took it out of"), Piece::Value(before.into())],
        field => changed(field, before, after),
    }
}

/// "changed the priority from Normal to High".
fn changed(field: &str, before: &str, after: &str) -> Vec<Piece> {
    let called = if field == "due" { "due date" } else { field };
    let value = |text: &str| Piece::Value(title(field, text));
    match (before.is_empty(), after.is_empty()) {
        (true, _) => vec![Piece::words(format!("set the {called} to")), value(after)],
        (_, true) => vec![Piece::words(format!("removed the {called}")), value(before)],
        _ => vec![
            Piece::words(format!("changed the {called} from")),
            value(before),
            Piece::words("to"),
            value(after),
        ],
    }
}

/// What people read for a word of the history.
fn title(field: &str, word: &str) -> String {
    let known = match field {
        "status" => ItemStatus::parse(word).map(ItemStatus::title),
        "priority" => Priority::parse(word).map(Priority::title),
        "kind" => ItemKind::parse(word).map(ItemKind::title),
        "due" => return word.parse().map_or_else(|_| word.to_owned(), words::date),
        _ => None,
    };
    known.map_or_else(|| word.to_owned(), str::to_owned)
}
