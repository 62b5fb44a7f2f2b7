//! `/portal/requests`: a customer's requests, one request, and a new one.

use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    id::PersonId,
    item::{Access, ItemStatus, Part},
};

use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        self,
        items::{Page, Request as NewRequest, Title},
    },
    store::item_people::Brief,
    web::{
        fields::{Fields, QueryFields},
        flash::Flash,
        pages::{
            attach, conversation,
            form::{Checked, Refused},
            frame::{Frame, brief},
            item::Item,
            talk::{self, Sending},
        },
        side::Side,
        view::{
            chip::{Chip, Look},
            item::{Composer, StatusTag},
            requests::{NewRequestPage, RequestPage},
            shell::Place,
        },
    },
};

/// How a status is drawn.
pub(super) const fn status(status: ItemStatus) -> StatusTag {
    StatusTag { word: status.word(), title: status.title() }
}

fn chip(of: &Brief) -> Chip {
    brief(of, Look::Inline, Side::Portal)
}

/// `GET /portal/requests`: the list stands on the portal's first page.
pub(super) async fn list() -> Response {
    Redirect::to(Side::Portal.home()).into_response()
}

/// `GET /portal/requests/new`.
pub(super) async fn new(State(app): State<App>, frame: Frame) -> Response {
    draw_new(&app, &frame, &Fields::default(), &Refused::none())
}

fn draw_new(app: &App, frame: &Frame, typed: &Fields, wrong: &Refused) -> Response {
    let page = NewRequestPage {
        shell: frame.shell(Place::Portal, "New request"),
        error: wrong.error.clone(),
        title: wrong.field("title", typed.get("title")),
        description: wrong.field("description", typed.get("description")),
        most: app.config.limits.message,
        draft: format!("{}-new", frame.session.person()),
    };
    frame.draw_as(wrong.status, &page)
}

/// `POST /portal/requests/new`.
pub(super) async fn make(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    match save_new(&app, &frame, &fields).await {
        Ok(number) => {
            let told = Flash::done("Your request is sent.").line("You find it here, with every answer.");
            Ok(told.redirect(&format!("/portal/requests/{number}")))
        }
        Err(error) => Ok(draw_new(&app, &frame, &fields, &Refused::of(error)?)),
    }
}

async fn save_new(app: &App, frame: &Frame, fields: &Fields) -> Result<i64> {
    let limits = &app.config.limits;
    let mut checked = Checked::default();
    let title = checked.read(Title::parse(fields.get("title"), limits))?;
    let description = checked.read(ops::items::description(fields.get("description"), limits))?;
    let (Some(title), Some(description)) = (title, description) else {
        return Err(checked.all());
    };
    let (ctx, input) = (frame.session.ctx.clone(), NewRequest { title, description });
    let made = app.store.write(async move |tx| ops::items::request(tx, &ctx, input.clone()).await);
    Ok(made.await?.1)
}

/// What of a request's page depends on the request.
#[derive(Default)]
struct Asked {
    before: String,
    typed: Fields,
    wrong: Refused,
    error: Option<String>,
}

/// `GET /portal/requests/{number}`, with `before` a place in the conversation.
pub(super) async fn show(item: Item, QueryFields(query): QueryFields) -> Result<Response> {
    draw(&item, Asked { before: query.get("before").to_owned(), ..Asked::default() }).await
}

async fn draw(item: &Item, asked: Asked) -> Result<Response> {
    let place = conversation::place(&asked.before)?;
    let mut rx = item.app.store.reader().await?;
    let page = ops::items::show(&mut rx, &item.ctx(), item.row.number).await?;
    let seen = (&page.row, page.access);
    let talked = conversation::talked(&mut rx, &item.frame, seen, place, &item.href()).await?;
    drop(rx);
    let row = &page.row;
    let me = item.frame.session.person();
    let assignees = page.people.iter().filter(|holder| holder.part == Part::Assignee);
    let follows = page.people.iter().any(|one| one.part == Part::Follower && one.person.id == me);
    let status_now = asked.wrong.status;
    let drawn = RequestPage {
        shell: item.shell(format!("{}: {}", item.called(), row.title)),
        href: item.href(),
        number: row.number,
        title: row.title.clone(),
        status: status(row.item.status),
        by_form: page.row.arrival != domain::apps::Arrival::Known,
        requester: page.requester.as_ref().map(chip),
        assignees: assignees.map(|holder| chip(&holder.person)).collect(),
        created: item.frame.times().when(row.created),
        description: conversation::description(row),
        conversation: talked,
        composer: (page.access != Access::Colleague).then(|| composer(item, &page, &asked)),
        press: press(page.access, row.item.status),
        follows: (page.access != Access::Requester).then_some(follows),
        error: asked.error,
    };
    Ok(item.frame.draw_as(status_now, &drawn))
}

/// What its requester may make of its status.
fn press(access: Access, status: ItemStatus) -> Option<(&'static str, &'static str)> {
    match (access, status.is_finished()) {
        (Access::Requester, true) => Some((ItemStatus::Open.word(), "Reopen")),
        (Access::Requester, false) => Some((ItemStatus::Closed.word(), "Close the request")),
        _ => None,
    }
}

fn composer(item: &Item, page: &Page, asked: &Asked) -> Composer {
    let me: PersonId = item.frame.session.person();
    let assignees = page.people.iter().filter(|holder| holder.part == Part::Assignee);
    let told = page.requester.iter().chain(assignees.map(|holder| &holder.person));
    Composer {
        action: item.under("messages"),
        body: asked.wrong.field("body", asked.typed.get("body")),
        readers: told.filter(|one| one.id != me).map(chip).collect(),
        error: asked.wrong.error.clone(),
        draft: format!("{me}-{}", page.row.number),
        files: attach::hint(&item.app),
        effect: page.row.item.status.is_finished().then(|| "Your reply opens it again.".into()),
        ..Composer::default()
    }
}

/// `POST /portal/requests/{number}/messages`.
pub(super) async fn send(item: Item, request: Request) -> Result<Response> {
    // There are no notes here, whatever a form says: the rule refuses them.
    match talk::send(&item, request).await? {
        Sending::Done(sent) => Ok(sent),
        Sending::Refused(typed, error, had_files) => {
            let wrong = attach::refused(error, had_files)?;
            draw(&item, Asked { typed, wrong, ..Asked::default() }).await
        }
    }
}

/// `POST /portal/requests/{number}/status`, with `status`: closed, or open again.
pub(super) async fn set_status(item: Item, fields: Fields) -> Result<Response> {
    let done = async {
        let wanted = ItemStatus::parse(fields.get("status"));
        let wanted = wanted.ok_or_else(|| Error::field("status", "Choose close or reopen."))?;
        let (ctx, id) = (item.ctx(), item.id());
        item.app
            .store
            .write(async move |tx| ops::items::set_status(tx, &ctx, id, wanted, None).await)
            .await?;
        Ok(wanted)
    };
    match done.await {
        Ok(status) => {
            let told =
                if status.is_finished() { "Your request is closed." } else { "Your request is open again." };
            Ok(Flash::done(told).redirect(&item.href()))
        }
        Err(error) => refused(&item, error).await,
    }
}

/// The page again, with why a press on it did nothing.
async fn refused(item: &Item, error: Error) -> Result<Response> {
    let wrong = Refused::of(error)?;
    let error = wrong.above(&["status"]);
    draw(item, Asked { wrong: Refused::with(wrong.status), error, ..Asked::default() }).await
}

/// `POST /portal/requests/{number}/following`: of a colleague's request. Whoever follows it may reply.
pub(super) async fn follow(item: Item) -> Result<Response> {
    let (ctx, id, me) = (item.ctx(), item.id(), item.frame.session.person());
    let given =
        item.app.store.write(async move |tx| ops::items::give(tx, &ctx, id, me, Part::Follower).await);
    match given.await {
        Ok(_) => {
            Ok(Flash::done(format!("You follow request {} now.", item.row.number)).redirect(&item.href()))
        }
        Err(error) => refused(&item, error).await,
    }
}

/// `POST /portal/requests/{number}/following/removal`: whoever did not request it sees it no longer then.
pub(super) async fn unfollow(item: Item) -> Result<Response> {
    let (ctx, id, me) = (item.ctx(), item.id(), item.frame.session.person());
    let taken =
        item.app.store.write(async move |tx| ops::items::take(tx, &ctx, id, me, Part::Follower).await);
    match taken.await {
        Ok(_) => {
            // Whom it concerns otherwise still sees it.
            let mut rx = item.app.store.reader().await?;
            let seen = ops::items::find(&mut rx, &item.ctx(), item.row.number).await.is_ok();
            let to = if seen { item.href() } else { Side::Portal.home().to_owned() };
            Ok(Flash::done(format!("You no longer follow request {}.", item.row.number)).redirect(&to))
        }
        Err(error) => refused(&item, error).await,
    }
}
