//! The contract of the store: what it promises, it promises on both engines.

mod engines;
mod failures;
mod last;
mod migrations;
mod postgres;
mod reads;
mod schema;
mod sqlite;
mod statements;
mod table;
mod writes;
