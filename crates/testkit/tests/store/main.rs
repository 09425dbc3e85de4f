//! The contract of the store: every promise of `housekey_core::port`, on both engines.
//!
//! A test is written once, against the port's traits, and listed in its module's [`contract!`].

#![allow(clippy::unwrap_used, reason = "a test may fail")]

/// Runs each of the named functions once per engine, on a [`world::World`] of its own.
macro_rules! contract {
    ($($name:ident,)*) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(crate::world::World::sqlite().await).await;
                }
            )*
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    if let Some(world) = crate::world::World::postgres().await {
                        super::$name(world).await;
                    }
                }
            )*
        }
    };
}

/// How many rivals succeed in something, each in a transaction of their own.
macro_rules! winners {
    ($world:ident, |$tx:ident| $attempt:expr) => {
        $world
            .winners(|rival| async move {
                let mut $tx = rival.write().await;
                let won = $attempt;
                crate::world::commit($tx).await;
                won
            })
            .await
    };
}

mod approvals;
mod buckets;
mod codes;
mod consents;
mod corruption;
mod enrollments;
mod families;
mod jobs;
mod log_events;
mod logins;
mod methods;
mod mfa_transactions;
mod objections;
mod opening;
mod organizations;
mod outbox;
mod passkeys;
mod passwordless_codes;
mod passwords;
mod people;
mod purge;
mod push;
mod pushed_requests;
mod queue;
mod registry;
mod remembered_browsers;
mod replays;
mod samples;
mod sessions;
mod tickets;
mod transactions;
mod users;
mod world;
