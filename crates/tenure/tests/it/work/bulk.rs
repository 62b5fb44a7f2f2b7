//! One change of many items does what its preview said, in pieces, and leaves what is so already.

use domain::{
    Refusal,
    id::ItemId,
    item::{ItemStatus, Part},
};
use tenure::{
    Error, Result,
    ops::{
        items::bulk::{self, CHUNK, Deed, Input, Receipt, Which},
        projects,
    },
    store::item_list::ItemQuery,
};

use crate::support::{
    both_engines,
    world::{Who, World, changed_tables, refused},
};

impl World {
    async fn bulk_plan(&self, who: Who, input: &Input) -> Result<bulk::Plan> {
        bulk::plan(&mut self.reader().await, &self.by(who), input).await
    }

    async fn bulk(&self, who: Who, input: &Input) -> Result<Receipt> {
        let plan = self.bulk_plan(who, input).await?;
        bulk::carry_out(&self.app.store, &self.by(who), input, &plan.fingerprint).await
    }

    /// So many tickets of the owner's.
    async fn tickets(&self, many: usize) -> Vec<ItemId> {
        let mut ids = Vec::new();
        for number in 0..many {
            ids.push(self.assigned(&format!("Ticket {number}"), &[]).await.0);
        }
        ids
    }
}

fn of(ids: &[ItemId], deed: Deed) -> Input {
    Input { which: Which::Ids(ids.to_vec()), deed }
}

both_engines! {
    async fn each_deed_changes_what_is_not_so_already_and_writes_history(store: Store) {
        let world = World::new(store, 10).await;
        let (mel, ada) = (world.member().await, world.member().await);
        let ids = world.tickets(3).await;
        world.give(world.ctx(), ids[0], ada.person, Part::Assignee).await.expect("a part");
        let project = world.project("Website").await;
        for (deed, changed) in [
            (Deed::Assign(ada.person), 2),
            (Deed::Assign(mel.person), 3),
            (Deed::Follow(ada.person), 3),
            (Deed::Unfollow(ada.person), 3),
            (Deed::Unfollow(ada.person), 0),
            (Deed::Status(ItemStatus::Waiting), 3),
            (Deed::Project(Some(project)), 3),
            (Deed::Project(Some(project)), 0),
            (Deed::Unassign(Some(ada.person)), 3),
            (Deed::Assign(ada.person), 3),
            (Deed::Unassign(None), 3),
            (Deed::Unassign(None), 0),
            (Deed::Status(ItemStatus::Done), 3),
            (Deed::Assign(mel.person), 3),
            (Deed::Project(None), 3),
            (Deed::Status(ItemStatus::Open), 3),
        ] {
            let input = of(&ids, deed);
            let before = world.dump().await;
            let plan = world.bulk_plan(mel, &input).await.expect("a plan");
            assert!(changed_tables(&before, &world.dump().await).is_empty(), "a preview changes nothing");
            assert_eq!(plan.changes(), changed, "{deed:?}");
            let receipt = world.bulk(mel, &input).await.expect("a change");
            assert_eq!((receipt.changed, receipt.unchanged), (changed, 3 - changed), "{deed:?}");
            assert!(receipt.stopped.is_none());
            world.check().await;
        }
        assert_eq!(world.holds(mel.person).await.assigned, 3);
        assert_eq!(world.holds(ada.person).await, tenure::store::item_people::Holdings::default());
        let ctx = world.ctx();
        let lines = tenure::ops::items::history(&mut world.reader().await, &ctx, ids[1], None, 50).await;
        let (lines, _) = lines.expect("lines");
        let fields: Vec<_> = lines.iter().rev().map(|line| line.field.as_str()).collect();
        assert_eq!(fields[..6], ["created", "assignee", "assignee", "follower", "follower", "status"]);
        assert!(lines.iter().all(|line| line.field == "created" || line.actor_id == Some(mel.person)));
    }

    async fn all_that_match_are_changed_in_pieces(store: Store) {
        let world = World::new(store, 10).await;
        let mel = world.member().await;
        let many = CHUNK + 5;
        world.tickets(many).await;
        let which = Which::Matching(Box::new(ItemQuery::new(None)));
        let input = Input { which, deed: Deed::Assign(mel.person) };
        let receipt = world.bulk(mel, &input).await.expect("a change");
        assert_eq!((receipt.changed, receipt.unchanged), (many, 0));
        assert_eq!(world.holds(mel.person).await.assigned, i64::try_from(many).expect("a few"));
        world.check().await;
    }

    async fn a_preview_that_no_longer_holds_is_refused_and_nothing_changes(store: Store) {
        let world = World::new(store, 10).await;
        let mel = world.member().await;
        let ids = world.tickets(3).await;
        let input = of(&ids, Deed::Status(ItemStatus::Done));
        let plan = world.bulk_plan(mel, &input).await.expect("a plan");
        world.set_item(ids[1], ItemStatus::Done).await;
        let before = world.dump().await;
        let done = bulk::carry_out(&world.app.store, &world.by(mel), &input, &plan.fingerprint).await;
        assert!(matches!(done, Err(Error::Stale)), "{done:?}");
        assert!(changed_tables(&before, &world.dump().await).is_empty());
    }

    async fn rule_05_nothing_is_given_to_a_deactivated_person_by_a_change_of_many(store: Store) {
        let world = World::new(store, 10).await;
        let (mel, gone) = (world.member().await, world.deactivated().await);
        let customer = world.customer_as("Cleo").await;
        let ids = world.tickets(2).await;
        let project = world.project("Over").await;
        let ctx = world.ctx();
        let edit = projects::Edit { state: Some(domain::project::ProjectState::Archived), ..Default::default() };
        world.write(async move |tx| projects::edit(tx, &ctx, project, edit.clone()).await).await.expect("archived");
        let before = world.dump().await;
        for (deed, no) in [
            (Deed::Assign(gone.person), Refusal::DeactivatedGetsNothingNew),
            (Deed::Follow(gone.person), Refusal::DeactivatedGetsNothingNew),
            (Deed::Assign(customer.person), Refusal::UsersOnly),
            (Deed::Project(Some(project)), Refusal::ProjectArchived),
        ] {
            assert_eq!(refused(world.bulk_plan(mel, &of(&ids, deed)).await), no);
            assert_eq!(refused(bulk::carry_out(&world.app.store, &world.by(mel), &of(&ids, deed), "").await), no);
        }
        let deed = of(&ids, Deed::Status(ItemStatus::Done));
        assert_eq!(refused(world.bulk_plan(customer, &deed).await), Refusal::DeskOnly);
        world.deactivate(mel.person).await.expect("a deactivation");
        let before_too = world.dump().await;
        assert_eq!(refused(world.bulk_plan(mel, &deed).await), Refusal::ActorDeactivated);
        assert!(changed_tables(&before_too, &world.dump().await).is_empty());
        assert!(!changed_tables(&before, &world.dump().await).contains(&"items".to_owned()));
    }
}
