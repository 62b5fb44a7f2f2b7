//! `GET /api/v1/search`: people, items and what was written, by any part of it.

use axum::{Json, extract::State};
use domain::{
    id::{MessageId, PersonId},
    item::MessageKind,
    person::{Kind, StatusWord},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{items::Shown, talk::no_cursor};
use crate::{
    app::App,
    ops::search::{self as ops, First, Found, Hit},
    store::{grid::GridRow, item_list::Line},
    web::{
        api::{
            answer::{Answer, Who},
            people::Counted,
            problems::work::OfList,
            query::Query,
        },
        session::Session,
    },
};

/// The first items that match, and how many do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct FoundItems {
    /// The first of them, the latest changed first.
    items: Vec<Shown>,
    /// How many match.
    count: Counted,
}

/// Somebody who was found.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct FoundPerson {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    /// The name shown.
    name: String,
    /// The email address.
    email: String,
    /// User or customer.
    #[schema(value_type = String, pattern = "^(user|customer)$", example = "user")]
    kind: Kind,
    /// The state of the account.
    #[schema(value_type = String, pattern = "^(invited|active|deactivated)$", example = "active")]
    status: StatusWord,
}

/// The first people that match, and how many do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct FoundPeople {
    /// The first of them, by name.
    people: Vec<FoundPerson>,
    /// How many match.
    count: Counted,
}

impl From<First<GridRow>> for FoundPeople {
    fn from(first: First<GridRow>) -> Self {
        let one = |found: GridRow| {
            let person = found.row.person;
            let (status, kind) = (person.status.word(), person.kind);
            FoundPerson { id: person.id, name: person.name, email: person.email, kind, status }
        };
        Self { people: first.rows.into_iter().map(one).collect(), count: first.count.into() }
    }
}

/// The message that a text is.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct FoundMessage {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: MessageId,
    /// A reply or a note.
    #[schema(value_type = String, pattern = "^(reply|note)$", example = "reply")]
    kind: MessageKind,
    /// Who wrote it; null for somebody who was deleted.
    author: Option<Who>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
}

/// A description or a message that holds what is sought.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct FoundText {
    /// The number of its item.
    number: i64,
    /// The title of its item.
    title: String,
    /// The message; null for the item's description.
    message: Option<FoundMessage>,
    /// What stands before what was found.
    before: String,
    /// What was found, as it is written there.
    hit: String,
    /// What stands after it.
    after: String,
}

impl From<Hit> for FoundText {
    fn from(hit: Hit) -> Self {
        let message = hit.message.map(|message| FoundMessage {
            id: message.id,
            kind: message.kind,
            author: message.author.as_ref().map(Who::from),
            created: message.created,
        });
        let (before, after) = (hit.excerpt.before, hit.excerpt.after);
        Self { number: hit.item.number, title: hit.item.title, message, before, hit: hit.excerpt.hit, after }
    }
}

/// What was found. Of everything but texts the first few; the rest is in the lists, by their `q`.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct SearchResult {
    /// The item whose number was asked for, as in `42` or `#42`.
    numbered: Option<Shown>,
    /// Items with it in title or number.
    items: FoundItems,
    /// Users with it in name or address.
    users: FoundPeople,
    /// Customers with it in name or address.
    customers: FoundPeople,
    /// Descriptions and messages with it, the latest first.
    texts: Vec<FoundText>,
    /// Whether too little was asked for to look into texts.
    too_short: bool,
    /// The `after` of the page of earlier texts; null on the last.
    next: Option<String>,
}

impl From<Found> for SearchResult {
    fn from(found: Found) -> Self {
        let items = |first: First<Line>| FoundItems {
            items: first.rows.into_iter().map(Shown::line).collect(),
            count: first.count.into(),
        };
        Self {
            numbered: found.numbered.map(Shown::line),
            items: items(found.items),
            users: found.users.into(),
            customers: found.customers.into(),
            texts: found.written.hits.into_iter().map(FoundText::from).collect(),
            too_short: found.written.too_short,
            next: found.written.more.map(|entry| entry.to_string()),
        }
    }
}

/// Search everything.
///
/// People by any part of name or address, items by title or number, descriptions and messages by any part of their
/// text. With `after`: earlier texts, and nothing else.
#[utoipa::path(
    get, path = "/api/v1/search", operation_id = "search", tag = "search",
    params(
        ("q" = Option<String>, Query, description = "What is sought; nothing is found without it. Texts are looked into from three characters on."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
    ),
    responses((status = 200, description = "What was found.", body = SearchResult), OfList),
    security(("session" = []))
)]
pub(in crate::web::api) async fn search(
    State(app): State<App>,
    session: Session,
    query: Query,
) -> Answer<Json<SearchResult>> {
    query.only(&["q", "after"])?;
    let q = query.get("q").unwrap_or_default().trim();
    let after = query.get("after").filter(|text| !text.is_empty());
    let after = after.map(str::parse::<i64>).transpose().map_err(|_| no_cursor())?;
    let mut rx = app.store.reader().await?;
    let found = match after {
        Some(entry) => {
            let written = ops::in_texts(&mut rx, &session.ctx, q, Some(entry)).await?;
            Found { written, ..Found::default() }
        }
        None => ops::everywhere(&mut rx, &session.ctx, &session.check.workspace, q).await?,
    };
    Ok(Json(found.into()))
}
