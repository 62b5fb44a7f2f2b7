//! What the API tells of people, users and customers alike, and how it finds them.

use domain::{
    Refusal,
    id::{GroupId, PersonId},
    person::{Kind, Status},
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use axum::response::{IntoResponse, Response};

use super::{
    answer::tagged,
    query::{Query, at_parameters},
};
use crate::{
    app::App,
    error::{Error, Result},
    store::{
        grid::{self, Count, GridQuery, Page},
        organizations,
        people::{self, PersonRow},
        teams,
    },
    web::{failure::Plain, session::Session},
};

/// A team or organization that somebody is in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InGroup {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: GroupId,
    /// Its name.
    name: String,
}

impl InGroup {
    /// Each of several.
    pub(super) fn each(groups: Vec<(GroupId, String)>) -> Vec<Self> {
        groups.into_iter().map(|(id, name)| Self { id, name }).collect()
    }
}

/// What only administrators see of a person (product.md section 1).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Account {
    /// Counts the changes of the person: send it back to have a change refused when there was another.
    version: i64,
    /// Since when the status is what it is.
    #[schema(value_type = String, format = DateTime)]
    status_since: Timestamp,
    /// Who deactivated the person; null also when it was done at the machine.
    #[schema(value_type = Option<String>, format = Uuid)]
    deactivated_by: Option<PersonId>,
    /// Why the person is deactivated.
    reason: Option<String>,
    /// When to look at the deactivation again.
    #[schema(value_type = Option<String>, format = Date)]
    review_on: Option<Date>,
    /// When the invitation stops working.
    #[schema(value_type = Option<String>, format = DateTime)]
    invitation_expires: Option<Timestamp>,
    /// Whether the user holds a license; absent for customers, who need none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    holds_license: Option<bool>,
    /// The last sign-in.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sign_in: Option<Timestamp>,
    /// When the deactivated person asked to return.
    #[schema(value_type = Option<String>, format = DateTime)]
    return_asked: Option<Timestamp>,
}

impl Account {
    /// As this session may see it (ASVS 5.0 8.2.3).
    pub(super) fn seen(row: &PersonRow, session: &Session) -> Option<Self> {
        if !session.administers() {
            return None;
        }
        let person = &row.person;
        let (deactivated_by, reason, review_on, invitation_expires) = match &person.status {
            Status::Deactivated { by, reason, review_on, .. } => (*by, reason.clone(), *review_on, None),
            Status::Invited { expires, .. } => (None, None, None, Some(*expires)),
            Status::Active { .. } => (None, None, None, None),
        };
        Some(Self {
            version: person.version,
            status_since: person.status.since(),
            deactivated_by,
            reason,
            review_on,
            invitation_expires,
            holds_license: (person.kind == Kind::User).then(|| person.holds_license()),
            last_sign_in: row.last_sign_in,
            return_asked: row.return_asked,
        })
    }
}

/// An answer about a person, with their version as entity tag for those who see it.
pub(super) fn versioned(version: i64, session: &Session, answer: impl IntoResponse) -> Response {
    if session.administers() { tagged(version, answer) } else { answer.into_response() }
}

/// A number of people.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Counted {
    /// The number; where it is not exact, there are at least so many.
    number: i64,
    /// Whether the number is exact.
    exact: bool,
}

impl From<Count> for Counted {
    fn from(count: Count) -> Self {
        let (number, exact) = match count {
            Count::Exact(number) => (number, true),
            Count::AtLeast(number) => (number, false),
        };
        Self { number, exact }
    }
}

/// The id in a path. What is no id at all names nobody.
fn id(text: &str) -> Result<PersonId> {
    text.parse().map_err(|_| Error::NotFound("person"))
}

/// The person of this kind that a path or a field names: a customer is no user, and the other way round.
pub(super) async fn id_of(app: &App, session: &Session, kind: Kind, text: &str) -> Result<PersonId> {
    let row = people::load(&mut app.store.point().await?, session.ctx.workspace, id(text)?).await?;
    let row = row.filter(|row| row.person.kind == kind).ok_or(Error::NotFound("person"))?;
    Ok(row.person.id)
}

/// The person of this kind that a path names, with what they are in.
pub(super) async fn one(
    app: &App,
    session: &Session,
    kind: Kind,
    text: &str,
) -> Result<(PersonRow, Vec<(GroupId, String)>)> {
    let (id, ws) = (id(text)?, session.ctx.workspace);
    let mut rx = app.store.reader().await?;
    let row = people::load(&mut rx, ws, id).await?;
    let row = row.filter(|row| row.person.kind == kind).ok_or(Error::NotFound("person"))?;
    let groups = match kind {
        Kind::User if row.teams == 0 => Vec::new(),
        Kind::User => {
            let teams = teams::of_person(&mut rx, ws, id).await?;
            teams.into_iter().map(|team| (team.id.into(), team.name)).collect()
        }
        Kind::Customer => {
            let organization = organizations::of_person(&mut rx, ws, id).await?;
            organization.into_iter().map(|one| (one.id.into(), one.name)).collect()
        }
    };
    Ok((row, groups))
}

/// A page of people of this kind; `known` are the parameters that there are.
pub(super) async fn page(
    app: &App,
    session: &Session,
    kind: Kind,
    known: &[&str],
    query: &Query,
    text: Option<&str>,
) -> Result<Page, Response> {
    query.only(known).map_err(Plain::into_response)?;
    let asked = GridQuery::from_query(kind, text.unwrap_or_default()).map_err(at_parameters)?;
    if asked.tells_of_accounts() && !session.administers() {
        return Err(Error::from(Refusal::AdministratorsOnly).into_response());
    }
    let page = async {
        let mut rx = app.store.reader().await?;
        grid::page(&mut rx, &session.check.workspace, &asked, session.visit.now).await
    };
    page.await.map_err(at_parameters)
}
