//! What a person holds of the work, for their panel: the first of each, and the ways to all.

use domain::{
    id::PersonId,
    item::{ItemKind, Part},
    person::Kind,
};

use crate::{
    error::Result,
    ops::items::{PersonItems, of_person},
    store::{
        Rx,
        item_list::{self, Assigned, By, ItemQuery, Line, Looking, Sort},
        workspaces::Workspace,
    },
    web::{
        desk::work::{handover_path, status_mark},
        session::Session,
        view::{
            Link, number,
            work::{HeldList, HeldRow},
        },
    },
};

/// How many items of each kind are listed.
const FIRST: i64 = 10;

/// What is read of it.
pub(super) struct Work {
    items: PersonItems,
    assigned: Vec<Line>,
    following: Vec<Line>,
    requested: Vec<Line>,
}

/// Reads what somebody holds.
pub(super) async fn read(
    rx: &mut Rx,
    workspace: &Workspace,
    id: PersonId,
    session: &Session,
) -> Result<Work> {
    let items = of_person(rx, &session.ctx, id).await?;
    let looking = Looking { me: Some(session.person()), now: session.visit.now };
    let mut lists = Vec::new();
    let held = &items.holdings;
    for (many, ask) in [
        (held.assigned, By::assigned as fn(By, &mut ItemQuery)),
        (held.following, By::following),
        (held.requested, By::requested),
    ] {
        // What somebody holds none of is not read.
        if many == 0 {
            lists.push(Vec::new());
            continue;
        }
        let mut query = ItemQuery { limit: FIRST, ..ItemQuery::new(None) };
        ask(By::Person(id), &mut query);
        lists.push(item_list::page(rx, workspace, &query, looking).await?.rows);
    }
    let mut lists = lists.into_iter();
    let mut next = || lists.next().unwrap_or_default();
    Ok(Work { items, assigned: next(), following: next(), requested: next() })
}

impl By {
    /// Asks for what is assigned to them, what is due first at the top.
    fn assigned(self, query: &mut ItemQuery) {
        query.assigned = Some(Assigned::To(self));
        (query.sort, query.dir) = (Sort::Due, Sort::Due.usual());
    }

    /// Asks for what they follow.
    fn following(self, query: &mut ItemQuery) {
        query.follower = Some(self);
    }

    /// Asks for what they requested.
    fn requested(self, query: &mut ItemQuery) {
        query.requester = Some(self);
    }
}

impl Work {
    /// The lists, those that are empty left out.
    pub(super) fn lists(&self, id: PersonId) -> Vec<HeldList> {
        let held = &self.items.holdings;
        let list = |title, many: i64, rows: &[Line], field: &str| HeldList {
            title,
            count: number(many.unsigned_abs()),
            rows: rows.iter().map(row).collect(),
            all: links(field, id, many),
        };
        let mut lists = vec![
            list("Assigned", held.assigned, &self.assigned, "assignee"),
            list("Requested", held.requested, &self.requested, "requester"),
            list("Following", held.following, &self.following, "follower"),
        ];
        lists.retain(|list| !list.rows.is_empty());
        lists
    }

    /// The projects in which they have a part, those that they work on first.
    pub(super) fn projects(&self) -> Vec<Link> {
        let link = |(project, part): &(crate::store::projects::Project, Part)| {
            let follows = if *part == Part::Follower { " (follows)" } else { "" };
            Link::new(format!("{}{follows}", project.name), format!("/projects/{}", project.id))
        };
        self.items.projects.iter().map(link).collect()
    }

    /// Where their open work is given to others.
    pub(super) fn hand_over(&self, kind: Kind, id: PersonId, back: &str) -> Option<String> {
        (kind == Kind::User && self.items.holdings.assigned > 0).then(|| handover_path(id, back))
    }
}

fn row(line: &Line) -> HeldRow {
    HeldRow {
        number: line.row.number,
        title: line.row.title.clone(),
        href: format!("/items/{}", line.row.number),
        status: status_mark(line.row.item.status),
    }
}

/// The lists of all, of each kind, where not all are shown.
fn links(field: &str, id: PersonId, many: i64) -> Vec<Link> {
    let link = |kind: ItemKind| {
        let kind = format!("{}s", kind.word());
        Link::new(format!("All {kind}"), format!("/{kind}?{field}={id}"))
    };
    if many == 0 { Vec::new() } else { ItemKind::ALL.iter().map(|kind| link(*kind)).collect() }
}
