//! The number of licenses owned, their price, and which of them lie idle.

use domain::{
    audit::Action,
    license::{Licenses, Price},
    person::Kind,
};
use jiff::Timestamp;
use serde_json::json;

use super::{load, record::Record};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Rx, Tx,
        grid::{self, BuiltinView, Count, GridQuery, LastSignIn, Sort},
        licenses,
        workspaces::{self, Workspace},
    },
};

/// For how many days without a sign-in idle licenses are counted.
pub const IDLE_DAYS: [i64; 3] = [30, 60, 90];

/// What is said of a license that lies idle, wherever it is: page, command line, filter.
#[must_use]
pub fn idle_words(days: i64) -> String {
    format!("Not signed in for {days} days")
}

/// The rows of the grid whose licenses lie idle: [`LastSignIn::Before`] says which those are.
#[must_use]
pub fn idle(days: i64) -> GridQuery {
    GridQuery {
        view: BuiltinView::Active,
        last_sign_in: Some(LastSignIn::Before(days)),
        sort: Sort::LastSignIn,
        ..GridQuery::new(Kind::User)
    }
}

/// How many licenses lie idle: as many as [`idle`] has rows.
pub async fn count_idle(rx: &mut Rx, workspace: &Workspace, days: i64, now: Timestamp) -> Result<Count> {
    let one = GridQuery { limit: 1, ..idle(days) };
    Ok(grid::page(rx, workspace, &one, now).await?.count)
}

/// Sets the number of licenses owned; owned below used is refused. Answers the licenses afterwards.
pub async fn own(tx: &mut Tx, ctx: &Ctx, owned: i64) -> Result<Licenses> {
    load::actor(tx, ctx).await?.may_administer()?;
    let before = workspaces::lock(tx, ctx.workspace).await?.licenses;
    let after = before.own(owned)?;
    if after == before {
        return Ok(after);
    }
    if workspaces::own(tx, ctx.workspace, owned).await?.is_none() {
        return Err(domain::Refusal::OwnedBelowUsed { asked: owned, used: before.used }.into());
    }
    licenses::note_day(tx, ctx.workspace, ctx.now).await?;
    Record::of(Action::LicensesChanged)
        .before(json!({ "owned": before.owned }))
        .after(json!({ "owned": owned }))
        .save(tx, ctx)?;
    Ok(after)
}

/// Sets or removes the price of a license. Stale when it would change and the settings, which it is one of, have
/// changed since `version`.
pub async fn set_price(tx: &mut Tx, ctx: &Ctx, price: Option<Price>, version: Option<i64>) -> Result<()> {
    load::actor(tx, ctx).await?.may_administer()?;
    if let Some(price) = &price {
        check(price)?;
    }
    let workspace = workspaces::lock(tx, ctx.workspace).await?;
    let before = workspace.licenses.price;
    if before == price {
        return Ok(());
    }
    if version.is_some_and(|version| version != workspace.version) {
        return Err(Error::Stale);
    }
    workspaces::set_price(tx, ctx.workspace, price.as_ref()).await?;
    Record::of(Action::LicensesChanged)
        .before(json!({ "price": before }))
        .after(json!({ "price": price }))
        .save(tx, ctx)
}

/// What becomes of the price of a license.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewPrice {
    /// It stays.
    Same,
    /// There is none any more.
    None,
    /// It is this.
    Of(Price),
}

/// What a form changes in one step.
#[derive(Debug, Clone)]
pub struct Input {
    /// How many are to be owned.
    pub owned: i64,
    /// What becomes of the price.
    pub price: NewPrice,
    /// How many were owned when the form was made. It is stale when that has changed meanwhile: what
    /// somebody else has just bought must not be given back unseen.
    pub was: Option<i64>,
    /// The version of the settings that the form was made from. It is stale when the price would change and that has
    /// moved on.
    pub version: Option<i64>,
}

/// Sets the number owned and the price together; answers the licenses afterwards.
pub async fn change(tx: &mut Tx, ctx: &Ctx, input: Input) -> Result<Licenses> {
    load::actor(tx, ctx).await?.may_administer()?;
    let before = workspaces::lock(tx, ctx.workspace).await?.licenses;
    let moved = input.was.is_some_and(|was| was != before.owned);
    if moved && input.owned != before.owned {
        return Err(Error::Stale);
    }
    own(tx, ctx, input.owned).await?;
    match input.price {
        NewPrice::Same => {}
        NewPrice::None => set_price(tx, ctx, None, input.version).await?,
        NewPrice::Of(price) => set_price(tx, ctx, Some(price), input.version).await?,
    }
    Ok(workspaces::lock(tx, ctx.workspace).await?.licenses)
}

fn check(price: &Price) -> Result<()> {
    let code = price.currency.as_bytes();
    if code.len() != 3 || !code.iter().all(u8::is_ascii_uppercase) {
        return Err(Error::field("currency", "Give the currency as three letters, such as EUR."));
    }
    if !(0..=100_000_000).contains(&price.minor) {
        return Err(Error::field("price", "Give a price from 0 to 1,000,000."));
    }
    Ok(())
}
