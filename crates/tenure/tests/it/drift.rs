//! Generated files are committed, and a test fails when one differs from what the code makes.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Compares the committed file at `path` (from the root of the repository) with `content`, which the code has
/// just made. With `UPDATE=1` in the environment it writes the file instead.
///
/// The test that calls this is named `generated_…`: `scripts/drift` finds it by that.
///
/// # Panics
/// When they differ, with the first line that does.
pub(crate) fn check_generated(path: &str, content: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        write(&file, content);
    } else if let Err(difference) = compare(&file, content) {
        panic!("{path} is not what the code makes; run `make generate` and commit it.\n{difference}");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn write(file: &Path, content: &str) {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).expect("the folder can be made");
    }
    // An unchanged file keeps its time, so that nothing is built again because of it.
    if fs::read_to_string(file).ok().as_deref() != Some(content) {
        fs::write(file, content).expect("the file can be written");
    }
}

fn compare(file: &Path, content: &str) -> Result<(), String> {
    let committed = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err("it is missing".to_owned()),
        Err(error) => return Err(format!("it cannot be read: {error}")),
    };
    if committed == content { Ok(()) } else { Err(first_difference(&committed, content)) }
}

/// Names the first line that differs, as a reader of a diff would want it.
fn first_difference(committed: &str, made: &str) -> String {
    let (mut left, mut right) = (committed.split('\n'), made.split('\n'));
    for number in 1.. {
        match (left.next(), right.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => {
                let shown =
                    |line: Option<&str>| line.map_or_else(|| "(the end)".to_owned(), |l| format!("{l:?}"));
                return format!("line {number}\n  committed: {}\n  made:      {}", shown(a), shown(b));
            }
        }
    }
    "nothing differs".to_owned()
}

#[test]
fn a_generated_file_that_differs_is_named_with_its_first_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("deep/made.md");

    assert_eq!(compare(&file, "one\n"), Err("it is missing".to_owned()));
    write(&file, "one\ntwo\n");
    check_generated(file.to_str().expect("a path of UTF-8"), "one\ntwo\n");
    let difference = compare(&file, "one\nthree\n").expect_err("they differ");
    assert_eq!(difference, "line 2\n  committed: \"two\"\n  made:      \"three\"");
}

#[test]
fn a_missing_newline_at_the_end_is_a_difference() {
    assert_eq!(first_difference("one\n", "one"), "line 2\n  committed: \"\"\n  made:      (the end)");
}
