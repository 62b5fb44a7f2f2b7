//! The rules of Tenure: pure and synchronous, without I/O, clock or randomness.
//!
//! A rule stands here once, as a total function from state and input to what changes or to a typed
//! [`refusal::Refusal`]. Every door (page, JSON API, CLI, job) reaches it through the same op, and a
//! dry run is the same call without the save. Rule numbers are those of the product description:
//! see `docs/rules.md`.

pub mod actor;
pub mod apps;
pub mod article;
pub mod audit;
pub mod brake;
pub mod bulk;
pub mod customer;
pub mod event;
pub mod id;
pub mod import;
pub mod invitation;
pub mod item;
pub mod license;
pub mod lifecycle;
pub mod part;
pub mod person;
pub mod project;
pub mod refusal;
pub mod role;
pub mod scim;
pub mod session;
pub mod token;
pub mod webhook;
pub mod workspace;

pub use refusal::Refusal;
