//! `/articles/new` and `/articles/{id}/edit`. A preview is the same form again; two who edit one article are told of each
//! other as those who edit an item are.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{article::ArticleState, id::ChangeId};

use super::{Asked, href};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        self,
        articles::{Edit, Input, Section},
        items::{Edited, Title},
    },
    store::articles::Article,
    text::markdown,
    web::{
        desk::{
            form::{Checked, Refused},
            frame::Frame,
            items::{OVERTAKEN, sentence, touched, was},
        },
        fields::Fields,
        flash::Flash,
        pages::help::public_path,
        view::{Field, Guard, articles::EditArticle, item::Prose, shell::Place},
    },
};

/// How often a form is tried again that only changes of other fields have overtaken.
const TRIES: usize = 4;

/// How many changes are looked at; a form that was open during more begins anew.
const LOOKED_AT: i64 = 100;

/// A form as it is drawn.
struct Drawn {
    fields: Fields,
    wrong: Refused,
    meanwhile: Vec<String>,
    preview: bool,
}

impl Drawn {
    fn fresh() -> Self {
        Self::of(Fields::default(), Refused::none())
    }

    fn of(fields: Fields, wrong: Refused) -> Self {
        Self { fields, wrong, meanwhile: Vec::new(), preview: false }
    }

    fn previewed(fields: Fields) -> Self {
        Self { preview: true, ..Self::of(fields, Refused::none()) }
    }

    /// What the form carries from when it was opened; after a conflict it begins anew.
    fn carried(&self, name: &str) -> Option<String> {
        self.fields.maybe(name).filter(|_| self.meanwhile.is_empty()).map(str::to_owned)
    }

    /// What stands in a field: what was typed, unless the form was not sent or left it as it was.
    fn field(&self, name: &str, now: &str) -> Field {
        let kept = touched(&self.fields, name, self.fields.get(name));
        self.wrong.field(name, if kept { self.fields.get(name) } else { now })
    }

    fn was(&self, name: &str, now: &str) -> String {
        self.carried(&format!("_was_{name}")).unwrap_or_else(|| was(now))
    }
}

/// The sections that there are, for suggestions.
async fn sections(app: &App, frame: &Frame) -> Result<Vec<String>> {
    let all = ops::articles::list(&mut app.store.reader().await?, &frame.session.ctx).await?;
    let mut sections: Vec<String> = all.into_iter().map(|article| article.section).collect();
    sections.dedup();
    Ok(sections)
}

async fn draw(app: &App, frame: &Frame, article: Option<&Article>, drawn: Drawn) -> Result<Response> {
    let now = |of: fn(&Article) -> &str| article.map_or("", of);
    let (title, section, body) = (now(|one| &one.title), now(|one| &one.section), now(|one| &one.body));
    let since = match (article, drawn.carried("_since")) {
        (None, _) => String::new(),
        (Some(_), Some(since)) => since,
        (Some(article), None) => latest(app, frame, article).await?,
    };
    let version = drawn.carried("_version").or_else(|| article.map(|article| article.version.to_string()));
    let me = frame.session.person();
    let body = drawn.field("body", body);
    let page = EditArticle {
        shell: frame.shell(Place::Help, if article.is_some() { "Edit article" } else { "New article" }),
        action: article.map_or_else(|| "/articles/new".into(), |one| format!("{}/edit", href(one.id))),
        cancel: article.map_or_else(|| "/articles".into(), |one| href(one.id)),
        guard: version.map_or_else(Guard::default, |version| Guard::default().at_version(version)),
        error: drawn.wrong.error.clone(),
        is_new: article.is_none(),
        since,
        title: drawn.field("title", title),
        was_title: drawn.was("title", title),
        section: drawn.field("section", section),
        was_section: drawn.was("section", section),
        sections: sections(app, frame).await?,
        was_body: drawn.was("body", now(|one| &one.body)),
        most: app.config.limits.message,
        draft: article.map_or_else(|| format!("{me}-article"), |one| format!("{me}-article-{}", one.id)),
        preview: drawn.preview.then(|| Prose(markdown::render(&body.value, &|_| None))),
        body,
        meanwhile: drawn.meanwhile,
    };
    let status = if drawn.preview { StatusCode::OK } else { drawn.wrong.status };
    Ok(frame.draw_as(status, &page))
}

/// The last change of an article, as a form carries it.
async fn latest(app: &App, frame: &Frame, article: &Article) -> Result<String> {
    let mut rx = app.store.reader().await?;
    let (lines, _) = ops::articles::history(&mut rx, &frame.session.ctx, article.id, None, 1).await?;
    Ok(lines.first().map(|line| line.id.to_string()).unwrap_or_default())
}

/// `GET /articles/new`.
pub(super) async fn new(State(app): State<App>, frame: Frame) -> Result<Response> {
    draw(&app, &frame, None, Drawn::fresh()).await
}

/// `POST /articles/new`, with `step` (`preview`, `draft`, `publish`).
pub(super) async fn create(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let state = match fields.get("step") {
        "preview" => return draw(&app, &frame, None, Drawn::previewed(fields)).await,
        "publish" => ArticleState::Published,
        _ => ArticleState::Draft,
    };
    let made = async {
        let limits = &app.config.limits;
        let mut checked = Checked::default();
        let title = checked.read(Title::parse(fields.get("title"), limits))?;
        let section = checked.read(Section::parse(fields.get("section"), limits))?;
        let body = checked.read(ops::articles::body(fields.get("body"), limits))?;
        let (Some(title), Some(section), Some(body)) = (title, section, body) else {
            return Err(checked.all());
        };
        let (ctx, input) = (frame.session.ctx.clone(), Input { title, section, body, state });
        app.store.write(async move |tx| ops::articles::create(tx, &ctx, input.clone()).await).await
    };
    match made.await {
        Ok((id, slug)) if state == ArticleState::Published => {
            let told = Flash::done("The article is published.");
            Ok(told.link("See it as customers do", public_path(&slug)).redirect(&href(id)))
        }
        Ok((id, _)) => {
            Ok(Flash::done("The draft is saved. Customers do not see it yet.").redirect(&href(id)))
        }
        Err(error) => {
            let wrong = Refused::of(error)?;
            draw(&app, &frame, None, Drawn::of(fields, wrong)).await
        }
    }
}

/// `GET /articles/{id}/edit`.
pub(super) async fn page(asked: Asked) -> Result<Response> {
    draw(&asked.app, &asked.frame, Some(&asked.article), Drawn::fresh()).await
}

/// `POST /articles/{id}/edit`, with `step` (`preview`, `save`).
pub(super) async fn save(mut asked: Asked, fields: Fields) -> Result<Response> {
    if fields.get("step") == "preview" {
        return draw(&asked.app, &asked.frame, Some(&asked.article), Drawn::previewed(fields)).await;
    }
    let saved = match read(&asked.app, &fields)? {
        Ok((edit, names)) => try_save(&mut asked, &fields, &edit, &names).await,
        Err(wrong) => Err(wrong),
    };
    let drawn = match saved {
        Ok(Saved::Done(edited)) => {
            let told = if edited.changed {
                Flash::done("The article is saved.")
            } else {
                Flash::note("Nothing was changed.")
            };
            return Ok(told.redirect(&asked.href()));
        }
        Ok(Saved::Overtaken(meanwhile)) => {
            let wrong = Refused::of(Error::Stale)?.saying(OVERTAKEN);
            Drawn { meanwhile, ..Drawn::of(fields, wrong) }
        }
        Err(error) => Drawn::of(fields, Refused::of(error)?),
    };
    draw(&asked.app, &asked.frame, Some(&asked.article), drawn).await
}

/// What the form changes, and what the history calls those fields; or all that is wrong with it.
fn read(app: &App, fields: &Fields) -> Result<Result<(Edit, Vec<&'static str>)>> {
    let limits = &app.config.limits;
    let (mut checked, mut edit, mut names) = (Checked::default(), Edit::default(), Vec::new());
    let changes = |name: &str| touched(fields, name, fields.get(name).trim());
    if changes("title") {
        edit.title = checked.read(Title::parse(fields.get("title"), limits))?;
        names.push("title");
    }
    if changes("section") {
        edit.section = checked.read(Section::parse(fields.get("section"), limits))?;
        names.push("section");
    }
    let body = checked.read(ops::articles::body(fields.get("body"), limits))?;
    if let Some(body) = body.filter(|body| touched(fields, "body", body)) {
        edit.body = Some(body);
        names.push("body");
    }
    Ok(match checked.faults() {
        Some(error) => Err(error),
        None => Ok((edit, names)),
    })
}

/// What saving came to.
enum Saved {
    Done(Edited),
    Overtaken(Vec<String>),
}

/// Saves what the form touched, unless others have changed the same meanwhile.
async fn try_save(asked: &mut Asked, fields: &Fields, edit: &Edit, names: &[&str]) -> Result<Saved> {
    let known = fields.get("_since").parse::<ChangeId>().ok();
    let mut version = fields.version();
    for _ in 0..TRIES {
        let (ctx, id) = (asked.frame.session.ctx.clone(), asked.article.id);
        let edit = Edit { version, ..edit.clone() };
        let saved =
            asked.app.store.write(async move |tx| ops::articles::edit(tx, &ctx, id, edit.clone()).await);
        match saved.await {
            Ok(edited) => return Ok(Saved::Done(edited)),
            Err(Error::Stale) => {}
            Err(error) => return Err(error),
        }
        asked.again().await?;
        let mut rx = asked.app.store.reader().await?;
        let ctx = &asked.frame.session.ctx;
        let (mut lines, people) = ops::articles::history(&mut rx, ctx, id, None, LOOKED_AT).await?;
        lines.retain(|line| known.is_none_or(|known| line.id > known));
        if lines.iter().any(|line| names.contains(&line.field.as_str())) {
            let me = asked.frame.session.person();
            return Ok(Saved::Overtaken(
                lines.iter().rev().map(|line| sentence(line, &people, me)).collect(),
            ));
        }
        version = Some(asked.article.version);
    }
    Err(Error::Stale)
}
