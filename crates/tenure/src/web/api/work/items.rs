//! `/api/v1/items`: tickets and tasks, listed, read and made.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use domain::{
    id::{ItemId, PersonId, ProjectId},
    item::{ItemKind, ItemStatus, Part, Priority},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OfPath;
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    limits::Limits,
    ops::items::{self as ops, Input, Tags, Title},
    store::{
        Rx,
        item_list::{self, ItemQuery, Line, Looking},
        items::ItemRow,
    },
    web::{
        api::{
            answer::{Answer, Who, made, tagged},
            body::Body,
            people::Counted,
            problems::work::{OfItem, OfList, OfNewItem},
            query::{Query, at_parameters, invalid},
        },
        failure::Wrong,
        session::Session,
    },
};

/// The project that an item is in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::web::api) struct InProject {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: ProjectId,
    /// Its name.
    name: String,
}

/// A ticket or a task.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Item)]
#[expect(clippy::option_option, reason = "absent in a list, null and somebody are three things")]
pub(in crate::web::api) struct Shown {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: ItemId,
    /// The number, by which paths name it.
    number: i64,
    /// Ticket or task.
    #[schema(value_type = String, pattern = "^(ticket|task)$", example = "ticket")]
    kind: ItemKind,
    /// The title.
    title: String,
    /// What it is about, in Markdown; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    description: Option<String>,
    /// How far it is.
    #[schema(value_type = String, pattern = "^(new|open|waiting|done|closed)$", example = "open")]
    status: ItemStatus,
    /// How urgent it is.
    #[schema(value_type = String, pattern = "^(urgent|high|normal|low)$", example = "normal")]
    priority: Priority,
    /// Until when.
    #[schema(value_type = Option<String>, format = Date)]
    due: Option<Date>,
    /// The project that it is in; null for none.
    project: Option<InProject>,
    /// Who requested it; null for nobody.
    requester: Option<Who>,
    /// Who works on it, by name.
    assignees: Vec<Who>,
    /// Who is told of it, by name; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    followers: Option<Vec<Who>>,
    /// Who made it, absent in lists; null for the machine and for somebody who was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    made_by: Option<Option<Who>>,
    /// Its tags, in order.
    tags: Vec<String>,
    /// How it came: `known` from somebody signed in, `unproven` by the open request form, `flagged` by that form from the
    /// address of a deactivated person.
    #[schema(pattern = "^(known|unproven|flagged)$", example = "known")]
    arrival: String,
    /// How many messages its conversation has.
    messages: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it last changed, or a message came.
    #[schema(value_type = String, format = DateTime)]
    updated: Timestamp,
    /// Counts its changes: the entity tag for `If-Match`.
    version: i64,
}

impl Shown {
    /// What a list knows of it.
    pub(in crate::web::api) fn line(line: Line) -> Self {
        let (requester, assignees) = (line.requester.as_ref().map(Who::from), Who::each(&line.assignees));
        Self::of(line.row, requester, assignees, line.tags)
    }

    fn of(row: ItemRow, requester: Option<Who>, assignees: Vec<Who>, tags: Vec<String>) -> Self {
        let project = row.item.project.zip(row.project_name).map(|(id, name)| InProject { id, name });
        Self {
            id: row.id,
            number: row.number,
            kind: row.item.kind,
            title: row.title,
            description: None,
            status: row.item.status,
            priority: row.item.priority,
            due: row.item.due,
            project,
            requester,
            assignees,
            followers: None,
            made_by: None,
            tags,
            arrival: row.arrival.word().to_owned(),
            messages: row.messages,
            created: row.created,
            updated: row.updated,
            version: row.version,
        }
    }

    fn whole(page: ops::Page) -> Self {
        let of = |part: Part| {
            Who::each(page.people.iter().filter(|holder| holder.part == part).map(|holder| &holder.person))
        };
        let (assignees, followers) = (of(Part::Assignee), of(Part::Follower));
        let description = page.row.description.clone();
        Self {
            description: Some(description),
            followers: Some(followers),
            made_by: Some(page.maker.as_ref().map(Who::from)),
            ..Self::of(page.row, page.requester.as_ref().map(Who::from), assignees, page.tags)
        }
    }
}

/// An item as it is now, with its entity tag.
pub(super) async fn shown(rx: &mut Rx, ctx: &Ctx, number: i64) -> Answer {
    let page = ops::show(rx, ctx, number).await?;
    Ok(tagged(page.row.version, Json(Shown::whole(page))))
}

/// A page of items.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name in the JSON")]
pub(in crate::web::api) struct Items {
    /// The items, in the order asked for.
    items: Vec<Shown>,
    /// How many items match, on all pages.
    count: Counted,
    /// The `after` of the page that follows; null on the last.
    next: Option<String>,
    /// The `before` of the page that goes before; null on the first.
    previous: Option<String>,
}

/// The parameters of [`items`]: those of the lists of the desk.
const PARAMETERS: &[&str] = &[
    "kind",
    "status",
    "assignee",
    "team",
    "follower",
    "requester",
    "organization",
    "project",
    "due",
    "tag",
    "q",
    "sort",
    "dir",
    "after",
    "before",
    "limit",
];

/// What a query of a list asks for.
pub(super) fn list_query(query: &Query, text: Option<&str>) -> Answer<ItemQuery> {
    query.only(PARAMETERS)?;
    let kind = match query.get("kind") {
        None | Some("") => None,
        Some(word) => match ItemKind::parse(word) {
            Some(kind) => Some(kind),
            None => return Err(invalid(vec![Wrong::parameter("kind", "This is ticket or task.")]).into()),
        },
    };
    Ok(ItemQuery::from_query(kind, text.unwrap_or_default()).map_err(at_parameters)?)
}

/// Items, page by page.
///
/// Without parameters: what is not finished, the latest change first.
#[utoipa::path(
    get, path = "/api/v1/items", operation_id = "items", tag = "items",
    params(
        ("kind" = Option<String>, Query, description = "`ticket` or `task`; both when it is not given."),
        ("status" = Option<String>, Query, description = "`unfinished`, `finished`, `all`, or one of `new`, `open`, `waiting`, `done`, `closed`."),
        ("assignee" = Option<String>, Query, description = "`me`, the id of a user, `none`, or `deactivated`."),
        ("team" = Option<String>, Query, description = "The id of a team one of whose members is assigned."),
        ("follower" = Option<String>, Query, description = "`me` or the id of a person."),
        ("requester" = Option<String>, Query, description = "`me`, the id of a person, or `none`."),
        ("organization" = Option<String>, Query, description = "The id of the requester's organization."),
        ("project" = Option<String>, Query, description = "The id of a project, or `none`."),
        ("due" = Option<String>, Query, pattern = "^(overdue|today|week|none)?$", description = "`overdue`, `today`, `week` or `none`."),
        ("tag" = Option<String>, Query, description = "A tag."),
        ("q" = Option<String>, Query, description = "A part of the title or of the number, in any case."),
        ("sort" = Option<String>, Query, description = "`updated`, `due`, `priority` or `number`."),
        ("dir" = Option<String>, Query, description = "`asc` or `desc`."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("before" = Option<String>, Query, description = "The `previous` of the page after."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many items a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of items.", body = Items), OfList),
    security(("session" = []))
)]
pub(in crate::web::api) async fn items(
    State(app): State<App>,
    session: Session,
    query: Query,
    RawQuery(text): RawQuery,
) -> Answer<Json<Items>> {
    let asked = list_query(&query, text.as_deref())?;
    let mine = |name| query.get(name) == Some("me");
    // A service token has nothing of its own: better told than shown an empty list.
    let me = if ["assignee", "follower", "requester"].into_iter().any(mine) {
        Some(session.someone()?)
    } else {
        session.ctx.actor.person()
    };
    let looking = Looking { me, now: session.visit.now };
    let mut rx = app.store.reader().await?;
    let page =
        item_list::page(&mut rx, &session.check.workspace, &asked, looking).await.map_err(at_parameters)?;
    Ok(Json(Items {
        items: page.rows.into_iter().map(Shown::line).collect(),
        count: page.count.into(),
        next: page.next.map(|cursor| cursor.to_string()),
        previous: page.previous.map(|cursor| cursor.to_string()),
    }))
}

/// One item.
#[utoipa::path(
    get, path = "/api/v1/items/{number}", operation_id = "item", tag = "items",
    params(("number" = i64, Path, description = "The item.")),
    responses((status = 200, description = "The item, with its version as `ETag`.", body = Shown), OfItem),
    security(("session" = []))
)]
pub(in crate::web::api) async fn item(item: OfPath) -> Answer {
    item.shown().await
}

/// A new item.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "kind": "ticket", "title": "The printer jams", "priority": "high", "tags": ["hardware"] }))]
pub(in crate::web::api) struct NewItem {
    /// Ticket or task; a ticket when it is not given.
    #[schema(value_type = Option<String>, pattern = "^(ticket|task)$")]
    kind: Option<ItemKind>,
    /// The title.
    #[schema(required)]
    title: String,
    /// What it is about, in Markdown.
    description: String,
    /// How far it is already; `new` when it is not given.
    #[schema(value_type = Option<String>, pattern = "^(new|open|waiting|done|closed)$")]
    status: Option<ItemStatus>,
    /// How urgent it is; `normal` when it is not given.
    #[schema(value_type = Option<String>, pattern = "^(urgent|high|normal|low)$")]
    priority: Option<Priority>,
    /// Until when.
    #[schema(value_type = Option<String>, format = Date)]
    due: Option<Date>,
    /// The project that it belongs to.
    #[schema(value_type = Option<String>, format = Uuid)]
    project: Option<ProjectId>,
    /// Who requests it.
    #[schema(value_type = Option<String>, format = Uuid)]
    requester: Option<PersonId>,
    /// Users who work on it.
    #[schema(value_type = Vec<String>)]
    assignees: Vec<PersonId>,
    /// People who are told of it.
    #[schema(value_type = Vec<String>)]
    followers: Vec<PersonId>,
    /// Words to find it by.
    tags: Vec<String>,
}

/// Tags as the API takes them: each for itself.
pub(super) fn tags(list: &[String], limits: &Limits) -> Result<Tags> {
    if list.iter().any(|tag| tag.contains([',', '\n'])) {
        return Err(Error::field("tags", "A tag holds no comma and no line break."));
    }
    Tags::parse(&list.join("\n"), limits)
}

/// Make an item.
///
/// Nobody deactivated is given a part in it.
#[utoipa::path(
    post, path = "/api/v1/items", operation_id = "create_item", tag = "items",
    request_body(content = NewItem, description = "The item."),
    responses(
        (status = 201, description = "It is made; `Location` says where it is.", body = Shown),
        OfNewItem,
    ),
    security(("session" = []))
)]
pub(in crate::web::api) async fn create(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<NewItem>,
) -> Answer {
    query.only(&[])?;
    let limits = &app.config.limits;
    let new = Input::new(asked.kind.unwrap_or(ItemKind::Ticket), Title::parse(&asked.title, limits)?);
    let input = Input {
        description: ops::description(&asked.description, limits)?,
        status: asked.status.unwrap_or(new.status),
        priority: asked.priority.unwrap_or(new.priority),
        due: asked.due,
        project: asked.project,
        requester: asked.requester,
        assignees: asked.assignees,
        followers: asked.followers,
        tags: tags(&asked.tags, limits)?,
        ..new
    };
    let ctx = session.ctx.clone();
    let (_, number) = app.store.write(async move |tx| ops::create(tx, &ctx, input.clone()).await).await?;
    let mut rx = app.store.reader().await?;
    Ok(made(&format!("/api/v1/items/{number}"), shown(&mut rx, &session.ctx, number).await?))
}
