//! `tenure doctor`.

use clap::Args;
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::json;

use super::{Global, answer::Answer, audit::describe, failure::Failure, place::Place, table::table};
use crate::{
    error::Result,
    ops::{audit, invariants::check_invariants},
    seal::AuditKey,
    store::{Engine, Rx, listing, workspaces::Workspace},
};

/// Look for anything wrong with the database, the audit log and the machine. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenure doctor
  tenure doctor --data /var/lib/tenure --json

It ends with 6 when it finds a problem; warnings alone end with 0.")]
pub(super) struct Doctor {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Grade {
    Fine,
    Warning,
    Problem,
}

/// What one look brought.
#[derive(Debug, Serialize)]
struct Finding {
    check: String,
    grade: Grade,
    detail: String,
}

/// How far the clocks of server and database may be apart.
const CLOCKS_APART: SignedDuration = SignedDuration::from_secs(5);

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, check: impl Into<String>, grade: Grade, detail: impl Into<String>) {
        self.0.push(Finding { check: check.into(), grade, detail: detail.into() });
    }

    /// A look that did not come to an end is a problem itself; the others go on.
    fn take<T>(&mut self, check: &str, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(crate::Error::Store(error)) => {
                self.add(check, Grade::Problem, error.to_string());
                None
            }
            Err(crate::Error::Internal(why)) => {
                self.add(check, Grade::Problem, why);
                None
            }
            Err(error) => {
                self.add(check, Grade::Problem, error.to_string());
                None
            }
        }
    }
}

impl Doctor {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let mut findings = Findings(Vec::new());
        findings.add(
            "database",
            Grade::Fine,
            format!("{} answers, with the schema of this program", place.store.engine()),
        );
        integrity(&place, &mut findings).await;
        machine(&place, &mut findings).await;
        let key = key(&place, &mut findings);
        for workspace in place.all().await? {
            look_at(&place, &workspace, key.as_ref(), &mut findings).await;
        }
        place.close().await;
        Ok(answer(&findings.0))
    }
}

fn answer(findings: &[Finding]) -> Answer {
    let rows: Vec<Vec<String>> = findings
        .iter()
        .map(|finding| {
            let grade = match finding.grade {
                Grade::Fine => "fine",
                Grade::Warning => "WARNING",
                Grade::Problem => "PROBLEM",
            };
            vec![grade.to_owned(), finding.check.clone(), finding.detail.clone()]
        })
        .collect();
    let worst = |grade| findings.iter().any(|finding| finding.grade == grade);
    let healthy = !worst(Grade::Problem);
    let last = match (healthy, worst(Grade::Warning)) {
        (true, false) => "Everything is fine.",
        (true, true) => "No problem; look at the warnings.",
        (false, _) => "There is a problem.",
    };
    let text = format!("{}\n\n{last}", table(&["", "CHECK", "FOUND"], &rows));
    let answer = Answer::new(text, json!({ "healthy": healthy, "findings": findings }));
    if healthy { answer } else { answer.found() }
}

async fn integrity(place: &Place, findings: &mut Findings) {
    let Some(damage) = findings.take("integrity", place.store.integrity().await) else { return };
    if damage.is_empty() {
        findings.add("integrity", Grade::Fine, "no damage");
    }
    for words in damage {
        findings.add("integrity", Grade::Problem, words);
    }
}

async fn machine(place: &Place, findings: &mut Findings) {
    let reader = place.store.reader().await;
    let Some(mut rx) = findings.take("machine", reader) else { return };
    let clock = listing::clock(&mut rx).await;
    if let Some(theirs) = findings.take("clock", clock) {
        let apart = place.sys.now().duration_since(theirs).abs();
        if apart > CLOCKS_APART {
            let detail = format!("this machine and the database disagree by {apart:#}; set both by NTP");
            findings.add("clock", Grade::Problem, detail);
        } else {
            findings.add("clock", Grade::Fine, "this machine and the database agree");
        }
    }
    if place.store.engine() == Engine::Postgres {
        let settings = durability(&mut rx).await;
        if let Some((grade, detail)) = findings.take("durability", settings) {
            findings.add("durability", grade, detail);
        }
    }
    let public = &place.config.server.public_url;
    if !public.is_https() && !public.is_loopback() {
        findings.add(
            "public_url",
            Grade::Warning,
            "passwords cross the network readable: put TLS before the server",
        );
    }
}

/// Whether what was answered survives a power cut, and the loss of a server.
async fn durability(rx: &mut Rx) -> Result<(Grade, String)> {
    let commit = listing::setting(rx, "synchronous_commit").await?;
    let fsync = listing::setting(rx, "fsync").await?;
    let standbys = listing::setting(rx, "synchronous_standby_names").await?;
    if fsync == "off" {
        return Ok((
            Grade::Warning,
            "fsync is off: a power cut loses answered changes, and the database".into(),
        ));
    }
    if commit == "off" {
        return Ok((Grade::Warning, "synchronous_commit is off: a crash loses answered changes".into()));
    }
    if standbys.is_empty() || commit == "local" {
        let detail = "no synchronous standby: the loss of the database server loses the latest changes";
        return Ok((Grade::Warning, detail.into()));
    }
    Ok((Grade::Fine, format!("synchronous_commit is {commit}, with {standbys}")))
}

fn key(place: &Place, findings: &mut Findings) -> Option<AuditKey> {
    match place.key_there() {
        Ok(loaded) => {
            match loaded.warning {
                Some(warning) => findings.add("audit key", Grade::Warning, warning),
                None => {
                    findings.add("audit key", Grade::Fine, format!("there, its id is {}", loaded.key.id()));
                }
            }
            Some(loaded.key)
        }
        Err(error) => {
            findings.add("audit key", Grade::Problem, error.to_string());
            None
        }
    }
}

async fn look_at(place: &Place, workspace: &Workspace, key: Option<&AuditKey>, findings: &mut Findings) {
    let named = |check: &str| format!("{check} of {}", workspace.name);
    if let Some(key) = key {
        let looked = chain(place, workspace, key).await;
        if let Some((whole, text)) = findings.take(&named("audit log"), looked) {
            let grade = if whole { Grade::Fine } else { Grade::Problem };
            findings.add(named("audit log"), grade, text);
        }
    }
    let broken = check_invariants(&place.store, workspace.id).await;
    if let Some(broken) = findings.take(&named("invariants"), broken) {
        if broken.is_empty() {
            findings.add(
                named("invariants"),
                Grade::Fine,
                "licenses, counters, ledger, teams and owner add up",
            );
        }
        for words in broken {
            findings.add(named("invariants"), Grade::Problem, words);
        }
    }
    let newest = newest_entry_ahead(place, workspace).await;
    if let Some(Some(ahead)) = findings.take(&named("time"), newest) {
        let detail = format!("the newest audit entry is {ahead:#} in the future: the clock was set back");
        findings.add(named("time"), Grade::Warning, detail);
    }
}

async fn chain(place: &Place, workspace: &Workspace, key: &AuditKey) -> Result<(bool, String)> {
    let mut rx = place.store.reader().await?;
    let verdict = audit::verify(&mut rx, workspace.id, key, Vec::new()).await?;
    let waiting = listing::count_unsealed(&mut rx, workspace.id).await?;
    let (whole, text) = describe(&verdict, waiting);
    if !whole && !audit::key_fits(&mut rx, workspace.id, key).await? {
        return Ok((
            false,
            "the audit key is not the one that seals this log, or its first entry was changed".into(),
        ));
    }
    Ok((whole, text))
}

async fn newest_entry_ahead(place: &Place, workspace: &Workspace) -> Result<Option<SignedDuration>> {
    let newest = listing::audit_latest(&mut place.store.reader().await?, workspace.id, 1).await?;
    let ahead = newest.first().map(|entry| entry.at.duration_since(place.sys.now()));
    Ok(ahead.filter(|ahead| *ahead > CLOCKS_APART))
}
