//! The pages of organizations.

use super::*;

both_engines! {
    async fn an_organization_is_made_changed_and_deleted(store: Store) {
        let world = World::new(store, 1).await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        contains(&owner.get("/organizations").await, &["No organization yet", "Name one above to begin"]);
        let fields = [("name", "Northwind"), ("domains", "@north.example, NORTH.example mail.north.example")];
        let made = owner.post("/organizations", &fields).await;
        let path = made.location().to_owned();
        contains(&owner.get(&path).await, &["The organization Northwind is made.", "0 customers", "mail.north.example north.example"]);
        owner.submit("/customers/new", &[("name", "Ann Able"), ("email", "ann@north.example")]).await;
        let listed = owner.get("/organizations").await;
        contains(&listed, &["Northwind", "mail.north.example, north.example", "1 customer"]);

        let taken = owner.post("/organizations", &[("name", " northwind "), ("domains", "x.example")]).await;
        assert_eq!(taken.status, StatusCode::CONFLICT);
        contains(&taken, &["There is already an organization of this name.", "value=\"x.example\""]);
        let taken = owner.post("/organizations", &[("name", "Southwind"), ("domains", "north.example")]).await;
        assert_eq!(taken.status, StatusCode::CONFLICT);
        contains(&taken, &["The domain north.example already belongs to Northwind.", "value=\"Southwind\""]);
        let bad = owner.post("/organizations", &[("name", ""), ("domains", "nonsense")]).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&bad, &["“nonsense” is not a domain: write one such as example.org."]);
        assert_eq!(bad.text.matches("aria-invalid").count(), 2, "both fields are marked");

        let page = owner.get(&path).await;
        let version = page.input("_version").expect("a version");
        let id = path.rsplit('/').next().expect("an id");
        let customers = format!("/customers?organization={id}");
        contains(&page, &["1 customer", &format!("href=\"{customers}\"")]);
        contains(&owner.get(&customers).await, &["Ann Able", "Organization: Northwind", "1 customer"]);
        let fields = [("_version", version.as_str()), ("name", "Norse Ltd"), ("domains", "norse.example")];
        contains(&owner.submit(&path, &fields).await, &["The changes are saved.", "Norse Ltd", "norse.example"]);
        let stale = owner.post(&path, &fields).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        contains(&owner.submit(&path, &[("name", "Norse Ltd"), ("domains", "norse.example")]).await, &["Nothing was changed."]);
        assert!(!owner.get(&path).await.text.contains("Anyone can have an address"));
        owner.submit(&path, &[("name", "Norse Ltd"), ("domains", "norse.example gmail.com")]).await;
        contains(&owner.get(&path).await, &["Anyone can have an address at gmail.com"]);
        owner.submit(&path, &[("name", "Norse Ltd"), ("domains", "norse.example")]).await;

        let deletion = format!("{path}/deletion");
        let asked = owner.get(&deletion).await;
        contains(&asked, &[
            "Delete the organization Norse Ltd?", "Its one customer stays, without an organization.",
            "New customers with an address of norse.example join no organization.",
        ]);
        assert_eq!(owner.post(&deletion, &[("_version", "1")]).await.status, StatusCode::CONFLICT);
        let version = asked.input("_version").expect("a version");
        let told = owner.submit(&deletion, &[("_version", &version)]).await;
        contains(&told, &["The organization Norse Ltd is deleted.", "1 customer was in it and stays"]);
        contains(&owner.get("/customers?organization=none").await, &["Ann Able"]);
        assert_eq!(owner.get(&path).await.status, StatusCode::NOT_FOUND);
        world.check().await;
    }

    async fn organizations_are_paged_forth_and_back_and_found_by_their_beginning(store: Store) {
        let world = World::new(store, 1).await;
        for number in 0..120 {
            world.organization(&format!("Org {number:03}"), "").await;
        }
        world.organization("Östwind", "").await;
        let site = Site::of(&world).await;
        let owner = owner(&site).await;
        let names = |page: &Page| {
            let found = page.text.split("<strong><bdi>Org ").skip(1);
            found.map(|rest| rest[..3].parse::<usize>().expect("a number")).collect::<Vec<_>>()
        };
        let turn = |page: &Page, side: &str| {
            let (_, rest) = page.text.split_once(&format!("rel=\"{side}\" href=\"")).expect("a way on");
            rest[..rest.find('"').expect("a quote")].to_owned()
        };
        let first = owner.get("/organizations").await;
        let second = owner.get(&turn(&first, "next")).await;
        let third = owner.get(&turn(&second, "next")).await;
        assert_eq!([names(&first), names(&second), names(&third)].concat(), (0..120).collect::<Vec<_>>());
        contains(&third, &["Östwind"]);
        lacks(&third, &["rel=\"next\""]);
        lacks(&first, &["rel=\"prev\""]);
        let back = owner.get(&turn(&third, "prev")).await;
        assert_eq!(names(&back), names(&second));
        assert_eq!(names(&owner.get(&turn(&back, "prev")).await), names(&first));

        assert_eq!(names(&owner.get("/organizations?q=ORG+11").await), (110..120).collect::<Vec<_>>());
        contains(&owner.get("/organizations?q=%C3%B6st").await, &["Östwind", "1 organization"]);
        contains(&owner.get("/organizations?q=zzz").await, &["None begins so", "Show all"]);
    }
}
