//! `tenure licenses`.

use clap::{Args, Subcommand};
use domain::license::{Licenses, MOST_OWNED, Period, Price};
use serde_json::json;

use super::{Global, answer::Answer, failure::Failure, place::Place, table::facts};
use crate::{ops::licenses, store::grid::Count};

/// Licenses owned, used and their price.
#[derive(Debug, Subcommand)]
pub(super) enum LicensesCommand {
    /// Show how many are owned, used and idle.
    #[command(after_help = "Example:\n  tenure licenses show")]
    Show,
    /// Set how many the workspace owns. Fewer than are in use is refused.
    #[command(after_help = "Example:\n  tenure licenses set 12")]
    Set {
        /// How many.
        #[arg(value_name = "N", allow_negative_numbers = true, value_parser = number_owned)]
        owned: i64,
    },
    /// Set what one license costs, or remove the price.
    #[command(after_help = "Examples:
  tenure licenses price 12.50 EUR month
  tenure licenses price --remove")]
    Price(PriceArgs),
}

/// The price of one license.
#[derive(Debug, Args)]
pub(super) struct PriceArgs {
    /// The amount, with at most two decimals.
    #[arg(required_unless_present = "remove", allow_negative_numbers = true)]
    amount: Option<String>,
    /// The currency, as three letters.
    #[arg(required_unless_present = "remove")]
    currency: Option<String>,
    /// How often it is due.
    #[arg(required_unless_present = "remove", value_parser = ["month", "year"])]
    period: Option<String>,
    /// Remove the price.
    #[arg(long, conflicts_with_all = ["amount", "currency", "period"])]
    remove: bool,
}

/// How many licenses a workspace can own.
pub(super) fn number_owned(typed: &str) -> Result<i64, String> {
    let number = typed.parse().ok().filter(|number| (1..=MOST_OWNED).contains(number));
    number.ok_or_else(|| format!("give a whole number from 1 to {MOST_OWNED}"))
}

impl LicensesCommand {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let ws = place.workspace().await?.id;
        match self {
            Self::Show => {}
            Self::Set { owned } => {
                let ctx = place.ctx(ws);
                place.store.write(async move |tx| licenses::own(tx, &ctx, owned).await).await?;
                place.seal(ws).await;
            }
            Self::Price(args) => {
                let (price, ctx) = (args.price()?, place.ctx(ws));
                place
                    .store
                    .write(async move |tx| licenses::set_price(tx, &ctx, price.clone(), None).await)
                    .await?;
                place.seal(ws).await;
            }
        }
        let answer = show(&place).await;
        place.close().await;
        answer
    }
}

impl PriceArgs {
    fn price(self) -> Result<Option<Price>, Failure> {
        let (Some(amount), Some(currency), Some(period)) = (self.amount, self.currency, self.period) else {
            return Ok(None);
        };
        let minor = minor(&amount)
            .ok_or_else(|| Failure::usage(format!("{amount} is not an amount such as 12 or 12.50")))?;
        let period = Period::parse(&period).ok_or_else(|| Failure::usage("give month or year"))?;
        Ok(Some(Price { minor, currency: currency.to_ascii_uppercase(), period }))
    }
}

/// `12`, `12.5` and `12.50` in hundredths.
fn minor(amount: &str) -> Option<i64> {
    let (whole, part) = amount.split_once('.').unwrap_or((amount, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)
}

async fn show(place: &Place) -> Result<Answer, Failure> {
    let workspace = place.workspace().await?;
    let mut rx = place.store.reader().await?;
    let mut idle = Vec::new();
    for days in licenses::IDLE_DAYS {
        let found = licenses::count_idle(&mut rx, &workspace, days, place.sys.now()).await?;
        idle.push((days, licenses::idle_words(days), found));
    }
    drop(rx);
    let Licenses { owned, used, price } = &workspace.licenses;
    let price_text = price.as_ref().map(|price| {
        format!(
            "{}.{:02} {} each {}",
            price.minor / 100,
            price.minor % 100,
            price.currency,
            price.period.word()
        )
    });
    let mut lines = vec![
        ("Owned", owned.to_string()),
        ("In use", used.to_string()),
        ("Free", workspace.licenses.free().to_string()),
        ("Price", price_text.unwrap_or_default()),
    ];
    lines.extend(idle.iter().map(|(_, words, found)| {
        let text = match found {
            Count::Exact(count) => count.to_string(),
            Count::AtLeast(count) => format!("{count} or more"),
        };
        (words.as_str(), text)
    }));
    let idle: serde_json::Map<_, _> = idle
        .iter()
        .map(|(days, _, found)| {
            let (count, more) = match found {
                Count::Exact(count) => (count, false),
                Count::AtLeast(count) => (count, true),
            };
            (days.to_string(), json!({ "users": count, "or_more": more }))
        })
        .collect();
    let json = json!({
        "owned": owned, "used": used, "free": workspace.licenses.free(), "price": price, "not_signed_in_for_days": idle,
    });
    Ok(Answer::new(facts(&lines), json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_to_the_hundredth() {
        for (text, hundredths) in [("12", 1_200), ("12.5", 1_250), ("12.05", 1_205), ("0.99", 99)] {
            assert_eq!(minor(text), Some(hundredths), "{text}");
        }
        for text in ["", "-1", "1,5", "1.234", "1.", ".5", "1e3", "99999999999999999999"] {
            assert_eq!(minor(text), None, "{text}");
        }
    }
}
