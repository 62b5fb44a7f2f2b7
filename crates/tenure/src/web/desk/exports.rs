//! People as CSV, and all that is known of one as a ZIP.

use axum::{
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use domain::{id::PersonId, person::Kind};
use futures_util::stream;

use crate::web::pages::{frame::Frame, words::Times};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    ops::export::{self, People, PersonData},
    store::{grid::GridQuery, people},
    web::{
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

/// What is written.
enum Export {
    People(People),
    Person(PersonData),
}

/// What an export goes on with.
struct Source {
    app: App,
    ctx: Ctx,
    export: Export,
}

impl Source {
    async fn piece(&mut self) -> Result<Option<Bytes>> {
        let piece = match &mut self.export {
            Export::People(people) => people.next(&self.app.store, &self.ctx).await,
            Export::Person(data) => data.next(&self.app.store, &self.ctx).await,
        };
        Ok(piece?.map(Bytes::from))
    }

    /// The whole of it, piece by piece.
    async fn body(mut self) -> Result<Body> {
        // The first piece is read before the answer begins: what is wrong is then still an answer of its own.
        let first = self.piece().await?;
        let rest = stream::try_unfold(self, |mut source| async move {
            let piece = source.piece().await.map_err(|error| {
                tracing::warn!(?error, "an export was cut off");
                Cut
            })?;
            Ok::<_, Cut>(piece.map(|bytes| (bytes, source)))
        });
        let first = stream::iter(first.map(Ok::<_, Cut>));
        Ok(Body::from_stream(futures_util::StreamExt::chain(first, rest)))
    }
}

/// The answer ends before its end: the client sees that it is not whole.
#[derive(Debug, thiserror::Error)]
#[error("the export was cut off")]
struct Cut;

/// People of a kind as CSV: those whom a query of the grid finds.
pub(in crate::web) async fn list(app: App, session: &Session, kind: Kind, query: &str) -> Result<Response> {
    let query = GridQuery::from_query(kind, query)?;
    let ctx = session.ctx.clone();
    let begun = ctx.clone();
    let people = app.store.write(async move |tx| export::begin(tx, &begun, query.clone()).await).await?;
    let body = Source { app, ctx, export: Export::People(people) }.body().await?;
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
    let export = Export::Person(data.await?);
    attachment(&format!("{id}.zip"), "application/zip", Source { app, ctx, export }.body().await?)
}

pub(super) fn attachment(name: &str, kind: &'static str, body: Body) -> Result<Response> {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let disposition = disposition.map_err(|error| Error::Internal(error.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, body).into_response())
}
