//! Licenses: how many the workspace owns, and how many are used.

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// How often the price of a license is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// Each month.
    Month,
    /// Each year.
    Year,
}

impl Period {
    /// The word in the database, the API and the CLI.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Reads [`Period::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Month, Self::Year].into_iter().find(|period| period.word() == word)
    }
}

/// What one license costs per period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// In hundredths of the currency's unit.
    pub minor: i64,
    /// ISO 4217 code, three upper-case letters.
    pub currency: String,
    /// How often it is due.
    pub period: Period,
}

/// The licenses of a workspace at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licenses {
    /// How many the workspace owns.
    pub owned: i64,
    /// How many are used: invited and active users.
    pub used: i64,
    /// The price, where the administrator has set one.
    pub price: Option<Price>,
}

/// The most licenses a workspace can own; a typing error should not pass for a purchase.
pub const MOST_OWNED: i64 = 1_000_000;

impl Licenses {
    /// How many can still be taken.
    #[must_use]
    pub const fn free(&self) -> i64 {
        self.owned - self.used
    }

    /// The state with `count` more used, or the refusal that says how many are missing.
    pub fn take(&self, count: i64) -> Result<Self, Refusal> {
        if count > self.free() {
            return Err(Refusal::LicensesExhausted { licenses: self.clone(), needed: count });
        }
        Ok(Self { used: self.used + count, ..self.clone() })
    }

    /// The state with `count` fewer used.
    #[must_use]
    pub fn give_back(&self, count: i64) -> Self {
        Self { used: self.used - count, ..self.clone() }
    }

    /// The state with another number owned; owned below used is refused.
    pub fn own(&self, owned: i64) -> Result<Self, Refusal> {
        // What can be no number of licenses at all is not measured against those in use.
        if !(1..=MOST_OWNED).contains(&owned) {
            return Err(Refusal::OwnedOutOfRange { most: MOST_OWNED });
        }
        if owned < self.used {
            return Err(Refusal::OwnedBelowUsed { asked: owned, used: self.used });
        }
        Ok(Self { owned, ..self.clone() })
    }
}
