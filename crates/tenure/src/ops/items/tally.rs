//! What a write does to the kept counts: collected, and written last and in one order, so that two writes wait for
//! each other instead of blocking for good.

use std::collections::BTreeMap;

use domain::{
    id::{PersonId, ProjectId},
    item::{Item, ItemKind, Part},
};

use crate::{
    ctx::Ctx,
    error::Result,
    store::{
        Tx,
        item_people::{self, Holdings},
        items::{self, List},
    },
};

/// Changes of the counts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    people: BTreeMap<PersonId, Holdings>,
    projects: BTreeMap<ProjectId, i64>,
    lists: BTreeMap<(ItemKind, List), i64>,
}

/// What one part in an unfinished item counts as.
fn share(kind: ItemKind, part: Part) -> Holdings {
    match part {
        Part::Assignee => {
            Holdings { assigned: 1, tasks: i64::from(kind == ItemKind::Task), ..Holdings::default() }
        }
        Part::Follower => Holdings { following: 1, ..Holdings::default() },
    }
}

impl Tally {
    /// Counts an item as it is, with so many assignees, or (with -1) no longer so: its lists, its project and its
    /// requester. Parts are counted by [`Tally::part`].
    pub(crate) fn item(&mut self, item: &Item, assignees: i64, by: i64) {
        self.list(item.kind, List::Of(item.status), by);
        if item.status.is_finished() {
            return;
        }
        if assignees == 0 {
            self.list(item.kind, List::Unassigned, by);
        }
        if let Some(project) = item.project {
            *self.projects.entry(project).or_default() += by;
        }
        if let Some(person) = item.requester {
            *self.people.entry(person).or_default() += Holdings { requested: by, ..Holdings::default() };
        }
    }

    fn list(&mut self, kind: ItemKind, list: List, by: i64) {
        *self.lists.entry((kind, list)).or_default() += by;
    }

    /// Counts a part in an item as it is, or (with -1) no longer.
    pub(crate) fn part(&mut self, item: &Item, person: PersonId, part: Part, by: i64) {
        if !item.status.is_finished() {
            *self.people.entry(person).or_default() += share(item.kind, part) * by;
        }
    }

    /// Writes what has changed.
    pub(crate) async fn save(self, tx: &mut Tx, ctx: &Ctx) -> Result<()> {
        let ws = ctx.workspace;
        for (project, by) in self.projects.into_iter().filter(|(_, by)| *by != 0) {
            items::count_project(tx, ws, project, by).await?;
        }
        for (person, by) in self.people {
            item_people::hold(tx, ws, person, by).await?;
        }
        let lists: Vec<_> = self.lists.into_iter().map(|((kind, list), by)| (kind, list, by)).collect();
        items::count(tx, ws, &lists).await
    }
}
