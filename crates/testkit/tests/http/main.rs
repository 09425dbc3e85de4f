//! What clients and people see, request by request, on both engines. Modules mirror the routes.
//!
//! A test reads as who does what and sees which answer. Rules that hold for every answer are
//! checked by the harness with each request.

/// Compares a JSON value with an inline snapshot. Both engines come past the same one.
macro_rules! assert_shown {
    ($value:expr, $redactions:tt, @$snapshot:literal) => {{
        let value = &$value;
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(value, $redactions, @$snapshot);
        }
    }};
    ($value:expr, @$snapshot:literal) => {
        assert_shown!($value, {}, @$snapshot)
    };
}

/// The same for a text.
macro_rules! assert_text {
    ($value:expr, @$snapshot:literal) => {{
        let value = &$value;
        insta::allow_duplicates! {
            insta::assert_snapshot!(value, @$snapshot);
        }
    }};
}

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

mod account_page;
mod authorize;
mod cors;
mod dev;
mod guardian;
mod host;
mod manage;
mod matrix;
mod me;
mod metadata;
mod mfa;
mod oauth;
mod page;
mod recovery;
mod secrets;
mod session;
mod tenants;
