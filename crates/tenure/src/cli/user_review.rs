//! `tenure user review` and `dismiss-return`, of customers likewise.

use clap::Args;
use domain::person::Kind;
use jiff::civil::Date;
use serde_json::json;

use super::{answer::Answer, failure::Failure, place::Place, user::One};
use crate::ops::review;

/// Whose deactivation to look at again, and when.
#[derive(Debug, Args)]
pub(super) struct Review {
    /// The person, by email address or id.
    person: String,
    /// The day, later than today.
    #[arg(value_name = "DATE", required_unless_present = "none")]
    date: Option<Date>,
    /// On no day.
    #[arg(long, conflicts_with = "date")]
    none: bool,
}

impl Review {
    pub(super) async fn run(self, place: &Place, kind: Kind) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let row = place.person(ws, kind, &self.person).await?;
        let (ctx, id, date) = (place.ctx(ws), row.person.id, self.date);
        let changed =
            place.store.write(async move |tx| review::change(tx, &ctx, id, date, None).await).await?;
        if changed {
            place.seal(ws).await;
        }
        let word = if changed { "now" } else { "already" };
        let what =
            date.map_or_else(|| "has no review date".to_owned(), |date| format!("is reviewed on {date}"));
        let text = format!("{} {what} {word}.", row.person.name);
        Ok(Answer::new(text, json!({ "person": id, "review_on": date, "changed": changed })))
    }
}

/// Dismisses an asked return.
pub(super) async fn dismiss_return(place: &Place, kind: Kind, one: &One) -> Result<Answer, Failure> {
    let ws = place.workspace().await?.id;
    let row = place.person(ws, kind, &one.person).await?;
    let (ctx, id) = (place.ctx(ws), row.person.id);
    let changed = place.store.write(async move |tx| review::dismiss_return(tx, &ctx, id).await).await?;
    let text = if changed {
        place.seal(ws).await;
        format!("The request of {} is dismissed.", row.person.name)
    } else {
        format!("{} does not ask to return. Nothing was changed.", row.person.name)
    };
    Ok(Answer::new(text, json!({ "person": id, "changed": changed })))
}
