//! Acme's year: ten licenses all in use, Ada on leave, Ben in her place. It is told through the ops, by a clock that
//! is walked through the past, so that ledger, chart, sign-ins and audit log are what they would be.

use domain::{
    actor::{Actor, Door},
    id::{PersonId, TeamId, WorkspaceId},
    license::{Period, Price},
    lifecycle::Grounds,
    role::Role,
};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::work::{When, Work};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        activation, deactivation, deletion, invitation, licenses, links,
        organizations::{self, Belonging, Domains},
        profile::Name,
        sessions::{self, From},
        status::Counters,
        teams, workspace,
    },
    store::{self, people},
    sys::Sys,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// One way into the demo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignIn {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The role; `customer` for somebody who signs in to the portal.
    pub role: &'static str,
    /// `active`, or `deactivated` for the one who is refused.
    pub status: &'static str,
}

/// Tells the story into an empty database; answers its workspace and how to sign in.
pub async fn tell(app: &App) -> Result<(WorkspaceId, Vec<SignIn>)> {
    let password = password(&app.sys);
    let hash = app.hasher.hash(&password).await?;
    let now = app.sys.now();
    let sys = Sys::fixed(now);
    let mut story = Story { app, ws: WorkspaceId::from_uuid(app.sys.uuid7()), hash, now, sys };
    story.move_to(360, 9);
    let olivia = story.begin().await?;
    let samir = story.first_months(olivia).await?;
    let ada = story.growth(olivia, samir).await?;
    story.more_customers(samir).await?;
    story.help_centre().await?;
    let work = story.work(Work::read()?, When::BeforeTheLeave).await?;
    story.last_weeks(samir, ada).await?;
    story.work(work, When::Since).await?;
    story.request_of_dario().await?;
    let sign_in = |name: &str, email: &str, role: &'static str, status| SignIn {
        name: name.into(),
        email: email.into(),
        password: password.clone(),
        role,
        status,
    };
    Ok((
        story.ws,
        vec![
            sign_in("Olivia Brandt", "olivia@acme.example", Role::Owner.word(), "active"),
            sign_in("Samir Haddad", "samir@acme.example", Role::Administrator.word(), "active"),
            sign_in("Mei Tanaka", "mei@acme.example", Role::Member.word(), "active"),
            sign_in("Ada Lovelace", "ada@acme.example", Role::Member.word(), "deactivated"),
            sign_in("Cleo Park", "cleo@globex.example", "customer", "active"),
            sign_in("Dario Conti", "dario@globex.example", "customer", "deactivated"),
        ],
    ))
}

/// Four groups of four letters, 80 random bits, without letters that look alike.
fn password(sys: &Sys) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
    let letters = sys.bytes::<16>().map(|byte| char::from(LETTERS[usize::from(byte & 31)]));
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// A person with a session of the past, in which they act.
#[derive(Clone, Copy)]
pub(super) struct Player {
    person: PersonId,
    actor: (PersonId, domain::id::SessionId),
}

pub(super) struct Story<'a> {
    pub(super) app: &'a App,
    pub(super) ws: WorkspaceId,
    pub(super) hash: String,
    pub(super) now: Timestamp,
    pub(super) sys: Sys,
}

impl Story<'_> {
    /// Moves the clock to an hour of a day in the past; never back.
    pub(super) fn move_to(&mut self, days_ago: i32, hour: i8) {
        let day = TimeZone::UTC.to_datetime(self.now.saturating_sub(DAY * days_ago).unwrap_or(self.now));
        let at = TimeZone::UTC.to_timestamp(day.date().at(hour, 17, 0, 0));
        self.set(at.unwrap_or(self.now));
    }

    fn hours_ago(&mut self, hours: i64) {
        self.set(self.now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(self.now));
    }

    fn set(&self, at: Timestamp) {
        // The first move goes back a year, all others go on from there.
        let first = self.sys.now() == self.now;
        let at = if first { at } else { at.max(self.sys.now()) };
        self.sys.set(at.min(self.now));
    }

    pub(super) fn ctx(&self, actor: Actor) -> Ctx {
        Ctx::begin(&self.sys, self.ws, actor, Door::Page)
    }

    pub(super) fn by(&self, player: Player) -> Ctx {
        let (person, session) = player.actor;
        self.ctx(Actor::Person { person, session })
    }

    pub(super) fn name(&self, name: &str) -> Result<Name> {
        Name::parse(name, &self.app.config.limits)
    }

    /// The workspace begins, and its owner sets a password by the link.
    async fn begin(&self) -> Result<Player> {
        let input = workspace::Input {
            name: self.name("Acme")?,
            owner_email: "olivia@acme.example".into(),
            owner_name: self.name("Olivia Brandt")?,
            licenses: 5,
            host: None,
            time_zone: "Europe/London".into(),
        };
        let mut ctx = self.ctx(Actor::Cli { user: "demo".into() });
        ctx.door = Door::Cli;
        let (key, hash) = (self.app.audit_key.clone(), self.hash.clone());
        let created = self
            .app
            .store
            .write(async move |tx| workspace::create(tx, &ctx, &key, input.clone()).await)
            .await?;
        let (ctx, secret) = (self.ctx(Actor::Visitor { person: created.owner }), created.secret);
        let opened = self
            .app
            .store
            .write(async move |tx| links::use_link(tx, &ctx, &secret, &hash, &browser()).await)
            .await?;
        Ok(Player { person: created.owner, actor: (opened.person, opened.session) })
    }

    async fn team(&self, by: Player, name: &str) -> Result<TeamId> {
        let (ctx, name) = (self.by(by), self.name(name)?);
        self.app.store.write(async move |tx| teams::create(tx, &ctx, name.clone()).await).await
    }

    async fn own(&self, by: Player, owned: i64) -> Result<()> {
        let ctx = self.by(by);
        self.app.store.write(async move |tx| licenses::own(tx, &ctx, owned).await.map(drop)).await
    }

    async fn invite(
        &self,
        by: Player,
        name: &str,
        role: Role,
        teams: &[TeamId],
    ) -> Result<invitation::Receipt> {
        let first = name.split(' ').next().unwrap_or(name);
        let local: String =
            first.to_lowercase().chars().map(|letter| if letter == 'á' { 'a' } else { letter }).collect();
        let input = invitation::Input {
            email: format!("{local}@acme.example"),
            name: self.name(name)?,
            joining: invitation::Joining::User { role, teams: teams.to_vec() },
            add_license: false,
        };
        let ctx = self.by(by);
        self.app.store.write(async move |tx| invitation::invite(tx, &ctx, input.clone()).await).await
    }

    /// Invited, and joined a day later.
    async fn join(
        &mut self,
        by: Player,
        name: &str,
        role: Role,
        teams: &[TeamId],
        days_ago: i32,
    ) -> Result<Player> {
        self.move_to(days_ago, 10);
        let invited = self.invite(by, name, role, teams).await?;
        self.move_to(days_ago - 1, 9);
        self.accept(invited, name).await
    }

    async fn accept(&self, invited: invitation::Receipt, name: &str) -> Result<Player> {
        let ctx = self.ctx(Actor::Visitor { person: invited.person });
        let (name, hash) = (self.name(name)?, self.hash.clone());
        let opened = self
            .app
            .store
            .write(async move |tx| {
                invitation::accept(tx, &ctx, &invited.secret, name.clone(), &hash, &browser()).await
            })
            .await?;
        Ok(Player { person: invited.person, actor: (opened.person, opened.session) })
    }

    /// Invited to the portal, and there a day later.
    async fn join_portal(&mut self, by: Player, name: &str, email: &str, days_ago: i32) -> Result<Player> {
        self.move_to(days_ago, 10);
        let joining = invitation::Joining::Customer { belonging: Belonging::ByDomain };
        let input =
            invitation::Input { email: email.into(), name: self.name(name)?, joining, add_license: false };
        let ctx = self.by(by);
        let invited =
            self.app.store.write(async move |tx| invitation::invite(tx, &ctx, input.clone()).await).await?;
        self.move_to(days_ago - 1, 9);
        self.accept(invited, name).await
    }

    /// Two customers of Globex, one of whom has left it; and the portal is open to whoever registers.
    async fn customers(&mut self, olivia: Player, samir: Player) -> Result<()> {
        let domains = Domains::parse("globex.example", &self.app.config.limits)?;
        let (ctx, name) = (self.by(samir), self.name("Globex")?);
        self.app
            .store
            .write(async move |tx| {
                organizations::create(tx, &ctx, name.clone(), domains.clone()).await.map(drop)
            })
            .await?;
        self.join_portal(samir, "Cleo Park", "cleo@globex.example", 58).await?;
        let dario = self.join_portal(samir, "Dario Conti", "dario@globex.example", 56).await?;
        self.move_to(45, 15);
        self.deactivate(samir, dario, "Left Globex", None).await?;
        let ctx = self.by(olivia);
        self.app.store.write(async move |tx| workspace::set_registration(tx, &ctx, true, None).await).await
    }

    async fn sign_in(&self, player: Player) -> Result<()> {
        let (ctx, person) = (self.ctx(Actor::Visitor { person: player.person }), player.person);
        self.app
            .store
            .write(async move |tx| {
                let mut none = Counters::default();
                let row = people::load(tx, ctx.workspace, person).await?;
                let row = row.ok_or(Error::NotFound("person"))?;
                sessions::open(tx, &ctx, &row, &browser(), &mut none).await.map(drop)
            })
            .await
    }

    async fn deactivate(
        &self,
        by: Player,
        whom: Player,
        reason: &str,
        review_on: Option<Date>,
    ) -> Result<()> {
        let grounds = Grounds { reason: Some(reason.into()), review_on };
        let input = deactivation::Input { grounds, version: None, ..Default::default() };
        let (ctx, id) = (self.by(by), whom.person);
        self.app
            .store
            .write(async move |tx| deactivation::deactivate(tx, &ctx, id, input.clone()).await.map(drop))
            .await
    }

    async fn first_months(&mut self, olivia: Player) -> Result<Player> {
        self.move_to(358, 11);
        let price = Price { minor: 1_200, currency: "EUR".into(), period: Period::Month };
        let ctx = self.by(olivia);
        self.app
            .store
            .write(async move |tx| licenses::set_price(tx, &ctx, Some(price.clone()), None).await)
            .await?;
        for name in ["Support", "Billing", "Onboarding"] {
            self.team(olivia, name).await?;
        }
        self.join(olivia, "Samir Haddad", Role::Administrator, &[], 355).await
    }

    async fn teams(&self) -> Result<[TeamId; 3]> {
        let all = store::teams::list(&mut self.app.store.reader().await?, self.ws).await?;
        let find = |name| all.iter().find(|team| team.name == name).map(|team| team.id);
        match (find("Support"), find("Billing"), find("Onboarding")) {
            (Some(support), Some(billing), Some(onboarding)) => Ok([support, billing, onboarding]),
            _ => Err(Error::NotFound("team")),
        }
    }

    /// People join, leave, are deleted and come back; more licenses are bought.
    async fn growth(&mut self, olivia: Player, samir: Player) -> Result<Player> {
        let [support, billing, onboarding] = self.teams().await?;
        let ada = self.join(samir, "Ada Lovelace", Role::Member, &[support, onboarding], 350).await?;
        let mei = self.join(samir, "Mei Tanaka", Role::Member, &[support], 345).await?;
        self.move_to(300, 14);
        self.own(olivia, 8).await?;
        self.join(samir, "Lucas Moreau", Role::Member, &[billing], 299).await?;
        let helen = self.join(samir, "Helen Carter", Role::Member, &[billing], 295).await?;
        let ingrid = self.join(olivia, "Ingrid Solberg", Role::Member, &[support], 250).await?;
        let victor = self.join(samir, "Victor Almeida", Role::Member, &[], 240).await?;
        self.move_to(200, 16);
        // Past by now, so that the desk begins with somebody who needs attention.
        let review_on = TimeZone::UTC.to_datetime(self.now).date().saturating_add(180.days());
        self.deactivate(samir, helen, "Left the company", Some(review_on)).await?;
        let tomas = self.join(samir, "Tomás Herrera", Role::Member, &[support], 195).await?;
        self.move_to(150, 15);
        self.own(olivia, 10).await?;
        let priya = self.join(samir, "Priya Nair", Role::Member, &[billing], 149).await?;
        self.move_to(120, 13);
        self.deactivate(olivia, victor, "Asked to be removed", None).await?;
        self.move_to(110, 10);
        self.deactivate(samir, ingrid, "Parental leave until summer", None).await?;
        self.move_to(95, 8);
        self.sign_in(priya).await?;
        self.move_to(90, 12);
        self.delete(olivia, victor).await?;
        self.never_signed_in(samir, &[support]).await?;
        self.customers(olivia, samir).await?;
        self.move_to(40, 9);
        self.return_of(samir, ingrid).await?;
        self.move_to(35, 11);
        self.sign_in(tomas).await?;
        self.move_to(22, 17);
        self.sign_in(ada).await?;
        self.sign_in(mei).await?;
        Ok(ada)
    }

    async fn delete(&self, by: Player, whom: Player) -> Result<()> {
        let input = deletion::Input { email: "victor@acme.example".into(), version: None, seen: None };
        let (ctx, id) = (self.by(by), whom.person);
        self.app
            .store
            .write(async move |tx| deletion::delete(tx, &ctx, id, input.clone()).await.map(drop))
            .await
    }

    async fn return_of(&self, by: Player, whom: Player) -> Result<()> {
        let (ctx, id) = (self.by(by), whom.person);
        let input = activation::Input::default();
        self.app
            .store
            .write(async move |tx| activation::activate(tx, &ctx, id, input.clone()).await.map(drop))
            .await
    }

    /// Jonas is active without ever having signed in, as people are who are brought in from elsewhere.
    async fn never_signed_in(&mut self, by: Player, teams: &[TeamId]) -> Result<()> {
        self.move_to(60, 10);
        let invited = self.invite(by, "Jonas Weber", Role::Member, teams).await?;
        let (ctx, id, ws) = (self.ctx(Actor::Visitor { person: invited.person }), invited.person, self.ws);
        self.app
            .store
            .write(async move |tx| {
                let row = people::load(tx, ws, id).await?.ok_or(Error::NotFound("person"))?;
                let mut counters = Counters::default();
                invitation::join(tx, &ctx, &row, &mut counters).await?;
                counters.save(tx, &ctx).await.map(drop)
            })
            .await
    }

    /// Ada goes on leave, Ben takes her license, Noor is invited; the others were here today.
    async fn last_weeks(&mut self, samir: Player, ada: Player) -> Result<()> {
        let [support, _, onboarding] = self.teams().await?;
        self.move_to(21, 9);
        let today = TimeZone::UTC.to_datetime(self.now).date();
        self.deactivate(samir, ada, "Extended leave until March", Some(next_march(today))).await?;
        let ben = self.join(samir, "Ben Okafor", Role::Member, &[support, onboarding], 21).await?;
        self.move_to(4, 12);
        self.sign_in_by_address("lucas@acme.example").await?;
        self.move_to(2, 10);
        self.invite(samir, "Noor Rahman", Role::Member, &[onboarding]).await?;
        self.move_to(1, 16);
        self.sign_in(samir).await?;
        self.sign_in(ben).await?;
        for (hours, address) in [
            (6, "ingrid@acme.example"),
            (4, "cleo@globex.example"),
            (3, "mei@acme.example"),
            (2, "olivia@acme.example"),
        ] {
            self.hours_ago(hours);
            self.sign_in_by_address(address).await?;
        }
        Ok(())
    }

    async fn sign_in_by_address(&self, address: &str) -> Result<()> {
        let row = people::by_email(&mut self.app.store.reader().await?, self.ws, address).await?;
        let person = row.ok_or(Error::NotFound("person"))?.person.id;
        self.sign_in(Player { person, actor: (person, domain::id::SessionId::from_uuid(self.sys.uuid7())) })
            .await
    }
}

/// The first of March that is some days away at least.
fn next_march(today: Date) -> Date {
    let this_year = Date::new(today.year(), 3, 1).unwrap_or(today);
    if today.month() < 2 { this_year } else { Date::new(today.year() + 1, 3, 1).unwrap_or(this_year) }
}

pub(super) fn browser() -> From {
    From {
        // An address of RFC 5737, for examples.
        address: "192.0.2.17".into(),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_one_that_a_person_may_choose() {
        let sys = Sys::real();
        let password = password(&sys);
        crate::password::check(&password, &["Acme", "Olivia Brandt", "olivia@acme.example"], 1_000)
            .expect("it passes the policy");
        assert_ne!(password, super::password(&sys));
    }

    #[test]
    fn march_is_always_ahead() {
        for (today, march) in
            [("2030-01-31", "2030-03-01"), ("2030-02-01", "2031-03-01"), ("2030-12-31", "2031-03-01")]
        {
            let today: Date = today.parse().expect("a date");
            assert_eq!(next_march(today).to_string(), march);
        }
    }
}
