//! Takes people who were deleted out of the items they held, where that is more than one write removes.

use std::time::Duration;

use domain::id::WorkspaceId;

use super::runner::{self, Kind};
use crate::{app::App, error::Result, ops::items::depart, store::departures};

const NAME: &str = "departures";

pub(super) const KIND: Kind = Kind {
    name: NAME,
    every: Duration::from_secs(2),
    told: None,
    due: |app| Box::pin(async move { departures::workspaces(&mut app.store.single().await?).await }),
    run: |app, workspace| Box::pin(run(app, workspace)),
};

/// One piece of one person: the loop comes back at once while there is another.
async fn run(app: App, ws: WorkspaceId) -> Result<usize> {
    let Some(person) = departures::first(&mut app.store.single().await?, ws).await? else {
        return Ok(0);
    };
    let ctx = runner::ctx(&app, ws, NAME);
    app.store.write(async move |tx| depart::work(tx, &ctx, person).await).await?;
    Ok(1)
}
