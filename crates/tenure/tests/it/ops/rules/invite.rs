//! Rules 12 and 13: invitations and the license that each holds, and addresses in use.

use std::time::Duration;

use domain::{
    Refusal,
    id::TeamId,
    person::{Status, StatusWord},
    role::Role,
};
use tenure::{
    Error, Result,
    ops::{self, activation::Way, invitation::Joining, sessions::From},
    secret::Secret,
};

use super::untouched;
use crate::support::{
    both_engines,
    world::{PASSWORD, World, address, any_name, not_found, refused},
};

const WEEK: Duration = Duration::from_hours(7 * 24);

async fn invite(
    world: &World,
    name: &str,
    change: impl FnOnce(&mut ops::invitation::Input),
) -> Result<ops::invitation::Receipt> {
    let (ctx, mut input) = (world.ctx(), world.invitation(name, Role::Member));
    change(&mut input);
    world.write(async move |tx| ops::invitation::invite(tx, &ctx, input.clone()).await).await
}

fn as_user(role: Role, teams: Vec<TeamId>) -> Joining {
    Joining::User { role, teams }
}

async fn accept(world: &World, secret: &Secret, name: &str) -> Result<ops::sessions::Opened> {
    let ctx = world.visitor(world.owner.person);
    let (name, from) = (world.name(name), From::default());
    ops::password::accept_invitation(&world.app, &ctx, secret.clone(), name, PASSWORD, from).await
}

async fn send_again(
    world: &World,
    person: domain::id::PersonId,
    add: bool,
) -> Result<ops::invitation::Receipt> {
    let ctx = world.ctx();
    world.write(async move |tx| ops::invitation::send_again(tx, &ctx, person, add).await).await
}

async fn expire(world: &World) -> usize {
    let ctx = world.job();
    world.write(async move |tx| ops::invitation::expire_due(tx, &ctx).await).await.expect("expired")
}

both_engines! {
    async fn rule_12_an_invitation_holds_a_license_until_it_is_accepted(store: Store) {
        let world = World::new(store, 2).await;
        let (one, two) = (world.team("One").await, world.team("Two").await);
        let receipt = invite(&world, "Ivy Invited", |input| input.joining = as_user(Role::Member, vec![two, one, two])).await.expect("invited");
        assert_eq!(world.workspace().await.licenses.used, 2);
        world.check().await;
        let looked = ops::invitation::look(&mut world.reader().await, &world.cli(), &receipt.secret).await;
        assert_eq!(looked.expect("it works").person.id, receipt.person);
        // She goes by another name.
        let opened = accept(&world, &receipt.secret, "Ivy Chosen").await.expect("accepted");
        let row = world.row(opened.person).await;
        assert_eq!((row.person.name.as_str(), row.teams), ("Ivy Chosen", 2));
        assert_eq!(row.person.status, Status::Active { since: world.sys.now() });
        assert_eq!(row.last_sign_in, Some(world.sys.now()));
        assert_eq!(world.workspace().await.counts.never, 0);
        world.check().await;
        assert_eq!(refused(accept(&world, &receipt.secret, "Ivy").await), Refusal::LinkVoid);
        world.check().await;
    }

    async fn rule_12_an_invitation_needs_a_free_license_or_adds_one(store: Store) {
        let world = World::new(store, 1).await;
        let before = world.dump().await;
        let refusal = refused(invite(&world, "Ivy Invited", |_| {}).await);
        assert!(matches!(refusal, Refusal::LicensesExhausted { needed: 1, .. }));
        untouched(&world, &before).await;
        let receipt = invite(&world, "Ivy Invited", |input| input.add_license = true).await.expect("invited");
        assert_eq!(receipt.added_licenses, 1);
        assert_eq!((world.workspace().await.licenses.owned, world.workspace().await.licenses.used), (2, 2));
        world.check().await;
        let ctx = world.ctx();
        world.write(async move |tx| ops::invitation::withdraw(tx, &ctx, receipt.person).await).await.expect("gone");
        let receipt = invite(&world, "Ivo Invited", |input| input.add_license = true).await.expect("invited");
        assert_eq!(receipt.added_licenses, 0, "one is free");
        world.check().await;
    }

    async fn rule_12_an_invitation_expires_after_seven_days_and_frees_its_license(store: Store) {
        let world = World::new(store, 2).await;
        let (person, secret) = world.invited_as("Ivy Invited", Role::Member).await;
        world.later(WEEK.saturating_sub(Duration::from_micros(1)));
        assert_eq!(expire(&world).await, 0);
        world.later(Duration::from_micros(1));
        // Refused before the job has come round, too.
        assert_eq!(refused(accept(&world, &secret, "Ivy").await), Refusal::InvitationExpired);
        assert_eq!(expire(&world).await, 1);
        assert_eq!(expire(&world).await, 0);
        let workspace = world.workspace().await;
        assert_eq!((workspace.licenses.used, workspace.counts.invited, workspace.counts.expired), (1, 1, 1));
        assert!(matches!(world.row(person).await.person.status, Status::Invited { expired: true, .. }));
        assert_eq!(refused(accept(&world, &secret, "Ivy").await), Refusal::InvitationExpired);
        world.check().await;
        // The license is taken meanwhile: sending again needs one.
        world.member().await;
        let before = world.dump().await;
        assert!(matches!(refused(send_again(&world, person, false).await), Refusal::LicensesExhausted { .. }));
        untouched(&world, &before).await;
        let receipt = send_again(&world, person, true).await.expect("sent again");
        assert_eq!(receipt.added_licenses, 1);
        world.check().await;
        accept(&world, &receipt.secret, "Ivy").await.expect("accepted");
        world.check().await;
    }

    async fn rule_12_an_open_invitation_sent_again_keeps_its_license(store: Store) {
        let world = World::new(store, 2).await;
        let (person, first) = world.invited_as("Ivy Invited", Role::Member).await;
        world.later(Duration::from_hours(48));
        let receipt = send_again(&world, person, false).await.expect("sent again");
        assert_eq!((receipt.added_licenses, world.workspace().await.licenses.used), (0, 2));
        assert_eq!(receipt.expires.duration_since(world.sys.now()).as_hours(), 7 * 24);
        world.check().await;
        assert_eq!(refused(accept(&world, &first, "Ivy").await), Refusal::LinkVoid, "the earlier link stops to work");
        accept(&world, &receipt.secret, "Ivy").await.expect("accepted");
        assert_eq!(refused(send_again(&world, person, false).await), Refusal::NotInvited { status: StatusWord::Active });
    }

    async fn rule_12_withdraw_frees_the_license_where_one_is_held(store: Store) {
        let world = World::new(store, 3).await;
        let (open, secret) = world.invited_as("Olive Open", Role::Member).await;
        let (expired, _) = world.invited_as("Gustav Expired", Role::Member).await;
        world.later(WEEK);
        let (ctx, again) = (world.ctx(), send_again(&world, open, false).await.expect("sent again"));
        assert_eq!(expire(&world).await, 1);
        for (person, frees) in [(open, true), (expired, false)] {
            let ctx = ctx.clone();
            let withdrawn = world.write(async move |tx| ops::invitation::withdraw(tx, &ctx, person).await).await;
            assert_eq!(withdrawn.expect("withdrawn").license_freed, frees);
            assert!(world.found(person).await.is_none(), "the person is gone");
            world.check().await;
        }
        for secret in [secret, again.secret] {
            assert_eq!(refused(accept(&world, &secret, "Olive").await), Refusal::LinkVoid);
        }
        for (table, rows) in world.dump().await {
            assert!(!rows.iter().any(|row| row.contains("olive") || row.contains("gustav")), "{table} names them");
        }
    }

    async fn rule_12_an_invited_person_is_neither_deactivated_nor_activated_nor_deleted(store: Store) {
        let world = World::new(store, 3).await;
        let (person, _) = world.invited().await;
        let before = world.dump().await;
        assert_eq!(refused(world.deactivate(person).await), Refusal::InvitedIsWithdrawn);
        assert_eq!(refused(world.activate(person, Way::Free).await), Refusal::InvitedIsSentAgain);
        assert_eq!(refused(world.delete(person).await), Refusal::InvitedIsWithdrawn);
        let ctx = world.ctx();
        let link = world.write(async move |tx| ops::links::make(tx, &ctx, person).await).await;
        assert_eq!(refused(link), Refusal::InvitedIsSentAgain);
        untouched(&world, &before).await;
    }

    async fn rule_12_nobody_is_invited_as_owner_or_into_a_team_that_is_not_there(store: Store) {
        let world = World::new(store, 3).await;
        let foreign = world.beside(2).await.team("Theirs").await;
        let before = world.dump().await;
        let refusal = refused(invite(&world, "Ivy Invited", |input| input.joining = as_user(Role::Owner, Vec::new())).await);
        assert_eq!(refusal, Refusal::RoleNotGiven { role: Role::Owner });
        assert_eq!(not_found(invite(&world, "Ivy Invited", |input| input.joining = as_user(Role::Member, vec![foreign])).await), "team");
        untouched(&world, &before).await;
    }

    async fn rule_13_inviting_an_address_of_a_deactivated_person_offers_them(store: Store) {
        let world = World::new(store, 4).await;
        let who = world.joined_as("Ada Adams", Role::Member).await;
        world.deactivate(who.person).await.expect("a deactivation");
        let other = world.member().await;
        let before = world.dump().await;
        let theirs = |input: &mut ops::invitation::Input| input.email = "ADA.adams@Acme.example".into();
        let offered = Refusal::AddressOfDeactivated { person: who.person, kind: domain::person::Kind::User, name: "Ada Adams".into() };
        assert_eq!(refused(invite(&world, "Somebody Else", theirs).await), offered);
        let mut input = world.invitation("Somebody Else", Role::Member);
        theirs(&mut input);
        let plan = ops::invitation::plan(&mut world.reader().await, &world.ctx(), &input).await;
        assert_eq!(refused(plan), offered, "the dry run says the same");
        let edit = async |person, email: &str| {
            let (ctx, input) = (world.ctx(), ops::profile::Input { email: Some(email.into()), ..Default::default() });
            world.write(async move |tx| ops::profile::edit(tx, &ctx, person, input.clone()).await).await
        };
        assert_eq!(refused(edit(other.person, "ada.adams@acme.example").await), offered);
        untouched(&world, &before).await;
        // "Someone else": the old address is changed first.
        edit(who.person, "former.ada@acme.example").await.expect("an edit");
        invite(&world, "Somebody Else", theirs).await.expect("invited");
        world.check().await;
    }

    async fn rule_13_an_address_in_use_is_refused_with_its_owner(store: Store) {
        let world = World::new(store, 5).await;
        let name = any_name("Active");
        let who = world.joined_as(&name, Role::Member).await;
        let (invited, _) = world.invited_as("Ivy Invited", Role::Member).await;
        let before = world.dump().await;
        let cases = [(who.person, name.as_str(), StatusWord::Active), (invited, "Ivy Invited", StatusWord::Invited)];
        for (person, name, status) in cases {
            let taken = Refusal::AddressTaken { person, kind: domain::person::Kind::User, name: name.into(), status };
            assert_eq!(refused(invite(&world, name, |_| {}).await), taken);
        }
        untouched(&world, &before).await;
        // One address in two workspaces is two people.
        let beside = world.beside(2).await;
        invite(&beside, &name, |_| {}).await.expect("invited");
        assert_ne!(address(&name), "");
    }

    async fn an_error_in_the_middle_leaves_nothing_half_done(store: Store) {
        let world = World::new(store, 5).await;
        let who = world.member().await;
        let before = world.dump().await;
        let ctx = world.ctx();
        let outcome: Result<()> = world
            .write(async move |tx| {
                ops::deactivation::deactivate(tx, &ctx, who.person, ops::deactivation::Input::default()).await?;
                Err(Error::Stale)
            })
            .await;
        assert!(matches!(outcome, Err(Error::Stale)));
        untouched(&world, &before).await;
    }
}
