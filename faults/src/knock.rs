//! Whether doors open for whom they must, and for nobody else.

use std::collections::BTreeSet;

use hyper::{Method, StatusCode};
use rig::failure::Result;

use crate::{
    client::Client,
    model::{Credential, Kind, State},
    trial::PASSWORD,
    wire::{Call, Heard, Who, cookie},
};

/// Of what somebody shows, so many are tried at a time.
const TRIED: usize = 6;

impl Client {
    /// The request that tries what somebody shows.
    fn knocking(&self, kind: Kind, credential: &Credential) -> Call {
        let path = match kind {
            Kind::User => "/api/v1/me",
            Kind::Customer => "/portal/profile",
        };
        Call::new(Method::GET, &self.trial.alpha.host, path, &credential.who)
    }

    /// Uses what somebody shows once, whatever comes of it.
    pub(crate) async fn use_once(&mut self, kind: Kind, credential: &Credential) -> Result<Heard> {
        let call = self.knocking(kind, credential);
        self.trial.net.send(&call, self.chance.next()).await
    }

    /// Tries everything that a person of its own shows: what is live opens, and nothing else does.
    pub(crate) async fn knock(&mut self, slot: usize, during: &str) -> Result<()> {
        let person = &self.people[slot];
        let (kind, active, in_doubt) = (person.kind, person.status() == "active", person.other.is_some());
        let credentials = person.credentials.clone();
        let from = credentials.len().saturating_sub(TRIED);
        for credential in &credentials[from..] {
            let live = active && credential.state == State::Live;
            if live && in_doubt {
                continue;
            }
            let call = self.knocking(kind, credential);
            let answer = self.trial.net.read(&call, self.chance.next()).await?;
            let opened = answer.status == StatusCode::OK;
            let what = if credential.token.is_some() { "a token" } else { "a session" };
            let id = self.people[slot].id.clone();
            self.trial.journal.check(
                if live { 4 } else { 1 },
                opened == live,
                || format!("{what} of {id:?} after {during}"),
                || if live { "it opens its door".into() } else { "it is refused".to_owned() },
                || format!("{} {}", answer.status, answer.problem()),
            );
        }
        Ok(())
    }

    /// Whoever has just been deactivated or deleted comes in by nothing that they ever had.
    pub(crate) async fn locked_out(&mut self, slot: usize, link: Option<String>, during: &str) -> Result<()> {
        self.knock(slot, during).await?;
        let person = &self.people[slot];
        let (kind, email) = (person.kind, person.view.as_ref().map(|view| view.email.clone()));
        if let Some(path) = link {
            let call = Call::new(Method::POST, &self.trial.alpha.host, path, &Who::Nobody)
                .form(&[("name", "Somebody"), ("password", PASSWORD)]);
            let answer = self.trial.net.read(&call, self.chance.next()).await?;
            self.trial.journal.check(
                1,
                cookie(&answer).is_none(),
                || format!("a link after {during}"),
                || "it is void".into(),
                || answer.status.to_string(),
            );
        }
        if let Some(email) = email.filter(|_| self.chance.one_in(3)) {
            let call = self.sign_in_call(kind, &email);
            let answer = self.trial.net.read(&call, self.chance.next()).await?;
            self.trial.journal.check(
                1,
                cookie(&answer).is_none(),
                || format!("a sign-in with the right password after {during}"),
                || "it is refused".into(),
                || answer.status.to_string(),
            );
        }
        if self.stream.as_ref().is_some_and(|(of, _)| *of == slot) {
            // A node that stands still ends it when it goes on.
            self.calm().await;
            let ends = match self.stream.take() {
                Some((_, stream)) => stream.ends().await,
                None => true,
            };
            self.trial.journal.check(
                1,
                ends,
                || format!("an event stream after {during}"),
                || "it ends".into(),
                || "it is still open".into(),
            );
        }
        Ok(())
    }

    /// The form by which somebody signs in.
    pub(crate) fn sign_in_call(&self, kind: Kind, email: &str) -> Call {
        let path = match kind {
            Kind::User => "/sign-in",
            Kind::Customer => "/portal/sign-in",
        };
        Call::new(Method::POST, &self.trial.alpha.host, path, &Who::Nobody)
            .form(&[("email", email), ("password", PASSWORD)])
    }

    /// Forgets what has ended, but for the last few: it goes on being tried.
    pub(crate) fn forget_old(&mut self, slot: usize) {
        let credentials = &mut self.people[slot].credentials;
        let ended: Vec<usize> = credentials
            .iter()
            .enumerate()
            .filter(|(_, one)| one.state == State::Ended)
            .map(|(at, _)| at)
            .collect();
        let old: BTreeSet<usize> = ended.iter().rev().skip(3).copied().collect();
        let mut at = 0;
        credentials.retain(|_| {
            at += 1;
            !old.contains(&(at - 1))
        });
    }
}
