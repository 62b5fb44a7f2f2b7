//! Items: tickets and tasks. Every op checks its actor inside its own write, lets [`domain::item`] and
//! [`domain::part`] decide, and saves the item with its history and the kept counts.
//!
//! Rows are locked in one order: people, project, item, what each person holds, counts.

pub mod bulk;
pub mod depart;
mod edit;
mod new;
mod parts;
mod read;
pub(crate) mod tally;

pub(crate) use edit::save as edit_saved;
pub use edit::{Edit, Edited, edit, set_status};
pub(crate) use new::save_arrived;
pub use new::{Input, Request, create, request};
pub use parts::{give, take};
pub use read::{Found, Page, PersonItems, find, history, of_person, show};

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    actor::Authority,
    id::ItemId,
    item::{self, Access, Part, Standing},
};

use crate::{
    ctx::Ctx,
    error::{Error, Result},
    limits::Limits,
    store::{
        Rx, Tx, item_people,
        items::{self, ItemRow},
        organizations,
    },
    text,
};

/// How many tags an item may have.
pub const MOST_TAGS: usize = 20;
/// How many people may be given a part in one step.
pub const MOST_PEOPLE: usize = 100;

/// The title of an item, cleaned and within the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// Cleans a typed title.
    pub fn parse(typed: &str, limits: &Limits) -> Result<Self> {
        if typed.trim().is_empty() {
            return Err(Error::field("title", "Enter a title."));
        }
        let clean = text::clean_name(typed, limits.name);
        clean
            .map(Self)
            .map_err(|error| Error::field("title", error.to_string().replace("The name", "The title")))
    }

    /// A title that was cleaned when it was kept.
    pub(crate) fn kept(title: String) -> Self {
        Self(title)
    }

    /// The title inside.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Cleans a typed description.
pub fn description(typed: &str, limits: &Limits) -> Result<String> {
    text::clean_lines("The description", typed, limits.message).map_err(|error| error.at("description"))
}

/// Tags, cleaned and without doubles, in the order of their folded names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

impl Tags {
    /// Reads typed tags, divided by commas or lines; a leading `#` is dropped.
    pub fn parse(typed: &str, limits: &Limits) -> Result<Self> {
        let mut tags = BTreeMap::new();
        for one in typed.split([',', '\n']).map(|one| one.trim().trim_start_matches('#')) {
            if one.is_empty() {
                continue;
            }
            let name = text::clean_name(one, limits.name.min(50));
            let name =
                name.map_err(|error| Error::field("tags", error.to_string().replace("The name", "A tag")))?;
            tags.insert(text::fold(&name), name);
        }
        if tags.len() > MOST_TAGS {
            return Err(Error::field("tags", format!("An item may have {MOST_TAGS} tags.")));
        }
        Ok(Self(tags))
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

/// The text by which search confirms a hit: folded title and number.
pub(crate) fn search_text(number: i64, title: &str) -> String {
    text::search_text(title, &number.to_string())
}

/// Files an item under the pieces of its title and number; `before` is the title it was filed under.
pub(crate) async fn file(
    tx: &mut Tx,
    ctx: &Ctx,
    id: ItemId,
    number: i64,
    (before, after): (Option<&str>, &str),
) -> Result<()> {
    let number = number.to_string();
    let had = before.map(|title| text::grams(title, &number)).unwrap_or_default();
    let has = text::grams(after, &number);
    let list = |from: &BTreeSet<String>, but: &BTreeSet<String>| from.difference(but).cloned().collect();
    items::set_grams(tx, ctx.workspace, id, list(&has, &had), list(&had, &has)).await
}

/// How the actor stands to an item, and what they may therefore do; "not found" for whom it does not concern.
pub(crate) async fn access(rx: &mut Rx, ctx: &Ctx, authority: &Authority, row: &ItemRow) -> Result<Access> {
    let mut standing = Standing::default();
    if let Some(person) = ctx.actor.person() {
        standing.requester = row.item.requester == Some(person);
        // Users may do all without it.
        let customer = item::may_work(authority).is_err();
        if customer && !standing.requester {
            standing.follower = item_people::has(rx, ctx.workspace, row.id, person, Part::Follower).await?;
            if let Some(requester) = row.item.requester.filter(|_| !standing.follower) {
                standing.colleague = organizations::share(rx, ctx.workspace, person, requester).await?;
            }
        }
    }
    item::access(authority, standing)?.ok_or(Error::NotFound("item"))
}

/// The item, locked, and what the actor may do with it.
pub(crate) async fn locked(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    id: ItemId,
) -> Result<(ItemRow, Access)> {
    let row = items::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("item"))?;
    let access = access(tx, ctx, authority, &row).await?;
    Ok((row, access))
}
