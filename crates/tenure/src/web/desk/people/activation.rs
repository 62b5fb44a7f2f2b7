//! `/users/{id}/activation`, of customers likewise: with a license free (or none needed) a plain question, with none the ways to get one; each is
//! one atomic step.

use axum::{http::StatusCode, response::Response};
use domain::{Refusal, id::PersonId, license::Licenses, lifecycle::Grounds};

use super::{
    about::{About, at_version},
    deactivation, license,
    typed::placed,
};
use crate::{
    error::{Error, Result},
    ops::{
        self,
        activation::{Input, Plan, Receipt, Way},
    },
    store::{
        Rx,
        grid::GridRow,
        people::{self, PersonRow},
        picker, tokens, workspaces,
    },
    web::{
        desk::{form::Refused, frame::chip, words::count},
        fields::{Fields, QueryFields},
        flash::Flash,
        view::{
            self,
            chip::Look,
            dialogs::{ActivateDialog, Candidate, NoLicenseDialog, Question, Restore, Swap},
            people::Action,
        },
    },
};

/// What was chosen and typed.
#[derive(Debug, Clone, Default)]
struct Typed {
    way: String,
    replace: String,
    reason: String,
    search: String,
    restore_tokens: bool,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            // The search button says "replace" after the radio button chosen.
            way: fields.all("way").last().unwrap_or_default().to_owned(),
            replace: fields.get("replace").to_owned(),
            reason: fields.get("reason").to_owned(),
            search: fields.get("q").to_owned(),
            restore_tokens: fields.ticked("restore_tokens"),
        }
    }

    fn replaces(&self) -> bool {
        self.way == "replace" || !self.search.is_empty()
    }

    fn way(&self, about: &About) -> Result<Way> {
        match self.way.as_str() {
            "" => Ok(Way::Free),
            "add" => Ok(Way::Add),
            _ => {
                let other = self.replace.parse().map_err(|_| Error::field("replace", "Choose someone."))?;
                let reason = ops::profile::reason(&self.reason, &about.app.config.limits)?;
                Ok(Way::Swap { other, grounds: Grounds { reason, review_on: None } })
            }
        }
    }
}

/// `GET /users/{id}/activation`.
pub(super) async fn page(about: About, QueryFields(query): QueryFields) -> Result<Response> {
    draw(&about, &Typed::of(&query), Refused::none()).await
}

/// `POST /users/{id}/activation`.
pub(super) async fn submit(mut about: About, fields: Fields) -> Result<Response> {
    if let Some(back) = fields.maybe("back") {
        about.back = super::back::Back::parse(about.naming, back);
    }
    let typed = Typed::of(&fields);
    match save(&about, &typed, fields.version()).await {
        Ok(done) => Ok(about.told(told(&about, &done))),
        Err(error) => draw(&about, &typed, wrong(error)?).await,
    }
}

/// What is wrong, with what concerns the person chosen beside them.
fn wrong(error: Error) -> Result<Refused> {
    match error.refusal() {
        Some(
            Refusal::SwapNotPossible
            | Refusal::DeactivateOwner
            | Refusal::DeactivateSelf
            | Refusal::InvitedIsWithdrawn,
        ) => Ok(Refused::wrong("replace", format!("{error} Choose someone else."))),
        _ if matches!(error, Error::NotFound("person")) => {
            Ok(Refused::wrong("replace", "The person chosen is not there any more. Choose someone else."))
        }
        _ => placed(error),
    }
}

/// A receipt with what its words need.
struct Done {
    receipt: Receipt,
    licenses: Licenses,
    other: Option<String>,
}

async fn save(about: &About, typed: &Typed, version: Option<i64>) -> Result<Done> {
    let input = Input { way: typed.way(about)?, restore_tokens: typed.restore_tokens, version };
    let (ctx, id) = (about.ctx(), about.id());
    let done = about.app.store.write(async move |tx| {
        let receipt = ops::activation::activate(tx, &ctx, id, input.clone()).await?;
        let other = match &receipt.swap {
            Some(swap) => people::load(tx, ctx.workspace, swap.person).await?.map(|row| row.person.name),
            None => None,
        };
        let licenses = workspaces::load(tx, ctx.workspace).await?.licenses;
        Ok(Done { receipt, licenses, other })
    });
    done.await
}

fn told(about: &About, done: &Done) -> Flash {
    let receipt = &done.receipt;
    if !receipt.changed {
        return Flash::note(format!("{} was active already. Nothing changed.", about.name()));
    }
    let mut flash = Flash::done(format!("{} is active again.", about.name()));
    if let (Some(swap), Some(other)) = (&receipt.swap, &done.other) {
        flash = flash.line(format!("{other} is deactivated"));
        flash = deactivation::lines(flash, swap);
    }
    if about.naming.is_users() {
        let licenses = license::in_use(&done.licenses);
        flash = flash.line(match receipt.added_licenses {
            0 => format!("Licenses: {licenses}"),
            added => format!("{} added: {licenses}", count(added, "license", "licenses")),
        });
    }
    if receipt.tokens_restored > 0 {
        flash = flash.line(count(receipt.tokens_restored, "API token restored", "API tokens restored"));
    }
    super::undo::offer(flash, &about.frame, receipt.undo)
}

/// The question whether suspended tokens come back, where there are some.
fn restore(suspended: i64, chosen: bool) -> Option<Restore> {
    let words = count(suspended, "suspended API token", "suspended API tokens");
    (suspended > 0).then(|| Restore { words: format!("Restore their {words}"), chosen })
}

/// The question that fits how things are now, whichever was asked before.
async fn draw(about: &About, typed: &Typed, wrong: Refused) -> Result<Response> {
    let mut rx = about.app.store.reader().await?;
    let plan = ops::activation::plan(&mut rx, &about.ctx(), about.id(), &Input::default()).await;
    drop(rx);
    match plan {
        Ok(plan) if plan.changed => ask(about, &plan, typed, wrong).await,
        Ok(_) => {
            let title = format!("{} is active already", about.name());
            Ok(about.notice(StatusCode::OK, &title, "There is nothing left to do.", Vec::new()))
        }
        Err(error) => match error.refusal() {
            Some(Refusal::LicensesExhausted { licenses, .. }) => {
                ask_for_license(about, typed, wrong, licenses).await
            }
            _ => about.impossible(error, &wrong),
        },
    }
}

async fn ask(about: &About, plan: &Plan, typed: &Typed, wrong: Refused) -> Result<Response> {
    let mut now = vec![deactivation::signing_in("Can sign in", about.naming.kind, "again")];
    if about.row.person.needs_license() {
        let after = Licenses { owned: plan.owned, used: plan.used, price: None };
        now.push(format!("1 license is taken: {} then", license::in_use(&after)));
    }
    let stays = {
        let mut rx = about.app.store.point().await?;
        ops::deactivation::stays(&mut rx, about.frame.session.visit.workspace, about.id()).await?
    };
    let mut back = deactivation::held(&about.row.person, &stays);
    back.push("Profile, settings and password".into());
    let page = ActivateDialog {
        shell: about.shell(format!("Activate {}?", about.name())),
        ask: Question {
            guard: at_version(plan.version),
            // A choice of whom to replace has no field here any more.
            error: wrong.error.clone().or_else(|| wrong.message("replace")),
            ..about.question(Action::Activate, &wrong)
        },
        now,
        back,
        not_back: vec!["Sessions stay ended".into()],
        restore: restore(plan.suspended_tokens, typed.restore_tokens),
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}

async fn ask_for_license(
    about: &About,
    typed: &Typed,
    wrong: Refused,
    licenses: &Licenses,
) -> Result<Response> {
    let session = &about.frame.session;
    let search: String = typed.search.chars().take(about.app.config.limits.search).collect();
    let not = [session.person(), about.id()];
    let mut rx = about.app.store.reader().await?;
    let workspace = workspaces::load(&mut rx, session.visit.workspace).await?;
    let suspended = tokens::count_suspended(&mut rx, workspace.id, about.id(), session.visit.now).await?;
    let rows = picker::to_deactivate(&mut rx, &workspace, &search, &not, session.visit.now).await?;
    let (swap, impossible) = match rows.iter().find(|row| is_chosen(row, &typed.replace)) {
        Some(other) => swap(about, &mut rx, &other.row).await?,
        None => (None, None),
    };
    drop(rx);
    let add = license::add(licenses);
    let replaces = typed.replaces() || add.is_none();
    let page = NoLicenseDialog {
        shell: about.shell(format!("Activate {}?", about.name())),
        ask: Question {
            action: about.naming.action(Action::Activate, about.id()),
            ..about.question(Action::Activate, &wrong)
        },
        lead: license::all_used(licenses),
        add,
        restore: restore(suspended, typed.restore_tokens),
        way: if replaces { view::dialogs::Way::Replace } else { view::dialogs::Way::Add },
        search,
        more: (rows.len() >= picker::OFFERED).then(|| "Search to find more people.".into()),
        candidates: rows.iter().map(|row| candidate(about, row, &typed.replace)).collect(),
        pick_error: wrong.message("replace").or(impossible),
        swap,
        reason: wrong.field("reason", &typed.reason),
        back: about.cancel(),
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}

fn candidate(about: &About, found: &GridRow, chosen: &str) -> Candidate {
    let person = &found.row.person;
    Candidate {
        id: person.id.to_string(),
        chip: chip(&found.row, Look::Inline),
        email: person.email.clone(),
        last_sign_in: found.row.last_sign_in.map(|at| about.frame.times().when(at)),
        selected: is_chosen(found, chosen),
    }
}

fn is_chosen(found: &GridRow, chosen: &str) -> bool {
    chosen.parse::<PersonId>() == Ok(found.row.person.id)
}

/// What would happen to the person chosen, by the code that will do it; or why nothing can.
async fn swap(about: &About, rx: &mut Rx, other: &PersonRow) -> Result<(Option<Swap>, Option<String>)> {
    let way = Way::Swap { other: other.person.id, grounds: Grounds::default() };
    let planned =
        ops::activation::plan(rx, &about.ctx(), about.id(), &Input { way, ..Input::default() }).await;
    let plan = match planned {
        Ok(plan) => plan.swap,
        Err(error) => {
            let refused = wrong(error)?;
            return Ok((None, refused.message("replace").or(refused.error)));
        }
    };
    let swap = plan.map(|plan| Swap {
        name: other.person.name.clone(),
        now: deactivation::happens(&other.person, &plan),
        stays: deactivation::stays(&other.person, &plan),
        depends: deactivation::depends(&plan),
    });
    Ok((swap, None))
}
