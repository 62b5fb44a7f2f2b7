//! The rules of product.md, section 1, through the ops.

mod activate;
mod customers;
mod deactivate;
mod delete;
mod guards;
mod invite;
mod record;
mod workspaces;

use crate::support::world::{Dump, World, changed_tables};

/// Nothing but the log of what was tried has changed.
pub(crate) async fn unchanged(world: &World, before: &Dump) {
    let changed = changed_tables(before, &world.dump().await);
    assert!(changed.is_empty(), "these tables changed: {changed:?}");
}

/// Not even an audit entry.
pub(crate) async fn untouched(world: &World, before: &Dump) {
    let after = world.dump().await;
    let changed: Vec<_> = after.keys().filter(|table| before.get(*table) != after.get(*table)).collect();
    assert!(changed.is_empty(), "these tables changed: {changed:?}");
}
