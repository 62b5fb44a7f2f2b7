//! `GET /articles`: all of them by section, with their order.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::article::ArticleState;

use super::{Asked, author, href};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{self, articles::Step},
    store::{articles::Article, grid::Count},
    text,
    web::{
        desk::{frame::Frame, words},
        fields::{Fields, QueryFields},
        pages::help,
        view::{
            Link,
            articles::{ArticleRow, ArticleSection, ArticlesPage},
            people::Tab,
            shell::Place,
        },
    },
};

/// `GET /articles`, with `q` in the titles, and `state`.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let all = ops::articles::list(&mut app.store.reader().await?, &frame.session.ctx).await?;
    let state = ArticleState::parse(query.get("state"));
    let wanted = text::fold(query.get("q"));
    let whole = state.is_none() && wanted.is_empty();
    let fits = |article: &&Article| {
        state.is_none_or(|state| state == article.state) && text::fold(&article.title).contains(&wanted)
    };
    let shown: Vec<&Article> = all.iter().filter(fits).collect();
    let apps = frame.session.check.workspace.apps;
    let page = ArticlesPage {
        shell: frame.shell(Place::Help, Place::Help.label()),
        tabs: tabs(&all, state, whole),
        search: query.get("q").to_owned(),
        state: state.map_or("", ArticleState::word),
        empty: empty(all.is_empty(), !wanted.is_empty()),
        sections: sections(&frame, &shown, whole),
        notice: help::notice(apps.help).map(str::to_owned),
        settings: frame.session.administers().then(|| Link::new("Settings", "/settings/apps")),
        public: Link::new("See it as customers do", help::HOME),
    };
    Ok(frame.draw(&page))
}

fn empty(none: bool, searched: bool) -> (String, String) {
    let (title, text) = if none {
        ("No article yet", "An article answers what is often asked. Customers find it before they ask.")
    } else if searched {
        ("Nothing was found", "No title has what was searched for.")
    } else {
        ("Nothing here", "No article is in this state.")
    };
    (title.into(), text.into())
}

fn tabs(all: &[Article], state: Option<ArticleState>, whole: bool) -> Vec<Tab> {
    let tab = |label: &str, of: Option<ArticleState>| {
        let count = all.iter().filter(|article| of.is_none_or(|state| state == article.state)).count();
        Tab {
            label: label.into(),
            count: Some(words::counted(Count::Exact(i64::try_from(count).unwrap_or(i64::MAX)))),
            href: of.map_or_else(|| "/articles".into(), |state| format!("/articles?state={}", state.word())),
            current: if of.is_none() { whole } else { of == state },
            delete: None,
        }
    };
    vec![
        tab("All", None),
        tab("Published", Some(ArticleState::Published)),
        tab("Drafts", Some(ArticleState::Draft)),
    ]
}

/// The articles under their sections. `whole` says that no article of a section is left out, so that they can be moved.
fn sections(frame: &Frame, shown: &[&Article], whole: bool) -> Vec<ArticleSection> {
    let times = frame.times();
    let mut sections: Vec<ArticleSection> = Vec::new();
    let last = shown.last().map_or("", |article| article.section.as_str());
    for (at, article) in shown.iter().enumerate() {
        let same = |other: Option<&&Article>| other.is_some_and(|other| other.section == article.section);
        let above = same(at.checked_sub(1).and_then(|above| shown.get(above)));
        let below = same(shown.get(at + 1));
        if !above {
            let above = !sections.is_empty();
            sections.push(ArticleSection {
                title: article.section.clone(),
                rows: Vec::new(),
                moves: whole.then_some((above, article.section != last)),
            });
        }
        let row = ArticleRow {
            href: href(article.id),
            title: article.title.clone(),
            draft: article.state == ArticleState::Draft,
            author: author(article),
            updated: times.when(article.updated),
            moves: whole.then_some((above, below)),
        };
        if let Some(section) = sections.last_mut() {
            section.rows.push(row);
        }
    }
    sections
}

fn direction(fields: &Fields) -> Result<Step> {
    match fields.get("to") {
        "up" => Ok(Step::Up),
        "down" => Ok(Step::Down),
        _ => Err(Error::field("to", "Choose up or down.")),
    }
}

/// `POST /articles/sections/place`, with `section` and `to` (`up`, `down`).
pub(super) async fn step_section(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let (step, section) = (direction(&fields)?, fields.get("section").to_owned());
    let ctx = frame.session.ctx.clone();
    app.store.write(async move |tx| ops::articles::step_section(tx, &ctx, &section, step).await).await?;
    Ok(Redirect::to("/articles").into_response())
}

/// `POST /articles/{id}/place`, with `to` (`up`, `down`).
pub(super) async fn step(asked: Asked, fields: Fields) -> Result<Response> {
    let step = direction(&fields)?;
    let (ctx, id) = (asked.frame.session.ctx.clone(), asked.article.id);
    asked.app.store.write(async move |tx| ops::articles::step(tx, &ctx, id, step).await).await?;
    Ok(Redirect::to("/articles").into_response())
}
