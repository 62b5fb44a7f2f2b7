//! P5: nothing of a deactivated person's is accepted once the deactivation is answered, on any node.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use domain::token::Scope;
use http_body_util::BodyExt as _;
use hyper::{Method, StatusCode};
use serde_json::json;
use tenure::store::Engine;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use rig::{
    clock::now,
    failure::{During as _, Result},
    http::{Ask, Client, Pass},
    server::Server,
};

use crate::{
    desk::{Desk, MEMBER},
    lab::Lab,
    stats::{float, median},
    table::{Goal, Row},
};

pub(super) const TITLE: &str = "requests accepted after the answer of a deactivation";

/// Connections of the load; each sends a request every `PACE`: 1,000 a second.
const CONNECTIONS: u32 = 16;
const PACE: Duration = Duration::from_millis(16);
/// Load before the deactivation, and after it.
const BEFORE: Duration = Duration::from_millis(400);
const AFTER: Duration = Duration::from_millis(600);
/// How long a stream may stay open before it counts as never closed.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let desk = lab.desk(engine, lab.plan.people).await?;
    let (tokens, person) = tokens(&desk).await?;
    let mut rows = Vec::new();
    for nodes in if engine == Engine::Postgres { vec![1, 2] } else { vec![1] } {
        let mut servers = Vec::new();
        for _ in 0..nodes {
            servers.push(desk.serve(lab).await?);
        }
        let stage = Stage { desk: &desk, servers: &servers, tokens: &tokens, person: &person };
        rows.extend(stage.trials(lab.plan.rounds).await?);
        for server in servers {
            server.end().await?;
        }
    }
    Ok(rows)
}

/// Two tokens of the person, and their id.
async fn tokens(desk: &Desk) -> Result<(Vec<Pass>, String)> {
    let (first, actor) = desk.token_of(MEMBER, Scope::Read).await?;
    let (second, _) = desk.token_of(MEMBER, Scope::Read).await?;
    Ok((vec![first, second], actor.person().ok_or("the token is nobody's")?.to_string()))
}

/// One request of the load.
struct Sample {
    begun: Instant,
    accepted: bool,
    /// Whether it showed something of the person's.
    theirs: bool,
}

/// What one trial came to.
struct Trial {
    late: u64,
    tried: u64,
    streams: Vec<f64>,
    per_second: f64,
}

struct Stage<'a> {
    desk: &'a Desk,
    servers: &'a [Server],
    tokens: &'a [Pass],
    person: &'a str,
}

impl Stage<'_> {
    async fn trials(&self, rounds: usize) -> Result<Vec<Row>> {
        let mut trials = Vec::new();
        for round in 0..rounds {
            trials.push(self.trial(round).await?);
        }
        let on = if self.servers.len() > 1 { ", 2 nodes" } else { ", 1 node" };
        let late: u64 = trials.iter().map(|trial| trial.late).sum();
        let tried: u64 = trials.iter().map(|trial| trial.tried).sum();
        let rate =
            median(&trials.iter().map(|trial| trial.per_second).collect::<Vec<_>>()).unwrap_or_default();
        let closed: Vec<f64> = trials.iter().flat_map(|trial| trial.streams.iter().copied()).collect();
        let slowest = closed.iter().copied().fold(0.0, f64::max);
        Ok(vec![
            Row::new("P5", format!("{TITLE}{on}"), "", &[float(late)], &[]).over(rounds).goal(Goal::Exactly(0.0)).note(format!(
                "{rounds} deactivations under {rate:.0} requests a second, half of them with the person's sessions and \
                 tokens; {tried} of theirs were begun after the answer."
            )),
            Row::new("P5", format!("the person's streams are closed after the answer{on}"), "ms", &[slowest], &[])
                .over(rounds)
                .goal(Goal::AtMost(100.0))
                .note(format!(
                    "The slowest of {} streams, half of them opened by a session, half by a token. Median {:.1} ms.",
                    closed.len(),
                    median(&closed).unwrap_or_default()
                )),
        ])
    }

    fn node(&self, number: usize) -> SocketAddr {
        self.servers[number % self.servers.len()].address
    }

    /// Each of the person's sessions and tokens is shown to each node, and has a stream open there; the deactivation is
    /// asked of each node in turn.
    async fn trial(&self, round: usize) -> Result<Trial> {
        let mut theirs = self.tokens.to_vec();
        for number in 0..2 {
            let server = &self.servers[number % self.servers.len()];
            theirs.push(self.desk.session(server, MEMBER).await?);
        }
        let mut streams = JoinSet::new();
        for pass in &theirs {
            for server in self.servers {
                streams.spawn(open(server.address, pass.get("/api/v1/events")?).await?);
            }
        }
        let stop = Arc::new(AtomicBool::new(false));
        let mut load = JoinSet::new();
        for number in 0..CONNECTIONS as usize {
            let pass = if number % 2 == 0 {
                self.desk.token.clone()
            } else {
                theirs[number / 2 % theirs.len()].clone()
            };
            // Every other connection is theirs, and every fourth of those shows the same.
            let node = self.node(number / 2 / theirs.len());
            load.spawn(work(node, pass, number % 2 == 1, stop.clone()));
        }
        let began = now();
        sleep(BEFORE).await;
        let path = format!("/api/v1/users/{}/deactivation", self.person);
        let mut administrator = Client::connect(self.node(round)).await?;
        administrator.ask(self.desk.token.json(Method::POST, &path, &json!({}))?).await?.json()?;
        let answered = now();
        sleep(AFTER).await;
        stop.store(true, Ordering::Relaxed);
        let mut samples: Vec<Sample> = Vec::new();
        while let Some(ended) = load.join_next().await {
            samples.extend(ended??);
        }
        let seconds = now().duration_since(began).as_secs_f64();
        let mut closed = Vec::new();
        while let Some(ended) = streams.join_next().await {
            let ended: Option<Instant> = ended?;
            // One that had not ended would still have waited for longer than this.
            let after = ended.map_or(PATIENCE, |ended| ended.saturating_duration_since(answered));
            closed.push(after.as_secs_f64() * 1000.0);
        }
        let back = self.desk.token.json(Method::DELETE, &path, &json!({ "restore_tokens": true }))?;
        administrator.ask(back).await?.json()?;
        judge(&samples, answered, closed, seconds)
    }
}

fn judge(samples: &[Sample], answered: Instant, streams: Vec<f64>, seconds: f64) -> Result<Trial> {
    let of = |theirs: bool, after: bool| {
        samples.iter().filter(move |sample| sample.theirs == theirs && (sample.begun > answered) == after)
    };
    // A load that is refused anyway would prove nothing.
    let before = of(true, false).filter(|sample| sample.accepted).count();
    let tried = of(true, true).count() as u64;
    if before == 0 || tried == 0 || samples.iter().any(|sample| !sample.theirs && !sample.accepted) {
        return Err(format!("the load proves nothing: {before} accepted before, {tried} tried after").into());
    }
    let late = of(true, true).filter(|sample| sample.accepted).count() as u64;
    Ok(Trial { late, tried, streams, per_second: float(samples.len() as u64) / seconds })
}

/// Sends a request every `PACE`, or as soon as the last is answered when that took longer.
async fn work(to: SocketAddr, pass: Pass, theirs: bool, stop: Arc<AtomicBool>) -> Result<Vec<Sample>> {
    let ask = pass.get("/api/v1/me")?;
    let mut client = Client::connect(to).await?;
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut samples = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        pace.tick().await;
        let begun = now();
        let (status, _) = client.skim(ask.clone()).await?;
        if !(status.is_success() || [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status)) {
            return Err(format!("GET /api/v1/me was answered with {status}").into());
        }
        samples.push(Sample { begun, accepted: status.is_success(), theirs });
    }
    Ok(samples)
}

/// Opens a stream; what is answered tells when it was closed, or `None` when it was not.
async fn open(to: SocketAddr, ask: Ask) -> Result<impl Future<Output = Option<Instant>>> {
    let mut client = Client::connect(to).await?;
    let response = client.open(ask).await.during("opening a stream")?;
    if !response.status().is_success() {
        return Err(format!("a stream was answered with {}", response.status()).into());
    }
    Ok(async move {
        let mut body = response.into_body();
        let end = async { while let Some(Ok(_)) = body.frame().await {} };
        let ended = timeout(BEFORE + AFTER + PATIENCE, end).await.ok().map(|()| now());
        drop(client);
        ended
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_began_after_the_answer_and_was_accepted_is_late() {
        let start = now();
        let at =
            |ms: u64, accepted, theirs| Sample { begun: start + Duration::from_millis(ms), accepted, theirs };
        let answered = start + Duration::from_millis(10);
        let samples = [
            at(1, true, true),
            at(10, true, true),
            at(11, true, true),
            at(12, false, true),
            at(13, true, false),
        ];
        let trial = judge(&samples, answered, Vec::new(), 1.0).expect("a trial");
        assert_eq!((trial.late, trial.tried), (1, 2));
        // Nothing of theirs was accepted before: the load shows nothing.
        assert!(judge(&samples[3..], answered, Vec::new(), 1.0).is_err());
        // Nothing of theirs was tried afterwards.
        assert!(judge(&samples[..2], answered, Vec::new(), 1.0).is_err());
    }
}
