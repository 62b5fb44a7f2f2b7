//! The problems (RFC 9457) that the API answers, as its description lists them: each example is drawn by the
//! code that draws the real ones.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::{
    Refusal,
    license::{Licenses, MOST_OWNED},
    token::Scope,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        Content, Ref, RefOr, Response,
        example::{Example, ExampleBuilder},
        path::Operation,
        response::ResponseBuilder,
    },
};

use super::{answer, body, described, query};
use crate::{
    error::Error,
    web::{
        body::too_large,
        failure::{self, Plain, Wrong},
        once, security, visit,
    },
};

/// Why a request was not answered (RFC 9457). Nothing was done. Some problems carry more, beside these.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only described: failure.rs draws it")]
#[schema(example = json!({
    "type": "/problems/not-found", "title": "Not Found", "status": 404, "detail": "There is no such person.",
    "request_id": "01960000-0000-7000-8000-000000000001"
}))]
pub(super) struct Problem {
    /// The kind of problem; stable.
    #[schema(format = "uri-reference")]
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// What happened, for people.
    detail: String,
    /// The id of the request, as the log names it.
    #[schema(format = Uuid)]
    request_id: String,
    /// What is wrong where.
    #[schema(required = false)]
    errors: Option<Vec<Wrong>>,
    /// Of `licenses-exhausted`: the licenses at that moment, with what one costs.
    #[schema(required = false, value_type = Option<Object>)]
    licenses: Option<Licenses>,
    /// Of `licenses-exhausted`: how many the step needs.
    #[schema(required = false)]
    needed: Option<i64>,
    /// Of `licenses-exhausted`: what can be done about it.
    #[schema(required = false)]
    choices: Option<Vec<LicenseChoice>>,
    /// Of `insufficient-scope`: the scope that is needed.
    #[schema(required = false)]
    scope: Option<String>,
    /// Of `address-of-deactivated`: the path whose DELETE activates who has the address.
    #[schema(required = false)]
    activate: Option<String>,
}

/// How a license can be come by.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only described: failure.rs draws it")]
pub(super) struct LicenseChoice {
    /// What is chosen.
    #[schema(pattern = "^(add|swap)$")]
    choice: String,
    /// The `way` of an activation, which does it in the same step.
    way: String,
    /// The method of the request that does it by itself.
    method: String,
    /// The path of that request; `{id}` is who makes room.
    path: String,
    /// The body of that request.
    #[schema(required = false, value_type = Option<Object>)]
    body: Option<Value>,
}

enum Sample {
    Error(Error),
    Plain(Plain),
}

impl From<Refusal> for Sample {
    fn from(refusal: Refusal) -> Self {
        Self::Error(refusal.into())
    }
}

impl From<Error> for Sample {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Plain> for Sample {
    fn from(plain: Plain) -> Self {
        Self::Plain(plain)
    }
}

impl Sample {
    fn body(&self) -> Value {
        let mut body = match self {
            Self::Error(error) => failure::body_of(error),
            Self::Plain(plain) => failure::body_of_plain(plain),
        };
        body["request_id"] = json!("01960000-0000-7000-8000-000000000001");
        body
    }
}

type Responses = BTreeMap<String, RefOr<Response>>;

fn content(samples: &[(String, Value)]) -> Content {
    let mut content = Content::new(Some(Ref::from_schema_name("Problem")));
    for (name, body) in samples {
        let example: Example = ExampleBuilder::new().value(Some(body.clone())).build();
        content.examples.insert(name.clone(), RefOr::T(example));
    }
    content
}

/// Groups problems by status.
fn responses(samples: impl IntoIterator<Item = Sample>) -> Responses {
    let mut by_status = BTreeMap::<u16, Vec<(String, Value)>>::new();
    for sample in samples {
        let body = sample.body();
        let status = body["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(500);
        let name = body["type"].as_str().unwrap_or_default().trim_start_matches("/problems/").to_owned();
        by_status.entry(status).or_default().push((name, body));
    }
    by_status
        .into_iter()
        .map(|(status, samples)| (status.to_string(), RefOr::T(response(status, &samples))))
        .collect()
}

fn response(status: u16, samples: &[(String, Value)]) -> Response {
    let names: Vec<_> = samples.iter().map(|(name, _)| format!("`{name}`")).collect();
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let words = format!("{}: {}.", reason.unwrap_or("Error"), names.join(", "));
    ResponseBuilder::new().description(words).content("application/problem+json", content(samples)).build()
}

/// Of every request: the request itself, its session, and our own failures.
fn reading() -> Vec<Sample> {
    vec![
        Plain::new(StatusCode::BAD_REQUEST, "bad-request", visit::NO_HOST).into(),
        Refusal::NotSignedIn.into(),
        Refusal::TokenInvalid.into(),
        Refusal::TokenSuspended.into(),
        Refusal::TokenExpired { expired: Timestamp::UNIX_EPOCH }.into(),
        Refusal::InsufficientScope { scope: Scope::People }.into(),
        Refusal::TokenWithoutPerson.into(),
        Refusal::ActorDeactivated.into(),
        visit::unknown_host().into(),
        Error::TooMany { retry_after: 12 }.into(),
        Error::Internal(String::new()).into(),
        visit::timed_out().into(),
    ]
}

/// Of a request with an `Idempotency-Key`.
fn keyed() -> Vec<Sample> {
    [once::malformed(), once::reused(), once::in_progress(), once::answer_lost()].map(Sample::from).into()
}

/// Adds the problems of the key to those that an operation has.
pub(super) fn add_keyed(operation: &mut Operation) {
    add(operation, keyed());
}

/// Adds the problem of a version where nothing has one.
pub(super) fn add_unversioned(operation: &mut Operation) {
    add(operation, vec![described::unversioned().into()]);
}

/// Adds the problem of a parameter where there is none.
pub(super) fn add_asking(operation: &mut Operation) {
    add(operation, asking());
}

fn add(operation: &mut Operation, samples: Vec<Sample>) {
    for sample in samples {
        let body = sample.body();
        let name = body["type"].as_str().unwrap_or_default().trim_start_matches("/problems/").to_owned();
        let status = body["status"].to_string();
        let there = operation.responses.responses.entry(status).or_insert_with(|| {
            let number = body["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(500);
            RefOr::T(response(number, &[]))
        });
        let RefOr::T(response) = there else { continue };
        let listed = response.description.trim_end_matches('.').trim_end_matches(": ").to_owned();
        let comma = if listed.contains('`') { "," } else { ":" };
        response.description = format!("{listed}{comma} `{name}`.");
        let kind = "application/problem+json".to_owned();
        let RefOr::T(content) = response.content.entry(kind).or_insert_with(|| RefOr::T(content(&[]))) else {
            continue;
        };
        content.examples.insert(name, RefOr::T(ExampleBuilder::new().value(Some(body)).build()));
    }
}

/// Of a request that names a user.
fn finding() -> Vec<Sample> {
    vec![Error::NotFound("person").into()]
}

/// Of a request that changes something, whoever may make it.
fn sending() -> Vec<Sample> {
    let wrong = body::parse::<Anything>(b"{\"reason\":").err();
    let unknown = query::invalid(vec![Wrong::parameter("dryrun", "There is no such parameter.")]);
    let mut samples: Vec<Sample> = vec![
        Plain::new(StatusCode::FORBIDDEN, "cross-origin", security::CrossOrigin.to_string()).into(),
        too_large(1 << 20).into(),
        body::wrong_kind().into(),
        unknown.into(),
    ];
    samples.extend(wrong.map(Sample::from));
    samples
}

/// Of a request by which an administrator changes something.
fn writing() -> Vec<Sample> {
    let mut samples = sending();
    samples.extend([Refusal::AdministratorsOnly.into(), Error::Stale.into()]);
    samples
}

/// Of a change that may name the version it was decided on.
fn versioned() -> Vec<Sample> {
    vec![Error::Stale.into(), answer::precondition_failed().into()]
}

/// Of a parameter that is not understood.
fn asking() -> Vec<Sample> {
    vec![query::invalid(vec![Wrong::parameter("sort", "This is one of name, email.")]).into()]
}

/// Of a request that names something by its id.
fn naming(what: &'static str) -> Vec<Sample> {
    vec![Error::NotFound(what).into()]
}

/// Any body.
#[derive(serde::Deserialize)]
struct Anything {}

fn of_deactivating() -> Vec<Sample> {
    let today = jiff::civil::date(2027, 3, 1);
    vec![
        Refusal::DeactivateOwner.into(),
        Refusal::DeactivateSelf.into(),
        Refusal::InvitedIsWithdrawn.into(),
        Refusal::ReviewNotInFuture { today }.into(),
    ]
}

/// Of setting a review date.
fn of_review() -> Vec<Sample> {
    let today = jiff::civil::date(2027, 3, 1);
    vec![Refusal::NotDeactivated.into(), Refusal::ReviewNotInFuture { today }.into()]
}

fn of_activating() -> Vec<Sample> {
    let licenses = Licenses { owned: 10, used: 10, price: None };
    vec![
        Refusal::InvitedIsSentAgain.into(),
        Refusal::LicensesExhausted { licenses, needed: 1 }.into(),
        Refusal::LicenseIsFree.into(),
        Refusal::SwapNotPossible.into(),
        Refusal::OwnedOutOfRange { most: MOST_OWNED }.into(),
    ]
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $($list:expr),+;)*) => {$(
        $(#[$doc])*
        pub(in crate::web) struct $name;

        impl IntoResponses for $name {
            fn responses() -> Responses {
                responses([$($list),+].into_iter().flatten())
            }
        }
    )*};
}

pub(super) mod accounts;
pub(super) mod groups;
pub(super) mod help;
pub(super) mod many;
pub(super) mod tokens;
pub(super) mod webhooks;
pub(super) mod work;
pub(super) mod workspace;

problems! {
    /// Problems of [`super::me`].
    OfMe = reading();
    /// Problems of [`crate::web::live::events`].
    OfEvents = reading(), vec![
        query::invalid(vec![Wrong::parameter("after", "This is the id of an event: a whole number from 0 on.")]).into(),
    ];
    /// Problems of [`super::users::users`].
    OfUsers = reading(), vec![
        Refusal::AdministratorsOnly.into(),
        query::invalid(vec![Wrong::parameter("sort", "This is one of name, email.")]).into(),
    ];
    /// Problems of [`super::users::user`].
    OfUser = reading(), finding();
    /// Problems of [`super::deactivation::deactivate`].
    OfDeactivate = reading(), finding(), writing(), versioned(), of_deactivating();
    /// Problems of [`super::deactivation::activate`], with those of the deactivation that makes room.
    OfActivate = reading(), finding(), writing(), versioned(), of_deactivating(), of_activating();
    /// Problems of [`super::deactivation::activate_customer`].
    OfActivateCustomer = reading(), finding(), writing(), versioned(), vec![Refusal::InvitedIsSentAgain.into()];
    /// Problems of [`super::review::set_of_user`].
    OfReview = reading(), finding(), writing(), versioned(), of_review();
    /// Problems of [`super::review::dismiss_of_user`].
    OfReturn = reading(), finding(), writing();
}
