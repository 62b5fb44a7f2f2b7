//! Rules 7 to 9: who may do what to whom. The table of all ops is in `super::super::table`.

use domain::{Refusal, role::Role};
use tenure::{Error, ops, ops::activation::Way};

use super::untouched;
use crate::support::{
    both_engines,
    world::{World, refused},
};

both_engines! {
    async fn rule_09_nobody_deactivates_or_deletes_themself_or_the_owner(store: Store) {
        let world = World::new(store, 4).await;
        let admin = world.administrator().await;
        let before = world.dump().await;
        let delete = async |ctx: tenure::ctx::Ctx, person| {
            let input = ops::deletion::Input { email: world.row(person).await.person.email, version: None, seen: None };
            world.write(async move |tx| ops::deletion::delete(tx, &ctx, person, input.clone()).await).await
        };
        let me = world.by(admin);
        assert_eq!(refused(world.deactivate_by(me.clone(), admin.person).await), Refusal::DeactivateSelf);
        assert_eq!(refused(delete(me.clone(), admin.person).await), Refusal::DeleteSelf);
        for ctx in [me, world.cli(), world.ctx(), world.job()] {
            let owner = world.owner.person;
            assert_eq!(refused(world.deactivate_by(ctx.clone(), owner).await), Refusal::DeactivateOwner);
            assert_eq!(refused(delete(ctx, owner).await), Refusal::DeleteOwner);
        }
        untouched(&world, &before).await;
    }

    async fn rule_09_nobody_deactivates_themself_to_make_room_for_another(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.deactivated().await;
        let admin = world.administrator().await;
        let before = world.dump().await;
        let way = Way::Swap { other: admin.person, grounds: domain::lifecycle::Grounds::default() };
        assert_eq!(refused(world.activate_by(world.by(admin), who.person, way).await), Refusal::DeactivateSelf);
        untouched(&world, &before).await;
    }

    async fn rule_09_ownership_passes_only_to_an_active_user_and_by_the_owner_or_at_the_machine(store: Store) {
        let world = World::new(store, 6).await;
        let (admin, member, off) = (world.administrator().await, world.member().await, world.deactivated().await);
        let (invited, _) = world.invited().await;
        let transfer = async |ctx: tenure::ctx::Ctx, person| {
            let reason = Some("the owner left".to_owned());
            world.write(async move |tx| ops::roles::transfer_ownership(tx, &ctx, person, reason.clone()).await).await
        };
        let before = world.dump().await;
        for person in [off.person, invited] {
            assert_eq!(refused(transfer(world.ctx(), person).await), Refusal::NewOwnerNotActive);
            assert_eq!(refused(transfer(world.cli(), person).await), Refusal::NewOwnerNotActive);
        }
        for ctx in [world.by(admin), world.by(member), world.job()] {
            assert_eq!(refused(transfer(ctx, member.person).await), Refusal::OwnerOnly);
        }
        assert!(!transfer(world.ctx(), world.owner.person).await.expect("it is so already"));
        untouched(&world, &before).await;
        assert!(transfer(world.ctx(), member.person).await.expect("passed on"));
        assert_eq!(world.row(member.person).await.person.role, Role::Owner);
        assert_eq!(world.row(world.owner.person).await.person.role, Role::Administrator);
        assert_eq!(refused(transfer(world.ctx(), admin.person).await), Refusal::OwnerOnly, "no longer theirs to give");
        world.check().await;
        assert!(transfer(world.cli(), admin.person).await.expect("passed on"));
        assert_eq!(world.actions(admin.person).await[0], "ownership.transferred");
        world.check().await;
    }

    async fn rule_09_the_owner_role_is_neither_given_nor_taken_by_a_change_of_role(store: Store) {
        let world = World::new(store, 4).await;
        let (admin, member) = (world.administrator().await, world.member().await);
        let change = async |ctx: tenure::ctx::Ctx, person, role, version| {
            world.write(async move |tx| ops::roles::change(tx, &ctx, person, role, version).await).await
        };
        let before = world.dump().await;
        let refusal = refused(change(world.ctx(), member.person, Role::Owner, None).await);
        assert_eq!(refusal, Refusal::RoleNotGiven { role: Role::Owner });
        for ctx in [world.by(admin), world.cli()] {
            let refusal = refused(change(ctx, world.owner.person, Role::Member, None).await);
            assert_eq!(refusal, Refusal::OwnerByTransferOnly);
        }
        assert_eq!(refused(change(world.by(admin), admin.person, Role::Member, None).await), Refusal::OwnRole);
        assert!(!change(world.ctx(), member.person, Role::Member, Some(1)).await.expect("it is so already"));
        assert!(matches!(change(world.ctx(), member.person, Role::Administrator, Some(1)).await, Err(Error::Stale)));
        untouched(&world, &before).await;
        assert!(change(world.ctx(), admin.person, Role::Member, None).await.expect("a change"));
        // It applies at the next request.
        assert_eq!(refused(world.deactivate_by(world.by(admin), member.person).await), Refusal::AdministratorsOnly);
        world.check().await;
    }

    async fn rule_09_the_owners_ways_in_are_changed_only_by_the_owner_or_at_the_machine(store: Store) {
        let world = World::new(store, 3).await;
        let (admin, owner) = (world.administrator().await, world.owner.person);
        let edit = async |ctx: tenure::ctx::Ctx, email: &str| {
            let input = ops::profile::Input { email: Some(email.into()), ..Default::default() };
            world.write(async move |tx| ops::profile::edit(tx, &ctx, owner, input.clone()).await).await
        };
        let link = async |ctx: tenure::ctx::Ctx| {
            world.write(async move |tx| ops::links::make(tx, &ctx, owner).await).await
        };
        let before = world.dump().await;
        assert_eq!(refused(edit(world.by(admin), "mine@acme.example").await), Refusal::OwnerByOwnerOnly);
        assert_eq!(refused(link(world.by(admin)).await), Refusal::OwnerByOwnerOnly);
        untouched(&world, &before).await;
        for ctx in [world.ctx(), world.cli()] {
            link(ctx).await.expect("a link");
        }
        edit(world.ctx(), "olga@acme.example").await.expect("an edit");
        edit(world.cli(), "olga.owner@acme.example").await.expect("an edit");
        world.check().await;
    }

    async fn a_set_password_link_works_once_for_24_hours_and_ends_every_session(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.member().await;
        let make = async || {
            let ctx = world.ctx();
            world.write(async move |tx| ops::links::make(tx, &ctx, who.person).await).await.expect("a link")
        };
        let set = async |secret: tenure::secret::Secret, new: &str| {
            ops::password::set_by_link(&world.app, &world.visitor(who.person), secret, new, ops::sessions::From::default()).await
        };
        let (first, second) = (make().await, make().await);
        assert_eq!(refused(set(first, "nine silver kites aloft").await), Refusal::LinkVoid, "a newer one took its place");
        assert!(matches!(set(second.clone(), "short").await, Err(Error::Invalid(_))));
        let opened = set(second.clone(), "nine silver kites aloft").await.expect("set");
        assert_eq!(refused(set(second, "ten silver kites aloft").await), Refusal::LinkVoid);
        assert_eq!(refused(world.deactivate_by(world.by(who), world.owner.person).await), Refusal::NotSignedIn);
        let late = make().await;
        world.later(std::time::Duration::from_hours(24));
        assert_eq!(refused(set(late, "ten silver kites aloft").await), Refusal::LinkVoid);
        // A link made before is another way in, and changing the password closes it.
        let before = make().await;
        let me = world.by(crate::support::world::Who { person: who.person, session: opened.session });
        let ended = ops::password::change(&world.app, &me, "nine silver kites aloft", "ten silver kites aloft").await;
        assert_eq!(ended.expect("changed"), 0);
        assert_eq!(refused(set(before, "more silver kites aloft").await), Refusal::LinkVoid);
        world.check().await;
    }
}
