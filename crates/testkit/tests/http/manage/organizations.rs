//! `/api/v2/organizations` (contract 05 §19).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, encoded, expected, refusal};

async fn add(machine: &Machine<'_>, body: &Value) -> String {
    let made = machine.post("organizations", body).await.expect(201).json();
    format!("organizations/{}", made["id"].as_str().expect("an id"))
}

async fn one_lives_and_dies(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let empty = machine.get("organizations?include_totals=true&take=50").await.expect(200).json();
    assert_eq!(empty, json!({ "organizations": [] }));
    let body = json!({
        "name": "acme", "display_name": "Acme", "metadata": { "a": "1", "b": "2" },
        "branding": { "colors": { "primary": "#000000", "page_background": "#ffffff" } },
    });
    let path = add(&machine, &body).await;
    assert!(path.strip_prefix("organizations/org_").is_some_and(|rest| rest.len() == 16), "{path}");
    let shown = machine.get(&path).await.expect(200).json();
    assert_eq!((&shown["name"], &shown["branding"]), (&body["name"], &body["branding"]));
    assert_eq!(machine.get("organizations/name/acme").await.expect(200).json(), shown);
    let again = machine.post("organizations", &json!({ "name": "acme" })).await;
    assert_eq!(
        refusal(&again),
        expected(409, "conflict", "An organization with this name already exists.")
    );
    for name in ["Acme", "-a", "a b", ""] {
        let refused = machine.post("organizations", &json!({ "name": name })).await;
        assert_eq!(refusal(&refused).1, "invalid_body", "{name}");
    }
    let change =
        json!({ "name": "acme-2", "display_name": null, "metadata": { "b": null, "c": "3" } });
    let changed = machine.patch(&path, &change).await.expect(200).json();
    assert_eq!(changed["metadata"], json!({ "a": "1", "c": "3" }));
    assert!(changed.get("display_name").is_none() && changed["branding"] == body["branding"]);
    let other = add(&machine, &json!({ "name": "beta" })).await;
    assert_eq!(refusal(&machine.patch(&other, &json!({ "name": "acme-2" })).await).0, 409);
    let first = machine.get("organizations?take=1").await.expect(200).json();
    assert_eq!(first["organizations"][0]["name"], "acme-2");
    let next = format!("organizations?take=1&from={}", first["next"].as_str().expect("more"));
    let second = machine.get(&next).await.expect(200).json();
    assert_eq!(second["organizations"][0]["name"], "beta");
    assert!(second.get("next").is_none());
    let totals = machine.get("organizations?include_totals=true&page=1&per_page=1").await;
    let totals = totals.expect(200).json();
    assert_eq!((&totals["total"], &totals["start"]), (&json!(2), &json!(1)));
    let _ = machine.delete(&path).await.expect(204);
    let missing = expected(404, "", "No organization found by that id or name");
    assert_eq!(refusal(&machine.get(&path).await), missing);
    assert_eq!(refusal(&machine.delete(&path).await), missing);
    assert_eq!(refusal(&machine.get("organizations/name/acme-2").await), missing);
}

async fn people_belong_to_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.person(EMAIL).await;
    let other = app.person("other@example.com").await;
    let machine = Machine::new(&app).await;
    let path = add(&machine, &json!({ "name": "acme" })).await;
    let members = format!("{path}/members");
    let body = json!({ "members": [user.id.as_str(), other.id.as_str()] });
    for _ in 0..2 {
        let _ = machine.post(&members, &body).await.expect(204);
    }
    let listed = machine.get(&format!("{members}?include_totals=true")).await.expect(200).json();
    assert_eq!(
        (&listed["total"], listed["members"].as_array().map(Vec::len)),
        (&json!(2), Some(2))
    );
    let of_user = format!("users/{}/organizations", encoded(user.id.as_str()));
    assert_eq!(machine.get(&of_user).await.expect(200).json()[0]["name"], "acme");
    let nobody = json!({ "members": [user.id.as_str(), "auth0|nobody"] });
    assert_eq!(refusal(&machine.post(&members, &nobody).await).1, "inexistent_user");
    let gone = json!({ "members": [user.id.as_str()] });
    let _ = machine.request("DELETE", &members).json(&gone).send().await.expect(204);
    assert_eq!(machine.get(&of_user).await.expect(200).json(), json!([]));
    let left = machine.get(&format!("{members}?take=1")).await.expect(200).json();
    assert_eq!(left["members"][0]["user_id"], other.id.as_str());
    for list in ["invitations", "client-grants", "discovery-domains"] {
        let list = machine.get(&format!("{path}/{list}?include_totals=true")).await.expect(200);
        assert_eq!(list.json()["total"], 0);
    }
    let roles = format!("{members}/{}/roles", encoded(other.id.as_str()));
    assert_eq!(machine.get(&roles).await.expect(200).json(), json!([]));
    assert_eq!(refusal(&machine.get("organizations/org_x/members").await).0, 404);
    let _ = machine.delete(&path).await.expect(204);
    let path = format!("users/{}", encoded(other.id.as_str()));
    let _ = machine.get(&path).await.expect(200);
}

async fn connections_are_enabled_for_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let connection = machine.get("connections").await.expect(200).json()[0].clone();
    let id = connection["id"].as_str().expect("an id");
    let path = add(&machine, &json!({ "name": "acme" })).await;
    let all = format!("{path}/enabled_connections");
    let one = format!("{all}/{id}");
    assert_eq!(refusal(&machine.get(&one).await).1, "inexistent_connection");
    let body = json!({ "connection_id": id, "assign_membership_on_login": true });
    let made = machine.post(&all, &body).await.expect(201).json();
    let whole = json!({
        "connection_id": id, "assign_membership_on_login": true, "show_as_button": true,
        "is_signup_enabled": false,
        "connection": { "name": connection["name"], "strategy": "auth0" },
    });
    assert_eq!(made, whole);
    assert_eq!(refusal(&machine.post(&all, &body).await).0, 409);
    assert_eq!(machine.get(&all).await.expect(200).json(), json!([whole]));
    let off = json!({ "assign_membership_on_login": false });
    let changed = machine.patch(&one, &off).await.expect(200).json();
    assert_eq!(changed["assign_membership_on_login"], false);
    assert_eq!(machine.get(&one).await.expect(200).json(), changed);
    let _ = machine.delete(&one).await.expect(204);
    assert_eq!(refusal(&machine.delete(&one).await).0, 404);
    let unknown = json!({ "connection_id": "con_x" });
    assert_eq!(refusal(&machine.post(&all, &unknown).await).1, "inexistent_connection");
    let with = json!({ "name": "beta", "enabled_connections": [{ "connection_id": id }] });
    let made = machine.post("organizations", &with).await.expect(201).json();
    assert_eq!(made["enabled_connections"][0]["connection_id"], id);
}

on_both_engines! {
    one_lives_and_dies,
    people_belong_to_it,
    connections_are_enabled_for_it,
}
