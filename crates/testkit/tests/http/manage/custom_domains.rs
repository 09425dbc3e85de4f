//! `/api/v2/custom-domains` (contract 05 §13) and `Auth0-Custom-Domain` (§2.4).

use std::sync::Arc;

use housekey_testkit::actor::EMAIL;
use housekey_testkit::names::Names;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, expected, refusal};

const HOST: &str = "login.customer.example";

/// A tenant whose names somebody knows.
async fn start(database: TestDatabase) -> (TestApp, Names) {
    let names = Names::default();
    let builder = TestApp::build(database).await.with_other_tenant().await;
    (builder.resolver(Arc::new(names.clone())).start().await, names)
}

/// Adds a domain; its path.
async fn add(machine: &Machine<'_>, body: &Value) -> (String, Value) {
    let made = machine.post("custom-domains", body).await.expect(201).json();
    (format!("custom-domains/{}", made["custom_domain_id"].as_str().expect("an id")), made)
}

/// Sets the record that a domain asks for.
fn record(names: &Names, domain: &Value) {
    let method = &domain["verification"]["methods"][0];
    let text = |name: &str| method[name].as_str().expect("a text").to_owned();
    names.set(&text("domain"), &text("record"));
}

async fn verified(machine: &Machine<'_>, names: &Names, host: &str) -> String {
    let (path, made) =
        add(machine, &json!({ "domain": host, "type": "auth0_managed_certs" })).await;
    record(names, &made);
    let ready = machine.post(&format!("{path}/verify"), &json!({})).await.expect(201).json();
    assert_eq!(ready["status"], "ready");
    path
}

async fn a_domain_is_verified_answers_and_goes(database: TestDatabase) {
    let (app, names) = start(database).await;
    let machine = Machine::new(&app).await;
    assert_eq!(machine.get("custom-domains").await.expect(200).json(), json!([]));
    let body = json!({ "domain": HOST, "type": "self_managed_certs" });
    let (path, made) = add(&machine, &body).await;
    assert!(path.strip_prefix("custom-domains/cd_").is_some_and(|rest| rest.len() == 16), "{path}");
    assert_eq!(
        (&made["status"], &made["is_default"]),
        (&json!("pending_verification"), &json!(false))
    );
    let method = &made["verification"]["methods"][0];
    assert_eq!(
        (&method["name"], &method["domain"]),
        (&json!("TXT"), &json!(format!("_housekey.{HOST}")))
    );
    assert_eq!(machine.get(&path).await.expect(200).json(), made);
    assert_eq!(refusal(&machine.post("custom-domains", &body).await).0, 409);
    let _ = app.get("/.well-known/openid-configuration").host(HOST).send().await.expect(404);

    let verify = format!("{path}/verify");
    let failed = machine.post(&verify, &json!({})).await.expect(201).json();
    assert_eq!(failed["verification"]["status"], "failed");
    assert!(failed["verification"]["error_msg"].as_str().is_some_and(|why| why.contains("no TXT")));
    let tested = machine.post(&format!("{path}/test"), &json!({})).await.expect(200).json();
    assert_eq!(tested["success"], false);
    names.set(&format!("_housekey.{HOST}"), "something else");
    let failed = machine.post(&verify, &json!({})).await.expect(201).json();
    assert!(
        failed["verification"]["error_msg"].as_str().is_some_and(|why| why.contains("another"))
    );
    record(&names, &made);
    let ready = machine.post(&verify, &json!({})).await.expect(201).json();
    assert_eq!(
        (&ready["status"], &ready["verification"]["status"]),
        (&json!("ready"), &json!("verified"))
    );
    assert!(ready["cname_api_key"].is_string(), "the first time: {ready}");
    let again = machine.post(&verify, &json!({})).await.expect(201).json();
    assert!(
        again.get("cname_api_key").is_none() && again["verification"].get("error_msg").is_none()
    );
    let shown = machine.get(&path).await.expect(200).body;
    assert!(!shown.contains("cname_api_key"), "{shown}");
    assert_eq!(
        machine.post(&format!("{path}/test"), &json!({})).await.expect(200).json()["success"],
        true
    );

    let metadata = app.get("/.well-known/openid-configuration").host(HOST).send().await.expect(200);
    assert_eq!(metadata.text("/issuer"), format!("https://{HOST}/"));
    let paged = machine.get("custom-domains?take=1").await.expect(200).json();
    assert_eq!(paged["custom_domains"].as_array().map(Vec::len), Some(1));
    let _ = machine.delete(&path).await.expect(204);
    assert_eq!(
        refusal(&machine.get(&path).await),
        expected(404, "custom_domain_not_found", "The custom domain does not exist")
    );
    let _ = app.get("/.well-known/openid-configuration").host(HOST).send().await.expect(404);
}

async fn a_claim_keeps_nobody_away(database: TestDatabase) {
    let (app, names) = start(database).await;
    let machine = Machine::new(&app).await;
    // An unverified claim on somebody's host does not take it from them, and verifying cannot.
    let (path, made) =
        add(&machine, &json!({ "domain": "globex.example", "type": "auth0_managed_certs" })).await;
    let _ = app
        .get("/.well-known/openid-configuration")
        .host("globex.example")
        .send()
        .await
        .expect(200);
    record(&names, &made);
    assert_eq!(refusal(&machine.post(&format!("{path}/verify"), &json!({})).await).0, 409);
    assert_eq!(machine.get(&path).await.expect(200).json()["status"], "pending_verification");
    let other = app.tenant_on("globex.example").await;
    assert_ne!(other.id, app.tenant_id());
}

async fn what_is_no_domain_is_refused(database: TestDatabase) {
    let (app, _) = start(database).await;
    let machine = Machine::new(&app).await;
    let managed = |domain: &str| json!({ "domain": domain, "type": "auth0_managed_certs" });
    for body in [
        managed("192.0.2.1"),
        managed("[::1]"),
        managed("nothing"),
        managed("a b.example"),
        managed("https://a.example"),
        json!({ "domain": "a.example" }),
        json!({ "domain": "a.example", "type": "x" }),
        json!({ "domain": "a.example", "type": "auth0_managed_certs", "custom_client_ip_header": "true-client-ip" }),
        json!({ "domain": "a.example", "type": "auth0_managed_certs", "relying_party_identifier": "b.example" }),
    ] {
        assert_eq!(
            refusal(&machine.post("custom-domains", &body).await).1,
            "invalid_body",
            "{body}"
        );
    }
    assert_eq!(machine.get("custom-domains").await.expect(200).json(), json!([]));
    for path in ["custom-domains/cd_x", "custom-domains/cd_x/verify", "custom-domains/cd_x/test"] {
        let method = if path.ends_with('x') { "GET" } else { "POST" };
        assert_eq!(refusal(&machine.request(method, path).send().await).0, 404, "{path}");
    }
    // Without name servers nothing is verified, and the reason is told.
    let (path, _) = add(&machine, &managed("a.example")).await;
    for _ in 0..5 {
        let _ = machine.post(&format!("{path}/verify"), &json!({})).await.expect(201);
    }
    assert_eq!(refusal(&machine.post(&format!("{path}/verify"), &json!({})).await).0, 429);
}

async fn what_is_set_takes_effect(database: TestDatabase) {
    let (app, names) = start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "domain": HOST, "type": "self_managed_certs", "domain_metadata": { "a": "1", "b": "2" } });
    let (path, made) = add(&machine, &body).await;
    record(&names, &made);
    let ready = machine.post(&format!("{path}/verify"), &json!({})).await.expect(201).json();
    let change = json!({
        "custom_client_ip_header": "cf-connecting-ip", "relying_party_identifier": "customer.example",
        "domain_metadata": { "b": null, "c": "3" },
    });
    let changed = machine.patch(&path, &change).await.expect(200).json();
    assert_eq!(changed["domain_metadata"], json!({ "a": "1", "c": "3" }));
    assert_eq!(app.tenant_on(HOST).await.relying_party_id(HOST), "customer.example");
    // Whoever shows the domain's key tells who calls; nobody else does.
    let seen = async |key: Option<&str>| {
        let request =
            app.get("/api/v2/clients/x").host(HOST).header("cf-connecting-ip", "198.51.100.9");
        let request = match key {
            Some(key) => request.header("cname-api-key", key),
            None => request,
        };
        let _ = request.bearer(&machine.token).send().await;
        let change = app.request("PATCH", "/api/v2/clients/x").host(HOST);
        let change = change.header("cf-connecting-ip", "198.51.100.9");
        let change = match key {
            Some(key) => change.header("cname-api-key", key),
            None => change,
        };
        let _ = change.json(&json!({})).bearer(&machine.token).send().await.expect(404);
        let mut tx = app.core().read(&app.tenant_id()).await.expect("reads");
        tx.log_events(1).await.expect("reads").remove(0).ip
    };
    assert_eq!(seen(None).await, "203.0.113.7");
    assert_eq!(seen(Some("wrong")).await, "203.0.113.7");
    assert_eq!(seen(ready["cname_api_key"].as_str()).await, "198.51.100.9");
    let none = json!({ "custom_client_ip_header": "", "relying_party_identifier": null });
    let reset = machine.patch(&path, &none).await.expect(200).json();
    assert!(reset.get("custom_client_ip_header").is_none(), "{reset}");
    assert_eq!(app.tenant_on(HOST).await.relying_party_id(HOST), HOST);
}

async fn links_lead_to_the_domain_that_is_picked(database: TestDatabase) {
    let (app, names) = start(database).await;
    let user = app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "user_id": user.id.as_str() });
    let ticket = async |named: Option<&str>| {
        let request = machine.request("POST", "tickets/email-verification").json(&body);
        match named {
            Some(host) => request.header("auth0-custom-domain", host).send().await,
            None => request.send().await,
        }
    };
    let host = |link: &str| link.split('/').nth(2).map(ToOwned::to_owned).unwrap_or_default();
    let made = async |named| host(&ticket(named).await.expect(201).text("/ticket"));
    assert_eq!(made(None).await, "acme.example");
    let default = machine.get("custom-domains/default").await.expect(200).json();
    assert_eq!(default, json!({ "domain": "acme.example" }));
    let first = verified(&machine, &names, HOST).await;
    assert_eq!(made(None).await, HOST, "there is no other");
    let flag = |on: Value| json!({ "flags": { "enable_custom_domain_in_emails": on } });
    let _ = machine.patch("tenants/settings", &flag(json!(false))).await.expect(200);
    assert_eq!(made(None).await, "acme.example", "the tenant does not want that");
    let _ = machine.patch("tenants/settings", &flag(Value::Null)).await.expect(200);
    assert_eq!(made(Some("acme.example")).await, "acme.example");
    for wrong in ["globex.example", "nobody.example", ""] {
        assert_eq!(refusal(&ticket(Some(wrong)).await).0, 400, "{wrong}");
    }
    let _second = verified(&machine, &names, "second.customer.example").await;
    let text = "The tenant has multiple verified custom domains.";
    assert_eq!(refusal(&ticket(None).await), expected(409, "custom_domain_conflict", text));
    assert_eq!(made(Some(HOST)).await, HOST);
    let (pending, _) =
        add(&machine, &json!({ "domain": "third.example", "type": "auth0_managed_certs" })).await;
    let unverified =
        machine.patch("custom-domains/default", &json!({ "domain": "third.example" })).await;
    let text = "The domain must be verified before it can be set as default.";
    assert_eq!(refusal(&unverified), expected(400, "invalid_body", text));
    assert_eq!(refusal(&ticket(Some("third.example")).await).0, 400);
    let _ = machine.delete(&pending).await.expect(204);
    let chosen = machine
        .patch("custom-domains/default", &json!({ "domain": HOST }))
        .await
        .expect(200)
        .json();
    assert_eq!((&chosen["is_default"], &chosen["domain"]), (&json!(true), &json!(HOST)));
    assert_eq!(made(None).await, HOST);
    assert_eq!(machine.get("custom-domains/default").await.expect(200).json(), chosen);
    let own = machine.patch("custom-domains/default", &json!({ "domain": "acme.example" })).await;
    assert_eq!(own.expect(200).json(), json!({ "domain": "acme.example" }));
    assert_eq!(made(None).await, "acme.example");
    let _ = machine.patch("custom-domains/default", &json!({ "domain": HOST })).await.expect(200);
    let _ = machine.delete(&first).await.expect(204);
    assert_eq!(made(None).await, "second.customer.example", "the default went with its domain");
    let unknown = json!({ "domain": "nobody.example" });
    assert_eq!(refusal(&machine.patch("custom-domains/default", &unknown).await).0, 400);
}

on_both_engines! {
    a_domain_is_verified_answers_and_goes,
    a_claim_keeps_nobody_away,
    what_is_no_domain_is_refused,
    what_is_set_takes_effect,
    links_lead_to_the_domain_that_is_picked,
}
