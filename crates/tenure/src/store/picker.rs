//! Who can be deactivated so that somebody else may have the license.

use domain::{id::PersonId, person::Kind, role::Role};
use jiff::Timestamp;

use super::grid::{self, BuiltinView, GridQuery, GridRow, Sort};
use super::{Rx, workspaces::Workspace};
use crate::error::Result;

/// How many are offered at a time; the search narrows further.
pub const OFFERED: usize = 20;

/// Users who hold a license and may be deactivated: active, not the owner, none of `not` (who asks, and who is to be
/// activated). Who never signed in comes first, then the longest time without a sign-in. `q` is searched for
/// in names and addresses.
pub async fn to_deactivate(
    rx: &mut Rx,
    workspace: &Workspace,
    q: &str,
    not: &[PersonId],
    now: Timestamp,
) -> Result<Vec<GridRow>> {
    // The owner and those left out are few: so many more are read instead.
    let limit = i64::try_from(OFFERED + not.len() + 1).unwrap_or(GridQuery::MOST).min(GridQuery::MOST);
    let query = GridQuery {
        view: BuiltinView::Active,
        sort: Sort::LastSignIn,
        q: q.to_owned(),
        limit,
        ..GridQuery::new(Kind::User)
    };
    let mut rows = grid::first(rx, workspace, &query, now).await?;
    rows.retain(|row| row.row.person.role != Role::Owner && !not.contains(&row.row.person.id));
    rows.truncate(OFFERED);
    Ok(rows)
}
