//! The statements of a list, put together from fixed parts with bound values only.
//!
//! `cross join` says in which order tables are read: the few first. A check of a filter is written so that no planner
//! begins with it: `coalesce(x, x)`, or a subquery for one value. Else it would leave the order's index, and sort.

use domain::{
    id::{OrganizationId, PersonId, ProjectId, TeamId, WorkspaceId},
    item::{ItemKind, ItemStatus},
    person::Kind,
};
use jiff::civil::Date;

use super::{Assigned, Cursor, Due, InProject, ItemQuery, Key, Looking, Sort, Way, days_after};
use crate::store::{
    grid::{
        Dir, Side,
        text::{Ready, Text, Value},
    },
    items::NEVER_DUE,
    time,
    workspaces::Workspace,
};
use crate::text::{self, Piece, Query};

/// A query with what it depends on.
pub(super) struct Asked<'a> {
    pub(super) ws: WorkspaceId,
    pub(super) query: &'a ItemQuery,
    pub(super) me: Option<PersonId>,
    today: Date,
    search: Query,
}

/// What a list can be collected by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Driver {
    Person(PersonId, &'static str),
    Requester(PersonId),
    Organization(OrganizationId),
    HeldOff,
    Team(TeamId),
    Project(ProjectId),
    Unassigned,
    Due,
    Tag(String),
    Gram(Piece),
}

/// Columns of an item without its description.
macro_rules! line_columns {
    () => {
        "i.item_id, i.number, i.kind, i.project_id, i.title, '' as description, i.status, i.priority, i.due, \
         i.requester_id, i.created_by, i.created_by_kind, i.assignees, i.messages, i.created, i.updated, i.version, \
         (select j.name from projects j where j.workspace_id = i.workspace_id and j.project_id = i.project_id), \
         i.arrival"
    };
}

impl<'a> Asked<'a> {
    pub(super) fn new(workspace: &Workspace, query: &'a ItemQuery, looking: Looking) -> Self {
        let today = workspace.today(looking.now);
        Self::on(workspace.id, query, looking.me, today)
    }

    /// As [`Asked::new`], on a day.
    pub(super) fn on(ws: WorkspaceId, query: &'a ItemQuery, me: Option<PersonId>, today: Date) -> Self {
        Self { ws, query, me, today, search: text::query_grams(&query.q) }
    }

    /// How many filters there are beside kind and status.
    pub(super) fn filters(&self) -> usize {
        let query = self.query;
        [
            query.assigned.is_some(),
            query.team.is_some(),
            query.follower.is_some(),
            query.requester.is_some(),
            query.unrequested,
            query.organization.is_some(),
            query.project.is_some(),
            query.due.is_some(),
            query.tag.is_some(),
            self.search != Query::All,
        ]
        .into_iter()
        .filter(|given| *given)
        .count()
    }

    /// What the list can be collected by. A person who is nobody holds nothing: the nil id.
    pub(super) fn drivers(&self) -> Vec<Driver> {
        let query = self.query;
        let nobody = PersonId::from_uuid(uuid::Uuid::nil());
        let person = |by: super::By| by.person(self.me).unwrap_or(nobody);
        let mut drivers = Vec::new();
        match query.assigned {
            Some(Assigned::To(by)) => drivers.push(Driver::Person(person(by), "assignee")),
            Some(Assigned::ToNobody) => drivers.push(Driver::Unassigned),
            Some(Assigned::ToDeactivated) => drivers.push(Driver::HeldOff),
            None => {}
        }
        drivers.extend(query.follower.map(|by| Driver::Person(person(by), "follower")));
        drivers.extend(query.requester.map(|by| Driver::Requester(person(by))));
        drivers.extend(query.organization.map(Driver::Organization));
        drivers.extend(query.team.map(Driver::Team));
        if let Some(InProject::In(project)) = query.project {
            drivers.push(Driver::Project(project));
        }
        if matches!(query.due, Some(Due::Overdue | Due::Today | Due::Week)) {
            drivers.push(Driver::Due);
        }
        drivers.extend(query.tag.as_ref().map(|tag| Driver::Tag(text::fold(tag))));
        drivers.extend(self.search.pieces().iter().cloned().map(Driver::Gram));
        drivers
    }

    /// The first day that is no longer within the filter by due date.
    fn due_before(&self) -> Option<Date> {
        let days = match self.query.due? {
            Due::Overdue => 0,
            Due::Today => 1,
            Due::Week => 7,
            Due::Never => return None,
        };
        Some(days_after(self.today, days))
    }

    /// Whether no item can match: what is finished is held by nobody any more.
    pub(super) fn finds_nothing(&self) -> bool {
        self.statuses().is_empty()
    }

    fn kinds(&self) -> Vec<ItemKind> {
        self.query.kind.map_or_else(|| ItemKind::ALL.to_vec(), |kind| vec![kind])
    }

    /// The statuses shown; of what deactivated people hold, only what is not finished.
    fn statuses(&self) -> Vec<ItemStatus> {
        let mut list = self.query.statuses.list();
        if self.query.assigned == Some(Assigned::ToDeactivated) {
            list.retain(|status| !status.is_finished());
        }
        list
    }

    fn finished(&self) -> Option<bool> {
        match self.query.assigned {
            Some(Assigned::ToDeactivated) => Some(false),
            _ => self.query.statuses.finished(),
        }
    }
}

fn words<T>(list: &[T], word: impl Fn(&T) -> &'static str) -> String {
    let quoted: Vec<String> = list.iter().map(|one| format!("'{}'", word(one))).collect();
    // A list of nothing is no SQL: no status has an empty word.
    if quoted.is_empty() { "''".to_owned() } else { quoted.join(", ") }
}

fn of_part(asked: &Asked<'_>) -> &'static str {
    match asked.finished() {
        Some(false) => " and x.finished = false",
        Some(true) => " and x.finished = true",
        None => "",
    }
}

/// The items of a driver: a select of `item_id`, perhaps one more than once.
fn driver(text: &mut Text, asked: &Asked<'_>, driver: &Driver) {
    let kinds = words(&asked.kinds(), |kind| kind.word());
    let statuses = words(&asked.statuses(), |status| status.word());
    let finished = of_part(asked);
    match driver {
        Driver::Person(person, part) => text.add(
            &format!(
                "select x.item_id from item_people x where x.workspace_id = {{w}} and x.person_id = {{}} \
                 and x.part = '{part}'{finished}"
            ),
            [Value::Id(person.uuid())],
        ),
        Driver::Requester(person) => text.add(
            "select y.item_id from items y where y.workspace_id = {w} and y.requester_id = {}",
            [Value::Id(person.uuid())],
        ),
        Driver::Organization(organization) => text.add(
            "select y.item_id from organization_members m cross join items y where y.workspace_id = m.workspace_id \
             and y.requester_id = m.person_id and m.workspace_id = {w} and m.organization_id = {}",
            [Value::Id(organization.uuid())],
        ),
        Driver::HeldOff => text.put(
            "select x.item_id from holdings h cross join item_people x where x.workspace_id = h.workspace_id \
             and x.person_id = h.person_id and h.workspace_id = {w} and h.off = true \
             and h.assigned > 0 and x.part = 'assignee' and x.finished = false",
        ),
        Driver::Team(team) => text.add(
            &format!(
                "select x.item_id from team_members m cross join item_people x where x.workspace_id = m.workspace_id \
                 and x.person_id = m.person_id and m.workspace_id = {{w}} and m.team_id = {{}} \
                 and x.part = 'assignee'{finished}"
            ),
            [Value::Id(team.uuid())],
        ),
        Driver::Project(project) => text.add(
            &format!(
                "select y.item_id from items y where y.workspace_id = {{w}} and y.project_id = {{}} \
                 and y.status in ({statuses})"
            ),
            [Value::Id(project.uuid())],
        ),
        Driver::Unassigned => text.put(&format!(
            "select y.item_id from items y where y.workspace_id = {{w}} and y.kind in ({kinds}) \
             and y.status in ({statuses}) and y.assignees = 0"
        )),
        Driver::Due => text.add(
            &format!(
                "select y.item_id from items y where y.workspace_id = {{w}} and y.kind in ({kinds}) \
                 and y.status in ({statuses}) and y.due < {{}}"
            ),
            [Value::Text(time::date_text(asked.due_before().unwrap_or(asked.today)))],
        ),
        Driver::Tag(tag) => text.add(
            "select t.item_id from item_tags t where t.workspace_id = {w} and t.tag_key = {}",
            [Value::Text(tag.clone())],
        ),
        Driver::Gram(Piece::Is(gram)) => text.add(
            "select g.item_id from item_grams g where g.workspace_id = {w} and g.gram = {}",
            [Value::Text(gram.clone())],
        ),
        Driver::Gram(Piece::Begins(begin)) => text.add(
            "select g.item_id from item_grams g where g.workspace_id = {w} and g.gram >= {} and g.gram < {}",
            [Value::Text(begin.clone()), Value::Text(Piece::end(begin))],
        ),
    };
}

/// The filters as checks of one item, but the one that the list is collected by, or walked by.
fn checks(text: &mut Text, asked: &Asked<'_>, but: Option<&Driver>, by_due: bool) {
    for driver in asked.drivers().iter().filter(|driver| Some(*driver) != but) {
        check(text, asked, driver, by_due);
    }
    match asked.query.project {
        Some(InProject::None) => {
            text.put(" and coalesce(i.project_id, i.project_id) is null");
        }
        Some(InProject::In(_)) | None => {}
    }
    if asked.query.unrequested {
        text.put(" and coalesce(i.requester_id, i.requester_id) is null");
    }
    if asked.query.due == Some(Due::Never) {
        // Bound as a value and not by the index: there the walk by other orders would leave theirs.
        let column = if by_due { "i.due" } else { "i.due || ''" };
        text.add(&format!(" and {column} = {{}}"), [Value::Text(NEVER_DUE.to_owned())]);
    }
    if let Some(pattern) = asked.search.like_pattern() {
        text.add(" and i.search_text like {} escape '\\'", [Value::Text(pattern)]);
    }
}

fn check(text: &mut Text, asked: &Asked<'_>, driver: &Driver, by_due: bool) {
    match driver {
        Driver::Person(person, part) => text.add(
            &format!(
                " and (select 1 from item_people x where x.workspace_id = {{w}} and x.item_id = i.item_id \
                 and x.person_id = {{}} and x.part = '{part}') is not null"
            ),
            [Value::Id(person.uuid())],
        ),
        Driver::Requester(person) => text.add(
            " and coalesce(i.requester_id, i.requester_id) = {}",
            [Value::Id(person.uuid())],
        ),
        Driver::Organization(organization) => text.add(
            " and (select 1 from organization_members m where m.workspace_id = {w} and m.person_id = i.requester_id \
             and m.organization_id = {}) is not null",
            [Value::Id(organization.uuid())],
        ),
        Driver::HeldOff => text.put(
            " and (select 1 from item_people x cross join holdings h where h.workspace_id = x.workspace_id \
             and h.person_id = x.person_id and x.workspace_id = {w} and x.item_id = i.item_id \
             and x.part = 'assignee' and h.off limit 1) is not null",
        ),
        Driver::Team(team) => text.add(
            " and (select 1 from item_people x cross join team_members m where m.workspace_id = x.workspace_id \
             and m.person_id = x.person_id and x.workspace_id = {w} and x.item_id = i.item_id \
             and x.part = 'assignee' and m.team_id = {} limit 1) is not null",
            [Value::Id(team.uuid())],
        ),
        Driver::Project(project) => {
            text.add(" and coalesce(i.project_id, i.project_id) = {}", [Value::Id(project.uuid())])
        }
        Driver::Unassigned => text.put(" and i.assignees + 0 = 0"),
        Driver::Due => {
            let column = if by_due { "i.due" } else { "i.due || ''" };
            let before = time::date_text(asked.due_before().unwrap_or(asked.today));
            text.add(&format!(" and {column} < {{}}"), [Value::Text(before)])
        }
        Driver::Tag(tag) => text.add(
            " and (select 1 from item_tags t where t.workspace_id = {w} and t.item_id = i.item_id \
             and t.tag_key = {}) is not null",
            [Value::Text(tag.clone())],
        ),
        Driver::Gram(Piece::Is(gram)) if asked.search.like_pattern().is_none() => text.add(
            " and (select 1 from item_grams g where g.workspace_id = {w} and g.gram = {} \
             and g.item_id = i.item_id) is not null",
            [Value::Text(gram.clone())],
        ),
        // The text itself tells: see where the checks are put together.
        Driver::Gram(_) => text,
    };
}

fn beyond(text: &mut Text, sort: Sort, descends: bool, cursor: Option<&Cursor>) {
    if let Some(cursor) = cursor {
        let by = if descends { "<" } else { ">" };
        let key = match &cursor.key {
            Key::Number(number) => Value::Number(*number),
            Key::Text(text) => Value::Text(text.clone()),
        };
        let column = sort.column();
        text.add(
            &format!(" and (i.{column}, i.item_id) {by} ({{}}, {{}})"),
            [key, Value::Id(cursor.item.uuid())],
        );
    }
}

/// The rows of a page, away from the cursor.
pub(super) fn page(asked: &Asked<'_>, way: &Way, cursor: Option<&Cursor>, limit: i64) -> Ready {
    let query = asked.query;
    let back = cursor.is_some_and(|cursor| cursor.side == Side::Before);
    let descends = (query.dir == Dir::Desc) != back;
    let (column, dir) = (query.sort.column(), if descends { " desc" } else { "" });
    let mut text = Text::new(asked.ws, Kind::User);
    match way {
        Way::Collect(by) => {
            text.put("with d as materialized (select distinct x.item_id from (");
            driver(&mut text, asked, by);
            text.put(concat!(
                ") x) select ",
                line_columns!(),
                " from d cross join items i where i.workspace_id = {w} and i.item_id = d.item_id and "
            ));
            shown(&mut text, asked);
            checks(&mut text, asked, Some(by), false);
            beyond(&mut text, query.sort, descends, cursor);
            // Not the column itself: its index would be walked.
            let column = if query.sort == Sort::Due { "i.due || ''" } else { &format!("i.{column} + 0") };
            text.add(&format!(" order by {column}{dir}, i.item_id{dir} limit {{}}"), [Value::Number(limit)]);
        }
        Way::Walk => {
            text.put(concat!("select ", line_columns!(), " from ("));
            let mut first = true;
            for kind in asked.kinds() {
                for status in asked.statuses() {
                    text.put(if first { "" } else { " union all " });
                    first = false;
                    branch(&mut text, asked, (kind, status), (descends, cursor), limit);
                }
            }
            text.put(") k cross join items i where i.workspace_id = {w} and i.item_id = k.item_id");
            text.add(&format!(" order by k.place{dir}, k.item_id{dir} limit {{}}"), [Value::Number(limit)]);
        }
    }
    text.ready("item_list::page", true)
}

/// One walk: the items of a kind and a status in the order.
fn branch(
    text: &mut Text,
    asked: &Asked<'_>,
    (kind, status): (ItemKind, ItemStatus),
    (descends, cursor): (bool, Option<&Cursor>),
    limit: i64,
) {
    let sort = asked.query.sort;
    let (column, dir) = (sort.column(), if descends { " desc" } else { "" });
    text.put(&format!(
        "select * from (select i.item_id, i.{column} as place from items i where i.workspace_id = {{w}} \
         and i.kind = '{}' and i.status = '{}'",
        kind.word(),
        status.word()
    ));
    // The unassigned have an index of their own in the usual order.
    let unassigned = sort == Sort::Updated && asked.query.assigned == Some(Assigned::ToNobody);
    if unassigned {
        text.put(" and i.assignees = 0");
    }
    checks(text, asked, unassigned.then_some(&Driver::Unassigned), sort == Sort::Due);
    beyond(text, sort, descends, cursor);
    text.add(&format!(" order by i.{column}{dir}, i.item_id{dir} limit {{}}) b"), [Value::Number(limit)]);
}

/// The kinds and statuses shown, as a check.
fn shown(text: &mut Text, asked: &Asked<'_>) {
    text.put(&format!(
        "i.kind || '' in ({}) and i.status || '' in ({})",
        words(&asked.kinds(), |kind| kind.word()),
        words(&asked.statuses(), |status| status.word())
    ));
}

/// How many items a driver has, counted up to `limit`, perhaps one more than once.
pub(super) fn size(asked: &Asked<'_>, by: &Driver, limit: i64) -> Ready {
    let mut text = Text::new(asked.ws, Kind::User);
    text.put("select count(*) from (");
    driver(&mut text, asked, by);
    text.add(" limit {}) x", [Value::Number(limit)]);
    text.ready("item_list::size", true)
}

/// The ids of what matches, up to `limit`.
pub(super) fn ids(asked: &Asked<'_>, by: Option<&Driver>, limit: i64) -> Ready {
    let mut text = Text::new(asked.ws, Kind::User);
    hits(&mut text, asked, by, limit);
    text.ready("item_list::ids", true)
}

/// How many match, counted up to `limit`.
pub(super) fn count(asked: &Asked<'_>, by: Option<&Driver>, limit: i64) -> Ready {
    let mut text = Text::new(asked.ws, Kind::User);
    text.put("select count(*) from (");
    hits(&mut text, asked, by, limit);
    text.put(") n");
    text.ready("item_list::count", true)
}

fn hits(text: &mut Text, asked: &Asked<'_>, by: Option<&Driver>, limit: i64) {
    if let Some(by) = by {
        text.put("select i.item_id from (select distinct x.item_id from (");
        driver(text, asked, by);
        text.put(") x) d cross join items i where i.workspace_id = {w} and i.item_id = d.item_id and ");
        shown(text, asked);
        checks(text, asked, Some(by), false);
    } else {
        text.put(&format!(
            "select i.item_id from items i where i.workspace_id = {{w}} and i.kind in ({}) and i.status in ({})",
            words(&asked.kinds(), |kind| kind.word()),
            words(&asked.statuses(), |status| status.word())
        ));
        checks(text, asked, None, false);
    }
    text.add(" limit {}", [Value::Number(limit)]);
}
