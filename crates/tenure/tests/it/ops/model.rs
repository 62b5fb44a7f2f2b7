//! Random walks: the ops beside the model of the domain's own tests. Each step is done by both; answers and states
//! must agree, a refusal changes nothing, and the invariants of the rows hold.
//!
//! `TENURE_MODEL_WALKS=500 TENURE_MODEL_SEED=7 make test` walks more often, and elsewhere.

use std::collections::BTreeMap;

use domain::{
    Refusal,
    actor::{Actor, Door},
    id::{PersonId, SessionId, StepId, TeamId},
    lifecycle::{Grounds, Outcome},
    person::{Kind, Person, Status},
};
use jiff::SignedDuration;
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tenure::{
    Error, Result,
    ctx::Ctx,
    ops::{self, invitation::Joining},
    secret::{self, Secret},
    store::{
        Engine, Tx, licenses,
        links::{self, LinkKind, NewLink},
        people, sessions, teams,
        workspaces::{self, Counts, Move},
    },
};

use self::rules::{
    model::Workspace,
    walk::{By, Op, Walk, WayChoice, walk},
};
use self::save::{reread, save};
use crate::support::{both_engines, world::World};

#[path = "../../../../domain/tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the domain's own tests use the rest")]
mod rules;
mod run;
mod save;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn walk_of(seed: u64) -> Walk {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    walk().new_tree(&mut runner).expect("a walk").current()
}

both_engines! {
    async fn random_walks_agree_with_the_model(store: Store) {
        let few = if store.engine() == Engine::Sqlite { 8 } else { 3 };
        let first = World::new(store, 1).await;
        let begin = setting("TENURE_MODEL_SEED", 1);
        let mut reached = BTreeMap::<String, u32>::new();
        for seed in begin..begin + setting("TENURE_MODEL_WALKS", few) {
            let walk = walk_of(seed);
            let mut twin = Twin::begin(&first, walk.spare).await;
            for (index, (by, op)) in walk.steps.iter().enumerate() {
                let answer = twin.step(*by, op, &format!("seed {seed}, step {index}: {by:?} {op:?}")).await;
                *reached.entry(answer).or_default() += 1;
            }
        }
        assert!(reached.len() > 20, "the walks reach many answers: {reached:#?}");
    }
}

/// The model and the real workspace, side by side.
struct Twin {
    model: Workspace,
    world: World,
    people: BTreeMap<PersonId, PersonId>,
    teams: BTreeMap<TeamId, TeamId>,
    sessions: BTreeMap<PersonId, SessionId>,
    secrets: BTreeMap<PersonId, Secret>,
    /// The real steps of `model.done`, with the model's people in them.
    steps: Vec<(StepId, Vec<PersonId>)>,
}

/// What an op came to, in the model's words.
enum Came {
    Done,
    Changed(bool),
    Step(bool, Option<StepId>),
    Invited(PersonId, Secret),
}

impl Twin {
    async fn begin(first: &World, spare: i64) -> Self {
        let model = Workspace::new(spare);
        first.sys.set(model.now);
        let world = first.beside(model.licenses.owned).await;
        let mut twin = Self {
            people: model
                .people()
                .map(|person| (person.id, PersonId::from_uuid(world.sys.uuid7())))
                .collect(),
            teams: BTreeMap::new(),
            sessions: BTreeMap::new(),
            secrets: BTreeMap::new(),
            steps: Vec::new(),
            model,
            world,
        };
        for team in twin.model.teams.clone() {
            let real = twin.world.team(&format!("Team {}", team.uuid().as_u128())).await;
            twin.teams.insert(team, real);
        }
        twin.save_people().await;
        twin.agrees("the beginning").await;
        twin
    }

    /// Brings the model's people into the workspace: the first is its owner, who is there already.
    async fn save_people(&mut self) {
        let owner = self.model.accounts[0].person.id;
        self.people.insert(owner, self.world.owner.person);
        self.sessions.insert(owner, self.world.owner.session);
        let (ctx, model) = (self.world.cli(), self.model.accounts[0].person.clone());
        let edit = ops::profile::Input {
            name: Some(self.world.name(&model.name)),
            email: Some(model.email.clone()),
            ..Default::default()
        };
        let settings = ops::workspace::Settings {
            name: self.world.name("Acme"),
            language: "en".into(),
            time_zone: "UTC".into(),
            sessions: domain::session::SessionLengths::default(),
            version: 1,
        };
        let real: Vec<(Person, Vec<TeamId>)> = self
            .model
            .accounts
            .iter()
            .map(|account| {
                let teams = account.teams.iter().map(|team| self.teams[team]).collect();
                let id = self.people[&account.person.id];
                (Person { id, workspace: self.world.ws, ..account.person.clone() }, teams)
            })
            .collect();
        for (person, _) in real.iter().filter(|(person, _)| matches!(person.status, Status::Invited { .. })) {
            self.secrets.insert(person.id, Secret::new(&self.world.sys, secret::Kind::Invitation));
        }
        let secrets = self.secrets.clone();
        self.world
            .write(async move |tx| {
                ops::profile::edit(tx, &ctx, real[0].0.id, edit.clone()).await?;
                ops::workspace::change(tx, &ctx, settings.clone()).await?;
                let owner = reread(tx, &ctx, real[0].0.id).await?;
                people::set_status(tx, &owner, &real[0].0.status)?;
                for (index, (person, of)) in real.iter().enumerate() {
                    if index > 0 {
                        save(tx, &ctx, person, secrets.get(&person.id)).await?;
                    }
                    for team in of {
                        teams::join(tx, ctx.workspace, *team, person.id, ctx.now).await?;
                    }
                }
                licenses::note_day(tx, ctx.workspace, ctx.now).await
            })
            .await
            .expect("the people are saved");
    }

    /// One step of both; answers what it came to.
    async fn step(&mut self, by: By, op: &Op, at: &str) -> String {
        if matches!(op, Op::Undo { step } if self.model.nth_last(*step).is_none()) {
            return "nothing to undo".into();
        }
        let before = self.model.clone();
        let (actor, today) = (before.authority(by).actor, before.today());
        let wanted = self.model.apply(by, op);
        self.world.sys.set(self.model.now);
        if matches!(op, Op::Wait { .. }) {
            return "waited".into();
        }
        let ctx = self.acting(&actor).await;
        let rows = if wanted.is_err() { Some(self.world.dump().await) } else { None };
        let Some(came) = self.run(ctx, &before, op, today).await else {
            // There is no link to accept.
            self.model = before;
            return "no link".into();
        };
        let name = match (&wanted, &came) {
            (Err(wanted), Err(Error::Refused(refusal))) => {
                assert!(alike(wanted, refusal), "{at}: the model says {wanted:?}, the op {refusal:?}");
                wanted.name().to_owned()
            }
            (Ok(outcome), Ok(came)) => {
                let changed = matches!(outcome, Outcome::Changed(()));
                let (Came::Changed(is) | Came::Step(is, _)) = came else {
                    return self.settle(&before, came, at).await;
                };
                assert_eq!(changed, *is, "{at}: whether something changed");
                return self.settle(&before, came, at).await + if changed { "" } else { ", unchanged" };
            }
            (wanted, Err(error)) => panic!("{at}: the model says {wanted:?}, the op {error:?}"),
            (Err(wanted), Ok(_)) => panic!("{at}: the model says {wanted:?}, and the op did it"),
        };
        super::rules::untouched(&self.world, &rows.expect("the rows before")).await;
        self.agrees(at).await;
        name
    }

    /// Takes over what the op made, and compares.
    async fn settle(&mut self, before: &Workspace, came: &Came, at: &str) -> String {
        let gone: Vec<PersonId> =
            before.people().map(|person| person.id).filter(|id| self.model.find(*id).is_none()).collect();
        self.steps.retain(|(_, people)| !people.iter().any(|person| gone.contains(person)));
        for person in &gone {
            self.people.remove(person);
        }
        let name = match came {
            Came::Done => "done",
            Came::Changed(_) => "role or owner",
            Came::Step(_, step) => {
                if let (Some(step), Some(done)) = (step, self.model.done.last())
                    && self.model.done.len() == self.steps.len() + 1
                {
                    self.steps.push((*step, done.was.iter().map(|(person, _)| *person).collect()));
                }
                "step"
            }
            Came::Invited(real, secret) => {
                let new =
                    self.model.people().map(|person| person.id).find(|id| !self.people.contains_key(id));
                if let Some(new) = new {
                    self.people.insert(new, *real);
                }
                self.secrets.insert(*real, secret.clone());
                "invitation"
            }
        };
        assert_eq!(self.model.done.len(), self.steps.len(), "{at}: steps to undo");
        self.agrees(at).await;
        name.into()
    }

    /// The model's actor with an open session, where the person could have one.
    async fn acting(&mut self, actor: &Actor) -> Ctx {
        let actor = match actor {
            Actor::Person { person, .. } => {
                let nobody = PersonId::from_uuid(self.world.sys.uuid7());
                let real = self.people.get(person).copied().unwrap_or(nobody);
                Actor::Person { person: real, session: self.session(*person, real).await }
            }
            other => other.clone(),
        };
        self.world.app.ctx(self.world.ws, actor, Door::Page)
    }

    async fn session(&mut self, person: PersonId, real: PersonId) -> SessionId {
        let known = self.sessions.get(&person).copied();
        let found = people::look(&mut self.world.reader().await, self.world.ws, known, [real; 3]).await;
        let found = found.expect("a read");
        let id = SessionId::from_uuid(self.world.sys.uuid7());
        let Some(locked) = found.first() else { return id };
        if let (true, Some(known)) = (locked.session_open, known) {
            return known;
        }
        if !locked.row.person.status.is_active() {
            return known.unwrap_or(id);
        }
        let session = sessions::NewSession {
            id,
            person: real,
            token_hash: self.world.sys.bytes::<32>().to_vec(),
            address: String::new(),
            user_agent: String::new(),
        };
        let (ws, now) = (self.world.ws, self.world.sys.now());
        let saved = self.world.write(async move |tx| sessions::insert(tx, ws, &session, now).await).await;
        saved.expect("a session");
        self.sessions.insert(person, id);
        id
    }

    /// State by state: people, licenses, and the invariants of the rows.
    async fn agrees(&self, at: &str) {
        let workspace = self.world.workspace().await;
        let (model, real) = (&self.model.licenses, &workspace.licenses);
        assert_eq!((real.owned, real.used), (model.owned, model.used), "{at}: licenses owned and used");
        let back: BTreeMap<PersonId, PersonId> =
            self.people.iter().map(|(model, real)| (*real, *model)).collect();
        for account in &self.model.accounts {
            let row = self.world.found(self.people[&account.person.id]).await;
            let row = row.unwrap_or_else(|| panic!("{at}: {} is not there", account.person.name));
            let mut person = Person {
                id: account.person.id,
                workspace: account.person.workspace,
                version: account.person.version,
                ..row.person
            };
            if let Status::Deactivated { by: Some(by), .. } = &mut person.status {
                *by = back.get(by).copied().unwrap_or(*by);
            }
            let mut wanted = account.person.clone();
            // Whoever did it may be gone since: then the two know them by ids that no longer meet.
            forget_the_gone(&mut wanted, &self.model);
            forget_the_gone(&mut person, &self.model);
            assert_eq!(person, wanted, "{at}");
            assert_eq!(row.teams, i64::try_from(account.teams.len()).expect("few"), "{at}: teams");
        }
        let counts = workspace.counts;
        let users = self.model.people().filter(|person| person.kind == Kind::User).count();
        let counted = counts.active + counts.invited + counts.deactivated;
        assert_eq!(counted, i64::try_from(users).expect("few"), "{at}: users");
        let customers = self.model.people().count() - users;
        let counts = workspace.customers;
        let counted = counts.active + counts.invited + counts.deactivated;
        assert_eq!(counted, i64::try_from(customers).expect("few"), "{at}: customers");
        let wrong =
            ops::invariants::check_invariants(&self.world.app.store, self.world.ws).await.expect("a read");
        assert!(wrong.is_empty(), "{at}: {wrong:#?}");
    }
}

fn forget_the_gone(person: &mut Person, model: &Workspace) {
    if let Status::Deactivated { by, .. } = &mut person.status
        && by.is_some_and(|by| model.find(by).is_none())
    {
        *by = None;
    }
}

/// A link of somebody deactivated is void, and the op looks at the link before the person.
fn alike(model: &Refusal, op: &Refusal) -> bool {
    model.name() == op.name() || (*model == Refusal::ActorDeactivated && *op == Refusal::LinkVoid)
}
