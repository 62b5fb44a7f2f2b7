//! `POST /api/v1/users/bulk`, of customers likewise: one change of up to 10,000 people, with what becomes of each.

use std::collections::HashSet;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{
    bulk::{Deed, Totals},
    id::{OrganizationId, PersonId, TeamId},
    lifecycle::Grounds,
    person::{Kind, StatusWord},
    role::Role,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::batches;
use crate::{
    app::App,
    error::{Error, Result},
    jobs::first_piece,
    ops::{
        bulk::{self as ops, Input, Plan, Whom},
        profile, sign_in,
    },
    store::grid::GridQuery,
    web::{
        api::{
            answer::{Answer, pointed},
            body::Body,
            problems::many::OfBulk,
            query::Query,
        },
        session::Session,
    },
};

/// What is done with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::web::api) enum DeedWord {
    /// With `reason` and `review_on`.
    Deactivate,
    /// With `add_licenses` for what is missing; all or nothing.
    Activate,
    /// With `count` and `password`.
    Delete,
    /// With `team`.
    JoinTeam,
    /// With `team`.
    LeaveTeam,
    /// With `role`.
    Role,
    /// With `organization`; null for none.
    Organization,
}

/// Whom, and what is done with each.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "ids": ["01960000-0000-7000-8000-000000000001", "01960000-0000-7000-8000-000000000002"],
    "deed": "deactivate", "reason": "Contract ended", "review_on": "2027-03-01"
}))]
pub(in crate::web::api) struct ChangePeople {
    /// Whom: their ids, 10,000 at most where the configuration says nothing else.
    #[schema(value_type = Option<Vec<String>>)]
    ids: Option<Vec<PersonId>>,
    /// Instead of `ids`: a query as of the list, of which all pages are meant.
    #[schema(example = "view=never-signed-in")]
    matching: Option<String>,
    /// What is done with each.
    #[schema(required)]
    deed: Option<DeedWord>,
    /// Why they are deactivated, for administrators.
    reason: Option<String>,
    /// The day to look at the deactivations again.
    #[schema(value_type = Option<String>, format = Date)]
    review_on: Option<Date>,
    /// The team that they join or leave.
    #[schema(value_type = Option<String>, format = Uuid)]
    team: Option<TeamId>,
    /// The role that they are given.
    #[schema(value_type = Option<String>, pattern = "^(administrator|member)$")]
    role: Option<Role>,
    /// The organization that they are moved to.
    #[schema(value_type = Option<String>, format = Uuid)]
    organization: Option<OrganizationId>,
    /// Whether licenses that are missing are added.
    add_licenses: bool,
    /// Whether more may be deactivated than the brake lets pass.
    past_brake: bool,
    /// The `fingerprint` of a dry run: refused as stale when something else would happen now.
    fingerprint: Option<String>,
    /// For a deletion: how many people change.
    count: Option<i64>,
    /// For a deletion: one's own password.
    password: Option<String>,
}

impl ChangePeople {
    fn deed(&self, app: &App) -> Result<Deed> {
        let team = || self.team.ok_or_else(|| Error::field("team", "Say which team."));
        Ok(match self.deed.ok_or_else(|| Error::field("deed", "Say what is to be done."))? {
            DeedWord::Deactivate => {
                let reason = self.reason.as_deref().unwrap_or_default();
                let reason = profile::reason(reason, &app.config.limits)?;
                Deed::Deactivate(Grounds { reason, review_on: self.review_on })
            }
            DeedWord::Activate => Deed::Activate,
            DeedWord::Delete => Deed::Delete,
            DeedWord::JoinTeam => Deed::JoinTeam(team()?),
            DeedWord::LeaveTeam => Deed::LeaveTeam(team()?),
            DeedWord::Role => {
                Deed::Role(self.role.ok_or_else(|| Error::field("role", "Say member or administrator."))?)
            }
            DeedWord::Organization => Deed::Organization(self.organization),
        })
    }

    fn input(&self, app: &App, kind: Kind) -> Answer<Input> {
        let whom = match (&self.ids, &self.matching) {
            (Some(ids), None) => Whom::Ids(ids.clone()),
            (None, Some(query)) => Whom::Matching(Box::new(matching(kind, query)?)),
            _ => return Err(Error::field("ids", "Say whom: their ids, or a query in matching.").into()),
        };
        Ok(Input {
            kind,
            whom,
            deed: self.deed(app)?,
            add_licenses: self.add_licenses,
            past_brake: self.past_brake,
            fingerprint: self.fingerprint.clone(),
            count: self.count,
            most: app.config.limits.bulk_people,
        })
    }
}

/// Everybody whom a filter finds. What says nothing, as a variable that was not set, and what would say "some of them" to a
/// reader, is not taken for everybody.
fn matching(kind: Kind, text: &str) -> Result<GridQuery> {
    if text.trim().is_empty() {
        return Err(Error::field("matching", "Say whom: view=all is everybody."));
    }
    for (name, _) in form_urlencoded::parse(text.trim_start_matches('?').as_bytes()) {
        if ["limit", "after", "before", "sort", "dir", "grouped"].contains(&&*name) {
            let words = format!("All who are found change, so {name} says nothing here.");
            return Err(Error::field("matching", words));
        }
    }
    GridQuery::only_from_query(kind, text).map_err(|error| pointed(error, |_| "matching"))
}

/// What a change would do to one person.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct PlannedPerson {
    /// Who.
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    /// Their name; null where there is nobody.
    name: Option<String>,
    /// Their status now; null where there is nobody.
    #[schema(value_type = Option<String>, pattern = "^(invited|active|deactivated)$")]
    status: Option<StatusWord>,
    /// `changed`, `unchanged`, `skipped`, or `not-found` for an id that is nobody's of this kind.
    #[schema(pattern = "^(changed|unchanged|skipped|not-found)$", example = "changed")]
    outcome: &'static str,
    /// Why they are skipped: the name of the problem.
    refusal: Option<&'static str>,
    /// The same in words.
    words: Option<String>,
}

/// What the brake says to a change.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct BrakeSays {
    /// How many may be deactivated within 60 minutes.
    limit: i64,
    /// How many have been.
    recent: i64,
    /// Whether this would pass it.
    passes: bool,
}

/// What a change comes to, all together.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Sums {
    /// People for whom something changes.
    changed: i64,
    /// People for whom it is so already.
    unchanged: i64,
    /// People whom a rule keeps as they are.
    skipped: i64,
    /// Licenses that are taken.
    licenses_taken: i64,
    /// Licenses that become free.
    licenses_freed: i64,
}

impl From<Totals> for Sums {
    fn from(totals: Totals) -> Self {
        let Totals { changed, unchanged, skipped, takes, frees, .. } = totals;
        Self { changed, unchanged, skipped, licenses_taken: takes, licenses_freed: frees }
    }
}

/// What a change would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct BulkPlan {
    /// Everybody, by name; then the ids that are nobody's.
    people: Vec<PlannedPerson>,
    /// All together.
    totals: Sums,
    /// Sessions that end.
    sessions_ended: i64,
    /// How many licenses are missing.
    licenses_missing: i64,
    /// What the brake says, where it works and people are deactivated.
    brake: Option<BrakeSays>,
    /// Stands for all of this.
    fingerprint: String,
}

impl BulkPlan {
    fn of(plan: Plan, missing: Vec<PersonId>) -> Self {
        let planned = plan.people.into_iter().map(|row| PlannedPerson {
            id: row.person,
            name: Some(row.name),
            status: Some(row.status),
            outcome: row.outcome,
            refusal: row.refusal,
            words: row.words,
        });
        let nobody = |id| {
            let (name, status, refusal, words) = (None, None, None, None);
            PlannedPerson { id, name, status, outcome: "not-found", refusal, words }
        };
        Self {
            people: planned.chain(missing.into_iter().map(nobody)).collect(),
            totals: plan.totals.into(),
            sessions_ended: plan.sessions_ended,
            licenses_missing: plan.missing,
            brake: plan.brake.map(|says| BrakeSays {
                limit: says.limit,
                recent: says.recent,
                passes: says.passes,
            }),
            fingerprint: plan.fingerprint,
        }
    }
}

/// The ids that are nobody's of this kind, each once.
fn missing(asked: &ChangePeople, plan: &Plan) -> Vec<PersonId> {
    let found: HashSet<PersonId> = plan.people.iter().map(|row| row.person).collect();
    let mut missing: Vec<PersonId> =
        asked.ids.iter().flatten().copied().filter(|id| !found.contains(id)).collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

async fn change(
    (app, session): (&App, &Session),
    kind: Kind,
    query: &Query,
    asked: ChangePeople,
) -> Answer<Response> {
    query.only(&["dry_run"])?;
    let dry_run = query.flag("dry_run")?;
    let (ctx, mut input) = (session.ctx.clone(), asked.input(app, kind)?);
    let plan = ops::plan(&mut app.store.reader().await?, &ctx, &input).await;
    let plan = plan.map_err(|error| pointed(error, |field| if field == "people" { "ids" } else { field }))?;
    let missing = missing(&asked, &plan);
    if dry_run {
        return Ok(Json(BulkPlan::of(plan, missing)).into_response());
    }
    if input.deed == Deed::Delete {
        let password = asked.password.as_deref().unwrap_or_default();
        if password.is_empty() {
            return Err(Error::field("password", "Enter your own password to confirm.").into());
        }
        sign_in::confirm(app, &ctx, password).await?;
    }
    // What is done is what was counted just now, unless the caller names what they saw.
    input.fingerprint.get_or_insert(plan.fingerprint);
    let begun = app.store.write(async move |tx| ops::begin(tx, &ctx, input.clone()).await).await?;
    first_piece(app, session.visit.workspace, begun.batch).await?;
    let batch = batches::load(app, session, begun.batch).await?;
    Ok(batches::begun(StatusCode::ACCEPTED, &batch, missing))
}

macro_rules! change_of {
    ($($(#[doc = $doc:literal])* $name:ident at $path:literal, $kind:ident, $tag:literal;)*) => {$(
        $(#[doc = $doc])*
        #[utoipa::path(
            post, path = $path, tag = $tag,
            params(("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing.")),
            request_body(content = ChangePeople, description = "Whom, and what."),
            responses(
                (status = 200, description = "A dry run: what would become of each.", body = BulkPlan),
                (status = 202, description = "It has begun; `Location` says how far it is.", body = batches::Begun),
                OfBulk,
            ),
            security(("session" = []))
        )]
        pub(in crate::web::api) async fn $name(
            State(app): State<App>,
            session: Session,
            query: Query,
            Body(asked): Body<ChangePeople>,
        ) -> Answer {
            change((&app, &session), Kind::$kind, &query, asked).await
        }
    )*};
}

change_of! {
    /// Change many users.
    ///
    /// In pieces, each of them whole; whom a rule protects is skipped, with the reason. What became of each stands at
    /// `/api/v1/bulk/{id}/people`.
    change_users at "/api/v1/users/bulk", User, "many";

    /// Change many customers.
    ///
    /// In pieces, each of them whole; whom a rule protects is skipped, with the reason. What became of each stands at
    /// `/api/v1/bulk/{id}/people`.
    change_customers at "/api/v1/customers/bulk", Customer, "many";
}
