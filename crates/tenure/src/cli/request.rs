//! `tenure request`.

use clap::Subcommand;
use domain::id::HeldRequestId;
use serde_json::json;

use super::{
    Global,
    answer::Answer,
    failure::Failure,
    place::Place,
    table::{moment, table},
};
use crate::{ops::requests, store::workspaces::Workspace};

/// How many one read of the list takes.
const PAGE: i64 = 500;

/// Look through anonymous requests that are held for review.
#[derive(Debug, Subcommand)]
pub(super) enum Requests {
    /// List the requests that are held, the oldest first.
    #[command(after_help = "Example:\n  tenure request list --json")]
    List,
    /// Accept a request that is held: it becomes a ticket with the time at which it came.
    #[command(after_help = "Example:\n  tenure request accept 0196aaaa-0000-7000-8000-000000000001")]
    Accept {
        /// The id of the request.
        request: HeldRequestId,
    },
    /// Discard a request that is held.
    #[command(after_help = "Example:\n  tenure request discard 0196aaaa-0000-7000-8000-000000000001")]
    Discard {
        /// The id of the request.
        request: HeldRequestId,
    },
}

impl Requests {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        match self {
            Self::List => list(place, &workspace).await,
            Self::Accept { request } => accept(place, &workspace, request).await,
            Self::Discard { request } => discard(place, &workspace, request).await,
        }
    }
}

async fn list(place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
    let (ctx, mut rx) = (place.ctx(workspace.id), place.store.reader().await?);
    let (mut rows, mut all, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let page = requests::held(&mut rx, &ctx, after, PAGE).await?;
        for held in &page {
            rows.push(vec![
                moment(held.received, &workspace.zone()),
                held.person.email.clone(),
                held.title.clone(),
                held.id.to_string(),
            ]);
            all.push(json!({
                "id": held.id,
                "received": held.received,
                "person": held.person.id,
                "email": held.person.email,
                "name": held.name,
                "title": held.title,
                "body": held.body,
            }));
        }
        match page.last() {
            Some(held) => after = Some(held.id),
            None => break,
        }
    }
    Ok(Answer::new(table(&["RECEIVED", "EMAIL", "TITLE", "ID"], &rows), json!({ "requests": all })))
}

async fn accept(place: &Place, workspace: &Workspace, id: HeldRequestId) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    let (item, number) = place.store.write(async move |tx| requests::accept(tx, &ctx, id).await).await?;
    place.seal(workspace.id).await;
    Ok(Answer::new(format!("The request is ticket {number} now."), json!({ "id": item, "number": number })))
}

async fn discard(place: &Place, workspace: &Workspace, id: HeldRequestId) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    place.store.write(async move |tx| requests::discard(tx, &ctx, id).await).await?;
    place.seal(workspace.id).await;
    Ok(Answer::new("The request is discarded.".to_owned(), json!({ "id": id, "discarded": true })))
}
