//! Several at once: on the last licenses, on one batch, beside a sign-in and a deletion.

use super::*;

both_engines! {
    async fn of_two_bulk_activations_for_the_last_licenses_one_gets_them(store: Store) {
        let world = World::new(store, 401).await;
        let (one, two) = (world.crowd(400).await, world.crowd(400).await);
        let race = [&one, &two].map(|crowd| {
            let (world, asked) = (world.clone(), input(Kind::User, crowd, Deed::Activate));
            tokio::spawn(async move {
                let begun = begin(&world, asked).await?;
                finish(&world, begun.batch).await;
                Result::<()>::Ok(())
            })
        });
        let mut answers = Vec::new();
        for racer in race {
            answers.push(racer.await.expect("no panic"));
        }
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        let counts = [active(&world, &one).await, active(&world, &two).await];
        assert!(counts == [400, 0] || counts == [0, 400], "all of one, nobody of the other: {counts:?}");
        assert_eq!(world.workspace().await.licenses.free(), 0);
        world.check().await;
    }

    async fn two_who_work_on_one_batch_do_each_person_once(store: Store) {
        let world = World::new(store, 1_000).await;
        let crowd = customers(&world, 900).await;
        let begun = begin(&world, input(Kind::Customer, &crowd, deactivation())).await.expect("it begins");
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let (world, id) = (world.clone(), begun.batch);
                tokio::spawn(async move {
                    loop {
                        let after = piece(&world, id).await;
                        if after.state != State::Running {
                            return;
                        }
                        if after.busy {
                            tokio::task::yield_now().await;
                        }
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await.expect("no panic");
        }
        assert_eq!(batch(&world, begun.batch).await.changed, 900);
        for id in [crowd[0], crowd[450], crowd[899]] {
            assert_eq!(world.actions(id).await, ["person.deactivated"]);
        }
        world.check().await;
    }

    async fn a_sign_in_beside_a_bulk_deactivation_leaves_no_open_session(store: Store) {
        let world = World::new(store, 10).await;
        let who = world.member().await;
        let email = world.row(who.person).await.person.email;
        for _ in 0..8 {
            let sign_ins: Vec<_> = (0..4)
                .map(|_| {
                    let (world, email) = (world.clone(), email.clone());
                    tokio::spawn(async move { world.sign_in(&email, PASSWORD).await.is_ok() })
                })
                .collect();
            let done = whole(&world, input(Kind::User, &[who.person], deactivation())).await;
            for sign_in in sign_ins {
                sign_in.await.expect("no panic");
            }
            assert_eq!(done.changed, 1);
            world.check().await;
            world.activate(who.person, Way::Free).await.expect("an activation");
        }
    }

    async fn somebody_deleted_while_a_batch_runs_is_skipped(store: Store) {
        let world = World::new(store, 1_000).await;
        let crowd = world.crowd(300).await;
        let begun = begin(&world, input(Kind::User, &crowd, Deed::Activate)).await.expect("it begins");
        let (deleter, gone) = (world.clone(), crowd[298]);
        let deletion = tokio::spawn(async move { deleter.delete(gone).await });
        piece(&world, begun.batch).await;
        deletion.await.expect("no panic").expect("a deletion");
        let done = finish(&world, begun.batch).await;
        assert_eq!((done.state, done.done(), done.reserved), (State::Finished, 300, 0));
        assert!(world.found(gone).await.is_none());
        assert_eq!(active(&world, &crowd).await, 299);
        world.check().await;
    }
}
