//! `/tickets/held`: anonymous requests from the addresses of deactivated people, which an administrator accepts or
//! discards.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::id::HeldRequestId;

use crate::{
    app::App,
    error::{Error, Result},
    ops,
    store::held_requests::HeldRequest,
    text::markdown,
    web::{
        desk::{
            frame::{Frame, brief},
            words::count,
        },
        fields::QueryFields,
        flash::Flash,
        side::Side,
        view::{
            Link, Pager,
            chip::Look,
            dialogs::{ConfirmDialog, Question},
            held::{HeldPage, HeldRequestRow},
            item::Prose,
            shell::Place,
        },
    },
};

/// Where they are.
pub(in crate::web::desk) const PATH: &str = "/tickets/held";

/// How many a page has.
const ROWS: usize = 25;

fn id(text: &str) -> Result<HeldRequestId> {
    text.parse().map_err(|_| Error::NotFound("held request"))
}

/// The way to those that wait, for administrators, where there are any.
pub(in crate::web::desk) fn way(frame: &Frame) -> Option<Link> {
    let waiting = frame.held();
    (waiting > 0).then(|| {
        let many = count(waiting, "request is held for review", "requests are held for review");
        Link::new(many, PATH)
    })
}

/// `GET /tickets/held`, with `after` one of them.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let after = match query.get("after") {
        "" => None,
        text => Some(id(text)?),
    };
    let one_more = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let mut rx = app.store.reader().await?;
    let mut found = ops::requests::held(&mut rx, &frame.session.ctx, after, one_more).await?;
    drop(rx);
    let more = found.len() > ROWS;
    found.truncate(ROWS);
    let next = found.last().filter(|_| more).map(|last| format!("{PATH}?after={}", last.id));
    let shown = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let page = HeldPage {
        shell: frame.shell(Place::Tickets, "Held for review"),
        rows: found.iter().map(|one| row(&frame, one)).collect(),
        pager: Pager {
            summary: count(shown, "request", "requests"),
            previous: after.map(|_| PATH.to_owned()),
            next,
        },
    };
    Ok(frame.draw(&page))
}

fn row(frame: &Frame, held: &HeldRequest) -> HeldRequestRow {
    HeldRequestRow {
        href: format!("{PATH}/{}", held.id),
        person: brief(&held.person, Look::Inline, Side::Desk),
        email: held.person.email.clone(),
        name: (held.name != held.person.name).then(|| held.name.clone()),
        title: held.title.clone(),
        body: Prose(markdown::render(&held.body, &|_| None)),
        received: frame.times().when(held.received),
    }
}

/// `POST /tickets/held/{id}/acceptance`.
pub(super) async fn accept(
    State(app): State<App>,
    frame: Frame,
    Path(named): Path<String>,
) -> Result<Response> {
    let (ctx, held) = (frame.session.ctx.clone(), id(&named)?);
    let (_, number) = app.store.write(async move |tx| ops::requests::accept(tx, &ctx, held).await).await?;
    let told = Flash::done(format!("The request is ticket #{number} now."));
    Ok(told.link("Open it", format!("/items/{number}")).redirect(PATH))
}

/// `GET /tickets/held/{id}/discard`.
pub(super) async fn ask_discard(
    State(app): State<App>,
    frame: Frame,
    Path(named): Path<String>,
) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let held = ops::requests::held_one(&mut rx, &frame.session.ctx, id(&named)?).await?;
    drop(rx);
    let page = ConfirmDialog {
        shell: frame.shell(Place::Tickets, format!("Discard “{}”?", held.title)),
        ask: Question {
            action: format!("{PATH}/{}/discard", held.id),
            cancel: PATH.into(),
            person: Some(brief(&held.person, Look::Inline, Side::Desk)),
            ..Question::default()
        },
        effects: vec!["The request is gone, and its sender is not told".into()],
        button: "Discard the request".into(),
        is_final: true,
    };
    Ok(frame.draw(&page))
}

/// `POST /tickets/held/{id}/discard`.
pub(super) async fn discard(
    State(app): State<App>,
    frame: Frame,
    Path(named): Path<String>,
) -> Result<Response> {
    let (ctx, held) = (frame.session.ctx.clone(), id(&named)?);
    app.store.write(async move |tx| ops::requests::discard(tx, &ctx, held).await).await?;
    Ok(Flash::done("The request is discarded.").redirect(PATH))
}
