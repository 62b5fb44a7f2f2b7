//! `/users/{id}/role`: member or administrator.

use axum::response::Response;
use domain::{part, role::Role};

use super::{about::About, typed::placed};
use crate::{
    error::{Error, Result},
    ops,
    web::{
        desk::{form::Refused, frame},
        fields::Fields,
        flash::Flash,
        view::{Choice, dialogs::RoleDialog, people::Action},
    },
};

/// `GET /users/{id}/role`.
pub(super) async fn page(about: About) -> Result<Response> {
    let role = about.row.person.role;
    draw(&about, role, Refused::none()).await
}

/// `POST /users/{id}/role`.
pub(super) async fn submit(about: About, fields: Fields) -> Result<Response> {
    let Some(role) = Role::parse(fields.get("role")) else {
        return Err(Error::field("role", "Choose a role from the list."));
    };
    let (ctx, id, version) = (about.ctx(), about.id(), fields.version());
    let changed =
        about.app.store.write(async move |tx| ops::roles::change(tx, &ctx, id, role, version).await);
    let name = frame::role(role).to_lowercase();
    match changed.await {
        Ok(true) => Ok(about.told(Flash::done(format!("{} is {} now.", about.name(), with_article(&name))))),
        Ok(false) => Ok(about.told(Flash::note(format!(
            "{} was {} already. Nothing changed.",
            about.name(),
            with_article(&name)
        )))),
        Err(error) => draw(&about, role, placed(error)?).await,
    }
}

fn with_article(role: &str) -> String {
    let article = if role.starts_with('a') { "an" } else { "a" };
    format!("{article} {role}")
}

async fn draw(about: &About, chosen: Role, wrong: Refused) -> Result<Response> {
    if let Err(refusal) = part::change_role(&about.authority().await?, &about.row.person, other(about)) {
        return about.impossible(refusal.into(), &wrong);
    }
    let page = RoleDialog {
        shell: about.shell(format!("Change the role of {}", about.name())),
        ask: about.question(Action::Role, &wrong),
        roles: choices(chosen),
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}

/// The role that the person could change to.
fn other(about: &About) -> Role {
    super::menu::other_role(&about.row.person)
}

/// The roles that an administrator gives, with what each may do.
pub(super) fn choices(chosen: Role) -> Vec<Choice> {
    let choice = |role: Role| Choice::new(role.word(), frame::role(role), role == chosen);
    vec![
        choice(Role::Member).with_hint("Works in the desk, and sees who is who."),
        choice(Role::Administrator).with_hint("Also manages users, licenses, settings and the audit log."),
    ]
}
