//! The rows of a list of items.

use domain::{
    apps::Arrival,
    item::{ItemStatus, Priority},
    person::StatusWord,
};
use jiff::civil::Date;

use crate::{
    store::{item_list::Line, item_people::Brief},
    web::{
        desk::{
            frame::{Frame, picture},
            words::{self, Times, count},
        },
        view::{
            Link, When,
            chip::{Chip, Look},
            work::{DueMark, ItemGroup, ItemLine, Mark, Nearness},
        },
    },
};

/// How many assignees a row names.
const NAMED: usize = 2;

/// How rows are drawn for one reader.
pub(in crate::web::desk) struct Drawing {
    times: Times,
    /// Today in the workspace: what is overdue is so for everybody.
    today: Date,
}

impl Drawing {
    /// For whoever asks.
    pub(in crate::web::desk) fn of(frame: &Frame) -> Self {
        let today = frame.session.check.workspace.today(frame.session.visit.now);
        Self { times: frame.times(), today }
    }

    /// The rows, without headings.
    pub(super) fn plain(&self, lines: &[Line]) -> Vec<ItemGroup> {
        vec![ItemGroup { title: None, rows: lines.iter().map(|line| self.line(line)).collect() }]
    }

    /// The rows, which are in the order of their due dates, under headings of how near these are.
    pub(super) fn by_due(&self, lines: &[Line]) -> Vec<ItemGroup> {
        let mut groups: Vec<ItemGroup> = Vec::new();
        for line in lines {
            let title = self.heading(line.row.item.due);
            if groups.last().is_none_or(|group| group.title.as_deref() != Some(title)) {
                groups.push(ItemGroup { title: Some(title.into()), rows: Vec::new() });
            }
            if let Some(group) = groups.last_mut() {
                group.rows.push(self.line(line));
            }
        }
        groups
    }

    fn heading(&self, due: Option<Date>) -> &'static str {
        match due.map(|due| self.days_to(due)) {
            None => "No due date",
            Some(..0) => "Overdue",
            Some(0) => "Today",
            Some(1..7) => "In the next days",
            Some(7..) => "Later",
        }
    }

    fn days_to(&self, due: Date) -> i32 {
        self.today.until(due).map_or(i32::MAX, |span| span.get_days())
    }

    /// One row.
    pub(in crate::web::desk) fn line(&self, line: &Line) -> ItemLine {
        let (row, item) = (&line.row, &line.row.item);
        let more = line.assignees.len().saturating_sub(NAMED);
        let project = item.project.zip(row.project_name.as_ref());
        ItemLine {
            id: row.id.to_string(),
            number: row.number,
            title: row.title.clone(),
            href: format!("/items/{}", row.number),
            flagged: row.arrival == Arrival::Flagged,
            tags: line.tags.clone(),
            status: status(item.status),
            priority: priority(item.priority),
            due: item.due.map(|due| self.due(due, item.status.is_finished())),
            project: project.map(|(id, name)| Link::new(name, format!("/projects/{id}"))),
            requester: line.requester.as_ref().map(|one| chip(one, Look::Cell)),
            assignees: line.assignees.iter().take(NAMED).map(|one| chip(one, Look::Cell)).collect(),
            more: (more > 0)
                .then(|| format!("and {}", count(i64::try_from(more).unwrap_or(0), "more", "more"))),
            updated: self.times.when(row.updated),
            finished: item.status.is_finished(),
        }
    }

    /// A due date; of what is finished it is no matter how near it is.
    pub(super) fn due(&self, due: Date, finished: bool) -> DueMark {
        let days = self.days_to(due);
        let nearness = match days {
            _ if finished => Nearness::Later,
            ..0 => Nearness::Overdue,
            0 => Nearness::Today,
            _ => Nearness::Later,
        };
        let plain = words::day(due);
        let text = match days {
            -1 => "Yesterday".to_owned(),
            0 => "Today".to_owned(),
            1 => "Tomorrow".to_owned(),
            _ => plain.text.clone(),
        };
        DueMark { when: When { text, ..plain }, nearness }
    }
}

/// The chip of somebody, without a link: the row is one.
pub(super) fn chip(brief: &Brief, look: Look) -> Chip {
    Chip::new(brief.id.uuid(), &brief.name)
        .with_picture(picture(brief.id, brief.picture.as_deref()))
        .deactivated(brief.status == StatusWord::Deactivated)
        .looking(look)
}

/// How a status looks.
pub(in crate::web::desk) const fn status(status: ItemStatus) -> Mark {
    Mark { class: status.word(), label: status.title() }
}

/// How a priority looks.
pub(super) const fn priority(priority: Priority) -> Mark {
    Mark { class: priority.word(), label: priority.title() }
}
