//! A person's own saved views.

use domain::{actor::Actor, id::ViewId};

use super::{load, profile::Name};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Tx,
        views::{self, Grid, MOST, View},
    },
};

/// The longest query string that is kept.
const LONGEST: usize = 2_000;

fn own(ctx: &Ctx) -> Result<domain::id::PersonId> {
    match ctx.actor {
        Actor::Person { person, .. } => Ok(person),
        _ => Err(domain::Refusal::NotSignedIn.into()),
    }
}

/// Saves a view of a grid of people or of a list of items under a name. `query` is the grid's query string without paging.
pub async fn save(
    tx: &mut Tx,
    ctx: &Ctx,
    grid: impl Into<Grid>,
    name: Name,
    query: String,
) -> Result<ViewId> {
    let grid = grid.into();
    let person = own(ctx)?;
    // Locked, not only held: the number of views is counted before one is added.
    load::locked(tx, ctx, [person]).await?;
    if query.len() > LONGEST {
        return Err(Error::field("query", "This filter is too long to be saved."));
    }
    if views::count(tx, ctx.workspace, person, grid).await? >= MOST {
        return Err(Error::field("name", format!("You have {MOST} saved views already. Delete one first.")));
    }
    let view = View { id: ctx.id(), name: name.into_string(), query };
    views::insert(tx, ctx.workspace, person, grid, &view, ctx.now).await?;
    Ok(view.id)
}

/// Deletes one of one's own views.
pub async fn delete(tx: &mut Tx, ctx: &Ctx, id: ViewId) -> Result<()> {
    let person = own(ctx)?;
    load::actor(tx, ctx).await?;
    if views::delete(tx, ctx.workspace, person, id).await? {
        Ok(())
    } else {
        Err(Error::NotFound("saved view"))
    }
}
