//! What a grid can be asked.

use domain::{
    id::{GroupId, WorkspaceId},
    person::{Kind, StatusWord},
    role::Role,
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::cursor::Cursor;
use super::plan::Thresholds;
use crate::error::Result;
use crate::store::{Engine, time, workspaces::Workspace};
use crate::text::{self, Query};

/// Enumerations as they stand in query strings.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, default $default:ident: $($(#[$each:meta])* $variant:ident = $word:literal,)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// Every one, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in query strings, saved views and the API.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the word back.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }
    };
}

words! {
    /// The views that every desk has.
    BuiltinView, default All:
    /// Everybody.
    All = "all",
    /// Who may sign in.
    Active = "active",
    /// Who was asked to join, expired invitations among them.
    Invited = "invited",
    /// Who may not sign in.
    Deactivated = "deactivated",
    /// Who may sign in and never did.
    NeverSignedIn = "never-signed-in",
    /// Who waits for an administrator: deactivated, and asking to return or past their review date.
    NeedsAttention = "needs-attention",
}

words! {
    /// What rows are ordered by; then by name where values are equal by nature, then by id.
    Sort, default Name:
    /// By name, as people sort names.
    Name = "name",
    /// By address, without case.
    Email = "email",
    /// By the status's word, then by name.
    Status = "status",
    /// By last sign-in; who never did comes first.
    LastSignIn = "last-sign-in",
    /// By when the account was made.
    Created = "created",
}

words! {
    /// Which way rows are ordered. Groups are always ordered by name.
    Dir, default Asc:
    /// A to Z, oldest first.
    Asc = "asc",
    /// Z to A, newest first.
    Desc = "desc",
}

words! {
    /// The filter by status.
    StatusFilter, default Active:
    /// See [`StatusWord::Invited`].
    Invited = "invited",
    /// Those of the invited whose invitation has expired.
    Expired = "expired",
    /// See [`StatusWord::Active`].
    Active = "active",
    /// See [`StatusWord::Deactivated`].
    Deactivated = "deactivated",
}

impl StatusFilter {
    pub(super) const fn status(self) -> StatusWord {
        match self {
            Self::Invited | Self::Expired => StatusWord::Invited,
            Self::Active => StatusWord::Active,
            Self::Deactivated => StatusWord::Deactivated,
        }
    }
}

/// The filter by what people are grouped by: `team=ID` and `team=none` of users, `organization=ID` and
/// `organization=none` of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupFilter {
    /// In this one.
    In(GroupId),
    /// In none.
    None,
}

/// The filter by last sign-in: `seen=never`, `seen=before-30`, `seen=since-7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastSignIn {
    /// Never.
    Never,
    /// A license that lies idle: active for so many days at least, and not signed in within them. Who never signed
    /// in counts from when they became active; who is invited or deactivated is not among them.
    Before(i64),
    /// Within so many days.
    Since(i64),
}

/// The filter by when the account was made: `created=last-30`, `created=2026-01-01..2026-01-31`, either end open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// Within so many days.
    Last(i64),
    /// From the start of a day to the end of a day, in the workspace's time zone.
    Between(Option<Date>, Option<Date>),
}

/// What the grid is asked: see [`GridQuery::from_query`] for its form as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridQuery {
    /// Users or customers.
    pub kind: Kind,
    /// The built-in view.
    pub view: BuiltinView,
    /// Only this role.
    pub role: Option<Role>,
    /// Only this team, of customers this organization.
    pub group: Option<GroupFilter>,
    /// Only this status.
    pub status: Option<StatusFilter>,
    /// Only those with such a last sign-in.
    pub last_sign_in: Option<LastSignIn>,
    /// Only accounts made then.
    pub created: Option<Created>,
    /// Only those who asked to return.
    pub asked_to_return: bool,
    /// Only those whose review date has passed.
    pub review_overdue: bool,
    /// What was typed into the search field.
    pub q: String,
    /// The order.
    pub sort: Sort,
    /// Its direction.
    pub dir: Dir,
    /// Rows under the headings of their teams or organizations, those in none last.
    pub grouped: bool,
    /// Where the page begins or ends; `None` is the first page.
    pub cursor: Option<Cursor>,
    /// How many rows a page has.
    pub limit: i64,
}

impl GridQuery {
    /// How many rows a page has when nothing is said.
    pub const LIMIT: i64 = 50;
    /// How many it may have.
    pub const MOST: i64 = 200;

    /// Everybody of a kind, by name.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            view: BuiltinView::All,
            role: None,
            group: None,
            status: None,
            last_sign_in: None,
            created: None,
            asked_to_return: false,
            review_overdue: false,
            q: String::new(),
            sort: Sort::Name,
            dir: Dir::Asc,
            grouped: false,
            cursor: None,
            limit: Self::LIMIT,
        }
    }

    /// Whether anything but view, order and groups narrows the rows.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.role.is_some()
            || self.group.is_some()
            || self.status.is_some()
            || self.last_sign_in.is_some()
            || self.created.is_some()
            || self.asked_to_return
            || self.review_overdue
            || !self.q.trim().is_empty()
    }

    /// Without everything that would tell, by who is in the answer or in which order, what only administrators see.
    #[must_use]
    pub fn for_members(mut self) -> Self {
        self.last_sign_in = None;
        self.asked_to_return = false;
        self.review_overdue = false;
        if self.status == Some(StatusFilter::Expired) {
            self.status = None;
        }
        if matches!(self.view, BuiltinView::NeverSignedIn | BuiltinView::NeedsAttention) {
            self.view = BuiltinView::All;
        }
        if self.sort == Sort::LastSignIn {
            self.sort = Sort::default();
            self.cursor = None;
        }
        self
    }

    /// Whether the answer tells what only administrators see.
    #[must_use]
    pub fn tells_of_accounts(&self) -> bool {
        self.clone().for_members() != *self
    }
}

/// A range of microseconds since 1970: from (inclusive), to (exclusive).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
}

/// A query with everything that depends on workspace and moment worked out.
#[derive(Clone)]
pub(super) struct View<'a> {
    /// The engines keep to an order by other words.
    pub(super) engine: Engine,
    pub(super) workspace: &'a Workspace,
    pub(super) ws: WorkspaceId,
    pub(super) query: &'a GridQuery,
    pub(super) group: Option<GroupFilter>,
    /// The one status that view and filter leave.
    pub(super) status: Option<StatusWord>,
    /// View and filter leave no status at all.
    pub(super) nobody: bool,
    pub(super) never: bool,
    pub(super) seen: Option<Range>,
    /// Only who became active before this: later ones had not the time to stay away.
    pub(super) active_before: Option<i64>,
    pub(super) created: Option<Range>,
    pub(super) search: Query,
    /// Today's date in the workspace.
    pub(super) today: String,
    pub(super) thresholds: Thresholds,
}

impl<'a> View<'a> {
    pub(super) fn new(
        engine: Engine,
        workspace: &'a Workspace,
        query: &'a GridQuery,
        now: Timestamp,
    ) -> Result<Self> {
        query.check()?;
        let zone = workspace.zone();
        let days_ago = |days: i64| time::micros(now) - days * 86_400_000_000;
        let of_view = match query.view {
            BuiltinView::All => None,
            BuiltinView::Active | BuiltinView::NeverSignedIn => Some(StatusWord::Active),
            BuiltinView::Invited => Some(StatusWord::Invited),
            BuiltinView::Deactivated | BuiltinView::NeedsAttention => Some(StatusWord::Deactivated),
        };
        let of_filter = query.status.map(StatusFilter::status);
        let idle = match query.last_sign_in {
            Some(LastSignIn::Before(days)) => Some(days_ago(days)),
            Some(LastSignIn::Never | LastSignIn::Since(_)) | None => None,
        };
        let of_idle = idle.map(|_| StatusWord::Active);
        let mut statuses = [of_view, of_filter, of_idle].into_iter().flatten();
        let status = statuses.next();
        Ok(Self {
            engine,
            workspace,
            ws: workspace.id,
            query,
            group: query.group,
            status,
            nobody: statuses.any(|other| Some(other) != status),
            never: query.view == BuiltinView::NeverSignedIn || query.last_sign_in == Some(LastSignIn::Never),
            seen: match query.last_sign_in {
                // Never is 0, long before any day.
                Some(LastSignIn::Since(days)) => Some(Range { from: Some(days_ago(days)), to: None }),
                _ => idle.map(|before| Range { from: None, to: Some(before) }),
            },
            active_before: idle,
            created: match query.created {
                Some(Created::Last(days)) => Some(Range { from: Some(days_ago(days)), to: None }),
                Some(Created::Between(from, to)) => Some(between(&zone, from, to)?),
                None => None,
            },
            search: text::query_grams(&query.q),
            today: time::date_text(workspace.today(now)),
            thresholds: Thresholds::default(),
        })
    }

    /// What ends a subquery that is to be read on its own. `PostgreSQL` would else join it in the order that fills a page
    /// soonest if nothing depended on anything, and walk all people for the few who are in it; `SQLite` joins as it is told.
    pub(super) const fn apart(&self) -> &'static str {
        match self.engine {
            Engine::Postgres => " offset 0",
            Engine::Sqlite => "",
        }
    }

    /// Whether only those are asked for who wait for an administrator.
    pub(super) fn attention(&self) -> bool {
        self.query.view == BuiltinView::NeedsAttention
    }

    /// Whether a text is searched for.
    pub(super) fn searches(&self) -> bool {
        self.search != Query::All
    }

    /// Whether the pieces of the search do not yet decide.
    pub(super) fn confirms(&self) -> bool {
        matches!(self.search, Query::Confirm { .. })
    }

    /// How many conditions there are beside the kind.
    pub(super) fn conditions(&self) -> usize {
        let query = self.query;
        [
            self.status.is_some(),
            query.status == Some(StatusFilter::Expired),
            query.role.is_some(),
            self.group.is_some(),
            self.never,
            self.seen.is_some(),
            self.active_before.is_some(),
            self.created.is_some(),
            query.asked_to_return,
            query.review_overdue,
            self.attention(),
            self.search != Query::All,
            self.confirms(),
        ]
        .into_iter()
        .filter(|given| *given)
        .count()
    }
}

/// From the start of one day to the end of another.
fn between(zone: &TimeZone, from: Option<Date>, to: Option<Date>) -> Result<Range> {
    let bad = |_| crate::Error::field("created", "Enter dates between the years 1 and 9998.");
    let start = |date: Date| -> Result<i64, jiff::Error> {
        Ok(date.to_zoned_datetime(zone.clone())?.timestamp().as_microsecond())
    };
    Ok(Range {
        from: from.map(start).transpose().map_err(bad)?,
        to: to.map(|to| start(to.checked_add(1.day())?)).transpose().map_err(bad)?,
    })
}
