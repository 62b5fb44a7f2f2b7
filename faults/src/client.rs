//! One client of the fleet: it does one thing after the other with people and items of its own, so that what they must look
//! like is known exactly, up to the one thing whose answer is not.

use std::{collections::BTreeSet, sync::Arc};

use hyper::Method;
use rig::{failure::Result, http::Answer};
use serde_json::Value;

use crate::{
    chance::Chance,
    follow::Stream,
    model::{Item, ItemView, Kind, Person, View},
    trial::Trial,
    wire::{Call, Heard},
};

/// How often a request with a key is sent again while it is said to be under way.
const REPEATS: usize = 5;

/// See the module.
pub(crate) struct Client {
    /// Its number.
    pub(crate) number: usize,
    /// Its choices.
    pub(crate) chance: Chance,
    /// What it shares with the others.
    pub(crate) trial: Arc<Trial>,
    /// Its people.
    pub(crate) people: Vec<Person>,
    /// Its items.
    pub(crate) items: Vec<Item>,
    /// Teams of which it alone changes who is in them.
    pub(crate) teams: Vec<String>,
    /// The event stream that it holds open, and of whom.
    pub(crate) stream: Option<(usize, Stream)>,
    keys: u64,
}

/// How an operation ended.
#[derive(Debug)]
pub(crate) enum Turn {
    /// It is done; with the answer, where one came.
    Done(Option<Answer>),
    /// It is not.
    Not,
}

/// What is about to be done to a person.
pub(crate) struct Deed {
    /// Its name in the report.
    pub(crate) name: &'static str,
    /// The request.
    pub(crate) call: Call,
    /// What the person then looks like.
    pub(crate) after: Option<View>,
    /// The problems by which it may be refused.
    pub(crate) refusals: &'static [&'static str],
}

impl Client {
    /// A client with so many users and customers, none of whom is there yet.
    pub(crate) fn new(number: usize, seed: u64, trial: Arc<Trial>, users: usize, customers: usize) -> Self {
        let kinds = [vec![Kind::User; users], vec![Kind::Customer; customers]].concat();
        Self {
            number,
            chance: Chance::new(seed, 1 + u64::try_from(number).unwrap_or(0)),
            trial,
            people: kinds.into_iter().map(Person::nobody).collect(),
            items: Vec::new(),
            teams: Vec::new(),
            stream: None,
            keys: 0,
        }
    }

    /// A request of the owner.
    pub(crate) fn call(&self, method: Method, path: impl Into<String>) -> Call {
        Call::new(method, &self.trial.alpha.host, path, &self.trial.alpha.owner)
    }

    /// With a key of its own, by chance.
    fn keyed(&mut self, call: Call) -> Call {
        if call.method != Method::POST || !call.path.starts_with("/api/") || self.chance.one_in(2) {
            return call;
        }
        self.keys += 1;
        call.key(format!("client-{}-{}", self.number, self.keys))
    }

    /// Sends what changes something.
    pub(crate) async fn send(&mut self, name: &'static str, call: Call) -> Result<(Call, Heard)> {
        let call = self.keyed(call);
        let heard = self.trial.net.send(&call, self.chance.next()).await?;
        self.trial.journal.operation(self.number, name, &call.to_string(), &heard);
        if let Heard::Done(answer) = &heard {
            // What failed before and was written all the same would have to lie where this was written.
            for person in &mut self.people {
                person.other = None;
            }
            for item in &mut self.items {
                item.other = None;
            }
            if call.has_key() && self.chance.one_in(4) {
                self.repeat(name, &call, answer).await?;
            }
        }
        Ok((call, heard))
    }

    /// Sends what was answered again: the answer must be the same.
    async fn repeat(&mut self, name: &'static str, call: &Call, first: &Answer) -> Result<()> {
        let answer = self.trial.net.read(call, self.chance.next()).await?;
        self.trial.journal.repeat();
        let fine = if answer.status.is_success() {
            let replayed = answer.headers.get("idempotency-replayed").is_some();
            replayed && answer.status == first.status && but_secrets(first) == but_secrets(&answer)
        } else {
            // Texts of answers are forgotten when somebody is deleted, and a full disk keeps none: then the key is taken until
            // the longest request has had its time. Neither does anything again.
            matches!(
                answer.problem().as_str(),
                "/problems/idempotency-answer-lost" | "/problems/idempotency-in-progress"
            )
        };
        self.trial.journal.check(
            4,
            fine,
            || format!("{name}, sent again with its key"),
            || first.text(),
            || format!("{} {}", answer.status, answer.text()),
        );
        Ok(())
    }

    /// Where a request has a key and its answer is not known, sends it again; answers what is known then.
    async fn once_more(&mut self, call: &Call, heard: Heard) -> Result<Heard> {
        if !call.has_key() || !matches!(heard, Heard::Unknown(_)) {
            return Ok(heard);
        }
        for _ in 0..REPEATS {
            let answer = self.trial.net.read(call, self.chance.next()).await?;
            self.trial.journal.repeat();
            if answer.status.is_success() {
                return Ok(Heard::Done(answer));
            }
            match answer.problem().as_str() {
                "/problems/idempotency-in-progress" => {}
                // Done, says the server, and what it looks like is then read.
                "/problems/idempotency-answer-lost" => return Ok(heard),
                _ => return Ok(Heard::Refused(answer)),
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Ok(heard)
    }

    /// Does something to a person of its own, and holds what came of it to the model.
    pub(crate) async fn change(&mut self, slot: usize, deed: Deed) -> Result<Turn> {
        let Deed { name, call, after, refusals } = deed;
        let (call, heard) = self.send(name, call).await?;
        let known = matches!(heard, Heard::Done(_) | Heard::Refused(_));
        let person = &mut self.people[slot];
        if profile(person.view.as_ref()) != profile(after.as_ref()) {
            person.before = None;
        }
        match self.once_more(&call, heard).await? {
            Heard::Done(answer) => {
                self.people[slot].view = after;
                Ok(Turn::Done(Some(answer)))
            }
            Heard::Refused(answer) => {
                let problem = answer.problem();
                let allowed = refusals.iter().any(|one| problem == format!("/problems/{one}"));
                // What a first request has done, a second may find done.
                if allowed || !known {
                    return if known { Ok(Turn::Not) } else { self.settle(slot, name, after, false).await };
                }
                let person = &self.people[slot];
                self.trial.journal.check(
                    4,
                    false,
                    || format!("{name}: {call}"),
                    || format!("done, to {:?}", person.view),
                    || format!("{} {}", answer.status, answer.text()),
                );
                self.adopt(slot).await?;
                Ok(Turn::Not)
            }
            Heard::Undone(_) => self.settle(slot, name, after, true).await,
            Heard::Unknown(_) => self.settle(slot, name, after, false).await,
        }
    }

    /// Finds out what came of something whose answer is not known: all of it, or nothing; nothing where the server said that
    /// nothing was changed.
    async fn settle(
        &mut self,
        slot: usize,
        name: &'static str,
        after: Option<View>,
        undone: bool,
    ) -> Result<Turn> {
        self.calm().await;
        let found = self.look(slot).await?;
        let before = self.people[slot].view.clone();
        if found == after && !undone {
            // What changes nothing that is looked at here is not known to be done.
            if after != before {
                self.trial.journal.found_done();
            }
            self.people[slot].other = Some(before);
            self.people[slot].view = after;
            return Ok(Turn::Done(None));
        }
        let said = if undone { "the server said that nothing was changed" } else { "the answer was lost" };
        self.trial.journal.check(
            4,
            found == before,
            || format!("{name}, of which {said}"),
            || if undone { format!("{before:?}") } else { format!("{before:?} or {after:?}") },
            || format!("{found:?}"),
        );
        self.people[slot].view = found;
        self.people[slot].other = Some(after);
        Ok(Turn::Not)
    }

    /// Waits until nothing goes on that nobody waits for any more.
    pub(crate) async fn calm(&self) {
        drop(self.trial.storm.read().await);
    }

    /// What the API says of a person of its own.
    pub(crate) async fn look(&mut self, slot: usize) -> Result<Option<View>> {
        Ok(self.look_whole(slot).await?.as_ref().map(View::of))
    }

    /// As [`Client::look`], as the API says it.
    pub(crate) async fn look_whole(&mut self, slot: usize) -> Result<Option<Value>> {
        let trial = self.trial.clone();
        let path = self.people[slot].kind.path();
        if self.people[slot].id.is_none() {
            return Ok(None);
        }
        let id = self.people[slot].id.clone().unwrap_or_default();
        let answer = trial.read(&trial.alpha, &format!("{path}/{id}"), &mut self.chance).await?;
        if answer.status == hyper::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        Ok(Some(answer.json()?))
    }

    /// Somebody of this address, whose id no answer has told.
    pub(crate) async fn find(&mut self, kind: Kind, email: &str) -> Result<Option<String>> {
        let trial = self.trial.clone();
        let query: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
        let path = format!("{}?view=all&q={query}", kind.path());
        let page = trial.read(&trial.alpha, &path, &mut self.chance).await?.json()?;
        let list = page[kind.path().trim_start_matches("/api/v1/")].as_array().cloned().unwrap_or_default();
        let found = list.iter().find(|one| one["email"] == email).and_then(|one| one["id"].as_str());
        Ok(found.map(str::to_owned))
    }

    /// Goes on from what is there.
    async fn adopt(&mut self, slot: usize) -> Result<()> {
        self.people[slot].view = self.look(slot).await?;
        self.people[slot].other = None;
        Ok(())
    }

    /// The ids of its people who are there.
    pub(crate) fn own(&self) -> BTreeSet<String> {
        self.people
            .iter()
            .filter(|person| person.view.is_some())
            .filter_map(|person| person.id.clone())
            .collect()
    }

    /// What the API says of an item of its own.
    pub(crate) async fn look_at(&mut self, number: u64) -> Result<ItemView> {
        let trial = self.trial.clone();
        let item = trial.read(&trial.alpha, &format!("/api/v1/items/{number}"), &mut self.chance).await?;
        let path = format!("/api/v1/items/{number}/messages?limit=100");
        let said = trial.read(&trial.alpha, &path, &mut self.chance).await?;
        if !item.status.is_success() || !said.status.is_success() {
            return Ok(ItemView::default());
        }
        let said = said.json()?;
        let messages = said["messages"].as_array().ok_or("no messages")?.iter();
        let bodies = messages.map(|one| one["body"].as_str().unwrap_or_default().to_owned()).collect();
        Ok(ItemView::of(&item.json()?, bodies).among(&self.own()))
    }

    /// Holds everything of its own to the model.
    pub(crate) async fn check(&mut self, during: &str) -> Result<()> {
        for slot in 0..self.people.len() {
            let found = self.look(slot).await?;
            let person = &mut self.people[slot];
            if person.other.as_ref().is_some_and(|other| *other == found) && found != person.view {
                self.came_to_light(slot, found);
                continue;
            }
            person.other = None;
            let expected = person.view.clone();
            let fine = self.trial.journal.check(
                4,
                found == expected,
                || format!("the check after {during}, of {:?}", person.id),
                || format!("{expected:?}"),
                || format!("{found:?}"),
            );
            if !fine {
                self.people[slot].view = found;
            }
            self.knock(slot, during).await?;
        }
        for at in 0..self.items.len() {
            let found = self.look_at(self.items[at].number).await?;
            let own = self.own();
            let item = &mut self.items[at];
            let expected = item.view.clone().among(&own);
            let other = item.other.take().map(|other| other.among(&own));
            let number = item.number;
            self.trial.journal.check(
                4,
                found == expected || other.as_ref() == Some(&found),
                || format!("the check after {during}, of item {number}"),
                || format!("{expected:?}"),
                || format!("{found:?}"),
            );
            item.view = found;
        }
        Ok(())
    }

    /// A write that had failed is there after all, whole.
    fn came_to_light(&mut self, slot: usize, found: Option<View>) {
        self.trial
            .journal
            .note("a write that had failed, or was there without an answer, changed sides at a restart");
        let person = &mut self.people[slot];
        let (before, after) =
            (person.status().to_owned(), found.as_ref().map_or("", |view| view.status.as_str()));
        if after == "deactivated" || found.is_none() {
            person.lock_out();
        } else if before == "deactivated" {
            // Which way its tokens went, nobody has said.
            person.credentials.retain(|credential| credential.token.is_none());
        }
        person.view = found;
        person.other = None;
        person.before = None;
    }
}

/// What a deactivation leaves as it is.
fn profile(view: Option<&View>) -> Option<(&String, &String, &BTreeSet<String>)> {
    view.map(|view| (&view.name, &view.role, &view.teams))
}

/// The body of an answer without what is shown once.
fn but_secrets(answer: &Answer) -> Value {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    for field in ["link", "secret"] {
        if body.get(field).is_some() {
            body[field] = Value::Null;
        }
    }
    body
}
