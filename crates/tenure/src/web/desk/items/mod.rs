//! `/items/{number}`: one ticket or task, what was said in it, and everything that can be done with it.

mod edit;
mod history;
mod merge;
mod page;
mod people;

pub(super) use edit::OVERTAKEN;
pub(super) use history::{history_lines, sentence};
pub(super) use merge::{touched, was};

use crate::web::{
    pages::{attach, item::Item},
    routes::Routes,
    session::Access::User,
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/items/{number}", User, page::show)
        .get("/items/{number}/history", User, history::show)
        .post("/items/{number}/messages", User, page::send)
        .get("/items/{number}/messages/{message}", User, page::message)
        .get("/items/{number}/attachments/{attachment}", User, attach::give)
        .post("/items/{number}/status", User, page::set_status)
        .post("/items/{number}/flag/removal", User, page::unflag)
        .get("/items/{number}/edit", User, edit::text)
        .post("/items/{number}/edit", User, edit::save_text)
        .get("/items/{number}/details", User, edit::details)
        .post("/items/{number}/details", User, edit::save_details)
        .get("/items/{number}/assignees", User, people::assignees)
        .post("/items/{number}/assignees", User, people::assign)
        .post("/items/{number}/assignees/{person}/removal", User, people::unassign)
        .get("/items/{number}/followers", User, people::followers)
        .post("/items/{number}/followers", User, people::follow)
        .post("/items/{number}/followers/{person}/removal", User, people::unfollow)
        .get("/items/{number}/requester", User, people::requester)
        .post("/items/{number}/requester", User, people::request)
        .post("/items/{number}/requester/removal", User, people::nobody)
}
