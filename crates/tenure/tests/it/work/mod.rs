//! The work: items, projects, people's parts in them.

mod desk;
mod lists;
mod rules;
