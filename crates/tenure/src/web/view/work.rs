//! Lists of items: tickets, tasks, one's own work, those of a project; and the question that makes a new one.

use askama::Template;

use super::bulk::BulkBar;
use super::chip::Chip;
use super::dialogs::Question;
use super::people::{Head, SaveView, Tab};
use super::shell::Shell;
use super::{Choice, Field, FilterChip, Keep, Link, Pager, When};

/// What a list of items is called and where it is.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Where it is: "/tickets".
    pub path: String,
    /// "ticket".
    pub one: &'static str,
    /// "tickets".
    pub many: &'static str,
    /// The name of its icon in the sprite.
    pub icon: &'static str,
}

/// `/tickets`, `/tasks`, `/mine`. The title is the heading.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "work/list.html")]
pub struct ItemsPage {
    /// What stands around it.
    pub shell: Shell,
    /// The words and addresses.
    pub app: Words,
    /// The list.
    pub grid: ItemGrid,
    /// The line that makes an item by its title alone.
    pub quick: Option<QuickAdd>,
}

/// A list of items.
#[derive(Clone, Debug, Default)]
pub struct ItemGrid {
    /// Built-in views, then saved ones.
    pub tabs: Vec<Tab>,
    /// The form that saves the present view; `None` where there is nothing to save, or nothing is saved at all.
    pub save_view: Option<SaveView>,
    /// The filter form; `None` where the list has none.
    pub filter: Option<ItemFilter>,
    /// The way to anonymous requests that are held for review, for administrators.
    pub held: Option<Link>,
    /// The filters in force.
    pub chips: Vec<FilterChip>,
    /// The same page without search and filters; `None` when there is none in force.
    pub clear: Option<String>,
    /// How the columns sort; `None` where the order is fixed.
    pub heads: Option<ItemHeads>,
    /// Whether the column of projects is drawn.
    pub shows_project: bool,
    /// The rows under their headings; one group without heading where there are none.
    pub groups: Vec<ItemGroup>,
    /// Messages that mention the reader, in the place of rows.
    pub mentions: Vec<MentionRow>,
    /// Where one is, and the ways on.
    pub pager: Pager,
    /// What is done with selected rows.
    pub bulk: Option<BulkBar>,
    /// What to say when there is no row.
    pub empty: EmptyItems,
}

impl ItemGrid {
    /// Whether there is nothing to list.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.iter().all(|group| group.rows.is_empty()) && self.mentions.is_empty()
    }

    /// How many columns the table has.
    pub(crate) fn columns(&self) -> usize {
        8 + usize::from(self.bulk.is_some()) + usize::from(self.shows_project)
    }
}

/// What stands in the place of rows.
#[derive(Clone, Debug, Default)]
pub struct EmptyItems {
    /// "Nothing matches".
    pub title: String,
    /// What it means, and what to do.
    pub text: String,
    /// The ways on, the first of them first.
    pub ways: Vec<Link>,
}

/// How the columns of a list sort.
#[derive(Clone, Debug, Default)]
pub struct ItemHeads {
    /// The number.
    pub number: Head,
    /// The priority.
    pub priority: Head,
    /// The due date.
    pub due: Head,
    /// The latest change.
    pub updated: Head,
}

/// Rows under one heading.
#[derive(Clone, Debug, Default)]
pub struct ItemGroup {
    /// "Overdue"; `None` where rows are not grouped.
    pub title: Option<String>,
    /// The rows.
    pub rows: Vec<ItemLine>,
}

/// An item in a list.
#[derive(Clone, Debug, Default)]
pub struct ItemLine {
    /// The id, for the checkbox that selects the row.
    pub id: String,
    /// The number.
    pub number: i64,
    /// The title.
    pub title: String,
    /// The item's page.
    pub href: String,
    /// Whether it came from the address of a deactivated person, and nobody has looked at it yet.
    pub flagged: bool,
    /// The words by which it is found.
    pub tags: Vec<String>,
    /// How far it is.
    pub status: Mark,
    /// How urgent.
    pub priority: Mark,
    /// Until when.
    pub due: Option<DueMark>,
    /// The project it is in.
    pub project: Option<Link>,
    /// For whom.
    pub requester: Option<Chip>,
    /// Who works on it: the first few.
    pub assignees: Vec<Chip>,
    /// "and 3 more".
    pub more: Option<String>,
    /// When it last changed.
    pub updated: When,
    /// Whether nothing is left to do.
    pub finished: bool,
}

/// A status or a priority: the class of its look, and its word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    /// The last part of its class.
    pub class: &'static str,
    /// What is read.
    pub label: &'static str,
}

/// A due date.
#[derive(Clone, Debug, Default)]
pub struct DueMark {
    /// The day: "today", "12 Mar 2026".
    pub when: When,
    /// How near it is.
    pub nearness: Nearness,
}

impl DueMark {
    /// The class of its emphasis.
    pub(crate) fn class(&self) -> &'static str {
        match self.nearness {
            Nearness::Later => "due",
            Nearness::Today => "due is-today",
            Nearness::Overdue => "due is-overdue",
        }
    }

    /// Whether the day has passed.
    pub(crate) fn is_overdue(&self) -> bool {
        self.nearness == Nearness::Overdue
    }
}

/// How near a due date is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nearness {
    /// Not today, or it does not matter any more.
    #[default]
    Later,
    /// Today.
    Today,
    /// Passed.
    Overdue,
}

/// A message that mentions the reader.
#[derive(Clone, Debug, Default)]
pub struct MentionRow {
    /// The item's number.
    pub number: i64,
    /// The item's title.
    pub title: String,
    /// The item's page.
    pub href: String,
    /// When it was written.
    pub when: When,
}

/// The filter form of a list. Fields: `status`, `assignee` or `assigned_to`, `team`, `project`, `due`, `requested_by`,
/// `tag`, `order`.
#[derive(Clone, Debug, Default)]
pub struct ItemFilter {
    /// Where it is sent.
    pub path: String,
    /// How many filters are in force.
    pub active: usize,
    /// What the form hands on.
    pub keeps: Vec<Keep>,
    /// Statuses; the first is "any".
    pub statuses: Vec<Choice>,
    /// Who is assigned; the first is "anyone".
    pub assignees: Vec<Choice>,
    /// Somebody by name or address, where there are too many to choose from.
    pub assigned_to: Option<Field>,
    /// Teams; empty when there is none.
    pub teams: Vec<Choice>,
    /// Projects; empty where the list is of one.
    pub projects: Vec<Choice>,
    /// When it is due.
    pub dues: Vec<Choice>,
    /// The requester by name or address.
    pub requested_by: Field,
    /// Whether those without a requester are asked for.
    pub unrequested: bool,
    /// A tag.
    pub tag: Field,
    /// Tags that are offered as one types.
    pub tags: Vec<String>,
    /// The order of the rows.
    pub orders: Vec<Choice>,
}

impl ItemFilter {
    /// Whether a field of it is wrong, so that it is shown open.
    pub(crate) fn is_wrong(&self) -> bool {
        let asked = self.assigned_to.as_ref().is_some_and(|field| field.error.is_some());
        asked || self.requested_by.error.is_some()
    }
}

/// The line that makes an item by its title alone. Field: `title`.
#[derive(Clone, Debug, Default)]
pub struct QuickAdd {
    /// Where the form is sent, with what its button says: one where items of one kind are listed.
    pub kinds: Vec<Link>,
    /// What the form hands on.
    pub keeps: Vec<Keep>,
    /// What stands in the field before one types: "New ticket in Website".
    pub hint: String,
    /// The title.
    pub title: Field,
}

/// GET `/tickets/new`, `/tasks/new`. Fields: `title`, `description`, `project`, `priority`, `due`, `assigned_to`,
/// `requested_by`, `tags`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "work/new.html")]
pub struct NewItemDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// What the form hands on.
    pub keeps: Vec<Keep>,
    /// The title.
    pub title: Field,
    /// What it is about.
    pub description: Field,
    /// Projects that take items; the first is "none".
    pub projects: Vec<Choice>,
    /// How urgent.
    pub priorities: Vec<Choice>,
    /// Until when, as `YYYY-MM-DD`.
    pub due: Field,
    /// Who works on it, by name or address.
    pub assigned_to: Field,
    /// Addresses that are offered as one types.
    pub people: Vec<String>,
    /// For whom, by name or address.
    pub requested_by: Field,
    /// Words to find it by.
    pub tags: Field,
    /// Tags there are.
    pub known_tags: Vec<String>,
    /// The button: "Create the ticket".
    pub button: String,
}

/// Some of what a person holds.
#[derive(Clone, Debug, Default)]
pub struct HeldList {
    /// "Assigned".
    pub title: &'static str,
    /// How many there are.
    pub count: String,
    /// The first of them.
    pub rows: Vec<HeldRow>,
    /// The lists of all of them.
    pub all: Vec<Link>,
}

/// An item that a person holds.
#[derive(Clone, Debug, Default)]
pub struct HeldRow {
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// How far it is.
    pub status: Mark,
}
