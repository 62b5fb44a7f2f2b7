//! P4: one action about ten thousand people, and the pages that are read meanwhile.

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};
use tenure::store::Engine;

use rig::{
    clock::Stopwatch,
    failure::{During as _, Result},
    http::Client,
    server::Server,
};

use crate::{
    by_hand::Hand,
    desk::{ADMINISTRATOR, Crowd, Desk},
    lab::Lab,
    load::{Beside, always, times},
    stats::float,
    table::{Goal, Row, number},
};

pub(super) const TITLE: &str = "bulk deactivation";

/// How long a bulk action may take before it counts as hung.
const PATIENCE: Duration = Duration::from_mins(10);
/// How often is asked whether it is done.
const LOOK: Duration = Duration::from_millis(20);

pub(super) async fn run(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let users = lab.plan.bulk;
    let desk = lab.desk_with(engine, Crowd { users, ..Crowd::default() }).await?;
    let mut hand = Hand::open(&desk.copy(lab).await?).await?;
    let server = desk.serve(lab).await?;
    let page = always(desk.session(&server, ADMINISTRATOR).await?.get("/users")?);
    let (mut took, mut one, mut all) = (Vec::new(), Vec::new(), Vec::new());
    let (mut idle, mut busy) = (Vec::new(), Vec::new());
    for _ in 0..lab.plan.rounds.min(3) {
        let by_hand = hand.deactivate(users).await?;
        one.push(by_hand.people);
        all.push(by_hand.everything);
        idle.push(times(server.address, 1, lab.plan.loads.max(100), page.clone()).await?.percentile(0.99)?);
        let reader = Beside::begin(server.address, 1, &page);
        let watch = Stopwatch::start();
        let batch = deactivate(&desk, &server, users).await?;
        took.push(watch.seconds());
        busy.push(reader.end().await?.percentile(0.99)?);
        undo(&desk, &server, &batch).await?;
        // Else the next round's limits would share the disk with this one's seals.
        server.settle().await;
    }
    server.end().await?;
    let what = format!("{TITLE} of {} users", number(float(users)));
    Ok(vec![
        Row::new("P4", format!("{what}, beside one statement by hand"), "s", &took, &one)
            .goal(Goal::RatioAtMost(3.0))
            .note("Limit: one update of the people's status, which records nothing and frees no license."),
        Row::new("P4", format!("{what}, beside the same rows by hand"), "s", &took, &all).note(
            "Limit: the same rows by one statement for each table: status, licenses, audit log, events, result list.",
        ),
        Row::new("P4", format!("Users, page of 50, during a {what}: 99 %"), "ms", &busy, &idle)
            .goal(Goal::RatioAtMost(3.0))
            .note("Limit: the same page when nothing else goes on. One reader."),
    ])
}

/// Deactivates the crowd; answers the batch when it has come to its end.
async fn deactivate(desk: &Desk, server: &Server, users: u64) -> Result<String> {
    let mut client = Client::connect(server.address).await?;
    let asked =
        json!({ "matching": "view=active&q=crowd.example", "deed": "deactivate", "past_brake": true });
    let begun = client.ask(desk.token.json(Method::POST, "/api/v1/users/bulk", &asked)?).await?.json()?;
    let ended = ended(&mut client, desk, begun).await?;
    if ended["changed"].as_u64() != Some(users) {
        return Err(format!("{users} were to be deactivated: {ended}").into());
    }
    Ok(ended["id"].as_str().unwrap_or_default().to_owned())
}

async fn undo(desk: &Desk, server: &Server, batch: &str) -> Result<()> {
    let mut client = Client::connect(server.address).await?;
    let path = format!("/api/v1/bulk/{batch}/undo");
    let begun = client.ask(desk.token.json(Method::POST, &path, &json!({}))?).await?.json()?;
    ended(&mut client, desk, begun).await.map(drop)
}

/// Waits until a batch is finished.
async fn ended(client: &mut Client, desk: &Desk, begun: Value) -> Result<Value> {
    let id = begun["batch"]["id"].as_str().ok_or_else(|| format!("no batch in {begun}"))?;
    let path = format!("/api/v1/bulk/{id}");
    let done = async {
        loop {
            let batch = client.ask(desk.token.get(&path)?).await?.json()?;
            match batch["state"].as_str() {
                Some("finished") => return Ok(batch),
                Some("running") => tokio::time::sleep(LOOK).await,
                _ => return Err(format!("the batch did not go on: {batch}").into()),
            }
        }
    };
    tokio::time::timeout(PATIENCE, done).await.during("the batch did not end")?
}
