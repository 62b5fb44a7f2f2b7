//! `/users/{id}/deletion`: counted by the code that will do it, confirmed by the address typed and one's
//! own password.

use axum::response::Response;
use domain::license::Licenses;

use super::{
    about::{About, at_version},
    deactivation, license,
    typed::placed,
};
use crate::{
    error::{Error, Result},
    ops::{
        self,
        deletion::{Input, Plan},
    },
    store::workspaces,
    web::{
        desk::{form::Refused, words::count},
        fields::Fields,
        flash::Flash,
        view::{
            Field,
            dialogs::{DeleteDialog, Question},
            people::Action,
        },
    },
};

/// `GET /users/{id}/deletion`.
pub(super) async fn page(about: About) -> Result<Response> {
    draw(&about, "", Refused::none()).await
}

/// `POST /users/{id}/deletion`.
pub(super) async fn submit(about: About, fields: Fields) -> Result<Response> {
    match save(&about, &fields).await {
        Ok((plan, licenses)) => {
            let flash = told(about.name(), &plan, &licenses);
            Ok(flash.redirect(about.back.without(about.id()).path()))
        }
        Err(error) => draw(&about, fields.get("email"), placed(error)?).await,
    }
}

async fn save(about: &About, fields: &Fields) -> Result<(Plan, Licenses)> {
    let (ctx, id) = (about.ctx(), about.id());
    // What is not possible at all is not confirmed first.
    ops::deletion::plan(&mut about.app.store.reader().await?, &ctx, id).await?;
    let password = fields.get("password");
    if password.is_empty() {
        return Err(Error::field("password", "Enter your own password to confirm."));
    }
    ops::sign_in::confirm(&about.app, &ctx, password).await?;
    let seen = fields.maybe("seen").map(str::to_owned);
    let input = Input { email: fields.get("email").trim().to_owned(), version: fields.version(), seen };
    let done = about.app.store.write(async move |tx| {
        let plan = ops::deletion::delete(tx, &ctx, id, input.clone()).await?;
        Ok((plan, workspaces::load(tx, ctx.workspace).await?.licenses))
    });
    done.await
}

fn told(name: &str, plan: &Plan, licenses: &Licenses) -> Flash {
    let mut flash = Flash::done(format!("{name} is deleted."));
    if plan.tokens > 0 {
        flash = flash.line(format!("{} deleted", count(plan.tokens, "API token", "API tokens")));
    }
    if plan.sessions_ended > 0 {
        flash = flash.line(format!("{} ended", count(plan.sessions_ended, "session", "sessions")));
    }
    if plan.license_freed {
        flash = flash.line(license::freed(licenses));
    }
    for line in work(plan) {
        flash = flash.line(format!("Taken out of {line}"));
    }
    if plan.held.messages > 0 {
        let many = count(plan.held.messages, "message stays", "messages stay");
        flash = flash.line(format!("{many}, without their name"));
    }
    if plan.held.articles > 0 {
        let many = count(plan.held.articles, "article stays", "articles stay");
        flash = flash.line(format!("{many}, without their name"));
    }
    flash
}

async fn draw(about: &About, email: &str, wrong: Refused) -> Result<Response> {
    let mut rx = about.app.store.reader().await?;
    let plan = ops::deletion::plan(&mut rx, &about.ctx(), about.id()).await;
    drop(rx);
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => return about.impossible(error, &wrong),
    };
    let page = DeleteDialog {
        shell: about.shell(format!("Delete {} for good?", about.name())),
        ask: Question { guard: at_version(plan.version), ..about.question(Action::Delete, &wrong) },
        address: about.row.person.email.clone(),
        goes: goes(&plan),
        leaves: leaves(&plan),
        frees: frees(&plan, about.licenses()),
        stays: stays(&plan),
        instead: (!about.is_deactivated()).then(|| about.path(Action::Deactivate)),
        frees_instead: plan.license_freed,
        email: wrong.field("email", email),
        seen: plan.mark(),
        password: Field { error: wrong.message("password"), ..Field::default() },
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}

fn goes(plan: &Plan) -> Vec<String> {
    let mut lines = vec!["Profile, picture and settings".to_owned()];
    lines.push(match plan.sessions_ended {
        0 => "Password".into(),
        sessions => format!("Password and {}", count(sessions, "open session", "open sessions")),
    });
    if plan.tokens > 0 {
        lines.push(count(plan.tokens, "API token", "API tokens"));
    }
    if plan.held_requests > 0 {
        let many = count(plan.held_requests, "request", "requests");
        lines.push(format!("{many} held for review"));
    }
    if plan.views > 0 {
        lines.push(count(plan.views, "saved view", "saved views"));
    }
    lines
}

/// What they are taken out of: it stays, without them.
fn leaves(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = deactivation::teams("", &plan.teams).into_iter().collect();
    lines.extend(plan.organization.as_ref().map(|one| format!("Organization {}", one.name)));
    lines.extend(work(plan));
    lines
}

/// What stays readable.
fn stays(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    if plan.held.messages > 0 {
        lines.push(format!("{}, without their name", count(plan.held.messages, "message", "messages")));
    }
    if plan.held.articles > 0 {
        lines.push(format!("{}, without their name", count(plan.held.articles, "article", "articles")));
    }
    if !plan.made_webhooks.is_empty() {
        let names: Vec<String> = plan.made_webhooks.iter().map(|webhook| webhook.name.clone()).collect();
        lines.push(format!("The webhooks they made: {}", names.join(", ")));
    }
    lines.push("Entries in the audit log, without name, address and reasons".into());
    lines
}

/// Their parts in items and projects, finished ones too.
fn work(plan: &Plan) -> Vec<String> {
    let held = &plan.held;
    let line = |number, one: &str, many: &str| (number > 0).then(|| count(number, one, many));
    let lines = [
        line(held.assigned, "item as assignee", "items as assignee"),
        line(held.following, "item as follower", "items as follower"),
        line(held.requested, "item as requester", "items as requester"),
        line(held.projects_assigned, "project as assignee", "projects as assignee"),
        line(held.projects_following, "project as follower", "projects as follower"),
    ];
    lines.into_iter().flatten().collect()
}

/// What others can have afterwards.
fn frees(plan: &Plan, licenses: &Licenses) -> Vec<String> {
    if !plan.license_freed {
        return Vec::new();
    }
    vec![format!("1 license: {} then", license::in_use(&licenses.give_back(1)))]
}
