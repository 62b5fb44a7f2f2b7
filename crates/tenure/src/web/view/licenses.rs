//! The licenses: who holds each, how the number went, and what lies idle.

use askama::Template;

use super::chart::Chart;
use super::chip::Chip;
use super::shell::{Meter, Shell};
use super::{Field, Guard, Pager, When};

/// `/licenses`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "licenses/page.html")]
pub struct LicensesPage {
    /// What stands around it.
    pub shell: Shell,
    /// Used of owned.
    pub meter: Meter,
    /// "€150.00 per month"; `None` when no price is set.
    pub cost: Option<String>,
    /// The form that changes how many are owned (POST `/settings/licenses/owned`: `owned`).
    pub change: Option<ChangeOwned>,
    /// Used against owned over time; `None` while there is one day only.
    pub chart: Option<Chart>,
    /// How much of the past the chart can show.
    pub periods: Vec<Period>,
    /// Who has not signed in for 30, 60 and 90 days.
    pub dormant: Vec<Dormant>,
    /// Each license in use, on this page.
    pub ledger: Vec<LedgerRow>,
    /// Where one is, and the ways on.
    pub pager: Pager,
    /// Licenses that were freed, the latest first.
    pub freed: Vec<FreedRow>,
}

/// How much of the past the chart shows.
#[derive(Clone, Debug, Default)]
pub struct Period {
    /// "30 days".
    pub label: String,
    /// The page with it.
    pub href: String,
    /// Whether it is what is shown.
    pub current: bool,
}

/// A license that is free again.
#[derive(Clone, Debug, Default)]
pub struct FreedRow {
    /// Who held it.
    pub holder: Chip,
    /// When it became free.
    pub freed: When,
    /// Since when it had been held.
    pub since: When,
    /// Why: "Deactivated", "Invitation expired".
    pub why: String,
}

/// The form that changes how many licenses are owned.
#[derive(Clone, Debug, Default)]
pub struct ChangeOwned {
    /// The form's guard, at the version of the settings.
    pub guard: Guard,
    /// How many.
    pub owned: Field,
    /// "At least 8: so many are in use."
    pub hint: String,
}

/// Users who have not signed in for so long.
#[derive(Clone, Debug, Default)]
pub struct Dormant {
    /// "Not signed in for 30 days".
    pub label: String,
    /// How many, exactly.
    pub count: String,
    /// What their licenses cost: "€45.00 per month".
    pub cost: Option<String>,
    /// The grid that shows them.
    pub href: String,
}

/// One license in use.
#[derive(Clone, Debug, Default)]
pub struct LedgerRow {
    /// Who holds it.
    pub holder: Chip,
    /// The address.
    pub email: String,
    /// Since when.
    pub since: When,
    /// Why: "Invited by Grace Hopper", "Activated in place of Ada Lovelace".
    pub why: String,
    /// When it frees: "When deactivated or deleted", "In 5 days, if not accepted".
    pub frees: String,
}
