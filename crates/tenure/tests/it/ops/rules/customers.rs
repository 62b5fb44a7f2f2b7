//! Rule 8: customers live by the same rules, without licenses; organizations, and conversion to users.

use domain::{
    Refusal,
    id::{OrganizationId, PersonId},
    person::Kind,
};
use tenure::{
    Error, Result,
    ctx::Ctx,
    ops::{
        self,
        customers::{Conversion, Input},
        organizations::{Belonging, Domains},
        sign_in::{SignedIn, sign_in},
    },
    store::organizations,
};

use crate::support::{
    both_engines,
    world::{PASSWORD, World, address, any_name, attempt, not_found, refused},
};

async fn add(world: &World, name: &str, email: &str, belonging: Belonging) -> Result<PersonId> {
    let (ctx, name, email) = (world.ctx(), world.name(name), email.to_owned());
    world
        .write(async move |tx| {
            let input = Input { email: email.clone(), name: name.clone(), belonging };
            Ok(ops::customers::add(tx, &ctx, input).await?.person)
        })
        .await
}

async fn organization(world: &World, name: &str, domains: &str) -> Result<OrganizationId> {
    let (ctx, name) = (world.ctx(), world.name(name));
    let domains = Domains::parse(domains, &world.app.config.limits)?;
    world
        .write(async move |tx| ops::organizations::create(tx, &ctx, name.clone(), domains.clone()).await)
        .await
}

async fn at(world: &World, person: PersonId) -> Option<String> {
    let mut rx = world.app.store.reader().await.expect("a reader");
    organizations::of_person(&mut rx, world.ws, person).await.expect("read").map(|found| found.name)
}

both_engines! {
    async fn rule_08_a_customer_is_added_into_the_organization_of_their_domain(store: Store) {
        let world = World::new(store, 5).await;
        let before = world.workspace().await;
        organization(&world, "Globex", "@Globex.example; globex.test").await.expect("made");
        let ann = add(&world, "Ann Globex", "Ann@GLOBEX.example", Belonging::ByDomain).await.expect("added");
        assert_eq!(at(&world, ann).await.as_deref(), Some("Globex"));
        let sue = add(&world, "Sue Sub", "sue@mail.globex.example", Belonging::ByDomain).await.expect("added");
        assert_eq!(at(&world, sue).await, None, "another domain");
        let out = add(&world, "Out", "out@globex.test", Belonging::Nowhere).await.expect("added");
        assert_eq!(at(&world, out).await, None);
        let row = world.row(ann).await;
        assert_eq!((row.person.kind, row.person.status.is_active()), (Kind::Customer, true));
        assert!(row.password_set.is_none());
        let after = world.workspace().await;
        assert_eq!((after.customers.active, after.customers.never), (3, 3));
        assert_eq!((after.licenses, after.counts), (before.licenses, before.counts), "no license, no user");
        let again = refused(add(&world, "Ann Again", "ANN@globex.EXAMPLE", Belonging::ByDomain).await);
        assert!(matches!(again, Refusal::AddressTaken { person, .. } if person == ann));
        world.check().await;
    }

    async fn rule_08_a_deactivated_customer_cannot_sign_in_and_keeps_their_organization(store: Store) {
        let world = World::new(store, 5).await;
        let name = any_name("Cus");
        let customer = world.customer_as(&name).await.person;
        let globex = organization(&world, "Globex", "").await.expect("made");
        let ctx = world.ctx();
        world
            .write(async move |tx| ops::organizations::move_to(tx, &ctx, customer, Some(globex)).await)
            .await
            .expect("moved");
        let mut portal = attempt(&address(&name), PASSWORD);
        portal.kind = Kind::Customer;
        let opened = sign_in(&world.app, &world.visitor(customer), portal).await.expect("signed in");
        assert!(matches!(opened, SignedIn::Opened(_)));
        // The desk is not theirs, whatever they know.
        let desk = sign_in(&world.app, &world.visitor(customer), attempt(&address(&name), PASSWORD)).await;
        assert!(matches!(desk, Err(Error::Invalid(_))));

        let used = world.workspace().await.licenses.used;
        let ctx = world.ctx();
        let input = ops::deactivation::Input::default();
        let receipt = world
            .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, customer, input.clone()).await)
            .await
            .expect("deactivated");
        assert_eq!((receipt.sessions_ended, receipt.license_freed), (2, false));
        assert_eq!(receipt.stays.organization.map(|kept| kept.name).as_deref(), Some("Globex"));
        let mut portal = attempt(&address(&name), PASSWORD);
        portal.kind = Kind::Customer;
        let refused_now = sign_in(&world.app, &world.visitor(customer), portal).await.expect("an answer");
        assert!(matches!(refused_now, SignedIn::Deactivated { .. }));
        let ctx = world.ctx();
        let (initech, leave) = (organization(&world, "Initech", "").await.expect("made"), world.ctx());
        let moved = world
            .write(async move |tx| ops::organizations::move_to(tx, &ctx, customer, Some(initech)).await)
            .await;
        assert_eq!(refused(moved), Refusal::DeactivatedGetsNothingNew);
        let left =
            world.write(async move |tx| ops::organizations::move_to(tx, &leave, customer, None).await).await;
        assert!(left.expect("taken out"));

        let ctx = world.ctx();
        let input = ops::activation::Input::default();
        let receipt = world
            .write(async move |tx| ops::activation::activate(tx, &ctx, customer, input.clone()).await)
            .await
            .expect("activated");
        assert!(receipt.changed);
        let after = world.workspace().await;
        assert_eq!(after.licenses.used, used);
        assert_eq!((after.customers.active, after.customers.deactivated), (1, 0));
        world.check().await;
    }

    async fn rule_13_a_conversion_takes_a_license_and_ends_the_portals_sessions(store: Store) {
        let world = World::new(store, 5).await;
        let customer = world.customer_as(&any_name("Con")).await.person;
        organization(&world, "Globex", "").await.expect("made");
        let used = world.workspace().await.licenses.used;
        let ctx = world.ctx();
        world
            .write(async move |tx| ops::licenses::own(tx, &ctx, used).await.map(drop))
            .await
            .expect("all in use");
        let convert = async |add_license| {
            let (ctx, input) = (world.ctx(), Conversion { add_license, version: None });
            world.write(async move |tx| ops::customers::convert(tx, &ctx, customer, input).await).await
        };
        assert!(matches!(refused(convert(false).await), Refusal::LicensesExhausted { needed: 1, .. }));
        assert_eq!(world.row(customer).await.person.kind, Kind::Customer, "nothing has changed");
        let done = convert(true).await.expect("converted");
        assert_eq!((done.license_taken, done.added_licenses, done.sessions_ended), (true, 1, 1));
        assert_eq!((done.owned, done.used), (used + 1, used + 1));
        assert_eq!(world.row(customer).await.person.kind, Kind::User);
        assert_eq!(world.workspace().await.customers.active, 0);
        assert_eq!(refused(convert(false).await), Refusal::CustomersOnly);
        world.check().await;
    }

    async fn organizations_are_created_changed_and_deleted_and_their_customers_stay(store: Store) {
        let world = World::new(store, 5).await;
        let globex = organization(&world, "Globex", "globex.example").await.expect("made");
        assert!(matches!(
            refused(organization(&world, "GLOBEX", "").await),
            Refusal::OrganizationNameTaken { organization } if organization == globex
        ));
        let taken = refused(organization(&world, "Other", "Globex.Example").await);
        assert!(matches!(taken, Refusal::DomainTaken { name, .. } if name == "Globex"));
        assert!(Domains::parse("not a domain", &world.app.config.limits).is_err());
        let ann = add(&world, "Ann", "ann@globex.example", Belonging::ByDomain).await.expect("added");
        let beside = world.beside(3).await;
        assert_eq!(not_found(delete(&world, &beside.ctx(), globex, None).await), "organization");
        assert!(matches!(delete(&world, &world.ctx(), globex, Some(7)).await, Err(Error::Stale)));
        let deleted = delete(&world, &world.ctx(), globex, Some(1)).await.expect("deleted");
        assert_eq!((deleted.members, deleted.domains), (1, vec!["globex.example".to_owned()]));
        assert_eq!(at(&world, ann).await, None);
        world.check().await;
    }
}

async fn delete(
    world: &World,
    ctx: &Ctx,
    id: OrganizationId,
    version: Option<i64>,
) -> Result<ops::organizations::Deleted> {
    let ctx = ctx.clone();
    world.write(async move |tx| ops::organizations::delete(tx, &ctx, id, version).await).await
}
