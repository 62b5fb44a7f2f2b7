//! `POST /api/v1/items/bulk`: one change of many items, with what becomes of each.

use std::collections::HashMap;

use axum::{Json, extract::State, response::IntoResponse as _};
use domain::{
    id::{ItemId, PersonId, ProjectId},
    item::ItemStatus,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::items::list_query;
use crate::{
    app::App,
    error::{Error, Result},
    ops::items::bulk::{self, Deed, Input, Which},
    store::items,
    web::{
        api::{
            answer::{Answer, nullable},
            body::Body,
            problems::work::OfManyItems,
            query::Query,
        },
        failure,
        session::Session,
    },
};

/// Which items, and what is done with each: exactly one of `assign` … `project`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "items": [7, 12], "status": "done" }))]
#[expect(clippy::option_option, reason = "left out, null and a value are three things")]
pub(in crate::web::api) struct ChangeItems {
    /// The numbers of the items, 2,000 at most.
    items: Option<Vec<i64>>,
    /// Instead of `items`: a query as of `GET /api/v1/items`, of which all pages are meant.
    #[schema(example = "kind=ticket&assignee=none")]
    matching: Option<String>,
    /// Assign this user.
    #[schema(value_type = Option<String>, format = Uuid)]
    assign: Option<PersonId>,
    /// Take this user off; null takes everybody off.
    #[serde(deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = Uuid)]
    unassign: Option<Option<PersonId>>,
    /// Make this person a follower.
    #[schema(value_type = Option<String>, format = Uuid)]
    follow: Option<PersonId>,
    /// Make this person no follower.
    #[schema(value_type = Option<String>, format = Uuid)]
    unfollow: Option<PersonId>,
    /// Set the status.
    #[schema(value_type = Option<String>, pattern = "^(new|open|waiting|done|closed)$")]
    status: Option<ItemStatus>,
    /// Put them into this project; null takes them out.
    #[serde(deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = Uuid)]
    project: Option<Option<ProjectId>>,
}

impl ChangeItems {
    fn deed(&self) -> Result<Deed> {
        let all = [
            self.assign.map(Deed::Assign),
            self.unassign.map(Deed::Unassign),
            self.follow.map(Deed::Follow),
            self.unfollow.map(Deed::Unfollow),
            self.status.map(Deed::Status),
            self.project.map(Deed::Project),
        ];
        let mut asked = all.into_iter().flatten();
        match (asked.next(), asked.next()) {
            (Some(deed), None) => Ok(deed),
            _ => Err(Error::field(
                "status",
                "Say one thing to do: assign, unassign, follow, unfollow, status or project.",
            )),
        }
    }
}

/// What becomes of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::web::api) enum Becomes {
    /// It is different now, or would be.
    Changed,
    /// It was so already.
    Unchanged,
    /// The change stopped before it: nothing was done to it.
    NotDone,
    /// There is no such item.
    NotFound,
}

/// One item of many.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct OneItem {
    /// Its number.
    number: i64,
    /// Its id; null where there is none.
    #[schema(value_type = Option<String>, format = Uuid)]
    id: Option<ItemId>,
    /// What becomes of it.
    result: Becomes,
}

/// Why a change stopped.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Stopped {
    /// The type of the problem.
    r#type: String,
    /// What happened, for people.
    detail: String,
}

/// What a change of many items did, or with `dry_run` would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct ChangedItems {
    /// How many are different.
    changed: usize,
    /// How many were so already.
    unchanged: usize,
    /// Each of them.
    items: Vec<OneItem>,
    /// Why it stopped before its end, if it did.
    stopped: Option<Stopped>,
}

/// Change many items.
///
/// In pieces of 100, each of them whole; an item that is so already is left as it is. `dry_run` answers the same and
/// does nothing.
#[utoipa::path(
    post, path = "/api/v1/items/bulk", operation_id = "change_items", tag = "items",
    params(("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing.")),
    request_body(content = ChangeItems, description = "Which, and what."),
    responses((status = 200, description = "What became of each.", body = ChangedItems), OfManyItems),
    security(("session" = []))
)]
pub(in crate::web::api) async fn change(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<ChangeItems>,
) -> Answer {
    query.only(&["dry_run"])?;
    let (dry_run, deed) = (query.flag("dry_run")?, asked.deed()?);
    let (which, missing) = which(&app, &session, &asked).await?;
    let (ctx, input) = (&session.ctx, Input { which, deed });
    let plan = bulk::plan(&mut app.store.reader().await?, ctx, &input).await?;
    let one = |row: &bulk::PlanRow, done: bool| OneItem {
        number: row.number,
        id: Some(row.id),
        result: match (done, row.changes) {
            (false, _) => Becomes::NotDone,
            (true, true) => Becomes::Changed,
            (true, false) => Becomes::Unchanged,
        },
    };
    let (done, changed, stopped) = if dry_run {
        (plan.rows.len(), plan.changes(), None)
    } else {
        let receipt = bulk::carry_out(&app.store, ctx, &input, &plan.fingerprint).await?;
        (receipt.changed + receipt.unchanged, receipt.changed, receipt.stopped)
    };
    let mut items: Vec<_> = plan.rows.iter().enumerate().map(|(at, row)| one(row, at < done)).collect();
    items.extend(missing.into_iter().map(|number| OneItem { number, id: None, result: Becomes::NotFound }));
    let stopped = stopped.map(|error| Stopped {
        r#type: format!("/problems/{}", failure::name(&error)),
        detail: error.to_string(),
    });
    Ok(Json(ChangedItems { changed, unchanged: done - changed, items, stopped }).into_response())
}

/// The items that are meant, and the numbers that none has.
async fn which(app: &App, session: &Session, asked: &ChangeItems) -> Answer<(Which, Vec<i64>)> {
    match (&asked.items, &asked.matching) {
        (Some(numbers), None) => {
            if numbers.len() > bulk::MOST {
                let words = format!("One change may be about {} items.", bulk::MOST);
                return Err(Error::field("items", words).into());
            }
            let mut rx = app.store.reader().await?;
            let found = items::ids(&mut rx, session.visit.workspace, numbers).await?;
            let known: HashMap<i64, ItemId> = found.into_iter().collect();
            let mut missing: Vec<i64> =
                numbers.iter().copied().filter(|number| !known.contains_key(number)).collect();
            missing.sort_unstable();
            missing.dedup();
            Ok((Which::Ids(known.into_values().collect()), missing))
        }
        // A variable that was not set is not every item.
        (None, Some(text)) if text.trim().is_empty() => {
            Err(Error::field("matching", "Say which: kind=ticket is every ticket.").into())
        }
        (None, Some(text)) => {
            let query = Query::parse(text)?;
            Ok((Which::Matching(Box::new(list_query(&query, Some(text))?)), Vec::new()))
        }
        _ => Err(Error::field("items", "Say which: their numbers, or a query in matching.").into()),
    }
}
