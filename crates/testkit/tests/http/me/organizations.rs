//! `GET /me/v1/organizations` (contract 01 §9).

use housekey_core::organization::{CreateError, Organization, create};
use housekey_core::user::User;
use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::application::ME;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};

/// Makes an organization that somebody belongs to.
async fn join(app: &TestApp, user: &User, name: &str, display_name: Option<&str>) -> Organization {
    let display_name = display_name.map(ToOwned::to_owned);
    let made = create(app.core(), &app.call().await, name, display_name).await.expect("new");
    let mut tx = app.core().write(&app.tenant_id()).await.expect("the database answers");
    assert!(tx.add_member(&made.id, &user.id).await.expect("stored"));
    tx.commit().await.expect("durable");
    made
}

async fn names(user: &Actor<'_>, query: &str) -> (Vec<String>, Option<String>) {
    let page = user.get(&format!("/organizations{query}")).await.expect(200).json();
    let found = page["organizations"].as_array().expect("a list").iter();
    let names = found.map(|own| own["name"].as_str().expect("a name").to_owned()).collect();
    (names, page["next"].as_str().map(ToOwned::to_owned))
}

async fn ones_own_are_listed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.person(EMAIL).await;
    let user = app.sign_in_as(EMAIL, SPA, ME).await;
    assert_eq!(names(&user, "").await, (Vec::new(), None));
    join(&app, &owner, "globex", Some("Globex \"Ü\" Inc.")).await;
    join(&app, &owner, "acme", None).await;
    assert_shown!(user.get("/organizations").await.seen(), { ".body.organizations[].id" => "[id]" }, @r#"
    {
      "body": {
        "organizations": [
          {
            "id": "[id]",
            "name": "acme"
          },
          {
            "display_name": "Globex \"Ü\" Inc.",
            "id": "[id]",
            "name": "globex"
          }
        ]
      },
      "status": 200
    }
    "#);
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, ME).await;
    assert_eq!(names(&other, "").await, (Vec::new(), None));
}

async fn pages_follow_each_other(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.person(EMAIL).await;
    for n in 0..5 {
        join(&app, &owner, &format!("org-{n}"), None).await;
    }
    let user = app.sign_in_as(EMAIL, SPA, ME).await;
    let (first, next) = names(&user, "?take=2").await;
    assert_eq!(first, ["org-0", "org-1"]);
    let next = next.expect("there is more");
    // Whoever joins meanwhile moves nothing: a page begins behind a name.
    join(&app, &owner, "org-00", None).await;
    let (second, next) = names(&user, &format!("?take=2&from={next}")).await;
    assert_eq!(second, ["org-2", "org-3"]);
    let (last, end) = names(&user, &format!("?take=2&from={}", next.expect("more"))).await;
    assert_eq!((last, end), (vec!["org-4".to_owned()], None));
    let (all, end) = names(&user, "?take=6").await;
    assert_eq!((all.len(), end), (6, None), "a full last page is the last");
}

async fn fifty_unless_said_otherwise(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.person(EMAIL).await;
    for n in 0..101 {
        join(&app, &owner, &format!("org-{n:03}"), None).await;
    }
    let user = app.sign_in_as(EMAIL, SPA, ME).await;
    for (query, size) in [("", 50), ("?take=100", 100), ("?take=1", 1), ("?limit=3", 50)] {
        let (found, next) = names(&user, query).await;
        assert_eq!(found.len(), size, "{query}");
        assert!(next.is_some(), "{query}");
    }
}

async fn nonsense_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for (query, field) in [
        ("take=0", "take"),
        ("take=101", "take"),
        ("take=-1", "take"),
        ("take=", "take"),
        ("take=ten", "take"),
        ("take=99999999999999999999", "take"),
        ("take=1&take=2", "take"),
        ("from=", "from"),
        ("from=!", "from"),
        ("from=YQBi", "from"),
        ("from=YQ&from=YQ", "from"),
    ] {
        let refused = user.get(&format!("/organizations?{query}")).await.expect(400);
        assert_eq!(refused.text("/type"), "https://auth0.com/api-errors/A0E-400-0003");
        assert_eq!(refused.text("/validation_errors/0/field"), field, "{query}");
        assert_eq!(refused.text("/validation_errors/0/source"), "query");
    }
    assert_eq!(names(&user, "?from=YQ").await, (Vec::new(), None), "any position is one");
}

async fn names_are_plain_and_taken_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let call = app.call().await;
    let made = create(app.core(), &call, "acme", None).await.expect("new");
    assert!(made.id.as_str().starts_with("org_") && made.id.as_str().len() == 20);
    let again = create(app.core(), &call, "acme", None).await;
    assert!(matches!(again, Err(CreateError::Taken)), "{again:?}");
    let bad = create(app.core(), &call, "Acme Inc.", None).await;
    assert!(matches!(bad, Err(CreateError::BadName)), "{bad:?}");
}

on_both_engines! {
    ones_own_are_listed,
    pages_follow_each_other,
    fifty_unless_said_otherwise,
    nonsense_is_refused,
    names_are_plain_and_taken_once,
}
