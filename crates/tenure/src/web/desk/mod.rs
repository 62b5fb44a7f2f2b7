//! Pages for users. A handler parses and draws; it holds no rule.

mod audit;
mod device;
mod find;
mod form;
mod frame;
mod licenses;
mod links;
mod me;
mod picture;
mod settings;
mod sign_in;
mod teams;
mod users;
mod words;
mod zones;

use super::{
    routes::Routes,
    session::Access::{Public, User},
};

/// The routes of the desk.
pub(super) fn routes(routes: Routes) -> Routes {
    let routes = audit::routes(routes);
    let routes = licenses::routes(routes);
    let routes = links::routes(routes);
    let routes = me::routes(routes);
    let routes = picture::routes(routes);
    let routes = settings::routes(routes);
    let routes = teams::routes(routes);
    let routes = users::routes(routes);
    routes
        .get("/", User, sign_in::home)
        .get("/sign-in", Public, sign_in::page)
        .post("/sign-in", Public, sign_in::submit)
        .post("/sign-out", User, sign_in::sign_out)
        .post("/return-requests", Public, sign_in::ask_for_return)
}
