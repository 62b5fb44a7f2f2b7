//! Medians, percentiles and how far rounds lie apart.

/// What several rounds of one measure came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// The median of the rounds.
    pub(crate) median: f64,
    /// The smallest.
    pub(crate) least: f64,
    /// The largest.
    pub(crate) most: f64,
}

impl Spread {
    /// Of at least one round; `None` of none, or where one is not a number.
    pub(crate) fn of(rounds: &[f64]) -> Option<Self> {
        let sorted = sorted(rounds)?;
        Some(Self { median: middle(&sorted)?, least: *sorted.first()?, most: *sorted.last()? })
    }

    /// Of the quotients, round by round: what slows a machine down for a while slows both.
    pub(crate) fn of_ratios(figures: &[f64], limits: &[f64]) -> Option<Self> {
        let ratios: Vec<f64> = figures.iter().zip(limits).map(|(figure, limit)| figure / limit).collect();
        Self::of(&ratios)
    }
}

fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.iter().all(|value| value.is_finite()).then_some(values)
}

fn middle(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*sorted.get(sorted.len() / 2 - 1)?, upper))
}

/// The median.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    middle(&sorted(values)?)
}

/// The smallest value that `share` (from 0 to 1) of all do not exceed: the nearest rank.
pub(crate) fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let sorted = sorted(values)?;
    let count = f64::from(u32::try_from(sorted.len()).ok()?);
    let rank = (count * share.clamp(0.0, 1.0)).ceil().max(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and the number of values"
    )]
    sorted.get(rank as usize - 1).copied()
}

/// A count as a number to reckon with; exact up to 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "counts of a measure stay far below 2^53")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_or_between_the_two_middle_ones() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[1.0, f64::NAN]), None);
    }

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(percentile(&values, 0.99), Some(198.0));
        assert_eq!(percentile(&values, 0.5), Some(100.0));
        assert_eq!(percentile(&values, 0.0), Some(1.0));
        assert_eq!(percentile(&values, 1.0), Some(200.0));
        assert_eq!(percentile(&[7.0], 0.99), Some(7.0));
        assert_eq!(percentile(&[], 0.99), None);
    }

    #[test]
    fn a_spread_says_how_far_rounds_lie_apart() {
        let spread = Spread::of(&[5.0, 1.0, 2.0]);
        assert_eq!(spread, Some(Spread { median: 2.0, least: 1.0, most: 5.0 }));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn ratios_are_made_round_by_round() {
        // A machine twice as slow in the second round says nothing about the ratio.
        let spread = Spread::of_ratios(&[10.0, 5.0, 8.0], &[20.0, 10.0, 10.0]);
        assert_eq!(spread, Some(Spread { median: 0.5, least: 0.5, most: 0.8 }));
        assert_eq!(Spread::of_ratios(&[1.0], &[0.0]), None);
    }
}
