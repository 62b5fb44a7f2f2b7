//! Who is assigned to an item and who follows it.

use domain::{
    actor::Authority,
    id::{ItemId, PersonId},
    item::Part,
    part,
};

use super::{locked, tally::Tally};
use crate::{
    ctx::Ctx,
    error::Result,
    ops::{history::History, load},
    store::{
        Tx, item_people,
        items::{self, ItemRow},
    },
};

/// Assigns somebody, or makes them a follower; answers whether they were not yet. Rule 5: a deactivated person is
/// refused.
pub async fn give(tx: &mut Tx, ctx: &Ctx, id: ItemId, person: PersonId, part: Part) -> Result<bool> {
    let (authority, people) = load::held(tx, ctx, &[person]).await?;
    let (row, _) = locked(tx, ctx, &authority, id).await?;
    for target in &people {
        part::give(&authority, &target.person, part)?;
    }
    let mut tally = Tally::default();
    let given = give_to(tx, ctx, &authority, &row, (person, part), &mut tally).await?;
    tally.save(tx, ctx).await?;
    Ok(given)
}

/// Takes a part away; answers whether they had it. Rule 2: from a deactivated person, too.
pub async fn take(tx: &mut Tx, ctx: &Ctx, id: ItemId, person: PersonId, part: Part) -> Result<bool> {
    let (authority, people) = load::held(tx, ctx, &[person]).await?;
    let (row, _) = locked(tx, ctx, &authority, id).await?;
    for target in &people {
        part::take(&authority, &target.person, part)?;
    }
    let mut tally = Tally::default();
    let taken = take_from(tx, ctx, &authority, &row, (person, part), &mut tally).await?;
    tally.save(tx, ctx).await?;
    Ok(taken)
}

/// Gives a part that the rules allow in an item that is locked; answers whether they did not have it. `row` is the
/// item before this.
pub(crate) async fn give_to(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    row: &ItemRow,
    (person, part): (PersonId, Part),
    tally: &mut Tally,
) -> Result<bool> {
    let finished = row.item.status.is_finished();
    if !item_people::give(tx, ctx.workspace, row.id, (person, part), finished, ctx.now).await? {
        return Ok(false);
    }
    tally.part(&row.item, person, part, 1);
    count(tx, ctx, row, part, 1, tally).await?;
    History::of_item(ctx, authority, row.id).note(tx, part.word(), "", person)?;
    Ok(true)
}

/// Takes a part away in an item that is locked; answers whether they had it. `row` is the item before this.
pub(crate) async fn take_from(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    row: &ItemRow,
    (person, part): (PersonId, Part),
    tally: &mut Tally,
) -> Result<bool> {
    if !item_people::take(tx, ctx.workspace, row.id, person, part).await? {
        return Ok(false);
    }
    tally.part(&row.item, person, part, -1);
    count(tx, ctx, row, part, -1, tally).await?;
    History::of_item(ctx, authority, row.id).note(tx, part.word(), person, "")?;
    Ok(true)
}

/// Counts an assignee more or fewer; of a follower only the item's change is noted.
async fn count(tx: &mut Tx, ctx: &Ctx, row: &ItemRow, part: Part, by: i64, tally: &mut Tally) -> Result<()> {
    let by = if part == Part::Assignee { by } else { 0 };
    if by != 0 {
        tally.item(&row.item, row.assignees, -1);
        tally.item(&row.item, row.assignees + by, 1);
    }
    items::touch(tx, ctx.workspace, row.id, (by, 0), ctx.now).await
}
