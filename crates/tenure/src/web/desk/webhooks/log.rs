//! The page of a webhook with its log, a delivery with its attempts, and sending again.

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    id::{DeliveryId, WebhookId},
    person::StatusWord,
    webhook::{Choice as Topics, Off, State as Far},
};

use super::{counted, health, id_of, maker, page_of};
use crate::{
    app::App,
    error::{Error, Result},
    hooks::Failure,
    ops::webhooks::{self as ops, PAGE, Told, Whom},
    store::{attempts::Attempt, deliveries::Delivery, webhooks::Webhook},
    web::{
        desk::{frame::Frame, words::Times, words::count},
        fields::Fields,
        flash::Flash,
        routes::Routes,
        session::Access::Administrator,
        view::{
            Pager,
            people::Tab,
            shell::Place,
            webhooks::{AttemptLine, DeliveryLine, DeliveryPage, WebhookPage},
        },
    },
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/settings/webhooks/{id}", Administrator, webhook)
        .post("/settings/webhooks/{id}/test", Administrator, test)
        .post("/settings/webhooks/{id}/again", Administrator, send_all_again)
        .get("/settings/webhooks/{id}/deliveries/{delivery}", Administrator, delivery)
        .post("/settings/webhooks/{id}/deliveries/{delivery}/again", Administrator, send_again)
}

fn delivery_of(text: &str) -> Result<DeliveryId> {
    text.parse().map_err(|_| Error::NotFound("delivery"))
}

/// What a state is called, and how it looks.
const fn word(delivery: &Delivery) -> (&'static str, &'static str) {
    match delivery.state {
        Far::Delivered => ("Delivered", "good"),
        Far::Dead => ("Dead", "bad"),
        Far::Pending if delivery.under_way => ("On its way", ""),
        Far::Pending if delivery.due.is_none() => ("Waiting", ""),
        Far::Pending => ("Pending", ""),
    }
}

/// What a delivery is about, in words.
fn about(told: &Told, delivery: &Delivery) -> Option<String> {
    let about = told.about.get(&delivery.id)?;
    let whom = about.whom.as_ref().map(|whom| match whom {
        Whom::Here(brief) if brief.status == StatusWord::Deactivated => {
            format!("{} (Deactivated)", brief.name)
        }
        Whom::Here(brief) => brief.name.clone(),
        Whom::Gone(called) => (*called).to_owned(),
    });
    let parts: Vec<String> = whom.into_iter().chain(about.what.clone()).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// "500 Internal Server Error", or why there was no answer.
fn outcome(status: Option<i64>, failure: &str) -> (Option<StatusCode>, String) {
    let status = status.and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    let words = match status {
        Some(status) => status.to_string().replace(" <unknown status code>", ""),
        None => Failure::parse(failure).map_or("It failed", Failure::title).to_owned(),
    };
    (status, words)
}

fn line(delivery: &Delivery, told: &Told, id: WebhookId, times: &Times) -> DeliveryLine {
    let (state, tone) = word(delivery);
    let mut more = count(delivery.attempts, "attempt", "attempts");
    if let (Some(due), false) = (delivery.due, delivery.under_way)
        && due > times.now()
    {
        more = format!("{more}, next {}", times.when(due).text);
    } else if state == "Waiting" {
        more = "for an earlier one about the same".into();
    }
    DeliveryLine {
        href: format!("{}/deliveries/{}", page_of(id), delivery.id),
        topic: delivery.topic.clone(),
        about: about(told, delivery),
        outcome: told.latest.get(&delivery.id).map(|last| outcome(last.status, &last.failure).1),
        state,
        tone,
        began: times.when(delivery.since),
        more,
    }
}

/// What a reader should know who looks at one that is off, or fails.
fn notice(webhook: &Webhook) -> Option<String> {
    let words = match (webhook.off, webhook.failing_since) {
        (Some((_, Off::Hand)), _) => {
            "It is off: nothing is sent, and what happens meanwhile passes it by. What is pending waits."
        }
        (Some((_, Off::Deactivation)), _) => {
            "It was switched off with the deactivation of who made it. What is pending waits."
        }
        (Some((_, Off::Failures)), _) => {
            "It was switched off, since nothing arrived for five days. Send it where somebody listens, and switch it on."
        }
        (Some((_, Off::Gone)), _) => {
            "It was switched off, since the receiver answered that it is gone (410)."
        }
        (Some((_, Off::Backup)), _) => {
            "It was switched off, since a backup was restored. Look whether all is as it should be, and switch it on."
        }
        (None, Some(_)) => {
            "The last attempt failed. Each event is tried for three days; after five days of failures alone this is switched off."
        }
        (None, None) => return None,
    };
    Some(words.into())
}

/// `GET /settings/webhooks/{id}`: `state` and `before`.
async fn webhook(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let id = id_of(&id)?;
    let asked = Fields::parse(query.as_deref().unwrap_or_default().as_bytes())?;
    let (state, before) = (Far::parse(asked.get("state")), asked.get("before").parse().ok());
    let mut rx = app.store.reader().await?;
    let page = ops::deliveries(&mut rx, &frame.session.ctx, id, (state, before), PAGE).await?;
    let found = ops::list(&mut rx, &frame.session.ctx).await?;
    let told = ops::told(&mut rx, &frame.session.ctx, &page.deliveries).await?;
    let state_of = ops::health(&mut rx, frame.session.visit.workspace, id).await?;
    drop(rx);
    let (times, webhook) = (frame.times(), page.webhook);
    let beside = found.into_iter().find(|(one, _)| one.id == id).and_then(|(_, beside)| beside);
    let here = page_of(id);
    let next = page.next.map(|next| {
        let state = state.map(|state| format!("state={}&", state.word())).unwrap_or_default();
        format!("{here}?{state}before={next}")
    });
    let shown = i64::try_from(page.deliveries.len()).unwrap_or(i64::MAX);
    let draw = WebhookPage {
        shell: frame.shell(Place::Settings, &webhook.name),
        url: webhook.url.clone(),
        health: health(&webhook, state_of, &times),
        notice: notice(&webhook),
        on: webhook.off.is_none(),
        hears: match &webhook.topics {
            Topics::All => vec!["Everything".into()],
            some @ Topics::Some(_) => some.words().map(str::to_owned).collect(),
        },
        maker: beside.as_ref().map(maker),
        created: times.when(webhook.created),
        former_until: webhook
            .former
            .filter(|(_, until)| *until > times.now())
            .map(|(_, until)| times.soon(until)),
        tabs: tabs(&here, state, state_of),
        deliveries: page.deliveries.iter().map(|delivery| line(delivery, &told, id, &times)).collect(),
        none: match state {
            _ if before.is_some() => "Nothing older",
            None => "Nothing was sent yet",
            Some(Far::Pending) => "Nothing is pending",
            Some(Far::Delivered) => "Nothing arrived yet",
            Some(Far::Dead) => "Nothing is dead",
        },
        pager: Pager {
            summary: count(shown, "delivery", "deliveries"),
            previous: before.map(|_: DeliveryId| {
                state.map_or_else(|| here.clone(), |state| format!("{here}?state={}", state.word()))
            }),
            next,
        },
        here,
    };
    Ok(frame.draw(&draw))
}

fn tabs(here: &str, chosen: Option<Far>, health: ops::Health) -> Vec<Tab> {
    let tab = |label: &str, state: Option<Far>, number: Option<i64>| Tab {
        label: label.into(),
        count: number.map(counted),
        href: state.map_or_else(|| here.to_owned(), |state| format!("{here}?state={}", state.word())),
        current: state == chosen,
        delete: None,
    };
    vec![
        tab("All", None, None),
        tab("Pending", Some(Far::Pending), Some(health.pending)),
        tab("Delivered", Some(Far::Delivered), None),
        tab("Dead", Some(Far::Dead), Some(health.dead)),
    ]
}

fn attempt(attempt: &Attempt, times: &Times) -> AttemptLine {
    let (status, outcome) = outcome(attempt.status, &attempt.failure);
    AttemptLine {
        at: times.when(attempt.at),
        outcome,
        tone: if status.is_some_and(|status| status.is_success()) { "good" } else { "bad" },
        took: format!("{} ms", crate::web::view::number(attempt.millis.unsigned_abs())),
        answer: (!attempt.answer.is_empty()).then(|| attempt.answer.clone()),
    }
}

/// `GET /settings/webhooks/{id}/deliveries/{delivery}`.
async fn delivery(
    State(app): State<App>,
    frame: Frame,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<Response> {
    let (id, delivery) = (id_of(&id)?, delivery_of(&delivery)?);
    let mut rx = app.store.reader().await?;
    let shown = ops::delivery(&mut rx, &frame.session.ctx, id, delivery).await?;
    let told = ops::told(&mut rx, &frame.session.ctx, std::slice::from_ref(&shown.delivery)).await?;
    drop(rx);
    let (times, one) = (frame.times(), &shown.delivery);
    let (state, tone) = word(one);
    let body = serde_json::from_str::<serde_json::Value>(&one.body).ok();
    let page = DeliveryPage {
        shell: frame.shell(Place::Settings, &one.topic),
        here: format!("{}/deliveries/{delivery}", page_of(id)),
        webhook: (page_of(id), shown.webhook.name.clone()),
        state,
        tone,
        next: one.due.filter(|due| *due > times.now() && !one.under_way).map(|due| times.when(due)),
        waits: state == "Waiting",
        can_send: one.state != Far::Pending && shown.webhook.off.is_none(),
        headers: vec![
            ("POST", shown.webhook.url.clone()),
            ("content-type", "application/json".into()),
            ("webhook-id", one.event.to_string()),
        ],
        body: body
            .and_then(|body| serde_json::to_string_pretty(&body).ok())
            .unwrap_or_else(|| one.body.clone()),
        raw: one.body.clone(),
        about: about(&told, one),
        attempts: shown.attempts.iter().map(|one| attempt(one, &times)).collect(),
    };
    Ok(frame.draw(&page))
}

/// `POST /settings/webhooks/{id}/test`.
async fn test(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    let (id, ctx) = (id_of(&id)?, frame.session.ctx.clone());
    let sent = app.store.write(async move |tx| ops::test(tx, &ctx, id).await).await;
    match sent {
        Ok(delivery) => {
            let told =
                Flash::done("A test event is on its way. Load the page anew to see what became of it.");
            Ok(told.redirect(&format!("{}/deliveries/{delivery}", page_of(id))))
        }
        // It was switched off since the page was drawn.
        Err(error) if error.refusal().is_some() => {
            let words = crate::web::desk::form::Refused::of(error)?.error.unwrap_or_default();
            Ok(Flash::note(words).redirect(&page_of(id)))
        }
        Err(error) => Err(error),
    }
}

/// `POST /settings/webhooks/{id}/again`.
async fn send_all_again(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    let id = id_of(&id)?;
    let sent = ops::send_every_dead(&app.store, &frame.session.ctx, id).await?;
    let told = match sent {
        0 => Flash::note("Nothing was dead."),
        sent => Flash::done(format!("{} sent again.", count(sent, "delivery is", "deliveries are"))),
    };
    Ok(told.redirect(&page_of(id)))
}

/// `POST /settings/webhooks/{id}/deliveries/{delivery}/again`.
async fn send_again(
    State(app): State<App>,
    frame: Frame,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<Response> {
    let ((id, delivery), ctx) = ((id_of(&id)?, delivery_of(&delivery)?), frame.session.ctx.clone());
    let changed = app.store.write(async move |tx| ops::send_again(tx, &ctx, id, delivery).await).await?;
    let told = if changed {
        Flash::done("It is sent again, with the same id.")
    } else {
        Flash::note("It is on its way already.")
    };
    Ok(told.redirect(&format!("{}/deliveries/{delivery}", page_of(id))))
}
