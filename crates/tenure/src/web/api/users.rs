//! `GET /api/v1/users` and `/users/{id}`: users as their colleagues and as administrators see them.

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Response},
};
use domain::{
    Refusal,
    id::{GroupId, PersonId},
    person::{Kind, Status, StatusWord},
    role::Role,
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    problems::{OfUser, OfUsers},
    query::{Query, at_parameters},
};
use crate::{
    app::App,
    error::{Error, Result},
    store::{
        grid::{self, Count, GridQuery},
        people::{self, PersonRow},
        teams,
    },
    web::{failure::Plain, session::Session},
};

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct User {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    /// The name shown.
    name: String,
    /// The email address.
    email: String,
    /// What the user may do.
    #[schema(value_type = String, pattern = "^(owner|administrator|member)$", example = "member")]
    role: Role,
    /// The state of the account.
    #[schema(value_type = String, pattern = "^(invited|active|deactivated)$", example = "active")]
    status: StatusWord,
    /// The teams the user is in, by name.
    teams: Vec<InTeam>,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// What only administrators see; absent for everybody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account>,
}

/// A team a user is in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InTeam {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: GroupId,
    /// Its name.
    name: String,
}

/// What only administrators see of a user (product.md section 1).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Account {
    /// Counts the changes of the user: send it back to have a change refused when there was another.
    version: i64,
    /// Since when the status is what it is.
    #[schema(value_type = String, format = DateTime)]
    status_since: Timestamp,
    /// Who deactivated the user; null also when it was done at the machine.
    #[schema(value_type = Option<String>, format = Uuid)]
    deactivated_by: Option<PersonId>,
    /// Why the user is deactivated.
    reason: Option<String>,
    /// When to look at the deactivation again.
    #[schema(value_type = Option<String>, format = Date)]
    review_on: Option<Date>,
    /// When the invitation stops working.
    #[schema(value_type = Option<String>, format = DateTime)]
    invitation_expires: Option<Timestamp>,
    /// Whether the user holds a license.
    holds_license: bool,
    /// The last sign-in.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sign_in: Option<Timestamp>,
    /// When the deactivated user asked to return.
    #[schema(value_type = Option<String>, format = DateTime)]
    return_asked: Option<Timestamp>,
}

impl User {
    /// As this session may see the person (ASVS 5.0 8.2.3).
    pub(super) fn seen(row: PersonRow, teams: Vec<(GroupId, String)>, session: &Session) -> Self {
        let account = session.administers().then(|| Account::of(&row));
        let person = row.person;
        Self {
            id: person.id,
            status: person.status.word(),
            name: person.name,
            email: person.email,
            role: person.role,
            teams: teams.into_iter().map(|(id, name)| InTeam { id, name }).collect(),
            created: row.created,
            account,
        }
    }
}

impl Account {
    fn of(row: &PersonRow) -> Self {
        let person = &row.person;
        let (deactivated_by, reason, review_on, invitation_expires) = match &person.status {
            Status::Deactivated { by, reason, review_on, .. } => (*by, reason.clone(), *review_on, None),
            Status::Invited { expires, .. } => (None, None, None, Some(*expires)),
            Status::Active { .. } => (None, None, None, None),
        };
        Self {
            version: person.version,
            status_since: person.status.since(),
            deactivated_by,
            reason,
            review_on,
            invitation_expires,
            holds_license: person.holds_license(),
            last_sign_in: row.last_sign_in,
            return_asked: row.return_asked,
        }
    }
}

/// The id in a path. What is no id at all names nobody.
pub(super) fn id(text: &str) -> Result<PersonId> {
    text.parse().map_err(|_| Error::NotFound("person"))
}

/// One user.
#[utoipa::path(
    get, path = "/api/v1/users/{id}", operation_id = "user", tag = "users",
    params(("id" = String, Path, format = Uuid, description = "The user.")),
    responses((status = 200, description = "The user.", body = User), OfUser),
    security(("session" = []))
)]
pub(super) async fn user(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Result<Json<User>> {
    let id = id(&text)?;
    let mut rx = app.store.reader().await?;
    let row = people::load(&mut rx, session.ctx.workspace, id).await?;
    let row = row.filter(|row| row.person.kind == Kind::User).ok_or(Error::NotFound("person"))?;
    let teams =
        if row.teams > 0 { teams::of_person(&mut rx, session.ctx.workspace, id).await? } else { Vec::new() };
    let teams = teams.into_iter().map(|team| (team.id.into(), team.name)).collect();
    Ok(Json(User::seen(row, teams, &session)))
}

/// A page of users.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name in the JSON")]
pub(super) struct Users {
    /// The users, in the order asked for.
    users: Vec<User>,
    /// How many users match, on all pages.
    count: Counted,
    /// The `after` of the page that follows; null on the last.
    next: Option<String>,
    /// The `before` of the page that goes before; null on the first.
    previous: Option<String>,
}

/// A number of users.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Counted {
    /// The number; where it is not exact, there are more.
    number: i64,
    /// Whether the number is exact.
    exact: bool,
}

impl From<Count> for Counted {
    fn from(count: Count) -> Self {
        let (number, exact) = match count {
            Count::Exact(number) => (number, true),
            Count::MoreThan(number) => (number, false),
        };
        Self { number, exact }
    }
}

/// The parameters of [`users`]: those of the grid but its headings.
const PARAMETERS: &[&str] = &[
    "view", "role", "team", "status", "seen", "created", "returns", "overdue", "q", "sort", "dir", "after",
    "before", "limit",
];

/// Users, page by page.
///
/// What depends on last sign-ins, review dates or asks to return is for administrators: the view
/// `never-signed-in`, the sort `last-sign-in`, the status `expired` and the filters `seen`, `returns` and
/// `overdue`.
#[utoipa::path(
    get, path = "/api/v1/users", operation_id = "users", tag = "users",
    params(
        ("view" = Option<String>, Query, description = "`all`, `active`, `invited`, `deactivated` or `never-signed-in`."),
        ("role" = Option<String>, Query, description = "`owner`, `administrator` or `member`."),
        ("team" = Option<String>, Query, description = "The id of a team, or `none`."),
        ("status" = Option<String>, Query, description = "`invited`, `expired`, `active` or `deactivated`."),
        ("seen" = Option<String>, Query, description = "`never`; `since-DAYS`: signed in within so many days; `before-DAYS`: active for so many days and not signed in within them."),
        ("created" = Option<String>, Query, description = "`last-DAYS`, or two dates as in `2026-01-01..2026-01-31`, either end open."),
        ("returns" = Option<String>, Query, description = "`1`: only those who asked to return."),
        ("overdue" = Option<String>, Query, description = "`1`: only those whose review date has passed."),
        ("q" = Option<String>, Query, description = "Words of which each is part of the name or the email address."),
        ("sort" = Option<String>, Query, description = "`name`, `email`, `status`, `last-sign-in` or `created`."),
        ("dir" = Option<String>, Query, description = "`asc` or `desc`."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("before" = Option<String>, Query, description = "The `previous` of the page after."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many users a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of users.", body = Users), OfUsers),
    security(("session" = []))
)]
pub(super) async fn users(
    State(app): State<App>,
    session: Session,
    query: Query,
    RawQuery(text): RawQuery,
) -> Result<Json<Users>, Response> {
    query.only(PARAMETERS).map_err(Plain::into_response)?;
    let asked =
        GridQuery::from_query(Kind::User, text.as_deref().unwrap_or_default()).map_err(at_parameters)?;
    if asked.tells_of_accounts() && !session.administers() {
        return Err(Error::from(Refusal::AdministratorsOnly).into_response());
    }
    let page = async {
        let mut rx = app.store.reader().await?;
        grid::page(&mut rx, &session.check.workspace, &asked, session.visit.now).await
    };
    let page = page.await.map_err(at_parameters)?;
    Ok(Json(Users {
        users: page.rows.into_iter().map(|row| User::seen(row.row, row.groups, &session)).collect(),
        count: page.count.into(),
        next: page.next.map(|cursor| cursor.to_string()),
        previous: page.previous.map(|cursor| cursor.to_string()),
    }))
}
