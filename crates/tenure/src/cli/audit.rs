//! `tenure audit`.

use std::collections::{HashMap, hash_map::Entry};

use clap::{Args, Subcommand};
use domain::{
    audit::Action,
    id::{PersonId, TokenId, WorkspaceId},
    person::Kind,
};
use serde_json::{Value, json};

use super::{
    Global,
    answer::Answer,
    failure::Failure,
    place::Place,
    table::{count, moment, table},
};
use crate::{
    ops::{audit, deletion::called},
    seal::{Checkpoint, NotACheckpoint, Verdict},
    store::{self, audit::Entry as Line, deleted_people, listing, people, tokens, workspaces::Workspace},
};

/// Read and verify the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// List the latest entries, the newest first.
    #[command(after_help = "Examples:
  tenure audit list --limit 20
  tenure audit list --user ada@acme.example
  tenure audit list --action person.deactivated --json")]
    List(List),
    /// Verify that no sealed entry was changed, removed or put in between.
    #[command(after_help = "Examples:
  tenure audit verify
  tenure audit verify --checkpoints /media/safe/tenure-checkpoints")]
    Verify {
        /// A file with a checkpoint on each line, kept away from the server. Only this shows an end
        /// that was copied from the database earlier and put back, or a log sealed anew.
        #[arg(long, value_name = "FILE")]
        checkpoints: Option<std::path::PathBuf>,
    },
    /// Print how far the log is: keep the line away from the server.
    #[command(after_help = "Example:\n  tenure audit checkpoint >> /media/safe/tenure-checkpoints")]
    Checkpoint,
}

/// Which entries.
#[derive(Debug, Args)]
pub(super) struct List {
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
    /// Only what concerns this user, by email address or id.
    #[arg(long, value_name = "USER", conflicts_with = "action")]
    user: Option<String>,
    /// Only this action, such as person.deactivated.
    #[arg(long, value_name = "WORD")]
    action: Option<String>,
}

impl AuditCommand {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let workspace = place.workspace().await?;
        let answer = match self {
            Self::List(list) => list.run(&place, &workspace).await,
            Self::Verify { checkpoints } => verify(&place, &workspace, checkpoints.as_deref()).await,
            Self::Checkpoint => checkpoint(&place, &workspace).await,
        };
        place.close().await;
        answer
    }
}

impl List {
    async fn run(self, place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
        let ws = workspace.id;
        // A deleted person is named by id only.
        let user = match &self.user {
            Some(named) => Some(match named.parse::<PersonId>() {
                Ok(id) => id,
                Err(_) => place.user(ws, named).await?.person.id,
            }),
            None => None,
        };
        let action = self.action.as_deref().map(action).transpose()?;
        let mut rx = place.store.reader().await?;
        let entries = match (user, action) {
            (Some(user), _) => store::audit::of_person(&mut rx, ws, user, self.limit).await?,
            (None, Some(action)) => listing::audit_of_action(&mut rx, ws, action, self.limit).await?,
            (None, None) => listing::audit_latest(&mut rx, ws, self.limit).await?,
        };
        let mut names: HashMap<PersonId, String> = HashMap::new();
        for id in entries.iter().flat_map(|entry| [entry.actor_id, entry.person]).flatten() {
            if let Entry::Vacant(place) = names.entry(id) {
                let row = people::load(&mut rx, ws, id).await?;
                place.insert(match row {
                    Some(row) => row.person.email,
                    None => called(deleted_people::kind(&mut rx, ws, id).await?.unwrap_or(Kind::User)).into(),
                });
            }
        }
        let acted: Vec<_> = entries.iter().filter_map(|entry| entry.actor_label.parse().ok()).collect();
        let tokens = tokens::names(&mut rx, ws, &acted).await?;
        Ok(answer(&entries, (&names, &tokens), workspace))
    }
}

fn action(word: &str) -> Result<Action, Failure> {
    Action::parse(word).ok_or_else(|| {
        let all = Action::ALL.iter().map(|action| action.word()).collect::<Vec<_>>().join(", ");
        Failure::usage(format!("{word} is not an action")).hint(format!("one of: {all}"))
    })
}

fn answer(
    entries: &[Line],
    (names, tokens): (&HashMap<PersonId, String>, &HashMap<TokenId, String>),
    workspace: &Workspace,
) -> Answer {
    let zone = workspace.zone();
    let name = |id: Option<PersonId>| id.and_then(|id| names.get(&id)).cloned();
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let token = entry.actor_label.parse().ok().and_then(|id| tokens.get(&id));
            let token = token.map(|name| format!("API token {name}"));
            let actor = match (name(entry.actor_id), token) {
                (Some(person), Some(token)) => format!("{person} by {token}"),
                (Some(person), None) => person,
                (None, token) => token.unwrap_or_else(|| entry.actor_label.clone()),
            };
            let personal = entry.personal.as_ref().map(|(_, value)| value.clone()).unwrap_or_default();
            vec![
                moment(entry.at, &zone),
                format!("{actor} ({})", entry.door),
                entry.action.clone(),
                name(entry.person).unwrap_or_default(),
                personal,
            ]
        })
        .collect();
    let text = table(&["WHEN", "WHO", "ACTION", "WHOM", "DETAILS"], &rows);
    Answer::new(text, json!({ "entries": entries.iter().map(json_of).collect::<Vec<_>>() }))
}

fn json_of(entry: &Line) -> Value {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    json!({
        "id": entry.id,
        "at": entry.at,
        "actor": entry.actor,
        "actor_id": entry.actor_id,
        "actor_label": entry.actor_label,
        "action": entry.action,
        "person": entry.person,
        "subject": entry.subject,
        "before": parsed(&entry.before),
        "after": parsed(&entry.after),
        "personal": entry.personal.as_ref().map(|(_, value)| parsed(value)),
        "erased": entry.personal_hash.is_some() && entry.personal.is_none(),
        "door": entry.door,
        "request": entry.request,
        "seq": entry.seq,
    })
}

/// The checkpoints of a file, as far as they may be of one workspace.
#[derive(Debug, Default, PartialEq, Eq)]
struct Kept {
    /// Those of the workspace, and those of lines that name none.
    of_it: Vec<Checkpoint>,
    /// How many lines are of others.
    of_others: usize,
}

/// Reads checkpoints, one a line; empty lines and `#` lines are passed over. A line begins with the workspace that it
/// is of. The first lines that were ever written name none: they are held against whichever workspace is verified.
fn read_checkpoints(text: &str, workspace: WorkspaceId) -> Result<Kept, (usize, String)> {
    let mut kept = Kept::default();
    for (number, line) in text.lines().enumerate().map(|(number, line)| (number + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |error: &dyn std::fmt::Display| (number, error.to_string());
        let (of, head) = match line.split_once(char::is_whitespace) {
            Some((of, head)) => {
                let of = of.parse::<WorkspaceId>().map_err(|_| wrong(&"it begins with no workspace's id"))?;
                (Some(of), head)
            }
            None => (None, line),
        };
        let checkpoint = head.parse().map_err(|error: NotACheckpoint| wrong(&error))?;
        if of.is_none_or(|of| of == workspace) {
            kept.of_it.push(checkpoint);
        } else {
            kept.of_others += 1;
        }
    }
    Ok(kept)
}

fn read_file(path: &std::path::Path, workspace: WorkspaceId) -> Result<Kept, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::not_found(format!("cannot read {}: {error}", path.display())))?;
    read_checkpoints(&text, workspace)
        .map_err(|(line, error)| Failure::usage(format!("{}, line {line}: {error}", path.display())))
}

/// How many checkpoints a verification used, in words.
fn used(kept: &Kept) -> String {
    let of_it = i64::try_from(kept.of_it.len()).unwrap_or(i64::MAX);
    let text = match of_it {
        0 => "No checkpoint of this workspace is in the file".to_owned(),
        more => format!("It was held against {} kept outside", count(more, "checkpoint")),
    };
    match kept.of_others {
        0 => format!("{text}."),
        1 => format!("{text}; 1 of another workspace was passed over."),
        others => format!("{text}; {others} of other workspaces were passed over."),
    }
}

async fn verify(
    place: &Place,
    workspace: &Workspace,
    checkpoints: Option<&std::path::Path>,
) -> Result<Answer, Failure> {
    let kept = checkpoints.map(|path| read_file(path, workspace.id)).transpose()?;
    let outside = kept.as_ref().map(|kept| kept.of_it.clone()).unwrap_or_default();
    let key = place.key().await?.key;
    let mut rx = place.store.reader().await?;
    let verdict = audit::verify(&mut rx, workspace.id, &key, outside).await?;
    let waiting = listing::count_unsealed(&mut rx, workspace.id).await?;
    let (whole, mut text) = describe(&verdict, waiting);
    if let Some(kept) = &kept {
        text.push('\n');
        text.push_str(&used(kept));
    } else if whole {
        text.push_str(
            "\nA log put back to an earlier state of its own shows only against a checkpoint that is kept elsewhere: \
             see tenure audit verify --help.",
        );
    }
    let json = json!({ "whole": whole, "verdict": text, "waiting_to_be_sealed": waiting,
        "checkpoints": kept.map(|kept| kept.of_it.len()) });
    let answer = Answer::new(text, json);
    Ok(if whole { answer } else { answer.found() })
}

/// Whether the log is whole, and what was found, in words.
pub(super) fn describe(verdict: &Verdict, waiting: i64) -> (bool, String) {
    let waits = if waiting == 0 { String::new() } else { format!(", {waiting} more wait to be sealed") };
    match verdict {
        Verdict::Verified { entries, erased } => {
            let entries = i64::try_from(*entries).unwrap_or(i64::MAX);
            let entries = if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") };
            let erased = match erased {
                0 => String::new(),
                erased => format!(
                    ", {} erased with their person",
                    count(i64::try_from(*erased).unwrap_or(i64::MAX), "personal value")
                ),
            };
            (true, format!("The audit log is whole: {entries}{erased}{waits}."))
        }
        Verdict::Broken { seq, why } => (false, format!("The audit log is broken at entry {seq}: {why}.")),
        Verdict::Cut { last, expected } => (
            false,
            format!(
                "The audit log was cut: it ends at entry {last}, and a checkpoint has seen entry {expected}."
            ),
        ),
    }
}

async fn checkpoint(place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
    let key = place.key().await?.key;
    if !audit::key_fits(&mut place.store.reader().await?, workspace.id, &key).await? {
        return Err(Failure::failed("the audit key is not the one that seals this workspace's log")
            .hint("--audit-key FILE names the file where the right one is"));
    }
    audit::seal_all(&place.store, workspace.id, &key).await?;
    let head = audit::head(&mut place.store.reader().await?, workspace.id).await?;
    // One file may hold those of several workspaces.
    let line = format!("{} {head}", workspace.id);
    let json =
        json!({ "workspace": workspace.id, "seq": head.seq, "checkpoint": head.to_string(), "line": line });
    Ok(Answer::new(line, json))
}
