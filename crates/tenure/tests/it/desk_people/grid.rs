//! The grid, its panel and saved views.

use super::*;

both_apps! {
    async fn the_grid_shows_people_with_exact_counts_and_what_can_be_done(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await;
        world.joined_to(app.kind, "Bob Brown").await;
        world.invited_to(app.kind, "Ivy Inver").await;
        world.deactivate(ada.person).await.expect("a deactivation");
        let site = Site::of(&world).await;
        let page = owner(&site).await.get(app.path).await;
        assert_eq!(page.status, StatusCode::OK);
        // The owner is a user, too; customers hold no license.
        let (all, active, used) = if app.is_users() { (4, 2, 3) } else { (3, 1, 1) };
        contains(&page, &[
            &format!("All <span class=\"count\">{all}</span>"),
            &format!("Active <span class=\"count\">{active}</span>"),
            "Invited <span class=\"count\">1</span>",
            "Deactivated <span class=\"count\">1</span>",
            "Never signed in",
            "Ada Adams", "Bob Brown", "Ivy Inver",
            &format!("{used} of 10 licenses"),
            &format!("{all} {}", app.many),
            &format!("{}/{}/activation", app.path, ada.person),
        ]);
        assert_eq!(page.text.contains("data-row") && page.text.contains("col-role"), app.is_users());
        // Not possible, so not offered.
        lacks(&page, &[
            &format!("{}/{}/deactivation", app.path, ada.person),
            &format!("{}/{}/deactivation", app.path, world.owner.person),
            &format!("{}/{}/deletion", app.path, world.owner.person),
            &format!("{}/{}/link", app.path, ada.person),
        ]);
        let page = owner(&site).await.get(&format!("{}?view=deactivated", app.path)).await;
        contains(&page, &["Ada Adams"]);
        lacks(&page, &["Bob Brown"]);
        let (_, row) = page.text.split_once("data-row").expect("a row");
        let (row, _) = row.split_once("</tr>").expect("its end");
        assert_eq!(row.matches("Deactivated").count(), 1, "told once, to eyes and to screen readers: {row}");
    }

    async fn administrators_find_who_needs_attention_and_what_helps(store: Store, app: App) {
        let world = World::new(store, 10).await;
        world.joined_as("Mel Member", Role::Member).await;
        let mut ids = Vec::new();
        for (name, review_on) in [("Ada Adams", Some("2026-03-05")), ("Rik Return", None), ("Tom Today", Some("2026-03-06"))] {
            let who = world.joined_to(app.kind, name).await.person;
            let reason = Some(format!("{name} is away"));
            let grounds = domain::lifecycle::Grounds { reason, review_on: review_on.map(|date| date.parse().expect("a date")) };
            let (ctx, input) = (world.ctx(), tenure::ops::deactivation::Input { grounds, version: None, ..Default::default() });
            let done = world.write(async move |tx| tenure::ops::deactivation::deactivate(tx, &ctx, who, input.clone()).await);
            done.await.expect("a deactivation");
            ids.push(who);
        }
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let view = format!("{}?view=needs-attention", app.path);
        // Nobody waits: no tab and no mark, and the view says so.
        let page = owner.get(app.path).await;
        lacks(&page, &["Needs attention", "to attend to"]);
        contains(&owner.get(&view).await, &["Nobody asks to return, and no review is overdue."]);

        world.later(Duration::from_hours(4 * 24));
        let door = if app.is_users() { "" } else { "/portal" };
        let refused = site.browser().post(&format!("{door}/sign-in"), &[("email", &address("Rik Return")), ("password", PASSWORD)]).await;
        let proof = refused.input("proof").expect("a proof");
        site.browser().post(&format!("{door}/return-requests"), &[("proof", &proof)]).await;

        let owner = self::owner(&site).await;
        contains(&owner.get("/teams").await, &["title=\"2 to attend to\""]);
        contains(&owner.get(app.path).await, &["Needs attention <span class=\"count\">2</span>"]);
        let page = owner.get(&view).await;
        let at = |id: domain::id::PersonId, path: &str| format!("{}{path}?back=", app.person(id));
        contains(&page, &["Ada Adams", "Ada Adams is away", "Review was due", "Rik Return", "class=\"asked\""]);
        contains(&page, &[&format!("2 {}", app.many)]);
        lacks(&page, &["Tom Today", &at(ids[0], "/return")]);
        for (id, path) in [(ids[0], "/activation"), (ids[0], "/review"), (ids[1], "/return"), (ids[1], "/activation")] {
            let buttons = page.text.matches(&format!("<a class=\"button small\" href=\"{}", at(id, path))).count();
            assert_eq!(buttons, 1, "{path}");
        }

        let path = format!("{}/review", app.person(ids[0]));
        contains(&owner.get(&path).await, &["Review date of Ada Adams", "Reason: Ada Adams is away", "value=\"2026-03-05\""]);
        let past = owner.post(&path, &[("review_on", "2026-03-06")]).await;
        contains(&past, &["The review date must be later than today.", "value=\"2026-03-06\""]);
        contains(&owner.submit(&path, &[("review_on", "2026-05-01")]).await, &["Ada Adams is reviewed on 1 May 2026."]);
        let path = format!("{}/return", app.person(ids[1]));
        contains(&owner.get(&path).await, &["Dismiss the request of Rik Return?", "May ask again, once a day"]);
        contains(&owner.submit(&path, &[]).await, &["The request of Rik Return is dismissed."]);
        lacks(&owner.get(app.path).await, &["Needs attention", "to attend to", "class=\"asked\""]);
        // Members are told of none of it.
        world.later(Duration::from_hours(100 * 24));
        let member = site.signed_in(&address("Mel Member")).await;
        let all = member.get(&view).await;
        contains(&all, &["Ada Adams", "Rik Return", "Tom Today"]);
        lacks(&all, &["Needs attention", "to attend to", "Review"]);
        world.check().await;
    }

    async fn members_see_status_but_no_reason_sign_in_license_or_action(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await;
        world.joined_as("Mel Member", Role::Member).await;
        let ctx = world.ctx();
        let grounds = domain::lifecycle::Grounds {
            reason: Some("On extended leave".into()),
            review_on: Some(jiff::civil::date(2026, 4, 1)),
        };
        let input = tenure::ops::deactivation::Input { grounds, version: None, ..Default::default() };
        world
            .write(async move |tx| {
                tenure::ops::deactivation::deactivate(tx, &ctx, ada.person, input.clone()).await
            })
            .await
            .expect("a deactivation");
        let site = Site::of(&world).await;
        let (member, owner) = (site.signed_in(&address("Mel Member")).await, owner(&site).await);
        let secret = ["On extended leave", "1 Apr 2026", "Last sign-in", "Never signed in", "/deactivation",
            "licenses", "/activation", "History", "/new", "/edit"];
        for path in [app.path.to_owned(), app.person(ada.person)] {
            let page = member.get(&path).await;
            assert_eq!(page.status, StatusCode::OK);
            contains(&page, &["Ada Adams", "Deactivated"]);
            lacks(&page, &secret);
            contains(&owner.get(&path).await, &["On extended leave", "1 Apr 2026", "Last sign-in", "/activation"]);
        }
        // Nor can order or filter tell what the columns do not.
        let all = member.get(&format!("{}?seen=never&sort=last-sign-in&overdue=1", app.path)).await;
        contains(&all, &["Ada Adams", "This link asks for what only administrators see"]);
        lacks(&member.get(app.path).await, &["only administrators see"]);
        lacks(&owner.get(&format!("{}?seen=never", app.path)).await, &["only administrators see"]);
        for dialog in dialogs(app) {
            let path = format!("{}{dialog}", app.person(ada.person));
            assert_eq!(member.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(member.post(&path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(member.get(&app.add_path()).await.status, StatusCode::FORBIDDEN);
    }

    async fn search_filters_order_and_groups_are_addresses(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await;
        world.joined_to(app.kind, "Bob Brown").await;
        let group = world.group(app.kind, "Support", ada.person).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let at = |query: &str| format!("{}?{query}", app.path);
        let page = owner.get(&at("q=adam")).await;
        contains(&page, &["Ada Adams", "Matching “adam”", &format!("1 {}", app.one), "Save view"]);
        lacks(&page, &["Bob Brown"]);
        let page = owner.get(&at("q=bob&created=last-7")).await;
        contains(&page, &["Bob Brown", "Created: in the last 7 days", "remove this filter"]);
        lacks(&page, &["Ada Adams"]);
        let page = owner.get(&at(&format!("{}={group}", app.group))).await;
        contains(&page, &["Ada Adams", &format!("{}: Support", app.group_title)]);
        lacks(&page, &["Bob Brown"]);
        let page = owner.get(&at(&format!("{}=none", app.group))).await;
        contains(&page, &["Bob Brown", app.no_group]);
        lacks(&page, &["Ada Adams"]);
        let page = owner.get(&at(&format!("group={}", app.group))).await;
        let heading = format!("href=\"{}/{group}\"", app.groups_path);
        contains(&page, &[&format!("Grouped by {}", app.group), app.no_group, &heading]);
        let (first, second) = (page.text.find("Ada Adams"), page.text.find("Bob Brown"));
        assert!(first < second, "a group comes before none");
        let page = owner.get(&at("sort=name&dir=desc")).await;
        assert!(page.text.find("Bob Brown") < page.text.find("Ada Adams"), "the other way round");
        contains(&page, &["aria-sort=\"descending\""]);
        contains(&owner.get(&at("q=zzz")).await, &["Nobody matches", "Clear search and filters"]);
        contains(&owner.get(&at("view=deactivated")).await, &["Nobody is deactivated."]);
        let bad = owner.get(&at("status=king")).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn long_lists_are_walked_forth_and_back(store: Store, app: App) {
        let world = World::new(store, 20).await;
        // With the owner, who is a user, seven either way.
        for number in 1..=if app.is_users() { 6 } else { 7 } {
            world.invited_to(app.kind, &format!("Ivy Number{number}")).await;
        }
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let first = owner.get(&format!("{}?limit=3", app.path)).await;
        contains(&first, &["Ivy Number1", &format!("1–3 of 7 {}", app.many)]);
        lacks(&first, &["Ivy Number4", "rel=\"prev\""]);
        let next = turn(&first, "next");
        let second = owner.get(&next).await;
        contains(&second, &["Ivy Number4", "Ivy Number6", &format!("4–6 of 7 {}", app.many)]);
        lacks(&second, &["Ivy Number1"]);
        let third = owner.get(&turn(&second, "next")).await;
        let last = if app.is_users() { "Olga Owner" } else { "Ivy Number7" };
        contains(&third, &[last, &format!("7 of 7 {}", app.many)]);
        let back = owner.get(&turn(&second, "prev")).await;
        contains(&back, &["Ivy Number1", &format!("1–3 of 7 {}", app.many)]);
    }

    async fn the_panel_has_its_own_address_and_keeps_the_grid(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await;
        world.group(app.kind, "Support", ada.person).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let page = owner.get(&format!("{}?q=ada", app.person(ada.person))).await;
        assert_eq!(page.status, StatusCode::OK);
        contains(&page, &[
            "Close details", &format!("href=\"{}?q=ada\"", app.path), "History", "Accepted the invitation",
            "by Olga Owner", "1 open session", "Support", &format!("/audit?person={}", ada.person),
        ]);
        // Dialogs lead back to the panel.
        contains(&page, &[&format!(
            "{0}/{1}/deactivation?back=%2F{2}%2F{1}%3Fq%3Dada", app.path, ada.person, app.many
        )]);
        let page = owner.get(&app.person(world.owner.person)).await;
        if app.is_users() {
            contains(&page, &["The owner cannot be deactivated. Transfer ownership first."]);
        } else {
            assert_eq!(page.status, StatusCode::NOT_FOUND, "a user is no customer");
        }
    }

    async fn other_workspaces_and_unknown_people_are_not_found(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let other = world.beside(10).await;
        let stranger = other.joined_to(app.kind, "Sam Stranger").await.person.to_string();
        // With two workspaces the Host names one.
        let ws = world.ws.uuid();
        let host = tenure::store::Sql::built("insert into hosts (workspace_id, host) values ($1, $2)".into());
        world.write(async move |tx| tx.exec_one(&host, &[&ws, &"acme.test"]).await).await.expect("a host");
        let owner = owner.at_host("acme.test");
        let unknown = "01890000-0000-7000-8000-000000000000";
        for id in [stranger.as_str(), unknown, "no-id"] {
            for dialog in dialogs(app).into_iter().chain([""]) {
                let path = format!("{}{dialog}", app.person(id));
                assert_eq!(owner.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
                if !dialog.is_empty() {
                    assert_eq!(owner.post(&path, &[("session", unknown)]).await.status,
                        StatusCode::NOT_FOUND, "POST {path}");
                }
            }
            assert_eq!(owner.get(&format!("/pictures/{id}")).await.status, StatusCode::NOT_FOUND);
            assert_eq!(owner.post(&format!("/undo/{id}"), &[]).await.status, StatusCode::NOT_FOUND);
            let view = format!("{}/views/{id}/deletion", app.path);
            assert_eq!(owner.get(&view).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(owner.get(&app.person(ada.person)).await.status, StatusCode::OK);
        // Nor does one app show whom the other is about.
        let other = if app.is_users() { CUSTOMERS } else { USERS };
        for dialog in dialogs(other).into_iter().chain([""]) {
            let path = format!("{}{dialog}", other.person(ada.person));
            assert_eq!(owner.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    async fn a_view_is_saved_shown_and_deleted_by_its_person_alone(store: Store, app: App) {
        let world = World::new(store, 10).await;
        world.joined_as("Bob Brown", Role::Administrator).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let bob = site.signed_in(&address("Bob Brown")).await;
        world.joined_to(app.kind, "Bea Black").await;
        let query = "q=black&sort=email&after=";
        let views = format!("{}/views", app.path);
        let page = owner.submit(&views, &[("name", " The helpers "), ("query", query)]).await;
        contains(&page, &["The view “The helpers” is saved.", "The helpers <span class=\"count\">1</span>"]);
        lacks(&page, &["Save view"]);
        let path = link(&page, &format!("{views}/"));
        lacks(&bob.get(app.path).await, &["The helpers"]);
        assert_eq!(bob.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(bob.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
        contains(&owner.get(&path).await, &["Delete the view “The helpers”?"]);
        let other = if app.is_users() { CUSTOMERS } else { USERS };
        lacks(&owner.get(other.path).await, &["The helpers"]);
        lacks(&owner.submit(&path, &[]).await, &["The helpers</a>"]);
        let unnamed = owner.post(&views, &[("name", " "), ("query", "q=ada")]).await;
        assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&unnamed, &["aria-invalid=\"true\"", "value=\"q=ada\""]);
    }

}

both_engines! {
    async fn what_tells_of_accounts_is_left_out_of_a_members_grid(store: Store) {
        let world = World::new(store, 10).await;
        world.joined_as("Mel Member", Role::Member).await;
        let (_, _) = world.invited_as("Ivy Inver", Role::Member).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        world.deactivate(ada.person).await.expect("a deactivation");
        world.later(Duration::from_hours(24 * 8));
        let job = world.job();
        let expired = world.write(async move |tx| tenure::ops::invitation::expire_due(tx, &job).await).await;
        assert_eq!(expired.expect("an expiry"), 1);
        let site = Site::of(&world).await;
        let (member, owner) = (site.signed_in(&address("Mel Member")).await, owner(&site).await);
        let plain = member.get("/users").await;
        let everybody = ["Ada Adams", "Ivy Inver", "Mel Member", "Olga Owner"];
        assert_eq!(in_order(&plain, everybody), everybody);
        lacks(&plain, &["Invitation expired", ">since ", "name=\"seen\""]);
        contains(&owner.get("/users").await, &["Invitation expired", ">since "]);
        for query in TELLING {
            let page = member.get(&format!("/users?{query}")).await;
            assert_eq!(page.status, StatusCode::OK, "{query}");
            assert_eq!(in_order(&page, everybody), everybody, "{query} is left out");
            lacks(&page, &["Clear all"]);
            let seen = owner.get(&format!("/users?{query}")).await;
            assert_ne!(in_order(&seen, everybody), everybody, "{query} tells something");
        }
    }

    async fn pictures_are_for_signed_in_users_and_never_run(store: Store) {
        let world = World::new(store, 10).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let picture = [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01"[..], b"<script>"].concat();
        let picture = tenure::ops::picture::Picture::parse(picture, &world.app.config.limits).expect("a picture");
        let ctx = world.ctx();
        world
            .write(async move |tx| {
                tenure::ops::picture::set_picture(tx, &ctx, ada.person, Some(picture.clone())).await
            })
            .await
            .expect("a picture is saved");
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let page = owner.get("/users").await;
        let path = link(&page, "/pictures/");
        let picture = owner.get(&path).await;
        let header = |name: &str| picture.headers.get(name).map_or("", |value| value.to_str().expect("text"));
        assert_eq!((picture.status, header("content-type")), (StatusCode::OK, "image/png"));
        assert!(header("content-security-policy").contains("sandbox"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("cache-control").starts_with("private") && header("cache-control").contains("immutable"));
        let old = owner.get(&format!("/pictures/{}?v=old", ada.person)).await;
        assert_eq!(old.headers.get("cache-control").expect("a header"), "private, no-cache");
        let nobody = site.browser().get(&path).await;
        assert_eq!(nobody.status, StatusCode::SEE_OTHER);
        let none = owner.get(&format!("/pictures/{}", world.owner.person)).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
    }
}

/// Those of the people who have a row, in the order of the rows.
fn in_order(page: &Page, people: [&'static str; 4]) -> Vec<&'static str> {
    let (_, rows) = page.text.split_once("<tbody").unwrap_or(("", ""));
    let rows = rows.split("</table>").next().unwrap_or_default();
    let mut found: Vec<_> = people.into_iter().filter_map(|name| Some((rows.find(name)?, name))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

/// The questions of an app, below the page of a person.
fn dialogs(app: &Naming) -> Vec<&'static str> {
    let own: &[&str] = match app.kind {
        Kind::User => &["/role"],
        Kind::Customer => &["/organization", "/conversion"],
    };
    let shared = [
        "/deactivation",
        "/activation",
        "/deletion",
        "/edit",
        "/link",
        "/sessions",
        "/invitation",
        "/withdrawal",
    ];
    [&shared[..], own].concat()
}

/// The first link or source that has this in it.
fn link(page: &Page, part: &str) -> String {
    let found = page.text.split('"').find(|text| text.starts_with('/') && text.contains(part));
    found.unwrap_or_else(|| panic!("a link with {part} in {}", page.text)).replace("&#38;", "&")
}

/// The page on either side.
fn turn(page: &Page, side: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("rel=\"{side}\" href=\"")).expect("a pager");
    rest[..rest.find('"').expect("a quote")].replace("&#38;", "&")
}
