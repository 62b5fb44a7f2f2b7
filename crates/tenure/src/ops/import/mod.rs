//! Importing people from a file (docs/import.md): read twice, first to find whatever is wrong and to count,
//! then to write, all in one transaction or nothing.
//!
//! Both times the same code decides row by row, so a preview says what will be done. No more than 500 rows
//! are held; of the others only fingerprints, to find the doubles, and a bounded number of search pieces.

mod decide;
mod save;

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

use domain::{
    actor::Authority,
    audit::Action,
    brake::{Brake, Recent},
    id::{OrganizationId, TeamId},
    license::Licenses,
    person::Kind,
};
use jiff::{civil::Date, tz::TimeZone};
use serde::Serialize;
use serde_json::json;

use self::decide::Planned;
use super::{activation::record_added, load, record::Record, status::Counters};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    import::{self, BadRow, Cells, Doubles, Print, Rows, Source},
    limits::Limits,
    store::{
        Rx, Store, Tx, brakes,
        grams::Filing,
        workspaces::{self, Workspace},
    },
};

/// How many rows are read, decided and saved at a time.
const BATCH: usize = 500;

/// What is to be imported, and how.
#[derive(Debug, Clone)]
pub struct Job {
    /// The file.
    pub source: Source,
    /// What everybody in it is.
    pub kind: Kind,
    /// Leave out bad rows instead of importing nothing.
    pub skip_bad: bool,
    /// Also change the status of people who are there.
    pub update_status: bool,
    /// Deactivate more people than the brake lets pass.
    pub past_brake: bool,
    /// How many licenses are to be owned, when fewer are now.
    pub licenses: Option<i64>,
    /// What a preview has said; if anything else would be done by now, nothing is.
    pub expected: Option<Report>,
    /// The limits on names and addresses.
    pub limits: Limits,
}

impl Job {
    const fn minds_the_brake(&self) -> bool {
        self.update_status && !self.past_brake
    }
}

/// What an import does, or did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportReport)]
pub struct Report {
    /// Rows of the file.
    pub rows: u64,
    /// People who are added.
    pub new: u64,
    /// People of whom something changes.
    pub changed: u64,
    /// People who stay as they are.
    pub unchanged: u64,
    /// Rows that are wrong.
    pub bad: u64,
    /// Changes of status, among the changed.
    pub statuses_changed: u64,
    /// Those of them who are deactivated.
    pub deactivated: u64,
    /// People who keep another status than the file says.
    pub statuses_kept: u64,
    /// People who keep another role than the file says.
    pub roles_kept: u64,
    /// Deactivated people who are not put into what the file names (rule 5).
    pub held_back: u64,
    /// Teams that are made.
    pub teams_made: u64,
    /// Organizations that are made.
    pub organizations_made: u64,
    /// Licenses taken, less those given back.
    pub licenses_taken: i64,
    /// Licenses that are added.
    pub licenses_added: i64,
    /// How many licenses are missing; with any, nothing is imported.
    pub licenses_missing: i64,
}

impl Report {
    /// Whether the same becomes of everybody, however many licenses there are.
    fn agrees(&self, other: &Self) -> bool {
        let bare = |report: &Self| Self { licenses_added: 0, licenses_missing: 0, ..report.clone() };
        bare(self) == bare(other)
    }
}

/// How it ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "report")]
pub enum Outcome {
    /// It was only looked at.
    Checked(Report),
    /// Nothing was imported: rows are wrong.
    Bad(Report),
    /// Nothing was imported: licenses are missing.
    Short(Report),
    /// It was imported.
    Done(Report),
}

impl Outcome {
    /// What was found or done.
    #[must_use]
    pub const fn report(&self) -> &Report {
        match self {
            Self::Checked(report) | Self::Bad(report) | Self::Short(report) | Self::Done(report) => report,
        }
    }
}

/// How far an import is, for whoever watches.
#[derive(Debug, Default)]
pub struct Progress {
    writing: AtomicBool,
    read: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    fn begin(&self, total: u64, writing: bool) {
        self.total.store(total, Relaxed);
        self.read.store(0, Relaxed);
        self.writing.store(writing, Relaxed);
    }

    /// Rows done, rows of the file (0 while they are counted), and whether they are being written.
    #[must_use]
    pub fn now(&self) -> (u64, u64, bool) {
        (self.read.load(Relaxed), self.total.load(Relaxed), self.writing.load(Relaxed))
    }
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::field("file", format!("The file cannot be read: {error}."))
}

/// The rows that repeat others, and how many rows there are. Reads the whole file: not on a thread that
/// serves requests.
pub fn doubles(job: &Job, zone: &TimeZone) -> Result<(Doubles, u64)> {
    let mut rows = job.source.rows().map_err(unreadable)?;
    let (mut doubles, mut count) = (Doubles::default(), 0);
    while let Some(row) = rows.next_row().map_err(unreadable)? {
        count += 1;
        // A row that is wrong by itself repeats nothing: it will not be there.
        let Ok((line, cells)) = row else { continue };
        if let Ok(cells) = import::read(line, &cells, job.source.mapping(), &job.limits, zone) {
            doubles.push(line, Print::of(&cells.email_key), cells.external_id.as_deref().map(Print::of));
        }
    }
    doubles.settle();
    Ok((doubles, count))
}

/// Checks a file and, unless `dry_run`, imports it. `bad` hears of each row that is wrong, in the order of
/// the file.
pub async fn run(
    store: &Store,
    ctx: &Ctx,
    job: &std::sync::Arc<Job>,
    dry_run: bool,
    progress: &std::sync::Arc<Progress>,
    bad: &mut (dyn FnMut(BadRow) + Send),
) -> Result<Outcome> {
    let workspace = {
        let mut rx = store.reader().await?;
        load::unlocked::<0>(&mut rx, ctx, []).await?.authority.may_administer()?;
        workspaces::load(&mut rx, ctx.workspace).await?
    };
    let zone = workspace.zone();
    let counted = {
        let job = job.clone();
        tokio::task::spawn_blocking(move || doubles(&job, &zone)).await
    };
    let (doubles, rows) = counted.map_err(|error| Error::Internal(error.to_string()))??;
    progress.begin(rows, false);
    let report = check(store, ctx, job, &doubles, progress, bad).await?;
    if report.bad == 0 || job.skip_bad {
        within_the_brake(brake_of(&mut store.reader().await?, ctx, job).await?, &report)?;
    }
    if dry_run {
        return Ok(Outcome::Checked(report));
    }
    if job.expected.as_ref().is_some_and(|expected| !expected.agrees(&report)) {
        return Err(Error::Stale);
    }
    if report.bad > 0 && !job.skip_bad {
        return Ok(Outcome::Bad(report));
    }
    if report.licenses_missing > 0 {
        return Ok(Outcome::Short(report));
    }
    progress.begin(rows, true);
    let (ctx, job, progress) = (ctx.clone(), job.clone(), progress.clone());
    let doubles = std::sync::Arc::new(doubles);
    let all = store.write_large(async move |tx| import(tx, &ctx, &job, &doubles, &progress).await);
    all.await.map(Outcome::Done)
}

/// What importing the file would do: decided by the code that will do it. Reads 500 rows at a time, so that no
/// state of the database is held on to for long.
pub async fn check(
    store: &Store,
    ctx: &Ctx,
    job: &Job,
    doubles: &Doubles,
    progress: &Progress,
    bad: &mut (dyn FnMut(BadRow) + Send),
) -> Result<Report> {
    let mut rx = store.reader().await?;
    let authority = load::unlocked::<0>(&mut rx, ctx, []).await?.authority;
    let workspace = workspaces::load(&mut rx, ctx.workspace).await?;
    drop(rx);
    let mut run = Run::begin(ctx, job, doubles, authority, &workspace)?;
    let mut rows = job.source.rows().map_err(unreadable)?;
    loop {
        let (cells, end) = run.batch(&mut rows, bad)?;
        let mut rx = store.reader().await?;
        let planned = run.decide(&mut rx, cells, false, bad).await?;
        run.count_groups(&mut rx, &planned).await?;
        drop(rx);
        progress.read.store(run.report.rows, Relaxed);
        if end {
            let workspace = workspaces::load(&mut store.point().await?, ctx.workspace).await?;
            return run.finish(&workspace.licenses);
        }
    }
}

/// Imports the file, all of it or nothing. Rows that were good when the file was checked and are not any
/// more make it stale, unless bad rows are left out.
pub async fn import(
    tx: &mut Tx,
    ctx: &Ctx,
    job: &Job,
    doubles: &Doubles,
    progress: &Progress,
) -> Result<Report> {
    let authority = load::actor(tx, ctx).await?;
    let workspace = workspaces::load(tx, ctx.workspace).await?;
    if job.minds_the_brake() {
        // Until the import ends: two that deactivate many must not pass it together.
        brakes::lock(tx, ctx.workspace).await?;
    }
    // Measured before anybody is deactivated here.
    let measured = brake_of(tx, ctx, job).await?;
    let mut run = Run::begin(ctx, job, doubles, authority, &workspace)?;
    let mut rows = job.source.rows().map_err(unreadable)?;
    let mut learned = false;
    loop {
        let (cells, end) = run.batch(&mut rows, &mut |_| {})?;
        let planned = run.decide(tx, cells, true, &mut |_| {}).await?;
        if run.report.bad > 0 && !job.skip_bad {
            return Err(Error::Stale);
        }
        run.save(tx, planned).await?;
        progress.read.store(run.report.rows, Relaxed);
        if end {
            break;
        }
        if run.report.new > 0 && !std::mem::replace(&mut learned, true) {
            crate::store::import::learn(tx).await?;
        }
    }
    within_the_brake(measured, &run.report)?;
    let licenses = match job.licenses {
        // Only a decision to add must not be overtaken.
        Some(_) => workspaces::lock(tx, ctx.workspace).await?.licenses,
        None => workspaces::load(tx, ctx.workspace).await?.licenses,
    };
    run.close(tx, &licenses).await
}

/// The brake, and who was deactivated lately, for an import that may deactivate people; `None` where the brake does not
/// matter.
async fn brake_of(rx: &mut Rx, ctx: &Ctx, job: &Job) -> Result<Option<(Brake, Recent)>> {
    if !job.minds_the_brake() {
        return Ok(None);
    }
    let (brake, _) = brakes::load(rx, ctx.workspace).await?;
    let active = workspaces::load(rx, ctx.workspace).await?.counts_of(job.kind).active;
    Ok(Some((brake, brakes::recent(rx, ctx.workspace, job.kind, active, ctx.now).await?)))
}

/// Refuses an import that would deactivate more people than the brake lets pass (product.md section 3, 6).
fn within_the_brake(measured: Option<(Brake, Recent)>, report: &Report) -> Result<()> {
    if let Some((brake, recent)) = measured {
        brake.check(recent, i64::try_from(report.deactivated).unwrap_or(i64::MAX))?;
    }
    Ok(())
}

/// An import under way.
struct Run<'a> {
    ctx: &'a Ctx,
    job: &'a Job,
    doubles: &'a Doubles,
    authority: Authority,
    sessions: domain::session::SessionLengths,
    zone: TimeZone,
    today: Date,
    report: Report,
    counters: Counters,
    /// Groups by folded name, as far as they were met.
    teams: HashMap<String, TeamId>,
    organizations: HashMap<String, OrganizationId>,
    /// Groups that a check has counted, by fingerprint of the folded name.
    counted: HashSet<Print>,
    /// How search will find those who are new.
    filing: Filing,
}

impl<'a> Run<'a> {
    fn begin(
        ctx: &'a Ctx,
        job: &'a Job,
        doubles: &'a Doubles,
        authority: Authority,
        workspace: &Workspace,
    ) -> Result<Self> {
        authority.may_administer()?;
        Ok(Self {
            ctx,
            job,
            doubles,
            authority,
            sessions: workspace.sessions,
            zone: workspace.zone(),
            today: workspace.today(ctx.now),
            report: Report::default(),
            counters: Counters::default(),
            teams: HashMap::new(),
            organizations: HashMap::new(),
            counted: HashSet::new(),
            filing: Filing::new(job.kind),
        })
    }

    /// The next rows that are right in themselves, and whether they are the last.
    fn batch(&mut self, rows: &mut Rows, bad: &mut (dyn FnMut(BadRow) + Send)) -> Result<(Vec<Cells>, bool)> {
        let mapping = self.job.source.mapping();
        let mut cells = Vec::new();
        for _ in 0..BATCH {
            let Some(row) = rows.next_row().map_err(unreadable)? else {
                return Ok((cells, true));
            };
            self.report.rows += 1;
            let read =
                row.and_then(|(line, row)| import::read(line, &row, mapping, &self.job.limits, &self.zone));
            let read = read.and_then(|cells| match self.doubles.of(cells.line) {
                None => Ok(cells),
                Some((column, first)) => {
                    let column = mapping.name(column).to_owned();
                    let message = format!("This is the same as on line {first}.");
                    Err(BadRow { line: cells.line, column, message })
                }
            });
            match read {
                Ok(row) => cells.push(row),
                Err(row) => self.refuse(row, bad),
            }
        }
        Ok((cells, false))
    }

    fn refuse(&mut self, row: BadRow, bad: &mut (dyn FnMut(BadRow) + Send)) {
        self.report.bad += 1;
        bad(row);
    }

    async fn decide(
        &mut self,
        rx: &mut Rx,
        cells: Vec<Cells>,
        lock: bool,
        bad: &mut (dyn FnMut(BadRow) + Send),
    ) -> Result<Vec<Planned>> {
        let mut planned = Vec::with_capacity(cells.len());
        for decided in decide::batch(self, rx, cells, lock).await? {
            match decided {
                Ok(plan) => {
                    plan.count(&mut self.report, &mut self.counters);
                    if !lock {
                        // Who writes counts the changes of those who are there where they are made.
                        plan.count_change(&mut self.counters);
                    }
                    planned.push(plan);
                }
                Err(row) => self.refuse(row, bad),
            }
        }
        Ok(planned)
    }

    /// Counts the teams and organizations that would be made.
    async fn count_groups(&mut self, rx: &mut Rx, planned: &[Planned]) -> Result<()> {
        let (teams, organizations) = decide::groups(planned);
        let fresh = |counted: &mut HashSet<Print>, what: &str, names: Vec<String>| -> Vec<String> {
            names.into_iter().filter(|key| counted.insert(Print::of(&format!("{what}{key}")))).collect()
        };
        let ws = self.ctx.workspace;
        let teams = fresh(&mut self.counted, "t", teams.into_keys().collect());
        let there = crate::store::import::teams_by_names(rx, ws, teams.clone()).await?;
        self.report.teams_made += (teams.len() - there.len()) as u64;
        let organizations = fresh(&mut self.counted, "o", organizations.into_keys().collect());
        let there = crate::store::organizations::by_names(rx, ws, organizations.clone()).await?;
        self.report.organizations_made += (organizations.len() - there.len()) as u64;
        Ok(())
    }

    /// The report, with what it means for licenses.
    fn finish(self, licenses: &Licenses) -> Result<Report> {
        let added = self.adds(licenses)?;
        let taken = self.counters.used();
        Ok(Report {
            licenses_taken: taken,
            licenses_added: added,
            licenses_missing: (taken - licenses.free() - added).max(0),
            ..self.report
        })
    }

    /// How many licenses are added.
    fn adds(&self, licenses: &Licenses) -> Result<i64> {
        match self.job.licenses {
            Some(owned) if owned > licenses.owned => Ok(licenses.own(owned)?.owned - licenses.owned),
            _ => Ok(0),
        }
    }

    /// Writes what stands once for the whole import: the record and, last, the counters.
    async fn close(mut self, tx: &mut Tx, licenses: &Licenses) -> Result<Report> {
        self.filing.save(tx, self.ctx.workspace).await?;
        let added = self.adds(licenses)?;
        if added > 0 {
            record_added(tx, self.ctx, licenses.owned, added).await?;
            self.counters.own(added);
        }
        let counters = std::mem::take(&mut self.counters);
        let report = Report { licenses_taken: counters.used(), licenses_added: added, ..self.report };
        Record::of(Action::Imported)
            .after(json!({
                "kind": self.job.kind,
                "rows": report.rows,
                "new": report.new,
                "changed": report.changed,
                "unchanged": report.unchanged,
                "left_out": report.bad,
                "statuses_changed": report.statuses_changed,
                "teams_made": report.teams_made,
                "organizations_made": report.organizations_made,
                "licenses_taken": report.licenses_taken,
            }))
            .save(tx, self.ctx)?;
        counters.save(tx, self.ctx).await?;
        Ok(report)
    }
}
