//! Deciding rows: whom each means, and what becomes of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    id::{OrganizationId, PersonId},
    import::{self as rules, Asked, Column, Fault, StatusStep},
    person::{Kind, Person, Status, StatusWord},
    role::Role,
};

use super::{super::status::Counters, Report, Run};
use crate::{
    ctx::Ctx,
    error::Result,
    import::{BadRow, Cells, Print},
    ops::profile::Name,
    store::{Rx, import as store, import::Known, organizations, teams},
    text,
};

/// What becomes of a row that is good.
pub(super) enum Planned {
    /// Somebody is added.
    New(Box<Addition>),
    /// Somebody who is there is changed.
    Change(Box<Change>),
    /// Somebody who is there stays as they are.
    Same(Kept),
}

/// What the file says otherwise and what is kept nevertheless.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kept {
    status: bool,
    role: bool,
    held_back: bool,
}

/// Somebody new.
pub(super) struct Addition {
    pub(super) person: Person,
    pub(super) cells: Cells,
    /// The organization to which the domain of the address belongs, where the file names none.
    pub(super) by_domain: Option<(OrganizationId, String)>,
}

/// Somebody who is there, and what changes.
pub(super) struct Change {
    pub(super) known: Known,
    pub(super) name: Option<Name>,
    pub(super) email: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) status: StatusStep,
    /// Teams that are joined.
    pub(super) joins: Vec<Name>,
    /// The organization that is left, if any, and the one that is joined.
    pub(super) moves: Option<(Option<OrganizationId>, Name)>,
    kept: Kept,
}

impl Change {
    fn nothing(&self) -> bool {
        self.name.is_none()
            && self.email.is_none()
            && self.external_id.is_none()
            && matches!(self.status, StatusStep::Same | StatusStep::Kept)
            && self.joins.is_empty()
            && self.moves.is_none()
    }

    /// The status afterwards.
    fn after(&self) -> &Status {
        match &self.status {
            StatusStep::Same | StatusStep::Kept => &self.known.row.person.status,
            StatusStep::Deactivate(deactivation) => &deactivation.change.after,
            StatusStep::Activate(activation) => &activation.change.after,
        }
    }
}

impl Planned {
    /// Counts the change of status of somebody who is there.
    pub(super) fn count_change(&self, counters: &mut Counters) {
        if let Self::Change(change) = self {
            let row = &change.known.row;
            let never = row.last_sign_in.is_none();
            counters.count(&row.person, &row.person.status, never, -1);
            counters.count(&row.person, change.after(), never, 1);
        }
    }

    /// Counts what becomes of the row, and somebody who is added.
    pub(super) fn count(&self, report: &mut Report, counters: &mut Counters) {
        let kept = match self {
            Self::New(new) => {
                report.new += 1;
                counters.count(&new.person, &new.person.status, new.cells.last_login.is_none(), 1);
                Kept::default()
            }
            Self::Change(change) => {
                report.changed += 1;
                let (before, after) = (&change.known.row.person.status, change.after());
                report.statuses_changed += u64::from(after != before);
                let deactivates = after != before && after.word() == StatusWord::Deactivated;
                report.deactivated += u64::from(deactivates);
                change.kept
            }
            Self::Same(kept) => {
                report.unchanged += 1;
                *kept
            }
        };
        report.statuses_kept += u64::from(kept.status);
        report.roles_kept += u64::from(kept.role);
        report.held_back += u64::from(kept.held_back);
    }
}

/// The teams and the organizations that the rows need, by folded name.
pub(super) fn groups(planned: &[Planned]) -> (BTreeMap<String, Name>, BTreeMap<String, Name>) {
    let (mut teams, mut organizations) = (BTreeMap::new(), BTreeMap::new());
    for plan in planned {
        let (joins, moves): (&[Name], Option<&Name>) = match plan {
            Planned::New(new) => (&new.cells.teams, new.cells.organization.as_ref()),
            Planned::Change(change) => (&change.joins, change.moves.as_ref().map(|(_, to)| to)),
            Planned::Same(_) => (&[], None),
        };
        teams.extend(joins.iter().map(|name| (text::fold(name.as_str()), name.clone())));
        organizations.extend(moves.map(|name| (text::fold(name.as_str()), name.clone())));
    }
    (teams, organizations)
}

/// What the database knows of the people that a batch names.
struct Around {
    by_external: HashMap<String, Known>,
    by_address: HashMap<String, Known>,
    teams: HashMap<PersonId, HashSet<String>>,
    organizations: HashMap<PersonId, (OrganizationId, String)>,
    domains: HashMap<String, (OrganizationId, String)>,
}

impl Around {
    async fn look(ctx: &Ctx, kind: Kind, rx: &mut Rx, cells: &[Cells], lock: bool) -> Result<Self> {
        let ws = ctx.workspace;
        let externals: Vec<String> = cells.iter().filter_map(|row| row.external_id.clone()).collect();
        let addresses: Vec<String> = cells.iter().map(|row| row.email_key.clone()).collect();
        let (mut by_external, mut by_address) = (HashMap::new(), HashMap::new());
        if !externals.is_empty() {
            for known in store::by_externals(rx, ws, kind, externals, lock).await? {
                by_external.insert(known.external_id.clone().unwrap_or_default(), known);
            }
        }
        if !addresses.is_empty() {
            for known in store::by_addresses(rx, ws, addresses, lock).await? {
                by_address.insert(known.email_key.clone(), known);
            }
        }
        let there = by_external.values().chain(by_address.values()).map(|known| known.row.person.id);
        let ids: Vec<PersonId> = there.collect::<HashSet<_>>().into_iter().collect();
        let mut around = Self {
            by_external,
            by_address,
            teams: HashMap::new(),
            organizations: HashMap::new(),
            domains: HashMap::new(),
        };
        around.groups(ctx, kind, rx, &ids, cells).await?;
        Ok(around)
    }

    async fn groups(
        &mut self,
        ctx: &Ctx,
        kind: Kind,
        rx: &mut Rx,
        ids: &[PersonId],
        cells: &[Cells],
    ) -> Result<()> {
        let ws = ctx.workspace;
        if kind == Kind::User {
            if !ids.is_empty() {
                for (person, _, name) in teams::of_people(rx, ws, ids).await? {
                    self.teams.entry(person).or_default().insert(text::fold(&name));
                }
            }
            return Ok(());
        }
        if !ids.is_empty() {
            for (person, organization, name) in organizations::of_people(rx, ws, ids).await? {
                self.organizations.insert(person, (organization, text::fold(&name)));
            }
        }
        let homeless = cells.iter().filter(|row| row.organization.is_none());
        let domains: HashSet<String> =
            homeless.map(|row| text::domain_of(&row.email_key).to_owned()).collect();
        if !domains.is_empty() {
            for (domain, id, name) in store::by_domains(rx, ws, domains.into_iter().collect()).await? {
                self.domains.insert(domain, (id, name));
            }
        }
        Ok(())
    }
}

/// Decides each row.
pub(super) async fn batch(
    run: &Run<'_>,
    rx: &mut Rx,
    cells: Vec<Cells>,
    lock: bool,
) -> Result<Vec<Result<Planned, BadRow>>> {
    let around = Around::look(run.ctx, run.job.kind, rx, &cells, lock).await?;
    Ok(cells.into_iter().map(|row| one(run, &around, row)).collect())
}

fn one(run: &Run<'_>, around: &Around, cells: Cells) -> Result<Planned, BadRow> {
    let line = cells.line;
    let bad = |fault: Fault| bad(run, line, fault.column, fault.why.to_string());
    let asked = Asked {
        kind: run.job.kind,
        external_id: cells.external_id.as_deref(),
        role: cells.role,
        status: cells.status,
        teams: !cells.teams.is_empty(),
        organization: cells.organization.is_some(),
    };
    rules::fits(&asked).map_err(bad)?;
    let by_external = cells.external_id.as_ref().and_then(|id| around.by_external.get(id));
    let by_address = around.by_address.get(&cells.email_key);
    let found = rules::find(&asked, by_external.map(of), by_address.map(of)).map_err(bad)?;
    let known = by_external.into_iter().chain(by_address).find(|known| Some(known.row.person.id) == found);
    match known {
        None => {
            let (status, role) = rules::add(&run.authority, &asked, run.ctx.now).map_err(bad)?;
            new(run, around, cells, status, role)
        }
        Some(known) => update(run, around, known.clone(), cells),
    }
}

fn of(known: &Known) -> rules::Known<'_> {
    rules::Known { person: &known.row.person, external_id: known.external_id.as_deref() }
}

fn bad(run: &Run<'_>, line: u64, column: Column, message: String) -> BadRow {
    BadRow { line, column: run.job.source.mapping().name(column).to_owned(), message }
}

fn new(run: &Run<'_>, around: &Around, cells: Cells, status: Status, role: Role) -> Result<Planned, BadRow> {
    let Some(name) = cells.name.clone() else {
        let mapping = run.job.source.mapping();
        let parts = [Column::Name, Column::FirstName, Column::LastName];
        let column = parts.into_iter().find(|column| mapping.has(*column)).unwrap_or(Column::Name);
        return Err(bad(run, cells.line, column, "Enter a name.".into()));
    };
    let person = Person {
        workspace: run.ctx.workspace,
        id: run.ctx.id(),
        kind: run.job.kind,
        role,
        status,
        email: cells.email.clone(),
        name: name.into_string(),
        version: 1,
    };
    let by_domain = match cells.organization {
        None => around.domains.get(text::domain_of(&cells.email_key)).cloned(),
        Some(_) => None,
    };
    Ok(Planned::New(Box::new(Addition { person, cells, by_domain })))
}

fn update(run: &Run<'_>, around: &Around, known: Known, cells: Cells) -> Result<Planned, BadRow> {
    let line = cells.line;
    let fault = |fault: Fault| bad(run, line, fault.column, fault.why.to_string());
    let person = known.row.person.clone();
    let status =
        rules::status(&run.authority, &person, cells.status, run.job.update_status, run.ctx.now, run.today);
    let mut change = Change {
        name: cells.name.filter(|name| name.as_str() != person.name),
        email: (cells.email_key != known.email_key).then_some(cells.email),
        external_id: cells.external_id.filter(|id| known.external_id.as_ref() != Some(id)),
        status: status.map_err(fault)?,
        joins: cells.teams,
        moves: None,
        kept: Kept::default(),
        known,
    };
    if change.name.is_some() || change.email.is_some() || change.external_id.is_some() {
        rules::edit(&run.authority, &person, change.email.is_some()).map_err(fault)?;
    }
    if change.email.is_some()
        && let Some(other) = run.doubles.line_of(Print::of(&change.known.email_key))
    {
        // Which of the two is meant cannot be told, and the result would depend on their order.
        let message =
            format!("This changes the address of {}, whose present one is on line {other}.", person.name);
        return Err(bad(run, line, Column::Email, message));
    }
    let groups = around.teams.get(&person.id);
    change.joins.retain(|team| groups.is_none_or(|groups| !groups.contains(&text::fold(team.as_str()))));
    if let Some(to) = cells.organization {
        let from = around.organizations.get(&person.id);
        if from.is_none_or(|(_, name)| *name != text::fold(to.as_str())) {
            change.moves = Some((from.map(|(id, _)| *id), to));
        }
    }
    if (!change.joins.is_empty() || change.moves.is_some())
        && !rules::receives(&run.authority, &person, change.after()).map_err(fault)?
    {
        (change.joins, change.moves) = (Vec::new(), None);
        change.kept.held_back = true;
    }
    change.kept.status = change.status == StatusStep::Kept;
    change.kept.role = cells.role.is_some_and(|role| role != person.role);
    Ok(if change.nothing() { Planned::Same(change.kept) } else { Planned::Change(Box::new(change)) })
}
