//! Rules 1, 2, 3, 5 and 10: what a deactivation does, and what it leaves alone.

use std::time::Duration;

use domain::{
    Refusal,
    lifecycle::Grounds,
    person::{Kind, Status},
    role::Role,
};
use tenure::{
    Error,
    ops::{self, activation::Way, sessions::From, sign_in::SignedIn},
    store::sessions,
};

use super::{unchanged, untouched};
use crate::support::{
    both_engines,
    world::{PASSWORD, World, any_name, changed_tables, refused},
};

both_engines! {
    async fn rule_01_the_receipt_counts_what_ended_and_names_what_stays(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.member().await;
        let (day, night) = (world.team("Day shift").await, world.team("Night shift").await);
        for team in [night, day] {
            world.join(team, who.person).await.expect("joined");
        }
        // A session that has been idle for too long ends too, but nobody counts it.
        world.later(Duration::from_hours(13));
        world.signed_in(who.person).await;
        world.signed_in(who.person).await;
        let ctx = world.ctx();
        world.write(async move |tx| ops::links::make(tx, &ctx, who.person).await).await.expect("a link");
        let plan = ops::deactivation::plan(&mut world.reader().await, &world.ctx(), who.person, &ops::deactivation::Input::default()).await;
        let plan = plan.expect("a plan");
        let today = world.workspace().await.today(world.sys.now());
        let grounds = Grounds { reason: Some("on leave".into()), review_on: Some(today.tomorrow().expect("a date")) };
        let (ctx, input) = (world.ctx(), ops::deactivation::Input { grounds, version: Some(plan.version), ..Default::default() });
        let receipt = world
            .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, who.person, input.clone()).await)
            .await
            .expect("a deactivation");
        assert_eq!((receipt.sessions_ended, receipt.links_voided), (2, 1));
        assert_eq!((plan.sessions_ended, plan.links_voided), (2, 1), "the dry run says the same");
        assert!(receipt.changed && receipt.license_freed && plan.license_freed);
        let teams: Vec<_> = receipt.stays.teams.iter().map(|team| team.name.as_str()).collect();
        assert_eq!(teams, ["Day shift", "Night shift"]);
        assert_eq!(plan.stays.teams, receipt.stays.teams);
        assert_eq!(plan.alone_in, receipt.stays.teams, "nobody else is in them");
        let Status::Deactivated { by, reason, review_on, since } = world.row(who.person).await.person.status else {
            panic!("deactivated")
        };
        assert_eq!((by, reason.as_deref()), (Some(world.owner.person), Some("on leave")));
        assert_eq!((review_on, since), (today.tomorrow().ok(), world.sys.now()));
        assert_eq!(world.workspace().await.licenses.used, 1);
        world.check().await;
    }

    async fn rule_01_every_write_checks_its_actor_again_inside_its_own_transaction(store: Store) {
        let world = World::new(store, 4).await;
        let (admin, target) = (world.administrator().await, world.member().await);
        // The request is in flight: its session was good when it began.
        let ctx = world.by(admin);
        world.deactivate(admin.person).await.expect("a deactivation");
        let before = world.dump().await;
        assert_eq!(refused(world.deactivate_by(ctx, target.person).await), Refusal::ActorDeactivated);
        untouched(&world, &before).await;
    }

    async fn rule_01_what_began_before_midnight_and_is_written_after_others_leaves_ledger_and_chart_whole(store: Store) {
        let world = World::new(store, 3).await;
        world.sys.set("2026-03-02T23:59:50Z".parse().expect("a moment"));
        let (who, other) = (world.member().await, world.member().await);
        // Its clock was read; then others were served first, on the next day.
        let late = world.ctx();
        world.sys.set("2026-03-03T00:00:10Z".parse().expect("a moment"));
        world.deactivate(who.person).await.expect("a deactivation");
        world.deactivate(other.person).await.expect("a deactivation");
        world.activate(who.person, ops::activation::Way::Free).await.expect("an activation");
        world.deactivate_by(late, who.person).await.expect("a deactivation");
        assert_eq!(world.workspace().await.licenses.used, 1);
        world.check().await;
    }

    async fn rule_01_a_review_date_lies_after_today(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.member().await;
        // In Berlin it is tomorrow already.
        world.sys.set("2026-03-02T23:30:00Z".parse().expect("a moment"));
        let before = world.dump().await;
        let today = jiff::civil::date(2026, 3, 3);
        let grounds = Grounds { reason: None, review_on: Some(today) };
        let (ctx, input) = (world.ctx(), ops::deactivation::Input { grounds, version: None, ..Default::default() });
        let outcome = world
            .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, who.person, input.clone()).await)
            .await;
        assert_eq!(refused(outcome), Refusal::ReviewNotInFuture { today });
        untouched(&world, &before).await;
    }

    async fn rule_01_a_stale_preview_does_nothing(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.member().await;
        let version = world.row(who.person).await.person.version;
        let ctx = world.ctx();
        let input = ops::profile::Input { name: Some(world.name("Somebody Else")), ..Default::default() };
        world.write(async move |tx| ops::profile::edit(tx, &ctx, who.person, input.clone()).await).await.expect("an edit");
        let before = world.dump().await;
        let (ctx, input) = (world.ctx(), ops::deactivation::Input { version: Some(version), ..Default::default() });
        let outcome = world
            .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, who.person, input.clone()).await)
            .await;
        assert!(matches!(outcome, Err(Error::Stale)), "{outcome:?}");
        untouched(&world, &before).await;
    }

    async fn rule_02_nothing_else_changes(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.administrator().await;
        let team = world.team("Day shift").await;
        world.join(team, who.person).await.expect("joined");
        let me = world.by(who);
        let picture = ops::picture::Picture::parse(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01 and more".to_vec(), &world.app.config.limits);
        let picture = picture.expect("a picture");
        let (name, limits) = (world.name("Mine"), &world.app.config.limits);
        assert!(ops::profile::email("a@b.example", limits).is_ok());
        world
            .write(async move |tx| {
                let theme = ops::profile::Input { theme: Some("dark".into()), ..Default::default() };
                ops::profile::edit(tx, &me, me.actor.person().expect("me"), theme).await?;
                ops::picture::set_picture(tx, &me, me.actor.person().expect("me"), Some(picture.clone())).await?;
                ops::views::save(tx, &me, Kind::User, name.clone(), "view=active&sort=name".into()).await
            })
            .await
            .expect("settings");
        let (before, row) = (world.dump().await, world.row(who.person).await);
        let hash = tenure::store::passwords::of(&mut world.reader().await, world.ws, who.person).await;
        for _ in 0..3 {
            world.deactivate(who.person).await.expect("a deactivation");
            world.activate(who.person, Way::Free).await.expect("an activation");
        }
        let after = world.row(who.person).await;
        let mut same = after.clone();
        same.person.status = row.person.status.clone();
        same.person.version = row.person.version;
        assert_eq!(same, row, "profile, settings, role and the number of teams are as they were");
        let kept = tenure::store::passwords::of(&mut world.reader().await, world.ws, who.person).await;
        assert_eq!(kept.expect("a read"), hash.expect("a read"), "the password too");
        // Beside status and license only sessions have changed: teams, views, pictures, search are byte for byte as before.
        let changed = changed_tables(&before, &world.dump().await);
        assert_eq!(changed, ["license_spans", "people", "sessions"], "the counters are as before, too");
        world.check().await;
    }

    async fn rule_02_others_may_edit_a_deactivated_person_and_remove_parts(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.administrator().await;
        let (stays, goes) = (world.team("Stays").await, world.team("Goes").await);
        for team in [stays, goes] {
            world.join(team, who.person).await.expect("joined");
        }
        world.deactivate(who.person).await.expect("a deactivation");
        let ctx = world.ctx();
        let input = ops::profile::Input { name: Some(world.name("Renamed Person")), ..Default::default() };
        world
            .write(async move |tx| {
                ops::profile::edit(tx, &ctx, who.person, input.clone()).await?;
                ops::roles::change(tx, &ctx, who.person, Role::Member, None).await?;
                ops::teams::delete(tx, &ctx, goes, None).await
            })
            .await
            .expect("others go on");
        world.activate(who.person, Way::Free).await.expect("an activation");
        let row = world.row(who.person).await;
        assert_eq!((row.person.name.as_str(), row.person.role, row.teams), ("Renamed Person", Role::Member, 1));
        world.check().await;
    }

    async fn rule_03_no_door_opens_for_a_deactivated_person(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.member().await;
        let email = world.row(who.person).await.person.email;
        let ctx = world.ctx();
        let link = world.write(async move |tx| ops::links::make(tx, &ctx, who.person).await).await.expect("a link");
        world.deactivate(who.person).await.expect("a deactivation");
        assert!(matches!(world.sign_in(&email, PASSWORD).await, Ok(SignedIn::Deactivated { again: None, .. })));
        // Wrong credentials get the same answer as anyone's.
        let wrong = world.sign_in(&email, "not the password").await.expect_err("wrong");
        let nobody = world.sign_in("nobody@acme.example", PASSWORD).await.expect_err("wrong");
        assert_eq!(format!("{wrong:?}"), format!("{nobody:?}"));
        let outcome = ops::links::look(&mut world.reader().await, &world.visitor(who.person), &link).await;
        assert_eq!(refused(outcome), Refusal::ActorDeactivated);
        let visitor = world.visitor(who.person);
        let used = ops::password::set_by_link(&world.app, &visitor, link.clone(), "another brass lantern", From::default());
        assert_eq!(refused(used.await), Refusal::ActorDeactivated);
        // Activation does not bring the link back.
        world.activate(who.person, Way::Free).await.expect("an activation");
        let used = ops::password::set_by_link(&world.app, &visitor, link, "another brass lantern", From::default());
        assert_eq!(refused(used.await), Refusal::LinkVoid);
        let mut rx = world.reader().await;
        let open = sessions::open(&mut rx, world.ws, who.person, world.workspace().await.sessions, world.sys.now()).await;
        assert!(open.expect("a read").is_empty(), "ended sessions never come back");
    }

    async fn rule_03_no_link_is_made_for_a_deactivated_person(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.deactivated().await;
        let before = world.dump().await;
        for ctx in [world.ctx(), world.cli()] {
            let outcome = world.write(async move |tx| ops::links::make(tx, &ctx, who.person).await).await;
            assert_eq!(refused(outcome), Refusal::DeactivatedGetsNoLink);
        }
        untouched(&world, &before).await;
    }

    async fn rule_03_a_dismissed_return_loses_its_mark_and_is_asked_again_after_a_day(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.deactivated().await;
        let email = world.row(who.person).await.person.email;
        let ask = async || {
            let Ok(SignedIn::Deactivated { ticket, .. }) = world.sign_in(&email, PASSWORD).await else {
                panic!("a ticket was expected");
            };
            let ctx = world.visitor(who.person);
            world.write(async move |tx| ops::sign_in::ask_for_return(tx, &ctx, &ticket).await).await
        };
        let dismiss = async || {
            let ctx = world.ctx();
            world.write(async move |tx| ops::review::dismiss_return(tx, &ctx, who.person).await).await
        };
        assert!(!dismiss().await.expect("nothing to dismiss"));
        ask().await.expect("asked");
        let asked = world.sys.now();
        world.later(Duration::from_hours(2));
        assert!(dismiss().await.expect("dismissed"));
        let row = world.row(who.person).await;
        assert_eq!((row.return_asked, row.return_dismissed), (None, Some(asked)));
        assert_eq!(world.actions(who.person).await[0], "return.dismissed");
        assert!(!dismiss().await.expect("dismissed already"));
        let again = Refusal::ReturnAskedToday { again: asked + Duration::from_hours(24) };
        assert_eq!(refused(ask().await), again, "once a day, whatever became of it");
        world.later(Duration::from_hours(22));
        ask().await.expect("asked a day after");
        // Who is back and leaves again begins anew.
        world.activate(who.person, Way::Free).await.expect("an activation");
        assert_eq!(world.row(who.person).await.asked_last(), None);
        world.check().await;
    }

    async fn the_review_date_of_a_deactivation_changes_and_nothing_else(store: Store) {
        let world = World::new(store, 3).await;
        for kind in [Kind::User, Kind::Customer] {
            let who = world.joined_to(kind, &any_name("Away")).await;
            world.deactivate(who.person).await.expect("a deactivation");
            let before = world.row(who.person).await;
            let review = async |date, version| {
                let ctx = world.ctx();
                world.write(async move |tx| ops::review::change(tx, &ctx, who.person, date, version).await).await
            };
            let later = Some(jiff::civil::date(2026, 4, 1));
            assert!(review(later, Some(before.person.version)).await.expect("changed"));
            let after = world.row(who.person).await;
            let mut expected = before.clone();
            if let Status::Deactivated { review_on, .. } = &mut expected.person.status {
                *review_on = later;
            }
            expected.person.version += 1;
            assert_eq!(after, expected);
            assert_eq!(world.actions(who.person).await[0], "review.changed");
            assert!(!review(later, None).await.expect("so already"));
            let stale = review(None, Some(before.person.version)).await;
            assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
            let today = jiff::civil::date(2026, 3, 2);
            assert_eq!(refused(review(Some(today), None).await), Refusal::ReviewNotInFuture { today });
            world.activate(who.person, Way::Free).await.expect("an activation");
            assert_eq!(refused(review(later, None).await), Refusal::NotDeactivated);
        }
        world.check().await;
    }

    async fn rule_03_a_deactivated_person_asks_for_a_return_once_a_day(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.deactivated().await;
        let email = world.row(who.person).await.person.email;
        let ticket = async |asked_before: bool| match world.sign_in(&email, PASSWORD).await {
            Ok(SignedIn::Deactivated { ticket, again }) => {
                assert_eq!(again.is_some(), asked_before);
                ticket
            }
            other => panic!("a ticket was expected, not {other:?}"),
        };
        let ask = async |ticket| {
            let ctx = world.visitor(who.person);
            let ticket: tenure::secret::Secret = ticket;
            world.write(async move |tx| ops::sign_in::ask_for_return(tx, &ctx, &ticket).await).await
        };
        let first = ticket(false).await;
        ask(first.clone()).await.expect("asked");
        assert_eq!(world.row(who.person).await.return_asked, Some(world.sys.now()));
        assert_eq!(world.actions(who.person).await[0], "return.asked");
        // A ticket works once; whoever presses twice, or comes with a new one, is told when to ask again.
        let again = Refusal::ReturnAskedToday { again: world.sys.now() + Duration::from_hours(24) };
        assert_eq!(refused(ask(first.clone()).await), again);
        assert_eq!(refused(ask(ticket(true).await).await), again);
        world.later(Duration::from_hours(24));
        assert_eq!(refused(ask(first).await), Refusal::LinkVoid, "a ticket works once");
        let late = ticket(false).await;
        world.later(Duration::from_mins(16));
        assert_eq!(refused(ask(late).await), Refusal::LinkVoid, "a ticket lasts a quarter of an hour");
        ask(ticket(false).await).await.expect("asked");
        // Activation takes the mark away, and the ticket is of no more use.
        let ticket = ticket(true).await;
        world.activate(who.person, Way::Free).await.expect("an activation");
        assert_eq!(world.row(who.person).await.return_asked, None);
        assert_eq!(refused(ask(ticket).await), Refusal::LinkVoid);
    }

    async fn rule_03_a_new_password_answered_during_a_sign_in_wins(store: Store) {
        let world = World::new(store, 2).await;
        let who = world.member().await;
        let ctx = world.by(who);
        let ended = ops::password::change(&world.app, &ctx, PASSWORD, "seven copper herons dancing").await;
        assert_eq!(ended.expect("changed"), 0, "the session that asks stays");
        let email = world.row(who.person).await.person.email;
        assert!(matches!(world.sign_in(&email, PASSWORD).await, Err(Error::Invalid(_))));
        let outcome = ops::password::change(&world.app, &ctx, PASSWORD, "eight copper herons dancing").await;
        assert!(matches!(outcome, Err(Error::Invalid(fields)) if fields[0].field == "present"));
    }

    async fn rule_05_a_deactivated_person_gets_nothing_new(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.deactivated().await;
        let team = world.team("Day shift").await;
        let before = world.dump().await;
        assert_eq!(refused(world.join(team, who.person).await), Refusal::DeactivatedGetsNothingNew);
        let ctx = world.ctx();
        let outcome = world
            .write(async move |tx| ops::roles::change(tx, &ctx, who.person, Role::Administrator, None).await)
            .await;
        assert_eq!(refused(outcome), Refusal::DeactivatedGetsNothingNew);
        let ctx = world.ctx();
        let outcome = world
            .write(async move |tx| ops::roles::transfer_ownership(tx, &ctx, who.person, None).await)
            .await;
        assert_eq!(refused(outcome), Refusal::NewOwnerNotActive);
        untouched(&world, &before).await;
    }

    async fn rule_10_deactivating_a_deactivated_person_changes_nothing(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.deactivated().await;
        let before = world.dump().await;
        // A preview of the active person is stale, and yet all is as asked for.
        let (ctx, input) = (world.ctx(), ops::deactivation::Input { version: Some(1), ..Default::default() });
        let receipt = world
            .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, who.person, input.clone()).await)
            .await
            .expect("it is so already");
        assert!(!receipt.changed && receipt.undo.is_none() && receipt.sessions_ended == 0);
        unchanged(&world, &before).await;
        untouched(&world, &before).await;
    }

    async fn the_words_of_wrong_credentials_are_the_same_for_everybody(store: Store) {
        let world = World::new(store, 4).await;
        let (who, deactivated) = (world.member().await, world.deactivated().await);
        let name = any_name("Inv");
        world.invited_as(&name, Role::Member).await;
        let mut answers = Vec::new();
        for person in [who.person, deactivated.person] {
            answers.push(world.sign_in(&world.row(person).await.person.email, "wrong password").await);
        }
        for email in [crate::support::world::address(&name), "nobody@acme.example".into(), String::new()] {
            answers.push(world.sign_in(&email, PASSWORD).await);
        }
        for answer in answers {
            assert_eq!(format!("{:?}", answer.expect_err("wrong")), format!("{:?}", ops::sign_in::wrong()));
        }
    }
}
