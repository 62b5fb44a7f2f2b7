//! One action on many people: the bar below the grid, the preview, and what became of it.

use askama::Template;

use super::chip::Chip;
use super::naming::Naming;
use super::shell::Shell;
use super::{Field, Guard, Keep, Link, Pager};

/// The bar of the grid with which selected rows are acted on: a form that the rows' checkboxes belong to.
#[derive(Clone, Debug, Default)]
pub struct BulkBar {
    /// Where the form goes.
    pub action: String,
    /// What the form hands on beside the query.
    pub keeps: Vec<Keep>,
    /// The query of the grid, for "all that match".
    pub query: String,
    /// "All 1,204 users that match", without the number where it is not known; `None` of one alone, or where they are more
    /// than one action may be about.
    pub all: Option<String>,
    /// What can be done.
    pub deeds: Vec<Deeds>,
    /// Where earlier changes of many are listed.
    pub more: Option<Link>,
}

/// Some of what can be done with many.
#[derive(Clone, Debug, Default)]
pub struct Deeds {
    /// "Add to team"; empty for those that need no heading.
    pub label: String,
    /// The deeds: value and label.
    pub choices: Vec<(String, String)>,
}

/// `POST …/bulk`: what would happen to whom. Fields of the form that confirms: those of `keeps`, and `reason`,
/// `review_on`, `add_licenses`, `past_brake`, `count`, `password` where they are asked for.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "bulk/preview.html")]
pub struct BulkPreview {
    /// What stands around it.
    pub shell: Shell,
    /// The words and addresses of the app.
    pub app: &'static Naming,
    /// Why it was not done.
    pub error: Option<String>,
    /// Where the form goes.
    pub action: String,
    /// Where one came from.
    pub cancel: String,
    /// What the form hands on: whom, what, and what this preview was.
    pub keeps: Vec<Keep>,
    /// What happens, line by line.
    pub now: Vec<String>,
    /// Whoever stays as they are, by reason.
    pub skipped: Vec<Skipped>,
    /// Everybody, up to a number that is still read.
    pub people: Vec<BulkRow>,
    /// "and 9,950 more".
    pub more: Option<String>,
    /// For a deactivation: why, and when to look at it again.
    pub grounds: Option<(Field, Field)>,
    /// What the brake says, where the deed would pass it.
    pub brake: Option<String>,
    /// "Add the 12 missing licenses"; `None` where enough are free.
    pub missing: Option<String>,
    /// For a deletion: the number to type, what was typed, and the reader's own password.
    pub deletion: Option<(String, Field, Field)>,
    /// What the button says; `None` when nothing would change.
    pub button: Option<String>,
}

/// People who are skipped for one reason.
#[derive(Clone, Debug, Default)]
pub struct Skipped {
    /// "3 users".
    pub count: String,
    /// The refusal's words.
    pub why: String,
    /// The first few of them.
    pub names: Vec<String>,
    /// How many more there are.
    pub more: Option<String>,
}

/// One of the many, before or after.
#[derive(Clone, Debug, Default)]
pub struct BulkRow {
    /// Who; `None` for somebody who has been deleted.
    pub chip: Option<Chip>,
    /// The address.
    pub email: String,
    /// "Changes", "Skipped".
    pub outcome: &'static str,
    /// Why.
    pub why: String,
}

/// `/bulk/{id}`: how far it is, and what came of each.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "bulk/result.html")]
pub struct BulkResult {
    /// What stands around it.
    pub shell: Shell,
    /// The words and addresses of the app.
    pub app: &'static Naming,
    /// Its own address.
    pub href: String,
    /// "Begun by Ada Lovelace, 14:20".
    pub begun: String,
    /// How many have been dealt with, and how many there are.
    pub done: i64,
    /// How many there are.
    pub total: i64,
    /// "3,400 of 10,000".
    pub progress: String,
    /// Whether it is at work.
    pub running: bool,
    /// Why it waits for an administrator, if it does.
    pub paused: Option<String>,
    /// What is said of its end.
    pub over: Option<String>,
    /// The receipt, line by line.
    pub lines: Vec<String>,
    /// "until 14:32", while it can be undone.
    pub undo: Option<String>,
    /// The batch that undid it.
    pub undone: Option<Link>,
    /// The guard of its forms.
    pub guard: Guard,
    /// What came of each, a page of it.
    pub people: Vec<BulkRow>,
    /// Where one is, and the ways on.
    pub pager: Pager,
}

/// `/bulk`: the latest changes of many people.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "bulk/list.html")]
pub struct BulkList {
    /// What stands around it.
    pub shell: Shell,
    /// The words and addresses of the app that leads back.
    pub app: &'static Naming,
    /// The latest first.
    pub rows: Vec<BulkLine>,
}

/// One of them.
#[derive(Clone, Debug, Default)]
pub struct BulkLine {
    /// "Deactivate 120 users", to its page.
    pub what: Link,
    /// When it began.
    pub when: super::When,
    /// "Running", "Paused", "Finished", "Cancelled".
    pub state: &'static str,
    /// "3,400 of 10,000".
    pub progress: String,
}
