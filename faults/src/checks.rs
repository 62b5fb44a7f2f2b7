//! What is looked at when everything stands still: the invariants that no single client can see.

use std::{borrow::Cow, collections::HashSet, sync::Arc, time::Duration};

use rig::{
    clock::Stopwatch,
    failure::{During as _, Result},
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{chance::Chance, client::Client, trial::Trial};

/// Between two looks at what has been delivered, and how long they go on at most.
const LOOK: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_mins(15);

/// Somebody who looks, beside the clients.
pub(crate) struct Checks {
    trial: Arc<Trial>,
    chance: Chance,
    /// What the neighbour's workspace looked like at first.
    neighbour: Option<Value>,
}

impl Checks {
    /// Begins before the first fault.
    pub(crate) async fn begin(trial: Arc<Trial>, seed: u64) -> Result<Self> {
        let mut checks = Self { trial, chance: Chance::new(seed, 0xc4ec), neighbour: None };
        checks.neighbour = Some(checks.look_next_door().await?);
        Ok(checks)
    }

    /// Everything, after a fault. The caller holds the gate.
    pub(crate) async fn all(&mut self, clients: &[Arc<Mutex<Client>>], during: &str) -> Result<()> {
        for client in clients {
            client.lock().await.check(during).await?;
        }
        self.licenses(during).await?;
        self.next_door(during).await?;
        self.overtaking(during);
        self.examine(during).await
    }

    /// So far nothing has overtaken what the receiver refused and has to come again (8).
    fn overtaking(&self, during: &str) {
        let overtook = self.trial.hooks.overtook();
        self.trial.journal.check(
            8,
            overtook.is_empty(),
            || format!("deliveries about the same person or thing, until {during}"),
            || "none before one that was refused has come again".into(),
            || format!("{overtook:?}"),
        );
    }

    /// Licenses used are those who hold one, and no more than owned; one owner, active (2 and 3).
    async fn licenses(&mut self, during: &str) -> Result<()> {
        let trial = self.trial.clone();
        let users = trial.people(&trial.alpha, "users", &mut self.chance).await?;
        let answer = trial.read(&trial.alpha, "/api/v1/licenses", &mut self.chance).await?;
        let licenses: Value = answer.json().during(answer.status)?;
        let count = |holds: &dyn Fn(&Value) -> bool| users.iter().filter(|user| holds(user)).count();
        let holders = count(&|user| user["account"]["holds_license"] == true);
        // An invitation is good for a week, and no clock of a trial goes wrong by more than hours: none has expired.
        let there = count(&|user| matches!(user["status"].as_str(), Some("active" | "invited")));
        let (owned, used) =
            (licenses["owned"].as_u64().unwrap_or(0), licenses["used"].as_u64().unwrap_or(u64::MAX));
        let fits = used <= owned && used == holders as u64 && holders == there;
        trial.journal.check(
            2,
            fits,
            || format!("the check after {during}"),
            || "as many licenses used as users are invited or active, and no more than owned".into(),
            || format!("{licenses}, {holders} who hold one, {there} invited or active"),
        );
        let owners: Vec<&Value> = users.iter().filter(|user| user["role"] == "owner").collect();
        trial.journal.check(
            3,
            owners.len() == 1 && owners.iter().all(|owner| owner["status"] == "active"),
            || format!("the check after {during}"),
            || "one owner, active".into(),
            || format!("{owners:?}"),
        );
        Ok(())
    }

    /// The neighbour's people, items and counts.
    async fn look_next_door(&mut self) -> Result<Value> {
        let trial = self.trial.clone();
        let users = trial.people(&trial.beta, "users", &mut self.chance).await?;
        let customers = trial.people(&trial.beta, "customers", &mut self.chance).await?;
        let mut seen = json!({ "users": users, "customers": customers });
        for path in ["items", "licenses", "teams", "audit"] {
            let answer = trial.read(&trial.beta, &format!("/api/v1/{path}"), &mut self.chance).await?;
            seen[path] = answer.json()?;
        }
        Ok(seen)
    }

    /// Nothing happens next door, and nobody sees over the fence (7).
    async fn next_door(&mut self, during: &str) -> Result<()> {
        let trial = self.trial.clone();
        let now = self.look_next_door().await?;
        let before = self.neighbour.clone().unwrap_or_default();
        trial.journal.check(
            7,
            now == before,
            || format!("the check after {during}"),
            || format!("the neighbour as before: {before}"),
            || now.to_string(),
        );
        let mut over = trial.beta.clone();
        over.host.clone_from(&trial.alpha.host);
        let answer = trial.read(&over, "/api/v1/me", &mut self.chance).await?;
        let refused = answer.status.as_u16() == 401;
        let shared = trial.shared.first().ok_or("nobody is shared")?;
        let other = trial.read(&trial.beta, &format!("/api/v1/users/{shared}"), &mut self.chance).await?;
        trial.journal.check(
            7,
            refused && other.status.as_u16() == 404,
            || format!("the check after {during}"),
            || {
                "another workspace's token is unknown (401), and so is another workspace's person (404)"
                    .into()
            },
            || format!("{} and {}", answer.status, other.status),
        );
        Ok(())
    }

    /// The program's own checks, beside the server.
    async fn examine(&self, during: &str) -> Result<()> {
        let alpha = self.trial.alpha.name.clone();
        for args in [vec!["doctor"], vec!["audit", "verify", "--workspace", &alpha]] {
            let (code, said, complaint) = self.trial.desk.ran(&args).await?;
            self.trial.journal.check(
                4,
                code == Some(0),
                || format!("tenure {} after {during}", args.join(" ")),
                || "it ends with 0".into(),
                || format!("{code:?}: {}{}", problems(&said), complaint.trim()),
            );
        }
        Ok(())
    }

    /// At the end, with a server up and nothing broken: every event has arrived (8), or does as long as no more than
    /// `patience` goes by without any that does. What waited for a clock that was ahead goes one after the other.
    pub(crate) async fn deliveries(&mut self, patience: Duration) -> Result<()> {
        let trial = self.trial.clone();
        trial.hooks.take_all();
        let mut pending = Value::Null;
        let (mut attempts, whole) = (0, Stopwatch::start());
        let mut watch = Stopwatch::start();
        while watch.elapsed() < patience && whole.elapsed() < LONGEST {
            let (now, _) = trial.hooks.counts();
            if now > attempts {
                (attempts, watch) = (now, Stopwatch::start());
            }
            let hooks: Value =
                trial.read(&trial.alpha, "/api/v1/webhooks", &mut self.chance).await?.json()?;
            let hook = &hooks["webhooks"][0];
            pending = hook["pending"].clone();
            trial.journal.check(
                8,
                hook["on"] == true && hook["dead"] == 0,
                || "the webhook".into(),
                || "it is on, and nothing was given up".into(),
                || hook.to_string(),
            );
            if pending == 0 && self.missing().is_empty() && trial.hooks.not_again().is_empty() {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        let missing = self.missing();
        for (subject, types) in &missing {
            let came = trial.hooks.about(subject);
            trial.journal.check(
                8,
                false,
                || format!("deliveries about {subject}, with {pending} pending"),
                || format!("{types:?}, in this order"),
                || format!("{came:?}"),
            );
        }
        for (subject, _) in trial.all_due().iter().filter(|(subject, _)| !missing.contains_key(*subject)) {
            trial.journal.check(8, true, || subject.clone(), String::new, String::new);
        }
        let again = trial.hooks.not_again();
        trial.journal.check(
            8,
            again.is_empty(),
            || format!("deliveries that the receiver refused, with {pending} pending"),
            || "each comes again".into(),
            || format!("not again: {again:?}"),
        );
        self.overtaking("the last delivery");
        let changed = trial.hooks.changed();
        trial.journal.check(
            8,
            changed.is_empty(),
            || "repeats of deliveries".into(),
            || "the same bytes".into(),
            || format!("others of {changed:?}"),
        );
        Ok(())
    }

    fn missing(&self) -> std::collections::BTreeMap<String, Vec<&'static str>> {
        let mut due = self.trial.all_due();
        due.retain(|subject, types| !self.trial.hooks.arrived(subject, types));
        due
    }

    /// At the end, with a server up: no search finds whoever was deleted (6).
    pub(crate) async fn searches(&mut self) -> Result<()> {
        let trial = self.trial.clone();
        // The newest, since each costs a request.
        for words in trial.gone().iter().rev().take(40) {
            let word = word(words).unwrap_or(words).to_owned();
            let path = format!("/api/v1/search?q={word}");
            let answer = trial.read(&trial.alpha, &path, &mut self.chance).await?;
            let found: Value = answer.json()?;
            let none = |kind: &str| found[kind]["people"].as_array().is_some_and(Vec::is_empty);
            trial.journal.check(
                6,
                none("users") && none("customers"),
                || format!("a search for {word}, who was deleted"),
                || "nobody".into(),
                || answer.text(),
            );
        }
        Ok(())
    }

    /// At the end, with no server up: no row and no other file holds the name or address of whoever was deleted (6).
    /// Of the embedded database a backup is looked at: where SQLite has split a page, about one deleted row in a thousand
    /// stays in a part of its file that nothing reads.
    pub(crate) async fn remains(&self, dump: &[u8]) -> Result<()> {
        let mut files: Vec<(String, Cow<'_, [u8]>)> = vec![
            ("the dump of the database".into(), dump.into()),
            ("the bytes that the dump of the database shows as digits".into(), shown(dump).into()),
        ];
        for folder in [&self.trial.desk.logs, &self.trial.desk.data] {
            let mut entries = tokio::fs::read_dir(folder).await.during(folder.display())?;
            while let Some(entry) = entries.next_entry().await? {
                if entry.file_type().await?.is_file() && entry.file_name() != "tenure.db" {
                    let name = entry.path().display().to_string();
                    files.push((name, tokio::fs::read(entry.path()).await?.into()));
                }
            }
        }
        let gone = self.trial.gone();
        let words: HashSet<&[u8]> = gone.iter().filter_map(|text| word(text)).map(str::as_bytes).collect();
        for (name, bytes) in &files {
            let found = held(bytes, &words);
            self.trial.journal.check(
                6,
                found.is_empty(),
                || format!("what is left in {name}"),
                || format!("none of {} names and addresses of deleted people", gone.len()),
                || format!("{found:?}"),
            );
        }
        Ok(())
    }
}

/// How long the word is by which a name or an address is told from all others.
const WORD: usize = 12;

/// That word of a name or an address.
fn word(text: &str) -> Option<&str> {
    text.split(['@', ' ']).find(|part| part.len() == WORD)
}

/// What a dump of PostgreSQL writes as `\\x` and hexadecimal digits: kept answers, for example.
fn shown(dump: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = dump;
    while let Some(at) = rest.windows(2).position(|two| two == b"\\x") {
        rest = &rest[at + 2..];
        let length = rest.iter().take_while(|digit| digit.is_ascii_hexdigit()).count();
        let (digits, after) = rest.split_at(length);
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        bytes.extend(digits.chunks_exact(2).filter_map(|two| Some(value(two[0])? * 16 + value(two[1])?)));
        bytes.push(b' ');
        rest = after;
    }
    bytes
}

/// Which of these words bytes hold. There are many of both, so each place is looked at once.
fn held(bytes: &[u8], words: &HashSet<&[u8]>) -> Vec<String> {
    let runs = bytes.split(|byte| !byte.is_ascii_lowercase()).filter(|run| run.len() >= WORD);
    let found = runs.flat_map(|run| run.windows(WORD)).filter(|window| words.contains(window));
    found.map(|window| String::from_utf8_lossy(window).into_owned()).collect()
}

/// The findings of `doctor` that are not fine, or what else a command said.
fn problems(said: &str) -> String {
    let answer: Value = serde_json::from_str(said).unwrap_or_default();
    match answer["findings"].as_array() {
        Some(findings) => {
            let bad = findings.iter().filter(|finding| finding["grade"] == "problem");
            let words: Vec<String> =
                bad.map(|finding| format!("{}: {}", finding["check"], finding["detail"])).collect();
            words.join("; ")
        }
        None => said.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_wherever_they_lie() {
        let words = HashSet::from([b"bcdfghjklmnp".as_slice()]);
        for text in ["bcdfghjklmnp", "xbcdfghjklmnpx", "Ada bcdfghjklmnp\0", "bcdfghjklmnp@client1.example"] {
            assert_eq!(held(text.as_bytes(), &words), ["bcdfghjklmnp"], "{text}");
        }
        assert!(held(b"bcdfghjklmn p", &words).is_empty() && held(b"", &words).is_empty());
        let dump = br"1 \\x416461206263646667686a6b6c6d6e70 2 \\x62 636466";
        assert!(held(dump, &words).is_empty());
        assert_eq!(held(&shown(dump), &words), ["bcdfghjklmnp"]);
        assert_eq!(word("Ada bcdfghjklmnp"), Some("bcdfghjklmnp"));
        assert_eq!(word("bcdfghjklmnp@client1.example"), Some("bcdfghjklmnp"));
    }
}
