//! The questions, and what their forms do.

use super::*;

both_apps! {
    async fn a_deactivation_shows_its_plan_is_done_once_and_undone(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await;
        world.group(app.kind, "Support", ada.person).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("{}/deactivation?back=%2F{}%3Fview%3Dactive", app.person(ada.person), app.many);
        let asked = owner.get(&path).await;
        contains(&asked, &[
            "Deactivate Ada Adams?", "1 session ends", &format!("{} Support", app.group_title),
            &format!("href=\"{}?view=active\"", app.path),
        ]);
        let of_users = ["1 license is freed", "Only active member of team Support", "Role member"];
        if app.is_users() { contains(&asked, &of_users) } else { lacks(&asked, &of_users) }
        let version = asked.input("_version").expect("a version");
        let fields = [("_version", version.as_str()), ("reason", "On leave"), ("review_on", "2026-05-01")];
        let done = owner.post(&path, &fields).await;
        assert_eq!(done.location(), format!("{}?view=active", app.path));
        let told = owner.get(done.location()).await;
        contains(&told, &[
            "Ada Adams is deactivated.", "1 session ended", &format!("Stays in {} Support", app.group), "until 10:10",
        ]);
        let freed = ["1 license is free again (1 of 10 in use)"];
        if app.is_users() { contains(&told, &freed) } else { lacks(&told, &["license is free"]) }
        lacks(&owner.get(app.path).await, &["is deactivated."]);
        world.check().await;

        // Sent again, by a double click or days later: no error, nothing done (rule 10).
        contains(&owner.submit(&path, &fields).await, &["was deactivated already. Nothing changed."]);
        contains(&owner.get(&path).await, &["is deactivated already", "/activation"]);

        // The toast is shown once; the person's own page offers the way back for as long as there is one.
        let panel = owner.get(&app.person(ada.person)).await;
        contains(&panel, &["Undo the last step", "until 10:10"]);
        let undone = owner.submit(&undo(&panel), &[]).await;
        contains(&undone, &["Undone.", "Ada Adams is active again", "Ended sessions stay ended"]);
        assert_eq!(undone.text.contains("Licenses: "), app.is_users(), "customers hold none");
        assert!(world.row(ada.person).await.person.status.is_active());
        contains(&owner.get(&app.person(ada.person)).await, &["Undid the deactivation", "No open session"]);
        lacks(&owner.get(&app.person(ada.person)).await, &["Undo the last step"]);
        contains(&owner.submit(&undo(&told), &[]).await, &["This has already been undone.", "toast-refused"]);
        world.check().await;
    }

    async fn a_refused_deactivation_keeps_what_was_typed(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("{}/deactivation", app.person(ada.person));
        let version = owner.get(&path).await.input("_version").expect("a version");
        let long = "x".repeat(2_001);
        let bad = owner.post(&path, &[("_version", &version), ("reason", &long), ("review_on", "soon")]).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&bad, &[&long, "value=\"soon\"", "2000", "Enter a date"]);
        let past = owner.post(&path, &[("_version", &version), ("review_on", "2026-03-01")]).await;
        assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&past, &["The review date must be later than today.", "value=\"2026-03-01\""]);
        for stale in ["999", "nonsense"] {
            let stale = owner.post(&path, &[("_version", stale), ("reason", "Kept words")]).await;
            assert_eq!(stale.status, StatusCode::CONFLICT);
            contains(&stale, &["nothing was done", "Kept words", "Happens now"]);
            assert_eq!(stale.input("_version").as_deref(), Some(version.as_str()), "a fresh preview");
        }
        assert!(world.row(ada.person).await.person.status.is_active());
    }

    async fn a_deletion_wants_the_address_and_ones_own_password(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await.person;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("{}/deletion?back=%2F{}%2F{ada}%3Fq%3Dada", app.person(ada), app.many);
        let asked = owner.get(&path).await;
        contains(&asked, &[
            "Delete Ada Adams for good?", "Password and 1 open session", "Deactivate instead", "ada.adams@acme.example",
        ]);
        let frees = ["<h2>Becomes free</h2><ul><li>1 license: 1 of 10 in use then</li>", "license is freed just the same"];
        if app.is_users() { contains(&asked, &frees) } else { lacks(&asked, &["license is", "Becomes free"]) }
        let version = asked.input("_version").expect("a version");
        let email = address("Ada Adams");
        for (email, password, words) in [
            (email.as_str(), "wrong horse", "The password is not right."),
            (email.as_str(), "", "Enter your own password"),
            ("ada", PASSWORD, "The email address typed is not this person&#39;s."),
        ] {
            let fields = [("_version", version.as_str()), ("email", email), ("password", password)];
            let refused = owner.post(&path, &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
            contains(&refused, &[words, &format!("value=\"{email}\"")]);
            lacks(&refused, &[PASSWORD, "wrong horse"]);
        }
        let fields = [("_version", version.as_str()), ("email", "ADA.adams@acme.example "), ("password", PASSWORD)];
        let done = owner.post(&path, &fields).await;
        assert_eq!(done.location(), format!("{}?q=ada", app.path), "the panel of somebody gone is left");
        let told = owner.get(done.location()).await;
        contains(&told, &["Ada Adams is deleted."]);
        assert_eq!(told.text.contains("1 license is free again"), app.is_users());
        assert!(world.found(ada).await.is_none());
        assert_eq!(owner.post(&path, &fields).await.status, StatusCode::NOT_FOUND);
        world.check().await;
    }

    async fn an_open_invitation_is_sent_again_or_withdrawn(store: Store, app: App) {
        let world = World::new(store, 2).await;
        let (ivy, first) = world.invited_to(app.kind, "Ivy Inver").await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("{}/invitation", app.person(ivy));
        contains(&owner.get(&path).await, &["The link sent before no longer works"]);
        let link = tenure::web::side::link(app.kind, &first);
        let door = link.split_once("ti_").expect("an invitation").0;
        contains(&owner.post(&path, &[]).await, &[&format!("{}{door}ti_", site.url)]);
        let used = tenure::ops::invitation::look(&mut world.reader().await, &world.ctx(), &first).await;
        assert_eq!(crate::support::world::refused(used), domain::Refusal::LinkVoid);
        // An expired one needs a license, and none is free.
        world.later(Duration::from_hours(8 * 24));
        let job = world.job();
        world
            .write(async move |tx| tenure::ops::invitation::expire_due(tx, &job).await)
            .await
            .expect("it expires");
        world.later(Duration::from_secs(1));
        let owner = self::owner(&site).await;
        contains(&owner.get(app.path).await, &["Invitation expired"]);
        world.invited().await;
        let withdrawal = format!("{}/withdrawal", app.person(ivy));
        if !app.is_users() {
            // None is needed for a customer.
            contains(&owner.post(&path, &[]).await, &[&format!("{}{door}ti_", site.url)]);
            contains(&owner.submit(&withdrawal, &[]).await, &["The invitation of Ivy Inver is withdrawn."]);
            assert!(world.found(ivy).await.is_none());
            world.check().await;
            return;
        }
        let full = owner.post(&path, &[]).await;
        assert_eq!(full.status, StatusCode::CONFLICT);
        contains(&full, &["All 2 licenses are in use.", "name=\"add_license\""]);
        contains(&owner.post(&path, &[("add_license", "1")]).await, &["1 license was added (3 of 3 in use)"]);
        contains(&owner.get(&withdrawal).await, &["1 license is freed", "Withdraw the invitation"]);
        let told = owner.submit(&withdrawal, &[]).await;
        contains(&told, &["The invitation of Ivy Inver is withdrawn.", "1 license is free again (2 of 3 in use)"]);
        assert!(world.found(ivy).await.is_none());
        world.check().await;
    }

    async fn profiles_are_changed_from_what_was_seen(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await.person;
        let gone = world.deactivated().await.person;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("{}/edit", app.person(ada));
        let version = owner.get(&path).await.input("_version").expect("a version");
        let fields = [("_version", version.as_str()), ("name", "Ada King"), ("email", "king@acme.example")];
        contains(&owner.submit(&path, &fields).await, &["The changes are saved.", "Ada King"]);
        let stale = owner.post(&path, &[("_version", &version), ("name", "Ada Other"), ("email", "o@acme.example")]).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        contains(&stale, &["It is now Ada King, king@acme.example", "value=\"Ada Other\""]);
        let taken = world.row(gone).await.person.email;
        let theirs = owner.post(&path, &[("name", "Ada King"), ("email", &taken)]).await;
        assert_eq!(theirs.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&theirs, &["who is deactivated. Change theirs first."]);
        assert_eq!(world.row(ada).await.person.name, "Ada King");
    }

    async fn links_are_shown_once_and_sessions_are_ended_from_afar(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await.person;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("{}/link", app.person(ada));
        contains(&owner.get(&path).await, &["Make a set-password link for Ada Adams?"]);
        let shown = owner.post(&path, &[]).await;
        contains(&shown, &["A set-password link for Ada Adams", "3 Mar 2026, 10:00"]);
        let url = shown.text.split('"').find(|text| text.contains("tp_")).expect("a link").to_owned();
        let door = if app.is_users() { "/password/" } else { "/portal/set-password/" };
        let secret = url.strip_prefix(&format!("{}{door}", site.url)).expect("a link to the right door");
        let secret = tenure::secret::Secret::parse(tenure::secret::Kind::PasswordLink, secret).expect("a link");
        let for_whom = tenure::ops::links::look(&mut world.reader().await, &world.ctx(), &secret).await;
        assert_eq!(for_whom.expect("it works").person.id, ada);
        assert_eq!(owner.post(&path, &[("_version", "999")]).await.status, StatusCode::CONFLICT);

        let second = tenure::ops::sign_in::Attempt {
            kind: app.kind,
            ..crate::support::world::attempt(&address("Ada Adams"), PASSWORD)
        };
        let visitor = world.visitor(domain::id::PersonId::from_uuid(uuid::Uuid::nil()));
        tenure::ops::sign_in::sign_in(&world.app, &visitor, second).await.expect("a second session");
        let path = format!("{}/sessions", app.person(ada));
        let listed = owner.get(&path).await;
        contains(&listed, &["Sessions of Ada Adams", "End all sessions"]);
        let session = listed.text.split("name=\"session\" value=\"").nth(1).expect("a session");
        let session = session.split('"').next().expect("an id").to_owned();
        let ended = owner.submit(&path, &[("session", &session)]).await;
        contains(&ended, &["1 session of Ada Adams ended.", "Sessions of Ada Adams"]);
        contains(&owner.submit(&path, &[("session", &session)]).await, &["had ended already"]);
        contains(&owner.submit(&path, &[("all", "1")]).await, &["1 session of Ada Adams ended."]);
        contains(&owner.get(&path).await, &["No open session"]);
        world.check().await;
    }
}

both_engines! {
    async fn guards_are_told_with_what_to_do_first(store: Store) {
        let world = World::new(store, 10).await;
        let bob = world.joined_as("Bob Brown", Role::Administrator).await.person;
        let ivy = world.invited_as("Ivy Inver", Role::Member).await.0;
        let gone = world.deactivated().await.person;
        let site = Site::of(&world).await;
        let browser = site.signed_in(&address("Bob Brown")).await;
        let own = world.owner.person;
        let cases = [
            (own, "deactivation", "The owner cannot be deactivated", ""),
            (own, "deletion", "The owner cannot be deleted", ""),
            (own, "role", "The owner's role changes only", ""),
            (own, "link", "Only the owner can do this for the owner", ""),
            (bob, "deactivation", "You cannot deactivate yourself", "Ask another administrator."),
            (bob, "deletion", "You cannot delete yourself", ""),
            (bob, "role", "You cannot change your own role", ""),
            (ivy, "deactivation", "has not joined yet", "/withdrawal"),
            (ivy, "deletion", "has not joined yet", "/withdrawal"),
            (ivy, "activation", "has not joined yet", "/invitation"),
            (gone, "link", "This person is deactivated", "/activation"),
            (gone, "withdrawal", "There is no open invitation", ""),
            (gone, "invitation", "There is no open invitation", ""),
        ];
        let before = world.dump().await;
        for (id, dialog, title, way) in cases {
            let path = format!("/users/{id}/{dialog}");
            let asked = browser.get(&path).await;
            assert_eq!(asked.status, StatusCode::OK, "{path}");
            contains(&asked, &[&title.replace('\'', "&#39;"), way]);
            let fields = [("role", "member"), ("password", PASSWORD), ("email", "x@y.example")];
            let sent = browser.post(&path, &fields).await;
            let status = if dialog == "link" && id == own { StatusCode::FORBIDDEN } else { StatusCode::CONFLICT };
            assert_eq!(sent.status, status, "{path}: {}", sent.text);
            contains(&sent, &[&title.replace('\'', "&#39;"), way]);
        }
        let changed = crate::support::world::changed_tables(&before, &world.dump().await);
        assert_eq!(changed, Vec::<String>::new(), "nothing is changed");
        let owner = owner(&site).await;
        contains(&owner.get(&format!("/users/{bob}/deletion")).await, &["cannot be deleted", "/role"]);
        contains(&owner.get(&format!("/users/{own}/deletion")).await, &["Transfer ownership", "/settings/ownership"]);
    }

    async fn with_no_license_free_each_way_is_one_step(store: Store) {
        let world = World::new(store, 3).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await.person;
        world.deactivate(ada).await.expect("a deactivation");
        let bob = world.joined_as("Bob Brown", Role::Member).await.person;
        world.joined_as("Cleo Clark", Role::Member).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("/users/{ada}/activation");
        let asked = owner.get(&path).await;
        contains(&asked, &[
            "All 3 licenses are in use.", "Add a license", "The workspace will own 4 licenses.",
            "Bob Brown", "Cleo Clark", "name=\"replace\"",
        ]);
        lacks(&asked, &[&format!("value=\"{}\"", world.owner.person)]);
        let searched = owner.get(&format!("{path}?q=bob&way=add&way=replace&back=%2Fusers%3Fq%3Dx")).await;
        contains(&searched, &["Bob Brown", "name=\"back\" value=\"/users?q=x\""]);
        lacks(&searched, &["Cleo Clark"]);

        // What happens to the one chosen, by the code that will do it: without a script, by a button.
        let team = world.team("Support").await;
        world.join(team, bob).await.expect("a member");
        site.signed_in(&address("Bob Brown")).await;
        let chosen = owner.get(&format!("{path}?way=replace&replace={bob}")).await;
        contains(&chosen, &[
            "Happens to Bob Brown", "2 sessions end", "1 license is freed", "Stays as it is", "Role member",
            "Only active member of team Support", &format!("value=\"{bob}\" checked"), "Show what happens to the one chosen",
        ]);
        lacks(&asked, &["Happens to"]);
        lacks(&owner.get(&format!("{path}?way=replace&replace={}", world.owner.person)).await, &["Happens to"]);
        assert!(world.row(bob).await.person.status.is_active(), "a look changes nothing");

        // A choice of nobody, of somebody impossible, of somebody gone.
        let unknown = "01890000-0000-7000-8000-000000000000".to_owned();
        for other in [String::new(), world.owner.person.to_string(), unknown] {
            let fields = [("way", "replace"), ("replace", other.as_str()), ("reason", "Kept words")];
            let refused = owner.post(&path, &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{other}");
            contains(&refused, &["Choose someone", "Kept words", "All 3 licenses are in use."]);
        }
        assert!(!world.row(ada).await.person.status.is_active());

        let version = asked.input("_version").expect("a version");
        let other = bob.to_string();
        let fields = [("_version", version.as_str()), ("way", "replace"), ("replace", &other), ("reason", "Ada is back")];
        let told = owner.submit(&path, &fields).await;
        contains(&told, &["Ada Adams is active again.", "Bob Brown is deactivated", "Licenses: 3 of 3 in use"]);
        assert!(world.row(ada).await.person.status.is_active());
        assert!(!world.row(bob).await.person.status.is_active());
        let undone = owner.submit(&undo(&told), &[]).await;
        contains(&undone, &["Bob Brown is active again", "Ada Adams is deactivated again"]);
        world.check().await;

        lacks(&owner.get(&path).await, &["In all:"]);
        let price = [("owned", "3"), ("price", "15"), ("currency", "EUR"), ("period", "month")];
        owner.submit("/settings/licenses", &price).await;
        contains(&owner.get(&path).await, &[
            "Add a license and activate", "EUR 15.00 per month",
            "In all: EUR 45.00 per month now, EUR 60.00 per month then.",
        ]);
        let told = owner.submit(&path, &[("way", "add")]).await;
        contains(&told, &["Ada Adams is active again.", "1 license added: 4 of 4 in use"]);
        world.check().await;
    }

    async fn a_prompt_that_no_longer_fits_is_asked_anew_and_nothing_is_done(store: Store) {
        let world = World::new(store, 2).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await.person;
        world.deactivate(ada).await.expect("a deactivation");
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("/users/{ada}/activation");
        contains(&owner.get(&path).await, &["1 license is taken: 2 of 2 in use then"]);
        let bob = world.joined_as("Bob Brown", Role::Member).await.person;
        // The free license is gone.
        let sent = owner.post(&path, &[]).await;
        assert_eq!(sent.status, StatusCode::CONFLICT);
        contains(&sent, &["All 2 licenses are in use.", "Deactivate someone else", "Bob Brown"]);
        // One is free again, so nobody has to leave.
        let cleo = world.ctx();
        world
            .write(async move |tx| tenure::ops::licenses::own(tx, &cleo, 3).await)
            .await
            .expect("one license more");
        let sent = owner.post(&path, &[("way", "replace"), ("replace", &bob.to_string())]).await;
        assert_eq!(sent.status, StatusCode::CONFLICT);
        contains(&sent, &["A license is free: activate without deactivating anyone.", "Activate Ada Adams?", "3 of 3 in use then"]);
        assert!(world.row(bob).await.person.status.is_active());
        assert!(!world.row(ada).await.person.status.is_active());
        contains(&owner.submit(&path, &[]).await, &["Ada Adams is active again."]);
    }

    async fn an_undo_whose_license_is_taken_leads_to_the_prompt(store: Store) {
        let world = World::new(store, 2).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await.person;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let told = owner.submit(&format!("/users/{ada}/deactivation"), &[]).await;
        world.joined_as("Bob Brown", Role::Member).await;
        let refused = owner.post(&undo(&told), &[]).await;
        assert_eq!(refused.location(), format!("/users/{ada}/activation"));
        let prompt = owner.get(refused.location()).await;
        contains(&prompt, &["its license has been taken meanwhile", "All 2 licenses are in use."]);
        world.later(Duration::from_secs(601));
        contains(&owner.submit(&undo(&told), &[]).await, &["10 minutes have passed"]);
    }

    async fn an_invitation_shows_its_link_once_and_meets_every_obstacle(store: Store) {
        let world = World::new(store, 3).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await.person;
        world.deactivate(ada).await.expect("a deactivation");
        let team = world.team("Support").await.to_string();
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        contains(&owner.get("/users/new").await, &["Invite a user", "Licenses then: 2 of 3 in use.", "Support"]);
        let ivy = [("name", "Ivy Inver"), ("email", "ivy@acme.example"), ("role", "member"), ("teams", &team)];
        let shown = owner.post("/users/new", &ivy).await;
        assert_eq!(shown.status, StatusCode::OK);
        contains(&shown, &["Ivy Inver is invited", "2 of 3 licenses", &format!("{}/invitation/ti_", site.url)]);
        assert_eq!(shown.headers.get("cache-control").expect("a header"), "no-store");

        let again = owner.post("/users/new", &ivy).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        contains(&again, &["This address already belongs to Ivy Inver.", "checked"]);
        // Rule 13.
        let hers = [("name", "Ada Again"), ("email", "ADA.ADAMS@acme.example"), ("role", "member")];
        let belongs = owner.post("/users/new", &hers).await;
        assert_eq!(belongs.status, StatusCode::CONFLICT);
        contains(&belongs, &["who is deactivated", &format!("/users/{ada}/activation"), &format!("/users/{ada}/edit")]);
        let bad = owner.post("/users/new", &[("name", " "), ("email", "no address"), ("role", "member")]).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(bad.text.matches("aria-invalid").count(), 2, "both fields are marked");
        let king = owner.post("/users/new", &[("name", "K"), ("email", "k@acme.example"), ("role", "owner")]).await;
        assert!(king.status.is_client_error());

        world.invited().await;
        let jim = [("name", "Jim Jones"), ("email", "jim@acme.example"), ("role", "administrator")];
        let full = owner.post("/users/new", &jim).await;
        assert_eq!(full.status, StatusCode::CONFLICT);
        contains(&full, &["All 3 licenses are in use.", "name=\"add_license\"", "value=\"Jim Jones\""]);
        let added = [&jim[..], &[("add_license", "1")]].concat();
        contains(&owner.post("/users/new", &added).await, &["1 license was added (4 of 4 in use)"]);
        world.check().await;
    }

    async fn roles_are_changed_from_what_was_seen(store: Store) {
        let world = World::new(store, 10).await;
        let ada = world.joined_as("Ada King", Role::Member).await.person;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("/users/{ada}/role");
        contains(&owner.get(&path).await, &["Change the role of Ada King", "checked"]);
        contains(&owner.submit(&path, &[("role", "administrator")]).await, &["Ada King is an administrator now."]);
        contains(&owner.submit(&path, &[("role", "administrator")]).await, &["was an administrator already"]);
        assert!(owner.post(&path, &[("role", "owner")]).await.status.is_client_error());
        assert_eq!(world.row(ada).await.person.role, Role::Administrator);
    }

}
