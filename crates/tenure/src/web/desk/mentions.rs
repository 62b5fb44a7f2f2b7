//! Whom a message may mention, offered while it is written.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::person::Person;

use super::{
    find,
    frame::{Frame, chip},
};
use crate::{
    app::App,
    error::Result,
    store::grid::{BuiltinView, GridRow},
    text::{self, markdown},
    web::{
        fields::QueryFields,
        view::{
            self,
            chip::Look,
            item::{Mentionable, Mentions},
        },
    },
};

/// How many are offered; one letter more narrows them.
const OFFERED: usize = 8;

/// `GET /mentions?q=…`: active users by any part of name or address, as a piece of a page. It is not drawn by the
/// frame, since what is to be told once belongs to the next page.
pub(super) async fn offer(
    State(app): State<App>,
    frame: Frame,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let q = query.get("q").trim();
    let found = if q.is_empty() {
        Vec::new()
    } else {
        first(find::users(&app, &frame, q, &[BuiltinView::Active]).await?, q)
    };
    let one = |row: &GridRow| Mentionable {
        chip: chip(&row.row, Look::Inline),
        email: row.row.person.email.clone(),
        text: typed(&row.row.person),
    };
    Ok(view::page(StatusCode::OK, &Mentions { people: found.iter().map(one).collect() }))
}

/// Those whose address or a word of whose name begins with what was typed come first: every address holds
/// the team's own domain, so that a part of it would offer whoever stands first in the alphabet.
fn first(mut found: Vec<GridRow>, q: &str) -> Vec<GridRow> {
    let wanted = text::fold(q);
    let begins = |text: &str| text::fold(text).split(' ').any(|word| word.starts_with(&wanted));
    found.sort_by_cached_key(|row| {
        let person = &row.row.person;
        !(begins(&person.name) || begins(&person.email))
    });
    found.truncate(OFFERED);
    found
}

/// What mentions somebody: `@` and their address, or the token where the address is not so plain that it is known
/// for one wherever it stands in a text.
fn typed(person: &Person) -> String {
    let address = &person.email;
    let plain = |c: char| c.is_alphanumeric() || "@.+_-".contains(c);
    let dotted = address.rsplit_once('@').is_some_and(|(_, domain)| domain.contains('.'));
    if dotted && address.chars().all(plain) && address.ends_with(char::is_alphanumeric) {
        format!("@{address}")
    } else {
        markdown::token(person.id)
    }
}
