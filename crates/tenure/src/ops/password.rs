//! Setting and changing passwords: hashing outside the write, the save inside.

use domain::{Refusal, actor::Actor, audit::Action};

use super::{
    invitation, links, load,
    profile::Name,
    record::Record,
    sessions::{From, Opened},
    sign_in,
};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    secret::Secret,
    store::{
        links::{self as store_links, ClosedWhy, LinkKind},
        passwords, people,
        sessions::{self, EndedWhy},
        workspaces,
    },
};

/// Changes one's own password, with the present one: every other session ends. Answers how many.
pub async fn change(app: &App, ctx: &Ctx, present: &str, new: &str) -> Result<i64> {
    let Actor::Person { person, session } = ctx.actor else {
        return Err(Refusal::NotSignedIn.into());
    };
    sign_in::confirm(app, ctx, present).await.map_err(|error| match error.refusal() {
        Some(Refusal::WrongPassword) => Error::field("present", "This is not your password."),
        _ => error,
    })?;
    if new == present {
        return Err(Error::field("password", "This is your password already. Choose another one."));
    }
    let hash = hash(app, ctx, person, new).await?;
    let ctx = ctx.clone();
    app.store
        .write(async move |tx| {
            load::locked(tx, &ctx, [person]).await?;
            passwords::set(tx, ctx.workspace, person, &hash, ctx.now).await?;
            let ws = ctx.workspace;
            let why = EndedWhy::Password;
            // A link that was made before is another way in.
            store_links::close_kind(tx, ws, person, LinkKind::Password, ClosedWhy::Void, ctx.now).await?;
            let lengths = workspaces::load(tx, ws).await?.sessions;
            sessions::end_stale(tx, ws, person, lengths, ctx.now)?;
            let ended = sessions::end_all(tx, ws, person, Some(session), why, ctx.now).await?;
            Record::of(Action::PasswordChanged)
                .person(person)
                .after(serde_json::json!({ "sessions_ended": ended }))
                .save(tx, &ctx)?;
            Ok(ended)
        })
        .await
}

/// Checks a new password against the policy and hashes it.
async fn hash(app: &App, ctx: &Ctx, person: domain::id::PersonId, new: &str) -> Result<String> {
    let mut rx = app.store.reader().await?;
    let row = people::load(&mut rx, ctx.workspace, person).await?;
    let workspace = workspaces::load(&mut rx, ctx.workspace).await?;
    drop(rx);
    let row = row.ok_or(Error::NotFound("person"))?;
    let about = [row.person.name.as_str(), row.person.email.as_str(), workspace.name.as_str()];
    Ok(app.hasher.set(new, &about).await?)
}

/// Sets a password by a set-password link, and signs in.
pub async fn set_by_link(app: &App, ctx: &Ctx, secret: Secret, new: &str, from: From) -> Result<Opened> {
    let mut rx = app.store.reader().await?;
    let row = links::look(&mut rx, ctx, &secret).await?;
    drop(rx);
    let hash = hash(app, ctx, row.person.id, new).await?;
    let ctx = ctx.clone();
    app.store.write(async move |tx| links::use_link(tx, &ctx, &secret, &hash, &from).await).await
}

/// Accepts an invitation with a name and a password, and signs in.
pub async fn accept_invitation(
    app: &App,
    ctx: &Ctx,
    secret: Secret,
    name: Name,
    new: &str,
    from: From,
) -> Result<Opened> {
    let mut rx = app.store.reader().await?;
    let row = invitation::look(&mut rx, ctx, &secret).await?;
    drop(rx);
    let hash = hash(app, ctx, row.person.id, new).await?;
    let ctx = ctx.clone();
    app.store
        .write(async move |tx| invitation::accept(tx, &ctx, &secret, name.clone(), &hash, &from).await)
        .await
}
