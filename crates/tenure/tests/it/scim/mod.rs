//! SCIM 2.0, as directories really speak it.

mod entra;
mod filters;
mod groups;
mod lists;
mod okta;
mod pages;
mod patches;
mod people;
mod standard;

use domain::{id::PersonId, token::Scope};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tenure::{
    ops::{self, scim::Settings, tokens::Made},
    scim::schema::{ENTERPRISE, GROUP, USER},
};

use crate::support::{
    http::{Browser, Page, Site},
    world::World,
};

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A directory that syncs with a desk.
struct Directory {
    program: Browser,
    made: Made,
}

impl Directory {
    /// One that brings in users.
    async fn new(world: &World, site: &Site) -> Self {
        Self::of(world, site, Scope::Scim).await
    }

    async fn of(world: &World, site: &Site, scope: Scope) -> Self {
        let made = world.service_token(&[scope]).await;
        let directory = Self { program: site.browser().with_token(&made.secret.reveal()), made };
        // So that what a test compares before and after holds no such note.
        directory.noted(world).await;
        directory
    }

    /// With these settings of its token.
    async fn set(&self, world: &World, settings: Settings) {
        let (ctx, token) = (world.ctx(), self.made.row.token.id);
        let done = world.write(async move |tx| ops::scim::set(tx, &ctx, token, settings).await).await;
        assert!(done.expect("settings"));
    }

    /// Waits until its use is noted, which is a row by itself.
    async fn noted(&self, world: &World) {
        assert_eq!(self.get("/Users?count=0").await.status, StatusCode::OK);
        world.use_is_noted(self.made.row.token.id).await;
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.program.request(method, &format!("/scim/v2{path}"))
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Page {
        let request = self.request(method, path).header("content-type", "application/scim+json");
        let page = self.program.send(request.body(body.to_string())).await;
        let kind = page.headers.get("content-type").map(|kind| kind.to_str().expect("text"));
        let expected = (!page.text.is_empty()).then_some("application/scim+json");
        assert_eq!(kind, expected, "{path}: {page:?}");
        page
    }

    async fn get(&self, path: &str) -> Page {
        self.program.send(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Page {
        self.send(Method::POST, path, body).await
    }

    async fn put(&self, path: &str, body: &Value) -> Page {
        self.send(Method::PUT, path, body).await
    }

    async fn delete(&self, path: &str) -> Page {
        self.program.send(self.request(Method::DELETE, path)).await
    }

    /// A PATCH that is answered with the resource.
    async fn patch(&self, path: &str, operations: &Value) -> Value {
        let page = self.try_patch(path, operations).await;
        assert_eq!(page.status, StatusCode::OK, "{operations}: {page:?}");
        page.json()
    }

    async fn try_patch(&self, path: &str, operations: &Value) -> Page {
        self.send(Method::PATCH, path, &json!({ "schemas": [PATCH], "Operations": operations })).await
    }

    /// A new user; answers the resource.
    async fn create(&self, body: &Value) -> Value {
        let page = self.post("/Users", body).await;
        assert_eq!(page.status, StatusCode::CREATED, "{body}: {page:?}");
        let user = page.json();
        assert_eq!(page.location(), user["meta"]["location"].as_str().expect("a location"));
        user
    }

    async fn user(&self, email: &str) -> Value {
        self.create(&json!({ "schemas": [USER], "userName": email, "displayName": email })).await
    }

    /// Those whom a filter finds, by the names of their accounts.
    async fn found(&self, filter: &str) -> Vec<String> {
        let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let page = self.get(&format!("/Users?filter={filter}")).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        let list = page.json();
        let found: Vec<String> = list["Resources"].as_array().expect("a list").iter().map(name).collect();
        assert_eq!(list["totalResults"], found.len(), "{list}");
        found
    }
}

fn name(user: &Value) -> String {
    user["userName"].as_str().expect("a name").to_owned()
}

/// Where a resource is, below the base.
fn at(kind: &str, resource: &Value) -> String {
    format!("/{kind}/{}", resource["id"].as_str().expect("an id"))
}

fn path(user: &Value) -> String {
    at("Users", user)
}

fn person(user: &Value) -> PersonId {
    PersonId::from_uuid(user["id"].as_str().expect("an id").parse().expect("an id"))
}

/// Status, `scimType` and detail of an error.
#[track_caller]
fn error(page: &Page) -> (u16, String, String) {
    let body = page.json();
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{page:?}");
    assert_eq!(body["status"], page.status.as_str(), "a string: {page:?}");
    assert_eq!(page.headers["content-type"], "application/scim+json");
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    (page.status.as_u16(), text("scimType"), text("detail"))
}

/// An account as Entra ID creates it.
fn entra_user(email: &str, external_id: &str) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": external_id,
        "userName": email,
        "active": true,
        "displayName": "Ada King",
        "emails": [{ "primary": true, "type": "work", "value": email }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": "Ada King", "familyName": "King", "givenName": "Ada" },
        "title": "Analyst",
        "phoneNumbers": [{ "type": "work", "value": "+44 20 7946 0000" }],
        ENTERPRISE: { "department": "Engines", "employeeNumber": "1843" },
    })
}

fn group(name: &str, members: &[&Value]) -> Value {
    let members: Vec<Value> = members.iter().map(|user| json!({ "value": user["id"] })).collect();
    json!({ "schemas": [GROUP], "displayName": name, "members": members })
}
