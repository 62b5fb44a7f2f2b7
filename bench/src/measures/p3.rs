//! P3: deactivations and activations that are on disk when they are answered.

use std::{sync::Arc, time::Duration};

use domain::{actor::Door, id::PersonId};
use futures_util::future::try_join_all;
use hyper::Method;
use tenure::{
    app::App,
    ops::{activation, deactivation},
    store::{Engine, Tx},
};

use rig::{clock::now, failure::Result, http::Ask};

use crate::{
    desk::Desk,
    lab::Lab,
    load,
    load::Asker,
    rows::{self, To, Whom},
    stats::float,
    table::{Goal, Row},
};

pub(super) const TITLE: &str = "deactivate and activate through the API";

/// Connections, and the size of a group of the bare engine.
const MANY: usize = 64;
/// Connections of the driver alone to PostgreSQL: as many as the server holds.
const POOL: usize = 16;

pub(super) async fn run(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let desk = lab.desk(engine, lab.plan.people).await?;
    let (bare, apart) = (desk.copy(lab).await?, desk.copy(lab).await?);
    let server = desk.serve(lab).await?;
    let people = desk.members(&server, MANY).await?;
    let asker = asker(&desk, &people)?;
    let mut driver = Driver::open(&bare, &people).await?;
    let (app, first) = (apart.open().await?, people.first().ok_or("nobody")?.parse::<PersonId>()?);
    let mut many = (Vec::new(), Vec::new());
    let (mut single, mut inside, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    let span = lab.plan.span;
    for _ in 0..lab.plan.rounds {
        many.1.push(driver.rate(MANY, span).await?);
        many.0.push(load::during(server.address, MANY, span, asker.clone()).await?.per_second());
        // What a load leaves to be sealed and placed would go to the same disk.
        server.settle().await;
        limits.push(driver.rate(1, span).await?);
        inside.push(without_http(&app, &apart, first, span).await?);
        single.push(load::during(server.address, 1, span, asker.clone()).await?.per_second());
        server.settle().await;
    }
    app.store.close().await;
    server.end().await?;
    let note = match engine {
        Engine::Sqlite => "Limit: the same rows by rusqlite alone, 64 operations in a transaction.",
        Engine::Postgres => {
            "Limit: the same rows by tokio-postgres alone over 16 connections, which is how many the server holds, each \
             operation a transaction that is sent at once."
        }
    };
    let alone = match engine {
        Engine::Sqlite => "Limit: the same rows by rusqlite alone, an operation in a transaction.",
        Engine::Postgres => "Limit: the same rows by tokio-postgres alone, each operation sent at once.",
    };
    let note = durability(lab, engine, note);
    Ok(vec![
        Row::new("P3", format!("{TITLE}, 64 connections"), "/s", &many.0, &many.1)
            .goal(Goal::RatioAtLeast(0.60))
            .note(note),
        Row::new("P3", "the operation without HTTP, one at a time", "/s", &inside, &limits)
            .goal(Goal::RatioAtLeast(0.75))
            .note(alone),
        Row::new("P3", format!("{TITLE}, 1 connection"), "/s", &single, &limits).note(alone),
    ])
}

fn durability(lab: &Lab, engine: Engine, note: &str) -> String {
    let durable = engine == Engine::Sqlite || lab.postgres().is_ok_and(|postgres| postgres.durable);
    if durable { note.to_owned() } else { format!("{note} This PostgreSQL runs without fsync.") }
}

/// Each connection has somebody of its own, and sends them away and brings them back in turn.
pub(super) fn asker(desk: &Desk, people: &[String]) -> Result<Asker> {
    let both = |id: &String| -> Result<[Ask; 2]> {
        let path = format!("/api/v1/users/{id}/deactivation");
        let away = desk.token.json(Method::POST, &path, &serde_json::json!({}))?;
        Ok([away, desk.token.ask(Method::DELETE, &path)?])
    };
    let asks = people.iter().map(both).collect::<Result<Vec<_>>>()?;
    // A load may end after any turn. Doing again what is done would change nothing, so the way goes on over loads.
    let turns: Vec<_> = people.iter().map(|_| std::sync::atomic::AtomicUsize::new(0)).collect();
    Ok(Arc::new(move |connection, _| {
        let number = connection % asks.len();
        let turn = turns[number].fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        asks[number][turn % 2].clone()
    }))
}

/// The driver alone.
struct Driver {
    hand: Hand,
    people: Vec<Whom>,
    /// Of each person: whether they go or come next.
    turns: Vec<u64>,
}

enum Hand {
    /// Away while a thread of its own writes with it.
    Sqlite(Option<rows::Sqlite>),
    Postgres(Vec<rows::Postgres>),
}

impl Driver {
    async fn open(desk: &Desk, people: &[String]) -> Result<Self> {
        let by = desk.actor.person().ok_or("the token is nobody's")?.uuid();
        let whom = |id: &String| Ok(Whom { workspace: desk.workspace, by, person: id.parse()? });
        let people = people.iter().map(whom).collect::<Result<Vec<_>>>()?;
        let hand = match &desk.url {
            None => Hand::Sqlite(Some(rows::Sqlite::open(&desk.file())?)),
            Some(url) => {
                let mut pool = Vec::new();
                for _ in 0..POOL {
                    pool.push(rows::Postgres::connect(url).await?);
                }
                Hand::Postgres(pool)
            }
        };
        Ok(Self { hand, turns: vec![0; people.len()], people })
    }

    /// Operations in a second: on SQLite in groups of `size`, on PostgreSQL of one connection for one, else of all.
    async fn rate(&mut self, size: usize, span: Duration) -> Result<f64> {
        if let (Hand::Postgres(pool), true) = (&self.hand, size > 1) {
            return loops(pool, &self.people, &mut self.turns, span).await;
        }
        let start = now();
        let mut done = 0_u64;
        let mut next = 0;
        loop {
            let gone = now().duration_since(start);
            if gone >= span {
                return Ok(float(done) / gone.as_secs_f64());
            }
            let group: Vec<(Whom, To)> = (0..size).map(|_| self.turn(&mut next, size)).collect();
            done += group.len() as u64;
            self.write(group).await?;
        }
    }

    fn turn(&mut self, next: &mut usize, size: usize) -> (Whom, To) {
        let at = *next % self.people.len().min(size.max(1));
        *next += 1;
        let to = To::of_turn(self.turns[at]);
        self.turns[at] += 1;
        (self.people[at], to)
    }

    async fn write(&mut self, group: Vec<(Whom, To)>) -> Result<()> {
        match &mut self.hand {
            Hand::Sqlite(hand) => {
                let db = hand.take().ok_or("the driver is away")?;
                let (db, wrote) = tokio::task::spawn_blocking(move || {
                    let wrote = db.write(&group);
                    (db, wrote)
                })
                .await?;
                *hand = Some(db);
                wrote
            }
            Hand::Postgres(pool) => {
                let connection = pool.first().ok_or("no connection")?;
                for (whom, to) in group {
                    connection.write(whom, to).await?;
                }
                Ok(())
            }
        }
    }
}

/// Operations in a second, each connection sending its next when the last is on disk, about people of its own.
async fn loops(pool: &[rows::Postgres], people: &[Whom], turns: &mut [u64], span: Duration) -> Result<f64> {
    let share = people.len().div_ceil(pool.len());
    let start = now();
    let work = pool.iter().zip(people.chunks(share).zip(turns.chunks_mut(share)));
    let work = work.map(async |(connection, (people, turns))| {
        let mut done = 0_u64;
        for (at, whom) in people.iter().enumerate().cycle() {
            if now().duration_since(start) >= span {
                break;
            }
            connection.write(*whom, To::of_turn(turns[at])).await?;
            turns[at] += 1;
            done += 1;
        }
        Ok::<_, rig::failure::Failure>(done)
    });
    let done: u64 = try_join_all(work).await?.iter().sum();
    Ok(float(done) / now().duration_since(start).as_secs_f64())
}

/// Operations in a second by the library, one after the other.
async fn without_http(app: &App, desk: &Desk, person: PersonId, span: Duration) -> Result<f64> {
    let start = now();
    let mut done = 0_u64;
    loop {
        let gone = now().duration_since(start);
        if gone >= span && done.is_multiple_of(2) {
            return Ok(float(done) / gone.as_secs_f64());
        }
        let ctx = app.ctx(desk.workspace, desk.actor.clone(), Door::Api);
        let changed = match To::of_turn(done) {
            To::Deactivated => {
                let input = deactivation::Input::default();
                let op =
                    async move |tx: &mut Tx| deactivation::deactivate(tx, &ctx, person, input.clone()).await;
                app.store.write_to_last(op).await?.changed
            }
            To::Active => {
                let input = activation::Input::default();
                let op = async move |tx: &mut Tx| activation::activate(tx, &ctx, person, input.clone()).await;
                app.store.write_to_last(op).await?.changed
            }
        };
        if !changed {
            return Err("an operation changed nothing".into());
        }
        done += 1;
    }
}
