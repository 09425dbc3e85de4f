//! `/api/v2/client-grants` (contract 05 §6).

use housekey_testkit::seed::{CUSTOM_API, SPA, THIRD_PARTY, UNGRANTED};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::{Machine, expected, refusal};

async fn a_grant_lives_and_dies(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "client_id": UNGRANTED, "audience": CUSTOM_API, "scope": ["read:things"] });
    let made = machine.post("client-grants", &body).await.expect(201);
    assert_shown!(made.seen(), { ".body.id" => "[id]" }, @r#"
    {
      "body": {
        "audience": "https://api.example/",
        "client_id": "ungranted",
        "id": "[id]",
        "scope": [
          "read:things"
        ],
        "subject_type": "client"
      },
      "status": 201,
      "x-ratelimit-limit": "50"
    }
    "#);
    let id = made.text("/id");
    assert!(id.strip_prefix("cgr_").is_some_and(|rest| rest.len() == 16), "{id}");
    let path = format!("client-grants/{id}");
    assert_eq!(machine.get(&path).await.expect(200).json(), made.json());
    assert_eq!(refusal(&machine.post("client-grants", &body).await).0, 409);
    // Another subject is another grant.
    let person = json!({
        "client_id": UNGRANTED, "audience": CUSTOM_API, "subject_type": "user", "allow_all_scopes": true
    });
    let person = machine.post("client-grants", &person).await.expect(201).json();
    assert_eq!(person["allow_all_scopes"], true);
    assert_eq!(person.get("scope"), None);
    let fewer = machine.patch(&path, &json!({ "scope": [] })).await.expect(200).json();
    assert_eq!(fewer["scope"], json!([]));
    let _ = machine.delete(&path).await.expect(204);
    let missing = expected(404, "inexistent_client_grant", "The client grant does not exist");
    assert_eq!(refusal(&machine.get(&path).await), missing);
    assert_eq!(refusal(&machine.delete(&path).await), missing);
}

async fn what_does_not_exist_cannot_be_granted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let grant = |client: &str, audience: &str, scope: &str| json!({ "client_id": client, "audience": audience, "scope": [scope] });
    let nobody = machine.post("client-grants", &grant("nobody", CUSTOM_API, "read:things")).await;
    let text = "The client does not exist";
    assert_eq!(refusal(&nobody), expected(404, "inexistent_client", text));
    let nowhere = machine.post("client-grants", &grant(SPA, "https://no/", "x")).await;
    let text = "The resource server does not exist";
    assert_eq!(refusal(&nowhere), expected(404, "inexistent_resource_server", text));
    let nothing = machine.post("client-grants", &grant(SPA, CUSTOM_API, "nonsense")).await;
    assert_eq!(refusal(&nothing).1, "invalid_body");
    let foreign = machine
        .post("client-grants", &grant(THIRD_PARTY, "https://acme.example/me/", "read:me:factors"))
        .await;
    assert_eq!(refusal(&foreign).1, "invalid_body");
    for body in [
        json!({ "client_id": SPA }),
        json!({ "audience": CUSTOM_API }),
        json!({ "client_id": SPA, "audience": CUSTOM_API, "subject_type": "nobody" }),
        json!({ "client_id": SPA, "audience": CUSTOM_API, "scope": "read:things" }),
        json!({ "client_id": SPA, "audience": CUSTOM_API, "scope": [], "nonsense": 1 }),
    ] {
        assert_eq!(
            refusal(&machine.post("client-grants", &body).await).1,
            "invalid_body",
            "{body}"
        );
    }
    let path = "client-grants/cgr_machineofapis";
    let immutable = machine.patch(path, &json!({ "audience": CUSTOM_API })).await;
    assert_eq!(refusal(&immutable).1, "invalid_body");
}

async fn one_of_many_at_once_is_made(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "client_id": UNGRANTED, "audience": CUSTOM_API, "scope": ["read:things"] });
    let all = (0..8).map(|_| machine.post("client-grants", &body));
    let mut statuses = Vec::new();
    for reply in futures_in_order(all).await {
        statuses.push(reply.status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

/// Runs futures at once and waits for all.
async fn futures_in_order<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut done = true;
        for (future, output) in &mut pending {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => done = false,
                }
            }
        }
        if done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    pending.into_iter().filter_map(|(_, output)| output).collect()
}

on_both_engines! {
    a_grant_lives_and_dies,
    what_does_not_exist_cannot_be_granted,
    one_of_many_at_once_is_made,
}
