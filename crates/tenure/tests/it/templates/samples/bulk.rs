//! One action on many people.

use tenure::web::view::{
    Field, Keep, Link, Pager,
    bulk::{BulkLine, BulkList, BulkPreview, BulkResult, BulkRow, Skipped},
    naming::{CUSTOMERS, USERS},
    shell::Place,
};

use super::{Sample, sample};
use crate::templates::HOSTILE;
use crate::templates::people::{ada, grace, guard, hostile, lines, long, rtl, shell, when};

pub(super) fn all() -> Vec<Sample> {
    vec![
        sample(
            "bulk-deactivate",
            &preview(),
            &[
                "Who is skipped, and why",
                "choose fewer",
                "Let it pass the brake",
                "Deactivate 3 users",
                "and 9,950 more",
            ],
        ),
        sample(
            "bulk-delete",
            &deletion(),
            &["This is permanent", "type <code>1,204</code>", "button danger"],
        ),
        sample("bulk-nothing", &nothing(), &["Nobody would change.", ">Back<"]),
        sample("bulk-running", &running(), &["data-poll", "You can leave this page", "Cancel the rest"]),
        sample("bulk-paused", &paused(), &["Let it go on", "Cancel the rest", "The brake"]),
        sample("bulk-done", &done(), &["Undo for all", "Deleted customer", "/results.csv"]),
        sample("bulk-list", &list(rows()), &["Deactivate 120 users", "3,400 of 10,000"]),
        sample("bulk-list-empty", &list(Vec::new()), &["None yet", "Select rows of a grid"]),
    ]
}

fn people() -> Vec<BulkRow> {
    let row = |chip, email: &str, outcome, why: &str| BulkRow {
        chip,
        email: email.into(),
        outcome,
        why: why.into(),
    };
    vec![
        row(Some(grace()), "grace@acme.example", "Changes", ""),
        row(Some(ada()), "ada@acme.example", "Skipped", "Deactivated already."),
        row(Some(hostile()), HOSTILE, "Skipped", HOSTILE),
        row(Some(long()), "hubert@acme.example", "Changes", ""),
        row(Some(rtl()), "maryam@acme.example", "Changes", ""),
        row(None, "", "Changed", ""),
    ]
}

fn preview() -> BulkPreview {
    BulkPreview {
        shell: shell("Deactivate 3 of 5 users?", Place::Users),
        app: USERS,
        error: Some("This changed since you looked. Nothing was done.".into()),
        action: "/users/bulk".into(),
        cancel: "/users".into(),
        keeps: vec![Keep::new("query", HOSTILE)],
        now: lines(&["3 users cannot sign in any more", "3 licenses are freed"]),
        skipped: vec![Skipped {
            count: "2 users".into(),
            why: "You cannot deactivate yourself.".into(),
            names: lines(&["Grace Hopper", HOSTILE]),
            more: Some("and 12 more".into()),
        }],
        people: people(),
        more: Some("and 9,950 more".into()),
        grounds: Some((
            Field::new(HOSTILE),
            Field::new("2020-01-01").with_error("Choose a day after today."),
        )),
        brake: Some("This would deactivate 30 % of the active users within 60 minutes.".into()),
        missing: Some("Add the 12 missing licenses".into()),
        deletion: None,
        button: Some("Deactivate 3 users".into()),
    }
}

fn deletion() -> BulkPreview {
    BulkPreview {
        shell: shell("Delete 1,204 customers?", Place::Customers),
        app: CUSTOMERS,
        error: None,
        grounds: None,
        brake: None,
        missing: None,
        deletion: Some(("1,204".into(), Field::new("12").with_error("Type 1,204."), Field::default())),
        button: Some("Delete 1,204 customers".into()),
        ..preview()
    }
}

fn nothing() -> BulkPreview {
    BulkPreview { now: lines(&["Nobody would change."]), button: None, error: None, ..preview() }
}

fn running() -> BulkResult {
    BulkResult {
        shell: shell("Deactivate 10,000 customers", Place::Customers),
        app: CUSTOMERS,
        href: "/bulk/01960000-0000-7000-8000-000000000001".into(),
        begun: format!("Begun by {HOSTILE}, 14:20"),
        done: 3_400,
        total: 10_000,
        progress: "3,400 of 10,000".into(),
        running: true,
        guard: guard(),
        people: people(),
        pager: Pager { summary: "1–50 of 10,000".into(), previous: None, next: Some("?after=50".into()) },
        ..BulkResult::default()
    }
}

fn paused() -> BulkResult {
    BulkResult {
        running: false,
        paused: Some("The brake: 10 % of the active customers were deactivated within 60 minutes.".into()),
        ..running()
    }
}

fn done() -> BulkResult {
    BulkResult {
        done: 10_000,
        running: false,
        over: Some("Finished, 14:32.".into()),
        lines: lines(&["9,998 customers were deactivated.", "2 were skipped."]),
        undo: Some("until 14:42".into()),
        undone: Some(Link::new("Undone by Grace Hopper", "/bulk/2")),
        ..running()
    }
}

fn rows() -> Vec<BulkLine> {
    vec![
        BulkLine {
            what: Link::new("Deactivate 120 users", "/bulk/1"),
            when: when("2 hours ago"),
            state: "Running",
            progress: "3,400 of 10,000".into(),
        },
        BulkLine {
            what: Link::new(HOSTILE, "/bulk/2"),
            when: when("12 Mar"),
            state: "Finished",
            progress: "all 12".into(),
        },
    ]
}

fn list(rows: Vec<BulkLine>) -> BulkList {
    BulkList { shell: shell("Changes of many", Place::Users), app: USERS, rows }
}
