//! `/users/{id}/invitation` sends an invitation again; `/users/{id}/withdrawal` takes it back.

use axum::{http::StatusCode, response::Response};
use domain::{Refusal, invitation, license::Licenses};

use super::{about::About, license, typed::placed};
use crate::{
    error::Result,
    ops::{
        self,
        invitation::{Receipt, Withdrawn},
    },
    store::workspaces,
    web::{
        desk::{form::Refused, words::count},
        fields::Fields,
        flash::Flash,
        view::{
            dialogs::{ConfirmDialog, LicensedDialog, LinkShown},
            people::Action,
        },
    },
};

/// `GET /users/{id}/invitation`.
pub(super) async fn again_page(about: About) -> Result<Response> {
    draw_again(&about, Refused::none()).await
}

/// `POST /users/{id}/invitation`.
pub(super) async fn again(about: About, fields: Fields) -> Result<Response> {
    match send(&about, &fields).await {
        Ok((receipt, licenses)) => Ok(shown(&about, &receipt, &licenses)),
        Err(error) => draw_again(&about, placed(error)?).await,
    }
}

async fn send(about: &About, fields: &Fields) -> Result<(Receipt, Licenses)> {
    about.fresh(fields)?;
    let (ctx, id, add) = (about.ctx(), about.id(), fields.ticked("add_license"));
    let done = about.app.store.write(async move |tx| {
        let receipt = ops::invitation::send_again(tx, &ctx, id, add).await?;
        Ok((receipt, workspaces::load(tx, ctx.workspace).await?.licenses))
    });
    done.await
}

async fn draw_again(about: &About, wrong: Refused) -> Result<Response> {
    let (licenses, now) = (about.licenses(), about.frame.session.visit.now);
    let planned = invitation::send_again(&about.authority().await?, &about.row.person, licenses, false, now);
    // To whoever registered themself, no link was sent yet.
    let first = about.row.registered.is_some();
    let mut effects = vec!["A new link is shown, for 7 days".to_owned()];
    if first {
        effects
            .push("Send it to their address: whoever opens it has shown that the address is theirs".into());
    } else {
        effects.push("The link sent before no longer works".into());
    }
    let add = match planned {
        Ok(invitation) => {
            if invitation.takes_license {
                effects.push("It holds a license again".into());
            }
            None
        }
        Err(Refusal::LicensesExhausted { .. }) => about.add_license(),
        Err(refusal) => return about.impossible(refusal.into(), &wrong),
    };
    let page = LicensedDialog {
        shell: about.shell(if first {
            format!("Send an invitation to {}?", about.name())
        } else {
            format!("Send the invitation to {} again?", about.name())
        }),
        ask: about.question(Action::SendAgain, &wrong),
        effects,
        add,
        button: if first { "Make the link" } else { "Send again" }.into(),
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}

fn shown(about: &About, receipt: &Receipt, licenses: &Licenses) -> Response {
    let mut shell = about.shell(format!("A new invitation for {}", about.name()));
    license::meter(&mut shell, licenses);
    let mut advice = if about.row.registered.is_some() {
        format!("Send this link to {}, and nowhere else: it proves the address.", about.row.person.email)
    } else {
        "Send this link to them: the one before no longer works.".to_owned()
    };
    if receipt.added_licenses > 0 {
        let added = count(receipt.added_licenses, "license was", "licenses were");
        advice = format!("{advice} {added} added ({}).", license::in_use(licenses));
    }
    let page = LinkShown {
        shell,
        done: about.cancel(),
        person: about.chip(),
        url: about.frame.session.visit.link(about.row.person.kind, &receipt.secret),
        expires: about.exactly(receipt.expires),
        advice,
    };
    about.frame.draw_as(StatusCode::OK, &page)
}

/// `GET /users/{id}/withdrawal`.
pub(super) async fn withdrawal_page(about: About) -> Result<Response> {
    draw_withdrawal(&about, Refused::none()).await
}

/// `POST /users/{id}/withdrawal`.
pub(super) async fn withdraw(about: About, fields: Fields) -> Result<Response> {
    match take_back(&about, &fields).await {
        Ok((withdrawn, licenses)) => {
            let mut flash = Flash::done(format!("The invitation of {} is withdrawn.", about.name()));
            if withdrawn.license_freed {
                flash = flash.line(license::freed(&licenses));
            }
            Ok(flash.redirect(about.back.without(about.id()).path()))
        }
        Err(error) => draw_withdrawal(&about, placed(error)?).await,
    }
}

async fn take_back(about: &About, fields: &Fields) -> Result<(Withdrawn, Licenses)> {
    about.fresh(fields)?;
    let (ctx, id) = (about.ctx(), about.id());
    let done = about.app.store.write(async move |tx| {
        let withdrawn = ops::invitation::withdraw(tx, &ctx, id).await?;
        Ok((withdrawn, workspaces::load(tx, ctx.workspace).await?.licenses))
    });
    done.await
}

async fn draw_withdrawal(about: &About, wrong: Refused) -> Result<Response> {
    let frees = match invitation::withdraw(&about.authority().await?, &about.row.person) {
        Ok(frees) => frees,
        Err(refusal) => return about.impossible(refusal.into(), &wrong),
    };
    let mut effects = vec!["The link no longer works".to_owned()];
    if frees {
        effects.push("1 license is freed".into());
    }
    effects.push(format!("{} is gone from the list", about.name()));
    let page = ConfirmDialog {
        shell: about.shell(format!("Withdraw the invitation of {}?", about.name())),
        ask: about.question(Action::Withdraw, &wrong),
        effects,
        button: "Withdraw the invitation".into(),
        is_final: true,
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}
