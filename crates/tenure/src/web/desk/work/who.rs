//! Somebody by what one types: their address, or a name that only one of them has.

use domain::{
    id::PersonId,
    person::{Kind, StatusWord},
};

use crate::{
    error::{Error, Result},
    store::{
        Rx,
        grid::{self, BuiltinView, GridQuery},
        people,
    },
    text,
    web::{desk::frame::Frame, view::Choice},
};

/// Up to how many users are offered to choose from; where there are more, one types.
const OFFERED: i64 = 200;

/// Whom this means, among people of these kinds. `field` is where one typed it.
pub(super) async fn typed(
    rx: &mut Rx,
    frame: &Frame,
    field: &'static str,
    text: &str,
    kinds: &[Kind],
) -> Result<PersonId> {
    let session = &frame.session;
    let text = text.trim();
    if let Some(row) = people::by_email(rx, session.visit.workspace, &text::email_key(text)).await?
        && kinds.contains(&row.person.kind)
    {
        return Ok(row.person.id);
    }
    let mut found = Vec::new();
    for kind in kinds {
        let query = GridQuery { q: text.to_owned(), limit: 50, ..GridQuery::new(*kind) };
        found.extend(grid::first(rx, &session.check.workspace, &query, session.visit.now).await?);
    }
    let folded = text::fold(text);
    let same: Vec<_> = found.iter().filter(|row| text::fold(&row.row.person.name) == folded).collect();
    match (same.as_slice(), found.as_slice()) {
        ([one], _) => Ok(one.row.person.id),
        ([], [one]) => Ok(one.row.person.id),
        ([], []) => Err(Error::field(field, "Nobody has this name or address.")),
        _ => Err(Error::field(field, "Several people fit. Enter the whole address.")),
    }
}

/// The active users by name, to choose from; nothing where there are too many.
pub(super) async fn users(rx: &mut Rx, frame: &Frame) -> Result<Vec<(PersonId, String, String)>> {
    let session = &frame.session;
    let workspace = &session.check.workspace;
    if workspace.counts.active > OFFERED {
        return Ok(Vec::new());
    }
    let view = BuiltinView::Active;
    let query = GridQuery { view, limit: OFFERED, ..GridQuery::new(Kind::User) };
    let found = grid::first(rx, workspace, &query, session.visit.now).await?;
    let active = found.into_iter().filter(|row| row.row.person.status.word() == StatusWord::Active);
    Ok(active.map(|row| (row.row.person.id, row.row.person.name, row.row.person.email)).collect())
}

/// The users as choices.
pub(super) fn choices(users: &[(PersonId, String, String)], chosen: Option<PersonId>) -> Vec<Choice> {
    users.iter().map(|(id, name, _)| Choice::new(id.to_string(), name, chosen == Some(*id))).collect()
}
