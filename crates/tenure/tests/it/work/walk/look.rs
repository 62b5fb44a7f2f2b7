//! What is looked at after a step.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{ItemId, PersonId};
use tenure::{
    ops::{
        deletion::called,
        items::{self, depart},
        messages,
    },
    store::{self, Engine, Sql},
};

use super::{Said, Stroll};
use crate::support::{dump::tables, world::World};

/// The rows that are one person's own: "table: the row".
pub(super) type Rows = BTreeSet<String>;

/// Columns that say whose a row is.
const OWNERS: [&str; 4] = ["person_id", "author_id", "uploader_id", "requester_id"];
/// Where an account's life itself is written, and what others did: it changes by a change of status.
const LIFE: [&str; 16] = [
    "audit",
    "audit_personal",
    "batch_people",
    "changes",
    "deleted_people",
    "deliveries",
    "departures",
    "events",
    // Counts, which the invariants of the rows compare with what they count.
    "holdings",
    "license_spans",
    "links",
    "sessions",
    "step_changes",
    "tokens",
    "handovers",
    "handover_items",
];
/// The columns of `people` that are the status itself, and what comes and goes with it.
const STATUS: [&str; 7] =
    ["status", "status_since", "status_by", "reason", "review_on", "return_asked", "version"];

/// Everybody's own rows, column by column, in every table that says whose its rows are: a new table is among them
/// by itself.
pub(super) async fn own_rows(world: &World) -> BTreeMap<PersonId, Rows> {
    let mut rx = world.reader().await;
    let mut own = BTreeMap::<PersonId, Rows>::new();
    let mut seen = 0;
    for (table, columns) in tables(&mut rx).await {
        let Some(owner) = columns.iter().find(|column| OWNERS.contains(&column.as_str())) else { continue };
        if LIFE.contains(&table.as_str()) {
            continue;
        }
        seen += 1;
        let shown = columns.iter().filter(|column| match table.as_str() {
            "people" => !STATUS.contains(&column.as_str()),
            // It repeats the item's status, which others change.
            "item_people" => *column != "finished",
            // Whose the request is; all else of an item is the team's.
            "items" => *column == "item_id",
            _ => true,
        });
        let shown: Vec<String> = match rx.engine() {
            Engine::Sqlite => shown.map(|column| format!("'{column} ' || quote({column})")).collect(),
            Engine::Postgres => {
                shown.map(|column| format!("'{column} ' || coalesce({column}::text, 'NULL')")).collect()
            }
        };
        let text = format!(
            "select {owner}, {} from {table} where workspace_id = $1 and {owner} is not null",
            shown.join(" || ', ' || ")
        );
        let read = |row: &store::Row<'_>| Ok((PersonId::from_uuid(row.get(0)?), row.get::<String>(1)?));
        for (person, row) in rx.all(&Sql::built(text), &[&world.ws.uuid()], read).await.expect("rows") {
            own.entry(person).or_default().insert(format!("{table}: {row}"));
        }
    }
    assert!(seen >= 9, "people, parts, teams, messages, views and more are looked at: {seen}");
    own
}

/// What is not as it was of those whom a step was not about.
pub(super) fn differences(
    before: &BTreeMap<PersonId, Rows>,
    after: &BTreeMap<PersonId, Rows>,
    about: &BTreeSet<PersonId>,
) -> Vec<String> {
    let none = Rows::new();
    let everybody: BTreeSet<&PersonId> = before.keys().chain(after.keys()).collect();
    let others = everybody.into_iter().filter(|person| !about.contains(person));
    others
        .flat_map(|person| {
            let (was, is) = (before.get(person).unwrap_or(&none), after.get(person).unwrap_or(&none));
            let gone = was.difference(is).map(move |row| format!("{person} had {row}"));
            let new = is.difference(was).map(move |row| format!("{person} has {row}"));
            gone.chain(new).collect::<Vec<_>>()
        })
        .collect()
}

/// What these people have got, but for their own profile, which others may edit.
pub(super) fn new_rows(
    before: &BTreeMap<PersonId, Rows>,
    after: &BTreeMap<PersonId, Rows>,
    people: &BTreeSet<PersonId>,
) -> Vec<String> {
    let parts = |of: &BTreeMap<PersonId, Rows>| -> BTreeMap<PersonId, Rows> {
        let profile = ["people: ", "grams: ", "team_members: ", "organization_members: "];
        let of = of.iter().filter(|(person, _)| people.contains(person));
        of.map(|(person, rows)| {
            let rows = rows.iter().filter(|row| !profile.iter().any(|table| row.starts_with(table)));
            (*person, rows.cloned().collect())
        })
        .collect()
    };
    let found = differences(&parts(before), &parts(after), &BTreeSet::new());
    found.into_iter().filter(|line| line.contains(" has ")).collect()
}

impl Stroll {
    /// The tables that still name somebody who was deleted; and, once the last piece of them has gone, those that
    /// hold their id where nothing should.
    pub(super) async fn left_of_the_gone(&self) -> Vec<String> {
        let dump = self.world.dump().await;
        let own = own_rows(&self.world).await;
        let waiting = departure(&self.world).await.is_some();
        let rows = || dump.iter().flat_map(|(table, rows)| rows.iter().map(move |row| (table.as_str(), row)));
        let mut left = Vec::new();
        for who in &self.gone {
            for trace in &who.traces {
                let found = rows().filter(|(_, row)| row.contains(trace.as_str()));
                left.extend(found.map(|(table, _)| format!("{table} has {trace}")));
            }
            // What happened stays told, by "Deleted user": the log, the history, who made an item, and to whom a
            // text speaks.
            let told = [
                "items",
                "audit",
                "deleted_people",
                "batch_people",
                "changes",
                "events",
                "messages",
                "handovers",
                "handover_items",
            ];
            let ids = [who.id.to_string(), who.id.to_string().replace('-', "")];
            let named = |row: &str| ids.iter().any(|id| row.contains(id));
            let found = rows().filter(|(table, row)| !waiting && !told.contains(table) && named(row));
            left.extend(found.map(|(table, _)| format!("{table} has the id of somebody deleted")));
            let own = own.get(&who.id).filter(|_| !waiting);
            left.extend(own.into_iter().flatten().map(|row| format!("somebody deleted has {row}")));
        }
        left.sort();
        left.dedup();
        left
    }

    /// Messages that are not as they were written, by whom they should be; and pages that still show the deleted.
    pub(super) async fn unreadable(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut rx = self.world.reader().await;
        let ctx = self.world.ctx();
        for number in 1.. {
            let Ok(found) = items::find(&mut rx, &ctx, number).await else { break };
            let of = (&found.row, found.access);
            let talk = messages::conversation(&mut rx, &ctx, of, None, 1_000).await.expect("a conversation");
            for said in self.said.iter().filter(|said| said.item == found.row.id) {
                let there = talk.messages.iter().find(|message| message.id == said.id);
                match there {
                    Some(there) if there.body == said.body && there.kind == said.kind => {
                        wrong.extend(self.wrong_author(said, there));
                    }
                    other => wrong.push(format!("{:?} has become {other:?}", said.body)),
                }
            }
            let page = items::show(&mut rx, &ctx, number).await.expect("a page");
            let shown = page.people.iter().map(|holder| holder.person.id);
            let shown = shown.chain(page.requester.iter().map(|brief| brief.id));
            let gone = shown.filter(|id| self.gone.iter().any(|gone| gone.id == *id));
            wrong.extend(gone.map(|id| format!("item {number} shows {id}, who is gone")));
        }
        wrong
    }

    fn wrong_author(&self, said: &Said, there: &store::messages::Message) -> Option<String> {
        let gone = self.gone.iter().any(|gone| gone.id == said.author);
        let wanted = (!gone).then_some(said.author);
        let (shown, kind) = (there.author.as_ref().map(|author| author.id), there.author_kind);
        (shown != wanted || called(kind) != called(said.author_kind))
            .then(|| format!("{:?} is by {shown:?}, {}", said.body, called(kind)))
    }

    /// Every departure to its end, and what must be then.
    pub(super) async fn ends(&mut self) {
        while self.depart().await {}
        let left = self.left_of_the_gone().await;
        assert!(left.is_empty(), "at the end: {left:#?}");
        let unread = self.unreadable().await;
        assert!(unread.is_empty(), "at the end: {unread:#?}");
        assert!(!self.gone.is_empty() && !self.said.is_empty(), "else this proves nothing");
        self.world.check().await;
    }

    /// One piece of one departure, as the job takes it; answers whether there was one.
    pub(super) async fn depart(&mut self) -> bool {
        let Some(person) = departure(&self.world).await else { return false };
        let ctx = self.world.job();
        self.world.write(async move |tx| depart::work(tx, &ctx, person).await).await.expect("a piece");
        self.pieces += 1;
        true
    }

    pub(super) fn item(&self, n: u8) -> ItemId {
        self.items[usize::from(n) % self.items.len()]
    }
}

async fn departure(world: &World) -> Option<PersonId> {
    store::departures::first(&mut world.reader().await, world.ws).await.expect("a read")
}
