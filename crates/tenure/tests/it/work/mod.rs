//! The work: items, projects, people's parts in them.

mod conversations;
mod desk;
mod handover;
mod lists;
mod rules;
