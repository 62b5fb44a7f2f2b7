//! What a search in texts costs as more is written.

use std::time::Duration;

use domain::{
    id::{Id, ItemId},
    item::MessageKind,
    person::Kind,
};
use tenure::{
    store::{
        messages::{self, NewMessage},
        texts,
    },
    sys::Sys,
    text::Sought,
};

use crate::support::{
    database::{Database, Ready},
    world::World,
};

const WORDS: [&str; 40] = [
    "ticket", "kiosk", "printer", "invoice", "customer", "since", "morning", "please", "again", "before",
    "paper", "roll", "screen", "blank", "courier", "office", "museum", "visitor", "basket", "refund",
    "address", "delivery", "north", "system", "update", "restart", "cable", "drawing", "entrance", "opening",
    "hours", "warning", "level", "storage", "spare", "report", "answer", "question", "tomorrow", "window",
];

/// Messages of some 300 characters; one in a thousand holds "zebra crossing", and the very first "needle".
async fn fill(world: &World, item: ItemId, from: usize, to: usize) {
    let (ws, author) = (world.ws, world.owner.person);
    for first in (from..to).step_by(500) {
        let made: Vec<_> = (first..to.min(first + 500))
            .map(|number| {
                let chosen =
                    |place: usize| WORDS[(number * 7_919 + place * 104_729 + number * place) % WORDS.len()];
                let mut words: Vec<&str> = (0..45).map(chosen).collect();
                if number % 1_000 == 1 {
                    words[20] = "zebra crossing";
                }
                if number == 0 {
                    words[20] = "needle";
                }
                (Id::from_uuid(world.sys.uuid7()), format!("{} {number}", words.join(" ")))
            })
            .collect();
        let now = world.sys.now();
        let saved = world.write(async move |tx| {
            for (id, body) in &made {
                let new = NewMessage {
                    id: *id,
                    item,
                    kind: MessageKind::Note,
                    author,
                    author_kind: Kind::User,
                    body,
                    created: now,
                };
                messages::insert(tx, ws, &new).await?;
                texts::add(tx, ws, (item, Some(*id)), body).await?;
            }
            Ok(())
        });
        saved.await.expect("they are saved");
    }
}

async fn median(world: &World, query: &str) -> Duration {
    let sought = Sought::of(world.ws.uuid(), query).expect("long enough");
    let (sys, mut times) = (Sys::real(), Vec::new());
    for _ in 0..21 {
        let begun = sys.elapsed();
        let mut rx = world.reader().await;
        texts::search(&mut rx, world.ws, &sought, None, 20).await.expect("a search");
        drop(rx);
        times.push(sys.elapsed().checked_sub(begun).expect("time goes on"));
    }
    times.sort_unstable();
    times[times.len() / 2]
}

/// `cargo test --release -p tenure --test it -- work::search_size --ignored --nocapture`
#[tokio::test]
#[ignore = "a measurement: it prints figures, and takes minutes"]
async fn searches_at_ten_and_a_hundred_thousand_texts() {
    for database in [Database::sqlite(Ready::Migrated).await, Database::postgres(Ready::Migrated).await] {
        let world = World::new(database.store.clone(), 3).await;
        let (item, _) = world.assigned("All of it", &[]).await;
        let queries = ["kiosk", "kiosk printer", "zebra cross", "needle", "qqqq", "er pap"];
        let mut small = Vec::new();
        fill(&world, item, 0, 10_000).await;
        for query in queries {
            small.push(median(&world, query).await);
        }
        let sys = Sys::real();
        let begun = sys.elapsed();
        fill(&world, item, 10_000, 100_000).await;
        let took = sys.elapsed().checked_sub(begun).expect("time goes on");
        println!("{}: {:?} for each of 90,000 texts", world.app.store.engine(), took / 90_000);
        for (query, before) in queries.into_iter().zip(small) {
            let after = median(&world, query).await;
            let ratio = after.as_secs_f64() / before.as_secs_f64();
            println!("{query:16} {before:>10.1?} at 10,000 {after:>10.1?} at 100,000, ratio {ratio:.2}");
        }
    }
}
