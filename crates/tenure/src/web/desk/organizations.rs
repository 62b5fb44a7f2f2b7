//! `/organizations`: the customers' organizations, and one with its email domains.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    Refusal,
    id::{GroupId, OrganizationId},
    person::Kind,
};

use super::{form::Refused, frame::Frame, words::count};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{self, organizations::Domains, profile::Name},
    store::{
        Rx,
        grid::{GridQuery, GroupFilter},
        organizations::{self, Organization, Place as Position},
    },
    text,
    web::{
        fields::{Fields, QueryFields},
        flash::Flash,
        routes::Routes,
        session::Access::Administrator,
        view::{
            Field, Guard, Pager,
            dialogs::{ConfirmDialog, Question},
            naming::CUSTOMERS,
            number,
            organizations::OrganizationPage,
            shell::Place,
            teams::{CreateGroup, GroupRow, GroupsPage},
        },
    },
};

/// How many organizations a page has.
const LIMIT: usize = 50;
/// How many names a search finds.
const FOUND: i64 = 50;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/organizations", Administrator, list)
        .post("/organizations", Administrator, create)
        .get("/organizations/{id}", Administrator, show)
        .post("/organizations/{id}", Administrator, change)
        .get("/organizations/{id}/deletion", Administrator, ask_deletion)
        .post("/organizations/{id}/deletion", Administrator, delete)
}

/// An address of no organization is as good as that of one that is gone.
fn organization_id(text: &str) -> Result<OrganizationId> {
    text.parse().map_err(|_| Error::NotFound("organization"))
}

async fn load(rx: &mut Rx, frame: &Frame, id: OrganizationId) -> Result<Organization> {
    let found = organizations::load(rx, frame.session.visit.workspace, id).await?;
    found.ok_or(Error::NotFound("organization"))
}

fn href(id: OrganizationId) -> String {
    format!("{}/{id}", CUSTOMERS.groups_path)
}

/// The grid of an organization's customers.
fn customers_of(id: OrganizationId) -> String {
    let group = Some(GroupFilter::In(GroupId::from(id)));
    let query = GridQuery { group, ..GridQuery::new(Kind::Customer) };
    format!("{}?{}", CUSTOMERS.path, query.to_query())
}

/// What was typed into a form of name and domains, with what is wrong with it.
#[derive(Default)]
struct Form {
    status: StatusCode,
    error: Option<String>,
    name: Field,
    domains: Field,
}

impl Form {
    fn refused(error: Error, fields: &Fields) -> Result<Self> {
        let at = match error.refusal() {
            Some(Refusal::OrganizationNameTaken { .. }) => Some("name"),
            Some(Refusal::DomainTaken { .. }) => Some("domains"),
            _ => None,
        };
        let mut refused = Refused::of(error)?;
        if let Some(field) = at {
            refused = refused.at(field);
        }
        Ok(Self {
            status: refused.status,
            error: refused.error.clone(),
            name: refused.field("name", fields.get("name")),
            domains: refused.field("domains", fields.get("domains")),
        })
    }
}

/// The name and the domains of a form, or all that is wrong with them.
fn read(app: &App, fields: &Fields) -> Result<(Name, Domains)> {
    let mut checked = super::form::Checked::default();
    let name = checked.read(Name::parse(fields.get("name"), &app.config.limits))?;
    let domains = checked.read(Domains::parse(fields.get("domains"), &app.config.limits))?;
    match (name, domains) {
        (Some(name), Some(domains)) => Ok((name, domains)),
        _ => Err(checked.all()),
    }
}

/// `GET /organizations`, with `q` (how a name begins), `after` or `before` (an organization).
async fn list(State(app): State<App>, frame: Frame, QueryFields(query): QueryFields) -> Result<Response> {
    draw_list(&app, &frame, &query, Form::default()).await
}

async fn draw_list(app: &App, frame: &Frame, query: &Fields, form: Form) -> Result<Response> {
    let ws = frame.session.visit.workspace;
    let search: String = query.get("q").trim().chars().take(app.config.limits.search).collect();
    let mut rx = app.store.reader().await?;
    let (found, pager) = if search.is_empty() {
        page(&mut rx, frame, query).await?
    } else {
        let found = organizations::beginning(&mut rx, ws, &text::fold(&search), FOUND).await?;
        let pager = Pager { summary: of(found.len()), ..Pager::default() };
        (found, pager)
    };
    let ids: Vec<_> = found.iter().map(|one| one.id).collect();
    let domains = organizations::domains_of(&mut rx, ws, &ids).await?;
    drop(rx);
    let row = |one: &Organization| {
        let domains: Vec<_> =
            domains.iter().filter(|(id, _)| *id == one.id).map(|(_, domain)| domain.as_str()).collect();
        GroupRow {
            name: one.name.clone(),
            href: href(one.id),
            members: count(one.members, "customer", "customers"),
            note: domains.join(", "),
            faces: Vec::new(),
        }
    };
    let page = GroupsPage {
        shell: frame.shell(Place::Organizations, "Organizations"),
        app: CUSTOMERS,
        rows: found.iter().map(row).collect(),
        create: Some(CreateGroup {
            guard: Guard::default(),
            error: form.error,
            name: form.name,
            domains: Some(form.domains),
        }),
        search: Some(search),
        pager: Some(pager),
    };
    Ok(frame.draw_as(form.status, &page))
}

fn of(shown: usize) -> String {
    count(i64::try_from(shown).unwrap_or(i64::MAX), "organization", "organizations")
}

/// A page of organizations by name, with the ways to those around it.
async fn page(rx: &mut Rx, frame: &Frame, query: &Fields) -> Result<(Vec<Organization>, Pager)> {
    let ws = frame.session.visit.workspace;
    let first: Position = (Vec::new(), OrganizationId::from_uuid(uuid::Uuid::nil()));
    let one_more = i64::try_from(LIMIT + 1).unwrap_or(i64::MAX);
    let mut back = false;
    let mut from = position(rx, frame, query.get("before")).await?;
    let mut rows = Vec::new();
    if let Some(before) = &from {
        rows = organizations::page(rx, ws, before, true, one_more).await?;
        // Else the way back has reached the first page, which is drawn in full.
        back = rows.len() > LIMIT;
    }
    if back {
        rows.remove(0);
    } else {
        from = position(rx, frame, query.get("after")).await?;
        rows = organizations::page(rx, ws, from.as_ref().unwrap_or(&first), false, one_more).await?;
    }
    let more = back || rows.len() > LIMIT;
    rows.truncate(LIMIT);
    let found: Vec<Organization> = rows.into_iter().map(|(one, _)| one).collect();
    let link = |side: &str, one: &Organization| format!("{}?{side}={}", CUSTOMERS.groups_path, one.id);
    let earlier = back || from.is_some();
    let pager = Pager {
        summary: of(found.len()),
        previous: if earlier { found.first().map(|one| link("before", one)) } else { None },
        next: if more { found.last().map(|one| link("after", one)) } else { None },
    };
    Ok((found, pager))
}

/// Where an organization stands in the order; one that is gone stands nowhere, and the first page is drawn.
async fn position(rx: &mut Rx, frame: &Frame, text: &str) -> Result<Option<Position>> {
    let Ok(id) = text.parse::<OrganizationId>() else { return Ok(None) };
    let found = organizations::load(rx, frame.session.visit.workspace, id).await?;
    Ok(found.map(|one| (text::sort_key(&one.name), id)))
}

/// `POST /organizations`, with `name` and `domains`.
async fn create(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let made = async {
        let (name, domains) = read(&app, &fields)?;
        let (ctx, called) = (frame.session.ctx.clone(), name.as_str().to_owned());
        let write = app
            .store
            .write(async move |tx| ops::organizations::create(tx, &ctx, name.clone(), domains.clone()).await);
        Ok((write.await?, called))
    };
    match made.await {
        Ok((id, name)) => Ok(Flash::done(format!("The organization {name} is made.")).redirect(&href(id))),
        Err(error) => {
            let form = Form::refused(error, &fields)?;
            draw_list(&app, &frame, &Fields::default(), form).await
        }
    }
}

/// `GET /organizations/{id}`.
async fn show(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    draw(&app, &frame, organization_id(&id)?, None).await
}

async fn draw(app: &App, frame: &Frame, id: OrganizationId, form: Option<Form>) -> Result<Response> {
    let ws = frame.session.visit.workspace;
    let mut rx = app.store.reader().await?;
    let one = load(&mut rx, frame, id).await?;
    let domains = organizations::domains(&mut rx, ws, id).await?;
    let deactivated = organizations::deactivated(&mut rx, ws, id).await?;
    drop(rx);
    let all = count(one.members, "customer", "customers");
    let form = form.unwrap_or_else(|| Form {
        name: Field::new(&one.name),
        domains: Field::new(domains.join(" ")),
        ..Form::default()
    });
    let page = OrganizationPage {
        shell: frame.shell(Place::Organizations, &one.name),
        href: href(id),
        summary: match deactivated {
            0 => all,
            some => format!("{all}, {} deactivated", number(some.unsigned_abs())),
        },
        customers: customers_of(id),
        delete: format!("{}/deletion", href(id)),
        guard: Guard::default().at_version(one.version.to_string()),
        error: form.error,
        name: form.name,
        domains: form.domains,
        for_anyone: domains.into_iter().filter(|domain| domain::customer::is_for_anyone(domain)).collect(),
    };
    Ok(frame.draw_as(form.status, &page))
}

/// `POST /organizations/{id}`: another name, other domains.
async fn change(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let id = organization_id(&id)?;
    let changed = async {
        let (name, domains) = read(&app, &fields)?;
        let (ctx, version) = (frame.session.ctx.clone(), fields.version());
        let write = app.store.write(async move |tx| {
            ops::organizations::change(tx, &ctx, id, name.clone(), domains.clone(), version).await
        });
        write.await
    };
    match changed.await {
        Ok(true) => Ok(Flash::done("The changes are saved.").redirect(&href(id))),
        Ok(false) => Ok(Flash::note("Nothing was changed.").redirect(&href(id))),
        Err(error) => draw(&app, &frame, id, Some(Form::refused(error, &fields)?)).await,
    }
}

/// `GET /organizations/{id}/deletion`.
async fn ask_deletion(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    let id = organization_id(&id)?;
    let mut rx = app.store.reader().await?;
    let (one, plan) = ops::organizations::plan_deletion(&mut rx, &frame.session.ctx, id).await?;
    drop(rx);
    let mut effects = vec![match plan.members {
        0 => "No customer is in it.".to_owned(),
        1 => "Its one customer stays, without an organization.".to_owned(),
        many => format!("Its {} stay, without an organization.", count(many, "customer", "customers")),
    }];
    if !plan.domains.is_empty() {
        let whose =
            format!("New customers with an address of {} join no organization.", plan.domains.join(", "));
        effects.push(whose);
    }
    let page = ConfirmDialog {
        shell: frame.shell(Place::Organizations, format!("Delete the organization {}?", one.name)),
        ask: Question {
            action: format!("{}/deletion", href(id)),
            cancel: href(id),
            guard: Guard::default().at_version(one.version.to_string()),
            ..Question::default()
        },
        effects,
        button: "Delete the organization".into(),
        is_final: true,
    };
    Ok(frame.draw(&page))
}

/// `POST /organizations/{id}/deletion`.
async fn delete(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let id = organization_id(&id)?;
    let name = load(&mut app.store.point().await?, &frame, id).await?.name;
    let (ctx, version) = (frame.session.ctx.clone(), fields.version());
    let deleted =
        app.store.write(async move |tx| ops::organizations::delete(tx, &ctx, id, version).await).await?;
    let stay = count(
        deleted.members,
        "customer was in it and stays, without one",
        "customers were in it and stay, without one",
    );
    let told = Flash::done(format!("The organization {name} is deleted.")).line(stay);
    Ok(told.redirect(CUSTOMERS.groups_path))
}
