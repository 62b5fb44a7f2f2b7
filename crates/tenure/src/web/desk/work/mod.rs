//! The work: lists of tickets and tasks, one's own work, projects, and changes of many items.

mod asked;
mod bulk;
mod filter;
mod handover;
mod held;
mod lines;
mod list;
mod mine;
mod new;
mod project;
mod projects;
mod views;
mod who;

pub(super) use handover::path as handover_path;
pub(super) use held::way as held_way;
pub(super) use lines::{Drawing, status as status_mark};

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::item::ItemKind;

use crate::web::{
    routes::Routes,
    session::Access::{Administrator, User},
};

/// The kind whose list the address is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of(ItemKind);

impl<S: Send + Sync> FromRequestParts<S> for Of {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let rest = parts.uri.path().strip_prefix("/tasks");
        let tasks = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        Ok(Self(if tasks { ItemKind::Task } else { ItemKind::Ticket }))
    }
}

/// The routes of the lists of one kind of items.
macro_rules! kind {
    ($routes:expr, $path:literal) => {
        $routes
            .get($path, User, list::page)
            .post($path, User, list::quick)
            .get(concat!($path, "/new"), User, new::page)
            .post(concat!($path, "/new"), User, new::submit)
            .post(concat!($path, "/views"), User, views::save)
            .get(concat!($path, "/views/{id}/deletion"), User, views::deletion)
            .post(concat!($path, "/views/{id}/deletion"), User, views::delete)
    };
}

/// The routes of the work.
pub(super) fn routes(routes: Routes) -> Routes {
    let routes = kind!(routes, "/tickets");
    let routes = kind!(routes, "/tasks");
    routes
        .get(held::PATH, Administrator, held::page)
        .post("/tickets/held/{id}/acceptance", Administrator, held::accept)
        .get("/tickets/held/{id}/discard", Administrator, held::ask_discard)
        .post("/tickets/held/{id}/discard", Administrator, held::discard)
        .get("/mine", User, mine::page)
        .post("/work/bulk", User, bulk::preview)
        .post("/work/bulk/begin", User, bulk::begin)
        .get("/handovers/new", User, handover::page)
        .post("/handovers/new", User, handover::submit)
        .post("/handovers/{id}/undo", User, handover::undo)
        .get("/projects", User, projects::page)
        .get("/projects/new", User, projects::ask_new)
        .post("/projects/new", User, projects::create)
        .get("/projects/{id}", User, project::page)
        .get("/projects/{id}/edit", User, projects::ask_edit)
        .post("/projects/{id}/edit", User, projects::edit)
        .post("/projects/{id}/state", User, projects::set_state)
        .post("/projects/{id}/people", User, project::give)
        .post("/projects/{id}/people/removal", User, project::take)
}
