//! P7: a restart, and the memory of a server that has been read for a while.

use std::sync::Arc;

use tenure::store::Engine;

use rig::{
    clock::Stopwatch,
    failure::Result,
    http::{Client, visit},
    server::Server,
};

use crate::{
    desk::{ADMINISTRATOR, Desk},
    lab::Lab,
    load::{Asker, times},
    stats::{float, median},
    table::{Goal, Row, number},
};

pub(super) const TITLE: &str = "a later start to the first answered page";

/// How often it is started.
const STARTS: usize = 7;
/// Connections over which administrators read, and how many pages each loads.
const CONNECTIONS: usize = 8;
const READS: usize = 60;
const ONE_HASH: (&str, &str) = ("TENURE_PASSWORD_CONCURRENCY", "1");
/// Of the C library, which else keeps freed memory apart for each of many threads.
const FEW_ARENAS: (&str, &str) = ("MALLOC_ARENA_MAX", "2");
const PAGES: [&str; 6] =
    ["/users", "/users?q=ada", "/users?sort=created&dir=desc", "/users?group=team", "/licenses", "/audit"];

pub(super) async fn run(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let desk = lab.desk(engine, lab.plan.large).await?;
    start(lab, &desk).await?.0.end().await?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let (server, millis) = start(lab, &desk).await?;
        times.push(millis);
        server.end().await?;
    }
    let of = format!("with {} users", number(float(lab.plan.large)));
    let start = Row::new("P7", format!("{TITLE}, {of}"), "ms", &times, &[])
        .goal(Goal::AtMost(100.0))
        .note("From the start of the process to the last byte of the sign-in page, over a new connection.");
    let what =
        format!("memory {of} after {} pages of the desk over {CONNECTIONS} connections", CONNECTIONS * READS);
    let usual = memory(lab, &desk, &[ONE_HASH], what.clone()).await?;
    let few = memory(lab, &desk, &[ONE_HASH, FEW_ARENAS], format!("{what}, with MALLOC_ARENA_MAX=2")).await?;
    Ok(vec![start, usual, few])
}

/// What it takes after a load, each time by a server that was just started.
async fn memory(lab: &Lab, desk: &Desk, settings: &[(&str, &str)], what: String) -> Result<Row> {
    let (mut idle, mut loaded, mut most) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..lab.plan.rounds.min(3) {
        let server = desk.serve_with(lab, settings).await?;
        idle.push(server.memory()?.0);
        read(desk, &server).await?;
        let (now, peak) = server.memory()?;
        loaded.push(now);
        most.push(peak);
        server.end().await?;
    }
    let middle = |all: &[f64]| median(all).unwrap_or_default();
    Ok(Row::new("P7", what, "MiB", &loaded, &[]).goal(Goal::AtMost(64.0)).note(format!(
        "One password hashed at a time. {:.0} MiB after the start, {:.0} MiB at most in between.",
        middle(&idle),
        middle(&most)
    )))
}

/// Starts it and asks for its first page; answers after how many milliseconds it was there.
async fn start(lab: &Lab, desk: &Desk) -> Result<(Server, f64)> {
    let watch = Stopwatch::start();
    let server = desk.serve_with(lab, &[ONE_HASH]).await?;
    let ask = visit("/sign-in")?;
    let (status, length) = Client::connect(server.address).await?.skim(ask).await?;
    let millis = watch.seconds() * 1000.0;
    if !status.is_success() || length == 0 {
        return Err(format!("the first page was answered with {status}").into());
    }
    Ok((server, millis))
}

async fn read(desk: &Desk, server: &Server) -> Result<()> {
    let session = desk.session(server, ADMINISTRATOR).await?;
    let pages = PAGES.iter().map(|page| session.get(page)).collect::<Result<Vec<_>>>()?;
    let asker: Asker = Arc::new(move |connection, turn| {
        let turn = usize::try_from(turn).unwrap_or_default();
        pages[(connection + turn) % pages.len()].clone()
    });
    times(server.address, CONNECTIONS, READS as u64, asker).await.map(drop)
}
