//! The request form: what it brings, what is held for review, and what becomes of that (rule 8).
//!
//! Nobody who sends it has proved that the address is theirs, and nobody is told whether it is known: the answer is the
//! same page after the same time. Only a workspace that refuses the addresses of deactivated people says so.

use std::net::IpAddr;

use domain::{
    actor::{Actor, Authority},
    apps::{self, Arrival, Received},
    audit::Action,
    id::{HeldRequestId, ItemId, PersonId},
    item::{self, ItemKind},
    person::{Kind, Person, Status},
    role::Role,
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    customers::{ANSWER_AFTER, admit},
    history::History,
    items::{Input, Title, save_arrived},
    load,
    messages::Body,
    organizations::Belonging,
    profile::Name,
    record::Record,
};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    rate,
    store::{
        Rx, Tx,
        held_requests::{self, HeldRequest, NewHeldRequest},
        items, people, workspaces,
    },
    text,
};

/// What the history calls what nobody known has made.
pub const FORM: &str = "request-form";

/// What was sent; cleaned by [`super::profile::email`], [`Name::parse`], [`Title::parse`] and [`Body::parse`].
#[derive(Debug, Clone)]
pub struct Request {
    /// The address, which nobody has proved to be theirs.
    pub email: String,
    /// The name.
    pub name: Name,
    /// What it is about, in a line.
    pub title: Title,
    /// The whole of it.
    pub body: Body,
}

impl Request {
    /// What becomes title and description of the ticket.
    fn said(self) -> (Title, String) {
        (self.title, self.body.as_str().to_owned())
    }
}

/// Takes a request from an address of the network.
pub async fn send(app: &App, ctx: &Ctx, from: IpAddr, request: Request) -> Result<()> {
    app.limiters.request_address.check(&rate::network(from))?;
    app.limiters.request_workspace.check(&ctx.workspace.uuid())?;
    let (saved, ()) = tokio::join!(save(app, ctx, &request), tokio::time::sleep(ANSWER_AFTER));
    saved
}

async fn save(app: &App, ctx: &Ctx, request: &Request) -> Result<()> {
    let once = || {
        let (ctx, request) = (ctx.clone(), request.clone());
        app.store.write(async move |tx| receive(tx, &ctx, request.clone()).await)
    };
    match once().await {
        // Of two racers with one address that nobody had, the second finds it in use.
        Err(Error::Invalid(_)) => once().await,
        saved => saved,
    }
}

/// Takes a request, inside a write.
pub(crate) async fn receive(tx: &mut Tx, ctx: &Ctx, request: Request) -> Result<()> {
    let ws = ctx.workspace;
    let setup = workspaces::load(tx, ws).await?.apps;
    let sender = people::lock_email(tx, ws, &text::email_key(&request.email)).await?;
    let sender = sender.map(|row| row.person);
    match apps::receive(&setup, sender.as_ref(), ctx.now)? {
        Received::New(status) => {
            let person = welcome(tx, ctx, &request, status).await?;
            ticket(tx, ctx, request.said(), person, (ctx.now, Arrival::Unproven)).await?;
        }
        Received::From(person, arrival) => {
            ticket(tx, ctx, request.said(), person, (ctx.now, arrival)).await?;
        }
        Received::Held(person) => {
            let new = NewHeldRequest {
                id: ctx.id(),
                person,
                name: request.name.as_str(),
                title: request.title.as_str(),
                body: request.body.as_str(),
                received: ctx.now,
            };
            held_requests::insert(tx, ws, &new).await?;
        }
    }
    Ok(())
}

/// Whoever was not known becomes a customer, without a way in.
async fn welcome(tx: &mut Tx, ctx: &Ctx, request: &Request, status: Status) -> Result<PersonId> {
    let person = Person {
        workspace: ctx.workspace,
        id: ctx.id(),
        kind: Kind::Customer,
        role: Role::Member,
        status,
        email: request.email.clone(),
        name: request.name.as_str().to_owned(),
        version: 1,
    };
    let by = ctx.acting_as(Actor::Visitor { person: person.id });
    admit(tx, &by, &person, Belonging::ByDomain).await?;
    Ok(person.id)
}

/// Makes the ticket, by nobody known; with when and how it came.
async fn ticket(
    tx: &mut Tx,
    ctx: &Ctx,
    (title, description): (Title, String),
    person: PersonId,
    came: (Timestamp, Arrival),
) -> Result<(ItemId, i64)> {
    let by = ctx.acting_as(Actor::Job { name: FORM.into() });
    let authority = Authority { actor: by.actor.clone(), person: None, token: None, door: by.door };
    let input = Input { description, requester: Some(person), ..Input::new(ItemKind::Ticket, title) };
    save_arrived(tx, &by, &authority, input, came).await
}

/// Up to `limit` requests that are held, the oldest first, after one of them: for administrators.
pub async fn held(
    rx: &mut Rx,
    ctx: &Ctx,
    after: Option<HeldRequestId>,
    limit: i64,
) -> Result<Vec<HeldRequest>> {
    apps::may_review(&load::seen(rx, ctx, &[]).await?.0)?;
    let first = HeldRequestId::from_uuid(uuid::Uuid::nil());
    held_requests::page(rx, ctx.workspace, after.unwrap_or(first), limit).await
}

/// One request that is held: for administrators.
pub async fn held_one(rx: &mut Rx, ctx: &Ctx, id: HeldRequestId) -> Result<HeldRequest> {
    apps::may_review(&load::seen(rx, ctx, &[]).await?.0)?;
    held_requests::load(rx, ctx.workspace, id).await?.ok_or(Error::NotFound("held request"))
}

/// Makes a ticket of a request that was held, with the time at which it came, and with whose address it has as
/// requester, whatever their status is by now (rule 8).
pub async fn accept(tx: &mut Tx, ctx: &Ctx, id: HeldRequestId) -> Result<(ItemId, i64)> {
    let authority = load::actor(tx, ctx).await?;
    apps::may_review(&authority)?;
    let waits = held_requests::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("held request"))?;
    held_requests::delete(tx, ctx.workspace, id).await?;
    let HeldRequest { person, title, body, received, .. } = waits;
    let came = (received, Arrival::Unproven);
    let (item, number) = ticket(tx, ctx, (Title::kept(title), body), person.id, came).await?;
    History::of_item(ctx, &authority, item).note(tx, "accepted", "", "held")?;
    Record::of(Action::RequestAccepted)
        .person(person.id)
        .subject(item)
        .after(json!({ "ticket": number, "received": received }))
        .save(tx, ctx)?;
    Ok((item, number))
}

/// Throws a request away that was held.
pub async fn discard(tx: &mut Tx, ctx: &Ctx, id: HeldRequestId) -> Result<()> {
    apps::may_review(&load::actor(tx, ctx).await?)?;
    let waits = held_requests::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("held request"))?;
    held_requests::delete(tx, ctx.workspace, id).await?;
    Record::of(Action::RequestDiscarded)
        .person(waits.person.id)
        .before(json!({ "received": waits.received }))
        .save(tx, ctx)
}

/// Takes the flag from an item that somebody has looked at; answers whether it had one. That it came by the form stays
/// said.
pub async fn unflag(tx: &mut Tx, ctx: &Ctx, id: ItemId) -> Result<bool> {
    let authority = load::actor(tx, ctx).await?;
    item::may_work(&authority)?;
    let row = items::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("item"))?;
    if row.arrival != Arrival::Flagged {
        return Ok(false);
    }
    items::set_arrival(tx, ctx.workspace, id, Arrival::Unproven, ctx.now).await?;
    History::of_item(ctx, &authority, id).note(tx, "flag", "flagged", "")?;
    Ok(true)
}
