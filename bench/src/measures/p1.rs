//! P1: what a request costs beside the bare framework, alone and beside slow reports.

use tenure::store::Engine;

use rig::{failure::Result, http::Client, server::Server};

use crate::{
    bare::LOOKING,
    desk::Desk,
    lab::Lab,
    load::{Asker, Beside, Outcome, always, during},
    stats::{float, median},
    table::{Goal, Row},
};

pub(super) const TITLE: &str = "GET /api/v1/me with a token, 16 connections";

/// Requests under way at once.
const CONNECTIONS: usize = 16;
/// Clients that read the slow report.
const REPORTERS: usize = 4;
/// The slow reports that there are: one of them is chosen by how long it takes.
const REPORTS: [&str; 3] =
    ["/api/v1/users.csv", "/api/v1/users?sort=last-sign-in&limit=200", "/api/v1/audit?limit=200"];

pub(super) async fn run(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let desk = lab.desk(engine, lab.plan.people).await?;
    let (tenure, bare) = (desk.serve(lab).await?, lab.bare(&desk.look()?).await?);
    let me = always(desk.token.get("/api/v1/me")?);
    let looking = always(desk.token.get(LOOKING)?);
    let [mut own, mut alone, mut asking] = [Side::default(), Side::default(), Side::default()];
    for _ in 0..lab.plan.rounds {
        alone.round(lab, &bare, &me).await?;
        asking.round(lab, &bare, &looking).await?;
        own.round(lab, &tenure, &me).await?;
    }
    let note = format!(
        "Limit: a bare axum route that answers JSON, under the same load in the same run. {}",
        own.beside(&alone)
    );
    let row = Row::new("P1", TITLE, "/s", &own.rates, &alone.rates).goal(Goal::RatioAtLeast(0.65)).note(note);
    let note = format!(
        "Limit: the bare route after the database's driver alone has answered Tenure's one question, whose the token \
         is; {:.2} of the route without. {}",
        median(&asking.rates).unwrap_or_default() / median(&alone.rates).unwrap_or_default(),
        own.beside(&asking)
    );
    let what = "the same beside a bare route that asks the database";
    let asked = Row::new("P1", what, "/s", &own.rates, &asking.rates).note(note);
    let beside = beside(lab, (&tenure, &bare), &desk, &me).await?;
    tenure.end().await?;
    Ok(vec![row, asked, beside])
}

/// Requests in a second, round by round, and what each costs the server in microseconds of the processors.
#[derive(Default)]
struct Side {
    rates: Vec<f64>,
    costs: Vec<f64>,
}

impl Side {
    async fn round(&mut self, lab: &Lab, server: &Server, asker: &Asker) -> Result<()> {
        self.rates.push(costed(lab, server, asker, &mut self.costs).await?.per_second());
        Ok(())
    }

    fn beside(&self, limit: &Self) -> String {
        let (Some(own), Some(limit)) = (median(&self.costs), median(&limit.costs)) else {
            return String::new();
        };
        format!("Time of the processors for a request: {own:.0} µs beside {limit:.0} µs.")
    }
}

/// A load, with what a request costs the server in microseconds of the processors.
async fn costed(lab: &Lab, server: &Server, me: &Asker, costs: &mut Vec<f64>) -> Result<Outcome> {
    let before = server.processor();
    let outcome = during(server.address, CONNECTIONS, lab.plan.span, me.clone()).await?;
    if let (Some(before), Some(after)) = (before, server.processor()) {
        costs.push((after - before) * 1e6 / float(outcome.millis.len() as u64));
    }
    Ok(outcome)
}

async fn beside(lab: &Lab, (tenure, bare): (&Server, &Server), desk: &Desk, me: &Asker) -> Result<Row> {
    let (report, took) = slowest(tenure, desk).await?;
    let asker = always(desk.token.get(report)?);
    let (mut figures, mut limits, mut reports) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..lab.plan.rounds {
        for (server, into) in [(bare, &mut limits), (tenure, &mut figures)] {
            // The reports are Tenure's in both cases: the machine has the same to do beside.
            let slow = Beside::begin(tenure.address, REPORTERS, &asker);
            into.push(during(server.address, CONNECTIONS, lab.plan.span, me.clone()).await?.per_second());
            reports.push(slow.end().await?.per_second());
        }
    }
    let per_second = median(&reports).unwrap_or_default();
    Ok(Row::new("P1", "the same beside 4 clients of a slow report", "/s", &figures, &limits)
        .goal(Goal::RatioAtLeast(0.60))
        .note(format!(
            "The slowest report here: {report}, {took:.0} ms alone, {per_second:.0} a second beside the load. \
             Limit: the bare route while the same clients read the same report from Tenure."
        )))
}

/// The report that takes longest, in milliseconds.
async fn slowest(server: &Server, desk: &Desk) -> Result<(&'static str, f64)> {
    let mut client = Client::connect(server.address).await?;
    let mut slowest = ("", 0.0);
    for path in REPORTS {
        let mut times = Vec::new();
        for _ in 0..3 {
            let watch = rig::clock::Stopwatch::start();
            let (status, _) = client.skim(desk.token.get(path)?).await?;
            if !status.is_success() {
                return Err(format!("{path} was answered with {status}").into());
            }
            times.push(watch.seconds() * 1000.0);
        }
        let took = median(&times).unwrap_or_default();
        if took > slowest.1 {
            slowest = (path, took);
        }
    }
    Ok(slowest)
}
