//! The documentation of the JSON API: what its description says, for people.

use askama::Template;

use super::{Link, item::Prose, shell::Shell};

/// `/api/docs`, with `q`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "docs/home.html")]
pub struct DocsHome {
    /// What stands around it.
    pub shell: Shell,
    /// What is true of every operation.
    pub about: Prose,
    /// What was searched for.
    pub search: String,
    /// The groups with their operations; under a search those that match.
    pub groups: Vec<DocsGroupLines>,
}

/// A group with its operations, in a line each.
#[derive(Clone, Debug, Default)]
pub struct DocsGroupLines {
    /// Its name and its page.
    pub group: Link,
    /// What it is about.
    pub about: Prose,
    /// Its operations.
    pub operations: Vec<DocsLine>,
}

/// An operation in a line.
#[derive(Clone, Debug, Default)]
pub struct DocsLine {
    /// `GET`, `POST` and the like.
    pub method: String,
    /// The path, with `{name}` for what varies.
    pub path: String,
    /// What it does.
    pub title: String,
    /// Where it is described.
    pub href: String,
}

/// `/api/docs?group=…`. The title is the group.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "docs/group.html")]
pub struct DocsGroup {
    /// What stands around it.
    pub shell: Shell,
    /// What the group is about.
    pub about: Prose,
    /// Its operations.
    pub operations: Vec<DocsOperation>,
    /// The shapes that they take and give.
    pub shapes: Vec<DocsShape>,
}

/// An operation.
#[derive(Clone, Debug, Default)]
pub struct DocsOperation {
    /// Its id, which is its anchor too.
    pub id: String,
    /// `GET`, `POST` and the like.
    pub method: String,
    /// The path, with `{name}` for what varies.
    pub path: String,
    /// What it does.
    pub title: String,
    /// What else there is to know.
    pub about: Prose,
    /// The scope that a token needs for it.
    pub scope: Option<String>,
    /// What goes into path, query and headers.
    pub parameters: Vec<DocsField>,
    /// What the body is.
    pub body: Option<DocsBody>,
    /// What it is answered when it is done.
    pub answers: Vec<DocsAnswer>,
    /// Why it may not be done.
    pub problems: Vec<DocsProblem>,
    /// How it is called from a shell.
    pub example: String,
}

/// A parameter, or a field of a shape.
#[derive(Clone, Debug, Default)]
pub struct DocsField {
    /// Its name.
    pub name: String,
    /// Where it goes: "path", "query", "header"; empty for a field.
    pub place: String,
    /// What it is: "text", "list of" and the like.
    pub kind: String,
    /// The shape that it is, or a list of.
    pub shape: Option<Link>,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub words: Prose,
}

/// What a request brings.
#[derive(Clone, Debug, Default)]
pub struct DocsBody {
    /// `application/json` and the like.
    pub media: String,
    /// What it is for.
    pub words: Prose,
    /// Its fields.
    pub fields: Vec<DocsField>,
}

/// An answer to what was done.
#[derive(Clone, Debug, Default)]
pub struct DocsAnswer {
    /// The status.
    pub status: String,
    /// What it means.
    pub words: Prose,
    /// The shape of it.
    pub shape: Option<Link>,
}

/// A problem that may come instead.
#[derive(Clone, Debug, Default)]
pub struct DocsProblem {
    /// The status.
    pub status: String,
    /// The end of its type.
    pub name: String,
    /// What it says.
    pub words: String,
}

/// A shape of the description.
#[derive(Clone, Debug, Default)]
pub struct DocsShape {
    /// Its name, which makes its anchor.
    pub name: String,
    /// What it is.
    pub about: Prose,
    /// What it is one of, where it is not one thing.
    pub one_of: Vec<Link>,
    /// Its fields.
    pub fields: Vec<DocsField>,
}
