//! As many made-up people as one asks for, with a year behind them, to see how the desk works at size.

use domain::{
    actor::{Actor, Door},
    id::{GroupId, OrganizationId, PersonId, TeamId, WorkspaceId},
    invitation,
    person::{Kind, Person, Status, StatusWord},
    role::Role,
};
use jiff::{SignedDuration, Timestamp};

use super::names::{made, mix};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        organizations::{self, Domains},
        profile::{Name, texts},
        teams,
    },
    store::{
        self, Store, Tx, licenses, people, time,
        workspaces::{self, Counts, Move},
    },
    sys::Sys,
};

/// People in one write: many, for speed, and few enough that a page is answered in between.
const CHUNK: u64 = 250;
const YEAR: i64 = 360;
/// The organizations of customers.
const ORGANIZATIONS: [&str; 9] = [
    "Amberley Press",
    "Delta Dairy",
    "Granite Homes",
    "Juniper Travel",
    "Kestrel Energy",
    "Lantern Books",
    "Orchard Foods",
    "Quay Logistics",
    "Silverline Rail",
];
const TEAMS: [&str; 9] = [
    "Sales",
    "Logistics",
    "Field service",
    "Returns",
    "Partners",
    "Security",
    "Finance",
    "Legal",
    "Night shift",
];

/// Adds `count` people of a kind, users with the licenses they need. `told` hears how many are there after each step.
pub async fn add(app: &App, ws: WorkspaceId, kind: Kind, count: u64, told: impl Fn(u64)) -> Result<()> {
    let groups = make_groups(app, ws, kind).await?;
    // A clock of its own, so that ids tell when people came.
    let crowd =
        Crowd { ws, kind, count, now: app.sys.now(), sys: Sys::fixed(year_ago(app.sys.now())), groups };
    if kind == Kind::User {
        chart(&app.store, &crowd).await?;
    }
    let mut first = 0;
    while first < count {
        let last = (first + CHUNK).min(count);
        let chunk = crowd.clone();
        app.store.write(async move |tx| chunk.add(tx, first..last).await).await?;
        first = last;
        told(first);
    }
    if kind == Kind::Customer {
        return Ok(());
    }
    let now = crowd.now;
    app.store.write(async move |tx| licenses::note_day(tx, ws, now).await).await
}

fn year_ago(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(24 * YEAR)).unwrap_or(now)
}

async fn make_groups(app: &App, ws: WorkspaceId, kind: Kind) -> Result<Vec<GroupId>> {
    let names = match kind {
        Kind::User => TEAMS,
        Kind::Customer => ORGANIZATIONS,
    };
    let mut ids = Vec::new();
    for name in names {
        let name = Name::parse(name, &app.config.limits)?;
        let ctx: Ctx = app.ctx(ws, Actor::Cli { user: "demo".into() }, Door::Cli);
        let made = app.store.write(async move |tx| match kind {
            Kind::User => Ok(teams::create(tx, &ctx, name.clone()).await?.into()),
            Kind::Customer => {
                Ok(organizations::create(tx, &ctx, name.clone(), Domains::default()).await?.into())
            }
        });
        ids.push(made.await?);
    }
    Ok(ids)
}

#[derive(Clone)]
struct Crowd {
    ws: WorkspaceId,
    kind: Kind,
    count: u64,
    now: Timestamp,
    sys: Sys,
    groups: Vec<GroupId>,
}

/// One person before they are saved.
struct Plan {
    created: Timestamp,
    status: Status,
    last_sign_in: Option<Timestamp>,
    group: Option<GroupId>,
}

fn seconds(number: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(number).unwrap_or(i64::MAX))
}

impl Crowd {
    /// When the person of this number came: evenly over the year, the first the longest ago.
    fn created(&self, number: u64) -> Timestamp {
        let year = YEAR.unsigned_abs() * 86_400;
        let gone = year
            - u64::try_from(u128::from(number) * u128::from(year) / u128::from(self.count.max(1)))
                .unwrap_or(0);
        self.before(seconds(gone.max(3_600)))
    }

    fn before(&self, age: SignedDuration) -> Timestamp {
        self.now.saturating_sub(age).unwrap_or(self.now)
    }

    fn plan(&self, number: u64) -> Plan {
        let chance = mix(number ^ 0x7e_4e);
        let created = self.created(number);
        let age = u64::try_from(self.now.duration_since(created).as_secs()).unwrap_or(0).max(1);
        // Most were here lately, some long ago.
        let ago = match (chance >> 8) % 10 {
            0..=5 => (chance >> 16) % (3 * 86_400),
            6..=8 => (chance >> 16) % (40 * 86_400),
            _ => (chance >> 16) % (YEAR.unsigned_abs() * 86_400),
        };
        let mut last_sign_in = Some(self.before(seconds(ago.min(age - 1))));
        let status = match chance % 100 {
            0..=5 => {
                let since = last_sign_in.unwrap_or(created);
                Status::Deactivated {
                    since,
                    by: None,
                    reason: Some("Left the company".into()),
                    review_on: None,
                }
            }
            6..=7 => {
                last_sign_in = None;
                let since = self.before(seconds((chance >> 20) % (6 * 86_400)).min(seconds(age - 1)));
                let expires = since.saturating_add(invitation::VALID_FOR).unwrap_or(self.now);
                Status::Invited { since, expires, expired: false }
            }
            8..=10 => {
                last_sign_in = None;
                Status::Active { since: created }
            }
            _ => Status::Active { since: created },
        };
        let group = (!(chance >> 32).is_multiple_of(4))
            .then(|| usize::try_from((chance >> 36) % self.groups.len().max(1) as u64).ok())
            .flatten()
            .and_then(|index| self.groups.get(index).copied());
        Plan { created, status, last_sign_in, group }
    }

    async fn add(&self, tx: &mut Tx, numbers: std::ops::Range<u64>) -> Result<()> {
        let mut change = Move::default();
        for number in numbers {
            self.add_one(tx, number, &mut change).await?;
        }
        if self.kind == Kind::Customer {
            return workspaces::apply_customers_soon(tx, self.ws, change.counts);
        }
        // Two of a hundred licenses stay free.
        change.owned = change.used + change.used / 50;
        let saved = workspaces::apply(tx, self.ws, change).await?;
        saved.map(drop).ok_or_else(|| Error::Internal("the demo's licenses do not add up".into()))
    }

    async fn add_one(&self, tx: &mut Tx, number: u64, change: &mut Move) -> Result<()> {
        let plan = self.plan(number);
        self.sys.set(plan.created);
        let made = made(number);
        let mut person = Person {
            workspace: self.ws,
            id: PersonId::from_uuid(self.sys.uuid7()),
            kind: self.kind,
            role: if self.kind == Kind::User && number % 200 == 7 {
                Role::Administrator
            } else {
                Role::Member
            },
            status: plan.status.clone(),
            email: format!(
                "{}@{}.example",
                made.local,
                if self.kind == Kind::User { "acme" } else { "mail" }
            ),
            name: made.name,
            version: 1,
        };
        if let Status::Deactivated { .. } = plan.status {
            // As they were before, so that reason and date are saved by the statement that knows them.
            person.status = Status::Active { since: plan.created };
        }
        people::insert(tx, &person, &texts(&person.name, &person.email), plan.created).await?;
        if plan.last_sign_in.is_some() {
            people::set_past(tx, &person, plan.created, plan.last_sign_in, person.status.since()).await?;
        }
        let licensed = person.needs_license();
        if licensed {
            let span = domain::id::LedgerId::from_uuid(self.sys.uuid7());
            let why = domain::audit::Action::Invited.word();
            licenses::begin(tx, self.ws, span, person.id, why, plan.created)?;
        }
        if let Some(group) = plan.group {
            self.join(tx, group, person.id, plan.created).await?;
        }
        if let Status::Deactivated { .. } = plan.status {
            people::set_status(tx, &person, &plan.status)?;
        }
        if let (true, Status::Deactivated { since, .. }) = (licensed, &plan.status) {
            let why = domain::audit::Action::Deactivated.word();
            licenses::end(tx, self.ws, person.id, why, *since)?;
        }
        count(&plan, change);
        Ok(())
    }

    async fn join(&self, tx: &mut Tx, group: GroupId, person: PersonId, at: Timestamp) -> Result<()> {
        match self.kind {
            Kind::User => {
                store::teams::join(tx, self.ws, TeamId::from_uuid(group.uuid()), person, at).await.map(drop)
            }
            Kind::Customer => {
                let id = OrganizationId::from_uuid(group.uuid());
                store::organizations::join(tx, self.ws, id, person, at)
            }
        }
    }

    /// How many of them hold a license on a day, roughly: for the chart.
    fn used_on(&self, day: i64) -> i64 {
        let first = time::day(self.before(SignedDuration::from_hours(24 * YEAR)));
        let count = i64::try_from(self.count).unwrap_or(i64::MAX / 1_000);
        count * (day - first).clamp(0, YEAR) / YEAR * 94 / 100
    }
}

fn count(plan: &Plan, change: &mut Move) {
    let Counts { active, invited, deactivated, never, .. } = &mut change.counts;
    match plan.status.word() {
        StatusWord::Active => {
            *active += 1;
            *never += i64::from(plan.last_sign_in.is_none());
        }
        StatusWord::Invited => *invited += 1,
        StatusWord::Deactivated => *deactivated += 1,
    }
    change.used += i64::from(plan.status.holds_license());
}

/// Raises the days that the story noted by what the crowd holds on them, and adds days in between.
async fn chart(store: &Store, crowd: &Crowd) -> Result<()> {
    let today = time::day(crowd.now);
    let noted = licenses::days(&mut store.reader().await?, crowd.ws, 0).await?;
    let mut days: Vec<licenses::Day> = Vec::new();
    let mut base = None;
    for day in (today - YEAR)..today {
        let change = noted.iter().find(|noted| noted.day == day);
        base = change.copied().or(base);
        if let Some(base) = base.filter(|_| change.is_some() || day % 5 == 0) {
            let used = crowd.used_on(day);
            let owned = base.owned + used + used / 50;
            days.push(licenses::Day { day, owned, used: base.used + used, peak: base.peak + used });
        }
    }
    let ws = crowd.ws;
    store
        .write(async move |tx| {
            for day in &days {
                licenses::set_day(tx, ws, *day).await?;
            }
            Ok(())
        })
        .await
}
