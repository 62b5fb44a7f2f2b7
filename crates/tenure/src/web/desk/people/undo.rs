//! `/undo/{step}`: the way back from a deactivation, an activation or a swap, for 10 minutes.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    Refusal,
    id::{PersonId, StepId},
    lifecycle::UNDO_FOR,
};

use super::{back::Back, license};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    ops::{self, undo::Receipt},
    store::{Tx, people, steps},
    web::{
        desk::{frame::Frame, words::count},
        fields::QueryFields,
        flash::Flash,
        view::{naming::USERS, people::Action},
    },
};

/// A receipt that offers the way back.
pub(super) fn offer(flash: Flash, frame: &Frame, step: Option<StepId>) -> Flash {
    let Some(step) = step else { return flash };
    let times = frame.times();
    let until = times.now().saturating_add(UNDO_FOR).unwrap_or(jiff::Timestamp::MAX);
    flash.undo(step, format!("until {}", times.clock(until)))
}

/// `POST /undo/{step}`.
pub(super) async fn submit(
    State(app): State<App>,
    frame: Frame,
    Path(step): Path<String>,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let step: StepId = step.parse().map_err(|_| Error::NotFound("step"))?;
    let back = Back::parse(USERS, query.get("back"));
    let ctx = frame.session.ctx.clone();
    let undone = app.store.write(async move |tx| {
        let receipt = ops::undo::undo(tx, &ctx, step).await?;
        Ok((words(tx, &ctx, &receipt).await?, receipt))
    });
    match undone.await {
        Ok((again, receipt)) => Ok(told(again, &receipt).redirect(back.path())),
        Err(error) => refused(&app, &frame, step, &back, error).await,
    }
}

/// Who is what again.
#[derive(Default)]
struct Again {
    lines: Vec<String>,
    /// Whether licenses changed hands.
    users: bool,
}

async fn words(tx: &mut Tx, ctx: &Ctx, receipt: &Receipt) -> Result<Again> {
    let mut again = Again::default();
    for (people, what) in [(&receipt.activated, "active"), (&receipt.deactivated, "deactivated")] {
        for id in people {
            if let Some(row) = people::load(tx, ctx.workspace, *id).await? {
                again.lines.push(format!("{} is {what} again", row.person.name));
                again.users |= row.person.needs_license();
            }
        }
    }
    Ok(again)
}

fn told(again: Again, receipt: &Receipt) -> Flash {
    let mut flash = Flash::done("Undone.");
    for line in again.lines {
        flash = flash.line(line);
    }
    if !receipt.activated.is_empty() {
        flash = flash.line("Ended sessions stay ended");
    }
    if receipt.removed_licenses > 0 {
        let given = count(receipt.removed_licenses, "added license is", "added licenses are");
        flash = flash.line(format!("{given} given up again"));
    }
    if !again.users {
        return flash;
    }
    let licenses = domain::license::Licenses { owned: receipt.owned, used: receipt.used, price: None };
    flash.line(format!("Licenses: {}", license::in_use(&licenses)))
}

async fn refused(app: &App, frame: &Frame, step: StepId, back: &Back, error: Error) -> Result<Response> {
    match error.refusal() {
        // Rule 6's prompt: the license has been taken meanwhile.
        Some(Refusal::LicensesExhausted { .. }) => {
            let flash =
                Flash::refused("This cannot be undone just so: its license has been taken meanwhile.")
                    .line("Choose below where another comes from.");
            let to = match returning(app, frame, step).await? {
                // Only users need a license.
                Some(person) => back.action(Action::Activate, person),
                None => back.path().to_owned(),
            };
            Ok(flash.redirect(&to))
        }
        Some(
            Refusal::UndoTooLate { .. }
            | Refusal::UndoneAlready
            | Refusal::UndoOvertaken
            | Refusal::DeactivateSelf
            | Refusal::DeactivateOwner,
        ) => Ok(Flash::refused(error.to_string()).line("Nothing was changed").redirect(back.path())),
        _ => Err(error),
    }
}

/// Whom the undo would have activated.
async fn returning(app: &App, frame: &Frame, step: StepId) -> Result<Option<PersonId>> {
    let ws = frame.session.visit.workspace;
    let found = app.store.write(async move |tx| steps::lock(tx, ws, step).await).await?;
    let mut changes = found.map(|step| step.changes).unwrap_or_default().into_iter();
    Ok(changes.find(|change| change.before.is_active()).map(|change| change.person))
}
