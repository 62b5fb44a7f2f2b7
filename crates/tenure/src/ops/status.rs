//! Moving a person from one status to another: the row, the counters, the license and its ledger, in
//! one place for every op that does it.

use domain::{
    Refusal,
    audit::Action,
    id::PersonId,
    lifecycle::Change,
    person::{Kind, Person, Status, StatusWord},
};

use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        self, Tx, batch_people, licenses,
        people::{self, PersonRow},
        workspaces::{self, Counts, Move},
    },
};

/// Collects what several changes do to the counters, so that the workspace's row is written once and
/// last: on `PostgreSQL` it makes license changes wait for each other.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    change: Move,
    customers: Counts,
}

/// What one person in this state counts as.
fn counts(status: &Status, never: bool) -> (i64, Counts) {
    let word = status.word();
    let one = |is| i64::from(word == is);
    let used = i64::from(status.holds_license());
    let counts = Counts {
        active: one(StatusWord::Active),
        invited: one(StatusWord::Invited),
        expired: i64::from(word == StatusWord::Invited && !status.holds_license()),
        deactivated: one(StatusWord::Deactivated),
        never: i64::from(word == StatusWord::Active && never),
    };
    (used, counts)
}

impl Counters {
    /// Counts a person in a state, or (with -1) no longer in it.
    pub(crate) fn count(&mut self, person: &Person, status: &Status, never: bool, by: i64) {
        let (used, counts) = counts(status, never);
        match person.kind {
            Kind::User => {
                self.change.used += by * used;
                self.change.counts += counts * by;
            }
            Kind::Customer => self.customers += counts * by,
        }
    }

    /// Counts a first sign-in of an active person.
    pub(crate) fn first_sign_in(&mut self, kind: Kind) {
        match kind {
            Kind::User => self.change.counts.never -= 1,
            Kind::Customer => self.customers.never -= 1,
        }
    }

    /// Counts licenses set aside (or, negative, no longer so).
    pub(crate) fn reserve(&mut self, licenses: i64) {
        self.change.reserved += licenses;
    }

    /// Counts licenses added (or, negative, given up).
    pub(crate) fn own(&mut self, licenses: i64) {
        self.change.owned += licenses;
    }

    /// How many licenses more are used, less those given back.
    pub(crate) const fn used(&self) -> i64 {
        self.change.used
    }

    /// Writes the counters; refuses when that would use more licenses than are owned. Answers owned
    /// and used afterwards.
    pub(crate) async fn save(self, tx: &mut Tx, ctx: &Ctx) -> Result<(i64, i64)> {
        self.save_so(tx, ctx, false).await
    }

    /// As [`Counters::save`], where nothing comes after it ([`Tx::last`]).
    pub(crate) async fn save_last(self, tx: &mut Tx, ctx: &Ctx) -> Result<(i64, i64)> {
        self.save_so(tx, ctx, true).await
    }

    async fn save_so(self, tx: &mut Tx, ctx: &Ctx, last: bool) -> Result<(i64, i64)> {
        let needed = self.change.used + self.change.reserved;
        match self.write(tx, ctx, last).await {
            Err(Error::Store(store::Error::NotOneRow { statement, .. }))
                if statement == workspaces::MOVE_SOON.name() =>
            {
                let mut licenses = workspaces::load(tx, ctx.workspace).await?.licenses;
                // One may have come free since: what is told is why this was refused.
                licenses.used = licenses.used.max(licenses.owned.saturating_add(1).saturating_sub(needed));
                Err(Refusal::LicensesExhausted { licenses, needed }.into())
            }
            outcome => outcome,
        }
    }

    async fn write(self, tx: &mut Tx, ctx: &Ctx, last: bool) -> Result<(i64, i64)> {
        let change = self.change;
        #[cfg(feature = "planted")]
        let change = crate::planted::taken(tx, ctx.workspace, change).await?;
        if self.customers != Counts::default() {
            workspaces::apply_customers_soon(tx, ctx.workspace, self.customers)?;
        }
        if change.owned != 0 || change.used != 0 || change.reserved != 0 {
            workspaces::apply_soon(tx, ctx.workspace, change)?;
            return licenses::count_day(tx, ctx.workspace, ctx.now, last).await;
        }
        // Nobody's license changes, so nothing is refused.
        let applied = if last {
            workspaces::apply_last(tx, ctx.workspace, change).await?
        } else {
            workspaces::apply(tx, ctx.workspace, change).await?
        };
        applied.ok_or_else(|| store::Error::NotOneRow { statement: workspaces::MOVE.name(), rows: 0 }.into())
    }
}

/// Saves a change of status with its license's ledger, and adds it to the counters.
pub(crate) fn change(
    tx: &mut Tx,
    ctx: &Ctx,
    row: &PersonRow,
    change: &Change,
    why: Action,
    counters: &mut Counters,
) -> Result<()> {
    let person = &row.person;
    let never = row.last_sign_in.is_none();
    people::set_status(tx, person, &change.after)?;
    counters.count(person, &change.before, never, -1);
    counters.count(person, &change.after, never, 1);
    if person.kind == Kind::User {
        ledger(tx, ctx, person, &change.after, why)?;
    }
    Ok(())
}

/// As [`change`] for many, each with their change: those who go from one status to the same new one are moved by one
/// statement.
pub(crate) async fn change_many(
    tx: &mut Tx,
    ctx: &Ctx,
    changes: &[(&PersonRow, &Change)],
    why: Action,
    counters: &mut Counters,
) -> Result<()> {
    let Some((_, first)) = changes.first() else {
        return Ok(());
    };
    let from = first.before.word();
    let alike = |change: &Change| change.after == first.after && change.before.word() == from;
    if !changes.iter().all(|(_, change)| alike(change)) {
        for (row, one) in changes {
            self::change(tx, ctx, row, one, why, counters)?;
        }
        return Ok(());
    }
    let ids: Vec<PersonId> = changes.iter().map(|(row, _)| row.person.id).collect();
    batch_people::set_status(tx, ctx.workspace, &ids, from, &first.after).await?;
    let mut freed = Vec::new();
    for (row, change) in changes {
        let person = &row.person;
        let never = row.last_sign_in.is_none();
        counters.count(person, &change.before, never, -1);
        counters.count(person, &change.after, never, 1);
        match (person.holds_license(), person.needs_license() && change.after.holds_license()) {
            (true, false) => freed.push(person.id),
            (false, true) => licenses::begin(tx, ctx.workspace, ctx.id(), person.id, why.word(), ctx.now)?,
            (true, true) | (false, false) => {}
        }
    }
    licenses::end_of(tx, ctx.workspace, &freed, why.word(), ctx.now).await
}

/// The ledger's side of a change: a span begins, ends, or goes on.
fn ledger(tx: &mut Tx, ctx: &Ctx, person: &Person, after: &Status, why: Action) -> Result<()> {
    match (person.holds_license(), after.holds_license()) {
        (false, true) => licenses::begin(tx, ctx.workspace, ctx.id(), person.id, why.word(), ctx.now),
        (true, false) => licenses::end(tx, ctx.workspace, person.id, why.word(), ctx.now),
        (true, true) | (false, false) => Ok(()),
    }
}
