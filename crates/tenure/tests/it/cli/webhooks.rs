//! `tenure webhook`, and the server that is killed while it sends.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::{
    actor::{Actor, Door},
    item::{ItemKind, ItemStatus},
};
use tenure::{
    ctx::Ctx,
    ops::{self, items::Title},
    store::{Store, events, workspaces},
    sys::Sys,
};

use super::machine::{Machine, Running};
use crate::{
    support::both_engines,
    webhooks::{Got, Receiver},
};

both_engines! {
    fn webhooks_are_made_changed_switched_listed_and_deleted(machine: &Machine) {
        machine.acme(3);
        let url = "https://hooks.example/in";
        let made = machine.json(&["webhook", "create", "Directory", url, "--event", "person.deactivated"]);
        let (secret, id) = (made["secret"].as_str().expect("a secret"), made["webhook"]["id"].as_str().expect("an id"));
        assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
        assert_eq!(made["webhook"]["events"], serde_json::json!(["person.deactivated"]));
        let listed = machine.run(&["webhook", "list"]).text;
        assert!(listed.contains("Directory") && listed.contains("https://hooks.example") && !listed.contains("/in"), "{listed}");
        for (args, changed) in [
            (&["change", id, "--name", "Other"][..], true),
            (&["change", id, "--name", "Other"], false),
            (&["change", id, "--everything"], true),
            (&["off", id], true),
            (&["off", id], false),
            (&["on", id], true),
            (&["on", id], false),
        ] {
            assert_eq!(machine.json(&[&["webhook"], args].concat())["changed"], changed, "{args:?}");
        }
        let rotated = machine.json(&["webhook", "rotate", id]);
        assert_ne!(rotated["secret"], made["secret"]);
        let delivery = machine.json(&["webhook", "test", id])["delivery"].as_str().expect("an id").to_owned();
        let log = machine.json(&["webhook", "log", id]);
        assert_eq!(log["deliveries"][0]["type"], "webhook.test");
        assert_eq!(machine.json(&["webhook", "log", id, &delivery])["body"]["type"], "webhook.test");
        assert_eq!(machine.json(&["webhook", "send-again", id, &delivery])["sent"], 0, "it is on its way");
        assert_eq!(machine.json(&["webhook", "send-again", id])["sent"], 0);
        let types = machine.run(&["webhook", "events"]).text;
        assert!(types.contains("person.deactivated\n") && types.contains("message.added"), "{types}");

        machine.fails(2, &["webhook", "create", "X", "http://hooks.example/"]);
        machine.fails(2, &["webhook", "create", "X", "https://10.0.0.1/"]);
        machine.fails(2, &["webhook", "create", "X", url, "--event", "person.cloned"]);
        machine.json(&["webhook", "off", id]);
        assert_eq!(machine.fails(3, &["webhook", "test", id])["kind"], "webhook-off");
        machine.json(&["webhook", "delete", id]);
        machine.fails(4, &["webhook", "delete", id]);
        assert_eq!(machine.json(&["doctor"])["healthy"], true);
        let actions: Vec<_> = machine.json(&["audit", "list"])["entries"].as_array().expect("entries").iter()
            .filter_map(|entry| entry["action"].as_str().filter(|action| action.starts_with("webhook.")).map(str::to_owned))
            .collect();
        for action in ["made", "changed", "off", "on", "secret-rotated", "deleted"] {
            assert!(actions.contains(&format!("webhook.{action}")), "{action}: {actions:?}");
        }
    }

    /// Invariant 8.
    fn invariant_8_a_server_that_is_killed_while_it_sends_loses_nothing_and_repeats_carry_the_same_id(machine: &Machine) {
        machine.acme(3);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let receiver = runtime.block_on(Receiver::start());
        // It takes its time, so that something is under way whenever the server dies.
        let turn = Arc::new(AtomicUsize::new(0));
        let turns = Arc::clone(&turn);
        receiver.says(move |_| {
            std::thread::sleep(Duration::from_millis(3));
            let odd = turns.fetch_add(1, Ordering::SeqCst) % 61 == 4;
            if odd { axum::http::StatusCode::BAD_GATEWAY } else { axum::http::StatusCode::OK }
        });
        let url = format!("http://{}/", receiver.address);
        let made = machine.json_with(&SETTINGS, &["webhook", "create", "Directory", &url, "--event", "item.changed"]);
        let id = made["webhook"]["id"].as_str().expect("an id").to_owned();
        let stop = Arc::new(AtomicBool::new(false));
        let store = runtime.block_on(machine.store());
        let load = runtime.spawn(change_items(store.clone(), Arc::clone(&stop)));
        for round in 0..4_u64 {
            let server = start(machine);
            std::thread::sleep(Duration::from_millis(900 + 170 * round));
            // SIGKILL.
            drop(server);
        }
        stop.store(true, Ordering::SeqCst);
        let acknowledged = runtime.block_on(load).expect("the load ends");
        let server = start(machine);
        let mut tries = 0;
        while machine.json(&["webhook", "list"])["webhooks"][0]["pending"] != 0
            || runtime.block_on(changes(&store)).len() > taken(&receiver.got()).len()
        {
            tries += 1;
            assert!(tries < 600, "everything arrives: {}", machine.run(&["webhook", "log", &id]).text);
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(server.end(), 0);
        let happened = runtime.block_on(changes(&store));
        let got = receiver.got();
        println!("{acknowledged} changes, {} requests in 5 lives", got.len());
        assert!(acknowledged > 100 && happened.len() >= acknowledged, "{acknowledged} of {}", happened.len());
        arrived(&happened, &got);
        assert_eq!(machine.json(&["doctor"])["healthy"], true);
        runtime.block_on(store.close());
    }
}

/// Receivers on this machine, and a short life of what a killed server was at.
const SETTINGS: [(&str, &str); 3] = [
    ("TENURE_WEBHOOKS_ALLOW_HTTP", "true"),
    ("TENURE_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.1"),
    ("TENURE_WEBHOOKS_ANSWER_TIME", "1s"),
];

fn start(machine: &Machine) -> Running {
    let mut command = machine.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.envs(SETTINGS);
    Running::start(command, &machine.path("server.log"))
}

fn ctx(ws: domain::id::WorkspaceId) -> Ctx {
    Ctx::begin(&Sys::real(), ws, Actor::Cli { user: "root".into() }, Door::Cli)
}

/// Changes a few tickets as fast as it can until it is told to stop; answers how many changes were acknowledged.
async fn change_items(store: Store, stop: Arc<AtomicBool>) -> usize {
    let all = workspaces::all(&mut store.reader().await.expect("a reader")).await.expect("workspaces");
    let ws = all[0].id;
    let mut tickets = Vec::new();
    for number in 0..6 {
        let ctx = ctx(ws);
        let title = format!("Ticket {number}");
        let title = Title::parse(&title, &tenure::limits::Limits::default()).expect("a title");
        let input = ops::items::Input::new(ItemKind::Task, title);
        let made = store.write(async move |tx| ops::items::create(tx, &ctx, input.clone()).await).await;
        tickets.push(made.expect("a task").0);
    }
    let mut done = 0;
    for round in 0.. {
        for ticket in tickets.clone() {
            if stop.load(Ordering::SeqCst) {
                return done;
            }
            let status = [ItemStatus::Open, ItemStatus::Waiting][round % 2];
            let (ctx, edit) = (ctx(ws), ops::items::Edit { status: Some(status), ..Default::default() });
            let saved =
                store.write(async move |tx| ops::items::edit(tx, &ctx, ticket, edit.clone()).await.map(drop));
            // A server that starts may hold the file for a moment.
            done += usize::from(saved.await.is_ok());
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
    }
    done
}

/// The changes of items, in order: the id and the item of each.
async fn changes(store: &Store) -> Vec<(String, String)> {
    let mut rx = store.reader().await.expect("a reader");
    let ws = workspaces::all(&mut rx).await.expect("workspaces")[0].id;
    let (mut last, mut all) = (0, Vec::new());
    loop {
        let page = events::after(&mut rx, ws, last).await.expect("events");
        let Some(end) = page.last() else { return all };
        last = end.place;
        let changed = page.iter().filter(|event| event.topic == "item.changed");
        all.extend(changed.map(|event| (event.id.to_string(), event.subject.expect("an item").to_string())));
    }
}

/// The ids that were taken.
fn taken(got: &[Got]) -> HashSet<String> {
    got.iter().filter(|one| one.answered == 200).map(|one| one.id().to_owned()).collect()
}

/// Everything arrived; about each item in order; and a repeat is the same, byte for byte.
fn arrived(happened: &[(String, String)], got: &[Got]) {
    let mut bodies = HashMap::<&str, &str>::new();
    let (mut taken, mut seen) = (HashMap::<String, Vec<String>>::new(), HashSet::new());
    for one in got {
        let before = bodies.insert(one.id(), &one.body);
        assert!(before.is_none_or(|before| before == one.body), "a repeat differs: {one:?}");
        if one.answered == 200 && seen.insert(one.id().to_owned()) {
            let item = one.json()["data"]["subject"].as_str().expect("an item").to_owned();
            taken.entry(item).or_default().push(one.id().to_owned());
        }
    }
    let mut expected = HashMap::<String, Vec<String>>::new();
    for (id, item) in happened {
        expected.entry(item.clone()).or_default().push(id.clone());
    }
    assert_eq!(taken, expected);
}
