//! People as CSV, and all that is known of one as a ZIP.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use domain::{id::PersonId, person::Kind};

use crate::web::pages::{frame::Frame, words::Times};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    ops::export::{self, People, PersonData},
    store::{grid::GridQuery, people},
    web::{
        download::{self, Source, attachment},
        routes::Routes,
        session::{
            Access::{Administrator, User},
            Session,
        },
    },
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/users.csv", User, users)
        .get("/customers.csv", User, customers)
        .get("/users/{id}/data.zip", Administrator, user)
        .get("/customers/{id}/data.zip", Administrator, customer)
}

/// `GET /users.csv`, with the query of the grid.
async fn users(State(app): State<App>, frame: Frame, RawQuery(query): RawQuery) -> Result<Response> {
    list(app, &frame.session, Kind::User, query.as_deref().unwrap_or_default()).await
}

/// `GET /customers.csv`, with the query of the grid.
async fn customers(State(app): State<App>, frame: Frame, RawQuery(query): RawQuery) -> Result<Response> {
    list(app, &frame.session, Kind::Customer, query.as_deref().unwrap_or_default()).await
}

/// What an export goes on with.
struct Pieces<E> {
    app: App,
    ctx: Ctx,
    export: E,
}

impl Source for Pieces<People> {
    async fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        self.export.next(&self.app.store, &self.ctx).await
    }
}

impl Source for Pieces<PersonData> {
    async fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        self.export.next(&self.app.store, &self.ctx).await
    }
}

/// People of a kind as CSV: those whom a query of the grid finds.
pub(in crate::web) async fn list(app: App, session: &Session, kind: Kind, query: &str) -> Result<Response> {
    let query = GridQuery::from_query(kind, query)?;
    let ctx = session.ctx.clone();
    let begun = ctx.clone();
    let people = app.store.write(async move |tx| export::begin(tx, &begun, query.clone()).await).await?;
    let body = download::body(&app.clone(), Pieces { app, ctx, export: people }).await?;
    let name = format!("{}s-{}.csv", kind.word(), Times::of(session).today());
    attachment(&name, "text/csv; charset=utf-8; header=present", body)
}

/// `GET /users/{id}/data.zip`.
async fn user(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    person(app, &frame.session, Kind::User, &id).await
}

/// `GET /customers/{id}/data.zip`.
async fn customer(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    person(app, &frame.session, Kind::Customer, &id).await
}

/// All that is known of a person of a kind as a ZIP.
pub(in crate::web) async fn person(app: App, session: &Session, kind: Kind, id: &str) -> Result<Response> {
    let id: PersonId = id.parse().map_err(|_| Error::NotFound(kind.word()))?;
    let ctx = session.ctx.clone();
    let begun = ctx.clone();
    let data = app.store.write(async move |tx| {
        let row = people::load(tx, begun.workspace, id).await?;
        row.filter(|row| row.person.kind == kind).ok_or(Error::NotFound(kind.word()))?;
        export::person(tx, &begun, id).await
    });
    let pieces = Pieces { app: app.clone(), ctx, export: data.await? };
    attachment(&format!("{id}.zip"), "application/zip", download::body(&app, pieces).await?)
}
