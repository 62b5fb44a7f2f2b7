//! The projects, and one project.

use askama::Template;

use super::chip::Chip;
use super::dialogs::Question;
use super::people::Tab;
use super::shell::Shell;
use super::work::{ItemGrid, QuickAdd, Words};
use super::{Field, Guard, Pager, When};

/// `/projects`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "work/projects.html")]
pub struct ProjectsPage {
    /// What stands around it; the title is the heading.
    pub shell: Shell,
    /// Active and archived.
    pub tabs: Vec<Tab>,
    /// The projects, by name.
    pub rows: Vec<ProjectRow>,
    /// Whether these are the archived ones.
    pub archived: bool,
    /// Where one is, and the ways on.
    pub pager: Pager,
}

/// A project in the list.
#[derive(Clone, Debug, Default)]
pub struct ProjectRow {
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: String,
    /// What it is about, its beginning.
    pub note: String,
    /// Who is assigned: a few of them, in the look of a face.
    pub faces: Vec<Chip>,
    /// "12 open items".
    pub items: String,
}

/// `/projects/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "work/project.html")]
pub struct ProjectPage {
    /// What stands around it; the title is the project's name.
    pub shell: Shell,
    /// The words and addresses of the list of its items.
    pub app: Words,
    /// Its items.
    pub grid: ItemGrid,
    /// The line that makes an item in it; `None` in an archived one.
    pub quick: Option<QuickAdd>,
    /// Whether it is archived.
    pub archived: bool,
    /// What it is about: HTML that was made safe by [`crate::text::markdown::render`].
    pub about: String,
    /// When it was made.
    pub created: When,
    /// Who works on it.
    pub assignees: Vec<ProjectPerson>,
    /// Who is told of it.
    pub followers: Vec<ProjectPerson>,
    /// Whether the reader follows it.
    pub followed: bool,
    /// Whom somebody typed to give a part to, when that was refused.
    pub who: Field,
    /// Addresses that are offered as one types.
    pub people: Vec<String>,
    /// The guard of the form that archives it, at the version of the project.
    pub guard: Guard,
}

/// Somebody with a part in a project.
#[derive(Clone, Debug, Default)]
pub struct ProjectPerson {
    /// The id that is sent.
    pub id: String,
    /// The person.
    pub chip: Chip,
}

/// GET `/projects/new`, GET `/projects/{id}/edit`. Fields: `name`, `description`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "work/edit_project.html")]
pub struct ProjectDialog {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// The name.
    pub name: Field,
    /// What it is about.
    pub description: Field,
    /// The button.
    pub button: &'static str,
}
