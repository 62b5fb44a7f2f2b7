//! `tenure search`.

use clap::Args;
use serde_json::{Value, json};

use super::{
    Global,
    answer::Answer,
    failure::Failure,
    item::{line_json, named},
    place::Place,
    table::{moment, table},
};
use crate::{
    ops::search::{self, Found, Hit},
    store::{
        grid::{Count, GridRow},
        item_list::Line,
        workspaces::Workspace,
    },
};

/// Look for people, items and what was written, by any part of a name, address, title, text or number.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenure search lovelace
  tenure search \"prints blank\" --json
  tenure search \"prints blank\" --before 1200

The first few of each are shown; `item list`, `user list` and `customer list` have the rest. Texts are looked into from three
characters on (in Chinese, Japanese and Korean from one), the latest first.")]
pub(super) struct Search {
    /// What to look for.
    text: String,
    /// Only texts before this entry, as the answer before named it.
    #[arg(long, value_name = "ENTRY")]
    before: Option<i64>,
}

impl Search {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        let ctx = place.ctx(workspace.id);
        let mut rx = place.store.reader().await?;
        let found = match self.before {
            None => search::everywhere(&mut rx, &ctx, &workspace, &self.text).await?,
            before => Found {
                written: search::in_texts(&mut rx, &ctx, &self.text, before).await?,
                ..Found::default()
            },
        };
        Ok(Answer::new(text(&found, &workspace), json(&found)))
    }
}

fn text(found: &Found, workspace: &Workspace) -> String {
    let mut parts = Vec::new();
    let items: Vec<&Line> = found.numbered.iter().chain(&found.items.rows).collect();
    if !items.is_empty() {
        let rows: Vec<_> = items
            .iter()
            .map(|line| {
                vec![line.row.number.to_string(), line.row.item.status.word().into(), line.row.title.clone()]
            })
            .collect();
        parts.push(table(&["ITEM", "STATUS", "TITLE"], &rows));
    }
    for (head, first) in [("USER", &found.users), ("CUSTOMER", &found.customers)] {
        let row = |found: &GridRow| {
            let person = &found.row.person;
            vec![person.name.clone(), person.email.clone(), person.status.word().word().into()]
        };
        if !first.rows.is_empty() {
            parts.push(table(&[head, "EMAIL", "STATUS"], &first.rows.iter().map(row).collect::<Vec<_>>()));
        }
    }
    let zone = workspace.zone();
    let row = |hit: &Hit| {
        let at = hit.message.as_ref().map_or(hit.item.created, |message| message.created);
        let excerpt = &hit.excerpt;
        let text = format!("{}{}{}", excerpt.before, excerpt.hit, excerpt.after);
        vec![hit.item.number.to_string(), moment(at, &zone), writer(hit), text]
    };
    if !found.written.hits.is_empty() {
        let rows: Vec<_> = found.written.hits.iter().map(row).collect();
        parts.push(table(&["ITEM", "WRITTEN", "BY", "TEXT"], &rows));
    }
    if let Some(more) = found.written.more {
        parts.push(format!("There may be earlier texts: --before {more}"));
    }
    if parts.is_empty() {
        parts.push("Nothing found.".into());
    }
    parts.join("\n\n")
}

fn writer(hit: &Hit) -> String {
    match &hit.message {
        None => "description".into(),
        Some(message) => {
            message.author.as_ref().map_or_else(|| format!("Deleted {}", message.author_kind.word()), named)
        }
    }
}

fn json(found: &Found) -> Value {
    let people = |rows: &[GridRow]| -> Vec<Value> {
        let one = |found: &GridRow| {
            let person = &found.row.person;
            json!({ "id": person.id, "name": person.name, "email": person.email, "status": person.status.word().word() })
        };
        rows.iter().map(one).collect()
    };
    let hit = |hit: &Hit| {
        json!({
            "number": hit.item.number,
            "title": hit.item.title,
            "message": hit.message.as_ref().map(|message| message.id),
            "kind": hit.message.as_ref().map_or("description", |message| message.kind.word()),
            "by": writer(hit),
            "written": hit.message.as_ref().map_or(hit.item.created, |message| message.created),
            "text": format!("{}{}{}", hit.excerpt.before, hit.excerpt.hit, hit.excerpt.after),
        })
    };
    json!({
        "numbered": found.numbered.as_ref().map(line_json),
        "items": found.items.rows.iter().map(line_json).collect::<Vec<_>>(),
        "items_count": number(found.items.count),
        "users": people(&found.users.rows),
        "users_count": number(found.users.count),
        "customers": people(&found.customers.rows),
        "customers_count": number(found.customers.count),
        "texts": found.written.hits.iter().map(hit).collect::<Vec<_>>(),
        "texts_before": found.written.more,
    })
}

/// How many there are; where not all were counted, at least so many.
fn number(count: Count) -> i64 {
    match count {
        Count::Exact(count) | Count::AtLeast(count) => count,
    }
}
