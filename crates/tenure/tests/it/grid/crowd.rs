//! A workspace of people with every kind of name and state, and beside it what the grid is to say of them.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use domain::{
    id::{GroupId, OrganizationId, PersonId, TeamId, WorkspaceId},
    license::Licenses,
    person::{Kind, Person, Status, StatusWord},
    role::Role,
    session::SessionLengths,
};
use jiff::{Timestamp, civil::Date};
use tenure::{
    ops::profile::texts,
    store::{
        Rx, Store, Tx, attention,
        grid::{BuiltinView, Created, Dir, GridQuery, GroupFilter, LastSignIn, Sort, StatusFilter},
        organizations, people,
        teams::{self, GroupTexts},
        workspaces::{self, Counts, Move, Workspace},
    },
    text::{SortKeys, query_grams},
};
use uuid::Uuid;

/// A small generator of numbers, the same on every run.
#[derive(Clone)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(super) fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most).expect("small")).expect("small")
    }

    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    pub(super) fn uuid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }
}

const WORDS: &[&str] = &[
    "Ada",
    "ada",
    "Ben",
    "Zoë",
    "Łukasz",
    "Strauß",
    "Ångström",
    "O'Neil",
    "100%",
    "a_b",
    "back\\slash",
    "李",
    "王小明",
    "さくら",
    "김민준",
    "Ελένη",
    "Олег",
    "יעל",
    "😀",
    "Müller",
    "Muller",
    "de",
    "la",
    "x",
    "Æsir",
    "İpek",
    "ﬁne",
];

const DAY: i64 = 86_400_000_000;

pub(super) fn now() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().expect("a moment")
}

/// One person as the test knows them.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: PersonId,
    pub(super) name: String,
    pub(super) email: String,
    role: Role,
    status: Status,
    last_sign_in: i64,
    created: i64,
    return_asked: bool,
    teams: Vec<usize>,
}

/// A team, or of customers an organization, as the test knows it.
#[derive(Clone, Debug)]
pub(super) struct KnownTeam {
    pub(super) id: GroupId,
    pub(super) name: String,
}

/// The workspace.
#[derive(Clone)]
pub(super) struct Crowd {
    pub(super) kind: Kind,
    pub(super) ws: WorkspaceId,
    pub(super) people: Vec<Known>,
    pub(super) teams: Vec<KnownTeam>,
}

impl Crowd {
    /// So many people, kept in the store.
    pub(super) async fn new(store: &Store, size: usize, seed: u64) -> Self {
        Self::of(store, Kind::User, size, seed).await
    }

    /// So many users or customers.
    pub(super) async fn of(store: &Store, kind: Kind, size: usize, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut crowd =
            Self { kind, ws: WorkspaceId::from_uuid(dice.uuid()), people: Vec::new(), teams: Vec::new() };
        for name in ["Support", "billing", "Ärzte", "空", "Empty", "Support 2"] {
            crowd.teams.push(KnownTeam { id: GroupId::from_uuid(dice.uuid()), name: name.to_owned() });
        }
        for number in 0..size {
            let person = known(&mut dice, number);
            crowd.people.push(if kind == Kind::User { person } else { as_customer(person) });
        }
        let kept = crowd.clone();
        store.write(async move |tx| keep(tx, &kept).await).await.expect("the crowd is kept");
        crowd
    }

    pub(super) async fn workspace(&self, rx: &mut Rx) -> Workspace {
        workspaces::load(rx, self.ws).await.expect("the workspace is there")
    }

    /// The rows that a query is to give, page or no page: the person, and the team of the heading.
    pub(super) fn expected(&self, query: &GridQuery) -> Vec<(PersonId, Option<GroupId>)> {
        let mut hits: Vec<&Known> = self.people.iter().filter(|person| self.matches(person, query)).collect();
        hits.sort_by(|a, b| {
            let order = order(a, b, query.sort).then(a.id.cmp(&b.id));
            if query.dir == Dir::Desc { order.reverse() } else { order }
        });
        if !query.grouped {
            return hits.into_iter().map(|person| (person.id, None)).collect();
        }
        let keys = SortKeys::new();
        let mut teams: Vec<usize> = (0..self.teams.len()).collect();
        teams.sort_by_key(|at| (keys.key(&self.teams[*at].name), self.teams[*at].id));
        let mut rows = Vec::new();
        for at in teams {
            let team = self.teams[at].id;
            if matches!(query.group, Some(GroupFilter::In(only)) if only != team) {
                continue;
            }
            let members = hits.iter().filter(|person| person.teams.contains(&at));
            rows.extend(members.map(|person| (person.id, Some(team))));
        }
        rows.extend(hits.iter().filter(|person| person.teams.is_empty()).map(|person| (person.id, None)));
        rows
    }

    /// How many people a query is to count.
    pub(super) fn counted(&self, query: &GridQuery) -> i64 {
        let hits = self.people.iter().filter(|person| self.matches(person, query)).count();
        i64::try_from(hits).expect("small")
    }

    fn matches(&self, person: &Known, query: &GridQuery) -> bool {
        let word = person.status.word();
        let at = now().as_microsecond();
        let today: Date = "2026-03-02".parse().expect("a date");
        let overdue = matches!(person.status, Status::Deactivated { review_on: Some(on), .. } if on < today);
        let view = match query.view {
            BuiltinView::All => true,
            BuiltinView::Active => word == StatusWord::Active,
            BuiltinView::Invited => word == StatusWord::Invited,
            BuiltinView::Deactivated => word == StatusWord::Deactivated,
            BuiltinView::NeverSignedIn => word == StatusWord::Active && person.last_sign_in == 0,
            BuiltinView::NeedsAttention => person.return_asked || overdue,
        };
        let status = query.status.is_none_or(|status| match status {
            StatusFilter::Invited => word == StatusWord::Invited,
            StatusFilter::Expired => matches!(person.status, Status::Invited { expired: true, .. }),
            StatusFilter::Active => word == StatusWord::Active,
            StatusFilter::Deactivated => word == StatusWord::Deactivated,
        });
        let team = query.group.is_none_or(|team| match team {
            GroupFilter::None => person.teams.is_empty(),
            GroupFilter::In(id) => person.teams.iter().any(|at| self.teams[*at].id == id),
        });
        let seen = query.last_sign_in.is_none_or(|seen| match seen {
            LastSignIn::Never => person.last_sign_in == 0,
            LastSignIn::Before(days) => {
                let long_ago = at - days * DAY;
                word == StatusWord::Active
                    && person.last_sign_in < long_ago
                    && person.status.since().as_microsecond() < long_ago
            }
            LastSignIn::Since(days) => person.last_sign_in >= at - days * DAY,
        });
        // The crowd's workspace is in UTC.
        let start = |date: Date| Timestamp::from_second(i64::from(days(date)) * 86_400).expect("a day");
        let created = query.created.is_none_or(|created| match created {
            Created::Last(days) => person.created >= at - days * DAY,
            Created::Between(from, to) => {
                from.is_none_or(|from| person.created >= start(from).as_microsecond())
                    && to.is_none_or(|to| person.created < start(to).as_microsecond() + DAY)
            }
        });
        view && status
            && team
            && seen
            && created
            && query.role.is_none_or(|role| person.role == role)
            && (!query.asked_to_return || person.return_asked)
            && (!query.review_overdue || overdue)
            && query_grams(&query.q).finds(&person.name, &person.email)
    }
}

fn days(date: Date) -> i32 {
    let epoch: Date = "1970-01-01".parse().expect("a date");
    (date - epoch).get_days()
}

fn order(a: &Known, b: &Known, sort: Sort) -> Ordering {
    let name = |person: &Known| texts(&person.name, &person.email).name_sort;
    match sort {
        Sort::Name => name(a).cmp(&name(b)),
        Sort::Email => texts("", &a.email).email_key.cmp(&texts("", &b.email).email_key),
        Sort::Status => {
            let word = |person: &Known| person.status.word().word();
            word(a).cmp(word(b)).then_with(|| name(a).cmp(&name(b)))
        }
        Sort::LastSignIn => a.last_sign_in.cmp(&b.last_sign_in),
        Sort::Created => a.created.cmp(&b.created),
    }
}

fn known(dice: &mut Dice, number: usize) -> Known {
    let words: Vec<&str> = (0..=dice.below(3)).map(|_| *dice.pick(WORDS)).collect();
    let since = now() - jiff::SignedDuration::from_hours(i64::try_from(dice.below(1000)).expect("small"));
    let status = match dice.below(10) {
        _ if number == 0 => Status::Active { since },
        0 | 1 => Status::Invited { since, expires: since, expired: dice.below(2) == 0 },
        2..=4 => {
            let dates = ["2026-01-01", "2026-03-01", "2026-03-02", "2027-01-01"];
            let review_on = (dice.below(2) == 0).then(|| dice.pick(&dates).parse().expect("a date"));
            Status::Deactivated { since, by: None, reason: Some("leave".into()), review_on }
        }
        _ => Status::Active { since },
    };
    // Few different moments, so that there are ties.
    let ago = [0, 1, 5, 6, 20, 29, 31, 90, 200];
    let at = |dice: &mut Dice| now().as_microsecond() - dice.pick(&ago) * DAY - 1_000_000;
    let seen = !matches!(status, Status::Invited { .. }) && dice.below(3) > 0;
    let mut teams: Vec<usize> = (0..dice.below(4)).map(|_| *dice.pick(&[0, 1, 2, 3, 5])).collect();
    teams.sort_unstable();
    teams.dedup();
    Known {
        id: PersonId::from_uuid(dice.uuid()),
        name: words.join(" "),
        email: format!(
            "{}{number}@Example{}.org",
            dice.pick(&["ada.l", "Zoë", "x_y", "q%", "李"]),
            dice.below(3)
        ),
        role: match number {
            0 => Role::Owner,
            1..=9 if matches!(status, Status::Active { .. }) => Role::Administrator,
            _ => Role::Member,
        },
        last_sign_in: if seen { at(dice) } else { 0 },
        created: at(dice),
        return_asked: matches!(status, Status::Deactivated { .. }) && dice.below(4) == 0,
        status,
        teams,
    }
}

/// Customers have no role, and are in one organization at most.
fn as_customer(mut person: Known) -> Known {
    person.role = Role::Member;
    person.teams.truncate(1);
    person
}

async fn keep(tx: &mut Tx, crowd: &Crowd) -> tenure::Result<()> {
    let workspace = Workspace {
        id: crowd.ws,
        name: "Crowd".into(),
        language: "en".into(),
        time_zone: "UTC".into(),
        licenses: Licenses { owned: 1_000_000, used: 0, price: None },
        counts: Counts::default(),
        customers: Counts::default(),
        registration: false,
        shared_requests: false,
        apps: domain::apps::Apps::default(),
        sessions: SessionLengths::default(),
        created: now(),
        version: 1,
    };
    workspaces::insert(tx, &workspace, None).await?;
    for team in &crowd.teams {
        let texts =
            GroupTexts { name_key: team.name.to_lowercase(), name_sort: SortKeys::new().key(&team.name) };
        match crowd.kind {
            Kind::User => {
                let id = TeamId::from_uuid(team.id.uuid());
                teams::insert(tx, crowd.ws, id, &team.name, &texts, now()).await?;
            }
            Kind::Customer => {
                let id = OrganizationId::from_uuid(team.id.uuid());
                organizations::insert(tx, crowd.ws, id, &team.name, &texts, now()).await?;
            }
        }
    }
    for person in &crowd.people {
        keep_person(tx, crowd, person).await?;
    }
    Ok(())
}

/// Adds one person, counters and all.
pub(super) async fn keep_person(tx: &mut Tx, crowd: &Crowd, person: &Known) -> tenure::Result<()> {
    let since = person.status.since();
    let mut row = Person {
        workspace: crowd.ws,
        id: person.id,
        kind: crowd.kind,
        role: person.role,
        status: Status::Active { since },
        email: person.email.clone(),
        name: person.name.clone(),
        version: 1,
    };
    people::insert(tx, &row, &texts(&person.name, &person.email), now()).await?;
    let time = |micros| Timestamp::from_microsecond(micros).expect("a moment");
    let last = (person.last_sign_in != 0).then(|| time(person.last_sign_in));
    people::set_past(tx, &row, time(person.created), last, since).await?;
    if !person.status.is_active() {
        people::set_status(tx, &row, &person.status)?;
        row.status = person.status.clone();
    }
    if person.return_asked {
        attention::set_return_asked(tx, crowd.ws, person.id, now()).await?;
    }
    for team in &person.teams {
        let id = crowd.teams[*team].id.uuid();
        match crowd.kind {
            Kind::User => {
                teams::join(tx, crowd.ws, TeamId::from_uuid(id), person.id, now()).await?;
            }
            Kind::Customer => {
                organizations::join(tx, crowd.ws, OrganizationId::from_uuid(id), person.id, now())?;
            }
        }
    }
    let one = i64::from;
    let word = person.status.word();
    let counts = Counts {
        active: one(word == StatusWord::Active),
        invited: one(word == StatusWord::Invited),
        expired: one(matches!(person.status, Status::Invited { expired: true, .. })),
        deactivated: one(word == StatusWord::Deactivated),
        never: one(word == StatusWord::Active && person.last_sign_in == 0),
    };
    if crowd.kind == Kind::Customer {
        return workspaces::apply_customers_soon(tx, crowd.ws, counts);
    }
    let change = Move { used: one(row.holds_license()), counts, ..Move::default() };
    workspaces::apply(tx, crowd.ws, change).await?.expect("licenses are plenty");
    Ok(())
}

/// One more person, whose name is given.
pub(super) fn newcomer(dice: &mut Dice, number: usize, name: &str) -> Known {
    Known { name: name.to_owned(), ..known(dice, number) }
}

/// Pieces of names and addresses, as one would type them, and some that nobody has.
pub(super) fn pieces(crowd: &Crowd, dice: &mut Dice) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for _ in 0..60 {
        let person = dice.pick(&crowd.people);
        let of = if dice.below(2) == 0 { &person.name } else { &person.email };
        let letters: Vec<char> = of.chars().collect();
        let from = dice.below(letters.len());
        let length = 1 + dice.below(6);
        all.insert(letters[from..].iter().take(length).collect());
    }
    let odd = [
        "a", "d", "da", "%", "_", "\\", "a_b", "100%", "李", "小明", "くら", "민", "zoe", "STRASS", "nobody",
        "aaaa", " ada ", "x y", "@", ".org", "e1",
    ];
    all.extend(odd.map(str::to_owned));
    all
}
