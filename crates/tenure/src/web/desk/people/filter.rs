//! The filter form and the chips of the filters in force.

use domain::{
    id::{GroupId, OrganizationId, WorkspaceId},
    person::Kind,
    role::Role,
};

use super::asked::Asked;
use crate::{
    error::Result,
    ops::licenses::idle_words,
    store::{
        Rx,
        grid::{Created, GridQuery, GroupFilter, LastSignIn, StatusFilter},
        organizations, teams,
    },
    web::{
        desk::frame::role,
        view::{Choice, FilterChip, naming::Naming, people::Filter},
    },
};

const SEEN: &[LastSignIn] = &[
    LastSignIn::Never,
    LastSignIn::Since(7),
    LastSignIn::Since(30),
    LastSignIn::Before(30),
    LastSignIn::Before(60),
    LastSignIn::Before(90),
];
const CREATED: &[Created] = &[Created::Last(7), Created::Last(30), Created::Last(90), Created::Last(365)];

/// The teams or organizations that are offered to choose from.
pub(super) struct Groups(Vec<(GroupId, String)>);

/// How many organizations are offered; the list of organizations leads to the grid of any.
const ORGANIZATIONS: i64 = 200;

impl Groups {
    /// Reads them by name, the one chosen among them.
    pub(super) async fn read(rx: &mut Rx, ws: WorkspaceId, asked: &Asked) -> Result<Self> {
        let mut groups: Vec<(GroupId, String)> = match asked.grid.kind {
            Kind::User => {
                let teams = teams::list(rx, ws).await?;
                teams.into_iter().map(|team| (team.id.into(), team.name)).collect()
            }
            Kind::Customer => {
                let first = (Vec::new(), OrganizationId::from_uuid(uuid::Uuid::nil()));
                let page = organizations::page(rx, ws, &first, false, ORGANIZATIONS).await?;
                page.into_iter().map(|(one, _)| (one.id.into(), one.name)).collect()
            }
        };
        if let Some(GroupFilter::In(id)) = asked.grid.group
            && asked.grid.kind == Kind::Customer
            && !groups.iter().any(|(one, _)| *one == id)
            && let Some(one) = organizations::load(rx, ws, OrganizationId::from_uuid(id.uuid())).await?
        {
            groups.push((one.id.into(), one.name));
        }
        Ok(Self(groups))
    }

    /// Each with its name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (GroupId, &str)> {
        self.0.iter().map(|(id, name)| (*id, name.as_str()))
    }

    fn name(&self, id: GroupId) -> &str {
        self.0.iter().find(|(one, _)| *one == id).map_or("gone", |(_, name)| name)
    }
}

/// The filter form.
pub(super) fn form(asked: &Asked, groups: &Groups, administers: bool) -> Filter {
    let grid = &asked.grid;
    let offered = |one: &StatusFilter| {
        let asks = GridQuery { status: Some(*one), ..GridQuery::new(grid.kind) };
        administers || !asks.tells_of_accounts()
    };
    let statuses: Vec<StatusFilter> = StatusFilter::ALL.iter().copied().filter(offered).collect();
    Filter {
        active: chips(asked, groups).len(),
        keeps: asked.kept_by_filter(),
        roles: if asked.app.is_users() {
            choices(&roles(), grid.role, Role::word, |one| role(one).into())
        } else {
            Vec::new()
        },
        groups: group_choices(asked.app, grid.group, groups),
        statuses: choices(&statuses, grid.status, StatusFilter::word, |one| status(one).into()),
        seen: if administers { open(SEEN, grid.last_sign_in, seen_word, seen) } else { Vec::new() },
        created: open(CREATED, grid.created, created_word, created),
        marks: if administers {
            vec![
                Choice::new("returns", "Asked to return", grid.asked_to_return),
                Choice::new("overdue", "Review overdue", grid.review_overdue),
            ]
        } else {
            Vec::new()
        },
    }
}

fn roles() -> Vec<Role> {
    Role::ALL.into_iter().rev().collect()
}

fn any(is: bool) -> Choice {
    Choice::new("", "Any", is)
}

fn choices<T: Copy + PartialEq>(
    all: &[T],
    now: Option<T>,
    word: impl Fn(T) -> &'static str,
    label: impl Fn(T) -> String,
) -> Vec<Choice> {
    let mut choices = vec![any(now.is_none())];
    choices.extend(all.iter().map(|one| Choice::new(word(*one), label(*one), now == Some(*one))));
    choices
}

/// As [`choices`], where an address can ask for more than is offered.
fn open<T: Copy + PartialEq>(
    offered: &[T],
    now: Option<T>,
    word: impl Fn(T) -> String,
    label: impl Fn(T) -> String,
) -> Vec<Choice> {
    let mut choices = vec![any(now.is_none())];
    let other = now.filter(|now| !offered.contains(now));
    let all = offered.iter().copied().chain(other);
    choices.extend(all.map(|one| Choice::new(word(one), label(one), now == Some(one))));
    choices
}

fn group_choices(app: &Naming, now: Option<GroupFilter>, groups: &Groups) -> Vec<Choice> {
    let mut choices = vec![any(now.is_none())];
    choices.push(Choice::new("none", app.no_group, now == Some(GroupFilter::None)));
    choices.extend(
        groups
            .0
            .iter()
            .map(|(id, name)| Choice::new(id.to_string(), name, now == Some(GroupFilter::In(*id)))),
    );
    choices
}

fn status(one: StatusFilter) -> &'static str {
    match one {
        StatusFilter::Invited => "Invited",
        StatusFilter::Expired => "Invitation expired",
        StatusFilter::Active => "Active",
        StatusFilter::Deactivated => "Deactivated",
    }
}

fn seen_word(one: LastSignIn) -> String {
    match one {
        LastSignIn::Never => "never".into(),
        LastSignIn::Before(days) => format!("before-{days}"),
        LastSignIn::Since(days) => format!("since-{days}"),
    }
}

fn seen(one: LastSignIn) -> String {
    match one {
        LastSignIn::Never => "Never".into(),
        LastSignIn::Before(days) => idle_words(days),
        LastSignIn::Since(days) => format!("In the last {days} days"),
    }
}

fn created_word(one: Created) -> String {
    let day = |date: Option<jiff::civil::Date>| date.map_or_else(String::new, |date| date.to_string());
    match one {
        Created::Last(days) => format!("last-{days}"),
        Created::Between(from, to) => format!("{}..{}", day(from), day(to)),
    }
}

fn created(one: Created) -> String {
    match one {
        Created::Last(days) => format!("In the last {days} days"),
        Created::Between(Some(from), Some(to)) => format!("From {from} to {to}"),
        Created::Between(Some(from), None) => format!("Since {from}"),
        Created::Between(None, Some(to)) => format!("Until {to}"),
        Created::Between(None, None) => "Any".into(),
    }
}

/// The filters in force.
pub(super) fn chips(asked: &Asked, groups: &Groups) -> Vec<FilterChip> {
    let grid = &asked.grid;
    let mut chips = Vec::new();
    let mut add = |label: Option<String>, remove: fn(&mut GridQuery)| {
        chips.extend(label.map(|label| FilterChip { label, remove: asked.but(remove) }));
    };
    let group = |group| match group {
        GroupFilter::None => asked.app.no_group.to_owned(),
        GroupFilter::In(id) => format!("{}: {}", asked.app.group_title, groups.name(id)),
    };
    add(grid.role.map(|one| format!("Role: {}", role(one).to_lowercase())), |grid| grid.role = None);
    add(grid.group.map(group), |grid| grid.group = None);
    add(grid.status.map(|one| format!("Status: {}", status(one).to_lowercase())), |grid| grid.status = None);
    let of_sign_in = |one| match one {
        LastSignIn::Before(_) => seen(one),
        LastSignIn::Never | LastSignIn::Since(_) => format!("Last sign-in: {}", seen(one).to_lowercase()),
    };
    add(grid.last_sign_in.map(of_sign_in), |grid| {
        grid.last_sign_in = None;
    });
    add(grid.created.map(|one| format!("Created: {}", created(one).to_lowercase())), |grid| {
        grid.created = None;
    });
    add(grid.asked_to_return.then(|| "Asked to return".into()), |grid| grid.asked_to_return = false);
    add(grid.review_overdue.then(|| "Review overdue".into()), |grid| grid.review_overdue = false);
    chips
}
