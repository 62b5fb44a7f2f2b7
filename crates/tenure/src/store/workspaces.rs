//! Workspaces: settings, licenses owned and used, counters.

use domain::{
    apps::{App, Apps, FormPolicy},
    id::WorkspaceId,
    license::{Licenses, Period, Price},
    person::Kind,
    session::SessionLengths,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Ask, Error, Row, Rx, Sql, Tx, bind, dialect::for_update, statements, time};
use crate::error::Result;

/// A workspace with its settings and counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The workspace.
    pub id: WorkspaceId,
    /// The name shown.
    pub name: String,
    /// BCP 47 tag.
    pub language: String,
    /// IANA name.
    pub time_zone: String,
    /// Licenses owned, used and their price. Those set aside for a running batch count as used.
    pub licenses: Licenses,
    /// Users by status.
    pub counts: Counts,
    /// Customers by status.
    pub customers: Counts,
    /// Whether customers may register themselves in the portal.
    pub registration: bool,
    /// Whether customers of one organization see each other's requests in the portal.
    pub shared_requests: bool,
    /// The customer apps beside the portal.
    pub apps: Apps,
    /// How long sessions last.
    pub sessions: SessionLengths,
    /// When it began.
    pub created: Timestamp,
    /// Counts each change of the settings, the price among them.
    pub version: i64,
}

/// Exact numbers of users or customers, kept by the statement that moves one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Active.
    pub active: i64,
    /// Invited, those whose invitation has expired among them.
    pub invited: i64,
    /// Invited and the invitation has expired: such a user holds no license.
    pub expired: i64,
    /// Deactivated.
    pub deactivated: i64,
    /// Active, and never signed in.
    pub never: i64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.active += other.active;
        self.invited += other.invited;
        self.expired += other.expired;
        self.deactivated += other.deactivated;
        self.never += other.never;
    }
}

impl std::ops::Mul<i64> for Counts {
    type Output = Self;

    fn mul(self, by: i64) -> Self {
        Self {
            active: self.active * by,
            invited: self.invited * by,
            expired: self.expired * by,
            deactivated: self.deactivated * by,
            never: self.never * by,
        }
    }
}

impl Workspace {
    /// The time zone; UTC when the stored name is no longer known to the machine.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// How many people of a kind there are, by status.
    #[must_use]
    pub const fn counts_of(&self, kind: Kind) -> &Counts {
        match kind {
            Kind::User => &self.counts,
            Kind::Customer => &self.customers,
        }
    }

    /// Today where the workspace is.
    #[must_use]
    pub fn today(&self, now: Timestamp) -> Date {
        self.zone().to_datetime(now).date()
    }
}

macro_rules! workspace_columns {
    () => {
        "w.workspace_id, w.name, w.language, w.time_zone, w.owned, w.used + w.reserved, w.price_minor, \
         w.price_currency, w.price_period, w.users_active, w.users_invited, w.users_expired, \
         w.users_deactivated, w.users_never, w.idle_seconds, w.absolute_seconds, w.created, w.version, \
         w.customers_active, w.customers_invited, w.customers_expired, w.customers_deactivated, \
         w.customers_never, w.registration, w.shared_requests, w.help_on, w.help_login, w.form_on, w.form_login, \
         w.form_policy"
    };
}
pub(crate) use workspace_columns;

/// The workspace that the Host `$1` names, or the only one that there is (see [`by_host`]); `$2` is the nil id.
macro_rules! workspace_of_host {
    () => {
        "coalesce((select h.workspace_id from hosts h where h.host = $1), \
         (select o.workspace_id from (select workspace_id from workspaces where workspace_id >= $2 \
         order by workspace_id limit 1) o where not exists (select 1 from workspaces x \
         where x.workspace_id > o.workspace_id)))"
    };
}
pub(crate) use workspace_of_host;

/// The limit stands here, in the statement that writes.
macro_rules! move_counters {
    () => {
        "update workspaces set owned = owned + $1, used = used + $2, \
         users_active = users_active + $3, users_invited = users_invited + $4, \
         users_expired = users_expired + $5, users_deactivated = users_deactivated + $6, \
         users_never = users_never + $7, reserved = reserved + $8 \
         where workspace_id = $9 and used + $2 + reserved + $8 <= owned + $1"
    };
}

statements! {
    LOAD = Sql::both(concat!("select ", workspace_columns!(), " from workspaces w where w.workspace_id = $1"));
    LOCK = for_update!("select ", workspace_columns!(), " from workspaces w where w.workspace_id = $1");
    ALL_WORKSPACES = Sql::both(concat!("select ", workspace_columns!(), " from workspaces w order by w.workspace_id")).scan();
    ANY = "select 1 from workspaces w limit 1";
    BY_HOST = "select h.workspace_id, cast(1 as bigint) from hosts h where h.host = $1 \
               union all \
               select w.workspace_id, cast(0 as bigint) from (select workspace_id from workspaces \
               where workspace_id >= $2 order by workspace_id limit 2) w";
    INSERT = "insert into workspaces (workspace_id, name, language, time_zone, owned, used, users_active, \
              users_invited, users_expired, users_deactivated, users_never, idle_seconds, \
              absolute_seconds, created, version) \
              values ($1, $2, $3, $4, $5, 0, 0, 0, 0, 0, 0, $6, $7, $8, 1)";
    ONE_BY_ONE = Sql::each("select 1", "select 1 from pg_advisory_xact_lock(7491827364512)");
    NEIGHBOURS = scan "select w.name, exists (select 1 from hosts h where h.workspace_id = w.workspace_id) \
                    from workspaces w order by w.workspace_id";
    INSERT_HOST = "insert into hosts (workspace_id, host) values ($1, $2)";
    MOVE = Sql::both(concat!(move_counters!(), " returning owned, used + reserved"));
    MOVE_SOON = Sql::both(move_counters!());
    MOVE_CUSTOMERS = "update workspaces set customers_active = customers_active + $1, \
                      customers_invited = customers_invited + $2, customers_expired = customers_expired + $3, \
                      customers_deactivated = customers_deactivated + $4, customers_never = customers_never + $5 \
                      where workspace_id = $6";
    SET_REGISTRATION = "update workspaces set registration = $1, version = version + 1 \
                        where workspace_id = $2 and version = $3";
    SHARE_REQUESTS = "update workspaces set shared_requests = $1, version = version + 1 \
                      where workspace_id = $2 and version = $3";
    SET_APPS = "update workspaces set help_on = $1, help_login = $2, form_on = $3, form_login = $4, form_policy = $5, \
                form_contact = $6, version = version + 1 where workspace_id = $7 and version = $8";
    FORM_CONTACT = "select w.form_contact from workspaces w where w.workspace_id = $1";
    OWN = "update workspaces set owned = $1 where workspace_id = $2 and used + reserved <= $1 \
           returning owned, used + reserved";
    SET_PRICE = "update workspaces set price_minor = $1, price_currency = $2, price_period = $3, \
                 version = version + 1 where workspace_id = $4";
    SET_SETTINGS = "update workspaces set name = $1, language = $2, time_zone = $3, idle_seconds = $4, \
                    absolute_seconds = $5, version = version + 1 \
                    where workspace_id = $6 and version = $7";
}

/// Reads the columns of [`workspace_columns`] from the first on.
fn from_row(row: &Row<'_>) -> Result<Workspace> {
    from_row_at(row, 0)
}

/// Reads the columns of [`workspace_columns`] from column `at` on.
pub(crate) fn from_row_at(row: &Row<'_>, at: usize) -> Result<Workspace> {
    let price = match (row.get(at + 6)?, row.get(at + 7)?, row.get::<Option<String>>(at + 8)?) {
        (Some(minor), Some(currency), Some(period)) => Some(Price {
            minor,
            currency,
            period: Period::parse(&period).ok_or(Error::Value("workspaces.price_period"))?,
        }),
        _ => None,
    };
    Ok(Workspace {
        id: WorkspaceId::from_uuid(row.get(at)?),
        name: row.get(at + 1)?,
        language: row.get(at + 2)?,
        time_zone: row.get(at + 3)?,
        licenses: Licenses { owned: row.get(at + 4)?, used: row.get(at + 5)?, price },
        counts: counts_at(row, at + 9)?,
        customers: counts_at(row, at + 18)?,
        registration: row.get(at + 23)?,
        shared_requests: row.get(at + 24)?,
        apps: Apps {
            help: App { on: row.get(at + 25)?, needs_login: row.get(at + 26)? },
            form: App { on: row.get(at + 27)?, needs_login: row.get(at + 28)? },
            policy: FormPolicy::parse(&row.get::<String>(at + 29)?)
                .ok_or(Error::Value("workspaces.form_policy"))?,
        },
        sessions: SessionLengths { idle_seconds: row.get(at + 14)?, absolute_seconds: row.get(at + 15)? },
        created: row.time(at + 16)?,
        version: row.get(at + 17)?,
    })
}

fn counts_at(row: &Row<'_>, at: usize) -> Result<Counts> {
    Ok(Counts {
        active: row.get(at)?,
        invited: row.get(at + 1)?,
        expired: row.get(at + 2)?,
        deactivated: row.get(at + 3)?,
        never: row.get(at + 4)?,
    })
}

/// The workspace. Its absence is an error: ids come from the Host or the CLI's choice.
pub async fn load(rx: &mut Rx, ws: WorkspaceId) -> Result<Workspace> {
    rx.one(&LOAD, &[&ws.uuid()], from_row).await?.ok_or(crate::Error::NotFound("workspace"))
}

/// As [`load`], or as [`lock`], as part of a longer question: one row.
pub fn ask(ws: WorkspaceId, locked: bool) -> Ask<Workspace> {
    Ask::new(if locked { &LOCK } else { &LOAD }, bind![ws.uuid()], from_row)
}

/// The workspace, its row locked until the transaction ends: license changes wait for each other, so
/// lock it as late as possible.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId) -> Result<Workspace> {
    tx.one(&LOCK, &[&ws.uuid()], from_row).await?.ok_or(crate::Error::NotFound("workspace"))
}

/// Every workspace of the server: for jobs and the CLI.
pub async fn all(rx: &mut Rx) -> Result<Vec<Workspace>> {
    rx.all(&ALL_WORKSPACES, &[], from_row).await
}

/// The workspace that a Host names; a server that holds a single one answers any Host. One statement, and
/// asked anew for every request: a workspace that is added makes the others' unknown hosts unknown at once.
pub async fn by_host(rx: &mut Rx, host: &str) -> Result<Option<WorkspaceId>> {
    let read = |row: &Row<'_>| Ok((WorkspaceId::from_uuid(row.get(0)?), row.get::<i64>(1)? == 1));
    // Every id is at least the nil one: said, the two are found by the key.
    let found = rx.all(&BY_HOST, &[&host, &uuid::Uuid::nil()], read).await?;
    let named = found.iter().find(|(_, named)| *named);
    Ok(match (named, found.as_slice()) {
        (Some((ws, _)), _) | (None, [(ws, _)]) => Some(*ws),
        _ => None,
    })
}

/// Saves a new workspace without users; owned must hold its coming owner.
pub async fn insert(tx: &mut Tx, workspace: &Workspace, host: Option<&str>) -> Result<()> {
    tx.exec_one(
        &INSERT,
        &[
            &workspace.id.uuid(),
            &workspace.name,
            &workspace.language,
            &workspace.time_zone,
            &workspace.licenses.owned,
            &workspace.sessions.idle_seconds,
            &workspace.sessions.absolute_seconds,
            &time::micros(workspace.created),
        ],
    )
    .await?;
    if let Some(host) = host {
        tx.exec_one(&INSERT_HOST, &[&workspace.id.uuid(), &host]).await?;
    }
    Ok(())
}

/// Lets a host lead to the workspace.
pub async fn add_host(tx: &mut Tx, ws: WorkspaceId, host: &str) -> Result<()> {
    tx.exec_one(&INSERT_HOST, &[&ws.uuid(), &host]).await
}

/// The names of the workspaces that are there, each with whether a host leads to it. Held until the transaction
/// ends: whoever begins one meanwhile waits, so that each sees the others.
pub async fn neighbours(tx: &mut Tx) -> Result<Vec<(String, bool)>> {
    tx.one(&ONE_BY_ONE, &[], |_| Ok(())).await?;
    tx.all(&NEIGHBOURS, &[], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// A change of the counters; each field is what is added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Move {
    /// Licenses owned.
    pub owned: i64,
    /// Licenses used.
    pub used: i64,
    /// Licenses that a batch has set aside for those whom it still is to activate.
    pub reserved: i64,
    /// Users by status.
    pub counts: Counts,
}

/// Applies a change of the counters. `None` when that would use more licenses than are owned: the
/// limit is enforced here, in the statement that writes.
pub async fn apply(tx: &mut Tx, ws: WorkspaceId, change: Move) -> Result<Option<(i64, i64)>> {
    apply_so(tx, ws, change, false).await
}

/// As [`apply`], where nothing comes after it ([`Tx::last`]).
pub async fn apply_last(tx: &mut Tx, ws: WorkspaceId, change: Move) -> Result<Option<(i64, i64)>> {
    apply_so(tx, ws, change, true).await
}

async fn apply_so(tx: &mut Tx, ws: WorkspaceId, change: Move, last: bool) -> Result<Option<(i64, i64)>> {
    let Counts { active, invited, expired, deactivated, never } = change.counts;
    let Move { owned, used, reserved, .. } = change;
    let values: [&dyn super::Param; 9] =
        [&owned, &used, &active, &invited, &expired, &deactivated, &never, &reserved, &ws.uuid()];
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    if last { tx.last(&MOVE, &values, read).await } else { tx.one(&MOVE, &values, read).await }
}

/// As [`apply`], together with the next statement: a change that would use more licenses than are owned is there
/// [`Error::NotOneRow`] of [`MOVE_SOON`].
pub fn apply_soon(tx: &mut Tx, ws: WorkspaceId, change: Move) -> Result<()> {
    let Counts { active, invited, expired, deactivated, never } = change.counts;
    tx.soon_one(
        &MOVE_SOON,
        bind![
            change.owned,
            change.used,
            active,
            invited,
            expired,
            deactivated,
            never,
            change.reserved,
            ws.uuid()
        ],
    )
}

/// Applies a change of the customers' counters, together with the next statement. No license is in it.
pub fn apply_customers_soon(tx: &mut Tx, ws: WorkspaceId, change: Counts) -> Result<()> {
    let Counts { active, invited, expired, deactivated, never } = change;
    tx.soon_one(&MOVE_CUSTOMERS, bind![active, invited, expired, deactivated, never, ws.uuid()])
}

/// Says whether customers may register themselves; stale when the settings have changed since `version`.
pub async fn set_registration(tx: &mut Tx, ws: WorkspaceId, open: bool, version: i64) -> Result<()> {
    match tx.exec(&SET_REGISTRATION, &[&open, &ws.uuid(), &version]).await? {
        1 => Ok(()),
        _ => Err(crate::Error::Stale),
    }
}

/// Says whether customers of one organization see each other's requests; stale when the settings have changed since
/// `version`.
pub async fn share_requests(tx: &mut Tx, ws: WorkspaceId, shared: bool, version: i64) -> Result<()> {
    match tx.exec(&SHARE_REQUESTS, &[&shared, &ws.uuid(), &version]).await? {
        1 => Ok(()),
        _ => Err(crate::Error::Stale),
    }
}

/// Sets the customer apps up, and what the sender of a refused request reads; stale when the settings have changed since
/// `version`.
pub async fn set_apps(tx: &mut Tx, ws: WorkspaceId, apps: &Apps, contact: &str, version: i64) -> Result<()> {
    let Apps { help, form, policy } = apps;
    let values: [&dyn super::Param; 8] = [
        &help.on,
        &help.needs_login,
        &form.on,
        &form.needs_login,
        &policy.word(),
        &contact,
        &ws.uuid(),
        &version,
    ];
    match tx.exec(&SET_APPS, &values).await? {
        1 => Ok(()),
        _ => Err(crate::Error::Stale),
    }
}

/// What the sender of a request reads that is refused for its address.
pub async fn form_contact(rx: &mut Rx, ws: WorkspaceId) -> Result<String> {
    Ok(rx.one(&FORM_CONTACT, &[&ws.uuid()], |row| row.get(0)).await?.unwrap_or_default())
}

/// Sets the number of licenses owned. `None` when more are used.
pub async fn own(tx: &mut Tx, ws: WorkspaceId, owned: i64) -> Result<Option<(i64, i64)>> {
    tx.one(&OWN, &[&owned, &ws.uuid()], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// Sets or removes the price.
pub async fn set_price(tx: &mut Tx, ws: WorkspaceId, price: Option<&Price>) -> Result<()> {
    let minor = price.map(|price| price.minor);
    let currency = price.map(|price| price.currency.as_str());
    let period = price.map(|price| price.period.word());
    tx.exec_one(&SET_PRICE, &[&minor, &currency, &period, &ws.uuid()]).await
}

/// Saves the settings; stale when they have changed since `workspace.version`.
pub async fn set_settings(tx: &mut Tx, workspace: &Workspace) -> Result<()> {
    let rows = tx
        .exec(
            &SET_SETTINGS,
            &[
                &workspace.name,
                &workspace.language,
                &workspace.time_zone,
                &workspace.sessions.idle_seconds,
                &workspace.sessions.absolute_seconds,
                &workspace.id.uuid(),
                &workspace.version,
            ],
        )
        .await?;
    if rows == 1 { Ok(()) } else { Err(crate::Error::Stale) }
}

/// Whether the server holds any workspace.
pub async fn any(rx: &mut Rx) -> Result<bool> {
    Ok(rx.one(&ANY, &[], |_| Ok(())).await?.is_some())
}
