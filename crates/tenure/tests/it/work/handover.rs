//! Handover: what one person holds is given to others, as the preview said, and can be taken back.

use domain::{
    Refusal,
    id::{HandoverId, ItemId, PersonId},
    item::{ItemStatus, Part},
};
use tenure::{
    Error, Result,
    ctx::Ctx,
    ops::handover::{self, Input, Receipt, To, Undone},
};

use crate::support::{
    both_engines,
    world::{World, any_name, changed_tables, not_found, refused},
};

impl World {
    pub(crate) async fn hand_over(&self, ctx: Ctx, input: Input) -> Result<Receipt> {
        self.write(async move |tx| handover::hand_over(tx, &ctx, input.clone()).await).await
    }

    async fn take_back(&self, id: HandoverId) -> Result<Undone> {
        let ctx = self.ctx();
        self.write(async move |tx| handover::undo(tx, &ctx, id).await).await
    }

    async fn has(&self, item: ItemId, person: PersonId) -> bool {
        let mut rx = self.reader().await;
        tenure::store::item_people::has(&mut rx, self.ws, item, person, Part::Assignee).await.expect("a read")
    }
}

fn all(from: PersonId, to: To) -> Input {
    Input { from, to, items: None, fingerprint: None }
}

both_engines! {
    async fn a_handover_does_what_its_preview_said_and_is_taken_back(store: Store) {
        let world = World::new(store, 6).await;
        let (ada, ben, mei) = (world.member().await, world.member().await, world.member().await);
        let mut items = Vec::new();
        for _ in 0..5 {
            items.push(world.assigned("One of five", &[ada.person]).await.0);
        }
        world.give(world.ctx(), items[1], ben.person, Part::Assignee).await.expect("a part");
        world.set_item(items[4], ItemStatus::Done).await;
        let team = world.team("Support").await;
        for who in [ada, ben, mei] {
            world.join(team, who.person).await.expect("a member");
        }
        world.deactivate(ada.person).await.expect("a deactivation");
        let before = world.dump().await;
        let input = all(ada.person, To::Team(team));
        let plan = handover::plan(&mut world.reader().await, &world.ctx(), &input).await.expect("a plan");
        assert!(changed_tables(&before, &world.dump().await).is_empty(), "a preview changes nothing");
        let receipt = world.hand_over(world.ctx(), input).await.expect("a handover");
        assert_eq!((&receipt.moved, plan.items, plan.left), (&plan, 4, 0));
        assert_eq!(world.holds(ada.person).await.assigned, 0);
        assert_eq!(world.holds(ben.person).await.assigned + world.holds(mei.person).await.assigned, 5);
        assert!(world.has(items[1], ben.person).await && world.has(items[1], mei.person).await, "Ben had it");
        assert!(world.has(items[4], ada.person).await, "what is finished stays");
        world.check().await;
        let number = 3;
        let ctx = world.ctx();
        let id = world.show(&ctx, number).await.expect("a page").row.id;
        let (lines, people) =
            tenure::ops::items::history(&mut world.reader().await, &ctx, id, None, 10).await.expect("lines");
        assert_eq!((lines[0].field.as_str(), &lines[0].before), ("handover", &ada.person.to_string()));
        assert!(people.iter().any(|brief| brief.id == ada.person));
        let undo = receipt.undo.expect("an undo");
        assert_eq!(world.take_back(undo).await.expect("taken back"), Undone { items: 4, skipped: 0 });
        assert_eq!(refused(world.take_back(undo).await), Refusal::UndoneAlready);
        assert_eq!(world.holds(ada.person).await.assigned, 4);
        assert_eq!((world.holds(ben.person).await.assigned, world.holds(mei.person).await.assigned), (1, 0));
        world.check().await;
    }

    async fn a_handover_by_selection_moves_what_was_selected(store: Store) {
        let world = World::new(store, 4).await;
        let (ada, ben) = (world.member().await, world.member().await);
        let (one, _) = world.assigned("One", &[ada.person]).await;
        let (two, _) = world.assigned("Two", &[ada.person]).await;
        let (other, _) = world.assigned("Not hers", &[]).await;
        let input = Input { items: Some(vec![two, other, two]), ..all(ada.person, To::Person(ben.person)) };
        let receipt = world.hand_over(world.by(ada), input).await.expect("a handover");
        assert_eq!(receipt.moved.items, 1);
        assert!(world.has(one, ada.person).await && world.has(two, ben.person).await);
        // Somebody changes one meanwhile: it stays as it is.
        world.take(world.ctx(), two, ben.person, Part::Assignee).await.expect("taken");
        let undone = world.take_back(receipt.undo.expect("an undo")).await.expect("taken back");
        assert_eq!(undone, Undone { items: 0, skipped: 1 });
        world.check().await;
    }

    async fn what_went_to_somebody_deleted_since_comes_back(store: Store) {
        let world = World::new(store, 5).await;
        let (ada, ben, mei) = (world.member().await, world.member().await, world.member().await);
        let (one, number) = world.assigned("One", &[ada.person]).await;
        let (two, _) = world.assigned("Two", &[ada.person, mei.person]).await;
        let receipt = world.hand_over(world.ctx(), all(ada.person, To::Person(ben.person))).await.expect("a handover");
        world.deactivate(ada.person).await.expect("a deactivation");
        world.delete(ben.person).await.expect("a deletion");
        let undone = world.take_back(receipt.undo.expect("an undo")).await.expect("taken back");
        assert_eq!(undone, Undone { items: 2, skipped: 0 });
        assert!(world.has(one, ada.person).await && world.has(two, ada.person).await && world.has(two, mei.person).await);
        assert_eq!(world.holds(ada.person).await.assigned, 2);
        assert_eq!(world.show(&world.ctx(), number).await.expect("an item").people.len(), 1);
        world.check().await;
    }

    async fn rule_05_nothing_is_handed_over_to_a_deactivated_person(store: Store) {
        let world = World::new(store, 4).await;
        let (ada, off) = (world.member().await, world.deactivated().await);
        let customer = world.customer_as(&any_name("Cus")).await;
        world.assigned("One", &[ada.person]).await;
        let team = world.team("Support").await;
        world.join(team, ada.person).await.expect("a member");
        let before = world.dump().await;
        for (to, no) in [
            (To::Person(off.person), Refusal::DeactivatedGetsNothingNew),
            (To::Person(customer.person), Refusal::UsersOnly),
            (To::Person(ada.person), Refusal::NobodyToReceive),
            (To::Team(team), Refusal::NobodyToReceive),
        ] {
            let input = all(ada.person, to);
            let plan = handover::plan(&mut world.reader().await, &world.ctx(), &input).await;
            assert_eq!(refused(plan), no);
            assert_eq!(refused(world.hand_over(world.ctx(), input).await), no);
        }
        let mine = all(ada.person, To::Person(world.owner.person));
        assert_eq!(refused(world.hand_over(world.by(customer), mine.clone()).await), Refusal::DeskOnly);
        assert!(changed_tables(&before, &world.dump().await).is_empty());
        let receipt = world.hand_over(world.ctx(), mine).await.expect("a handover");
        let undo = receipt.undo.expect("an undo");
        assert_eq!(not_found(world.take_back(HandoverId::from_uuid(world.sys.uuid7())).await), "handover");
        world.later(std::time::Duration::from_mins(11));
        assert!(matches!(world.take_back(undo).await, Err(Error::Refused(refusal)) if matches!(*refusal, Refusal::UndoTooLate { .. })));
    }
}
