//! Rule 6, and undo: coming back as one was, and the license that it needs.

use std::time::Duration;

use domain::{Refusal, lifecycle::Grounds, person::Status};
use tenure::{
    Error,
    ops::{self, activation::Way},
};

use super::untouched;
use crate::support::{
    both_engines,
    world::{World, not_found, refused},
};

fn swap(other: domain::id::PersonId) -> Way {
    Way::Swap { other, grounds: Grounds { reason: Some("makes room".into()), review_on: None } }
}

both_engines! {
    async fn rule_06_an_activation_takes_a_free_license(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.deactivated().await;
        let plan = ops::activation::plan(&mut world.reader().await, &world.ctx(), who.person, &ops::activation::Input::default()).await;
        let plan = plan.expect("a plan");
        assert!(plan.changed && plan.swap.is_none() && plan.added_licenses == 0);
        let receipt = world.activate(who.person, Way::Free).await.expect("an activation");
        assert_eq!((receipt.changed, receipt.owned, receipt.used, receipt.added_licenses), (true, 3, 2, 0));
        assert_eq!(world.row(who.person).await.person.status, Status::Active { since: world.sys.now() });
        world.signed_in(who.person).await;
        world.check().await;
    }

    async fn rule_06_without_a_free_license_nothing_changes(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.deactivated().await;
        world.member().await;
        let before = world.dump().await;
        let plan = ops::activation::plan(&mut world.reader().await, &world.ctx(), who.person, &ops::activation::Input::default()).await;
        for refusal in [refused(plan), refused(world.activate(who.person, Way::Free).await)] {
            let Refusal::LicensesExhausted { licenses, needed } = refusal else { panic!("{refusal:?}") };
            assert_eq!((licenses.owned, licenses.used, needed), (2, 2, 1));
        }
        untouched(&world, &before).await;
    }

    async fn rule_06_add_a_license_and_activate(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.deactivated().await;
        world.member().await;
        let input = ops::activation::Input { way: Way::Add, version: None, ..Default::default() };
        let plan = ops::activation::plan(&mut world.reader().await, &world.ctx(), who.person, &input).await;
        assert_eq!(plan.expect("a plan").added_licenses, 1);
        let receipt = world.activate(who.person, Way::Add).await.expect("an activation");
        assert_eq!((receipt.owned, receipt.used, receipt.added_licenses), (3, 3, 1));
        world.check().await;
        // Undone, the license goes with it.
        let undone = world.undo(receipt.undo.expect("a step")).await.expect("an undo");
        assert_eq!((undone.owned, undone.used, undone.removed_licenses), (2, 2, 1));
        assert_eq!(undone.deactivated, [who.person]);
        world.check().await;
    }

    async fn rule_06_a_license_is_not_added_while_one_is_free(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.deactivated().await;
        let receipt = world.activate(who.person, Way::Add).await.expect("an activation");
        assert_eq!((receipt.owned, receipt.used, receipt.added_licenses), (3, 2, 0));
        world.check().await;
    }

    async fn rule_06_deactivate_another_user_and_activate(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.deactivated().await;
        let other = world.member().await;
        let row = world.row(other.person).await;
        let input = ops::activation::Input { way: swap(other.person), version: None, ..Default::default() };
        let plan = ops::activation::plan(&mut world.reader().await, &world.ctx(), who.person, &input).await;
        assert_eq!(plan.expect("a plan").swap.expect("a swap").sessions_ended, 1);
        let receipt = world.activate(who.person, swap(other.person)).await.expect("a swap");
        let made_room = receipt.swap.expect("the other's receipt");
        assert_eq!((made_room.person, made_room.sessions_ended, made_room.license_freed), (other.person, 1, true));
        assert_eq!((receipt.owned, receipt.used), (2, 2));
        let Status::Deactivated { reason, .. } = world.row(other.person).await.person.status else { panic!("active") };
        assert_eq!(reason.as_deref(), Some("makes room"));
        world.check().await;
        // Undone in one step, too; sessions stay ended.
        let undone = world.undo(receipt.undo.expect("a step")).await.expect("an undo");
        assert_eq!((undone.activated, undone.deactivated), (vec![other.person], vec![who.person]));
        assert_eq!(world.row(other.person).await.person.status, row.person.status);
        assert_eq!(refused(world.deactivate_by(world.by(other), who.person).await), Refusal::NotSignedIn);
        world.check().await;
    }

    async fn rule_06_only_somebody_with_a_license_to_free_makes_room(store: Store) {
        let world = World::new(store, 3).await;
        let (who, off) = (world.deactivated().await, world.deactivated().await);
        assert_eq!(refused(world.activate(who.person, swap(world.owner.person)).await), Refusal::LicenseIsFree);
        world.member().await;
        let (invited, _) = world.invited().await;
        let before = world.dump().await;
        let cases = [
            (off.person, Refusal::SwapNotPossible),
            (who.person, Refusal::SwapNotPossible),
            (invited, Refusal::InvitedIsWithdrawn),
            (world.owner.person, Refusal::DeactivateOwner),
        ];
        for (other, refusal) in cases {
            assert_eq!(refused(world.activate(who.person, swap(other)).await), refusal);
        }
        untouched(&world, &before).await;
    }

    async fn rule_10_activating_an_active_person_changes_nothing(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.member().await;
        let before = world.dump().await;
        for way in [Way::Free, Way::Add, swap(world.owner.person)] {
            let receipt = world.activate(who.person, way).await.expect("it is so already");
            assert!(!receipt.changed && receipt.undo.is_none() && receipt.used == 2);
        }
        untouched(&world, &before).await;
    }

    async fn undo_gives_back_the_status_within_ten_minutes(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.member().await;
        let row = world.row(who.person).await;
        let step = world.deactivate(who.person).await.expect("a deactivation").undo.expect("a step");
        world.later(Duration::from_mins(10));
        let undone = world.undo(step).await.expect("an undo");
        assert_eq!((undone.activated, undone.used), (vec![who.person], 2));
        assert_eq!(world.row(who.person).await.person.status, row.person.status, "since when, too");
        assert_eq!(refused(world.undo(step).await), Refusal::UndoneAlready);
        world.check().await;
        let step = world.deactivate(who.person).await.expect("a deactivation").undo.expect("a step");
        world.later(Duration::from_mins(10) + Duration::from_micros(1));
        let before = world.dump().await;
        assert!(matches!(refused(world.undo(step).await), Refusal::UndoTooLate { .. }));
        untouched(&world, &before).await;
    }

    async fn undo_needs_the_license_and_the_state_that_the_step_left(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.member().await;
        let step = world.deactivate(who.person).await.expect("a deactivation").undo.expect("a step");
        let other = world.member().await;
        let before = world.dump().await;
        assert!(matches!(refused(world.undo(step).await), Refusal::LicensesExhausted { .. }));
        untouched(&world, &before).await;
        let second = world.deactivate(other.person).await.expect("a deactivation").undo.expect("a step");
        world.later(Duration::from_secs(1));
        world.activate(who.person, Way::Free).await.expect("an activation");
        assert_eq!(refused(world.undo(step).await), Refusal::UndoOvertaken);
        world.delete(other.person).await.expect("a delete");
        assert_eq!(refused(world.undo(second).await), Refusal::UndoOvertaken);
        world.check().await;
    }

    async fn undo_of_half_a_swap_is_refused(store: Store) {
        let world = World::new(store, 2).await;
        let (who, other) = (world.deactivated().await, world.member().await);
        let step = world.activate(who.person, swap(other.person)).await.expect("a swap").undo.expect("a step");
        world.delete(other.person).await.expect("a delete");
        let before = world.dump().await;
        assert_eq!(refused(world.undo(step).await), Refusal::UndoOvertaken);
        untouched(&world, &before).await;
    }

    async fn undo_is_for_administrators_and_of_this_workspace(store: Store) {
        let world = World::new(store, 3).await;
        let (member, who) = (world.member().await, world.member().await);
        let step = world.deactivate(who.person).await.expect("a deactivation").undo.expect("a step");
        let beside = world.beside(2).await;
        let before = world.dump().await;
        let ctx = world.by(member);
        let outcome = world.write(async move |tx| ops::undo::undo(tx, &ctx, step).await).await;
        assert_eq!(refused(outcome), Refusal::AdministratorsOnly);
        assert_eq!(not_found(beside.undo(step).await), "step");
        untouched(&world, &before).await;
    }

    async fn licenses_owned_below_used_are_refused_and_a_number_has_sense(store: Store) {
        let world = World::new(store, 3).await;
        world.member().await;
        let own = async |owned: i64| {
            let ctx = world.ctx();
            world.write(async move |tx| ops::licenses::own(tx, &ctx, owned).await).await
        };
        let before = world.dump().await;
        assert_eq!(refused(own(1).await), Refusal::OwnedBelowUsed { asked: 1, used: 2 });
        assert!(matches!(refused(own(2_000_000).await), Refusal::OwnedOutOfRange { .. }));
        assert!(matches!(refused(own(i64::MAX).await), Refusal::OwnedOutOfRange { .. }));
        assert!(matches!(refused(own(i64::MIN).await), Refusal::OwnedOutOfRange { .. }));
        assert_eq!(own(3).await.expect("as it is").owned, 3);
        untouched(&world, &before).await;
        assert_eq!(own(2).await.expect("fewer").owned, 2);
        world.check().await;
        let ctx = world.ctx();
        let price = domain::license::Price { minor: 900, currency: "eur".into(), period: domain::license::Period::Month };
        let outcome = world.write(async move |tx| ops::licenses::set_price(tx, &ctx, Some(price.clone()), None).await).await;
        assert!(matches!(outcome, Err(Error::Invalid(fields)) if fields[0].field == "currency"));
    }
}
