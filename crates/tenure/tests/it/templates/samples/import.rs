//! People from a file.

use tenure::web::view::{
    Choice, Field, Link,
    import::{Ask, BadLine, FileColumn, ImportLine, ImportPage, ImportStart, Licenses, Preview, Work},
    naming::{CUSTOMERS, USERS},
    shell::Place,
};

use super::{Sample, sample};
use crate::templates::HOSTILE;
use crate::templates::people::{lines, shell, when};

pub(super) fn all() -> Vec<Sample> {
    vec![
        sample(
            "import",
            &start(None),
            &["Upload and preview", "at most 100 MiB", "Teams", "Files sent lately"],
        ),
        sample("import-refused", &start(Some("The file is empty.")), &["aria-invalid", "e-file h-file"]),
        sample(
            "import-customers",
            &ImportStart { app: CUSTOMERS, known: Vec::new(), ..start(None) },
            &["Organization", "/customers.csv"],
        ),
        sample(
            "import-preview",
            &preview(),
            &[
                "What happens",
                "Leave out 2 bad rows",
                "Licenses to own",
                "Let it pass the brake",
                "/errors.csv",
                "Check again",
            ],
        ),
        sample("import-nothing", &nothing(), &["Nothing changes", "Remove the file"]),
        sample("import-columns", &columns(), &["has no column Email", "is taken for", "Check again"]),
        sample(
            "import-checking",
            &work(false, 0),
            &["data-poll", "Cancel", "<progress id=\"batch-progress\">"],
        ),
        sample(
            "import-running",
            &work(true, 900),
            &["All of the file is imported, or nothing.", "max=\"900\""],
        ),
        sample("import-done", &done(), &["12 users were added.", "left out", "What stayed", "Audit log"]),
    ]
}

fn start(error: Option<&str>) -> ImportStart {
    ImportStart {
        shell: shell("Import users", Place::Users),
        app: USERS,
        error: error.map(str::to_owned),
        limit: "100 MiB".into(),
        known: vec![ImportLine {
            what: Link::new(HOSTILE, "/users/import/1"),
            by: HOSTILE.into(),
            when: when("2 hours ago"),
            state: "Waits to be confirmed",
        }],
    }
}

fn page() -> ImportPage {
    ImportPage {
        shell: shell("Import users", Place::Users),
        app: USERS,
        href: "/users/import/1".into(),
        file: HOSTILE.into(),
        sent: format!("1.2 MiB, sent by {HOSTILE}, 14:20"),
        ..ImportPage::default()
    }
}

fn column(at: usize, name: &str, taken: &str) -> FileColumn {
    let choices = ["", "Name", "Email"]
        .map(|one| Choice::new(one, if one.is_empty() { "Left out" } else { one }, one == taken));
    FileColumn {
        field: format!("column-{at}"),
        name: name.into(),
        example: HOSTILE.into(),
        choices: choices.into(),
    }
}

fn with_bad_rows(page: ImportPage) -> ImportPage {
    let row = |line: &str, column: &str| BadLine {
        line: line.into(),
        column: column.into(),
        message: HOSTILE.into(),
    };
    ImportPage {
        bad_title: Some("2 bad rows".into()),
        bad: vec![row("3", HOSTILE), row("1,204", "")],
        more: Some("and 100 more".into()),
        ..page
    }
}

fn preview() -> ImportPage {
    with_bad_rows(ImportPage {
        notice: Some("Nothing was imported. Rows are bad.".into()),
        asks: true,
        columns: vec![column(0, HOSTILE, "Name"), column(1, "E-Mail", "Email"), column(2, "Notes", "")],
        preview: Some(Preview {
            now: lines(&["12 users are added", "3 licenses are needed, 1 free"]),
            stays: lines(&["4 users stay as they are"]),
            skip_bad: Some(Ask { label: "Leave out 2 bad rows, and import the others".into(), ticked: true }),
            update_status: Some(true),
            licenses: Some(Licenses {
                missing: Some("It needs 2 more licenses than are free.".into()),
                owned: Field::new("many").with_error("This must be a whole number."),
                hint: "10 are owned now. At least 12 are needed.".into(),
            }),
            brake: Some(("This would deactivate 12 people.".into(), false)),
            button: Some("Import 12 users".into()),
        }),
        ..page()
    })
}

fn nothing() -> ImportPage {
    ImportPage {
        asks: true,
        columns: vec![column(0, "Name", "Name")],
        preview: Some(Preview { now: lines(&["Nothing changes"]), ..Preview::default() }),
        ..page()
    }
}

fn columns() -> ImportPage {
    ImportPage {
        refused: Some("The file has no column Email. It has: Kontakt.".into()),
        asks: true,
        columns: vec![column(0, "Kontakt", "")],
        ..page()
    }
}

fn work(importing: bool, total: u64) -> ImportPage {
    let label = "Importing: 300 of 900 rows".into();
    ImportPage { work: Some(Work { label, done: 300, total, importing }), ..page() }
}

fn done() -> ImportPage {
    with_bad_rows(ImportPage {
        done: lines(&["12 users were added", "1 team was made"]),
        kept: lines(&["4 users stay as they are"]),
        ..page()
    })
}
