//! The rules of an account's life, as far as they are about what people hold.

use domain::{
    Refusal,
    item::{Access, ItemKind, ItemStatus, MessageKind, Part, Priority},
    person::Kind,
    project::ProjectState,
};
use tenure::{
    Error,
    ctx::Ctx,
    ops::{
        self,
        activation::Way,
        items::{Edit, Input, Request, Tags, depart},
        projects,
    },
    store::item_people::Holdings,
};

use crate::support::{
    both_engines,
    world::{World, any_name, changed_tables, not_found, refused},
};

both_engines! {
    async fn numbers_count_up_in_each_workspace(store: Store) {
        let world = World::new(store, 3).await;
        let beside = world.beside(3).await;
        let mut numbers = Vec::new();
        for world in [&world, &world, &beside] {
            numbers.push(world.assigned("A printer", &[]).await.1);
        }
        assert_eq!(numbers, [1, 2, 1]);
        assert_eq!(not_found(beside.show(&beside.ctx(), 2).await), "item");
        world.check().await;
        beside.check().await;
    }

    async fn racers_for_a_number_get_each_their_own(store: Store) {
        let world = World::new(store, 3).await;
        let made = (0..24).map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.assigned("At once", &[]).await.1 })
        });
        let mut numbers = Vec::new();
        for one in made.collect::<Vec<_>>() {
            numbers.push(one.await.expect("made"));
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=24).collect::<Vec<i64>>());
        world.check().await;
    }

    async fn an_edit_changes_what_it_names_and_says_so_in_the_history(store: Store) {
        let world = World::new(store, 3).await;
        let ada = world.member().await;
        let (id, number) = world.assigned("Printer is on fire", &[ada.person]).await;
        let project = world.project("Hardware").await;
        let edit = Edit {
            title: Some(world.title("Printer was on fire")),
            kind: Some(ItemKind::Task),
            status: Some(ItemStatus::Open),
            priority: Some(Priority::Urgent),
            due: Some(Some("2026-03-09".parse().expect("a date"))),
            project: Some(Some(project)),
            tags: Some(Tags::parse("printer, Fire, printer", &world.app.config.limits).expect("tags")),
            version: Some(2),
            ..Edit::default()
        };
        let edited = world.edit_item(world.by(ada), id, edit.clone()).await.expect("an edit");
        assert!(edited.changed);
        assert!(matches!(world.edit_item(world.ctx(), id, edit).await, Err(Error::Stale)));
        let page = world.show(&world.ctx(), number).await.expect("a page");
        assert_eq!((page.row.version, page.row.title.as_str()), (edited.version, "Printer was on fire"));
        assert_eq!(page.tags, ["Fire", "printer"]);
        assert_eq!(page.row.project_name.as_deref(), Some("Hardware"));
        let (lines, people) =
            ops::items::history(&mut world.reader().await, &world.ctx(), id, None, 50).await.expect("lines");
        let fields: Vec<_> = lines.iter().map(|line| line.field.as_str()).collect();
        assert_eq!(fields, ["project", "due", "priority", "status", "title", "kind", "tag", "tag", "created"]);
        assert_eq!(lines[0].actor_id, Some(ada.person));
        assert_eq!(people.len(), 2, "Ada, and who made it");
        let nothing = world.edit_item(world.ctx(), id, Edit::default()).await.expect("an edit");
        assert!(!nothing.changed);
        let held = Holdings { assigned: 1, tasks: 1, ..Holdings::default() };
        assert_eq!(world.holds(ada.person).await, held);
        world.check().await;
    }

    async fn what_is_finished_is_held_no_longer_and_again_when_it_is_reopened(store: Store) {
        let world = World::new(store, 3).await;
        let (ada, customer) = (world.member().await, world.customer_as(&any_name("Cus")).await);
        let input = Input {
            assignees: vec![ada.person],
            followers: vec![customer.person, ada.person],
            requester: Some(customer.person),
            ..world.ticket("A question")
        };
        let (id, _) = world.make(world.ctx(), input).await.expect("a ticket");
        let hers = Holdings { assigned: 1, following: 1, ..Holdings::default() };
        let theirs = Holdings { following: 1, requested: 1, ..Holdings::default() };
        assert_eq!((world.holds(ada.person).await, world.holds(customer.person).await), (hers, theirs));
        world.set_item(id, ItemStatus::Done).await;
        let none = Holdings::default();
        assert_eq!((world.holds(ada.person).await, world.holds(customer.person).await), (none, none));
        world.set_item(id, ItemStatus::Closed).await;
        world.check().await;
        world.set_item(id, ItemStatus::Open).await;
        assert_eq!((world.holds(ada.person).await, world.holds(customer.person).await), (hers, theirs));
        world.check().await;
    }

    async fn rule_05_a_deactivated_person_is_given_no_part_in_items_and_projects(store: Store) {
        let world = World::new(store, 3).await;
        let (off, customer) = (world.deactivated().await, world.customer_as(&any_name("Cus")).await);
        world.deactivate(customer.person).await.expect("a deactivation");
        let (id, _) = world.assigned("A printer", &[]).await;
        let project = world.project("Hardware").await;
        let before = world.dump().await;
        let no = Refusal::DeactivatedGetsNothingNew;
        for (who, part) in
            [(off, Part::Assignee), (off, Part::Follower), (customer, Part::Follower)]
        {
            assert_eq!(refused(world.give(world.ctx(), id, who.person, part).await), no);
            let ctx = world.ctx();
            let given =
                world.write(async move |tx| projects::give(tx, &ctx, project, who.person, part).await).await;
            assert_eq!(refused(given), no);
        }
        for who in [off, customer] {
            let edit = Edit { requester: Some(Some(who.person)), ..Edit::default() };
            assert_eq!(refused(world.edit_item(world.ctx(), id, edit).await), no);
            let ticket = || world.ticket("New");
            let inputs = [
                Input { requester: Some(who.person), ..ticket() },
                Input { followers: vec![who.person], ..ticket() },
            ];
            for input in inputs {
                assert_eq!(refused(world.make(world.ctx(), input).await), no);
            }
        }
        let input = Input { assignees: vec![off.person], ..world.ticket("New") };
        assert_eq!(refused(world.make(world.ctx(), input).await), no);
        assert!(changed_tables(&before, &world.dump().await).is_empty());
        let active = world.customer_as(&any_name("Cus")).await;
        let given = world.give(world.ctx(), id, active.person, Part::Assignee).await;
        assert_eq!(refused(given), Refusal::UsersOnly, "assignees are users");
    }

    async fn rule_02_a_deactivated_person_keeps_what_they_hold_and_others_may_take_it(store: Store) {
        let world = World::new(store, 4).await;
        let ada = world.member().await;
        let (first, _) = world.assigned("First", &[ada.person]).await;
        let (second, number) = world.assigned("Second", &[ada.person]).await;
        world.give(world.ctx(), first, ada.person, Part::Follower).await.expect("a part");
        let project = world.project("Hardware").await;
        let ctx = world.ctx();
        world
            .write(async move |tx| projects::give(tx, &ctx, project, ada.person, Part::Assignee).await)
            .await
            .expect("a part");
        let before = world.dump().await;
        let (ctx, none) = (world.ctx(), ops::deactivation::Input::default());
        let plan = ops::deactivation::plan(&mut world.reader().await, &ctx, ada.person, &none).await;
        let plan = plan.expect("a plan").stays;
        let receipt = world.deactivate(ada.person).await.expect("a deactivation").stays;
        for stays in [plan, receipt] {
            let counts = (stays.assigned, stays.following, stays.requested);
            assert_eq!((counts, stays.projects_assigned, stays.projects_following), ((2, 1, 0), 1, 0));
        }
        world.check().await;
        // Others work on, and may take a part away.
        world.set_item(second, ItemStatus::Waiting).await;
        let page = world.show(&world.ctx(), number).await.expect("a page");
        assert_eq!(page.people[0].person.status.word(), "deactivated");
        world.activate(ada.person, Way::Free).await.expect("an activation");
        let after = world.dump().await;
        for table in ["item_people", "project_people", "holdings", "messages", "mentions"] {
            assert_eq!(before[table], after[table], "{table} is as it was");
        }
        world.deactivate(ada.person).await.expect("a deactivation");
        assert!(world.take(world.ctx(), first, ada.person, Part::Assignee).await.expect("taken"));
        assert!(!world.take(world.ctx(), first, ada.person, Part::Assignee).await.expect("not there"));
        world.activate(ada.person, Way::Free).await.expect("an activation");
        assert_eq!(world.holds(ada.person).await, Holdings { assigned: 1, following: 1, ..Holdings::default() });
        world.check().await;
    }

    async fn rule_07_a_delete_takes_somebody_out_of_every_item_and_project(store: Store) {
        let world = World::new(store, 4).await;
        let (ada, customer) = (world.member().await, world.customer_as(&any_name("Cus")).await);
        let count = depart::PIECE + 20;
        let ctx = world.ctx();
        let ticket = Input {
            assignees: vec![ada.person],
            requester: Some(customer.person),
            ..world.ticket("One of many")
        };
        world
            .write(async move |tx| {
                for _ in 0..count {
                    ops::items::create(tx, &ctx, ticket.clone()).await?;
                }
                Ok(())
            })
            .await
            .expect("tickets");
        let project = world.project("Hardware").await;
        let ctx = world.ctx();
        world
            .write(async move |tx| projects::give(tx, &ctx, project, ada.person, Part::Follower).await)
            .await
            .expect("a part");
        for (who, assigned, requested, projects) in [(ada, count, 0, 1), (customer, 0, count, 0)] {
            let plan = ops::deletion::plan(&mut world.reader().await, &world.ctx(), who.person).await;
            let plan = plan.expect("a plan").held;
            let receipt = world.delete(who.person).await.expect("a delete").held;
            assert_eq!(plan, receipt);
            assert_eq!((plan.assigned, plan.requested, plan.projects_following), (assigned, requested, projects));
            world.check().await;
            let page = world.show(&world.ctx(), 1).await.expect("a page");
            assert!(page.people.is_empty() && (who.person != customer.person || page.requester.is_none()));
            // The rest goes in pieces.
            let ctx = world.job();
            let left = || async {
                tenure::store::departures::first(&mut world.reader().await, world.ws).await.expect("a read")
            };
            assert_eq!(left().await, Some(who.person));
            while let Some(person) = left().await {
                let ctx = ctx.clone();
                world.write(async move |tx| depart::work(tx, &ctx, person).await).await.expect("a piece");
                world.check().await;
            }
            for table in ["item_people", "project_people", "items", "holdings", "departures"] {
                let id = who.person.to_string();
                let bare = id.replace('-', "");
                let rows = &world.dump().await[table];
                assert!(!rows.iter().any(|row| row.contains(&id) || row.contains(&bare)), "{table}");
            }
        }
        // A ticket without requester stays, and can be given one.
        let other = world.customer_as(&any_name("Cus")).await;
        let id = world.show(&world.ctx(), 1).await.expect("a page").row.id;
        let edit = Edit { requester: Some(Some(other.person)), ..Edit::default() };
        assert!(world.edit_item(world.ctx(), id, edit).await.expect("an edit").changed);
        world.check().await;
    }

    async fn rule_08_a_customer_sees_what_they_requested_or_follow_and_nothing_else(store: Store) {
        let world = World::new(store, 3).await;
        let (cleo, other) =
            (world.customer_as(&any_name("Cus")).await, world.customer_as(&any_name("Cus")).await);
        let (mine, theirs) = (world.by(cleo), world.by(other));
        let request = Request { title: world.title("It does not print"), description: "At all.".into() };
        let ctx = mine.clone();
        let made = world.write(async move |tx| ops::items::request(tx, &ctx, request.clone()).await).await;
        let (id, number) = made.expect("a request");
        assert_eq!(world.show(&mine, number).await.expect("hers").access, Access::Requester);
        assert_eq!(not_found(world.show(&theirs, number).await), "item");
        world.give(world.ctx(), id, other.person, Part::Follower).await.expect("a part");
        assert_eq!(world.show(&theirs, number).await.expect("followed").access, Access::Follower);
        let status = |status| Edit { status: Some(status), ..Edit::default() };
        assert!(world.edit_item(mine.clone(), id, status(ItemStatus::Closed)).await.expect("closed").changed);
        assert!(world.edit_item(mine.clone(), id, status(ItemStatus::Open)).await.expect("open").changed);
        for (ctx, edit) in [
            (&mine, status(ItemStatus::Done)),
            (&theirs, status(ItemStatus::Closed)),
            (&mine, Edit { priority: Some(Priority::Urgent), ..Edit::default() }),
        ] {
            assert_eq!(refused(world.edit_item(ctx.clone(), id, edit).await), Refusal::DeskOnly);
        }
        let seen = ops::items::history(&mut world.reader().await, &mine, id, None, 5).await;
        assert_eq!(refused(seen), Refusal::DeskOnly);
        assert_eq!(refused(world.make(mine, world.ticket("A task")).await), Refusal::DeskOnly);
        // Following ends by oneself; then it is not there any more.
        assert!(world.take(theirs.clone(), id, other.person, Part::Follower).await.expect("taken"));
        assert_eq!(not_found(world.show(&theirs, number).await), "item");
        world.check().await;
    }

    async fn rule_08_colleagues_requests_are_read_and_followed_where_the_workspace_shares_them(store: Store) {
        let world = World::new(store, 3).await;
        let (cleo, organization) = world.customer_in("Globex").await;
        let dario = world.customer_as(&any_name("Dario")).await;
        let beside = world.customer_as(&any_name("Other")).await;
        world.group_of(organization, dario.person).await;
        let input = Input { requester: Some(cleo), ..world.ticket("It does not print") };
        let (id, number) = world.make(world.ctx(), input).await.expect("a ticket");
        let colleague = world.by(dario);
        assert_eq!(not_found(world.show(&colleague, number).await), "item");
        assert_eq!(not_found(world.give(colleague.clone(), id, dario.person, Part::Follower).await), "item");
        let share = async |ctx: Ctx, shared| {
            world.write(async move |tx| ops::workspace::share_requests(tx, &ctx, shared, None).await).await
        };
        assert_eq!(refused(share(colleague.clone(), true).await), Refusal::AdministratorsOnly);
        share(world.ctx(), true).await.expect("the setting");
        assert_eq!(world.show(&colleague, number).await.expect("a page").access, Access::Colleague);
        assert_eq!(not_found(world.show(&world.by(beside), number).await), "item");
        let reply = world.say(colleague.clone(), id, MessageKind::Reply, "Me too.").await;
        assert_eq!(refused(reply), Refusal::FollowToReply);
        let close = Edit { status: Some(ItemStatus::Closed), ..Edit::default() };
        assert_eq!(refused(world.edit_item(colleague.clone(), id, close).await), Refusal::DeskOnly);
        // Themself alone, and as follower alone.
        for (person, part) in [(cleo, Part::Follower), (dario.person, Part::Assignee)] {
            assert_eq!(refused(world.give(colleague.clone(), id, person, part).await), Refusal::DeskOnly);
        }
        assert!(world.give(colleague.clone(), id, dario.person, Part::Follower).await.expect("followed"));
        world.say(colleague.clone(), id, MessageKind::Reply, "Me too.").await.expect("a reply");
        share(world.ctx(), false).await.expect("the setting");
        assert_eq!(world.show(&colleague, number).await.expect("still followed").access, Access::Follower);
        assert!(world.take(colleague.clone(), id, dario.person, Part::Follower).await.expect("left"));
        assert_eq!(not_found(world.show(&colleague, number).await), "item");
        world.check().await;
    }

    async fn a_conversion_to_user_keeps_the_parts(store: Store) {
        let world = World::new(store, 3).await;
        let cleo = world.customer_as(&any_name("Cus")).await;
        let input = Input {
            requester: Some(cleo.person),
            followers: vec![cleo.person],
            ..world.ticket("A question")
        };
        let (_, number) = world.make(world.ctx(), input).await.expect("a ticket");
        let held = world.holds(cleo.person).await;
        let ctx = world.ctx();
        world
            .write(async move |tx| {
                let input = ops::customers::Conversion::default();
                ops::customers::convert(tx, &ctx, cleo.person, input).await
            })
            .await
            .expect("a conversion");
        assert_eq!((world.holds(cleo.person).await, held.following, held.requested), (held, 1, 1));
        let page = world.show(&world.ctx(), number).await.expect("a page");
        assert_eq!(page.requester.expect("a requester").kind, Kind::User);
        assert_eq!(page.people[0].person.kind, Kind::User);
        world.check().await;
    }

    async fn an_archived_project_takes_no_new_items_and_keeps_those_it_has(store: Store) {
        let world = World::new(store, 3).await;
        let project = world.project("Hardware").await;
        let input = Input { project: Some(project), ..world.ticket("In it") };
        let (id, _) = world.make(world.ctx(), input.clone()).await.expect("a ticket");
        let set = async |state, version| {
            let (ctx, edit) = (world.ctx(), projects::Edit { state: Some(state), version, ..Default::default() });
            world.write(async move |tx| projects::edit(tx, &ctx, project, edit.clone()).await).await
        };
        assert!(set(ProjectState::Archived, Some(1)).await.expect("archived"));
        assert!(!set(ProjectState::Archived, None).await.expect("is already"));
        assert!(matches!(set(ProjectState::Active, Some(1)).await, Err(Error::Stale)));
        assert_eq!(refused(world.make(world.ctx(), input).await), Refusal::ProjectArchived);
        world.set_item(id, ItemStatus::Done).await;
        let out = Edit { project: Some(None), ..Edit::default() };
        world.edit_item(world.ctx(), id, out).await.expect("taken out");
        let back = Edit { project: Some(Some(project)), ..Edit::default() };
        assert_eq!(refused(world.edit_item(world.ctx(), id, back).await), Refusal::ProjectArchived);
        let (ctx, name) = (world.ctx(), world.name("HARDWARE"));
        let again = world.write(async move |tx| {
            projects::create(tx, &ctx, name.clone(), String::new()).await
        });
        assert_eq!(refused(again.await), Refusal::ProjectNameTaken { project });
        world.check().await;
    }
}
