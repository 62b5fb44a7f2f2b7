//! What Acme's people work on: projects, tickets and tasks with their conversations, told through the ops from two
//! texts beside this file. What happened before Ada went on leave is told while she is there.

use std::collections::HashMap;

use domain::{
    actor::{Actor, Door},
    id::{ItemId, PersonId, ProjectId, SessionId},
    item::{ItemKind, ItemStatus, MessageKind, Part, Priority},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    story::Story,
    work_lines::{Told, long, short},
};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        items::{self, Edit, Input, Tags, Title},
        messages::{self, Body},
        profile::Name,
        projects,
    },
    store::{
        Rx, Tx, organizations, people,
        sessions::{self, EndedWhy, NewSession},
    },
    sys::Sys,
};

/// `= letter | name | description` begins a project. `* kind project status priority days organization assignees
/// tags | title | description` begins an item; kind is `t` or `k` (a task), a dash is none. `>` is a reply, `#` a
/// note, by a user's first name or by `c`, the requester.
const LONG: &str = include_str!("work.txt");
/// `kind status organization | title | description` of a ticket, `kind status project assignee title` of a task.
const SHORT: &str = include_str!("work_short.txt");

/// Ada went on leave so many days ago, and Ben came.
pub(super) const LEAVE: i64 = 21;
/// Since when people are there, in days; who is not named has been there all year.
const SINCE: [(&str, i64); 3] = [("ben", LEAVE - 2), ("ingrid", 39), ("jonas", 59)];
const ORGANIZATIONS: [(char, &str); 6] = [
    ('G', "globex.example"),
    ('B', "brightwater.example"),
    ('F', "fennelrye.example"),
    ('H', "harbourclinic.example"),
    ('N', "northwind.example"),
    ('S', "tallowstreet.example"),
];

/// Which part of the year is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// While Ada is there.
    BeforeTheLeave,
    /// Since.
    Since,
}

/// What happens at a moment.
#[derive(Debug, Clone)]
enum Deed {
    Project(char),
    Create(usize),
    Assign(usize, String),
    Follow(usize, String),
    Say(usize, usize),
    Status(usize, ItemStatus),
}

/// Something that somebody does at a moment.
#[derive(Debug, Clone)]
struct Event {
    /// Hours ago.
    hours: i64,
    /// A user's first name, or `c` and the item.
    who: String,
    deed: Deed,
}

/// The texts, read.
pub(super) struct Work {
    projects: Vec<(char, String, String)>,
    items: Vec<Told>,
    events: Vec<Event>,
    ids: HashMap<usize, ItemId>,
    project_ids: HashMap<char, ProjectId>,
}

impl Work {
    /// Reads the texts.
    pub(super) fn read() -> Result<Self> {
        let mut work = Self {
            projects: Vec::new(),
            items: Vec::new(),
            events: Vec::new(),
            ids: HashMap::new(),
            project_ids: HashMap::new(),
        };
        for line in LONG.lines() {
            work.line(line).ok_or_else(|| Error::Internal(format!("the demo's work: {line}")))?;
        }
        for (index, line) in SHORT.lines().enumerate() {
            let told =
                short(index, line).ok_or_else(|| Error::Internal(format!("the demo's work: {line}")))?;
            work.items.push(told);
        }
        work.happen();
        Ok(work)
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let (mark, rest) = line.split_at_checked(2)?;
        match mark {
            "= " => {
                let mut parts = rest.split(" | ");
                let letter = parts.next()?.chars().next()?;
                self.projects.push((letter, parts.next()?.into(), parts.next()?.into()));
            }
            "* " => self.items.push(long(rest)?),
            "> " | "# " => {
                let (who, text) = rest.split_once(": ")?;
                let kind = if mark == "> " { MessageKind::Reply } else { MessageKind::Note };
                self.items.last_mut()?.messages.push((kind, who.into(), text.into()));
            }
            _ => return None,
        }
        Some(())
    }

    /// Puts everything that happens in order.
    fn happen(&mut self) {
        for (number, (letter, ..)) in self.projects.iter().enumerate() {
            let hours = 24 * 85 - i64::try_from(number).unwrap_or(0);
            self.events.push(Event { hours, who: "samir".into(), deed: Deed::Project(*letter) });
        }
        for index in 0..self.items.len() {
            self.item(index);
        }
        self.events.sort_by_key(|event| std::cmp::Reverse(event.hours));
    }

    fn item(&mut self, index: usize) {
        let told = self.items[index].clone();
        let spread = i64::try_from(index).unwrap_or(0);
        let mut hours = told.days * 24 + spread * 7 % 11;
        let by = |who: &str| if who == "c" { format!("c{index}") } else { who.to_owned() };
        let first = told.assignees.first().cloned().unwrap_or_else(|| "samir".into());
        let maker = if told.kind == 'k' && there(&first, hours) { first.clone() } else { "mei".into() };
        let mut events = vec![Event { hours, who: maker, deed: Deed::Create(index) }];
        for who in &told.assignees {
            if !there(who, hours) {
                let later = since(who);
                events.push(Event {
                    hours: later,
                    who: "samir".into(),
                    deed: Deed::Assign(index, who.clone()),
                });
            }
        }
        for (follower, every) in [("ada", 6), ("samir", 9), ("mei", 8)] {
            let follows = index % every == every / 2 && !told.assignees.iter().any(|one| one == follower);
            if follows && there(follower, hours) {
                events.push(Event { hours, who: "samir".into(), deed: Deed::Follow(index, follower.into()) });
            }
        }
        let pause = (hours / (i64::try_from(told.messages.len()).unwrap_or(0) + 3)).clamp(1, 7 + spread % 13);
        for (number, (_, who, _)) in told.messages.iter().enumerate() {
            hours = (hours - pause).max(1);
            if who != "c" && !there(who, hours) {
                hours = hours.min(since(who));
            }
            events.push(Event { hours, who: by(who), deed: Deed::Say(index, number) });
        }
        let last = if there(&first, hours - 1) { first } else { "mei".into() };
        let status =
            |hours: i64, status| Event { hours, who: last.clone(), deed: Deed::Status(index, status) };
        match told.status {
            'o' => events.push(status(hours - 1, ItemStatus::Open)),
            'w' => events.push(status(hours - 1, ItemStatus::Waiting)),
            'd' => events.push(status(hours - 1, ItemStatus::Done)),
            'c' => events.push(status(hours - 1, ItemStatus::Closed)),
            _ => {}
        }
        self.events.extend(events);
    }
}

/// Since how many hours somebody is there.
fn since(who: &str) -> i64 {
    SINCE.into_iter().find(|(name, _)| *name == who).map_or(i64::MAX, |(_, days)| days * 24)
}

/// Whether somebody was there so many hours ago.
fn there(who: &str, hours: i64) -> bool {
    hours <= since(who) && (who != "ada" || hours > LEAVE * 24)
}

/// Who plays, by first name, and the customers of each organization.
pub(super) struct Cast {
    pub(super) users: HashMap<String, (PersonId, SessionId)>,
    pub(super) customers: HashMap<char, Vec<(PersonId, SessionId)>>,
}

impl Cast {
    fn customer(&self, work: &Work, item: usize) -> Option<(PersonId, SessionId)> {
        let of = self.customers.get(&work.items[item].organization)?;
        of.get(item % of.len().max(1)).copied()
    }

    fn player(&self, work: &Work, who: &str) -> Option<(PersonId, SessionId)> {
        match who.strip_prefix('c').and_then(|item| item.parse().ok()) {
            Some(item) => self.customer(work, item),
            None => self.users.get(who).copied(),
        }
    }

    fn all(&self) -> impl Iterator<Item = (PersonId, SessionId)> + '_ {
        self.users.values().copied().chain(self.customers.values().flatten().copied())
    }
}

impl Story<'_> {
    /// Tells what happened in one part of the year, in one write.
    pub(super) async fn work(&self, work: Work, when: When) -> Result<Work> {
        let cast = self.cast(when).await?;
        let (story, now) = (self.telling(), self.now);
        let done = self
            .app
            .store
            .write(async move |tx| {
                let mut work = Work {
                    projects: work.projects.clone(),
                    items: work.items.clone(),
                    events: work.events.clone(),
                    ids: work.ids.clone(),
                    project_ids: work.project_ids.clone(),
                };
                story.enter(tx, &cast, now).await?;
                let events = std::mem::take(&mut work.events);
                let (told, later): (Vec<_>, Vec<_>) =
                    events.into_iter().partition(|event| when == When::Since || event.hours > LEAVE * 24);
                for event in &told {
                    story.tell(tx, &mut work, &cast, event).await?;
                }
                work.events = later;
                story.leave(tx, &cast, now).await?;
                Ok(work)
            })
            .await?;
        Ok(done)
    }

    pub(super) fn telling(&self) -> Telling {
        Telling { ws: self.ws, now: self.now, limits: self.app.config.limits.clone() }
    }

    async fn cast(&self, when: When) -> Result<Cast> {
        let absent = if when == When::Since { "ada" } else { "ben" };
        let all = ["olivia", "samir", "mei", "lucas", "ingrid", "tomas", "priya", "jonas", "ada", "ben"];
        let there: Vec<&str> = all.into_iter().filter(|who| *who != absent).collect();
        let users = self.users(&there).await?;
        let mut rx = self.app.store.reader().await?;
        let mut customers = HashMap::new();
        for (letter, domain) in ORGANIZATIONS {
            let of = organizations::by_domain(&mut rx, self.ws, domain).await?;
            let of = of.ok_or(Error::NotFound("organization"))?;
            let mut there = Vec::new();
            for person in organizations::active_members(&mut rx, self.ws, of.id, 3).await? {
                there.push((person, SessionId::from_uuid(self.app.sys.uuid7())));
            }
            customers.insert(letter, there);
        }
        Ok(Cast { users, customers })
    }

    /// Users by first name.
    pub(super) async fn users(&self, names: &[&str]) -> Result<HashMap<String, (PersonId, SessionId)>> {
        let mut rx = self.app.store.reader().await?;
        let mut users = HashMap::new();
        for who in names {
            users.insert((*who).to_owned(), self.player(&mut rx, &format!("{who}@acme.example")).await?);
        }
        Ok(users)
    }

    async fn player(&self, rx: &mut Rx, email: &str) -> Result<(PersonId, SessionId)> {
        let row = people::by_email(rx, self.ws, email).await?.ok_or(Error::NotFound("person"))?;
        Ok((row.person.id, SessionId::from_uuid(self.app.sys.uuid7())))
    }
}

/// What a write takes along.
pub(super) struct Telling {
    ws: domain::id::WorkspaceId,
    now: Timestamp,
    limits: crate::limits::Limits,
}

impl Telling {
    /// Everybody who plays is signed in while this is told.
    pub(super) async fn enter(&self, tx: &mut Tx, cast: &Cast, now: Timestamp) -> Result<()> {
        for (person, id) in cast.all() {
            let token_hash = Sys::fixed(now).bytes::<32>().to_vec();
            let session = NewSession {
                id,
                person,
                token_hash,
                address: "192.0.2.17".into(),
                user_agent: "the demo's story".into(),
            };
            sessions::insert(tx, self.ws, &session, now).await?;
        }
        Ok(())
    }

    pub(super) async fn leave(&self, tx: &mut Tx, cast: &Cast, now: Timestamp) -> Result<()> {
        for (person, id) in cast.all() {
            sessions::end(tx, self.ws, person, id, EndedWhy::SignedOut, now).await?;
        }
        Ok(())
    }

    pub(super) fn ctx(&self, (person, session): (PersonId, SessionId), hours: i64, door: Door) -> Ctx {
        let at = self.now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(self.now);
        Ctx::begin(&Sys::fixed(at), self.ws, Actor::Person { person, session }, door)
    }

    async fn tell(&self, tx: &mut Tx, work: &mut Work, cast: &Cast, event: &Event) -> Result<()> {
        let player = cast.player(work, &event.who).ok_or(Error::NotFound("player of the demo"))?;
        let door = if event.who.starts_with('c') { Door::Portal } else { Door::Page };
        let ctx = self.ctx(player, event.hours, door);
        let item = |index: &usize| work.ids.get(index).copied().ok_or(Error::NotFound("item"));
        let user =
            |who: &String| cast.users.get(who).map(|(person, _)| *person).ok_or(Error::NotFound("person"));
        match &event.deed {
            Deed::Project(letter) => self.project(tx, work, cast, (&ctx, *letter)).await?,
            Deed::Create(index) => {
                let input = self.input(work, cast, *index, event.hours)?;
                let (id, _) = items::create(tx, &ctx, input).await?;
                work.ids.insert(*index, id);
            }
            Deed::Assign(index, who) => {
                items::give(tx, &ctx, item(index)?, user(who)?, Part::Assignee).await?;
            }
            Deed::Follow(index, who) => {
                items::give(tx, &ctx, item(index)?, user(who)?, Part::Follower).await?;
            }
            Deed::Say(index, number) => {
                let (kind, _, text) = &work.items[*index].messages[*number];
                let body = Body::parse(text, &self.limits)?;
                messages::add(tx, &ctx, item(index)?, *kind, body).await?;
            }
            Deed::Status(index, status) => {
                let edit = Edit { status: Some(*status), ..Edit::default() };
                items::edit(tx, &ctx, item(index)?, edit).await?;
            }
        }
        Ok(())
    }

    async fn project(
        &self,
        tx: &mut Tx,
        work: &mut Work,
        cast: &Cast,
        (ctx, letter): (&Ctx, char),
    ) -> Result<()> {
        let Some((_, name, about)) = work.projects.iter().find(|(one, ..)| *one == letter) else {
            return Ok(());
        };
        let id = projects::create(tx, ctx, Name::parse(name, &self.limits)?, about.clone()).await?;
        let who: &[(&str, Part)] = match letter {
            'a' => &[("ingrid", Part::Assignee), ("ada", Part::Follower)],
            'b' => &[("priya", Part::Assignee), ("lucas", Part::Assignee)],
            'm' => &[("ada", Part::Assignee), ("tomas", Part::Assignee)],
            'h' => &[("ada", Part::Assignee), ("mei", Part::Follower)],
            'o' => &[("samir", Part::Assignee), ("olivia", Part::Follower)],
            _ => &[("mei", Part::Assignee), ("ada", Part::Follower)],
        };
        for (who, part) in who {
            if let Some((person, _)) = cast.users.get(*who) {
                projects::give(tx, ctx, id, *person, *part).await?;
            }
        }
        work.project_ids.insert(letter, id);
        Ok(())
    }

    fn input(&self, work: &Work, cast: &Cast, index: usize, hours: i64) -> Result<Input> {
        let told = &work.items[index];
        let kind = if told.kind == 'k' { ItemKind::Task } else { ItemKind::Ticket };
        let present = told.assignees.iter().filter(|who| there(who, hours));
        let assignees = present.filter_map(|who| cast.users.get(who)).map(|(person, _)| *person).collect();
        // Some have a day: urgent things soon, and some of those are late by now.
        let made = self.now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(self.now);
        let room = i64::try_from(7 + index * 5 % 30).unwrap_or(7) * i64::try_from(told.priority).unwrap_or(1);
        let due = jiff::tz::TimeZone::UTC.to_datetime(made).date().checked_add(jiff::Span::new().days(room));
        let due = due.ok().filter(|_| index % 3 != 1);
        Ok(Input {
            description: items::description(&told.description, &self.limits)?,
            priority: Priority::ALL.get(told.priority - 1).copied().unwrap_or(Priority::Normal),
            due,
            project: work.project_ids.get(&told.project).copied(),
            requester: cast.customer(work, index).map(|(person, _)| person),
            assignees,
            tags: Tags::parse(&told.tags, &self.limits)?,
            ..Input::new(kind, Title::parse(&told.title, &self.limits)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_tell_about_two_hundred_items_in_six_projects() {
        let work = Work::read().expect("the texts are read");
        assert_eq!(work.projects.len(), 6);
        assert!((180..=220).contains(&work.items.len()), "{}", work.items.len());
        let said: usize = work.items.iter().map(|told| told.messages.len()).sum();
        assert!(said >= 100, "{said}");
        let titles: std::collections::HashSet<&str> =
            work.items.iter().map(|told| told.title.as_str()).collect();
        assert_eq!(titles.len(), work.items.len(), "no title twice");
    }

    #[test]
    fn nobody_does_anything_while_they_are_not_there() {
        let work = Work::read().expect("the texts are read");
        for event in &work.events {
            assert!(event.hours >= 0 && there(&event.who, event.hours), "{event:?}");
        }
        assert!(work.events.is_sorted_by(|earlier, later| earlier.hours >= later.hours));
    }

    #[test]
    fn every_letter_is_an_organization_or_a_project() {
        let work = Work::read().expect("the texts are read");
        for told in &work.items {
            let of = ORGANIZATIONS.iter().any(|(letter, _)| *letter == told.organization);
            assert!(of || told.organization == '-', "{}", told.title);
            let project = work.projects.iter().any(|(letter, ..)| *letter == told.project);
            assert!(project || told.project == '-', "{}", told.title);
            assert!(told.kind == 'k' || of, "a ticket has a requester: {}", told.title);
        }
    }
}
