//! A workspace with people in it, on a clock that stands until it is moved.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::{
    Refusal,
    actor::{Actor, Door},
    id::{GroupId, OrganizationId, PersonId, SessionId, TeamId, WorkspaceId},
    person::{Kind, Person, Status},
    role::Role,
};
use tenure::{
    Error, Result,
    app::App,
    config::Config,
    ctx::Ctx,
    ops::{
        self,
        invitation::{Input, Joining},
        organizations::{Belonging, Domains},
        profile::Name,
        sessions::From,
        sign_in::Attempt,
    },
    password::Cost,
    rate::Rate,
    seal::{AuditKey, Verdict},
    secret::Secret,
    store::{
        Rx, Store, Tx,
        people::PersonRow,
        workspaces::{Counts, Move},
    },
    sys::Sys,
};

pub(crate) use super::dump::{Dump, changed_tables, dump};

/// Queries of the grid whose answer tells, by who is in it or in which order, what only administrators see.
pub(crate) const TELLING: [&str; 9] = [
    "view=never-signed-in",
    "view=needs-attention",
    "sort=last-sign-in",
    "seen=never",
    "seen=since-7",
    "seen=before-30",
    "returns=1",
    "overdue=1",
    "status=expired",
];

/// The password of everybody in the tests.
pub(crate) const PASSWORD: &str = "brass otter juggles nine lanterns";

/// Somebody signed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who {
    pub(crate) person: PersonId,
    pub(crate) session: SessionId,
}

/// A workspace whose owner is signed in.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) sys: Sys,
    pub(crate) ws: WorkspaceId,
    pub(crate) owner: Who,
    /// The data folder; gone with the last clone.
    data: Arc<tempfile::TempDir>,
}

static NAMES: AtomicU32 = AtomicU32::new(1);

impl World {
    /// A workspace with so many licenses, one of them used by its owner.
    pub(crate) async fn new(store: Store, licenses: i64) -> Self {
        Self::configured(store, licenses, |_| {}).await
    }

    /// As [`World::new`], with another configuration.
    pub(crate) async fn configured(store: Store, licenses: i64, change: impl FnOnce(&mut Config)) -> Self {
        let sys = Sys::fixed("2026-03-02T09:00:00Z".parse().expect("a moment"));
        let mut config = Config::default();
        config.password.cost = Cost::test();
        config.password.queue = 10_000;
        config.rates.sign_in_account = Rate::OFF;
        config.rates.sign_in_address = Rate::OFF;
        config.rates.confirm_account = Rate::OFF;
        config.rates.register_address = Rate::OFF;
        config.rates.request_address = Rate::OFF;
        config.rates.requests_account = Rate::OFF;
        config.rates.requests_address = Rate::OFF;
        let data = Arc::new(tempfile::tempdir().expect("a folder"));
        config.server.data = data.path().to_owned();
        change(&mut config);
        let app =
            App::new(store, sys.clone(), config, AuditKey::new([7; 32])).expect("the app is put together");
        Self::within(app, data, licenses, false).await
    }

    /// One more workspace in the same database, each at a host of its own.
    pub(crate) async fn beside(&self, licenses: i64) -> Self {
        let (ws, host) = (self.ws, format!("{}.test", self.ws));
        let found = tenure::store::listing::host(&mut self.reader().await, ws).await.expect("a read");
        if found.is_none() {
            let saved =
                self.write(async move |tx| tenure::store::workspaces::add_host(tx, ws, &host).await).await;
            saved.expect("a host");
        }
        Self::within(self.app.clone(), self.data.clone(), licenses, true).await
    }

    async fn within(app: App, data: Arc<tempfile::TempDir>, licenses: i64, several: bool) -> Self {
        let sys = app.sys.clone();
        let ws = WorkspaceId::from_uuid(sys.uuid7());
        let nobody = Who { person: PersonId::from_uuid(ws.uuid()), session: SessionId::from_uuid(ws.uuid()) };
        let mut world = Self { app, sys, ws, owner: nobody, data };
        let (ctx, key) = (world.cli(), world.app.audit_key.clone());
        let input = ops::workspace::Input {
            name: world.name("Acme"),
            owner_email: "olga.owner@acme.example".into(),
            owner_name: world.name("Olga Owner"),
            licenses,
            host: several.then(|| format!("{ws}.test")),
            time_zone: "Europe/Berlin".into(),
        };
        let created = world
            .write(async move |tx| ops::workspace::create(tx, &ctx, &key, input.clone()).await)
            .await
            .expect("a workspace is created");
        let opened = ops::password::set_by_link(
            &world.app,
            &world.visitor(created.owner),
            created.secret,
            PASSWORD,
            From::default(),
        )
        .await
        .expect("the owner's link works");
        assert_eq!(opened.person, created.owner);
        world.owner = Who { person: opened.person, session: opened.session };
        world
    }

    /// A cleaned name.
    pub(crate) fn name(&self, text: &str) -> Name {
        Name::parse(text, &self.app.config.limits).expect("a name")
    }

    pub(crate) fn cli(&self) -> Ctx {
        self.app.ctx(self.ws, Actor::Cli { user: "root".into() }, Door::Cli)
    }

    pub(crate) fn job(&self) -> Ctx {
        self.app.ctx(self.ws, Actor::Job { name: "expiry".into() }, Door::Job)
    }

    pub(crate) fn by(&self, who: Who) -> Ctx {
        self.app.ctx(self.ws, Actor::Person { person: who.person, session: who.session }, Door::Page)
    }

    pub(crate) fn visitor(&self, person: PersonId) -> Ctx {
        self.app.ctx(self.ws, Actor::Visitor { person }, Door::Page)
    }

    /// By the owner.
    pub(crate) fn ctx(&self) -> Ctx {
        self.by(self.owner)
    }

    pub(crate) async fn write<T, F>(&self, op: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync + 'static,
    {
        self.app.store.write(op).await
    }

    /// Runs a statement by hand, as somebody with the database's password could.
    pub(crate) async fn by_hand(&self, text: impl Into<String>) -> u64 {
        let text = text.into();
        let ran =
            self.write(async move |tx| tx.exec(&tenure::store::Sql::built(text.clone()), &[]).await).await;
        ran.expect("the statement runs")
    }

    pub(crate) async fn reader(&self) -> Rx {
        self.app.store.reader().await.expect("a reader")
    }

    pub(crate) fn later(&self, by: Duration) {
        self.sys.advance(by);
    }

    /// Invites somebody of this name; the address is made of it.
    pub(crate) async fn invited_as(&self, name: &str, role: Role) -> (PersonId, Secret) {
        self.invite(self.invitation(name, role)).await
    }

    /// Invites a user, a member, or a customer.
    pub(crate) async fn invited_to(&self, kind: Kind, name: &str) -> (PersonId, Secret) {
        let input = self.invitation(name, Role::Member);
        let belonging = Belonging::ByDomain;
        self.invite(match kind {
            Kind::User => input,
            Kind::Customer => Input { joining: Joining::Customer { belonging }, ..input },
        })
        .await
    }

    async fn invite(&self, input: Input) -> (PersonId, Secret) {
        let ctx = self.ctx();
        let receipt =
            self.write(async move |tx| ops::invitation::invite(tx, &ctx, input.clone()).await).await;
        let receipt = receipt.expect("an invitation");
        (receipt.person, receipt.secret)
    }

    /// Invites a customer of this name to the portal.
    pub(crate) async fn invited_customer_as(&self, name: &str) -> (PersonId, Secret) {
        self.invited_to(Kind::Customer, name).await
    }

    /// A customer who joined the portal and is signed in.
    pub(crate) async fn customer_as(&self, name: &str) -> Who {
        self.joined_to(Kind::Customer, name).await
    }

    pub(crate) fn invitation(&self, name: &str, role: Role) -> Input {
        Input {
            email: address(name),
            name: self.name(name),
            joining: Joining::User { role, teams: Vec::new() },
            add_license: false,
        }
    }

    /// Invites, accepts, and is signed in.
    pub(crate) async fn joined_as(&self, name: &str, role: Role) -> Who {
        let (person, secret) = self.invited_as(name, role).await;
        self.accepted(person, secret, name).await
    }

    /// A member or a customer who has accepted their invitation.
    pub(crate) async fn joined_to(&self, kind: Kind, name: &str) -> Who {
        let (person, secret) = self.invited_to(kind, name).await;
        self.accepted(person, secret, name).await
    }

    async fn accepted(&self, person: PersonId, secret: Secret, name: &str) -> Who {
        let (ctx, name) = (self.visitor(person), self.name(name));
        let opened =
            ops::password::accept_invitation(&self.app, &ctx, secret, name, PASSWORD, From::default()).await;
        let opened = opened.expect("the invitation is accepted");
        Who { person, session: opened.session }
    }

    pub(crate) async fn member(&self) -> Who {
        self.joined_as(&any_name("Mem"), Role::Member).await
    }

    pub(crate) async fn administrator(&self) -> Who {
        self.joined_as(&any_name("Adm"), Role::Administrator).await
    }

    pub(crate) async fn invited(&self) -> (PersonId, Secret) {
        self.invited_as(&any_name("Inv"), Role::Member).await
    }

    /// So many deactivated members, saved at once and by no op: a crowd takes too long to invite.
    pub(crate) async fn crowd(&self, count: i64) -> Vec<PersonId> {
        let (ws, now) = (self.ws, self.sys.now());
        let people: Vec<Person> = (0..count)
            .map(|_| {
                let name = any_name("Crowd");
                let status = Status::Deactivated { since: now, by: None, reason: None, review_on: None };
                let (email, id) = (address(&name), PersonId::from_uuid(self.sys.uuid7()));
                Person {
                    workspace: ws,
                    id,
                    kind: Kind::User,
                    role: Role::Member,
                    status,
                    email,
                    name,
                    version: 1,
                }
            })
            .collect();
        let ids = people.iter().map(|person| person.id).collect();
        let saved = self.write(async move |tx| {
            for person in &people {
                let texts = ops::profile::texts(&person.name, &person.email);
                tenure::store::people::insert(tx, person, &texts, now).await?;
            }
            let counts = Counts { deactivated: count, ..Counts::default() };
            tenure::store::workspaces::apply(tx, ws, Move { counts, ..Move::default() }).await
        });
        assert!(saved.await.expect("a crowd is saved").is_some(), "the counters are moved");
        ids
    }

    /// Signs in with the usual password.
    pub(crate) async fn signed_in(&self, person: PersonId) -> Who {
        let email = self.row(person).await.person.email;
        match self.sign_in(&email, PASSWORD).await {
            Ok(ops::sign_in::SignedIn::Opened(opened)) => Who { person, session: opened.session },
            other => panic!("signed in was expected, not {other:?}"),
        }
    }

    /// Verifies the audit log after sealing what waits.
    pub(crate) async fn verify(&self) -> Verdict {
        let (store, key) = (&self.app.store, &self.app.audit_key);
        ops::audit::seal_all(store, self.ws, key).await.expect("the log is sealed");
        let verdict = ops::audit::verify(&mut self.reader().await, self.ws, key, Vec::new()).await;
        verdict.expect("the log is read")
    }

    /// A member who has been deactivated.
    pub(crate) async fn deactivated(&self) -> Who {
        let who = self.member().await;
        self.deactivate(who.person).await.expect("a deactivation");
        who
    }

    pub(crate) async fn team(&self, name: &str) -> TeamId {
        let (ctx, name) = (self.ctx(), self.name(name));
        self.write(async move |tx| ops::teams::create(tx, &ctx, name.clone()).await).await.expect("a team")
    }

    /// A new organization, and a customer who was added to it.
    pub(crate) async fn customer_in(&self, organization: &str) -> (PersonId, OrganizationId) {
        let of = self.organization(organization, "").await;
        let (ctx, name) = (self.ctx(), any_name("Cus"));
        let (email, name, belonging) = (address(&name), self.name(&name), Belonging::In(of));
        let input = ops::customers::Input { email, name, belonging };
        let added = self.write(async move |tx| ops::customers::add(tx, &ctx, input.clone()).await).await;
        (added.expect("a customer is added").person, of)
    }

    /// A team of this name with one member, or an organization with one customer.
    pub(crate) async fn group(&self, kind: Kind, name: &str, member: PersonId) -> GroupId {
        match kind {
            Kind::User => {
                let team = self.team(name).await;
                self.join(team, member).await.expect("a member");
                team.into()
            }
            Kind::Customer => {
                let of = self.organization(name, "").await;
                self.group_of(of, member).await;
                of.into()
            }
        }
    }

    /// Puts a customer into an organization.
    pub(crate) async fn group_of(&self, of: OrganizationId, member: PersonId) {
        let ctx = self.ctx();
        let moved = self.write(async move |tx| ops::organizations::move_to(tx, &ctx, member, Some(of)).await);
        moved.await.expect("a customer is moved");
    }

    /// An organization with these domains.
    pub(crate) async fn organization(&self, name: &str, domains: &str) -> OrganizationId {
        let (ctx, name) = (self.ctx(), self.name(name));
        let domains = Domains::parse(domains, &self.app.config.limits).expect("domains");
        let made = self
            .write(async move |tx| ops::organizations::create(tx, &ctx, name.clone(), domains.clone()).await);
        made.await.expect("an organization is made")
    }

    pub(crate) async fn join(&self, team: TeamId, person: PersonId) -> Result<bool> {
        let ctx = self.ctx();
        self.write(async move |tx| ops::teams::join(tx, &ctx, team, person).await).await
    }

    pub(crate) async fn deactivate(&self, person: PersonId) -> Result<ops::deactivation::Receipt> {
        self.deactivate_by(self.ctx(), person).await
    }

    pub(crate) async fn deactivate_by(
        &self,
        ctx: Ctx,
        person: PersonId,
    ) -> Result<ops::deactivation::Receipt> {
        self.write(async move |tx| {
            ops::deactivation::deactivate(tx, &ctx, person, ops::deactivation::Input::default()).await
        })
        .await
    }

    pub(crate) async fn activate(
        &self,
        person: PersonId,
        way: ops::activation::Way,
    ) -> Result<ops::activation::Receipt> {
        self.activate_by(self.ctx(), person, way).await
    }

    pub(crate) async fn activate_by(
        &self,
        ctx: Ctx,
        person: PersonId,
        way: ops::activation::Way,
    ) -> Result<ops::activation::Receipt> {
        let input = ops::activation::Input { way, version: None, ..Default::default() };
        self.write(async move |tx| ops::activation::activate(tx, &ctx, person, input.clone()).await).await
    }

    pub(crate) async fn undo(&self, step: domain::id::StepId) -> Result<ops::undo::Receipt> {
        let ctx = self.ctx();
        self.write(async move |tx| ops::undo::undo(tx, &ctx, step).await).await
    }

    pub(crate) async fn delete(&self, person: PersonId) -> Result<ops::deletion::Plan> {
        let email = self.row(person).await.person.email;
        let ctx = self.ctx();
        let input = ops::deletion::Input { email, version: None, seen: None };
        self.write(async move |tx| ops::deletion::delete(tx, &ctx, person, input.clone()).await).await
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<ops::sign_in::SignedIn> {
        let ctx = self.visitor(PersonId::from_uuid(uuid::Uuid::nil()));
        ops::sign_in::sign_in(&self.app, &ctx, attempt(email, password)).await
    }

    /// The person as saved.
    pub(crate) async fn row(&self, person: PersonId) -> PersonRow {
        self.found(person).await.expect("the person is there")
    }

    pub(crate) async fn found(&self, person: PersonId) -> Option<PersonRow> {
        tenure::store::people::load(&mut self.reader().await, self.ws, person).await.expect("a read")
    }

    pub(crate) async fn workspace(&self) -> tenure::store::workspaces::Workspace {
        tenure::store::workspaces::load(&mut self.reader().await, self.ws).await.expect("a read")
    }

    /// The actions of the audit log that concern a person, the latest first.
    pub(crate) async fn actions(&self, person: PersonId) -> Vec<String> {
        let entries = tenure::store::audit::of_person(&mut self.reader().await, self.ws, person, 100).await;
        entries.expect("a read").into_iter().map(|entry| entry.action).collect()
    }

    /// Every row of every table as text; bytes are hexadecimal, all in lower case.
    pub(crate) async fn dump(&self) -> Dump {
        dump(&self.app.store).await
    }

    /// Panics with what is wrong, if anything is.
    pub(crate) async fn check(&self) {
        let wrong = ops::invariants::check_invariants(&self.app.store, self.ws)
            .await
            .expect("the invariants are read");
        assert!(wrong.is_empty(), "invariants broken: {wrong:#?}");
    }
}

pub(crate) fn address(name: &str) -> String {
    format!("{}@acme.example", name.to_lowercase().replace(' ', "."))
}

/// A name that nobody else in the process has.
pub(crate) fn any_name(first: &str) -> String {
    format!("{first} Nr{}x", NAMES.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn attempt(email: &str, password: &str) -> Attempt {
    Attempt {
        kind: Kind::User,
        email: email.into(),
        password: password.into(),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        user_agent: "a test".into(),
    }
}

/// The refusal that an op ended with.
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T>) -> Refusal {
    match outcome {
        Err(Error::Refused(refusal)) => *refusal,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

/// What kind of thing was not found.
pub(crate) fn not_found<T: std::fmt::Debug>(outcome: Result<T>) -> &'static str {
    match outcome {
        Err(Error::NotFound(what)) => what,
        other => panic!("not found was expected, not {other:?}"),
    }
}
