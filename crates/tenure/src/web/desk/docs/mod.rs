//! `/api/docs`: the JSON API for people, made from its own description.

mod read;

use std::sync::LazyLock;

use axum::{http::StatusCode, response::Response};

use self::read::{Group, Operation};
use crate::{
    error::{Error, Result},
    text::{fold, markdown},
    web::{
        api,
        desk::frame::Frame,
        fields::QueryFields,
        routes::Routes,
        session::Access::User,
        view::{
            Link,
            docs::{DocsGroup, DocsGroupLines, DocsHome, DocsLine},
            item::Prose,
            shell::Place,
        },
    },
};

/// Where it is.
const HOME: &str = "/api/docs";

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get(HOME, User, page)
}

/// The groups of the description, read once.
fn groups() -> &'static [Group] {
    static GROUPS: LazyLock<Vec<Group>> =
        LazyLock::new(|| read::groups(&serde_json::from_str(&api::document()).unwrap_or_default()));
    &GROUPS
}

/// Our own words, which may hold marks. Their lines end where those of the code do, which means nothing.
fn prose(text: &str) -> Prose {
    let lines = |paragraph: &str| paragraph.replace('\n', " ");
    let text = text.split("\n\n").map(lines).collect::<Vec<_>>().join("\n\n");
    Prose(markdown::render(&text, &|_| None))
}

/// The page of a group, or an operation's place on it.
fn href(group: &Group, operation: Option<&Operation>) -> String {
    let at = operation.map(|operation| format!("#{}", operation.id)).unwrap_or_default();
    format!("{HOME}?group={}{at}", group.name)
}

/// What is said of the whole above its operations.
const ABOUT: &str = "Anything but a 2xx is a problem ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) whose `type` \
is stable, and nothing was then done. Lists are paged by `next`: give it back as `after`. `ETag` is the version of \
what was read, and `If-Match` has a change refused when there is a newer one. `?dry_run=true` answers what would happen, \
and does nothing. Times are in UTC. The same for programs: [openapi.json](/api/v1/openapi.json) (OpenAPI 3.1).";

/// `GET /api/docs`, with `q`, or with `group` for all of one.
async fn page(frame: Frame, QueryFields(query): QueryFields) -> Result<Response> {
    match query.maybe("group") {
        Some(name) => group(&frame, name),
        None => Ok(home(&frame, query.get("q"))),
    }
}

fn home(frame: &Frame, search: &str) -> Response {
    let search = search.trim();
    let words: Vec<String> = fold(search).split_whitespace().map(str::to_owned).collect();
    let lines = |group: &Group| {
        let found = group.operations.iter().filter(|one| words.iter().all(|word| one.search.contains(word)));
        found.map(|one| line(one, href(group, Some(one)))).collect::<Vec<_>>()
    };
    let groups = groups().iter().map(|group| DocsGroupLines {
        group: Link::new(group.title(), href(group, None)),
        about: prose(&group.about),
        operations: lines(group),
    });
    let page = DocsHome {
        shell: frame.shell(Place::Me, "API"),
        about: prose(ABOUT),
        search: search.to_owned(),
        groups: groups.filter(|group| !group.operations.is_empty()).collect(),
    };
    frame.draw_as(StatusCode::OK, &page)
}

fn line(one: &Operation, href: String) -> DocsLine {
    DocsLine { method: one.method.clone(), path: one.path.clone(), title: one.title.clone(), href }
}

fn group(frame: &Frame, name: &str) -> Result<Response> {
    let group = groups().iter().find(|group| group.name == name).ok_or(Error::NotFound("part of the API"))?;
    let base = &frame.session.visit.base;
    let page = DocsGroup {
        shell: frame.shell(Place::Me, group.title()),
        about: prose(&group.about),
        operations: group.operations.iter().map(|one| one.drawn(base)).collect(),
        shapes: group.shapes.iter().map(read::Shape::drawn).collect(),
    };
    Ok(frame.draw(&page))
}
