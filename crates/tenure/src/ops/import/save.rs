//! Saving decided rows: new people many at a time, the others one by one.

use std::collections::BTreeMap;

use domain::{
    audit::Action,
    id::{OrganizationId, PersonId, TeamId},
    import::StatusStep,
    person::{Kind, Person},
};
use serde_json::{Value, json};

use super::{
    super::{deactivation, organizations, profile, record::Record, status, teams},
    Run,
    decide::{self, Addition, Change, Planned},
};
use crate::{
    error::{Error, Result},
    ops::profile::Name,
    store::{
        self, Tx,
        audit::{self, Entry},
        import::{self, New},
    },
    text,
};

/// The most groups whose ids are kept at hand.
const GROUPS: usize = 10_000;

impl Run<'_> {
    /// Saves a batch.
    pub(super) async fn save(&mut self, tx: &mut Tx, planned: Vec<Planned>) -> Result<()> {
        self.make_groups(tx, &planned).await?;
        let mut new = Vec::new();
        for plan in planned {
            match plan {
                Planned::New(addition) => new.push(*addition),
                Planned::Change(change) => self.change(tx, *change).await?,
                Planned::Same(_) => {}
            }
        }
        self.add(tx, new).await
    }

    /// Makes the teams and organizations that are not there yet.
    async fn make_groups(&mut self, tx: &mut Tx, planned: &[Planned]) -> Result<()> {
        let (ctx, ws) = (self.ctx, self.ctx.workspace);
        let (wanted_teams, wanted_organizations) = decide::groups(planned);
        if self.teams.len() + self.organizations.len() > GROUPS {
            self.teams.clear();
            self.organizations.clear();
        }
        let keys = missing(&wanted_teams, &self.teams);
        if !keys.is_empty() {
            self.teams.extend(import::teams_by_names(tx, ws, keys.clone()).await?);
        }
        for key in keys {
            if let Some(name) = wanted_teams.get(&key).filter(|_| !self.teams.contains_key(&key)) {
                let id = teams::save_new(tx, ctx, name, &teams::texts(name)).await?;
                self.teams.insert(key, id);
                self.report.teams_made += 1;
            }
        }
        let keys = missing(&wanted_organizations, &self.organizations);
        if !keys.is_empty() {
            self.organizations.extend(store::organizations::by_names(tx, ws, keys.clone()).await?);
        }
        for key in keys {
            if let Some(name) =
                wanted_organizations.get(&key).filter(|_| !self.organizations.contains_key(&key))
            {
                let none = organizations::Domains::default();
                let id = organizations::save_new(tx, ctx, name, &organizations::texts(name), &none).await?;
                self.organizations.insert(key, id);
                self.report.organizations_made += 1;
            }
        }
        Ok(())
    }

    fn team(&self, name: &Name) -> Result<TeamId> {
        let found = self.teams.get(&text::fold(name.as_str())).copied();
        found.ok_or_else(|| Error::Internal("an import knows its teams".into()))
    }

    fn organization(&self, name: &Name) -> Result<OrganizationId> {
        let found = self.organizations.get(&text::fold(name.as_str())).copied();
        found.ok_or_else(|| Error::Internal("an import knows its organizations".into()))
    }

    /// Saves new people.
    async fn add(&mut self, tx: &mut Tx, additions: Vec<Addition>) -> Result<()> {
        let ctx = self.ctx;
        let mut rows = Vec::with_capacity(additions.len());
        let mut entries = Vec::with_capacity(additions.len());
        let mut spans = Vec::new();
        for addition in additions {
            let new = self.row(&addition)?;
            if new.person.holds_license() {
                spans.push((ctx.sys.uuid7(), new.person.id));
            }
            entries.push(self.entry(&addition, &new));
            rows.push(new);
        }
        let saved = import::add_people(tx, ctx.workspace, &rows, ctx.now).await;
        match saved {
            // Somebody else has added one of them meanwhile.
            Err(Error::Store(error)) if error.is_unique() => return Err(Error::Stale),
            saved => saved?,
        }
        for new in &rows {
            self.filing.push(new.person.id, &new.person.name, &new.person.email);
        }
        if self.filing.is_full() {
            self.filing.save(tx, ctx.workspace).await?;
        }
        import::add_spans(tx, ctx.workspace, &spans, Action::PersonImported.word(), ctx.now).await?;
        audit::insert_all(tx, ctx.workspace, &entries).await?;
        let (mut teams, mut organizations) = (BTreeMap::new(), BTreeMap::new());
        for new in &rows {
            for team in &new.teams {
                *teams.entry(*team).or_insert(0) += 1;
            }
            if let Some(organization) = new.organization {
                *organizations.entry(organization).or_insert(0) += 1;
            }
        }
        let teams: Vec<(TeamId, i64)> = teams.into_iter().collect();
        let organizations: Vec<(OrganizationId, i64)> = organizations.into_iter().collect();
        import::count_members(tx, ctx.workspace, &teams, &organizations).await
    }

    fn row(&self, addition: &Addition) -> Result<New> {
        let Addition { person, cells, by_domain } = addition;
        let named = cells.organization.as_ref().map(|name| self.organization(name)).transpose()?;
        Ok(New {
            person: person.clone(),
            texts: profile::texts(&person.name, &person.email),
            external_id: cells.external_id.clone(),
            last_sign_in: cells.last_login,
            teams: cells.teams.iter().map(|team| self.team(team)).collect::<Result<_>>()?,
            organization: named.or(by_domain.as_ref().map(|(id, _)| *id)),
        })
    }

    /// Rule 11: whoever is added has an entry of their own.
    fn entry(&self, Addition { person, cells, by_domain }: &Addition, new: &New) -> Entry {
        let named = cells.organization.as_ref().map(Name::as_str);
        let organization = named.or(by_domain.as_ref().map(|(_, name)| name.as_str()));
        let mut after = json!({ "kind": person.kind, "status": person.status.word() });
        match person.kind {
            Kind::User => {
                after["role"] = json!(person.role);
                after["teams"] = json!(new.teams);
            }
            Kind::Customer => after["organization"] = json!(organization),
        }
        let mut personal = json!({ "email": person.email, "name": person.name });
        if let Some(id) = &cells.external_id {
            personal["external_id"] = json!(id);
        }
        Record::of(Action::PersonImported).person(person.id).after(after).personal(personal).entry(self.ctx)
    }

    /// Saves what changes of somebody: status, then profile, then where they belong.
    async fn change(&mut self, tx: &mut Tx, change: Change) -> Result<()> {
        let mut row = change.known.row.clone();
        let id = row.person.id;
        match &change.status {
            StatusStep::Same | StatusStep::Kept => {}
            StatusStep::Deactivate(deactivation) => {
                let lengths = self.sessions;
                deactivation::lock_doors(
                    tx,
                    self.ctx,
                    &row,
                    deactivation,
                    (lengths, None),
                    &mut self.counters,
                )
                .await?;
                row.person.status = deactivation.change.after.clone();
                row.person.version += 1;
            }
            StatusStep::Activate(activation) => {
                let step = &activation.change;
                status::change(tx, self.ctx, &row, step, Action::Activated, &mut self.counters)?;
                Record::of(Action::Activated)
                    .person(id)
                    .statuses(&step.before, &step.after)
                    .save(tx, self.ctx)?;
                row.person.status = step.after.clone();
                row.person.version += 1;
            }
        }
        let mut told = Told::default();
        if change.name.is_some() || change.email.is_some() {
            let mut profile = row.clone();
            told.text("name", &mut profile.person.name, change.name.map(Name::into_string));
            told.text("email", &mut profile.person.email, change.email);
            profile::save(tx, self.ctx, &row, &profile).await?;
            row.person = Person { version: row.person.version + 1, ..profile.person };
        }
        if let Some(external_id) = change.external_id {
            told.before["external_id"] = json!(change.known.external_id);
            told.after["external_id"] = json!(external_id);
            import::set_external(tx, &row.person, external_id)?;
        }
        let after = self.join(tx, id, &change.joins, change.moves.as_ref()).await?;
        if !after.is_null() || !told.is_empty() {
            Record::of(Action::PersonImported)
                .person(id)
                .after(after)
                .personal(told.json())
                .save(tx, self.ctx)?;
        }
        Ok(())
    }

    /// Puts somebody into teams or another organization; answers what the record says of it.
    async fn join(
        &self,
        tx: &mut Tx,
        id: PersonId,
        joins: &[Name],
        moves: Option<&(Option<OrganizationId>, Name)>,
    ) -> Result<Value> {
        let (ws, now) = (self.ctx.workspace, self.ctx.now);
        if let Some((from, name)) = moves {
            if let Some(from) = from {
                store::organizations::leave(tx, ws, *from, id).await?;
            }
            store::organizations::join(tx, ws, self.organization(name)?, id, now)?;
            return Ok(json!({ "organization": name.as_str() }));
        }
        if joins.is_empty() {
            return Ok(Value::Null);
        }
        let teams = joins.iter().map(|team| self.team(team)).collect::<Result<Vec<_>>>()?;
        for team in &teams {
            store::teams::join(tx, ws, *team, id, now).await?;
        }
        Ok(json!({ "teams": teams }))
    }
}

/// Personal values before and after.
struct Told {
    before: Value,
    after: Value,
}

impl Default for Told {
    fn default() -> Self {
        Self { before: json!({}), after: json!({}) }
    }
}

impl Told {
    fn text(&mut self, key: &str, value: &mut String, new: Option<String>) {
        if let Some(new) = new {
            self.before[key] = json!(value);
            self.after[key] = json!(new);
            *value = new;
        }
    }

    fn is_empty(&self) -> bool {
        self.after.as_object().is_none_or(serde_json::Map::is_empty)
    }

    fn json(self) -> Value {
        if self.is_empty() { Value::Null } else { json!({ "before": self.before, "after": self.after }) }
    }
}

/// The wanted groups that are not at hand.
fn missing<T>(wanted: &BTreeMap<String, Name>, there: &std::collections::HashMap<String, T>) -> Vec<String> {
    wanted.keys().filter(|key| !there.contains_key(*key)).cloned().collect()
}
