//! Whatever the bytes: an import ends in words, and imports all of a file or nothing.

use std::sync::LazyLock;

use domain::person::Kind;
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use tenure::{import::Source, ops::import::Outcome};

use super::{Try, file};
use crate::support::{both_engines, world::World};

static PIECES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    vec![
        "Name,Email,Status\n",
        "\u{feff}",
        "Name;Email\n",
        "First Name,Email,External ID,Teams,Role\n",
        "Ada",
        "ada@x.org",
        "ADA@X.ORG",
        ",",
        ",",
        ",",
        ";",
        "\n",
        "\n",
        "\r\n",
        "\"",
        "\"\"",
        "Active",
        "Deactivated",
        "Owner",
        "=1+1",
        "'",
        "\u{202e}",
        "\0",
        "é",
        "bob@x.org",
        "X-1",
        " ",
        "2026-01-01",
        "\t",
    ]
});

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        12 => prop::sample::select(PIECES.clone()).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    // Most lines are as they should be, or no file would ever be good as a whole.
    let line = prop_oneof![
        6 => (0_u32..1_000).prop_map(|number| format!("Ada {number},ada.{number}@x.org\n").into_bytes()),
        1 => prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat()),
    ];
    let header = prop::sample::select(vec!["Name,Email\n", "\u{feff}Name,Email\r\n", "Name;Email\n", ""]);
    (header, prop::collection::vec(line, 0..6))
        .prop_map(|(header, lines)| header.bytes().chain(lines.into_iter().flatten()).collect())
}

both_engines! {
    async fn any_bytes_are_imported_whole_or_not_at_all(store: Store) {
        let world = World::new(store, 1_000).await;
        let mut runner = TestRunner::new(Config::default());
        let (mut opened, mut done) = (0, 0);
        for _ in 0..120 {
            let bytes = bytes().new_tree(&mut runner).expect("bytes").current();
            if Source::open(file(&bytes).path(), &[]).is_err() {
                continue;
            }
            opened += 1;
            for kind in [Kind::User, Kind::Customer] {
                let before = world.workspace().await;
                let count = |workspace: &tenure::store::workspaces::Workspace| {
                    let counts = workspace.counts_of(kind);
                    u64::try_from(counts.active + counts.invited + counts.deactivated).expect("a count")
                };
                let (outcome, bad) = Try::new(&world, kind, &bytes).run(&world).await.expect("it ends in words");
                let after = world.workspace().await;
                let report = outcome.report();
                assert_eq!(report.bad, bad.len() as u64);
                assert_eq!(report.rows, report.new + report.changed + report.unchanged + report.bad);
                let added = match outcome {
                    Outcome::Done(_) => {
                        done += 1;
                        assert_eq!(report.bad, 0);
                        report.new
                    }
                    _ => 0,
                };
                assert_eq!(count(&after), count(&before) + added, "{:?}", String::from_utf8_lossy(&bytes));
            }
        }
        assert!(opened > 20 && done > 10, "the bytes reach the import: {opened} {done}");
        world.check().await;
    }
}
