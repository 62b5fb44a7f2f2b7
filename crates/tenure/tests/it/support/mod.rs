//! What the tests stand on: a fresh database of either engine for each test.

pub(crate) mod database;
pub(crate) mod http;
pub(crate) mod postgres;
pub(crate) mod world;

/// Turns one test into two, one for each engine: `name::sqlite` and `name::postgres`, each with a fresh database.
///
/// ```ignore
/// both_engines! {
///     /// With the schema of the program.
///     async fn a_name_is_kept(store: Store) { … }
///     /// Without any table.
///     async fn a_name_is_kept(store: Store, empty) { … }
/// }
/// ```
macro_rules! both_engines {
    (@ready) => { $crate::support::database::Ready::Migrated };
    (@ready empty) => { $crate::support::database::Ready::Empty };
    ($($(#[$meta:meta])* async fn $name:ident($store:ident: Store $(, $ready:ident)?) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "not every test needs what its file imports")]
            use super::*;

            async fn run($store: ::tenure::store::Store) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let ready = $crate::support::both_engines!(@ready $($ready)?);
                let database = $crate::support::database::Database::sqlite(ready).await;
                run(database.store.clone()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let ready = $crate::support::both_engines!(@ready $($ready)?);
                let database = $crate::support::database::Database::postgres(ready).await;
                run(database.store.clone()).await;
            }
        }
    )*};
}
pub(crate) use both_engines;
