//! P6: one license is left, and a thousand want it at the same moment.

use std::{fmt::Write as _, sync::Arc};

use hyper::{Method, StatusCode};
use tenure::store::Engine;
use tokio::{
    sync::Barrier,
    task::JoinSet,
    time::{Duration, timeout},
};

use rig::{
    failure::{During as _, Result},
    http::{Ask, Client},
    server::Server,
};

use crate::{
    desk::{Crowd, Desk},
    lab::Lab,
    stats::{float, median},
    table::{Goal, Row},
};

pub(super) const TITLE: &str = "1,000 concurrent activations for the last license: how many succeed";

/// Who wants the license.
const RACERS: usize = 1_000;
/// How long a race may take before it counts as hung.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) async fn run(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let desk = Desk::make(lab, engine, Crowd::default()).await?;
    bring_in(lab, &desk).await?;
    let mut rows = Vec::new();
    let nodes = if engine == Engine::Postgres { vec![1, 2] } else { vec![1] };
    for count in nodes {
        let mut servers = Vec::new();
        for _ in 0..count {
            servers.push(desk.serve(lab).await?);
        }
        rows.push(races(lab, &desk, &servers).await?);
        for server in servers {
            server.end().await?;
        }
    }
    Ok(rows)
}

/// Imports those who will want the license, as deactivated users.
async fn bring_in(lab: &Lab, desk: &Desk) -> Result<()> {
    let mut text = String::from("Name,Email,Status\n");
    for number in 0..RACERS {
        writeln!(text, "Racer {number},racer.{number}@race.example,Deactivated")?;
    }
    let file = desk.folder.join("racers.csv");
    std::fs::write(&file, text)?;
    desk.run(lab, &["import", &file.to_string_lossy(), "--kind", "users"]).await.map(drop)
}

async fn races(lab: &Lab, desk: &Desk, servers: &[Server]) -> Result<Row> {
    let racers = desk.people(&servers[0], "view=deactivated&q=race.example", RACERS).await?;
    let (mut worst, mut seconds) = (1.0_f64, Vec::new());
    for _ in 0..lab.plan.races {
        let (used, _) = licenses(desk, &servers[0]).await?;
        desk.run(lab, &["licenses", "set", &(used + 1).to_string()]).await?;
        let watch = rig::clock::Stopwatch::start();
        let winners = race(desk, servers, &racers).await?;
        seconds.push(watch.seconds());
        let (used, owned) = licenses(desk, &servers[0]).await?;
        if used > owned {
            return Err(format!("{used} licenses are used, and {owned} are owned").into());
        }
        let won = float(winners.len() as u64);
        if (won - 1.0).abs() > (worst - 1.0).abs() {
            worst = won;
        }
        give_back(desk, &servers[0], &winners).await?;
    }
    let on =
        if servers.len() > 1 { format!("{TITLE}, over {} nodes", servers.len()) } else { TITLE.to_owned() };
    Ok(Row::new("P6", on, "", &[worst], &[]).over(lab.plan.races).goal(Goal::Exactly(1.0)).note(format!(
        "The worst of {} races, each on 1,000 connections; the others are refused for want of a license, and the count \
         of licenses used is looked at afterwards. A race takes {:.2} s.",
        lab.plan.races,
        median(&seconds).unwrap_or_default()
    )))
}

/// Licenses used and owned.
async fn licenses(desk: &Desk, server: &Server) -> Result<(i64, i64)> {
    let mut client = Client::connect(server.address).await?;
    let told = client.ask(desk.token.get("/api/v1/licenses")?).await?.json()?;
    let number = |name: &str| told["licenses"][name].as_i64().or_else(|| told[name].as_i64());
    number("used").zip(number("owned")).ok_or_else(|| format!("no licenses in {told}").into())
}

/// Everybody asks at once; answers who was activated. Any other answer than that and a refusal ends the measure.
async fn race(desk: &Desk, servers: &[Server], racers: &[String]) -> Result<Vec<String>> {
    let start = Arc::new(Barrier::new(racers.len()));
    let mut asking = JoinSet::new();
    for (id, server) in racers.iter().zip(servers.iter().cycle()) {
        let ask = desk.token.ask(Method::DELETE, &format!("/api/v1/users/{id}/deactivation"))?;
        asking.spawn(wants(server.address, ask, id.clone(), start.clone()));
    }
    let all = async {
        let mut winners = Vec::new();
        while let Some(ended) = asking.join_next().await {
            winners.extend(ended??);
        }
        Ok(winners)
    };
    timeout(PATIENCE, all).await.during("the race did not end")?
}

async fn wants(
    to: std::net::SocketAddr,
    ask: Ask,
    id: String,
    start: Arc<Barrier>,
) -> Result<Option<String>> {
    let connected = Client::connect(to).await;
    // Who cannot connect lets the others run.
    start.wait().await;
    let answer = connected?.ask(ask).await?;
    match answer.status {
        StatusCode::OK => Ok(Some(id)),
        StatusCode::CONFLICT if answer.problem() == "/problems/licenses-exhausted" => Ok(None),
        status => Err(format!("an activation was answered with {status}: {}", answer.text()).into()),
    }
}

async fn give_back(desk: &Desk, server: &Server, winners: &[String]) -> Result<()> {
    let mut client = Client::connect(server.address).await?;
    for id in winners {
        let path = format!("/api/v1/users/{id}/deactivation");
        client.ask(desk.token.json(Method::POST, &path, &serde_json::json!({}))?).await?.json()?;
    }
    Ok(())
}
