//! The work: items and what is said on them.

use hyper::Method;
use rig::failure::Result;
use serde_json::{Value, json};

use crate::{
    client::Client,
    model::{Item, ItemView},
    wire::{Call, Heard},
};

/// A client goes on with so many items.
const ITEMS: usize = 3;
/// Messages on an item before another is begun.
const MESSAGES: usize = 40;

impl Client {
    /// Something with one item.
    pub(super) async fn work(&mut self) -> Result<()> {
        if self.items.len() < ITEMS {
            return self.make_item().await;
        }
        let at = self.chance.below(self.items.len());
        if self.items[at].view.messages.len() >= MESSAGES {
            self.items.swap_remove(at);
            return self.make_item().await;
        }
        match self.chance.below(10) {
            0..=4 => self.say(at).await,
            5 => self.retitle(at).await,
            other => self.part(at, if other < 8 { "assignees" } else { "followers" }).await,
        }
    }

    /// A new item.
    async fn make_item(&mut self) -> Result<()> {
        let title = format!("Errand {}", self.chance.word());
        let kind = if self.chance.one_in(2) { "ticket" } else { "task" };
        let call = self.call(Method::POST, "/api/v1/items").json(json!({ "kind": kind, "title": title }));
        let (call, heard) = self.send("make item", call).await?;
        match heard {
            Heard::Done(answer) => {
                let made: Value = answer.json()?;
                let number = made["number"].as_u64().ok_or("no number")?;
                let id = made["id"].as_str().ok_or("no id")?.to_owned();
                self.trial.due(&id, "item.created");
                let view = ItemView { title, ..ItemView::default() };
                self.items.push(Item { number, id, view, other: None });
            }
            Heard::Refused(answer) => self.must_be_done(false, "make item", &call, &answer),
            Heard::Undone(_) => self.come_upon(&title, true).await?,
            Heard::Unknown(_) => self.come_upon(&title, false).await?,
        }
        Ok(())
    }

    /// Takes an item for its own of which no answer came, if it is there; after a word that nothing was changed it may not be.
    async fn come_upon(&mut self, title: &str, undone: bool) -> Result<()> {
        self.calm().await;
        let trial = self.trial.clone();
        let query: String = form_urlencoded::byte_serialize(title.as_bytes()).collect();
        let page = trial.read(&trial.alpha, &format!("/api/v1/items?q={query}"), &mut self.chance).await?;
        let page = page.json()?;
        let items = page["items"].as_array().ok_or("no items")?;
        let found = items.iter().find(|one| one["title"] == title).cloned();
        trial.journal.check(
            4,
            !(undone && found.is_some()),
            || "make item, of which the server said that nothing was changed".into(),
            || format!("no item {title}"),
            || format!("{found:?}"),
        );
        let Some(found) = found else { return Ok(()) };
        trial.journal.found_done();
        let number = found["number"].as_u64().ok_or("no number")?;
        let id = found["id"].as_str().ok_or("no id")?.to_owned();
        let view = ItemView { title: title.to_owned(), ..ItemView::default() };
        let there = self.look_at(number).await?;
        trial.journal.check(
            4,
            there == view,
            || format!("make item {number}, of which the answer was lost"),
            || format!("{view:?}"),
            || format!("{there:?}"),
        );
        self.items.push(Item { number, id, view: there, other: None });
        Ok(())
    }

    /// A note or a reply.
    async fn say(&mut self, at: usize) -> Result<()> {
        let body = format!("Words {}", self.chance.word());
        let kind = if self.chance.one_in(2) { "note" } else { "reply" };
        let mut after = self.items[at].view.clone();
        after.say(body.clone());
        let path = format!("/api/v1/items/{}/messages", self.items[at].number);
        let call = self.call(Method::POST, path).json(json!({ "kind": kind, "body": body }));
        if self.alter(at, "say", call, after, &[]).await? {
            let id = self.items[at].id.clone();
            self.trial.due(&id, "message.added");
        }
        Ok(())
    }

    /// Another title.
    async fn retitle(&mut self, at: usize) -> Result<()> {
        let mut after = self.items[at].view.clone();
        after.title = format!("Errand {}", self.chance.word());
        let path = format!("/api/v1/items/{}", self.items[at].number);
        let call = self.call(Method::PATCH, path).json(json!({ "title": after.title }));
        self.alter(at, "retitle", call, after, &[]).await.map(drop)
    }

    /// Somebody is given a part in an item, or loses it.
    async fn part(&mut self, at: usize, part: &'static str) -> Result<()> {
        let users = part == "assignees";
        let fits: Vec<usize> = (0..self.people.len())
            .filter(|slot| {
                let person = &self.people[*slot];
                let of_kind = !users || person.kind == crate::model::Kind::User;
                of_kind && person.status() == "active"
            })
            .collect();
        let Some(slot) = self.chance.pick(&fits).copied() else { return Ok(()) };
        let id = self.people[slot].id.clone().unwrap_or_default();
        let mut after = self.items[at].view.clone();
        let parts = if users { &mut after.assignees } else { &mut after.followers };
        let method = if parts.remove(&id) {
            Method::DELETE
        } else {
            parts.insert(id.clone());
            Method::PUT
        };
        let path = format!("/api/v1/items/{}/{part}/{id}", self.items[at].number);
        let name = if users { "assign" } else { "follow" };
        let call = self.call(method, path);
        self.alter(at, name, call, after, &[]).await.map(drop)
    }

    /// Does something to an item of its own; answers whether that was acknowledged.
    async fn alter(
        &mut self,
        at: usize,
        name: &'static str,
        call: Call,
        after: ItemView,
        refusals: &[&str],
    ) -> Result<bool> {
        let (call, heard) = self.send(name, call).await?;
        match &heard {
            Heard::Done(_) => {
                self.items[at].view = after;
                Ok(true)
            }
            Heard::Refused(answer) => {
                let allowed = refusals.iter().any(|one| answer.problem() == format!("/problems/{one}"));
                self.must_be_done(allowed, name, &call, answer);
                Ok(false)
            }
            Heard::Unknown(_) | Heard::Undone(_) => {
                let undone = matches!(heard, Heard::Undone(_));
                self.calm().await;
                let found = self.look_at(self.items[at].number).await?;
                let own = self.own();
                let before = self.items[at].view.clone().among(&own);
                let done = found == after && after != before;
                if done {
                    self.trial.journal.found_done();
                }
                self.trial.journal.check(
                    4,
                    found == before || done && !undone,
                    || format!("{name}, of which the answer was lost, or said that nothing was changed"),
                    || if undone { format!("{before:?}") } else { format!("{before:?} or {after:?}") },
                    || format!("{found:?}"),
                );
                self.items[at].other = Some(if done { before } else { after });
                self.items[at].view = found;
                Ok(false)
            }
        }
    }
}
