//! People from a file: sending it, what it would do, and what it did.

use askama::Template;
use domain::import::Column;

use super::naming::Naming;
use super::shell::Shell;
use super::{Choice, Field, Link, When};

/// `/users/import`. The form (POST the page) has `file`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "import/start.html")]
pub struct ImportStart {
    /// What stands around it.
    pub shell: Shell,
    /// The words and addresses of the app.
    pub app: &'static Naming,
    /// Why no file was kept.
    pub error: Option<String>,
    /// "100 MiB".
    pub limit: String,
    /// The files that this server knows, the latest first.
    pub known: Vec<ImportLine>,
}

/// A file that was sent.
#[derive(Clone, Debug, Default)]
pub struct ImportLine {
    /// What it is called, to its page.
    pub what: Link,
    /// Who sent it.
    pub by: String,
    /// When.
    pub when: When,
    /// "Waits to be confirmed".
    pub state: &'static str,
}

/// `/users/import/{id}`. Its form has a field for each column, and `skip_bad`, `update_status`, `licenses`,
/// `past_brake` where they are asked for; POST the page checks it again, POST `…/begin` imports it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "import/file.html")]
pub struct ImportPage {
    /// What stands around it.
    pub shell: Shell,
    /// The words and addresses of the app.
    pub app: &'static Naming,
    /// Its own address.
    pub href: String,
    /// What the file is called.
    pub file: String,
    /// "1.2 MiB, sent by Ada Lovelace, 14:20".
    pub sent: String,
    /// Why nothing was imported.
    pub notice: Option<String>,
    /// Why there is no preview.
    pub refused: Option<String>,
    /// How far it is, while it is at work.
    pub work: Option<Work>,
    /// What it would do.
    pub preview: Option<Preview>,
    /// What it has done, line by line.
    pub done: Vec<String>,
    /// What has stayed although the file named it.
    pub kept: Vec<String>,
    /// Whether it can be said which column is which.
    pub asks: bool,
    /// The columns of the file.
    pub columns: Vec<FileColumn>,
    /// "5 bad rows".
    pub bad_title: Option<String>,
    /// The first of them.
    pub bad: Vec<BadLine>,
    /// "and 95 more".
    pub more: Option<String>,
}

/// How far it is.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// "Importing: 300 of 1,000 rows".
    pub label: String,
    /// Rows done.
    pub done: u64,
    /// Rows of the file; 0 while they are counted.
    pub total: u64,
    /// Whether people are imported, and not only looked at.
    pub importing: bool,
}

/// What a file would do, and what is asked before it does.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// What happens, line by line.
    pub now: Vec<String>,
    /// What stays although the file names it.
    pub stays: Vec<String>,
    /// Whether bad rows are left out; `None` where none is bad.
    pub skip_bad: Option<Ask>,
    /// Whether statuses are changed; `None` where the file has none.
    pub update_status: Option<bool>,
    /// How many licenses are to be owned.
    pub licenses: Option<Licenses>,
    /// What the brake says, and whether it may be passed.
    pub brake: Option<(String, bool)>,
    /// What the button says; `None` when nothing would change.
    pub button: Option<String>,
}

/// Something to be ticked.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// What it means.
    pub label: String,
    /// Whether it is ticked.
    pub ticked: bool,
}

/// What is asked about licenses.
#[derive(Clone, Debug, Default)]
pub struct Licenses {
    /// "It needs 3 more licenses than are free."
    pub missing: Option<String>,
    /// How many are to be owned.
    pub owned: Field,
    /// How many are, and what the number does.
    pub hint: String,
}

/// A column of the file.
#[derive(Clone, Debug, Default)]
pub struct FileColumn {
    /// The name of its field.
    pub field: String,
    /// What the file calls it.
    pub name: String,
    /// What stands in it in the first row.
    pub example: String,
    /// What it can be taken for, and is.
    pub choices: Vec<Choice>,
}

impl FileColumn {
    /// Whether it is taken for this.
    #[must_use]
    pub fn is_taken_for(&self, column: Column) -> bool {
        self.choices.iter().any(|choice| choice.selected && choice.value == column.name())
    }
}

/// A row that is wrong.
#[derive(Clone, Debug, Default)]
pub struct BadLine {
    /// The line.
    pub line: String,
    /// The column, as the file calls it; empty where the row as a whole is wrong.
    pub column: String,
    /// What is wrong.
    pub message: String,
}
