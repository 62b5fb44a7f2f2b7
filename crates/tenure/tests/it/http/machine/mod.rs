//! The JSON API beside people's accounts: every answer is checked against the description.

mod accounts;
mod accounts_end;
mod conditions;
mod groups;
mod help;
mod many;
mod projects;
mod talk;
mod work;
mod work_many;
mod workspace;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{OWNER, openapi::check_answer, problem};
use crate::support::{
    http::{Browser, Page, Site},
    world::{World, address, any_name},
};

/// Somebody who calls the API.
pub(super) struct Caller(pub(super) Browser);

/// A call that is yet to be sent: its method, and its path as it is described.
pub(super) struct Call<'a> {
    caller: &'a Caller,
    method: Method,
    path: &'static str,
    filled: String,
    body: Option<Value>,
    if_match: Option<String>,
}

impl Caller {
    /// A member of their own.
    pub(super) async fn member(world: &World, site: &Site) -> Self {
        let name = any_name("Seer");
        world.joined_as(&name, domain::role::Role::Member).await;
        Self(site.signed_in(&address(&name)).await)
    }

    /// The owner of the world.
    pub(super) async fn owner(site: &Site) -> Self {
        Self(site.signed_in(OWNER).await)
    }

    /// A call of a path, whose parameters are filled with these in order.
    pub(super) fn call(
        &self,
        method: &str,
        path: &'static str,
        parameters: &[&dyn std::fmt::Display],
    ) -> Call<'_> {
        let mut filled = path.to_owned();
        for parameter in parameters {
            let (before, rest) = filled.split_once('{').expect("a parameter");
            let (_, after) = rest.split_once('}').expect("closed");
            filled = format!("{before}{parameter}{after}");
        }
        assert!(!filled.contains('{'), "{filled} has a parameter that is not filled");
        let method = method.parse().expect("a method");
        Call { caller: self, method, path, filled, body: None, if_match: None }
    }

    /// Reads a path.
    pub(super) async fn get(
        &self,
        path: &'static str,
        parameters: &[&dyn std::fmt::Display],
        query: &str,
    ) -> Value {
        self.call("GET", path, parameters).query(query).ok().await
    }
}

impl Call<'_> {
    pub(super) fn query(mut self, query: &str) -> Self {
        self.filled.push_str(query);
        self
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn if_match(mut self, version: impl std::fmt::Display) -> Self {
        self.if_match = Some(format!("\"{version}\""));
        self
    }

    /// Sends it; the answer is as described.
    pub(super) async fn send(self) -> Page {
        let mut request = self.caller.0.request(self.method.clone(), &self.filled);
        if let Some(tag) = self.if_match {
            request = request.header("if-match", tag);
        }
        if let Some(body) = self.body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let page = self.caller.0.send(request).await;
        check_answer(&self.method.as_str().to_lowercase(), self.path, &page);
        page
    }

    /// The JSON of an answer that says yes.
    #[track_caller]
    pub(super) fn ok(self) -> impl Future<Output = Value> {
        let at = std::panic::Location::caller();
        async move {
            let page = self.send().await;
            assert!(page.status.is_success(), "{at}: {page:?}");
            page.json()
        }
    }

    /// The status and the problem of an answer that says no.
    pub(super) async fn no(self) -> (u16, String) {
        let page = self.send().await;
        (page.status.as_u16(), problem(&page))
    }

    /// The fields that an answer says are wrong.
    pub(super) async fn wrong(self) -> Vec<String> {
        let page = self.send().await;
        assert_eq!(
            (page.status, problem(&page).as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            "{page:?}"
        );
        let body = page.json();
        let errors = body["errors"].as_array().expect("errors");
        errors.iter().map(|one| text(one.get("pointer").unwrap_or(&one["parameter"]))).collect()
    }
}

/// A text of an answer.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}")).to_owned()
}

/// One field of each of a list.
pub(super) fn each(list: &Value, field: &str) -> Vec<Value> {
    list.as_array().expect("a list").iter().map(|one| one[field].clone()).collect()
}

/// Whether something changed.
pub(super) fn changed(changed: bool) -> Value {
    json!({ "changed": changed })
}
