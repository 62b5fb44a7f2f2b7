//! The customer apps: help centre and request form, each with "needs login", and the policy of rule 8.

use axum::{extract::State, response::Response};
use domain::apps::{App as CustomerApp, Apps, FormPolicy};

use super::guard;
use crate::{
    app::App,
    error::{Error, Result},
    ops::{self, workspace::contact},
    store::workspaces,
    web::{
        desk::{form::Refused, frame::Frame},
        fields::Fields,
        flash::Flash,
        pages::help,
        routes::Routes,
        session::Access::Administrator,
        view::{Choice, Field, settings::AppSettings, shell::Place},
    },
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/settings/apps", Administrator, page).post("/settings/apps", Administrator, save)
}

const fn meaning(policy: FormPolicy) -> &'static str {
    match policy {
        FormPolicy::Flag => "A ticket is made, and says that its requester is deactivated.",
        FormPolicy::Hold => {
            "An administrator accepts or discards it. Its sender is told no more than anybody."
        }
        FormPolicy::Refuse => {
            "The sender is told. Whoever tries addresses can so find out who is deactivated."
        }
    }
}

fn apps_page(frame: &Frame, apps: Apps, contact: Field, most: usize) -> AppSettings {
    let base = &frame.session.visit.base;
    AppSettings {
        shell: frame.shell(Place::Settings, "Customer apps"),
        guard: guard(frame),
        error: None,
        help_address: format!("{base}{}", help::HOME),
        form_address: format!("{base}{}", help::FORM),
        policies: FormPolicy::ALL
            .iter()
            .map(|one| Choice::new(one.word(), one.title(), *one == apps.policy).with_hint(meaning(*one)))
            .collect(),
        apps,
        contact,
        most,
    }
}

/// `GET /settings/apps`.
async fn page(State(app): State<App>, frame: Frame) -> Result<Response> {
    let ws = frame.session.visit.workspace;
    let contact = workspaces::form_contact(&mut app.store.point().await?, ws).await?;
    let apps = frame.session.check.workspace.apps;
    Ok(frame.draw(&apps_page(&frame, apps, Field::new(contact), app.config.limits.reason)))
}

fn read(fields: &Fields) -> Result<Apps> {
    let one =
        |on: &str, login: &str| CustomerApp { on: fields.ticked(on), needs_login: fields.ticked(login) };
    let policy = FormPolicy::parse(fields.get("policy"));
    Ok(Apps {
        help: one("help_on", "help_login"),
        form: one("form_on", "form_login"),
        policy: policy.ok_or_else(|| Error::field("policy", "Choose what becomes of these requests."))?,
    })
}

/// `POST /settings/apps`.
async fn save(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let version = fields.version();
    let saved = async {
        let apps = read(&fields)?;
        let (ctx, contact) = (frame.session.ctx.clone(), contact(fields.get("contact"), &app.config.limits)?);
        let set = async move |tx: &mut crate::store::Tx| {
            ops::workspace::set_apps(tx, &ctx, (apps, contact.clone()), version).await
        };
        app.store.write(set).await
    };
    match saved.await {
        Ok(()) => Ok(Flash::done("The customer apps are saved.").redirect("/settings/apps")),
        Err(error) => {
            let refused = Refused::of(error)?;
            let apps = read(&fields).unwrap_or(frame.session.check.workspace.apps);
            let contact = refused.field("contact", fields.get("contact"));
            let page = AppSettings {
                error: refused.above(&["policy"]),
                ..apps_page(&frame, apps, contact, app.config.limits.reason)
            };
            Ok(frame.draw_as(refused.status, &page))
        }
    }
}
