//! The bounded run: some thousand cases for each target, made from samples and from pieces of what the parser knows.

use std::{collections::BTreeSet, fs, path::PathBuf};

use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestError, TestRunner},
};

use crate::{Check, TARGETS};

mod growth;

fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The samples of a target, by name.
fn samples(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = fuzz().join("seeds").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut samples: Vec<_> = files
        .map(|file| {
            let file = file.expect("a file");
            (file.file_name().to_string_lossy().into_owned(), fs::read(file.path()).expect("a sample"))
        })
        .collect();
    samples.sort();
    samples
}

/// What a parser knows, as the long run has it: `name="bytes"` line by line.
fn words(target: &str) -> Vec<Vec<u8>> {
    let file = fuzz().join("words").join(format!("{target}.dict"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(word).collect()
}

fn word(line: &str) -> Vec<u8> {
    let quoted = line.strip_prefix('"').and_then(|line| line.strip_suffix('"'));
    let mut rest = quoted.unwrap_or_else(|| panic!("no word in quotes: {line}"));
    let mut bytes = Vec::new();
    while let Some(at) = rest.find('\\') {
        bytes.extend(&rest.as_bytes()[..at]);
        let (taken, length) = match rest.as_bytes()[at + 1] {
            b'x' => (u8::from_str_radix(&rest[at + 2..at + 4], 16).expect("two digits"), 4),
            sign => (sign, 2),
        };
        bytes.push(taken);
        rest = &rest[at + length..];
    }
    bytes.extend(rest.as_bytes());
    bytes
}

/// What is done to a sample: places are in thousandths of its length.
#[derive(Debug, Clone)]
enum Edit {
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Flip(usize, u8),
    Repeat(usize, usize, usize),
    /// Goes on with another sample from there.
    Splice(usize, usize),
}

fn edits(words: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<Edit>> {
    let at = || 0..1_000_usize;
    let edit = prop_oneof![
        4 => (at(), prop::sample::select(words)).prop_map(|(at, word)| Edit::Insert(at, word)),
        1 => (at(), prop::collection::vec(any::<u8>(), 1..4)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        2 => (at(), 1..60_usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Flip(at, byte)),
        1 => (at(), 1..30_usize, 2..9_usize).prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
        1 => (at(), any::<usize>()).prop_map(|(at, other)| Edit::Splice(at, other)),
    ];
    prop::collection::vec(edit, 0..6)
}

fn edited(sample: &[u8], edits: &[Edit], others: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for edit in edits {
        let place = |at: usize| at * bytes.len() / 1_000;
        match edit {
            Edit::Insert(at, word) => drop(bytes.splice(place(*at)..place(*at), word.iter().copied())),
            Edit::Remove(at, length) => {
                let at = place(*at);
                let end = (at + length).min(bytes.len());
                bytes.drain(at..end);
            }
            Edit::Flip(at, byte) => {
                let at = place(*at);
                if let Some(there) = bytes.get_mut(at) {
                    *there = *byte;
                }
            }
            Edit::Repeat(at, length, times) => {
                let at = place(*at);
                let piece = bytes[at..(at + length).min(bytes.len())].repeat(*times);
                bytes.splice(at..at, piece);
            }
            Edit::Splice(at, other) => {
                let (at, (_, other)) = (place(*at), &others[other % others.len()]);
                bytes.truncate(at);
                bytes.extend(&other[(at * other.len()) / (at + other.len() + 1)..]);
            }
        }
    }
    bytes
}

/// Bytes for a target: samples that were changed, words of the parser in a row, and any bytes.
fn bytes(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let (samples, words) = (samples(target), words(target));
    let others = samples.clone();
    let from_samples = (prop::sample::select(samples), edits(words.clone()))
        .prop_map(move |((_, sample), edits)| edited(&sample, &edits, &others));
    let in_a_row = prop::collection::vec(prop::sample::select(words), 0..40).prop_map(|words| words.concat());
    prop_oneof![6 => from_samples, 3 => in_a_row, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

/// Runs a target so often, and holds that at least a twentieth of the bytes were taken.
fn run(target: &str, cases: u32) {
    let check = of(target);
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(cases) });
    let taken = std::cell::Cell::new(0);
    let result = runner.run(&bytes(target), |bytes| {
        taken.set(taken.get() + u32::from(check(&bytes)));
        Ok::<(), TestCaseError>(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, bytes)) => {
            panic!("{target}: {why}\nby the bytes \"{}\"", bytes.escape_ascii())
        }
        Err(error) => panic!("{target}: {error}"),
    }
    assert!(taken.get() > cases / 20, "only {} of {cases} were taken: the run tests little", taken.get());
}

fn of(target: &str) -> Check {
    TARGETS.into_iter().find(|(name, _)| *name == target).map(|(_, check)| check).expect("a target")
}

#[test]
fn every_sample_is_taken_by_its_parser() {
    for (target, check) in TARGETS {
        let samples = samples(target);
        assert!(samples.len() >= 3, "{target} has few samples");
        for (name, bytes) in samples {
            assert!(check(&bytes) != name.starts_with("refused"), "{target}: {name}");
        }
    }
}

#[test]
fn every_target_has_a_fuzzer() {
    let named = |folder: &str, ending: &str| -> BTreeSet<String> {
        let files = fs::read_dir(fuzz().join(folder)).expect("a folder");
        let names = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
        names.map(|name| name.trim_end_matches(ending).to_owned()).collect()
    };
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(named("fuzz_targets", ".rs"), targets);
    assert_eq!(named("seeds", ""), targets);
    assert_eq!(named("words", ".dict"), targets);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("the manifest");
    for target in targets {
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
    }
}

#[test]
fn csv() {
    run("csv", 3_000);
}

#[test]
fn forms() {
    run("forms", 4_000);
}

#[test]
fn headers() {
    run("headers", 4_000);
}

#[test]
fn markdown() {
    run("markdown", 4_000);
}

#[test]
fn query() {
    run("query", 4_000);
}

#[test]
fn scim_filter() {
    run("scim_filter", 4_000);
}

#[test]
fn scim_patch() {
    run("scim_patch", 4_000);
}
