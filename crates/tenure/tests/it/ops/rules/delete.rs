//! Rule 7: after a delete nothing is left that names the person.

use domain::{Refusal, lifecycle::Grounds, person::Kind, role::Role};
use tenure::{
    Error,
    ops::{self, activation::Way},
    seal::Verdict,
    store::Target,
};

use super::untouched;
use crate::support::{
    both_engines,
    database::{Database, Ready},
    world::{PASSWORD, World, address, refused},
};

both_engines! {
    async fn rule_07_after_a_delete_no_row_names_the_person(store: Store) {
        let world = World::new(store, 3).await;
        let name = "Zebulon Quixotery";
        let who = world.joined_as(name, Role::Member).await;
        let team = world.team("Day shift").await;
        world.join(team, who.person).await.expect("joined");
        leave_traces(&world, who).await;
        let hash = tenure::store::passwords::of(&mut world.reader().await, world.ws, who.person).await;
        let hash = hash.expect("a read").expect("a password").to_lowercase();
        let traces = ["zebulon", "quixoter", "kayaking", "198.51.100.77", "phantasm", &hash];
        let found = |dump: crate::support::world::Dump, trace: &str| -> Vec<String> {
            let rows = dump.into_iter().flat_map(|(table, rows)| rows.into_iter().map(move |row| (table.clone(), row)));
            rows.filter(|(_, row)| row.contains(trace)).map(|(table, _)| table).collect()
        };
        for trace in traces {
            assert!(!found(world.dump().await, trace).is_empty(), "{trace} is there before: else this proves nothing");
        }
        let plan = ops::deletion::plan(&mut world.reader().await, &world.ctx(), who.person).await.expect("a plan");
        let receipt = world.delete(who.person).await.expect("a delete");
        assert_eq!((receipt.views, receipt.teams.len(), receipt.license_freed), (1, 1, false));
        assert_eq!((plan.views, &plan.teams, plan.sessions_ended), (1, &receipt.teams, receipt.sessions_ended));
        for trace in traces {
            assert_eq!(found(world.dump().await, trace), Vec::<String>::new(), "{trace} is left");
        }
        // Nothing refers to the person but entries of the log, and of which kind they were.
        let id = who.person.to_string();
        let (with_dashes, bare) = (id.clone(), id.replace('-', ""));
        let mut left = found(world.dump().await, &with_dashes);
        left.extend(found(world.dump().await, &bare));
        assert!(left.iter().all(|table| matches!(table.as_str(), "audit" | "deleted_people" | "events")), "{left:?}");
        assert!(matches!(world.sign_in(&address(name), PASSWORD).await, Err(Error::Invalid(_))));
        world.check().await;
        // The address is free again.
        world.joined_as(name, Role::Member).await;
        world.check().await;
    }

    async fn rule_07_a_delete_frees_the_license_where_one_is_held(store: Store) {
        let world = World::new(store, 3).await;
        let (active, off) = (world.member().await, world.deactivated().await);
        assert_eq!(world.workspace().await.licenses.used, 2);
        assert!(world.delete(active.person).await.expect("a delete").license_freed);
        assert_eq!(world.workspace().await.licenses.used, 1);
        assert!(!world.delete(off.person).await.expect("a delete").license_freed);
        assert_eq!(world.workspace().await.licenses.used, 1);
        world.check().await;
    }

    async fn rule_07_an_administrator_is_made_a_member_before_a_delete(store: Store) {
        let world = World::new(store, 4).await;
        let admin = world.administrator().await;
        let (invited, _) = world.invited().await;
        let before = world.dump().await;
        assert_eq!(refused(world.delete(admin.person).await), Refusal::DeleteAdministrator);
        assert_eq!(refused(world.delete(world.owner.person).await), Refusal::DeleteOwner);
        assert_eq!(refused(world.delete(invited).await), Refusal::InvitedIsWithdrawn);
        untouched(&world, &before).await;
        let ctx = world.ctx();
        world
            .write(async move |tx| ops::roles::change(tx, &ctx, admin.person, Role::Member, None).await)
            .await
            .expect("a change of role");
        world.delete(admin.person).await.expect("a delete");
        world.check().await;
    }

    async fn rule_07_the_address_is_typed_to_confirm(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.joined_as("Ada Adams", Role::Member).await;
        let try_with = async |email: &str, version| {
            let (ctx, input) = (world.ctx(), ops::deletion::Input { email: email.into(), version, seen: None });
            world.write(async move |tx| ops::deletion::delete(tx, &ctx, who.person, input.clone()).await).await
        };
        let before = world.dump().await;
        assert_eq!(refused(try_with("ada@acme.example", None).await), Refusal::ConfirmationMismatch);
        assert_eq!(refused(try_with("", None).await), Refusal::ConfirmationMismatch);
        assert!(matches!(try_with("ada.adams@acme.example", Some(1)).await, Err(Error::Stale)));
        untouched(&world, &before).await;
        try_with(" ADA.Adams@acme.example ", None).await.expect("case does not matter");
    }

    async fn rule_07_a_delete_that_would_take_more_than_was_shown_takes_nothing(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.joined_as("Ada Adams", Role::Member).await;
        world.assigned("Shown", &[who.person]).await;
        let plan = ops::deletion::plan(&mut world.reader().await, &world.ctx(), who.person).await.expect("a plan");
        let confirm = async |seen: String| {
            let email = "ada.adams@acme.example".to_owned();
            let (ctx, version) = (world.ctx(), Some(plan.version));
            let input = ops::deletion::Input { email, version, seen: Some(seen) };
            world.write(async move |tx| ops::deletion::delete(tx, &ctx, who.person, input.clone()).await).await
        };
        world.assigned("Not shown", &[who.person]).await;
        let before = world.dump().await;
        assert!(matches!(confirm(plan.mark()).await, Err(Error::Stale)));
        untouched(&world, &before).await;
        let again = ops::deletion::plan(&mut world.reader().await, &world.ctx(), who.person).await.expect("a plan");
        assert_eq!(confirm(again.mark()).await.expect("as it was shown").held.assigned, 2);
    }

    async fn rule_07_the_actors_password_is_asked_again(store: Store) {
        let world = World::new(store, 2).await;
        let ctx = world.ctx();
        ops::sign_in::confirm(&world.app, &ctx, PASSWORD).await.expect("right");
        let wrong = ops::sign_in::confirm(&world.app, &ctx, "not the password").await;
        assert_eq!(refused(wrong), Refusal::WrongPassword);
        let member = world.member().await;
        let ctx = world.by(member);
        world.deactivate(member.person).await.expect("a deactivation");
        assert_eq!(refused(ops::sign_in::confirm(&world.app, &ctx, PASSWORD).await), Refusal::ActorDeactivated);
    }

    async fn rule_11_a_delete_erases_the_values_and_the_chain_still_verifies(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.joined_as("Ada Adams", Role::Member).await;
        leave_traces(&world, who).await;
        let Verdict::Verified { entries, erased: 0 } = world.verify().await else { panic!("not verified") };
        assert!(entries > 8, "{entries}");
        world.delete(who.person).await.expect("a delete");
        let Verdict::Verified { entries: after, erased } = world.verify().await else { panic!("not verified") };
        assert_eq!(after, entries + 1);
        assert!(erased >= 5, "{erased}");
        world.check().await;
    }
}

/// Everything that a person can leave behind.
async fn leave_traces(world: &World, who: crate::support::world::Who) {
    let (me, name) = (world.by(who), world.name("Phantasm list"));
    let picture = ops::picture::Picture::parse(
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01 zebulon".to_vec(),
        &world.app.config.limits,
    );
    let picture = picture.expect("a picture");
    world
        .write(async move |tx| {
            ops::picture::set_picture(tx, &me, who.person, Some(picture.clone())).await?;
            ops::views::save(tx, &me, Kind::User, name.clone(), "q=quixoter".into()).await
        })
        .await
        .expect("settings");
    let email = world.row(who.person).await.person.email;
    let mut attempt = crate::support::world::attempt(&email, PASSWORD);
    attempt.address = "198.51.100.77".parse().expect("an address");
    attempt.user_agent = "Zebulon's browser".into();
    ops::sign_in::sign_in(&world.app, &world.visitor(who.person), attempt).await.expect("signed in");
    let (ctx, renamed) =
        (world.ctx(), world.name(&format!("{} Esq", world.row(who.person).await.person.name)));
    world
        .write(async move |tx| {
            let input = ops::profile::Input { name: Some(renamed.clone()), ..Default::default() };
            ops::profile::edit(tx, &ctx, who.person, input).await?;
            ops::links::make(tx, &ctx, who.person).await
        })
        .await
        .expect("an edit and a link");
    let grounds = Grounds { reason: Some("gone kayaking".into()), review_on: None };
    let (ctx, input) =
        (world.ctx(), ops::deactivation::Input { grounds, version: None, ..Default::default() });
    world
        .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, who.person, input.clone()).await)
        .await
        .expect("a deactivation");
    world.activate(who.person, Way::Free).await.expect("an activation");
    let grounds = Grounds { reason: Some("kayaking again".into()), review_on: None };
    let (ctx, input) =
        (world.ctx(), ops::deactivation::Input { grounds, version: None, ..Default::default() });
    world
        .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, who.person, input.clone()).await)
        .await
        .expect("a deactivation");
}

/// The file of the embedded database, not only its rows: what is deleted is overwritten.
#[tokio::test]
async fn rule_07_after_a_delete_the_file_does_not_name_the_person() {
    let database = Database::sqlite(Ready::Migrated).await;
    let Target::Sqlite(path) = database.target.clone() else { unreachable!("it is SQLite") };
    let world = World::new(database.store.clone(), 3).await;
    let who = world.joined_as("Zebulon Quixotery", Role::Member).await;
    leave_traces(&world, who).await;
    let in_file = async |text: &str| {
        rusqlite::Connection::open(&path)
            .and_then(|db| db.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, i64>(0)))
            .expect("written to the file");
        let file = std::fs::read(&path).expect("the file").to_ascii_lowercase();
        file.windows(text.len()).any(|window| window == text.as_bytes())
    };
    for trace in ["zebulon quixotery", "zebulon.quixotery@", "kayaking"] {
        assert!(in_file(trace).await, "{trace} is there before: else this proves nothing");
    }
    world.delete(who.person).await.expect("a delete");
    for trace in ["zebulon quixotery", "zebulon.quixotery@", "kayaking"] {
        assert!(!in_file(trace).await, "{trace} is left in the file");
    }
}
