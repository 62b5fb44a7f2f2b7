//! What only customers have: adding without an invitation, an organization, the way to the desk. And no license.

use super::*;

both_engines! {
    async fn a_customer_is_added_or_invited_and_joins_by_domain(store: Store) {
        let world = World::new(store, 1).await;
        let north = world.organization("Northwind", "north.example").await;
        world.organization("Norse Ltd", "").await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let asked = owner.get("/customers/new").await;
        contains(&asked, &["New customer", "Invite to the portal", "<option value=\"Northwind\">", "name=\"invite\""]);
        lacks(&asked, &["name=\"role\"", "Licenses then", "Add a license"]);

        let ann = [("name", "Ann Able"), ("email", "ann@north.example")];
        let told = owner.submit("/customers/new", &ann).await;
        contains(&told, &["Ann Able is added.", "In organization Northwind", "a set-password link lets them in"]);
        let invited = [("name", "Ben Bold"), ("email", "ben@x.example"), ("organization", " norse ltd "), ("invite", "1")];
        let shown = owner.post("/customers/new", &invited).await;
        assert_eq!(shown.status, StatusCode::OK, "all licenses are in use, and none is needed");
        contains(&shown, &["Ben Bold is invited", &format!("{}/portal/invitations/ti_", site.url)]);
        let listed = owner.get("/customers?group=organization").await;
        contains(&listed, &["Ann Able", "Ben Bold", "Northwind", "Norse Ltd", "Invited <span class=\"count\">1</span>"]);
        contains(&owner.get(&format!("/customers?organization={north}")).await, &["Ann Able", "1 customer"]);

        let wrong = [("name", ""), ("email", "carl@x.example"), ("organization", "Nor")];
        let refused = owner.post("/customers/new", &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&refused, &["There is no organization Nor. There is Norse Ltd, Northwind.", "value=\"carl@x.example\""]);
        assert_eq!(refused.text.matches("aria-invalid").count(), 2, "name and organization are marked");
        let taken = owner.post("/customers/new", &ann).await;
        assert_eq!(taken.status, StatusCode::CONFLICT);
        contains(&taken, &["This address already belongs to Ann Able."]);
        world.check().await;
    }

    async fn an_address_of_somebody_deactivated_leads_to_their_own_app(store: Store) {
        let world = World::new(store, 5).await;
        let user = world.joined_as("Uma User", Role::Member).await.person;
        let customer = world.joined_to(Kind::Customer, "Cal Customer").await.person;
        for id in [user, customer] {
            world.deactivate(id).await.expect("a deactivation");
        }
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        for (form, fields) in [("/users/new", ("role", "member")), ("/customers/new", ("invite", "1"))] {
            for (name, path) in [("Uma User", USERS.person(user)), ("Cal Customer", CUSTOMERS.person(customer))] {
                let email = address(name);
                let sent = owner.post(form, &[("name", "Else"), ("email", &email), fields]).await;
                assert_eq!(sent.status, StatusCode::CONFLICT);
                contains(&sent, &[name, "who is deactivated", &format!("{path}/activation"), &format!("{path}/edit")]);
            }
        }
    }

    async fn rule_08_activating_a_customer_asks_for_no_license(store: Store) {
        let world = World::new(store, 1).await;
        let cal = world.joined_to(Kind::Customer, "Cal Customer").await.person;
        world.group(Kind::Customer, "Northwind", cal).await;
        world.deactivate(cal).await.expect("a deactivation");
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("/customers/{cal}/activation");
        let asked = owner.get(&path).await;
        contains(&asked, &["Activate Cal Customer?", "Can sign in to the portal again", "Organization Northwind"]);
        lacks(&asked, &["license is", "Add a license", "Role"]);
        let told = owner.submit(&path, &[]).await;
        contains(&told, &["Cal Customer is active again."]);
        lacks(&told, &["Licenses:"]);
        contains(&owner.submit(&undo(&told), &[]).await, &["Cal Customer is deactivated again"]);
        world.check().await;
    }

    async fn a_customer_moves_between_organizations(store: Store) {
        let world = World::new(store, 1).await;
        let cal = world.joined_to(Kind::Customer, "Cal Customer").await.person;
        world.group(Kind::Customer, "Northwind", cal).await;
        world.organization("Southwind", "").await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("/customers/{cal}/organization?back=%2Fcustomers%2F{cal}");
        let asked = owner.get(&path).await;
        assert_eq!(asked.input("organization").as_deref(), Some("Northwind"));
        contains(&owner.submit(&path, &[("organization", "Southwind")]).await, &["Cal Customer is in Southwind now."]);
        contains(&owner.submit(&path, &[("organization", "southwind")]).await, &["Nothing was changed."]);
        let unknown = owner.post(&path, &[("organization", "Westwind")]).await;
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&unknown, &["There is no organization Westwind.", "value=\"Westwind\""]);
        assert_eq!(owner.post(&path, &[("_version", "99")]).await.status, StatusCode::CONFLICT);

        // Of a deactivated customer it can be taken away, and none given (rules 2 and 5).
        world.deactivate(cal).await.expect("a deactivation");
        let back = owner.post(&path, &[("organization", "Northwind")]).await;
        assert_eq!(back.status, StatusCode::CONFLICT);
        contains(&back, &["cannot be given anything new", "aria-invalid"]);
        let told = owner.submit(&path, &[("organization", "")]).await;
        contains(&told, &["Cal Customer is in no organization now.", "Removed from an organization"]);
        lacks(&told, &["/organization?back"]);
        world.check().await;
    }

    async fn a_conversion_takes_a_license_or_asks_for_one(store: Store) {
        let world = World::new(store, 2).await;
        let cal = world.joined_to(Kind::Customer, "Cal Customer").await.person;
        world.group(Kind::Customer, "Northwind", cal).await;
        let dora = world.invited_to(Kind::Customer, "Dora Door").await.0;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let path = format!("/customers/{cal}/conversion");
        let asked = owner.get(&path).await;
        contains(&asked, &[
            "Make Cal Customer a user?", "1 license is taken: 2 of 2 in use then", "1 portal session ends",
            "Leaves organization Northwind",
        ]);
        let version = asked.input("_version").expect("a version");
        let done = owner.post(&path, &[("_version", &version)]).await;
        assert_eq!(done.location(), format!("/users/{cal}"), "their page is among the users now");
        contains(&owner.get(done.location()).await, &[
            "Cal Customer is a user now.", "1 license is taken: 2 of 2 in use", "1 portal session ended", "Converted to user",
        ]);
        assert_eq!(owner.post(&path, &[]).await.status, StatusCode::NOT_FOUND);

        let path = format!("/customers/{dora}/conversion");
        contains(&owner.get(&path).await, &["Add a license", "The workspace will own 3 licenses.", "has to be sent again"]);
        let full = owner.post(&path, &[]).await;
        assert_eq!(full.status, StatusCode::CONFLICT);
        contains(&full, &["All 2 licenses are in use.", "name=\"add_license\""]);
        contains(&owner.submit(&path, &[("add_license", "1")]).await, &[
            "Dora Door is a user now.", "1 license added: 3 of 3 in use", "Send the invitation again",
        ]);
        world.check().await;

        let gone = world.joined_to(Kind::Customer, "Gil Gone").await.person;
        world.deactivate(gone).await.expect("a deactivation");
        let path = format!("/customers/{gone}/conversion");
        contains(&owner.get(&path).await, &["belongs to a deactivated person", &format!("/customers/{gone}/activation")]);
        assert_eq!(owner.post(&path, &[]).await.status, StatusCode::CONFLICT);
    }
}
