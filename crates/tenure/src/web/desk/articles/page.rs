//! `/articles/{id}`: one article, its history, and what is done with it by one press.

use axum::response::Response;
use domain::{article::ArticleState, id::ChangeId};

use super::{Asked, author};
use crate::{
    error::{Error, Result},
    ops::{self, articles::Edit},
    text::markdown,
    web::{
        desk::items::history_lines,
        fields::{Fields, QueryFields},
        flash::Flash,
        view::{
            Guard,
            articles::ArticlePage,
            dialogs::{ConfirmDialog, Question},
            item::{ItemHistory, Prose},
            shell::Place,
        },
    },
};

/// How many lines of the history a page has.
const LINES: usize = 50;

/// `GET /articles/{id}`.
pub(super) async fn show(asked: Asked) -> Response {
    draw(&asked, None)
}

fn draw(asked: &Asked, history: Option<ItemHistory>) -> Response {
    let (article, times) = (&asked.article, asked.frame.times());
    let page = ArticlePage {
        shell: asked.frame.shell(Place::Help, &article.title),
        href: asked.href(),
        guard: Guard::default().at_version(article.version.to_string()),
        section: article.section.clone(),
        draft: article.state == ArticleState::Draft,
        author: author(article),
        created: times.when(article.created),
        updated: times.when(article.updated),
        public: asked.public(),
        body: Prose(markdown::render(&article.body, &|_| None)),
        history,
    };
    asked.frame.draw(&page)
}

/// `GET /articles/{id}/history`, with `before` a change.
pub(super) async fn history(asked: Asked, QueryFields(query): QueryFields) -> Result<Response> {
    let before = match query.get("before") {
        "" => None,
        text => Some(text.parse::<ChangeId>().map_err(|_| Error::NotFound("change"))?),
    };
    let one_more = i64::try_from(LINES + 1).unwrap_or(i64::MAX);
    let (ctx, id) = (&asked.frame.session.ctx, asked.article.id);
    let mut rx = asked.app.store.reader().await?;
    let (mut lines, people) = ops::articles::history(&mut rx, ctx, id, before, one_more).await?;
    drop(rx);
    let more = lines.len() > LINES;
    lines.truncate(LINES);
    let href = format!("{}/history", asked.href());
    let history = ItemHistory {
        earlier: lines.last().filter(|_| more).map(|line| format!("{href}?before={}", line.id)),
        latest: before.map(|_| href),
        lines: history_lines(&asked.frame, &lines, &people),
    };
    Ok(draw(&asked, Some(history)))
}

/// `POST /articles/{id}/state`, with `state` (`draft`, `published`).
pub(super) async fn set_state(asked: Asked, fields: Fields) -> Result<Response> {
    let state = ArticleState::parse(fields.get("state"));
    let state = state.ok_or_else(|| Error::field("state", "This is draft or published."))?;
    let (ctx, id) = (asked.frame.session.ctx.clone(), asked.article.id);
    // Whoever publishes means what they have read.
    let edit = Edit { state: Some(state), version: fields.version(), ..Edit::default() };
    let saved =
        asked.app.store.write(async move |tx| ops::articles::edit(tx, &ctx, id, edit.clone()).await).await;
    let flash = match saved {
        Ok(edited) if !edited.changed => Flash::note("Nothing was changed."),
        Ok(_) if state == ArticleState::Published => {
            Flash::done("The article is published.").link("See it as customers do", asked.public())
        }
        Ok(_) => Flash::done("The article is a draft again. Customers do not see it."),
        Err(Error::Stale) => {
            Flash::refused("Somebody changed this article meanwhile, so nothing was done. Look at it again.")
        }
        Err(error) => return Err(error),
    };
    Ok(flash.redirect(&asked.href()))
}

/// `GET /articles/{id}/deletion`.
pub(super) async fn ask_deletion(asked: Asked) -> Response {
    let article = &asked.article;
    let mut effects = vec!["The article goes, with its history".to_owned()];
    if article.state == ArticleState::Published {
        effects.push(format!("{} leads nowhere then", asked.public()));
    }
    let page = ConfirmDialog {
        shell: asked.frame.shell(Place::Help, format!("Delete “{}”?", article.title)),
        ask: Question {
            action: format!("{}/deletion", asked.href()),
            cancel: asked.href(),
            guard: Guard::default().at_version(article.version.to_string()),
            ..Question::default()
        },
        effects,
        button: "Delete the article".into(),
        is_final: true,
    };
    asked.frame.draw(&page)
}

/// `POST /articles/{id}/deletion`.
pub(super) async fn delete(asked: Asked, fields: Fields) -> Result<Response> {
    let (ctx, id, version) = (asked.frame.session.ctx.clone(), asked.article.id, fields.version());
    let deleted =
        asked.app.store.write(async move |tx| ops::articles::delete(tx, &ctx, id, version).await).await;
    match deleted {
        Ok(title) => Ok(Flash::done(format!("“{title}” is deleted.")).redirect("/articles")),
        Err(Error::Stale) => {
            let words = "Somebody changed this article meanwhile, so it was not deleted. Look at it again.";
            Ok(Flash::refused(words).redirect(&asked.href()))
        }
        Err(error) => Err(error),
    }
}
