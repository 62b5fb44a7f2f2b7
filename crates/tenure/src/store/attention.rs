//! How many people wait for an administrator: deactivated, and asking to return or past their review date.
//!
//! Who they are is a view of the grid ([`super::grid::BuiltinView::NeedsAttention`]). No counter is kept, since a date
//! passes without a write; the partial indexes of both conditions are counted instead, up to a limit.

use domain::{id::WorkspaceId, person::Kind};
use jiff::civil::Date;

use super::{Rx, Sql, statements, time};
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
    COUNT = Sql::both(concat!("select ", of_kind!("user"), ", ", of_kind!("customer")));
}

/// How many users and how many customers wait for an administrator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Users.
    pub users: i64,
    /// Customers.
    pub customers: i64,
}

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
pub async fn count(rx: &mut Rx, ws: WorkspaceId, today: Date, most: i64) -> Result<Waiting> {
    let counted = rx
        .one(&COUNT, &[&ws.uuid(), &most, &time::date_text(today)], |row| {
            Ok(Waiting { users: row.get(0)?, customers: row.get(1)? })
        })
        .await?;
    Ok(counted.unwrap_or_default())
}
