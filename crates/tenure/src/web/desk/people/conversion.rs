//! `/customers/{id}/conversion`: a customer becomes a user, which needs a license.

use axum::response::Response;
use domain::{Refusal, license::Licenses, person::StatusWord};

use super::{
    about::{About, at_version},
    back::Back,
    license,
    typed::placed,
};
use crate::{
    error::Result,
    ops::{
        self,
        customers::{Conversion, Converted, Plan},
    },
    web::{
        desk::{form::Refused, words::count},
        fields::Fields,
        flash::Flash,
        view::{
            dialogs::{LicensedDialog, Question},
            naming::USERS,
            people::Action,
        },
    },
};

/// `GET /customers/{id}/conversion`.
pub(super) async fn page(about: About) -> Result<Response> {
    draw(&about, Refused::none()).await
}

/// `POST /customers/{id}/conversion`.
pub(super) async fn submit(about: About, fields: Fields) -> Result<Response> {
    let input = Conversion { add_license: fields.ticked("add_license"), version: fields.version() };
    let (ctx, id) = (about.ctx(), about.id());
    let done =
        about.app.store.write(async move |tx| ops::customers::convert(tx, &ctx, id, input).await).await;
    match done {
        // Their page is among the users from now on.
        Ok(done) => Ok(told(&about, &done).redirect(Back::to_panel(USERS, id, "").path())),
        Err(error) => draw(&about, placed(error)?).await,
    }
}

fn told(about: &About, done: &Converted) -> Flash {
    let mut flash = Flash::done(format!("{} is a user now.", about.name()));
    let in_use = license::in_use(&Licenses { owned: done.owned, used: done.used, price: None });
    if done.added_licenses > 0 {
        let added = count(done.added_licenses, "license", "licenses");
        flash = flash.line(format!("{added} added: {in_use}"));
    } else if done.license_taken {
        flash = flash.line(format!("1 license is taken: {in_use}"));
    }
    if done.sessions_ended > 0 {
        flash =
            flash.line(format!("{} ended", count(done.sessions_ended, "portal session", "portal sessions")));
    }
    if about.row.person.status.word() == StatusWord::Invited {
        flash = flash.line("Send the invitation again, so that its link leads to the desk");
    }
    flash
}

async fn draw(about: &About, wrong: Refused) -> Result<Response> {
    let mut rx = about.app.store.reader().await?;
    let (ctx, id) = (about.ctx(), about.id());
    let plan = |add_license| Conversion { add_license, version: None };
    let mut planned = ops::customers::plan(&mut rx, &ctx, id, plan(false)).await;
    let full = planned.as_ref().err().and_then(|error| error.refusal());
    let add =
        if matches!(full, Some(Refusal::LicensesExhausted { .. })) { about.add_license() } else { None };
    if add.is_some() {
        planned = ops::customers::plan(&mut rx, &ctx, id, plan(true)).await;
    }
    drop(rx);
    let plan = match planned {
        Ok(plan) => plan,
        Err(error) => return about.impossible(error, &wrong),
    };
    let page = LicensedDialog {
        shell: about.shell(format!("Make {} a user?", about.name())),
        ask: Question {
            guard: at_version(plan.version),
            error: wrong.above(&["external_id"]),
            ..about.question(Action::Convert, &wrong)
        },
        effects: effects(about, &plan),
        add,
        button: "Convert to user".into(),
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}

fn effects(about: &About, plan: &Plan) -> Vec<String> {
    let mut lines = vec!["Signs in at the desk, as a member, and no longer to the portal".to_owned()];
    if plan.license_taken && plan.added_licenses == 0 {
        let after = Licenses { used: about.licenses().used + 1, ..about.licenses().clone() };
        lines.push(format!("1 license is taken: {} then", license::in_use(&after)));
    }
    if plan.sessions_ended > 0 {
        let end = if plan.sessions_ended == 1 { "ends" } else { "end" };
        lines.push(format!("{} {end}", count(plan.sessions_ended, "portal session", "portal sessions")));
    }
    lines.extend(plan.leaves.as_ref().map(|name| format!("Leaves organization {name}")));
    if about.row.person.status.word() == StatusWord::Invited {
        lines.push("The invitation has to be sent again, so that its link leads to the desk".into());
    }
    lines.push("Address, name and password stay".into());
    lines
}
