//! The ops of the work in the table.

use domain::{
    item::{ItemKind, ItemStatus, MessageKind, Part},
    project::ProjectState,
};
use tenure::ops::{
    handover,
    items::{self, Edit, Input, Request, bulk as many},
    messages::{self, Body},
    projects,
};

use super::{Case, Ctx, For, HandoverId, ItemId, PersonId, ProjectId, Running, Targets, World, any_name};

/// An item, its number, a project, and a handover that can be taken back, all with somebody in them.
pub(super) async fn targets(world: &World, who: PersonId) -> (ItemId, i64, ProjectId, HandoverId) {
    let (item, number) = world.assigned("A lamp", &[who]).await;
    let project = world.project(&any_name("Project")).await;
    let giver = world.member().await;
    world.assigned("A chair", &[giver.person]).await;
    let to = handover::To::Person(world.owner.person);
    let input = handover::Input { from: giver.person, to, items: None, fingerprint: None };
    let done = world.hand_over(world.ctx(), input).await.expect("a handover");
    (item, number, project, done.undo.expect("an undo"))
}

fn hand_over(world: &World, from: PersonId) -> handover::Input {
    handover::Input { from, to: handover::To::Person(world.owner.person), items: None, fingerprint: None }
}

pub(super) fn writes(world: &World, ctx: &Ctx, t: &Targets) -> Vec<Case> {
    let t = *t;
    let (person, item, project) = (Some("person"), Some("item"), Some("project"));
    let (part, follower) = (Part::Assignee, Part::Follower);
    let mut list = cases! { world, ctx;
        "set the status of an item" Users item => |tx| items::set_status(tx, &ctx, t.item, ItemStatus::Done, None);
        "assign" Users person => |tx| items::give(tx, &ctx, t.item, t.active, part);
        "follow" Users person => |tx| items::give(tx, &ctx, t.item, t.active, follower);
        "unassign" Users person => |tx| items::take(tx, &ctx, t.item, t.active, part);
        "assign to a project" Users person => |tx| projects::give(tx, &ctx, t.project, t.active, part);
        "take out of a project" Users person => |tx| projects::take(tx, &ctx, t.project, t.active, part);
        "take a handover back" Users Some("handover") => |tx| handover::undo(tx, &ctx, t.handover);
    };
    macro_rules! with {
        ($name:literal $by:ident $missing:expr => $input:expr, |$tx:ident, $ctx:ident, $value:ident| $body:expr) => {{
            let (world, $ctx, input) = (world.clone(), ctx.clone(), $input);
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
    let made = Input { assignees: vec![t.active], ..Input::new(ItemKind::Task, world.title("A desk")) };
    let titled = Edit { title: Some(world.title("Another lamp")), ..Edit::default() };
    let requested = Edit { requester: Some(Some(t.customer)), ..Edit::default() };
    let request = Request { title: world.title("A question"), description: String::new() };
    let body = Body::parse("Done.", &world.app.config.limits).expect("a body");
    let archived = projects::Edit { state: Some(ProjectState::Archived), ..Default::default() };
    with!("make an item" Users person => made, |tx, ctx, input| items::create(tx, &ctx, input));
    with!("make a request" Anyone None => request, |tx, ctx, input| items::request(tx, &ctx, input));
    with!("edit an item" Users item => titled, |tx, ctx, input| items::edit(tx, &ctx, t.item, input));
    with!("set a requester" Users person => requested, |tx, ctx, input| items::edit(tx, &ctx, t.item, input));
    with!("reply" Users item => body.clone(), |tx, ctx, input| messages::add(tx, &ctx, t.item, MessageKind::Reply, input));
    with!("write a note" Users item => body, |tx, ctx, input| messages::add(tx, &ctx, t.item, MessageKind::Note, input));
    with!("create a project" Users None => world.name(&any_name("Project")), |tx, ctx, input| projects::create(tx, &ctx, input, String::new()));
    with!("archive a project" Users project => archived, |tx, ctx, input| projects::edit(tx, &ctx, t.project, input));
    with!("hand over" Users person => hand_over(world, t.active), |tx, ctx, input| handover::hand_over(tx, &ctx, input));
    list.push(change_many(world, ctx, &t));
    list
}

/// It writes in pieces of its own.
fn change_many(world: &World, ctx: &Ctx, t: &Targets) -> Case {
    let t = *t;
    let (world, ctx) = (world.clone(), ctx.clone());
    let input =
        many::Input { which: many::Which::Ids(vec![t.item]), deed: many::Deed::Unassign(Some(t.active)) };
    let run: Running = Box::pin(async move {
        let plan = many::plan(&mut world.reader().await, &ctx, &input).await?;
        many::carry_out(&world.app.store, &ctx, &input, &plan.fingerprint).await.map(drop)
    });
    Case { name: "change many items", by: For::Users, missing: Some("person"), run }
}

pub(super) fn reads(world: &World, ctx: &Ctx, t: &Targets) -> Vec<Case> {
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
    let input = hand_over(world, t.active);
    read!("show an item" Users Some("item") => |rx, ctx| items::show(rx, &ctx, t.number));
    read!("read an item's history" Users None => |rx, ctx| items::history(rx, &ctx, t.item, None, 10));
    read!("see what a person holds" Users person => |rx, ctx| items::of_person(rx, &ctx, t.active));
    read!("see one's mentions" Users None => |rx, ctx| messages::mentions(rx, &ctx, None, 10));
    read!("show a project" Users Some("project") => |rx, ctx| projects::show(rx, &ctx, t.project));
    read!("plan a handover" Users person => |rx, ctx| handover::plan(rx, &ctx, &input));
    list
}
