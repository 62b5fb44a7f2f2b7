//! As many made-up tickets and tasks as one asks for, with a year behind them, among the people who are there: through
//! the same ops as everybody's, so that counts, history and search are what they would be.

use domain::{
    actor::{Actor, Door},
    id::{ItemId, PersonId, ProjectId, SessionId, WorkspaceId},
    item::{ItemKind, ItemStatus, MessageKind, Priority},
    person::Kind,
    project::ProjectState,
};
use jiff::{SignedDuration, Timestamp};

use super::names::mix;
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    limits::Limits,
    ops::{
        items::{self, Input, Tags, Title},
        messages::{self, Body},
    },
    store::{
        Tx,
        grid::{self, BuiltinView, GridQuery},
        projects,
        sessions::{self, EndedWhy, NewSession},
        workspaces,
    },
    sys::Sys,
};

/// Items in one write. Few: SQLite walks over all pages that a write has changed, at the end of each of its statements.
const CHUNK: u64 = 10;
const YEAR_SECONDS: u64 = 360 * 86_400;
/// How many messages the first two have: a long conversation beside a short one, to see what its length costs.
const TALKED: [(u64, u64); 2] = [(0, 200), (1, 10)];

const WHAT: [&str; 16] = [
    "Printer",
    "Invoice",
    "Login",
    "Order",
    "Delivery",
    "Contract",
    "Screen",
    "Keyboard",
    "Password",
    "Report",
    "Export",
    "Calendar",
    "Phone line",
    "Badge",
    "Parking place",
    "Coffee machine",
];
const HOW: [&str; 16] = [
    "does not answer",
    "is late",
    "is wrong",
    "is missing",
    "came twice",
    "shows an old date",
    "is too slow",
    "needs a new owner",
    "has no price",
    "is broken",
    "cannot be found",
    "asks again and again",
    "was refused",
    "is in the wrong language",
    "must be renewed",
    "is not for us",
];
const TAGS: [&str; 12] = [
    "hardware",
    "billing",
    "urgent call",
    "returns",
    "training",
    "access",
    "legal",
    "mobile",
    "print",
    "network",
    "onboarding",
    "facilities",
];

/// Adds `count` items. `told` hears how many are there after each step.
pub async fn add(app: &App, ws: WorkspaceId, count: u64, told: impl Fn(u64)) -> Result<()> {
    let crowd = Load::begin(app, ws, count).await?;
    let mut first = 0;
    while first < count {
        let last = (first + CHUNK).min(count);
        let chunk = crowd.clone();
        app.store.write(async move |tx| chunk.add(tx, first..last).await).await?;
        first = last;
        told(first);
    }
    let (person, session, now) = (crowd.author.0, crowd.author.1, crowd.now);
    app.store
        .write(async move |tx| {
            sessions::end(tx, ws, person, session, EndedWhy::SignedOut, now).await.map(drop)
        })
        .await
}

#[derive(Clone)]
struct Load {
    ws: WorkspaceId,
    count: u64,
    now: Timestamp,
    limits: Limits,
    users: Vec<PersonId>,
    customers: Vec<PersonId>,
    projects: Vec<ProjectId>,
    /// Who writes the messages, signed in while this is made.
    author: (PersonId, SessionId),
}

impl Load {
    async fn begin(app: &App, ws: WorkspaceId, count: u64) -> Result<Self> {
        let now = app.sys.now();
        let mut rx = app.store.reader().await?;
        let workspace = workspaces::load(&mut rx, ws).await?;
        let mut people = Vec::new();
        for kind in [Kind::User, Kind::Customer] {
            let query =
                GridQuery { view: BuiltinView::Active, limit: GridQuery::MOST, ..GridQuery::new(kind) };
            let found = grid::first(&mut rx, &workspace, &query, now).await?;
            people.push(found.into_iter().map(|row| row.row.person.id).collect::<Vec<_>>());
        }
        let place = (Vec::new(), ProjectId::from_uuid(uuid::Uuid::nil()));
        let projects = projects::page(&mut rx, ws, ProjectState::Active, &place, false, 100).await?;
        drop(rx);
        let (customers, users) = (people.pop().unwrap_or_default(), people.pop().unwrap_or_default());
        let author = *users.first().ok_or(Error::NotFound("user"))?;
        let id = SessionId::from_uuid(app.sys.uuid7());
        let session = NewSession {
            id,
            person: author,
            token_hash: app.sys.bytes::<32>().to_vec(),
            address: "192.0.2.17".into(),
            user_agent: "the demo's crowd".into(),
        };
        app.store.write(async move |tx| sessions::insert(tx, ws, &session, now).await).await?;
        let projects = projects.into_iter().map(|(project, _)| project.id).collect();
        let limits = app.config.limits.clone();
        Ok(Self { ws, count, now, limits, users, customers, projects, author: (author, id) })
    }

    async fn add(&self, tx: &mut Tx, numbers: std::ops::Range<u64>) -> Result<()> {
        for number in numbers {
            let ctx = self.ctx(number);
            let (id, _) = items::create(tx, &ctx, self.input(number)?).await?;
            let talked = TALKED.iter().find(|(one, _)| *one == number);
            let talked = talked.map_or(u64::from(number % 4 == 2), |(_, messages)| *messages);
            for message in 0..talked {
                self.say(tx, &ctx, id, message).await?;
            }
        }
        Ok(())
    }

    /// At its moment of the year, by whoever writes.
    fn ctx(&self, number: u64) -> Ctx {
        let ago = YEAR_SECONDS - YEAR_SECONDS * number / self.count.max(1);
        let ago = SignedDuration::from_secs(i64::try_from(ago).unwrap_or(0));
        let at = Sys::fixed(self.now.saturating_sub(ago).unwrap_or(self.now));
        let (person, session) = self.author;
        Ctx::begin(&at, self.ws, Actor::Person { person, session }, Door::Page)
    }

    async fn say(&self, tx: &mut Tx, ctx: &Ctx, id: ItemId, message: u64) -> Result<()> {
        let kind = if message % 3 == 1 { MessageKind::Note } else { MessageKind::Reply };
        let text = format!("Message {message}: it **still** {}.", pick(&HOW, mix(message)));
        let body = Body::parse(&text, &self.limits)?;
        messages::add(tx, ctx, id, kind, body).await.map(drop)
    }

    fn input(&self, number: u64) -> Result<Input> {
        let dice = |turn: u64| mix(number.wrapping_mul(31).wrapping_add(turn));
        let title = match TALKED.iter().find(|(one, _)| *one == number) {
            Some((_, messages)) => format!("A conversation of {messages} messages"),
            None => format!("{} {} ({number})", pick(&WHAT, dice(1)), pick(&HOW, dice(2))),
        };
        // A year of work is mostly done.
        let status = match dice(3) % 20 {
            0 => ItemStatus::New,
            1 | 2 => ItemStatus::Open,
            3 => ItemStatus::Waiting,
            4..=8 => ItemStatus::Done,
            _ => ItemStatus::Closed,
        };
        let kind = if dice(4) % 4 == 0 { ItemKind::Task } else { ItemKind::Ticket };
        let some = |from: &[PersonId], turn: u64| from.get(index(dice(turn), from.len())).copied();
        let assigned = dice(5) % 10 > 0;
        let tags = if dice(6) % 3 == 0 { pick(&TAGS, dice(7)) } else { "" };
        let due = SignedDuration::from_hours(24 * i64::try_from(dice(8) % 60).unwrap_or(0));
        let due =
            jiff::tz::TimeZone::UTC.to_datetime(self.ctx(number).now.saturating_add(due).unwrap_or(self.now));
        Ok(Input {
            description: format!("It {} since the morning. Number {number}.", pick(&HOW, dice(2))),
            status: if TALKED.iter().any(|(one, _)| *one == number) { ItemStatus::Open } else { status },
            priority: *Priority::ALL.get(index(dice(9), Priority::ALL.len())).unwrap_or(&Priority::Normal),
            due: (dice(10) % 3 > 0).then(|| due.date()),
            project: (dice(11) % 2 == 0)
                .then(|| self.projects.get(index(dice(12), self.projects.len())).copied())
                .flatten(),
            requester: (kind == ItemKind::Ticket).then(|| some(&self.customers, 13)).flatten(),
            assignees: some(&self.users, 14).into_iter().filter(|_| assigned).collect(),
            followers: some(&self.users, 15).into_iter().collect(),
            tags: Tags::parse(tags, &self.limits)?,
            ..Input::new(kind, Title::parse(&title, &self.limits)?)
        })
    }
}

fn index(dice: u64, length: usize) -> usize {
    usize::try_from(dice % u64::try_from(length.max(1)).unwrap_or(1)).unwrap_or(0)
}

fn pick<'a>(list: &[&'a str], dice: u64) -> &'a str {
    list.get(index(dice, list.len())).copied().unwrap_or_default()
}
