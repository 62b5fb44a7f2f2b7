//! The apps of people, Users and Customers: one grid with its panel, and the questions asked before something is
//! done to an account. In what they differ stands in [`crate::web::view::naming`].

mod about;
mod activation;
mod add;
mod asked;
mod back;
mod bulk;
mod conversion;
mod deactivation;
mod deletion;
mod edit;
mod filter;
mod grid;
mod held;
mod import;
mod invitation;
mod license;
mod link;
mod menu;
mod organization;
mod panel;
mod picture;
mod review;
mod role;
mod rows;
mod sessions;
mod typed;
mod undo;
mod views;

pub(in crate::web) use back::followed;

use crate::web::{
    routes::Routes,
    session::Access::{Administrator, User},
};

/// The routes of one app of people.
macro_rules! app {
    ($routes:expr, $path:literal) => {
        $routes
            .get($path, User, grid::page)
            .get(concat!($path, "/{id}"), User, grid::with_panel)
            .post(concat!($path, "/views"), User, views::save)
            .get(concat!($path, "/views/{id}/deletion"), User, views::deletion)
            .post(concat!($path, "/views/{id}/deletion"), User, views::delete)
            .get(concat!($path, "/new"), Administrator, add::page)
            .post(concat!($path, "/new"), Administrator, add::submit)
            .post(concat!($path, "/bulk"), Administrator, bulk::preview)
            .post(concat!($path, "/bulk/begin"), Administrator, bulk::begin)
            .get(concat!($path, "/import"), Administrator, import::start)
            .post(concat!($path, "/import"), Administrator, import::receive)
            .get(concat!($path, "/import/{id}"), Administrator, import::show)
            .post(concat!($path, "/import/{id}"), Administrator, import::check)
            .post(concat!($path, "/import/{id}/begin"), Administrator, import::begin)
            .post(concat!($path, "/import/{id}/removal"), Administrator, import::remove)
            .get(concat!($path, "/import/{id}/errors.csv"), Administrator, import::errors)
            .get(concat!($path, "/{id}/edit"), Administrator, edit::page)
            .post(concat!($path, "/{id}/edit"), Administrator, edit::submit)
            .get(concat!($path, "/{id}/deactivation"), Administrator, deactivation::page)
            .post(concat!($path, "/{id}/deactivation"), Administrator, deactivation::submit)
            .get(concat!($path, "/{id}/activation"), Administrator, activation::page)
            .post(concat!($path, "/{id}/activation"), Administrator, activation::submit)
            .get(concat!($path, "/{id}/review"), Administrator, review::page)
            .post(concat!($path, "/{id}/review"), Administrator, review::submit)
            .get(concat!($path, "/{id}/return"), Administrator, review::dismissal)
            .post(concat!($path, "/{id}/return"), Administrator, review::dismiss)
            .get(concat!($path, "/{id}/deletion"), Administrator, deletion::page)
            .post(concat!($path, "/{id}/deletion"), Administrator, deletion::submit)
            .get(concat!($path, "/{id}/link"), Administrator, link::page)
            .post(concat!($path, "/{id}/link"), Administrator, link::submit)
            .get(concat!($path, "/{id}/sessions"), Administrator, sessions::page)
            .post(concat!($path, "/{id}/sessions"), Administrator, sessions::submit)
            .get(concat!($path, "/{id}/invitation"), Administrator, invitation::again_page)
            .post(concat!($path, "/{id}/invitation"), Administrator, invitation::again)
            .get(concat!($path, "/{id}/withdrawal"), Administrator, invitation::withdrawal_page)
            .post(concat!($path, "/{id}/withdrawal"), Administrator, invitation::withdraw)
    };
}

/// The routes of both apps, what only one of them has, and what they share.
pub(super) fn routes(routes: Routes) -> Routes {
    let routes = app!(routes, "/users");
    let routes = app!(routes, "/customers");
    routes
        .get("/users/{id}/role", Administrator, role::page)
        .post("/users/{id}/role", Administrator, role::submit)
        .get("/customers/{id}/organization", Administrator, organization::page)
        .post("/customers/{id}/organization", Administrator, organization::submit)
        .get("/customers/{id}/conversion", Administrator, conversion::page)
        .post("/customers/{id}/conversion", Administrator, conversion::submit)
        .get("/bulk", Administrator, bulk::list)
        .get("/bulk/{id}", Administrator, bulk::show)
        .get("/bulk/{id}/results.csv", Administrator, bulk::csv)
        .post("/bulk/{id}/undo", Administrator, bulk::undo)
        .post("/bulk/{id}/resume", Administrator, bulk::resume)
        .post("/bulk/{id}/cancel", Administrator, bulk::cancel)
        .post("/undo/{step}", Administrator, undo::submit)
        .get("/pictures/{id}", User, picture::show)
}
