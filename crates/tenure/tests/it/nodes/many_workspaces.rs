//! Growth: jobs that have nothing to do ask once for all workspaces, and go through those alone in which something is due.

use std::time::Duration;

use domain::{id::WorkspaceId, role::Role};
use tenure::{
    ctx::Ctx,
    jobs, metrics, ops,
    store::{Store, workspaces},
};

use crate::support::{
    both_engines,
    world::{World, any_name},
};

/// How many workspaces the server has.
const MANY: u64 = 1_000;
/// The jobs that look again within moments. What is purged is looked at in each workspace, four times an hour.
const QUICK: [&str; 4] = ["seal-audit", "expire-invitations", "bulk", "departures"];

/// How often each of these jobs has gone through a workspace.
async fn rounds<const N: usize>(world: &World, jobs: [&str; N]) -> [u64; N] {
    let text = metrics::text(&world.app).await.expect("the metrics");
    jobs.map(|job| {
        let of_it = format!("tenure_job_rounds_total{{job=\"{job}\"");
        let lines = text.lines().filter(|line| line.starts_with(&of_it));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    })
}

async fn sealed(world: &World) {
    let query = "select count(*) from audit where seq is null";
    for _ in 0..3_000 {
        let sql = tenure::store::Sql::built(query.to_owned());
        let open: Option<i64> = world.reader().await.one(&sql, &[], |row| row.get(0)).await.expect("a read");
        if open == Some(0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the log is not sealed");
}

/// A world among so many other workspaces, each with its owner.
async fn crowded(store: Store) -> World {
    let world = World::new(store, 10).await;
    let (own, host) = (world.ws, "acme.test");
    let named = world.write(async move |tx| workspaces::add_host(tx, own, host).await).await;
    named.expect("a host");
    for number in 0..MANY {
        let workspace = WorkspaceId::from_uuid(world.sys.uuid7());
        let (ctx, key) = (Ctx { workspace, ..world.cli() }, world.app.audit_key.clone());
        let input = ops::workspace::Input {
            name: world.name(&format!("Workspace {number}")),
            owner_email: format!("owner@w{number}.example"),
            owner_name: world.name("Olga Owner"),
            licenses: 2,
            host: Some(format!("w{number}.example")),
            time_zone: "Europe/Berlin".into(),
        };
        let made =
            world.write(async move |tx| ops::workspace::create(tx, &ctx, &key, input.clone()).await).await;
        made.expect("a workspace");
    }
    world
}

both_engines! {
    async fn idle_jobs_go_through_no_workspace_and_busy_ones_through_theirs_alone(store: Store) {
        let world = crowded(store).await;
        let running = jobs::start(&world.app);
        sealed(&world).await;
        // Some looks of each, at nothing.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = rounds(&world, QUICK).await;
        assert!(before[0] >= MANY, "each workspace's log was sealed in a round of its own: {before:?}");
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(rounds(&world, QUICK).await, before, "idle, no job goes through any of {MANY} workspaces");
        world.invited_as(&any_name("Inv"), Role::Member).await;
        sealed(&world).await;
        running.stop().await;
        let after = rounds(&world, QUICK).await;
        let went = [0, 1, 2, 3].map(|at| after[at] - before[at]);
        assert!((1..=3).contains(&went[0]), "the log of one workspace is sealed: {went:?}");
        assert_eq!(went[1..], [0, 0, 0]);
    }

    async fn a_server_that_ends_waits_for_no_round_through_all_workspaces(store: Store) {
        let world = crowded(store).await;
        let running = jobs::start(&world.app);
        let mut turns = 0;
        while rounds(&world, ["purge"]).await == [0] {
            turns += 1;
            assert!(turns < 3_000, "the purge begins");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        running.stop().await;
        let [went] = rounds(&world, ["purge"]).await;
        assert!(went < MANY / 2, "it went on through {went} of {MANY} workspaces");
    }
}
