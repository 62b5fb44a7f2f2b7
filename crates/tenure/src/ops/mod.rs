//! One function per thing a person can do; every door calls these, and holds no rule itself.
//!
//! An op runs inside one write: it loads (and locks) what it needs, lets [`domain`] decide, saves the
//! state with its audit entry, and answers a receipt. Its `plan` is the same without the save: what a
//! dialog shows is made by the code that will act.
//!
//! Each op checks its actor again inside its own transaction, so no answer is older than the write.

pub mod activation;
pub mod articles;
pub mod audit;
pub mod bulk;
pub mod customers;
pub mod deactivation;
pub mod deletion;
pub(crate) mod events;
pub mod export;
pub(crate) mod fingerprint;
pub mod handover;
pub(crate) mod history;
pub mod import;
pub mod invariants;
pub mod invitation;
pub mod items;
pub mod licenses;
pub mod links;
pub mod load;
pub mod messages;
pub mod once;
pub mod organizations;
pub mod password;
pub mod picture;
pub mod profile;
pub mod projects;
pub mod record;
pub mod requests;
pub mod restore;
pub mod review;
pub mod roles;
pub mod scim;
pub mod search;
pub mod sessions;
pub mod sign_in;
pub mod status;
pub mod teams;
pub mod tokens;
pub mod undo;
pub mod views;
pub mod webhooks;
pub mod workspace;
