//! `/scim/v2/Groups`: the teams.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, RawQuery},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use domain::id::TeamId;
use serde_json::{Value, json};

use super::{
    Caller,
    answer::{self, wanted},
    asked::{Asked, Body},
    list::{self, Found, LOOKED_AT, too_many},
};
use crate::{
    error::{Error, Result},
    ops::scim::{Edit, groups as ops},
    scim::{
        Resource,
        filter::Filter,
        matching::{Lookup, lookups, matches, mentions},
        patch as changes,
        schema::ResourceType::Group as GroupType,
    },
    store::{
        Rx,
        scim_groups::{self as store, Group},
    },
    text,
};

/// How many are looked at together.
const PIECE: i64 = 500;

/// A team as a whole resource; its members are read only where they are wanted.
async fn whole(rx: &mut Rx, caller: &Caller, group: &Group, with_members: bool) -> Result<Resource> {
    let mut resource = ops::resource(group);
    if with_members {
        let members = store::members(rx, caller.session.visit.workspace, group.id).await?;
        if !members.is_empty() {
            let members: Vec<Value> = members.into_iter().map(|id| ops::member(&caller.base, id)).collect();
            resource.insert("members".into(), json!(members));
        }
    }
    let meta = json!({
        "resourceType": "Group",
        "created": group.created,
        "location": format!("{}/Groups/{}", caller.base, group.id),
        "version": ops::tag(group),
    });
    resource.insert("meta".into(), meta);
    Ok(resource)
}

/// What a list of teams is asked for. Customers are in none.
pub(super) async fn find(rx: &mut Rx, caller: &Caller, asked: &Asked) -> Result<Found> {
    let selection = asked.selection(GroupType)?;
    let filter = asked.filter(GroupType)?;
    if caller.has_groups().is_err() {
        return Ok(Found { total: 0, shown: Vec::new() });
    }
    let (total, groups) = match filter {
        None => {
            let ws = caller.session.visit.workspace;
            let groups = match asked.count {
                0 => Vec::new(),
                count => store::page(rx, ws, count, asked.start - 1).await?,
            };
            (store::count(rx, ws).await?, groups)
        }
        Some(filter) => filtered(rx, caller, asked, &filter).await?,
    };
    let mut shown = Vec::with_capacity(groups.len());
    for group in &groups {
        let whole = whole(rx, caller, group, selection.wants("members")).await?;
        shown.push(Value::Object(selection.of(whole, GroupType)));
    }
    Ok(Found { total, shown })
}

async fn filtered(rx: &mut Rx, caller: &Caller, asked: &Asked, filter: &Filter) -> Result<(i64, Vec<Group>)> {
    let candidates = match lookups(filter, GroupType) {
        Some(lookups) => looked_up(rx, caller, lookups).await?,
        None => every(rx, caller).await?,
    };
    let with_members = mentions(filter, "members");
    let mut found = Vec::new();
    for group in candidates {
        if matches(filter, &whole(rx, caller, &group, with_members).await?, GroupType) {
            found.push(group);
        }
    }
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let (first, count) =
        (usize::try_from(asked.start - 1).unwrap_or(0), usize::try_from(asked.count).unwrap_or(0));
    Ok((total, found.into_iter().skip(first).take(count).collect()))
}

async fn every(rx: &mut Rx, caller: &Caller) -> Result<Vec<Group>> {
    let mut all = Vec::new();
    loop {
        let skip = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let piece = store::page(rx, caller.session.visit.workspace, PIECE, skip).await?;
        if piece.is_empty() {
            return Ok(all);
        }
        all.extend(piece);
        if all.len() > LOOKED_AT {
            return Err(too_many());
        }
    }
}

async fn looked_up(rx: &mut Rx, caller: &Caller, lookups: Vec<Lookup>) -> Result<Vec<Group>> {
    let ws = caller.session.visit.workspace;
    let mut found = BTreeMap::new();
    for lookup in lookups {
        let group = match lookup {
            Lookup::Id(id) => match id.parse() {
                Ok(id) => store::load(rx, ws, id).await?,
                Err(_) => None,
            },
            Lookup::ExternalId(id) => store::by_external(rx, ws, &id).await?,
            Lookup::DisplayName(name) => store::by_name(rx, ws, &text::fold(&name)).await?,
            Lookup::UserName(_) | Lookup::Email(_) => None,
        };
        if let Some(group) = group {
            found.insert((group.created, group.id), group);
        }
    }
    Ok(found.into_values().collect())
}

/// `GET /Groups`.
pub(super) async fn list(caller: Caller, RawQuery(query): RawQuery) -> Result<Response> {
    list::answer_with(&caller, GroupType, &Asked::of_query(query.as_deref())?).await
}

/// `POST /Groups/.search`.
pub(super) async fn search(caller: Caller, Body(body): Body) -> Result<Response> {
    list::answer_with(&caller, GroupType, &Asked::of_body(&body)?).await
}

fn id_of(text: &str) -> Result<TeamId> {
    text.parse().map_err(|_| Error::NotFound("group"))
}

/// A team that is there.
async fn there(rx: &mut Rx, caller: &Caller, id: &str) -> Result<Group> {
    caller.has_groups()?;
    store::load(rx, caller.session.visit.workspace, id_of(id)?).await?.ok_or(Error::NotFound("group"))
}

/// `GET /Groups/{id}`.
pub(super) async fn one(
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let mut rx = caller.app.store.reader().await?;
    let group = there(&mut rx, &caller, &id).await?;
    let selection = Asked::of_query(query.as_deref())?.selection(GroupType)?;
    let tagged = whole(&mut rx, &caller, &group, false).await?;
    if answer::has_it(&headers, &tagged) {
        return Ok(answer::unchanged(&tagged));
    }
    let whole = whole(&mut rx, &caller, &group, selection.wants("members")).await?;
    Ok(answer::resource(StatusCode::OK, &whole, selection.of(whole.clone(), GroupType)))
}

async fn changed(
    caller: &Caller,
    status: StatusCode,
    group: &Group,
    query: Option<&str>,
) -> Result<Response> {
    let selection = Asked::of_query(query)?.selection(GroupType)?;
    let mut rx = caller.app.store.reader().await?;
    let whole = whole(&mut rx, caller, group, selection.wants("members")).await?;
    Ok(answer::resource(status, &whole, selection.of(whole.clone(), GroupType)))
}

/// `POST /Groups`.
pub(super) async fn create(caller: Caller, RawQuery(query): RawQuery, Body(body): Body) -> Result<Response> {
    caller.has_groups()?;
    Asked::of_query(query.as_deref())?.selection(GroupType)?;
    let once = || {
        let (ctx, directory, body) = (caller.session.ctx.clone(), caller.directory.clone(), body.clone());
        caller.write(async move |tx| ops::create(tx, &ctx, &directory, &body).await)
    };
    let group = match once().await {
        // Of two racers with one name, the second finds it in use.
        Err(Error::Invalid(_)) => once().await?,
        done => done?,
    };
    changed(&caller, StatusCode::CREATED, &group, query.as_deref()).await
}

async fn change(
    caller: &Caller,
    id: &str,
    edit: Edit,
    (headers, query): (&HeaderMap, Option<&str>),
) -> Result<Response> {
    caller.has_groups()?;
    Asked::of_query(query)?.selection(GroupType)?;
    let (id, wanted) = (id_of(id)?, wanted(headers));
    let empty = caller.directory.ways.empty_patch && matches!(edit, Edit::Patch(_));
    let (ctx, directory) = (caller.session.ctx.clone(), caller.directory.clone());
    let group =
        caller.write(async move |tx| ops::change(tx, &ctx, &directory, id, (&edit, &wanted)).await).await?;
    if empty {
        let mut rx = caller.app.store.reader().await?;
        return Ok(answer::empty(&whole(&mut rx, caller, &group, false).await?));
    }
    changed(caller, StatusCode::OK, &group, query).await
}

/// `PUT /Groups/{id}`.
pub(super) async fn put(
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Body(body): Body,
) -> Result<Response> {
    change(&caller, &id, Edit::Put(body), (&headers, query.as_deref())).await
}

/// `PATCH /Groups/{id}`.
pub(super) async fn patch(
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Body(body): Body,
) -> Result<Response> {
    there(&mut caller.app.store.reader().await?, &caller, &id).await?;
    let edit = Edit::Patch(changes::parse(&body, GroupType)?);
    change(&caller, &id, edit, (&headers, query.as_deref())).await
}

/// `DELETE /Groups/{id}`.
pub(super) async fn delete(caller: Caller, Path(id): Path<String>, headers: HeaderMap) -> Result<Response> {
    caller.has_groups()?;
    let (id, wanted) = (id_of(&id)?, wanted(&headers));
    let ctx = caller.session.ctx.clone();
    caller.write(async move |tx| ops::delete(tx, &ctx, id, &wanted).await).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
