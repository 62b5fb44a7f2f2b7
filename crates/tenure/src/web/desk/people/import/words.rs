//! The words for what an import does.

use crate::{
    import::uploads::{Stage, Upload},
    ops::import::{Progress, Report},
    web::{
        desk::words::count,
        view::{Link, naming::Naming, number},
    },
};

fn people(app: &Naming, number: u64) -> String {
    count(signed(number), app.one, app.many)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How far it is, in a word.
pub(super) fn state(stage: &Stage) -> &'static str {
    match stage {
        Stage::Wrong(_) => "Columns not understood",
        Stage::Checking(_) => "Being checked",
        Stage::Checked(_) => "Waits to be confirmed",
        Stage::Running(_) => "Being imported",
        Stage::Done(_) => "Imported",
        Stage::Failed(_) => "Failed",
    }
}

/// "Importing: 300 of 1,000 rows".
pub(super) fn progress(progress: &Progress, importing: bool) -> String {
    let (done, total, writing) = progress.now();
    let what = match (importing, writing) {
        (true, true) => "Importing",
        (true, false) => "Checking once more",
        (false, _) => "Checking",
    };
    if total == 0 {
        return format!("{what}: reading the file");
    }
    format!("{what}: {} of {}", number(done), count(signed(total), "row", "rows"))
}

/// Imports under way, as links to their pages.
pub(in super::super) fn open(app: &Naming, upload: &Upload) -> Option<Link> {
    let label = match &upload.state().stage {
        Stage::Running(at) => progress(at, true),
        _ => return None,
    };
    Some(Link::new(format!("{}. {label}", upload.name), super::receive::href(app, upload.id)))
}

/// What the button says; `None` when nothing would change.
pub(super) fn button(app: &Naming, report: &Report) -> Option<String> {
    let touched = report.new + report.changed;
    (touched > 0).then(|| format!("Import {}", people(app, touched)))
}

/// What happens, line by line, before or after.
pub(super) fn happens(app: &Naming, report: &Report, free: Option<i64>, done: bool) -> Vec<String> {
    let be = |number: u64, what: &str| {
        let be = match (done, number) {
            (true, 1) => "was",
            (true, _) => "were",
            (false, 1) => "is",
            (false, _) => "are",
        };
        format!("{be} {what}")
    };
    let mut lines = Vec::new();
    let mut line = |number: u64, text: String| {
        if number > 0 {
            lines.push(text);
        }
    };
    line(report.new, format!("{} {}", people(app, report.new), be(report.new, "added")));
    line(report.changed, format!("{} {}", people(app, report.changed), be(report.changed, "changed")));
    let activated = report.statuses_changed.saturating_sub(report.deactivated);
    line(
        report.deactivated,
        format!("{} of them {}", number(report.deactivated), be(report.deactivated, "deactivated")),
    );
    line(activated, format!("{} of them {}", number(activated), be(activated, "activated")));
    for (made, one, many) in
        [(report.teams_made, "team", "teams"), (report.organizations_made, "organization", "organizations")]
    {
        line(made, format!("{} {}", count(signed(made), one, many), be(made, "made")));
    }
    lines.extend(licenses(report, free, done));
    if lines.is_empty() {
        lines.push(if done { "Nothing was changed" } else { "Nothing changes" }.to_owned());
    }
    lines
}

fn licenses(report: &Report, free: Option<i64>, done: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let taken = report.licenses_taken;
    if taken > 0 {
        let licenses = count(taken, "license", "licenses");
        lines.push(match free {
            Some(free) if !done => {
                let is = if taken == 1 { "is" } else { "are" };
                format!("{licenses} {is} needed, {} free", number(free.max(0).unsigned_abs()))
            }
            _ => format!("{licenses} taken"),
        });
    }
    if taken < 0 {
        lines.push(format!("{} free again", count(-taken, "license", "licenses")));
    }
    if report.licenses_added > 0 {
        lines.push(format!("{} added", count(report.licenses_added, "license", "licenses")));
    }
    lines
}

/// What stays although the file names it, line by line.
pub(super) fn stays(app: &Naming, report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if report.unchanged > 0 {
        let stay = if report.unchanged == 1 { "stays as it is" } else { "stay as they are" };
        lines.push(format!("{} {stay}", people(app, report.unchanged)));
    }
    for (kept, one, many) in [
        (
            report.statuses_kept,
            "keeps another status than the file says",
            "keep another status than the file says",
        ),
        (report.roles_kept, "keeps another role than the file says", "keep another role than the file says"),
        (report.held_back, "is deactivated, and gets nothing new", "are deactivated, and get nothing new"),
    ] {
        if kept > 0 {
            lines.push(format!("{} {}", number(kept), if kept == 1 { one } else { many }));
        }
    }
    lines
}

/// How many licenses are missing.
pub(super) fn missing(report: &Report) -> String {
    let licenses = count(report.licenses_missing, "more license", "more licenses");
    format!("It needs {licenses} than are free.")
}
