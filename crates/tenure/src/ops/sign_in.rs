//! Signing in with email address and password (rule 3), and asking for a return.

use std::net::IpAddr;

use domain::{
    Refusal,
    actor::Actor,
    audit::Action,
    id::PersonId,
    lifecycle,
    person::{Kind, Status},
};
use jiff::SignedDuration;

use super::{
    links::lock_link,
    load,
    record::Record,
    sessions::{self, From, Opened},
    status::Counters,
};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    password::Checked,
    rate,
    secret::{self, Secret},
    store::{
        Tx, attention,
        links::{self, ClosedWhy, LinkKind, NewLink},
        passwords,
        people::{self, PersonRow},
    },
    text,
};

/// How long the button "ask for a return" works after right credentials.
const TICKET_FOR: SignedDuration = SignedDuration::from_mins(15);

/// A try to sign in.
#[derive(Debug)]
pub struct Attempt {
    /// Whose door it is: the desk is for users, the portal for customers.
    pub kind: Kind,
    /// The address, as typed.
    pub email: String,
    /// The password, as typed.
    pub password: String,
    /// Where the try comes from.
    pub address: IpAddr,
    /// The browser's own words.
    pub user_agent: String,
}

/// What right credentials bring.
#[derive(Debug)]
pub enum SignedIn {
    /// A session.
    Opened(Opened),
    /// The account is deactivated. The ticket lets its bearer ask once for a return.
    Deactivated {
        /// The ticket.
        ticket: Secret,
        /// When they can ask again, if they asked within the last day.
        again: Option<jiff::Timestamp>,
    },
}

/// The answer to everything that is not right credentials: the same for an unknown address, a wrong
/// password and an account without one, in the same time (ASVS 5.0 6.3.8).
#[must_use]
pub fn wrong() -> Error {
    Error::field("password", "Email address or password is not right.")
}

/// Signs in. Hashing happens outside the write; inside it, status and hash are looked at again, so a
/// deactivation or a new password that was answered meanwhile wins.
pub async fn sign_in(app: &App, ctx: &Ctx, attempt: Attempt) -> Result<SignedIn> {
    app.limiters.sign_in_address.check(&rate::network(attempt.address))?;
    let account = rate::account_key(ctx.workspace.uuid(), &attempt.email);
    app.limiters.sign_in_account.check(&account)?;
    match checked(app, ctx, &attempt).await {
        // The hash was made anew meanwhile: by the password's owner signing in elsewhere, or with a new
        // password. The one typed is checked against what is kept now.
        Err(Error::Stale) => match checked(app, ctx, &attempt).await {
            Err(Error::Stale) => Err(wrong()),
            other => other,
        },
        other => other,
    }
}

/// One check of the credentials; stale when the kept hash changes between the check and the write.
async fn checked(app: &App, ctx: &Ctx, attempt: &Attempt) -> Result<SignedIn> {
    let key = text::email_key(&attempt.email);
    let mut rx = app.store.point().await?;
    let found = passwords::by_email(&mut rx, ctx.workspace, &key).await?;
    drop(rx);
    let Some((person, _, Some(hash))) = found else {
        app.hasher.verify_dummy(&attempt.password).await?;
        return Err(wrong());
    };
    let Checked::Right { rehash } = app.hasher.verify(&attempt.password, &hash).await? else {
        note_refused(app, ctx, person, attempt.address);
        return Err(wrong());
    };
    let ctx = ctx.acting_as(Actor::Visitor { person });
    let renewed = if rehash { Some(app.hasher.hash(&attempt.password).await?) } else { None };
    let kind = attempt.kind;
    let from = From { address: attempt.address.to_string(), user_agent: attempt.user_agent.clone() };
    app.store
        .write(async move |tx| {
            // A right password at the other kind's door tells no more than a wrong one.
            let who = people::ask_locked(ctx.workspace, None, [person; 3]);
            let (found, kept) = tx.ask((who, passwords::ask_of(ctx.workspace, person))).await?;
            let row = found.into_iter().next().ok_or_else(wrong)?.row;
            if row.person.kind != kind {
                return Err(wrong());
            }
            // Set anew while this one was checked: what was typed is another's word by now.
            if kept.into_iter().flatten().next().as_deref() != Some(&*hash) {
                return Err(Error::Stale);
            }
            open(tx, &ctx, &row, &hash, renewed.as_deref(), &from).await
        })
        .await
}

async fn open(
    tx: &mut Tx,
    ctx: &Ctx,
    row: &PersonRow,
    hash: &str,
    renewed: Option<&str>,
    from: &From,
) -> Result<SignedIn> {
    let person = row.person.id;
    match row.person.status {
        Status::Active { .. } => {}
        Status::Deactivated { .. } => return ticket(tx, ctx, row).await,
        Status::Invited { .. } => return Err(wrong()),
    }
    if let Some(renewed) = renewed {
        passwords::rehash(tx, ctx.workspace, person, hash, renewed).await?;
    }
    let first = row.last_sign_in.is_none();
    let mut counters = Counters::default();
    let opened = sessions::open(tx, ctx, row, from, &mut counters).await?;
    if first {
        counters.save(tx, ctx).await?;
    }
    Ok(SignedIn::Opened(opened))
}

/// Right credentials of a deactivated person: no session, but a ticket.
async fn ticket(tx: &mut Tx, ctx: &Ctx, row: &PersonRow) -> Result<SignedIn> {
    let person = row.person.id;
    let ticket = Secret::new(&ctx.sys, secret::Kind::ReturnTicket);
    let expires = ctx.now.saturating_add(TICKET_FOR);
    let link = NewLink {
        id: ctx.id(),
        person,
        kind: LinkKind::Return,
        token_hash: ticket.digest().to_vec(),
        made_by: None,
        expires: expires.unwrap_or(jiff::Timestamp::MAX),
    };
    links::insert(tx, ctx.workspace, &link, ctx.now).await?;
    Record::of(Action::SignInRefused)
        .person(person)
        .after(serde_json::json!({ "why": "deactivated" }))
        .save(tx, ctx)?;
    let again = match lifecycle::ask_for_return(&row.person, row.asked_last(), ctx.now) {
        Err(Refusal::ReturnAskedToday { again }) => Some(again),
        _ => None,
    };
    Ok(SignedIn::Deactivated { ticket, again })
}

/// Records a wrong password beside the answer, so that the answer takes the same time as for an unknown
/// address.
fn note_refused(app: &App, ctx: &Ctx, person: PersonId, address: IpAddr) {
    let (app, ctx) = (app.clone(), ctx.acting_as(Actor::Visitor { person }));
    tokio::spawn(async move {
        let noted = app
            .store
            .write(async move |tx| {
                // The person may be deleted meanwhile; an entry alone then says enough.
                let there = people::lock(tx, ctx.workspace, person).await?.is_some();
                let mut record = Record::of(Action::SignInRefused)
                    .person(person)
                    .after(serde_json::json!({ "why": "wrong password" }));
                if there {
                    record = record.personal(serde_json::json!({ "address": address }));
                }
                record.save(tx, &ctx)
            })
            .await;
        if let Err(error) = noted {
            tracing::error!(?error, "a refused sign-in could not be recorded");
        }
    });
}

/// Asks for a return, with the ticket that right credentials brought: a mark on the Users row and an
/// audit line, once a day.
pub async fn ask_for_return(tx: &mut Tx, ctx: &Ctx, ticket: &Secret) -> Result<()> {
    let (link, row) = lock_link(tx, ctx.workspace, ticket, LinkKind::Return).await?;
    // First what was asked already: a second press of the button brings a used ticket, and is told when to
    // ask again.
    lifecycle::ask_for_return(&row.person, row.asked_last(), ctx.now)?;
    if !link.works(ctx.now) {
        return Err(Refusal::LinkVoid.into());
    }
    links::close(tx, ctx.workspace, link.id, ClosedWhy::Used, ctx.now).await?;
    attention::set_return_asked(tx, ctx.workspace, link.person, ctx.now).await?;
    let ctx = ctx.acting_as(Actor::Visitor { person: link.person });
    Record::of(Action::ReturnAsked).person(link.person).save(tx, &ctx)
}

/// Confirms the actor's own password before what cannot be taken back (ASVS 5.0 7.5.1).
pub async fn confirm(app: &App, ctx: &Ctx, password: &str) -> Result<()> {
    let Actor::Person { person, .. } = ctx.actor else {
        // A program has no password of its own.
        let token = matches!(ctx.actor, Actor::Token { .. });
        return Err(if token { Refusal::TokenConfirmsNothing } else { Refusal::NotSignedIn }.into());
    };
    app.limiters.confirm_account.check(&person.uuid())?;
    let mut rx = app.store.reader().await?;
    load::unlocked(&mut rx, ctx, [person]).await?;
    let hash = passwords::of(&mut rx, ctx.workspace, person).await?;
    drop(rx);
    let checked = match hash {
        Some(hash) => app.hasher.verify(password, &hash).await?,
        None => app.hasher.verify_dummy(password).await?,
    };
    if checked.is_right() { Ok(()) } else { Err(Refusal::WrongPassword.into()) }
}
