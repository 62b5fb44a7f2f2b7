//! `tenure workspace help-centre` and `tenure workspace request-form`.

use clap::Args;
use domain::apps::{App, FormPolicy};
use serde_json::json;

use super::{Global, answer::Answer, failure::Failure, place::Place};
use crate::{
    ops::workspace,
    store::{Tx, workspaces},
};

/// The request form as it is to be.
#[derive(Debug, Args)]
pub(super) struct RequestForm {
    /// Whether there is one, and for whom; without it, how it is now.
    #[arg(value_parser = ["off", "login", "open"])]
    state: Option<String>,
    /// What becomes of requests from the addresses of deactivated people.
    #[arg(long, value_parser = ["flag", "hold", "refuse"])]
    policy: Option<String>,
    /// What their senders read when they are refused.
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
}

/// An app as a word means it; off keeps what else was set.
fn meant(word: &str, now: App) -> App {
    match word {
        "open" => App { on: true, needs_login: false },
        "login" => App { on: true, needs_login: true },
        _ => App { on: false, ..now },
    }
}

const fn word(app: App) -> &'static str {
    match (app.on, app.needs_login) {
        (false, _) => "off",
        (true, true) => "login",
        (true, false) => "open",
    }
}

const fn how(app: App) -> &'static str {
    match (app.on, app.needs_login) {
        (false, _) => "off",
        (true, true) => "for those who have signed in",
        (true, false) => "open to everybody",
    }
}

/// Says, or changes, whether there is a help centre, and for whom.
pub(super) async fn help_centre(global: &Global, state: Option<&str>) -> Result<Answer, Failure> {
    let place = Place::open(global).await?;
    let before = place.workspace().await?;
    let mut apps = before.apps;
    apps.help = state.map_or(apps.help, |state| meant(state, apps.help));
    let changed = apps != before.apps;
    if changed {
        let contact = workspaces::form_contact(&mut place.store.reader().await?, before.id).await?;
        let (ctx, version) = (place.ctx(before.id), Some(before.version));
        let save =
            async move |tx: &mut Tx| workspace::set_apps(tx, &ctx, (apps, contact.clone()), version).await;
        place.store.write(save).await?;
        place.seal(before.id).await;
    }
    place.close().await;
    let text = format!(
        "The help centre of {} is{} {}.",
        before.name,
        since(state.is_some(), changed),
        how(apps.help)
    );
    Ok(Answer::new(text, json!({ "help_centre": word(apps.help), "changed": changed })))
}

const fn since(asked: bool, changed: bool) -> &'static str {
    match (asked, changed) {
        (_, true) => " now",
        (true, false) => " already",
        (false, false) => "",
    }
}

impl RequestForm {
    /// Says, or changes, whether there is a request form, for whom, and what it takes from whom.
    pub(super) async fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(&self, place: &Place) -> Result<Answer, Failure> {
        let before = place.workspace().await?;
        let said = workspaces::form_contact(&mut place.store.reader().await?, before.id).await?;
        let mut apps = before.apps;
        apps.form = self.state.as_deref().map_or(apps.form, |state| meant(state, apps.form));
        apps.policy = self.policy.as_deref().and_then(FormPolicy::parse).unwrap_or(apps.policy);
        let contact = match &self.contact {
            Some(typed) => workspace::contact(typed, &place.config.limits)?,
            None => said.clone(),
        };
        let changed = apps != before.apps || contact != said;
        let json = json!({
            "request_form": word(apps.form),
            "policy": apps.policy,
            "contact": contact,
            "changed": changed,
        });
        if changed {
            let (ctx, version) = (place.ctx(before.id), Some(before.version));
            let save = async move |tx: &mut Tx| {
                workspace::set_apps(tx, &ctx, (apps, contact.clone()), version).await
            };
            place.store.write(save).await?;
            place.seal(before.id).await;
        }
        let asked = self.state.is_some() || self.policy.is_some() || self.contact.is_some();
        let text = format!(
            "The request form of {} is{} {}. Requests from the addresses of deactivated people are {}.",
            before.name,
            since(asked, changed),
            how(apps.form),
            apps.policy.title().to_lowercase()
        );
        Ok(Answer::new(text, json))
    }
}
