//! `/customers/{id}/organization`: into another organization, or out of theirs. And the field of an organization's
//! name, which the form of a new customer has, too.

use axum::response::Response;
use domain::{
    Refusal, customer,
    id::{OrganizationId, WorkspaceId},
};

use super::{about::About, typed::placed};
use crate::{
    error::{Error, Result},
    ops,
    store::{Rx, organizations},
    web::{
        desk::form::Refused,
        fields::Fields,
        flash::Flash,
        view::{
            dialogs::{OrganizationDialog, OrganizationField},
            people::Action,
        },
    },
};

/// How many names are offered as one types.
const OFFERED: i64 = 200;

/// The field of an organization's name, with names to choose from.
pub(super) async fn field(
    rx: &mut Rx,
    ws: WorkspaceId,
    wrong: &Refused,
    typed: &str,
) -> Result<OrganizationField> {
    let first = (Vec::new(), OrganizationId::from_uuid(uuid::Uuid::nil()));
    let known = organizations::page(rx, ws, &first, false, OFFERED).await?;
    Ok(OrganizationField {
        field: wrong.field("organization", typed),
        known: known.into_iter().map(|(one, _)| one.name).collect(),
    })
}

/// `GET /customers/{id}/organization`.
pub(super) async fn page(about: About) -> Result<Response> {
    let ws = about.frame.session.visit.workspace;
    let now = organizations::of_person(&mut about.app.store.point().await?, ws, about.id()).await?;
    draw(&about, &now.map(|one| one.name).unwrap_or_default(), Refused::none()).await
}

/// `POST /customers/{id}/organization`, with `organization`: a name, or empty for none.
pub(super) async fn submit(about: About, fields: Fields) -> Result<Response> {
    let typed = fields.get("organization").trim();
    match save(&about, typed, &fields).await {
        Ok((false, _)) => Ok(about.told(Flash::note("Nothing was changed."))),
        Ok((true, Some(name))) => Ok(about.told(Flash::done(format!("{} is in {name} now.", about.name())))),
        Ok((true, None)) => {
            Ok(about.told(Flash::done(format!("{} is in no organization now.", about.name()))))
        }
        Err(error) => draw(&about, typed, wrong(error)?).await,
    }
}

/// A refusal to give something new stands at the field that asked for it.
fn wrong(error: Error) -> Result<Refused> {
    let new = matches!(error.refusal(), Some(Refusal::DeactivatedGetsNothingNew));
    let refused = placed(error)?;
    Ok(if new { refused.at("organization") } else { refused })
}

async fn save(about: &About, typed: &str, fields: &Fields) -> Result<(bool, Option<String>)> {
    about.fresh(fields)?;
    let (ctx, id) = (about.ctx(), about.id());
    let found = if typed.is_empty() {
        None
    } else {
        Some(ops::organizations::find(&mut about.app.store.reader().await?, ctx.workspace, typed).await?)
    };
    let to = found.as_ref().map(|one| one.id);
    let moved =
        about.app.store.write(async move |tx| ops::organizations::move_to(tx, &ctx, id, to).await).await?;
    Ok((moved, found.map(|one| one.name)))
}

async fn draw(about: &About, typed: &str, wrong: Refused) -> Result<Response> {
    let authority = about.authority().await?;
    if let Err(refusal) = customer::leave_organization(&authority, &about.row.person) {
        return about.impossible(refusal.into(), &wrong);
    }
    let only_out = customer::join_organization(&authority, &about.row.person).is_err();
    let ws = about.frame.session.visit.workspace;
    let page = OrganizationDialog {
        shell: about.shell(format!("Move {} to another organization", about.name())),
        ask: about.question(Action::Organization, &wrong),
        organization: field(&mut about.app.store.reader().await?, ws, &wrong, typed).await?,
        hint: if only_out {
            "A deactivated customer can be taken out of their organization, and put into none. Leave it empty for none."
                .into()
        } else {
            "Leave it empty for none.".into()
        },
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}
