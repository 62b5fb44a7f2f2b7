//! The Users app: the grid with its panel, and the questions asked before something is done to an account.

mod about;
mod activation;
mod asked;
mod back;
mod deactivation;
mod deletion;
mod edit;
mod filter;
mod grid;
mod invitation;
mod invite;
mod license;
mod link;
mod menu;
mod panel;
mod picture;
mod role;
mod rows;
mod sessions;
mod typed;
mod undo;
mod views;

use crate::web::{
    routes::Routes,
    session::Access::{Administrator, User},
};

/// The routes of the Users app.
pub(super) fn routes(routes: Routes) -> Routes {
    dialogs(routes)
        .get("/users", User, grid::page)
        .get("/users/{id}", User, grid::with_panel)
        .post("/users/views", User, views::save)
        .get("/users/views/{id}/deletion", User, views::deletion)
        .post("/users/views/{id}/deletion", User, views::delete)
        .post("/undo/{step}", Administrator, undo::submit)
        .get("/pictures/{id}", User, picture::show)
}

/// Each is a page that asks, and the form that does it.
fn dialogs(routes: Routes) -> Routes {
    routes
        .get("/users/new", Administrator, invite::page)
        .post("/users/new", Administrator, invite::submit)
        .get("/users/{id}/edit", Administrator, edit::page)
        .post("/users/{id}/edit", Administrator, edit::submit)
        .get("/users/{id}/role", Administrator, role::page)
        .post("/users/{id}/role", Administrator, role::submit)
        .get("/users/{id}/deactivation", Administrator, deactivation::page)
        .post("/users/{id}/deactivation", Administrator, deactivation::submit)
        .get("/users/{id}/activation", Administrator, activation::page)
        .post("/users/{id}/activation", Administrator, activation::submit)
        .get("/users/{id}/deletion", Administrator, deletion::page)
        .post("/users/{id}/deletion", Administrator, deletion::submit)
        .get("/users/{id}/link", Administrator, link::page)
        .post("/users/{id}/link", Administrator, link::submit)
        .get("/users/{id}/sessions", Administrator, sessions::page)
        .post("/users/{id}/sessions", Administrator, sessions::submit)
        .get("/users/{id}/invitation", Administrator, invitation::again_page)
        .post("/users/{id}/invitation", Administrator, invitation::again)
        .get("/users/{id}/withdrawal", Administrator, invitation::withdrawal_page)
        .post("/users/{id}/withdrawal", Administrator, invitation::withdraw)
}
