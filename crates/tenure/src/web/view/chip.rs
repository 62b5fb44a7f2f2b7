//! The one way a person is drawn, wherever a person appears.

use askama::Template;
use uuid::Uuid;

use crate::text;

/// How much of the person is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// Small, in running text, lists and pickers. "Deactivated" is in the tooltip and for screen readers.
    #[default]
    Inline,
    /// Small, in a cell of a grid: "Deactivated" is a badge that all can read.
    Cell,
    /// As a row's title: "Deactivated" is a badge that all can read.
    Row,
    /// As the title of a row that tells the status in a column of its own, where all read "Deactivated" once.
    StatusRow,
    /// As a panel's or page's head, with a badge.
    Head,
    /// The picture alone; the name is its tooltip and its text for screen readers.
    Face,
}

/// A person: picture or initials, name, and whether deactivated.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/chip.html")]
pub struct Chip {
    /// The name as it is written; for someone deleted, "Deleted user".
    pub name: String,
    /// One or two letters for the place of a picture.
    pub initials: String,
    /// 0 to 11: which colour stands behind the initials.
    pub hue: u8,
    /// The address of the picture.
    pub picture: Option<String>,
    /// Whether to draw transparent and labelled.
    pub deactivated: bool,
    /// Where a click leads; `None` for those who may not look further.
    pub href: Option<String>,
    /// How much is shown.
    pub look: Look,
}

impl askama::filters::HtmlSafe for Chip {}

impl Chip {
    /// Draws a person from the id (which gives the colour) and the name (which gives the initials).
    pub fn new(id: Uuid, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { initials: text::initials(&name), hue: text::hue(id), name, ..Self::default() }
    }

    /// Someone who was deleted, whose messages and entries stay.
    pub fn deleted(label: impl Into<String>) -> Self {
        Self { name: label.into(), initials: "–".into(), hue: 0, ..Self::default() }
    }

    /// With a picture, or without when there is none.
    #[must_use]
    pub fn with_picture(mut self, picture: Option<String>) -> Self {
        self.picture = picture;
        self
    }

    /// Drawn as deactivated, or not.
    #[must_use]
    pub fn deactivated(mut self, deactivated: bool) -> Self {
        self.deactivated = deactivated;
        self
    }

    /// With a place to go to.
    #[must_use]
    pub fn linked(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    /// With another look.
    #[must_use]
    pub fn looking(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    fn look_class(&self) -> &'static str {
        match self.look {
            Look::Inline | Look::Cell => "chip-inline",
            Look::Row | Look::StatusRow => "chip-row",
            Look::Head => "chip-head",
            Look::Face => "chip-face",
        }
    }

    fn wears_badge(&self) -> bool {
        self.deactivated && matches!(self.look, Look::Cell | Look::Row | Look::Head)
    }

    /// Whether only screen readers are told, since no badge is worn.
    fn is_told_aside(&self) -> bool {
        self.deactivated && matches!(self.look, Look::Inline | Look::Face)
    }

    fn tooltip(&self) -> Option<String> {
        match (self.look, self.deactivated) {
            (Look::Face, false) => Some(self.name.clone()),
            (Look::Face | Look::Inline, true) => Some(format!("{} (Deactivated)", self.name)),
            _ => None,
        }
    }
}
