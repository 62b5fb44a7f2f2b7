//! `/bulk/{id}`: how far a change of many people is, what came of each, and the way back.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use domain::{actor::Actor, id::BatchId, lifecycle};
use jiff::Timestamp;

use super::{preview::told, words};
use crate::{
    app::App,
    error::{Error, Result},
    ops::bulk,
    sheet,
    store::{
        batch_people::{self, ResultRow},
        batches::{self, Batch, PausedWhy, State as Progress},
        people,
    },
    web::{
        desk::{
            frame::{Frame, picture},
            words::{Times, count},
        },
        fields::QueryFields,
        flash::Flash,
        view::{
            Link, Pager,
            bulk::{BulkLine, BulkList, BulkResult, BulkRow},
            chip::{Chip, Look},
            naming::{Naming, USERS},
            number,
            shell::Place,
        },
    },
};

/// How many people one page of results has.
const PAGE: i64 = 50;
/// How many changes of many the list shows.
const LISTED: i64 = 50;
/// How many results one piece of the download reads.
const PIECE: i64 = 1_000;

fn id_of(text: &str) -> Result<BatchId> {
    text.parse().map_err(|_| Error::NotFound("change of many people"))
}

async fn load(app: &App, frame: &Frame, id: BatchId) -> Result<Batch> {
    let found = batches::load(&mut app.store.reader().await?, frame.session.visit.workspace, id).await?;
    found.ok_or(Error::NotFound("change of many people"))
}

/// `GET /bulk`.
pub(in super::super) async fn list(State(app): State<App>, frame: Frame) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let found = batches::latest(&mut rx, frame.session.visit.workspace, LISTED).await?;
    drop(rx);
    let times = frame.times();
    let rows = found.iter().map(|batch| {
        let naming = Naming::of(batch.kind);
        BulkLine {
            what: Link::new(words::title(naming, &batch.deed, batch.total), format!("/bulk/{}", batch.id)),
            when: times.when(batch.made),
            state: match batch.state {
                Progress::Running => "Running",
                Progress::Paused => "Paused",
                Progress::Finished => "Finished",
                Progress::Cancelled => "Cancelled",
            },
            progress: progress(batch),
        }
    });
    let page = BulkList {
        rows: rows.collect(),
        app: USERS,
        shell: frame.shell(Place::Users, "Changes of many people"),
    };
    Ok(frame.draw(&page))
}

fn progress(batch: &Batch) -> String {
    format!("{} of {}", number(batch.done().unsigned_abs()), number(batch.total.unsigned_abs()))
}

/// `GET /bulk/{id}`.
pub(in super::super) async fn show(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let batch = load(&app, &frame, id_of(&id)?).await?;
    let ws = frame.session.visit.workspace;
    let from = query.get("from").parse::<i64>().unwrap_or(0).clamp(0, batch.total);
    let mut rx = app.store.reader().await?;
    let rows = batch_people::results(&mut rx, ws, batch.id, from - 1, PAGE).await?;
    let by = match batch.actor.person() {
        Some(person) => people::load(&mut rx, ws, person).await?.map(|row| row.person.name),
        None => None,
    };
    drop(rx);
    let naming = Naming::of(batch.kind);
    let times = frame.times();
    let href = format!("/bulk/{}", batch.id);
    let page = BulkResult {
        shell: frame.shell(Place::of(naming), words::title(naming, &batch.deed, batch.total)),
        app: naming,
        begun: begun(&batch, by, &times),
        done: batch.done(),
        total: batch.total,
        progress: format!("{} dealt with", progress(&batch)),
        running: batch.state == Progress::Running,
        paused: batch.paused_why.map(paused),
        over: over(naming, &batch),
        lines: lines(naming, &batch),
        undo: undo_until(&batch, &times),
        undone: batch.undone_by.map(|by| Link::new("It has been undone", format!("/bulk/{by}"))),
        people: rows.iter().map(row).collect(),
        pager: pager(&batch, &href, from),
        href,
        ..BulkResult::default()
    };
    Ok(frame.draw(&page))
}

fn begun(batch: &Batch, by: Option<String>, times: &Times) -> String {
    let by = match (&batch.actor, by) {
        (Actor::Cli { user }, _) => format!("{user}, at the machine"),
        (Actor::Job { name }, _) => format!("the job {name}"),
        (Actor::Token { person: None, .. }, _) => "a service token".to_owned(),
        (Actor::Person { .. } | Actor::Visitor { .. } | Actor::Token { .. }, Some(name)) => name,
        (Actor::Person { .. } | Actor::Visitor { .. } | Actor::Token { .. }, None) => {
            "somebody who is gone".to_owned()
        }
    };
    format!("Begun by {by}, {}", times.clock(batch.made))
}

fn paused(why: PausedWhy) -> String {
    match why {
        PausedWhy::Brake => {
            "The brake has stopped it: more would be deactivated within 60 minutes than it lets pass. \
                             Look at who is left before you let it go on."
                .to_owned()
        }
        PausedWhy::Actor => {
            "Whoever began it may no longer do so. If you let it go on, it is your deed.".to_owned()
        }
    }
}

fn over(naming: &Naming, batch: &Batch) -> Option<String> {
    let done = words::done(naming, &batch.deed, batch.changed);
    match batch.state {
        Progress::Finished => Some(format!("{done}.")),
        Progress::Cancelled => Some(format!("It was cancelled before its end: {done}.")),
        Progress::Running | Progress::Paused => None,
    }
}

fn lines(naming: &Naming, batch: &Batch) -> Vec<String> {
    let mut lines = Vec::new();
    if batch.unchanged > 0 {
        let were = if batch.unchanged == 1 { "was so already" } else { "were so already" };
        lines.push(format!("{} {were}", words::people(naming, batch.unchanged)));
    }
    if batch.skipped > 0 {
        lines.push(format!("{} skipped", words::people(naming, batch.skipped)));
    }
    for (number, one, many) in [
        (batch.sessions_ended, "session ended", "sessions ended"),
        (batch.tokens_suspended, "API token suspended", "API tokens suspended"),
        (batch.licenses_freed, "license became free", "licenses became free"),
        (batch.added_licenses, "license was added", "licenses were added"),
    ] {
        if number > 0 {
            lines.push(count(number, one, many));
        }
    }
    lines
}

/// "until 14:32", while it can be undone.
fn undo_until(batch: &Batch, times: &Times) -> Option<String> {
    let ended = batch.ended.filter(|_| batch.deed.can_be_undone() && batch.changed > 0)?;
    lifecycle::still_undoable(ended, batch.undone_by.is_some(), times.now()).ok()?;
    let until = ended.saturating_add(lifecycle::UNDO_FOR).unwrap_or(Timestamp::MAX);
    Some(format!("until {}", times.clock(until)))
}

fn row(found: &ResultRow) -> BulkRow {
    let chip = found.name.as_ref().map(|name| {
        Chip::new(found.person.uuid(), name)
            .with_picture(picture(found.person, found.picture.as_deref()))
            .deactivated(found.status == Some(domain::person::StatusWord::Deactivated))
            .looking(Look::Row)
    });
    BulkRow {
        chip,
        email: found.email.clone().unwrap_or_default(),
        outcome: words::outcome(found.outcome.as_deref(), false),
        why: found.words.clone().unwrap_or_default(),
    }
}

fn pager(batch: &Batch, href: &str, from: i64) -> Pager {
    let last = (from + PAGE).min(batch.total);
    let place = |place: i64| number(place.unsigned_abs());
    Pager {
        summary: match batch.total {
            0 => "Nobody".to_owned(),
            total => format!("{}–{} of {}", place(from + 1), place(last), place(total)),
        },
        previous: (from > 0).then(|| format!("{href}?from={}", (from - PAGE).max(0))),
        next: (last < batch.total).then(|| format!("{href}?from={last}")),
    }
}

/// `GET /bulk/{id}/results.csv`.
pub(in super::super) async fn csv(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response> {
    let batch = load(&app, &frame, id_of(&id)?).await?;
    let ws = frame.session.visit.workspace;
    let mut text =
        sheet::lines([["person", "name", "email", "outcome", "refusal", "why"].map(str::to_owned)])?;
    let mut after = -1;
    loop {
        let rows = batch_people::results(&mut app.store.reader().await?, ws, batch.id, after, PIECE).await?;
        let Some(last) = rows.last() else { break };
        after = last.place;
        text.extend(sheet::lines(rows.into_iter().map(|row| {
            let outcome = row.outcome.unwrap_or_else(|| "waiting".to_owned());
            let [name, email, refusal, why] =
                [row.name, row.email, row.refusal, row.words].map(Option::unwrap_or_default);
            [row.person.to_string(), name, email, outcome, refusal, why]
        }))?);
    }
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let name = HeaderValue::from_static("attachment; filename=\"results.csv\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], text).into_response())
}

/// What cannot be done with a batch is told at its page.
fn refused(error: Error, href: &str) -> Result<Response> {
    match error.refusal() {
        Some(refusal) if !crate::web::desk::form::concerns_the_actor(refusal) => {
            Ok(Flash::refused(refusal.to_string()).line("Nothing was changed").redirect(href))
        }
        _ => Err(error),
    }
}

/// `POST /bulk/{id}/undo`.
pub(in super::super) async fn undo(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response> {
    let batch = load(&app, &frame, id_of(&id)?).await?;
    let (ctx, id) = (frame.session.ctx.clone(), batch.id);
    let begun = app.store.write(async move |tx| bulk::undo(tx, &ctx, id).await).await;
    match begun {
        Ok(begun) => {
            let flash = told(&app, &frame, Naming::of(batch.kind), begun.batch).await?;
            Ok(flash.redirect(&format!("/bulk/{}", begun.batch)))
        }
        Err(error) => refused(error, &format!("/bulk/{id}")),
    }
}

/// `POST /bulk/{id}/resume`.
pub(in super::super) async fn resume(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response> {
    let (ctx, id) = (frame.session.ctx.clone(), id_of(&id)?);
    match app.store.write(async move |tx| bulk::resume(tx, &ctx, id).await).await {
        Ok(()) => {
            app.begun.notify_one();
            Ok(Flash::done("It goes on.").redirect(&format!("/bulk/{id}")))
        }
        Err(error) => refused(error, &format!("/bulk/{id}")),
    }
}

/// `POST /bulk/{id}/cancel`.
pub(in super::super) async fn cancel(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response> {
    let (ctx, id) = (frame.session.ctx.clone(), id_of(&id)?);
    match app.store.write(async move |tx| bulk::cancel(tx, &ctx, id).await).await {
        Ok(()) => Ok(Flash::done("The rest is cancelled.").redirect(&format!("/bulk/{id}"))),
        Err(error) => refused(error, &format!("/bulk/{id}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{bulk::Deed, lifecycle::Grounds};

    #[test]
    fn numbers_and_nouns_agree() {
        assert_eq!(words::title(USERS, &Deed::Activate, 1), "Activate 1 user");
        assert_eq!(
            words::done(USERS, &Deed::Deactivate(Grounds::default()), 1_204),
            "1,204 users are deactivated"
        );
    }
}
