//! Handing a person's open items over: `/handovers/new`, and taking that back.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    id::{HandoverId, ItemId, PersonId},
    lifecycle::UNDO_FOR,
    person::StatusWord,
};

use super::{bulk::candidate, lines};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        handover::{self, Input, Plan, To},
        items::bulk,
    },
    store::{
        Rx,
        grid::BuiltinView,
        item_people::{self, Brief},
        teams,
    },
    web::{
        desk::{find, form::Refused, frame::Frame, words::count},
        fields::{Fields, QueryFields},
        flash::Flash,
        view::{
            Choice, Keep,
            chip::Look,
            dialogs::Candidate,
            number,
            shell::Place,
            work_many::{HandoverPage, Share},
        },
    },
};

/// The list of what deactivated people hold.
const HELD: &str = "/tickets?assignee=deactivated";
/// What is asked: whose work, which of it, who gets it.
#[derive(Default)]
struct Asks {
    from: Option<PersonId>,
    items: Option<Vec<ItemId>>,
    to: Option<To>,
    search: String,
    back: String,
}

impl Asks {
    fn read(fields: &Fields) -> Self {
        let items: Vec<ItemId> = fields.all("item").filter_map(|id| id.parse().ok()).collect();
        let to = match fields.get("to").split_once(':') {
            Some(("person", id)) => id.parse().ok().map(To::Person),
            Some(("team", id)) => id.parse().ok().map(To::Team),
            _ => None,
        };
        Self {
            from: fields.get("from").parse().ok(),
            items: (!items.is_empty()).then_some(items),
            to: to.filter(|_| fields.get("step") != "search"),
            search: fields.get("q").trim().to_owned(),
            back: super::super::people::followed(fields.get("back")).unwrap_or(HELD).to_owned(),
        }
    }

    fn input(&self) -> Option<Input> {
        Some(Input { from: self.from?, to: self.to?, items: self.items.clone(), fingerprint: None })
    }
}

/// `GET /handovers/new`, with `from` and `back`.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let asks = Asks::read(&query);
    if asks.from.is_none() {
        // Whose work it is is chosen from what is held.
        return Ok(Redirect::to(HELD).into_response());
    }
    draw(&app, &frame, asks, Refused::none()).await
}

/// What was selected in a list.
pub(super) async fn of_selection(app: &App, frame: &Frame, ids: &[ItemId], back: &str) -> Result<Response> {
    if ids.len() > bulk::MOST {
        let words =
            format!("One handover may be about {} items. Filter them further.", number(bulk::MOST as u64));
        return Ok(Flash::refused(words).redirect(back));
    }
    let asks = Asks { items: Some(ids.to_vec()), back: back.to_owned(), ..Asks::default() };
    draw(app, frame, asks, Refused::none()).await
}

/// `POST /handovers/new`, with `step` (`search`, `preview`, `act`).
pub(super) async fn submit(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let asks = Asks::read(&fields);
    match (fields.get("step"), asks.input()) {
        ("act", Some(input)) => {
            let ctx = frame.session.ctx.clone();
            // Without a preview there is nothing that was agreed to.
            let input = Input { fingerprint: Some(fields.get("fingerprint").to_owned()), ..input };
            let done =
                app.store.write(async move |tx| handover::hand_over(tx, &ctx, input.clone()).await).await;
            match done {
                Ok(receipt) => told(&app, &frame, &asks, &receipt).await,
                Err(Error::Stale) => draw(&app, &frame, asks, Refused::overtaken()).await,
                Err(error) => draw(&app, &frame, asks, Refused::of(error)?).await,
            }
        }
        ("act" | "preview", None) => {
            let words = if asks.from.is_none() {
                "Choose whose work it is, and who gets it."
            } else {
                "Choose who gets it."
            };
            let wrong = Refused::with(axum::http::StatusCode::UNPROCESSABLE_ENTITY).saying(words);
            draw(&app, &frame, asks, wrong).await
        }
        _ => draw(&app, &frame, asks, Refused::none()).await,
    }
}

async fn told(app: &App, frame: &Frame, asks: &Asks, receipt: &handover::Receipt) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let shares = shares(&mut rx, frame, &receipt.moved).await?;
    drop(rx);
    let Some(undo) = receipt.undo else {
        return Ok(Flash::note("There was nothing to hand over.").redirect(&asks.back));
    };
    let moved = receipt.moved.items;
    let be = if moved == 1 { "is" } else { "are" };
    let mut flash = Flash::done(format!("{} {be} handed over.", count(moved, "item", "items")));
    for (brief, items) in &shares {
        flash = flash.line(format!("{}: {}", brief.name, count(*items, "item", "items")));
    }
    if receipt.moved.left > 0 {
        flash = flash.line(format!("{} left. Hand over again for the rest.", receipt.moved.left));
    }
    let until = frame.session.visit.now.saturating_add(UNDO_FOR).unwrap_or(frame.session.visit.now);
    let until = format!("until {}", frame.times().clock(until));
    Ok(flash.undo_handover(undo, until).redirect(&asks.back))
}

/// Who gets how much, by name.
async fn shares(rx: &mut Rx, frame: &Frame, plan: &Plan) -> Result<Vec<(Brief, i64)>> {
    let ids: Vec<PersonId> = plan.shares.iter().map(|share| share.person).collect();
    let mut briefs = item_people::briefs(rx, frame.session.visit.workspace, &ids).await?;
    briefs.sort_by(|a, b| a.name.cmp(&b.name));
    let items = |id| plan.shares.iter().find(|share| share.person == id).map_or(0, |share| share.items);
    Ok(briefs
        .into_iter()
        .map(|brief| (items(brief.id), brief))
        .map(|(items, brief)| (brief, items))
        .collect())
}

/// What the page is drawn from.
struct Read {
    giver: Option<Brief>,
    /// Who holds what was selected.
    givers: Vec<Brief>,
    open: i64,
    teams: Vec<teams::Team>,
    plan: Option<Result<Plan>>,
    shares: Vec<(Brief, i64)>,
}

async fn read(rx: &mut Rx, frame: &Frame, asks: &mut Asks) -> Result<Read> {
    let ws = frame.session.visit.workspace;
    let mut givers: Vec<Brief> = Vec::new();
    if let Some(items) = &asks.items {
        for (_, brief) in item_people::assignees(rx, ws, items).await? {
            if !givers.iter().any(|one| one.id == brief.id) {
                givers.push(brief);
            }
        }
        // Those who are away come first: it is their work that waits.
        givers.sort_by_key(|brief| brief.status != StatusWord::Deactivated);
        // Where only one of them is away, or there is only one at all, it is their work.
        let away = givers.iter().take_while(|brief| brief.status == StatusWord::Deactivated).count();
        asks.from = asks.from.or(match (givers.as_slice(), away) {
            ([one], _) | ([one, ..], 1) => Some(one.id),
            _ => None,
        });
    }
    let giver = match asks.from {
        Some(id) => item_people::briefs(rx, ws, &[id]).await?.pop(),
        None => None,
    };
    if asks.from.is_some() && giver.is_none() {
        return Err(Error::NotFound("person"));
    }
    let open = match (&asks.items, asks.from) {
        (Some(items), _) => i64::try_from(items.len()).unwrap_or(i64::MAX),
        (None, Some(id)) => item_people::holdings_of(rx, ws, id).await?.assigned,
        (None, None) => 0,
    };
    let plan = match asks.input() {
        Some(input) => Some(handover::plan(rx, &frame.session.ctx, &input).await),
        None => None,
    };
    let shares = match &plan {
        Some(Ok(plan)) => shares(rx, frame, plan).await?,
        _ => Vec::new(),
    };
    let teams = teams::list(rx, ws).await?;
    Ok(Read { giver, givers, open, teams, plan, shares })
}

async fn draw(app: &App, frame: &Frame, mut asks: Asks, wrong: Refused) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let mut read = read(&mut rx, frame, &mut asks).await?;
    drop(rx);
    let (plan, wrong) = match read.plan.take() {
        Some(Ok(plan)) => (Some(plan), wrong),
        Some(Err(error)) if wrong.error.is_none() => (None, Refused::of(error)?),
        Some(Err(_)) | None => (None, wrong),
    };
    let title = match &read.giver {
        Some(giver) => format!("Hand over the work of {}", giver.name),
        None => "Hand over".into(),
    };
    let items = count(read.open, "item", "items");
    let what = match (&asks.items, read.open) {
        (Some(_), _) => {
            format!("{items} selected. What is not assigned to them, or is finished, stays as it is.")
        }
        (None, 0) => "Nothing open is assigned to them.".into(),
        (None, _) => format!(
            "{} assigned to them. Finished ones stay.",
            count(read.open, "open item is", "open items are")
        ),
    };
    let page = HandoverPage {
        shell: frame.shell(Place::Tickets, title),
        cancel: asks.back.clone(),
        error: wrong.error.clone(),
        keeps: keeps(&asks, read.givers.len() > 1, plan.as_ref()),
        giver: read.giver.as_ref().map(|giver| lines::chip(giver, Look::Row)),
        givers: givers(&asks, &read),
        what,
        found: receivers(app, frame, &asks).await?,
        search: asks.search.clone(),
        teams: team_choices(&asks, &read),
        shares: read.shares.iter().map(share).collect(),
        notes: plan.as_ref().map_or_else(Vec::new, notes),
        button: plan
            .filter(|plan| plan.items > 0)
            .map(|plan| format!("Hand over {}", count(plan.items, "item", "items"))),
    };
    Ok(frame.draw_as(wrong.status, &page))
}

fn keeps(asks: &Asks, chooses_giver: bool, plan: Option<&Plan>) -> Vec<Keep> {
    let mut keeps = vec![Keep::new("back", asks.back.clone())];
    if let Some(from) = asks.from.filter(|_| !chooses_giver) {
        keeps.push(Keep::new("from", from.to_string()));
    }
    keeps.extend(asks.items.iter().flatten().map(|id| Keep::new("item", id.to_string())));
    keeps.extend(plan.map(|plan| Keep::new("fingerprint", plan.fingerprint.clone())));
    keeps
}

/// Whose work it may be, where several people hold what was selected.
fn givers(asks: &Asks, read: &Read) -> Vec<Candidate> {
    if read.givers.len() < 2 {
        return Vec::new();
    }
    let from = asks.from.map(|id| id.to_string()).unwrap_or_default();
    read.givers.iter().map(|brief| candidate(brief, &from)).collect()
}

fn share((brief, items): &(Brief, i64)) -> Share {
    Share { chip: lines::chip(brief, Look::Inline), items: count(*items, "item", "items") }
}

fn notes(plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    if plan.left > 0 {
        notes.push(format!("{} more stay for a second handover", plan.left));
    }
    if plan.items == 0 {
        notes.push("Nothing moves: none of it is open and assigned to them".into());
    }
    notes
}

fn team_choices(asks: &Asks, read: &Read) -> Vec<Choice> {
    let choice = |team: &teams::Team| {
        Choice::new(format!("team:{}", team.id), &team.name, asks.to == Some(To::Team(team.id)))
    };
    read.teams.iter().map(choice).collect()
}

/// Users who may get it; whoever was chosen is among them.
async fn receivers(app: &App, frame: &Frame, asks: &Asks) -> Result<Vec<Candidate>> {
    let mut found = find::users(app, frame, &asks.search, &[BuiltinView::Active]).await?;
    found.retain(|row| Some(row.row.person.id) != asks.from);
    let chosen = match asks.to {
        Some(To::Person(id)) => id.to_string(),
        _ => String::new(),
    };
    found.sort_by_key(|row| row.row.person.id.to_string() != chosen);
    found.truncate(find::OFFERED);
    let candidate = |row| {
        let one = find::candidate(frame, row, &chosen);
        Candidate { id: format!("person:{}", one.id), ..one }
    };
    Ok(found.iter().map(candidate).collect())
}

/// `POST /handovers/{id}/undo`, with `back`.
pub(super) async fn undo(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let id: HandoverId = id.parse().map_err(|_| Error::NotFound("handover"))?;
    let back = super::super::people::followed(query.get("back")).unwrap_or(HELD).to_owned();
    let ctx = frame.session.ctx.clone();
    let told = match app.store.write(async move |tx| handover::undo(tx, &ctx, id).await).await {
        Ok(undone) => {
            let be = if undone.items == 1 { "is" } else { "are" };
            let flash = Flash::done(format!("{} {be} as before.", count(undone.items, "item", "items")));
            match undone.skipped {
                0 => flash,
                left => flash
                    .line(format!("{} changed meanwhile, and left.", count(left, "item was", "items were"))),
            }
        }
        Err(error) => match Refused::of(error)?.error {
            Some(words) => Flash::refused(words),
            None => Flash::note("Nothing was changed."),
        },
    };
    Ok(told.redirect(&back))
}

/// Where the open work of somebody is handed over, which leads back here in the end.
pub(in crate::web::desk) fn path(from: PersonId, back: &str) -> String {
    let back: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
    format!("/handovers/new?from={from}&back={back}")
}
