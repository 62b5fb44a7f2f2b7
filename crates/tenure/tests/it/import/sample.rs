//! Files as desks export them, made here: twelve locales, addresses in upper case, quotes, a mark at the
//! beginning, lines that end in CR LF, and the five kinds of bad rows.

use std::fmt::Write as _;

use domain::person::{Kind, StatusWord};
use tenure::store::{Row, Sql, listing, people};

use super::{Try, file};
use crate::support::{
    both_engines,
    database::{Database, Ready},
    world::World,
};

const NAMES: [(&str, &str); 12] = [
    ("Juliusz", "Pędrak"),
    ("Megan", "O'Chang"),
    ("充", "太田"),
    ("Zoë", "Müller-Lüdenscheidt"),
    ("Αλέξανδρος", "Παπαδόπουλος"),
    ("Ольга", "Смирнова"),
    ("فاطمه", "احمدی"),
    ("Thibaut", "de \"La\" Tour"),
    ("सुनीता", "शर्मा"),
    ("민준", "김"),
    ("Nguyễn", "Thị Hoa"),
    ("Þórdís", "Jónsdóttir"),
];

const HEADER: &str = "First Name,Last Name,Email,Teams,Organization,Role,Status,External ID,Last Login";

fn quoted(text: &str) -> String {
    if text.contains(['"', ',']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// So many people, as a desk exports them.
pub(super) fn sample(kind: Kind, count: usize) -> String {
    let mut text = format!("\u{feff}{HEADER}\r\n");
    for number in 0..count {
        let (first, last) = NAMES[number % NAMES.len()];
        let mut email = format!("person.{number}@org{}.example", number % 7);
        if number.is_multiple_of(3) {
            email = email.to_uppercase();
        }
        let (teams, organization, role) = match kind {
            Kind::User => (
                ["", "Support", "\"R&D, Tools\"", "\"Support; Night \"\"Owls\"\"\""][number % 4],
                String::new(),
                if number.is_multiple_of(9) { "Administrator" } else { "Member" },
            ),
            Kind::Customer => ("", quoted(["Cunningham LLC", "Owens, Fitz & Co", ""][number % 3]), ""),
        };
        let status = if number % 10 == 4 { "Deactivated" } else { "Active" };
        let login = if number.is_multiple_of(4) { "" } else { "2026-01-19" };
        let (first, last) = (quoted(first), quoted(last));
        write!(
            text,
            "{first},{last},{email},{teams},{organization},{role},{status},X-{number:05},{login}\r\n"
        )
        .expect("text");
    }
    text
}

/// Statements of the same transaction are planned on tables that were empty when it began: the longer, the slower.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_of_many_tells_postgresql_what_its_tables_hold() {
    const ANALYZED: Sql = Sql::both(
        "select relname, analyze_count from pg_stat_user_tables where relname in ('people', 'license_spans')",
    )
    .named("analyzed");
    let database = Database::postgres(Ready::Migrated).await;
    let world = World::new(database.store.clone(), 1_000).await;
    let analyzed = async || {
        let read = |row: &Row<'_>| Ok((row.get::<String>(0)?, row.get::<i64>(1)?));
        let mut counts = world.reader().await.all(&ANALYZED, &[], read).await.expect("the statistics");
        counts.sort();
        counts
    };
    let so_often = |count| [("license_spans".to_owned(), count), ("people".to_owned(), count)];
    let text = sample(Kind::User, 40);
    let few = Try::new(&world, Kind::User, text.as_bytes());
    few.run(&world).await.expect("an import");
    assert_eq!(analyzed().await, so_often(0), "few people tell nothing of many");
    let text = sample(Kind::User, 1_100);
    let many = Try::new(&world, Kind::User, text.as_bytes());
    many.run(&world).await.expect("an import");
    assert_eq!(analyzed().await, so_often(1));
}

both_engines! {
    async fn users_and_customers_are_imported_once_and_the_second_time_nothing_changes(store: Store) {
        let world = World::new(store, 300).await;
        for kind in [Kind::User, Kind::Customer] {
            // Each of them is somebody else.
            let mut text = sample(kind, 300);
            if kind == Kind::Customer {
                text = text.replace("person.", "customer.").replace("PERSON.", "CUSTOMER.");
            }
            let first = Try::new(&world, kind, text.as_bytes()).done(&world).await;
            assert_eq!((first.rows, first.new, first.bad), (300, 300, 0));
            match kind {
                Kind::User => assert_eq!((first.teams_made, first.licenses_taken), (3, 270)),
                Kind::Customer => assert_eq!((first.organizations_made, first.licenses_taken), (2, 0)),
            }
            let before = world.dump().await;
            let second = Try::new(&world, kind, text.as_bytes()).done(&world).await;
            assert_eq!((second.new, second.changed, second.unchanged), (0, 0, 300));
            let after = world.dump().await;
            assert_eq!(crate::support::world::changed_tables(&before, &after), Vec::<String>::new());
        }
        let workspace = world.workspace().await;
        assert_eq!((workspace.counts.deactivated, workspace.customers.deactivated), (30, 30));
        assert_eq!(workspace.licenses.used, 271, "no deactivated user holds a license");
        let row = people::by_email(&mut world.reader().await, world.ws, "person.9@org2.example").await;
        let row = row.expect("a read").expect("found whatever the case");
        assert_eq!((row.person.email.as_str(), row.person.name.as_str()), ("PERSON.9@ORG2.EXAMPLE", "민준 김"));
        let midnight = "2026-01-18T23:00:00Z".parse().expect("a moment");
        assert_eq!(row.last_sign_in, Some(midnight), "the date begins where the workspace is");
        assert!(matches!(world.verify().await, tenure::seal::Verdict::Verified { .. }));
    }

    async fn five_kinds_of_bad_rows_are_named_and_nothing_is_imported(store: Store) {
        let world = World::new(store, 10).await;
        let mut lines: Vec<String> = sample(Kind::Customer, 200).lines().map(str::to_owned).collect();
        let long = "x".repeat(5_000);
        lines[11] = "Ann,One,not-an-address,,,,Active,B-1,".into();
        lines[58] = "Ben,Two,,,,,Active,B-2,".into();
        lines[91] = lines[4].replace("PERSON.3@ORG3", "person.3@Org3").replace("X-", "Y-");
        lines[121] = "Dan,Four,dan@org.example,,,,Sleeping,B-4,".into();
        lines[151] = format!("Eve,{long},eve@org.example,,,,Active,B-5,");
        let text = lines.join("\n");
        let found = Try::new(&world, Kind::Customer, text.as_bytes()).refused(&world).await;
        assert_eq!(
            found,
            [
                "line 12, Email: An email address has an @, as in ada@example.org.",
                "line 59, Email: Enter an email address.",
                "line 92, Email: This is the same as on line 5.",
                "line 122, Status: “Sleeping” is not a status. Give Active, Deactivated or Invited.",
                "line 152, Last Name: The name may have at most 200 characters; this has 5004.",
            ]
        );
        let mut skipping = Try::new(&world, Kind::Customer, text.as_bytes());
        skipping.job.skip_bad = true;
        let report = skipping.done(&world).await;
        assert_eq!((report.rows, report.new, report.bad), (200, 195, 5));
    }

    async fn more_rows_than_a_batch_holds_are_imported_as_one(store: Store) {
        let world = World::new(store, 10).await;
        let text = sample(Kind::Customer, 1_100);
        // The last row is bad: what came long before it is not imported either.
        let bad = format!("{text}Zed,Zed,nowhere,,,,Active,Z-1,\r\n");
        let found = Try::new(&world, Kind::Customer, bad.as_bytes()).refused(&world).await;
        assert_eq!(found, ["line 1102, Email: An email address has an @, as in ada@example.org."]);
        let report = Try::new(&world, Kind::Customer, text.as_bytes()).done(&world).await;
        assert_eq!(report.new, 1_100);
        let mut after = None;
        let mut found = 0;
        loop {
            let page = listing::people_after(&mut world.reader().await, world.ws, Kind::Customer, after).await;
            let page = page.expect("a page");
            found += page.len();
            let deactivated = page.iter().filter(|row| row.person.status.word() == StatusWord::Deactivated);
            assert!(deactivated.count() <= page.len() / 9);
            match page.last() {
                Some(last) => after = Some(last.person.id),
                None => break,
            }
        }
        assert_eq!(found, 1_100);
    }
}

#[test]
fn a_sample_has_what_real_files_have() {
    let text = sample(Kind::User, 40);
    assert!(text.starts_with('\u{feff}') && text.contains("\r\n") && text.contains("\"\"Owls\"\""));
    drop(file(text.as_bytes()));
}
