//! What `tenure bulk` prints.

use std::path::Path;

use domain::{bulk::Deed, person::Kind};
use serde_json::json;

use super::{
    answer::Answer,
    answer::out,
    failure::Failure,
    place::Place,
    table::{count, moment, table},
};
use crate::{
    ops::bulk::Plan,
    sheet,
    store::{
        batch_people::{self, ResultRow},
        batches::{self, Batch, State},
        workspaces::Workspace,
    },
};

/// How many who were skipped are named in text; all are in JSON and CSV.
const NAMED: usize = 20;

/// `1 user`, `2 customers`.
pub(super) fn people(kind: Kind, number: i64) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {}{plural}", kind.word())
}

/// The heads of a list of results as CSV.
const HEADS: [&str; 6] = ["person", "name", "email", "outcome", "refusal", "why"];

/// A plan as rows of CSV.
pub(super) fn planned(plan: &Plan) -> Vec<[String; 6]> {
    let rows = plan.people.iter().map(|row| {
        [
            row.person.to_string(),
            row.name.clone(),
            row.email.clone(),
            // A file outlives the words around it: that nothing was done must stand in it.
            if row.outcome == "changed" { "would change".to_owned() } else { row.outcome.to_owned() },
            row.refusal.unwrap_or_default().to_owned(),
            row.words.clone().unwrap_or_default(),
        ]
    });
    rows.collect()
}

fn done(rows: &[ResultRow]) -> Vec<[String; 6]> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let rows = rows.iter().map(|row| {
        let outcome = row.outcome.clone().unwrap_or_else(|| "waiting".to_owned());
        [
            row.person.to_string(),
            text(&row.name),
            text(&row.email),
            outcome,
            text(&row.refusal),
            text(&row.words),
        ]
    });
    rows.collect()
}

/// Writes rows to a file, or for `-` to standard output; nothing where no file is named.
pub(super) fn write_csv(file: Option<&Path>, rows: &[[String; 6]]) -> Result<(), Failure> {
    let Some(file) = file else { return Ok(()) };
    let heads = HEADS.map(str::to_owned);
    let text = sheet::lines(std::iter::once(&heads).chain(rows).cloned())?;
    if file == Path::new("-") {
        out(&String::from_utf8_lossy(&text));
        return Ok(());
    }
    std::fs::write(file, text)
        .map_err(|error| Failure::failed(format!("cannot write {}: {error}", file.display())))
}

pub(super) fn plan_text(plan: &Plan) -> String {
    let totals = &plan.totals;
    let mut lines = vec![format!("Would {} {}.", verb(plan.deed), people(plan.kind, totals.changed))];
    if totals.unchanged > 0 {
        lines.push(format!("  {} so already", are(totals.unchanged)));
    }
    if plan.tokens_suspended > 0 {
        lines.push(format!("  {} suspended", count(plan.tokens_suspended, "API token")));
    }
    if plan.sessions_ended > 0 {
        let verb = if plan.sessions_ended == 1 { "ends" } else { "end" };
        lines.push(format!("  {} {verb}", count(plan.sessions_ended, "session")));
    }
    if totals.frees > 0 {
        let verb = if totals.frees == 1 { "becomes" } else { "become" };
        lines.push(format!("  {} {verb} free", count(totals.frees, "license")));
    }
    if totals.takes > 0 {
        let verb = if totals.takes == 1 { "is" } else { "are" };
        lines.push(format!(
            "  {} {verb} needed, {} free",
            count(totals.takes, "license"),
            are(plan.licenses.free())
        ));
    }
    if plan.missing > 0 {
        let verb = if plan.missing == 1 { "is" } else { "are" };
        lines.push(format!(
            "  {} {verb} missing: --add-licenses adds what is missing",
            count(plan.missing, "license")
        ));
    }
    if let Some(brake) = plan.brake.filter(|brake| brake.passes) {
        lines.push(format!(
            "  the brake stops this: {} may be deactivated within 60 minutes, {} have been; --past-the-brake \
             does it all the same",
            brake.limit, brake.recent
        ));
    }
    let skipped = plan.people.iter().filter(|row| row.outcome == "skipped");
    let skipped = skipped.map(|row| (row.name.as_str(), row.words.as_deref().unwrap_or_default()));
    lines.extend(skipped_lines(skipped.collect()));
    lines.push("Nothing was changed.".into());
    lines.join("\n")
}

fn are(number: i64) -> String {
    if number == 1 { "1 is".into() } else { format!("{number} are") }
}

fn verb(deed: &str) -> &str {
    match deed {
        "join-team" => "put into the team",
        "leave-team" => "take out of the team",
        "role" => "change the role of",
        "organization" => "move",
        "undo" => "change back",
        other => other,
    }
}

fn skipped_lines(skipped: Vec<(&str, &str)>) -> Vec<String> {
    if skipped.is_empty() {
        return Vec::new();
    }
    let more = skipped.len().saturating_sub(NAMED);
    let mut lines = vec![format!("Skipped {}:", skipped.len())];
    lines.extend(skipped.into_iter().take(NAMED).map(|(name, why)| format!("  {name}: {why}")));
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines
}

fn past(deed: &Deed) -> &'static str {
    match deed {
        Deed::Deactivate(_) => "Deactivated",
        Deed::Activate => "Activated",
        Deed::Delete => "Deleted",
        Deed::JoinTeam(_) => "Put into the team",
        Deed::LeaveTeam(_) => "Took out of the team",
        Deed::Role(_) => "Changed the role of",
        Deed::Organization(_) => "Moved",
        Deed::Undo(_) => "Changed back",
    }
}

/// A batch with what came of each person.
pub(super) async fn batch(
    place: &Place,
    workspace: &Workspace,
    batch: &Batch,
    csv: Option<&Path>,
) -> Result<Answer, Failure> {
    let mut rx = place.store.reader().await?;
    let rows = batch_people::results(&mut rx, workspace.id, batch.id, -1, batch.total.max(1)).await?;
    write_csv(csv, &done(&rows))?;
    let mut lines = vec![format!("{} {}.", past(&batch.deed), people(batch.kind, batch.changed))];
    if batch.state != State::Finished {
        lines.push(format!("It is {}: {} of {} dealt with.", batch.state.word(), batch.done(), batch.total));
    }
    if batch.unchanged > 0 {
        lines.push(format!(
            "  {} so before",
            if batch.unchanged == 1 { "1 was".into() } else { format!("{} were", batch.unchanged) }
        ));
    }
    for (number, what) in [
        (batch.sessions_ended, "sessions ended"),
        (batch.tokens_suspended, "API tokens suspended"),
        (batch.licenses_freed, "licenses are free"),
        (batch.added_licenses, "licenses were added"),
    ] {
        if number > 0 {
            lines.push(format!("  {number} {what}"));
        }
    }
    let skipped = rows.iter().filter(|row| row.outcome.as_deref() == Some("skipped"));
    let skipped = skipped.map(|row| {
        (row.name.as_deref().unwrap_or("somebody who is gone"), row.words.as_deref().unwrap_or_default())
    });
    lines.extend(skipped_lines(skipped.collect()));
    if batch.changed > 0 && batch.state.is_over() && batch.deed.can_be_undone() && batch.undone_by.is_none() {
        lines.push(format!("Undo within 10 minutes: tenure bulk undo {}", batch.id));
    }
    let people: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "person": row.person, "name": row.name, "email": row.email, "outcome": row.outcome,
                "refusal": row.refusal, "words": row.words,
            })
        })
        .collect();
    Ok(Answer::new(lines.join("\n"), json!({ "batch": facts(batch), "people": people })))
}

fn facts(batch: &Batch) -> serde_json::Value {
    json!({
        "id": batch.id,
        "kind": batch.kind,
        "deed": batch.deed.word(),
        "state": batch.state,
        "paused_why": batch.paused_why,
        "made": batch.made,
        "ended": batch.ended,
        "total": batch.total,
        "done": batch.done(),
        "changed": batch.changed,
        "unchanged": batch.unchanged,
        "skipped": batch.skipped,
        "sessions_ended": batch.sessions_ended,
        "tokens_suspended": batch.tokens_suspended,
        "licenses_freed": batch.licenses_freed,
        "added_licenses": batch.added_licenses,
        "undone_by": batch.undone_by,
    })
}

/// The latest batches.
pub(super) async fn list(place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
    let found = batches::latest(&mut place.store.reader().await?, workspace.id, 50).await?;
    let zone = workspace.zone();
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|batch| {
            vec![
                batch.id.to_string(),
                moment(batch.made, &zone),
                batch.deed.word().to_owned(),
                people(batch.kind, batch.total),
                batch.state.word().to_owned(),
                format!("{} of {}", batch.done(), batch.total),
            ]
        })
        .collect();
    let text = if rows.is_empty() {
        "Nothing was done with many people yet.".to_owned()
    } else {
        table(&["ID", "BEGUN", "WHAT", "PEOPLE", "STATE", "DONE"], &rows)
    };
    Ok(Answer::new(text, json!({ "batches": found.iter().map(facts).collect::<Vec<_>>() })))
}
