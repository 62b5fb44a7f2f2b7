//! Teams, licenses and settings, as administrators see them in a browser.

use std::time::Duration;

use domain::{license::Period, role::Role};
use reqwest::StatusCode;
use tenure::{ops::activation::Way, store::grid::Count};

use crate::support::{
    both_engines,
    http::{Browser, Site},
    world::{PASSWORD, World, address},
};

const OWNER: &str = "olga.owner@acme.example";

const ADMINISTRATION: [&str; 6] =
    ["/teams", "/licenses", "/settings", "/settings/licenses", "/settings/sessions", "/settings/ownership"];

async fn error(browser: &Browser, path: &str, fields: &[(&str, &str)], status: StatusCode, words: &str) {
    let page = browser.post(path, fields).await;
    assert_eq!(page.status, status, "{path} {fields:?}: {}", page.text);
    assert!(page.text.contains(words), "{path} {fields:?} says {words:?}: {}", page.text);
}

both_engines! {
    async fn members_see_nothing_of_what_administrators_see(store: Store) {
        let world = World::new(store, 3).await;
        let team = world.team("Support").await;
        let site = Site::of(&world).await;
        world.joined_as("Mia Member", Role::Member).await;
        let mia = site.signed_in(&address("Mia Member")).await;
        let page = mia.get("/me").await;
        assert_eq!(page.status, StatusCode::OK);
        for place in ["/teams", "/licenses", "/audit", "/settings"] {
            assert!(!page.text.contains(&format!("href=\"{place}\"")), "{place} is not in a member's rail");
        }
        let before = world.dump().await;
        for path in ADMINISTRATION {
            assert_eq!(mia.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let (team, deletion) = (format!("/teams/{team}"), format!("/teams/{team}/deletion"));
        for path in ["/teams", &team, &deletion, "/settings", "/settings/licenses", "/settings/licenses/owned", "/settings/sessions", "/settings/ownership"] {
            let fields = [("name", "X"), ("owned", "9"), ("person", "x"), ("password", PASSWORD)];
            assert_eq!(mia.post(path, &fields).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let nobody = site.browser();
        for path in ADMINISTRATION {
            let page = nobody.get(path).await;
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
            assert!(page.location().starts_with("/sign-in?next="), "{path}");
        }
        let changed = crate::support::world::changed_tables(&before, &world.dump().await);
        assert!(changed.is_empty(), "{changed:?}");
    }
}

both_engines! {
    async fn a_team_is_made_renamed_filled_emptied_and_deleted(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let browser = site.signed_in(OWNER).await;
        assert!(browser.get("/teams").await.text.contains("No team yet"));
        error(&browser, "/teams", &[("name", " ")], StatusCode::UNPROCESSABLE_ENTITY, "aria-invalid").await;
        let page = browser.post("/teams", &[("name", "Support <1>")]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let team = page.location().to_owned();
        let page = browser.get(&team).await;
        assert!(page.text.contains("The team Support &#60;1&#62; is made."), "{}", page.text);
        assert!(page.text.contains("Nobody is in this team"));
        error(&browser, "/teams", &[("name", "SUPPORT <1>")], StatusCode::CONFLICT, "already a team").await;

        let version = page.input("_version").expect("a version");
        let page = browser.submit(&team, &[("name", "Help"), ("_version", &version)]).await;
        assert!(page.text.contains("The team is called Help now."));
        error(&browser, &team, &[("name", "Aid"), ("_version", &version)], StatusCode::CONFLICT, "Aid").await;
        world.team("Billing").await;
        let version = browser.get(&team).await.input("_version").expect("a version");
        error(&browser, &team, &[("name", "billing"), ("_version", &version)], StatusCode::CONFLICT, "already a team").await;

        let page = browser.get(&format!("{team}?q=adams")).await;
        assert!(page.text.contains("aria-label=\"Add Ada Adams\""));
        let person = ada.person.to_string();
        let page = browser.submit(&format!("{team}/members"), &[("person", &person)]).await;
        assert!(page.text.contains("Ada Adams is in Help now.") && page.text.contains("1 member"));
        let page = browser.submit(&format!("{team}/members"), &[("person", &person)]).await;
        assert!(page.text.contains("Ada Adams was in Help already."));
        assert!(!browser.get(&format!("{team}?q=adams")).await.text.contains("aria-label=\"Add Ada"), "not twice");

        let page = browser.get(&format!("{team}/deletion")).await;
        assert!(page.text.contains("Delete the team Help?") && page.text.contains("Its one member stays"));
        let shown = page.input("_version").expect("a version");
        let stale = [("_version", version.as_str())];
        browser.submit(&team, &[("name", "Helpers"), ("_version", &shown)]).await;
        error(&browser, &format!("{team}/deletion"), &stale, StatusCode::CONFLICT, "Delete the team Helpers?").await;
        let version = browser.get(&team).await.input("_version").expect("a version");
        browser.submit(&team, &[("name", "Help"), ("_version", &version)]).await;
        let removal = format!("{team}/members/{person}/removal");
        let page = browser.submit(&removal, &[]).await;
        assert!(page.text.contains("Ada Adams is no longer in Help."));
        assert!(browser.submit(&removal, &[]).await.text.contains("Ada Adams was not in Help."));
        let page = browser.submit(&format!("{team}/deletion"), &[]).await;
        assert!(page.text.contains("The team Help is deleted.") && !page.text.contains(&team));
        for path in [&team, &format!("{team}/deletion"), "/teams/nonsense", "/teams/00000000-0000-0000-0000-000000000000"] {
            assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        world.check().await;
    }
}

both_engines! {
    async fn a_deactivated_person_stays_in_a_team_transparent_and_gets_no_new_one(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let support = world.team("Support").await;
        let billing = world.team("Billing").await;
        world.join(support, ada.person).await.expect("a member");
        world.deactivate(ada.person).await.expect("a deactivation");
        let browser = site.signed_in(OWNER).await;
        let page = browser.get(&format!("/teams/{support}")).await;
        assert!(page.text.contains("1 member, 1 deactivated"));
        assert!(page.text.contains("is-deactivated") && page.text.contains("Deactivated</span>"));
        let page = browser.get(&format!("/teams/{billing}?q=adams")).await;
        assert!(page.text.contains("Nobody else matches."));
        let person = ada.person.to_string();
        error(
            &browser,
            &format!("/teams/{billing}/members"),
            &[("person", &person)],
            StatusCode::CONFLICT,
            "cannot be given anything new",
        )
        .await;
        let page = browser.get(&format!("/teams/{support}/deletion")).await;
        assert!(page.text.contains("1 deactivated person is among them"));
        // Others may remove a part meanwhile (rule 2).
        let page = browser.submit(&format!("/teams/{support}/members/{person}/removal"), &[]).await;
        assert!(page.text.contains("no longer in Support"));
    }
}

both_engines! {
    async fn members_are_paged_forth_and_back_without_gap_or_repeat(store: Store) {
        let world = World::new(store, 200).await;
        let team = world.team("Everybody").await;
        for number in 0..120 {
            let (person, _) = world.invited_as(&format!("Person {number:03}"), Role::Member).await;
            world.join(team, person).await.expect("a member");
        }
        let site = Site::of(&world).await;
        let browser = site.signed_in(OWNER).await;
        let names = |text: &str| {
            let rows = text.split("<th scope=\"row\">").skip(1);
            rows.filter_map(|row| row.split_once("Person ")).map(|(_, rest)| rest[..3].to_owned()).collect::<Vec<_>>()
        };
        let way = |text: &str, rel: &str| {
            let (_, rest) = text.split_once(&format!("rel=\"{rel}\" href=\""))?;
            Some(rest[..rest.find('"')?].replace("&#38;", "&"))
        };
        let (mut forth, mut pages, mut path) = (Vec::new(), Vec::new(), Some(format!("/teams/{team}")));
        let mut last = String::new();
        while let Some(here) = path {
            let page = browser.get(&here).await;
            forth.extend(names(&page.text));
            pages.push(names(&page.text));
            path = way(&page.text, "next");
            last = page.text;
        }
        let every: Vec<_> = (0..120).map(|number| format!("{number:03}")).collect();
        assert_eq!(forth, every);
        assert_eq!(pages.len(), 3);
        let page = browser.get(&way(&last, "prev").expect("a way back")).await;
        assert_eq!(names(&page.text), pages[1]);
        let page = browser.get(&way(&page.text, "prev").expect("a way back")).await;
        assert_eq!(names(&page.text), pages[0]);
        assert_eq!(way(&page.text, "prev"), None);
        // The ledger of licenses walks in the same way.
        let page = browser.get("/licenses").await;
        let first = names(&page.text);
        let page = browser.get(&way(&page.text, "next").expect("a second page")).await;
        assert!(names(&page.text).iter().all(|name| !first.contains(name)));
        let page = browser.get(&way(&page.text, "prev").expect("a way back")).await;
        assert_eq!(names(&page.text), first);
    }
}

both_engines! {
    async fn the_ledger_says_who_since_when_why_and_when_it_frees(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        world.invited_as("Ivo Invited", Role::Member).await;
        world.deactivate(ada.person).await.expect("a deactivation");
        let browser = site.signed_in(OWNER).await;
        let page = browser.get("/licenses").await.text;
        for words in [
            "2 <span>of 5</span>",
            "Began the workspace",
            "When deactivated or deleted",
            "Ivo Invited",
            "In 7 days, if not accepted",
            "3 free",
            "Freed lately",
            "Ada Adams",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("role=\"img\""), "one day is no course of things");
        world.delete(ada.person).await.expect("a delete");
        let page = browser.get("/licenses").await.text;
        assert!(page.contains("Deleted user") && !page.contains("Ada Adams"));
        world.later(Duration::from_hours(7 * 24 + 1));
        let browser = site.signed_in(OWNER).await;
        let page = browser.get("/licenses").await.text;
        assert!(page.contains("Any moment: the invitation has run out"));
        for period in ["30d", "12m", "all"] {
            let page = browser.get(&format!("/licenses?period={period}")).await.text;
            assert!(page.contains("role=\"img\""), "{period} has a chart");
            assert!(page.contains("The numbers as a table"));
            assert!(page.contains(&format!("period={period}\" aria-current=\"page\"")));
        }
    }
}

both_engines! {
    async fn idle_licenses_are_counted_as_the_grid_counts_and_priced(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        world.joined_as("Ada Adams", Role::Member).await;
        world.joined_as("Ben Bauer", Role::Member).await;
        world.later(Duration::from_hours(24 * 45));
        let browser = site.signed_in(OWNER).await;
        let page = browser.get("/licenses").await.text;
        assert!(page.contains("<strong>2</strong><span>Not signed in for 30 days</span>"), "{page}");
        assert!(page.contains("<strong>0</strong><span>Not signed in for 60 days</span>"));
        assert!(!page.contains("EUR"), "no price is shown before one is set");
        let settings = browser.get("/settings/licenses").await;
        let version = settings.input("_version").expect("a version");
        let fields = [("owned", "5"), ("price", "15"), ("currency", "eur"), ("period", "month"), ("_version", version.as_str())];
        let page = browser.submit("/settings/licenses", &fields).await;
        assert!(page.text.contains("One costs EUR 15.00 per month."), "{}", page.text);
        let page = browser.get("/licenses").await.text;
        assert!(page.contains("EUR 30.00 per month") && page.contains("EUR 75.00 per month in all."), "{page}");
        let (_, link) = page.split_once("<ul class=\"dormant\">").expect("the list");
        let (_, link) = link.split_once("href=\"").expect("a link");
        let link = link[..link.find('"').expect("an end")].replace("&#38;", "&");
        let grid = browser.get(&link).await;
        assert_eq!(grid.status, StatusCode::OK, "{link}");
        assert!(grid.text.contains("Ada Adams") && grid.text.contains("Ben Bauer"));
    }
}

both_engines! {
    async fn a_license_lies_idle_only_when_more_than_the_days_have_passed(store: Store) {
        let world = World::new(store, 5).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let gone = world.joined_as("Ben Bauer", Role::Member).await;
        let idle = async || {
            let (mut rx, workspace) = (world.reader().await, world.workspace().await);
            let count = tenure::ops::licenses::count_idle(&mut rx, &workspace, 60, world.sys.now()).await;
            count.expect("a count")
        };
        world.later(Duration::from_hours(24 * 60));
        world.deactivate(gone.person).await.expect("a deactivation");
        assert_eq!(idle().await, Count::Exact(0), "exactly 60 days ago is within 60 days");
        world.later(Duration::from_micros(1));
        assert_eq!(idle().await, Count::Exact(2), "the deactivated hold none");
        world.activate(gone.person, Way::Free).await.expect("an activation");
        assert_eq!(idle().await, Count::Exact(2), "who was just brought back had no time to be away");
        world.signed_in(ada.person).await;
        assert_eq!(idle().await, Count::Exact(1));
    }
}

both_engines! {
    async fn a_price_from_an_older_form_does_not_replace_a_newer_one(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let browser = site.signed_in(OWNER).await;
        let path = "/settings/licenses";
        let price = |price, version| [
            ("owned", "5"), ("price", price), ("currency", "EUR"), ("period", "month"), ("_version", version),
        ];
        let opened = browser.get(path).await.input("_version").expect("a version");
        browser.submit(path, &price("15", opened.as_str())).await;
        error(&browser, path, &price("9", &opened), StatusCode::CONFLICT, "value=\"9\"").await;
        error(&browser, path, &price("", &opened), StatusCode::CONFLICT, "").await;
        let minor = async || world.workspace().await.licenses.price.map(|price| price.minor);
        assert_eq!(minor().await, Some(1_500));
        // What asks for what is already so is no change.
        browser.submit(path, &price("15", opened.as_str())).await;
        let opened = browser.get(path).await.input("_version").expect("a version");
        browser.submit(path, &price("9", opened.as_str())).await;
        assert_eq!(minor().await, Some(900));

        let (ctx, version) = (world.ctx(), world.workspace().await.version);
        let set = async |version| {
            let ctx = ctx.clone();
            world.write(async move |tx| tenure::ops::licenses::set_price(tx, &ctx, None, version).await).await
        };
        assert!(matches!(set(Some(version - 1)).await, Err(tenure::Error::Stale)));
        set(Some(version)).await.expect("a change");
        assert_eq!(minor().await, None);
    }
}

both_engines! {
    async fn licenses_and_price_are_changed_or_refused_in_their_form(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        world.invited().await;
        let browser = site.signed_in(OWNER).await;
        let wrong = StatusCode::UNPROCESSABLE_ENTITY;
        let path = "/settings/licenses";
        let price = |owned, price, currency| [("owned", owned), ("price", price), ("currency", currency), ("period", "year")];
        error(&browser, path, &price("1", "", ""), StatusCode::CONFLICT, "2 licenses are in use").await;
        error(&browser, path, &price("1", "", ""), StatusCode::CONFLICT, "value=\"1\"").await;
        for nonsense in ["0", "-1"] {
            let at_field = "id=\"e-owned\">The number of licenses owned must be between 1 and 1000000.";
            error(&browser, path, &price(nonsense, "", ""), wrong, at_field).await;
            error(&browser, "/settings/licenses/owned", &[("owned", nonsense)], wrong, at_field).await;
        }
        error(&browser, path, &price("1000001", "", ""), wrong, "must be between 1 and 1000000").await;
        error(&browser, path, &price("many", "x", ""), wrong, "must be a whole number").await;
        error(&browser, path, &price("many", "x", ""), wrong, "Give a price such as").await;
        error(&browser, path, &price("6", "1.234", "EUR"), wrong, "Give a price such as").await;
        error(&browser, path, &price("6", "12", "Euro"), wrong, "three letters").await;
        error(&browser, path, &price("6", "1000001", "EUR"), wrong, "from 0 to 1,000,000").await;
        assert_eq!(world.workspace().await.licenses.owned, 5, "a refused price leaves the number");
        let page = browser.submit(path, &price("6", "12,5", "chf")).await;
        assert!(page.text.contains("The workspace owns 6 licenses.") && page.text.contains("CHF 12.50 per year"));
        let licenses = world.workspace().await.licenses;
        let set = licenses.price.expect("a price");
        assert_eq!((licenses.owned, set.minor, set.period), (6, 1_250, Period::Year));
        // A form that was made before somebody else bought more gives nothing back unseen.
        error(&browser, path, &[("owned", "5"), ("_version", "5")], StatusCode::CONFLICT, "now owns 6 licenses").await;
        let owned = "/settings/licenses/owned";
        error(&browser, owned, &[("owned", "5"), ("_version", "5")], StatusCode::CONFLICT, "changed by somebody").await;
        error(&browser, owned, &[("owned", "1"), ("_version", "6")], StatusCode::CONFLICT, "2 licenses are in use").await;
        assert_eq!(world.workspace().await.licenses.owned, 6);
        let page = browser.submit(owned, &[("owned", "7"), ("_version", "6")]).await;
        assert!(page.text.contains("The workspace owns 7 licenses."));
        let page = browser.submit(owned, &[("owned", "7"), ("_version", "6")]).await;
        assert!(page.text.contains("The workspace owns 7 licenses."), "sent twice, done once");
        let page = browser.submit(path, &price("7", "", "")).await;
        assert!(page.text.contains("owns 7 licenses") && world.workspace().await.licenses.price.is_none());
        world.check().await;
    }
}

both_engines! {
    async fn settings_are_saved_or_refused_with_what_was_typed(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let browser = site.signed_in(OWNER).await;
        let wrong = StatusCode::UNPROCESSABLE_ENTITY;
        let version = browser.get("/settings").await.input("_version").expect("a version");
        let fields = |name, zone| [("name", name), ("language", "en"), ("time_zone", zone), ("_version", version.as_str())];
        error(&browser, "/settings", &fields("", "Asia/Tokyo"), wrong, "<option value=\"Asia/Tokyo\" selected>").await;
        error(&browser, "/settings", &fields("Beta", "Mars/Olympus"), wrong, "Choose a time zone").await;
        let page = browser.submit("/settings", &fields("Beta & Sons", "Asia/Tokyo")).await;
        assert!(page.text.contains("The settings are saved.") && page.text.contains("Beta &#38; Sons"));
        error(&browser, "/settings", &fields("Gamma", "UTC"), StatusCode::CONFLICT, "It is now called Beta").await;
        let workspace = world.workspace().await;
        assert_eq!((workspace.name.as_str(), workspace.time_zone.as_str()), ("Beta & Sons", "Asia/Tokyo"));

        let page = browser.get("/settings/sessions").await;
        assert_eq!((page.input("idle").as_deref(), page.input("absolute").as_deref()), (Some("12"), Some("30")));
        let version = page.input("_version").expect("a version");
        let lengths = |idle, idle_unit, absolute, absolute_unit| {
            [("idle", idle), ("idle_unit", idle_unit), ("absolute", absolute), ("absolute_unit", absolute_unit), ("_version", version.as_str())]
        };
        let path = "/settings/sessions";
        error(&browser, path, &lengths("1", "minutes", "30", "days"), wrong, "id=\"e-idle\">The time without use must be at least 5 minutes.").await;
        let both = lengths("1", "minutes", "366", "days");
        error(&browser, path, &both, wrong, "id=\"e-idle\"").await;
        error(&browser, path, &both, wrong, "id=\"e-absolute\">The time in all must be at most 365 days.").await;
        error(&browser, path, &lengths("40", "days", "30", "days"), wrong, "id=\"e-absolute\">The time in all must be at least as long as").await;
        error(&browser, path, &lengths("x", "hours", "y", "days"), wrong, "The time without use must be a whole number").await;
        error(&browser, path, &lengths("x", "hours", "y", "days"), wrong, "The time in all must be a whole number").await;
        let page = browser.submit(path, &lengths("90", "minutes", "7", "days")).await;
        assert!(page.text.contains("The session lengths are saved."));
        assert_eq!(page.input("idle").as_deref(), Some("90"));
        let sessions = world.workspace().await.sessions;
        assert_eq!((sessions.idle_seconds, sessions.absolute_seconds), (5_400, 604_800));
        assert_eq!(world.workspace().await.name, "Beta & Sons", "each page changes its own part");
    }
}

both_engines! {
    async fn ownership_passes_to_an_active_user_with_the_owners_password(store: Store) {
        let world = World::new(store, 6).await;
        let site = Site::of(&world).await;
        let ada = world.joined_as("Ada Adams", Role::Administrator).await;
        let ben = world.joined_as("Ben Bauer", Role::Member).await;
        let (ivo, _) = world.invited_as("Ivo Invited", Role::Member).await;
        world.deactivate(ben.person).await.expect("a deactivation");
        let olga = site.signed_in(OWNER).await;
        let path = "/settings/ownership";
        let page = olga.get(path).await.text;
        assert!(page.contains("Ada Adams") && !page.contains("Ben Bauer") && !page.contains("Ivo Invited"));
        assert!(olga.get("/settings/ownership?q=zzz").await.text.contains("No active user matches."));
        let wrong = StatusCode::UNPROCESSABLE_ENTITY;
        let (ada_id, ben_id, ivo_id) = (ada.person.to_string(), ben.person.to_string(), ivo.to_string());
        error(&olga, path, &[("person", &ada_id), ("password", "wrong")], wrong, "The password is not right.").await;
        error(&olga, path, &[("person", &ada_id), ("password", "wrong")], wrong, "checked").await;
        error(&olga, path, &[("password", PASSWORD)], wrong, "Choose who is to own").await;
        for nobody in [&ben_id, &ivo_id] {
            let fields = [("person", nobody.as_str()), ("password", PASSWORD)];
            error(&olga, path, &fields, StatusCode::CONFLICT, "only pass to an active user").await;
        }
        let administrator = site.signed_in(&address("Ada Adams")).await;
        assert!(!administrator.get(path).await.text.contains("Hand over ownership"), "the owner alone hands over");
        let fields = [("person", ada_id.as_str()), ("password", PASSWORD)];
        assert_eq!(administrator.post(path, &fields).await.status, StatusCode::FORBIDDEN);
        let page = olga.submit(path, &fields).await;
        assert!(page.text.contains("Ownership has passed on.") && !page.text.contains("Hand over ownership"));
        assert_eq!(world.row(ada.person).await.person.role, Role::Owner);
        assert_eq!(world.row(world.owner.person).await.person.role, Role::Administrator);
        world.check().await;
    }
}
