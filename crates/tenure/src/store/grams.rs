//! Under which pieces of text search finds a person (see `docs/decisions/0005`).
//!
//! The pieces stand in the order in which search reads them, and in no other: those of one person are found by
//! making them again from name and address. An index by person would double the largest table there is.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    id::{PersonId, WorkspaceId},
    person::{Kind, Person},
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Rx, Sql, Tx, bind, dialect::Texts, statements};
use crate::{error::Result, seal, text};

/// The pieces that wait in a [`Filing`] before they are written: some 25 MiB.
const WAITING: usize = 1_000_000;

/// The pieces that one statement writes.
const AT_ONCE: usize = 20_000;

statements! {
    ADD = {
        sqlite: "insert into grams (workspace_id, kind, near, person_id, gram) \
                 select $1, $2, $3, $4, g.value from json_each($5) g where true \
                 on conflict (workspace_id, kind, gram, near, person_id) do nothing",
        postgres: "insert into grams (workspace_id, kind, near, person_id, gram) \
                   select $1, $2, $3, $4, g.gram from unnest($5::text[]) g (gram) \
                   on conflict (workspace_id, kind, gram, near, person_id) do nothing",
    };
    ADD_MANY = {
        sqlite: "insert into grams (workspace_id, kind, gram, near, person_id) \
                 select $1, $2, r.key, unhex(substr(p.value, 33)), unhex(substr(p.value, 1, 32)) \
                 from json_each($3) r, json_each(r.value) p",
        postgres: "insert into grams (workspace_id, kind, gram, near, person_id) \
                   select $1, $2, r.key, decode(substr(p.value, 33), 'hex'), substr(p.value, 1, 32)::uuid \
                   from json_each($3::text::json) r, json_array_elements_text(r.value) p (value)",
    };
    REMOVE = {
        sqlite: "delete from grams where workspace_id = $1 and kind = $2 and near = $3 and person_id = $4 \
                 and gram in (select value from json_each($5))",
        postgres: "delete from grams where workspace_id = $1 and kind = $2 and near = $3 and person_id = $4 \
                   and gram = any($5)",
    };
    // Piece by piece, by the key: how many a list holds is not told to the planner. (`offset 0` forbids another order.)
    FILED = {
        sqlite: "select count(*) from json_each($1) r cross join json_each(r.value) p cross join grams g \
                 where g.workspace_id = $2 and g.kind = $3 and g.gram = r.key \
                 and g.near = unhex(substr(p.value, 33)) and g.person_id = unhex(substr(p.value, 1, 32))",
        postgres: "select count(*) from json_each($1::text::json) r \
                   cross join json_array_elements_text(r.value) p (value) \
                   cross join lateral (select 1 from grams g where g.workspace_id = $2 and g.kind = $3 \
                   and g.gram = r.key and g.near = decode(substr(p.value, 33), 'hex') \
                   and g.person_id = substr(p.value, 1, 32)::uuid offset 0) g",
    };
    COUNT = scan "select count(*) from grams where workspace_id = $1";
}

fn pieces(person: &Person) -> Vec<String> {
    text::grams(&person.name, &person.email).into_iter().collect()
}

/// Where a name stands in the lists, nearly: the lists are read in this order.
fn near(name: &str) -> Vec<u8> {
    text::near(&text::sort_key(name))
}

fn change(tx: &mut Tx, sql: &'static Sql, person: &Person, grams: Vec<String>) -> Result<()> {
    if grams.is_empty() {
        return Ok(());
    }
    let near = near(&person.name);
    tx.soon(sql, bind![person.workspace.uuid(), person.kind.word(), near, person.id.uuid(), Texts(grams)])
}

/// Lets search find a person.
pub fn add(tx: &mut Tx, person: &Person) -> Result<()> {
    change(tx, &ADD, person, pieces(person))
}

/// Lets search no longer find a person, who is saved as given.
pub fn remove(tx: &mut Tx, person: &Person) -> Result<()> {
    change(tx, &REMOVE, person, pieces(person))
}

/// Lets search find a person as they now are, and no longer as they were.
pub fn replace(tx: &mut Tx, before: &Person, after: &Person) -> Result<()> {
    if before.kind != after.kind || near(&before.name) != near(&after.name) {
        remove(tx, before)?;
        return add(tx, after);
    }
    let (old, new) = (text::grams(&before.name, &before.email), text::grams(&after.name, &after.email));
    change(tx, &REMOVE, before, old.difference(&new).cloned().collect())?;
    change(tx, &ADD, after, new.difference(&old).cloned().collect())
}

/// Where somebody stands in a list: nearly by name, then by id.
type Place = (Arc<[u8]>, Uuid);

/// The pieces of many new people of one kind, kept until they can be written in the order of the table: so each page
/// of it is touched once for thousands of people, not once for each of their pieces.
#[derive(Debug)]
pub struct Filing {
    kind: Kind,
    waiting: BTreeMap<String, Vec<Place>>,
    count: usize,
}

impl Filing {
    /// Begins with nobody.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self { kind, waiting: BTreeMap::new(), count: 0 }
    }

    /// Adds a person's pieces; [`Filing::is_full`] tells when it is time to write.
    pub fn push(&mut self, id: PersonId, name: &str, email: &str) {
        let near: Arc<[u8]> = near(name).into();
        for gram in text::grams(name, email) {
            self.waiting.entry(gram).or_default().push((Arc::clone(&near), id.uuid()));
            self.count += 1;
        }
    }

    /// Whether so many wait that they should be written.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.count >= WAITING
    }

    /// Takes what waits, as lists for one statement each: objects with the ids of each piece, since a piece that stood
    /// in an array with its ids would be read again for each of them.
    fn take(&mut self) -> Vec<String> {
        self.count = 0;
        let (mut lists, mut rows, mut size) = (Vec::new(), Map::new(), 0);
        for (gram, mut people) in std::mem::take(&mut self.waiting) {
            people.sort_unstable();
            for part in people.chunks(AT_ONCE) {
                size += part.len();
                let places = part.iter().map(|(near, id)| format!("{}{}", id.simple(), seal::to_hex(near)));
                rows.insert(gram.clone(), places.map(Value::String).collect());
                if size >= AT_ONCE {
                    lists.push(Value::Object(std::mem::take(&mut rows)).to_string());
                    size = 0;
                }
            }
        }
        if !rows.is_empty() {
            lists.push(Value::Object(rows).to_string());
        }
        lists
    }

    /// Writes what waits. The people must have been saved.
    pub async fn save(&mut self, tx: &mut Tx, ws: WorkspaceId) -> Result<()> {
        let kind = self.kind.word();
        for list in self.take() {
            tx.exec(&ADD_MANY, &[&ws.uuid(), &kind, &list]).await?;
        }
        Ok(())
    }

    /// Forgets what waits; answers how many pieces it was, and how many of them the table has.
    pub async fn compare(&mut self, rx: &mut Rx, ws: WorkspaceId) -> Result<(i64, i64)> {
        let (kind, waiting) = (self.kind.word(), self.count);
        let mut filed = 0;
        for list in self.take() {
            let found = rx.one(&FILED, &[&list, &ws.uuid(), &kind], |row| row.get::<i64>(0)).await?;
            filed += found.unwrap_or_default();
        }
        Ok((i64::try_from(waiting).unwrap_or(i64::MAX), filed))
    }
}

/// How many pieces there are.
pub async fn count(rx: &mut Rx, ws: WorkspaceId) -> Result<i64> {
    Ok(rx.one(&COUNT, &[&ws.uuid()], |row| row.get::<i64>(0)).await?.unwrap_or_default())
}
