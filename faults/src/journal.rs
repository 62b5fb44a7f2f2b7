//! What was asked and answered, kept outside the server: in a file, and as counts.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rig::{
    clock::Stopwatch,
    failure::{During as _, Result},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::wire::Heard;

/// Something that may never happen, and did.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Violation {
    /// The invariant of the design, 1 to 8; 0 where none has the number.
    pub(crate) invariant: u8,
    /// When, in seconds since the trial began.
    pub(crate) at: f64,
    /// Where it was seen: an operation, or the check after a fault.
    pub(crate) during: String,
    /// What had to be.
    pub(crate) expected: String,
    /// What was.
    pub(crate) found: String,
}

/// The counts of a trial.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Tally {
    /// Operations asked for.
    pub(crate) asked: u64,
    /// Answered that they are done.
    pub(crate) acknowledged: u64,
    /// Answered that they are not.
    pub(crate) refused: u64,
    /// Failed, says the server, and nothing was changed.
    pub(crate) undone: u64,
    /// None of these: the server failed without a word of that, or the connection broke.
    pub(crate) unknown: u64,
    /// Of those, found to have changed what they were to change.
    pub(crate) unknown_done: u64,
    /// Requests sent again with their key.
    pub(crate) repeats: u64,
    /// Operations by name: asked, acknowledged.
    pub(crate) operations: BTreeMap<&'static str, (u64, u64)>,
    /// Faults by name.
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// Checks by invariant.
    pub(crate) checks: BTreeMap<u8, u64>,
    /// Acknowledged and not there: part of the violations.
    pub(crate) lost: u64,
    /// What else is worth a line: by words.
    pub(crate) notes: BTreeMap<String, u64>,
}

/// See the module.
pub(crate) struct Journal {
    file: Mutex<BufWriter<File>>,
    tally: Mutex<Tally>,
    violations: Mutex<Vec<Violation>>,
    watch: Stopwatch,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal {
    /// Begins one in a new file.
    pub(crate) fn begin(path: &Path) -> Result<Self> {
        let file = File::create(path).during(path.display())?;
        Ok(Self {
            file: Mutex::new(BufWriter::new(file)),
            tally: Mutex::default(),
            violations: Mutex::default(),
            watch: Stopwatch::start(),
        })
    }

    /// Seconds since it began.
    pub(crate) fn seconds(&self) -> f64 {
        self.watch.seconds()
    }

    fn line(&self, mut line: Value) {
        line["at"] = json!((self.seconds() * 1e3).round() / 1e3);
        let mut file = lock(&self.file);
        // The journal in the file is for people; the checks use what is in memory.
        if writeln!(file, "{line}").and_then(|()| file.flush()).is_err() {
            lock(&self.tally).notes.entry("a line of the journal could not be written".into()).or_default();
        }
    }

    /// Notes an operation and how it was answered.
    pub(crate) fn operation(&self, client: usize, name: &'static str, what: &str, heard: &Heard) {
        self.line(json!({ "client": client, "operation": name, "what": what, "answer": heard.words() }));
        let mut tally = lock(&self.tally);
        tally.asked += 1;
        let entry = tally.operations.entry(name).or_default();
        entry.0 += 1;
        match heard {
            Heard::Done(_) => {
                entry.1 += 1;
                tally.acknowledged += 1;
            }
            Heard::Refused(_) => tally.refused += 1,
            Heard::Undone(_) => tally.undone += 1,
            Heard::Unknown(_) => tally.unknown += 1,
        }
    }

    /// Counts an operation whose answer is not known, and which was found done.
    pub(crate) fn found_done(&self) {
        lock(&self.tally).unknown_done += 1;
    }

    /// Counts a request that was sent again with its key.
    pub(crate) fn repeat(&self) {
        lock(&self.tally).repeats += 1;
    }

    /// Notes a fault.
    pub(crate) fn fault(&self, name: &'static str, words: &str) {
        self.line(json!({ "fault": name, "words": words }));
        *lock(&self.tally).faults.entry(name).or_default() += 1;
    }

    /// Counts something worth a line.
    pub(crate) fn note(&self, words: impl Into<String>) {
        *lock(&self.tally).notes.entry(words.into()).or_default() += 1;
    }

    /// Counts a check of an invariant; where it fails, notes the violation. Answers whether it held.
    pub(crate) fn check(
        &self,
        invariant: u8,
        holds: bool,
        during: impl FnOnce() -> String,
        expected: impl FnOnce() -> String,
        found: impl FnOnce() -> String,
    ) -> bool {
        *lock(&self.tally).checks.entry(invariant).or_default() += 1;
        if !holds {
            self.violation(Violation {
                invariant,
                at: self.seconds(),
                during: during(),
                expected: expected(),
                found: found(),
            });
        }
        holds
    }

    fn violation(&self, violation: Violation) {
        self.line(json!({ "violation": violation }));
        let cut = |text: &str| text.chars().take(600).collect::<String>();
        eprintln!(
            "faults: VIOLATION of invariant {}, during {}: expected {}; found {}",
            violation.invariant,
            violation.during,
            cut(&violation.expected),
            cut(&violation.found)
        );
        if violation.invariant == 4 {
            lock(&self.tally).lost += 1;
        }
        lock(&self.violations).push(violation);
    }

    /// What was violated.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        lock(&self.violations).clone()
    }

    /// How many.
    pub(crate) fn violated(&self) -> usize {
        lock(&self.violations).len()
    }

    /// Whether this invariant was.
    pub(crate) fn is_violated(&self, invariant: u8) -> bool {
        lock(&self.violations).iter().any(|one| one.invariant == invariant)
    }

    /// The counts.
    pub(crate) fn tally(&self) -> Tally {
        lock(&self.tally).clone()
    }
}
