//! The filter form of a list of items, and the chips of the filters in force.

use domain::{
    id::{PersonId, ProjectId},
    item::ItemStatus,
    project::ProjectState,
};

use super::{
    asked::{Asked, At},
    who,
};
use crate::{
    error::Result,
    store::{
        Rx,
        item_list::{Assigned, By, Due, InProject, ItemQuery, Sort, Statuses},
        item_people, items, projects, teams,
    },
    web::{
        desk::{form::Refused, frame::Frame},
        fields::Fields,
        view::{Choice, Field, FilterChip, work::ItemFilter},
    },
};

/// How many projects are offered; the list of projects leads to any.
const PROJECTS: i64 = 200;

/// How many deactivated people are offered by name; one choice stands for all of them.
const OFF: i64 = 12;

/// What the form offers.
pub(super) struct Offered {
    users: Vec<(PersonId, String, String)>,
    /// Deactivated people who hold the most.
    off: Vec<item_people::Brief>,
    teams: Vec<(domain::id::TeamId, String)>,
    projects: Vec<(ProjectId, String)>,
    tags: Vec<String>,
    /// Who is named by the filters in force.
    named: Vec<item_people::Brief>,
}

/// The projects that take items, by name.
pub(super) async fn active_projects(rx: &mut Rx, frame: &Frame) -> Result<Vec<(ProjectId, String)>> {
    let ws = frame.session.visit.workspace;
    let first = (Vec::new(), ProjectId::from_uuid(uuid::Uuid::nil()));
    let page = projects::page(rx, ws, ProjectState::Active, &first, false, PROJECTS).await?;
    Ok(page.into_iter().map(|(project, _)| (project.id, project.name)).collect())
}

impl Offered {
    /// Reads what there is to choose from, what is chosen among it.
    pub(super) async fn read(rx: &mut Rx, frame: &Frame, asked: &Asked) -> Result<Self> {
        let ws = frame.session.visit.workspace;
        let query = &asked.query;
        let mut projects = active_projects(rx, frame).await?;
        if let Some(InProject::In(id)) = query.project
            && !projects.iter().any(|(one, _)| *one == id)
            && let Some(project) = projects::load(rx, ws, id).await?
        {
            projects.push((id, project.name));
        }
        let mut named = Vec::new();
        if let Some(Assigned::To(By::Person(id))) = query.assigned {
            named.push(id);
        }
        for by in [query.follower, query.requester] {
            if let Some(By::Person(id)) = by {
                named.push(id);
            }
        }
        Ok(Self {
            users: who::users(rx, frame).await?,
            off: item_people::held_off(rx, ws, OFF).await?,
            teams: teams::list(rx, ws).await?.into_iter().map(|team| (team.id, team.name)).collect(),
            projects,
            tags: items::tags_beginning(rx, ws, "").await?.into_iter().map(|(name, _)| name).collect(),
            named: item_people::briefs(rx, ws, &named).await?,
        })
    }

    /// The projects that are offered.
    pub(super) fn projects(&self) -> &[(ProjectId, String)] {
        &self.projects
    }

    fn name(&self, id: PersonId) -> &str {
        self.named.iter().find(|brief| brief.id == id).map_or("somebody who is gone", |brief| &brief.name)
    }
}

fn any(label: &str, is: bool) -> Choice {
    Choice::new("", label, is)
}

/// The form. `typed` and `wrong` are of one that was sent and not understood.
pub(super) fn form(asked: &Asked, offered: &Offered, typed: &Fields, wrong: &Refused) -> ItemFilter {
    let query = &asked.query;
    let mut assignees = vec![
        any("Anyone", query.assigned.is_none()),
        Choice::new("me", "Me", query.assigned == Some(Assigned::To(By::Me))),
        Choice::new("none", "Nobody", query.assigned == Some(Assigned::ToNobody)),
        Choice::new("deactivated", "Deactivated people", query.assigned == Some(Assigned::ToDeactivated)),
    ];
    let chosen = match query.assigned {
        Some(Assigned::To(By::Person(id))) => Some(id),
        _ => None,
    };
    assignees.extend(who::choices(&offered.users, chosen));
    assignees.extend(offered.off.iter().map(|brief| {
        let label = format!("{} (deactivated)", brief.name);
        Choice::new(brief.id.to_string(), label, chosen == Some(brief.id))
    }));
    let offers = |id: &PersonId| {
        offered.users.iter().any(|(one, ..)| one == id) || offered.off.iter().any(|brief| brief.id == *id)
    };
    if let Some(id) = chosen.filter(|id| !offers(id)) {
        assignees.push(Choice::new(id.to_string(), offered.name(id), true));
    }
    let requested_by = match query.requester {
        Some(By::Person(id)) => {
            offered.named.iter().find(|brief| brief.id == id).map(|brief| brief.email.clone())
        }
        Some(By::Me) | None => None,
    };
    let requested_by = typed.maybe("requested_by").map_or(requested_by.unwrap_or_default(), str::to_owned);
    ItemFilter {
        path: asked.at.path(),
        active: chips(asked, offered).len(),
        keeps: asked.kept_by_filter(),
        statuses: statuses(query.statuses),
        assignees,
        assigned_to: offered.users.is_empty().then(|| wrong.field("assigned_to", typed.get("assigned_to"))),
        teams: teams(query, offered),
        projects: if matches!(asked.at, At::Project(_)) { Vec::new() } else { projects(query, offered) },
        dues: dues(query.due),
        requested_by: wrong.field("requested_by", &requested_by),
        unrequested: query.unrequested,
        tag: Field::new(query.tag.clone().unwrap_or_default()),
        tags: offered.tags.clone(),
        orders: Sort::ALL
            .into_iter()
            .map(|sort| Choice::new(sort.word(), order(sort), query.sort == sort))
            .collect(),
    }
}

const fn order(sort: Sort) -> &'static str {
    match sort {
        Sort::Updated => "Latest change",
        Sort::Due => "Due date",
        Sort::Priority => "Priority",
        Sort::Number => "Newest",
    }
}

fn statuses(now: Statuses) -> Vec<Choice> {
    let mut choices = vec![
        any("Open (not finished)", now == Statuses::Unfinished),
        Choice::new("finished", "Finished", now == Statuses::Finished),
        Choice::new("all", "All", now == Statuses::All),
    ];
    let each = ItemStatus::ALL.iter();
    choices.extend(each.map(|one| {
        Choice::new(one.word(), format!("Only {}", one.title().to_lowercase()), now == Statuses::Of(*one))
    }));
    choices
}

fn teams(query: &ItemQuery, offered: &Offered) -> Vec<Choice> {
    if offered.teams.is_empty() {
        return Vec::new();
    }
    let mut choices = vec![any("Any", query.team.is_none())];
    let each = offered.teams.iter();
    choices.extend(each.map(|(id, name)| Choice::new(id.to_string(), name, query.team == Some(*id))));
    choices
}

fn projects(query: &ItemQuery, offered: &Offered) -> Vec<Choice> {
    let mut choices = vec![
        any("Any", query.project.is_none()),
        Choice::new("none", "No project", query.project == Some(InProject::None)),
    ];
    let each = offered.projects.iter();
    choices.extend(
        each.map(|(id, name)| Choice::new(id.to_string(), name, query.project == Some(InProject::In(*id)))),
    );
    choices
}

const DUES: [(Due, &str, &str); 4] = [
    (Due::Overdue, "overdue", "Overdue"),
    (Due::Today, "today", "Today or overdue"),
    (Due::Week, "week", "Within 7 days or overdue"),
    (Due::Never, "none", "No due date"),
];

fn dues(now: Option<Due>) -> Vec<Choice> {
    let mut choices = vec![any("Any", now.is_none())];
    choices.extend(DUES.map(|(due, word, label)| Choice::new(word, label, now == Some(due))));
    choices
}

/// The filters in force, beside those of the tab.
pub(super) fn chips(asked: &Asked, offered: &Offered) -> Vec<FilterChip> {
    let query = &asked.query;
    let mut chips = Vec::new();
    let mut add = |label: Option<String>, remove: fn(&mut ItemQuery)| {
        chips.extend(label.map(|label| FilterChip { label, remove: asked.but(remove) }));
    };
    let name = |by| match by {
        By::Me => "you".to_owned(),
        By::Person(id) => offered.name(id).to_owned(),
    };
    if asked.view().is_none() {
        let status = match query.statuses {
            Statuses::Unfinished => None,
            Statuses::Finished => Some("finished".to_owned()),
            Statuses::All => Some("all".to_owned()),
            Statuses::Of(one) => Some(one.title().to_lowercase()),
        };
        add(status.map(|one| format!("Status: {one}")), |query| query.statuses = Statuses::default());
        let assigned = match query.assigned.filter(|_| asked.at != At::Assigned) {
            Some(Assigned::To(by)) => Some(format!("Assigned to {}", name(by))),
            Some(Assigned::ToNobody) => Some("Unassigned".into()),
            Some(Assigned::ToDeactivated) => Some("Held by deactivated people".into()),
            None => None,
        };
        add(assigned, |query| query.assigned = None);
    }
    let named = |list: &[(ProjectId, String)], id| {
        list.iter().find(|(one, _)| *one == id).map_or_else(|| "gone".to_owned(), |(_, name)| name.clone())
    };
    let team = query.team.map(|id| {
        let found = offered.teams.iter().find(|(one, _)| *one == id);
        format!("Team: {}", found.map_or("gone", |(_, name)| name))
    });
    add(team, |query| query.team = None);
    let project = match query.project.filter(|_| !matches!(asked.at, At::Project(_))) {
        Some(InProject::In(id)) => Some(format!("Project: {}", named(&offered.projects, id))),
        Some(InProject::None) => Some("No project".into()),
        None => None,
    };
    add(project, |query| query.project = None);
    let due = query.due.and_then(|due| DUES.into_iter().find(|(one, ..)| *one == due));
    add(due.map(|(_, _, label)| format!("Due: {}", label.to_lowercase())), |query| query.due = None);
    add(query.requester.map(|by| format!("Requested by {}", name(by))), |query| query.requester = None);
    add(query.unrequested.then(|| "Without requester".into()), |query| query.unrequested = false);
    let follower = query.follower.filter(|_| asked.at != At::Following);
    add(follower.map(|by| format!("Followed by {}", name(by))), |query| query.follower = None);
    add(query.tag.as_ref().map(|tag| format!("Tag: {tag}")), |query| query.tag = None);
    chips
}
