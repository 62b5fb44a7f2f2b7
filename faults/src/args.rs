//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, ValueEnum};

use crate::desk::Engine;

const EXAMPLES: &str = "Examples:
  cargo run -p faults -- --for 60s                             both engines, every fault, a new seed
  cargo run -p faults -- --for 1h --report docs/faults-report.md
  cargo run -p faults -- --engine sqlite --only kill,power --seed 7
  cargo run -p faults -- --engine postgres --nodes 2 --only roll
  cargo run -p faults -- --prove                               each planted fault must be found

The server is target/debug/tenure, built first, unless --bin or TENURE_BIN names one. Faults of the clock and --prove need a
build with the feature `planted`, which scripts/faults makes. Power cuts and failing disks need /dev/fuse and root. PostgreSQL is one of its
own, started by scripts/postgres with fsync on and gone afterwards.

It ends with 1 when anything was violated, or when a planted fault was not found.";

/// Breaks Tenure under load, and looks whether what was promised still holds: see docs/faults.md.
#[derive(Clone, Debug, Parser)]
#[command(name = "faults", after_help = EXAMPLES)]
pub(crate) struct Args {
    /// How long, on all engines together: 90s, 10m, 1h.
    #[arg(long = "for", value_name = "TIME", default_value = "60s", value_parser = span)]
    pub(crate) span: Duration,
    /// The database.
    #[arg(long, default_value = "both")]
    engine: Which,
    /// Makes the choices of an earlier run again, as far as things that go on at once allow.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Where the report goes, and beside it the same as JSON.
    #[arg(long, value_name = "FILE", default_value = "target/faults/report.md")]
    pub(crate) report: PathBuf,
    /// The server's program.
    #[arg(long, value_name = "PATH")]
    pub(crate) bin: Option<PathBuf>,
    /// The server's program with the feature `planted`.
    #[arg(long, value_name = "PATH", default_value = "target/faults/tenure-planted")]
    pub(crate) planted_bin: PathBuf,
    /// The faults to choose from, divided by commas.
    #[arg(long, value_name = "FAULT,…", value_delimiter = ',')]
    pub(crate) only: Vec<Trouble>,
    /// Nodes on PostgreSQL.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=4))]
    pub(crate) nodes: u8,
    /// Clients.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) clients: u8,
    /// Switches on each planted fault in turn, and fails unless it is found.
    #[arg(long)]
    pub(crate) prove: bool,
}

/// What may be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Trouble {
    /// `kill -9` of a server.
    Kill,
    /// A power cut (SQLite): what was not flushed is lost.
    Power,
    /// A full disk (SQLite).
    Full,
    /// Writes and flushes that fail (SQLite), and a power cut after some of them.
    Io,
    /// A clock that jumps.
    Clock,
    /// A server that stands still for a while, and goes on from there.
    Pause,
    /// A crash of PostgreSQL.
    Database,
    /// A restart of one node after the other, told by SIGTERM.
    Roll,
    /// A backup, restored elsewhere.
    Backup,
}

impl Trouble {
    /// Its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill -9 of a server",
            Self::Power => "power cut",
            Self::Full => "full disk",
            Self::Io => "failing disk",
            Self::Clock => "jumping clock",
            Self::Pause => "server that stands still",
            Self::Database => "crash of PostgreSQL",
            Self::Roll => "rolling restart",
            Self::Backup => "backup and restore",
        }
    }

    /// Whether it can happen on a database.
    pub(crate) fn fits(self, engine: Engine) -> bool {
        match self {
            Self::Kill | Self::Clock | Self::Pause | Self::Roll | Self::Backup => true,
            Self::Power | Self::Full | Self::Io => engine == Engine::Sqlite,
            Self::Database => engine == Engine::Postgres,
        }
    }

    /// Whether it needs the disk of the trial.
    pub(crate) fn needs_disk(self) -> bool {
        matches!(self, Self::Power | Self::Io)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    Sqlite,
    Postgres,
    Both,
}

impl Args {
    /// The engines that were asked for.
    pub(crate) fn engines(&self) -> Vec<Engine> {
        match self.engine {
            Which::Sqlite => vec![Engine::Sqlite],
            Which::Postgres => vec![Engine::Postgres],
            Which::Both => vec![Engine::Sqlite, Engine::Postgres],
        }
    }
}

fn span(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "a number and s, m or h, such as 90s".to_owned())?;
    let seconds = match &text[digits.len()..] {
        "s" | "" => number,
        "m" => number.saturating_mul(60),
        "h" => number.saturating_mul(3600),
        other => return Err(format!("{other} is not s, m or h")),
    };
    if (1..=7 * 24 * 3600).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err("from 1s to 168h".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }

    #[test]
    fn a_time_is_a_number_and_its_unit() {
        assert_eq!(span("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(span("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(span("1h"), Ok(Duration::from_hours(1)));
        assert!(span("1d").is_err() && span("0s").is_err() && span("h").is_err());
    }
}
