//! Ways in: sessions, tokens, links, streams; and smaller changes of a person.

use hyper::Method;
use rig::failure::Result;
use serde_json::{Value, json};

use super::life::session;
use crate::{
    client::{Client, Deed, Turn},
    follow::Stream,
    model::{Credential, Kind, State},
    trial::{PASSWORD, path_of},
    wire::{Call, Heard, Who, cookie},
};

impl Client {
    /// Somebody signs in.
    pub(super) async fn sign_in(&mut self, slot: usize) -> Result<()> {
        let view = self.view(slot)?;
        let call = self.sign_in_call(self.people[slot].kind, &view.email);
        let deed = Deed { name: "sign in", call, after: Some(view), refusals: &[] };
        if let Turn::Done(Some(answer)) = self.change(slot, deed).await? {
            if let Some(cookie) = cookie(&answer) {
                self.people[slot].credentials.push(session(cookie));
            }
            self.forget_old(slot);
        }
        Ok(())
    }

    /// The place of a credential of theirs that is live.
    fn live_credential(&mut self, slot: usize, token: bool) -> Option<usize> {
        let all = self.people[slot].credentials.iter().enumerate();
        let live: Vec<usize> = all
            .filter(|(_, one)| one.state == State::Live && one.token.is_some() == token)
            .map(|(at, _)| at)
            .collect();
        self.chance.pick(&live).copied()
    }

    /// Somebody signs out.
    pub(super) async fn sign_out(&mut self, slot: usize) -> Result<()> {
        let Some(at) = self.live_credential(slot, false) else { return self.sign_in(slot).await };
        let view = self.view(slot)?;
        let path = match self.people[slot].kind {
            Kind::User => "/sign-out",
            Kind::Customer => "/portal/sign-out",
        };
        let who = self.people[slot].credentials[at].who.clone();
        let call = Call::new(Method::POST, &self.trial.alpha.host, path, &who).form(&[]);
        let (_, heard) = self.send("sign out", call).await?;
        match heard {
            Heard::Done(_) => self.people[slot].credentials[at].state = State::Ended,
            Heard::Refused(answer) => {
                self.trial.journal.check(
                    4,
                    false,
                    || format!("sign out of {}", view.email),
                    || "a session that was begun is there".into(),
                    || answer.text(),
                );
            }
            // Ended or not: nothing is known of it any more.
            Heard::Undone(_) | Heard::Unknown(_) => drop(self.people[slot].credentials.remove(at)),
        }
        self.knock(slot, "a sign-out").await
    }

    /// Somebody comes in by what they have.
    pub(super) async fn come_in(&mut self, slot: usize) -> Result<()> {
        self.knock(slot, "nothing").await
    }

    /// A token of their own, made in a session.
    pub(super) async fn make_token(&mut self, slot: usize) -> Result<()> {
        let Some(at) = self.live_credential(slot, false) else { return self.sign_in(slot).await };
        let who = self.people[slot].credentials[at].who.clone();
        let body = json!({ "name": "Errands", "kind": "personal", "scopes": ["read"], "password": PASSWORD });
        let call = Call::new(Method::POST, &self.trial.alpha.host, "/api/v1/tokens", &who).json(body);
        let after = Some(self.view(slot)?);
        let deed = Deed { name: "make token", call, after, refusals: &[] };
        if let Turn::Done(Some(answer)) = self.change(slot, deed).await? {
            let made: Value = answer.json()?;
            let (secret, id) = (made["secret"].as_str(), made["token"]["id"].as_str());
            // A repeat tells no secret.
            if let (Some(secret), Some(id)) = (secret, id) {
                self.people[slot].credentials.push(Credential {
                    who: Who::Token(secret.to_owned()),
                    token: Some(id.to_owned()),
                    state: State::Live,
                });
            }
        }
        Ok(())
    }

    /// A token of theirs is revoked.
    pub(super) async fn revoke_token(&mut self, slot: usize) -> Result<()> {
        let Some(at) = self.live_credential(slot, true) else { return self.make_token(slot).await };
        let id = self.people[slot].credentials[at].token.clone().unwrap_or_default();
        let call = self.call(Method::DELETE, format!("/api/v1/tokens/{id}"));
        let (_, heard) = self.send("revoke token", call).await?;
        match heard {
            Heard::Done(_) => self.people[slot].credentials[at].state = State::Ended,
            Heard::Refused(_) | Heard::Undone(_) | Heard::Unknown(_) => {
                drop(self.people[slot].credentials.remove(at));
            }
        }
        self.knock(slot, "a revocation").await
    }

    /// An event stream of theirs is held open.
    pub(super) async fn follow_events(&mut self, slot: usize) -> Result<()> {
        let token = self.chance.one_in(2);
        let Some(at) = self.live_credential(slot, token) else { return self.sign_in(slot).await };
        let who = self.people[slot].credentials[at].who.clone();
        let call = Call::new(Method::GET, &self.trial.alpha.host, "/api/v1/events", &who);
        let node = self.trial.net.node(self.chance.next()).await?;
        if let Some(stream) = Stream::open(node, &call).await? {
            self.stream = Some((slot, stream));
        }
        Ok(())
    }

    /// A link to set a password, which nobody uses.
    pub(super) async fn make_link(&mut self, slot: usize) -> Result<()> {
        let view = self.view(slot)?;
        let call = self.call(Method::POST, self.path(slot, "/password-link"));
        let deed = Deed { name: "make link", call, after: Some(view), refusals: &[] };
        if let Turn::Done(Some(answer)) = self.change(slot, deed).await? {
            let made: Value = answer.json()?;
            self.people[slot].link = made["link"].as_str().map(path_of);
        }
        Ok(())
    }

    /// Another name.
    pub(super) async fn rename(&mut self, slot: usize) -> Result<()> {
        let mut view = self.view(slot)?;
        view.name = format!("Eve {}", self.chance.word());
        let call = self.call(Method::PATCH, self.path(slot, "")).json(json!({ "name": view.name }));
        let deed = Deed { name: "rename", call, after: Some(view), refusals: &[] };
        self.change(slot, deed).await.map(drop)
    }

    /// From member to administrator and back.
    pub(super) async fn change_role(&mut self, slot: usize) -> Result<()> {
        let mut view = self.view(slot)?;
        view.role = if view.role == "member" { "administrator".into() } else { "member".into() };
        let call = self.call(Method::PUT, self.path(slot, "/role")).json(json!({ "role": view.role }));
        // Somebody deactivated is given no role.
        let refusals: &[&str] = &["deactivated-gets-nothing-new"];
        let deed = Deed { name: "change role", call, after: Some(view), refusals };
        self.change(slot, deed).await.map(drop)
    }

    /// Into a team, or out of it.
    pub(super) async fn join_or_leave(&mut self, slot: usize) -> Result<()> {
        let mut view = self.view(slot)?;
        let Some(team) = self.chance.pick(&self.teams.clone()).cloned() else { return Ok(()) };
        let method = if view.teams.remove(&team) {
            Method::DELETE
        } else {
            view.teams.insert(team.clone());
            Method::PUT
        };
        let id = self.people[slot].id.clone().unwrap_or_default();
        let call = self.call(method, format!("/api/v1/teams/{team}/members/{id}"));
        let deed = Deed { name: "join or leave", call, after: Some(view), refusals: &[] };
        self.change(slot, deed).await.map(drop)
    }
}
