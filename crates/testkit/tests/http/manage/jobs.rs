//! `/api/v2/jobs` (contract 05 §9.4), and users whose passwords other systems hashed.

use housekey_core::factor::MethodKind;
use housekey_core::id::UserId;
use housekey_core::job::run_due;
use housekey_core::port::Account;
use housekey_testkit::request::Reply;
use housekey_testkit::{TestApp, TestDatabase};
use housekey_web::manage::shown_user;
use serde_json::{Value, json};

use super::{Machine, expected, refusal};

/// Of "password", by libxcrypt.
pub(super) const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC";
const BEHIND_IT: &str = "pässwörd";
const SHA256: &str = "RpcL73Cs7YEj8NXQlHF+KlzUEgQeA7JjdgSf5lsoNKQ=";

/// The connection every tenant of the tests has.
pub(super) async fn connection(machine: &Machine<'_>) -> String {
    machine.get("connections").await.expect(200).text("/0/id")
}

impl Machine<'_> {
    /// Sends a form with a file.
    pub(super) async fn upload(&self, fields: &[(&str, &str)], sent: Option<&str>) -> Reply {
        const BOUNDARY: &str = "a-boundary";
        let field = |(name, value): &(&str, &str)| {
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
        };
        let file = |file: &str| {
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"users\"; \
                 filename=\"users.json\"\r\nContent-Type: application/json\r\n\r\n{file}\r\n"
            )
        };
        let fields: String = fields.iter().map(field).collect();
        let file = sent.map(file).unwrap_or_default();
        let body = format!("{fields}{file}--{BOUNDARY}--\r\n");
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = self.request("POST", "jobs/users-imports");
        request.header("content-type", &content_type).body(body).send().await
    }

    /// Imports users and waits for the end.
    pub(super) async fn import(&self, fields: &[(&str, &str)], users: &Value) -> Value {
        let connection = connection(self).await;
        let fields = [&[("connection_id", connection.as_str())], fields].concat();
        let job = self.upload(&fields, Some(&users.to_string())).await.expect(202);
        self.finish().await;
        self.get(&format!("jobs/{}", job.text("/id"))).await.expect(200).json()
    }

    /// What the worker does in the background.
    pub(super) async fn finish(&self) {
        while run_due(self.app.core(), shown_user, &|| true).await.expect("the database answers") {}
    }
}

async fn account(app: &TestApp, id: &str) -> Account {
    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    let found = tx.account_of(&UserId::from_raw(id)).await.expect("the database answers");
    found.unwrap_or_else(|| panic!("there is no {id}"))
}

pub(super) fn summary(inserted: u64, updated: u64, failed: u64) -> Value {
    let total = inserted + updated + failed;
    json!({ "inserted": inserted, "updated": updated, "failed": failed, "total": total })
}

fn ada() -> Value {
    json!({
        "user_id": "ada", "email": "Ada@Example.com", "email_verified": true,
        "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace", "nickname": "ada",
        "picture": "https://pictures.example/ada.png", "phone_number": "+4930123456",
        "phone_verified": true, "user_metadata": { "theme": "dark" },
        "app_metadata": { "plan": "full" }, "password_hash": BCRYPT,
        "mfa_factors": [
            { "totp": { "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } },
            { "phone": { "value": "+4930654321" } }, { "email": { "value": "ada@home.example" } },
        ],
    })
}

async fn users_are_imported_with_all_they_have(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = connection(&machine).await;
    let fields = [("connection_id", id.as_str()), ("external_id", "mine"), ("upsert", "false")];
    let asked = machine.upload(&fields, Some(&json!([ada()]).to_string())).await.expect(202);
    let body = asked.json();
    assert!(asked.text("/id").starts_with("job_"), "{body}");
    for (name, value) in [
        ("type", json!("users_import")),
        ("status", json!("pending")),
        ("connection_id", json!(id)),
        ("connection", json!("Username-Password-Authentication")),
        ("created_at", json!("2026-01-01T00:00:00.000Z")),
        ("upsert", json!(false)),
        ("external_id", json!("mine")),
        ("send_completion_email", json!(true)),
        ("summary", summary(0, 0, 0)),
        ("percentage_done", json!(0)),
    ] {
        assert_eq!(body[name], value, "{name}");
    }
    let path = format!("jobs/{}", asked.text("/id"));
    assert_eq!(machine.get(&path).await.expect(200).json(), body);
    machine.finish().await;
    let done = machine.get(&path).await.expect(200).json();
    assert_eq!(done["status"], "completed");
    assert_eq!(done["percentage_done"], 100);
    assert_eq!(done["summary"], summary(1, 0, 0));
    let _ = machine.get(&format!("{path}/errors")).await.expect(204);

    let user = machine.get("users/auth0%7Cada").await.expect(200).json();
    for name in
        ["email_verified", "name", "given_name", "picture", "phone_number", "phone_verified"]
    {
        assert_eq!(user[name], ada()[name], "{name}");
    }
    assert_eq!(user["email"], "ada@example.com");
    assert_eq!(user["user_metadata"], ada()["user_metadata"]);
    assert_eq!(user["app_metadata"], ada()["app_metadata"]);
    let found = machine.get("users?q=app_metadata.plan:full").await.expect(200).json();
    assert_eq!(found[0]["user_id"], "auth0|ada", "and they are found");
    let account = account(&app, "auth0|ada").await;
    assert!(account.methods.iter().all(|method| method.confirmed));
    let kinds: Vec<_> =
        account.methods.iter().map(|method| method.kind.factor().as_str()).collect();
    assert!(["totp", "phone", "email"].iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    let is_sealed = |kind: &MethodKind| match kind {
        MethodKind::Totp { sealed_secret, .. } => !sealed_secret.starts_with(b"1234567890"),
        _ => true,
    };
    assert!(account.methods.iter().all(|method| is_sealed(&method.kind)));
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> bool {
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.submit(&page, &[("username", email)]).await;
    let page = browser.submit(&page, &[("password", password)]).await;
    page.url.path() != "/u/login/password"
}

async fn the_first_login_replaces_an_imported_hash(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let custom =
        json!({ "algorithm": "sha256", "hash": { "value": SHA256, "encoding": "base64" } });
    let users = json!([
        { "user_id": "1", "email": "one@example.com", "password_hash": BCRYPT },
        { "user_id": "2", "email": "two@example.com", "custom_password_hash": custom },
    ]);
    assert_eq!(machine.import(&[], &users).await["summary"], summary(2, 0, 0));
    for (id, email) in [("auth0|1", "one@example.com"), ("auth0|2", "two@example.com")] {
        let hash = async || account(&app, id).await.password.expect("has one").hash;
        let imported = hash().await;
        assert!(imported.starts_with("imported:") && !imported.contains("$2b$"), "{imported}");
        assert!(!sign_in(&app, email, "wrong").await);
        assert_eq!(hash().await, imported, "a wrong password replaces nothing");
        assert!(sign_in(&app, email, BEHIND_IT).await);
        let own = hash().await;
        assert!(own.starts_with("$argon2id$"), "{own}");
        assert!(!sign_in(&app, email, "wrong").await);
        assert!(sign_in(&app, email, BEHIND_IT).await);
        assert_eq!(hash().await, own, "and is replaced once");
    }
}

async fn who_cannot_be_is_told_with_the_reason(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person("user@example.com").await;
    let machine = Machine::new(&app).await;
    let users = json!([
        { "email": "user@example.com" },
        { "email": "new@example.com", "password_hash": BCRYPT },
        { "email": "New@example.com" },
        { "email": "nowhere", "password_hash": "secret-of-somebody" },
        { "name": "Nobody" },
        "text",
        { "email": "a@example.com", "blocked": "no", "nonsense": 1 },
        { "email": "b@example.com", "custom_password_hash": { "algorithm": "md6", "hash": {
            "value": "secret-of-somebody", "encoding": "hex" } } },
        { "email": "c@example.com", "mfa_factors": [{ "totp": { "secret": "secret-1" } }] },
        { "email": "d@example.com", "username": "d" },
        { "email": "e@example.com", "password": "secret-of-somebody" },
    ]);
    let job = machine.import(&[], &users).await;
    assert_eq!(job["status"], "completed");
    assert_eq!(job["summary"], summary(1, 0, 10));
    let path = format!("jobs/{}/errors", job["id"].as_str().expect("an id"));
    let errors = machine.get(&path).await.expect(200);
    assert!(!errors.body.contains("secret-"), "{}", errors.body);
    let codes: Vec<Vec<String>> = errors
        .json()
        .as_array()
        .expect("a list")
        .iter()
        .map(|error| {
            let flaws = error["errors"].as_array().expect("a list").iter();
            flaws
                .map(|flaw| {
                    let text = |name: &str| flaw[name].as_str().expect("a text").to_owned();
                    assert!(!text("message").is_empty());
                    format!("{} {}", text("code"), text("path"))
                })
                .collect()
        })
        .collect();
    assert_eq!(
        codes,
        [
            vec!["DUPLICATED_USER "],
            vec!["DUPLICATED_USER "],
            vec!["INVALID_FORMAT email", "INVALID_FORMAT password_hash"],
            vec!["MISSING_REQUIRED_PROPERTY email"],
            vec!["OBJECT_REQUIRED "],
            vec!["INVALID_TYPE blocked", "OBJECT_ADDITIONAL_PROPERTIES nonsense"],
            vec!["ENUM_MISMATCH custom_password_hash.algorithm"],
            vec!["MFA_FACTORS_FAILED mfa_factors[0].totp.secret"],
            vec!["NOT_PASSED username"],
            vec!["OBJECT_ADDITIONAL_PROPERTIES password"],
        ]
    );
    let first = errors.json()[2]["user"].clone();
    assert_eq!(first, json!({ "email": "nowhere", "password_hash": "*****" }));
}

async fn upsert_changes_what_may_be_changed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    machine.import(&[], &json!([ada()])).await;
    let other = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    let change = json!([{
        "email": "ADA@example.com", "name": "Countess", "email_verified": false,
        "user_metadata": { "size": 3 }, "app_metadata": { "plan": "none" },
        "password_hash": BCRYPT.replace("QVoC", "QVoD"), "phone_number": "+4930999999",
        "mfa_factors": [{ "totp": { "secret": other } }],
    }]);
    let before = account(&app, "auth0|ada").await;
    assert_eq!(machine.import(&[], &change).await["summary"], summary(0, 0, 1), "not unless asked");
    let job = machine.import(&[("upsert", "true")], &change).await;
    assert_eq!(job["summary"], summary(0, 1, 0));
    let user = machine.get("users/auth0%7Cada").await.expect(200).json();
    assert_eq!(user["name"], "Countess");
    assert_eq!(user["given_name"], "Ada", "what is not said stays");
    assert_eq!(user["email_verified"], false);
    assert_eq!(
        (&user["phone_number"], &user["phone_verified"]),
        (&json!("+4930999999"), &json!(false))
    );
    assert_eq!(user["user_metadata"], json!({ "theme": "dark", "size": 3 }));
    assert_eq!(user["app_metadata"], json!({ "plan": "none" }));
    let after = account(&app, "auth0|ada").await;
    let hash = |account: &Account| account.password.clone().map(|password| password.hash);
    assert_eq!(hash(&after), hash(&before), "password_hash is for the first import");
    let kinds = |account: &Account| {
        account.methods.iter().map(|method| method.kind.clone()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&after), kinds(&before), "and so are factors");

    // Until somebody signs in, a custom hash may be replaced by another.
    let custom =
        json!({ "algorithm": "sha256", "hash": { "value": SHA256, "encoding": "base64" } });
    let change = json!([{ "user_id": "ada", "email": "ada@example.com", "blocked": true,
        "custom_password_hash": custom }]);
    machine.import(&[("upsert", "true")], &change).await;
    let replaced = account(&app, "auth0|ada").await;
    assert!(replaced.user.blocked);
    assert_ne!(hash(&replaced), hash(&before));
    let change = json!([{ "email": "ada@example.com", "blocked": false }]);
    machine.import(&[("upsert", "true")], &change).await;
    assert!(sign_in(&app, "ada@example.com", BEHIND_IT).await);
    let own = hash(&account(&app, "auth0|ada").await);
    let change = json!([{ "email": "ada@example.com", "custom_password_hash": custom }]);
    machine.import(&[("upsert", "true")], &change).await;
    assert_eq!(hash(&account(&app, "auth0|ada").await), own, "an own hash stays");

    // An id and a mail address of two people are neither's.
    machine.import(&[], &json!([{ "user_id": "eve", "email": "eve@example.com" }])).await;
    let both = json!([{ "user_id": "eve", "email": "ada@example.com", "name": "Nobody" }]);
    assert_eq!(machine.import(&[("upsert", "true")], &both).await["summary"], summary(0, 0, 1));
}

async fn what_is_no_import_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = connection(&machine).await;
    let own = [("connection_id", id.as_str())];
    let invalid = |text: &str| expected(400, "invalid_body", text);
    let told = "Payload validation error: 'Missing required property: connection_id' on property \
                connection_id.";
    assert_eq!(refusal(&machine.upload(&[], Some("[]")).await), invalid(told));
    let told = "Payload validation error: 'Missing required property: users' on property users.";
    assert_eq!(refusal(&machine.upload(&own, None).await), invalid(told));
    let told = "Payload validation error: 'Expected type boolean but found type string' on property \
                upsert.";
    let wrong = [own[0], ("upsert", "perhaps")];
    assert_eq!(refusal(&machine.upload(&wrong, Some("[]")).await), invalid(told));
    let json = machine.post("jobs/users-imports", &json!({})).await;
    assert_eq!(refusal(&json), invalid("Invalid multipart payload format"));
    let broken = machine.upload(&own, Some("[{}")).await.expect(400);
    assert!(broken.text("/message").starts_with("Failed to parse users file JSON"));
    let nowhere = machine.upload(&[("connection_id", "con_0")], Some("[]")).await;
    let told = "The connection does not exist";
    assert_eq!(refusal(&nowhere), expected(404, "inexistent_connection", told));
    let long = format!("[{}]", " ".repeat(512_000));
    let told = "Payload content length greater than maximum allowed: 512000.";
    assert_eq!(refusal(&machine.upload(&own, Some(&long)).await), expected(413, "", told));
    let longer = format!("[{}]", " ".repeat(2_000_000));
    assert_eq!(refusal(&machine.upload(&own, Some(&longer)).await), expected(413, "", told));
    let long = format!("[{}]", " ".repeat(511_998));
    let _ = machine.upload(&own, Some(&long)).await.expect(202);
    let _ = machine.upload(&own, Some("[]")).await.expect(202);
    let told = "There are 2 active import users jobs, please wait until some of them are finished \
                and try again";
    assert_eq!(refusal(&machine.upload(&own, Some("[]")).await), expected(429, "", told));
    machine.finish().await;
    let _ = machine.upload(&own, Some("[]")).await.expect(202);
    let told = "The job does not exist";
    for path in ["jobs/job_0", "jobs/job_0/errors"] {
        assert_eq!(refusal(&machine.get(path).await), expected(404, "inexistent_job", told));
    }
}

async fn jobs_end_after_a_while(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let id = connection(&Machine::new(&app).await).await;
    let machine = Machine::new(&app).await;
    let users = json!([{ "email": "late@example.com" }]).to_string();
    let job = machine.upload(&[("connection_id", &id)], Some(&users)).await.expect(202).text("/id");
    app.clock().advance(2 * 3600);
    machine.finish().await;
    let machine = Machine::new(&app).await;
    let late = machine.get(&format!("jobs/{job}")).await.expect(200).json();
    assert_eq!((&late["status"], &late["summary"]), (&json!("failed"), &summary(0, 0, 0)));
    assert_eq!(late["status_details"], "The job was not done within 2 hours.");
    app.clock().advance(22 * 3600);
    let machine = Machine::new(&app).await;
    let _ = machine.get(&format!("jobs/{job}")).await.expect(404);
    let purged = app.core().store().registry().purge(app.now().plus_seconds(-86_399)).await;
    assert!(purged.expect("the database answers") > 0, "its data is gone");
}

async fn a_verification_link_is_mailed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let users = json!([{ "user_id": "1", "email": "one@example.com" },
        { "user_id": "2", "phone_number": "+4930123456" }]);
    machine.import(&[], &users).await;
    let identity = json!({ "user_id": "1", "provider": "auth0" });
    let body = json!({ "user_id": "auth0|1", "identity": identity });
    let job = machine.post("jobs/verification-email", &body).await.expect(201);
    assert_eq!(job.json()["type"], "verification_email");
    let link = app.message().await.content.link.expect("a link");
    let path = link.strip_prefix(app.issuer().trim_end_matches('/')).expect("on this host");
    let _ = app.get(path).send().await.expect(200);
    let user = machine.get("users/auth0%7C1").await.expect(200).json();
    assert_eq!(user["email_verified"], true);
    let job = machine.get(&format!("jobs/{}", job.text("/id"))).await.expect(200).json();
    assert_eq!(job["status"], "completed");

    for (wrong, status) in [
        (json!({}), 400),
        (json!({ "user_id": "auth0|3" }), 404),
        (json!({ "user_id": "auth0|2" }), 400),
        (json!({ "user_id": "auth0|1", "client_id": "nobody" }), 404),
        (json!({ "user_id": "auth0|1", "organization_id": "org_1" }), 400),
        (json!({ "user_id": "auth0|1", "identity": { "user_id": "2", "provider": "auth0" } }), 400),
        (
            json!({ "user_id": "auth0|1", "identity": { "user_id": "1", "provider": "auth0",
            "connection_id": "con_0" } }),
            400,
        ),
    ] {
        let _ = machine.post("jobs/verification-email", &wrong).await.expect(status);
    }
}

on_both_engines! {
    users_are_imported_with_all_they_have,
    the_first_login_replaces_an_imported_hash,
    who_cannot_be_is_told_with_the_reason,
    upsert_changes_what_may_be_changed,
    what_is_no_import_is_refused,
    jobs_end_after_a_while,
    a_verification_link_is_mailed,
}
