//! How large a run is.

use std::time::Duration;

use serde::Serialize;

/// How much of a look is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Size {
    /// A look: few people, short rounds.
    Quick,
    /// Figures to quote.
    Usual,
    /// With a million people.
    Full,
}

impl Size {
    /// What a reader of the table should know of its figures.
    pub(crate) fn caution(self) -> Option<&'static str> {
        match self {
            Self::Quick => Some(
                "A look at small sizes and over short rounds: \"met\" says no more than that. Figures to quote are those of a \
                 run without --quick, and at a million people of one with --full.",
            ),
            Self::Usual => {
                Some("The goals of P2 and P8 speak of a million people, which a run with --full measures.")
            }
            Self::Full => None,
        }
    }
}

/// Numbers of people, rounds and seconds.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// How often a figure and its limit are measured, in turn.
    pub(crate) rounds: usize,
    /// How long a load goes on in a round.
    pub(crate) span: Duration,
    /// Users of the desk that most measures run on.
    pub(crate) people: u64,
    /// Users of the desks of which each is compared with the first.
    pub(crate) sizes: Vec<u64>,
    /// Users of the desk whose start and memory are measured.
    pub(crate) large: u64,
    /// Users who are deactivated by one action.
    pub(crate) bulk: u64,
    /// Tickets and tasks on a desk of few, and on one of many.
    pub(crate) items: (u64, u64),
    /// How often a page is loaded in a round.
    pub(crate) loads: u64,
    /// How often the last license is raced for.
    pub(crate) races: usize,
}

impl Plan {
    /// The plan of a size.
    pub(crate) fn of(size: Size) -> Self {
        let usual = Self {
            rounds: 5,
            span: Duration::from_secs(2),
            people: 10_000,
            sizes: vec![10_000, 100_000],
            large: 100_000,
            bulk: 10_000,
            items: (1_000, 10_000),
            loads: 100,
            races: 3,
        };
        match size {
            Size::Quick => Self {
                rounds: 2,
                span: Duration::from_millis(300),
                people: 1_000,
                sizes: vec![1_000, 5_000],
                large: 5_000,
                bulk: 1_000,
                items: (200, 600),
                loads: 40,
                races: 2,
            },
            Size::Usual => usual,
            Size::Full => Self {
                rounds: 7,
                races: 10,
                items: (10_000, 100_000),
                sizes: vec![10_000, 100_000, 1_000_000],
                ..usual
            },
        }
    }
}
