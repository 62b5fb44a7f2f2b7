//! One item: its head, its conversation and history, its panel, and the questions about it.

use askama::Template;

use super::chip::Chip;
use super::dialogs::{Candidate, Question};
use super::shell::Shell;
use super::{Choice, Field, Link, When};

/// HTML that was made safe by [`crate::text::markdown::render`], the one place where it is made.
#[derive(Clone, Debug, Default)]
pub struct Prose(pub String);

impl Prose {
    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Prose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Prose {}

/// `/items/{number}` and `/items/{number}/history`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "items/item.html")]
pub struct ItemPage {
    /// What stands around it; the title is the number with the item's title.
    pub shell: Shell,
    /// The page's own address.
    pub href: String,
    /// The list that it belongs to.
    pub list: Link,
    /// What stands above.
    pub head: ItemHead,
    /// What stands below the head at the left.
    pub tab: Tab,
    /// What stands at the right.
    pub panel: ItemPanel,
    /// Why something was not done that has no form of its own.
    pub error: Option<String>,
}

impl ItemPage {
    /// Whether the conversation is shown.
    fn talks(&self) -> bool {
        matches!(self.tab, Tab::Talk(_))
    }
}

/// The head of an item.
#[derive(Clone, Debug, Default)]
pub struct ItemHead {
    /// Its number.
    pub number: i64,
    /// "Ticket", "Task".
    pub kind: &'static str,
    /// Its title.
    pub title: String,
    /// How far it is.
    pub status: StatusTag,
    /// How many messages there are, notes among them.
    pub messages: u64,
    /// What is said of who requested it, where nobody has proved that.
    pub came: Option<Came>,
}

/// How an item came that nobody known has made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Came {
    /// What is said of it.
    pub text: &'static str,
    /// Whether it is flagged. The form `…/flag/removal` takes the flag away.
    pub flagged: bool,
}

/// A status as a word with its colour.
#[derive(Clone, Copy, Debug, Default)]
pub struct StatusTag {
    /// The word in forms and classes.
    pub word: &'static str,
    /// What is read.
    pub title: &'static str,
}

/// What of an item stands at the left.
#[derive(Clone, Debug)]
pub enum Tab {
    /// What it is about, and what was said.
    Talk(Box<Talk>),
    /// What changed.
    History(ItemHistory),
}

impl Default for Tab {
    fn default() -> Self {
        Self::History(ItemHistory::default())
    }
}

/// What an item is about, and what was said.
#[derive(Clone, Debug, Default)]
pub struct Talk {
    /// What it is about.
    pub description: Prose,
    /// The messages.
    pub conversation: Talked,
    /// The form for the next one.
    pub composer: Composer,
}

/// A stretch of a conversation, the oldest message first.
#[derive(Clone, Debug, Default)]
pub struct Talked {
    /// The messages.
    pub messages: Vec<Said>,
    /// The stretch before this one.
    pub earlier: Option<String>,
    /// The latest messages, where these are not they.
    pub latest: Option<String>,
}

/// A message.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The id, by which an address can name it.
    pub id: String,
    /// Who wrote it.
    pub author: Chip,
    /// Whether only users see it.
    pub note: bool,
    /// When.
    pub when: When,
    /// What.
    pub body: Prose,
    /// Whether it is the reader's own.
    pub own: bool,
    /// The files that came with it.
    pub files: Vec<FileLine>,
}

/// A file that came with a message.
#[derive(Clone, Debug, Default)]
pub struct FileLine {
    /// Where it is given out, to be saved.
    pub href: String,
    /// Its name.
    pub name: String,
    /// "1.5 MiB".
    pub size: String,
    /// Where it can be looked at, of a picture.
    pub picture: Option<String>,
}

/// Whom a message may mention, offered while it is written. A piece of a page: a script puts it below the field.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "items/mentions.html")]
pub struct Mentions {
    /// Those offered; the piece is empty when there is nobody.
    pub people: Vec<Mentionable>,
}

/// Somebody whom a message may mention.
#[derive(Clone, Debug, Default)]
pub struct Mentionable {
    /// Who; it leads nowhere.
    pub chip: Chip,
    /// The address.
    pub email: String,
    /// What is put into the message: `@` and the address.
    pub text: String,
}

/// The form for a new message. Fields: `kind` (`reply`, `note`), `body` and `file` (repeated).
#[derive(Clone, Debug, Default)]
pub struct Composer {
    /// Where it posts to.
    pub action: String,
    /// What was typed.
    pub body: Field,
    /// Whether a note is chosen.
    pub note: bool,
    /// Whether notes can be written here at all.
    pub offers_note: bool,
    /// Who sees a reply, but for whoever writes it.
    pub readers: Vec<Chip>,
    /// How many more.
    pub more_readers: Option<String>,
    /// Why nothing was sent.
    pub error: Option<String>,
    /// Under which name a browser keeps what is half written.
    pub draft: String,
    /// What may be attached: "Up to 10 files of 25 MiB each."
    pub files: String,
    /// What sending does to the status.
    pub effect: Option<String>,
}

/// What changed in an item.
#[derive(Clone, Debug, Default)]
pub struct ItemHistory {
    /// The lines, the latest first.
    pub lines: Vec<HistoryLine>,
    /// The lines before these.
    pub earlier: Option<String>,
    /// The latest lines, where these are not they.
    pub latest: Option<String>,
}

/// A change.
#[derive(Clone, Debug, Default)]
pub struct HistoryLine {
    /// Who; `None` for the machine.
    pub who: Option<Chip>,
    /// What the machine calls itself.
    pub machine: String,
    /// "changed the priority from Normal to High", with people between the words.
    pub what: Vec<Piece>,
    /// When.
    pub when: When,
}

/// A piece of a line of the history.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Words.
    Words(String),
    /// What stood or stands in a field.
    Value(String),
    /// Somebody.
    Person(Chip),
}

impl Piece {
    /// Words.
    pub fn words(words: impl Into<String>) -> Self {
        Self::Words(words.into())
    }
}

/// The facts of an item. Forms: `…/status` (`status`), `…/assignees` and `…/followers` (`person`), and the removal of
/// each.
#[derive(Clone, Debug, Default)]
pub struct ItemPanel {
    /// Every status; the present one is selected.
    pub statuses: Vec<Choice>,
    /// For whom.
    pub requester: Option<Chip>,
    /// Who works on it.
    pub assignees: Vec<Held>,
    /// Who is told of it.
    pub followers: Vec<Held>,
    /// The reader's own id, for "Assign to me" and "Follow".
    pub me: String,
    /// Whether the reader is assigned.
    pub is_mine: bool,
    /// Whether the reader follows it.
    pub is_followed: bool,
    /// Where it belongs.
    pub project: Option<Link>,
    /// How urgent: word and title.
    pub priority: StatusTag,
    /// Until when.
    pub due: Option<When>,
    /// Whether that has passed.
    pub is_overdue: bool,
    /// Its tags, each with what else has it.
    pub tags: Vec<Link>,
    /// Who made it.
    pub maker: Option<Chip>,
    /// Who made it, where that is no person.
    pub made_by: String,
    /// When it was made.
    pub created: When,
    /// When it last changed.
    pub updated: When,
}

/// Somebody with a part in an item.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Who.
    pub chip: Chip,
    /// Where the form that takes the part away posts to.
    pub remove: String,
}

/// GET `/items/{number}/edit`. Fields: `title`, `description`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "items/edit.html")]
pub struct EditItem {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// What others changed since the form was opened.
    pub meanwhile: Vec<String>,
    /// The last change that the form knows of.
    pub since: String,
    /// The title.
    pub title: Field,
    /// What it was when the form was opened.
    pub was_title: String,
    /// What it is about.
    pub description: Field,
    /// What it was, or the digest of that.
    pub was_description: String,
    /// How long that may be.
    pub most: usize,
}

/// GET `/items/{number}/details`. Fields: `kind`, `priority`, `due`, `project`, `tags`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "items/details.html")]
pub struct EditDetails {
    /// What stands around it.
    pub shell: Shell,
    /// What every question has.
    pub ask: Question,
    /// What others changed since the form was opened.
    pub meanwhile: Vec<String>,
    /// The last change that the form knows of.
    pub since: String,
    /// Ticket or task.
    pub kinds: Vec<Choice>,
    /// What it was when the form was opened, as of the others.
    pub was_kind: String,
    /// How urgent.
    pub priorities: Vec<Choice>,
    /// What it was.
    pub was_priority: String,
    /// Until when, as `YYYY-MM-DD`.
    pub due: Field,
    /// What it was.
    pub was_due: String,
    /// The project's name.
    pub project: Field,
    /// What it was.
    pub was_project: String,
    /// Projects to choose from.
    pub projects: Vec<String>,
    /// The tags, divided by commas.
    pub tags: Field,
    /// What they were.
    pub was_tags: String,
    /// Tags that others have.
    pub known_tags: Vec<String>,
}

/// GET `/items/{number}/assignees`, `…/followers`, `…/requester`. Field: `person`. The search is a GET of the same page
/// with `q`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "items/pick.html")]
pub struct PickPerson {
    /// What stands around it; the title is the question.
    pub shell: Shell,
    /// What every question has; `action` is the page's own address.
    pub ask: Question,
    /// What was searched for.
    pub search: String,
    /// Whom one searches for: "users", "people".
    pub whom: &'static str,
    /// What the button beside each says: "Assign".
    pub verb: &'static str,
    /// Who was found; nobody deactivated.
    pub found: Vec<Candidate>,
    /// How many more there are, to be found by searching.
    pub more: Option<String>,
    /// Whether the item can be left without; of a requester only.
    pub nobody: bool,
}
