//! Items: the row, its number, the counts of its lists, its tags.

use domain::{
    apps::Arrival,
    id::{ItemId, PersonId, ProjectId, WorkspaceId},
    item::{Item, ItemKind, ItemStatus, Priority},
};
use jiff::{Timestamp, civil::Date};

use super::{
    Error, Row, Rx, Sql, Tx,
    dialect::{Texts, Uuids, any_uuid, any_value},
    statements, time,
};
use crate::error::Result;

/// What stands for no due date: it sorts after every date.
pub(crate) const NEVER_DUE: &str = "~";

/// Who made an item, or wrote in it, as the row keeps it when the person is gone.
pub type MadeBy = (Option<PersonId>, String);

/// An item with everything the row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// The item.
    pub id: ItemId,
    /// Its number in the workspace.
    pub number: i64,
    /// What the rules know.
    pub item: Item,
    /// The title.
    pub title: String,
    /// The description, Markdown; a mention holds an id.
    pub description: String,
    /// The name of the project it is in.
    pub project_name: Option<String>,
    /// Who made it, and the kind of person (`user`, `customer`) or `machine`.
    pub created_by: MadeBy,
    /// How it came.
    pub arrival: Arrival,
    /// How many users are assigned.
    pub assignees: i64,
    /// How many messages its conversation has.
    pub messages: i64,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed, or a message came.
    pub updated: Timestamp,
    /// Counts each change of the item.
    pub version: i64,
}

/// The columns that [`from_row`] reads, in its order.
macro_rules! item_columns {
    () => {
        "i.item_id, i.number, i.kind, i.project_id, i.title, i.description, i.status, i.priority, i.due, \
         i.requester_id, i.created_by, i.created_by_kind, i.assignees, i.messages, i.created, i.updated, i.version, \
         (select j.name from projects j where j.workspace_id = i.workspace_id and j.project_id = i.project_id), \
         i.arrival"
    };
}

statements! {
    LOAD = Sql::both(concat!(
        "select ", item_columns!(), " from items i where i.workspace_id = $1 and i.item_id = $2"
    ));
    LOAD_MANY = Sql::each(
        concat!(
            "select ", item_columns!(), " from items i where i.workspace_id = $1 \
             and i.item_id in (select unhex(value) from json_each($2)) order by i.item_id"
        ),
        concat!(
            "select ", item_columns!(), " from items i where i.workspace_id = $1 and i.item_id = any($2) \
             order by i.item_id"
        ),
    );
    BY_NUMBER = Sql::both(concat!(
        "select ", item_columns!(), " from items i where i.workspace_id = $1 and i.number = $2"
    ));
    LOCK = Sql::each(
        concat!("select ", item_columns!(), " from items i where i.workspace_id = $1 and i.item_id = $2"),
        concat!(
            "select ", item_columns!(), " from items i where i.workspace_id = $1 and i.item_id = $2 \
             for no key update of i"
        ),
    );
    NUMBERS = any_uuid!("select i.item_id, i.number, i.title from items i where i.workspace_id = $1 and ",
              "i.item_id" in "$2", "");
    IDS = Sql::each(
        "select i.number, i.item_id from items i where i.workspace_id = $1 \
         and i.number in (select value from json_each($2)) order by i.number",
        "select i.number, i.item_id from items i where i.workspace_id = $1 and i.number = any($2) order by i.number",
    );
    NEXT_NUMBER = "insert into item_numbers (workspace_id, last) values ($1, 1) \
                   on conflict (workspace_id) do update set last = item_numbers.last + 1 returning last";
    INSERT = "insert into items (workspace_id, item_id, number, kind, project_id, title, description, search_text, \
              status, priority, due, requester_id, created_by, created_by_kind, created, updated, arrival) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    SAVE = "update items set kind = $1, project_id = $2, title = $3, description = $4, search_text = $5, status = $6, \
            priority = $7, due = $8, requester_id = $9, updated = $10, version = version + 1 \
            where workspace_id = $11 and item_id = $12 and version = $13";
    SET_ARRIVAL = "update items set arrival = $1, updated = $2, version = version + 1 \
                   where workspace_id = $3 and item_id = $4";
    TOUCH = "update items set assignees = assignees + $1, messages = messages + $2, updated = $3, \
             version = version + 1 where workspace_id = $4 and item_id = $5";
    COUNT = "insert into item_counts (workspace_id, kind, list, items) values ($1, $2, $3, $4) \
             on conflict (workspace_id, kind, list) do update set items = item_counts.items + excluded.items";
    UNCOUNT = "update item_counts set items = items + $1 where workspace_id = $2 and kind = $3 and list = $4";
    COUNTS = "select kind, list, items from item_counts where workspace_id = $1";
    COUNT_PROJECT = "update projects set items = items + $1 where workspace_id = $2 and project_id = $3";
    TAGS = any_uuid!("select x.item_id, t.name from item_tags x \
           join tags t on t.workspace_id = x.workspace_id and t.tag_key = x.tag_key where x.workspace_id = $1 and ",
           "x.item_id" in "$2", " order by x.item_id, x.tag_key");
    ADD_TAG = "insert into tags (workspace_id, tag_key, name, items) values ($1, $2, $3, 1) \
               on conflict (workspace_id, tag_key) do update set items = tags.items + 1";
    TAG = "insert into item_tags (workspace_id, item_id, tag_key) values ($1, $2, $3)";
    UNTAG = "delete from item_tags where workspace_id = $1 and item_id = $2 and tag_key = $3";
    DROP_TAG = "update tags set items = items - 1 where workspace_id = $1 and tag_key = $2";
    FORGET_TAG = "delete from tags where workspace_id = $1 and tag_key = $2 and items = 0";
    ADD_GRAMS = {
        sqlite: "insert into item_grams (workspace_id, item_id, gram) select $1, $2, g.value from json_each($3) g where true \
                 on conflict (workspace_id, gram, item_id) do nothing",
        postgres: "insert into item_grams (workspace_id, item_id, gram) select $1, $2, g.gram from unnest($3::text[]) g (gram) \
                   on conflict (workspace_id, gram, item_id) do nothing",
    };
    DROP_GRAMS = any_value!("delete from item_grams where workspace_id = $1 and item_id = $2 and ", "gram" in "$3", "");
    TAG_NAMES = "select t.name, t.items from tags t where t.workspace_id = $1 and t.tag_key >= $2 and t.tag_key < $3 \
                 order by t.tag_key limit 50";
}

/// Reads the columns of `item_columns`.
pub(crate) fn from_row(row: &Row<'_>) -> Result<ItemRow> {
    let word = |index: usize| row.get::<String>(index);
    let due: String = row.get(8)?;
    Ok(ItemRow {
        id: ItemId::from_uuid(row.get(0)?),
        number: row.get(1)?,
        item: Item {
            kind: ItemKind::parse(&word(2)?).ok_or(Error::Value("items.kind"))?,
            project: row.get::<Option<_>>(3)?.map(ProjectId::from_uuid),
            status: ItemStatus::parse(&word(6)?).ok_or(Error::Value("items.status"))?,
            priority: Priority::from_number(row.get(7)?).ok_or(Error::Value("items.priority"))?,
            due: read_due(&due)?,
            requester: row.get::<Option<_>>(9)?.map(PersonId::from_uuid),
        },
        title: row.get(4)?,
        description: row.get(5)?,
        created_by: (row.get::<Option<_>>(10)?.map(PersonId::from_uuid), row.get(11)?),
        assignees: row.get(12)?,
        messages: row.get(13)?,
        created: row.time(14)?,
        updated: row.time(15)?,
        version: row.get(16)?,
        project_name: row.get(17)?,
        arrival: Arrival::parse(&row.get::<String>(18)?).ok_or(Error::Value("items.arrival"))?,
    })
}

fn read_due(text: &str) -> Result<Option<Date>> {
    Ok(if text == NEVER_DUE { None } else { Some(time::date(text, "items.due")?) })
}

/// A due date as the row keeps it.
pub(crate) fn due_text(due: Option<Date>) -> String {
    due.map_or_else(|| NEVER_DUE.to_owned(), time::date_text)
}

/// An item of this workspace.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: ItemId) -> Result<Option<ItemRow>> {
    rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// Several items, in the order in which they were made; who is not here is left out.
pub async fn load_many(rx: &mut Rx, ws: WorkspaceId, ids: &[ItemId]) -> Result<Vec<ItemRow>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&LOAD_MANY, &[&ws.uuid(), &ids], from_row).await
}

/// The item of this number.
pub async fn by_number(rx: &mut Rx, ws: WorkspaceId, number: i64) -> Result<Option<ItemRow>> {
    rx.one(&BY_NUMBER, &[&ws.uuid(), &number], from_row).await
}

/// As [`load`], locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: ItemId) -> Result<Option<ItemRow>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// The ids of the items with these numbers, in their order; a number that no item has is left out.
pub async fn ids(rx: &mut Rx, ws: WorkspaceId, numbers: &[i64]) -> Result<Vec<(i64, ItemId)>> {
    let numbers = super::dialect::Numbers(numbers.to_vec());
    rx.all(&IDS, &[&ws.uuid(), &numbers], |row| Ok((row.get(0)?, ItemId::from_uuid(row.get(1)?)))).await
}

/// Number and title of several items.
pub async fn named(rx: &mut Rx, ws: WorkspaceId, ids: &[ItemId]) -> Result<Vec<(ItemId, i64, String)>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&NUMBERS, &[&ws.uuid(), &ids], |row| {
        Ok((ItemId::from_uuid(row.get(0)?), row.get(1)?, row.get(2)?))
    })
    .await
}

/// The next number of the workspace; the others who want one wait until this transaction ends.
pub async fn next_number(tx: &mut Tx, ws: WorkspaceId) -> Result<i64> {
    let number = tx.one(&NEXT_NUMBER, &[&ws.uuid()], |row| row.get(0)).await?;
    number.ok_or_else(|| Error::NotOneRow { statement: NEXT_NUMBER.name(), rows: 0 }.into())
}

/// Saves a new item; who is assigned is counted when they are.
pub async fn insert(tx: &mut Tx, ws: WorkspaceId, row: &ItemRow, search_text: &str) -> Result<()> {
    let item = &row.item;
    tx.exec_one(
        &INSERT,
        &[
            &ws.uuid(),
            &row.id.uuid(),
            &row.number,
            &item.kind.word(),
            &item.project.map(ProjectId::uuid),
            &row.title,
            &row.description,
            &search_text,
            &item.status.word(),
            &item.priority.number(),
            &due_text(item.due),
            &item.requester.map(PersonId::uuid),
            &row.created_by.0.map(PersonId::uuid),
            &row.created_by.1,
            &time::micros(row.created),
            &time::micros(row.updated),
            &row.arrival.word(),
        ],
    )
    .await
}

/// Saves the fields of an item; it must still be as `row` has it, else nothing was done and this is stale.
pub async fn save(
    tx: &mut Tx,
    ws: WorkspaceId,
    row: &ItemRow,
    search_text: &str,
    now: Timestamp,
) -> Result<()> {
    let item = &row.item;
    let rows = tx
        .exec(
            &SAVE,
            &[
                &item.kind.word(),
                &item.project.map(ProjectId::uuid),
                &row.title,
                &row.description,
                &search_text,
                &item.status.word(),
                &item.priority.number(),
                &due_text(item.due),
                &item.requester.map(PersonId::uuid),
                &time::micros(now),
                &ws.uuid(),
                &row.id.uuid(),
                &row.version,
            ],
        )
        .await?;
    if rows == 1 { Ok(()) } else { Err(crate::Error::Stale) }
}

/// Files an item under pieces of text, and no longer under others.
pub async fn set_grams(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: ItemId,
    add: Vec<String>,
    drop: Vec<String>,
) -> Result<()> {
    if !drop.is_empty() {
        tx.exec(&DROP_GRAMS, &[&ws.uuid(), &id.uuid(), &Texts(drop)]).await?;
    }
    if !add.is_empty() {
        tx.exec(&ADD_GRAMS, &[&ws.uuid(), &id.uuid(), &Texts(add)]).await?;
    }
    Ok(())
}

/// Says otherwise how an item came.
pub async fn set_arrival(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: ItemId,
    arrival: Arrival,
    now: Timestamp,
) -> Result<()> {
    tx.exec_one(&SET_ARRIVAL, &[&arrival.word(), &time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// Counts assignees and messages, and notes that the item changed.
pub async fn touch(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: ItemId,
    (assignees, messages): (i64, i64),
    now: Timestamp,
) -> Result<()> {
    tx.exec_one(&TOUCH, &[&assignees, &messages, &time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// A list that is counted: a status, or the unfinished without an assignee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// All of a status.
    Of(ItemStatus),
    /// Unfinished, and nobody is assigned.
    Unassigned,
}

impl List {
    const fn word(self) -> &'static str {
        match self {
            Self::Of(status) => status.word(),
            Self::Unassigned => "unassigned",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        match word {
            "unassigned" => Some(Self::Unassigned),
            word => ItemStatus::parse(word).map(Self::Of),
        }
    }
}

/// How many items are in each list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(Vec<(ItemKind, List, i64)>);

impl Counts {
    /// How many of a kind, or of both, are in a list.
    #[must_use]
    pub fn of(&self, kind: Option<ItemKind>, list: List) -> i64 {
        let fits =
            |(of, one, _): &&(ItemKind, List, i64)| *one == list && kind.is_none_or(|kind| kind == *of);
        self.0.iter().filter(fits).map(|(_, _, items)| items).sum()
    }

    /// How many of a kind, or of both, are not finished.
    #[must_use]
    pub fn unfinished(&self, kind: Option<ItemKind>) -> i64 {
        ItemStatus::UNFINISHED.into_iter().map(|status| self.of(kind, List::Of(status))).sum()
    }

    /// How many of a kind, or of both, there are.
    #[must_use]
    pub fn all(&self, kind: Option<ItemKind>) -> i64 {
        ItemStatus::ALL.iter().map(|status| self.of(kind, List::Of(*status))).sum()
    }
}

/// How many items are in each list, as kept.
pub async fn counts(rx: &mut Rx, ws: WorkspaceId) -> Result<Counts> {
    let read = |row: &Row<'_>| {
        let kind = ItemKind::parse(&row.get::<String>(0)?).ok_or(Error::Value("item_counts.kind"))?;
        let list = List::parse(&row.get::<String>(1)?).ok_or(Error::Value("item_counts.list"))?;
        Ok((kind, list, row.get(2)?))
    };
    Ok(Counts(rx.all(&COUNTS, &[&ws.uuid()], read).await?))
}

/// Changes the counts of lists. In one order, so that two writes wait for each other instead of blocking for good.
pub async fn count(tx: &mut Tx, ws: WorkspaceId, changes: &[(ItemKind, List, i64)]) -> Result<()> {
    for (kind, list, by) in changes.iter().filter(|(_, _, by)| *by != 0) {
        // A CHECK looks at what is to be inserted before it conflicts: fewer is no insert.
        if *by < 0 {
            tx.exec_one(&UNCOUNT, &[by, &ws.uuid(), &kind.word(), &list.word()]).await?;
        } else {
            tx.exec_one(&COUNT, &[&ws.uuid(), &kind.word(), &list.word(), by]).await?;
        }
    }
    Ok(())
}

/// Counts an unfinished item that came into a project (1) or left it (-1).
pub async fn count_project(tx: &mut Tx, ws: WorkspaceId, project: ProjectId, by: i64) -> Result<()> {
    tx.exec_one(&COUNT_PROJECT, &[&by, &ws.uuid(), &project.uuid()]).await
}

/// The tags of several items, by name.
pub async fn tags(rx: &mut Rx, ws: WorkspaceId, ids: &[ItemId]) -> Result<Vec<(ItemId, String)>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&TAGS, &[&ws.uuid(), &ids], |row| Ok((ItemId::from_uuid(row.get(0)?), row.get(1)?))).await
}

/// Gives an item a tag that it does not have: its folded name, and its name where it is the first of it.
pub async fn tag(tx: &mut Tx, ws: WorkspaceId, id: ItemId, key: &str, name: &str) -> Result<()> {
    tx.exec_one(&ADD_TAG, &[&ws.uuid(), &key, &name]).await?;
    tx.exec_one(&TAG, &[&ws.uuid(), &id.uuid(), &key]).await
}

/// Takes a tag from an item that has it; a tag that nothing has is forgotten.
pub async fn untag(tx: &mut Tx, ws: WorkspaceId, id: ItemId, key: &str) -> Result<()> {
    tx.exec_one(&UNTAG, &[&ws.uuid(), &id.uuid(), &key]).await?;
    tx.exec_one(&DROP_TAG, &[&ws.uuid(), &key]).await?;
    tx.exec(&FORGET_TAG, &[&ws.uuid(), &key]).await?;
    Ok(())
}

/// Up to 50 tags that begin so, with how many items have each.
pub async fn tags_beginning(rx: &mut Rx, ws: WorkspaceId, key: &str) -> Result<Vec<(String, i64)>> {
    let end = format!("{key}\u{10ffff}");
    rx.all(&TAG_NAMES, &[&ws.uuid(), &key, &end], |row| Ok((row.get(0)?, row.get(1)?))).await
}
