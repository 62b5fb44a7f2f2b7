//! The ops, on both engines.

mod model;
mod races;
mod rules;
mod smoke;
mod table;
