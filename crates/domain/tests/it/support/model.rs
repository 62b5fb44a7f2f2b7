//! A small workspace in memory. It saves what the rules answer, as ops do, and decides nothing
//! itself: counters move only by what an outcome says, so that a wrong outcome shows.

use std::collections::BTreeSet;

use domain::{
    Refusal,
    actor::{Actor, Authority, Door},
    id::{PersonId, SessionId, TeamId},
    invitation,
    license::Licenses,
    lifecycle::{self, Change, Grounds, Outcome, Step, Way},
    part,
    person::{Kind, Person, Status},
    role::Role,
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use uuid::Uuid;

use super::{
    active, as_customer, cli, deactivated, invited, job, licenses, now, person_id,
    walk::{By, Op, WayChoice},
};

/// A person with all that an account holds beside the state the rules read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Account {
    pub(crate) person: Person,
    pub(crate) settings: String,
    pub(crate) teams: BTreeSet<TeamId>,
}

/// What must survive any number of deactivations and activations.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Held {
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) settings: String,
    pub(crate) teams: BTreeSet<TeamId>,
}

impl Account {
    pub(crate) fn held(&self) -> Held {
        Held {
            kind: self.person.kind,
            role: self.person.role,
            name: self.person.name.clone(),
            email: self.person.email.clone(),
            settings: self.settings.clone(),
            teams: self.teams.clone(),
        }
    }
}

/// A step that can be undone, and the statuses as they were before it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Done {
    pub(crate) step: Step,
    pub(crate) was: Vec<(PersonId, Status)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Workspace {
    pub(crate) now: Timestamp,
    pub(crate) licenses: Licenses,
    pub(crate) accounts: Vec<Account>,
    pub(crate) teams: Vec<TeamId>,
    pub(crate) done: Vec<Done>,
    next: u128,
}

impl Workspace {
    /// Ten people in all states, and `spare` free licenses.
    pub(crate) fn new(spare: i64) -> Self {
        let people = [
            active(10, Role::Owner),
            active(11, Role::Administrator),
            active(12, Role::Administrator),
            deactivated(13, Role::Administrator),
            active(14, Role::Member),
            active(15, Role::Member),
            deactivated(16, Role::Member),
            invited(17, 24, false),
            as_customer(active(18, Role::Member)),
            as_customer(deactivated(19, Role::Member)),
        ];
        let teams: Vec<TeamId> = (1..=3).map(|n| TeamId::from_uuid(Uuid::from_u128(n))).collect();
        let accounts = people
            .into_iter()
            .enumerate()
            .map(|(n, person)| Account {
                settings: format!("settings of {}", person.name),
                teams: match person.kind {
                    Kind::User => [teams[n % 3], teams[(n / 3) % 3]].into(),
                    Kind::Customer => BTreeSet::new(),
                },
                person,
            })
            .collect();
        Self { now: now(), licenses: licenses(6 + spare, 6), accounts, teams, done: Vec::new(), next: 100 }
    }

    /// Does one operation as an op does: load, ask the rules, save what they answer.
    pub(crate) fn apply(&mut self, by: By, op: &Op) -> Result<Outcome<()>, Refusal> {
        let authority = self.authority(by);
        match *op {
            Op::Wait { seconds } => {
                self.now += SignedDuration::from_secs(i64::from(seconds));
                Ok(Outcome::Changed(()))
            }
            Op::Expire => Ok(self.expire()),
            Op::Invite { existing, role, add } => self.invite(&authority, existing, role, add),
            Op::SendAgain { target, add } => self.send_again(&authority, target, add),
            Op::Accept { target } => {
                let change = invitation::accept(self.target(target), self.now)?;
                self.set_status(&change);
                Ok(Outcome::Changed(()))
            }
            Op::Withdraw { target } => {
                let frees = invitation::withdraw(&authority, self.target(target))?;
                self.forget(target, frees);
                Ok(Outcome::Changed(()))
            }
            Op::Delete { target } => {
                let deletion = lifecycle::delete(&authority, self.target(target))?;
                self.forget(target, deletion.frees_license);
                Ok(Outcome::Changed(()))
            }
            Op::Deactivate { target, review_in } => {
                self.deactivate(&authority, target, grounds(self.today(), review_in))
            }
            Op::Activate { target, way } => self.activate(&authority, target, way),
            Op::Review { target, review_in } => self.review(&authority, target, review_in),
            Op::Undo { step } => self.undo(&authority, step),
            Op::ChangeRole { target, role } => {
                let outcome = part::change_role(&authority, self.target(target), role)?;
                Ok(self.if_changed(outcome, |this, role| {
                    this.account(target).person.role = role;
                }))
            }
            Op::Transfer { target } => {
                let outcome = part::transfer_ownership(&authority, self.target(target))?;
                Ok(self.if_changed(outcome, |this, ()| this.pass_ownership(target)))
            }
            Op::Own { owned } => {
                authority.may_administer()?;
                self.licenses = self.licenses.own(owned)?;
                Ok(Outcome::Changed(()))
            }
            Op::Join { target, team } => self.join(&authority, target, team),
            Op::Leave { target, team } => {
                authority.may_administer()?;
                let team = self.teams[usize::from(team) % self.teams.len()];
                self.account(target).teams.remove(&team);
                Ok(Outcome::Changed(()))
            }
            Op::Rename { target } => {
                part::edit_profile(&authority, self.target(target), true)?;
                let n = self.fresh();
                let person = &mut self.account(target).person;
                person.name = format!("Name-{n:05}");
                person.email = format!("Person-{n:05}@example.com");
                Ok(Outcome::Changed(()))
            }
        }
    }

    /// The actor with the state of the person behind as of now.
    pub(crate) fn authority(&self, by: By) -> Authority {
        let person = match by {
            By::Cli => return cli(),
            By::Job => return job(),
            By::Gone => None,
            By::Anyone(n) => Some(self.target(n).clone()),
            By::Leader(n) => {
                let leaders: Vec<&Person> =
                    self.people().filter(|p| p.role != Role::Member && p.status.is_active()).collect();
                Some(leaders[usize::from(n) % leaders.len()].clone())
            }
        };
        Authority {
            actor: Actor::Person {
                person: person.as_ref().map_or(person_id(9), |p| p.id),
                session: SessionId::from_uuid(Uuid::from_u128(7)),
            },
            person,
            token: None,
            door: Door::Page,
        }
    }

    pub(crate) fn people(&self) -> impl Iterator<Item = &Person> {
        self.accounts.iter().map(|account| &account.person)
    }

    pub(crate) fn find(&self, id: PersonId) -> Option<&Account> {
        self.accounts.iter().find(|a| a.person.id == id)
    }

    pub(crate) fn target(&self, n: u8) -> &Person {
        &self.accounts[usize::from(n) % self.accounts.len()].person
    }

    fn account(&mut self, n: u8) -> &mut Account {
        let len = self.accounts.len();
        &mut self.accounts[usize::from(n) % len]
    }

    pub(crate) fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.now).date()
    }

    fn fresh(&mut self) -> u128 {
        self.next += 1;
        self.next
    }

    fn if_changed<T>(&mut self, outcome: Outcome<T>, save: impl FnOnce(&mut Self, T)) -> Outcome<()> {
        match outcome {
            Outcome::Changed(change) => {
                save(self, change);
                Outcome::Changed(())
            }
            Outcome::Unchanged => Outcome::Unchanged,
        }
    }

    fn set_status(&mut self, change: &Change) {
        let account = self
            .accounts
            .iter_mut()
            .find(|a| a.person.id == change.person)
            .expect("a change is of a person who is there");
        assert_eq!(account.person.status, change.before, "before is as it was");
        account.person.status = change.after.clone();
        account.person.version += 1;
    }

    fn expire(&mut self) -> Outcome<()> {
        let mut outcome = Outcome::Unchanged;
        for account in &mut self.accounts {
            if let Some(status) = invitation::expire(&account.person, self.now) {
                account.person.status = status;
                self.licenses.used -= i64::from(account.person.needs_license());
                outcome = Outcome::Changed(());
            }
        }
        outcome
    }

    fn invite(
        &mut self,
        authority: &Authority,
        existing: Option<u8>,
        role: Role,
        add: bool,
    ) -> Result<Outcome<()>, Refusal> {
        let existing = existing.map(|n| self.target(n));
        let invitation =
            invitation::invite(authority, existing, Kind::User, role, &self.licenses, add, self.now)?;
        self.licenses.owned += invitation.adds_licenses;
        self.licenses.used += i64::from(invitation.takes_license);
        let n = self.fresh();
        let person = Person { status: invitation.status, ..active(n, role) };
        self.accounts.push(Account {
            settings: format!("settings of {}", person.name),
            teams: BTreeSet::new(),
            person,
        });
        Ok(Outcome::Changed(()))
    }

    fn send_again(&mut self, authority: &Authority, target: u8, add: bool) -> Result<Outcome<()>, Refusal> {
        let invitation =
            invitation::send_again(authority, self.target(target), &self.licenses, add, self.now)?;
        self.licenses.owned += invitation.adds_licenses;
        self.licenses.used += i64::from(invitation.takes_license);
        self.account(target).person.status = invitation.status;
        Ok(Outcome::Changed(()))
    }

    /// Removes the person, and with them the steps that could be undone: these hold reasons.
    fn forget(&mut self, target: u8, frees_license: bool) {
        let index = usize::from(target) % self.accounts.len();
        let gone = self.accounts.remove(index).person.id;
        self.licenses.used -= i64::from(frees_license);
        self.done.retain(|done| done.was.iter().all(|(person, _)| *person != gone));
    }

    fn record(&mut self, changes: Vec<Change>, added_licenses: i64) {
        let was = changes
            .iter()
            .map(|change| {
                let account = self.find(change.person).expect("the person is there");
                (change.person, account.person.status.clone())
            })
            .collect();
        for change in &changes {
            self.set_status(change);
        }
        let owned_before = self.licenses.owned - added_licenses;
        let step = Step { made: self.now, undone: false, changes, added_licenses, owned_before };
        self.done.push(Done { step, was });
    }

    fn deactivate(
        &mut self,
        authority: &Authority,
        target: u8,
        grounds: Grounds,
    ) -> Result<Outcome<()>, Refusal> {
        let (now, today) = (self.now, self.today());
        let outcome = lifecycle::deactivate(authority, self.target(target), grounds, now, today)?;
        Ok(self.if_changed(outcome, |this, deactivation| {
            this.licenses.used -= i64::from(deactivation.frees_license);
            this.record(vec![deactivation.change], 0);
        }))
    }

    fn review(
        &mut self,
        authority: &Authority,
        target: u8,
        review_in: Option<i8>,
    ) -> Result<Outcome<()>, Refusal> {
        let today = self.today();
        let asked = grounds(today, review_in).review_on;
        let outcome = lifecycle::review(authority, self.target(target), asked, today)?;
        Ok(self.if_changed(outcome, |this, date| {
            let person = &mut this.account(target).person;
            let Status::Deactivated { review_on, .. } = &mut person.status else {
                panic!("only a deactivation is reviewed: {person:?}");
            };
            *review_on = date;
            person.version += 1;
        }))
    }

    fn activate(
        &mut self,
        authority: &Authority,
        target: u8,
        way: WayChoice,
    ) -> Result<Outcome<()>, Refusal> {
        let way = match way {
            WayChoice::Free => Way::Free,
            WayChoice::Add => Way::Add,
            WayChoice::Swap(other) => {
                Way::Swap { other: self.target(other).clone(), grounds: Grounds::default() }
            }
        };
        let (now, today) = (self.now, self.today());
        let person = self.target(target);
        let outcome = lifecycle::activate(authority, person, &self.licenses, way, now, today)?;
        Ok(self.if_changed(outcome, |this, activation| {
            let mut changes = vec![activation.change];
            if let Some(swap) = activation.swap {
                this.licenses.used -= i64::from(swap.frees_license);
                changes.push(swap.change);
            }
            this.licenses.owned += activation.adds_licenses;
            this.licenses.used += i64::from(activation.takes_license);
            this.record(changes, activation.adds_licenses);
        }))
    }

    /// The last step but `step`, so that most tries fall within the time for an undo.
    pub(crate) fn nth_last(&self, step: u8) -> Option<usize> {
        self.done.len().checked_sub(1 + usize::from(step))
    }

    fn undo(&mut self, authority: &Authority, step: u8) -> Result<Outcome<()>, Refusal> {
        let Some(index) = self.nth_last(step) else {
            return Ok(Outcome::Unchanged);
        };
        let step = &self.done[index].step;
        let people: Vec<Person> = self.people().cloned().collect();
        let undo = lifecycle::undo(authority, step, &people, &self.licenses, self.now)?;
        for change in &undo.changes {
            self.set_status(change);
        }
        self.licenses.used += undo.licenses_taken;
        self.licenses.owned -= undo.removes_licenses;
        self.done[index].step.undone = true;
        Ok(Outcome::Changed(()))
    }

    fn pass_ownership(&mut self, target: u8) {
        for account in &mut self.accounts {
            if account.person.role == Role::Owner {
                account.person.role = Role::Administrator;
            }
        }
        self.account(target).person.role = Role::Owner;
    }

    fn join(&mut self, authority: &Authority, target: u8, team: u8) -> Result<Outcome<()>, Refusal> {
        part::join_team(authority, self.target(target))?;
        let team = self.teams[usize::from(team) % self.teams.len()];
        self.account(target).teams.insert(team);
        Ok(Outcome::Changed(()))
    }
}

fn grounds(today: Date, review_in: Option<i8>) -> Grounds {
    Grounds {
        reason: review_in.map(|days| format!("back in {days} days")),
        review_on: review_in
            .map(|days| today.saturating_add(SignedDuration::from_hours(24 * i64::from(days)))),
    }
}
