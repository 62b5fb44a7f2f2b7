//! The rules of an account's life, for its tokens.

use std::time::Duration;

use domain::{
    Refusal,
    role::Role,
    token::{
        Life, Scope,
        State::{self, Live, Suspended},
    },
};
use tenure::ops::{
    self,
    activation::{Input as Activate, Way},
    deactivation::Input as Deactivate,
    tokens::Made,
};

use crate::support::{
    both_engines,
    world::{Who, World, any_name, changed_tables, refused},
};

impl World {
    async fn states(&self, tokens: &[&Made]) -> Vec<State> {
        let mut states = Vec::new();
        for made in tokens {
            let row = self.token_row(made.row.token.id).await.expect("the token is kept");
            states.push(row.token.state(self.sys.now()));
        }
        states
    }

    async fn deactivate_with(&self, who: Who, input: Deactivate) -> ops::deactivation::Receipt {
        let ctx = self.ctx();
        let done = self
            .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, who.person, input.clone()).await)
            .await;
        done.expect("a deactivation")
    }

    async fn activate_with(&self, who: Who, input: Activate) -> ops::activation::Receipt {
        let ctx = self.ctx();
        let done =
            self.write(async move |tx| ops::activation::activate(tx, &ctx, who.person, input.clone()).await);
        done.await.expect("an activation")
    }

    /// Does with a token what every user may.
    async fn use_token(&self, made: &Made) -> tenure::Result<()> {
        let (ctx, new) = (self.with_token(made), self.ticket("A leaking tap"));
        self.write(async move |tx| ops::items::create(tx, &ctx, new.clone()).await.map(drop)).await
    }
}

both_engines! {
    async fn rule_01_a_deactivation_suspends_what_is_theirs_and_leaves_what_is_the_workspaces(store: Store) {
        let world = World::new(store, 10).await;
        let who = world.administrator().await;
        let mine = [world.token_of(who, &[Scope::Read]).await, world.token_of(who, &[Scope::People]).await];
        let (by_hand, revoked) = (world.token_of(who, &[Scope::Read]).await, world.token_of(who, &[Scope::Read]).await);
        world.suspend_token(by_hand.row.token.id).await;
        world.revoke_token(revoked.row.token.id).await;
        let service = world.service_token_by(who, &[Scope::Read], Life::Forever).await;
        let others = world.token_of(world.owner, &[Scope::Read]).await;
        let all = [&mine[0], &mine[1], &by_hand, &service, &others];
        assert_eq!(world.states(&all).await, [Live, Live, Suspended, Live, Live]);

        let plan = ops::deactivation::plan(&mut world.reader().await, &world.ctx(), who.person, &Deactivate::default()).await;
        let plan = plan.expect("a plan");
        assert_eq!((plan.tokens_suspended, plan.made_tokens.len()), (2, 1));
        assert_eq!(plan.made_tokens[0].name, service.row.name);
        let receipt = world.deactivate_with(who, Deactivate::default()).await;
        assert_eq!(receipt.tokens_suspended, 2, "the dry run said the same");
        assert_eq!(world.states(&all).await, [Suspended, Suspended, Suspended, Live, Live]);
        world.check().await;

        // The undo brings back what this step suspended, and nothing else.
        let undone = world.undo(receipt.undo.expect("a step")).await.expect("an undo");
        assert_eq!(undone.tokens_restored, 2);
        assert_eq!(world.states(&all).await, [Live, Live, Suspended, Live, Live]);
        world.check().await;
    }

    async fn rule_01_service_tokens_somebody_made_are_suspended_only_if_asked(store: Store) {
        let world = World::new(store, 10).await;
        let who = world.administrator().await;
        let made = world.service_token_by(who, &[Scope::Read], Life::Forever).await;
        let others = world.service_token(&[Scope::Read]).await;
        let input = Deactivate { made_tokens: true, ..Deactivate::default() };
        let plan = ops::deactivation::plan(&mut world.reader().await, &world.ctx(), who.person, &input).await;
        let receipt = world.deactivate_with(who, input).await;
        assert_eq!((plan.expect("a plan").tokens_suspended, receipt.tokens_suspended), (1, 1));
        assert_eq!(world.states(&[&made, &others]).await, [Suspended, Live]);
        let undone = world.undo(receipt.undo.expect("a step")).await.expect("an undo");
        assert_eq!((undone.tokens_restored, world.states(&[&made]).await), (1, vec![Live]));
    }

    /// Between the authentication of a request and its write anything may happen.
    async fn rule_01_every_write_checks_its_token_again_inside_its_own_transaction(store: Store) {
        let world = World::new(store, 20).await;
        let all = [Scope::Read, Scope::Write, Scope::People];
        let (suspended, revoked) = (world.service_token(&all).await, world.service_token(&all).await);
        world.suspend_token(suspended.row.token.id).await;
        world.revoke_token(revoked.row.token.id).await;
        let (gone, lowered) = (world.administrator().await, world.administrator().await);
        let (of_gone, of_lowered) = (world.token_of(gone, &all).await, world.token_of(lowered, &all).await);
        for made in [&of_gone, &of_lowered] {
            world.use_token(made).await.expect("it works");
        }
        world.deactivate(gone.person).await.expect("a deactivation");
        let ctx = world.ctx();
        world
            .write(async move |tx| ops::roles::change(tx, &ctx, lowered.person, Role::Member, None).await)
            .await
            .expect("a change of role");
        let target = world.member().await.person;
        let cases = [
            (&suspended, Refusal::TokenSuspended),
            (&revoked, Refusal::TokenInvalid),
            (&of_gone, Refusal::TokenSuspended),
        ];
        let before = world.dump().await;
        for (made, why) in cases {
            assert_eq!(refused(world.use_token(made).await), why);
            assert_eq!(refused(world.deactivate_by(world.with_token(made), target).await), why);
        }
        let done = world.deactivate_by(world.with_token(&of_lowered), target).await;
        assert_eq!(refused(done), Refusal::AdministratorsOnly);
        assert_eq!(changed_tables(&before, &world.dump().await), Vec::<String>::new());
        world.use_token(&of_lowered).await.expect("what every user may");

        let short = world.service_token_for(&all, Life::Days(1)).await;
        let at_the_door = world.with_token(&short);
        world.later(Duration::from_hours(25));
        let late = world.with_token(&short);
        assert!(matches!(refused(world.deactivate_by(late, target).await), Refusal::TokenExpired { .. }));
        world.deactivate_by(at_the_door, target).await.expect("its request began in time");
        world.check().await;
    }

    async fn rule_01_a_token_does_no_more_than_it_was_made_for(store: Store) {
        let world = World::new(store, 10).await;
        let target = world.member().await.person;
        let lacks = Refusal::InsufficientScope { scope: Scope::People };
        for made in [
            world.service_token(&[Scope::Read, Scope::Write, Scope::Scim, Scope::Webhooks]).await,
            world.token_of(world.owner, &[Scope::Write]).await,
        ] {
            assert_eq!(refused(world.deactivate_by(world.with_token(&made), target).await), lacks);
        }
        let may = world.service_token(&[Scope::People]).await;
        assert!(world.deactivate_by(world.with_token(&may), target).await.expect("it may").changed);
        // A token of the owner is the owner: nobody deactivates themself.
        let own = world.token_of(world.owner, &[Scope::People]).await;
        let done = world.deactivate_by(world.with_token(&own), world.owner.person).await;
        assert_eq!(refused(done), Refusal::DeactivateOwner);
        let admin = world.administrator().await;
        let own = world.token_of(admin, &[Scope::People]).await;
        let done = world.deactivate_by(world.with_token(&own), admin.person).await;
        assert_eq!(refused(done), Refusal::DeactivateSelf);
    }

    async fn rule_06_suspended_tokens_come_back_only_if_asked_for(store: Store) {
        let world = World::new(store, 10).await;
        let who = world.member().await;
        let (token, by_hand) = (world.token_of(who, &[Scope::Read]).await, world.token_of(who, &[Scope::Read]).await);
        world.suspend_token(by_hand.row.token.id).await;
        world.deactivate(who.person).await.expect("a deactivation");
        let plan = ops::activation::plan(&mut world.reader().await, &world.ctx(), who.person, &Activate::default()).await;
        assert_eq!(plan.expect("a plan").suspended_tokens, 1);
        let back = world.activate(who.person, Way::Free).await.expect("an activation");
        assert_eq!((back.tokens_restored, world.states(&[&token]).await), (0, vec![Suspended]));

        world.deactivate(who.person).await.expect("a deactivation");
        let back = world.activate_with(who, Activate { restore_tokens: true, ..Activate::default() }).await;
        assert_eq!(back.tokens_restored, 1);
        assert_eq!(world.states(&[&token, &by_hand]).await, [Live, Suspended], "what an administrator took stays away");
        // The undo of the activation closes every door again.
        world.undo(back.undo.expect("a step")).await.expect("an undo");
        assert_eq!(world.states(&[&token]).await, [Suspended]);
        world.check().await;
    }

    async fn rule_06_whoever_makes_room_loses_their_tokens_and_an_undo_gives_them_back(store: Store) {
        let world = World::new(store, 2).await;
        let gone = world.deactivated().await;
        let other = world.member().await;
        let token = world.token_of(other, &[Scope::Read]).await;
        let way = Way::Swap { other: other.person, grounds: domain::lifecycle::Grounds::default() };
        let swapped = world.activate(gone.person, way).await.expect("a swap");
        assert_eq!(swapped.swap.expect("a deactivation").tokens_suspended, 1);
        assert_eq!(world.states(&[&token]).await, [Suspended]);
        world.undo(swapped.undo.expect("a step")).await.expect("an undo");
        assert_eq!(world.states(&[&token]).await, [Live]);
        world.check().await;
    }

    async fn rule_01_many_deactivated_together_lose_their_tokens_and_an_undo_gives_them_back(store: Store) {
        let world = World::new(store, 10).await;
        let people = [world.member().await, world.member().await];
        let tokens = [world.token_of(people[0], &[Scope::Read]).await, world.token_of(people[1], &[Scope::Read]).await];
        let earlier = world.token_of(people[0], &[Scope::Read]).await;
        world.suspend_token(earlier.row.token.id).await;
        let input = ops::bulk::Input {
            kind: domain::person::Kind::User,
            whom: ops::bulk::Whom::Ids(people.iter().map(|who| who.person).collect()),
            deed: domain::bulk::Deed::Deactivate(domain::lifecycle::Grounds::default()),
            add_licenses: false,
            past_brake: true,
            fingerprint: None,
            count: None,
            most: 10,
        };
        let plan = ops::bulk::plan(&mut world.reader().await, &world.ctx(), &input).await.expect("a plan");
        assert_eq!(plan.tokens_suspended, 2);
        let ctx = world.ctx();
        let begun = world.write(async move |tx| ops::bulk::begin(tx, &ctx, input.clone()).await).await.expect("begun");
        let work = async |batch| {
            let (sys, ws) = (world.sys.clone(), world.ws);
            let done = world.write(async move |tx| ops::bulk::work(tx, &sys, ws, batch).await).await;
            done.expect("a piece of work");
            tenure::store::batches::load(&mut world.reader().await, ws, batch).await.expect("a read").expect("a batch")
        };
        assert_eq!(work(begun.batch).await.tokens_suspended, 2);
        assert_eq!(world.states(&[&tokens[0], &tokens[1], &earlier]).await, [Suspended; 3]);
        world.check().await;
        let ctx = world.ctx();
        let undo = world.write(async move |tx| ops::bulk::undo(tx, &ctx, begun.batch).await).await.expect("an undo");
        work(undo.batch).await;
        assert_eq!(world.states(&[&tokens[0], &tokens[1], &earlier]).await, [Live, Live, Suspended]);
        world.check().await;
    }

    async fn rule_07_a_delete_takes_their_tokens_and_leaves_the_workspaces(store: Store) {
        let world = World::new(store, 10).await;
        let name = any_name("Zarathustra");
        let who = world.joined_as(&name, Role::Administrator).await;
        let input = ops::tokens::Input::new(
            Some(who.person), world.name(&format!("Laptop of {name}")), [Scope::Read].into_iter().collect(), Life::default(),
        );
        let ctx = world.by(who);
        let made = world.write(async move |tx| ops::tokens::make(tx, &ctx, input.clone()).await).await.expect("a token");
        let service = world.service_token_by(who, &[Scope::Read], Life::Forever).await;
        // What they did by it stays on the record, under no name.
        world.use_token(&made).await.expect("it works");
        let ctx = world.ctx();
        world
            .write(async move |tx| ops::roles::change(tx, &ctx, who.person, Role::Member, None).await)
            .await
            .expect("a change of role");
        let plan = world.delete(who.person).await.expect("a deletion");
        assert_eq!(plan.tokens, 1);
        assert_eq!(world.token_row(made.row.token.id).await, None);
        let kept = world.token_row(service.row.token.id).await.expect("it is the workspace's");
        assert_eq!(kept.token.owner, domain::token::Owner::Service { maker: None });
        let (name, rows) = (name.to_lowercase(), world.dump().await);
        let named = rows.values().flatten().find(|row| row.to_lowercase().contains(&name));
        assert_eq!(named, None, "no row names them");
        world.check().await;
    }

    async fn rule_11_each_step_of_a_token_is_on_the_record(store: Store) {
        let world = World::new(store, 10).await;
        let who = world.member().await;
        let made = world.token_of(who, &[Scope::Write]).await;
        world.use_token(&made).await.expect("it works");
        let id = made.row.token.id;
        world.suspend_token(id).await;
        let ctx = world.ctx();
        let back = world.write(async move |tx| ops::tokens::restore(tx, &ctx, id).await).await;
        assert!(back.expect("it is restored"));
        world.revoke_token(id).await;
        let ctx = world.ctx();
        let again = world.write(async move |tx| ops::tokens::revoke(tx, &ctx, id).await).await;
        assert!(!again.expect("no error"), "rule 10");
        let actions = world.actions(who.person).await;
        assert_eq!(actions[..4], ["token.revoked", "token.restored", "token.suspended", "token.made"]);

        let admin = world.service_token(&[Scope::People]).await;
        world.deactivate_by(world.with_token(&admin), who.person).await.expect("a deactivation");
        let entries = tenure::store::audit::of_person(&mut world.reader().await, world.ws, who.person, 1).await;
        let entry = entries.expect("a read").remove(0);
        assert_eq!((entry.actor.as_str(), entry.actor_id, entry.door.as_str()), ("token", None, "api"));
        assert_eq!(entry.actor_label, admin.row.token.id.to_string());
        assert!(matches!(world.verify().await, tenure::seal::Verdict::Verified { .. }));
    }

    async fn asvs_11_4_1_a_token_is_kept_as_a_digest(store: Store) {
        let world = World::new(store, 10).await;
        let made = world.service_token(&Scope::ALL).await;
        let secret = made.secret.reveal();
        let digest = made.secret.digest().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let rows = world.dump().await;
        let all = || rows.values().flatten();
        assert!(!all().any(|row| row.contains(&secret) || row.contains(&secret.to_lowercase())));
        assert!(all().any(|row| row.contains(&digest)), "else the line above proves nothing");
    }

    async fn rule_03_a_restored_backup_brings_no_token_back_to_life(store: Store) {
        let world = World::new(store, 10).await;
        let (mine, service) = (world.token_of(world.owner, &[Scope::Read]).await, world.service_token(&[Scope::Read]).await);
        let ctx = world.cli();
        let done = world.write(async move |tx| ops::restore::restored(tx, &ctx).await).await.expect("it is closed");
        assert_eq!((done.tokens_suspended, world.states(&[&mine, &service]).await), (2, vec![Suspended, Suspended]));
        world.check().await;
    }

    async fn the_doctor_finds_a_token_that_works_for_somebody_deactivated(store: Store) {
        let world = World::new(store, 10).await;
        let who = world.member().await;
        world.token_of(who, &[Scope::Read]).await;
        world.deactivate(who.person).await.expect("a deactivation");
        world.check().await;
        world.by_hand("update tokens set suspended = null, suspended_why = null, suspended_by = null").await;
        let wrong = ops::invariants::check_invariants(&world.app.store, world.ws).await.expect("they are read");
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(wrong[0].contains("API token"), "{wrong:?}");
    }
}
