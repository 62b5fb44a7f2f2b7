//! What clients race for: the last licenses, and people who are nobody's own.

use hyper::Method;
use rig::failure::Result;
use serde_json::{Value, json};

use crate::{
    client::Client,
    model::Kind,
    trial::PASSWORD,
    wire::{Call, Heard, Who, cookie},
};

/// How many are activated at once.
const RACERS: usize = 6;
/// How often a bulk change is looked at before it counts as hung.
const LOOKS: usize = 600;

impl Client {
    /// A race, or another number of licenses.
    pub(super) async fn pool(&mut self) -> Result<()> {
        match self.chance.below(9) {
            0 => self.licenses().await,
            1 => self.make_room().await,
            2 => self.leave_no_owner().await,
            _ => {
                self.make_room().await?;
                self.race().await
            }
        }
    }

    /// One license more or less. Fewer than are used are refused.
    async fn licenses(&mut self) -> Result<()> {
        let trial = self.trial.clone();
        let now: Value = trial.read(&trial.alpha, "/api/v1/licenses", &mut self.chance).await?.json()?;
        let owned = now["owned"].as_u64().ok_or("no licenses")?;
        let wanted = if self.chance.one_in(2) { owned + 1 } else { owned.saturating_sub(1) };
        // Enough that the fleet has something to do, and so few that they run out.
        let users = trial.shared.len() as u64;
        let wanted = wanted.clamp(users, users * 2);
        let call =
            self.call(Method::PATCH, "/api/v1/licenses").json(json!({ "owned": wanted, "was": owned }));
        self.send("change licenses", call).await?;
        Ok(())
    }

    /// What would leave the workspace without an owner is refused, whichever way it is asked.
    async fn leave_no_owner(&mut self) -> Result<()> {
        let trial = self.trial.clone();
        let me: Value = trial.read(&trial.alpha, "/api/v1/me", &mut self.chance).await?.json()?;
        let path = format!("{}/{}", Kind::User.path(), me["id"].as_str().ok_or("the owner has no id")?);
        let call = match self.chance.below(3) {
            0 => self.call(Method::POST, format!("{path}/deactivation")).json(json!({})),
            1 => self.call(Method::PUT, format!("{path}/role")).json(json!({ "role": "member" })),
            _ => {
                let email = trial.alpha.email.clone();
                let call = self.sign_in_call(Kind::User, &email);
                let Heard::Done(answer) = trial.net.send(&call, self.chance.next()).await? else {
                    return Ok(());
                };
                let Some(cookie) = cookie(&answer) else { return Ok(()) };
                let body = json!({ "email": email, "password": PASSWORD });
                Call::new(Method::POST, &trial.alpha.host, format!("{path}/deletion"), &Who::Session(cookie))
                    .json(body)
            }
        };
        let (call, heard) = self.send("leave no owner", call).await?;
        trial.journal.check(
            3,
            !matches!(heard, Heard::Done(_)),
            || "leave no owner".into(),
            || "a refusal".into(),
            || call.to_string(),
        );
        Ok(())
    }

    /// Several shared people are deactivated at once, by whomever.
    async fn make_room(&mut self) -> Result<()> {
        let calls: Vec<Call> = self
            .some_shared(3)
            .iter()
            .map(|id| self.call(Method::POST, format!("{}/{id}/deactivation", Kind::User.path())))
            .map(|call| call.json(json!({})))
            .collect();
        self.at_once("deactivate shared", calls).await
    }

    /// As many as race are activated at once: the last license goes to one.
    async fn race(&mut self) -> Result<()> {
        let calls: Vec<Call> = self
            .some_shared(RACERS)
            .iter()
            .map(|id| self.call(Method::DELETE, format!("{}/{id}/deactivation", Kind::User.path())))
            .collect();
        self.at_once("race", calls).await?;
        let trial = self.trial.clone();
        let now: Value = trial.read(&trial.alpha, "/api/v1/licenses", &mut self.chance).await?.json()?;
        let (owned, used) = (now["owned"].as_i64(), now["used"].as_i64());
        trial.journal.check(
            2,
            owned.is_some() && used <= owned,
            || "a race".into(),
            || "no more licenses used than owned".into(),
            || now.to_string(),
        );
        Ok(())
    }

    fn some_shared(&mut self, count: usize) -> Vec<String> {
        let mut shared = self.trial.shared.clone();
        let mut some = Vec::new();
        while some.len() < count && !shared.is_empty() {
            some.push(shared.swap_remove(self.chance.below(shared.len())));
        }
        some
    }

    /// Sends requests at once, each over a connection of its own.
    async fn at_once(&mut self, name: &'static str, calls: Vec<Call>) -> Result<()> {
        let mut racers = tokio::task::JoinSet::new();
        for call in calls {
            let (trial, choice) = (self.trial.clone(), self.chance.next());
            racers.spawn(async move {
                let heard = trial.net.send(&call, choice).await?;
                Ok::<_, rig::failure::Failure>((call, heard))
            });
        }
        while let Some(ended) = racers.join_next().await {
            let (call, heard) = ended??;
            self.trial.journal.operation(self.number, name, &call.to_string(), &heard);
            if let Heard::Refused(answer) = &heard {
                let full = answer.problem() == "/problems/licenses-exhausted";
                self.must_be_done(full, name, &call, answer);
            }
        }
        Ok(())
    }

    /// Several of its own people are deactivated by one bulk change.
    pub(super) async fn bulk(&mut self) -> Result<()> {
        let slots: Vec<usize> = (0..self.people.len())
            .filter(|slot| {
                let person = &self.people[*slot];
                person.kind == Kind::User && person.status() == "active" && person.other.is_none()
            })
            .collect();
        if slots.len() < 2 {
            return Ok(());
        }
        let ids: Vec<String> = slots.iter().filter_map(|slot| self.people[*slot].id.clone()).collect();
        let body = json!({ "ids": ids, "deed": "deactivate", "reason": "Together" });
        let call = self.call(Method::POST, "/api/v1/users/bulk").json(body);
        let (call, heard) = self.send("bulk deactivation", call).await?;
        let batch = match heard {
            Heard::Done(answer) => {
                let made: Value = answer.json()?;
                Some(made["batch"]["id"].as_str().ok_or("no batch")?.to_owned())
            }
            Heard::Refused(answer) => {
                self.must_be_done(false, "bulk deactivation", &call, &answer);
                return Ok(());
            }
            Heard::Undone(_) | Heard::Unknown(_) => {
                self.calm().await;
                None
            }
        };
        self.await_batches().await?;
        for slot in slots {
            let found = self.look(slot).await?;
            let before = self.view(slot)?;
            let after = before.with("deactivated", Some("Together"));
            let done = found.as_ref() == Some(&after);
            self.trial.journal.check(
                4,
                done || (batch.is_none() && found.as_ref() == Some(&before)),
                || format!("a bulk deactivation, which is {batch:?}"),
                || format!("{after:?}"),
                || format!("{found:?}"),
            );
            self.people[slot].view = found;
            if done {
                self.people[slot].undo = None;
                self.people[slot].before = None;
                let link = self.people[slot].link.take();
                self.people[slot].lock_out();
                self.locked_out(slot, link, "a bulk deactivation").await?;
            }
        }
        Ok(())
    }

    /// Waits until no bulk change goes on.
    async fn await_batches(&mut self) -> Result<()> {
        let trial = self.trial.clone();
        for _ in 0..LOOKS {
            let all: Value = trial.read(&trial.alpha, "/api/v1/bulk", &mut self.chance).await?.json()?;
            let list =
                all["batches"].as_array().or_else(|| all["bulk"].as_array()).ok_or("no list of batches")?;
            if list.iter().all(|batch| !batch["ended"].is_null()) {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        trial.journal.check(
            4,
            false,
            || "a bulk change".into(),
            || "it ends".into(),
            || "it goes on for ever".into(),
        );
        Ok(())
    }
}
