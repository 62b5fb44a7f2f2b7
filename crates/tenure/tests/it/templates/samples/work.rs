//! Lists of items, one's own work, projects.

use tenure::web::view::bulk::{BulkBar, Deeds};
use tenure::web::view::dialogs::Question;
use tenure::web::view::people::{Direction, Head, SaveView, Tab};
use tenure::web::view::projects::{ProjectDialog, ProjectPage, ProjectPerson, ProjectRow, ProjectsPage};
use tenure::web::view::search::{PersonHit, SearchPage, Section, TextHit};
use tenure::web::view::shell::{Place, Shell};
use tenure::web::view::work::{
    DueMark, EmptyItems, ItemFilter, ItemGrid, ItemGroup, ItemHeads, ItemLine, ItemsPage, Mark, MentionRow,
    Nearness, NewItemDialog, QuickAdd, Words,
};
use tenure::web::view::{Choice, Field, FilterChip, Keep, Link, Pager};

use super::{Sample, sample};
use crate::templates::HOSTILE;
use crate::templates::people::{ada, grace, guard, hostile, long, rtl, shell, when};

pub(super) fn all() -> Vec<Sample> {
    vec![
        sample(
            "tickets",
            &page(),
            &[
                "Tickets",
                "Held by deactivated people",
                "#1204",
                "Overdue",
                "Deactivated",
                "New ticket in",
                "and 3 more",
            ],
        ),
        sample("tickets-none", &none(), &["No ticket yet", "press Enter"]),
        sample(
            "search",
            &search(),
            &["Number 1204", "Descriptions and messages", "<mark>", "Look further back", "Deactivated"],
        ),
        sample(
            "search-nothing",
            &SearchPage { shell: searched("zz"), short: true, ..SearchPage::default() },
            &["Nothing found", "at least three letters"],
        ),
        sample(
            "search-unasked",
            &SearchPage { shell: searched(""), ..SearchPage::default() },
            &["any part of a name", "autofocus"],
        ),
        sample("mine-mentioned", &mentioned(), &["Mentioned", "#7"]),
        sample("ticket-new", &new(), &["New ticket", "Divided by commas", "Create the ticket"]),
        sample("projects", &projects(), &["Archived", "12 open items"]),
        sample(
            "projects-none",
            &ProjectsPage { shell: shell("Projects", Place::Projects), ..ProjectsPage::default() },
            &["No project yet"],
        ),
        sample("project", &project(), &["Followers", "Unfollow", "Archive", "Add task"]),
        sample("project-edit", &edit(), &["already a project"]),
    ]
}

fn searched(q: &str) -> Shell {
    Shell { search: q.into(), ..shell("Search", Place::Search) }
}

fn search() -> SearchPage {
    let people = [ada(), hostile(), long(), rtl()].map(|chip| PersonHit {
        chip: chip.linked("/users/1"),
        email: "person@acme.example".into(),
        groups: HOSTILE.into(),
    });
    let text = TextHit {
        href: "/items/7/messages/1".into(),
        number: 7,
        title: HOSTILE.into(),
        author: Some(ada()),
        note: true,
        when: when("Today"),
        excerpt: (format!("…{HOSTILE}"), HOSTILE.into(), "x".repeat(140)),
    };
    SearchPage {
        shell: searched(HOSTILE),
        numbered: Some(line(1204, HOSTILE)),
        items: Section {
            title: "Items",
            count: "10,000+".into(),
            rows: lines(),
            all: vec![Link::new("In tickets", "/tickets")],
        },
        people: vec![Section { title: "Users", count: "4".into(), rows: people.into(), all: Vec::new() }],
        texts: Section {
            rows: vec![text.clone(), TextHit { author: None, note: false, ..text }],
            title: "Descriptions and messages",
            ..Section::default()
        },
        more: Some("/search?before=7".into()),
        ..SearchPage::default()
    }
}

fn words() -> Words {
    Words { path: "/tickets".into(), one: "ticket", many: "tickets", icon: "ticket" }
}

fn tabs() -> Vec<Tab> {
    let tab = |label: &str, current| Tab {
        label: label.into(),
        count: Some("1,204".into()),
        href: "/tickets".into(),
        current,
        delete: current.then(|| "/tickets/views/1/deletion".into()),
    };
    vec![tab("Open", false), tab("Held by deactivated people", false), tab(HOSTILE, true)]
}

fn line(number: i64, title: &str) -> ItemLine {
    ItemLine {
        id: format!("0190-{number}"),
        number,
        title: title.into(),
        href: format!("/items/{number}"),
        status: Mark { class: "waiting", label: "Waiting" },
        priority: Mark { class: "urgent", label: "Urgent" },
        assignees: vec![ada(), grace()],
        more: Some("and 3 more".into()),
        updated: when("3 days ago"),
        ..ItemLine::default()
    }
}

fn lines() -> Vec<ItemLine> {
    let overdue = DueMark { when: when("12 Mar 2026"), nearness: Nearness::Overdue };
    vec![
        ItemLine {
            due: Some(overdue),
            tags: vec!["printer".into(), HOSTILE.into()],
            project: Some(Link::new(HOSTILE, "/projects/1")),
            requester: Some(hostile()),
            ..line(1204, "The printer on the third floor is out of ink")
        },
        ItemLine { assignees: vec![long(), rtl()], finished: true, ..line(7, HOSTILE) },
        ItemLine { assignees: Vec::new(), more: None, ..line(8, "x".repeat(200).as_str()) },
    ]
}

fn grid() -> ItemGrid {
    let head = |sorted| Head { href: "/tickets?sort=due".into(), sorted };
    ItemGrid {
        tabs: tabs(),
        save_view: Some(SaveView { guard: guard(), query: "tag=ink".into(), name: Field::new(HOSTILE) }),
        filter: Some(ItemFilter {
            path: "/tickets".into(),
            active: 2,
            keeps: vec![Keep::new("q", HOSTILE)],
            statuses: vec![Choice::new("", "Open (not finished)", true)],
            assignees: vec![Choice::new("", "Anyone", true), Choice::new("1", HOSTILE, false)],
            assigned_to: Some(Field::new(HOSTILE).with_error("Nobody has this name or address.")),
            teams: vec![Choice::new("1", HOSTILE, false)],
            projects: vec![Choice::new("1", HOSTILE, false)],
            dues: vec![Choice::new("", "Any", true)],
            requested_by: Field::new(HOSTILE).with_error("Several people fit."),
            unrequested: true,
            tag: Field::new(HOSTILE),
            tags: vec![HOSTILE.into()],
            orders: vec![Choice::new("due", "Due date", true)],
        }),
        chips: vec![FilterChip { label: format!("Tag: {HOSTILE}"), remove: "/tickets".into() }],
        clear: Some("/tickets".into()),
        heads: Some(ItemHeads {
            due: head(Some(Direction::Ascending)),
            number: head(None),
            priority: head(None),
            updated: head(None),
        }),
        shows_project: true,
        groups: vec![ItemGroup { title: Some("Overdue".into()), rows: lines() }],
        pager: Pager { summary: "1,204 tickets".into(), ..Pager::default() },
        bulk: Some(BulkBar {
            action: "/tickets/bulk".into(),
            keeps: vec![Keep::new("back", HOSTILE)],
            query: HOSTILE.into(),
            all: Some("All 1,204 tickets that match".into()),
            deeds: vec![Deeds {
                label: "Project".into(),
                choices: vec![("project:1".into(), HOSTILE.into())],
            }],
            more: None,
        }),
        ..ItemGrid::default()
    }
}

fn quick() -> QuickAdd {
    QuickAdd {
        kinds: vec![Link::new("Add task", "/tasks"), Link::new("Add ticket", "/tickets")],
        keeps: vec![Keep::new("back", "/tickets")],
        hint: format!("New ticket in {HOSTILE}"),
        title: Field::new(HOSTILE).with_error("The title is too long."),
    }
}

fn page() -> ItemsPage {
    let mut shell = shell("Tickets", Place::Tickets);
    shell.search = HOSTILE.into();
    ItemsPage { shell, app: words(), grid: grid(), quick: Some(quick()) }
}

fn none() -> ItemsPage {
    let empty = EmptyItems {
        title: "No ticket yet".into(),
        text: "Type what it is about above, and press Enter.".into(),
        ways: vec![Link::new("All tickets", "/tickets?status=all")],
    };
    let grid = ItemGrid { empty, heads: None, groups: Vec::new(), save_view: None, filter: None, ..grid() };
    ItemsPage { grid, ..page() }
}

fn mentioned() -> ItemsPage {
    let row =
        MentionRow { number: 7, title: HOSTILE.into(), href: "/items/7".into(), when: when("just now") };
    let mut tabs = tabs();
    tabs[0].label = "Mentioned".into();
    let grid = ItemGrid { tabs, mentions: vec![row], groups: Vec::new(), ..ItemGrid::default() };
    ItemsPage { shell: shell("My work", Place::MyWork), grid, quick: None, ..page() }
}

fn new() -> NewItemDialog {
    let wrong = || Field::new(HOSTILE).with_error("Too long.");
    NewItemDialog {
        shell: shell("New ticket", Place::Tickets),
        ask: Question { action: "/tickets/new".into(), cancel: "/tickets".into(), ..Question::default() },
        keeps: vec![Keep::new("back", "/tickets")],
        title: wrong(),
        description: wrong(),
        projects: vec![Choice::new("1", HOSTILE, true)],
        priorities: vec![Choice::new("normal", "Normal", true)],
        due: Field::new("2026-03-12"),
        assigned_to: wrong(),
        people: vec!["ada@acme.example".into()],
        requested_by: wrong(),
        tags: wrong(),
        known_tags: vec![HOSTILE.into()],
        button: "Create the ticket".into(),
    }
}

fn projects() -> ProjectsPage {
    let row = ProjectRow {
        name: HOSTILE.into(),
        href: "/projects/1".into(),
        note: HOSTILE.into(),
        faces: vec![ada(), grace()],
        items: "12 open items".into(),
    };
    let mut tabs = tabs();
    tabs[1].label = "Archived".into();
    ProjectsPage {
        shell: shell("Projects", Place::Projects),
        tabs,
        rows: vec![row],
        pager: Pager { summary: "1 project".into(), ..Pager::default() },
        ..ProjectsPage::default()
    }
}

fn project() -> ProjectPage {
    ProjectPage {
        shell: shell(HOSTILE, Place::Projects),
        app: Words { path: "/projects/1".into(), one: "item", many: "items", icon: "project" },
        grid: ItemGrid { shows_project: false, ..grid() },
        quick: Some(quick()),
        about: tenure::text::markdown::render(HOSTILE, &|_| None),
        created: when("3 days ago"),
        assignees: vec![
            ProjectPerson { id: "1".into(), chip: ada() },
            ProjectPerson { id: "2".into(), chip: hostile() },
        ],
        followers: Vec::new(),
        followed: true,
        who: Field::new(HOSTILE).with_error("Nobody has this name or address."),
        people: vec!["ada@acme.example".into()],
        guard: guard(),
        ..ProjectPage::default()
    }
}

fn edit() -> ProjectDialog {
    ProjectDialog {
        shell: shell("Edit Website", Place::Projects),
        ask: Question {
            action: "/projects/1/edit".into(),
            cancel: "/projects/1".into(),
            guard: guard(),
            ..Question::default()
        },
        name: Field::new(HOSTILE).with_error("There is already a project of this name."),
        description: Field::new(HOSTILE),
        button: "Save",
    }
}
