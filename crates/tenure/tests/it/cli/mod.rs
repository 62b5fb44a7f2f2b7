//! The command line: the real binary, in folders of its own, on both engines.

mod audit;
mod bulk;
mod copies;
mod customers;
mod demo;
mod idle;
mod import;
mod items;
mod machine;
mod server;
mod teams;
mod tokens;
mod under_load;
mod users;
mod webhooks;
mod workspaces;

use crate::drift::check_generated;

#[test]
fn generated_reference_of_the_command_line() {
    check_generated("docs/cli.md", &tenure::cli::reference());
}

#[test]
fn generated_default_configuration() {
    check_generated("docs/config.toml", &tenure::config::Config::commented_default());
}
