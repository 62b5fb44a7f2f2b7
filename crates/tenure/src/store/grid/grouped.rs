//! Rows under the headings of their teams.
//!
//! A person in several teams is a row of each; those in none come last. Where the filter leaves few people all of
//! them are read with their teams and put in order here; else one group after the other is read until the page is
//! full.

use std::collections::HashMap;

use domain::{
    id::{PersonId, TeamId},
    person::StatusWord,
};
use uuid::Uuid;

use super::cursor::{GroupKey, Key, Place, StatusWordText};
use super::fetch::{self, Found, Slice};
use super::filter::{Driver, Known, conditions};
use super::plan::{self, Plan, Way};
use super::query::{Dir, Sort, TeamFilter, View};
use super::text::{Ready, Text};
use super::{Count, Group};
use crate::error::Result;
use crate::store::{Error, Row, Rx, statements};

statements! {
    TEAM = "select team_id, name, name_sort, members from teams where workspace_id = $1 and team_id = $2";
    FROM = "select team_id, name, name_sort, members from teams where workspace_id = $1 \
            and (name_sort, team_id) >= ($2, $3) and members > 0 order by name_sort, team_id limit $4";
    BACK = "select team_id, name, name_sort, members from teams where workspace_id = $1 \
            and (name_sort, team_id) <= ($2, $3) and members > 0 order by name_sort desc, team_id desc limit $4";
    LAST = "select team_id, name, name_sort, members from teams where workspace_id = $1 \
            and members > 0 order by name_sort desc, team_id desc limit $2";
}

/// How many teams are read at a time.
const TEAMS: i64 = 50;
/// A group of more people is counted only where a counter is kept.
const COUNTED_GROUP: i64 = 1_000;

/// A team as a group.
#[derive(Debug, Clone)]
struct Team {
    id: TeamId,
    name: String,
    sort: Vec<u8>,
    members: i64,
}

fn team_from_row(row: &Row<'_>) -> Result<Team> {
    Ok(Team {
        id: TeamId::from_uuid(row.get(0)?),
        name: row.get(1)?,
        sort: row.get(2)?,
        members: row.get(3)?,
    })
}

/// Up to `limit` rows away from `from`, towards the end or, with `back`, towards the beginning.
pub(super) async fn slice(
    rx: &mut Rx,
    view: &View<'_>,
    plan: &Plan,
    back: bool,
    from: Option<&Place>,
    limit: usize,
) -> Result<Vec<Found>> {
    match &plan.way {
        Way::Collect(driver) => collected(rx, view, plan, driver, back, from, limit).await,
        Way::Walk(_) => walked(rx, view, plan, back, from, limit).await,
    }
}

async fn walked(
    rx: &mut Rx,
    view: &View<'_>,
    plan: &Plan,
    back: bool,
    from: Option<&Place>,
    limit: usize,
) -> Result<Vec<Found>> {
    let mut groups =
        Groups { view, back, at: from.and_then(|place| place.group.clone()), begun: false, ended: false };
    let mut found = Vec::new();
    while found.len() < limit {
        let teams = groups.next(rx).await?;
        if teams.is_empty() {
            break;
        }
        for team in teams {
            let group = key_of(team.as_ref());
            let inside = from.filter(|place| place.group.as_ref() == Some(&group));
            let rows = of_group(rx, view, plan, team.as_ref(), back, inside, limit - found.len()).await?;
            if !rows.is_empty() {
                let heading = heading(rx, view, plan, team.as_ref()).await?;
                found.extend(rows.into_iter().map(|mut row| {
                    row.place.group = Some(group.clone());
                    row.group = Some(heading.clone());
                    row
                }));
            }
            if found.len() >= limit {
                break;
            }
        }
    }
    Ok(found)
}

fn key_of(team: Option<&Team>) -> GroupKey {
    team.map_or(GroupKey::NoTeam, |team| GroupKey::Team(team.sort.clone(), team.id))
}

/// The groups one after the other, a few at a time; `None` is "No team".
struct Groups<'a> {
    view: &'a View<'a>,
    back: bool,
    at: Option<GroupKey>,
    begun: bool,
    ended: bool,
}

impl Groups<'_> {
    async fn next(&mut self, rx: &mut Rx) -> Result<Vec<Option<Team>>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let begins = !std::mem::replace(&mut self.begun, true);
        match self.view.team {
            Some(TeamFilter::None) => {
                self.ended = true;
                return Ok(vec![None]);
            }
            Some(TeamFilter::Team(id)) => {
                self.ended = true;
                let team = rx.one(&TEAM, &[&self.view.ws.uuid(), &id.uuid()], team_from_row).await?;
                return Ok(team.map(Some).into_iter().collect());
            }
            None => {}
        }
        let no_team = begins && (self.at == Some(GroupKey::NoTeam) || self.back && self.at.is_none());
        if no_team {
            // Forward it is the last group, backward the first.
            self.ended = !self.back;
            self.at = None;
            return Ok(vec![None]);
        }
        let teams = self.teams(rx).await?;
        // What was reached is read again, so it is left out; at the start it is the group to go on in.
        let reached = self.at.take();
        let full = i64::try_from(teams.len()).unwrap_or(TEAMS) >= TEAMS;
        self.at = teams.last().map(|team| key_of(Some(team)));
        let mut groups: Vec<_> = teams
            .into_iter()
            .map(Some)
            .filter(|team| begins || Some(key_of(team.as_ref())) != reached)
            .collect();
        if !full {
            self.ended = true;
            if !self.back {
                groups.push(None);
            }
        }
        Ok(groups)
    }

    async fn teams(&self, rx: &mut Rx) -> Result<Vec<Team>> {
        let ws = self.view.ws.uuid();
        let (sort, id) = match &self.at {
            Some(GroupKey::Team(sort, id)) => (sort.clone(), id.uuid()),
            _ if self.back => return rx.all(&LAST, &[&ws, &TEAMS], team_from_row).await,
            _ => (Vec::new(), Uuid::nil()),
        };
        let sql = if self.back { &BACK } else { &FROM };
        rx.all(sql, &[&ws, &sort, &id, &TEAMS], team_from_row).await
    }
}

/// The rows of one group, from a place in it on.
async fn of_group(
    rx: &mut Rx,
    view: &View<'_>,
    plan: &Plan,
    team: Option<&Team>,
    back: bool,
    from: Option<&Place>,
    limit: usize,
) -> Result<Vec<Found>> {
    let view = inside(view, team);
    let driver = driver_of(team);
    let way = if driver.is_aligned(&view) {
        Way::Walk(Some(driver))
    } else {
        let people = match team {
            Some(team) => team.members,
            None => plan::probe_one(rx, &view, &driver).await?,
        };
        if people > view.thresholds.collected { Way::Walk(None) } else { Way::Collect(driver) }
    };
    let bound = from.map(|place| (&place.key, place.person));
    let gram = plan.gram.as_deref();
    fetch::slice(rx, &view, &Slice { way: &way, gram, back, bound, limit }).await
}

fn inside<'a>(view: &View<'a>, team: Option<&Team>) -> View<'a> {
    let filter = team.map_or(TeamFilter::None, |team| TeamFilter::Team(team.id));
    View { team: Some(filter), ..view.clone() }
}

fn driver_of(team: Option<&Team>) -> Driver {
    team.map_or(Driver::NoTeam, |team| Driver::Team(team.id))
}

/// The heading of a group, with the number of its rows where that is cheap.
async fn heading(rx: &mut Rx, view: &View<'_>, plan: &Plan, team: Option<&Team>) -> Result<Group> {
    let view = inside(view, team);
    let alone = view.conditions() == 1;
    let rows = match team {
        Some(team) if alone => Some(Count::Exact(team.members)),
        Some(team) if team.members <= COUNTED_GROUP => {
            let gram = plan.gram.as_deref();
            Some(plan::counted(rx, &view, gram, Some(&Driver::Team(team.id))).await?)
        }
        None if alone => Some(Count::capped(plan::probe_one(rx, &view, &Driver::NoTeam).await?)),
        _ => None,
    };
    Ok(Group { team: team.map(|team| (team.id, team.name.clone())), rows })
}

/// A person as a row of one group, before its other columns are read.
struct Light {
    person: PersonId,
    key: (Vec<u8>, String, StatusWord, i64, i64),
    team: Option<(TeamId, Vec<u8>, String)>,
}

fn light_from_row(row: &Row<'_>) -> Result<Light> {
    let status = StatusWord::parse(&row.get::<String>(3)?).ok_or(Error::Value("people.status"))?;
    let team = match (row.get::<Option<Uuid>>(6)?, row.get(7)?, row.get(8)?) {
        (Some(id), Some(sort), Some(name)) => Some((TeamId::from_uuid(id), sort, name)),
        _ => None,
    };
    Ok(Light {
        person: PersonId::from_uuid(row.get(0)?),
        key: (row.get(1)?, row.get(2)?, status, row.get(4)?, row.get(5)?),
        team,
    })
}

impl Light {
    fn place(&self, sort: Sort) -> Place {
        let (name, email, status, last_sign_in, created) = &self.key;
        let group = match &self.team {
            Some((id, sort, _)) => GroupKey::Team(sort.clone(), *id),
            None => GroupKey::NoTeam,
        };
        let key = match sort {
            Sort::Name => Key::Name(name.clone()),
            Sort::Email => Key::Email(email.clone()),
            Sort::Status => Key::Status(StatusWordText(*status), name.clone()),
            Sort::LastSignIn => Key::LastSignIn(*last_sign_in),
            Sort::Created => Key::Created(*created),
        };
        Place { group: Some(group), key, person: self.person }
    }
}

async fn collected(
    rx: &mut Rx,
    view: &View<'_>,
    plan: &Plan,
    driver: &Driver,
    back: bool,
    from: Option<&Place>,
    limit: usize,
) -> Result<Vec<Found>> {
    let ready = light_statement(view, plan.gram.as_deref(), driver);
    let mut rows = rx.all(&ready.sql, &ready.params(), light_from_row).await?;
    if let Some(TeamFilter::Team(only)) = view.team {
        rows.retain(|row| row.team.as_ref().is_some_and(|(id, ..)| *id == only));
    }
    let mut sizes = HashMap::<Option<TeamId>, i64>::new();
    for row in &rows {
        *sizes.entry(row.team.as_ref().map(|(id, ..)| *id)).or_default() += 1;
    }
    let descending = view.query.dir == Dir::Desc;
    let mut placed: Vec<_> = rows.into_iter().map(|row| (row.place(view.query.sort), row.team)).collect();
    placed.sort_by(|(a, _), (b, _)| compare(a, b, descending));
    let mut placed: Vec<_> = match from {
        None => placed,
        Some(from) if back => {
            placed.into_iter().filter(|(p, _)| compare(p, from, descending).is_lt()).collect()
        }
        Some(from) => placed.into_iter().filter(|(p, _)| compare(p, from, descending).is_gt()).collect(),
    };
    if back {
        placed.reverse();
    }
    placed.truncate(limit);
    let ids: Vec<_> = placed.iter().map(|(place, _)| place.person).collect();
    let found = fetch::by_ids(rx, view, &ids).await?;
    Ok(found
        .into_iter()
        .zip(placed)
        .map(|(found, (place, team))| {
            let rows = sizes.get(&team.as_ref().map(|(id, ..)| *id)).copied().map(Count::Exact);
            let team = team.map(|(id, _, name)| (id, name));
            Found { place, group: Some(Group { team, rows }), ..found }
        })
        .collect())
}

/// The order of grouped rows: groups always by name.
fn compare(a: &Place, b: &Place, descending: bool) -> std::cmp::Ordering {
    let rows = (&a.key, a.person).cmp(&(&b.key, b.person));
    a.group.cmp(&b.group).then(if descending { rows.reverse() } else { rows })
}

pub(super) fn light_statement(view: &View<'_>, gram: Option<&str>, driver: &Driver) -> Ready {
    let mut text = Text::new(view.ws, view.query.kind);
    text.put(
        "select p.person_id, p.name_sort, p.email_key, p.status, p.last_sign_in, p.created, \
         t.team_id, t.name_sort, t.name from (",
    );
    driver.select(&mut text, view);
    text.put(
        " limit 10001) h cross join people p \
         left join team_members n on n.workspace_id = p.workspace_id and n.person_id = p.person_id \
         left join teams t on t.workspace_id = n.workspace_id and t.team_id = n.team_id \
         where p.workspace_id = {w} and p.person_id = h.person_id and p.kind = {k}",
    );
    conditions(&mut text, view, gram, Known::Holds(driver));
    text.ready("grid::grouped", true)
}
