//! `tenure user list` and `show`.

use clap::Args;
use domain::{
    person::{Kind, Status, StatusWord},
    role::Role,
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    answer::Answer,
    failure::Failure,
    place::Place,
    table::{count, facts, maybe, moment, table},
};
use crate::{
    ops::review,
    store::{
        Rx,
        grid::{self, BuiltinView, GridQuery},
        listing, organizations,
        people::PersonRow,
        sessions, teams,
        workspaces::Workspace,
    },
    text,
};

/// Which users or customers.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only these; never are active ones who never signed in.
    #[arg(long, value_parser = ["active", "invited", "deactivated", "never"])]
    status: Option<String>,
    /// Only people with these letters in name or email address.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only users with this role; customers are members.
    #[arg(long, value_parser = ["member", "administrator", "owner"])]
    role: Option<String>,
    /// Only who waits for an administrator: deactivated, and asking to return or past the review date.
    #[arg(long, conflicts_with = "status")]
    needs_attention: bool,
}

impl List {
    fn wants(&self, row: &PersonRow) -> bool {
        let person = &row.person;
        let word = person.status.word();
        let status = match self.status.as_deref() {
            None => true,
            Some("never") => word == StatusWord::Active && row.last_sign_in.is_none(),
            Some(wanted) => word.word() == wanted,
        };
        let role = self.role.as_deref().is_none_or(|wanted| person.role.word() == wanted);
        let search = self.search.as_deref().is_none_or(|wanted| {
            let wanted = text::fold(wanted);
            text::fold(&person.name).contains(&wanted) || text::fold(&person.email).contains(&wanted)
        });
        status && role && search
    }

    pub(super) async fn run(self, place: &Place, kind: Kind) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        let mut rx = place.store.reader().await?;
        let mut found = if self.needs_attention {
            attention(&mut rx, &workspace, kind, place.sys.now()).await?
        } else {
            everybody(&mut rx, &workspace, kind).await?
        };
        drop(rx);
        found.retain(|row| self.wants(row));
        found.sort_by_cached_key(|row| (text::sort_key(&row.person.name), row.person.id));
        let zone = workspace.zone();
        let text = if self.needs_attention {
            let rows: Vec<_> = found.iter().map(|row| waiting_cells(row, &zone)).collect();
            table(&["NAME", "EMAIL", "SINCE", "REASON", "REVIEW ON", "ASKED TO RETURN"], &rows)
        } else {
            let mut heads = vec!["NAME", "EMAIL", "ROLE", "STATUS", "LAST SIGN-IN"];
            let mut rows: Vec<_> = found.iter().map(|row| cells(row, &zone)).collect();
            if kind == Kind::Customer {
                // Customers have no role.
                heads.remove(2);
                for row in &mut rows {
                    row.remove(2);
                }
            }
            table(&heads, &rows)
        };
        Ok(Answer::new(
            text,
            json!({ (format!("{}s", kind.word())): found.iter().map(json_of).collect::<Vec<_>>() }),
        ))
    }
}

async fn everybody(rx: &mut Rx, workspace: &Workspace, kind: Kind) -> Result<Vec<PersonRow>, Failure> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = listing::people_after(rx, workspace.id, kind, after).await?;
        after = page.last().map(|row| row.person.id);
        let full = page.len() == listing::PAGE;
        found.extend(page);
        if !full {
            return Ok(found);
        }
    }
}

/// Those who wait for an administrator, page by page as in the grid.
async fn attention(
    rx: &mut Rx,
    workspace: &Workspace,
    kind: Kind,
    now: Timestamp,
) -> Result<Vec<PersonRow>, Failure> {
    let view = BuiltinView::NeedsAttention;
    let mut query = GridQuery { view, limit: GridQuery::MOST, ..GridQuery::new(kind) };
    let mut found = Vec::new();
    loop {
        let page = grid::page(rx, workspace, &query, now).await?;
        found.extend(page.rows.into_iter().map(|row| row.row));
        query.cursor = page.next;
        if query.cursor.is_none() {
            return Ok(found);
        }
    }
}

fn cells(row: &PersonRow, zone: &TimeZone) -> Vec<String> {
    let person = &row.person;
    vec![
        person.name.clone(),
        person.email.clone(),
        person.role.word().to_owned(),
        status_word(&person.status).to_owned(),
        row.last_sign_in.map_or_else(|| "never".to_owned(), |at| moment(at, zone)),
    ]
}

/// What an administrator needs to know of somebody who waits.
fn waiting_cells(row: &PersonRow, zone: &TimeZone) -> Vec<String> {
    let person = &row.person;
    let reason = match &person.status {
        Status::Deactivated { reason, .. } => reason.clone(),
        Status::Active { .. } | Status::Invited { .. } => None,
    };
    vec![
        person.name.clone(),
        person.email.clone(),
        moment(person.status.since(), zone),
        reason.unwrap_or_default(),
        review::date(person).map(|date| date.to_string()).unwrap_or_default(),
        maybe(row.return_asked, zone),
    ]
}

fn status_word(status: &Status) -> &'static str {
    match status {
        Status::Invited { expired: true, .. } => "invitation expired",
        status => status.word().word(),
    }
}

/// A user for machines.
fn json_of(row: &PersonRow) -> Value {
    let person = &row.person;
    let mut value = json!({
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "password_set": row.password_set.is_some(),
        "last_sign_in": row.last_sign_in,
        "return_asked": row.return_asked,
        "created": row.created,
        "version": person.version,
    });
    // Adds `status` and what belongs to it.
    if let (Value::Object(fields), Ok(Value::Object(status))) =
        (&mut value, serde_json::to_value(&person.status))
    {
        fields.extend(status);
    }
    value
}

/// Shows one user or customer.
pub(super) async fn show(place: &Place, kind: Kind, named: &str) -> Result<Answer, Failure> {
    let workspace = place.workspace().await?;
    let row = place.person(workspace.id, kind, named).await?;
    let id = row.person.id;
    let mut rx = place.store.reader().await?;
    let member_of = teams::of_person(&mut rx, workspace.id, id).await?;
    let organization = organizations::of_person(&mut rx, workspace.id, id).await?;
    let open = sessions::count_open(&mut rx, workspace.id, id, workspace.sessions, place.sys.now()).await?;
    drop(rx);
    let zone = workspace.zone();
    let shown: Vec<&str> = member_of.iter().map(|team| team.name.as_str()).collect();
    let account = &row.person;
    let mut lines =
        vec![("Name", account.name.clone()), ("Email", account.email.clone()), ("Id", id.to_string())];
    if kind == Kind::User {
        lines.push(("Role", account.role.word().to_owned()));
    }
    lines.extend([
        ("Status", status_word(&account.status).to_owned()),
        ("Since", moment(account.status.since(), &zone)),
    ]);
    match &account.status {
        Status::Invited { expires, .. } => lines.push(("Expires", moment(*expires, &zone))),
        Status::Active { .. } => {}
        Status::Deactivated { reason, review_on, .. } => {
            lines.push(("Reason", reason.clone().unwrap_or_default()));
            lines.push(("Review on", review_on.map(|date| date.to_string()).unwrap_or_default()));
        }
    }
    let holds = if account.holds_license() { "holds one" } else { "holds none" };
    let password = if row.password_set.is_some() { "set" } else { "not set" };
    match kind {
        Kind::User => lines.extend([("License", holds.to_owned()), ("Teams", shown.join(", "))]),
        Kind::Customer => {
            lines.push((
                "Organization",
                organization.as_ref().map(|one| one.name.clone()).unwrap_or_default(),
            ));
        }
    }
    lines.extend([
        ("Password", password.to_owned()),
        ("Last sign-in", row.last_sign_in.map_or_else(|| "never".to_owned(), |at| moment(at, &zone))),
        ("Sessions", count(open, "open session")),
        ("Asked to return", maybe(row.return_asked, &zone)),
        ("Created", moment(row.created, &zone)),
    ]);
    let mut json = json_of(&row);
    json["holds_license"] = json!(account.holds_license());
    json["sessions"] = json!(open);
    json["teams"] =
        member_of.iter().map(|team| json!({ "id": team.id, "name": team.name })).collect::<Vec<_>>().into();
    json["organization"] = json!(organization.map(|one| json!({ "id": one.id, "name": one.name })));
    json["may_administer"] = json!(account.role >= Role::Administrator);
    Ok(Answer::new(facts(&lines), json))
}
