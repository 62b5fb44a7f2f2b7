//! `GET /api/v1/customers` and `/customers/{id}`: customers as users and as administrators see them.

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    response::Response,
};
use domain::{
    id::{GroupId, PersonId},
    person::{Kind, StatusWord},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::Answer,
    people::{self, Account, Counted, InGroup},
    problems::{OfUser, OfUsers},
    query::Query,
};
use crate::{app::App, store::people::PersonRow, web::session::Session};

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Customer {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    /// The name shown.
    name: String,
    /// The email address.
    email: String,
    /// The state of the account.
    #[schema(value_type = String, pattern = "^(invited|active|deactivated)$", example = "active")]
    status: StatusWord,
    /// The organization the customer is in; null for none.
    organization: Option<InGroup>,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// What only administrators see; absent for everybody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account>,
}

impl Customer {
    fn seen(row: PersonRow, groups: Vec<(GroupId, String)>, session: &Session) -> Self {
        let account = Account::seen(&row, session);
        let person = row.person;
        Self {
            id: person.id,
            status: person.status.word(),
            name: person.name,
            email: person.email,
            organization: InGroup::each(groups).into_iter().next(),
            created: row.created,
            account,
        }
    }
}

/// One customer.
#[utoipa::path(
    get, path = "/api/v1/customers/{id}", operation_id = "customer", tag = "customers",
    params(("id" = String, Path, format = Uuid, description = "The customer.")),
    responses((status = 200, description = "The customer; for administrators with the version as `ETag`.", body = Customer), OfUser),
    security(("session" = []))
)]
pub(super) async fn customer(State(app): State<App>, session: Session, Path(text): Path<String>) -> Answer {
    let (row, groups) = people::one(&app, &session, Kind::Customer, &text).await?;
    let version = row.person.version;
    Ok(people::versioned(version, &session, Json(Customer::seen(row, groups, &session))))
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name in the JSON")]
pub(super) struct Customers {
    /// The customers, in the order asked for.
    customers: Vec<Customer>,
    /// How many customers match, on all pages.
    count: Counted,
    /// The `after` of the page that follows; null on the last.
    next: Option<String>,
    /// The `before` of the page that goes before; null on the first.
    previous: Option<String>,
}

/// The parameters of [`customers`]: those of the grid but its headings.
const PARAMETERS: &[&str] = &[
    "view",
    "organization",
    "status",
    "seen",
    "created",
    "returns",
    "overdue",
    "q",
    "sort",
    "dir",
    "after",
    "before",
    "limit",
];

/// Customers, page by page.
///
/// What depends on last sign-ins, review dates or asks to return is for administrators: the views
/// `never-signed-in` and `needs-attention`, the sort `last-sign-in`, the status `expired` and the filters `seen`, `returns` and
/// `overdue`.
#[utoipa::path(
    get, path = "/api/v1/customers", operation_id = "customers", tag = "customers",
    params(
        ("view" = Option<String>, Query, pattern = "^(all|active|invited|deactivated|never-signed-in|needs-attention)?$", description = "`all`, `active`, `invited`, `deactivated`, `never-signed-in` or `needs-attention`."),
        ("organization" = Option<String>, Query, description = "The id of an organization, or `none`."),
        ("status" = Option<String>, Query, description = "`invited`, `expired`, `active` or `deactivated`."),
        ("seen" = Option<String>, Query, description = "`never`; `since-DAYS`: signed in within so many days; `before-DAYS`: active for so many days and not signed in within them."),
        ("created" = Option<String>, Query, pattern = "^(last-[0-9]{1,4}|([0-9]{4}-[0-9]{2}-[0-9]{2})?\\.\\.([0-9]{4}-[0-9]{2}-[0-9]{2})?)?$", description = "`last-DAYS`, or two dates as in `2026-01-01..2026-01-31`, either end open."),
        ("returns" = Option<String>, Query, description = "`1`: only those who asked to return."),
        ("overdue" = Option<String>, Query, description = "`1`: only those whose review date has passed."),
        ("q" = Option<String>, Query, description = "A part of the name or of the email address, in any case."),
        ("sort" = Option<String>, Query, description = "`name`, `email`, `status`, `last-sign-in` or `created`."),
        ("dir" = Option<String>, Query, description = "`asc` or `desc`."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("before" = Option<String>, Query, description = "The `previous` of the page after."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many customers a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of customers.", body = Customers), OfUsers),
    security(("session" = []))
)]
pub(super) async fn customers(
    State(app): State<App>,
    session: Session,
    query: Query,
    RawQuery(text): RawQuery,
) -> Result<Json<Customers>, Response> {
    let page = people::page(&app, &session, Kind::Customer, PARAMETERS, &query, text.as_deref()).await?;
    Ok(Json(Customers {
        customers: page.rows.into_iter().map(|row| Customer::seen(row.row, row.groups, &session)).collect(),
        count: page.count.into(),
        next: page.next.map(|cursor| cursor.to_string()),
        previous: page.previous.map(|cursor| cursor.to_string()),
    }))
}
