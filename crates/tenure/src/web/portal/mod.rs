//! Pages for customers, with a shell of their own. What a person does about their own account is done by the
//! handlers that the desk has, too.

mod form;
mod guest;
mod help;
mod home;
mod register;
mod requests;

use super::{
    live,
    pages::{attach, links, me, picture, sign_in},
    routes::Routes,
    session::Access::{Customer, Public},
};

/// The routes of the portal.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/portal", Customer, home::page)
        .get("/portal/events", Customer, live::of_requests)
        .get("/portal/requests", Customer, requests::list)
        .get("/portal/requests/new", Customer, requests::new)
        .post("/portal/requests/new", Customer, requests::make)
        .get("/portal/requests/{number}", Customer, requests::show)
        .post("/portal/requests/{number}/messages", Customer, requests::send)
        .get("/portal/requests/{number}/attachments/{attachment}", Customer, attach::give)
        .post("/portal/requests/{number}/status", Customer, requests::set_status)
        .post("/portal/requests/{number}/following", Customer, requests::follow)
        .post("/portal/requests/{number}/following/removal", Customer, requests::unfollow)
        .get("/help", Public, help::page)
        .get("/help/{slug}", Public, help::article)
        .get("/request", Public, form::page)
        .post("/request", Public, form::submit)
        .get("/portal/sign-in", Public, sign_in::page)
        .post("/portal/sign-in", Public, sign_in::submit)
        .post("/portal/sign-out", Customer, sign_in::sign_out)
        .get("/portal/register", Public, register::page)
        .post("/portal/register", Public, register::submit)
        .post("/portal/return-requests", Public, sign_in::ask_for_return)
        .get("/portal/invitations/{token}", Public, links::invitation)
        .post("/portal/invitations/{token}", Public, links::accept)
        .get("/portal/set-password/{token}", Public, links::set_password)
        .post("/portal/set-password/{token}", Public, links::save_password)
        .get("/portal/profile", Customer, me::profile)
        .post("/portal/profile", Customer, me::save)
        .get("/portal/profile/picture", Customer, picture::own)
        .post("/portal/profile/picture", Customer, picture::save)
        .post("/portal/profile/picture/removal", Customer, picture::remove)
        .get("/portal/profile/password", Customer, me::password)
        .post("/portal/profile/password", Customer, me::change_password)
        .get("/portal/sessions", Customer, me::sessions)
        .post("/portal/sessions", Customer, me::end_sessions)
}
