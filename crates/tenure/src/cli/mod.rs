//! The command line: the desk's administration at the machine, and the server itself.
//!
//! As every door it parses and renders; the rules are in the ops it calls.

mod answer;
mod article;
mod audit;
mod backup;
mod bulk;
mod bulk_show;
mod customer;
mod demo;
mod doctor;
mod export;
mod failure;
mod handover;
mod import;
mod item;
mod licenses;
mod local;
mod organization;
mod owner;
mod place;
mod project;
mod reference;
mod request;
mod restore;
mod search;
mod serve;
mod table;
mod team;
mod token;
mod user;
mod user_change;
mod user_edit;
mod user_invite;
mod user_review;
mod user_show;
mod webhook;
mod workspace;
mod workspace_apps;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

use answer::Answer;
use failure::Failure;
pub use reference::reference;

/// What every exit code means; part of the help and of the reference.
const EXIT_CODES: &str = "\
Exit codes:
  0  done, or nothing had to change
  1  failed: the database, the disk or the program
  2  wrong command, flag or value
  3  refused by a rule
  4  no such workspace, user or file
  5  changed meanwhile or busy: nothing was done, try again
  6  a check found something wrong (doctor, audit verify, import)
  7  not confirmed

Examples:
  tenure demo
  tenure workspace create Acme --owner owner@acme.example --licenses 10
  tenure serve --listen 127.0.0.1:8080
  tenure user deactivate ada@acme.example --reason \"Extended leave\" --dry-run";

/// A self-hosted work desk that never loses the work of the people who leave.
#[derive(Debug, Parser)]
#[command(name = "tenure", version, after_help = EXIT_CODES, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Where the data is and how to answer: the same for every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// The folder with the embedded database and the audit key [default: data; for demo tenure-data].
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A PostgreSQL database instead of the embedded one. With a password, better set `TENURE_DATABASE_URL`.
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// The configuration file; `tenure config` prints one with every default.
    #[arg(long, global = true, value_name = "FILE", env = "TENURE_CONFIG")]
    config: Option<PathBuf>,
    /// The file with the key that seals the audit log [default: audit.key in the data folder].
    #[arg(long, global = true, value_name = "FILE")]
    audit_key: Option<PathBuf>,
    /// The workspace, by name or id; needed when there are several.
    #[arg(long, short, global = true, value_name = "NAME|ID")]
    workspace: Option<String>,
    /// Answer as one line of JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open a desk with made-up people, to look around.
    Demo(demo::Demo),
    /// Run the server.
    Serve(serve::Serve),
    /// Create, list and show workspaces.
    #[command(subcommand)]
    Workspace(workspace::Workspaces),
    /// Invite, deactivate, activate and delete users, and everything between.
    #[command(subcommand)]
    User(user::Users),
    /// Add, invite, deactivate, activate and delete customers, and everything between.
    #[command(subcommand)]
    Customer(customer::Customers),
    /// Create, change and delete organizations, the companies of customers.
    #[command(subcommand)]
    Organization(organization::Organizations),
    /// Create, rename and delete teams, and say who is in them.
    #[command(subcommand)]
    Team(team::Teams),
    /// Make, list, suspend and revoke tokens of the JSON API.
    #[command(subcommand)]
    Token(token::Tokens),
    /// Make, list, change and delete webhooks, and look what became of events there.
    #[command(subcommand)]
    Webhook(webhook::Webhooks),
    /// List, show, create and change tickets and tasks.
    #[command(subcommand)]
    Item(item::Items),
    /// List, create, rename and archive projects.
    #[command(subcommand)]
    Project(project::Projects),
    /// Look for people, items and what was written.
    Search(search::Search),
    /// List, show and publish articles of the help centre.
    #[command(subcommand)]
    Article(article::Articles),
    /// Look through anonymous requests that are held for review.
    #[command(subcommand)]
    Request(request::Requests),
    /// Give a person's unfinished items to others.
    Handover(handover::Handover),
    /// Import users or customers from a CSV file.
    Import(import::Import),
    /// Do one thing with many people.
    #[command(subcommand)]
    Bulk(bulk::Bulk),
    /// Write users or customers to a CSV file, in the columns that an import reads.
    Export(export::Export),
    /// Licenses owned, used and their price.
    #[command(subcommand)]
    Licenses(licenses::LicensesCommand),
    /// Replace an owner who cannot act.
    #[command(subcommand)]
    Owner(owner::Owner),
    /// Read and verify the audit log.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Copy the database, as it is at one moment, into a new file.
    Backup(backup::Backup),
    /// Put a backup in an empty place, with every session ended, every API token suspended, every webhook off and every link void.
    Restore(restore::Restore),
    /// Look for anything wrong with the database, the audit log and the machine.
    Doctor(doctor::Doctor),
    /// Print the configuration file with every default, commented.
    #[command(after_help = "Example:\n  tenure config > tenure.toml")]
    Config,
    /// Print the completions for a shell.
    #[command(after_help = "Example:\n  tenure completions bash > /etc/bash_completion.d/tenure")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Runs the program; answers its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return wrong_usage(&error),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::failed(format!("cannot start: {error}")).print(cli.global.json),
    };
    let json = cli.global.json;
    let done = runtime.block_on(run(cli));
    // Work that nobody waits for any more must not keep the program alive.
    runtime.shutdown_background();
    match done {
        Ok(answer) => answer.print(json),
        Err(failure) => failure.print(json),
    }
}

/// Help and version, or what is wrong with the arguments; for machines when they asked for it.
fn wrong_usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|arg| arg == "--json") {
        return Failure::usage(error.to_string().trim_end()).print(true);
    }
    // The terminal is gone: nobody to tell.
    let _ = error.print();
    if error.use_stderr() { failure::Exit::Usage.code() } else { failure::Exit::Done.code() }
}

async fn run(cli: Cli) -> Result<Answer, Failure> {
    let global = &cli.global;
    match cli.command {
        Command::Demo(command) => command.run(global).await,
        Command::Serve(command) => command.run(global).await,
        Command::Workspace(command) => command.run(global).await,
        Command::User(command) => command.run(global).await,
        Command::Customer(command) => command.run(global).await,
        Command::Organization(command) => command.run(global).await,
        Command::Item(command) => command.run(global).await,
        Command::Search(command) => command.run(global).await,
        Command::Project(command) => command.run(global).await,
        Command::Article(command) => command.run(global).await,
        Command::Request(command) => command.run(global).await,
        Command::Handover(command) => command.run(global).await,
        Command::Token(command) => command.run(global).await,
        Command::Webhook(command) => Box::pin(command.run(global)).await,
        Command::Team(command) => command.run(global).await,
        Command::Import(command) => Box::pin(command.run(global)).await,
        Command::Bulk(command) => command.run(global).await,
        Command::Export(command) => command.run(global).await,
        Command::Licenses(command) => command.run(global).await,
        Command::Owner(command) => command.run(global).await,
        Command::Audit(command) => command.run(global).await,
        Command::Backup(command) => command.run(global).await,
        Command::Restore(command) => command.run(global).await,
        Command::Doctor(command) => command.run(global).await,
        Command::Config => {
            let text = crate::config::Config::commented_default();
            Ok(Answer::new(text.clone(), serde_json::json!({ "config": text })))
        }
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "tenure", &mut text);
            let text = String::from_utf8_lossy(&text).into_owned();
            Ok(Answer::new(text.clone(), serde_json::json!({ "completions": text })))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        Cli::command().debug_assert();
    }

    /// A line as a shell divides it, up to where it sends its output elsewhere or says more.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
        for c in line.chars().chain([' ']) {
            match (c, quote) {
                ('"' | '\'', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                (' ', None) if word.is_empty() => {}
                (' ', None) => words.push(std::mem::take(&mut word)),
                (c, _) => word.push(c),
            }
        }
        let end = words.iter().position(|word| matches!(word.as_str(), "|" | ">" | ">>" | "<" | "#" | "&&"));
        words.truncate(end.unwrap_or(words.len()));
        words
    }

    #[test]
    fn every_command_has_an_example_that_it_understands() {
        fn walk(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            if !command.has_subcommands() {
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("Example"), "{path} has no example");
                for line in help.lines().map(str::trim).filter(|line| line.starts_with("tenure ")) {
                    let read = Cli::try_parse_from(words(line));
                    assert!(
                        read.is_ok(),
                        "{path}: {line}: {}",
                        read.err().map_or(String::new(), |e| e.to_string())
                    );
                }
            }
            for inner in command.get_subcommands() {
                walk(inner, &path);
            }
        }
        walk(&Cli::command(), "");
    }
}
