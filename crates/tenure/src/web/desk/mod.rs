//! Pages for users. A handler parses and draws; it holds no rule.

mod articles;
mod audit;
mod docs;
pub(in crate::web) mod exports;
mod find;
mod items;
mod licenses;
mod made;
mod mentions;
mod organizations;
mod people;
mod scim;
mod search;
mod settings;
mod teams;
mod tokens;
mod webhooks;
mod work;

pub(super) use people::followed;

use super::{
    pages::{device, form, frame, links, me, picture, sign_in, words, zones},
    routes::Routes,
    session::Access::{Public, User},
};

/// The routes of the desk.
pub(super) fn routes(routes: Routes) -> Routes {
    let routes = articles::routes(routes);
    let routes = audit::routes(routes);
    let routes = docs::routes(routes);
    let routes = exports::routes(routes);
    let routes = items::routes(routes);
    let routes = licenses::routes(routes);
    let routes = organizations::routes(routes);
    let routes = scim::routes(routes);
    let routes = settings::routes(routes);
    let routes = teams::routes(routes);
    let routes = tokens::routes(routes);
    let routes = webhooks::routes(routes);
    let routes = people::routes(routes);
    let routes = work::routes(routes);
    routes
        .get("/invitation/{token}", Public, links::invitation)
        .post("/invitation/{token}", Public, links::accept)
        .get("/password/{token}", Public, links::set_password)
        .post("/password/{token}", Public, links::save_password)
        .get("/search", User, search::page)
        .get("/mentions", User, mentions::offer)
        .get("/me", User, me::profile)
        .post("/me", User, me::save)
        .get("/me/password", User, me::password)
        .post("/me/password", User, me::change_password)
        .get("/me/sessions", User, me::sessions)
        .post("/me/sessions", User, me::end_sessions)
        .post("/me/picture", User, picture::save)
        .post("/me/picture/removal", User, picture::remove)
        .get("/", User, sign_in::home)
        .get("/sign-in", Public, sign_in::page)
        .post("/sign-in", Public, sign_in::submit)
        .post("/sign-out", User, sign_in::sign_out)
        .post("/return-requests", Public, sign_in::ask_for_return)
}
