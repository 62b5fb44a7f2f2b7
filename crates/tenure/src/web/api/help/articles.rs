//! `/api/v1/articles`.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse as _,
};
use domain::{article::ArticleState, id::ArticleId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        articles::{self as ops, Edit, Input, Section, Step},
        items::Title,
    },
    store::articles::Article,
    web::{
        api::{
            answer::{Answer, Changed, IfMatch, Who, given, made, tagged},
            body::Body,
            problems::help::{OfArticle, OfArticles, OfDeleteArticle, OfEditArticle, OfNewArticle, OfStep},
            query::Query,
        },
        session::Session,
    },
};

/// An article of the help centre.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Article)]
pub(in crate::web::api) struct Shown {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: ArticleId,
    /// Under which heading it stands.
    #[schema(example = "Invoices")]
    section: String,
    /// The title.
    #[schema(example = "Where to find an invoice")]
    title: String,
    /// The last part of its address in the help centre, `/help/…`.
    #[schema(example = "where-to-find-an-invoice")]
    slug: String,
    /// The text, Markdown; null in a list.
    body: Option<String>,
    /// Whether customers see it.
    #[schema(value_type = String, pattern = "^(draft|published)$")]
    state: ArticleState,
    /// Who wrote it; null when they have been deleted, and at the machine.
    author: Option<Who>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated: Timestamp,
    /// Counts its changes: the entity tag for `If-Match`.
    version: i64,
}

impl Shown {
    fn of(article: Article, whole: bool) -> Self {
        let Article { id, section, title, slug, body, state, author, created, updated, version, .. } =
            article;
        let (body, author) = (whole.then_some(body), author.as_ref().map(Who::from));
        Self { id, section, title, slug, body, state, author, created, updated, version }
    }
}

/// The articles of the help centre.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Articles {
    /// By section and in their order, without their texts; drafts among them.
    articles: Vec<Shown>,
}

/// Articles.
///
/// By section and in their order, without their texts.
#[utoipa::path(
    get, path = "/api/v1/articles", operation_id = "articles", tag = "articles",
    responses((status = 200, description = "All of them.", body = Articles), OfArticles),
    security(("session" = []))
)]
pub(in crate::web::api) async fn articles(
    State(app): State<App>,
    session: Session,
) -> Answer<Json<Articles>> {
    let found = ops::list(&mut app.store.reader().await?, &session.ctx).await?;
    Ok(Json(Articles { articles: found.into_iter().map(|one| Shown::of(one, false)).collect() }))
}

/// The id in a path. What is no id at all names nothing.
fn id_of(text: &str) -> Result<ArticleId> {
    text.parse().map_err(|_| Error::NotFound("article"))
}

async fn shown(app: &App, session: &Session, id: ArticleId) -> Answer {
    let article = ops::show(&mut app.store.reader().await?, &session.ctx, id).await?;
    Ok(tagged(article.version, Json(Shown::of(article, true))))
}

/// One article.
#[utoipa::path(
    get, path = "/api/v1/articles/{id}", operation_id = "article", tag = "articles",
    params(("id" = String, Path, format = Uuid, description = "The article.")),
    responses((status = 200, description = "The article, with its version as `ETag`.", body = Shown), OfArticle),
    security(("session" = []))
)]
pub(in crate::web::api) async fn article(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Answer {
    shown(&app, &session, id_of(&text)?).await
}

/// An article to be begun.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "section": "Invoices", "title": "Where to find an invoice", "body": "Open **Orders**.", "state": "draft"
}))]
pub(in crate::web::api) struct NewArticle {
    /// Under which heading it is to stand, at the end.
    #[schema(required)]
    section: String,
    /// The title; its address is made from it.
    #[schema(required)]
    title: String,
    /// The text, Markdown.
    #[schema(required)]
    body: String,
    /// `draft` when it is not given.
    #[schema(value_type = Option<String>, pattern = "^(draft|published)$")]
    state: Option<ArticleState>,
}

/// Begin an article.
#[utoipa::path(
    post, path = "/api/v1/articles", operation_id = "create_article", tag = "articles",
    request_body(content = NewArticle, description = "The article."),
    responses((status = 201, description = "It is there; `Location` says where.", body = Shown), OfNewArticle),
    security(("session" = []))
)]
pub(in crate::web::api) async fn create(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<NewArticle>,
) -> Answer {
    query.only(&[])?;
    let limits = &app.config.limits;
    let input = Input {
        title: Title::parse(&asked.title, limits)?,
        section: Section::parse(&asked.section, limits)?,
        body: ops::body(&asked.body, limits)?,
        state: asked.state.unwrap_or(ArticleState::Draft),
    };
    let ctx = session.ctx.clone();
    let (id, _) = app.store.write(async move |tx| ops::create(tx, &ctx, input.clone()).await).await?;
    Ok(made(&format!("/api/v1/articles/{id}"), shown(&app, &session, id).await?))
}

/// What is to be changed of an article; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "state": "published" }))]
pub(in crate::web::api) struct EditArticle {
    /// Under which heading it stands.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    section: Option<String>,
    /// The title; the address follows it, and those of before lead on.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    title: Option<String>,
    /// The text, Markdown.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    body: Option<String>,
    /// Whether customers see it.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String, pattern = "^(draft|published)$")]
    state: Option<ArticleState>,
}

/// Change an article.
///
/// With `If-Match` it is refused when it has changed since that version.
#[utoipa::path(
    patch, path = "/api/v1/articles/{id}", operation_id = "edit_article", tag = "articles",
    params(
        ("id" = String, Path, format = Uuid, description = "The article."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the article that this was decided on."),
    ),
    request_body(content = EditArticle, description = "What is to be different."),
    responses((status = 200, description = "The article as it is now.", body = Shown), OfEditArticle),
    security(("session" = []))
)]
pub(in crate::web::api) async fn edit(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    (wanted, query): (IfMatch, Query),
    Body(asked): Body<EditArticle>,
) -> Answer {
    query.only(&[])?;
    let limits = &app.config.limits;
    let edit = Edit {
        title: asked.title.map(|title| Title::parse(&title, limits)).transpose()?,
        section: asked.section.map(|section| Section::parse(&section, limits)).transpose()?,
        body: asked.body.map(|body| ops::body(&body, limits)).transpose()?,
        state: asked.state,
        version: wanted.version(),
    };
    let (id, ctx) = (id_of(&text)?, session.ctx.clone());
    let done = app.store.write(async move |tx| ops::edit(tx, &ctx, id, edit.clone()).await);
    wanted.judge(done.await)?;
    shown(&app, &session, id).await
}

/// Delete an article, with its history.
///
/// Its addresses lead nowhere then.
#[utoipa::path(
    delete, path = "/api/v1/articles/{id}", operation_id = "delete_article", tag = "articles",
    params(
        ("id" = String, Path, format = Uuid, description = "The article."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the article that this was decided on."),
    ),
    responses((status = 204, description = "It is gone."), OfDeleteArticle),
    security(("session" = []))
)]
pub(in crate::web::api) async fn delete(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    (wanted, query): (IfMatch, Query),
) -> Answer {
    query.only(&[])?;
    let (id, ctx, version) = (id_of(&text)?, session.ctx.clone(), wanted.version());
    wanted.judge(app.store.write(async move |tx| ops::delete(tx, &ctx, id, version).await).await)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Which way a step goes.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::web::api) enum Way {
    /// Before the one above.
    Up,
    /// Behind the one below.
    Down,
}

/// A step in the order of a section.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "way": "up" }))]
pub(in crate::web::api) struct TakeStep {
    /// Up or down.
    #[schema(value_type = Way, required)]
    way: Option<Way>,
}

/// Move an article by one place in its section.
///
/// At the end of the section nothing changes.
#[utoipa::path(
    post, path = "/api/v1/articles/{id}/step", operation_id = "step_article", tag = "articles",
    params(("id" = String, Path, format = Uuid, description = "The article.")),
    request_body(content = TakeStep, description = "Which way."),
    responses((status = 200, description = "Whether it has moved.", body = Changed), OfStep),
    security(("session" = []))
)]
pub(in crate::web::api) async fn step(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
    Body(asked): Body<TakeStep>,
) -> Answer {
    query.only(&[])?;
    let (id, ctx) = (id_of(&text)?, session.ctx.clone());
    ops::show(&mut app.store.reader().await?, &ctx, id).await?;
    let step = match asked.way.ok_or_else(|| Error::field("way", "Say up or down."))? {
        Way::Up => Step::Up,
        Way::Down => Step::Down,
    };
    let moved = app.store.write(async move |tx| ops::step(tx, &ctx, id, step).await).await?;
    Ok(Changed::answer(moved))
}
