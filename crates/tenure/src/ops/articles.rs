//! Articles of the help centre: written, ordered, published and deleted by whoever works at the desk.

use domain::{
    apps::Reader,
    article::{self, ArticleState},
    audit::Action,
    id::{ArticleId, ChangeId, PersonId},
    lifecycle::Outcome,
};
use serde_json::json;

use super::{
    history::History,
    items::{Edited, Title},
    load,
    record::Record,
};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    limits::Limits,
    store::{
        Rx, Tx,
        articles::{self, Article, Texts},
        changes::{self, Change},
        item_people::{self, Brief},
    },
    text::{self, markdown, slug},
};

/// How many articles a help centre holds: all of them are listed on its first page.
pub const MOST_ARTICLES: i64 = 1_000;

/// How many articles a search finds.
const FOUND: i64 = 50;

/// How many words of a search are looked for one by one.
const WORDS: usize = 4;

/// The name of a section, cleaned and within the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section(String);

impl Section {
    /// Cleans a typed section.
    pub fn parse(typed: &str, limits: &Limits) -> Result<Self> {
        if typed.trim().is_empty() {
            return Err(Error::field("section", "Enter the section in which it stands."));
        }
        let clean = text::clean_name(typed, limits.name);
        clean
            .map(Self)
            .map_err(|error| Error::field("section", error.to_string().replace("The name", "The section")))
    }

    /// The name inside.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Cleans the typed text of an article.
pub fn body(typed: &str, limits: &Limits) -> Result<String> {
    let clean = text::clean_lines("The text", typed, limits.message).map_err(|error| error.at("body"))?;
    if clean.is_empty() { Err(Error::field("body", "Write something first.")) } else { Ok(clean) }
}

/// A new article.
#[derive(Debug, Clone)]
pub struct Input {
    /// The title.
    pub title: Title,
    /// Where it stands.
    pub section: Section,
    /// The text; cleaned by [`body`].
    pub body: String,
    /// Whether customers see it at once.
    pub state: ArticleState,
}

/// What is to be changed; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// The title; the address follows it, and those of before lead on.
    pub title: Option<Title>,
    /// Where it stands.
    pub section: Option<Section>,
    /// The text; cleaned by [`body`].
    pub body: Option<String>,
    /// Draft or published.
    pub state: Option<ArticleState>,
    /// The version that the form was made from; stale when it has changed.
    pub version: Option<i64>,
}

/// A step in the order of articles or sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Before the one above.
    Up,
    /// Behind the one below.
    Down,
}

fn texts(article: &Article) -> Texts {
    let plain = markdown::plain(&article.body, &|_| None);
    Texts {
        section_key: text::fold(&article.section),
        search_text: text::search_text(&article.title, &plain),
    }
}

/// Puts an article at the end of a section, which keeps the spelling of its name that it has already.
async fn put_into(tx: &mut Tx, ctx: &Ctx, article: &mut Article, section: Section) -> Result<()> {
    let key = text::fold(&section.0);
    article.position = articles::last(tx, ctx.workspace).await? + 1;
    article.section = articles::section(tx, ctx.workspace, &key).await?.unwrap_or(section.0);
    Ok(())
}

/// An address made of the title that leads to no other article: its own of before, or a free one. Answers whether
/// it is new.
async fn address(tx: &mut Tx, ctx: &Ctx, title: &str, id: ArticleId) -> Result<(String, bool)> {
    let plain = slug::slug(title, "article");
    for number in 1.. {
        let slug = if number == 1 { plain.clone() } else { format!("{plain}-{number}") };
        match articles::of_slug(tx, ctx.workspace, &slug).await? {
            Some(other) if other == id => return Ok((slug, false)),
            Some(_) => {}
            None => return Ok((slug, true)),
        }
    }
    Err(Error::Internal("there is always a free address".into()))
}

/// The winner of a race for one address is whoever the unique index let through.
fn taken(error: Error) -> Error {
    match error {
        Error::Store(store) if store.is_unique() => {
            Error::field("title", "An article of this title was saved just now. Save again.")
        }
        error => error,
    }
}

/// Writes an article; it stands last in its section.
pub async fn create(tx: &mut Tx, ctx: &Ctx, input: Input) -> Result<(ArticleId, String)> {
    let ws = ctx.workspace;
    let authority = load::actor(tx, ctx).await?;
    article::may_write(&authority)?;
    if articles::count(tx, ws).await? >= MOST_ARTICLES {
        let full = format!("A help centre holds {MOST_ARTICLES} articles. Delete one first.");
        return Err(Error::field("title", full));
    }
    let id: ArticleId = ctx.id();
    let (slug, _) = address(tx, ctx, input.title.as_str(), id).await?;
    let author = match ctx.actor.person() {
        Some(person) => item_people::briefs(tx, ws, &[person]).await?.pop(),
        None => None,
    };
    let mut article = Article {
        id,
        section: String::new(),
        position: 0,
        title: input.title.as_str().to_owned(),
        slug,
        body: input.body,
        state: input.state,
        author,
        created: ctx.now,
        updated: ctx.now,
        version: 1,
    };
    put_into(tx, ctx, &mut article, input.section).await?;
    articles::insert(tx, ws, &article, &texts(&article)).await.map_err(taken)?;
    let history = History::of(ctx, &authority, id.uuid());
    history.note(tx, "created", "", "article")?;
    record(tx, ctx, Action::ArticleCreated, &article)?;
    if article.state == ArticleState::Published {
        history.note(tx, "state", ArticleState::Draft.word(), ArticleState::Published.word())?;
        record(tx, ctx, Action::ArticlePublished, &article)?;
    }
    Ok((id, article.slug))
}

fn record(tx: &mut Tx, ctx: &Ctx, action: Action, article: &Article) -> Result<()> {
    Record::of(action).subject(article.id).after(json!({ "article": article.title })).save(tx, ctx)
}

/// Changes fields of an article, all or none.
pub async fn edit(tx: &mut Tx, ctx: &Ctx, id: ArticleId, input: Edit) -> Result<Edited> {
    let ws = ctx.workspace;
    let authority = load::actor(tx, ctx).await?;
    article::may_write(&authority)?;
    let was = articles::lock(tx, ws, id).await?.ok_or(Error::NotFound("article"))?;
    if input.version.is_some_and(|version| version != was.version) {
        return Err(Error::Stale);
    }
    let mut is = was.clone();
    let mut new_address = false;
    if let Some(title) = input.title
        && title.as_str() != was.title
    {
        title.as_str().clone_into(&mut is.title);
        (is.slug, new_address) = address(tx, ctx, &is.title, id).await?;
    }
    if let Some(section) = input.section
        && text::fold(&section.0) != text::fold(&was.section)
    {
        put_into(tx, ctx, &mut is, section).await?;
    }
    if let Some(body) = input.body {
        is.body = body;
    }
    if let Some(state) = input.state
        && let Outcome::Changed(state) = article::set_state(&authority, was.state, state)?
    {
        is.state = state;
    }
    if is == was {
        return Ok(Edited { changed: false, version: was.version });
    }
    is.updated = ctx.now;
    if new_address {
        articles::add_slug(tx, ws, &is).await.map_err(taken)?;
    }
    articles::save(tx, ws, &is, &texts(&is)).await?;
    let history = History::of(ctx, &authority, id.uuid());
    history.compare(tx, "title", (&was.title, &is.title), Clone::clone)?;
    history.compare(tx, "section", (&was.section, &is.section), Clone::clone)?;
    history.compare(tx, "body", (&was.body, &is.body), Clone::clone)?;
    if history.compare(tx, "state", (&was.state, &is.state), |state| state.word().into())? {
        let action = match is.state {
            ArticleState::Published => Action::ArticlePublished,
            ArticleState::Draft => Action::ArticleUnpublished,
        };
        record(tx, ctx, action, &is)?;
    }
    Ok(Edited { changed: true, version: was.version + 1 })
}

/// The articles by section: sections in the order of the first article of each, and each in the order of its own.
async fn in_order(rx: &mut Rx, ctx: &Ctx) -> Result<Vec<Article>> {
    let mut all = articles::heads(rx, ctx.workspace, MOST_ARTICLES * 2).await?;
    let mut sections: Vec<String> = Vec::new();
    for article in &all {
        if !sections.contains(&article.section) {
            sections.push(article.section.clone());
        }
    }
    all.sort_by_key(|article| sections.iter().position(|section| *section == article.section));
    Ok(all)
}

/// Counts the places anew where they are not those of this order.
async fn put_in_order(tx: &mut Tx, ctx: &Ctx, order: impl Iterator<Item = &Article>) -> Result<()> {
    for (one, place) in order.zip(1..).filter(|(one, place)| one.position != *place) {
        articles::place(tx, ctx.workspace, one.id, place).await?;
    }
    Ok(())
}

/// The place beside one of so many; `None` at the end.
fn beside(at: usize, many: usize, step: Step) -> Option<usize> {
    match step {
        Step::Up => at.checked_sub(1),
        Step::Down => Some(at + 1).filter(|next| *next < many),
    }
}

/// Moves an article by one place in its section; answers whether there was one.
pub async fn step(tx: &mut Tx, ctx: &Ctx, id: ArticleId, step: Step) -> Result<bool> {
    article::may_write(&load::actor(tx, ctx).await?)?;
    articles::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("article"))?;
    let mut all = in_order(tx, ctx).await?;
    let at = all.iter().position(|one| one.id == id).ok_or(Error::NotFound("article"))?;
    let Some(to) = beside(at, all.len(), step).filter(|to| all[*to].section == all[at].section) else {
        return Ok(false);
    };
    all.swap(at, to);
    put_in_order(tx, ctx, all.iter()).await?;
    Ok(true)
}

/// Moves a whole section by one place; answers whether there was one.
pub async fn step_section(tx: &mut Tx, ctx: &Ctx, section: &str, step: Step) -> Result<bool> {
    article::may_write(&load::actor(tx, ctx).await?)?;
    let all = in_order(tx, ctx).await?;
    let mut sections: Vec<&[Article]> = all.chunk_by(|one, next| one.section == next.section).collect();
    let at = sections.iter().position(|of| of.iter().any(|one| one.section == section));
    let at = at.ok_or(Error::NotFound("section"))?;
    let Some(to) = beside(at, sections.len(), step) else { return Ok(false) };
    sections.swap(at, to);
    put_in_order(tx, ctx, sections.into_iter().flatten()).await?;
    Ok(true)
}

/// Deletes an article with its history; its addresses lead nowhere then. Answers its title.
pub async fn delete(tx: &mut Tx, ctx: &Ctx, id: ArticleId, version: Option<i64>) -> Result<String> {
    article::may_write(&load::actor(tx, ctx).await?)?;
    let was = articles::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("article"))?;
    if version.is_some_and(|version| version != was.version) {
        return Err(Error::Stale);
    }
    changes::forget(tx, ctx.workspace, id.uuid()).await?;
    articles::delete(tx, ctx.workspace, id).await?;
    Record::of(Action::ArticleDeleted).subject(id).before(json!({ "article": was.title })).save(tx, ctx)?;
    Ok(was.title)
}

/// An article, for whoever works at the desk.
pub async fn show(rx: &mut Rx, ctx: &Ctx, id: ArticleId) -> Result<Article> {
    article::may_write(&load::seen(rx, ctx, &[]).await?.0)?;
    articles::load(rx, ctx.workspace, id).await?.ok_or(Error::NotFound("article"))
}

/// Every article without its text, for whoever works at the desk.
pub async fn list(rx: &mut Rx, ctx: &Ctx) -> Result<Vec<Article>> {
    article::may_write(&load::seen(rx, ctx, &[]).await?.0)?;
    in_order(rx, ctx).await
}

/// The history of an article, the newest first, with everybody whom it names and who is not gone.
pub async fn history(
    rx: &mut Rx,
    ctx: &Ctx,
    id: ArticleId,
    before: Option<ChangeId>,
    limit: i64,
) -> Result<(Vec<Change>, Vec<Brief>)> {
    article::may_write(&load::seen(rx, ctx, &[]).await?.0)?;
    let lines = changes::page(rx, ctx.workspace, id.uuid(), before, limit).await?;
    let mut wanted: Vec<PersonId> = lines.iter().filter_map(|line| line.actor_id).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let people = item_people::briefs(rx, ctx.workspace, &wanted).await?;
    Ok((lines, people))
}

/// The published articles, by section and in their order, without their texts: for whoever may use the help centre.
pub async fn published(rx: &mut Rx, ctx: &Ctx) -> Result<Vec<Article>> {
    let mut all = in_order(rx, ctx).await?;
    all.retain(|article| article.state == ArticleState::Published);
    Ok(all)
}

/// The published articles whose title or text has every word of a search somewhere; those with all of them in the
/// title come first.
pub async fn find(rx: &mut Rx, ctx: &Ctx, query: &str) -> Result<Vec<Article>> {
    let folded = text::fold(query);
    let words = wanted(&folded);
    let mut like = std::array::from_fn(|_| "%".to_owned());
    for (pattern, word) in like.iter_mut().zip(&words) {
        *pattern = text::pattern_of(word);
    }
    let mut found = articles::find(rx, ctx.workspace, &like, FOUND).await?;
    found.sort_by_key(|article| {
        let title = text::fold(&article.title);
        !words.iter().all(|word| title.contains(word.as_str()))
    });
    Ok(found)
}

/// The words of a search that are looked for; what is more stands together with the last of them.
fn wanted(folded: &str) -> Vec<String> {
    // No text holds a control character, and PostgreSQL takes no NUL.
    let between = |c: char| c.is_whitespace() || c.is_control();
    let mut words: Vec<String> =
        folded.split(between).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if words.len() > WORDS {
        let rest = words.split_off(WORDS - 1).join(" ");
        words.push(rest);
    }
    words
}

/// The article that is or was read at an address.
pub async fn at(rx: &mut Rx, ctx: &Ctx, slug: &str) -> Result<Article> {
    if slug.contains('\0') {
        return Err(Error::NotFound("article"));
    }
    let id = articles::of_slug(rx, ctx.workspace, slug).await?.ok_or(Error::NotFound("article"))?;
    articles::load(rx, ctx.workspace, id).await?.ok_or(Error::NotFound("article"))
}

/// As [`at`], for whoever looks at the help centre.
pub async fn read(rx: &mut Rx, ctx: &Ctx, slug: &str, reader: Reader) -> Result<Article> {
    let article = at(rx, ctx, slug).await?;
    if article::may_read(article.state, reader) { Ok(article) } else { Err(Error::NotFound("article")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_looked_for_word_by_word_and_as_it_stands() {
        assert_eq!(wanted("print paper"), ["print", "paper"]);
        assert_eq!(wanted("a b c d e f"), ["a", "b", "c", "d e f"]);
        assert!(wanted("  ").is_empty());
        assert_eq!(wanted("a\0b"), ["a", "b"]);
    }
}
