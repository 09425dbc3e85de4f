//! `/api/v2/roles` and what people may do by them (contract 05 §10).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::seed::CUSTOM_API;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::users::path;
use super::{Machine, expected, refusal};

fn permission(name: &str) -> Value {
    json!({ "resource_server_identifier": CUSTOM_API, "permission_name": name })
}

pub(super) fn permissions(names: &[&str]) -> Value {
    json!({ "permissions": names.iter().map(|name| permission(name)).collect::<Vec<_>>() })
}

/// A new role with permissions at the custom API; its path.
pub(super) async fn role(machine: &Machine<'_>, name: &str, scopes: &[&str]) -> String {
    let made = machine.post("roles", &json!({ "name": name })).await.expect(200);
    let path = format!("roles/{}", made.text("/id"));
    if !scopes.is_empty() {
        let _ =
            machine.post(&format!("{path}/permissions"), &permissions(scopes)).await.expect(201);
    }
    path
}

fn names(list: &Value, member: &str) -> Vec<String> {
    let name = |item: &Value| item[member].as_str().expect("a name").to_owned();
    list.as_array().expect("a list").iter().map(name).collect()
}

fn missing() -> (u16, String, String) {
    expected(404, "inexistent_role", "The role does not exist.")
}

async fn a_role_lives_and_dies(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "name": "Clerk", "description": "Sees things", "owner_id": "x" });
    let made = machine.post("roles", &body).await;
    assert_shown!(made.seen(), { ".body.id" => "[id]" }, @r#"
    {
      "body": {
        "description": "Sees things",
        "id": "[id]",
        "name": "Clerk",
        "owner_id": "x"
      },
      "status": 200,
      "x-ratelimit-limit": "50"
    }
    "#);
    let id = made.text("/id");
    assert!(id.strip_prefix("rol_").is_some_and(|rest| rest.len() == 16), "{id}");
    let path = format!("roles/{id}");
    assert_eq!(machine.get(&path).await.expect(200).json(), made.json());
    assert_eq!(refusal(&machine.post("roles", &json!({ "name": "Clerk" })).await).0, 409);
    app.clock().advance(1);
    let _ = machine.post("roles", &json!({ "name": "Boss" })).await.expect(200);
    assert_eq!(refusal(&machine.patch(&path, &json!({ "name": "Boss" })).await).0, 409);
    let change = json!({ "name": "Sales clerk", "description": null, "owner_id": null });
    let changed = machine.patch(&path, &change).await.expect(200).json();
    assert_eq!(changed, json!({ "id": id, "name": "Sales clerk" }));
    for (query, found) in [
        ("", vec!["Sales clerk", "Boss"]),
        ("?type=tenant", vec!["Sales clerk", "Boss"]),
        ("?type=organization", vec![]),
        ("?name_filter=CLERK", vec!["Sales clerk"]),
        ("?owner_id=y", vec![]),
        ("?per_page=1&page=1", vec!["Boss"]),
    ] {
        let listed = machine.get(&format!("roles{query}")).await.expect(200).json();
        assert_eq!(names(&listed, "name"), found, "{query}");
    }
    let totals = machine.get("roles?include_totals=true&per_page=1").await.json();
    assert_eq!((&totals["total"], &totals["limit"]), (&json!(2), &json!(1)));
    let gone = machine.delete(&path).await.expect(200);
    assert_eq!(gone.json(), json!({}));
    for reply in [machine.get(&path).await, machine.delete(&path).await] {
        assert_eq!(refusal(&reply), missing());
    }
    assert_eq!(refusal(&machine.patch(&path, &json!({ "name": "x" })).await), missing());
    for body in [json!({}), json!({ "name": "" }), json!({ "name": "x", "type": "nonsense" })] {
        assert_eq!(refusal(&machine.post("roles", &body).await).1, "invalid_body", "{body}");
    }
}

async fn roles_permit(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let role = role(&machine, "Clerk", &["write:things", "read:things"]).await;
    let path = format!("{role}/permissions");
    let listed = machine.get(&format!("{path}?include_totals=true")).await.expect(200);
    assert_shown!(listed.seen(), @r#"
    {
      "body": {
        "limit": 50,
        "permissions": [
          {
            "description": "See things",
            "permission_name": "read:things",
            "resource_server_identifier": "https://api.example/",
            "resource_server_name": "Things"
          },
          {
            "description": "Make things",
            "permission_name": "write:things",
            "resource_server_identifier": "https://api.example/",
            "resource_server_name": "Things"
          }
        ],
        "start": 0,
        "total": 2
      },
      "status": 200,
      "x-ratelimit-limit": "50"
    }
    "#);
    let first = machine.get(&format!("{path}?take=1")).await.expect(200).json();
    let next = first["next"].as_str().expect("there is more");
    let second = machine.get(&format!("{path}?take=1&from={next}")).await.expect(200).json();
    assert_eq!(names(&second["permissions"], "permission_name"), ["write:things"]);
    let removed = machine.request("DELETE", &path).json(&permissions(&["write:things"]));
    let _ = removed.send().await.expect(204);
    let listed = machine.get(&path).await.expect(200).json();
    assert_eq!(names(&listed, "permission_name"), ["read:things"]);
    let unknown = machine.post(&path, &permissions(&["nonsense"])).await;
    assert_eq!(refusal(&unknown).1, "invalid_body");
    let nowhere = json!({ "permissions": [
        { "resource_server_identifier": "https://no/", "permission_name": "x" }
    ] });
    assert_eq!(refusal(&machine.post(&path, &nowhere).await).1, "inexistent_resource_server");
    for path in ["roles/rol_none/permissions", "roles/rol_none/users"] {
        assert_eq!(refusal(&machine.get(path).await), missing());
    }
    let nobody = machine.post("roles/rol_none/permissions", &permissions(&["read:things"])).await;
    assert_eq!(refusal(&nobody), missing());
}

async fn people_have_roles(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let mut people = Vec::new();
    for email in [EMAIL, "second@example.com", "third@example.com"] {
        people.push(app.person(email).await.id.to_string());
    }
    people.sort();
    let role = role(&machine, "Clerk", &["read:things"]).await;
    let members = format!("{role}/users");
    let body = json!({ "users": people });
    let _ = machine.post(&members, &body).await.expect(200);
    let _ = machine.post(&members, &body).await.expect(200);
    let mut seen = Vec::new();
    let mut from = String::new();
    loop {
        let page = machine.get(&format!("{members}?take=2{from}")).await.expect(200).json();
        seen.extend(names(&page["users"], "user_id"));
        let Some(next) = page["next"].as_str() else { break };
        from = format!("&from={next}");
    }
    assert_eq!(seen, people);
    let totals = machine.get(&format!("{members}?include_totals=true&per_page=1")).await.json();
    assert_eq!(totals["total"], 3);
    let of_one = format!("{}/roles", path(&people[0]));
    let listed = machine.get(&of_one).await.expect(200).json();
    assert_eq!(names(&listed, "name"), ["Clerk"]);
    let id = listed[0]["id"].clone();
    let taken = machine.request("DELETE", &of_one).json(&json!({ "roles": [id] }));
    let _ = taken.send().await.expect(204);
    assert_eq!(machine.get(&of_one).await.expect(200).json(), json!([]));
    let _ = machine.post(&of_one, &json!({ "roles": [id] })).await.expect(204);
    let effective = format!("{}/effective-roles?take=5", path(&people[0]));
    let effective = machine.get(&effective).await.expect(200).json();
    assert_eq!(names(&effective["roles"], "name"), ["Clerk"]);
    assert_eq!(effective["roles"][0]["sources"], json!(["direct"]));
    let unknown = machine.post(&of_one, &json!({ "roles": ["rol_none"] })).await;
    assert_eq!(refusal(&unknown), missing());
    let nobody = "users/auth0%7Cnobody/roles";
    for reply in [machine.get(nobody).await, machine.post(nobody, &json!({ "roles": [id] })).await]
    {
        assert_eq!(refusal(&reply).1, "inexistent_user");
    }
    let _ = machine.delete(&role).await.expect(200);
    assert_eq!(machine.get(&of_one).await.expect(200).json(), json!([]));
}

async fn permissions_tell_where_they_come_from(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = app.person(EMAIL).await.id.to_string();
    let role = role(&machine, "Clerk", &["read:things"]).await;
    let _ = machine.post(&format!("{role}/users"), &json!({ "users": [id] })).await.expect(200);
    let own = format!("{}/permissions", path(&id));
    let both = permissions(&["read:things", "write:things"]);
    let _ = machine.post(&own, &both).await.expect(201);
    let listed = machine.get(&own).await.expect(200).json();
    assert_eq!(names(&listed, "permission_name"), ["read:things", "write:things"]);
    let effective = format!("{}/effective-permissions", path(&id));
    let counted = machine.get(&effective).await.expect(200).json();
    assert_eq!(counted[0]["sources"], json!(["direct", "roles"]));
    assert_eq!(counted[1]["sources"], json!(["direct"]));
    let other = format!("{effective}?resource_server_identifier=https://other.example/");
    assert_eq!(machine.get(&other).await.expect(200).json(), json!([]));
    let mut kinds = names(&listed[0]["sources"], "source_type");
    kinds.sort();
    assert_eq!(kinds, ["DIRECT", "ROLE"]);
    assert_eq!(names(&listed[1]["sources"], "source_type"), ["DIRECT"]);
    let _ = machine.request("DELETE", &own).json(&both).send().await.expect(204);
    let left = machine.get(&own).await.expect(200).json();
    assert_eq!(names(&left, "permission_name"), ["read:things"], "by the role");
    assert_eq!(left[0]["sources"][0]["source_name"], "Clerk");
    let unknown = machine.post(&own, &permissions(&["nonsense"])).await;
    assert_eq!(refusal(&unknown).1, "invalid_body");
    assert_eq!(refusal(&machine.get("users/x/permissions").await).1, "inexistent_user");
}

async fn there_is_an_end_to_roles(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = app.person(EMAIL).await.id.to_string();
    let mut roles = Vec::new();
    for number in 0..51 {
        app.clock().advance(1);
        roles.push(role(&machine, &format!("Role {number}"), &[]).await.replace("roles/", ""));
    }
    let of_one = format!("{}/roles", path(&id));
    let all = machine.post(&of_one, &json!({ "roles": roles })).await;
    let text = "You reached the limit of entities of this type for this user.";
    assert_eq!(refusal(&all), expected(403, "too_many_entities", text));
    assert_eq!(machine.get(&of_one).await.expect(200).json(), json!([]), "all or none");
    let _ = machine.post(&of_one, &json!({ "roles": roles[1..] })).await.expect(204);
}

on_both_engines! {
    a_role_lives_and_dies,
    roles_permit,
    people_have_roles,
    permissions_tell_where_they_come_from,
    there_is_an_end_to_roles,
}
