//! The ops, on both engines.

mod bulk;
mod model;
mod races;
mod rules;
mod smoke;
mod table;
