//! What clients do.

mod life;
mod pool;
mod ways;
mod work;

use rig::failure::Result;

use crate::{client::Client, model::Kind};

impl Client {
    /// One turn: something that fits what is there, by chance.
    pub(crate) async fn turn(&mut self) -> Result<()> {
        match self.chance.below(100) {
            0..=57 => {
                let slot = self.chance.below(self.people.len());
                self.live(slot).await
            }
            58..=87 => self.work().await,
            88..=91 => self.bulk().await,
            _ => self.pool().await,
        }
    }

    /// Something with one person, by what they are.
    async fn live(&mut self, slot: usize) -> Result<()> {
        let person = &self.people[slot];
        let (kind, status) = (person.kind, person.status().to_owned());
        match (status.as_str(), self.chance.below(20)) {
            ("", _) => self.invite(slot).await,
            ("invited", 0) => self.withdraw(slot).await,
            ("invited", 1) => self.send_again(slot).await,
            ("invited", _) => self.accept(slot).await,
            ("deactivated", 0..=1) | ("active", 0) => self.delete(slot).await,
            ("deactivated", 2) => self.deactivate_again(slot).await,
            ("deactivated", 3..=6) if self.people[slot].undo.is_some() => self.undo(slot).await,
            ("deactivated", _) => self.activate(slot).await,
            ("active", 1..=6) => self.deactivate(slot).await,
            ("active", 7..=9) => self.sign_in(slot).await,
            ("active", 10) => self.sign_out(slot).await,
            ("active", 11..=12) if kind == Kind::User => self.join_or_leave(slot).await,
            ("active", 13) if kind == Kind::User => self.change_role(slot).await,
            ("active", 14) if kind == Kind::User => self.make_token(slot).await,
            ("active", 15) if kind == Kind::User => self.revoke_token(slot).await,
            ("active", 16) if kind == Kind::User => self.follow_events(slot).await,
            ("active", 17) => self.make_link(slot).await,
            ("active", 18) => self.rename(slot).await,
            ("active", _) => self.come_in(slot).await,
            _ => Err(format!("a person is {status}").into()),
        }
    }
}
