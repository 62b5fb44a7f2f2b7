//! What came of it, for people and for programs.

use std::{fmt::Write as _, fs, path::Path};

use rig::failure::{During as _, Result};

use crate::run::Outcome;

/// What each invariant of docs/faults.md says, in a word.
const INVARIANTS: [(u8, &str); 8] = [
    (1, "no door opens for a deactivated person"),
    (2, "licenses are neither oversold nor miscounted"),
    (3, "one owner, active"),
    (4, "what was acknowledged is there; what was not is whole or absent"),
    (5, "who comes back is as before"),
    (6, "nothing is left of who was deleted"),
    (7, "the neighbour is as before, and sees nothing"),
    (8, "each event arrives, in order"),
];

/// Writes the report, and the same as JSON beside it.
pub(crate) fn write(path: &Path, outcomes: &[Outcome]) -> Result<()> {
    fs::write(path, markdown(outcomes)?).during(path.display())?;
    let json = path.with_extension("json");
    let text = serde_json::to_string_pretty(outcomes)?;
    fs::write(&json, text + "\n").during(json.display())
}

fn markdown(outcomes: &[Outcome]) -> Result<String> {
    let mut text = String::from("# What the faults came to\n");
    for one in outcomes {
        let tally = &one.tally;
        writeln!(text, "\n## {}, seed {}, {:.0} s\n", one.engine, one.seed, one.seconds)?;
        writeln!(text, "| | |\n| --- | ---: |")?;
        for (what, count) in [
            ("operations", tally.asked),
            ("acknowledged", tally.acknowledged),
            ("refused", tally.refused),
            ("failed, said the server, and nothing was changed", tally.undone),
            ("unknown: the connection broke, or the server said that it failed", tally.unknown),
            ("of those found to have changed something", tally.unknown_done),
            ("sent again with their key", tally.repeats),
            ("faults", tally.faults.values().sum()),
            ("invariant checks", tally.checks.values().sum()),
            ("acknowledged and **lost**", tally.lost),
            ("violations", one.violations.len() as u64),
        ] {
            writeln!(text, "| {what} | {count} |")?;
        }
        writeln!(text, "| attempts to deliver to the webhook | {} |", one.deliveries.0)?;
        writeln!(text, "| events that arrived | {} |", one.deliveries.1)?;
        writeln!(text, "\n| fault | times |\n| --- | ---: |")?;
        for (fault, count) in &tally.faults {
            writeln!(text, "| {fault} | {count} |")?;
        }
        writeln!(text, "\n| invariant | checks | violations |\n| --- | ---: | ---: |")?;
        for (number, what) in INVARIANTS {
            let checks = tally.checks.get(&number).copied().unwrap_or(0);
            let violated = one.violations.iter().filter(|one| one.invariant == number).count();
            writeln!(text, "| {number}: {what} | {checks} | {violated} |")?;
        }
        writeln!(text, "\n| operation | asked | acknowledged |\n| --- | ---: | ---: |")?;
        for (name, (asked, acknowledged)) in &tally.operations {
            writeln!(text, "| {name} | {asked} | {acknowledged} |")?;
        }
        for (note, count) in &tally.notes {
            writeln!(text, "\nNote ({count}): {note}.")?;
        }
        for one in &one.violations {
            writeln!(
                text,
                "\n**Violation** of invariant {} after {:.1} s, during {}:\n\n- expected: `{}`\n- found: `{}`",
                one.invariant, one.at, one.during, one.expected, one.found
            )?;
        }
    }
    Ok(text)
}
