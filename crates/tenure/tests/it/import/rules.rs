//! The rules, as an import keeps them.

use domain::{
    Refusal,
    person::{Kind, Status, StatusWord},
    role::Role,
};
use tenure::{
    ops::import::Outcome,
    store::{organizations, people, teams},
};

use super::{Try, imported};
use crate::support::{
    both_engines,
    world::{World, refused},
};

async fn person(world: &World, key: &str) -> people::PersonRow {
    let found = people::by_email(&mut world.reader().await, world.ws, key).await;
    found.expect("a read").unwrap_or_else(|| panic!("{key} is there"))
}

both_engines! {
    async fn rule_05_an_import_puts_no_deactivated_person_into_a_team(store: Store) {
        let world = World::new(store, 5).await;
        let who = world.deactivated().await;
        let email = world.row(who.person).await.person.email;
        let report = imported(&world, Kind::User, &format!("Name,Email,Teams\n,{email},Support\n")).await;
        assert_eq!((report.unchanged, report.held_back, report.teams_made), (1, 1, 0));
        // Others may edit the profile of a deactivated person (rule 2).
        let report = imported(&world, Kind::User, &format!("Name,Email\nNew Name,{email}\n")).await;
        assert_eq!(report.changed, 1);
        assert_eq!(world.row(who.person).await.person.name, "New Name");
    }

    async fn rule_06_an_import_without_enough_licenses_imports_nothing_and_says_how_many_are_missing(store: Store) {
        let world = World::new(store, 3).await;
        let text = "Name,Email,Status\nA,a@x.org,Active\nB,b@x.org,Inactive\nC,c@x.org,\nD,d@x.org,Invited\nE,e@x.org,Active\n";
        let before = world.dump().await;
        let mut asked = Try::new(&world, Kind::User, text.as_bytes());
        let (outcome, _) = asked.run(&world).await.expect("an answer");
        let Outcome::Short(report) = outcome else { panic!("licenses are missing, not {outcome:?}") };
        assert_eq!((report.licenses_taken, report.licenses_missing), (4, 2));
        assert_eq!(world.dump().await, before);
        asked.job.licenses = Some(4);
        let (outcome, _) = asked.run(&world).await.expect("an answer");
        assert_eq!(outcome.report().licenses_missing, 1);
        assert_eq!(world.dump().await, before);
        asked.job.licenses = Some(5);
        let report = asked.done(&world).await;
        assert_eq!((report.new, report.licenses_added, report.licenses_missing), (5, 2, 0));
        let workspace = world.workspace().await;
        assert_eq!((workspace.licenses.owned, workspace.licenses.used), (5, 5));
        assert!(matches!(person(&world, "d@x.org").await.person.status, Status::Invited { .. }));
        // Fewer than are owned takes none away.
        asked.job.licenses = Some(1);
        asked.done(&world).await;
        assert_eq!(world.workspace().await.licenses.owned, 5);
    }

    async fn rule_09_an_import_makes_no_owner_and_deactivates_neither_the_owner_nor_oneself(store: Store) {
        let world = World::new(store, 5).await;
        let admin = world.administrator().await;
        let me = world.row(admin.person).await.person.email;
        let mut asked = Try::new(&world, Kind::User, b"Name,Email,Role\nEve,eve@x.org,Owner\n");
        assert_eq!(asked.refused(&world).await, ["line 2, Role: The role owner is not given this way."]);
        let text = format!("Email,Name,Status\nolga.owner@acme.example,,Deactivated\n{me},,Deactivated\n");
        asked = Try::new(&world, Kind::User, text.as_bytes());
        asked.ctx = world.by(admin);
        let report = asked.done(&world).await;
        assert_eq!((report.unchanged, report.statuses_kept), (2, 2));
        asked.job.update_status = true;
        assert_eq!(
            asked.refused(&world).await,
            [
                "line 2, Status: The owner cannot be deactivated. Transfer ownership first.",
                "line 3, Status: You cannot deactivate yourself. Ask another administrator.",
            ]
        );
        // The owner's way in is changed by the owner alone.
        imported(&world, Kind::User, "Name,Email,External ID\n,olga.owner@acme.example,O-1\n").await;
        asked = Try::new(&world, Kind::User, b"Name,Email,External ID\n,mine@x.org,O-1\n");
        asked.ctx = world.by(admin);
        assert_eq!(
            asked.refused(&world).await,
            ["line 2, Email: Only the owner can do this for the owner; or somebody at the machine."]
        );
        let member = world.member().await;
        asked.ctx = world.by(member);
        assert_eq!(refused(asked.run(&world).await), Refusal::AdministratorsOnly);
        // Roles are given to who is new, and never changed.
        let text = format!("Name,Email,Role\n,{me},Member\nNew,new@x.org,Admin\n");
        let report = imported(&world, Kind::User, &text).await;
        assert_eq!((report.new, report.unchanged, report.roles_kept), (1, 1, 1));
        assert_eq!(person(&world, "new@x.org").await.person.role, Role::Administrator);
        assert_eq!(world.row(admin.person).await.person.role, Role::Administrator);
    }

    async fn rule_10_a_status_changes_only_when_that_is_asked_for(store: Store) {
        let world = World::new(store, 3).await;
        let (away, here) = (world.deactivated().await, world.member().await);
        let (a, b) = (world.row(away.person).await.person.email, world.row(here.person).await.person.email);
        let text = format!("Name,Email,Status\n,{a},Active\n,{b},Deactivated\n");
        let mut asked = Try::new(&world, Kind::User, text.as_bytes());
        let report = asked.done(&world).await;
        assert_eq!((report.unchanged, report.statuses_kept), (2, 2));
        assert_eq!(world.row(away.person).await.person.status.word(), StatusWord::Deactivated);
        asked.job.update_status = true;
        let report = asked.done(&world).await;
        assert_eq!((report.changed, report.statuses_changed, report.licenses_taken), (2, 2, 0));
        assert_eq!(world.row(away.person).await.person.status.word(), StatusWord::Active);
        assert_eq!(world.row(here.person).await.person.status.word(), StatusWord::Deactivated);
        assert_eq!(world.actions(here.person).await[0], "person.deactivated");
        // The session of who was deactivated is over.
        let ctx = world.by(here);
        let outcome = world.write(async move |tx| tenure::ops::views::delete(tx, &ctx, ctx.id()).await).await;
        assert_eq!(refused(outcome), Refusal::ActorDeactivated);
        let report = asked.done(&world).await;
        assert_eq!((report.unchanged, report.statuses_kept), (2, 0));
    }

    async fn an_import_that_would_pass_the_brake_does_nothing_unless_told_to(store: Store) {
        let world = World::new(store, 20).await;
        let mut text = String::from("Name,Email,Status\n");
        let mut members = Vec::new();
        for _ in 0..7 {
            let member = world.member().await;
            let email = world.row(member.person).await.person.email;
            text.push_str(&[",", &email, ",Deactivated\n"].concat());
            members.push(member.person);
        }
        let mut asked = Try::new(&world, Kind::User, text.as_bytes());
        asked.job.update_status = true;
        let before = world.dump().await;
        // Of eight active users five may go within an hour; a dry run says so, too.
        for dry_run in [true, false] {
            asked.dry_run = dry_run;
            let refusal = refused(asked.run(&world).await);
            assert_eq!(refusal, Refusal::BrakeWouldPass { limit: 5, recent: 0, more: 7 });
            assert_eq!(world.dump().await, before, "nothing is imported");
        }
        asked.dry_run = false;
        asked.job.past_brake = true;
        let report = asked.done(&world).await;
        assert_eq!((report.deactivated, report.statuses_changed), (7, 7));
        for member in members {
            assert_eq!(world.row(member).await.person.status.word(), StatusWord::Deactivated);
        }
    }

    async fn rule_11_an_import_is_on_the_record_as_a_whole_and_for_each_person(store: Store) {
        let world = World::new(store, 5).await;
        let text = "Name,Email,External ID,Teams\nAda,ada@x.org,A-1,Support\nBob,bob@x.org,,\n";
        imported(&world, Kind::User, text).await;
        let ada = person(&world, "ada@x.org").await.person.id;
        let bob = person(&world, "bob@x.org").await.person.id;
        let text = "Name,Email,External ID,Teams\nAda,ada.new@x.org,A-1,Support\nBob,bob@x.org,,\n";
        let report = imported(&world, Kind::User, text).await;
        assert_eq!((report.changed, report.unchanged), (1, 1));
        assert_eq!(world.actions(ada).await, ["person.imported", "person.imported"]);
        assert_eq!(world.actions(bob).await, ["person.imported"], "who stays as they are has no entry");
        assert!(matches!(world.verify().await, tenure::seal::Verdict::Verified { .. }));
        let log = world.dump().await;
        assert!(log["audit"].iter().any(|row| row.contains("people.imported") && row.replace('"', "").contains("new:2")));
        assert!(!log["audit"].iter().any(|row| row.contains("ada.new")), "names stand beside the entry");
        world.deactivate(ada).await.expect("a deactivation");
        world.delete(ada).await.expect("a deletion");
        let dump = world.dump().await;
        for (table, rows) in dump {
            assert!(!rows.iter().any(|row| row.contains("ada.new") || row.contains("a-1")), "{table}");
        }
    }

    async fn rule_13_an_import_mixes_up_nobody(store: Store) {
        let world = World::new(store, 9).await;
        imported(&world, Kind::User, "Name,Email,External ID\nAda,ada@x.org,A-1\nBob,bob@x.org,B-1\n").await;
        imported(&world, Kind::Customer, "Name,Email,External ID\nCy,cy@x.org,A-1\nDee,dee@x.org,\n").await;
        world.deactivate(person(&world, "bob@x.org").await.person.id).await.expect("a deactivation");
        let text = "Name,Email,External ID\nAda,cy@x.org,A-1\nAda,ada@x.org,A-2\nBob,BOB@x.org,B-2\nNew,bob2@x.org,B-1\n,eve@x.org,\n";
        let found = Try::new(&world, Kind::User, text.as_bytes()).refused(&world).await;
        assert_eq!(
            found,
            [
                "line 2, Email: This address belongs to Cy, who is a customer, not a user.",
                "line 3, Email: This address belongs to Ada, who has the External ID A-1.",
                "line 4, Email: This address belongs to Bob (deactivated), who has the External ID B-1.",
                "line 5, Email: This changes the address of Bob, whose present one is on line 4.",
                "line 6, Name: Enter a name.",
            ]
        );
        let swap = "Name,Email,External ID\n,bob@x.org,A-1\n";
        let found = Try::new(&world, Kind::User, swap.as_bytes()).refused(&world).await;
        assert_eq!(found, ["line 2, Email: This address belongs to a deactivated person."]);
        // By External ID an address may change, and by address an id may come; case is no change.
        let text = "Name,Email,External ID\nAda Byron,ada.byron@x.org,A-1\n,BOB@X.ORG,\n";
        let report = imported(&world, Kind::User, text).await;
        assert_eq!((report.changed, report.unchanged), (1, 1));
        assert_eq!(person(&world, "ada.byron@x.org").await.person.name, "Ada Byron");
        assert_eq!(person(&world, "bob@x.org").await.person.email, "bob@x.org");
        let report = imported(&world, Kind::Customer, "Name,Email,External ID\n,dee@x.org,D-1\n").await;
        assert_eq!(report.changed, 1);
        let report = imported(&world, Kind::Customer, "Name,Email,External ID\nDee,dee@y.org,D-1\n").await;
        assert_eq!((report.new, report.changed), (0, 1));
    }

    async fn teams_and_organizations_are_made_joined_and_counted(store: Store) {
        let world = World::new(store, 9).await;
        let support = world.team("Support").await;
        let text = "Name,Email,Teams\nAda,ada@x.org,support; SUPPORT ;Night\nBob,bob@x.org,Night\n";
        let report = imported(&world, Kind::User, text).await;
        assert_eq!(report.teams_made, 1);
        let ada = person(&world, "ada@x.org").await.person.id;
        imported(&world, Kind::User, "Name,Email,Teams\n,ada@x.org,Day\n,bob@x.org,\n").await;
        let of = teams::of_person(&mut world.reader().await, world.ws, ada).await.expect("a read");
        let names: Vec<_> = of.iter().map(|team| (team.name.as_str(), team.members)).collect();
        assert_eq!(names, [("Day", 1), ("Night", 2), ("Support", 1)], "an import takes nobody out of a team");
        assert!(of.iter().any(|team| team.id == support));

        let (_, acme) = world.customer_in("Acme").await;
        let ctx = world.ctx();
        let (name, domains) = (world.name("Acme"), tenure::ops::organizations::Domains::parse("acme.org", &world.app.config.limits));
        let domains = domains.expect("a domain");
        let changed = world.write(async move |tx| {
            tenure::ops::organizations::change(tx, &ctx, acme, name.clone(), domains.clone(), None).await
        });
        changed.await.expect("a domain is given");
        let text = "Name,Email,Organization\nCy,cy@acme.org,\nDee,dee@acme.org,Zeta\n";
        let report = imported(&world, Kind::Customer, text).await;
        assert_eq!((report.new, report.organizations_made), (2, 1));
        let cy = person(&world, "cy@acme.org").await.person.id;
        let of = organizations::of_person(&mut world.reader().await, world.ws, cy).await.expect("a read");
        assert_eq!(of.map(|of| (of.id, of.members)), Some((acme, 2)), "the domain says where they belong");
        imported(&world, Kind::Customer, "Name,Email,Organization\n,cy@acme.org,zeta\n,dee@acme.org,\n").await;
        let of = organizations::of_person(&mut world.reader().await, world.ws, cy).await.expect("a read");
        assert_eq!(of.map(|of| (of.name, of.members)), Some(("Zeta".into(), 2)));
        let wrong = Try::new(&world, Kind::Customer, b"Name,Email,Teams\nA,a@x.org,T\n").refused(&world).await;
        assert_eq!(wrong, ["line 2, Teams: This is for users, and this person is a customer."]);
        let wrong = Try::new(&world, Kind::User, b"Name,Email,Organization\nA,a@x.org,O\n").refused(&world).await;
        assert_eq!(wrong, ["line 2, Organization: This is for customers, and this person is a user."]);
    }

    async fn what_changed_between_the_check_and_the_writing_is_stale_and_nothing_is_half_done(store: Store) {
        let world = World::new(store, 9).await;
        let asked = Try::new(&world, Kind::User, b"Name,Email\nA,a@x.org\nB,b@x.org\n");
        let zone = world.workspace().await.zone();
        let (doubles, rows) = tenure::ops::import::doubles(&asked.job, &zone).expect("it is read");
        assert_eq!(rows, 2);
        imported(&world, Kind::Customer, "Name,Email\nB,b@x.org\n").await;
        let before = world.dump().await;
        let (ctx, job) = (world.ctx(), asked.job.clone());
        let outcome = world.write(async move |tx| {
            tenure::ops::import::import(tx, &ctx, &job, &doubles, &tenure::ops::import::Progress::default()).await
        });
        assert!(matches!(outcome.await, Err(tenure::Error::Stale)));
        assert_eq!(world.dump().await, before);
    }
}
