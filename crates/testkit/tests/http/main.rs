//! What clients and people see, request by request, on both engines. Modules mirror the routes.
//!
//! A test reads as who does what and sees which answer. Rules that hold for every answer are
//! checked by the harness with each request.

/// Runs each of the named functions once per engine, on a database of its own.
macro_rules! on_both_engines {
    ($($name:ident,)*) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(housekey_testkit::TestDatabase::sqlite().await).await;
                }
            )*
        }

        #[allow(non_snake_case, reason = "the name says what these tests need")]
        mod postgres_needs_HOUSEKEY_TEST_POSTGRES {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    if let Some(database) = housekey_testkit::TestDatabase::postgres().await {
                        super::$name(database).await;
                    }
                }
            )*
        }
    };
}

mod me;
