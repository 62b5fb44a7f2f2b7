//! Lists of items: whichever way a page is read, it is what a look at every item says.

use domain::{
    id::{ItemId, PersonId, ProjectId, TeamId},
    item::{ItemKind, ItemStatus, Priority},
    person::StatusWord,
};
use jiff::civil::Date;
use tenure::{
    ops::items::{Input, Tags},
    store::{
        grid::{Count, Dir},
        item_list::{self, ItemQuery, Looking, Reading, Sort},
    },
};

use crate::support::{both_engines, world::World};

/// What the test knows of an item.
#[derive(Debug, Clone)]
struct Known {
    id: ItemId,
    number: i64,
    kind: ItemKind,
    status: ItemStatus,
    priority: Priority,
    due: Option<Date>,
    assignees: Vec<PersonId>,
    followers: Vec<PersonId>,
    requester: Option<PersonId>,
    project: Option<ProjectId>,
    tag: &'static str,
    title: String,
}

struct Desk {
    world: World,
    people: Vec<PersonId>,
    off: Vec<PersonId>,
    team: TeamId,
    in_team: Vec<PersonId>,
    project: ProjectId,
    items: Vec<Known>,
}

/// A query, and which items it is to find.
type Filter<'a> = (String, Box<dyn Fn(&Known) -> bool + 'a>);

const TITLES: [&str; 4] = ["Printer is on fire", "Invoice is wrong", "打印机坏了", "Cannot sign in"];

/// Sixty items of all sorts, made minute by minute.
async fn desk(store: tenure::store::Store) -> Desk {
    let world = World::new(store, 9).await;
    let mut people = Vec::new();
    for _ in 0..4 {
        people.push(world.member().await.person);
    }
    let customer = world.customer_as("Cleo Globex").await.person;
    let team = world.team("Support").await;
    world.join(team, people[0]).await.expect("a member");
    world.join(team, people[3]).await.expect("a member");
    let project = world.project("Hardware").await;
    let today: Date = "2026-03-02".parse().expect("a date");
    let mut items = Vec::new();
    for n in 0..60_usize {
        world.later(std::time::Duration::from_mins(1));
        let due = (n % 4 != 0).then(|| item_day(today, n));
        let known = Known {
            id: ItemId::from_uuid(uuid::Uuid::nil()),
            number: 0,
            kind: ItemKind::ALL[n % 2],
            status: ItemStatus::ALL[n * 7 % 5],
            priority: Priority::ALL[n * 3 % 4],
            due,
            assignees: people
                .iter()
                .enumerate()
                .filter(|(at, _)| (n / (at + 1)).is_multiple_of(3))
                .map(|(_, id)| *id)
                .collect(),
            followers: if n % 5 == 0 { vec![people[1], customer] } else { Vec::new() },
            requester: (n % 3 == 0).then_some(customer),
            project: (n % 6 == 1).then_some(project),
            tag: if n % 7 == 2 { "urgent" } else { "" },
            title: TITLES[n % 4].to_owned(),
        };
        let input = Input {
            kind: known.kind,
            status: known.status,
            priority: known.priority,
            due,
            project: known.project,
            requester: known.requester,
            assignees: known.assignees.clone(),
            followers: known.followers.clone(),
            tags: Tags::parse(known.tag, &world.app.config.limits).expect("tags"),
            ..world.ticket(&known.title)
        };
        let (id, number) = world.make(world.ctx(), input).await.expect("an item");
        items.push(Known { id, number, ..known });
    }
    let off = vec![people[1], people[3]];
    for person in &off {
        world.deactivate(*person).await.expect("a deactivation");
    }
    let in_team = vec![people[0], people[3]];
    Desk { world, people, off, team, in_team, project, items }
}

fn item_day(today: Date, n: usize) -> Date {
    let days = i64::try_from(n % 20).expect("small") - 8;
    today.checked_add(jiff::Span::new().days(days)).expect("a day")
}

impl Desk {
    fn looking(&self) -> Looking {
        Looking { me: Some(self.people[0]), now: self.world.sys.now() }
    }

    /// What is asked, and who fits.
    fn filters(&self) -> Vec<Filter<'_>> {
        let today: Date = "2026-03-02".parse().expect("a date");
        let me = self.people[0];
        let week = today.checked_add(jiff::Span::new().days(7)).expect("a day");
        let open = |item: &Known| !item.status.is_finished();
        vec![
            (String::new(), Box::new(open)),
            ("status=all".into(), Box::new(|_| true)),
            ("status=finished".into(), Box::new(move |item| !open(item))),
            ("status=waiting".into(), Box::new(|item| item.status == ItemStatus::Waiting)),
            ("assignee=me".into(), Box::new(move |item| open(item) && item.assignees.contains(&me))),
            ("assignee=none".into(), Box::new(move |item| open(item) && item.assignees.is_empty())),
            (
                "assignee=deactivated&status=all".into(),
                Box::new(move |item| open(item) && item.assignees.iter().any(|id| self.off.contains(id))),
            ),
            (
                format!("team={}", self.team),
                Box::new(move |item| open(item) && item.assignees.iter().any(|id| self.in_team.contains(id))),
            ),
            (
                format!("follower={}&status=all", self.people[1]),
                Box::new(|item| item.followers.contains(&self.people[1])),
            ),
            ("requester=me".into(), Box::new(|_| false)),
            ("requester=none".into(), Box::new(move |item| open(item) && item.requester.is_none())),
            (
                format!("project={}&status=all", self.project),
                Box::new(|item| item.project == Some(self.project)),
            ),
            ("project=none".into(), Box::new(move |item| open(item) && item.project.is_none())),
            (
                "due=overdue".into(),
                Box::new(move |item| open(item) && item.due.is_some_and(|due| due < today)),
            ),
            (
                "due=today".into(),
                Box::new(move |item| open(item) && item.due.is_some_and(|due| due <= today)),
            ),
            ("due=week".into(), Box::new(move |item| open(item) && item.due.is_some_and(|due| due < week))),
            ("due=none".into(), Box::new(move |item| open(item) && item.due.is_none())),
            ("tag=Urgent&status=all".into(), Box::new(|item| item.tag == "urgent")),
            ("q=RINTER".into(), Box::new(move |item| open(item) && item.title.contains("rinter"))),
            ("q=机".into(), Box::new(move |item| open(item) && item.title.contains('机'))),
            ("q=59&status=all".into(), Box::new(|item| item.number == 59)),
            (
                "assignee=me&due=week&q=printer".into(),
                Box::new(move |item| {
                    open(item)
                        && item.assignees.contains(&me)
                        && item.due.is_some_and(|due| due < week)
                        && item.title.contains("rinter")
                }),
            ),
        ]
    }

    /// The ids that fit, in order.
    fn wanted(&self, query: &ItemQuery, fits: impl Fn(&Known) -> bool) -> Vec<ItemId> {
        let shown = |item: &&Known| query.kind.is_none_or(|kind| kind == item.kind) && fits(item);
        let mut found: Vec<&Known> = self.items.iter().filter(shown).collect();
        // Ids and numbers are in the order in which the items were made, and so are the times.
        found.sort_by_key(|item| {
            let first = match query.sort {
                Sort::Updated | Sort::Number => String::new(),
                Sort::Due => item.due.map_or_else(|| "~".into(), |due| due.to_string()),
                Sort::Priority => item.priority.number().to_string(),
            };
            (first, item.number)
        });
        if query.dir == Dir::Desc {
            found.reverse();
        }
        found.into_iter().map(|item| item.id).collect()
    }
}

both_engines! {
    async fn a_list_is_what_a_look_at_every_item_says(store: Store) {
        let desk = desk(store).await;
        desk.world.check().await;
        let workspace = desk.world.workspace().await;
        let mut rx = desk.world.reader().await;
        for (filter, fits) in desk.filters() {
            for kind in [None, Some(ItemKind::Task)] {
                for sort in ["", "&sort=due", "&sort=priority", "&sort=number&dir=asc", "&dir=asc"] {
                    let text = format!("{filter}{sort}&limit=7");
                    let query = ItemQuery::from_query(kind, &text).expect("a query");
                    assert_eq!(ItemQuery::from_query(kind, &query.to_query()).expect("a query"), query);
                    let wanted = desk.wanted(&query, &fits);
                    for reading in [Reading::Walked, Reading::Collected, Reading::Cheaper] {
                        let at = format!("{text}, {kind:?}, {reading:?}");
                        let (mut all, mut query, mut last) = (Vec::new(), query.clone(), None);
                        loop {
                            let page = item_list::page_by(&mut rx, &workspace, &query, desk.looking(), reading);
                            let page = page.await.unwrap_or_else(|error| panic!("{at}: {error:?}"));
                            let count = i64::try_from(wanted.len()).expect("few");
                            assert_eq!(page.count, Count::Exact(count), "{at}");
                            all.extend(page.rows.iter().map(|line| line.row.id));
                            last = page.previous.or(last);
                            let Some(next) = page.next else { break };
                            query.cursor = Some(next);
                        }
                        assert_eq!(all, wanted, "{at}");
                        if let Some(back) = last {
                            query.cursor = Some(back);
                            let page = item_list::page_by(&mut rx, &workspace, &query, desk.looking(), reading);
                            let rows = page.await.expect("a page").rows;
                            let before = (wanted.len() - 1) / 7 * 7;
                            let rows: Vec<_> = rows.iter().map(|line| line.row.id).collect();
                            assert_eq!(rows, wanted[before - 7..before], "{at}: the way back");
                        }
                    }
                    let mut ids = item_list::matching(&mut rx, &workspace, &query, desk.looking(), 100).await.expect("ids");
                    let mut wanted = wanted;
                    ids.sort_unstable();
                    wanted.sort_unstable();
                    assert_eq!(ids, wanted, "{text}: all that match");
                }
            }
        }
    }

    async fn what_is_held_and_finished_is_nothing_whichever_way_it_is_read(store: Store) {
        let desk = desk(store).await;
        let workspace = desk.world.workspace().await;
        let looking = Looking { me: None, now: desk.world.sys.now() };
        for text in ["assignee=deactivated&status=finished", "assignee=deactivated&status=closed&sort=due"] {
            let query = ItemQuery::from_query(Some(ItemKind::Ticket), text).expect("a query");
            let mut rx = desk.world.reader().await;
            for reading in [Reading::Cheaper, Reading::Walked, Reading::Collected] {
                let page = item_list::page_by(&mut rx, &workspace, &query, looking, reading).await;
                let page = page.expect("a page");
                assert_eq!((page.rows.len(), page.count), (0, Count::Exact(0)), "{text}, {reading:?}");
            }
            assert_eq!(item_list::counted(&mut rx, &workspace, &query, looking).await.expect("a count"), Count::Exact(0));
            assert!(item_list::matching(&mut rx, &workspace, &query, looking, 9).await.expect("ids").is_empty());
        }
    }

    async fn tabs_count_what_their_lists_hold(store: Store) {
        let desk = desk(store).await;
        let workspace = desk.world.workspace().await;
        let mut rx = desk.world.reader().await;
        for kind in [None, Some(ItemKind::Ticket), Some(ItemKind::Task)] {
            let tabs = item_list::tabs(&mut rx, &workspace, kind, desk.looking()).await.expect("tabs");
            let count = async |rx: &mut tenure::store::Rx, text: &str| {
                let query = ItemQuery::from_query(kind, text).expect("a query");
                item_list::page(rx, &workspace, &query, desk.looking()).await.expect("a page")
            };
            let held = count(&mut rx, "assignee=deactivated").await;
            assert_eq!(tabs.held, held.count);
            assert_eq!(Count::Exact(tabs.mine), count(&mut rx, "assignee=me").await.count);
            assert_eq!(Count::Exact(tabs.unassigned), count(&mut rx, "assignee=none").await.count);
            assert_eq!(Count::Exact(tabs.counts.unfinished(kind)), count(&mut rx, "").await.count);
            assert!(held.rows.iter().all(|line| {
                line.assignees.iter().any(|brief| brief.status == StatusWord::Deactivated)
            }));
        }
        // They come back: nothing is held by anybody deactivated, and nothing else has changed.
        drop(rx);
        for person in &desk.off {
            desk.world.activate(*person, tenure::ops::activation::Way::Free).await.expect("an activation");
        }
        let mut rx = desk.world.reader().await;
        let tabs = item_list::tabs(&mut rx, &workspace, None, desk.looking()).await.expect("tabs");
        assert_eq!(tabs.held, Count::Exact(0));
        desk.world.check().await;
    }
}

#[test]
fn a_query_that_is_not_understood_names_its_fields() {
    let wrong = ItemQuery::from_query(None, "status=odd&assignee=x&due=soon&sort=age&limit=0&after=z&dir=up");
    let Err(tenure::Error::Invalid(fields)) = wrong else { panic!("{wrong:?}") };
    let named: Vec<_> = fields.iter().map(|field| field.field).collect();
    assert_eq!(named, ["status", "assignee", "due", "sort", "after", "dir"]);
    let other = "sort=due&after=number_5_00000000000000000000000000000001";
    assert!(ItemQuery::from_query(None, other).is_err(), "a cursor of another order");
}
