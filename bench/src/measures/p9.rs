//! P9: PostgreSQL beside its own pgbench, and two nodes beside one.

use std::{net::SocketAddr, path::PathBuf};

use tenure::store::Engine;

use super::p3;
use rig::{
    failure::Result,
    postgres::{self, find},
};

use crate::{
    desk::Desk,
    lab::Lab,
    load::{Asker, always, over},
    pgbench::pgbench,
    rows::{self, Whom},
    table::{Goal, Row},
};

pub(super) const TITLE: &str = "beside pgbench";

/// Connections that read, and those that write.
const READERS: usize = 16;
const WRITERS: usize = 64;
/// Connections over which pgbench writes, in turn: all of theirs stand in line for the one row that each moves, and with
/// fewer in line it does more. The better of both is the limit.
const IN_LINE: [usize; 2] = [WRITERS, 16];

pub(super) async fn run(lab: &Lab) -> Result<Vec<Row>> {
    if find("pgbench").is_none() {
        return Ok(vec![Row::absent("P9", TITLE, "pgbench is not installed")]);
    }
    let desk = lab.desk(Engine::Postgres, lab.plan.people).await?;
    let bare = desk.copy(lab).await?;
    let servers = [desk.serve(lab).await?, desk.serve(lab).await?];
    let nodes = [servers[0].address, servers[1].address];
    let people = desk.members(&servers[0], WRITERS).await?;
    let (reads, writes) = scripts(lab, &bare, &people).await?;
    let url = bare.url.as_deref().ok_or("no URL")?;
    let me = always(desk.token.get("/api/v1/me")?);
    let changes = p3::asker(&desk, &people)?;
    let (mut read, mut written) = (Side::default(), Side::default());
    for _ in 0..lab.plan.rounds {
        read.limits.push(pgbench(url, &reads, READERS, lab.plan.span).await?);
        read.nodes(lab, &nodes, READERS, &me).await?;
        let mut best = 0.0_f64;
        for clients in IN_LINE {
            best = best.max(pgbench(url, &writes, clients, lab.plan.span).await?);
        }
        // Each run of the script is two operations.
        written.limits.push(2.0 * best);
        written.nodes(lab, &nodes, WRITERS, &changes).await?;
        // What is left to be sealed and placed is not to be measured with the next round's reads.
        for server in &servers {
            server.settle().await;
        }
    }
    for server in servers {
        server.end().await?;
    }
    let mut rows = read.rows(
        "GET /api/v1/me with a token, 16 connections",
        "the statement that looks at the token, over as many connections",
    );
    rows.extend(written.rows(
        "deactivate and activate through the API, 64 connections",
        "the same rows, over 64 connections or 16, whichever did more",
    ));
    Ok(rows)
}

/// What the rounds of one kind of request came to.
#[derive(Default)]
struct Side {
    limits: Vec<f64>,
    one: Vec<f64>,
    two: Vec<f64>,
}

impl Side {
    async fn nodes(
        &mut self,
        lab: &Lab,
        nodes: &[SocketAddr],
        connections: usize,
        asker: &Asker,
    ) -> Result<()> {
        self.one.push(over(&nodes[..1], connections, lab.plan.span, asker.clone()).await?.per_second());
        self.two.push(over(nodes, connections, lab.plan.span, asker.clone()).await?.per_second());
        Ok(())
    }

    fn rows(&self, what: &str, limit: &str) -> Vec<Row> {
        vec![
            Row::new("P9", format!("{what}, beside pgbench"), "/s", &self.one, &self.limits)
                .goal(Goal::RatioAtLeast(0.60))
                .note(format!("Limit: pgbench with {limit}.")),
            Row::new("P9", format!("{what}, 2 nodes"), "/s", &self.two, &self.one)
                .goal(Goal::RatioAtLeast(0.90))
                .note("Limit: one node. Both nodes share the cores."),
        ]
    }
}

/// What pgbench is to do: look at the token, and write the rows of a deactivation and an activation.
async fn scripts(lab: &Lab, desk: &Desk, people: &[String]) -> Result<(PathBuf, PathBuf)> {
    let (Some(token), Some(by)) = (desk.actor.token(), desk.actor.person()) else {
        return Err("no token".into());
    };
    let url = desk.url.as_deref().ok_or("no URL")?;
    let ws = desk.workspace;
    let asked = format!(
        "select encode(t.token_hash, 'hex') from tokens t where t.workspace_id = cast('{ws}' as uuid) \
         and t.token_id = cast('{token}' as uuid)"
    );
    let row = postgres::connect(url).await?.query_one(&asked, &[]).await?;
    let hash: String = row.try_get(0)?;
    let read = format!(
        "select t.token_id, t.kind, t.person_id, t.name, t.scopes, t.created, t.expires, t.suspended, t.revoked, p.kind, \
         p.role, p.status, p.name, p.email, p.language, p.time_zone, p.theme, p.picture, w.* from tokens t \
         join workspaces w on w.workspace_id = t.workspace_id left join people p on p.workspace_id = t.workspace_id \
         and p.person_id = t.person_id and t.kind = 'personal' \
         where t.workspace_id = '{ws}' and t.token_hash = decode('{hash}', 'hex');\n"
    );
    let ids: Vec<String> = people.iter().map(|id| format!("'{id}'")).collect();
    let person = format!("(cast(array[{}] as uuid[]))[:i]", ids.join(","));
    let first = people.first().ok_or("nobody")?.parse()?;
    let write = rows::script(Whom { workspace: ws, by: by.uuid(), person: first }, &person);
    let files = (lab.folder().join("reads.sql"), lab.folder().join("writes.sql"));
    std::fs::write(&files.0, read)?;
    std::fs::write(&files.1, write)?;
    Ok(files)
}
