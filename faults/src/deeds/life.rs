//! The life of an account, by its administrator.

use hyper::Method;
use rig::failure::Result;
use serde_json::{Value, json};

use crate::{
    client::{Client, Deed, Turn},
    model::{Credential, Kind, State, View},
    trial::{PASSWORD, path_of},
    wire::{Call, Heard, Who, cookie},
};

impl Client {
    /// Somebody new.
    pub(super) async fn invite(&mut self, slot: usize) -> Result<()> {
        let kind = self.people[slot].kind;
        let word = self.chance.word();
        let (name, email) = (format!("Ada {word}"), format!("{word}@client{}.example", self.number));
        let mut body = json!({ "name": name, "email": email });
        if kind == Kind::Customer {
            body["invite"] = json!(true);
        }
        let role = if kind == Kind::User { "member" } else { "" };
        let view = View {
            name,
            email: email.clone(),
            role: role.into(),
            status: "invited".into(),
            reason: None,
            teams: std::collections::BTreeSet::default(),
        };
        let call = self.call(Method::POST, kind.path()).json(body);
        let (call, heard) = self.send("invite", call).await?;
        let undone = matches!(heard, Heard::Undone(_));
        let answer = match heard {
            Heard::Done(answer) => Some(answer),
            Heard::Refused(answer) => {
                let full = answer.problem() == "/problems/licenses-exhausted";
                self.must_be_done(full, "invite", &call, &answer);
                return Ok(());
            }
            Heard::Undone(_) | Heard::Unknown(_) => {
                self.calm().await;
                None
            }
        };
        let made: Value = answer.and_then(|answer| answer.json().ok()).unwrap_or_default();
        let id = match made["id"].as_str() {
            Some(id) => Some(id.to_owned()),
            None => self.find(kind, &email).await?,
        };
        self.trial.journal.check(
            4,
            !undone || id.is_none(),
            || "invite, of which the server said that nothing was changed".into(),
            || format!("nobody of {email}"),
            || format!("{id:?}"),
        );
        let Some(id) = id else { return Ok(()) };
        let person = &mut self.people[slot];
        *person = crate::model::Person::nobody(kind);
        person.id = Some(id);
        person.link = made["link"].as_str().map(path_of);
        person.view = Some(view.clone());
        if made["id"].is_null() {
            let found = self.look(slot).await?;
            self.trial.journal.check(
                4,
                found.as_ref() == Some(&view),
                || "an invitation of which the answer was lost".into(),
                || format!("{view:?}, or nobody"),
                || format!("{found:?}"),
            );
            self.people[slot].other = Some(None);
        }
        Ok(())
    }

    /// Notes a refusal that must not have been.
    pub(super) fn must_be_done(&self, allowed: bool, name: &str, call: &Call, answer: &rig::http::Answer) {
        self.trial.journal.check(
            4,
            allowed,
            || format!("{name}: {call}"),
            || "done, or refused for want of a license".into(),
            || format!("{} {}", answer.status, answer.text()),
        );
    }

    /// The path of a person, with what follows.
    pub(super) fn path(&self, slot: usize, rest: &str) -> String {
        let person = &self.people[slot];
        format!("{}/{}{rest}", person.kind.path(), person.id.as_deref().unwrap_or_default())
    }

    /// What a person looks like now, who is there.
    pub(super) fn view(&self, slot: usize) -> Result<View> {
        Ok(self.people[slot].view.clone().ok_or("nobody is there")?)
    }

    /// The invitation once more, with a new link.
    pub(super) async fn send_again(&mut self, slot: usize) -> Result<()> {
        let view = self.view(slot)?;
        let call = self.call(Method::POST, self.path(slot, "/invitation"));
        let refusals: &[&str] = &["licenses-exhausted"];
        // Until the answer comes, nobody knows which link counts.
        self.people[slot].link = None;
        let deed = Deed { name: "send again", call, after: Some(view), refusals };
        if let Turn::Done(Some(answer)) = self.change(slot, deed).await? {
            let body: Value = answer.json()?;
            self.people[slot].link = body["link"].as_str().map(path_of);
        }
        Ok(())
    }

    /// The invitation is taken back: the person is gone.
    pub(super) async fn withdraw(&mut self, slot: usize) -> Result<()> {
        let view = self.view(slot)?;
        let call = self.call(Method::DELETE, self.path(slot, "/invitation"));
        let deed = Deed { name: "withdraw", call, after: None, refusals: &[] };
        if let Turn::Done(_) = self.change(slot, deed).await? {
            self.trial.deleted([&view.name, &view.email]);
        }
        Ok(())
    }

    /// The invited person takes the invitation.
    pub(super) async fn accept(&mut self, slot: usize) -> Result<()> {
        let Some(path) = self.people[slot].link.clone() else { return self.send_again(slot).await };
        let view = self.view(slot)?;
        let call = Call::new(Method::POST, &self.trial.alpha.host, path, &Who::Nobody)
            .form(&[("name", &view.name), ("password", PASSWORD)]);
        let deed = Deed { name: "accept", call, after: Some(view.with("active", None)), refusals: &[] };
        if let Turn::Done(answer) = self.change(slot, deed).await? {
            self.people[slot].link = None;
            self.people[slot].password = Some(PASSWORD.into());
            if let Some(cookie) = answer.as_ref().and_then(cookie) {
                self.people[slot].credentials.push(session(cookie));
            }
        }
        Ok(())
    }

    /// The heart of it: from the answer on, nothing that they ever had opens a door.
    pub(super) async fn deactivate(&mut self, slot: usize) -> Result<()> {
        let view = self.view(slot)?;
        let reason = self.chance.one_in(2).then(|| format!("Reason {}", self.chance.below(1_000_000)));
        let before = if self.chance.one_in(2) { self.whole(slot).await? } else { None };
        let call =
            self.call(Method::POST, self.path(slot, "/deactivation")).json(json!({ "reason": reason }));
        let after = view.with("deactivated", reason.as_deref());
        // Somebody uses what they have up to the last moment.
        let live: Vec<Credential> =
            self.people[slot].credentials.iter().filter(|one| one.state == State::Live).cloned().collect();
        let kind = self.people[slot].kind;
        for credential in live.iter().rev().take(2) {
            self.use_once(kind, credential).await?;
        }
        let deed = Deed { name: "deactivate", call, after: Some(after), refusals: &[] };
        if let Turn::Done(answer) = self.change(slot, deed).await? {
            let receipt: Value = answer.and_then(|answer| answer.json().ok()).unwrap_or_default();
            let person = &mut self.people[slot];
            let link = person.link.take();
            person.lock_out();
            person.undo = receipt["undo"].as_str().map(str::to_owned);
            person.before = before;
            if receipt["changed"] == true {
                let id = person.id.clone().unwrap_or_default();
                self.trial.due(&id, "person.deactivated");
            }
            self.locked_out(slot, link, "a deactivation").await?;
            self.forget_old(slot);
        }
        Ok(())
    }

    /// Deactivating a deactivated person succeeds, and changes nothing.
    pub(super) async fn deactivate_again(&mut self, slot: usize) -> Result<()> {
        let view = self.view(slot)?;
        let call = self.call(Method::POST, self.path(slot, "/deactivation")).json(json!({}));
        let deed = Deed { name: "deactivate again", call, after: Some(view), refusals: &[] };
        self.change(slot, deed).await.map(drop)
    }

    /// Back, exactly as they were.
    pub(super) async fn activate(&mut self, slot: usize) -> Result<()> {
        let view = self.view(slot)?;
        let restore = self.people[slot].kind == Kind::User && self.chance.one_in(2);
        let mut call = self.call(Method::DELETE, self.path(slot, "/deactivation"));
        if restore {
            call = call.json(json!({ "restore_tokens": true }));
        }
        let refusals: &[&str] = &["licenses-exhausted"];
        let after = Some(view.with("active", None));
        let deed = Deed { name: "activate", call, after, refusals };
        if let Turn::Done(answer) = self.change(slot, deed).await? {
            let receipt: Value = answer.and_then(|answer| answer.json().ok()).unwrap_or_default();
            let person = &mut self.people[slot];
            person.undo = None;
            if restore {
                person.restore_tokens();
            }
            if receipt["changed"] == true {
                let id = person.id.clone().unwrap_or_default();
                self.trial.due(&id, "person.activated");
            }
            self.as_before(slot).await?;
            self.knock(slot, "an activation").await?;
        }
        Ok(())
    }

    /// The deactivation is taken back.
    pub(super) async fn undo(&mut self, slot: usize) -> Result<()> {
        let view = self.view(slot)?;
        let Some(step) = self.people[slot].undo.take() else { return Ok(()) };
        let call = self.call(Method::POST, format!("/api/v1/undo/{step}"));
        let refusals: &[&str] = &["licenses-exhausted", "undo-too-late", "undo-overtaken"];
        let after = Some(view.with("active", None));
        let deed = Deed { name: "undo", call, after, refusals };
        if let Turn::Done(_) = self.change(slot, deed).await? {
            // Which tokens this step had suspended is not kept here: those that it did not, stay so.
            self.people[slot].credentials.retain(|one| one.state != State::Suspended);
            self.as_before(slot).await?;
            self.knock(slot, "an undo").await?;
        }
        Ok(())
    }

    /// What the API says of somebody, without what says when and how often they were changed.
    async fn whole(&mut self, slot: usize) -> Result<Option<Value>> {
        let Some(mut whole) = self.look_whole(slot).await? else { return Ok(None) };
        if let Some(fields) = whole.as_object_mut() {
            fields.remove("account");
        }
        if self.people[slot].kind == Kind::User {
            let trial = self.trial.clone();
            let id = self.people[slot].id.clone().unwrap_or_default();
            for part in ["assignee", "follower"] {
                let path = format!("/api/v1/items?{part}={id}&limit=200");
                let page = trial.read(&trial.alpha, &path, &mut self.chance).await?.json()?;
                let items = page["items"].as_array().cloned().unwrap_or_default();
                let mut numbers: Vec<u64> = items.iter().filter_map(|item| item["number"].as_u64()).collect();
                numbers.sort_unstable();
                whole[part] = json!(numbers);
            }
        }
        Ok(Some(whole))
    }

    /// Holds somebody who is back to what they were before they were deactivated.
    async fn as_before(&mut self, slot: usize) -> Result<()> {
        let Some(before) = self.people[slot].before.take() else { return Ok(()) };
        let after = self.whole(slot).await?.unwrap_or_default();
        self.trial.journal.check(
            5,
            before == after,
            || "deactivating and activating".into(),
            || before.to_string(),
            || after.to_string(),
        );
        Ok(())
    }

    /// Gone for good.
    pub(super) async fn delete(&mut self, slot: usize) -> Result<()> {
        let view = self.view(slot)?;
        if view.role == "administrator" {
            return self.change_role(slot).await;
        }
        let trial = self.trial.clone();
        let call = self.sign_in_call(Kind::User, &trial.alpha.email);
        let Heard::Done(answer) = trial.net.send(&call, self.chance.next()).await? else { return Ok(()) };
        let Some(cookie) = cookie(&answer) else { return Ok(()) };
        let body = json!({ "email": view.email, "password": PASSWORD });
        let path = self.path(slot, "/deletion");
        let call = Call::new(Method::POST, &trial.alpha.host, path, &Who::Session(cookie)).json(body);
        let deed = Deed { name: "delete", call, after: None, refusals: &[] };
        if let Turn::Done(_) = self.change(slot, deed).await? {
            let person = &mut self.people[slot];
            let link = person.link.take();
            for credential in &mut person.credentials {
                credential.state = State::Ended;
            }
            trial.deleted([&view.name, &view.email]);
            trial.due(person.id.as_deref().unwrap_or_default(), "person.deleted");
            self.locked_out(slot, link, "a deletion").await?;
            let own = self.own();
            for item in &mut self.items {
                item.view = item.view.clone().among(&own);
            }
        }
        Ok(())
    }
}

/// A session by its cookie.
pub(super) fn session(cookie: String) -> Credential {
    Credential { who: Who::Session(cookie), token: None, state: State::Live }
}
