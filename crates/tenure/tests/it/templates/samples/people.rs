//! The grid of users, and of customers.

use tenure::web::view::chip::{Chip, Look};
use tenure::web::view::naming::{CUSTOMERS, USERS};
use tenure::web::view::people::{
    Action, Direction, Empty, Filter, Group, GroupTitle, Head, Heads, HistoryLine, MenuItem, Panel,
    PeopleGrid, PeoplePage, RowView, SaveView, SessionsLine, StatusKind, StatusView, Tab,
};
use tenure::web::view::shell::{Meter, Place, Toast, Tone, Undo};
use tenure::web::view::{Choice, Field, FilterChip, Guard, Keep, Link, Pager};

use super::{Sample, sample};
use crate::templates::HOSTILE;
use crate::templates::people::{ada, grace, guard, hostile, id, lines, long, person, rtl, shell, when};

pub(super) fn all() -> Vec<Sample> {
    vec![
        sample(
            "users",
            &page(),
            &[
                "All",
                "Never signed in",
                "Ada Lovelace",
                "Extended leave",
                "Asked to return",
                "Previous",
                "Next",
                "aria-sort=\"ascending\"",
                "8 of 10 licenses",
            ],
        ),
        sample("users-panel", &with_panel(), &["History", "2 open sessions", "Close details", "Deactivate…"]),
        sample("users-groups", &grouped(), &["No team", "Grouped by team"]),
        sample(
            "users-filtered",
            &filtered(),
            &["remove this filter", "Clear all", "Save view", "Matching “"],
        ),
        sample("users-no-match", &empty(Empty::NoMatch), &["Nobody matches", "Clear search and filters"]),
        sample("users-alone", &empty(Empty::Alone), &["Only you, so far", "Invite a user"]),
        sample("users-empty-view", &empty(Empty::View(HOSTILE.into())), &["Nobody here"]),
        sample("users-member", &member(), &["Ada Lovelace", "Deactivated"]),
        sample(
            "customers",
            &customers(),
            &[
                "Search customers",
                "Group by organization",
                "No organization",
                "/customers/new",
                "New customer",
            ],
        ),
        sample("customers-none", &no_customer(), &["No customer yet", "/customers/new"]),
        sample(
            "users-toasts",
            &toasts(),
            &["Ada Lovelace is deactivated", "1 license is freed", "/undo/", "Undo", "Dismiss"],
        ),
    ]
}

fn tabs(current: usize) -> Vec<Tab> {
    let views =
        [("All", "12"), ("Active", "7"), ("Invited", "2"), ("Deactivated", "3"), ("Never signed in", "2")];
    let mut tabs: Vec<Tab> = views
        .iter()
        .enumerate()
        .map(|(n, (label, count))| Tab {
            label: (*label).into(),
            count: Some((*count).into()),
            href: format!("/users?view={n}"),
            current: n == current,
            delete: None,
        })
        .collect();
    tabs.push(Tab {
        label: format!("Support {HOSTILE}").chars().take(28).collect(),
        count: Some("10,000+".into()),
        href: "/users?view=saved".into(),
        current: current == 5,
        delete: Some("/users/views/1/deletion".into()),
    });
    tabs
}

fn menu(n: u128, actions: &[Action]) -> Vec<MenuItem> {
    actions.iter().map(|&action| MenuItem::new(action, USERS.action(action, id(n)))).collect()
}

const ACTIVE: &[Action] = &[
    Action::View,
    Action::Edit,
    Action::Role,
    Action::PasswordLink,
    Action::Sessions,
    Action::Export,
    Action::Deactivate,
    Action::Delete,
];
const INVITED: &[Action] = &[Action::View, Action::Edit, Action::SendAgain, Action::Withdraw];
const GONE: &[Action] = &[Action::View, Action::Edit, Action::Activate, Action::Delete];

fn row(n: u128, mut chip: Chip, kind: StatusKind, since: &str) -> RowView {
    let actions = match kind {
        StatusKind::Active => ACTIVE,
        StatusKind::Deactivated => GONE,
        StatusKind::Invited | StatusKind::Expired => INVITED,
    };
    chip.href = None;
    let email = format!("{}@acme.example", chip.name.split_whitespace().next().unwrap_or("x").to_lowercase());
    RowView {
        key: format!("{n}"),
        chip: chip.deactivated(kind == StatusKind::Deactivated).looking(Look::StatusRow),
        href: format!("/users/{}?view=all&sort=name", id(n)),
        email,
        role: Some("Member".into()),
        groups: vec![Link::new("Support", "/teams/1")],
        status: StatusView { kind, since: Some(when(since)), ..StatusView::default() },
        last_sign_in: Some(when("2 hours ago")),
        created: when("12 Mar 2024"),
        menu: menu(n, actions),
        ..RowView::default()
    }
}

fn rows() -> Vec<RowView> {
    let mut ada = row(1, ada(), StatusKind::Deactivated, "3 Feb");
    ada.status.reason = Some("Extended leave until March; Ben holds her license meanwhile".into());
    ada.status.review = Some(when("2 Mar"));
    ada.last_sign_in = Some(when("5 weeks ago"));
    let mut alan = row(10, person(10, "Alan Turing"), StatusKind::Deactivated, "9 Jan");
    alan.status.reason = Some("Contract ended".into());
    alan.status.review = Some(when("1 Feb"));
    alan.status.review_overdue = true;
    alan.asked_return = Some(when("yesterday"));
    let mut ben = row(11, person(11, "Ben Okafor"), StatusKind::Active, "3 Feb");
    ben.groups = vec![Link::new("Support", "/teams/1"), Link::new("Billing", "/teams/2")];
    let mut owner = row(2, grace(), StatusKind::Active, "12 Mar 2024");
    owner.role = Some("Owner".into());
    owner.menu = menu(2, &[Action::View, Action::Edit, Action::Sessions]);
    let mut invited = row(12, person(12, "Dorothy Vaughan"), StatusKind::Invited, "yesterday");
    invited.last_sign_in = None;
    let mut expired = row(13, person(13, "Edsger Dijkstra"), StatusKind::Expired, "2 days ago");
    expired.last_sign_in = None;
    expired.groups = Vec::new();
    let mut long = row(4, long(), StatusKind::Active, "1 Jan");
    long.email =
        "a.very.long.address.that.does.not.end.soon.enough@subdomain.of.a.department.acme.example".into();
    long.groups = vec![
        Link::new("The team with quite a long name of its own", "/teams/4"),
        Link::new(HOSTILE, "/teams/5"),
    ];
    vec![
        ada,
        alan,
        ben,
        invited,
        expired,
        owner,
        row(3, hostile(), StatusKind::Active, "4 Apr 2025"),
        row(14, person(14, "Ken Thompson"), StatusKind::Active, "4 Apr 2025"),
        row(15, person(15, "李 小龙"), StatusKind::Active, "4 Apr 2025"),
        row(16, person(16, "Margaret Hamilton"), StatusKind::Active, "4 Apr 2025"),
        row(5, rtl(), StatusKind::Active, "9 Sep 2025"),
        long,
    ]
}

fn grid() -> PeopleGrid {
    let sort = |column: &str| Head { href: format!("/users?sort={column}"), sorted: None };
    PeopleGrid {
        tabs: tabs(0),
        filter: filter(),
        group_href: "/users?group=team".into(),
        export: "/users.csv?".into(),
        administrator: true,
        heads: Heads {
            name: Head { sorted: Some(Direction::Ascending), ..sort("name") },
            email: sort("email"),
            status: sort("status"),
            last_sign_in: sort("seen"),
            created: sort("created"),
        },
        groups: vec![Group { title: None, rows: rows() }],
        pager: Pager {
            summary: "51–62 of 1,204 users".into(),
            previous: Some("/users?before=a".into()),
            next: Some("/users?after=b".into()),
        },
        ..PeopleGrid::default()
    }
}

fn filter() -> Filter {
    let any = |rest: &[&str]| {
        let mut all = vec![Choice::new("", "Any", true)];
        all.extend(rest.iter().map(|&label| Choice::new(label.to_lowercase(), label, false)));
        all
    };
    Filter {
        active: 0,
        keeps: vec![Keep::new("sort", "name")],
        roles: any(&["Owner", "Administrator", "Member"]),
        groups: any(&["No team", "Billing", "Support", HOSTILE]),
        statuses: any(&["Active", "Invited", "Deactivated"]),
        seen: any(&["Never", "In the last 7 days", "Not signed in for 30 days", "Not signed in for 90 days"]),
        created: any(&["In the last 30 days", "This year", "Before this year"]),
        marks: vec![
            Choice::new("returns", "Asked to return", true),
            Choice::new("overdue", "Review overdue", false),
        ],
    }
}

fn page() -> PeoplePage {
    PeoplePage { shell: shell("Users", Place::Users), grid: grid(), ..PeoplePage::default() }
}

fn with_panel() -> PeoplePage {
    let mut page = page();
    page.grid.groups[0].rows[2].current = true;
    let mut chip = person(11, "Ben Okafor").looking(Look::Head);
    chip.href = None;
    page.panel = Some(Panel {
        chip,
        close: "/users?sort=name".into(),
        email: "ben@acme.example".into(),
        role: Some("Member".into()),
        status: StatusView { kind: StatusKind::Active, since: Some(when("3 Feb")), ..StatusView::default() },
        groups: vec![Link::new("Support", "/teams/1"), Link::new("Billing", "/teams/2")],
        created: when("2 Feb"),
        last_sign_in: Some(Some(when("2 hours ago"))),
        sessions: Some(SessionsLine { text: "2 open sessions".into(), href: "/users/11/sessions".into() }),
        history: vec![
            HistoryLine {
                what: "Activated".into(),
                by: Some("Grace Hopper".into()),
                reason: Some(format!("In place of Ada {HOSTILE}")),
                when: when("3 Feb"),
            },
            HistoryLine {
                what: "Accepted the invitation".into(),
                by: None,
                reason: None,
                when: when("2 Feb"),
            },
            HistoryLine {
                what: "Invited".into(),
                by: Some("Grace Hopper".into()),
                reason: None,
                when: when("2 Feb"),
            },
        ],
        audit_href: Some("/audit?person=ben".into()),
        actions: menu(11, &ACTIVE[1..]),
        ..Panel::default()
    });
    page
}

fn grouped() -> PeoplePage {
    let mut page = page();
    let mut rows = rows();
    let rest = rows.split_off(6);
    page.grid.grouped = true;
    page.grid.groups = vec![
        Group {
            title: Some(GroupTitle {
                name: "Support".into(),
                count: "6".into(),
                href: Some("/teams/1".into()),
            }),
            rows,
        },
        Group {
            title: Some(GroupTitle { name: "No team".into(), count: "31".into(), href: None }),
            rows: rest,
        },
    ];
    page
}

fn filtered() -> PeoplePage {
    let mut page = page();
    page.shell.search = format!("ada {HOSTILE}");
    page.shell.search_keeps = vec![Keep::new("role", "member")];
    page.grid.tabs = tabs(5);
    page.grid.filter.active = 2;
    page.grid.chips = vec![
        FilterChip { label: "Role: member".into(), remove: "/users?team=x".into() },
        FilterChip { label: format!("Team: {HOSTILE}"), remove: "/users?role=member".into() },
    ];
    page.grid.clear = Some("/users".into());
    page.grid.save_view =
        Some(SaveView { guard: guard(), query: "q=ada&role=member".into(), name: Field::default() });
    page
}

fn empty(empty: Empty) -> PeoplePage {
    let mut page = page();
    page.shell.search = "zzz".into();
    page.grid.groups = Vec::new();
    page.grid.clear = Some("/users".into());
    page.grid.empty = empty;
    page
}

fn member() -> PeoplePage {
    let mut page = page();
    page.shell.role = "Member".into();
    page.shell.rail.retain(|stop| stop.place.is_for_members());
    page.shell.rail.iter_mut().for_each(|stop| stop.mark = None);
    page.shell.meter = None;
    page.shell.may_invite = false;
    page.grid.administrator = false;
    for row in &mut page.grid.groups[0].rows {
        row.menu.truncate(1);
        row.status.reason = None;
        row.status.review = None;
        row.asked_return = None;
        row.last_sign_in = None;
    }
    page
}

fn customers() -> PeoplePage {
    let mut page = page();
    page.app = CUSTOMERS;
    page.shell.place = Place::Customers;
    page.shell.title = "Customers".into();
    page.grid.filter.roles.clear();
    for row in &mut page.grid.groups[0].rows {
        row.role = None;
        row.groups.truncate(1);
        row.menu.retain(|item| item.action != Action::Role);
    }
    page
}

fn no_customer() -> PeoplePage {
    let mut page = customers();
    page.grid.groups = Vec::new();
    page.grid.empty = Empty::Alone;
    page
}

fn toasts() -> PeoplePage {
    let mut page = page();
    page.shell.meter = Some(Meter { used: 10, owned: 10 });
    page.shell.toasts = vec![
        Toast {
            title: "Ada Lovelace is deactivated.".into(),
            lines: lines(&["2 sessions ended", "1 license is freed", "Team Support and role stay"]),
            tone: Tone::Done,
            undo: Some(Undo {
                action: "/undo/0190".into(),
                guard: Guard::default(),
                until: "until 14:32".into(),
            }),
            link: Some(Link::new(HOSTILE, "/items/7")),
        },
        Toast {
            title: format!("{HOSTILE} was deactivated already. Nothing changed."),
            tone: Tone::Note,
            ..Toast::default()
        },
        Toast { title: "The owner cannot be deactivated.".into(), tone: Tone::Refused, ..Toast::default() },
    ];
    page
}
