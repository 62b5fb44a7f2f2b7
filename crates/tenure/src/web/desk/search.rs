//! `GET /search`: people, items and what was written, by any part of it.

use super::work::Drawing;
use crate::{
    app::App,
    error::Result,
    ops::search::{self, First, Found, Hit, Written},
    store::grid::GridRow,
    web::{
        desk::{
            frame::{Frame, brief, chip},
            words,
        },
        fields::Fields,
        pages::conversation,
        side::Side,
        view::{
            Link,
            chip::{Chip, Look},
            naming::{CUSTOMERS, Naming, USERS},
            search::{PersonHit, SearchPage, Section, TextHit},
            shell::Place,
            work::ItemLine,
        },
    },
};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};

/// `GET /search?q=…`, with `before` an entry to look at texts before it.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes())?;
    let q = fields.get("q").trim();
    let before = fields.get("before").parse::<i64>().ok();
    let (ctx, workspace) = (&frame.session.ctx, &frame.session.check.workspace);
    let mut rx = app.store.reader().await?;
    let found = match before {
        Some(before) => {
            Found { written: search::in_texts(&mut rx, ctx, q, Some(before)).await?, ..Found::default() }
        }
        None => search::everywhere(&mut rx, ctx, workspace, q).await?,
    };
    drop(rx);
    let mut shell = frame.shell(Place::Search, Place::Search.label());
    q.clone_into(&mut shell.search);
    let mut page = draw(&frame, &found, q);
    (page.shell, page.earlier) = (shell, before.is_some());
    Ok(frame.draw(&page))
}

fn draw(frame: &Frame, found: &Found, q: &str) -> SearchPage {
    let drawing = Drawing::of(frame);
    let items: Vec<ItemLine> = found.items.rows.iter().map(|line| drawing.line(line)).collect();
    let people = [(USERS, &found.users), (CUSTOMERS, &found.customers)];
    SearchPage {
        numbered: found.numbered.as_ref().map(|line| drawing.line(line)),
        items: Section {
            title: "Items",
            count: words::counted(found.items.count),
            rows: items,
            all: vec![
                Link::new("In tickets", address("/tickets", &[("status", "all"), ("q", q)])),
                Link::new("In tasks", address("/tasks", &[("status", "all"), ("q", q)])),
            ],
        },
        people: people.into_iter().filter_map(|(app, first)| section(app, first, q)).collect(),
        more: found.written.more.map(|entry| address("/search", &[("q", q), ("before", &entry.to_string())])),
        short: found.written.too_short,
        texts: texts(frame, &found.written),
        ..SearchPage::default()
    }
}

fn section(app: &Naming, first: &First<GridRow>, q: &str) -> Option<Section<PersonHit>> {
    if first.rows.is_empty() {
        return None;
    }
    let hit = |found: &GridRow| PersonHit {
        chip: chip(&found.row, Look::Row).linked(format!("{}/{}", app.path, found.row.person.id)),
        email: found.row.person.email.clone(),
        groups: found.groups.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", "),
    };
    Some(Section {
        title: app.title,
        count: words::counted(first.count),
        rows: first.rows.iter().map(hit).collect(),
        all: vec![Link::new("Show in the list", address(app.path, &[("q", q)]))],
    })
}

fn texts(frame: &Frame, written: &Written) -> Section<TextHit> {
    let times = frame.times();
    let hit = |hit: &Hit| {
        let (item, message) = (&hit.item, hit.message.as_ref());
        let author = |message: &crate::store::messages::Message| match &message.author {
            Some(author) => brief(author, Look::Inline, Side::Desk),
            None => Chip::deleted(conversation::gone(message.author_kind)),
        };
        TextHit {
            href: match message {
                Some(message) => format!("/items/{}/messages/{}", item.number, message.id),
                None => format!("/items/{}", item.number),
            },
            number: item.number,
            title: item.title.clone(),
            author: message.map(author),
            note: message.is_some_and(|message| message.kind == domain::item::MessageKind::Note),
            when: times.when(message.map_or(item.created, |message| message.created)),
            excerpt: (hit.excerpt.before.clone(), hit.excerpt.hit.clone(), hit.excerpt.after.clone()),
        }
    };
    Section {
        title: "Descriptions and messages",
        rows: written.hits.iter().map(hit).collect(),
        ..Section::default()
    }
}

fn address(path: &str, fields: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("{path}?{query}")
}
