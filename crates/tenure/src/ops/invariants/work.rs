//! What must hold of items, of people's parts in them, and of the kept counts.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::WorkspaceId,
    item::{ItemKind, ItemStatus},
};
use uuid::Uuid;

use crate::{
    error::Result,
    ops::items::search_text,
    statements,
    store::{Row, Rx, items},
    text,
};

/// Items that are read at once.
const PAGE: i64 = 500;

statements! {
    BY_STATUS = scan "select i.kind, i.status, count(*), count(*) filter (where i.assignees = 0) from items i \
        where i.workspace_id = $1 group by i.kind, i.status";
    ASSIGNEES = scan "select i.item_id from items i where i.workspace_id = $1 and i.assignees <> \
        (select count(*) from item_people x where x.workspace_id = $1 and x.item_id = i.item_id and x.part = 'assignee')";
    MESSAGES = scan "select i.item_id from items i where i.workspace_id = $1 and i.messages <> \
        (select count(*) from messages m where m.workspace_id = $1 and m.item_id = i.item_id)";
    FINISHED = scan "select x.item_id from item_people x \
        join items i on i.workspace_id = x.workspace_id and i.item_id = x.item_id \
        where x.workspace_id = $1 and x.finished <> (i.status in ('done', 'closed'))";
    CUSTOMERS = scan "select x.item_id from item_people x \
        join people p on p.workspace_id = x.workspace_id and p.person_id = x.person_id \
        where x.workspace_id = $1 and x.part = 'assignee' and p.kind <> 'user'";
    GONE = scan "select x.person_id from ( \
        select x.person_id from item_people x where x.workspace_id = $1 \
        union select i.requester_id from items i where i.workspace_id = $1 and i.requester_id is not null \
        union select t.author_id from articles t where t.workspace_id = $1 and t.author_id is not null \
        union select m.author_id from messages m where m.workspace_id = $1 and m.author_id is not null \
        union select a.uploader_id from attachments a where a.workspace_id = $1 and a.uploader_id is not null \
        union select n.person_id from mentions n where n.workspace_id = $1) x \
        where not exists (select 1 from people p where p.workspace_id = $1 and p.person_id = x.person_id) \
        and not exists (select 1 from departures d where d.workspace_id = $1 and d.person_id = x.person_id)";
    GONE_PROJECTS = scan "select x.person_id from project_people x where x.workspace_id = $1 \
        and not exists (select 1 from people p where p.workspace_id = $1 and p.person_id = x.person_id)";
    SLUGS = scan "select a.article_id from articles a where a.workspace_id = $1 and not exists \
        (select 1 from article_slugs s where s.workspace_id = $1 and s.slug = a.slug and s.article_id = a.article_id)";
    PARTS = scan "select x.person_id, x.part, i.kind, count(*) from item_people x \
        join items i on i.workspace_id = x.workspace_id and i.item_id = x.item_id \
        join people p on p.workspace_id = x.workspace_id and p.person_id = x.person_id \
        where x.workspace_id = $1 and i.status not in ('done', 'closed') group by x.person_id, x.part, i.kind";
    REQUESTED = scan "select i.requester_id, count(*) from items i \
        join people p on p.workspace_id = i.workspace_id and p.person_id = i.requester_id \
        where i.workspace_id = $1 and i.status not in ('done', 'closed') group by i.requester_id";
    HOLDINGS = scan "select h.person_id, h.assigned, h.tasks, h.following, h.requested, h.off = (p.status = 'deactivated') \
        from holdings h join people p on p.workspace_id = h.workspace_id and p.person_id = h.person_id \
        where h.workspace_id = $1";
    PROJECTS = scan "select j.project_id from projects j where j.workspace_id = $1 and j.items <> \
        (select count(*) from items i where i.workspace_id = $1 and i.project_id = j.project_id \
         and i.status not in ('done', 'closed'))";
    TAGS = scan "select count(*) from tags t where t.workspace_id = $1 and t.items <> \
        (select count(*) from item_tags x where x.workspace_id = $1 and x.tag_key = t.tag_key)";
    NUMBERS = scan "select count(*), coalesce(max(i.number), 0), \
        coalesce((select n.last from item_numbers n where n.workspace_id = $1), 0) from items i where i.workspace_id = $1";
    ITEMS = "select i.item_id, i.number, i.title, i.search_text from items i \
        where i.workspace_id = $1 and i.item_id > $2 order by i.item_id limit $3";
    GRAMS = "select g.item_id, g.gram from item_grams g \
        where g.workspace_id = $1 and g.item_id > $2 and g.item_id <= $3 order by g.item_id";
}

/// Everything that does not hold of the work, in words that name ids and numbers.
pub(super) async fn check(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let lists = [
        (&ASSIGNEES, "this item counts other assignees than it has"),
        (&MESSAGES, "this item counts other messages than it has"),
        (&FINISHED, "somebody's part says otherwise than this item whether it is finished"),
        (&CUSTOMERS, "a customer is assigned to this item"),
        (&GONE, "somebody who is gone has a part or wrote a message, and no departure says so"),
        (&GONE_PROJECTS, "somebody who is gone has a part in a project"),
        (&SLUGS, "the address of this article does not lead to it"),
        (&PROJECTS, "this project counts other unfinished items than it has"),
    ];
    for (sql, what) in lists {
        let found = rx.all(sql, &[&ws.uuid()], |row| row.get::<Uuid>(0)).await?;
        wrong.extend(found.into_iter().map(|id| format!("{what}: {id}")));
    }
    if let Some(tags @ 1..) = rx.one(&TAGS, &[&ws.uuid()], |row| row.get::<i64>(0)).await? {
        wrong.push(format!("{tags} tags count other items than they have"));
    }
    numbers(rx, ws, wrong).await?;
    lists_of(rx, ws, wrong).await?;
    holdings(rx, ws, wrong).await?;
    derived(rx, ws, wrong).await
}

async fn numbers(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let read = |row: &Row<'_>| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?));
    if let Some((items, highest, last)) = rx.one(&NUMBERS, &[&ws.uuid()], read).await?
        && (highest > last || items > last)
    {
        wrong.push(format!("{items} items go up to number {highest}, and the last given is {last}"));
    }
    Ok(())
}

async fn lists_of(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let kept = items::counts(rx, ws).await?;
    let read = |row: &Row<'_>| {
        let (kind, status) = (row.get::<String>(0)?, row.get::<String>(1)?);
        Ok(((kind, status), (row.get::<i64>(2)?, row.get::<i64>(3)?)))
    };
    let there: BTreeMap<_, _> = rx.all(&BY_STATUS, &[&ws.uuid()], read).await?.into_iter().collect();
    for kind in ItemKind::ALL {
        let mut free = 0;
        for status in ItemStatus::ALL {
            let key = (kind.word().to_owned(), status.word().to_owned());
            let (items, unassigned) = there.get(&key).copied().unwrap_or_default();
            let counted = kept.of(Some(*kind), items::List::Of(*status));
            if counted != items {
                wrong.push(format!("{counted} {key:?} are counted, and there are {items}"));
            }
            free += if status.is_finished() { 0 } else { unassigned };
        }
        let counted = kept.of(Some(*kind), items::List::Unassigned);
        if counted != free {
            wrong.push(format!("{counted} unassigned are counted ({}), and there are {free}", kind.word()));
        }
    }
    Ok(())
}

/// What people hold, as kept: assigned, of that tasks, followed, requested.
type Numbers = [i64; 4];

async fn holdings(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let mut there = BTreeMap::<Uuid, Numbers>::new();
    let read = |row: &Row<'_>| {
        let person = row.get::<Uuid>(0)?;
        Ok((person, row.get::<String>(1)?, row.get::<String>(2)?, row.get::<i64>(3)?))
    };
    for (person, part, kind, items) in rx.all(&PARTS, &[&ws.uuid()], read).await? {
        let numbers = there.entry(person).or_default();
        if part == "follower" {
            numbers[2] += items;
        } else {
            numbers[0] += items;
            numbers[1] += if kind == "task" { items } else { 0 };
        }
    }
    let read = |row: &Row<'_>| Ok((row.get::<Uuid>(0)?, row.get::<i64>(1)?));
    for (person, items) in rx.all(&REQUESTED, &[&ws.uuid()], read).await? {
        there.entry(person).or_default()[3] += items;
    }
    let read = |row: &Row<'_>| {
        let numbers = [row.get::<i64>(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
        Ok((row.get::<Uuid>(0)?, numbers, row.get::<bool>(5)?))
    };
    for (person, kept, right) in rx.all(&HOLDINGS, &[&ws.uuid()], read).await? {
        let holds = there.remove(&person).unwrap_or_default();
        if kept != holds {
            wrong.push(format!("this person's holdings are kept as {kept:?} and are {holds:?}: {person}"));
        }
        if !right {
            wrong
                .push(format!("this person's holdings say otherwise whether they are deactivated: {person}"));
        }
    }
    let lost = there.into_iter().filter(|(_, holds)| *holds != Numbers::default());
    wrong.extend(lost.map(|(person, holds)| format!("this person holds {holds:?}, uncounted: {person}")));
    Ok(())
}

/// What is made of number and title: search text and search pieces.
async fn derived(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        let read = |row: &Row<'_>| {
            Ok((row.get::<Uuid>(0)?, row.get::<i64>(1)?, row.get::<String>(2)?, row.get::<String>(3)?))
        };
        let page = rx.all(&ITEMS, &[&ws.uuid(), &after, &PAGE], read).await?;
        let Some(last) = page.last().map(|(id, ..)| *id) else {
            return Ok(());
        };
        let read = |row: &Row<'_>| Ok((row.get::<Uuid>(0)?, row.get::<String>(1)?));
        let mut grams = BTreeMap::<Uuid, BTreeSet<String>>::new();
        for (id, gram) in rx.all(&GRAMS, &[&ws.uuid(), &after, &last], read).await? {
            grams.entry(id).or_default().insert(gram);
        }
        for (id, number, title, searched) in page {
            if searched != search_text(number, &title) {
                wrong.push(format!("this item's search text is not of its number and title: {id}"));
            }
            if grams.remove(&id).unwrap_or_default() != text::grams(&title, &number.to_string()) {
                wrong.push(format!("this item's search pieces are not of its number and title: {id}"));
            }
        }
        after = last;
    }
}
