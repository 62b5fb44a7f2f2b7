//! `/users/{id}/deactivation`: what would happen, what stays, what depends on the person; then it is done,
//! and can be undone.

use axum::{http::StatusCode, response::Response};
use domain::{
    license::Licenses,
    lifecycle::Grounds,
    person::{Kind, Person},
};

use super::{
    about::{About, at_version},
    license,
    typed::placed,
};
use crate::{
    error::{Error, Result},
    limits::Limits,
    ops::{
        self,
        deactivation::{Input, Named, Plan, Receipt, Stays},
    },
    store::workspaces,
    web::{
        desk::{
            form::{Checked, Refused},
            frame::role,
            words::{count, list},
            work::handover_path,
        },
        fields::Fields,
        flash::Flash,
        view::{
            dialogs::{DeactivateDialog, Question},
            people::Action,
        },
    },
};

/// What was typed.
#[derive(Debug, Clone, Default)]
struct Typed {
    reason: String,
    review_on: String,
    made_tokens: bool,
    made_webhooks: bool,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            reason: fields.get("reason").to_owned(),
            review_on: fields.get("review_on").to_owned(),
            made_tokens: fields.ticked("made_tokens"),
            made_webhooks: fields.ticked("made_webhooks"),
        }
    }

    fn grounds(&self, limits: &Limits) -> Result<Grounds> {
        let mut checked = Checked::default();
        let reason = checked.read(ops::profile::reason(&self.reason, limits))?;
        let review_on = checked.read(date(&self.review_on))?;
        match (reason, review_on) {
            (Some(reason), Some(review_on)) => Ok(Grounds { reason, review_on }),
            _ => Err(checked.all()),
        }
    }
}

pub(super) fn date(typed: &str) -> Result<Option<jiff::civil::Date>> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let date = typed.trim().parse().map(Some);
    date.map_err(|_| Error::field("review_on", "Enter a date as in 2026-03-31."))
}

/// `GET /users/{id}/deactivation`.
pub(super) async fn page(about: About) -> Result<Response> {
    draw(&about, &Typed::default(), Refused::none()).await
}

/// `POST /users/{id}/deactivation`.
pub(super) async fn submit(about: About, fields: Fields) -> Result<Response> {
    let typed = Typed::of(&fields);
    match save(&about, &typed, fields.version()).await {
        Ok((receipt, licenses)) => {
            let flash = told(&about, &receipt, &licenses);
            // Nothing moves unless asked for: who gets the work is chosen on the next page.
            if fields.ticked("hand_over") {
                return Ok(flash.redirect(&handover_path(about.id(), about.back.path())));
            }
            Ok(about.told(flash))
        }
        Err(error) => draw(&about, &typed, placed(error)?).await,
    }
}

async fn save(about: &About, typed: &Typed, version: Option<i64>) -> Result<(Receipt, Licenses)> {
    let grounds = typed.grounds(&about.app.config.limits)?;
    let (made_tokens, made_webhooks) = (typed.made_tokens, typed.made_webhooks);
    let input = Input { grounds, made_tokens, made_webhooks, version };
    let (ctx, id) = (about.ctx(), about.id());
    let done = about.app.store.write(async move |tx| {
        let receipt = ops::deactivation::deactivate(tx, &ctx, id, input.clone()).await?;
        Ok((receipt, workspaces::load(tx, ctx.workspace).await?.licenses))
    });
    done.await
}

async fn draw(about: &About, typed: &Typed, wrong: Refused) -> Result<Response> {
    let mut rx = about.app.store.reader().await?;
    let plan = ops::deactivation::plan(&mut rx, &about.ctx(), about.id(), &Input::default()).await;
    drop(rx);
    let plan = match plan {
        Ok(plan) if plan.changed => plan,
        Ok(_) => {
            let title = format!("{} is deactivated already", about.name());
            let ways = vec![about.way(Action::Activate)];
            return Ok(about.notice(StatusCode::OK, &title, "There is nothing left to do.", ways));
        }
        Err(error) => return about.impossible(error, &wrong),
    };
    let page = DeactivateDialog {
        shell: about.shell(format!("Deactivate {}?", about.name())),
        ask: Question { guard: at_version(plan.version), ..about.question(Action::Deactivate, &wrong) },
        now: happens(&about.row.person, &plan),
        stays: stays(&about.row.person, &plan),
        depends: depends(&plan),
        hand_over: (plan.stays.assigned > 0).then(|| {
            let items = count(plan.stays.assigned, "open item", "open items");
            format!("Then choose who gets the {items} assigned")
        }),
        made_tokens: plan.made_tokens.iter().map(|token| token.name.clone()).collect(),
        suspend_made: typed.made_tokens,
        made_webhooks: plan.made_webhooks.iter().map(|webhook| webhook.name.clone()).collect(),
        switch_off_made: typed.made_webhooks,
        reason: wrong.field("reason", &typed.reason),
        review_on: wrong.field("review_on", &typed.review_on),
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}

/// What happens now, line by line.
pub(super) fn happens(person: &Person, plan: &Plan) -> Vec<String> {
    let mut lines = vec![signing_in("Cannot sign in", person.kind, "any more")];
    if plan.sessions_ended > 0 {
        let end = if plan.sessions_ended == 1 { "ends" } else { "end" };
        lines.push(format!("{} {end}", count(plan.sessions_ended, "session", "sessions")));
    }
    if plan.tokens_suspended > 0 {
        let (one, many) = ("API token is suspended", "API tokens are suspended");
        lines.push(count(plan.tokens_suspended, one, many));
    }
    if plan.links_voided > 0 {
        let stop = if plan.links_voided == 1 { "stops" } else { "stop" };
        lines.push(format!("{} {stop} working", count(plan.links_voided, "open link", "open links")));
    }
    if plan.license_freed {
        lines.push("1 license is freed".into());
    }
    lines
}

/// What depends on the person.
pub(super) fn depends(plan: &Plan) -> Vec<String> {
    plan.alone_in.iter().map(|team| format!("Only active member of team {}", team.name)).collect()
}

/// "Can sign in again", "Cannot sign in to the portal any more".
pub(super) fn signing_in(verb: &str, kind: Kind, adverb: &str) -> String {
    match kind {
        Kind::User => format!("{verb} {adverb}"),
        Kind::Customer => format!("{verb} to the portal {adverb}"),
    }
}

/// What stays as it is.
pub(super) fn stays(person: &Person, plan: &Plan) -> Vec<String> {
    let mut lines = vec!["Profile, settings and password".to_owned()];
    lines.extend(held(person, &plan.stays));
    lines
}

/// A user's role and teams, a customer's organization.
pub(super) fn held(person: &Person, stays: &Stays) -> Vec<String> {
    let mut lines = Vec::new();
    if person.kind == Kind::User {
        lines.push(format!("Role {}", role(person.role).to_lowercase()));
    }
    lines.extend(teams("", &stays.teams));
    lines.extend(stays.organization.as_ref().map(|one| format!("Organization {}", one.name)));
    lines.extend(work(stays));
    lines
}

/// "12 items assigned, 30 followed", "2 projects assigned".
fn work(stays: &Stays) -> Vec<String> {
    let parts = |parts: [(i64, &str); 3], (one, many): (&str, &str)| {
        let told: Vec<_> = parts.into_iter().filter(|(number, _)| *number > 0).collect();
        let words = told.iter().enumerate().map(|(index, (number, what))| match index {
            0 => format!("{} {what}", count(*number, one, many)),
            _ => format!("{} {what}", crate::web::view::number(number.unsigned_abs())),
        });
        (!told.is_empty()).then(|| words.collect::<Vec<_>>().join(", "))
    };
    let items = [(stays.assigned, "assigned"), (stays.following, "followed"), (stays.requested, "requested")];
    let projects = [(stays.projects_assigned, "assigned"), (stays.projects_following, "followed"), (0, "")];
    let lines = [parts(items, ("open item", "open items")), parts(projects, ("project", "projects"))];
    lines.into_iter().flatten().collect()
}

/// "Team Support", "Stays in teams Support and Billing".
pub(super) fn teams(lead: &str, teams: &[Named]) -> Option<String> {
    let names: Vec<String> = teams.iter().map(|team| team.name.clone()).collect();
    let noun = match (lead.is_empty(), names.len()) {
        (_, 0) => return None,
        (true, 1) => "Team",
        (true, _) => "Teams",
        (false, 1) => "team",
        (false, _) => "teams",
    };
    Some(format!("{lead}{noun} {}", list(&names)))
}

fn told(about: &About, receipt: &Receipt, licenses: &Licenses) -> Flash {
    if !receipt.changed {
        return Flash::note(format!("{} was deactivated already. Nothing changed.", about.name()));
    }
    let mut flash = lines(Flash::done(format!("{} is deactivated.", about.name())), receipt);
    if receipt.license_freed {
        flash = flash.line(license::freed(licenses));
    }
    if let Some(line) = teams("Stays in ", &receipt.stays.teams) {
        flash = flash.line(line);
    }
    if let Some(organization) = &receipt.stays.organization {
        flash = flash.line(format!("Stays in organization {}", organization.name));
    }
    for line in work(&receipt.stays) {
        flash = flash.line(format!("Keeps {line}"));
    }
    super::undo::offer(flash, &about.frame, receipt.undo)
}

/// The lines of a receipt that say which doors closed.
pub(super) fn lines(mut flash: Flash, receipt: &Receipt) -> Flash {
    if receipt.sessions_ended > 0 {
        flash = flash.line(format!("{} ended", count(receipt.sessions_ended, "session", "sessions")));
    }
    if receipt.tokens_suspended > 0 {
        flash = flash.line(count(receipt.tokens_suspended, "API token suspended", "API tokens suspended"));
    }
    if receipt.links_voided > 0 {
        let links = count(receipt.links_voided, "open link no longer works", "open links no longer work");
        flash = flash.line(links);
    }
    flash
}
