//! `/articles`: the help centre at the desk.

mod edit;
mod list;
mod page;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use domain::{id::ArticleId, person::Kind};

use crate::{
    app::App,
    error::{Error, Result},
    ops,
    store::articles::Article,
    web::{
        desk::frame::{Frame, brief},
        pages::{conversation::gone, help::public_path},
        routes::Routes,
        session::Access::User,
        side::Side,
        view::chip::{Chip, Look},
    },
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/articles", User, list::page)
        .get("/articles/new", User, edit::new)
        .post("/articles/new", User, edit::create)
        .post("/articles/sections/place", User, list::step_section)
        .get("/articles/{id}", User, page::show)
        .get("/articles/{id}/history", User, page::history)
        .get("/articles/{id}/edit", User, edit::page)
        .post("/articles/{id}/edit", User, edit::save)
        .post("/articles/{id}/state", User, page::set_state)
        .post("/articles/{id}/place", User, list::step)
        .get("/articles/{id}/deletion", User, page::ask_deletion)
        .post("/articles/{id}/deletion", User, page::delete)
}

/// The page of an article at the desk.
fn href(id: ArticleId) -> String {
    format!("/articles/{id}")
}

/// Who wrote an article: somebody of the desk, who may be gone.
fn author(article: &Article) -> Chip {
    let here = article.author.as_ref().map(|author| brief(author, Look::Cell, Side::Desk));
    here.unwrap_or_else(|| Chip::deleted(gone(Kind::User)))
}

/// The article that the address names, for whoever asks.
struct Asked {
    app: App,
    frame: Frame,
    article: Article,
}

impl FromRequestParts<App> for Asked {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let frame = Frame::from_request_parts(parts, app).await?;
        let id = Path::<String>::from_request_parts(parts, app).await.ok();
        let id = id.and_then(|Path(id)| id.parse().ok()).ok_or(Error::NotFound("article"))?;
        let article = ops::articles::show(&mut app.store.reader().await?, &frame.session.ctx, id).await?;
        Ok(Self { app: app.clone(), frame, article })
    }
}

impl Asked {
    fn href(&self) -> String {
        href(self.article.id)
    }

    /// Where customers read it.
    fn public(&self) -> String {
        public_path(&self.article.slug)
    }

    /// The article as it is now, after others have changed it.
    async fn again(&mut self) -> Result<()> {
        let (ctx, id) = (&self.frame.session.ctx, self.article.id);
        self.article = ops::articles::show(&mut self.app.store.reader().await?, ctx, id).await?;
        Ok(())
    }
}
