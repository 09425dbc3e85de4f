//! `GET /me/v1/consents` and `/me/v1/consents/{id}` (contract 01 §9).

use housekey_core::access::{Approval, RequestedDetails};
use housekey_core::id::{ApprovalId, ClientId};
use housekey_core::time::Timestamp;
use housekey_core::user::User;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::seed::{NATIVE, SPA};
use housekey_testkit::{TestApp, TestDatabase};

/// Records that somebody approved something for an hour.
async fn approve(app: &TestApp, user: &User, id: &str, requested: RequestedDetails) {
    let created_at: Timestamp = app.now();
    let approval = Approval {
        id: ApprovalId::from_raw(id),
        user_id: user.id.clone(),
        client_id: ClientId::from_raw(NATIVE),
        requested,
        created_at,
        expires_at: created_at.plus_seconds(3600),
    };
    let mut tx = app.core().write(&app.tenant_id()).await.expect("the database answers");
    tx.insert_approval(&approval).await.expect("stored");
    tx.commit().await.expect("durable");
}

fn transfer() -> RequestedDetails {
    RequestedDetails {
        binding_message: Some("Transfer 42".to_owned()),
        audience: Some("https://api.example/".to_owned()),
        scope: Some(vec!["write:things".to_owned()]),
    }
}

async fn what_was_approved_is_listed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.person(EMAIL).await;
    let user = app.sign_in_as(EMAIL, SPA, ME).await;
    assert_shown!(user.get("/consents").await.seen(), @r#"
    {
      "body": {
        "consents": []
      },
      "status": 200
    }
    "#);
    approve(&app, &owner, "cns_1", transfer()).await;
    app.clock().advance(60);
    approve(&app, &owner, "cns_2", RequestedDetails::default()).await;
    assert_shown!(user.get("/consents").await.seen(), @r#"
    {
      "body": {
        "consents": [
          {
            "client_id": "native",
            "created_at": "2026-01-01T00:00:00.000Z",
            "expires_at": "2026-01-01T01:00:00.000Z",
            "id": "cns_1",
            "requested_details": {
              "audience": "https://api.example/",
              "binding_message": "Transfer 42",
              "scope": [
                "write:things"
              ]
            }
          },
          {
            "client_id": "native",
            "created_at": "2026-01-01T00:01:00.000Z",
            "expires_at": "2026-01-01T01:01:00.000Z",
            "id": "cns_2"
          }
        ]
      },
      "status": 200
    }
    "#);
}

async fn expired_ones_are_left_out_unless_asked_for(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.person(EMAIL).await;
    approve(&app, &owner, "cns_1", transfer()).await;
    app.clock().advance(3599);
    let user = app.sign_in_as(EMAIL, SPA, ME).await;
    let count = async |query: &str| {
        let reply = user.get(&format!("/consents{query}")).await.expect(200).json();
        reply["consents"].as_array().expect("a list").len()
    };
    assert_eq!(count("").await, 1);
    app.clock().advance(1);
    assert_eq!(count("").await, 0);
    assert_eq!(count("?include_expired=true").await, 1);
    for nonsense in ["?include_expired=false", "?include_expired=1", "?include_expired=", "?x=true"]
    {
        assert_eq!(count(nonsense).await, 0, "{nonsense}");
    }
    let expired = user.get("/consents/cns_1").await.expect(200);
    assert_eq!(expired.text("/expires_at"), "2026-01-01T01:00:00.000Z");
}

async fn one_is_found_by_its_id_by_its_owner_alone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.person(EMAIL).await;
    approve(&app, &owner, "cns_1", transfer()).await;
    let user = app.sign_in_as(EMAIL, SPA, ME).await;
    assert_eq!(user.get("/consents/cns_1").await.expect(200).text("/id"), "cns_1");
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, ME).await;
    assert_eq!(other.get("/consents").await.expect(200).json()["consents"], serde_json::json!([]));
    assert_shown!(other.get("/consents/cns_1").await.seen(), @r#"
    {
      "body": {
        "detail": "The consent was not found.",
        "status": 404,
        "title": "Resource Not Found",
        "type": "https://auth0.com/api-errors/A0E-404-0002"
      },
      "status": 404
    }
    "#);
    for id in ["cns_0", "%00", "%27", "cns_1%00", "%C3%A4", &"x".repeat(2000)] {
        let _ = user.get(&format!("/consents/{id}")).await.expect(404);
    }
}

async fn a_tenant_may_serve_none(database: TestDatabase) {
    let off = |tenant: &mut housekey_core::tenant::Configuration| {
        tenant.tenant.settings.my_account_consents_and_organizations = false;
    };
    let app = TestApp::build(database).await.configure(off).start().await;
    let user = app.sign_in().await;
    for path in ["/consents", "/consents/cns_1", "/organizations"] {
        let refused = user.get(path).await.expect(404);
        assert_eq!(refused.text("/type"), "https://auth0.com/api-errors/A0E-404-0001");
        assert!(refused.text("/detail").starts_with("The requested resource "), "{path}");
    }
}

/// What an older version stored about the API does not keep people from asking for its scopes.
async fn tenants_of_an_older_version_have_the_scopes(database: TestDatabase) {
    let older = |tenant: &mut housekey_core::tenant::Configuration| {
        for api in &mut tenant.resource_servers {
            api.settings.scopes.retain(|scope| !scope.value.ends_with(":consents"));
        }
    };
    let app = TestApp::build(database).await.configure(older).start().await;
    let user = app.sign_in_with("read:me:consents").await;
    let _ = user.get("/consents").await.expect(200);
}

async fn the_core_records_what_somebody_approves(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.person(EMAIL).await;
    let call = app.call().await;
    let client = ClientId::from_raw(NATIVE);
    let approved =
        housekey_core::access::approve(app.core(), &call, &owner.id, &client, transfer(), 300);
    let approved = approved.await.expect("stored");
    let user = app.sign_in_as(EMAIL, SPA, ME).await;
    let id = approved.id.as_str();
    assert!(id.starts_with("cns_") && id.len() == 20, "{id}");
    let found = user.get(&format!("/consents/{id}")).await.expect(200);
    assert_eq!(found.text("/expires_at"), "2026-01-01T00:05:00.000Z");
}

on_both_engines! {
    what_was_approved_is_listed,
    expired_ones_are_left_out_unless_asked_for,
    one_is_found_by_its_id_by_its_owner_alone,
    a_tenant_may_serve_none,
    tenants_of_an_older_version_have_the_scopes,
    the_core_records_what_somebody_approves,
}
