//! What the tests stand on: a fresh database of either engine for each test.

pub(crate) mod cut;
pub(crate) mod database;
pub(crate) mod dump;
pub(crate) mod http;
pub(crate) mod postgres;
pub(crate) mod stream;
pub(crate) mod world;
pub(crate) mod zip;

/// Turns one test into two, one for each engine: `name::sqlite` and `name::postgres`, each with a fresh database, or with
/// a machine of its own on which the program runs.
///
/// ```ignore
/// both_engines! {
///     /// With the schema of the program.
///     async fn a_name_is_kept(store: Store) { … }
///     /// Without any table.
///     async fn a_name_is_kept(store: Store, empty) { … }
/// }
/// both_engines! {
///     /// At the command line.
///     fn a_name_is_kept(machine: &Machine) { … }
/// }
/// ```
macro_rules! both_engines {
    (@ready) => { $crate::support::database::Ready::Migrated };
    (@ready empty) => { $crate::support::database::Ready::Empty };
    (@both [$($meta:tt)*] $name:ident, $run:item, [$($test:tt)*], $sqlite:block, $postgres:block) => {
        $($meta)*
        mod $name {
            #[allow(unused_imports, reason = "not every test needs what its file imports")]
            use super::*;

            $run

            $($test)* fn sqlite() $sqlite

            $($test)* fn postgres() $postgres
        }
    };
    ($($(#[$meta:meta])* async fn $name:ident($store:ident: Store $(, $ready:ident)?) $body:block)*) => {$(
        $crate::support::both_engines! {
            @both [$(#[$meta])*] $name,
            async fn run($store: ::tenure::store::Store) $body,
            [#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async],
            {
                let ready = $crate::support::both_engines!(@ready $($ready)?);
                let database = $crate::support::database::Database::sqlite(ready).await;
                run(database.store.clone()).await;
            },
            {
                let ready = $crate::support::both_engines!(@ready $($ready)?);
                let database = $crate::support::database::Database::postgres(ready).await;
                run(database.store.clone()).await;
            }
        }
    )*};
    ($($(#[$meta:meta])* fn $name:ident($machine:ident: &Machine) $body:block)*) => {$(
        $crate::support::both_engines! {
            @both [$(#[$meta])*] $name,
            fn run($machine: &Machine) $body,
            [#[test]],
            { run(&Machine::sqlite()); },
            { run(&Machine::postgres()); }
        }
    )*};
}
pub(crate) use both_engines;
