//! Finding people to choose from.

use domain::{id::PersonId, person::Kind};

use super::frame::{Frame, chip};
use crate::{
    app::App,
    error::Result,
    store::grid::{self, BuiltinView, GridQuery, GridRow},
    web::view::{chip::Look, dialogs::Candidate},
};

/// How many are offered at a time; the search narrows further.
pub(super) const OFFERED: usize = 20;

/// Users of these views by name, those who match the search. More than are offered, so that the caller can
/// leave some out.
pub(super) async fn users(
    app: &App,
    frame: &Frame,
    search: &str,
    views: &[BuiltinView],
) -> Result<Vec<GridRow>> {
    people(app, frame, Kind::User, search, views).await
}

/// As [`users`], of a kind.
pub(super) async fn people(
    app: &App,
    frame: &Frame,
    kind: Kind,
    search: &str,
    views: &[BuiltinView],
) -> Result<Vec<GridRow>> {
    let workspace = &frame.session.check.workspace;
    let mut rx = app.store.reader().await?;
    let mut found = Vec::new();
    for view in views {
        let q = search.trim().to_owned();
        let query = GridQuery { view: *view, q, limit: GridQuery::MOST, ..GridQuery::new(kind) };
        found.extend(grid::first(&mut rx, workspace, &query, frame.session.visit.now).await?);
    }
    Ok(found)
}

/// Somebody to choose.
pub(super) fn candidate(frame: &Frame, found: &GridRow, chosen: &str) -> Candidate {
    let person = &found.row.person;
    Candidate {
        id: person.id.to_string(),
        chip: chip(&found.row, Look::Inline),
        email: person.email.clone(),
        last_sign_in: found.row.last_sign_in.map(|at| frame.times().when(at)),
        selected: chosen.parse::<PersonId>() == Ok(person.id),
    }
}
