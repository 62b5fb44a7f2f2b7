//! Tests of the rules: one per rule of the product description, and the invariants as properties.

mod documented;
mod events;
mod invariants;
mod rules_account;
mod rules_apps;
mod rules_bulk;
mod rules_customers;
mod rules_guards;
mod rules_import;
mod rules_people;
mod rules_scim;
mod rules_tokens;
mod rules_webhooks;
mod support;
mod words;
mod workspaces;
