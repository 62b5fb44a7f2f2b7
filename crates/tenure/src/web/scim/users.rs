//! `/scim/v2/Users`: users or customers, as the token says.

use std::collections::{BTreeMap, HashMap};

use axum::{
    extract::{Path, RawQuery},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use domain::{id::PersonId, scim::is_active};
use serde_json::{Value, json};

use super::{
    Caller,
    answer::{self, wanted},
    asked::{Asked, Body},
    list::{self, Found, LOOKED_AT, too_many},
};
use crate::{
    error::{Error, Result},
    ops::scim::{self as ops, Changed, Edit},
    scim::{
        Resource,
        filter::Filter,
        matching::{Lookup, lookups, matches, mentions},
        patch as changes,
        schema::ResourceType::User,
    },
    store::{
        Rx,
        scim::{self as store, Known},
        teams, workspaces,
    },
    text,
};

/// How many are looked at together.
const PIECE: i64 = 1_000;

/// The teams of some people, by name.
type Groups = HashMap<PersonId, Vec<Value>>;

async fn groups_of(rx: &mut Rx, caller: &Caller, people: &[&Known]) -> Result<Groups> {
    let ids: Vec<PersonId> = people.iter().map(|known| known.row.person.id).collect();
    let mut groups = Groups::new();
    if !ids.is_empty() {
        for (person, team, name) in teams::of_people(rx, caller.session.visit.workspace, &ids).await? {
            let address = format!("{}/Groups/{team}", caller.base);
            let group = json!({ "value": team, "$ref": address, "display": name, "type": "direct" });
            groups.entry(person).or_default().push(group);
        }
    }
    Ok(groups)
}

/// A person as a whole resource.
fn whole(known: &Known, base: &str, groups: Option<Vec<Value>>) -> Resource {
    let mut resource = ops::resource(known);
    let meta = json!({
        "resourceType": "User",
        "created": known.row.created,
        "location": format!("{base}/Users/{}", known.row.person.id),
        "version": ops::tag(&resource),
    });
    if let Some(groups) = groups {
        resource.insert("groups".into(), json!(groups));
    }
    resource.insert("meta".into(), meta);
    resource
}

/// People as whole resources; with their teams where those are wanted.
async fn all_whole(
    rx: &mut Rx,
    caller: &Caller,
    people: &[&Known],
    with_groups: bool,
) -> Result<Vec<Resource>> {
    let mut groups = if with_groups { groups_of(rx, caller, people).await? } else { Groups::new() };
    let each = people.iter().map(|known| whole(known, &caller.base, groups.remove(&known.row.person.id)));
    Ok(each.collect())
}

async fn one_whole(rx: &mut Rx, caller: &Caller, known: &Known, with_groups: bool) -> Result<Resource> {
    let mut whole = all_whole(rx, caller, &[known], with_groups).await?;
    whole.pop().ok_or(Error::NotFound("user"))
}

/// What a list of people is asked for.
pub(super) async fn find(rx: &mut Rx, caller: &Caller, asked: &Asked) -> Result<Found> {
    let selection = asked.selection(User)?;
    let (total, people) = match asked.filter(User)? {
        None => everybody(rx, caller, asked).await?,
        Some(filter) => filtered(rx, caller, asked, &filter).await?,
    };
    let people: Vec<&Known> = people.iter().collect();
    let whole = all_whole(rx, caller, &people, selection.wants("groups")).await?;
    let shown = whole.into_iter().map(|whole| Value::Object(selection.of(whole, User)));
    Ok(Found { total, shown: shown.collect() })
}

async fn everybody(rx: &mut Rx, caller: &Caller, asked: &Asked) -> Result<(i64, Vec<Known>)> {
    let (ws, kind) = (caller.session.visit.workspace, caller.directory.kind);
    let workspace = workspaces::load(rx, ws).await?;
    let counts = workspace.counts_of(kind);
    let total = counts.active + counts.invited + counts.deactivated - store::count_gone(rx, ws, kind).await?;
    let people = match asked.count {
        0 => Vec::new(),
        count => store::page(rx, ws, kind, count, asked.start - 1).await?,
    };
    Ok((total, people))
}

async fn filtered(rx: &mut Rx, caller: &Caller, asked: &Asked, filter: &Filter) -> Result<(i64, Vec<Known>)> {
    let with_groups = mentions(filter, "groups");
    let (first, count) =
        (usize::try_from(asked.start - 1).unwrap_or(0), usize::try_from(asked.count).unwrap_or(0));
    let mut kept = Vec::new();
    let mut total = 0;
    let mut keep = |known: Known| {
        if total >= first && kept.len() < count {
            kept.push(known);
        }
        total += 1;
    };
    if let Some(lookups) = lookups(filter, User) {
        let candidates = candidates(rx, caller, lookups).await?;
        for known in matching(rx, caller, candidates, filter, with_groups).await? {
            keep(known);
        }
    } else {
        let (mut last, mut looked_at) = (None, 0);
        loop {
            let (ws, kind) = (caller.session.visit.workspace, caller.directory.kind);
            let piece = store::after(rx, ws, kind, last.as_ref(), PIECE).await?;
            looked_at += piece.len();
            if looked_at > LOOKED_AT {
                return Err(too_many());
            }
            let Some(end) = piece.last().map(|known| known.row.clone()) else { break };
            last = Some(end);
            for known in matching(rx, caller, piece, filter, with_groups).await? {
                keep(known);
            }
        }
    }
    Ok((i64::try_from(total).unwrap_or(i64::MAX), kept))
}

/// Those of some people whom a filter asks for.
async fn matching(
    rx: &mut Rx,
    caller: &Caller,
    people: Vec<Known>,
    filter: &Filter,
    with_groups: bool,
) -> Result<Vec<Known>> {
    let references: Vec<&Known> = people.iter().collect();
    let mut whole = all_whole(rx, caller, &references, with_groups).await?;
    for (known, whole) in references.iter().zip(&mut whole) {
        // A directory that removed it is not shown it, and still finds by it.
        whole.insert("active".into(), json!(is_active(&known.row.person.status)));
    }
    let both = people.into_iter().zip(whole);
    Ok(both.filter(|(_, whole)| matches(filter, whole, User)).map(|(known, _)| known).collect())
}

/// Those whom an index finds, as they came.
async fn candidates(rx: &mut Rx, caller: &Caller, lookups: Vec<Lookup>) -> Result<Vec<Known>> {
    let (ws, kind) = (caller.session.visit.workspace, caller.directory.kind);
    let mut found = BTreeMap::new();
    for lookup in lookups {
        let mut here = Vec::new();
        match lookup {
            Lookup::Id(id) => {
                if let Ok(id) = id.parse() {
                    here.extend(store::load(rx, ws, id).await?);
                }
            }
            Lookup::ExternalId(id) => here.extend(store::by_external(rx, ws, kind, &id).await?),
            Lookup::UserName(name) => {
                let key = text::email_key(&name);
                here.extend(store::by_email(rx, ws, &key).await?);
                here.extend(store::by_user_name(rx, ws, &key).await?);
            }
            Lookup::Email(email) => {
                let key = text::email_key(&email);
                here.extend(store::by_email(rx, ws, &key).await?);
                here.extend(store::by_any_email(rx, ws, &key).await?);
            }
            Lookup::DisplayName(_) => {}
        }
        for known in here {
            if known.row.person.kind == kind && !known.gone {
                found.insert((known.row.created, known.row.person.id), known);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// `GET /Users`.
pub(super) async fn list(caller: Caller, RawQuery(query): RawQuery) -> Result<Response> {
    list::answer_with(&caller, User, &Asked::of_query(query.as_deref())?).await
}

/// `POST /Users/.search`.
pub(super) async fn search(caller: Caller, Body(body): Body) -> Result<Response> {
    list::answer_with(&caller, User, &Asked::of_body(&body)?).await
}

fn id_of(text: &str) -> Result<PersonId> {
    text.parse().map_err(|_| Error::NotFound("user"))
}

/// Somebody whom this directory has.
async fn there(rx: &mut Rx, caller: &Caller, id: &str) -> Result<Known> {
    let found = store::load(rx, caller.session.visit.workspace, id_of(id)?).await?;
    let known = found.filter(|known| known.row.person.kind == caller.directory.kind && !known.gone);
    known.ok_or(Error::NotFound("user"))
}

/// `GET /Users/{id}`.
pub(super) async fn one(
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let mut rx = caller.app.store.reader().await?;
    let known = there(&mut rx, &caller, &id).await?;
    let selection = Asked::of_query(query.as_deref())?.selection(User)?;
    let whole = one_whole(&mut rx, &caller, &known, selection.wants("groups")).await?;
    if answer::has_it(&headers, &whole) {
        return Ok(answer::unchanged(&whole));
    }
    Ok(answer::resource(StatusCode::OK, &whole, selection.of(whole.clone(), User)))
}

/// The answer to a change.
async fn changed(
    caller: &Caller,
    status: StatusCode,
    known: &Known,
    query: Option<&str>,
) -> Result<Response> {
    let selection = Asked::of_query(query)?.selection(User)?;
    let mut rx = caller.app.store.reader().await?;
    let whole = one_whole(&mut rx, caller, known, selection.wants("groups")).await?;
    Ok(answer::resource(status, &whole, selection.of(whole.clone(), User)))
}

/// `POST /Users`.
pub(super) async fn create(caller: Caller, RawQuery(query): RawQuery, Body(body): Body) -> Result<Response> {
    Asked::of_query(query.as_deref())?.selection(User)?;
    let once = || {
        let (ctx, directory, body) = (caller.session.ctx.clone(), caller.directory.clone(), body.clone());
        caller.write(async move |tx| ops::create(tx, &ctx, &directory, &body).await)
    };
    let known = match once().await {
        // Of two racers with one address that nobody had, the second finds it in use.
        Err(Error::Invalid(_)) => once().await?,
        done => done?,
    };
    changed(&caller, StatusCode::CREATED, &known, query.as_deref()).await
}

async fn change(
    caller: &Caller,
    id: &str,
    edit: Edit,
    (headers, query): (&HeaderMap, Option<&str>),
) -> Result<Response> {
    Asked::of_query(query)?.selection(User)?;
    let (id, wanted) = (id_of(id)?, wanted(headers));
    let empty = caller.directory.ways.empty_patch && matches!(edit, Edit::Patch(_));
    let (ctx, directory) = (caller.session.ctx.clone(), caller.directory.clone());
    let done =
        caller.write(async move |tx| ops::change(tx, &ctx, &directory, id, (&edit, &wanted)).await).await?;
    match done {
        Changed::There(known) if empty => Ok(answer::empty(&whole(&known, &caller.base, None))),
        Changed::There(known) => changed(caller, StatusCode::OK, &known, query).await,
        Changed::Withdrawn(_) if empty => Ok(StatusCode::NO_CONTENT.into_response()),
        Changed::Withdrawn(last) => Ok(answer::answer(StatusCode::OK, &Value::Object(last))),
    }
}

/// `PUT /Users/{id}`.
pub(super) async fn put(
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Body(body): Body,
) -> Result<Response> {
    change(&caller, &id, Edit::Put(body), (&headers, query.as_deref())).await
}

/// `PATCH /Users/{id}`.
pub(super) async fn patch(
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Body(body): Body,
) -> Result<Response> {
    there(&mut caller.app.store.reader().await?, &caller, &id).await?;
    let edit = Edit::Patch(changes::parse(&body, User)?);
    change(&caller, &id, edit, (&headers, query.as_deref())).await
}

/// `DELETE /Users/{id}`.
pub(super) async fn delete(caller: Caller, Path(id): Path<String>, headers: HeaderMap) -> Result<Response> {
    let (id, wanted) = (id_of(&id)?, wanted(&headers));
    let (ctx, directory) = (caller.session.ctx.clone(), caller.directory.clone());
    caller.write(async move |tx| ops::delete(tx, &ctx, &directory, id, &wanted).await).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
