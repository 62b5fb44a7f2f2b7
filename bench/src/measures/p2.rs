//! P2: the grid of users costs the same among many as among few.

use std::sync::Arc;

use tenure::store::Engine;

use rig::{failure::Result, server::Server};

use crate::{
    desk::{ADMINISTRATOR, Desk},
    lab::Lab,
    load::{Asker, always, times},
    stats::float,
    table::{Goal, Row, number},
};

pub(super) const TITLE: &str = "Users, page of 50";

/// One connection: what is asked is how long a page takes, not how many there are in a second.
const CONNECTIONS: usize = 1;

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
    for site in sites {
        site.server.end().await?;
    }
    Ok(rows)
}
