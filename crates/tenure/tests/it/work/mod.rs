//! The work: items, projects, people's parts in them.

mod bulk;
mod conversations;
mod desk;
mod handover;
mod lists;
mod pages;
mod pages_many;
mod rules;
mod search;
mod search_size;
mod walk;
