//! `docs/rules.md` names the tests of each rule; this holds the table and the tests equal.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Names of the functions in the Rust files below a folder.
fn functions_below(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder of tests") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            functions_below(&path, names);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            names.extend(
                text.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next()).map(str::to_owned),
            );
        }
    }
}

#[test]
fn the_table_of_rules_names_every_test_of_a_rule_and_only_tests_that_exist() {
    let mut tests = BTreeSet::new();
    for of in ["crates/domain/tests", "crates/tenure/tests"] {
        functions_below(&root().join(of), &mut tests);
    }
    let table = fs::read_to_string(root().join("docs/rules.md")).expect("docs/rules.md");
    let named: BTreeSet<&str> = table.split('`').skip(1).step_by(2).collect();
    let is_rule = |name: &str| name.starts_with("rule_") || name.starts_with("invariant_");
    for name in named.iter().filter(|name| is_rule(name)) {
        assert!(tests.contains(*name), "docs/rules.md names {name}: no such test");
    }
    for name in tests.iter().filter(|name| is_rule(name)) {
        assert!(named.contains(name.as_str()), "docs/rules.md lacks {name}");
    }
}
