//! Several servers on one PostgreSQL: what one of them answers holds at the others, and what they do by themselves is done
//! once. Sessions, tokens and streams of somebody who is deactivated are `http/revocation.rs`'s and `http/live.rs`'s.

mod doors;
mod jobs;
mod last_license;
mod many_workspaces;

use tenure::{
    app::App,
    store::{Engine, Sql, Store},
};

use crate::{
    support::{
        database::{Database, Ready},
        http::Site,
        world::World,
    },
    webhooks,
};

/// The owner of the workspace of the tests.
const OWNER: &str = "olga.owner@acme.example";

/// Two servers on one database.
struct Nodes {
    world: World,
    /// What each of them is made of.
    apps: [App; 2],
    sites: [Site; 2],
    _database: Database,
}

impl Nodes {
    async fn new(licenses: i64) -> Self {
        let database = Database::new(Engine::Postgres, Ready::Migrated).await;
        let world = World::configured(database.store.clone(), licenses, webhooks::inside).await;
        let store = Store::open(database.target.clone()).await.expect("a second store");
        let (config, key) = (world.app.config.clone(), world.app.audit_key.clone());
        let other = App::new(store, world.sys.clone(), config, key).expect("the app is put together");
        let apps = [world.app.clone(), other];
        let sites = [Site::serving(apps[0].clone()).await, Site::serving(apps[1].clone()).await];
        Self { world, apps, sites, _database: database }
    }

    /// The number that a query of one row tells.
    async fn number(&self, query: &str) -> i64 {
        let sql = Sql::built(query.to_owned());
        let found = self.world.reader().await.one(&sql, &[], |row| row.get(0)).await;
        found.expect("a read").expect("a row")
    }
}
