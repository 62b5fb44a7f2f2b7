//! How many licenses the workspace owns, and what one costs.

use axum::{extract::State, response::Response};
use domain::license::{Licenses, Period, Price};

use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        self,
        licenses::{Input, NewPrice},
    },
    store::workspaces::Workspace,
    web::{
        desk::{
            form::{Checked, Refused},
            frame::Frame,
            words::{count, money},
        },
        fields::Fields,
        flash::Flash,
        view::{Choice, Field, Guard, number, settings::LicenseSettings, shell::Place},
    },
};

/// "At least 8: so many are in use."
pub(in crate::web::desk) fn hint(licenses: &Licenses) -> String {
    format!("At least {}: so many are in use.", number(licenses.used.max(1).unsigned_abs()))
}

/// Reads the field `owned`.
fn number_owned(fields: &Fields) -> Result<i64> {
    let typed = fields.get("owned").trim();
    typed.parse().map_err(|_| {
        Error::field("owned", "The number of licenses owned must be a whole number, such as 10.")
    })
}

/// Saves what a form with `owned` asks for; answers the licenses afterwards.
pub(in crate::web::desk) async fn save_owned(
    app: &App,
    frame: &Frame,
    fields: &Fields,
    price: NewPrice,
) -> Result<Licenses> {
    let (was, version) = versions(fields);
    let input = Input { owned: number_owned(fields)?, price, was, version };
    let ctx = frame.session.ctx.clone();
    app.store.write(async move |tx| ops::licenses::change(tx, &ctx, input.clone()).await).await
}

/// What a form that sets the price shows: the number owned, which is also changed by activations, and the settings.
fn shown(workspace: &Workspace) -> String {
    format!("{}.{}", workspace.licenses.owned, workspace.version)
}

/// What the form was made from: as [`shown`], or the number owned alone. What is neither is older than anything.
fn versions(fields: &Fields) -> (Option<i64>, Option<i64>) {
    let Some(text) = fields.maybe("_version") else { return (None, None) };
    let number = |text: &str| Some(text.parse().unwrap_or(-1));
    match text.split_once('.') {
        Some((owned, version)) => (number(owned), number(version)),
        None => (number(text), None),
    }
}

/// A price as typed, in hundredths: "12", "12.5", "12,50".
fn minor(typed: &str) -> Result<i64> {
    let wrong = || Error::field("price", "Give a price such as 12 or 12.50.");
    let (whole, part) = typed.split_once(['.', ',']).unwrap_or((typed, ""));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let has_part = typed.contains(['.', ',']);
    if !digits(whole) || has_part && !(digits(part) && part.len() <= 2) {
        return Err(wrong());
    }
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    let hundredths: i64 = format!("{part:0<2}").parse().map_err(|_| wrong())?;
    whole.checked_mul(100).and_then(|minor| minor.checked_add(hundredths)).ok_or_else(wrong)
}

/// The price of a form; none when its field is empty.
fn price(fields: &Fields) -> Result<NewPrice> {
    let typed = fields.get("price").trim();
    if typed.is_empty() {
        return Ok(NewPrice::None);
    }
    let period = Period::parse(fields.get("period"));
    Ok(NewPrice::Of(Price {
        minor: minor(typed)?,
        currency: fields.get("currency").trim().to_ascii_uppercase(),
        period: period.ok_or_else(|| Error::field("period", "Choose month or year."))?,
    }))
}

fn periods(chosen: &str) -> Vec<Choice> {
    [Period::Month, Period::Year]
        .map(|period| Choice::new(period.word(), period.word(), period.word() == chosen))
        .into()
}

fn license_page(frame: &Frame) -> LicenseSettings {
    let workspace = &frame.session.check.workspace;
    let licenses = &workspace.licenses;
    let price = licenses.price.as_ref();
    let amount = price.map(|price| format!("{}.{:02}", price.minor / 100, price.minor % 100));
    LicenseSettings {
        shell: frame.shell(Place::Settings, "License settings"),
        guard: Guard::default().at_version(shown(workspace)),
        error: None,
        owned: Field::new(licenses.owned.to_string()),
        owned_hint: hint(licenses),
        price: Field::new(amount.unwrap_or_default()),
        currency: Field::new(price.map_or("", |price| &price.currency)),
        periods: periods(price.map_or(Period::Month, |price| price.period).word()),
    }
}

/// `GET /settings/licenses`.
pub(super) async fn page(frame: Frame) -> Response {
    frame.draw(&license_page(&frame))
}

/// `POST /settings/licenses`.
pub(super) async fn save(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let saved = async {
        let mut checked = Checked::default();
        let owned = checked.read(number_owned(&fields))?;
        let price = checked.read(price(&fields))?;
        let (Some(_), Some(price)) = (owned, price) else {
            return Err(checked.all());
        };
        save_owned(&app, &frame, &fields, price).await
    };
    match saved.await {
        Ok(licenses) => Ok(told(&licenses).redirect("/settings/licenses")),
        Err(error) => {
            let present = &frame.session.check.workspace.licenses;
            let now = format!("The workspace now owns {}.", count(present.owned, "license", "licenses"));
            let refused = if matches!(error, Error::Stale) {
                Refused::of(error)?.adding(&now)
            } else {
                Refused::of(error)?.at("owned")
            };
            let page = LicenseSettings {
                error: refused.above(&["period"]),
                owned: refused.field("owned", fields.get("owned")),
                price: refused.field("price", fields.get("price")),
                currency: refused.field("currency", fields.get("currency")),
                periods: periods(fields.get("period")),
                ..license_page(&frame)
            };
            Ok(frame.draw_as(refused.status, &page))
        }
    }
}

fn told(licenses: &Licenses) -> Flash {
    let flash = Flash::done(format!("The workspace owns {}.", count(licenses.owned, "license", "licenses")));
    match &licenses.price {
        None => flash,
        Some(price) => {
            let amount = money(price.minor, &price.currency);
            flash.line(format!("One costs {amount} per {}.", price.period.word()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn prices_are_read_as_people_write_them() {
        for (typed, hundredths) in [("12", 1_200), ("12.5", 1_250), ("12,50", 1_250), ("0.05", 5), ("0", 0)] {
            assert_eq!(minor(typed).ok(), Some(hundredths), "{typed}");
        }
        for wrong in [
            "",
            "-1",
            "12.",
            ".5",
            "1.234",
            "1,000.00",
            "twelve",
            "1e3",
            "+1",
            "99999999999999999999",
            "92233720368547758.08",
        ] {
            assert!(minor(wrong).is_err(), "{wrong}");
        }
    }
}
