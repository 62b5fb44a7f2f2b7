//! Every op, called by those who may not and about what is not theirs: nobody gets through, nothing changes,
//! and nothing shows what exists elsewhere.

use std::pin::Pin;

use domain::{
    Refusal,
    brake::Brake,
    id::{
        ArticleId, BatchId, HandoverId, HeldRequestId, ItemId, OrganizationId, PersonId, ProjectId,
        SessionId, StepId, TeamId, TokenId, ViewId,
    },
    license::{Period, Price},
    person::Kind,
    role::Role,
    session::SessionLengths,
    token::{Life, Scope},
};
use tenure::{
    Error, Result,
    ctx::Ctx,
    ops::{
        self,
        activation::Way,
        organizations::{Belonging, Domains},
        tokens::Which,
    },
    store::held_requests::{self, NewHeldRequest},
};

use super::rules::untouched;
use crate::support::{
    both_engines,
    world::{PASSWORD, Who, World, any_name},
};

type Running = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// What the ops are about.
#[derive(Clone, Copy)]
struct Targets {
    active: PersonId,
    session: SessionId,
    off: PersonId,
    invited: PersonId,
    team: TeamId,
    customer: PersonId,
    organization: OrganizationId,
    step: StepId,
    view: ViewId,
    running: BatchId,
    paused: BatchId,
    finished: BatchId,
    article: ArticleId,
    held: HeldRequestId,
    token: TokenId,
    item: ItemId,
    number: i64,
    project: ProjectId,
    handover: HandoverId,
}

/// What a member may do with themself.
#[derive(Clone, Copy, PartialEq, Debug)]
enum For {
    Administrators,
    Owner,
    /// Users, of whom members are some; customers are refused.
    Users,
    /// Its target is somebody else's: an administrator's, unless it is one's own.
    Anyone,
}

struct Case {
    name: &'static str,
    by: For,
    /// What is not found when the targets are another workspace's.
    missing: Option<&'static str>,
    run: Running,
}

macro_rules! cases {
    ($world:ident, $ctx:ident; $($name:literal $by:ident $missing:expr => |$tx:ident| $body:expr;)*) => {
        vec![$({
            let (world, $ctx) = ($world.clone(), $ctx.clone());
            Case {
                name: $name,
                by: For::$by,
                missing: $missing,
                run: Box::pin(async move {
                    world.write(async move |$tx| $body.await.map(drop)).await
                }),
            }
        }),*]
    };
}

mod many;
mod work;

use many::{begun, finished, many, paused};

#[expect(clippy::too_many_lines, reason = "a table: a line for each op")]
fn writes(world: &World, ctx: &Ctx, t: &Targets) -> Vec<Case> {
    let t = *t;
    let person = Some("person");
    let free = Way::Free;
    let swap = Way::Swap { other: t.active, grounds: domain::lifecycle::Grounds::default() };
    let [free, swap] =
        [free, swap].map(|way| ops::activation::Input { way, version: None, ..Default::default() });
    let (invite, name, team) = (
        world.invitation(&any_name("Table"), Role::Member),
        world.name(&any_name("Named")),
        world.name(&any_name("Team")),
    );
    let settings = ops::workspace::Settings {
        name: name.clone(),
        language: "en".into(),
        time_zone: "UTC".into(),
        sessions: SessionLengths::default(),
        version: 1,
    };
    let customer = ops::customers::Input {
        email: format!("{}@globex.example", any_name("table").replace(' ', ".")),
        name: name.clone(),
        belonging: Belonging::ByDomain,
    };
    let delete = ops::deletion::Input { email: "x@acme.example".into(), version: None, seen: None };
    let edit = ops::profile::Input { name: Some(name.clone()), ..Default::default() };
    let picture = ops::picture::Picture::parse(
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01".to_vec(),
        &world.app.config.limits,
    );
    let picture = picture.expect("a picture");
    let price = Price { minor: 900, currency: "EUR".into(), period: Period::Month };
    let brake = Brake { share: 20, ..Brake::default() };
    let mut list = cases! { world, ctx;
        "deactivate" Administrators person => |tx| ops::deactivation::deactivate(tx, &ctx, t.active, ops::deactivation::Input::default());
        "set-password link" Administrators person => |tx| ops::links::make(tx, &ctx, t.active);
        "change a review date" Administrators person => |tx| ops::review::change(tx, &ctx, t.off, None, None);
        "dismiss an asked return" Administrators person => |tx| ops::review::dismiss_return(tx, &ctx, t.off);
        "send again" Administrators person => |tx| ops::invitation::send_again(tx, &ctx, t.invited, false);
        "withdraw" Administrators person => |tx| ops::invitation::withdraw(tx, &ctx, t.invited);
        "undo" Administrators Some("step") => |tx| ops::undo::undo(tx, &ctx, t.step);
        "change role" Administrators person => |tx| ops::roles::change(tx, &ctx, t.active, Role::Administrator, None);
        "transfer ownership" Owner person => |tx| ops::roles::transfer_ownership(tx, &ctx, t.active, None);
        "own licenses" Administrators None => |tx| ops::licenses::own(tx, &ctx, 500);
        "join a team" Administrators person => |tx| ops::teams::join(tx, &ctx, t.team, t.active);
        "leave a team" Administrators person => |tx| ops::teams::leave(tx, &ctx, t.team, t.active);
        "delete a team" Administrators Some("team") => |tx| ops::teams::delete(tx, &ctx, t.team, None);
        "convert" Administrators person => |tx| ops::customers::convert(tx, &ctx, t.customer, ops::customers::Conversion::default());
        "move to an organization" Administrators person => |tx| ops::organizations::move_to(tx, &ctx, t.customer, Some(t.organization));
        "delete an organization" Administrators Some("organization") => |tx| ops::organizations::delete(tx, &ctx, t.organization, None);
        "let many go on" Administrators Some("change of many people") => |tx| ops::bulk::resume(tx, &ctx, t.paused);
        "cancel many" Administrators Some("change of many people") => |tx| ops::bulk::cancel(tx, &ctx, t.running);
        "undo many" Administrators Some("change of many people") => |tx| ops::bulk::undo(tx, &ctx, t.finished);
        "end a session" Administrators person => |tx| ops::sessions::end(tx, &ctx, t.active, t.session);
        "end every session" Administrators person => |tx| ops::sessions::end_all(tx, &ctx, t.active);
        "delete a view" Anyone Some("saved view") => |tx| ops::views::delete(tx, &ctx, t.view);
        "delete an article" Anyone Some("article") => |tx| ops::articles::delete(tx, &ctx, t.article, None);
        "move an article" Anyone Some("article") => |tx| ops::articles::step(tx, &ctx, t.article, ops::articles::Step::Up);
        "accept a held request" Administrators Some("held request") => |tx| ops::requests::accept(tx, &ctx, t.held);
        "discard a held request" Administrators Some("held request") => |tx| ops::requests::discard(tx, &ctx, t.held);
        "revoke a token" Administrators Some("API token") => |tx| ops::tokens::revoke(tx, &ctx, t.token);
        "suspend a token" Administrators Some("API token") => |tx| ops::tokens::suspend(tx, &ctx, t.token);
        "restore a token" Administrators Some("API token") => |tx| ops::tokens::restore(tx, &ctx, t.token);
        "remove a picture" Administrators person => |tx| ops::picture::set_picture(tx, &ctx, t.active, None);
    };
    // Those whose input is owned: it is cloned for each time that the op runs.
    macro_rules! with {
        ($name:literal $by:ident $missing:expr => $input:ident, |$tx:ident, $ctx:ident, $value:ident| $body:expr) => {{
            let (world, $ctx, input) = (world.clone(), ctx.clone(), $input.clone());
            let run: Running = Box::pin(async move {
                world
                    .write(async move |$tx| {
                        let $value = input.clone();
                        $body.await.map(drop)
                    })
                    .await
            });
            list.push(Case { name: $name, by: For::$by, missing: $missing, run });
        }};
    }
    // Who is not there is left out of many, and shown as such.
    let several = many(t.active);
    with!("change many" Administrators None => several, |tx, ctx, input| ops::bulk::begin(tx, &ctx, input));
    with!("set the brake" Administrators None => brake, |tx, ctx, input| ops::bulk::set_brake(tx, &ctx, input, 1));
    with!("activate" Administrators person => free, |tx, ctx, input| ops::activation::activate(tx, &ctx, t.off, input));
    with!("swap" Administrators person => swap, |tx, ctx, input| ops::activation::activate(tx, &ctx, t.off, input));
    with!("delete" Administrators person => delete, |tx, ctx, input| ops::deletion::delete(tx, &ctx, t.active, input));
    with!("invite" Administrators None => invite, |tx, ctx, input| ops::invitation::invite(tx, &ctx, input));
    with!("edit" Administrators person => edit, |tx, ctx, input| ops::profile::edit(tx, &ctx, t.active, input));
    with!("set a picture" Administrators person => picture, |tx, ctx, input| ops::picture::set_picture(tx, &ctx, t.active, Some(input)));
    with!("settings" Administrators None => settings, |tx, ctx, input| ops::workspace::change(tx, &ctx, input));
    with!("price" Administrators None => price, |tx, ctx, input| ops::licenses::set_price(tx, &ctx, Some(input), None));
    let token =
        ops::tokens::Input::new(None, name.clone(), Scope::ALL.into_iter().collect(), Life::default());
    with!("make a service token" Administrators None => token, |tx, ctx, input| ops::tokens::make(tx, &ctx, input));
    with!("create a team" Administrators None => team, |tx, ctx, input| ops::teams::create(tx, &ctx, input));
    with!("rename a team" Administrators Some("team") => name, |tx, ctx, input| ops::teams::rename(tx, &ctx, t.team, input, None));
    with!("add a customer" Administrators None => customer, |tx, ctx, input| ops::customers::add(tx, &ctx, input));
    with!("create an organization" Administrators None => team, |tx, ctx, input| ops::organizations::create(tx, &ctx, input, Domains::default()));
    with!("change an organization" Administrators Some("organization") => name, |tx, ctx, input| ops::organizations::change(tx, &ctx, t.organization, input, Domains::default(), None));
    with!("save a view" Anyone None => name, |tx, ctx, input| ops::views::save(tx, &ctx, Kind::User, input, "q=x".into()));
    // It counts as a change of the settings, which are changed above.
    list.extend(cases! { world, ctx;
        "registration" Administrators None => |tx| ops::workspace::set_registration(tx, &ctx, true, None);
        "customer apps" Administrators None => |tx| ops::workspace::set_apps(tx, &ctx, (domain::apps::Apps::default(), "Call us.".into()), None);
        "shared requests" Administrators None => |tx| ops::workspace::share_requests(tx, &ctx, true, None);
    });
    list
}

fn reads(world: &World, ctx: &Ctx, t: &Targets) -> Vec<Case> {
    let t = *t;
    let person = Some("person");
    let mut list = Vec::new();
    macro_rules! read {
        ($name:literal $by:ident $missing:expr => |$rx:ident, $ctx:ident| $body:expr) => {{
            let (world, $ctx) = (world.clone(), ctx.clone());
            let run: Running = Box::pin(async move {
                let $rx = &mut world.reader().await;
                $body.await.map(drop)
            });
            list.push(Case { name: $name, by: For::$by, missing: $missing, run });
        }};
    }
    let (free, none) = (ops::activation::Input::default(), ops::deactivation::Input::default());
    let invite = world.invitation(&any_name("Table"), Role::Member);
    let several = many(t.active);
    read!("plan a change of many" Administrators None => |rx, ctx| ops::bulk::plan(rx, &ctx, &several));
    read!("plan a deactivation" Administrators person => |rx, ctx| ops::deactivation::plan(rx, &ctx, t.active, &none));
    read!("plan an activation" Administrators person => |rx, ctx| ops::activation::plan(rx, &ctx, t.off, &free));
    read!("plan a delete" Administrators person => |rx, ctx| ops::deletion::plan(rx, &ctx, t.active));
    read!("plan an invitation" Administrators None => |rx, ctx| ops::invitation::plan(rx, &ctx, &invite));
    read!("plan a conversion" Administrators person => |rx, ctx| ops::customers::plan(rx, &ctx, t.customer, ops::customers::Conversion::default()));
    read!("plan the deletion of an organization" Administrators Some("organization") => |rx, ctx| ops::organizations::plan_deletion(rx, &ctx, t.organization));
    read!("look at a token" Administrators Some("API token") => |rx, ctx| ops::tokens::one(rx, &ctx, t.token));
    read!("list somebody's tokens" Administrators person => |rx, ctx| ops::tokens::list(rx, &ctx, Which::Of(t.active)));
    read!("list service tokens" Administrators None => |rx, ctx| ops::tokens::list(rx, &ctx, Which::Service));
    read!("list everybody's tokens" Administrators None => |rx, ctx| ops::tokens::list(rx, &ctx, Which::Personal));
    read!("list sessions" Administrators person => |rx, ctx| ops::sessions::list(rx, &ctx, t.active));
    let (world, ctx) = (world.clone(), ctx.clone());
    let run: Running = Box::pin(async move {
        ops::password::change(&world.app, &ctx, PASSWORD, "six amber foxes resting").await.map(drop)
    });
    list.push(Case { name: "change the password", by: For::Anyone, missing: None, run });
    list
}

fn all(world: &World, ctx: &Ctx, targets: &Targets) -> Vec<Case> {
    let mut list = writes(world, ctx, targets);
    list.extend(reads(world, ctx, targets));
    list.extend(work::writes(world, ctx, targets));
    list.extend(work::reads(world, ctx, targets));
    list
}

/// Targets of every kind.
async fn targets(world: &World) -> Targets {
    let (who, off, (invited, _)) = (world.member().await, world.deactivated().await, world.invited().await);
    let team = world.team(&any_name("Team")).await;
    world.join(team, who.person).await.expect("joined");
    let (customer, organization) = world.customer_in(&any_name("Org")).await;
    let step =
        world.deactivate(world.member().await.person).await.expect("a deactivation").undo.expect("a step");
    let (me, name) = (world.by(who), world.name("Mine"));
    let view = world
        .write(async move |tx| ops::views::save(tx, &me, Kind::User, name.clone(), "q=x".into()).await)
        .await;
    let view = view.expect("a view");
    let (item, number, project, handover) = work::targets(world, who.person).await;
    Targets {
        active: who.person,
        session: who.session,
        off: off.person,
        invited,
        team,
        customer,
        organization,
        step,
        view,
        running: begun(world, &world.ctx()).await,
        paused: paused(world).await,
        finished: finished(world).await,
        article: world.publish(world.ctx(), "Printing", "Office", "Press Print.").await.0,
        held: held(world, off.person).await,
        token: world.token_of(who, &[Scope::Read]).await.row.token.id,
        item,
        number,
        project,
        handover,
    }
}

/// A request that waits for review.
async fn held(world: &World, person: PersonId) -> HeldRequestId {
    let (ws, id, received) = (world.ws, HeldRequestId::from_uuid(world.sys.uuid7()), world.sys.now());
    let saved = world.write(async move |tx| {
        let new = NewHeldRequest { id, person, name: "Gone", title: "Ink", body: "It is out.", received };
        held_requests::insert(tx, ws, &new).await
    });
    saved.await.expect("a request");
    id
}

async fn all_refused(world: &World, ctx: &Ctx, targets: &Targets, wanted: impl Fn(&Case) -> Option<Refusal>) {
    let before = world.dump().await;
    for case in all(world, ctx, targets) {
        let (name, wanted) = (case.name, wanted(&case));
        let Some(wanted) = wanted else { continue };
        match case.run.await {
            Err(Error::Refused(refusal)) if *refusal == wanted => {}
            other => panic!("{name}: {wanted:?} was expected, not {other:?}"),
        }
    }
    untouched(world, &before).await;
}

both_engines! {
    async fn rule_09_members_are_refused_at_every_op_of_administrators(store: Store) {
        let world = World::new(store, 12).await;
        let (targets, member) = (targets(&world).await, world.member().await);
        all_refused(&world, &world.by(member), &targets, |case| match case.by {
            For::Administrators => Some(Refusal::AdministratorsOnly),
            For::Owner => Some(Refusal::OwnerOnly),
            For::Users | For::Anyone => None,
        })
        .await;
    }

    async fn rule_08_customers_are_refused_at_every_op_of_the_desk(store: Store) {
        let world = World::new(store, 12).await;
        let (targets, customer) = (targets(&world).await, world.customer_as(&any_name("Cus")).await);
        let (ctx, before) = (world.by(customer), world.dump().await);
        // Their own password, and requests of theirs, are theirs to change and to make.
        for case in all(&world, &ctx, &targets).into_iter().filter(|case| case.by != For::Anyone) {
            let name = case.name;
            match (case.by, case.run.await) {
                (For::Administrators, Err(Error::Refused(refusal))) if *refusal == Refusal::AdministratorsOnly => {}
                (For::Owner, Err(Error::Refused(refusal))) if *refusal == Refusal::OwnerOnly => {}
                (For::Users, Err(Error::Refused(refusal))) if *refusal == Refusal::DeskOnly => {}
                // An item that does not concern them is not there for them.
                (For::Users, Err(Error::NotFound("item"))) => {}
                (by, other) => panic!("{name}, for {by:?}: a refusal was expected, not {other:?}"),
            }
        }
        untouched(&world, &before).await;
    }

    async fn members_do_what_is_for_users(store: Store) {
        let world = World::new(store, 500).await;
        let member = world.member().await;
        let ctx = world.by(member);
        let names = all(&world, &ctx, &targets(&world).await).into_iter();
        let for_users: Vec<_> = names.enumerate().filter(|(_, case)| case.by == For::Users).map(|(index, _)| index).collect();
        assert!(for_users.len() > 15, "the work is in the table: {}", for_users.len());
        for index in for_users {
            let targets = targets(&world).await;
            let case = all(&world, &ctx, &targets).into_iter().nth(index).expect("the same list");
            let name = case.name;
            case.run.await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            world.check().await;
        }
    }

    async fn rule_01_a_deactivated_actor_is_refused_at_every_op(store: Store) {
        let world = World::new(store, 12).await;
        let (targets, admin) = (targets(&world).await, world.administrator().await);
        let ctx = world.by(admin);
        world.deactivate(admin.person).await.expect("a deactivation");
        all_refused(&world, &ctx, &targets, |_| Some(Refusal::ActorDeactivated)).await;
    }

    async fn rule_01_an_ended_session_is_refused_at_every_op(store: Store) {
        let world = World::new(store, 12).await;
        let (targets, admin) = (targets(&world).await, world.administrator().await);
        let ctx = world.by(admin);
        let signs_out = ctx.clone();
        world.write(async move |tx| ops::sessions::sign_out(tx, &signs_out).await).await.expect("signed out");
        all_refused(&world, &ctx, &targets, |_| Some(Refusal::NotSignedIn)).await;
        // Nor does another's session serve, nor somebody of another workspace, nor nobody.
        let (other, beside) = (world.administrator().await, world.beside(2).await);
        let nobody = Who { person: PersonId::from_uuid(world.sys.uuid7()), session: other.session };
        for who in [Who { session: other.session, ..admin }, beside.owner, nobody] {
            all_refused(&world, &world.by(who), &targets, |_| Some(Refusal::NotSignedIn)).await;
        }
    }

    async fn rule_01_a_deleted_actor_is_refused_at_every_op(store: Store) {
        let world = World::new(store, 12).await;
        let (targets, member) = (targets(&world).await, world.member().await);
        let ctx = world.by(member);
        world.delete(member.person).await.expect("a delete");
        all_refused(&world, &ctx, &targets, |_| Some(Refusal::NotSignedIn)).await;
    }

    async fn what_is_another_workspaces_is_not_found_at_every_op(store: Store) {
        let world = World::new(store, 12).await;
        let beside = world.beside(12).await;
        let theirs = targets(&beside).await;
        let nothing = Targets {
            active: PersonId::from_uuid(world.sys.uuid7()),
            session: SessionId::from_uuid(world.sys.uuid7()),
            off: PersonId::from_uuid(world.sys.uuid7()),
            invited: PersonId::from_uuid(world.sys.uuid7()),
            customer: PersonId::from_uuid(world.sys.uuid7()),
            organization: OrganizationId::from_uuid(world.sys.uuid7()),
            team: TeamId::from_uuid(world.sys.uuid7()),
            step: StepId::from_uuid(world.sys.uuid7()),
            view: ViewId::from_uuid(world.sys.uuid7()),
            running: BatchId::from_uuid(world.sys.uuid7()),
            paused: BatchId::from_uuid(world.sys.uuid7()),
            finished: BatchId::from_uuid(world.sys.uuid7()),
            article: ArticleId::from_uuid(world.sys.uuid7()),
            held: HeldRequestId::from_uuid(world.sys.uuid7()),
            token: TokenId::from_uuid(world.sys.uuid7()),
            item: ItemId::from_uuid(world.sys.uuid7()),
            number: 1_000_000,
            project: ProjectId::from_uuid(world.sys.uuid7()),
            handover: HandoverId::from_uuid(world.sys.uuid7()),
        };
        for ctx in [world.ctx(), world.cli()] {
            let mut answers = Vec::new();
            for targets in [theirs, nothing] {
                let before = world.dump().await;
                let mut of_these = Vec::new();
                for case in all(&world, &ctx, &targets) {
                    let Some(missing) = case.missing else { continue };
                    match (case.run.await, case.by) {
                        (Err(Error::NotFound(what)), _) if what == missing => of_these.push((case.name, what)),
                        // The machine has no views of its own, and writes no messages.
                        (Err(Error::Refused(refusal)), For::Anyone | For::Users) if *refusal == Refusal::NotSignedIn => {}
                        (other, _) => panic!("{}: not found ({missing}) was expected, not {other:?}", case.name),
                    }
                }
                untouched(&world, &before).await;
                answers.push(of_these);
            }
            assert_eq!(answers[0], answers[1], "what is elsewhere looks like what is nowhere");
        }
        // A team of theirs, with somebody of ours.
        let ours = world.member().await;
        let outcome = world.join(theirs.team, ours.person).await;
        assert!(matches!(outcome, Err(Error::NotFound("team"))), "{outcome:?}");
        // A session of theirs, under a name of ours.
        let (ctx, session) = (world.ctx(), theirs.session);
        let outcome = world.write(async move |tx| ops::sessions::end(tx, &ctx, ours.person, session).await).await;
        assert!(matches!(outcome, Err(Error::NotFound("open session"))), "{outcome:?}");
        beside.check().await;
    }

    async fn an_administrator_gets_through_the_same_table(store: Store) {
        // Else the refusals above prove nothing. Each op on a world of its own, since one ends what the next is about.
        let world = World::new(store, 500).await;
        let names: Vec<_> = all(&world, &world.ctx(), &targets(&world).await).into_iter().map(|case| case.name).collect();
        for (index, name) in names.into_iter().enumerate() {
            let mut targets = targets(&world).await;
            let mut ctx = world.ctx();
            if name == "delete a view" {
                let (mine, label) = (ctx.clone(), world.name("Mine"));
                let view = world.write(async move |tx| ops::views::save(tx, &mine, Kind::User, label.clone(), "q=x".into()).await);
                targets.view = view.await.expect("a view");
            }
            if name == "end a session" || name == "transfer ownership" {
                ctx = world.cli();
            }
            if name == "transfer ownership" {
                targets.active = world.owner.person;
            }
            let case = all(&world, &ctx, &targets).into_iter().nth(index).expect("the same list");
            match case.run.await {
                Ok(()) => {}
                // The address typed is wrong on purpose: the op got as far as that.
                Err(Error::Refused(refusal)) if *refusal == Refusal::ConfirmationMismatch => {}
                Err(Error::Refused(refusal)) if name == "swap" && *refusal == Refusal::LicenseIsFree => {}
                other => panic!("{name}: {other:?}"),
            }
            world.check().await;
        }
    }
}
