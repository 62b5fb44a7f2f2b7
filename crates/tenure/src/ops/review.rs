//! What a deactivation asks of administrators later: the day to look at it again, and an asked return.

use domain::{
    audit::Action,
    id::PersonId,
    lifecycle::{self, Outcome},
    person::{Person, Status},
};
use jiff::civil::Date;
use serde_json::json;

use super::{load, record::Record};
use crate::{
    ctx::Ctx,
    error::Result,
    store::{Tx, attention, workspaces},
};

/// Changes the review date of a deactivated person, or takes it away. Answers whether anything changed.
pub async fn change(
    tx: &mut Tx,
    ctx: &Ctx,
    id: PersonId,
    review_on: Option<Date>,
    version: Option<i64>,
) -> Result<bool> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    let today = workspaces::load(tx, ctx.workspace).await?.today(ctx.now);
    let Outcome::Changed(after) = lifecycle::review(&authority, &row.person, review_on, today)? else {
        return Ok(false);
    };
    load::fresh(&row, version)?;
    attention::set_review(tx, &row.person, after).await?;
    Record::of(Action::ReviewChanged)
        .person(id)
        .before(json!({ "review_on": date(&row.person) }))
        .after(json!({ "review_on": after }))
        .save(tx, ctx)?;
    Ok(true)
}

/// The review date of somebody deactivated.
#[must_use]
pub fn date(person: &Person) -> Option<Date> {
    match person.status {
        Status::Deactivated { review_on, .. } => review_on,
        Status::Active { .. } | Status::Invited { .. } => None,
    }
}

/// Dismisses an asked return: the mark goes. Answers whether there was one.
pub async fn dismiss_return(tx: &mut Tx, ctx: &Ctx, id: PersonId) -> Result<bool> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    let outcome = lifecycle::dismiss_return(&authority, &row.person, row.return_asked)?;
    let Outcome::Changed(asked) = outcome else {
        return Ok(false);
    };
    attention::dismiss_return(tx, &row.person, asked).await?;
    Record::of(Action::ReturnDismissed).person(id).before(json!({ "asked": asked })).save(tx, ctx)?;
    Ok(true)
}
