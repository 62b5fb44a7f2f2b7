//! Taking a step with the real ops.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    bulk::Deed,
    id::{ItemId, PersonId},
    item::{ItemKind, MessageKind, Part},
    person::Kind,
    project::ProjectState,
};
use tenure::{
    Error, Result,
    ctx::Ctx,
    ops::{
        self,
        activation::Way,
        handover,
        items::{Edit, Input, bulk as many},
        projects,
    },
    store::{batches::State, item_people, messages},
};

use super::{Op, Said, Stroll, step::Many};
use crate::support::world::{address, any_name};

/// Whom a step was about: whose own rows it may have changed.
pub(super) struct Touched {
    pub(super) people: BTreeSet<PersonId>,
    /// Whether it may give something to somebody deactivated: only what they gave away comes back.
    pub(super) gives: bool,
}

impl Touched {
    fn nobody() -> Self {
        Self::these([])
    }

    fn these(people: impl IntoIterator<Item = PersonId>) -> Self {
        Self { people: people.into_iter().collect(), gives: false }
    }
}

impl Stroll {
    fn person(&self, n: u8) -> PersonId {
        self.people[usize::from(n) % self.people.len()].id
    }

    /// A user; seldom a customer, whom the rules refuse.
    fn user(&self, n: u8) -> PersonId {
        let users: Vec<PersonId> =
            self.people.iter().filter(|who| n > 230 || who.kind == Kind::User).map(|who| who.id).collect();
        users[usize::from(n) % users.len()]
    }

    /// Takes a step.
    pub(super) async fn take(&mut self, ctx: Ctx, op: &Op) -> Result<Touched> {
        let world = self.world.clone();
        match *op {
            Op::Make { task, assignee, follower, requester } => {
                let kind = if task { ItemKind::Task } else { ItemKind::Ticket };
                let [one, two, three] = [self.user(assignee), self.person(follower), self.person(requester)];
                let input = Input {
                    assignees: vec![one],
                    followers: vec![two],
                    requester: Some(three),
                    ..Input::new(kind, world.title("A thing"))
                };
                let (id, _) = world.make(ctx, input).await?;
                self.items.push(id);
                Ok(Touched::these([one, two, three]))
            }
            Op::ItemPart { gives, item, person, part } => {
                let person = if part == Part::Assignee { self.user(person) } else { self.person(person) };
                let item = self.item(item);
                if gives {
                    world.give(ctx, item, person, part).await?;
                } else {
                    world.take(ctx, item, person, part).await?;
                }
                Ok(Touched::these([person]))
            }
            Op::Requester { item, person } => {
                let (item, person) = (self.item(item), person.map(|n| self.person(n)));
                let was = self.requester(item).await;
                let edit = Edit { requester: Some(person), ..Edit::default() };
                world.edit_item(ctx, item, edit).await?;
                Ok(Touched::these(person.into_iter().chain(was)))
            }
            Op::Status { item, status } => {
                let edit = Edit { status: Some(status), ..Edit::default() };
                world.edit_item(ctx, self.item(item), edit).await?;
                Ok(Touched::nobody())
            }
            Op::Into { item, project } => {
                let project = project.map(|n| self.projects[usize::from(n) % self.projects.len()]);
                let edit = Edit { project: Some(project), ..Edit::default() };
                world.edit_item(ctx, self.item(item), edit).await?;
                Ok(Touched::nobody())
            }
            Op::Say { item, kind, mention } => {
                let (item, mention) = (self.item(item), mention.map(|n| self.person(n)));
                self.says(ctx, item, kind, mention).await
            }
            Op::ProjectPart { .. } | Op::Archive { .. } | Op::Team { .. } | Op::Rename { .. } => {
                self.take_beside(ctx, op).await
            }
            Op::Many { deed, person, items } => self.change_many(ctx, deed, self.user(person), items).await,
            Op::HandOver { from, to, team } => self.hands_over(ctx, from, to, team).await,
            Op::HandBack { nth } => self.hands_back(ctx, nth).await,
            _ => self.live(ctx, op).await,
        }
    }

    async fn requester(&self, item: ItemId) -> Option<PersonId> {
        let row = tenure::store::items::load(&mut self.world.reader().await, self.world.ws, item).await;
        row.expect("a read").and_then(|row| row.item.requester)
    }

    /// Projects, teams and names.
    async fn take_beside(&mut self, ctx: Ctx, op: &Op) -> Result<Touched> {
        let world = self.world.clone();
        let project = |n: u8| self.projects[usize::from(n) % self.projects.len()];
        match *op {
            Op::ProjectPart { gives, project: n, person, part } => {
                let person = if part == Part::Assignee { self.user(person) } else { self.person(person) };
                let project = project(n);
                let write = async move |tx: &mut tenure::store::Tx| {
                    if gives {
                        projects::give(tx, &ctx, project, person, part).await
                    } else {
                        projects::take(tx, &ctx, project, person, part).await
                    }
                };
                world.write(write).await?;
                Ok(Touched::these([person]))
            }
            Op::Archive { project: n, archived } => {
                let project = project(n);
                let state = if archived { ProjectState::Archived } else { ProjectState::Active };
                let edit = projects::Edit { state: Some(state), ..Default::default() };
                world.write(async move |tx| projects::edit(tx, &ctx, project, edit.clone()).await).await?;
                Ok(Touched::nobody())
            }
            Op::Team { joins, person, team } => {
                let (person, team) = (self.user(person), self.teams[usize::from(team) % self.teams.len()]);
                let write = async move |tx: &mut tenure::store::Tx| {
                    if joins {
                        ops::teams::join(tx, &ctx, team, person).await
                    } else {
                        ops::teams::leave(tx, &ctx, team, person).await
                    }
                };
                world.write(write).await?;
                Ok(Touched::these([person]))
            }
            Op::Rename { person } => {
                let (person, name) = (self.person(person), any_name("Renamed"));
                let edit = ops::profile::Input {
                    name: Some(world.name(&name)),
                    email: Some(address(&name)),
                    ..Default::default()
                };
                world.write(async move |tx| ops::profile::edit(tx, &ctx, person, edit.clone()).await).await?;
                let who = self.people.iter_mut().find(|who| who.id == person).expect("somebody");
                who.traces.extend([name.to_lowercase(), address(&name)]);
                Ok(Touched::these([person]))
            }
            _ => unreachable!("the rest is taken elsewhere: {op:?}"),
        }
    }

    /// Somebody writes, and mentions whom by their address: what is kept must not hold it.
    pub(super) async fn says(
        &mut self,
        ctx: Ctx,
        item: ItemId,
        kind: MessageKind,
        mention: Option<PersonId>,
    ) -> Result<Touched> {
        let world = self.world.clone();
        let author = ctx.actor.person().expect("a person writes");
        // Customers mention nobody; what they type stays as it is, an address too.
        let customer = self.people.iter().any(|who| who.id == author && who.kind == Kind::Customer);
        let mention = mention.filter(|_| !customer);
        let text = match mention {
            Some(person) => {
                format!("Message {}: see @{}.", self.said.len(), world.row(person).await.person.email)
            }
            None => format!("Message {}.", self.said.len()),
        };
        let added = world.say(ctx, item, kind, &text).await?;
        let mut rx = world.reader().await;
        let last = messages::before(&mut rx, world.ws, item, true, None, 1_000).await?;
        let saved = last.into_iter().find(|message| message.id == added.id).expect("it is saved");
        let author_kind = if customer { Kind::Customer } else { Kind::User };
        self.said.push(Said { item, id: added.id, author, author_kind, kind, body: saved.body });
        Ok(Touched::these(added.mentioned.into_iter().chain([author])))
    }

    async fn change_many(&mut self, ctx: Ctx, deed: Many, person: PersonId, items: u8) -> Result<Touched> {
        let chosen: Vec<ItemId> = self
            .items
            .iter()
            .rev()
            .take(8)
            .enumerate()
            .filter(|(bit, _)| items >> bit & 1 == 1)
            .map(|(_, item)| *item)
            .collect();
        let deed = match deed {
            Many::Assign => many::Deed::Assign(person),
            Many::Unassign => many::Deed::Unassign(Some(person)),
            Many::UnassignAll => many::Deed::Unassign(None),
            Many::Follow => many::Deed::Follow(person),
            Many::Unfollow => many::Deed::Unfollow(person),
            Many::Status => {
                let all = domain::item::ItemStatus::ALL;
                many::Deed::Status(all[usize::from(items) % all.len()])
            }
            Many::Project => {
                many::Deed::Project(Some(self.projects[usize::from(items) % self.projects.len()]))
            }
        };
        let mut rx = self.world.reader().await;
        let mut people: BTreeSet<PersonId> = deed.person().into_iter().collect();
        if deed == many::Deed::Unassign(None) {
            for item in &chosen {
                let parts = item_people::parts(&mut rx, self.world.ws, *item).await?.into_iter();
                people.extend(parts.filter(|(_, part)| *part == Part::Assignee).map(|(person, _)| person));
            }
        }
        let input = many::Input { which: many::Which::Ids(chosen), deed };
        let plan = many::plan(&mut rx, &ctx, &input).await?;
        drop(rx);
        let done = many::carry_out(&self.world.app.store, &ctx, &input, &plan.fingerprint).await?;
        assert_eq!(done.changed, plan.changes(), "{deed:?}: what the preview said");
        Ok(Touched { people, gives: false })
    }

    async fn hands_over(&mut self, ctx: Ctx, from: u8, to: u8, team: bool) -> Result<Touched> {
        let to = if team {
            handover::To::Team(self.teams[usize::from(to) % self.teams.len()])
        } else {
            handover::To::Person(self.user(to))
        };
        let input = handover::Input { from: self.user(from), to, items: None, fingerprint: None };
        let plan = handover::plan(&mut self.world.reader().await, &ctx, &input).await?;
        let input = handover::Input { fingerprint: Some(plan.fingerprint.clone()), ..input };
        let receipt = self.world.hand_over(ctx, input.clone()).await?;
        assert_eq!(receipt.moved, plan, "what the preview said");
        let mut people: Vec<PersonId> = receipt.moved.shares.iter().map(|share| share.person).collect();
        people.push(input.from);
        self.handovers.extend(receipt.undo.map(|id| (id, people.clone())));
        Ok(Touched::these(people))
    }

    async fn hands_back(&mut self, ctx: Ctx, nth: u8) -> Result<Touched> {
        let found = self.handovers.iter().rev().nth(usize::from(nth)).cloned();
        let (id, people) = found.ok_or(Error::NotFound("handover"))?;
        self.world.write(async move |tx| handover::undo(tx, &ctx, id).await).await?;
        Ok(Touched { people: people.into_iter().collect(), gives: true })
    }

    /// The life of accounts. A change of status is about nobody: nothing that is anybody's own may differ after it.
    async fn live(&mut self, ctx: Ctx, op: &Op) -> Result<Touched> {
        let world = self.world.clone();
        match *op {
            Op::Deactivate { person } => {
                let done = world.deactivate_by(ctx, self.person(person)).await?;
                self.steps.extend(done.undo);
            }
            Op::Activate { person } => {
                let done = world.activate_by(ctx, self.person(person), Way::Free).await?;
                self.steps.extend(done.undo);
            }
            Op::Undo { nth } => {
                let step = self.steps.iter().rev().nth(usize::from(nth)).copied();
                let step = step.ok_or(Error::NotFound("step"))?;
                world.write(async move |tx| ops::undo::undo(tx, &ctx, step).await).await?;
            }
            Op::Delete { person, of_many } => return self.deletes(ctx, person, of_many).await,
            Op::Depart => {
                if !self.depart().await {
                    return Err(Error::NotFound("departure"));
                }
                // What is taken from somebody who is gone is taken from nobody who is here.
                return Ok(Touched::these(self.gone.iter().map(|gone| gone.id)));
            }
            Op::Wait { minutes } => world.later(Duration::from_mins(minutes.into())),
            _ => unreachable!("the rest is taken elsewhere: {op:?}"),
        }
        Ok(Touched::nobody())
    }

    /// Deletes somebody, alone or as one of many, of whom a smaller piece goes at once; somebody else joins.
    async fn deletes(&mut self, ctx: Ctx, n: u8, of_many: bool) -> Result<Touched> {
        let (world, id) = (self.world.clone(), self.person(n));
        let kind = self.people[usize::from(n) % self.people.len()].kind;
        if of_many {
            let input = ops::bulk::Input {
                kind,
                whom: ops::bulk::Whom::Ids(vec![id]),
                deed: Deed::Delete,
                add_licenses: false,
                past_brake: true,
                fingerprint: None,
                count: Some(1),
                most: 10,
            };
            let begun =
                world.write(async move |tx| ops::bulk::begin(tx, &ctx, input.clone()).await).await?.batch;
            let mut state = State::Running;
            while state == State::Running {
                let (sys, ws) = (world.sys.clone(), world.ws);
                let done = world.write(async move |tx| ops::bulk::work(tx, &sys, ws, begun).await).await?;
                state = done.state;
            }
            // Whoever began it was skipped, or stopped, if they may not.
            if world.found(id).await.is_some() {
                return Ok(Touched::nobody());
            }
        } else {
            let email = world.row(id).await.person.email;
            let input = ops::deletion::Input { email, version: None, seen: None };
            world.write(async move |tx| ops::deletion::delete(tx, &ctx, id, input.clone()).await).await?;
        }
        let at = self.people.iter().position(|who| who.id == id).expect("somebody");
        let gone = self.people.remove(at);
        self.gone.push(gone);
        let new = self.joins(kind).await;
        Ok(Touched::these([id, new]))
    }
}
