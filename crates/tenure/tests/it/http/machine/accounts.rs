//! Coming and changing, by machine: invitations, links, profiles, roles, ownership.

use domain::role::Role;
use serde_json::{Value, json};

use super::{Caller, changed, each, text};
use crate::support::{
    both_engines,
    http::Site,
    world::{PASSWORD, World, address, any_name, changed_tables},
};

const USERS: &str = "/api/v1/users";
const USER: &str = "/api/v1/users/{id}";
const CUSTOMERS: &str = "/api/v1/customers";
const CUSTOMER: &str = "/api/v1/customers/{id}";
const INVITATION: &str = "/api/v1/users/{id}/invitation";
const INVITATION_OF_CUSTOMER: &str = "/api/v1/customers/{id}/invitation";
const ROLE: &str = "/api/v1/users/{id}/role";
const OWNERSHIP: &str = "/api/v1/ownership";

/// The page that a link leads to, from its path on.
fn path_of<'a>(site: &Site, link: &'a str) -> &'a str {
    link.strip_prefix(site.url.as_str()).unwrap_or_else(|| panic!("a link of this desk: {link}"))
}

both_engines! {
    /// Rule 12.
    async fn rule_12_users_are_invited_again_and_withdrawn_by_machine(store: Store) {
        let world = World::new(store, 3).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let team = world.team("Support").await;
        let grace = json!({ "email": "grace@acme.example", "name": "Grace Hopper", "role": "administrator", "teams": [team] });
        let before = world.dump().await;
        let plan = owner.call("POST", USERS, &[]).query("?dry_run=true").body(grace.clone()).ok().await;
        assert_eq!(plan, json!({ "license_taken": true, "added_licenses": 0 }));
        assert!(changed_tables(&before, &world.dump().await).is_empty(), "a dry run changes nothing");
        let page = owner.call("POST", USERS, &[]).body(grace.clone()).send().await;
        let made = page.json();
        let id = text(&made["id"]);
        assert_eq!((page.status.as_u16(), page.location()), (201, format!("{USERS}/{id}").as_str()));
        let user = owner.get(USER, &[&id], "").await;
        assert_eq!((&user["status"], &user["role"], &user["account"]["holds_license"]), (&json!("invited"), &json!("administrator"), &json!(true)));
        assert_eq!(each(&user["teams"], "name"), ["Support"]);
        let (first, browser) = (text(&made["link"]), site.browser());
        assert_eq!(browser.get(path_of(&site, &first)).await.status.as_u16(), 200);
        let again = owner.call("POST", INVITATION, &[&id]).body(json!({})).ok().await;
        assert_eq!(browser.get(path_of(&site, &first)).await.status.as_u16(), 410, "the link before is void");
        assert_eq!(browser.get(path_of(&site, &text(&again["link"]))).await.status.as_u16(), 200);
        assert_eq!(owner.call("POST", USERS, &[]).body(grace).no().await, (409, "address-taken".into()));
        world.member().await;
        let more = |add: bool| json!({ "email": "more@acme.example", "name": "More", "add_license": add });
        assert_eq!(owner.call("POST", USERS, &[]).body(more(false)).no().await, (409, "licenses-exhausted".into()));
        assert_eq!(owner.call("POST", USERS, &[]).body(more(true)).ok().await["added_licenses"], 1);
        assert_eq!(owner.call("DELETE", INVITATION, &[&id]).query("?dry_run=true").ok().await, json!({ "license_freed": true }));
        assert_eq!(owner.get(USER, &[&id], "").await["status"], "invited");
        assert_eq!(owner.call("DELETE", INVITATION, &[&id]).ok().await, json!({ "license_freed": true }));
        assert_eq!(owner.call("GET", USER, &[&id]).no().await, (404, "not-found".into()));
        let member = world.deactivated().await.person;
        assert_eq!(owner.call("DELETE", INVITATION, &[&member]).no().await, (409, "not-invited".into()));
        assert_eq!(owner.call("POST", USERS, &[]).body(json!({ "name": "x" })).wrong().await, ["/email"]);
        let king = json!({ "email": "k@acme.example", "name": "K", "role": "owner" });
        assert_eq!(owner.call("POST", USERS, &[]).body(king).no().await, (422, "role-not-given".into()));
        world.check().await;
    }

    /// Rule 13.
    async fn rule_13_the_address_of_a_deactivated_person_offers_to_activate_them(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let name = any_name("Ada");
        let ada = world.joined_as(&name, Role::Member).await.person;
        world.deactivate(ada).await.expect("a deactivation");
        for (path, body) in [
            (USERS, json!({ "email": address(&name), "name": "Other" })),
            (CUSTOMERS, json!({ "email": address(&name), "name": "Other" })),
            (CUSTOMERS, json!({ "email": address(&name), "name": "Other", "invite": true })),
        ] {
            let page = owner.call("POST", path, &[]).body(body).send().await.json();
            assert_eq!((&page["type"], &page["person"]), (&json!("/problems/address-of-deactivated"), &json!(ada)));
            assert_eq!(page["activate"], format!("/api/v1/users/{ada}/deactivation"));
        }
        let at = format!("/api/v1/users/{ada}/deactivation");
        let activated = owner.0.send(owner.0.request(reqwest::Method::DELETE, &at)).await;
        assert_eq!(activated.json()["changed"], true, "what is offered works");
    }

    async fn customers_are_added_and_invited_by_machine(store: Store) {
        let world = World::new(store, 1).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let globex = world.organization("Globex", "globex.example").await;
        let make = |email: &str, more: Value| {
            let mut body = json!({ "email": email, "name": "Ben Gardner" });
            body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            owner.call("POST", CUSTOMERS, &[]).body(body)
        };
        let added = make("ben@globex.example", json!({})).ok().await;
        assert_eq!((&added["link"], &added["expires"]), (&Value::Null, &Value::Null));
        let ben = owner.get(CUSTOMER, &[&text(&added["id"])], "").await;
        assert_eq!((&ben["status"], &ben["organization"]["id"]), (&json!("active"), &json!(globex)));
        let invited = make("mei@other.example", json!({ "invite": true, "organization": globex })).ok().await;
        let mei = text(&invited["id"]);
        let link = text(&invited["link"]);
        assert_eq!(site.browser().get(path_of(&site, &link)).await.status.as_u16(), 200);
        assert_eq!(owner.get(CUSTOMER, &[&mei], "").await["organization"]["id"], json!(globex));
        owner.call("POST", INVITATION_OF_CUSTOMER, &[&mei]).ok().await;
        assert_eq!(site.browser().get(path_of(&site, &link)).await.status.as_u16(), 410);
        assert_eq!(owner.call("DELETE", INVITATION_OF_CUSTOMER, &[&mei]).ok().await, json!({ "license_freed": false }));
        assert_eq!(owner.call("GET", CUSTOMER, &[&mei]).no().await, (404, "not-found".into()));
        assert_eq!(make("x@y.example", json!({})).query("?dry_run=true").wrong().await, ["dry_run"], "there is nothing to preview");
        world.check().await;
    }

    async fn a_password_link_is_made_by_machine_and_lets_in(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let name = any_name("Ada");
        let ada = world.joined_as(&name, Role::Member).await.person;
        let cal = world.customer_as(&any_name("Cal")).await.person;
        let path = "/api/v1/users/{id}/password-link";
        let link = text(&owner.call("POST", path, &[&ada]).ok().await["link"]);
        let chosen = "seven quiet harbours under moss";
        let set = site.browser().post(path_of(&site, &link), &[("password", chosen)]).await;
        assert_eq!(set.status.as_u16(), 303, "{set:?}");
        let signed = site.browser().post("/sign-in", &[("email", &address(&name)), ("password", chosen)]).await;
        assert_eq!(signed.status.as_u16(), 303, "{signed:?}");
        let of_customer = owner.call("POST", "/api/v1/customers/{id}/password-link", &[&cal]).ok().await;
        assert!(text(&of_customer["link"]).contains("/portal/"), "{of_customer}");
        let (off, invited) = (world.deactivated().await.person, world.invited().await.0);
        assert_eq!(owner.call("POST", path, &[&off]).no().await, (409, "deactivated-gets-no-link".into()));
        assert_eq!(owner.call("POST", path, &[&invited]).no().await, (409, "invited-is-sent-again".into()));
        world.check().await;
    }

    async fn profiles_are_changed_by_machine_by_whom_the_rules_let(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (Caller::owner(&site).await, Caller::member(&world, &site).await);
        let (ada, cal) = (world.member().await.person, world.customer_as(&any_name("Cal")).await.person);
        let version = owner.get(USER, &[&ada], "").await["account"]["version"].clone();
        let edit = |body: Value| owner.call("PATCH", USER, &[&ada]).body(body);
        let now = edit(json!({ "name": "Ada King", "email": "king@acme.example", "time_zone": "Europe/London" })).if_match(&version).ok().await;
        assert_eq!((&now["name"], &now["email"], &now["time_zone"]), (&json!("Ada King"), &json!("king@acme.example"), &json!("Europe/London")));
        assert_eq!(edit(json!({ "name": "Late" })).if_match(&version).no().await, (412, "stale".into()));
        assert_eq!(edit(json!({ "email": crate::http::OWNER })).no().await, (409, "address-taken".into()));
        assert_eq!(edit(json!({ "time_zone": "Mars/Base" })).wrong().await, ["/time_zone"]);
        assert_eq!(edit(json!({ "role": "owner" })).wrong().await, ["/role"]);
        assert_eq!(owner.call("PATCH", CUSTOMER, &[&cal]).body(json!({ "name": "Cal King" })).ok().await["kind"], "customer");
        assert_eq!(owner.call("PATCH", CUSTOMER, &[&ada]).no().await, (404, "not-found".into()));
        assert_eq!(seer.call("PATCH", USER, &[&ada]).no().await, (403, "administrators-only".into()));
        let own = |body: Value| seer.call("PATCH", "/api/v1/me", &[]).body(body);
        let me = own(json!({ "name": "Sea Seer", "theme": "dark" })).ok().await;
        assert_eq!((&me["name"], &me["theme"]), (&json!("Sea Seer"), &json!("dark")));
        assert_eq!(own(json!({ "email": "other@acme.example" })).no().await, (403, "administrators-only".into()));
        assert_eq!(own(json!({ "theme": "pink" })).wrong().await, ["/theme"]);
        world.check().await;
    }

    /// Rule 9.
    async fn rule_09_roles_and_ownership_pass_by_machine_as_the_rules_say(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let name = any_name("Adm");
        let adm = world.joined_as(&name, Role::Member).await.person;
        let give = |role: &str| owner.call("PUT", ROLE, &[&adm]).body(json!({ "role": role }));
        for expected in [true, false] {
            assert_eq!(give("administrator").ok().await, changed(expected));
        }
        assert_eq!(give("owner").no().await, (422, "role-not-given".into()));
        assert_eq!(give("king").wrong().await, ["/role"]);
        assert_eq!(owner.call("PUT", ROLE, &[&adm]).wrong().await, ["/role"]);
        let off = world.deactivated().await.person;
        assert_eq!(owner.call("PUT", ROLE, &[&off]).body(json!({ "role": "administrator" })).no().await, (409, "deactivated-gets-nothing-new".into()));
        let admin = Caller(site.signed_in(&address(&name)).await);
        assert_eq!(admin.call("PUT", ROLE, &[&adm]).body(json!({ "role": "member" })).no().await, (409, "own-role".into()));
        let pass = |caller: &Caller, to: domain::id::PersonId, password: &str| {
            let body = json!({ "owner": to, "password": password });
            let caller = Caller(caller.0.twin());
            async move { caller.call("PUT", OWNERSHIP, &[]).body(body).send().await }
        };
        let problem = |page: crate::support::http::Page| (page.status.as_u16(), crate::http::problem(&page));
        assert_eq!(problem(pass(&owner, adm, "not my password at all").await), (422, "wrong-password".into()));
        assert_eq!(problem(pass(&owner, adm, "").await), (422, "invalid".into()));
        assert_eq!(problem(pass(&owner, off, PASSWORD).await), (409, "new-owner-not-active".into()));
        assert_eq!(problem(pass(&admin, adm, PASSWORD).await), (403, "owner-only".into()));
        assert_eq!(pass(&owner, adm, PASSWORD).await.json(), changed(true));
        assert_eq!(owner.get(USER, &[&adm], "").await["role"], "owner");
        world.check().await;
    }
}
