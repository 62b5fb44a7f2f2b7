//! The integration tests: one binary, because linking is what takes time.

mod apps;
mod cli;
mod desk_account;
mod desk_admin;
mod desk_audit;
mod desk_people;
mod drift;
mod grid;
mod http;
mod import;
mod nodes;
mod ops;
mod plans;
mod scim;
mod store;
mod support;
mod templates;
mod tokens;
mod webhooks;
mod work;
