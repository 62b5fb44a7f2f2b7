//! The rows of the grid, as this reader may see them.

use std::collections::HashMap;

use domain::{id::GroupId, person::Status, role::Role};
use jiff::civil::Date;

use super::{asked::Asked, back::Back, menu::Reader};
use crate::{
    store::{
        grid::{BuiltinView, GridRow, Group as Heading, Page},
        item_people::Holdings,
        people::PersonRow,
    },
    web::{
        desk::{
            frame::{chip, role},
            words::{self, Times},
        },
        view::{
            Link, When,
            chip::Look,
            number,
            people::{Action, Group, GroupTitle, MenuItem, RowView, StatusKind, StatusView},
        },
    },
};

/// What the drawing of rows needs to know.
pub(super) struct Scene<'a> {
    /// What is asked.
    pub asked: &'a Asked,
    /// The page that dialogs lead back to.
    pub back: &'a Back,
    /// What decides about the menus.
    pub reader: &'a Reader<'a>,
    /// How times are written.
    pub times: &'a Times,
    /// Whether the reader sees reasons, reviews, returns and last sign-ins.
    pub administers: bool,
    /// Whose panel is open.
    pub panel: Option<domain::id::PersonId>,
    /// What the people of the page hold of the work; who holds nothing is left out.
    pub holdings: &'a HashMap<domain::id::PersonId, Holdings>,
}

impl Scene<'_> {
    /// The rows under their headings.
    pub(super) fn groups(&self, page: &Page) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut heading: Option<&Option<Heading>> = None;
        for found in &page.rows {
            if heading != Some(&found.group) {
                heading = Some(&found.group);
                groups.push(Group {
                    title: found.group.as_ref().map(|group| self.title(group)),
                    rows: Vec::new(),
                });
            }
            let index = groups.len();
            if let Some(group) = groups.last_mut() {
                group.rows.push(self.row(index, found));
            }
        }
        groups
    }

    fn title(&self, group: &Heading) -> GroupTitle {
        let (name, href) = match &group.of {
            Some((id, name)) => (name.clone(), Some(self.group_href(*id))),
            None => (self.asked.app.no_group.into(), None),
        };
        GroupTitle { name, href, count: group.rows.map_or_else(String::new, words::counted) }
    }

    /// The page of a team or organization is for administrators; members see it in the grid.
    fn group_href(&self, id: GroupId) -> String {
        let app = self.asked.app;
        if self.administers {
            format!("{}/{id}", app.groups_path)
        } else {
            format!("{}?{}={id}", app.path, app.group)
        }
    }

    /// The teams or the organization of a person, as links.
    pub(super) fn groups_of(&self, groups: &[(GroupId, String)]) -> Vec<Link> {
        groups.iter().map(|(id, name)| Link::new(name, self.group_href(*id))).collect()
    }

    fn row(&self, group: usize, found: &GridRow) -> RowView {
        let row = &found.row;
        let person = &row.person;
        let href = Back::to_panel(self.asked.app, person.id, &self.asked.query()).path().to_owned();
        let mut menu = vec![MenuItem::new(Action::View, href.clone())];
        menu.extend(self.actions(row, !found.groups.is_empty()));
        let ways = menu.iter().filter(|item| self.stands_in_row(item.action)).cloned().collect();
        RowView {
            key: format!("{group}-{}", person.id),
            id: person.id.to_string(),
            chip: chip(row, Look::StatusRow),
            href,
            current: self.panel == Some(person.id),
            email: person.email.clone(),
            role: self.role(person.role),
            groups: self.groups_of(&found.groups),
            status: self.status(row),
            asked_return: self.asked_return(row),
            holds: self.holds(person.id),
            last_sign_in: row.last_sign_in.filter(|_| self.administers).map(|at| self.times.when(at)),
            created: self.times.when(row.created),
            menu,
            ways,
        }
    }

    /// How many open items are somebody's, and how many they follow.
    fn holds(&self, id: domain::id::PersonId) -> (Option<String>, Option<String>) {
        let held = self.holdings.get(&id).copied().unwrap_or_default();
        let first = if self.asked.app.is_users() { held.assigned } else { held.requested };
        let some = |count: i64| (count > 0).then(|| number(count.unsigned_abs()));
        (some(first), some(held.following))
    }

    /// Whether an action has a button in the row: those that one comes to this view for.
    fn stands_in_row(&self, action: Action) -> bool {
        let helps = matches!(action, Action::Activate | Action::Review | Action::DismissReturn);
        helps && self.asked.grid.view == BuiltinView::NeedsAttention
    }

    /// What can be done with a person, leading back here in the end.
    pub(super) fn actions(&self, row: &PersonRow, in_a_group: bool) -> Vec<MenuItem> {
        let id = row.person.id;
        let actions = self.reader.actions(row, in_a_group).into_iter();
        actions.map(|action| MenuItem::new(action, self.back.action(action, id))).collect()
    }

    /// What the role is called; customers have none.
    pub(super) fn role(&self, has: Role) -> Option<String> {
        self.asked.app.is_users().then(|| role(has).into())
    }

    /// When a return was asked for.
    pub(super) fn asked_return(&self, row: &PersonRow) -> Option<When> {
        row.return_asked.filter(|_| self.administers).map(|at| self.times.when(at))
    }

    /// The status with what belongs to it.
    pub(super) fn status(&self, row: &PersonRow) -> StatusView {
        let status = &row.person.status;
        let kind = match status {
            Status::Active { .. } => StatusKind::Active,
            // That an invitation has run out is for administrators.
            Status::Invited { .. } if !self.administers => StatusKind::Invited,
            Status::Invited { expired: true, .. } => StatusKind::Expired,
            Status::Invited { expires, .. } if *expires <= self.times.now() => StatusKind::Expired,
            Status::Invited { .. } => StatusKind::Invited,
            Status::Deactivated { .. } => StatusKind::Deactivated,
        };
        let (reason, review): (_, Option<Date>) = match status {
            Status::Deactivated { reason, review_on, .. } if self.administers => (reason.clone(), *review_on),
            Status::Invited { .. } if self.administers && row.registered.is_some() => {
                (Some("Registered themself, and waits for a link".into()), None)
            }
            _ => (None, None),
        };
        StatusView {
            kind,
            since: self.administers.then(|| self.date(status.since())),
            reason,
            review: review.map(words::day),
            review_overdue: review.is_some_and(|date| date < self.reader.today),
        }
    }

    /// "since 3 Feb 2026": a relative time would not fit the word.
    fn date(&self, at: jiff::Timestamp) -> When {
        let mut when = self.times.when(at);
        when.text = words::date(self.times.zone().to_datetime(at).date());
        when
    }
}
