//! Many at once: no guard breaks, no license is sold twice, no counter drifts.

use domain::{Refusal, id::PersonId, role::Role};
use tenure::{
    Error, Result,
    ops::{self, activation::Way, sessions::From},
    seal::Verdict,
};
use tokio::task::JoinSet;

use crate::support::{
    both_engines,
    world::{PASSWORD, World, any_name},
};

/// Runs them all at once; the answers in the order in which they were begun.
async fn at_once<T: Send + 'static>(ops: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(ops.len()));
    let mut set = JoinSet::new();
    for (index, op) in ops.into_iter().enumerate() {
        let start = start.clone();
        set.spawn(async move {
            start.wait().await;
            (index, op.await)
        });
    }
    let mut done = set.join_all().await;
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, answer)| answer).collect()
}

/// As many as the store has connections to PostgreSQL.
const CONNECTIONS: usize = 16;

/// Opens every connection and prepares the statements of an activation: else the first racer is through before the
/// second has begun, and a race proves nothing.
async fn warm(world: &World) {
    let met = std::sync::Arc::new(tokio::sync::Barrier::new(CONNECTIONS));
    let opened = (0..CONNECTIONS).map(|_| {
        let (world, met) = (world.clone(), met.clone());
        async move {
            let mut rx = world.reader().await;
            tenure::store::workspaces::load(&mut rx, world.ws).await.expect("a read");
            met.wait().await;
        }
    });
    at_once(opened.collect()).await;
    let prepared = (0..4 * CONNECTIONS).map(|_| {
        let world = world.clone();
        async move { world.activate(world.owner.person, Way::Free).await.expect("active already") }
    });
    at_once(prepared.collect()).await;
}

fn count<T>(answers: &[Result<T>], refusal: impl Fn(&Refusal) -> bool) -> usize {
    let refusals = answers.iter().filter_map(|answer| answer.as_ref().err().and_then(Error::refusal));
    refusals.filter(|found| refusal(found)).count()
}

both_engines! {
    async fn of_1000_activations_for_the_last_license_one_succeeds(store: Store) {
        let world = World::new(store, 2).await;
        warm(&world).await;
        let crowd = world.crowd(1_000).await;
        let race = crowd.iter().map(|person| {
            let (world, person) = (world.clone(), *person);
            async move { world.activate(person, Way::Free).await }
        });
        let answers = at_once(race.collect()).await;
        let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        assert_eq!(won.len(), 1, "one of 1,000 gets the last license");
        assert!(won[0].changed && won[0].used == 2);
        let lost = count(&answers, |refusal| matches!(refusal, Refusal::LicensesExhausted { .. }));
        assert_eq!(lost, 999, "the others hear that none is free");
        assert_eq!(world.workspace().await.licenses.used, 2);
        world.check().await;
    }

    async fn adding_and_taking_at_once_sells_each_license_once(store: Store) {
        let world = World::new(store, 4).await;
        warm(&world).await;
        let crowd = world.crowd(40).await;
        let race = crowd.iter().enumerate().map(|(index, person)| {
            let (world, person) = (world.clone(), *person);
            let way = if index % 2 == 0 { Way::Free } else { Way::Add };
            async move { world.activate(person, way).await }
        });
        let answers = at_once(race.collect()).await;
        let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        let added: i64 = won.iter().map(|receipt| receipt.added_licenses).sum();
        let licenses = world.workspace().await.licenses;
        assert_eq!((licenses.owned, licenses.used), (4 + added, 1 + i64::try_from(won.len()).expect("few")));
        assert_eq!(licenses.owned, licenses.used, "nothing is added while one is free");
        world.check().await;
    }

    async fn who_is_refused_a_license_is_never_told_that_one_is_free(store: Store) {
        // The owner's, some that come free meanwhile, and many who want them.
        let world = World::new(store, 9).await;
        warm(&world).await;
        let mut leaving = Vec::new();
        for _ in 0..8 {
            leaving.push(world.member().await.person);
        }
        let wanting = world.crowd(40).await;
        let mut refused = 0;
        for _ in 0..20 {
            // One leaves for each five who come.
            let race = wanting.iter().enumerate().map(|(index, person)| {
                let (world, person) = (world.clone(), *person);
                let leaver = leaving.get(index / 5).copied().filter(|_| index % 5 == 4);
                async move {
                    let left = async {
                        if let Some(leaver) = leaver {
                            world.deactivate(leaver).await.expect("a deactivation");
                        }
                    };
                    tokio::join!(world.activate(person, Way::Free), left).0
                }
            });
            for answer in at_once(race.collect()).await {
                if let Err(Some(Refusal::LicensesExhausted { licenses, needed })) = answer.as_ref().map_err(Error::refusal) {
                    refused += 1;
                    assert!(licenses.free() < *needed, "{needed} of {licenses:?}");
                } else {
                    answer.expect("an activation");
                }
            }
            for person in &wanting {
                world.deactivate(*person).await.expect("a deactivation");
            }
            for person in &leaving {
                world.activate(*person, Way::Free).await.expect("nobody else has it");
            }
        }
        assert!(refused > 0, "nobody was refused");
        world.check().await;
    }

    async fn invitations_and_activations_share_the_last_licenses(store: Store) {
        let world = World::new(store, 4).await;
        warm(&world).await;
        let crowd = world.crowd(20).await;
        let race = crowd.iter().enumerate().map(|(index, person)| {
            let (world, person) = (world.clone(), *person);
            async move {
                if index % 2 == 0 {
                    return world.activate(person, Way::Free).await.map(drop);
                }
                let (ctx, input) = (world.ctx(), world.invitation(&any_name("Race"), Role::Member));
                world.write(async move |tx| ops::invitation::invite(tx, &ctx, input.clone()).await).await.map(drop)
            }
        });
        let answers = at_once(race.collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
        world.check().await;
    }

    async fn of_two_administrators_who_deactivate_each_other_one_stays(store: Store) {
        let world = World::new(store, 5).await;
        warm(&world).await;
        let (mut one, mut two) = (world.administrator().await, world.administrator().await);
        for _ in 0..15 {
            let race = [(one, two), (two, one)].map(|(by, target)| {
                let world = world.clone();
                async move { world.deactivate_by(world.by(by), target.person).await }
            });
            let answers = at_once(race.into()).await;
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
            assert_eq!(count(&answers, |refusal| *refusal == Refusal::ActorDeactivated), 1, "{answers:?}");
            world.check().await;
            let loser = if answers[0].is_ok() { &mut two } else { &mut one };
            world.activate(loser.person, Way::Free).await.expect("an activation");
            *loser = world.signed_in(loser.person).await;
        }
    }

    async fn a_sign_in_beside_a_deactivation_leaves_no_open_session(store: Store) {
        let world = World::new(store, 3).await;
        warm(&world).await;
        let who = world.member().await;
        let email = world.row(who.person).await.person.email;
        for _ in 0..15 {
            let (tries, there) = (world.clone(), email.clone());
            let sign_ins = (0..4).map(move |_| {
                let (world, email) = (tries.clone(), there.clone());
                let run: std::pin::Pin<Box<dyn Future<Output = bool> + Send>> =
                    Box::pin(async move { world.sign_in(&email, PASSWORD).await.is_ok() });
                run
            });
            let by = world.clone();
            let deactivation: std::pin::Pin<Box<dyn Future<Output = bool> + Send>> =
                Box::pin(async move { by.deactivate(who.person).await.is_ok() });
            let answers = at_once(sign_ins.chain([deactivation]).collect()).await;
            assert!(answers.iter().all(|done| *done), "each is answered: {answers:?}");
            // No session of somebody deactivated is open: one of the invariants.
            world.check().await;
            world.activate(who.person, Way::Free).await.expect("an activation");
        }
    }

    async fn a_delete_beside_everything_else_leaves_nothing(store: Store) {
        let world = World::new(store, 3).await;
        let team = world.team("Night shift").await;
        for _ in 0..8 {
            let name = any_name("Vanish");
            let who = world.joined_as(&name, Role::Member).await;
            let email = world.row(who.person).await.person.email;
            let answers = at_once((0..6).map(|kind| {
                let (world, email, name) = (world.clone(), email.clone(), name.clone());
                async move { beside_a_delete(&world, kind, who.person, email, &name).await }
            }).collect()).await;
            assert!(answers[0].is_ok(), "{answers:?}");
            world.join(team, who.person).await.expect_err("the person is gone");
            world.check().await;
            let left = world.dump().await.into_iter().flat_map(|(table, rows)| {
                rows.into_iter().filter(|row| row.contains("vanish")).map(move |row| format!("{table}: {row}"))
            });
            assert_eq!(left.collect::<Vec<_>>(), Vec::<String>::new());
        }
    }

    async fn ownership_is_never_doubled_or_lost(store: Store) {
        let mut world = World::new(store, 21).await;
        warm(&world).await;
        for round in 0..10 {
            let (one, two) = (world.administrator().await, world.administrator().await);
            let owner = world.owner;
            let answers = at_once((0..5).map(|kind| {
                let world = world.clone();
                async move {
                    let (ctx, target) = match kind {
                        0 => (world.by(owner), one.person),
                        1 => (world.cli(), two.person),
                        2 => (world.cli(), one.person),
                        3 => return world.deactivate_by(world.by(two), one.person).await.map(|_| true),
                        _ => return world.deactivate_by(world.by(one), two.person).await.map(|_| true),
                    };
                    world.write(async move |tx| ops::roles::transfer_ownership(tx, &ctx, target, None).await).await
                }
            }).collect()).await;
            let understood = answers.iter().all(|answer| matches!(answer, Ok(_) | Err(Error::Refused(_) | Error::Stale)));
            assert!(understood, "round {round}: {answers:?}");
            world.check().await;
            let mut rx = world.reader().await;
            let owner = tenure::store::people::owner(&mut rx, world.ws).await.expect("a read").expect("an owner");
            drop(rx);
            world.owner = world.signed_in(owner.person.id).await;
        }
    }

    async fn of_two_undos_one_succeeds(store: Store) {
        let world = World::new(store, 3).await;
        warm(&world).await;
        let who = world.member().await;
        for _ in 0..10 {
            let step = world.deactivate(who.person).await.expect("a deactivation").undo.expect("a step");
            let race = (0..4).map(|_| {
                let world = world.clone();
                async move { world.undo(step).await }
            });
            let answers = at_once(race.collect()).await;
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
            assert_eq!(count(&answers, |refusal| *refusal == Refusal::UndoneAlready), 3, "{answers:?}");
            world.check().await;
        }
    }

    async fn an_invitation_is_accepted_once(store: Store) {
        let world = World::new(store, 8).await;
        for _ in 0..5 {
            let name = any_name("Once");
            let (person, secret) = world.invited_as(&name, Role::Member).await;
            let race = (0..4).map(|_| {
                let (world, name, secret) = (world.clone(), name.clone(), secret.clone());
                async move {
                    let (ctx, name) = (world.visitor(person), world.name(&name));
                    ops::password::accept_invitation(&world.app, &ctx, secret, name, PASSWORD, From::default()).await
                }
            });
            let answers = at_once(race.collect()).await;
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
            assert_eq!(count(&answers, |refusal| *refusal == Refusal::LinkVoid), 3, "{answers:?}");
            world.check().await;
        }
    }

    async fn one_address_is_invited_once(store: Store) {
        let world = World::new(store, 9).await;
        for _ in 0..5 {
            let name = any_name("Twin");
            let race = (0..4).map(|_| {
                let (world, input) = (world.clone(), world.invitation(&name, Role::Member));
                async move {
                    let ctx = world.ctx();
                    world.write(async move |tx| ops::invitation::invite(tx, &ctx, input.clone()).await).await
                }
            });
            let answers = at_once(race.collect()).await;
            let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.is_ok());
            assert_eq!(won.len(), 1, "{answers:?}");
            let named = |answer: &&Result<_>| matches!(answer, Err(Error::Invalid(fields)) if fields[0].field == "email");
            let taken = count(&answers, |refusal| matches!(refusal, Refusal::AddressTaken { .. }));
            assert_eq!(taken + lost.iter().filter(|answer| named(answer)).count(), 3, "{answers:?}");
            world.check().await;
            let person = won[0].as_ref().expect("the winner").person;
            let ctx = world.ctx();
            world.write(async move |tx| ops::invitation::withdraw(tx, &ctx, person).await).await.expect("withdrawn");
        }
    }

    async fn sealers_at_once_seal_each_entry_once(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.member().await;
        let work = (0..10).map(|kind| {
            let world = world.clone();
            async move {
                for _ in 0..10 {
                    if kind == 0 {
                        world.deactivate(who.person).await.expect("a deactivation");
                        world.activate(who.person, Way::Free).await.expect("an activation");
                    } else if kind < 4 {
                        ops::audit::seal_all(&world.app.store, world.ws, &world.app.audit_key).await.expect("sealed");
                    } else {
                        let (ws, key) = (world.ws, world.app.audit_key.clone());
                        world.write(async move |tx| ops::audit::seal(tx, ws, &key).await).await.expect("sealed");
                    }
                }
            }
        });
        at_once(work.collect()).await;
        let verdict = world.verify().await;
        assert!(matches!(verdict, Verdict::Verified { entries, erased: 0 } if entries > 20), "{verdict:?}");
        world.check().await;
    }

    async fn a_team_deleted_beside_joins_leaves_counters_right(store: Store) {
        let world = World::new(store, 6).await;
        let members = [world.member().await, world.member().await, world.member().await];
        for _ in 0..8 {
            let team = world.team(&any_name("Team")).await;
            let race = (0..4).map(|kind| {
                let world = world.clone();
                async move {
                    if let Some(who) = members.get(kind) {
                        return world.join(team, who.person).await.map(drop);
                    }
                    let ctx = world.ctx();
                    world.write(async move |tx| ops::teams::delete(tx, &ctx, team, None).await).await.map(drop)
                }
            });
            let answers = at_once(race.collect()).await;
            let understood = answers.iter().all(|answer| matches!(answer, Ok(()) | Err(Error::NotFound("team"))));
            assert!(understood && answers[3].is_ok(), "{answers:?}");
            world.check().await;
        }
    }
}

/// What others do to somebody while they are deleted (0).
async fn beside_a_delete(
    world: &World,
    kind: usize,
    person: PersonId,
    email: String,
    name: &str,
) -> Result<()> {
    let ctx = world.ctx();
    match kind {
        0 => {
            // An edit beside it may have changed the address: the one that counts is the present one.
            let input = ops::deletion::Input { email, version: None, seen: None };
            world
                .write(async move |tx| ops::deletion::delete(tx, &ctx, person, input.clone()).await)
                .await
                .map(drop)
        }
        1 => {
            let input = ops::profile::Input {
                name: Some(world.name(&format!("{name} again"))),
                ..Default::default()
            };
            world
                .write(async move |tx| ops::profile::edit(tx, &ctx, person, input.clone()).await)
                .await
                .map(drop)
        }
        2 => world.sign_in(&email, PASSWORD).await.map(drop),
        3 => world.sign_in(&email, "not the password").await.map(drop),
        4 => world.write(async move |tx| ops::links::make(tx, &ctx, person).await).await.map(drop),
        _ => world.deactivate(person).await.map(drop),
    }
}
