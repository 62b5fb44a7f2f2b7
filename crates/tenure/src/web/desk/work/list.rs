//! `GET /tickets`, `GET /tasks`: the lists; `POST` to them makes an item by its title alone.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{id::ItemId, item::ItemKind, person::Kind};

use super::{
    Of,
    asked::{Asked, At, View},
    bulk,
    filter::{self, Offered},
    held,
    lines::Drawing,
    views::{self, Saved},
    who,
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{self, items::Input, items::Title},
    store::{
        Rx,
        grid::{Count, Dir},
        item_list::{self, Assigned, By, InProject, ListPage, Looking, Sort, Tabs},
    },
    web::{
        desk::{form::Refused, frame::Frame, words},
        fields::Fields,
        flash::Flash,
        view::{
            Guard, Keep, Link, Pager,
            people::{Direction, Head, SaveView, Tab},
            work::{EmptyItems, ItemGrid, ItemHeads, ItemsPage, QuickAdd},
        },
    },
};

/// Who looks at a list, and when.
pub(super) fn looking(frame: &Frame) -> Looking {
    Looking { me: Some(frame.session.person()), now: frame.session.visit.now }
}

/// What is read for a list, all of one state of the database.
pub(super) struct Read {
    /// The page.
    pub page: ListPage,
    tabs: Tabs,
    offered: Offered,
    saved: Vec<Saved>,
}

/// Reads a list.
pub(super) async fn read(rx: &mut Rx, frame: &Frame, asked: &Asked) -> Result<Read> {
    let workspace = &frame.session.check.workspace;
    let looking = looking(frame);
    Ok(Read {
        page: item_list::page(rx, workspace, &asked.query, looking).await?,
        tabs: item_list::tabs(rx, workspace, asked.at.kind(), looking).await?,
        offered: Offered::read(rx, frame, asked).await?,
        saved: views::read(rx, frame, asked).await?,
    })
}

/// `GET /tickets`, `GET /tasks`.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    Of(kind): Of,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = query.unwrap_or_default();
    let fields = Fields::parse(query.as_bytes())?;
    match meant(&app, &frame, At::Kind(kind), &fields).await? {
        Meant::Plainly => {
            let asked = Asked::read(At::Kind(kind), &query)?;
            draw(&app, &frame, &asked, &Sent::default()).await
        }
        Meant::Elsewhere(href) => Ok(Redirect::to(&href).into_response()),
        Meant::Nobody(wrong) => {
            let asked = Asked::read(At::Kind(kind), &query)?;
            draw(&app, &frame, &asked, &Sent { fields, wrong }).await
        }
    }
}

/// What people typed into a filter form come to.
pub(super) enum Meant {
    /// Nobody was typed.
    Plainly,
    /// The same list, filtered by them.
    Elsewhere(String),
    /// Nobody is meant, or several are.
    Nobody(Refused),
}

/// The query string that a filter form sent, without the names that were typed.
fn without_typed(fields: &Fields) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        fields.iter().filter(|(name, _)| !["assigned_to", "requested_by", "at"].contains(name))
    {
        text.append_pair(name, value);
    }
    text.finish()
}

/// Finds who is meant by the names or addresses that a filter form sent.
pub(super) async fn meant(app: &App, frame: &Frame, at: At, fields: &Fields) -> Result<Meant> {
    let (to, by) = (fields.get("assigned_to").trim(), fields.get("requested_by").trim());
    if to.is_empty() && by.is_empty() {
        return Ok(Meant::Plainly);
    }
    let asked = Asked::read(at, &without_typed(fields))?;
    let mut rx = app.store.reader().await?;
    let found = async {
        let mut found = (None, None);
        if !to.is_empty() {
            found.0 = Some(who::typed(&mut rx, frame, "assigned_to", to, &[Kind::User]).await?);
        }
        if !by.is_empty() {
            let kinds = [Kind::Customer, Kind::User];
            found.1 = Some(who::typed(&mut rx, frame, "requested_by", by, &kinds).await?);
        }
        Ok(found)
    };
    match found.await {
        Ok((assignee, requester)) => Ok(Meant::Elsewhere(asked.but(|query| {
            if let Some(id) = assignee {
                query.assigned = Some(Assigned::To(By::Person(id)));
            }
            query.requester = requester.map(By::Person).or(query.requester);
            query.unrequested &= query.requester.is_none();
        }))),
        Err(error) => Ok(Meant::Nobody(Refused::of(error)?)),
    }
}

/// A form that was sent and not understood, or refused.
#[derive(Default)]
pub(super) struct Sent {
    /// What was typed.
    pub fields: Fields,
    /// What is wrong with it.
    pub wrong: Refused,
}

/// Draws a list of one kind.
pub(super) async fn draw(app: &App, frame: &Frame, asked: &Asked, sent: &Sent) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let read = read(&mut rx, frame, asked).await?;
    drop(rx);
    let place = asked.at.place();
    let mut shell = frame.shell(place, place.label());
    shell.search.clone_from(&asked.query.q);
    shell.search_keeps = asked.kept_by_search();
    let groups = Drawing::of(frame).plain(&read.page.rows);
    let page = ItemsPage {
        shell,
        app: asked.at.words(),
        quick: Some(quick_add(asked, &read, sent)),
        grid: ItemGrid { groups, held: held::way(frame), ..grid(asked, &read, sent) },
    };
    Ok(frame.draw_as(sent.wrong.status, &page))
}

/// The list, but for its rows.
pub(super) fn grid(asked: &Asked, read: &Read, sent: &Sent) -> ItemGrid {
    let is_kept = asked.is_builtin() || views::current(&read.saved, asked).is_some();
    let saves = asked.at.kind().is_some() && !is_kept;
    ItemGrid {
        tabs: tabs(asked, read),
        save_view: saves.then(|| SaveView {
            guard: Guard::default(),
            query: asked.unpaged(),
            name: sent.wrong.field("name", sent.fields.get("name")),
        }),
        filter: Some(filter::form(asked, &read.offered, &sent.fields, &sent.wrong)),
        chips: filter::chips(asked, &read.offered),
        clear: asked.is_filtered().then(|| asked.but(|query| asked.clear(query))),
        heads: Some(heads(asked)),
        shows_project: !matches!(asked.at, At::Project(_)),
        bulk: Some(bulk::bar(asked, &read.page, read.offered.projects())),
        pager: pager(asked, &read.page),
        empty: empty(asked, &read.tabs),
        ..ItemGrid::default()
    }
}

fn tabs(asked: &Asked, read: &Read) -> Vec<Tab> {
    let (kind, tabs) = (asked.at.kind(), &read.tabs);
    let (all, open) = (tabs.counts.all(kind), tabs.counts.unfinished(kind));
    let count = |view| match view {
        View::Unfinished => Count::Exact(open),
        View::Mine => Count::Exact(tabs.mine),
        View::Unassigned => Count::Exact(tabs.unassigned),
        View::Held => tabs.held,
        View::Finished => Count::Exact(all - open),
        View::All => Count::Exact(all),
    };
    let saved = views::current(&read.saved, asked).is_some();
    let now = asked.view().filter(|_| !saved);
    // What nobody deactivated holds needs no tab.
    let shown = |view: &View| *view != View::Held || tabs.held != Count::Exact(0) || now == Some(View::Held);
    View::ALL
        .into_iter()
        .filter(shown)
        .map(|view| Tab {
            label: view.label().into(),
            count: Some(words::counted(count(view))),
            href: asked.but(|query| {
                asked.clear(query);
                view.ask(query);
            }),
            current: now == Some(view),
            delete: None,
        })
        .chain(views::tabs(&read.saved, asked))
        .collect()
}

/// How the columns sort.
pub(super) fn heads(asked: &Asked) -> ItemHeads {
    let head = |sort: Sort| {
        let now = (asked.query.sort == sort).then_some(asked.query.dir);
        let next = match now {
            Some(Dir::Asc) => Dir::Desc,
            Some(Dir::Desc) => Dir::Asc,
            None => sort.usual(),
        };
        Head {
            href: asked.but(|query| (query.sort, query.dir) = (sort, next)),
            sorted: now.map(|dir| match dir {
                Dir::Asc => Direction::Ascending,
                Dir::Desc => Direction::Descending,
            }),
        }
    };
    ItemHeads {
        number: head(Sort::Number),
        priority: head(Sort::Priority),
        due: head(Sort::Due),
        updated: head(Sort::Updated),
    }
}

/// Where one is in the list.
pub(super) fn pager(asked: &Asked, page: &ListPage) -> Pager {
    let shown = i64::try_from(page.rows.len()).unwrap_or(i64::MAX);
    // Without a page before, this is the first one, whatever the address says.
    let at = if page.previous.is_some() { asked.before } else { 0 };
    let whole = page.next.is_none() && page.previous.is_none();
    let known = !(whole || (at == 0 && page.previous.is_some()));
    let words = asked.at.words();
    Pager {
        summary: words::span(page.count, (words.one, words.many), known.then_some(at), shown),
        previous: page.previous.as_ref().map(|cursor| asked.page(cursor, at - asked.query.limit)),
        next: page.next.as_ref().map(|cursor| asked.page(cursor, at + shown)),
    }
}

fn empty(asked: &Asked, tabs: &Tabs) -> EmptyItems {
    let words = asked.at.words();
    let (one, many) = (words.one, words.many);
    if asked.is_filtered() {
        return EmptyItems {
            title: "Nothing matches".into(),
            text: format!("No {one} has all of what is searched and filtered for."),
            ways: vec![Link::new("Clear search and filters", asked.but(|query| asked.clear(query)))],
        };
    }
    if tabs.counts.all(asked.at.kind()) == 0 {
        let text = match asked.at.kind() {
            Some(ItemKind::Ticket) => {
                "A ticket is what somebody asks of you. Type what it is about above, and press Enter."
            }
            _ => "A task is work of your own. Type what is to be done above, and press Enter.",
        };
        return EmptyItems { title: format!("No {one} yet"), text: text.into(), ways: Vec::new() };
    }
    let everything = Link::new(format!("All {many}"), asked.but(|query| View::All.ask(query)));
    let (title, text) = match asked.view() {
        Some(View::Mine) => (
            "Nothing is assigned to you".to_owned(),
            "What is assigned to you and not finished stands here.".to_owned(),
        ),
        Some(View::Unassigned) => {
            ("Everything has somebody".into(), format!("Each open {one} is assigned to somebody."))
        }
        Some(View::Held) => (
            "Nothing waits for anybody away".into(),
            format!("No open {one} is assigned to a deactivated person."),
        ),
        Some(View::Finished) => {
            ("Nothing is finished yet".into(), format!("A {one} that is done or closed stands here."))
        }
        Some(View::Unfinished) => ("All done".into(), format!("Every {one} is finished.")),
        Some(View::All) | None => {
            ("Nothing here".into(), "This page has become empty. Begin at the first one.".into())
        }
    };
    EmptyItems { title, text, ways: vec![everything] }
}

/// The line that makes an item where the list is: in its project, assigned to whoever looks at their own.
fn quick_add(asked: &Asked, read: &Read, sent: &Sent) -> QuickAdd {
    let words = asked.at.words();
    let mut keeps = vec![Keep::new("back", asked.but(|_| {}))];
    let mut hint = format!("New {}", words.one);
    if let Some(InProject::In(id)) = asked.query.project {
        keeps.push(Keep::new("project", id.to_string()));
        let row = read.page.rows.iter().find_map(|line| line.row.project_name.as_ref());
        hint.push_str(&row.map_or_else(|| " in this project".to_owned(), |name| format!(" in {name}")));
    }
    if asked.query.assigned == Some(Assigned::To(By::Me)) {
        keeps.push(Keep::new("mine", "1"));
        hint.push_str(", assigned to you");
    }
    QuickAdd {
        kinds: vec![Link::new("Add", words.path)],
        keeps,
        hint,
        title: sent.wrong.field("title", sent.fields.get("title")),
    }
}

/// A page of the work, for links that lead back; anything else leads to the list.
pub(super) fn back(text: &str, kind: ItemKind) -> String {
    super::super::people::followed(text).map_or_else(|| At::Kind(kind).path(), str::to_owned)
}

/// `POST /tickets`, `POST /tasks`, with `title`, and `project`, `mine` and `back` handed on.
pub(super) async fn quick(
    State(app): State<App>,
    frame: Frame,
    Of(kind): Of,
    fields: Fields,
) -> Result<Response> {
    let input = async {
        let title = Title::parse(fields.get("title"), &app.config.limits)?;
        let project = match fields.get("project") {
            "" => None,
            id => Some(id.parse().map_err(|_| Error::field("title", "This project is gone."))?),
        };
        let assignees = if fields.ticked("mine") { vec![frame.session.person()] } else { Vec::new() };
        made(&app, &frame, Input { project, assignees, ..Input::new(kind, title) }).await
    };
    match input.await {
        Ok((_, number, title)) => Ok(told(kind, number, &title).redirect(&back(fields.get("back"), kind))),
        Err(error) => {
            let wrong = Refused::of(error)?.at("title");
            let (_, query) = fields.get("back").split_once('?').unwrap_or_default();
            let plain = At::Kind(kind).plain();
            let asked = Asked::read(At::Kind(kind), query).unwrap_or(Asked {
                at: At::Kind(kind),
                query: plain,
                before: 0,
            });
            draw(&app, &frame, &asked, &Sent { fields, wrong }).await
        }
    }
}

/// Makes an item.
pub(super) async fn made(app: &App, frame: &Frame, input: Input) -> Result<(ItemId, i64, String)> {
    let (ctx, title) = (frame.session.ctx.clone(), input.title.as_str().to_owned());
    let (id, number) =
        app.store.write(async move |tx| ops::items::create(tx, &ctx, input.clone()).await).await?;
    Ok((id, number, title))
}

/// Says that an item was made, with the way to it.
pub(super) fn told(kind: ItemKind, number: i64, title: &str) -> Flash {
    Flash::done(format!("{} #{number} is made.", kind.title())).link(title, format!("/items/{number}"))
}
