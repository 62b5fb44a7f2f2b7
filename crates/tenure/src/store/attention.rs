//! What waits for an administrator: people who are deactivated, and ask to return or are past their review date;
//! anonymous requests that are held for review; syncs that the brake stopped, and webhooks at which nothing arrives.
//!
//! Who they are is a view of the grid ([`super::grid::BuiltinView::NeedsAttention`]). No counter is kept, since a date
//! passes without a write; the partial indexes of both conditions are counted instead, up to a limit.

use domain::{
    id::{PersonId, WorkspaceId},
    person::{Kind, Person},
};
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{Rx, Sql, Tx, statements, time};
use crate::error::Result;

/// Somebody may be in both indexes, so the union of both is counted.
macro_rules! of_kind {
    ($kind:literal) => {
        concat!(
            "(select count(*) from (select r.person_id from (select p.person_id from people p \
             where p.workspace_id = $1 and p.kind = '",
            $kind,
            "' and p.return_asked is not null limit $2) r \
             union select o.person_id from (select p.person_id from people p \
             where p.workspace_id = $1 and p.kind = '",
            $kind,
            "' and p.review_on is not null and p.review_on < $3 limit $2) o) a)"
        )
    };
}

statements! {
    COUNT = Sql::both(concat!(
        "select ", of_kind!("user"), ", ", of_kind!("customer"),
        ", (select count(*) from (select h.request_id from held_requests h where h.workspace_id = $1 limit $2) b), \
         (select count(*) from (select t.token_id from tokens t \
         where t.workspace_id = $1 and t.scim_stopped is not null and t.revoked is null limit $2) c), \
         (select count(*) from webhooks w where w.workspace_id = $1 and w.deleted is null \
         and ((w.off_since is null and w.failing_since < $4) or w.off_why in ('failures', 'gone')))"
    ));
    SET_RETURN_ASKED = "update people set return_asked = $1 \
                        where workspace_id = $2 and person_id = $3 and status = 'deactivated'";
    DISMISS_RETURN = "update people set return_dismissed = return_asked, return_asked = null \
                      where workspace_id = $1 and person_id = $2 and return_asked = $3";
    SET_REVIEW = "update people set review_on = $1, version = version + 1 \
                  where workspace_id = $2 and person_id = $3 and status = 'deactivated' and version = $4";
}

/// How many users and how many customers wait for an administrator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Users.
    pub users: i64,
    /// Customers.
    pub customers: i64,
    /// Anonymous requests that are held for review.
    pub requests: i64,
    /// Syncs that the brake stopped.
    pub syncs: i64,
    /// Webhooks at which nothing arrives for [`FAILS_FOR`], or that were switched off since nothing did.
    pub webhooks: i64,
}

/// How long a webhook may fail before somebody is to look at it: receivers are started anew, too.
pub const FAILS_FOR: SignedDuration = SignedDuration::from_hours(1);

impl Waiting {
    /// Those of a kind.
    #[must_use]
    pub const fn of(self, kind: Kind) -> i64 {
        match kind {
            Kind::User => self.users,
            Kind::Customer => self.customers,
        }
    }
}

/// Counts them; exactly where fewer than `most` wait. `today` is in the workspace's time zone.
pub async fn count(
    rx: &mut Rx,
    ws: WorkspaceId,
    (now, today): (Timestamp, Date),
    most: i64,
) -> Result<Waiting> {
    let failing = time::micros(now.saturating_sub(FAILS_FOR).unwrap_or(Timestamp::MIN));
    let counted = rx
        .one(&COUNT, &[&ws.uuid(), &most, &time::date_text(today), &failing], |row| {
            Ok(Waiting {
                users: row.get(0)?,
                customers: row.get(1)?,
                requests: row.get(2)?,
                syncs: row.get(3)?,
                webhooks: row.get(4)?,
            })
        })
        .await?;
    Ok(counted.unwrap_or_default())
}

/// Marks that a deactivated person asks to return.
pub async fn set_return_asked(tx: &mut Tx, ws: WorkspaceId, id: PersonId, now: Timestamp) -> Result<()> {
    tx.exec_one(&SET_RETURN_ASKED, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// Takes the mark of an asked return away, and keeps when it was asked.
pub async fn dismiss_return(tx: &mut Tx, person: &Person, asked: Timestamp) -> Result<()> {
    let key = (person.workspace.uuid(), person.id.uuid());
    tx.exec_one(&DISMISS_RETURN, &[&key.0, &key.1, &time::micros(asked)]).await
}

/// Saves the day to look at a deactivation again; the row must still be as `person` has it.
pub async fn set_review(tx: &mut Tx, person: &Person, review_on: Option<Date>) -> Result<()> {
    let date = review_on.map(time::date_text);
    let key = (person.workspace.uuid(), person.id.uuid());
    tx.exec_one(&SET_REVIEW, &[&date, &key.0, &key.1, &person.version]).await
}
