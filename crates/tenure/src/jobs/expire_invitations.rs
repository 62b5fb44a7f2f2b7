//! Frees the licenses of invitations whose seven days have passed (rule 12).

use std::time::Duration;

use domain::id::WorkspaceId;

use super::runner::{Kind, ctx};
use crate::{app::App, error::Result, ops::invitation, store::listing};

const NAME: &str = "expire-invitations";

pub(super) const KIND: Kind = Kind {
    name: NAME,
    every: Duration::from_secs(30),
    told: None,
    due: |app| {
        Box::pin(async move {
            let now = app.sys.now();
            listing::due_workspaces(&mut app.store.single().await?, now).await
        })
    },
    run: |app, workspace| Box::pin(run(app, workspace)),
};

async fn run(app: App, ws: WorkspaceId) -> Result<usize> {
    let mut all = 0;
    loop {
        let ctx = ctx(&app, ws, NAME);
        let expired = app.store.write(async move |tx| invitation::expire_due(tx, &ctx).await).await?;
        all += expired;
        if expired == 0 {
            return Ok(all);
        }
    }
}
