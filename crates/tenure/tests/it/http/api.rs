//! The JSON API: what each sees, what each may do, what bad input gets.

use domain::role::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tenure::{ops, store::attention};

use super::{OWNER, openapi::check_answer, problem};
use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{TELLING, World, address, any_name, changed_tables},
};

const USERS: &str = "/api/v1/users";
const USER: &str = "/api/v1/users/{id}";
const DEACTIVATION: &str = "/api/v1/users/{id}/deactivation";
const REVIEW_DATE: &str = "/api/v1/users/{id}/deactivation/review-date";
const RETURN_REQUEST: &str = "/api/v1/users/{id}/return-request";
const CUSTOMERS: &str = "/api/v1/customers";

/// Sends a request and checks that the answer is described.
async fn ask(browser: &Browser, method: Method, path: &str, tail: &str, body: Option<Value>) -> Page {
    let described = if tail.ends_with("/review-date") {
        REVIEW_DATE
    } else if tail.ends_with("/return-request") {
        RETURN_REQUEST
    } else if tail.contains("/deactivation") {
        DEACTIVATION
    } else if path == "/api/v1/me" || tail.starts_with('?') || tail.is_empty() {
        path
    } else {
        USER
    };
    let described =
        if path == CUSTOMERS { described.replace(USERS, CUSTOMERS) } else { described.to_owned() };
    let request = browser.request(method.clone(), &format!("{path}{tail}"));
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request,
    };
    let page = browser.send(request).await;
    check_answer(&method.as_str().to_lowercase(), &described, &page);
    page
}

async fn get(browser: &Browser, tail: &str) -> Page {
    ask(browser, Method::GET, USERS, tail, None).await
}

async fn deactivate(browser: &Browser, id: impl std::fmt::Display, query: &str, body: Option<Value>) -> Page {
    ask(browser, Method::POST, USERS, &format!("/{id}/deactivation{query}"), body).await
}

async fn activate(browser: &Browser, id: impl std::fmt::Display, query: &str, body: Option<Value>) -> Page {
    ask(browser, Method::DELETE, USERS, &format!("/{id}/deactivation{query}"), body).await
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

async fn member(world: &World, site: &Site) -> Browser {
    let name = any_name("Seer");
    world.joined_as(&name, Role::Member).await;
    site.signed_in(&address(&name)).await
}

both_engines! {
    async fn me_is_who_is_signed_in(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let page = ask(&site.signed_in(OWNER).await, Method::GET, "/api/v1/me", "", None).await;
        assert_eq!(page.status, StatusCode::OK);
        let me = page.json();
        assert_eq!((&me["email"], &me["role"], &me["status"]), (&json!(OWNER), &json!("owner"), &json!("active")));
        let nobody = ask(&site.browser(), Method::GET, "/api/v1/me", "", None).await;
        assert_eq!((nobody.status, problem(&nobody).as_str()), (StatusCode::UNAUTHORIZED, "not-signed-in"));
    }

    /// ASVS 5.0 8.2.3.
    async fn asvs_8_2_3_members_see_no_reason_review_date_or_last_sign_in(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (site.signed_in(OWNER).await, member(&world, &site).await);
        let target = world.member().await;
        let team = world.team(&any_name("Team")).await;
        world.join(team, target.person).await.expect("a team is joined");
        let body = json!({ "reason": "Only administrators know", "review_on": "2026-09-01" });
        assert_eq!(deactivate(&owner, target.person, "", Some(body)).await.status, StatusCode::OK);
        let tail = format!("/{}", target.person);
        let all = get(&owner, &tail).await.json();
        assert_eq!(all["account"]["reason"], "Only administrators know");
        assert_eq!(all["account"]["review_on"], "2026-09-01");
        assert_eq!(all["account"]["deactivated_by"], world.owner.person.to_string());
        assert_eq!(all["account"]["holds_license"], false);
        assert_eq!(all["teams"][0]["id"], team.to_string());
        let public = ["created", "email", "id", "name", "role", "status", "teams"];
        let one = get(&seer, &tail).await;
        assert_eq!(keys(&one.json()), public);
        assert_eq!(one.json()["status"], "deactivated", "a status is for everybody");
        let list = get(&seer, "").await;
        for user in list.json()["users"].as_array().expect("users") {
            assert_eq!(keys(user), public);
        }
        for page in [&one, &list] {
            assert!(!page.text.contains("Only administrators know") && !page.text.contains("2026-09-01"));
        }
        // What selects or orders by what is hidden tells it as well.
        for query in TELLING.map(|query| format!("?{query}")) {
            let query = query.as_str();
            let page = get(&seer, query).await;
            assert_eq!((page.status, problem(&page).as_str()), (StatusCode::FORBIDDEN, "administrators-only"), "{query}");
            assert_eq!(get(&owner, query).await.status, StatusCode::OK, "{query}");
        }
        let page = deactivate(&seer, target.person, "?dry_run=true", None).await;
        assert_eq!(problem(&page), "administrators-only");
        assert_eq!(problem(&activate(&seer, target.person, "?dry_run=true", None).await), "administrators-only");
    }

    async fn users_are_filtered_sorted_and_paged_without_gaps(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        for _ in 0..5 {
            world.member().await;
        }
        let gone = world.deactivated().await;
        world.invited().await;
        let mut names = Vec::new();
        let mut query = "?limit=3&sort=name&dir=desc".to_owned();
        let mut pages = 0;
        loop {
            let page = get(&owner, &query).await.json();
            assert_eq!(page["count"], json!({ "number": 8, "exact": true }));
            assert_eq!(page["previous"].is_null(), pages == 0);
            names.extend(page["users"].as_array().expect("users").iter().map(|user| user["name"].to_string()));
            pages += 1;
            let Some(next) = page["next"].as_str() else { break };
            query = format!("?limit=3&sort=name&dir=desc&after={next}");
        }
        assert_eq!((pages, names.len()), (3, 8));
        let mut sorted = names.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 8, "each once: {names:?}");
        let only = get(&owner, "?view=deactivated").await.json();
        assert_eq!(only["users"][0]["id"], gone.person.to_string());
        assert_eq!(only["count"]["number"], 1);
        let found = get(&owner, "?q=olga").await.json();
        assert_eq!(found["users"][0]["email"], OWNER);
    }

    async fn a_parameter_that_is_not_understood_is_named(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        for (query, names) in [
            ("?sort=shoe-size", vec!["sort"]),
            ("?limit=0", vec!["limit"]),
            ("?limit=201", vec!["limit"]),
            ("?limit=many&dir=up", vec!["limit", "dir"]),
            ("?after=zz", vec!["after"]),
            ("?order=name", vec!["order"]),
            ("?role=king", vec!["role"]),
            ("?sort=name&sort=email", vec!["sort"]),
            ("?q=%00", vec!["q"]),
        ] {
            let page = get(&owner, query).await;
            assert_eq!((page.status, problem(&page).as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"), "{query}");
            let body = page.json();
            let wrong: Vec<_> =
                body["errors"].as_array().expect("errors").iter().map(|e| e["parameter"].as_str().expect("a name")).collect();
            assert_eq!(wrong, names, "{query}");
        }
    }

    /// Rule 1, rule 2, rule 10; product.md section 3, 1.
    async fn rule_01_the_api_deactivates_with_dry_run_and_receipt(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let name = any_name("Goer");
        let who = world.joined_as(&name, Role::Member).await;
        site.signed_in(&address(&name)).await;
        let team = world.team(&any_name("Team")).await;
        world.join(team, who.person).await.expect("a team is joined");
        let before = world.dump().await;
        let plan = deactivate(&owner, who.person, "?dry_run=true", None).await.json();
        assert_eq!(world.dump().await, before, "a dry run changes nothing");
        let body = json!({ "reason": "Parental leave", "review_on": "2026-09-01", "version": plan["version"] });
        let receipt = deactivate(&owner, who.person, "?dry_run=false", Some(body)).await.json();
        assert_eq!((&plan["changed"], &receipt["changed"]), (&json!(true), &json!(true)));
        assert_eq!((&plan["sessions_ended"], &receipt["sessions_ended"]), (&json!(2), &json!(2)));
        assert_eq!((&plan["license_freed"], &receipt["license_freed"]), (&json!(true), &json!(true)));
        assert_eq!(plan["stays"], receipt["stays"]);
        assert_eq!(plan["alone_in"][0]["id"], team.to_string());
        assert!(receipt["undo"].is_string(), "{receipt}");
        let again = deactivate(&owner, who.person, "", None).await.json();
        assert_eq!((&again["changed"], &again["undo"]), (&json!(false), &Value::Null));
        let changed = changed_tables(&before, &world.dump().await);
        for kept in ["teams", "members", "team_members", "links", "pictures"] {
            assert!(!changed.contains(&kept.to_owned()), "{kept} changed");
        }
        world.check().await;
    }

    /// Rule 6.
    async fn rule_06_the_api_activates_by_a_free_an_added_or_another_users_license(store: Store) {
        let world = World::new(store, 3).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let (one, two) = (world.deactivated().await, world.deactivated().await);
        let plan = activate(&owner, one.person, "?dry_run=true", None).await.json();
        assert_eq!((&plan["changed"], &plan["used"], &plan["owned"]), (&json!(true), &json!(2), &json!(3)));
        let receipt = activate(&owner, one.person, "", None).await.json();
        assert_eq!((&receipt["changed"], &receipt["used"], &receipt["owned"]), (&json!(true), &json!(2), &json!(3)));
        let again = activate(&owner, one.person, "", None).await.json();
        assert_eq!(again["changed"], false);
        let third = world.member().await;
        let full = activate(&owner, two.person, "", None).await;
        assert_eq!((full.status, problem(&full).as_str()), (StatusCode::CONFLICT, "licenses-exhausted"));
        assert_eq!(full.json()["licenses"], json!({ "owned": 3, "used": 3, "price": null }));
        let body = json!({ "way": "swap", "other": third.person, "reason": "Makes room" });
        let swap = activate(&owner, two.person, "", Some(body)).await.json();
        assert_eq!((&swap["swap"]["person"], &swap["used"]), (&json!(third.person.to_string()), &json!(3)));
        let add = activate(&owner, third.person, "?way=add", None).await.json();
        assert_eq!((&add["added_licenses"], &add["owned"]), (&json!(1), &json!(4)));
        world.deactivate(third.person).await.expect("a deactivation");
        let needless = activate(&owner, third.person, &format!("?way=swap&other={}", one.person), None).await;
        assert_eq!(problem(&needless), "license-is-free");
        world.check().await;
    }

    /// Rules 9 and 12.
    async fn rule_09_the_guards_hold_at_the_api(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Adm");
        let admin = world.joined_as(&name, Role::Administrator).await;
        let browser = site.signed_in(&address(&name)).await;
        let (invited, _) = world.invited().await;
        for query in ["", "?dry_run=true"] {
            for (person, expected) in [
                (world.owner.person, "deactivate-owner"),
                (admin.person, "deactivate-self"),
                (invited, "invited-is-withdrawn"),
            ] {
                let page = deactivate(&browser, person, query, None).await;
                assert_eq!((page.status, problem(&page).as_str()), (StatusCode::CONFLICT, expected), "{query}");
            }
            assert_eq!(problem(&activate(&browser, invited, query, None).await), "invited-is-sent-again");
        }
        world.check().await;
    }

    async fn a_body_that_is_wrong_is_answered_with_where(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (owner, target) = (site.signed_in(OWNER).await, world.member().await);
        let before = world.dump().await;
        let path = format!("{USERS}/{}/deactivation", target.person);
        let long = format!(r#"{{"reason": "{}"}}"#, "x".repeat(2_001));
        for (method, body, status, name, pointer) in [
            (Method::POST, "{\"reason\": \"x\"", 400, "malformed-json", None),
            (Method::POST, "reason=x", 400, "malformed-json", None),
            (Method::POST, r#"{"raeson": "x"}"#, 422, "invalid", Some("/raeson")),
            (Method::POST, r#"{"reason": 7}"#, 422, "invalid", Some("/reason")),
            (Method::POST, r#"{"review_on": "soon"}"#, 422, "invalid", Some("/review_on")),
            (Method::POST, r#"{"reason": "a", "reason": "b"}"#, 422, "invalid", Some("/reason")),
            (Method::POST, r#"{"reason": "a\u0000b"}"#, 422, "invalid", Some("/reason")),
            (Method::POST, r#"{"review_on": "2026-03-02"}"#, 422, "review-not-in-future", Some("/review_on")),
            (Method::POST, &long, 422, "invalid", Some("/reason")),
            (Method::POST, r#"["Reason", null, null]"#, 422, "invalid", Some("")),
            (Method::POST, r#"{"version": 99}"#, 409, "stale", None),
            (Method::DELETE, r#"{"way": "steal"}"#, 422, "invalid", Some("/way")),
            (Method::DELETE, r#"{"way": "swap"}"#, 422, "invalid", Some("/other")),
            (Method::DELETE, r#"{"other": "0196aaaa-0000-7000-8000-000000000000"}"#, 422, "invalid", Some("/other")),
            (Method::DELETE, r#"{"reason": "x"}"#, 422, "invalid", Some("/reason")),
        ] {
            let request = owner.request(method.clone(), &path).header("content-type", "application/json");
            let page = owner.send(request.body(body.to_owned())).await;
            check_answer(&method.as_str().to_lowercase(), DEACTIVATION, &page);
            assert_eq!((page.status.as_u16(), problem(&page).as_str()), (status, name), "{method} {body}");
            let error = &page.json()["errors"][0];
            assert_eq!(error["pointer"].as_str(), pointer, "{method} {body}");
            assert!(name != "malformed-json" || error["column"].is_u64(), "{error}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""] {
            let request = owner.request(Method::POST, &path).header("content-type", kind);
            let page = owner.send(request.body("{}")).await;
            check_answer("post", DEACTIVATION, &page);
            assert_eq!(page.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind:?}: {page:?}");
        }
        for query in ["?dry_run=1", "?dryrun=true", "?dry_run=true&dry_run=false"] {
            let page = deactivate(&owner, target.person, query, None).await;
            assert_eq!((page.status, problem(&page).as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"), "{query}");
        }
        assert_eq!(world.dump().await, before);
        let charset = owner.request(Method::POST, &format!("{path}?dry_run=true"));
        let charset = charset.header("content-type", "Application/JSON; charset=utf-8").body("{}");
        assert_eq!(owner.send(charset).await.status, StatusCode::OK);
    }

    async fn another_workspaces_user_is_not_found_as_the_one_who_makes_room_either(store: Store) {
        let world = World::new(store, 2).await;
        let gone = world.deactivated().await;
        world.member().await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let beside = world.beside(5).await;
        crate::http::name_host(&world, world.ws, "a.example").await;
        let owner = owner.at_host("a.example");
        let foreign = beside.member().await;
        let query = format!("?way=swap&other={}", foreign.person);
        for other in [query.as_str(), "?way=swap&other=0196aaaa-0000-7000-8000-000000000000"] {
            let page = activate(&owner, gone.person, other, None).await;
            assert_eq!((page.status, problem(&page).as_str()), (StatusCode::NOT_FOUND, "not-found"), "{page:?}");
        }
        assert!(beside.row(foreign.person).await.person.status.is_active());
        let list = get(&owner, "").await;
        assert!(!list.text.contains(&foreign.person.to_string()), "{list:?}");
    }

    /// Invariant 2.
    async fn invariant_2_of_racers_for_the_last_license_at_the_api_one_wins(store: Store) {
        let world = World::new(store, 12).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let mut gone = Vec::new();
        for _ in 0..8 {
            gone.push(world.deactivated().await);
        }
        let ctx = world.ctx();
        world.write(async move |tx| ops::licenses::own(tx, &ctx, 2).await).await.expect("two licenses are owned");
        let mut racers = tokio::task::JoinSet::new();
        for who in gone {
            let browser = owner.twin();
            racers.spawn(async move { activate(&browser, who.person, "", None).await });
        }
        let mut won = 0;
        while let Some(page) = racers.join_next().await {
            let page = page.expect("a racer ends well");
            if page.status == StatusCode::OK {
                won += 1;
            } else {
                assert_eq!(problem(&page), "licenses-exhausted");
            }
        }
        assert_eq!(won, 1);
        world.check().await;
    }

    /// Product.md section 3, 8; rule 3: what asks for an administrator's attention is settled by machine, too.
    async fn the_api_moves_review_dates_and_dismisses_asked_returns(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (site.signed_in(OWNER).await, member(&world, &site).await);
        let user = world.deactivated().await.person;
        let customer = world.customer_as("Cal Customer").await.person;
        let active = world.member().await.person;
        for (path, id) in [(USERS, user), (CUSTOMERS, customer)] {
            let (date, mark) = (format!("/{id}/deactivation/review-date"), format!("/{id}/return-request"));
            let set = async |who: &Browser, body: Value| ask(who, Method::PUT, path, &date, Some(body)).await;
            let dismiss = async |who: &Browser| ask(who, Method::DELETE, path, &mark, None).await;
            if path == CUSTOMERS {
                assert_eq!(problem(&set(&owner, json!({ "review_on": "2031-03-01" })).await), "not-deactivated");
                ask(&owner, Method::POST, path, &format!("/{id}/deactivation"), None).await;
            }
            let changed = |page: &Page| page.json()["changed"].clone();
            for expected in [true, false] {
                assert_eq!(changed(&set(&owner, json!({ "review_on": "2031-03-01" })).await), json!(expected));
            }
            let account = ask(&owner, Method::GET, path, &format!("/{id}"), None).await.json()["account"].clone();
            assert_eq!(account["review_on"], json!("2031-03-01"));
            let stale = json!({ "review_on": "2031-04-01", "version": account["version"].as_i64().expect("a version") - 1 });
            assert_eq!(problem(&set(&owner, stale).await), "stale");
            assert_eq!(problem(&set(&owner, json!({ "review_on": "2001-03-01" })).await), "review-not-in-future");
            assert_eq!(set(&owner, json!({ "review": "2031-03-01" })).await.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(problem(&set(&seer, json!({})).await), "administrators-only");
            assert_eq!(changed(&set(&owner, json!({ "review_on": null })).await), json!(true));

            assert_eq!(changed(&dismiss(&owner).await), json!(false), "nobody asked");
            let (ws, now) = (world.ctx().workspace, world.sys.now());
            let asked = async move |tx: &mut tenure::store::Tx| attention::set_return_asked(tx, ws, id, now).await;
            world.write(asked).await.expect("asked");
            assert_eq!(problem(&dismiss(&seer).await), "administrators-only");
            let list = ask(&owner, Method::GET, path, "?view=needs-attention", None).await.json();
            assert_eq!(list["count"]["number"], json!(1));
            for expected in [true, false] {
                assert_eq!(changed(&dismiss(&owner).await), json!(expected));
            }
        }
        // Of the other kind, or not deactivated.
        let other = format!("/{user}/return-request");
        assert_eq!(ask(&owner, Method::DELETE, CUSTOMERS, &other, None).await.status, StatusCode::NOT_FOUND);
        let other = format!("/{active}/deactivation/review-date");
        let page = ask(&owner, Method::PUT, USERS, &other, Some(json!({ "review_on": "2031-03-01" }))).await;
        assert_eq!(problem(&page), "not-deactivated");
        world.check().await;
    }

    /// Rules 1, 6 and 8: by the handlers of users.
    async fn rule_08_the_api_deactivates_and_activates_customers_without_licenses(store: Store) {
        let world = World::new(store, 2).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (site.signed_in(OWNER).await, member(&world, &site).await);
        let cal = world.customer_as("Cal Customer").await.person;
        let organization = world.organization("Northwind", "").await;
        let ctx = world.ctx();
        let moved = async move |tx: &mut tenure::store::Tx| ops::organizations::move_to(tx, &ctx, cal, Some(organization)).await;
        world.write(moved).await.expect("moved");
        let ask = async |browser: &Browser, method: Method, tail: &str, body: Option<Value>| {
            ask(browser, method, CUSTOMERS, tail, body).await
        };
        let tail = format!("/{cal}");
        let all = ask(&owner, Method::GET, &tail, None).await.json();
        assert_eq!((&all["name"], &all["organization"]["name"]), (&json!("Cal Customer"), &json!("Northwind")));
        assert!(all["account"]["version"].is_number() && all["account"].get("holds_license").is_none(), "{all}");
        let public = ["created", "email", "id", "name", "organization", "status"];
        assert_eq!(keys(&ask(&seer, Method::GET, &tail, None).await.json()), public);
        let list = ask(&seer, Method::GET, &format!("?organization={organization}"), None).await.json();
        assert_eq!((&list["count"]["number"], keys(&list["customers"][0])), (&json!(1), public.to_vec()));
        for query in TELLING.map(|query| format!("?{query}")) {
            assert_eq!(problem(&ask(&seer, Method::GET, &query, None).await), "administrators-only", "{query}");
            assert_eq!(ask(&owner, Method::GET, &query, None).await.status, StatusCode::OK, "{query}");
        }
        for query in ["?team=none", "?role=member"] {
            let page = ask(&owner, Method::GET, query, None).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        }
        // A customer is no user, and the other way round.
        assert_eq!(get(&owner, &tail).await.status, StatusCode::NOT_FOUND);
        let user = format!("/{}", world.owner.person);
        assert_eq!(ask(&owner, Method::GET, &user, None).await.status, StatusCode::NOT_FOUND);
        assert_eq!(deactivate(&owner, cal, "", None).await.status, StatusCode::NOT_FOUND);

        let path = |query: &str| format!("/{cal}/deactivation{query}");
        let before = world.dump().await;
        let plan = ask(&owner, Method::POST, &path("?dry_run=true"), None).await.json();
        assert_eq!(world.dump().await, before, "a dry run changes nothing");
        let body = json!({ "reason": "Left", "review_on": "2026-09-01", "version": plan["version"] });
        let receipt = ask(&owner, Method::POST, &path(""), Some(body)).await.json();
        for same in ["person", "changed", "sessions_ended", "links_voided", "license_freed", "stays"] {
            assert_eq!(plan[same], receipt[same], "{same}");
        }
        assert_eq!((&receipt["changed"], &receipt["sessions_ended"]), (&json!(true), &json!(1)));
        assert_eq!((&receipt["license_freed"], &receipt["stays"]["organization"]["name"]), (&json!(false), &json!("Northwind")));
        assert_eq!(problem(&ask(&seer, Method::DELETE, &path(""), None).await), "administrators-only");
        let odd = ask(&owner, Method::DELETE, &path(""), Some(json!({ "way": "add" }))).await;
        assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY, "no license is asked for");
        assert_eq!(ask(&owner, Method::DELETE, &path("?way=add"), None).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let plan = ask(&owner, Method::DELETE, &path("?dry_run=true"), None).await.json();
        let receipt = ask(&owner, Method::DELETE, &path(""), None).await.json();
        for same in ["person", "changed", "added_licenses", "owned", "used"] {
            assert_eq!(plan[same], receipt[same], "{same}");
        }
        assert_eq!((&receipt["changed"], &receipt["used"], &receipt["owned"]), (&json!(true), &json!(2), &json!(2)));
        world.check().await;
    }
}
