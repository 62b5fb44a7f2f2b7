//! The lists, one's own work and the projects, as a browser sees them.

use domain::{
    id::PersonId,
    item::{ItemStatus, Part},
    person::Kind,
    role::Role,
};
use reqwest::StatusCode;
use tenure::ops::items::{Edit, Input, Tags};

use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{Who, World, address},
};

/// What would be markup if it were not text.
const HOSTILE: &str = "<img src=x onerror=alert('1')>\"'&";
const ESCAPED: &str = "&#60;img src=x onerror=alert(";

#[track_caller]
pub(super) fn contains(page: &Page, words: &[&str]) {
    for words in words {
        assert!(page.text.contains(words), "{words:?} is missing in {} {}", page.status, page.text);
    }
}

#[track_caller]
pub(super) fn lacks(page: &Page, words: &[&str]) {
    for words in words {
        assert!(!page.text.contains(words), "{words:?} is in {}", page.text);
    }
}

/// The titles in the rows, in order.
pub(super) fn titles(page: &Page) -> Vec<String> {
    let rows = page.text.split("<bdi class=\"line-title\">").skip(1);
    rows.filter_map(|rest| rest.split("</bdi>").next()).map(str::to_owned).collect()
}

fn text(words: &str) -> String {
    form_urlencoded::byte_serialize(words.as_bytes()).collect()
}

impl World {
    async fn ticket_by(&self, who: Who, change: impl FnOnce(&mut Input), title: &str) -> i64 {
        let mut input = self.ticket(title);
        change(&mut input);
        self.make(self.by(who), input).await.expect("a ticket").1
    }
}

/// A member, and the browser in which they are signed in.
pub(super) async fn member(world: &World, site: &Site, name: &str) -> (Who, Browser) {
    let who = world.joined_as(name, Role::Member).await;
    (who, site.signed_in(&address(name)).await)
}

both_engines! {
    async fn a_list_shows_what_is_asked_for_with_exact_counts(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (mel, browser) = member(&world, &site, "Mel Member").await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let cleo = world.joined_to(Kind::Customer, "Cleo Park").await;
        let project = world.project("Website").await;
        let due = |date: &str| Some(date.parse().expect("a date"));
        world.ticket_by(mel, |input| input.assignees = vec![mel.person], "Mine and late").await;
        let late = world.show(&world.ctx(), 1).await.expect("the ticket").row.id;
        let edit = Edit { due: Some(due("2026-03-01")), ..Edit::default() };
        world.edit_item(world.ctx(), late, edit).await.expect("an edit");
        world.ticket_by(mel, |input| {
            input.assignees = vec![ada.person];
            input.project = Some(project);
        }, "Of Ada").await;
        let tags = Tags::parse("printer", &world.app.config.limits).expect("tags");
        world.ticket_by(mel, |input| {
            input.requester = Some(cleo.person);
            input.tags = tags;
            input.due = due("2026-03-05");
        }, "Nobody has it").await;
        world.ticket_by(mel, |input| input.status = ItemStatus::Closed, "Over and done").await;
        let task = Input::new(domain::item::ItemKind::Task, world.title("A task"));
        world.make(world.by(mel), task).await.expect("a task");
        world.deactivate(ada.person).await.expect("a deactivation");

        let page = browser.get("/tickets").await;
        let tab = |label: &str, count: i64| format!("{label}</bdi> <span class=\"count\">{count}</span>");
        contains(&page, &[
            &tab("Open", 3), &tab("Mine", 1), &tab("Unassigned", 1),
            &tab("Held by deactivated people", 1), &tab("Finished", 1), &tab("All", 4), "3 tickets",
            "Website", "Cleo Park", "Deactivated", "is-overdue", "Overdue: ",
        ]);
        lacks(&page, &["A task"]);
        for (query, found) in [
            ("", vec!["Nobody has it", "Of Ada", "Mine and late"]),
            ("assignee=me", vec!["Mine and late"]),
            ("assignee=none", vec!["Nobody has it"]),
            ("assignee=deactivated", vec!["Of Ada"]),
            ("status=finished", vec!["Over and done"]),
            ("status=closed", vec!["Over and done"]),
            ("sort=due", vec!["Mine and late", "Nobody has it", "Of Ada"]),
            ("sort=number&dir=asc", vec!["Mine and late", "Of Ada", "Nobody has it"]),
            ("due=overdue", vec!["Mine and late"]),
            ("tag=printer", vec!["Nobody has it"]),
            ("q=ada", vec!["Of Ada"]),
            (&format!("project={project}"), vec!["Of Ada"]),
            (&format!("requester={}", cleo.person), vec!["Nobody has it"]),
            (&format!("assignee={}", ada.person), vec!["Of Ada"]),
        ] {
            assert_eq!(titles(&browser.get(&format!("/tickets?{query}")).await), found, "{query}");
        }
        assert_eq!(titles(&browser.get("/tasks").await), ["A task"]);
        contains(&browser.get("/tickets?q=zzzz").await, &["Nothing matches", "Clear search and filters"]);
        contains(&browser.get("/tasks?assignee=me").await, &["Nothing is assigned to you"]);
        assert_eq!(browser.get("/tickets?status=odd").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        world.check().await;
    }

    async fn people_are_found_by_what_one_types_into_the_filter(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (mel, browser) = member(&world, &site, "Mel Member").await;
        let cleo = world.joined_to(Kind::Customer, "Cleo Park").await.person;
        world.joined_to(Kind::Customer, "Cleo Parker").await;
        world.ticket_by(mel, |input| input.requester = Some(cleo), "Of Cleo").await;
        for typed in [address("Cleo Park"), address("Cleo Park").to_uppercase(), "cleo park".into()] {
            let page = browser.get(&format!("/tickets?status=all&requested_by={}", text(&typed))).await;
            assert_eq!(page.location(), format!("/tickets?status=all&requester={cleo}"), "{typed}");
        }
        let page = browser.get("/tickets?requested_by=cleo").await;
        contains(&page, &["Several people fit. Enter the whole address.", "value=\"cleo\"", "data-drop open"]);
        contains(&browser.get("/tickets?requested_by=zzz").await, &["Nobody has this name or address."]);
        let page = browser.get(&format!("/tickets?assigned_to={}", text(&address("Mel Member")))).await;
        assert_eq!(page.location(), format!("/tickets?assignee={}", mel.person));
    }

    async fn an_item_is_made_by_its_title_alone_where_the_list_is(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (mel, browser) = member(&world, &site, "Mel Member").await;
        let project = world.project("Website").await;
        let page = browser.submit("/tickets", &[("title", "  Ink is out ")]).await;
        contains(&page, &["Ticket #1 is made.", "<a href=\"/items/1\">", "Ink is out"]);
        let back = format!("/tickets?project={project}");
        let list = browser.get(&back).await;
        assert_eq!(list.input("project").as_deref(), Some(project.to_string().as_str()));
        let fields = [("title", "In it"), ("project", &project.to_string()), ("back", &back)];
        assert_eq!(titles(&browser.submit("/tickets", &fields).await), ["In it"]);
        assert_eq!(browser.get("/tickets?assignee=me").await.input("mine").as_deref(), Some("1"));
        let fields = [("title", "Of my own"), ("mine", "1"), ("back", "/tasks?assignee=me")];
        assert_eq!(titles(&browser.submit("/tasks", &fields).await), ["Of my own"]);
        assert_eq!(world.holds(mel.person).await.tasks, 1);

        let before = world.dump().await;
        let page = browser.post("/tickets", &[("title", " "), ("back", "/tickets?status=all")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&page, &["Enter a title.", "Ink is out"]);
        let archived = [("title", "Late"), ("project", &project.to_string())];
        browser.submit(&format!("/projects/{project}/state"), &[("state", "archived")]).await;
        let page = browser.post("/tickets", &archived).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        contains(&page, &["value=\"Late\""]);
        assert_ne!(world.dump().await, before, "the project is archived");
        // Never another site.
        let page = browser.post("/tickets", &[("title", "x"), ("back", "//evil.example")]).await;
        assert_eq!(page.location(), "/tickets");
        world.check().await;
    }

    async fn a_new_item_takes_all_that_is_known_of_it_or_says_what_is_wrong(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (mel, browser) = member(&world, &site, "Mel Member").await;
        let cleo = world.joined_to(Kind::Customer, "Cleo Park").await.person;
        let gone = world.joined_as("Gone Gustav", Role::Member).await.person;
        world.deactivate(gone).await.expect("a deactivation");
        let project = world.project("Website").await.to_string();
        let (me, them) = (address("Mel Member"), address("Cleo Park"));
        let fields = [
            ("title", "Ink is out"), ("description", "On *all* floors"), ("priority", "urgent"), ("due", "2026-04-01"),
            ("project", &project), ("assigned_to", &me), ("requested_by", &them), ("tags", "ink, #printer"),
        ];
        contains(&browser.get("/tickets/new").await, &["New ticket", "Website", &me]);
        contains(&browser.submit("/tickets/new", &fields).await, &["Ticket #1 is made."]);
        let page = world.show(&world.ctx(), 1).await.expect("the ticket");
        assert_eq!(page.row.item.requester, Some(cleo));
        assert_eq!(page.row.item.priority, domain::item::Priority::Urgent);
        assert_eq!(page.row.item.due, Some("2026-04-01".parse().expect("a date")));
        assert_eq!(page.people.iter().map(|holder| (holder.person.id, holder.part)).collect::<Vec<_>>(), [(mel.person, Part::Assignee)]);
        assert_eq!(page.tags, ["ink", "printer"]);

        let before = world.dump().await;
        let wrong = [("title", ""), ("due", "soon"), ("assigned_to", "nobody"), ("requested_by", "zzz")];
        let page = browser.post("/tasks/new", &wrong).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&page, &["Enter a title.", "Enter a date as in 2026-03-31.", "Nobody has this name or address.", "value=\"zzz\""]);
        // Rule 5.
        let page = browser.post("/tasks/new", &[("title", "x"), ("assigned_to", &address("Gone Gustav"))]).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text);
        assert_eq!(world.dump().await, before);
        world.check().await;
    }

    async fn my_work_shows_what_is_assigned_followed_and_mentioned(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (mel, browser) = member(&world, &site, "Mel Member").await;
        let page = browser.get("/mine").await;
        contains(&page, &["Nothing is assigned to you", "/tickets?assignee=none"]);
        contains(&browser.get("/mine?tab=following").await, &["You follow nothing"]);
        contains(&browser.get("/mine?tab=mentioned").await, &["Nobody has mentioned you"]);
        for (title, due) in [("Later", Some("2026-05-01")), ("Never", None), ("Late", Some("2026-02-01")), ("Now", Some("2026-03-02"))] {
            let due = due.map(|date| date.parse().expect("a date"));
            world.ticket_by(world.owner, |input| {
                input.assignees = vec![mel.person];
                input.due = due;
            }, title).await;
        }
        let followed = world.ticket_by(world.owner, |input| input.followers = vec![mel.person], "Followed").await;
        world.ticket_by(world.owner, |_| {}, "Not mine").await;
        let id = world.show(&world.ctx(), followed).await.expect("the ticket").row.id;
        let (ctx, limits) = (world.ctx(), world.app.config.limits.clone());
        let typed = format!("Look, @{}", address("Mel Member"));
        world.write(async move |tx| {
            let body = tenure::ops::messages::Body::parse(&typed, &limits)?;
            tenure::ops::messages::add(tx, &ctx, id, domain::item::MessageKind::Note, body).await
        }).await.expect("a note");
        let page = browser.get("/mine").await;
        assert_eq!(titles(&page), ["Late", "Now", "Later", "Never"]);
        contains(&page, &["Assigned</bdi> <span class=\"count\">4</span>", "Following</bdi> <span class=\"count\">1</span>", "Mentioned</bdi> <span class=\"count\">1</span>", ">Overdue<", ">Today<", ">Later<", ">No due date<"]);
        assert_eq!(titles(&browser.get("/mine?tab=following").await), ["Followed"]);
        let page = browser.get("/mine?tab=mentioned").await;
        contains(&page, &["Followed", "/items/5#"]);
        assert_eq!(titles(&browser.get("/mine?q=late").await), ["Late", "Later"]);
        for path in ["/", "/sign-in"] {
            let page = browser.get(path).await;
            assert!(page.status.is_success() || page.location() == "/mine", "{path}");
        }
    }

    async fn pages_of_a_list_follow_each_other_both_ways(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (mel, browser) = member(&world, &site, "Mel Member").await;
        for number in 0..7 {
            world.ticket_by(mel, |input| input.assignees = vec![mel.person], &format!("Item {number}")).await;
        }
        for base in ["/tickets?sort=number&dir=asc&limit=3", "/mine?limit=3"] {
            let mut page = browser.get(base).await;
            let mut all = titles(&page);
            let next = |page: &Page| {
                let (before, _) = page.text.split_once("\" data-visit>Next").map(|(a, b)| (a.to_owned(), b.to_owned()))?;
                Some(before.rsplit_once("href=\"")?.1.replace("&#38;", "&"))
            };
            while let Some(href) = next(&page) {
                page = browser.get(&href).await;
                all.extend(titles(&page));
            }
            assert_eq!(all, (0..7).map(|number| format!("Item {number}")).collect::<Vec<_>>(), "{base}");
            contains(&page, &["7 of 7"]);
            let back = page.text.split_once("rel=\"prev\" href=\"").expect("a way back").1;
            let back = back.split('"').next().expect("an address").replace("&#38;", "&");
            assert_eq!(titles(&browser.get(&back).await), ["Item 3", "Item 4", "Item 5"]);
        }
    }

    async fn a_view_of_a_list_is_saved_with_its_count_for_its_owner_alone(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (mel, browser) = member(&world, &site, "Mel Member").await;
        world.ticket_by(mel, |input| input.priority = domain::item::Priority::Urgent, "Ink").await;
        lacks(&browser.get("/tickets?status=finished").await, &["Save view"]);
        contains(&browser.get("/tickets?due=none").await, &["Save view"]);
        let fields = [("name", "No date"), ("query", "due=none&sort=priority&after=updated_1_0190aaaa000070008000000000000000")];
        let page = browser.submit("/tickets/views", &[fields[0], ("query", "due=none&sort=priority")]).await;
        contains(&page, &["The view “No date” is saved.", "No date</bdi> <span class=\"count\">1</span>"]);
        lacks(&page, &["Save view"]);
        lacks(&browser.get("/tasks").await, &["No date"]);
        let (_, other) = member(&world, &site, "Other One").await;
        lacks(&other.get("/tickets").await, &["No date"]);
        assert_eq!(browser.post("/tickets/views", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let (_, rest) = page.text.split_once("/tickets/views/").expect("a way to delete it");
        let path = format!("/tickets/views/{}/deletion", rest.split('/').next().expect("an id"));
        assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
        contains(&browser.get(&path).await, &["Delete the view “No date”?"]);
        lacks(&browser.submit(&path, &[]).await, &["No date</bdi>"]);
        let page = browser.post("/tickets/views", &[("name", " "), ("query", "due=none")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn a_project_is_made_renamed_archived_and_has_people(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (mel, browser) = member(&world, &site, "Mel Member").await;
        let cleo = world.joined_to(Kind::Customer, "Cleo Park").await.person;
        let gone = world.joined_as("Gone Gustav", Role::Member).await.person;
        contains(&browser.get("/projects").await, &["No project yet"]);
        let page = browser.submit("/projects/new", &[("name", "Website"), ("description", "New *start*")]).await;
        contains(&page, &["The project Website is made.", "<em>start</em>", "Nothing is open"]);
        let page = browser.post("/projects/new", &[("name", "website")]).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        contains(&page, &["aria-invalid"]);
        let list = browser.get("/projects").await;
        let (_, rest) = list.text.split_once("href=\"/projects/0").expect("the project");
        let path = format!("/projects/0{}", rest.split('"').next().expect("an id"));
        contains(&list, &["New start", "0 open items", "Active <span class=\"count\">1</span>"]);

        let people = format!("{path}/people");
        contains(&browser.submit(&people, &[("part", "assignee"), ("who", &address("Gone Gustav"))]).await, &["Gone Gustav is assigned to the project."]);
        contains(&browser.submit(&people, &[("part", "follower"), ("who", "Cleo Park")]).await, &["Cleo Park follows the project.", &format!("/customers/{cleo}")]);
        contains(&browser.submit(&people, &[("part", "follower"), ("person", "me")]).await, &["Mel Member follows the project.", "Unfollow"]);
        world.deactivate(gone).await.expect("a deactivation");
        contains(&browser.get(&path).await, &["is-deactivated"]);
        // A customer is not assigned, and rule 5: a deactivated person gets nothing new.
        let page = browser.post(&people, &[("part", "assignee"), ("who", &address("Cleo Park"))]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = browser.post(&people, &[("part", "follower"), ("who", &address("Gone Gustav"))]).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        let removal = format!("{people}/removal");
        contains(&browser.submit(&removal, &[("part", "assignee"), ("person", &gone.to_string())]).await, &["Gone Gustav is no longer assigned to the project."]);
        contains(&browser.submit(&removal, &[("part", "follower"), ("person", "me")]).await, &["Mel Member no longer follows the project."]);

        let id = path.rsplit_once('/').expect("an id").1;
        contains(&browser.submit("/tasks", &[("title", "Begin"), ("project", id), ("back", &path)]).await, &["Task #1 is made.", "Begin"]);
        let edit = format!("{path}/edit");
        let version = browser.get(&edit).await.input("_version").expect("a version");
        contains(&browser.submit(&edit, &[("name", "Shop"), ("description", ""), ("_version", &version)]).await, &["The project Shop is saved.", "Begin"]);
        let page = browser.post(&edit, &[("name", "Old"), ("_version", &version)]).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "stale");
        let page = browser.submit(&format!("{path}/state"), &[("state", "archived")]).await;
        contains(&page, &["Shop is archived.", "Reopen", "Begin"]);
        lacks(&page, &["Add task"]);
        contains(&browser.get("/projects?state=archived").await, &["Shop", "Archived <span class=\"count\">1</span>"]);
        contains(&browser.submit(&format!("{path}/state"), &[("state", "active")]).await, &["Shop takes items again.", "Add task"]);
        assert_eq!(world.holds(mel.person).await.following, 0);
        world.check().await;
    }

    async fn projects_are_paged_by_name(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (_, browser) = member(&world, &site, "Mel Member").await;
        for number in 0..53 {
            world.project(&format!("Project {number:02}")).await;
        }
        let page = browser.get("/projects").await;
        contains(&page, &["53 projects", "Project 00", "Project 49"]);
        lacks(&page, &["Project 50", "rel=\"prev\""]);
        let next = page.text.split_once("rel=\"next\" href=\"").expect("a next page").1.split('"').next().expect("an address");
        let page = browser.get(next).await;
        contains(&page, &["Project 50", "Project 52"]);
        lacks(&page, &["Project 49", "rel=\"next\""]);
        let back = page.text.split_once("rel=\"prev\" href=\"").expect("a way back").1.split('"').next().expect("an address");
        let page = browser.get(back).await;
        contains(&page, &["Project 00", "Project 49"]);
    }

    async fn nothing_that_was_typed_becomes_markup_on_the_pages_of_the_work(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (mel, browser) = member(&world, &site, "Mel Member").await;
        let ada: PersonId = world.joined_as("Ada Adams", Role::Member).await.person;
        let name = world.name(HOSTILE);
        let ctx = world.ctx();
        world.write(async move |tx| {
            let profile = tenure::ops::profile::Input { name: Some(name.clone()), ..Default::default() };
            tenure::ops::profile::edit(tx, &ctx, ada, profile).await
        }).await.expect("another name");
        world.team(HOSTILE).await;
        let project = world.project(HOSTILE).await;
        let tags = Tags::parse(HOSTILE.trim_end_matches("\"'&"), &world.app.config.limits).expect("tags");
        world.ticket_by(mel, |input| {
            input.assignees = vec![ada, mel.person];
            input.requester = Some(ada);
            input.followers = vec![mel.person];
            input.project = Some(project);
            input.tags = tags;
            input.description = HOSTILE.into();
        }, HOSTILE).await;
        let (ctx, description) = (world.ctx(), HOSTILE.to_owned());
        world.write(async move |tx| {
            let edit = tenure::ops::projects::Edit { description: Some(description.clone()), ..Default::default() };
            tenure::ops::projects::edit(tx, &ctx, project, edit).await
        }).await.expect("a description");
        let view = browser.post("/tickets/views", &[("name", HOSTILE), ("query", "due=none")]).await;
        assert_eq!(view.status, StatusCode::SEE_OTHER);
        for path in [
            "/tickets".to_owned(),
            format!("/tickets?q={}&tag={}", text(HOSTILE), text(HOSTILE)),
            format!("/tickets?project={project}&assignee={ada}&requester={ada}"),
            format!("/tickets?requested_by={}", text(HOSTILE)),
            "/tickets/new".into(),
            "/mine".into(),
            "/mine?tab=following".into(),
            "/projects".into(),
            format!("/projects/{project}"),
            format!("/projects/{project}/edit"),
            format!("/users/{ada}"),
            format!("/handovers/new?from={ada}"),
        ] {
            let mut page = browser.get(&path).await;
            if page.status == StatusCode::SEE_OTHER {
                page = browser.get(page.location()).await;
            }
            assert!(page.text.contains(ESCAPED), "{path}: nothing hostile is shown: {}", page.text);
            lacks(&page, &["<img src=x"]);
        }
        for (path, field) in [("/tickets", "title"), ("/tickets/new", "due"), ("/projects/new", "name")] {
            let page = browser.post(path, &[(field, &format!("{HOSTILE}{}", "x".repeat(300))), ("back", "/tickets")]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            lacks(&page, &["<img src=x"]);
        }
    }
}
