//! `tenure import`.

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use domain::person::Kind;
use serde_json::json;

use super::{
    Global,
    answer::{Answer, note},
    failure::Failure,
    licenses::number_owned,
    place::Place,
    table::{count, facts},
};
use crate::{
    import::{BadRow, BadRows, Source, Wrong},
    ops::import::{self, Job, Outcome, Progress, Report},
};

/// How many bad rows are listed.
const LISTED: usize = 50;

const HELP: &str = "\
The columns are found by their names: Name, or First Name and Last Name; Email; Teams (separated by \
semicolons); Organization; Role; Status; External ID; Last Login. Each row is matched by External ID, else \
by email address. All of the file is imported, or nothing. docs/import.md has the whole of it.

Exit codes:
  0  imported, or (with --dry-run) can be
  2  the file has no such columns, or cannot be read
  3  refused: licenses are missing, or the brake would be passed
  5  somebody changed the same people meanwhile: nothing was imported, try again
  6  rows are bad: nothing was imported

Examples:
  tenure import customers.csv --kind customers --dry-run
  tenure import staff.csv --kind users --licenses 500
  tenure import people.csv --kind users --map 'E-Mail=Email' --map 'Notes='
  tenure import people.csv --kind customers --skip-bad --errors bad.csv";

/// Import users or customers from a CSV file.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(super) struct Import {
    /// The file: CSV in UTF-8, whose first line names the columns.
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// What the people in it are.
    #[arg(long, value_parser = ["users", "customers"])]
    kind: String,
    /// Take the file's column A for B; with an empty B leave it out.
    #[arg(long = "map", value_name = "A=B", value_parser = pair)]
    maps: Vec<(String, String)>,
    /// Show what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Import the good rows although others are bad.
    #[arg(long)]
    skip_bad: bool,
    /// Also deactivate and activate people who are there, as the file says.
    #[arg(long)]
    update_status: bool,
    /// Deactivate more people than the brake lets pass within 60 minutes.
    #[arg(long, requires = "update_status")]
    past_the_brake: bool,
    /// Own N licenses, when fewer are owned now.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number_owned)]
    licenses: Option<i64>,
    /// Write every bad row, with line, column and reason, to this file.
    #[arg(long, value_name = "FILE.csv")]
    errors: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (from, to) = text.rsplit_once('=').ok_or("give it as A=B")?;
    Ok((from.to_owned(), to.to_owned()))
}

/// The kind that a word of the command line names.
pub(super) fn kind(word: &str) -> Kind {
    if word == "customers" { Kind::Customer } else { Kind::User }
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        let failure = Self::usage(wrong.to_string());
        match wrong {
            Wrong::Missing { .. } | Wrong::Twice { .. } => {
                failure.hint("--map 'E-Mail=Email' says which column is which")
            }
            _ => failure,
        }
    }
}

impl Import {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        if !self.file.is_file() {
            return Err(Failure::not_found(format!("there is no file {}", self.file.display())));
        }
        let place = Place::open(global).await?;
        let answer = self.import(&place, global.json).await;
        place.close().await;
        answer
    }

    fn bad_rows(&self) -> Result<BadRows, Failure> {
        let path = self.errors.as_deref();
        BadRows::open(LISTED, path).map_err(|error| {
            let path = path.map(|path| path.display().to_string()).unwrap_or_default();
            Failure::failed(format!("cannot write {path}: {error}"))
        })
    }

    async fn import(&self, place: &Place, json: bool) -> Result<Answer, Failure> {
        let ws = place.workspace().await?.id;
        let source = Source::open(&self.file, &self.maps)?;
        let ignored: Vec<String> = source.mapping().ignored().map(str::to_owned).collect();
        if !ignored.is_empty() && !json {
            note(&format!("left out, since no import knows them: {}", ignored.join(", ")));
        }
        let job = Arc::new(Job {
            source,
            kind: kind(&self.kind),
            skip_bad: self.skip_bad,
            update_status: self.update_status,
            past_brake: self.past_the_brake,
            licenses: self.licenses,
            expected: None,
            limits: place.config.limits.clone(),
        });
        let mut bad = self.bad_rows()?;
        let progress = Arc::new(Progress::default());
        let bar = (!json && std::io::stderr().is_terminal()).then(|| tokio::spawn(draw(progress.clone())));
        let ctx = place.ctx(ws);
        let ended =
            import::run(&place.store, &ctx, &job, self.dry_run, &progress, &mut |row| bad.push(row)).await;
        if let Some(bar) = bar {
            bar.abort();
            paint("");
        }
        let (bad, failed) = bad.close();
        if let Some(failed) = failed {
            note(&format!("warning: the list of bad rows is not whole: {failed}"));
        }
        let outcome = ended?;
        if matches!(outcome, Outcome::Done(_)) {
            place.seal(ws).await;
        }
        Ok(self.answer(&outcome, &bad, &ignored))
    }

    fn answer(&self, outcome: &Outcome, bad: &[BadRow], ignored: &[String]) -> Answer {
        let report = outcome.report();
        let mut lines: Vec<String> = bad.iter().map(ToString::to_string).collect();
        let more = report.bad.saturating_sub(bad.len() as u64);
        if more > 0 {
            lines.push(format!("and {more} more bad rows; --errors FILE.csv writes all of them"));
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(words(report, self.dry_run || !matches!(outcome, Outcome::Done(_))));
        lines.push(verdict(outcome, self.skip_bad));
        let mut json = serde_json::to_value(outcome).unwrap_or_default();
        json["bad_rows"] = json!(bad);
        json["ignored_columns"] = json!(ignored);
        let answer = Answer::new(lines.join("\n"), json);
        match outcome {
            Outcome::Bad(_) => answer.found(),
            Outcome::Checked(report) if report.bad > 0 && !self.skip_bad => answer.found(),
            Outcome::Short(_) => answer.refused(),
            Outcome::Checked(report) if report.licenses_missing > 0 => answer.refused(),
            Outcome::Checked(_) | Outcome::Done(_) => answer,
        }
    }
}

/// The numbers of an import; those that are 0 are left out.
fn words(report: &Report, would: bool) -> String {
    let some = |number: u64| if number == 0 { String::new() } else { number.to_string() };
    let signed = |number: i64| if number == 0 { String::new() } else { number.to_string() };
    let lines = [
        ("Rows", report.rows.to_string()),
        ("New", report.new.to_string()),
        ("Changed", report.changed.to_string()),
        ("Unchanged", report.unchanged.to_string()),
        ("Bad", report.bad.to_string()),
        ("Statuses changed", some(report.statuses_changed)),
        (if would { "To be deactivated" } else { "Deactivated" }, some(report.deactivated)),
        ("Statuses kept", some(report.statuses_kept)),
        ("Roles kept", some(report.roles_kept)),
        ("Deactivated, given nothing new", some(report.held_back)),
        (if would { "Teams to be made" } else { "Teams made" }, some(report.teams_made)),
        (
            if would { "Organizations to be made" } else { "Organizations made" },
            some(report.organizations_made),
        ),
        (if would { "Licenses needed" } else { "Licenses taken" }, signed(report.licenses_taken)),
        (if would { "Licenses to be added" } else { "Licenses added" }, signed(report.licenses_added)),
    ];
    facts(&lines)
}

fn verdict(outcome: &Outcome, skip_bad: bool) -> String {
    let short = |report: &Report| {
        format!("It needs {} than are free.", count(report.licenses_missing, "more license"))
    };
    match outcome {
        Outcome::Done(report) if report.bad > 0 => {
            let bad = i64::try_from(report.bad).unwrap_or(i64::MAX);
            format!("Imported, without {}.", count(bad, "bad row"))
        }
        Outcome::Done(_) => "Imported.".into(),
        Outcome::Bad(_) => {
            "Nothing was imported: correct these rows, or leave them out with --skip-bad.".into()
        }
        Outcome::Short(report) => {
            format!("Nothing was imported. {} --licenses N raises how many are owned.", short(report))
        }
        Outcome::Checked(report) if report.bad > 0 && !skip_bad => {
            "Nothing would be imported: rows are bad. --skip-bad leaves them out.".into()
        }
        Outcome::Checked(report) if report.licenses_missing > 0 => {
            format!("Nothing would be imported. {} --licenses N raises how many are owned.", short(report))
        }
        Outcome::Checked(_) => "Nothing was done: this was a dry run.".into(),
    }
}

/// Draws how far it is, until stopped.
async fn draw(progress: Arc<Progress>) {
    loop {
        let (done, total, writing) = progress.now();
        let stage = if writing { "Importing" } else { "Checking" };
        let line = if total == 0 {
            "Reading the file".to_owned()
        } else {
            let filled = usize::try_from(done * 30 / total.max(1)).unwrap_or(30).min(30);
            format!("{stage} [{}{}] {done} of {total}", "#".repeat(filled), " ".repeat(30 - filled))
        };
        paint(&line);
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

/// Writes over the line that stands there.
fn paint(line: &str) {
    let mut stderr = std::io::stderr().lock();
    // The terminal is gone: nobody to tell.
    let _ = write!(stderr, "\r\x1b[K{line}").and_then(|()| stderr.flush());
}
