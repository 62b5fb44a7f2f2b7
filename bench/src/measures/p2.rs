//! P2: the grid of users costs the same among many as among few, and with other workspaces beside.

use std::sync::Arc;

use tenure::store::Engine;

use rig::{failure::Result, server::Server};

use crate::{
    desk::{ADMINISTRATOR, Crowd, Desk},
    lab::Lab,
    load::{Asker, always, times},
    stats::float,
    table::{Goal, Row, number},
};

pub(super) const TITLE: &str = "Users, page of 50";

/// One connection: what is asked is how long a page takes, not how many there are in a second.
const CONNECTIONS: usize = 1;

/// Workspaces on one server.
const WORKSPACES: u64 = 1_000;

struct Site {
    users: u64,
    server: Server,
    page: Asker,
    medians: Vec<f64>,
    tails: Vec<f64>,
    _desk: Arc<Desk>,
}

pub(super) async fn run(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let mut sites = Vec::new();
    for users in lab.plan.sizes.clone() {
        let desk = lab.desk(engine, users).await?;
        let server = desk.serve(lab).await?;
        let page = always(desk.session(&server, ADMINISTRATOR).await?.get("/users")?);
        sites.push(Site { users, server, page, medians: Vec::new(), tails: Vec::new(), _desk: desk });
    }
    for _ in 0..lab.plan.rounds {
        for site in &mut sites {
            let loaded = times(site.server.address, CONNECTIONS, lab.plan.loads, site.page.clone()).await?;
            site.medians.push(loaded.percentile(0.5)?);
            site.tails.push(loaded.percentile(0.99)?);
        }
    }
    let Some((few, many)) = sites.split_first() else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for site in many {
        let users = number(float(site.users));
        rows.push(
            Row::new("P2", format!("{TITLE}, of {users}: median"), "ms", &site.medians, &few.medians)
                .goal(Goal::RatioAtMost(1.2))
                .note(format!("Limit: the same page among {} users.", number(float(few.users)))),
        );
        rows.push(
            Row::new("P2", format!("{TITLE}, of {users}: 99 %"), "ms", &site.tails, &site.medians)
                .goal(Goal::RatioBelow(10.0))
                .note("Limit: the median of the same rounds."),
        );
    }
    let alone = few.users;
    for site in sites {
        site.server.end().await?;
    }
    rows.extend(neighbours(lab, engine, alone).await?);
    Ok(rows)
}

/// What other workspaces on the same server cost a request that is none of theirs.
async fn neighbours(lab: &Lab, engine: Engine, users: u64) -> Result<Vec<Row>> {
    let crowd = Crowd { users, some_away: true, ..Crowd::default() };
    let desks = [
        lab.desk_with(engine, crowd).await?,
        lab.desk_with(engine, Crowd { workspaces: WORKSPACES - 1, ..crowd }).await?,
    ];
    let servers = [desks[0].serve(lab).await?, desks[1].serve(lab).await?];
    let mut rows = Vec::new();
    for (what, path) in [(TITLE, "/users"), ("GET /api/v1/me with a token, 1 connection", "/api/v1/me")] {
        let mut medians = [Vec::new(), Vec::new()];
        let mut pages = Vec::new();
        for (desk, server) in desks.iter().zip(&servers) {
            let pass = if path.starts_with("/api/") {
                desk.token.clone()
            } else {
                desk.session(server, ADMINISTRATOR).await?
            };
            pages.push(always(pass.get(path)?));
        }
        for _ in 0..lab.plan.rounds {
            for at in 0..2 {
                let loaded =
                    times(servers[at].address, CONNECTIONS, lab.plan.loads, pages[at].clone()).await?;
                medians[at].push(loaded.percentile(0.5)?);
            }
        }
        let what = format!("{what}, among {} workspaces: median", number(float(WORKSPACES)));
        rows.push(
            Row::new("P2", what, "ms", &medians[1], &medians[0])
                .goal(Goal::RatioAtMost(1.2))
                .note("Limit: the same where the server has one workspace."),
        );
    }
    for server in servers {
        server.end().await?;
    }
    Ok(rows)
}
