//! The reference of the command line, made from the commands themselves.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};

use super::Cli;

/// `docs/cli.md`.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "# The command line\n\n\
         This file is made from the program by `make generate`.\n\n\
         With `--json` every command answers with one line of JSON on standard output; an error is one line of \
         JSON on standard error, with `exit`, `kind`, `message`, `hints` and `details`. A command works on the \
         same database as a running server, and what it changes is in force at the server's next request.\n",
    );
    let mut root = Cli::command().term_width(100);
    root.build();
    section(&mut text, &root, "tenure");
    text
}

fn section(text: &mut String, command: &Command, path: &str) {
    let help = command.clone().render_long_help().to_string();
    let lines = help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    // Writing to a string does not fail.
    let _ = write!(text, "\n## {path}\n\n```text\n{}\n```\n", lines.trim_end());
    for inner in command.get_subcommands() {
        section(text, inner, &format!("{path} {}", inner.get_name()));
    }
}
