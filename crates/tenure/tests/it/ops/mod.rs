//! The ops, on both engines.

mod races;
mod rules;
mod smoke;
mod table;
