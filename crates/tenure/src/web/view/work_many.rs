//! One change of many items, and handing a person's work over: what would happen, and the choice of whom.

use askama::Template;

use super::chip::Chip;
use super::dialogs::Candidate;
use super::shell::Shell;
use super::{Choice, Keep};

/// `POST /work/bulk`. Fields of the form: those of `keeps`, and `person`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "work/bulk.html")]
pub struct BulkItemsPage {
    /// What stands around it; the title says what is done with how many.
    pub shell: Shell,
    /// The list that one came from.
    pub cancel: String,
    /// Why it was not done.
    pub error: Option<String>,
    /// What the form hands on.
    pub keeps: Vec<Keep>,
    /// Whom it is about, where that is to be chosen first.
    pub picker: Option<Picker>,
    /// What happens, line by line.
    pub now: Vec<String>,
    /// What stays as it is, and why.
    pub stays: Vec<String>,
    /// The button that does it; `None` where nothing would change.
    pub button: Option<String>,
    /// The items, as many as are listed.
    pub rows: Vec<BulkItem>,
    /// How many more there are.
    pub more: Option<String>,
}

/// Somebody to be chosen.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    /// What was searched for; `None` where all there are are offered.
    pub search: Option<String>,
    /// Whom the search found.
    pub found: Vec<Candidate>,
    /// What no choice at all means: "Everybody"; `None` where one must choose.
    pub everybody: Option<&'static str>,
    /// Why the choice was refused.
    pub error: Option<String>,
}

/// An item in a preview.
#[derive(Clone, Debug, Default)]
pub struct BulkItem {
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// What becomes of it.
    pub outcome: &'static str,
}

/// `GET /handovers/new`, `POST /handovers/new`. Fields: those of `keeps`, `from`, `q`, `to` (`person:` or `team:` with
/// an id).
#[derive(Clone, Debug, Default, Template)]
#[template(path = "work/handover.html")]
pub struct HandoverPage {
    /// What stands around it; the title says whose work it is.
    pub shell: Shell,
    /// The page that one came from.
    pub cancel: String,
    /// Why it was not done.
    pub error: Option<String>,
    /// What the forms hand on; with a preview its `fingerprint`, without which nothing is done.
    pub keeps: Vec<Keep>,
    /// Whose work it is, where that is known.
    pub giver: Option<Chip>,
    /// Whose it may be, where several hold what was selected.
    pub givers: Vec<Candidate>,
    /// "12 open items, in the order in which they were made".
    pub what: String,
    /// What was searched for.
    pub search: String,
    /// Users who may get it; the value of each is `person:` and an id.
    pub found: Vec<Candidate>,
    /// Teams, whose members get it in turn.
    pub teams: Vec<Choice>,
    /// Who gets how much, once somebody is chosen.
    pub shares: Vec<Share>,
    /// What else there is to know of it.
    pub notes: Vec<String>,
    /// The button that does it; `None` before somebody is chosen.
    pub button: Option<String>,
}

/// Who gets how much.
#[derive(Clone, Debug, Default)]
pub struct Share {
    /// Who.
    pub chip: Chip,
    /// "4 items".
    pub items: String,
}
