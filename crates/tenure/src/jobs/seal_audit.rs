//! Seals what was recorded, in the background, so that sealing never makes writers wait for each other.

use std::time::Duration;

use super::runner::Kind;
use crate::{app::App, store::audit as table};
use crate::{
    error::{Error, Result},
    ops::audit,
    store::listing,
};
use domain::id::WorkspaceId;

pub(super) const KIND: Kind = Kind {
    name: "seal-audit",
    every: Duration::from_secs(2),
    told: None,
    due: |app| Box::pin(async move { listing::unsealed_workspaces(&mut app.store.single().await?).await }),
    run: |app, workspace| Box::pin(run(app, workspace)),
};

async fn run(app: App, ws: WorkspaceId) -> Result<usize> {
    let mut rx = app.store.reader().await?;
    let started = table::head(&mut rx, ws).await?.is_some_and(|head| head.seq > 0);
    // A log that goes on with another key would never verify again; the first entry tells.
    if started && !audit::key_fits(&mut rx, ws, &app.audit_key).await? {
        return Err(Error::Internal("the audit key is not the one that seals this workspace's log".into()));
    }
    drop(rx);
    let mut all = 0;
    loop {
        let key = app.audit_key.clone();
        // Another node may be at it: then this one is told that nothing is left.
        let sealed = app.store.write(async move |tx| audit::seal(tx, ws, &key).await).await?;
        all += sealed;
        if sealed == 0 {
            return Ok(all);
        }
    }
}
