//! The grid, its panel and saved views.

use super::*;

both_engines! {
    async fn the_grid_shows_people_with_exact_counts_and_what_can_be_done(store: Store) {
        let world = World::new(store, 10).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        world.joined_as("Bob Brown", Role::Administrator).await;
        world.invited_as("Ivy Inver", Role::Member).await;
        world.deactivate(ada.person).await.expect("a deactivation");
        let site = Site::of(&world).await;
        let page = owner(&site).await.get("/users").await;
        assert_eq!(page.status, StatusCode::OK);
        contains(&page, &[
            "All <span class=\"count\">4</span>",
            "Active <span class=\"count\">2</span>",
            "Invited <span class=\"count\">1</span>",
            "Deactivated <span class=\"count\">1</span>",
            "Never signed in",
            "Ada Adams", "Bob Brown", "Ivy Inver", "Olga Owner",
            "3 of 10 licenses",
            "4 users",
            &format!("/users/{}/activation", ada.person),
        ]);
        // Not possible, so not offered.
        lacks(&page, &[
            &format!("/users/{}/deactivation", ada.person),
            &format!("/users/{}/deactivation", world.owner.person),
            &format!("/users/{}/deletion", world.owner.person),
            &format!("/users/{}/link", ada.person),
        ]);
        let page = owner(&site).await.get("/users?view=deactivated").await;
        contains(&page, &["Ada Adams"]);
        lacks(&page, &["Bob Brown"]);
        let (_, row) = page.text.split_once("data-row").expect("a row");
        let (row, _) = row.split_once("</tr>").expect("its end");
        assert_eq!(row.matches("Deactivated").count(), 1, "told once, to eyes and to screen readers: {row}");
    }

    async fn members_see_status_but_no_reason_sign_in_license_or_action(store: Store) {
        let world = World::new(store, 10).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        world.joined_as("Mel Member", Role::Member).await;
        let ctx = world.ctx();
        let grounds = domain::lifecycle::Grounds {
            reason: Some("On extended leave".into()),
            review_on: Some(jiff::civil::date(2026, 4, 1)),
        };
        let input = tenure::ops::deactivation::Input { grounds, version: None };
        world
            .write(async move |tx| {
                tenure::ops::deactivation::deactivate(tx, &ctx, ada.person, input.clone()).await
            })
            .await
            .expect("a deactivation");
        let site = Site::of(&world).await;
        let (member, owner) = (site.signed_in(&address("Mel Member")).await, owner(&site).await);
        let secret = ["On extended leave", "1 Apr 2026", "Last sign-in", "Never signed in", "/deactivation",
            "licenses", "/activation", "History", "/users/new", "/edit"];
        for path in ["/users".to_owned(), format!("/users/{}", ada.person)] {
            let page = member.get(&path).await;
            assert_eq!(page.status, StatusCode::OK);
            contains(&page, &["Ada Adams", "Deactivated"]);
            lacks(&page, &secret);
            contains(&owner.get(&path).await, &["On extended leave", "1 Apr 2026", "Last sign-in", "/activation"]);
        }
        // Nor can order or filter tell what the columns do not.
        let all = member.get("/users?seen=never&sort=last-sign-in&overdue=1").await;
        contains(&all, &["Ada Adams", "Mel Member", "Olga Owner"]);
        for dialog in ["deactivation", "activation", "deletion", "edit", "role", "link", "sessions"] {
            let path = format!("/users/{}/{dialog}", ada.person);
            assert_eq!(member.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(member.post(&path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(member.get("/users/new").await.status, StatusCode::FORBIDDEN);
    }

    async fn search_filters_order_and_groups_are_addresses(store: Store) {
        let world = World::new(store, 10).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        world.joined_as("Bob Brown", Role::Administrator).await;
        let team = world.team("Support").await;
        world.join(team, ada.person).await.expect("a member");
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let page = owner.get("/users?q=adam").await;
        contains(&page, &["Ada Adams", "Matching “adam”", "1 user", "Save view"]);
        lacks(&page, &["Bob Brown"]);
        let page = owner.get("/users?role=administrator").await;
        contains(&page, &["Bob Brown", "Role: administrator", "remove this filter"]);
        lacks(&page, &["Ada Adams"]);
        let page = owner.get(&format!("/users?team={team}")).await;
        contains(&page, &["Ada Adams", "Team: Support"]);
        lacks(&page, &["Bob Brown"]);
        let page = owner.get("/users?group=team").await;
        contains(&page, &["Grouped by team", "No team", &format!("href=\"/teams/{team}\"")]);
        let (first, second) = (page.text.find("Ada Adams"), page.text.find("Bob Brown"));
        assert!(first < second, "a team comes before no team");
        let page = owner.get("/users?sort=name&dir=desc").await;
        assert!(page.text.find("Bob Brown") < page.text.find("Ada Adams"), "the other way round");
        contains(&page, &["aria-sort=\"descending\""]);
        contains(&owner.get("/users?q=zzz").await, &["Nobody matches", "Clear search and filters"]);
        contains(&owner.get("/users?view=deactivated").await, &["Nobody is deactivated."]);
        let bad = owner.get("/users?role=king").await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

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

    async fn long_lists_are_walked_forth_and_back(store: Store) {
        let world = World::new(store, 20).await;
        for number in 1..=6 {
            world.invited_as(&format!("Ivy Number{number}"), Role::Member).await;
        }
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let first = owner.get("/users?limit=3").await;
        contains(&first, &["Ivy Number1", "1–3 of 7 users"]);
        lacks(&first, &["Ivy Number4", "rel=\"prev\""]);
        let next = turn(&first, "next");
        let second = owner.get(&next).await;
        contains(&second, &["Ivy Number4", "Ivy Number6", "4–6 of 7 users"]);
        lacks(&second, &["Ivy Number1"]);
        let third = owner.get(&turn(&second, "next")).await;
        contains(&third, &["Olga Owner", "7 of 7 users"]);
        let back = owner.get(&turn(&second, "prev")).await;
        contains(&back, &["Ivy Number1", "1–3 of 7 users"]);
    }

    async fn the_panel_has_its_own_address_and_keeps_the_grid(store: Store) {
        let world = World::new(store, 10).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let team = world.team("Support").await;
        world.join(team, ada.person).await.expect("a member");
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let page = owner.get(&format!("/users/{}?q=ada", ada.person)).await;
        assert_eq!(page.status, StatusCode::OK);
        contains(&page, &[
            "Close details", "href=\"/users?q=ada\"", "History", "Accepted the invitation",
            "by Olga Owner", "1 open session", "Support", &format!("/audit?person={}", ada.person),
        ]);
        // Dialogs lead back to the panel.
        contains(&page, &[&format!(
            "/users/{0}/deactivation?back=%2Fusers%2F{0}%3Fq%3Dada", ada.person
        )]);
        let page = owner.get(&format!("/users/{}", world.owner.person)).await;
        contains(&page, &["The owner cannot be deactivated. Transfer ownership first."]);
    }

    async fn other_workspaces_and_unknown_people_are_not_found(store: Store) {
        let world = World::new(store, 10).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let other = world.beside(10).await;
        let stranger = other.joined_as("Sam Stranger", Role::Member).await.person.to_string();
        // With two workspaces the Host names one.
        let ws = world.ws.uuid();
        let host = tenure::store::Sql::built("insert into hosts (workspace_id, host) values ($1, $2)".into());
        world.write(async move |tx| tx.exec_one(&host, &[&ws, &"acme.test"]).await).await.expect("a host");
        let owner = owner.at_host("acme.test");
        let unknown = "01890000-0000-7000-8000-000000000000";
        for id in [stranger.as_str(), unknown, "no-id"] {
            for dialog in ["", "/deactivation", "/activation", "/deletion", "/edit", "/role", "/link",
                "/sessions", "/invitation", "/withdrawal"] {
                let path = format!("/users/{id}{dialog}");
                assert_eq!(owner.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
                if !dialog.is_empty() {
                    assert_eq!(owner.post(&path, &[("session", unknown)]).await.status,
                        StatusCode::NOT_FOUND, "POST {path}");
                }
            }
            assert_eq!(owner.get(&format!("/pictures/{id}")).await.status, StatusCode::NOT_FOUND);
            assert_eq!(owner.post(&format!("/undo/{id}"), &[]).await.status, StatusCode::NOT_FOUND);
            let view = format!("/users/views/{id}/deletion");
            assert_eq!(owner.get(&view).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(owner.get(&format!("/users/{}", ada.person)).await.status, StatusCode::OK);
    }

    async fn a_view_is_saved_shown_and_deleted_by_its_person_alone(store: Store) {
        let world = World::new(store, 10).await;
        world.joined_as("Bob Brown", Role::Administrator).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let bob = site.signed_in(&address("Bob Brown")).await;
        let query = "role=administrator&sort=email&after=";
        let page = owner.submit("/users/views", &[("name", " The helpers "), ("query", query)]).await;
        contains(&page, &["The view “The helpers” is saved.", "The helpers <span class=\"count\">1</span>"]);
        lacks(&page, &["Save view"]);
        let path = link(&page, "/users/views/");
        lacks(&bob.get("/users").await, &["The helpers"]);
        assert_eq!(bob.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(bob.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
        contains(&owner.get(&path).await, &["Delete the view “The helpers”?"]);
        lacks(&owner.submit(&path, &[]).await, &["The helpers</a>"]);
        let unnamed = owner.post("/users/views", &[("name", " "), ("query", "q=ada")]).await;
        assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&unnamed, &["aria-invalid=\"true\"", "value=\"q=ada\""]);
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
