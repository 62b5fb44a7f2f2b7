//! Changes of many people in the table: one that has begun, one that stopped, and one that is over.

use domain::{
    bulk::Deed,
    id::{BatchId, PersonId},
    lifecycle::Grounds,
    person::Kind,
};
use tenure::{ctx::Ctx, ops, store::batches::State};

use super::World;

pub(super) fn many(of: PersonId) -> ops::bulk::Input {
    ops::bulk::Input {
        kind: Kind::User,
        whom: ops::bulk::Whom::Ids(vec![of]),
        deed: Deed::Deactivate(Grounds::default()),
        add_licenses: false,
        past_brake: true,
        fingerprint: None,
        count: None,
        most: 10,
    }
}

/// A change of many people, who are but one, that has begun.
pub(super) async fn begun(world: &World, ctx: &Ctx) -> BatchId {
    let (ctx, input) = (ctx.clone(), many(world.member().await.person));
    let begun = world.write(async move |tx| ops::bulk::begin(tx, &ctx, input.clone()).await).await;
    begun.expect("it begins").batch
}

async fn worked(world: &World, id: BatchId) -> BatchId {
    for _ in 0..10 {
        let (sys, ws) = (world.sys.clone(), world.ws);
        let progress = world.write(async move |tx| ops::bulk::work(tx, &sys, ws, id).await).await;
        if progress.expect("a piece of work").state != State::Running {
            return id;
        }
    }
    panic!("the change of many people does not end");
}

/// One that stopped, since whoever began it administers no more.
pub(super) async fn paused(world: &World) -> BatchId {
    let admin = world.administrator().await;
    let id = begun(world, &world.by(admin)).await;
    world.deactivate(admin.person).await.expect("a deactivation");
    worked(world, id).await
}

pub(super) async fn finished(world: &World) -> BatchId {
    worked(world, begun(world, &world.ctx()).await).await
}
