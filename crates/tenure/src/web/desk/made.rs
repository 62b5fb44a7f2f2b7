//! Forms that make something whose secret is shown once. Each carries the id of what is to be, made when it is drawn: the
//! page with the secret is the answer to the form itself, and whoever loads that page anew sends the form again.

use axum::{http::StatusCode, response::Response};
use domain::id::Id;
use uuid::{Uuid, Version};

use super::frame::Frame;
use crate::{
    error::{Error, Result},
    web::{
        fields::Fields,
        view::{Link, shell::Place, tokens::MadeAlready},
    },
};

/// The field with the id.
const ID: &str = "id";

/// The id of a form that is drawn: a new one, or that of the form which was refused, since nothing was made of it.
pub(super) fn id_to_draw(frame: &Frame, typed: Option<&Fields>) -> String {
    let kept = typed.and_then(|fields| read(fields.get(ID)));
    kept.unwrap_or_else(|| frame.session.ctx.sys.uuid7()).to_string()
}

/// The id that a form brings; a new one where somebody wrote a form without.
pub(super) fn id_of<I: Id>(frame: &Frame, fields: &Fields) -> Result<I> {
    match fields.get(ID) {
        "" => Ok(frame.session.ctx.id()),
        text => read(text).map(I::from_uuid).ok_or_else(|| {
            Error::field(ID, "This form is not whole. Load the page anew, and fill it in again.")
        }),
    }
}

/// Lists are in the order of ids, so an id has its time in it.
fn read(text: &str) -> Option<Uuid> {
    text.parse::<Uuid>().ok().filter(|id| id.get_version() == Some(Version::SortRand))
}

/// What a form is answered that had made something before.
pub(super) fn already(
    frame: &Frame,
    (place, title): (Place, String),
    hint: &str,
    list: Link,
    again: Option<Link>,
) -> Response {
    let page = MadeAlready { shell: frame.shell(place, title), hint: hint.to_owned(), list, again };
    frame.draw_as(StatusCode::CONFLICT, &page)
}
