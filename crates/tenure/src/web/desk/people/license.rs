//! Licenses in words.

use domain::license::Licenses;

use crate::web::{
    desk::words::{count, money},
    view::{
        dialogs::{AddLicense, AddedPrice},
        number,
        shell::{Meter, Shell},
    },
};

/// What adding a license means; `None` when the workspace may own no more.
pub(super) fn add(licenses: &Licenses) -> Option<AddLicense> {
    let after = licenses.own(licenses.owned + 1).ok()?;
    let price = licenses.price.as_ref().map(|price| {
        let of = |count: i64| {
            let minor = price.minor.saturating_mul(count);
            format!("{} per {}", money(minor, &price.currency), price.period.word())
        };
        AddedPrice { one: of(1), now: of(licenses.owned), then: of(after.owned) }
    });
    Some(AddLicense {
        effect: format!("The workspace will own {}.", count(after.owned, "license", "licenses")),
        price,
    })
}

/// "All 10 licenses are in use."
pub(super) fn all_used(licenses: &Licenses) -> String {
    match licenses.owned {
        1 => "The one license is in use.".into(),
        owned => format!("All {} licenses are in use.", digits(owned)),
    }
}

/// "9 of 10 in use".
pub(super) fn in_use(licenses: &Licenses) -> String {
    format!("{} of {} in use", digits(licenses.used), digits(licenses.owned))
}

/// "1 license is free (9 of 10 in use)".
pub(super) fn freed(licenses: &Licenses) -> String {
    format!("1 license is free again ({})", in_use(licenses))
}

/// The meter as it is after what was done.
pub(super) fn meter(shell: &mut Shell, licenses: &Licenses) {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    shell.meter = Some(Meter { used: count(licenses.used), owned: count(licenses.owned) });
}

fn digits(count: i64) -> String {
    number(count.unsigned_abs())
}
