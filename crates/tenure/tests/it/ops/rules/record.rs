//! Rule 11: each step is on the record, and a record that somebody touched shows.

use domain::{Refusal, id::PersonId, person::Kind};
use tenure::{
    ops::{self, activation::Way},
    seal::{Checkpoint, Verdict, Why},
    store::{
        audit, links,
        sessions::{self, EndedWhy},
    },
};

use crate::support::{
    both_engines,
    world::{World, refused},
};

async fn sealed(world: &World) -> Checkpoint {
    world.verify().await;
    ops::audit::head(&mut world.reader().await, world.ws).await.expect("the head")
}

async fn verdict(world: &World, outside: Vec<Checkpoint>) -> Verdict {
    let key = &world.app.audit_key;
    ops::audit::verify(&mut world.reader().await, world.ws, key, outside).await.expect("the log is read")
}

both_engines! {
    async fn rule_11_each_step_is_in_the_audit_log(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.member().await;
        let ctx = world.ctx();
        let (step, request) = (world.deactivate_by(ctx.clone(), who.person).await.expect("a deactivation"), ctx.request);
        world.undo(step.undo.expect("a step")).await.expect("an undo");
        world.deactivate_by(world.cli(), who.person).await.expect("a deactivation");
        world.activate(who.person, Way::Free).await.expect("an activation");
        let actions = world.actions(who.person).await;
        let wanted = [
            "person.activated",
            "person.deactivated",
            "step.undone",
            "person.deactivated",
            "session.started",
            "invitation.accepted",
            "person.invited",
        ];
        assert_eq!(actions, wanted);
        let entries = audit::of_person(&mut world.reader().await, world.ws, who.person, 10).await.expect("a read");
        let (by_cli, by_owner) = (&entries[1], &entries[3]);
        assert_eq!((by_cli.actor.as_str(), by_cli.actor_label.as_str(), by_cli.door.as_str()), ("cli", "root", "cli"));
        assert_eq!((by_owner.actor.as_str(), by_owner.actor_id), ("person", Some(world.owner.person)));
        assert_eq!((by_owner.request, by_owner.at), (request.uuid(), world.sys.now()));
        assert!(by_owner.before.contains("\"active\"") && by_owner.after.contains("\"deactivated\""));
        world.check().await;
    }

    async fn rule_11_what_is_personal_stands_beside_the_entry(store: Store) {
        let world = World::new(store, 3).await;
        world.joined_as("Ada Adams", domain::role::Role::Member).await;
        let rows = &world.dump().await["audit"];
        assert!(!rows.iter().any(|row| row.contains("ada") && row.contains("adams")), "an entry names her: {rows:?}");
    }

    async fn rule_11_a_changed_entry_shows(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.member().await;
        world.deactivate(who.person).await.expect("a deactivation");
        let head = sealed(&world).await;
        assert!(matches!(verdict(&world, vec![head]).await, Verdict::Verified { .. }));
        assert_eq!(world.by_hand("update audit set action = 'person.activated' where seq = 3").await, 1);
        assert_eq!(verdict(&world, vec![]).await, Verdict::Broken { seq: 3, why: Why::Changed });
    }

    async fn rule_11_a_changed_value_beside_an_entry_shows(store: Store) {
        let world = World::new(store, 3).await;
        world.member().await;
        sealed(&world).await;
        let changed = world.by_hand("update audit_personal set value = '{}'").await;
        assert!(changed > 0);
        assert!(matches!(verdict(&world, vec![]).await, Verdict::Broken { why: Why::PersonalChanged, .. }));
    }

    async fn rule_11_personal_values_gone_without_their_person_show(store: Store) {
        let world = World::new(store, 3).await;
        let (who, other) = (world.member().await, world.member().await);
        world.delete(other.person).await.expect("a delete");
        sealed(&world).await;
        assert!(matches!(verdict(&world, vec![]).await, Verdict::Verified { erased: 1.., .. }), "a delete erases rightly");
        let invited = audit::of_person(&mut world.reader().await, world.ws, who.person, 100).await.expect("a read");
        let invited = invited.into_iter().find(|entry| entry.action == "person.invited").expect("an invitation");
        let seq = u64::try_from(invited.seq.expect("sealed")).expect("a number");
        let text = format!("delete from audit_personal where audit_id in (select audit_id from audit where seq = {seq})");
        assert_eq!(world.by_hand(text).await, 1);
        assert_eq!(verdict(&world, vec![]).await, Verdict::Broken { seq, why: Why::PersonalMissing });
    }

    async fn rule_11_an_activation_keeps_the_reason_of_the_time_before_apart(store: Store) {
        let world = World::new(store, 3).await;
        let who = world.member().await;
        let (ctx, id) = (world.ctx(), who.person);
        let grounds = domain::lifecycle::Grounds { reason: Some("Extended leave".into()), review_on: None };
        let input = ops::deactivation::Input { grounds, version: None, ..Default::default() };
        world
            .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, id, input.clone()).await)
            .await
            .expect("a deactivation");
        world.activate(id, Way::Free).await.expect("an activation");
        let entries = audit::of_person(&mut world.reader().await, world.ws, id, 2).await.expect("a read");
        let personal = |index: usize| -> serde_json::Value {
            let (_, text) = entries[index].personal.as_ref().expect("personal values");
            serde_json::from_str(text).expect("JSON")
        };
        assert_eq!(personal(0), serde_json::json!({ "before": { "reason": "Extended leave" }, "after": {} }));
        assert_eq!(personal(1), serde_json::json!({ "reason": "Extended leave" }));
        assert!(!entries[0].before.contains("Extended") && !entries[0].after.contains("Extended"));
    }

    async fn rule_11_who_accepts_an_invitation_is_who_was_invited(store: Store) {
        let world = World::new(store, 3).await;
        let (person, secret) = world.invited().await;
        // Whatever the context says: the link decides.
        let (ctx, name) = (world.visitor(world.owner.person), world.name("Ida Invited"));
        let from = ops::sessions::From::default();
        world
            .write(async move |tx| ops::invitation::accept(tx, &ctx, &secret, name.clone(), "a hash", &from).await)
            .await
            .expect("accepted");
        let entries = audit::of_person(&mut world.reader().await, world.ws, person, 10).await.expect("a read");
        let accepted = entries.iter().find(|entry| entry.action == "invitation.accepted").expect("an entry");
        assert_eq!((accepted.actor.as_str(), accepted.actor_id), ("visitor", Some(person)));
        world.check().await;
    }

    async fn rule_11_a_delete_records_what_went_without_naming_anybody(store: Store) {
        let world = World::new(store, 4).await;
        let who = world.joined_as("Ada Adams", domain::role::Role::Member).await;
        world.signed_in(who.person).await;
        for name in ["Day shift", "Night shift"] {
            let team = world.team(name).await;
            world.join(team, who.person).await.expect("joined");
        }
        let (me, name) = (world.by(who), world.name("A view"));
        world
            .write(async move |tx| ops::views::save(tx, &me, Kind::User, name.clone(), "q=x".into()).await.map(drop))
            .await
            .expect("a view");
        world.delete(who.person).await.expect("a delete");
        let (invited, _) = world.invited().await;
        let ctx = world.ctx();
        world.write(async move |tx| ops::invitation::withdraw(tx, &ctx, invited).await).await.expect("withdrawn");
        let entry = async |person| {
            let entries = audit::of_person(&mut world.reader().await, world.ws, person, 1).await.expect("a read");
            let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
            (entries[0].action.clone(), json(&entries[0].before), json(&entries[0].after))
        };
        let (action, before, after) = entry(who.person).await;
        assert_eq!(action, "person.deleted");
        assert_eq!(before, serde_json::json!({ "status": "active", "role": "member" }));
        let removed = &after["removed"];
        assert_eq!((&removed["teams_left"], &removed["sessions"], &removed["links"]), (&2.into(), &2.into(), &1.into()));
        assert_eq!((&removed["saved_views"], &after["license_freed"]), (&1.into(), &true.into()));
        assert!(removed["personal_values"].as_u64().expect("a number") >= 3, "{after}");
        let (action, before, after) = entry(invited).await;
        assert_eq!((action.as_str(), &before["status"]), ("invitation.withdrawn", &"invited".into()));
        assert_eq!((&after["removed"]["links"], &after["license_freed"]), (&1.into(), &true.into()));
        assert!(matches!(world.verify().await, Verdict::Verified { .. }));
        world.check().await;
    }

    async fn rule_11_a_missing_entry_shows(store: Store) {
        let world = World::new(store, 3).await;
        world.member().await;
        sealed(&world).await;
        world.by_hand("delete from audit_personal where audit_id in (select audit_id from audit where seq = 2)").await;
        assert_eq!(world.by_hand("delete from audit where seq = 2").await, 1);
        assert_eq!(verdict(&world, vec![]).await, Verdict::Broken { seq: 2, why: Why::OutOfSequence });
        let wrong = ops::invariants::check_invariants(&world.app.store, world.ws).await.expect("a read");
        assert!(wrong.iter().any(|finding| finding.contains("audit chain")), "{wrong:?}");
    }

    async fn rule_11_a_cut_log_shows(store: Store) {
        let world = World::new(store, 3).await;
        world.member().await;
        let outside = sealed(&world).await;
        let last = outside.seq;
        world.by_hand(format!("delete from audit_personal where audit_id in (select audit_id from audit where seq = {last})")).await;
        assert_eq!(world.by_hand(format!("delete from audit where seq = {last}")).await, 1);
        let cut = Verdict::Cut { last: last - 1, expected: last };
        assert_eq!(verdict(&world, vec![]).await, cut, "the head beside the log says how far it went");
        // Without the key nobody moves the head back.
        let text = format!(
            "update audit_heads set seq = {}, mac = (select mac from audit where seq = {})",
            last - 1,
            last - 1
        );
        assert_eq!(world.by_hand(text).await, 1);
        assert_eq!(verdict(&world, vec![]).await, Verdict::Broken { seq: last - 1, why: Why::EndMoved });
        assert_eq!(verdict(&world, vec![outside]).await, cut);
        // Nor is anything sealed behind it, which would hide the cut.
        let (ws, key) = (world.ws, world.app.audit_key.clone());
        assert!(world.write(async move |tx| ops::audit::seal(tx, ws, &key).await).await.is_err());
    }

    async fn rule_11_a_log_put_back_to_an_earlier_state_shows_against_a_checkpoint(store: Store) {
        let world = World::new(store, 3).await;
        sealed(&world).await;
        let early = audit::head(&mut world.reader().await, world.ws).await.expect("read").expect("a head");
        world.member().await;
        let outside = sealed(&world).await;
        let gone = format!("audit_id in (select audit_id from audit where seq > {})", early.seq);
        world.by_hand(format!("delete from audit_personal where {gone}")).await;
        world.by_hand(format!("delete from audit where seq > {}", early.seq)).await;
        let (ws, head) = (world.ws, early.clone());
        world.write(async move |tx| audit::set_head(tx, ws, &head).await).await.expect("the head is put back");
        assert!(matches!(verdict(&world, vec![]).await, Verdict::Verified { .. }));
        let last = u64::try_from(early.seq).expect("a number");
        assert_eq!(verdict(&world, vec![outside]).await, Verdict::Cut { last, expected: outside.seq });
    }

    async fn rule_11_a_log_sealed_anew_without_the_key_shows(store: Store) {
        let world = World::new(store, 3).await;
        world.member().await;
        sealed(&world).await;
        world.by_hand("update audit set seq = null, mac = null").await;
        let ws = world.ws;
        let forged = tenure::seal::AuditKey::new([9; 32]);
        let begin = Checkpoint::genesis(&forged, ws.uuid());
        let tag = begin.tag(&forged, ws.uuid()).to_vec();
        let head = audit::Head { seq: 0, mac: begin.mac.to_vec(), tag };
        world.write(async move |tx| audit::set_head(tx, ws, &head).await).await.expect("the head is set");
        world.write(async move |tx| ops::audit::seal(tx, ws, &forged).await).await.expect("sealed");
        assert!(matches!(verdict(&world, vec![]).await, Verdict::Broken { why: Why::Changed, .. }));
    }

    async fn a_restored_workspace_has_no_open_session_and_no_open_link(store: Store) {
        let world = World::new(store, 4).await;
        let (who, (_, invitation)) = (world.member().await, world.invited().await);
        let beside = world.beside(2).await;
        let (ws, now) = (world.ws, world.sys.now());
        let ended = world
            .write(async move |tx| {
                links::void_every(tx, ws, now).await?;
                sessions::end_every(tx, ws, EndedWhy::Restored, now).await
            })
            .await;
        assert_eq!(ended.expect("ended"), 2);
        for who in [who, world.owner] {
            let outcome = world.deactivate_by(world.by(who), PersonId::from_uuid(who.session.uuid())).await;
            assert_eq!(refused(outcome), Refusal::NotSignedIn);
        }
        let looked = ops::invitation::look(&mut world.reader().await, &world.cli(), &invitation).await;
        assert_eq!(refused(looked), Refusal::LinkVoid);
        // The neighbour goes on.
        beside.team("Still here").await;
        world.check().await;
    }
}
