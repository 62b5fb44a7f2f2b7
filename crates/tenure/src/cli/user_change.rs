//! `tenure user deactivate`, `activate`, `delete` and `withdraw`.

use clap::Args;
use domain::{id::WorkspaceId, lifecycle::Grounds, person::Kind};
use jiff::civil::Date;
use serde_json::json;

use super::{answer::Answer, failure::Failure, local, place::Place, table::count};
use crate::{
    ops::{
        activation, deactivation,
        deactivation::{Named, Stays},
        deletion, invitation, profile,
    },
    store::people::PersonRow,
};

/// Whom to deactivate, and why.
#[derive(Debug, Args)]
pub(super) struct Deactivate {
    /// The person, by email address or id.
    person: String,
    /// Why.
    #[arg(long)]
    reason: Option<String>,
    /// The day to look at it again, such as 2030-03-01.
    #[arg(long, value_name = "DATE")]
    review: Option<Date>,
    /// Suspend the service tokens that the person made too; they go on otherwise.
    #[arg(long)]
    suspend_made_tokens: bool,
    /// Switch the webhooks that the person made off too; they go on otherwise.
    #[arg(long)]
    switch_off_made_webhooks: bool,
    /// Show what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn grounds(
    place: &Place,
    reason: Option<&str>,
    review_on: Option<Date>,
) -> Result<Grounds, Failure> {
    let reason = profile::reason(reason.unwrap_or_default(), &place.config.limits)?;
    Ok(Grounds { reason, review_on })
}

impl Deactivate {
    pub(super) async fn run(self, place: &Place, kind: Kind) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let row = place.person(ws, kind, &self.person).await?;
        let (ctx, id) = (place.ctx(ws), row.person.id);
        let grounds = grounds(place, self.reason.as_deref(), self.review)?;
        let (made_tokens, made_webhooks) = (self.suspend_made_tokens, self.switch_off_made_webhooks);
        let input = deactivation::Input { grounds, made_tokens, made_webhooks, version: None };
        if self.dry_run {
            let plan = deactivation::plan(&mut place.store.reader().await?, &ctx, id, &input).await?;
            let text = plan_text(&row, &plan);
            return Ok(Answer::new(text, json!({ "dry_run": true, "plan": plan })));
        }
        let receipt = place
            .store
            .write_to_last(async move |tx| deactivation::deactivate(tx, &ctx, id, input.clone()).await)
            .await?;
        if receipt.changed {
            place.seal(ws).await;
        }
        Ok(Answer::new(receipt_text(&row, &receipt), json!(receipt)))
    }
}

fn names(teams: &[Named]) -> String {
    teams.iter().map(|team| team.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn stays(stays: &Stays) -> Vec<String> {
    let mut lines = Vec::new();
    if !stays.teams.is_empty() {
        lines.push(format!("Stays in the teams: {}", names(&stays.teams)));
    }
    lines.extend(stays.organization.as_ref().map(|one| format!("Stays in the organization: {}", one.name)));
    let items = [stays.assigned, stays.following, stays.requested];
    let held = work(items, [stays.projects_assigned, stays.projects_following]);
    if !held.is_empty() {
        lines.push(format!("Keeps of open work: {}", held.join(", ")));
    }
    lines
}

/// What somebody holds of the work, assigned, followed and requested: "12 items assigned". What is none is left out.
fn work(items: [i64; 3], projects: [i64; 2]) -> Vec<String> {
    let parts = ["assigned", "followed", "requested"];
    let items = items.into_iter().zip(parts).map(|(number, part)| ("item", number, part));
    let projects = projects.into_iter().zip(parts).map(|(number, part)| ("project", number, part));
    let some = items.chain(projects).filter(|(_, number, _)| *number > 0);
    some.map(|(one, number, part)| format!("{} {part}", count(number, one))).collect()
}

fn plan_text(row: &PersonRow, plan: &deactivation::Plan) -> String {
    let name = &row.person.name;
    if !plan.changed {
        return format!("{name} is deactivated already. Nothing would change.");
    }
    let mut lines = vec![
        format!("Would deactivate {name} <{}>:", row.person.email),
        format!(
            "  {} end, {} become void",
            count(plan.sessions_ended, "session"),
            count(plan.links_voided, "link")
        ),
    ];
    if plan.tokens_suspended > 0 {
        lines.push(format!("  {} suspended", count(plan.tokens_suspended, "API token")));
    }
    if plan.license_freed {
        lines.push("  a license becomes free".into());
    }
    lines.extend(stays(&plan.stays).into_iter().map(|line| format!("  {line}")));
    if !plan.made_tokens.is_empty() {
        lines.push(format!("  made the service tokens: {}", names(&plan.made_tokens)));
    }
    if !plan.made_webhooks.is_empty() {
        lines.push(format!("  made the webhooks: {}", names(&plan.made_webhooks)));
    }
    if !plan.alone_in.is_empty() {
        lines.push(format!("  nobody else is active in: {}", names(&plan.alone_in)));
    }
    lines.push("Nothing was changed.".into());
    lines.join("\n")
}

fn receipt_text(row: &PersonRow, receipt: &deactivation::Receipt) -> String {
    let name = &row.person.name;
    if !receipt.changed {
        return format!("{name} was deactivated already. Nothing changed.");
    }
    let mut lines = vec![format!(
        "Deactivated {name}: {} ended, {}{} void{}.",
        count(receipt.sessions_ended, "session"),
        match receipt.tokens_suspended {
            0 => String::new(),
            some => format!("{} suspended, ", count(some, "API token")),
        },
        count(receipt.links_voided, "link"),
        if receipt.license_freed { ", a license is free" } else { "" }
    )];
    lines.extend(stays(&receipt.stays));
    if let Some(step) = receipt.undo {
        lines.push(format!("Undo within 10 minutes: tenure {} undo {step}", row.person.kind.word()));
    }
    lines.join("\n")
}

/// Whom to activate, and where the license comes from.
#[derive(Debug, Args)]
pub(super) struct Activate {
    /// The person, by email address or id.
    person: String,
    /// Add a license, should none be free.
    #[arg(long, conflicts_with = "swap")]
    add_license: bool,
    /// Deactivate this user in the same step. Refused while a license is free: then nobody needs to go.
    #[arg(long, value_name = "USER")]
    swap: Option<String>,
    /// Why the other user is deactivated.
    #[arg(long, value_name = "REASON", requires = "swap")]
    swap_reason: Option<String>,
    /// Bring back the API tokens that were suspended with the user's deactivation.
    #[arg(long)]
    restore_tokens: bool,
    /// Show what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Activate {
    pub(super) async fn run(self, place: &Place) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let row = place.person(ws, Kind::User, &self.person).await?;
        let other = match &self.swap {
            Some(named) => Some(place.person(ws, Kind::User, named).await?),
            None => None,
        };
        let way = match &other {
            Some(other) => activation::Way::Swap {
                other: other.person.id,
                grounds: grounds(place, self.swap_reason.as_deref(), None)?,
            },
            None if self.add_license => activation::Way::Add,
            None => activation::Way::Free,
        };
        let input = activation::Input { way, restore_tokens: self.restore_tokens, version: None };
        activate(place, ws, &row, other.as_ref(), input, self.dry_run).await
    }
}

/// Activates a person; `other` is who makes room when the way is a swap.
pub(super) async fn activate(
    place: &Place,
    ws: WorkspaceId,
    row: &PersonRow,
    other: Option<&PersonRow>,
    input: activation::Input,
    dry_run: bool,
) -> Result<Answer, Failure> {
    let (ctx, id) = (place.ctx(ws), row.person.id);
    if dry_run {
        let plan = activation::plan(&mut place.store.reader().await?, &ctx, id, &input).await?;
        return Ok(Answer::new(activation_plan(row, other, &plan), json!({ "dry_run": true, "plan": plan })));
    }
    let receipt = place
        .store
        .write_to_last(async move |tx| activation::activate(tx, &ctx, id, input.clone()).await)
        .await?;
    if receipt.changed {
        place.seal(ws).await;
    }
    Ok(Answer::new(activation_receipt(row, other, &receipt), json!(receipt)))
}

fn activation_plan(row: &PersonRow, other: Option<&PersonRow>, plan: &activation::Plan) -> String {
    let name = &row.person.name;
    if !plan.changed {
        return format!("{name} is active already. Nothing would change.");
    }
    let mut lines = vec![format!("Would activate {name} <{}>.", row.person.email)];
    if plan.suspended_tokens > 0 {
        let tokens = count(plan.suspended_tokens, "suspended API token");
        lines.push(format!("Has {tokens}: --restore-tokens brings back what can be."));
    }
    if plan.added_licenses > 0 {
        lines.push(format!("Would add a license: {} owned then.", plan.owned));
    }
    match (&plan.swap, other) {
        (Some(swap), Some(other)) => lines.push(plan_text(other, swap)),
        _ => lines.push("Nothing was changed.".into()),
    }
    lines.join("\n")
}

fn activation_receipt(row: &PersonRow, other: Option<&PersonRow>, receipt: &activation::Receipt) -> String {
    let name = &row.person.name;
    if !receipt.changed {
        return format!("{name} was active already. Nothing changed.");
    }
    let mut lines = vec![if row.person.needs_license() {
        format!("Activated {name}: {} of {} licenses in use.", receipt.used, receipt.owned)
    } else {
        format!("Activated {name}.")
    }];
    if receipt.added_licenses > 0 {
        lines.push("A license was added.".into());
    }
    if receipt.tokens_restored > 0 {
        lines.push(format!("{} restored.", count(receipt.tokens_restored, "API token")));
    }
    if let (Some(swap), Some(other)) = (&receipt.swap, other) {
        lines.push(receipt_text(other, swap));
    }
    if let Some(step) = receipt.undo {
        lines.push(format!("Undo within 10 minutes: tenure {} undo {step}", row.person.kind.word()));
    }
    lines.join("\n")
}

/// Whom to delete.
#[derive(Debug, Args)]
pub(super) struct Delete {
    /// The person, by email address or id.
    person: String,
    /// Do it without asking.
    #[arg(long)]
    yes: bool,
    /// Show what would go, and change nothing.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

impl Delete {
    pub(super) async fn run(self, place: &Place, kind: Kind) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let row = place.person(ws, kind, &self.person).await?;
        let (ctx, id, email) = (place.ctx(ws), row.person.id, row.person.email.clone());
        let plan = deletion::plan(&mut place.store.reader().await?, &ctx, id).await?;
        if self.dry_run {
            let text = format!("{}\nNothing was changed.", deletion_text("Would delete", &row, &plan));
            return Ok(Answer::new(text, json!({ "dry_run": true, "plan": plan })));
        }
        let what = format!("{}.", deletion_text("This deletes", &row, &plan));
        local::confirm(&what, &email, self.yes)?;
        // What was confirmed is what was shown: a later change makes this stale.
        let input = deletion::Input { email, version: Some(plan.version), seen: Some(plan.mark()) };
        let receipt =
            place.store.write(async move |tx| deletion::delete(tx, &ctx, id, input.clone()).await).await?;
        place.seal(ws).await;
        let text = format!("{}.", deletion_text("Deleted", &row, &receipt));
        Ok(Answer::new(text, json!(receipt)))
    }
}

fn deletion_text(verb: &str, row: &PersonRow, plan: &deletion::Plan) -> String {
    let mut lines = vec![format!(
        "{verb} {} <{}> with {}{}",
        row.person.name,
        row.person.email,
        count(plan.sessions_ended, "session"),
        if plan.views > 0 { format!(" and {}", count(plan.views, "saved view")) } else { String::new() }
    )];
    if !plan.teams.is_empty() {
        lines.push(format!("taken out of the teams: {}", names(&plan.teams)));
    }
    if plan.tokens > 0 {
        lines.push(format!("{} deleted", count(plan.tokens, "API token")));
    }
    lines
        .extend(plan.organization.as_ref().map(|one| format!("taken out of the organization: {}", one.name)));
    let held = &plan.held;
    let items = [held.assigned, held.following, held.requested];
    let taken = work(items, [held.projects_assigned, held.projects_following]);
    if !taken.is_empty() {
        lines.push(format!("taken out of {}", taken.join(", ")));
    }
    if held.messages > 0 {
        let called = deletion::called(row.person.kind);
        lines.push(format!("{} stay readable, by \"{called}\"", count(held.messages, "message")));
    }
    if !plan.made_webhooks.is_empty() {
        lines.push(format!("made the webhooks, which go on: {}", names(&plan.made_webhooks)));
    }
    if plan.license_freed {
        lines.push("a license becomes free".into());
    }
    lines.join("\n  ")
}

/// Whose invitation to withdraw.
#[derive(Debug, Args)]
pub(super) struct Withdraw {
    /// The person, by email address or id.
    person: String,
    /// Show what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Withdraw {
    pub(super) async fn run(self, place: &Place, kind: Kind) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let row = place.person(ws, kind, &self.person).await?;
        let (ctx, id) = (place.ctx(ws), row.person.id);
        let text = |verb: &str, freed: bool| {
            let license = if freed { "; a license becomes free" } else { "" };
            format!("{verb} the invitation of {} <{}>{license}.", row.person.name, row.person.email)
        };
        if self.dry_run {
            let plan = invitation::plan_withdrawal(&mut place.store.reader().await?, &ctx, id).await?;
            let text = format!("{}\nNothing was changed.", text("Would withdraw", plan.license_freed));
            return Ok(Answer::new(text, json!({ "dry_run": true, "plan": plan })));
        }
        let done = place.store.write(async move |tx| invitation::withdraw(tx, &ctx, id).await).await?;
        place.seal(ws).await;
        Ok(Answer::new(
            text("Withdrew", done.license_freed),
            json!({ "person": id, "license_freed": done.license_freed }),
        ))
    }
}
