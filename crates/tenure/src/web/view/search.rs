//! One search over people, items and what was written in them.

use askama::Template;

use super::chip::Chip;
use super::shell::Shell;
use super::work::ItemLine;
use super::{Link, When};

/// `/search`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "search/page.html")]
pub struct SearchPage {
    /// What stands around it; its search field holds what is sought.
    pub shell: Shell,
    /// The item whose number was typed.
    pub numbered: Option<ItemLine>,
    /// Items by title or number.
    pub items: Section<ItemLine>,
    /// Users, then customers; those without a hit are left out.
    pub people: Vec<Section<PersonHit>>,
    /// Descriptions and messages.
    pub texts: Section<TextHit>,
    /// The page of earlier texts.
    pub more: Option<String>,
    /// Whether these are earlier texts, and nothing else.
    pub earlier: bool,
    /// What to say of texts when too little was typed to look into them.
    pub short: bool,
}

impl SearchPage {
    /// Whether nothing was typed.
    pub(crate) fn is_unasked(&self) -> bool {
        self.shell.search.trim().is_empty()
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.numbered.is_none()
            && self.items.rows.is_empty()
            && self.people.is_empty()
            && self.texts.rows.is_empty()
            && self.more.is_none()
    }
}

/// What was found of one kind.
#[derive(Clone, Debug)]
pub struct Section<T> {
    /// "Users".
    pub title: &'static str,
    /// How many there are; empty where it is not counted.
    pub count: String,
    /// The first of them.
    pub rows: Vec<T>,
    /// Where all of them are.
    pub all: Vec<Link>,
}

impl<T> Default for Section<T> {
    fn default() -> Self {
        Self { title: "", count: String::new(), rows: Vec::new(), all: Vec::new() }
    }
}

/// Somebody found.
#[derive(Clone, Debug, Default)]
pub struct PersonHit {
    /// Who, with the link to their panel.
    pub chip: Chip,
    /// The address.
    pub email: String,
    /// Teams or organization.
    pub groups: String,
}

/// A text found.
#[derive(Clone, Debug, Default)]
pub struct TextHit {
    /// Where it stands.
    pub href: String,
    /// The item's number.
    pub number: i64,
    /// The item's title.
    pub title: String,
    /// Who wrote the message; `None` for the item's description.
    pub author: Option<Chip>,
    /// Whether only users see it.
    pub note: bool,
    /// When it was written.
    pub when: When,
    /// What stands before what was found, it, and what stands after.
    pub excerpt: (String, String, String),
}
