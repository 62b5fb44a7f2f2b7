//! Deleting a person (rule 7): profile, settings and credentials are erased; nothing that names them
//! stays behind.

use domain::{audit::Action, id::PersonId, lifecycle, person::Kind, refusal::Refusal};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    deactivation::{Named, named},
    fingerprint::Fingerprint,
    items::depart::{self, Held},
    load,
    record::Record,
    status::Counters,
};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Rx, Tx, attempts, audit, batch_people, held_requests, licenses, links, organizations,
        people::{self, PersonRow},
        scim, sessions, steps, teams, tokens, views, webhooks, workspaces,
    },
    text,
};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Input {
    /// The person's email address, typed to confirm.
    pub email: String,
    /// The version of the person that the preview was made from; stale when it has changed.
    pub version: Option<i64>,
    /// What stands for the preview ([`Plan::mark`]), where a form confirms it: stale when it would be another now.
    pub seen: Option<String>,
}

/// What a deletion removes: counted by the code that removes it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeletionPlan)]
pub struct Plan {
    /// Whom.
    #[schema(value_type = String, format = Uuid)]
    pub person: PersonId,
    /// Their version, for the form that confirms.
    pub version: i64,
    /// Sessions that end.
    pub sessions_ended: i64,
    /// API tokens of theirs that go, those that no longer work included.
    pub tokens: i64,
    /// Saved views that go.
    pub views: i64,
    /// Teams that lose this member.
    pub teams: Vec<Named>,
    /// The organization that loses this customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Named>,
    /// Items and projects that they are taken out of, and messages that stay.
    pub held: Held,
    /// Requests from their address that are held for review, and go.
    pub held_requests: i64,
    /// The workspace's webhooks that they made: these go on, and forget who made them.
    pub made_webhooks: Vec<Named>,
    /// Whether a license becomes free.
    pub license_freed: bool,
}

impl Plan {
    /// Stands for what is shown before it is confirmed, but for sessions, which come and go.
    #[must_use]
    pub fn mark(&self) -> String {
        let mut mark = Fingerprint::default();
        let Self { teams, organization, views, tokens, held, held_requests, license_freed, .. } = self;
        mark.add(format!(
            "{teams:?} {organization:?} {views} {tokens} {held:?} {held_requests} {license_freed}"
        ));
        mark.finish()
    }
}

/// What stands for the name of somebody who has been deleted.
#[must_use]
pub const fn called(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "Deleted user",
        Kind::Customer => "Deleted customer",
    }
}

/// What deleting this person would do. The same guards as [`delete`].
pub async fn plan(rx: &mut Rx, ctx: &Ctx, id: PersonId) -> Result<Plan> {
    let load::Loaded { authority, people: [row] } = load::unlocked(rx, ctx, [id]).await?;
    let deletion = lifecycle::delete(&authority, &row.person)?;
    count(rx, ctx, &row, deletion).await
}

async fn count(rx: &mut Rx, ctx: &Ctx, row: &PersonRow, deletion: lifecycle::Deletion) -> Result<Plan> {
    let (ws, id) = (ctx.workspace, row.person.id);
    let lengths = workspaces::load(rx, ws).await?.sessions;
    let made = webhooks::made_by(rx, ws, id).await?.into_iter();
    let made = made.map(|webhook| Named { id: webhook.id.to_string(), name: webhook.name });
    Ok(Plan {
        person: id,
        version: row.person.version,
        sessions_ended: sessions::count_open(rx, ws, id, lengths, ctx.now).await?,
        tokens: i64::try_from(tokens::of_person(rx, ws, id).await?.len()).unwrap_or(i64::MAX),
        views: views::count_all(rx, ws, id).await?,
        teams: named(teams::of_person(rx, ws, id).await?),
        organization: organizations::of_person(rx, ws, id).await?.map(Named::from),
        held: depart::held(rx, ws, id).await?,
        held_requests: held_requests::count_of_person(rx, ws, id).await?,
        made_webhooks: made.collect(),
        license_freed: deletion.frees_license,
    })
}

/// Deletes a person; answers what went. The door has confirmed the actor's own password before
/// ([`super::sign_in::confirm`]): that takes long and has no place inside a write.
pub async fn delete(tx: &mut Tx, ctx: &Ctx, id: PersonId, input: Input) -> Result<Plan> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    let deletion = lifecycle::delete(&authority, &row.person)?;
    load::fresh(&row, input.version)?;
    if text::email_key(&input.email) != text::email_key(&row.person.email) {
        return Err(Refusal::ConfirmationMismatch.into());
    }
    let receipt = count(tx, ctx, &row, deletion).await?;
    if input.seen.is_some_and(|seen| seen != receipt.mark()) {
        return Err(Error::Stale);
    }
    let mut counters = Counters::default();
    erase(tx, ctx, &row, (Action::Deleted, depart::PIECE), &mut counters).await?;
    counters.save(tx, ctx).await?;
    Ok(receipt)
}

/// Removes a person from everything, and records what went: shared with the withdrawal of an invitation and with the
/// deletion of many. Of what they hold as many rows as `piece` says go at once, the rest soon after. The counters are
/// saved by the caller, last.
pub(crate) async fn erase(
    tx: &mut Tx,
    ctx: &Ctx,
    row: &PersonRow,
    (why, piece): (Action, i64),
    counters: &mut Counters,
) -> Result<()> {
    let (ws, person) = (ctx.workspace, &row.person);
    let id = person.id;
    #[cfg(feature = "planted")]
    crate::planted::names(row);
    let sessions = sessions::delete(tx, ws, id).await?;
    let links = links::delete(tx, ws, id).await?;
    let tokens = tokens::delete_person(tx, ws, id).await?;
    webhooks::forget_maker(tx, ws, id).await?;
    attempts::forget_answers(tx, ws).await?;
    let views = views::delete_person(tx, ws, id).await?;
    steps::delete_person(tx, ws, id).await?;
    batch_people::forget(tx, ws, id).await?;
    held_requests::delete_person(tx, ws, id).await?;
    scim::forget(tx, ws, id).await?;
    let held = depart::held(tx, ws, id).await?;
    depart::depart(tx, ctx, id, piece).await?;
    let mut left = 0;
    for team in teams::of_person(tx, ws, id).await? {
        left += i64::from(teams::leave(tx, ws, team.id, id).await?);
    }
    let organization = organizations::of_person(tx, ws, id).await?;
    if let Some(organization) = &organization {
        organizations::leave(tx, ws, organization.id, id).await?;
    }
    if person.holds_license() {
        licenses::end(tx, ws, id, why.word(), ctx.now)?;
    }
    licenses::forget(tx, ws, id).await?;
    let personal_values = audit::erase(tx, ws, id).await?;
    people::delete(tx, person).await?;
    counters.count(person, &person.status, row.last_sign_in.is_none(), -1);
    Record::of(why)
        .person(id)
        .before(json!({ "status": person.status.word(), "role": person.role }))
        .after(json!({
            "removed": {
                "teams_left": left,
                "organization_left": organization.is_some(),
                "sessions": sessions,
                "links": links,
                "tokens": tokens,
                "saved_views": views,
                "items_assigned": held.assigned,
                "items_followed": held.following,
                "items_requested": held.requested,
                "projects": held.projects_assigned + held.projects_following,
                "personal_values": personal_values,
            },
            "license_freed": person.holds_license(),
        }))
        .save(tx, ctx)
}
