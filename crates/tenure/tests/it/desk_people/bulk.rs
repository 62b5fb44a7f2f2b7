//! One action on many people, at the pages.

use super::*;

both_apps! {
    async fn selected_rows_are_previewed_done_listed_and_undone(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await;
        let ben = world.joined_to(app.kind, "Ben Brown").await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        contains(&owner.get(app.path).await, &["Select Ada Adams", "id=\"bulk\"", "Preview"]);
        let (one, two) = (ada.person.to_string(), ben.person.to_string());
        let chosen = [("person", one.as_str()), ("person", two.as_str()), ("deed", "deactivate"), ("query", "view=active")];
        let preview = owner.post(&format!("{}/bulk", app.path), &chosen).await;
        assert_eq!(preview.status, StatusCode::OK, "{preview:?}");
        contains(&preview, &["Deactivate 2 ", "2 sessions end", "Ada Adams", "Ben Brown", "Changes"]);
        let seen = preview.input("fingerprint").expect("a fingerprint");
        let confirmed = [&chosen[..], &[("fingerprint", seen.as_str()), ("reason", "Closing")]].concat();
        let begin = format!("{}/bulk/begin", app.path);
        let done = owner.post(&begin, &confirmed).await;
        let page = done.location().to_owned();
        assert!(page.starts_with("/bulk/"), "{done:?}");
        let told = owner.get(&page).await;
        contains(&told, &["are deactivated.", "2 of 2 dealt with", "2 sessions ended", "Undo for all", "until 10:10", "toast-undo"]);
        contains(&owner.get(&format!("{page}/results.csv")).await, &["Ada Adams", "changed"]);
        // What was confirmed is no longer so: shown again, and nothing done.
        let again = owner.post(&begin, &confirmed).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{again:?}");
        contains(&again, &["Nothing changes", "nothing was done"]);
        let undone = owner.submit(&format!("{page}/undo"), &[]).await;
        contains(&undone, &["as before."]);
        assert!(world.row(ada.person).await.person.status.is_active());
        contains(&owner.get("/bulk").await, &["Undo for 2", "Deactivate 2", "Finished"]);
        world.check().await;
    }

    async fn what_cannot_be_done_with_many_is_said_where_it_can_be_mended(store: Store, app: App) {
        let world = World::new(store, 10).await;
        let ada = world.joined_to(app.kind, "Ada Adams").await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let preview = format!("{}/bulk", app.path);
        contains(&owner.submit(&preview, &[("deed", "deactivate")]).await, &["Select the "]);
        contains(&owner.submit(&preview, &[("deed", "dance"), ("all", "1")]).await, &["Choose what is to be done."]);
        let one = ada.person.to_string();
        let chosen = [("person", one.as_str()), ("deed", "delete"), ("count", "2"), ("password", PASSWORD)];
        let begin = format!("{}/bulk/begin", app.path);
        let wrong = owner.post(&begin, &chosen).await;
        assert!(wrong.status.is_client_error(), "{wrong:?}");
        contains(&wrong, &["not the number of people", "type <code>1</code>"]);
        let chosen = [("person", one.as_str()), ("deed", "delete"), ("count", "1"), ("password", "wrong one entirely")];
        contains(&owner.post(&begin, &chosen).await, &["The password is not right."]);
        assert!(world.found(ada.person).await.is_some());
        let chosen = [("person", one.as_str()), ("deed", "delete"), ("count", "1"), ("password", PASSWORD)];
        contains(&owner.submit(&begin, &chosen).await, &["is deleted"]);
        assert!(world.found(ada.person).await.is_none());
        world.check().await;
    }
}

both_engines! {
    async fn the_brake_is_set_on_its_page_and_told_in_the_preview(store: Store) {
        let world = World::new(store, 20).await;
        let mut people = Vec::new();
        for _ in 0..3 {
            people.push(world.member().await.person.to_string());
        }
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        contains(&owner.get("/settings/brake").await, &["value=\"10\"", "value=\"5\"", "checked"]);
        let wrong = owner.post("/settings/brake", &[("_version", "0"), ("on", "1"), ("share", "0"), ("minimum", "2")]).await;
        contains(&wrong, &["between 1 and 100 percent"]);
        let set = [("_version", "0"), ("on", "1"), ("share", "1"), ("minimum", "2")];
        contains(&owner.submit("/settings/brake", &set).await, &["The brake is set.", "value=\"2\""]);
        let mut chosen: Vec<(&str, &str)> = people.iter().map(|id| ("person", id.as_str())).collect();
        chosen.push(("deed", "deactivate"));
        contains(&owner.post("/users/bulk", &chosen).await, &["The brake lets 2 users", "Let it pass the brake"]);
        let stopped = owner.post("/users/bulk/begin", &chosen).await;
        assert!(stopped.status.is_client_error(), "{stopped:?}");
        contains(&stopped, &["more than the 2"]);
        chosen.push(("past_brake", "1"));
        contains(&owner.submit("/users/bulk/begin", &chosen).await, &["3 users are deactivated"]);
        world.check().await;
    }
}
