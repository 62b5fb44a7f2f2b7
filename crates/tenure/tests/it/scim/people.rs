//! What a directory does to accounts: the rules of everybody's life, by its door.

use domain::{lifecycle::Grounds, person::StatusWord, role::Role, token::Scope};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tenure::ops::{self, scim::Settings};

use super::{Directory, entra_user, error, path, person};
use crate::http::OWNER;
use crate::support::{
    both_engines,
    http::Site,
    world::{PASSWORD, World, address, any_name},
};

fn active(is: bool) -> Value {
    json!([{ "op": "replace", "path": "active", "value": is }])
}

/// Users made at the same moment; answers the statuses in order.
async fn race(directory: &Directory, users: Vec<Value>) -> Vec<u16> {
    let mut racers = tokio::task::JoinSet::new();
    for user in users {
        let program = directory.program.twin();
        racers.spawn(async move {
            let request = program.request(Method::POST, "/scim/v2/Users").json(&user);
            program.send(request).await.status.as_u16()
        });
    }
    let mut statuses = racers.join_all().await;
    statuses.sort_unstable();
    statuses
}

both_engines! {
    async fn rule_01_a_deactivation_by_scim_closes_every_door_and_leaves_the_rest(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let name = any_name("Mem");
        let who = world.joined_as(&name, Role::Member).await;
        let team = world.team("Support").await;
        world.join(team, who.person).await.expect("a member");
        let browser = site.signed_in(&address(&name)).await;
        let token = world.token_of(who, &[Scope::Read]).await;
        let program = site.browser().with_token(&token.secret.reveal());
        let used = world.workspace().await.licenses.used;
        let before = directory.get(&format!("/Users/{}", who.person)).await.json();
        let off = directory.patch(&path(&before), &active(false)).await;
        assert_eq!((&off["active"], &off["groups"]), (&json!(false), &before["groups"]));
        assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::FORBIDDEN);
        assert_eq!(program.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(world.workspace().await.licenses.used, used - 1);
        assert!(site.browser().post("/sign-in", &[("email", &address(&name)), ("password", PASSWORD)]).await.status.is_client_error());
        let again = directory.patch(&path(&before), &active(false)).await;
        assert_eq!(again["meta"]["version"], off["meta"]["version"], "rule 10: nothing changed");
        let log = site.signed_in(OWNER).await.get("/api/v1/audit?door=scim").await.json();
        let entries = log["entries"].as_array().expect("entries").clone();
        let entry = entries.iter().find(|entry| entry["action"] == "person.deactivated").expect("on the record");
        assert_eq!((&entry["door"], &entry["actor_kind"]), (&json!("scim"), &json!("token")), "{entry}");
        world.check().await;
    }

    async fn what_a_directory_does_not_have_is_refused_and_not_named(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let cleo = any_name("Cleo");
        world.customer_as(&cleo).await;
        let (status, kind, detail) = error(&directory.post("/Users", &entra_user(&address(&cleo), "7")).await);
        assert_eq!((status, kind.as_str()), (409, "uniqueness"));
        assert!(!detail.contains(&cleo), "a customer is not there for a directory of users: {detail}");
        for filter in ["nope+eq+%22x%22", "emails.nope+eq+%22x%22", "meta.lastModified+gt+%222026-01-01T00:00:00Z%22"] {
            let (status, kind, _) = error(&directory.get(&format!("/Users?filter={filter}")).await);
            assert_eq!((status, kind.as_str()), (400, "invalidFilter"), "{filter}");
        }
        let ada = directory.user("ada@contoso.example").await;
        assert_eq!(error(&directory.try_patch(&path(&ada), &json!([])).await).0, 400);
        let nothing = json!([{ "op": "replace", "path": "title" }]);
        assert_eq!(error(&directory.try_patch(&path(&ada), &nothing).await).0, 400);
        directory.patch(&path(&ada), &json!([{ "op": "remove", "path": "active" }])).await;
        let found = directory.get("/Users?filter=active+eq+true").await.json();
        let ids: Vec<&Value> = found["Resources"].as_array().into_iter().flatten().map(|one| &one["id"]).collect();
        assert!(ids.contains(&&ada["id"]), "whoever is active is found as such: {found}");
        world.check().await;
    }

    async fn rule_06_an_activation_by_scim_needs_a_free_license_and_says_so(store: Store) {
        let world = World::new(store, 2).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let ada = directory.user("ada@contoso.example").await;
        let before = world.dump().await;
        let page = directory.post("/Users", &entra_user("ben@contoso.example", "2")).await;
        let (status, kind, detail) = error(&page);
        assert_eq!((status, kind.as_str()), (400, ""), "no duplicate, so no 409");
        assert!(detail.contains("No license is free: 2 are used of 2 owned"), "{detail}");
        assert_eq!(world.dump().await, before);
        let ben = directory.create(&json!({ "userName": "ben@contoso.example", "active": false })).await;
        assert_eq!(ben["active"], false, "a deactivated one needs none");
        assert!(error(&directory.try_patch(&path(&ben), &active(true)).await).2.contains("No license is free"));
        directory.patch(&path(&ada), &active(false)).await;
        assert_eq!(directory.patch(&path(&ben), &active(true)).await["active"], true);
        world.check().await;
    }

    async fn invariant_2_of_racing_directories_for_the_last_license_one_wins(store: Store) {
        let world = World::new(store, 3).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        directory.user("first@contoso.example").await;
        let users = (0..8).map(|n| json!({ "userName": format!("racer{n}@contoso.example") })).collect();
        assert_eq!(race(&directory, users).await, [201, 400, 400, 400, 400, 400, 400, 400]);
        world.check().await;
    }

    async fn rule_13_of_racing_directories_with_one_address_one_wins(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let users = vec![entra_user("ada@contoso.example", "1"); 6];
        assert_eq!(race(&directory, users).await, [201, 409, 409, 409, 409, 409]);
        world.check().await;
    }

    async fn rule_09_a_directory_deactivates_and_deletes_no_owner_and_its_own_maker_neither(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let who = world.administrator().await;
        let own = world.token_of(who, &[Scope::Scim]).await;
        let own = Directory { program: site.browser().with_token(&own.secret.reveal()), made: own };
        for directory in [&directory, &own] {
            directory.noted(&world).await;
        }
        for (directory, person, says) in [
            (&directory, world.owner.person, "The owner cannot be deactivated"),
            (&own, who.person, "You cannot deactivate yourself"),
        ] {
            let there = format!("/Users/{person}");
            let before = world.dump().await;
            for page in [directory.try_patch(&there, &active(false)).await, directory.delete(&there).await] {
                let (status, kind, detail) = error(&page);
                assert_eq!((status, kind.as_str()), (400, "mutability"), "{detail}");
                assert!(detail.contains(says), "{detail}");
            }
            assert_eq!(world.dump().await, before);
        }
    }

    async fn rule_12_whom_a_directory_locks_out_while_invited_is_withdrawn(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let (invited, link) = world.invited().await;
        let there = format!("/Users/{invited}");
        let user = directory.get(&there).await.json();
        assert_eq!(user["active"], true, "an invitation holds a license");
        assert_eq!(directory.patch(&there, &active(true)).await["active"], true);
        assert_eq!(world.row(invited).await.person.status.word(), StatusWord::Invited);
        assert_eq!(directory.patch(&there, &active(false)).await["active"], false);
        assert_eq!(directory.get(&there).await.status, StatusCode::NOT_FOUND);
        let page = site.browser().get(&format!("/invitation/{}", link.reveal())).await;
        assert_eq!(page.status, StatusCode::GONE);
        let (other, _) = world.invited().await;
        assert_eq!(directory.delete(&format!("/Users/{other}")).await.status, StatusCode::NO_CONTENT);
        assert!(world.found(other).await.is_none());
        world.check().await;
    }

    async fn rule_13_after_a_scim_delete_the_same_id_links_again_and_another_asks_an_administrator(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let asked = entra_user("ada@contoso.example", "1");
        let made = directory.create(&asked).await;
        assert_eq!(directory.delete(&path(&made)).await.status, StatusCode::NO_CONTENT);
        assert_eq!(world.row(person(&made)).await.person.status.word(), StatusWord::Deactivated, "deactivated in the desk");
        assert_eq!(error(&directory.get(&path(&made)).await).0, 404);
        assert_eq!(error(&directory.delete(&path(&made)).await).0, 404);
        assert_eq!(error(&directory.try_patch(&path(&made), &active(true)).await).0, 404);
        for filter in ["userName eq \"ada@contoso.example\"", "externalId eq \"1\"", "title pr", "active eq false"] {
            assert_eq!(directory.found(filter).await, [""; 0], "{filter}");
        }
        assert_eq!(directory.get("/Users").await.json()["totalResults"], 1, "the owner");
        for other in [entra_user("ada@contoso.example", "2"), json!({ "userName": "ada@contoso.example" })] {
            let (status, kind, detail) = error(&directory.post("/Users", &other).await);
            assert_eq!((status, kind.as_str()), (409, "uniqueness"), "addresses are recycled");
            assert!(detail.contains("administrator"), "{detail}");
        }
        let back = directory.create(&asked).await;
        assert_eq!((&back["id"], &back["active"]), (&made["id"], &json!(true)));
        assert_eq!(directory.found("externalId eq \"1\"").await, ["ada@contoso.example"]);
        world.check().await;
    }

    async fn rule_13_an_administrator_who_brings_somebody_back_gives_them_to_the_directory_again(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let made = directory.create(&entra_user("ada@contoso.example", "1")).await;
        let hand = world.member().await;
        for there in [path(&made), format!("/Users/{}", hand.person)] {
            assert_eq!(directory.delete(&there).await.status, StatusCode::NO_CONTENT);
            world.later(std::time::Duration::from_secs(1));
            let id = there.trim_start_matches("/Users/").parse().expect("an id");
            world.activate(id, ops::activation::Way::Free).await.expect("an activation in the desk");
            assert_eq!(directory.get(&there).await.json()["active"], true);
            world.later(std::time::Duration::from_secs(1));
            world.deactivate(id).await.expect("a deactivation in the desk");
            assert_eq!(directory.get(&there).await.json()["active"], false, "the desk's own deactivation hides nobody");
        }
    }

    async fn rule_07_a_scim_delete_deletes_where_the_token_says_so(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        directory.set(&world, Settings { empty_patch: false, deletes: true }).await;
        let mut asked = entra_user("zenobia.quux@contoso.example", "external-quux");
        asked["title"] = json!("Title of quux");
        asked["name"]["middleName"] = json!("Quuxette");
        let made = directory.create(&asked).await;
        directory.patch(&path(&made), &json!([{ "op": "replace", "path": "title", "value": "Other quux" }])).await;
        directory.patch(&path(&made), &json!([{ "op": "replace", "path": "externalId", "value": "external-quux-2" }])).await;
        assert_eq!(directory.delete(&path(&made)).await.status, StatusCode::NO_CONTENT);
        assert!(world.found(person(&made)).await.is_none());
        let rows = world.dump().await.into_values().flatten().collect::<Vec<_>>().join("\n").to_lowercase();
        assert!(!rows.contains("quux"), "invariant 6: no row holds what was theirs");
        let again = directory.create(&entra_user("zenobia.quux@contoso.example", "external-quux")).await;
        assert_ne!(again["id"], made["id"], "somebody new");
        let admin = world.administrator().await;
        let (status, kind, detail) = error(&directory.delete(&format!("/Users/{}", admin.person)).await);
        assert_eq!((status, kind.as_str()), (400, "mutability"), "{detail}");
        assert!(world.row(admin.person).await.person.status.is_active(), "and is not deactivated either");
        world.check().await;
    }

    async fn what_was_said_comes_back_and_what_the_desk_changed_shows(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let made = directory.create(&entra_user("ada@contoso.example", "1")).await;
        let (ctx, id) = (world.ctx(), person(&made));
        let input = ops::profile::Input {
            name: Some(world.name("Ada Lovelace")),
            email: Some("lovelace@contoso.example".into()),
            ..Default::default()
        };
        world.write(async move |tx| ops::profile::edit(tx, &ctx, id, input.clone()).await).await.expect("an edit");
        let user = directory.get(&path(&made)).await.json();
        assert_eq!((&user["displayName"], &user["name"]), (&json!("Ada Lovelace"), &json!({ "formatted": "Ada Lovelace" })));
        assert_eq!((&user["userName"], &user["emails"][0]["value"]), (&json!("lovelace@contoso.example"), &json!("lovelace@contoso.example")));
        assert_eq!(user["title"], "Analyst");
        let titled = directory.patch(&path(&made), &json!([{ "op": "replace", "path": "title", "value": "Countess" }])).await;
        assert_eq!((&titled["displayName"], &titled["title"]), (&json!("Ada Lovelace"), &json!("Countess")));
        assert_eq!(world.row(id).await.person.name, "Ada Lovelace", "a change of the title changes no name");
        assert_eq!(directory.found("userName eq \"lovelace@contoso.example\"").await.len(), 1);
        assert_eq!(directory.found("userName eq \"ada@contoso.example\"").await.len(), 0);
        let back = directory.patch(&path(&made), &json!([{ "op": "replace", "value": { "displayName": "Ada King" } }])).await;
        assert_eq!(back["displayName"], "Ada King");
        assert_eq!(world.row(id).await.person.name, "Ada King");
    }

    async fn a_user_name_that_is_no_address_is_kept_and_unique(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let asked = |name: &str, email: &str| json!({ "userName": name, "emails": [{ "type": "home", "value": "h@x.example" }, { "type": "work", "value": email }] });
        let made = directory.create(&asked("Aking", "ada@contoso.example")).await;
        let row = world.row(person(&made)).await.person;
        assert_eq!((row.email.as_str(), row.name.as_str(), &made["userName"]), ("ada@contoso.example", "Aking", &json!("Aking")));
        assert_eq!(directory.found("userName eq \"aKING\"").await, ["Aking"]);
        assert_eq!(directory.found("emails eq \"ADA@contoso.example\"").await, ["Aking"]);
        assert_eq!(error(&directory.post("/Users", &asked("aking", "other@contoso.example")).await).1, "uniqueness");
        let ben = directory.create(&asked("ben", "ben@contoso.example")).await;
        let taken = json!([{ "op": "replace", "path": "userName", "value": "AKING" }]);
        assert_eq!(error(&directory.try_patch(&path(&ben), &taken).await).1, "uniqueness");
        let moved = json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "a.king@contoso.example" }]);
        directory.patch(&path(&made), &moved).await;
        assert_eq!(world.row(person(&made)).await.person.email, "a.king@contoso.example", "the address follows");
    }

    async fn rule_08_a_token_for_customers_brings_in_customers_alone(store: Store) {
        let world = World::new(store, 1).await;
        let site = Site::of(&world).await;
        let directory = Directory::of(&world, &site, Scope::ScimCustomers).await;
        let organization = world.organization("Globex", "globex.example").await;
        let made = directory.create(&entra_user("hank@globex.example", "1")).await;
        let row = world.row(person(&made)).await;
        assert_eq!(row.person.kind, domain::person::Kind::Customer, "without a license");
        let place = tenure::store::organizations::of_person(&mut world.reader().await, world.ws, row.person.id).await;
        assert_eq!(place.expect("a read").map(|place| place.id), Some(organization), "by the domain");
        assert_eq!(error(&directory.get(&format!("/Users/{}", world.owner.person)).await).0, 404, "no user is there");
        assert_eq!(directory.get("/Users").await.json()["totalResults"], 1);
        assert_eq!(directory.get("/Groups").await.json()["totalResults"], 0);
        assert_eq!(error(&directory.post("/Groups", &json!({ "displayName": "X" })).await).0, 404);
        assert_eq!(directory.get("/ResourceTypes").await.json()["totalResults"], 1);
        let off = directory.patch(&path(&made), &active(false)).await;
        assert_eq!(off["active"], false);
        assert_eq!(directory.patch(&path(&made), &active(true)).await["active"], true, "no license is needed");
        let (status, kind, _) = error(&directory.post("/Users", &json!({ "userName": OWNER })).await);
        assert_eq!((status, kind.as_str()), (409, "uniqueness"), "a user's address");
        world.check().await;
    }

    async fn the_brake_stops_a_sync_and_an_administrator_lets_it_go_on(store: Store) {
        let world = World::new(store, 30).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let mut users = Vec::new();
        for n in 0..8 {
            users.push(directory.user(&format!("user{n}@contoso.example")).await);
        }
        world.later(std::time::Duration::from_secs(1));
        for user in &users[..5] {
            directory.patch(&path(user), &active(false)).await;
        }
        let before = directory.get(&path(&users[5])).await.json();
        for page in [directory.try_patch(&path(&users[5]), &active(false)).await, directory.delete(&path(&users[5])).await] {
            let (status, _, detail) = error(&page);
            assert_eq!(status, 400);
            assert!(detail.contains("brake") && detail.contains("Settings, SCIM"), "{detail}");
        }
        assert_eq!(directory.get(&path(&users[5])).await.json(), before, "nobody was locked out");
        assert_eq!(directory.patch(&path(&users[4]), &active(true)).await["active"], true, "whoever comes back may");
        directory.patch(&path(&users[4]), &active(false)).await;
        let token = directory.made.row.token.id;
        let row = world.token_row(token).await.expect("a token");
        assert!(row.scim.stopped.is_some());
        let ctx = world.ctx();
        world.write(async move |tx| ops::scim::let_on(tx, &ctx, token).await).await.expect("it goes on");
        for user in &users[5..] {
            assert_eq!(directory.patch(&path(user), &active(false)).await["active"], false);
        }
        let row = world.token_row(token).await.expect("a token");
        assert!(row.scim.stopped.is_none() && row.scim.let_on.is_some());
        let log = site.signed_in(OWNER).await.get("/api/v1/audit").await.json();
        let actions: Vec<&str> = log["entries"].as_array().expect("entries").iter().filter_map(|entry| entry["action"].as_str()).collect();
        assert_eq!(actions.iter().filter(|action| **action == "scim.stopped").count(), 1, "once on the record");
        assert!(actions.contains(&"scim.let-on"));
        world.check().await;
    }

    async fn the_brake_counts_those_whom_a_directory_deletes(store: Store) {
        let world = World::new(store, 30).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        directory.set(&world, Settings { empty_patch: false, deletes: true }).await;
        let mut users = Vec::new();
        for n in 0..7 {
            users.push(directory.user(&format!("user{n}@contoso.example")).await);
        }
        let mut gone = 0;
        for user in &users {
            gone += usize::from(directory.delete(&path(user)).await.status == StatusCode::NO_CONTENT);
        }
        assert_eq!(gone, 5);
        world.check().await;
    }

    async fn rule_02_a_return_by_scim_keeps_the_reason_of_the_desk_out_of_the_answer(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let made = directory.create(&entra_user("ada@contoso.example", "1")).await;
        let (ctx, id) = (world.ctx(), person(&made));
        let grounds = Grounds { reason: Some("Sabbatical in Samarkand".into()), review_on: None };
        let input = ops::deactivation::Input { grounds, ..Default::default() };
        world.write(async move |tx| ops::deactivation::deactivate(tx, &ctx, id, input.clone()).await).await.expect("a deactivation");
        let page = directory.get(&path(&made)).await;
        assert!(!page.text.contains("Samarkand"), "reasons are for administrators: {page:?}");
        let kept = directory.patch(&path(&made), &json!([{ "op": "replace", "path": "title", "value": "Countess" }])).await;
        assert_eq!((&kept["active"], &kept["title"]), (&json!(false), &json!("Countess")), "a profile can be changed meanwhile");
    }
}
