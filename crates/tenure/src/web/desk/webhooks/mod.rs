//! Webhooks on pages: `/settings/webhooks` has all of them, and each a page with its log (`log.rs`).

mod log;
mod topics;

use std::collections::BTreeSet;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    id::WebhookId,
    person::StatusWord,
    webhook::{Choice as Topics, Off},
};

use super::{
    form::{Checked, Refused},
    frame::{Frame, picture},
    made,
    words::{Times, count},
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        once::Once,
        profile::Name,
        webhooks::{self as ops, Input, WEBHOOK},
    },
    store::{
        tokens::Beside,
        webhooks::{Listed, Webhook},
    },
    web::{
        fields::Fields,
        flash::Flash,
        routes::Routes,
        session::Access::Administrator,
        view::{
            Guard, Link,
            chip::{Chip, Look},
            dialogs::{ConfirmDialog, Question},
            naming::USERS,
            number,
            shell::Place,
            webhooks::{EditWebhook, Health, SecretShown, WebhookForm, WebhookLine, WebhooksPage},
        },
    },
};

const ALL: &str = "/settings/webhooks";

pub(super) fn routes(routes: Routes) -> Routes {
    let routes = routes
        .get(ALL, Administrator, all)
        .post(ALL, Administrator, make)
        .get("/settings/webhooks/{id}/edit", Administrator, edit)
        .post("/settings/webhooks/{id}/edit", Administrator, save)
        .get("/settings/webhooks/{id}/secret", Administrator, ask_secret)
        .post("/settings/webhooks/{id}/secret", Administrator, rotate)
        .get("/settings/webhooks/{id}/deletion", Administrator, ask_deletion)
        .post("/settings/webhooks/{id}/deletion", Administrator, delete)
        .post("/settings/webhooks/{id}/switch", Administrator, switch);
    log::routes(routes)
}

fn id_of(text: &str) -> Result<WebhookId> {
    text.parse().map_err(|_| Error::NotFound(WEBHOOK))
}

fn page_of(id: WebhookId) -> String {
    format!("{ALL}/{id}")
}

async fn found(app: &App, frame: &Frame, id: WebhookId) -> Result<Webhook> {
    ops::one(&mut app.store.reader().await?, &frame.session.ctx, id).await
}

/// "10,000+" for what is counted no further.
fn counted(number_of: i64) -> String {
    if number_of > 10_000 { "10,000+".into() } else { number(number_of.unsigned_abs()) }
}

/// How a webhook does, in words.
fn health(webhook: &Webhook, health: ops::Health, times: &Times) -> Health {
    let (state, is_bad) = match (webhook.off, webhook.failing_since) {
        (Some((since, why)), _) => {
            (Some(format!("Off since {}", times.when(since).text)), matches!(why, Off::Failures | Off::Gone))
        }
        (None, Some(since)) => (Some(format!("Failing since {}", times.when(since).text)), true),
        (None, None) => (None, false),
    };
    Health {
        state: state.map(|words| words.replace("since just now", "since a moment ago")),
        is_bad,
        last_success: webhook.last_success.map(|at| times.when(at)),
        pending: counted(health.pending),
        dead: (health.dead > 0).then(|| counted(health.dead)),
    }
}

fn maker(person: &Beside) -> Chip {
    Chip::new(person.id.uuid(), &person.name)
        .with_picture(picture(person.id, person.picture.as_deref()))
        .deactivated(person.status == StatusWord::Deactivated)
        .looking(Look::Inline)
        .linked(USERS.person(person.id))
}

fn line((webhook, beside): &Listed, state: ops::Health, times: &Times) -> WebhookLine {
    WebhookLine {
        name: webhook.name.clone(),
        href: page_of(webhook.id),
        origin: ops::origin(&webhook.url),
        health: health(webhook, state, times),
        hears: match &webhook.topics {
            Topics::All => "everything".into(),
            some @ Topics::Some(_) => {
                let number = i64::try_from(some.words().count()).unwrap_or(i64::MAX);
                count(number, "type of event", "types of events")
            }
        },
        maker: beside.as_ref().map(maker),
    }
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed {
    name: String,
    url: String,
    /// What is chosen; everything where nothing is.
    chosen: Option<Vec<String>>,
    /// The id of what is to be made, where something is.
    id: Option<String>,
    wrong: Refused,
}

impl Typed {
    fn of(frame: &Frame, fields: &Fields, wrong: Refused) -> Self {
        let some = fields.get("what") == "some";
        Self {
            name: fields.get("name").to_owned(),
            url: fields.get("url").to_owned(),
            chosen: some.then(|| chosen(fields).into_iter().map(str::to_owned).collect()),
            id: Some(made::id_to_draw(frame, Some(fields))),
            wrong,
        }
    }

    fn as_it_is(webhook: &Webhook) -> Self {
        let chosen = match &webhook.topics {
            Topics::All => None,
            some @ Topics::Some(_) => Some(some.words().map(str::to_owned).collect()),
        };
        Self { name: webhook.name.clone(), url: webhook.url.clone(), chosen, ..Self::default() }
    }
}

/// The types of events that a form has chosen: one by one, or all of a group.
fn chosen(fields: &Fields) -> BTreeSet<&str> {
    let mut chosen: BTreeSet<&str> = topics::of_groups(fields.all(topics::GROUP));
    chosen.extend(fields.all("topic"));
    chosen
}

fn form(action: String, typed: &Typed) -> WebhookForm {
    let wrong = &typed.wrong;
    WebhookForm {
        action,
        guard: Guard::default(),
        id: typed.id.clone(),
        error: wrong.above(&["id"]),
        name: wrong.field("name", &typed.name),
        url: wrong.field("url", &typed.url),
        chosen: typed.chosen.is_some(),
        groups: topics::groups(typed.chosen.as_deref().unwrap_or_default()),
        topics_error: wrong.message("topics"),
    }
}

fn input(app: &App, fields: &Fields) -> Result<Input> {
    let mut checked = Checked::default();
    let name = checked.read(Name::parse(fields.get("name"), &app.config.limits))?;
    let chosen = match fields.get("what") {
        "some" => Topics::of(chosen(fields)).map_err(|why| Error::field("topics", why.to_string())),
        _ => Ok(Topics::All),
    };
    let topics = checked.read(chosen)?;
    // The address is looked at whatever else is wrong.
    let any = Name::parse("-", &app.config.limits)?;
    let url = fields.get("url");
    checked.read(Input::new(any, url, Topics::All, &app.config.webhooks))?;
    match (name, topics, checked.faults()) {
        (Some(name), Some(topics), None) => Input::new(name, url, topics, &app.config.webhooks),
        (_, _, Some(faults)) => Err(faults),
        _ => Err(Error::Internal("a form without a fault lacks a field".into())),
    }
}

/// `GET /settings/webhooks`.
async fn all(State(app): State<App>, frame: Frame) -> Result<Response> {
    let id = Some(made::id_to_draw(&frame, None));
    draw(&app, &frame, &Typed { id, ..Typed::default() }).await
}

async fn draw(app: &App, frame: &Frame, typed: &Typed) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let (times, ws) = (frame.times(), frame.session.visit.workspace);
    let mut webhooks = Vec::new();
    for listed in ops::list(&mut rx, &frame.session.ctx).await? {
        let state = ops::health(&mut rx, ws, listed.0.id).await?;
        webhooks.push(line(&listed, state, &times));
    }
    drop(rx);
    let make = form(ALL.into(), typed);
    let page = WebhooksPage { shell: frame.shell(Place::Settings, "Webhooks"), webhooks, make };
    Ok(frame.draw_as(typed.wrong.status, &page))
}

/// `POST /settings/webhooks`: `id`, `name`, `url`, `what`, `topic` and `group`.
async fn make(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let made = async {
        let (ctx, key, input) = (frame.session.ctx.clone(), app.audit_key.clone(), input(&app, &fields)?);
        let id: WebhookId = made::id_of(&frame, &fields)?;
        let made =
            app.store.write(async move |tx| ops::make_once(tx, &ctx, &key, id, input.clone()).await).await?;
        Ok((id, made))
    };
    match made.await {
        Ok((_, Once::Now(made))) => {
            let page = SecretShown {
                shell: frame.shell(Place::Settings, format!("The webhook {} is made", made.webhook.name)),
                done: page_of(made.webhook.id),
                secret: made.secret.reveal(),
                more: None,
            };
            Ok(frame.draw_as(StatusCode::OK, &page))
        }
        Ok((id, Once::Before)) => made_already(&app, &frame, id).await,
        Err(error) => draw(&app, &frame, &Typed::of(&frame, &fields, Refused::of(error)?)).await,
    }
}

/// The answer to a form that came again.
async fn made_already(app: &App, frame: &Frame, id: WebhookId) -> Result<Response> {
    let all = Link::new("To the webhooks", ALL);
    Ok(match found(app, frame, id).await {
        Ok(webhook) => {
            let title = format!("The webhook {} was made already", webhook.name);
            let hint = "Where the secret was not kept, the webhook's page makes a new one.";
            let to_it = Link::new("To the webhook", page_of(id));
            made::already(frame, (Place::Settings, title), hint, to_it, Some(all))
        }
        Err(Error::NotFound(_)) => {
            let title = "This webhook was made already".to_owned();
            made::already(frame, (Place::Settings, title), "It has been deleted since.", all, None)
        }
        Err(error) => return Err(error),
    })
}

/// `GET /settings/webhooks/{id}/edit`.
async fn edit(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    let webhook = found(&app, &frame, id_of(&id)?).await?;
    Ok(draw_edit(&frame, webhook.id, &Typed::as_it_is(&webhook)))
}

fn draw_edit(frame: &Frame, id: WebhookId, typed: &Typed) -> Response {
    let page = EditWebhook {
        shell: frame.shell(Place::Settings, "Edit the webhook"),
        form: form(format!("{}/edit", page_of(id)), typed),
        cancel: page_of(id),
    };
    frame.draw_as(typed.wrong.status, &page)
}

/// `POST /settings/webhooks/{id}/edit`.
async fn save(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let id = id_of(&id)?;
    let done = async {
        let (ctx, input) = (frame.session.ctx.clone(), input(&app, &fields)?);
        app.store.write(async move |tx| ops::change(tx, &ctx, id, input.clone()).await).await
    };
    match done.await {
        Ok(true) => Ok(Flash::done("The webhook is saved.").redirect(&page_of(id))),
        Ok(false) => Ok(Flash::note("Nothing was changed.").redirect(&page_of(id))),
        Err(error) => {
            let typed = Typed { id: None, ..Typed::of(&frame, &fields, Refused::of(error)?) };
            Ok(draw_edit(&frame, id, &typed))
        }
    }
}

/// Draws a question about a webhook.
fn ask(frame: &Frame, title: String, id: WebhookId, deed: &str, dialog: ConfirmDialog) -> Response {
    let ask =
        Question { action: format!("{}/{deed}", page_of(id)), cancel: page_of(id), ..dialog.ask.clone() };
    frame
        .draw_as(StatusCode::OK, &ConfirmDialog { shell: frame.shell(Place::Settings, title), ask, ..dialog })
}

/// `GET /settings/webhooks/{id}/secret`.
async fn ask_secret(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    let webhook = found(&app, &frame, id_of(&id)?).await?;
    let dialog = ConfirmDialog {
        effects: vec![
            "A new secret is made, and shown once.".into(),
            "For a day everything is signed with both, so that the receiver can change over.".into(),
            "After that the present one is worth nothing.".into(),
        ],
        button: "Make a new secret".into(),
        // The page with the new secret is the answer to the form: loaded anew it must not make another.
        ask: Question {
            guard: Guard::default().at_version(ops::secret_mark(&webhook)),
            ..Question::default()
        },
        ..ConfirmDialog::default()
    };
    Ok(ask(&frame, format!("A new secret for {}?", webhook.name), webhook.id, "secret", dialog))
}

/// `POST /settings/webhooks/{id}/secret`: `_version` is the mark of the secret that is replaced.
async fn rotate(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let (id, ctx, key) = (id_of(&id)?, frame.session.ctx.clone(), app.audit_key.clone());
    let (name, seen) = (found(&app, &frame, id).await?.name, fields.get("_version").to_owned());
    let rotated = app.store.write(async move |tx| ops::rotate_once(tx, &ctx, &key, id, &seen).await);
    let Once::Now(rotated) = rotated.await? else {
        let title = format!("The webhook {name} was given a new secret already");
        let hint =
            "Where it was not kept, make one more: the one that was just made goes on signing for a day.";
        let (to_it, again) = (
            Link::new("To the webhook", page_of(id)),
            Link::new("New secret…", format!("{}/secret", page_of(id))),
        );
        return Ok(made::already(&frame, (Place::Settings, title), hint, to_it, Some(again)));
    };
    let until = frame.times().when(rotated.until).exact;
    let page = SecretShown {
        shell: frame.shell(Place::Settings, format!("The new secret of {name}")),
        done: page_of(id),
        secret: rotated.secret.reveal(),
        more: Some(format!("Until {until} the former one signs, too.")),
    };
    Ok(frame.draw_as(StatusCode::OK, &page))
}

/// `GET /settings/webhooks/{id}/deletion`.
async fn ask_deletion(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    let webhook = found(&app, &frame, id_of(&id)?).await?;
    let dialog = ConfirmDialog {
        effects: vec![
            "Nothing is sent there any more, not what is pending either.".into(),
            "Its log and its secret are gone.".into(),
        ],
        button: "Delete the webhook".into(),
        is_final: true,
        ..ConfirmDialog::default()
    };
    Ok(ask(&frame, format!("Delete the webhook {}?", webhook.name), webhook.id, "deletion", dialog))
}

/// `POST /settings/webhooks/{id}/deletion`.
async fn delete(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    let (id, ctx) = (id_of(&id)?, frame.session.ctx.clone());
    app.store.write(async move |tx| ops::delete(tx, &ctx, id).await).await?;
    Ok(Flash::done("The webhook is deleted.").redirect(ALL))
}

/// `POST /settings/webhooks/{id}/switch`: `do` is `On` or `Off`.
async fn switch(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let (id, ctx, on) = (id_of(&id)?, frame.session.ctx.clone(), fields.get("do") == "On");
    let changed = app.store.write(async move |tx| ops::switch(tx, &ctx, id, on).await).await?;
    let told = match (on, changed) {
        (true, true) => Flash::done("The webhook is on: it is told of what happens from now on."),
        (false, true) => Flash::done("The webhook is off. What is pending waits."),
        (true, false) => Flash::note("The webhook was on already."),
        (false, false) => Flash::note("The webhook was off already."),
    };
    Ok(told.redirect(&page_of(id)))
}
