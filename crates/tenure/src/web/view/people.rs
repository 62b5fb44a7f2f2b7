//! The grid of users or customers, and its detail panel.

use askama::Template;

use super::bulk::BulkBar;
use super::chip::Chip;
use super::naming::Naming;
use super::shell::{Shell, Undo};
use super::work::HeldList;
use super::{Choice, Field, FilterChip, Guard, Keep, Link, Pager, When};

/// `/users` and, with a panel, `/users/{id}`; for customers likewise.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "people/page.html")]
pub struct PeoplePage {
    /// What stands around it.
    pub shell: Shell,
    /// The words and addresses of the app.
    pub app: &'static Naming,
    /// The grid.
    pub grid: PeopleGrid,
    /// The person looked at, docked at the right.
    pub panel: Option<Panel>,
}

/// The grid.
#[derive(Clone, Debug, Default)]
pub struct PeopleGrid {
    /// Built-in views, then saved ones.
    pub tabs: Vec<Tab>,
    /// The form that saves the present view; `None` when a saved or built-in view is shown unchanged.
    pub save_view: Option<SaveView>,
    /// The filter form.
    pub filter: Filter,
    /// The filters in force.
    pub chips: Vec<FilterChip>,
    /// The same page without search and filters; `None` when there is none in force.
    pub clear: Option<String>,
    /// Whether rows are grouped.
    pub grouped: bool,
    /// The same page grouped, or not grouped when it is.
    pub group_href: String,
    /// Everybody whom the page's query finds, as a file.
    pub export: String,
    /// Whether the reader sees last sign-ins and reasons, and may act.
    pub administrator: bool,
    /// What is done with selected rows; for administrators.
    pub bulk: Option<BulkBar>,
    /// Whether the address asks for what only administrators are told, so that it was left out.
    pub left_out: bool,
    /// Changes of many people that are under way or wait for an administrator.
    pub open: Vec<Link>,
    /// How the columns sort.
    pub heads: Heads,
    /// Rows by group; one group without name when not grouped.
    pub groups: Vec<Group>,
    /// Where one is, and the ways on.
    pub pager: Pager,
    /// What to say when there is no row, or none but the reader's own.
    pub empty: Empty,
}

impl PeopleGrid {
    fn is_empty(&self) -> bool {
        self.groups.iter().all(|group| group.rows.is_empty())
    }

    /// Whether nobody but the reader is there yet.
    fn is_alone(&self) -> bool {
        matches!(self.empty, Empty::Alone)
    }

    fn columns(&self, app: &Naming) -> usize {
        let role = usize::from(app.is_users());
        if self.administrator { 10 + role } else { 7 + role }
    }
}

/// A view of the grid, as a link with its exact count.
#[derive(Clone, Debug, Default)]
pub struct Tab {
    /// "Deactivated".
    pub label: String,
    /// "7", or "10,000+" for saved views that count no further; `None` where nothing is counted.
    pub count: Option<String>,
    /// Where it leads.
    pub href: String,
    /// Whether it is shown now.
    pub current: bool,
    /// For a saved view: the page that asks before deleting it.
    pub delete: Option<String>,
}

/// The form that keeps the present filters under a name: POST `…/views`, fields `name` and `query`.
#[derive(Clone, Debug, Default)]
pub struct SaveView {
    /// The form's guard.
    pub guard: Guard,
    /// The present query, as it stands after the `?`.
    pub query: String,
    /// The name to keep it by.
    pub name: Field,
}

/// The filter form: GET of the grid with `role` and `team` or `organization`, `status`, `seen`, `created`.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// How many filters are in force.
    pub active: usize,
    /// What the form hands on (view, q, sort, dir, group).
    pub keeps: Vec<Keep>,
    /// Roles; the first is "any". Empty for customers, who have none.
    pub roles: Vec<Choice>,
    /// Teams or organizations; the first is "any", then "none".
    pub groups: Vec<Choice>,
    /// Statuses; the first is "any".
    pub statuses: Vec<Choice>,
    /// Last sign-in ("never", "in the last 7 days", "not signed in for 30 days"); empty for members.
    pub seen: Vec<Choice>,
    /// When the account was made.
    pub created: Vec<Choice>,
    /// Checkboxes, each by its own name (`returns`, `overdue`); empty for members.
    pub marks: Vec<Choice>,
}

/// Which way a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A to Z, oldest first.
    Ascending,
    /// Z to A, newest first.
    Descending,
}

/// The head of a column that sorts.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The same page sorted by this column (the other way when it is already).
    pub href: String,
    /// Which way it is sorted now, if it is.
    pub sorted: Option<Direction>,
}

impl Head {
    pub(crate) fn aria_sort(&self) -> &'static str {
        match self.sorted {
            None => "none",
            Some(Direction::Ascending) => "ascending",
            Some(Direction::Descending) => "descending",
        }
    }
}

/// The heads of the columns that sort.
#[derive(Clone, Debug, Default)]
pub struct Heads {
    /// Person.
    pub name: Head,
    /// Email.
    pub email: Head,
    /// Status.
    pub status: Head,
    /// Last sign-in.
    pub last_sign_in: Head,
    /// Created.
    pub created: Head,
}

/// Rows under one heading.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The name of team or organization and how many are in it; `None` when rows are not grouped.
    pub title: Option<GroupTitle>,
    /// Its rows on this page.
    pub rows: Vec<RowView>,
}

/// The heading of a group.
#[derive(Clone, Debug, Default)]
pub struct GroupTitle {
    /// The name, or "No team".
    pub name: String,
    /// How many are in it, over all pages.
    pub count: String,
    /// Its page; `None` for "No team".
    pub href: Option<String>,
}

/// One person in the grid.
#[derive(Clone, Debug, Default)]
pub struct RowView {
    /// The id, once per page and group: it names the row's menu.
    pub key: String,
    /// The person's id, for the checkbox that selects the row.
    pub id: String,
    /// The person, in the look of a row, without link.
    pub chip: Chip,
    /// The detail panel, with the present query kept.
    pub href: String,
    /// Whether the panel shows this row.
    pub current: bool,
    /// The address.
    pub email: String,
    /// What the role is called; customers have none.
    pub role: Option<String>,
    /// The teams or the organization, as links.
    pub groups: Vec<Link>,
    /// The status with what belongs to it.
    pub status: StatusView,
    /// When a return was asked for.
    pub asked_return: Option<When>,
    /// How many open items are theirs to do (of a customer: requested), and how many they follow; none is left out.
    pub holds: (Option<String>, Option<String>),
    /// Last sign-in; `None` reads "Never".
    pub last_sign_in: Option<When>,
    /// When the account was made.
    pub created: When,
    /// What can be done, only what is possible.
    pub menu: Vec<MenuItem>,
    /// What of it stands in the row itself: what helps with those who wait for an administrator.
    pub ways: Vec<MenuItem>,
}

/// The kinds of status there are to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusKind {
    /// Signs in.
    #[default]
    Active,
    /// Invited; a user holds a license.
    Invited,
    /// The invitation has expired.
    Expired,
    /// Deactivated.
    Deactivated,
}

impl StatusKind {
    /// What it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Invited => "Invited",
            Self::Expired => "Invitation expired",
            Self::Deactivated => "Deactivated",
        }
    }

    /// The class of its colour.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Expired => "expired",
            Self::Deactivated => "deactivated",
        }
    }
}

/// A status with since when, why and until when.
#[derive(Clone, Debug, Default)]
pub struct StatusView {
    /// Which it is.
    pub kind: StatusKind,
    /// Since when.
    pub since: Option<When>,
    /// Why; for administrators.
    pub reason: Option<String>,
    /// The review date; for administrators.
    pub review: Option<When>,
    /// Whether the review date has passed.
    pub review_overdue: bool,
}

/// What can be done with a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open the panel.
    View,
    /// Name and address.
    Edit,
    /// Member or administrator.
    Role,
    /// Put a customer into another organization.
    Organization,
    /// Make a customer a user.
    Convert,
    /// A link to set a password.
    PasswordLink,
    /// See and end sessions.
    Sessions,
    /// Everything that is known of them, as a file.
    Export,
    /// Deactivate.
    Deactivate,
    /// Activate.
    Activate,
    /// Another day to look at a deactivation again.
    Review,
    /// Take the mark of an asked return away.
    DismissReturn,
    /// Delete.
    Delete,
    /// Send the invitation again.
    SendAgain,
    /// Withdraw the invitation.
    Withdraw,
}

impl Action {
    /// What the menu says; three dots where a question follows.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::View => "View details",
            Self::Edit => "Edit",
            Self::Role => "Change role…",
            Self::Organization => "Move to organization…",
            Self::Convert => "Convert to user…",
            Self::PasswordLink => "Set-password link…",
            Self::Sessions => "Sessions…",
            Self::Export => "Export data",
            Self::Deactivate => "Deactivate…",
            Self::Activate => "Activate…",
            Self::Review => "Review date…",
            Self::DismissReturn => "Dismiss request…",
            Self::Delete => "Delete…",
            Self::SendAgain => "Send again…",
            Self::Withdraw => "Withdraw…",
        }
    }

    /// The name of its icon in the sprite.
    #[must_use]
    pub fn icon(self) -> &'static str {
        match self {
            Self::View => "panel",
            Self::Edit => "edit",
            Self::Role => "role",
            Self::Organization => "organization",
            Self::Convert => "users",
            Self::PasswordLink => "key",
            Self::Sessions => "device",
            Self::Export => "download",
            Self::Deactivate => "pause",
            Self::Activate => "play",
            Self::Review => "calendar",
            Self::DismissReturn => "close",
            Self::Delete => "trash",
            Self::SendAgain => "send",
            Self::Withdraw => "withdraw",
        }
    }

    /// The last part of its address below the person's page.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::View => "",
            Self::Edit => "/edit",
            Self::Role => "/role",
            Self::Organization => "/organization",
            Self::Convert => "/conversion",
            Self::PasswordLink => "/link",
            Self::Sessions => "/sessions",
            Self::Export => "/data.zip",
            Self::Deactivate => "/deactivation",
            Self::Activate => "/activation",
            Self::Review => "/review",
            Self::DismissReturn => "/return",
            Self::Delete => "/deletion",
            Self::SendAgain => "/invitation",
            Self::Withdraw => "/withdrawal",
        }
    }

    /// Whether what it does cannot be taken back.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Delete | Self::Withdraw)
    }
}

/// An entry of a row's menu, or a button of the panel.
#[derive(Clone, Debug)]
pub struct MenuItem {
    /// What it does.
    pub action: Action,
    /// Where it leads.
    pub href: String,
}

impl MenuItem {
    /// An action, and where it leads: the address keeps the grid's query.
    pub fn new(action: Action, href: impl Into<String>) -> Self {
        Self { action, href: href.into() }
    }

    fn opens_dialog(&self) -> bool {
        !matches!(self.action, Action::View | Action::Export)
    }

    /// Whether it sends a file, which takes the place of no page.
    fn is_file(&self) -> bool {
        self.action == Action::Export
    }
}

/// What to say when the grid has no row.
#[derive(Clone, Debug, Default)]
pub enum Empty {
    /// Search or filters match nobody.
    #[default]
    NoMatch,
    /// The view has nobody in it: what that means, in a sentence.
    View(String),
    /// Nobody but the reader is here yet; no customer at all.
    Alone,
}

/// The detail panel.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// The person, in the look of a head, without link.
    pub chip: Chip,
    /// The grid without the panel.
    pub close: String,
    /// The address.
    pub email: String,
    /// What the role is called; customers have none.
    pub role: Option<String>,
    /// The status with what belongs to it.
    pub status: StatusView,
    /// When a return was asked for.
    pub asked_return: Option<When>,
    /// The teams or the organization, as links.
    pub groups: Vec<Link>,
    /// When the account was made.
    pub created: When,
    /// Last sign-in, for administrators: the inner `None` reads "Never".
    pub last_sign_in: Option<Option<When>>,
    /// How many sessions are open, with the page that lists them; for administrators.
    pub sessions: Option<SessionsLine>,
    /// What they hold of the work: assigned, followed, requested; what they hold none of is left out.
    pub held: Vec<HeldList>,
    /// The projects in which they have a part.
    pub projects: Vec<Link>,
    /// Where their open work is given to others; `None` where there is none.
    pub hand_over: Option<String>,
    /// What happened to the account, newest first; for administrators.
    pub history: Vec<HistoryLine>,
    /// The audit log about this person; for administrators.
    pub audit_href: Option<String>,
    /// What can be done, only what is possible.
    pub actions: Vec<MenuItem>,
    /// Why less can be done than one might think: "The owner cannot be deactivated. Transfer ownership first."
    pub guard_note: Option<String>,
    /// The way back from the last step, while there is one.
    pub undo: Option<Undo>,
    /// The way back from the last handover of what they held, while there is one.
    pub undo_handover: Option<Undo>,
}

/// How many sessions are open.
#[derive(Clone, Debug, Default)]
pub struct SessionsLine {
    /// "2 open sessions".
    pub text: String,
    /// The page that lists and ends them.
    pub href: String,
}

/// One line of an account's history.
#[derive(Clone, Debug, Default)]
pub struct HistoryLine {
    /// "Deactivated", "Invited", "Became administrator".
    pub what: String,
    /// By whom: "Grace Hopper", "the CLI (root)".
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub when: When,
}
