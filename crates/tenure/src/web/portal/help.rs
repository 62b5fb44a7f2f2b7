//! `/help`: the help centre, as whoever may use it reads it.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::article::ArticleState;

use super::guest::Guest;
use crate::{
    error::Result,
    ops,
    store::articles::Article,
    text::{self, markdown},
    web::{
        fields::QueryFields,
        pages::help::{self, public_path},
        view::{
            self, Link,
            help::{HelpArticle, HelpHit, HelpPage, HelpSection},
            item::Prose,
        },
    },
};

/// How many other articles of its section stand below one.
const OTHERS: usize = 10;

fn link(article: &Article) -> Link {
    Link::new(&article.title, public_path(&article.slug))
}

/// `GET /help`, with `q`.
pub(super) async fn page(guest: Guest, QueryFields(query): QueryFields) -> Result<Response> {
    if let Some(elsewhere) = guest.elsewhere(guest.workspace.apps.help) {
        return Ok(elsewhere);
    }
    let search: String = query.get("q").chars().take(guest.app.config.limits.search).collect();
    let ctx = guest.ctx();
    let mut rx = guest.app.store.reader().await?;
    let (mut sections, mut found) = (Vec::<HelpSection>::new(), None);
    if search.trim().is_empty() {
        for article in ops::articles::published(&mut rx, &ctx).await? {
            if sections.last().is_none_or(|section| section.title != article.section) {
                sections.push(HelpSection { title: article.section.clone(), articles: Vec::new() });
            }
            if let Some(section) = sections.last_mut() {
                section.articles.push(link(&article));
            }
        }
    } else {
        let hits = ops::articles::find(&mut rx, &ctx, &search).await?;
        let hit = |article: &Article| HelpHit {
            article: link(article),
            section: article.section.clone(),
            excerpt: excerpt(&article.body, &search),
        };
        found = Some(hits.iter().map(hit).collect());
    }
    drop(rx);
    let notice = guest.is_user().then(|| help::notice(guest.workspace.apps.help)).flatten();
    let page = HelpPage {
        shell: guest.shell(help::HOME, "Help centre"),
        search,
        sections,
        found,
        ask: guest.ask(),
        notice: notice.map(str::to_owned),
    };
    Ok(view::page(StatusCode::OK, &page))
}

/// `GET /help/{slug}`. An address of before leads on. A draft is there for users alone.
pub(super) async fn article(guest: Guest, Path(slug): Path<String>) -> Result<Response> {
    if let Some(elsewhere) = guest.elsewhere(guest.workspace.apps.help) {
        return Ok(elsewhere);
    }
    let ctx = guest.ctx();
    let mut rx = guest.app.store.reader().await?;
    let article = ops::articles::read(&mut rx, &ctx, &slug, guest.reader()).await?;
    if article.slug != slug {
        return Ok(Redirect::permanent(&public_path(&article.slug)).into_response());
    }
    let all = ops::articles::published(&mut rx, &ctx).await?;
    drop(rx);
    let others = all.iter().filter(|one| one.section == article.section && one.id != article.id);
    let notice = match help::notice(guest.workspace.apps.help) {
        _ if !guest.is_user() => None,
        Some(off) => Some(off),
        None => (article.state == ArticleState::Draft).then_some("This is a draft: customers do not see it."),
    };
    let page = HelpArticle {
        shell: guest.shell(help::HOME, &article.title),
        section: article.section.clone(),
        updated: guest.times().when(article.updated),
        body: Prose(markdown::render(&article.body, &|_| None)),
        others: others.take(OTHERS).map(link).collect(),
        ask: guest.ask(),
        notice: notice.map(str::to_owned),
        edit: guest.is_user().then(|| format!("/articles/{}/edit", article.id)),
    };
    Ok(view::page(StatusCode::OK, &page))
}

/// The stretch of a text around the first of the words that were searched for; nothing where only the title has them.
fn excerpt(body: &str, search: &str) -> String {
    let plain = markdown::plain(body, &|_| None);
    let (folded, wanted) = (text::fold(&plain), text::fold(search));
    let first = wanted.split_whitespace().find(|word| folded.contains(word));
    first.map_or_else(String::new, |word| {
        let found = text::excerpt(&plain, word);
        format!("{}{}{}", found.before, found.hit, found.after)
    })
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn an_excerpt_stands_around_the_first_word_that_was_searched_for() {
        let long = format!("{} **Printer** {}", "before ".repeat(50), "after ".repeat(50));
        let found = excerpt(&long, "print");
        assert!(found.starts_with("…before") && found.ends_with('…') && found.contains("Printer"), "{found}");
        assert_eq!(excerpt("# Paper\n\nUse it.", "PAPER"), "Paper Use it.");
        assert_eq!(excerpt("Nothing of it.", "printer"), "");
    }
}
