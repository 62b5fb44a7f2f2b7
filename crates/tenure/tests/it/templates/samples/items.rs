//! One item at the desk, and requests at the portal.

use tenure::web::view::chip::Chip;
use tenure::web::view::dialogs::Question;
use tenure::web::view::item::{
    Came, Composer, EditDetails, EditItem, FileLine, Held, HistoryLine, ItemHead, ItemHistory, ItemPage,
    ItemPanel, PickPerson, Piece, Prose, Said, StatusTag, Tab, Talk, Talked,
};
use tenure::web::view::requests::{ListTab, NewRequestPage, RequestLine, RequestPage, RequestsPage};
use tenure::web::view::shell::Place;
use tenure::web::view::{Choice, Field, Link, Pager};

use super::{Sample, account::in_portal, sample};
use crate::templates::HOSTILE;
use crate::templates::people::{
    ada, candidates, grace, guard, hostile, lines, long, person, rtl, shell, when,
};

const OPEN: StatusTag = StatusTag { word: "open", title: "Open" };

pub(super) fn all() -> Vec<Sample> {
    vec![
        sample(
            "item",
            &item(Tab::Talk(Box::new(talk()))),
            &[
                "Ticket",
                "#7",
                "only users see this",
                "Earlier messages",
                "(Deactivated)",
                "Deleted user",
                "overdue",
            ],
        ),
        sample(
            "item-history",
            &item(Tab::History(history())),
            &["changed the priority from", "The command line", "Earlier changes"],
        ),
        sample(
            "dialog-edit-item",
            &EditItem {
                shell: shell("Edit ticket 7", Place::Users),
                ask: question("/items/7/edit"),
                meanwhile: lines(&["Ben Okafor changed the title from “A” to “B”"]),
                title: Field::new(HOSTILE).with_error("Too long."),
                was_title: HOSTILE.into(),
                description: Field::new(HOSTILE),
                most: 100_000,
                ..EditItem::default()
            },
            &["Meanwhile", "Ben Okafor", "_was_title"],
        ),
        sample("dialog-edit-details", &details(), &["Project", "Divided by commas", "Urgent"]),
        sample(
            "dialog-pick",
            &PickPerson {
                shell: shell("For whom is ticket 7?", Place::Users),
                ask: question("/items/7/requester"),
                search: HOSTILE.into(),
                whom: "people",
                verb: "Choose",
                found: candidates(),
                more: Some("There are more. Search to find them.".into()),
                nobody: true,
            },
            &["Without requester", "There are more."],
        ),
        sample("portal-home", &home(true), &["Welcome", "You belong to", "/portal/sessions", "2 devices"]),
        sample("portal-home-empty", &home(false), &["Nothing is open", "New request"]),
        sample("portal-request", &request(), &["Reopen", "Deleted user", "Your reply opens it again."]),
        sample(
            "portal-new-request",
            &NewRequestPage {
                shell: in_portal("New request"),
                error: Some(HOSTILE.into()),
                title: Field::new(HOSTILE).with_error("Enter a title."),
                description: Field::new(HOSTILE),
                most: 100_000,
                draft: "x-new".into(),
            },
            &["Enter a title.", "Send request"],
        ),
    ]
}

fn question(action: &str) -> Question {
    Question {
        action: action.into(),
        cancel: "/items/7".into(),
        guard: guard(),
        person: None,
        error: Some(HOSTILE.into()),
    }
}

fn item(tab: Tab) -> ItemPage {
    ItemPage {
        shell: shell("Ticket 7: It does not print", Place::Users),
        href: "/items/7".into(),
        list: Link::new("Tickets", "/tickets"),
        head: ItemHead {
            number: 7,
            kind: "Ticket",
            title: HOSTILE.into(),
            status: OPEN,
            messages: 1_204,
            came: Some(Came { text: "This came by the open request form.", flagged: true }),
        },
        tab,
        panel: panel(),
        error: Some(HOSTILE.into()),
    }
}

fn panel() -> ItemPanel {
    let held = |chip: Chip| Held { remove: "/items/7/assignees/1/removal".into(), chip };
    ItemPanel {
        statuses: vec![Choice::new("open", "Open", true), Choice::new("done", "Done", false)],
        requester: Some(hostile()),
        assignees: vec![held(ada()), held(long())],
        followers: vec![held(rtl())],
        me: "2".into(),
        is_mine: false,
        is_followed: true,
        project: Some(Link::new(HOSTILE, "/projects/1")),
        priority: StatusTag { word: "urgent", title: "Urgent" },
        due: Some(when("12 Mar 2026")),
        is_overdue: true,
        tags: vec![Link::new(HOSTILE, "/tickets?tag=x"), Link::new("printer", "/tickets?tag=printer")],
        maker: None,
        made_by: "the command line".into(),
        created: when("3 days ago"),
        updated: when("1 hour ago"),
    }
}

fn said(n: u32, author: Chip, note: bool) -> Said {
    let body = tenure::text::markdown::render(HOSTILE, &|_| None);
    Said {
        id: n.to_string(),
        author,
        note,
        when: when("3 days ago"),
        body: Prose(body),
        own: n == 1,
        files: files(),
    }
}

fn files() -> Vec<FileLine> {
    let line = |picture: Option<&str>| FileLine {
        href: "/items/7/attachments/1".into(),
        name: HOSTILE.into(),
        size: "1.5 MiB".into(),
        picture: picture.map(str::to_owned),
    };
    vec![line(None), line(Some("/items/7/attachments/1?view=1"))]
}

fn talked() -> Talked {
    Talked {
        messages: vec![
            said(1, ada(), false),
            said(2, hostile(), true),
            said(3, Chip::deleted("Deleted user"), false),
        ],
        earlier: Some("/items/7?before=1_2".into()),
        latest: Some("/items/7".into()),
    }
}

fn talk() -> Talk {
    Talk {
        description: Prose(tenure::text::markdown::render("# It *jams*\n\n- a\n- b", &|_| None)),
        conversation: talked(),
        composer: Composer {
            action: "/items/7/messages".into(),
            body: Field::new(HOSTILE).with_error("Too long."),
            note: true,
            offers_note: true,
            readers: vec![hostile(), ada()],
            more_readers: Some("and 3 more".into()),
            error: Some(HOSTILE.into()),
            draft: "2-7".into(),
            files: "Up to 10 files of 25 MiB each.".into(),
            effect: None,
        },
    }
}

fn history() -> ItemHistory {
    let value = |text: &str| Piece::Value(text.into());
    ItemHistory {
        lines: vec![
            HistoryLine {
                who: Some(grace()),
                what: vec![
                    Piece::words("changed the priority from"),
                    value("Normal"),
                    Piece::words("to"),
                    value(HOSTILE),
                ],
                when: when("1 hour ago"),
                ..HistoryLine::default()
            },
            HistoryLine {
                machine: "The command line (root)".into(),
                what: vec![Piece::words("assigned"), Piece::Person(ada())],
                when: when("3 days ago"),
                ..HistoryLine::default()
            },
        ],
        earlier: Some("/items/7/history?before=1".into()),
        latest: Some("/items/7/history".into()),
    }
}

fn details() -> EditDetails {
    EditDetails {
        shell: shell("Details of ticket 7", Place::Users),
        ask: question("/items/7/details"),
        meanwhile: lines(&[HOSTILE]),
        kinds: vec![Choice::new("ticket", "Ticket", true), Choice::new("task", "Task", false)],
        priorities: vec![Choice::new("urgent", "Urgent", true)],
        due: Field::new("2026-03-12").with_error("Enter a date."),
        project: Field::new(HOSTILE),
        projects: lines(&[HOSTILE]),
        tags: Field::new(HOSTILE),
        known_tags: lines(&[HOSTILE]),
        ..EditDetails::default()
    }
}

fn home(full: bool) -> RequestsPage {
    let row = |number, requester| RequestLine {
        number,
        href: format!("/portal/requests/{number}"),
        title: HOSTILE.into(),
        status: OPEN,
        updated: when("3 days ago"),
        requester,
    };
    let gone = |mut chip: Chip| {
        chip.href = None;
        chip
    };
    RequestsPage {
        shell: in_portal("My requests"),
        organization: Some(HOSTILE.into()),
        lists: vec![
            ListTab { label: "Open", href: "/portal".into(), is_here: true },
            ListTab { label: "Finished", href: "/portal?list=finished".into(), is_here: false },
        ],
        rows: if full { vec![row(7, None), row(8, Some(gone(ada())))] } else { Vec::new() },
        pager: Pager { summary: "2 requests".into(), previous: None, next: Some("/portal?after=x".into()) },
        empty: ("Nothing is open".into(), "Make one.".into()),
        sessions: "You are signed in on 2 devices.".into(),
    }
}

fn request() -> RequestPage {
    RequestPage {
        by_form: true,
        shell: in_portal("Request 7: It does not print"),
        href: "/portal/requests/7".into(),
        number: 7,
        title: HOSTILE.into(),
        status: OPEN,
        error: Some(HOSTILE.into()),
        requester: Some(hostile()),
        assignees: vec![person(1, "Ada Lovelace").deactivated(true)],
        created: when("3 days ago"),
        description: Prose("<p>It jams.</p>".into()),
        conversation: talked(),
        composer: Some(Composer {
            action: "/portal/requests/7/messages".into(),
            readers: vec![ada()],
            draft: "3-7".into(),
            effect: Some("Your reply opens it again.".into()),
            ..Composer::default()
        }),
        press: Some(("open", "Reopen")),
        follows: Some(false),
    }
}
