//! Several workspaces on one server: each is found by a host of its own.

use domain::{
    Refusal,
    actor::{Actor, Door},
    id::WorkspaceId,
};
use tenure::{
    Result,
    ctx::Ctx,
    ops::{
        profile::Name,
        workspace::{self, Created, Input},
    },
    seal::AuditKey,
    store::Store,
    sys::Sys,
};

use super::untouched;
use crate::support::{
    both_engines,
    world::{World, refused},
};

async fn create(store: &Store, name: &str, host: Option<&str>) -> Result<Created> {
    let sys = Sys::real();
    let ws = WorkspaceId::from_uuid(sys.uuid7());
    let ctx = Ctx::begin(&sys, ws, Actor::Cli { user: "root".into() }, Door::Cli);
    let name = Name::parse(name, &tenure::limits::Limits::default()).expect("a name");
    let input = Input {
        owner_email: "owner@acme.example".into(),
        owner_name: name.clone(),
        name,
        licenses: 1,
        host: host.map(str::to_owned),
        time_zone: "UTC".into(),
    };
    let key = AuditKey::new([7; 32]);
    store.write(async move |tx| workspace::create(tx, &ctx, &key, input.clone()).await).await
}

fn lost(names: &[&str], itself: bool) -> Refusal {
    Refusal::WorkspaceNeedsHost { lost: names.iter().map(|name| (*name).to_owned()).collect(), itself }
}

both_engines! {
    async fn beside_another_workspace_each_needs_a_host(store: Store) {
        let world = World::new(store, 2).await;
        let store = &world.app.store;
        let before = world.dump().await;
        assert_eq!(refused(create(store, "Beta", None).await), lost(&["Acme", "Beta"], true));
        assert_eq!(refused(create(store, "Beta", Some("b.example")).await), lost(&["Acme"], false));
        untouched(&world, &before).await;

        let (ctx, by) = (world.cli(), world.ctx());
        let by_owner = world.write(async move |tx| workspace::add_host(tx, &by, "a.example").await).await;
        assert_eq!(refused(by_owner), Refusal::AdministratorsOnly, "hosts are named at the machine");
        world.write(async move |tx| workspace::add_host(tx, &ctx, "a.example").await).await.expect("a host");
        assert_eq!(refused(create(store, "Beta", None).await), lost(&["Beta"], true));
        assert!(!create(store, "Beta", Some("b.example")).await.expect("a workspace").namesake);
        // Hosts tell them apart, so names may be the same.
        assert!(create(store, "ACME", Some("c.example")).await.expect("a workspace").namesake);
        assert!(create(store, "Gamma", Some("c.example")).await.is_err(), "a host leads to one workspace");
        world.check().await;
    }

    async fn of_two_first_workspaces_at_once_one_begins_without_a_host(store: Store) {
        let mut begun = tokio::task::JoinSet::new();
        for number in 0..8 {
            let store = store.clone();
            begun.spawn(async move { create(&store, &format!("Acme {number}"), None).await });
        }
        let answers = begun.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        for answer in answers.into_iter().filter(Result::is_err) {
            let refusal = refused(answer);
            assert!(matches!(refusal, Refusal::WorkspaceNeedsHost { itself: true, .. }), "{refusal:?}");
        }
    }
}
