//! The model's people, as rows.

use super::*;

pub(super) async fn reread(tx: &mut Tx, ctx: &Ctx, id: PersonId) -> Result<Person> {
    Ok(people::load(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("person"))?.person)
}

/// Saves a person in the state that the model has them in.
pub(super) async fn save(tx: &mut Tx, ctx: &Ctx, person: &Person, secret: Option<&Secret>) -> Result<()> {
    people::insert(tx, person, &ops::profile::texts(&person.name, &person.email), ctx.now).await?;
    // The version in the row begins at 1, whatever the model counts.
    people::set_status(tx, &Person { version: 1, ..person.clone() }, &person.status)?;
    let holds = i64::from(person.holds_license());
    let is = |wanted: bool| i64::from(wanted);
    let counts = Counts {
        active: is(person.status.is_active()),
        invited: is(matches!(person.status, Status::Invited { .. })),
        expired: 0,
        deactivated: is(matches!(person.status, Status::Deactivated { .. })),
        never: is(person.status.is_active()),
    };
    match person.kind {
        Kind::User => {
            let moved = Move { used: holds, counts, ..Move::default() };
            workspaces::apply(tx, ctx.workspace, moved).await?.ok_or(Error::Stale)?;
        }
        Kind::Customer => workspaces::apply_customers_soon(tx, ctx.workspace, counts)?,
    }
    if holds > 0 {
        licenses::begin(tx, ctx.workspace, ctx.id(), person.id, "person.invited", ctx.now)?;
    }
    if let (Some(secret), Status::Invited { expires, .. }) = (secret, &person.status) {
        let link = NewLink {
            id: ctx.id(),
            person: person.id,
            kind: LinkKind::Invitation,
            token_hash: secret.digest().to_vec(),
            made_by: None,
            expires: *expires,
        };
        links::insert(tx, ctx.workspace, &link, ctx.now).await?;
    }
    Ok(())
}
