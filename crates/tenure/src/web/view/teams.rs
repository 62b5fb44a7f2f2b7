//! The teams or organizations, and one team.

use askama::Template;

use super::chip::Chip;
use super::dialogs::Candidate;
use super::naming::Naming;
use super::shell::Shell;
use super::{Field, Guard, Pager};

/// `/teams`, `/organizations`. The form (POST the page) has the field `name`, of organizations also `domains`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "teams/list.html")]
pub struct GroupsPage {
    /// What stands around it; the title is the heading.
    pub shell: Shell,
    /// Whose groups they are.
    pub app: &'static Naming,
    /// The groups, by name.
    pub rows: Vec<GroupRow>,
    /// The form that makes one; `None` for members.
    pub create: Option<CreateGroup>,
    /// What was searched for, where there may be too many to show at once.
    pub search: Option<String>,
    /// Where one is, and the ways on, likewise.
    pub pager: Option<Pager>,
}

impl GroupsPage {
    /// Whether there are none because of what was searched for.
    fn found_nothing(&self) -> bool {
        self.search.as_ref().is_some_and(|search| !search.is_empty())
    }
}

/// The form that makes a team or an organization.
#[derive(Clone, Debug, Default)]
pub struct CreateGroup {
    /// The form's guard.
    pub guard: Guard,
    /// Why none was made.
    pub error: Option<String>,
    /// The name.
    pub name: Field,
    /// The email domains of an organization.
    pub domains: Option<Field>,
}

/// A team or an organization in the list.
#[derive(Clone, Debug, Default)]
pub struct GroupRow {
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: String,
    /// "12 members".
    pub members: String,
    /// The email domains of an organization.
    pub note: String,
    /// A few of them, in the look of a face.
    pub faces: Vec<Chip>,
}

/// `/teams/{id}`. Forms: rename (POST the page: `name`), add (POST `…/members`: `person`), remove (POST
/// `…/members/{person}/removal`).
#[derive(Clone, Debug, Default, Template)]
#[template(path = "teams/team.html")]
pub struct TeamPage {
    /// What stands around it; the title is the team's name.
    pub shell: Shell,
    /// The page's own address.
    pub href: String,
    /// "12 members, 1 deactivated".
    pub summary: String,
    /// Its members.
    pub members: Vec<MemberRow>,
    /// Where one is, and the ways on.
    pub pager: Pager,
    /// What administrators can do; `None` for members.
    pub edit: Option<EditTeam>,
}

/// A member of a team.
#[derive(Clone, Debug, Default)]
pub struct MemberRow {
    /// Where the form that removes them posts to.
    pub remove: String,
    /// The person.
    pub chip: Chip,
    /// The address.
    pub email: String,
    /// What the role is called.
    pub role: String,
}

/// What administrators can do with a team.
#[derive(Clone, Debug, Default)]
pub struct EditTeam {
    /// The removal forms' guard.
    pub remove_guard: Guard,
    /// The rename form's guard, at the version of the team.
    pub rename_guard: Guard,
    /// The team's name.
    pub name: Field,
    /// The page that asks before deleting it.
    pub delete: String,
    /// The add form's guard.
    pub add_guard: Guard,
    /// Why somebody was not added.
    pub error: Option<String>,
    /// Who was searched for.
    pub search: String,
    /// Users found who are not in it; deactivated ones are never offered.
    pub found: Vec<Candidate>,
}
