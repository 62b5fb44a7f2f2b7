//! One action on many people, on both engines: for each what the rule for one says, all licenses or none, the brake,
//! and the end of it whatever happens between.

mod races;

use std::time::Duration;

use domain::{
    Refusal,
    actor::Actor,
    brake::Brake,
    bulk::Deed,
    id::{BatchId, PersonId},
    lifecycle::Grounds,
    person::{Kind, Person, Status, StatusWord},
    role::Role,
};
use tenure::{
    Error, Result,
    ctx::Ctx,
    jobs,
    ops::{
        self,
        activation::Way,
        bulk::{self, Begun, Input, Plan, Progress, Whom},
    },
    store::{
        Engine, Sql, Tx, batch_people,
        batches::{self, Batch, State},
        brakes,
        grid::{BuiltinView, GridQuery},
        workspaces::{Counts, Move},
    },
};

use crate::support::{
    both_engines,
    world::{PASSWORD, World, address, any_name, refused},
};

fn deactivation() -> Deed {
    Deed::Deactivate(Grounds { reason: Some("The branch closes".into()), review_on: None })
}

fn input(kind: Kind, ids: &[PersonId], deed: Deed) -> Input {
    Input {
        kind,
        whom: Whom::Ids(ids.to_vec()),
        deed,
        add_licenses: false,
        past_brake: true,
        fingerprint: None,
        count: None,
        most: 10_000,
    }
}

async fn plan(world: &World, input: &Input) -> Result<Plan> {
    bulk::plan(&mut world.reader().await, &world.ctx(), input).await
}

async fn begin_by(world: &World, ctx: Ctx, input: Input) -> Result<Begun> {
    world.write(async move |tx| bulk::begin(tx, &ctx, input.clone()).await).await
}

async fn begin(world: &World, input: Input) -> Result<Begun> {
    begin_by(world, world.ctx(), input).await
}

async fn piece(world: &World, id: BatchId) -> Progress {
    let (sys, ws) = (world.sys.clone(), world.ws);
    world.write(async move |tx| bulk::work(tx, &sys, ws, id).await).await.expect("a piece of work")
}

/// Works until nothing more is done.
async fn finish(world: &World, id: BatchId) -> Batch {
    for _ in 0..1_000 {
        if piece(world, id).await.state != State::Running {
            return batch(world, id).await;
        }
    }
    panic!("the batch does not end: {:?}", batch(world, id).await);
}

async fn whole(world: &World, input: Input) -> Batch {
    let begun = begin(world, input).await.expect("it begins");
    finish(world, begun.batch).await
}

async fn batch(world: &World, id: BatchId) -> Batch {
    batches::load(&mut world.reader().await, world.ws, id).await.expect("a read").expect("it is there")
}

async fn undo(world: &World, id: BatchId) -> Result<Begun> {
    let ctx = world.ctx();
    world.write(async move |tx| bulk::undo(tx, &ctx, id).await).await
}

async fn resume_by(world: &World, ctx: Ctx, id: BatchId) -> Result<()> {
    world.write(async move |tx| bulk::resume(tx, &ctx, id).await).await
}

async fn cancel(world: &World, id: BatchId) -> Result<()> {
    let ctx = world.ctx();
    world.write(async move |tx| bulk::cancel(tx, &ctx, id).await).await
}

async fn set_brake(world: &World, brake: Brake) -> Result<bool> {
    let ctx = world.ctx();
    let version = brakes::load(&mut world.reader().await, world.ws).await.expect("a read").1;
    world.write(async move |tx| bulk::set_brake(tx, &ctx, brake, version).await).await
}

/// So many active customers, saved at once and by no op.
async fn customers(world: &World, count: i64) -> Vec<PersonId> {
    let (ws, now) = (world.ws, world.sys.now());
    let people: Vec<Person> = (0..count)
        .map(|_| {
            let name = any_name("Cus");
            Person {
                workspace: ws,
                id: PersonId::from_uuid(world.sys.uuid7()),
                kind: Kind::Customer,
                role: Role::Member,
                status: Status::Active { since: now },
                email: address(&name),
                name,
                version: 1,
            }
        })
        .collect();
    let ids = people.iter().map(|person| person.id).collect();
    for (round, some) in people.chunks(500).enumerate() {
        let some = some.to_vec();
        let saved = world.write(async move |tx| {
            for person in &some {
                let texts = ops::profile::texts(&person.name, &person.email);
                tenure::store::people::insert(tx, person, &texts, now).await?;
            }
            let count = count_of(some.len());
            let counts = Counts { active: count, never: count, ..Counts::default() };
            tenure::store::workspaces::apply_customers_soon(tx, ws, counts)?;
            tenure::store::workspaces::apply(tx, ws, Move::default()).await
        });
        assert!(saved.await.expect("customers are saved").is_some());
        if round == 0 && world.app.store.engine() == Engine::Postgres {
            // A server does this by itself after a while; until then it plans for empty tables.
            let analyze = async |tx: &mut Tx| tx.exec(&Sql::built("analyze".into()), &[]).await;
            world.write(analyze).await.expect("analyzed");
        }
    }
    ids
}

async fn statuses(world: &World, ids: &[PersonId]) -> Vec<Status> {
    let rows = batch_people::people_by_name(&mut world.reader().await, world.ws, ids).await.expect("a read");
    let mut rows: Vec<_> = rows.into_iter().map(|row| (row.person.id, row.person.status)).collect();
    rows.sort_by_key(|(id, _)| *id);
    rows.into_iter().map(|(_, status)| status).collect()
}

async fn active(world: &World, ids: &[PersonId]) -> usize {
    statuses(world, ids).await.iter().filter(|status| status.is_active()).count()
}

fn count_of(number: usize) -> i64 {
    i64::try_from(number).expect("few")
}

both_engines! {
    async fn for_each_of_many_the_rule_for_one_decides(store: Store) {
        let world = World::new(store, 20).await;
        let (one, two, out) = (world.member().await, world.administrator().await, world.deactivated().await);
        let (invited, _) = world.invited().await;
        let all = [world.owner.person, one.person, two.person, out.person, invited];
        let asked = Input { past_brake: false, ..input(Kind::User, &all, deactivation()) };
        let shown = plan(&world, &asked).await.expect("a plan");
        assert_eq!((shown.totals.changed, shown.totals.unchanged, shown.totals.skipped), (2, 1, 2));
        assert_eq!((shown.sessions_ended, shown.totals.frees, shown.missing), (2, 2, 0));
        let brake = shown.brake.expect("the brake is on");
        // Whoever came in the very moment of the deactivation was never active.
        assert_eq!((brake.limit, brake.recent, brake.passes), (5, 0, false));
        let asked = Input { fingerprint: Some(shown.fingerprint.clone()), ..asked };
        let done = whole(&world, asked).await;
        assert_eq!((done.state, done.changed, done.unchanged, done.skipped), (State::Finished, 2, 1, 2));
        assert_eq!((done.sessions_ended, done.licenses_freed), (2, 2));
        // What the plan said of each came to pass.
        let results = batch_people::results(&mut world.reader().await, world.ws, done.id, -1, 10).await.expect("a read");
        let seen: Vec<_> = results.iter().map(|row| (row.person, row.outcome.as_deref(), row.refusal.as_deref())).collect();
        let said: Vec<_> = shown.people.iter().map(|row| (row.person, Some(row.outcome), row.refusal)).collect();
        assert_eq!(seen, said);
        assert!(said.iter().any(|(_, _, refusal)| *refusal == Some("deactivate-owner")));
        assert!(said.iter().any(|(_, _, refusal)| *refusal == Some("invited-is-withdrawn")));
        // One entry a person, and one for all.
        assert_eq!(world.actions(one.person).await[0], "person.deactivated");
        let latest = tenure::store::listing::audit_latest(&mut world.reader().await, world.ws, 3).await.expect("a read");
        let mut actions: Vec<_> = latest.iter().map(|entry| entry.action.as_str()).collect();
        actions.sort_unstable();
        assert_eq!(actions, ["bulk.started", "person.deactivated", "person.deactivated"]);
        assert!(latest.iter().all(|entry| entry.subject == done.id.to_string()));
        assert!(!world.row(one.person).await.person.status.is_active());
        world.check().await;
    }

    async fn members_and_the_deactivated_begin_nothing(store: Store) {
        let world = World::new(store, 20).await;
        let (member, out) = (world.member().await, world.deactivated().await);
        let before = world.dump().await;
        for (who, refusal) in [(member, Refusal::AdministratorsOnly), (out, Refusal::ActorDeactivated)] {
            let asked = input(Kind::User, &[world.owner.person], deactivation());
            assert_eq!(refused(bulk::plan(&mut world.reader().await, &world.by(who), &asked).await), refusal);
            assert_eq!(refused(begin_by(&world, world.by(who), asked).await), refusal);
        }
        assert_eq!(world.dump().await, before);
    }

    async fn rule_06_many_get_all_their_licenses_or_nobody_does(store: Store) {
        let world = World::new(store, 4).await;
        let crowd = world.crowd(5).await;
        let before = world.dump().await;
        let asked = input(Kind::User, &crowd, Deed::Activate);
        assert_eq!(plan(&world, &asked).await.expect("a plan").missing, 2);
        match refused(begin(&world, asked.clone()).await) {
            Refusal::LicensesExhausted { needed: 5, licenses } => assert_eq!(licenses.free(), 3),
            other => panic!("{other:?}"),
        }
        assert_eq!(world.dump().await, before, "nothing changes");
        let begun = begin(&world, Input { add_licenses: true, ..asked }).await.expect("it begins");
        assert_eq!(begun.added_licenses, 2);
        // Set aside: nobody else gets one of them before they are used.
        let other = world.crowd(1).await;
        let refusal = refused(world.activate(other[0], Way::Free).await);
        assert!(matches!(refusal, Refusal::LicensesExhausted { .. }), "{refusal:?}");
        world.check().await;
        let done = finish(&world, begun.batch).await;
        assert_eq!((done.changed, done.reserved), (5, 0));
        let licenses = world.workspace().await.licenses;
        assert_eq!((licenses.owned, licenses.used), (6, 6));
        world.check().await;
        // The undo gives the added ones up again.
        let back = undo(&world, done.id).await.expect("it is undone");
        finish(&world, back.batch).await;
        let licenses = world.workspace().await.licenses;
        assert_eq!((licenses.owned, licenses.used), (4, 1));
        assert_eq!(active(&world, &crowd).await, 0);
        world.check().await;
    }

    async fn a_preview_that_no_longer_holds_does_nothing(store: Store) {
        let world = World::new(store, 20).await;
        let (one, two) = (world.member().await, world.member().await);
        let query = GridQuery { view: BuiltinView::Active, ..GridQuery::new(Kind::User) };
        let whom = Whom::Matching(Box::new(query));
        let asked = Input { whom, ..input(Kind::User, &[], deactivation()) };
        let shown = plan(&world, &asked).await.expect("a plan");
        assert_eq!(shown.totals.changed, 2);
        let confirmed = Input { fingerprint: Some(shown.fingerprint), ..asked };
        world.deactivate(one.person).await.expect("a deactivation");
        let before = world.dump().await;
        assert!(matches!(begin(&world, confirmed).await, Err(Error::Stale)));
        assert_eq!(world.dump().await, before);
        assert!(world.row(two.person).await.person.status.is_active());
    }

    async fn rule_07_many_are_deleted_when_their_number_is_typed(store: Store) {
        let world = World::new(store, 20).await;
        let (one, two, admin) = (world.member().await, world.deactivated().await, world.administrator().await);
        let asked = input(Kind::User, &[one.person, two.person, admin.person], Deed::Delete);
        for count in [None, Some(3)] {
            assert_eq!(refused(begin(&world, Input { count, ..asked.clone() }).await), Refusal::CountMismatch);
        }
        let names = [world.row(one.person).await.person.name, world.row(two.person).await.person.name];
        let done = whole(&world, Input { count: Some(2), ..asked }).await;
        assert_eq!((done.changed, done.skipped, done.sessions_ended, done.licenses_freed), (2, 1, 1, 1));
        assert!(world.found(one.person).await.is_none() && world.found(two.person).await.is_none());
        let rows = world.dump().await;
        for name in names {
            let left: Vec<_> = rows.values().flatten().filter(|row| row.contains(&name.to_lowercase())).collect();
            assert!(left.is_empty(), "{left:?}");
        }
        assert_eq!(refused(undo(&world, done.id).await), Refusal::UndoOvertaken);
        world.check().await;
    }

    async fn teams_roles_and_organizations_of_many(store: Store) {
        let world = World::new(store, 20).await;
        let (one, two, out) = (world.member().await, world.member().await, world.deactivated().await);
        let team = world.team("Support").await;
        world.join(team, one.person).await.expect("joined");
        let all = [one.person, two.person, out.person];
        let done = whole(&world, input(Kind::User, &all, Deed::JoinTeam(team))).await;
        assert_eq!((done.changed, done.unchanged, done.skipped), (1, 1, 1));
        let done = whole(&world, input(Kind::User, &all, Deed::Role(Role::Administrator))).await;
        assert_eq!((done.changed, done.unchanged, done.skipped), (2, 0, 1));
        let done = whole(&world, input(Kind::User, &all, Deed::LeaveTeam(team))).await;
        assert_eq!((done.changed, done.unchanged, done.skipped), (2, 1, 0));
        let ((first, from), (second, to)) = (world.customer_in("Globex").await, world.customer_in("Initech").await);
        assert_ne!(from, to);
        let done = whole(&world, input(Kind::Customer, &[first, second], Deed::Organization(Some(to)))).await;
        assert_eq!((done.changed, done.unchanged), (1, 1));
        let done = whole(&world, input(Kind::Customer, &[first, second], Deed::Organization(None))).await;
        assert_eq!((done.changed, done.unchanged), (2, 0));
        // Of another kind: left out.
        assert_eq!(whole(&world, input(Kind::User, &[first], deactivation())).await.total, 0);
        world.check().await;
    }

    async fn undo_of_many_skips_whoever_has_changed_since(store: Store) {
        let world = World::new(store, 20).await;
        let (one, two, three) = (world.member().await, world.member().await, world.member().await);
        let ids = [one.person, two.person, three.person];
        let before = statuses(&world, &ids).await;
        let done = whole(&world, input(Kind::User, &ids, deactivation())).await;
        let session = world.by(one);
        world.activate(two.person, Way::Free).await.expect("an activation");
        world.delete(three.person).await.expect("a deletion");
        let back = undo(&world, done.id).await.expect("it is undone");
        let back = finish(&world, back.batch).await;
        assert_eq!((back.changed, back.skipped), (1, 1));
        assert_eq!(statuses(&world, &[one.person]).await[0], before[0], "as it was, with its since");
        assert_eq!(refused(begin_by(&world, session, input(Kind::User, &[], deactivation())).await), Refusal::NotSignedIn);
        assert_eq!(refused(undo(&world, done.id).await), Refusal::UndoneAlready);
        world.check().await;
        let done = whole(&world, input(Kind::User, &[one.person], deactivation())).await;
        world.later(Duration::from_mins(11));
        assert!(matches!(refused(undo(&world, done.id).await), Refusal::UndoTooLate { .. }));
    }

    async fn the_brake_stops_who_does_not_say_so(store: Store) {
        let world = World::new(store, 20).await;
        let crowd = customers(&world, 100).await;
        world.later(Duration::from_secs(1));
        let asked = |ids: &[PersonId]| Input { past_brake: false, ..input(Kind::Customer, ids, deactivation()) };
        assert_eq!(whole(&world, asked(&crowd[..6])).await.changed, 6);
        match refused(begin(&world, asked(&crowd[6..11])).await) {
            Refusal::BrakeWouldPass { limit: 10, recent: 6, more: 5 } => {}
            other => panic!("{other:?}"),
        }
        assert!(plan(&world, &asked(&crowd[6..11])).await.expect("a plan").brake.expect("on").passes);
        // Work that nobody confirms goes to the limit, and waits.
        let job = Ctx { actor: Actor::Job { name: "sync".into() }, ..world.job() };
        let begun = begin_by(&world, job, asked(&crowd[6..20])).await.expect("it begins");
        let paused = finish(&world, begun.batch).await;
        assert_eq!((paused.state, paused.changed), (State::Paused, 4));
        assert_eq!(active(&world, &crowd).await, 90);
        world.check().await;
        resume_by(&world, world.ctx(), begun.batch).await.expect("it goes on");
        let done = finish(&world, begun.batch).await;
        assert_eq!((done.state, done.changed), (State::Finished, 14));
        assert!(matches!(refused(resume_by(&world, world.ctx(), begun.batch).await), Refusal::BatchIs { .. }));
        // The window moves on, and the brake can be set and switched off.
        world.later(Duration::from_mins(61));
        let owner = world.signed_in(world.owner.person).await;
        let by = |ids: &[PersonId]| begin_by(&world, world.by(owner), asked(ids));
        by(&crowd[20..28]).await.map(drop).expect("eight of eighty");
        let wrong = Brake { on: true, share: 0, minimum: 5 };
        assert_eq!(refused(set_brake(&world, wrong).await), Refusal::BrakeOutOfRange);
        assert!(set_brake(&world, Brake { on: false, share: 10, minimum: 5 }).await.expect("set"));
        by(&crowd[28..]).await.map(drop).expect("nothing brakes");
        world.check().await;
    }

    async fn a_batch_of_somebody_who_may_no_more_waits_for_another(store: Store) {
        let world = World::new(store, 20).await;
        let admin = world.administrator().await;
        let crowd = customers(&world, 300).await;
        let begun = begin_by(&world, world.by(admin), input(Kind::Customer, &crowd, deactivation())).await.expect("it begins");
        assert_eq!(piece(&world, begun.batch).await.done, bulk::CHUNK);
        world.deactivate(admin.person).await.expect("a deactivation");
        let paused = finish(&world, begun.batch).await;
        assert_eq!((paused.state, paused.done()), (State::Paused, bulk::CHUNK));
        resume_by(&world, world.ctx(), begun.batch).await.expect("it goes on");
        assert_eq!(finish(&world, begun.batch).await.changed, 300);
        assert_eq!(world.row(crowd[299]).await.person.status.word(), StatusWord::Deactivated);
        world.check().await;
    }

    async fn a_cancelled_batch_gives_its_licenses_back(store: Store) {
        let world = World::new(store, 1_000).await;
        let crowd = world.crowd(300).await;
        let begun = begin(&world, input(Kind::User, &crowd, Deed::Activate)).await.expect("it begins");
        piece(&world, begun.batch).await;
        assert_eq!(world.workspace().await.licenses.used, 301, "used or set aside");
        cancel(&world, begun.batch).await.expect("cancelled");
        assert_eq!(world.workspace().await.licenses.used, 1 + bulk::CHUNK);
        world.check().await;
        let back = undo(&world, begun.batch).await.expect("what it did is undone");
        assert_eq!(finish(&world, back.batch).await.changed, bulk::CHUNK);
        world.check().await;
    }

    async fn after_a_crash_the_rest_is_done(store: Store) {
        let world = World::new(store, 1_000).await;
        let crowd = world.crowd(700).await;
        let begun = begin(&world, input(Kind::User, &crowd, Deed::Activate)).await.expect("it begins");
        let first = jobs::start(&world.app);
        while piece(&world, begun.batch).await.done == 0 {}
        // Dropped, not stopped: whatever it was at is lost or done.
        drop(first);
        world.check().await;
        let second = jobs::start(&world.app);
        while batch(&world, begun.batch).await.state == State::Running {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        second.stop().await;
        let done = batch(&world, begun.batch).await;
        assert_eq!((done.state, done.changed, done.reserved), (State::Finished, 700, 0));
        assert_eq!(active(&world, &crowd).await, 700);
        world.check().await;
    }

    async fn ten_thousand_in_one_go_and_back(store: Store) {
        let world = World::new(store, 10).await;
        let crowd = customers(&world, 10_000).await;
        let asked = input(Kind::Customer, &crowd, deactivation());
        let too_many = Input { most: 9_999, ..asked.clone() };
        assert!(matches!(plan(&world, &too_many).await, Err(Error::Invalid(_))));
        let done = whole(&world, asked).await;
        assert_eq!((done.state, done.changed), (State::Finished, 10_000));
        assert_eq!(active(&world, &crowd).await, 0);
        let counts = world.workspace().await.customers;
        assert_eq!((counts.active, counts.deactivated), (0, count_of(crowd.len())));
        let back = undo(&world, done.id).await.expect("it is undone");
        assert_eq!(finish(&world, back.batch).await.changed, 10_000);
        assert_eq!(active(&world, &crowd).await, 10_000);
        world.check().await;
    }
}
