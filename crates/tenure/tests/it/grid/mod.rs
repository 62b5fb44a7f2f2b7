//! The grids: pages, filters, search, groups, counts; the audit log and the picker.

mod asked;
mod audit;
mod crowd;
mod pages;
mod search;
mod size;
