//! Rows under the headings of their groups: teams of users, organizations of customers.
//!
//! A person in several groups is a row of each; those in none come last. Where the filter leaves few people all of
//! them are read with their teams and put in order here; else one group after the other is read until the page is
//! full.

use std::collections::HashMap;

use domain::{
    id::{GroupId, PersonId},
    person::{Kind, StatusWord},
};
use uuid::Uuid;

use super::cursor::{GroupKey, Key, Place, StatusWordText};
use super::fetch::{self, Found, Slice};
use super::filter::{Driver, Known, conditions};
use super::groups::Groups;
use super::plan::{self, Plan, Way};
use super::query::{Dir, GroupFilter, Sort, View};
use super::text::{Ready, Text};
use super::{COUNTED, Count, Group};
use crate::error::Result;
use crate::store::{Error, Row, Rx, Sql, statements};

macro_rules! group {
    ($id:literal, $table:literal, $rest:literal) => {
        Sql::both(concat!(
            "select ",
            $id,
            ", name, name_sort, members from ",
            $table,
            " where workspace_id = $1 and ",
            $rest
        ))
    };
}

statements! {
    TEAM = group!("team_id", "teams", "team_id = $2");
    TEAMS_FROM = group!("team_id", "teams", "(name_sort, team_id) >= ($2, $3) and members > 0 order by name_sort, team_id limit $4");
    TEAMS_BACK = group!("team_id", "teams", "(name_sort, team_id) <= ($2, $3) and members > 0 order by name_sort desc, team_id desc limit $4");
    TEAMS_LAST = group!("team_id", "teams", "members > 0 order by name_sort desc, team_id desc limit $2");
    ORGANIZATION = group!("organization_id", "organizations", "organization_id = $2");
    ORGANIZATIONS_FROM = group!("organization_id", "organizations", "(name_sort, organization_id) >= ($2, $3) and members > 0 order by name_sort, organization_id limit $4");
    ORGANIZATIONS_BACK = group!("organization_id", "organizations", "(name_sort, organization_id) <= ($2, $3) and members > 0 order by name_sort desc, organization_id desc limit $4");
    ORGANIZATIONS_LAST = group!("organization_id", "organizations", "members > 0 order by name_sort desc, organization_id desc limit $2");
}

/// How many groups are read at a time.
const SECTIONS: i64 = 50;
/// A group of more people is counted only where a counter is kept.
const COUNTED_GROUP: i64 = 1_000;

/// A group with how many are in it.
#[derive(Debug, Clone)]
struct Section {
    id: GroupId,
    name: String,
    sort: Vec<u8>,
    members: i64,
}

fn section_from_row(row: &Row<'_>) -> Result<Section> {
    Ok(Section {
        id: GroupId::from_uuid(row.get(0)?),
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
        Way::Collect(driver) => collected(rx, view, driver, back, from, limit).await,
        Way::Walk(_) => walked(rx, view, back, from, limit).await,
    }
}

async fn walked(
    rx: &mut Rx,
    view: &View<'_>,
    back: bool,
    from: Option<&Place>,
    limit: usize,
) -> Result<Vec<Found>> {
    let mut groups =
        Sections { view, back, at: from.and_then(|place| place.group.clone()), begun: false, ended: false };
    let mut found = Vec::new();
    while found.len() < limit {
        let sections = groups.next(rx).await?;
        if sections.is_empty() {
            break;
        }
        for section in sections {
            let group = key_of(section.as_ref());
            let inside = from.filter(|place| place.group.as_ref() == Some(&group));
            let rows = of_group(rx, view, section.as_ref(), back, inside, limit - found.len()).await?;
            if !rows.is_empty() {
                let heading = heading(rx, view, section.as_ref()).await?;
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

fn key_of(section: Option<&Section>) -> GroupKey {
    section.map_or(GroupKey::Ungrouped, |section| GroupKey::In(section.sort.clone(), section.id))
}

/// The groups one after the other, a few at a time; `None` is "In none".
struct Sections<'a> {
    view: &'a View<'a>,
    back: bool,
    at: Option<GroupKey>,
    begun: bool,
    ended: bool,
}

impl Sections<'_> {
    async fn next(&mut self, rx: &mut Rx) -> Result<Vec<Option<Section>>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let begins = !std::mem::replace(&mut self.begun, true);
        match self.view.group {
            Some(GroupFilter::None) => {
                self.ended = true;
                return Ok(vec![None]);
            }
            Some(GroupFilter::In(id)) => {
                self.ended = true;
                let section = rx
                    .one(
                        statements_of(self.view.query.kind).one,
                        &[&self.view.ws.uuid(), &id.uuid()],
                        section_from_row,
                    )
                    .await?;
                return Ok(section.map(Some).into_iter().collect());
            }
            None => {}
        }
        let ungrouped = begins && (self.at == Some(GroupKey::Ungrouped) || self.back && self.at.is_none());
        if ungrouped {
            // Forward it is the last group, backward the first.
            self.ended = !self.back;
            self.at = None;
            return Ok(vec![None]);
        }
        let sections = self.sections(rx).await?;
        // What was reached is read again, so it is left out; at the start it is the group to go on in.
        let reached = self.at.take();
        let full = i64::try_from(sections.len()).unwrap_or(SECTIONS) >= SECTIONS;
        self.at = sections.last().map(|section| key_of(Some(section)));
        let mut groups: Vec<_> = sections
            .into_iter()
            .map(Some)
            .filter(|section| begins || Some(key_of(section.as_ref())) != reached)
            .collect();
        if !full {
            self.ended = true;
            if !self.back {
                groups.push(None);
            }
        }
        Ok(groups)
    }

    async fn sections(&self, rx: &mut Rx) -> Result<Vec<Section>> {
        let ws = self.view.ws.uuid();
        let statements = statements_of(self.view.query.kind);
        let (sort, id) = match &self.at {
            Some(GroupKey::In(sort, id)) => (sort.clone(), id.uuid()),
            _ if self.back => return rx.all(statements.last, &[&ws, &SECTIONS], section_from_row).await,
            _ => (Vec::new(), Uuid::nil()),
        };
        let sql = if self.back { statements.back } else { statements.from };
        rx.all(sql, &[&ws, &sort, &id, &SECTIONS], section_from_row).await
    }
}

/// How the groups of a kind of people are read.
struct Statements {
    one: &'static Sql,
    from: &'static Sql,
    back: &'static Sql,
    last: &'static Sql,
}

fn statements_of(kind: Kind) -> Statements {
    match kind {
        Kind::User => Statements { one: &TEAM, from: &TEAMS_FROM, back: &TEAMS_BACK, last: &TEAMS_LAST },
        Kind::Customer => Statements {
            one: &ORGANIZATION,
            from: &ORGANIZATIONS_FROM,
            back: &ORGANIZATIONS_BACK,
            last: &ORGANIZATIONS_LAST,
        },
    }
}

/// The rows of one group, from a place in it on.
async fn of_group(
    rx: &mut Rx,
    view: &View<'_>,
    section: Option<&Section>,
    back: bool,
    from: Option<&Place>,
    limit: usize,
) -> Result<Vec<Found>> {
    let view = inside(view, section);
    let driver = driver_of(section);
    let way = if driver.is_aligned(&view) {
        Way::Walk(Some(driver))
    } else {
        let people = match section {
            Some(section) => section.members,
            None => plan::probe_one(rx, &view, &driver).await?,
        };
        if people > view.thresholds.collected { Way::Walk(None) } else { Way::Collect(driver) }
    };
    let bound = from.map(|place| (&place.key, place.person));
    fetch::slice(rx, &view, &Slice::new(&way, back, bound, limit)).await
}

fn inside<'a>(view: &View<'a>, section: Option<&Section>) -> View<'a> {
    let filter = section.map_or(GroupFilter::None, |section| GroupFilter::In(section.id));
    View { group: Some(filter), ..view.clone() }
}

fn driver_of(section: Option<&Section>) -> Driver {
    section.map_or(Driver::Ungrouped, |section| Driver::Group(section.id))
}

/// The heading of a group, with the number of its rows where that is cheap.
async fn heading(rx: &mut Rx, view: &View<'_>, section: Option<&Section>) -> Result<Group> {
    let view = inside(view, section);
    let alone = view.conditions() == 1;
    let rows = match section {
        Some(section) if alone => Some(Count::Exact(section.members)),
        Some(section) if section.members <= COUNTED_GROUP => {
            Some(plan::counted(rx, &view, Some(&Driver::Group(section.id))).await?)
        }
        None if alone => Some(Count::capped(plan::probe_one(rx, &view, &Driver::Ungrouped).await?, COUNTED)),
        _ => None,
    };
    Ok(Group { of: section.map(|section| (section.id, section.name.clone())), rows })
}

/// A person as a row of one group, before its other columns are read.
struct Light {
    person: PersonId,
    key: (Vec<u8>, String, StatusWord, i64, i64),
    section: Option<(GroupId, Vec<u8>, String)>,
}

fn light_from_row(row: &Row<'_>) -> Result<Light> {
    let status = StatusWord::parse(&row.get::<String>(3)?).ok_or(Error::Value("people.status"))?;
    let section = match (row.get::<Option<Uuid>>(6)?, row.get(7)?, row.get(8)?) {
        (Some(id), Some(sort), Some(name)) => Some((GroupId::from_uuid(id), sort, name)),
        _ => None,
    };
    Ok(Light {
        person: PersonId::from_uuid(row.get(0)?),
        key: (row.get(1)?, row.get(2)?, status, row.get(4)?, row.get(5)?),
        section,
    })
}

impl Light {
    fn place(&self, sort: Sort) -> Place {
        let (name, email, status, last_sign_in, created) = &self.key;
        let group = match &self.section {
            Some((id, sort, _)) => GroupKey::In(sort.clone(), *id),
            None => GroupKey::Ungrouped,
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
    driver: &Driver,
    back: bool,
    from: Option<&Place>,
    limit: usize,
) -> Result<Vec<Found>> {
    let ready = light_statement(view, driver);
    let mut rows = rx.all(&ready.sql, &ready.params(), light_from_row).await?;
    if let Some(GroupFilter::In(only)) = view.group {
        rows.retain(|row| row.section.as_ref().is_some_and(|(id, ..)| *id == only));
    }
    let mut sizes = HashMap::<Option<GroupId>, i64>::new();
    for row in &rows {
        *sizes.entry(row.section.as_ref().map(|(id, ..)| *id)).or_default() += 1;
    }
    let descending = view.query.dir == Dir::Desc;
    let mut placed: Vec<_> = rows.into_iter().map(|row| (row.place(view.query.sort), row.section)).collect();
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
        .map(|(found, (place, section))| {
            let rows = sizes.get(&section.as_ref().map(|(id, ..)| *id)).copied().map(Count::Exact);
            let of = section.map(|(id, _, name)| (id, name));
            Found { place, group: Some(Group { of, rows }), ..found }
        })
        .collect())
}

/// The order of grouped rows: groups always by name.
fn compare(a: &Place, b: &Place, descending: bool) -> std::cmp::Ordering {
    let rows = (&a.key, a.person).cmp(&(&b.key, b.person));
    a.group.cmp(&b.group).then(if descending { rows.reverse() } else { rows })
}

pub(super) fn light_statement(view: &View<'_>, driver: &Driver) -> Ready {
    let Groups { table, members, id, .. } = view.groups();
    let mut text = Text::new(view.ws, view.query.kind);
    text.put(&format!(
        "select p.person_id, p.name_sort, p.email_key, p.status, p.last_sign_in, p.created, \
         t.{id}, t.name_sort, t.name from ("
    ));
    driver.select(&mut text, view);
    text.put(&format!(
        " limit 10001) h cross join people p \
         left join {members} n on n.workspace_id = p.workspace_id and n.person_id = p.person_id \
         left join {table} t on t.workspace_id = n.workspace_id and t.{id} = n.{id} \
         where{}",
        driver.met("h")
    ));
    conditions(&mut text, view, Known::Holds(driver));
    text.ready("grid::grouped", true)
}
