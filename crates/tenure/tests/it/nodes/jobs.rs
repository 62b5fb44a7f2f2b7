//! Every kind of job on two nodes that are awake at once: each effect once, counted from rows and entries.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::{bulk::Deed, item::Part, person::Kind, role::Role};
use tenure::{
    jobs,
    ops::{
        bulk::{self, Input, Whom},
        items::depart,
    },
    seal::Verdict,
    store::Sql,
};
use tokio::{sync::Notify, task::JoinHandle};

use super::Nodes;
use crate::{
    support::world::{World, any_name},
    webhooks::receiver::{Got, Receiver},
};

/// How many people are activated by one action: some pieces of the work.
const CROWD: i64 = 700;
const INVITED: i64 = 130;
/// How many items somebody holds who is deleted: more than one write takes.
const HELD: i64 = 2 * depart::PIECE + 30;

/// Waits until a query tells nothing more; bounded by turns.
async fn until_none(nodes: &Nodes, what: &str, query: &str) {
    for _ in 0..3_000 {
        if nodes.number(query).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what} does not end");
}

/// Holds what the jobs are to change, for some seconds: meanwhile both nodes find it due, and wait for it. Then each goes on
/// with what it has read, and the other one has done by then.
async fn hold(world: &World) -> JoinHandle<()> {
    let (world, begun) = (world.clone(), Arc::new(Notify::new()));
    let told = Arc::clone(&begun);
    let held = tokio::spawn(async move {
        let done = world.write(async move |tx| {
            for query in [
                "select 1 from people where status = 'invited' for update",
                "select 1 from items for update",
                "select 1 from batches for update",
            ] {
                tx.all(&Sql::built(query.to_owned()), &[], |_| Ok(())).await?;
            }
            told.notify_one();
            tokio::time::sleep(Duration::from_secs(4)).await;
            Ok(())
        });
        done.await.expect("nothing is changed");
    });
    begun.notified().await;
    held
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_job_of_two_nodes_does_what_is_due_once() {
    let nodes = Nodes::new(CROWD + 1_000).await;
    let world = &nodes.world;
    let receiver = Receiver::start().await;
    world.webhook(&receiver.url(), &["person.activated", "invitation.expired"]).await;
    for _ in 0..INVITED {
        world.invited_as(&any_name("Late"), Role::Member).await;
    }
    let holder = world.joined_as(&any_name("Holder"), Role::Member).await;
    for _ in 0..HELD {
        world.assigned("Held", &[holder.person]).await;
    }
    let crowd = world.crowd(CROWD).await;
    // The invitations run out, and sessions that nobody used.
    world.later(Duration::from_hours(8 * 24));
    let owner = world.signed_in(world.owner.person).await;
    let input = Input {
        kind: Kind::User,
        whom: Whom::Ids(crowd.clone()),
        deed: Deed::Activate,
        add_licenses: false,
        past_brake: true,
        fingerprint: None,
        count: None,
        most: 10_000,
    };
    let ctx = world.by(owner);
    world.write(async move |tx| bulk::begin(tx, &ctx, input.clone()).await).await.expect("it begins");
    world.deactivate_by(world.by(owner), holder.person).await.expect("a deactivation");
    let email = world.row(holder.person).await.person.email;
    let ctx = world.by(owner);
    let asked = tenure::ops::deletion::Input { email, version: None, seen: None };
    let gone = world
        .write(async move |tx| tenure::ops::deletion::delete(tx, &ctx, holder.person, asked.clone()).await);
    gone.await.expect("a delete");
    assert_eq!(
        nodes.number("select count(*) from item_people").await,
        HELD - depart::PIECE,
        "the job has some to do"
    );

    let held = hold(world).await;
    let running = nodes.apps.each_ref().map(jobs::start);
    held.await.expect("what was held is let go");
    until_none(&nodes, "the batch", "select count(*) from batches where state = 'running'").await;
    until_none(&nodes, "the departure", "select count(*) from departures").await;
    until_none(
        &nodes,
        "expiry",
        "select count(*) from people where status = 'invited' and not invite_expired",
    )
    .await;
    until_none(&nodes, "the sealing", "select count(*) from audit where seq is null").await;
    until_none(&nodes, "the purge", "select count(*) - 1 from sessions where ended is null").await;
    until_none(&nodes, "sending", "select count(*) from events where place is null").await;
    let due = format!("select {} - count(*) from deliveries where state = 'delivered'", CROWD + INVITED);
    until_none(&nodes, "what is delivered", &due).await;
    for jobs in running {
        jobs.stop().await;
    }

    let once = |action: &str| {
        format!(
            "select count(*) from (select person_id from audit where action = '{action}' group by person_id having count(*) = 1) t"
        )
    };
    let all = |action: &str| format!("select count(*) from audit where action = '{action}'");
    for (action, times) in [("person.activated", CROWD), ("invitation.expired", INVITED)] {
        assert_eq!(nodes.number(&once(action)).await, times, "{action}, each person once");
        assert_eq!(nodes.number(&all(action)).await, times, "{action}");
    }
    assert_eq!(world.workspace().await.licenses.used, 1 + CROWD, "each license is freed or taken once");
    assert_eq!(nodes.number("select count(*) from item_people").await, 0);
    let taken =
        format!("select count(*) from changes where field = '{}' and after = ''", Part::Assignee.word());
    assert_eq!(nodes.number(&taken).await, HELD, "each part is taken once, on the record");
    let sealed = nodes.number("select count(*) from audit").await;
    assert_eq!(nodes.number("select max(seq) from audit").await, sealed, "the log has no gap and no double");
    assert!(matches!(world.verify().await, Verdict::Verified { .. }), "the log verifies");
    let got = receiver.got();
    let ids: HashSet<&str> = got.iter().map(Got::id).collect();
    let sent = usize::try_from(CROWD + INVITED).expect("a number");
    assert_eq!((got.len(), ids.len()), (sent, sent), "each is sent once");
    assert_eq!(nodes.number("select count(*) from delivery_attempts").await, CROWD + INVITED);
    world.check().await;
}
