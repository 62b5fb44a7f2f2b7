//! Anonymous requests that wait for review.

use askama::Template;

use super::{Pager, When, chip::Chip, item::Prose, shell::Shell};

/// `/tickets/held`. Forms: `…/{id}/acceptance`; the way to `…/{id}/discard`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "work/held.html")]
pub struct HeldPage {
    /// What stands around it.
    pub shell: Shell,
    /// Those that wait, the oldest first.
    pub rows: Vec<HeldRequestRow>,
    /// The way on.
    pub pager: Pager,
}

/// A request that waits.
#[derive(Clone, Debug, Default)]
pub struct HeldRequestRow {
    /// Its address, below which it is accepted or discarded.
    pub href: String,
    /// Whose address was typed.
    pub person: Chip,
    /// That address.
    pub email: String,
    /// The name that was typed, where it is another.
    pub name: Option<String>,
    /// What it is about.
    pub title: String,
    /// The whole of it.
    pub body: Prose,
    /// When it came.
    pub received: When,
}
