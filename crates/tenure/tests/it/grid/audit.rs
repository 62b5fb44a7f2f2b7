//! The audit log in pages and as a whole.

use domain::{
    actor::Door,
    audit::Action,
    id::{AuditId, PersonId},
};
use jiff::Timestamp;
use tenure::{
    Error,
    store::{
        Store,
        audit::{self, Entry},
        audit_grid::{self, ActorFilter, AuditQuery, Export, Someone},
    },
};

use super::crowd::{Crowd, Dice, now};
use crate::support::both_engines;

/// Entries of every kind, some at the same moment.
async fn written(store: &Store, crowd: &Crowd, size: usize) -> Vec<Entry> {
    let mut dice = Dice(77);
    let gone = PersonId::from_uuid(dice.uuid());
    let people: Vec<PersonId> = crowd.people.iter().take(5).map(|person| person.id).chain([gone]).collect();
    let entries: Vec<Entry> = (0..size)
        .map(|_| {
            let actor = *dice.pick(&["person", "person", "cli", "job", "visitor"]);
            let by_person = matches!(actor, "person" | "visitor");
            let hours = i64::try_from(dice.below(200)).expect("small");
            Entry {
                id: AuditId::from_uuid(dice.uuid()),
                at: now() - jiff::SignedDuration::from_hours(hours),
                actor: actor.to_owned(),
                actor_id: by_person.then(|| *dice.pick(&people)),
                actor_label: if by_person { String::new() } else { "root".into() },
                action: dice.pick(&Action::ALL[..4]).word().to_owned(),
                person: (dice.below(3) > 0).then(|| *dice.pick(&people)),
                subject: String::new(),
                before: String::new(),
                after: "{}".into(),
                door: dice.pick(&Door::ALL).word().to_owned(),
                request: dice.uuid(),
                personal_hash: None,
                seq: None,
                mac: None,
                personal: None,
            }
        })
        .collect();
    let (ws, kept) = (crowd.ws, entries.clone());
    store
        .write(async move |tx| {
            for entry in &kept {
                audit::insert(tx, ws, entry.clone())?;
            }
            Ok(())
        })
        .await
        .expect("written");
    entries
}

fn expected(entries: &[Entry], query: &AuditQuery) -> Vec<AuditId> {
    let start = |text: String| -> Timestamp { format!("{text}T00:00:00Z").parse().expect("a moment") };
    let mut hits: Vec<&Entry> = entries
        .iter()
        .filter(|entry| {
            query.person.is_none_or(|id| entry.person == Some(id))
                && query.actor.is_none_or(|actor| match actor {
                    ActorFilter::Person(id) => entry.actor_id == Some(id),
                    ActorFilter::Cli => entry.actor == "cli",
                    ActorFilter::Job => entry.actor == "job",
                    ActorFilter::Token => entry.actor == "token",
                })
                && query.action.is_none_or(|action| entry.action == action.word())
                && query.door.is_none_or(|door| entry.door == door.word())
                && query.from.is_none_or(|from| entry.at >= start(from.to_string()))
                && query.to.is_none_or(|to| entry.at < start(to.tomorrow().expect("a day").to_string()))
        })
        .collect();
    hits.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
    hits.into_iter().map(|entry| entry.id).collect()
}

both_engines! {
    async fn the_log_pages_newest_first_under_every_filter(store: Store) {
        let crowd = Crowd::new(&store, 8, 61).await;
        let entries = written(&store, &crowd, 120).await;
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        let day = |text: &str| Some(text.parse().expect("a date"));
        for bits in 0..64_u32 {
            let given = |bit: u32| bits & 1 << bit != 0;
            for actor in [ActorFilter::Person(crowd.people[1].id), ActorFilter::Cli, ActorFilter::Job] {
                let query = AuditQuery {
                    person: given(0).then_some(crowd.people[2].id),
                    actor: given(1).then_some(actor),
                    action: given(2).then_some(Action::ALL[1]),
                    door: given(3).then_some(Door::Api),
                    from: if given(4) { day("2026-02-24") } else { None },
                    to: if given(5) { day("2026-02-27") } else { None },
                    limit: 19,
                    ..AuditQuery::default()
                };
                let text = query.to_query();
                assert_eq!(AuditQuery::from_query(&text).expect("its own text"), query);
                let wanted = expected(&entries, &query);
                let (mut asked, mut seen) = (query.clone(), Vec::new());
                let mut last = loop {
                    let page = audit_grid::page(&mut rx, &workspace, &asked).await.expect("a page");
                    seen.extend(page.lines.iter().map(|line| line.entry.id));
                    match page.next {
                        Some(next) => asked.cursor = Some(next),
                        None => break page,
                    }
                    asked = AuditQuery::from_query(&asked.to_query()).expect("its own text");
                };
                assert_eq!(seen, wanted, "?{text}");
                let mut back: Vec<_> = last.lines.iter().map(|line| line.entry.id).collect();
                while let Some(previous) = last.previous {
                    asked.cursor = Some(previous);
                    last = audit_grid::page(&mut rx, &workspace, &asked).await.expect("a page");
                    let mut before: Vec<_> = last.lines.iter().map(|line| line.entry.id).collect();
                    if last.previous.is_none() {
                        before.truncate(wanted.len() - back.len());
                    }
                    before.extend(back);
                    back = before;
                }
                assert_eq!(back, wanted, "back, ?{text}");
            }
        }
    }

    async fn an_entry_names_people_as_they_are_now(store: Store) {
        let crowd = Crowd::new(&store, 8, 62).await;
        written(&store, &crowd, 40).await;
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        let page = audit_grid::page(&mut rx, &workspace, &AuditQuery::default()).await.expect("a page");
        let (mut named, mut gone) = (0, 0);
        for line in &page.lines {
            for (id, shown) in [(line.entry.actor_id, &line.actor), (line.entry.person, &line.person)] {
                let known = id.and_then(|id| crowd.people.iter().find(|person| person.id == id));
                let name = match shown {
                    Some(Someone::Here(named)) => Some(&named.name),
                    Some(Someone::Gone(_)) | None => None,
                };
                assert_eq!(name, known.map(|known| &known.name));
                assert_eq!(shown.is_some(), id.is_some());
                named += usize::from(known.is_some());
                gone += usize::from(id.is_some() && known.is_none());
            }
        }
        assert!(named > 10 && gone > 0);
    }

    async fn an_export_reads_everything_once_in_pieces(store: Store) {
        let crowd = Crowd::new(&store, 8, 63).await;
        let entries = written(&store, &crowd, Export::CHUNK * 2 + 30).await;
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        drop(rx);
        let query = AuditQuery::default();
        let mut export = Export::new(query.clone());
        let (mut seen, mut pieces) = (Vec::new(), 0);
        loop {
            let lines = export.next(&store, &workspace).await.expect("a piece");
            if lines.is_empty() {
                break;
            }
            assert!(lines.len() <= Export::CHUNK);
            pieces += 1;
            seen.extend(lines.iter().map(|line| line.entry.id));
            if pieces == 1 {
                // Newer than what was read: the next export has it.
                let late = Entry { id: AuditId::from_uuid(Dice(5).uuid()), at: now(), ..entries[0].clone() };
                let ws = crowd.ws;
                store.write(async move |tx| audit::insert(tx, ws, late.clone())).await.expect("written");
            }
        }
        assert_eq!(pieces, 3);
        assert_eq!(seen, expected(&entries, &query));
    }
}

#[test]
fn what_the_log_does_not_understand_is_named() {
    for (query, field) in [
        ("person=ada", "person"),
        ("actor=root", "actor"),
        ("action=danced", "action"),
        ("door=window", "door"),
        ("from=yesterday", "from"),
        ("to=2026-13-01", "to"),
        ("after=zz", "after"),
        ("before=61", "before"),
        ("limit=501", "limit"),
        ("door=api&door=cli", "door"),
    ] {
        match AuditQuery::from_query(query) {
            Err(Error::Invalid(fields)) => assert_eq!(fields[0].field, field),
            other => panic!("?{query}: {other:?}"),
        }
    }
    assert_eq!(AuditQuery::from_query("person=&x=1").expect("empty"), AuditQuery::default());
}
