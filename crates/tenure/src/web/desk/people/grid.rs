//! `GET /users` and `GET /users/{id}`, `/customers` likewise: the grid, alone or with a panel docked beside it.

use std::collections::HashMap;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use domain::id::{PersonId, WorkspaceId};

use super::{
    about::{Id, authority},
    asked::Asked,
    back::Back,
    bulk, filter, import,
    menu::Reader,
    panel,
    rows::Scene,
};
use crate::{
    app::App,
    error::Result,
    store::{
        Rx, attention,
        batches::{self, Batch},
        grid::{self, BuiltinView, Count, Dir, GridQuery, Page, Sort},
        item_people::{self, Holdings},
        views::{self, View},
        workspaces::{self, Workspace},
    },
    web::{
        desk::{form::Refused, frame::Frame, words, work::held_way},
        session::Session,
        view::{
            Guard, Link, Pager,
            naming::Naming,
            number,
            people::{Direction, Empty, Head, Heads, PeopleGrid, PeoplePage, SaveView, Tab},
            shell::Place,
        },
    },
};

/// `GET /users`.
pub(super) async fn page(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let asked = Asked::read(naming, &query.unwrap_or_default(), frame.session.administers())?;
    draw(&app, &frame, &asked, None, "", &Refused::none()).await
}

/// `GET /users/{id}`.
pub(super) async fn with_panel(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    Id(id): Id,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let asked = Asked::read(naming, &query.unwrap_or_default(), frame.session.administers())?;
    draw(&app, &frame, &asked, Some(id), "", &Refused::none()).await
}

/// The grid again, with what is wrong with the name of a view.
pub(super) async fn with_unsaved_view(
    app: &App,
    naming: &'static Naming,
    frame: &Frame,
    query: &str,
    name: &str,
    wrong: &Refused,
) -> Result<Response> {
    let asked = Asked::read(naming, query, frame.session.administers())?;
    draw(app, frame, &asked, None, name, wrong).await
}

/// What is read for a page, all of one state of the database.
struct Read {
    workspace: Workspace,
    page: Page,
    groups: filter::Groups,
    saved: Vec<View>,
    authority: domain::actor::Authority,
    open: Vec<Batch>,
    imports: Vec<Link>,
    /// The way to anonymous requests that wait beside the customers who do.
    held: Option<Link>,
    /// How many of the app's people wait for the reader.
    waiting: Count,
    panel: Option<panel::Found>,
    holdings: HashMap<PersonId, Holdings>,
}

async fn read(app: &App, frame: &Frame, asked: &Asked, person: Option<PersonId>) -> Result<Read> {
    let session = &frame.session;
    let (ws, now) = (session.visit.workspace, session.visit.now);
    let mut rx = app.store.reader().await?;
    let workspace = workspaces::load(&mut rx, ws).await?;
    let reading = panel::Reading { app: asked.app, administers: session.administers(), now };
    let panel = match person {
        Some(id) => Some(panel::read(&mut rx, &workspace, id, reading, session).await?),
        None => None,
    };
    let page = grid::page(&mut rx, &workspace, &asked.grid, now).await?;
    let mut ids: Vec<PersonId> = page.rows.iter().map(|found| found.row.person.id).collect();
    ids.dedup();
    Ok(Read {
        holdings: item_people::holdings(&mut rx, ws, &ids).await?.into_iter().collect(),
        page,
        groups: filter::Groups::read(&mut rx, ws, asked).await?,
        saved: views::list(&mut rx, ws, session.person(), asked.app.kind.into()).await?,
        authority: authority(&mut rx, session).await?,
        waiting: waiting(&mut rx, &workspace, asked, session).await?,
        open: if session.administers() { batches::open(&mut rx, ws).await? } else { Vec::new() },
        held: held_way(frame)
            .filter(|_| !asked.app.is_users() && asked.grid.view == BuiltinView::NeedsAttention),
        imports: if session.administers() { imports(app, ws, asked.app) } else { Vec::new() },
        panel,
        workspace,
    })
}

/// Files of these people that are being imported.
fn imports(app: &App, ws: WorkspaceId, naming: &Naming) -> Vec<Link> {
    app.uploads.list(ws, naming.kind).iter().filter_map(|upload| import::open(naming, upload)).collect()
}

/// Counted as far as the grid counts.
async fn waiting(rx: &mut Rx, workspace: &Workspace, asked: &Asked, session: &Session) -> Result<Count> {
    if !session.administers() {
        return Ok(Count::Exact(0));
    }
    let today = workspace.today(session.visit.now);
    let waiting = attention::count(rx, workspace.id, (session.visit.now, today), grid::COUNTED + 1).await?;
    Ok(Count::capped(waiting.of(asked.app.kind), grid::COUNTED))
}

async fn draw(
    app: &App,
    frame: &Frame,
    asked: &Asked,
    person: Option<PersonId>,
    view_name: &str,
    wrong: &Refused,
) -> Result<Response> {
    let read = read(app, frame, asked, person).await?;
    let times = frame.times();
    let back = match person {
        Some(id) => Back::to_panel(asked.app, id, &asked.query()),
        None => Back::to_grid(asked.app, &asked.query()),
    };
    let reader = Reader {
        authority: &read.authority,
        licenses: &read.workspace.licenses,
        now: times.now(),
        today: read.workspace.today(times.now()),
    };
    let administers = frame.session.administers();
    let scene = Scene {
        asked,
        back: &back,
        reader: &reader,
        times: &times,
        administers,
        panel: person,
        holdings: &read.holdings,
    };
    let title = match &read.panel {
        Some(found) => format!("{} · {}", found.row.person.name, asked.app.title),
        None => asked.app.title.into(),
    };
    let mut shell = frame.shell(Place::of(asked.app), title);
    shell.search.clone_from(&asked.grid.q);
    shell.search_keeps = asked.kept_by_search();
    let page = PeoplePage {
        shell,
        app: asked.app,
        panel: read.panel.as_ref().map(|found| panel::draw(found, &scene, asked)),
        grid: grid_of(&read, &scene, view_name, wrong),
    };
    Ok(frame.draw_as(wrong.status, &page))
}

fn grid_of(read: &Read, scene: &Scene<'_>, view_name: &str, wrong: &Refused) -> PeopleGrid {
    let (asked, administers) = (scene.asked, scene.administers);
    let saved = current_view(asked, &read.saved, administers);
    let savable = saved.is_none() && !asked.is_builtin();
    PeopleGrid {
        tabs: tabs(read, asked, administers, saved),
        save_view: savable.then(|| SaveView {
            guard: Guard::default(),
            query: asked.unpaged(),
            name: wrong.field("name", view_name),
        }),
        filter: filter::form(asked, &read.groups, administers),
        chips: filter::chips(asked, &read.groups),
        clear: asked.grid.is_filtered().then(|| asked.but(Asked::cleared)),
        grouped: asked.grid.grouped,
        group_href: asked.but(|grid| grid.grouped = !grid.grouped),
        export: format!("{}.csv?{}", asked.app.path, asked.unpaged()),
        administrator: administers,
        bulk: administers.then(|| bulk::bar(asked, &read.page, &read.groups)),
        left_out: asked.left_out,
        open: read
            .open
            .iter()
            .map(bulk::open)
            .chain(read.imports.iter().cloned())
            .chain(read.held.clone())
            .collect(),
        heads: heads(asked),
        groups: scene.groups(&read.page),
        pager: pager(asked, &read.page),
        empty: empty(asked, &read.workspace),
    }
}

/// The saved view that is shown unchanged.
fn current_view(asked: &Asked, saved: &[View], administers: bool) -> Option<usize> {
    let now = asked.unpaged();
    if asked.is_builtin() {
        return None;
    }
    saved.iter().position(|view| {
        Asked::read(asked.app, &view.query, administers).is_ok_and(|kept| kept.unpaged() == now)
    })
}

fn tabs(read: &Read, asked: &Asked, administers: bool, current: Option<usize>) -> Vec<Tab> {
    let kind = asked.grid.kind;
    let mut offered: Vec<BuiltinView> = BuiltinView::ALL.to_vec();
    offered.retain(|view| match view {
        BuiltinView::NeverSignedIn => administers,
        // Who waits is never more than a few: a tab that is seldom there is seen when it is.
        BuiltinView::NeedsAttention => {
            administers && (read.waiting != Count::Exact(0) || asked.grid.view == *view)
        }
        _ => true,
    });
    // A phone shows the first few: what waits is among them.
    offered.sort_by_key(|view| !matches!(view, BuiltinView::All | BuiltinView::NeedsAttention));
    let mut tabs: Vec<Tab> = offered
        .into_iter()
        .map(|view| Tab {
            label: view_label(view).into(),
            count: Some(match grid::tab_count(&read.workspace, kind, view) {
                Some(kept) => number(kept.unsigned_abs()),
                None => words::counted(read.waiting),
            }),
            href: asked.but(|grid| {
                Asked::cleared(grid);
                grid.view = view;
            }),
            current: current.is_none() && asked.grid.view == view,
            delete: None,
        })
        .collect();
    tabs.extend(read.saved.iter().enumerate().map(|(index, view)| {
        let is_current = current == Some(index);
        Tab {
            label: view.name.clone(),
            count: is_current.then(|| words::counted(read.page.count)),
            href: Back::to_grid(asked.app, &view.query).path().to_owned(),
            current: is_current,
            delete: Some(format!("{}/views/{}/deletion", asked.app.path, view.id)),
        }
    }));
    tabs
}

fn view_label(view: BuiltinView) -> &'static str {
    match view {
        BuiltinView::All => "All",
        BuiltinView::Active => "Active",
        BuiltinView::Invited => "Invited",
        BuiltinView::Deactivated => "Deactivated",
        BuiltinView::NeverSignedIn => "Never signed in",
        BuiltinView::NeedsAttention => "Needs attention",
    }
}

fn heads(asked: &Asked) -> Heads {
    // The latest first is what one looks for in times.
    let head = |sort: Sort, first: Dir| {
        let now = (asked.grid.sort == sort).then_some(asked.grid.dir);
        let next = match now {
            Some(Dir::Asc) => Dir::Desc,
            Some(Dir::Desc) => Dir::Asc,
            None => first,
        };
        Head {
            href: asked.but(|grid| {
                grid.sort = sort;
                grid.dir = next;
            }),
            sorted: now.map(|dir| match dir {
                Dir::Asc => Direction::Ascending,
                Dir::Desc => Direction::Descending,
            }),
        }
    };
    Heads {
        name: head(Sort::Name, Dir::Asc),
        email: head(Sort::Email, Dir::Asc),
        status: head(Sort::Status, Dir::Asc),
        last_sign_in: head(Sort::LastSignIn, Dir::Desc),
        created: head(Sort::Created, Dir::Desc),
    }
}

fn pager(asked: &Asked, page: &Page) -> Pager {
    let shown = i64::try_from(page.rows.len()).unwrap_or(i64::MAX);
    // Without a page before, this is the first one, whatever the address says.
    let at = if page.previous.is_some() { asked.at } else { 0 };
    let limit = asked.grid.limit;
    Pager {
        summary: summary(asked, page, at, shown),
        previous: page.previous.as_ref().map(|cursor| asked.page(cursor, at - limit)),
        next: page.next.as_ref().map(|cursor| asked.page(cursor, at + shown)),
    }
}

fn summary(asked: &Asked, page: &Page, at: i64, shown: i64) -> String {
    let whole = page.next.is_none() && page.previous.is_none();
    // Grouped, somebody in two teams is two rows; and places are only known where a link has counted them.
    let known = !(whole || asked.grid.grouped || (at == 0 && page.previous.is_some()));
    words::span(page.count, (asked.app.one, asked.app.many), known.then_some(at), shown)
}

fn empty(asked: &Asked, workspace: &Workspace) -> Empty {
    let GridQuery { view, .. } = asked.grid;
    if asked.grid.is_filtered() {
        return Empty::NoMatch;
    }
    // The owner alone is a row too; the way on stands below it.
    let alone = i64::from(asked.app.is_users());
    if matches!(view, BuiltinView::All | BuiltinView::Active)
        && grid::tab_count(workspace, asked.grid.kind, BuiltinView::All) <= Some(alone)
    {
        return Empty::Alone;
    }
    Empty::View(match view {
        BuiltinView::Invited => {
            "No invitation is open. Whoever is invited stands here until they join.".into()
        }
        BuiltinView::Deactivated => {
            if asked.app.is_users() {
                "Nobody is deactivated. Whoever is keeps their work and teams, and frees their license."
                    .into()
            } else {
                "Nobody is deactivated. Whoever is keeps their requests and organization, and cannot sign in."
                    .into()
            }
        }
        BuiltinView::NeverSignedIn => format!("Every active {} has signed in.", asked.app.one),
        BuiltinView::NeedsAttention => {
            "Nobody asks to return, and no review is overdue. When somebody does, or one is, they are listed here."
                .into()
        }
        BuiltinView::All | BuiltinView::Active => {
            "This page has become empty. Begin at the first one.".into()
        }
    })
}
