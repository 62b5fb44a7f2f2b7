//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use tenure::store;

use crate::plan::{Plan, Size};

const EXAMPLES: &str = "Examples:
  cargo run --release -p bench                        every measure, up to 100,000 people
  cargo run --release -p bench -- --quick             every measure, small
  cargo run --release -p bench -- --full              up to a million people: an hour and more
  cargo run --release -p bench -- --only P1,P3        some measures
  cargo run --release -p bench -- --engine sqlite     on one database
  cargo run --release -p bench -- --quick --strict    fails where a goal is missed by more than five times

It builds the server's release binary first, unless TENURE_BIN names one. PostgreSQL is one of its own, started by
scripts/postgres with fsync on and gone afterwards, unless TENURE_BENCH_POSTGRES is the URL of a database on a server
whose role may create databases. Use that of nobody's work: it is put under full load.

The table goes to standard output, and as table.md and table.json to the folder of --out.";

/// Measures Tenure beside its limits, in one run on one machine: see docs/bench.md.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(name = "bench", after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Few people, short rounds: a look, not a figure to quote.
    #[arg(long, conflicts_with = "full")]
    pub(crate) quick: bool,
    /// A million people, too, and more rounds.
    #[arg(long)]
    full: bool,
    /// The measures to run, divided by commas.
    #[arg(long, value_name = "P1,P2,…", value_delimiter = ',', ignore_case = true)]
    pub(crate) only: Vec<Measure>,
    /// The database to run them on; without it, both.
    #[arg(long)]
    engine: Option<Engine>,
    /// Fail where a goal is missed by more than five times.
    #[arg(long)]
    pub(crate) strict: bool,
    /// The folder for the tables.
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    pub(crate) out: PathBuf,
    /// Be the bare server that a limit is measured with.
    #[arg(long, hide = true)]
    pub(crate) bare_server: bool,
}

/// A measure of the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "verbatim")]
pub(crate) enum Measure {
    /// Requests that change nothing.
    P1,
    /// The grid of users, among few and among many.
    P2,
    /// Deactivations and activations.
    P3,
    /// A bulk deactivation, and reads meanwhile.
    P4,
    /// Revocation.
    P5,
    /// The last license.
    P6,
    /// A restart, and memory.
    P7,
    /// An item's page, and searches.
    P8,
    /// PostgreSQL beside pgbench, on one node and on two.
    P9,
    /// Sign-ins.
    P10,
}

impl Measure {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
            Self::P5 => "P5",
            Self::P6 => "P6",
            Self::P7 => "P7",
            Self::P8 => "P8",
            Self::P9 => "P9",
            Self::P10 => "P10",
        }
    }
}

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// The embedded one.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Args {
    /// The measures that were asked for, in order.
    pub(crate) fn measures(&self) -> Vec<Measure> {
        let all = Measure::value_variants().iter().copied();
        all.filter(|measure| self.only.is_empty() || self.only.contains(measure)).collect()
    }

    /// How much of a look is asked for.
    pub(crate) fn size(&self) -> Size {
        match (self.quick, self.full) {
            (true, _) => Size::Quick,
            (_, true) => Size::Full,
            _ => Size::Usual,
        }
    }

    /// How large everything is.
    pub(crate) fn plan(&self) -> Plan {
        Plan::of(self.size())
    }

    /// Whether a database was named, and is it.
    pub(crate) fn insists(&self, engine: store::Engine) -> bool {
        self.engine.is_some() && self.wants(engine)
    }

    /// Whether a database is measured.
    pub(crate) fn wants(&self, engine: store::Engine) -> bool {
        match self.engine {
            None => true,
            Some(Engine::Sqlite) => engine == store::Engine::Sqlite,
            Some(Engine::Postgres) => engine == store::Engine::Postgres,
        }
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
    fn only_some_measures_run_in_their_order() {
        let args = Args::try_parse_from(["bench", "--only", "p3,P1"]).expect("arguments");
        assert_eq!(args.measures(), [Measure::P1, Measure::P3]);
        let args = Args::try_parse_from(["bench"]).expect("arguments");
        assert_eq!(args.measures().len(), Measure::value_variants().len());
        assert!(Args::try_parse_from(["bench", "--only", "P0"]).is_err());
    }

    #[test]
    fn one_database_can_be_chosen() {
        let args = Args::try_parse_from(["bench", "--engine", "postgres"]).expect("arguments");
        assert!(args.wants(store::Engine::Postgres) && !args.wants(store::Engine::Sqlite));
    }
}
