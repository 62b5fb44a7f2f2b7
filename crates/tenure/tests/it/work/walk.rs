//! Random walks through the work: users, customers, items, projects, teams and accounts, changed by anybody at random,
//! with the real ops. After each step the rows keep the invariants, a refusal has changed nothing, and nobody's own
//! rows differ but those of the people whom the step was about. A change of status is about nobody (invariant 5); a
//! delete leaves no row with a name, an address or a credential of whoever it was about, and what they wrote stays
//! readable (invariant 6).
//!
//! `TENURE_WALKS=500 TENURE_WALK_SEED=7 make test` walks more often, and elsewhere. That the two checks can fail is
//! shown by planted faults: see the last tests.

mod look;
mod step;
mod take;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::{HandoverId, ItemId, MessageId, PersonId, ProjectId, SessionId, StepId, TeamId},
    item::{MessageKind, Part},
    person::Kind,
};
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tenure::{
    Error,
    ctx::Ctx,
    store::{Engine, Sql, passwords, sessions},
};

use self::{
    look::{Rows, differences, new_rows, own_rows},
    step::{By, Op, walk},
    take::Touched,
};
use crate::support::{
    both_engines,
    world::{Who, World, any_name, changed_tables},
};

/// Somebody in the walk, and all by which a row would name them.
struct Somebody {
    id: PersonId,
    kind: Kind,
    session: SessionId,
    traces: BTreeSet<String>,
}

/// A message as it was written.
struct Said {
    item: ItemId,
    id: MessageId,
    author: PersonId,
    author_kind: Kind,
    kind: MessageKind,
    body: String,
}

/// A workspace that is walked through.
struct Stroll {
    world: World,
    people: Vec<Somebody>,
    gone: Vec<Somebody>,
    items: Vec<ItemId>,
    projects: Vec<ProjectId>,
    teams: Vec<TeamId>,
    steps: Vec<StepId>,
    handovers: Vec<(HandoverId, Vec<PersonId>)>,
    said: Vec<Said>,
    /// How many pieces of departures were taken.
    pieces: u32,
    /// What is everybody's own, as of the last step.
    own: BTreeMap<PersonId, Rows>,
}

impl Stroll {
    async fn begin(store: tenure::store::Store) -> Self {
        let world = World::new(store, 30).await;
        let mut stroll = Self {
            world,
            people: Vec::new(),
            gone: Vec::new(),
            items: Vec::new(),
            projects: Vec::new(),
            teams: Vec::new(),
            steps: Vec::new(),
            handovers: Vec::new(),
            said: Vec::new(),
            pieces: 0,
            own: BTreeMap::new(),
        };
        let organization = stroll.world.organization("Globex", "").await;
        for title in ["A lamp", "A chair", "A desk", "A door", "A shelf", "A carpet", "A clock"] {
            stroll.items.push(stroll.world.assigned(title, &[]).await.0);
        }
        for kind in [Kind::User, Kind::Customer, Kind::User, Kind::Customer, Kind::User, Kind::Customer] {
            let id = stroll.joins(kind).await;
            if kind == Kind::Customer {
                stroll.world.group_of(organization, id).await;
            }
        }
        for name in ["Support", "Field"] {
            stroll.teams.push(stroll.world.team(name).await);
            stroll.projects.push(stroll.world.project(name).await);
        }
        stroll.own = stroll.read().await;
        stroll
    }

    /// Somebody new, with a password, a view of their own, an open session, and more parts than the first piece of
    /// a departure takes.
    async fn joins(&mut self, kind: Kind) -> PersonId {
        let (world, name) = (&self.world, any_name("Walk"));
        let who = world.joined_to(kind, &name).await;
        if kind == Kind::User {
            let (me, label) = (world.by(who), world.name("Mine"));
            let saved = world.write(async move |tx| {
                tenure::ops::views::save(tx, &me, Kind::User, label.clone(), "q=x".into()).await
            });
            saved.await.expect("a view");
        }
        for item in self.items.iter().take(7) {
            world.give(world.ctx(), *item, who.person, Part::Follower).await.expect("a part");
        }
        let hash = passwords::of(&mut world.reader().await, world.ws, who.person).await.expect("a read");
        let traces = [name.clone(), crate::support::world::address(&name), hash.expect("a password")];
        let traces = traces.into_iter().map(|trace| trace.to_lowercase()).collect();
        self.people.push(Somebody { id: who.person, kind, session: who.session, traces });
        who.person
    }

    async fn read(&self) -> BTreeMap<PersonId, Rows> {
        own_rows(&self.world).await
    }

    /// Whoever does a step, with an open session where they can have one.
    async fn acting(&mut self, by: By) -> Ctx {
        let By::Somebody(n) = by else { return self.world.ctx() };
        if let (240.., Some(gone)) = (n, self.gone.last()) {
            return self.world.by(Who { person: gone.id, session: gone.session });
        }
        let at = usize::from(n) % self.people.len();
        let (person, known) = (self.people[at].id, self.people[at].session);
        let active = self.world.row(person).await.person.status.is_active();
        let open = self.open(person, known).await;
        if !active || open {
            return self.world.by(Who { person, session: known });
        }
        let token = self.world.sys.bytes::<32>().to_vec();
        let id = SessionId::from_uuid(self.world.sys.uuid7());
        let session = sessions::NewSession {
            id,
            person,
            token_hash: token.clone(),
            address: "198.51.100.7".into(),
            user_agent: "a walker".into(),
        };
        let (ws, now) = (self.world.ws, self.world.sys.now());
        let saved = self.world.write(async move |tx| sessions::insert(tx, ws, &session, now).await).await;
        saved.expect("a session");
        let who = &mut self.people[at];
        who.session = id;
        who.traces.insert(tenure::seal::to_hex(&token));
        self.world.by(Who { person, session: id })
    }

    async fn open(&self, person: PersonId, session: SessionId) -> bool {
        let mut rx = self.world.reader().await;
        let found = tenure::store::people::look(&mut rx, self.world.ws, Some(session), [person; 3])
            .await
            .expect("a read");
        found.first().is_some_and(|locked| locked.session_open)
    }

    /// One step, and all that must hold after it; answers what it came to.
    async fn step(&mut self, by: By, op: &Op, at: &str) -> String {
        let ctx = self.acting(by).await;
        let before = self.world.dump().await;
        let off = self.deactivated().await;
        let touched = match self.take(ctx, op).await {
            Ok(touched) => touched,
            Err(error) => {
                let changed = changed_tables(&before, &self.world.dump().await);
                assert!(changed.is_empty(), "{at}: {error:?}, and these tables changed: {changed:?}");
                return match error {
                    Error::Refused(refusal) => format!("refused: {}", refusal.name()),
                    // Somebody who is not there any more, or an item that is none of a customer's business.
                    Error::NotFound(what) => format!("not found: {what}"),
                    error => panic!("{at}: {error:?}"),
                };
            }
        };
        let Touched { people, gives } = touched;
        let own = self.read().await;
        let differs = differences(&self.own, &own, &people);
        assert!(differs.is_empty(), "{at}: what is theirs has changed: {differs:#?}");
        if !gives {
            let new = new_rows(&self.own, &own, &off);
            assert!(new.is_empty(), "{at}: deactivated, and has something new: {new:#?}");
        }
        self.own = own;
        let wrong = tenure::ops::invariants::check_invariants(&self.world.app.store, self.world.ws).await;
        assert_eq!(wrong.expect("a read"), Vec::<String>::new(), "{at}");
        if matches!(op, Op::Delete { .. } | Op::Depart) {
            let left = self.left_of_the_gone().await;
            assert!(left.is_empty(), "{at}: {left:#?}");
            let unread = self.unreadable().await;
            assert!(unread.is_empty(), "{at}: {unread:#?}");
        }
        format!("{op:?}").split([' ', '{']).next().unwrap_or_default().to_owned()
    }

    async fn deactivated(&self) -> BTreeSet<PersonId> {
        let mut off = BTreeSet::new();
        for who in &self.people {
            if !self.world.row(who.id).await.person.status.is_active() {
                off.insert(who.id);
            }
        }
        off
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn walk_of(seed: u64) -> Vec<(By, Op)> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    walk().new_tree(&mut runner).expect("a walk").current()
}

/// Does a few things with one person: everything that a plant below is to be found in.
async fn someone_with_work(stroll: &mut Stroll) -> PersonId {
    let person = stroll.people[0].id;
    let item = stroll.items[0];
    let world = &stroll.world;
    world.give(world.ctx(), item, person, Part::Assignee).await.expect("a part");
    stroll.own = stroll.read().await;
    person
}

both_engines! {
    async fn invariant_5_and_6_no_walk_loses_what_is_held_or_leaves_what_was_deleted(store: Store) {
        let few = if store.engine() == Engine::Sqlite { 12 } else { 8 };
        let mut reached = BTreeMap::<String, u32>::new();
        let first = setting("TENURE_WALK_SEED", 1);
        let mut stroll = Stroll::begin(store).await;
        for seed in first..first + setting("TENURE_WALKS", few) {
            for (index, (by, op)) in walk_of(seed).iter().enumerate() {
                let came = stroll.step(*by, op, &format!("seed {seed}, step {index}: {by:?} {op:?}")).await;
                *reached.entry(came).or_default() += 1;
            }
        }
        stroll.ends().await;
        for name in ["Deactivate", "Activate", "Undo", "Delete", "Depart", "HandOver", "HandBack", "Make", "Say", "Many"] {
            assert!(reached.contains_key(name), "{name} is reached: {reached:#?}");
        }
        assert!(reached.keys().filter(|name| name.starts_with("refused")).count() > 5, "{reached:#?}");
        assert!(stroll.pieces > 0, "somebody left more than one write removes: {reached:#?}");
    }

    async fn a_walk_sees_what_a_change_of_status_has_lost(store: Store) {
        // A part, a setting and a view: planted as an op would lose them that touched what it must not.
        let mut stroll = Stroll::begin(store).await;
        let person = someone_with_work(&mut stroll).await;
        let nobody = BTreeSet::new();
        for text in [
            "update people set theme = 'dark' where workspace_id = $1 and person_id = $2",
            "delete from item_people where workspace_id = $1 and person_id = $2",
            "delete from views where workspace_id = $1 and person_id = $2",
        ] {
            stroll.world.deactivate(person).await.expect("a deactivation");
            stroll.world.activate(person, tenure::ops::activation::Way::Free).await.expect("an activation");
            let own = stroll.read().await;
            assert!(differences(&stroll.own, &own, &nobody).is_empty(), "nothing is lost yet");
            let ws = stroll.world.ws;
            let plant = async move |tx: &mut tenure::store::Tx| {
                tx.exec(&Sql::built(text.to_owned()), &[&ws.uuid(), &person.uuid()]).await
            };
            assert!(stroll.world.write(plant).await.expect("a plant") > 0, "{text}");
            let own = stroll.read().await;
            assert!(!differences(&stroll.own, &own, &nobody).is_empty(), "not seen: {text}");
            stroll.own = own;
        }
    }

    async fn a_walk_sees_what_a_delete_has_left(store: Store) {
        let mut stroll = Stroll::begin(store).await;
        let person = someone_with_work(&mut stroll).await;
        let (world, item) = (stroll.world.clone(), stroll.items[0]);
        let by = stroll.world.by(Who { person, session: stroll.people[0].session });
        stroll.says(by, item, MessageKind::Reply, None).await.expect("a message");
        let name = world.row(person).await.person.name;
        let op = Op::Delete { person: 0, of_many: false };
        stroll.step(By::Owner, &op, "a delete").await;
        assert!(stroll.left_of_the_gone().await.is_empty() && stroll.unreadable().await.is_empty());
        let ws = world.ws;
        let plant = async move |tx: &mut tenure::store::Tx| {
            let text = "update items set description = $1 where workspace_id = $2 and item_id = $3";
            tx.exec(&Sql::built(text.into()), &[&name, &ws.uuid(), &item.uuid()]).await
        };
        assert_eq!(world.write(plant).await.expect("a plant"), 1);
        assert_eq!(stroll.left_of_the_gone().await.len(), 1, "a name that is left is seen");
        let plant = async move |tx: &mut tenure::store::Tx| {
            let text = "update messages set body = '' where workspace_id = $1 and item_id = $2";
            tx.exec(&Sql::built(text.into()), &[&ws.uuid(), &item.uuid()]).await
        };
        assert_eq!(world.write(plant).await.expect("a plant"), 1);
        assert_eq!(stroll.unreadable().await.len(), 1, "a message that went with its author is seen");
    }
}
