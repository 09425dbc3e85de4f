//! The My Account API's part of the document, from the same tables that serve it.

use housekey_core::account::Access;
use housekey_core::factor::FactorType;
use serde_json::{Map, Value, json};

use crate::me::Operation;

/// Every operation under `/me/v1`, by path and method.
pub(super) fn paths() -> Map<String, Value> {
    let mut paths: Map<String, Value> = Map::new();
    for operation in Operation::ALL {
        let (method, path) = operation.route();
        let item = paths.entry(format!("/me/v1{path}")).or_insert_with(|| json!({}));
        item[method.to_ascii_lowercase()] = describe(operation);
    }
    paths
}

fn describe(operation: Operation) -> Value {
    let mut described = json!({
        "operationId": operation.name(),
        "tags": ["My Account"],
        "summary": summary(operation),
        "description": format!("Needs the scope `{}`.", operation.scope()),
        "security": [{ "bearer": [] }, { "dpop": [] }],
        "parameters": parameters(operation),
        "responses": responses(operation),
    });
    if let Some(schema) = request(operation) {
        described["requestBody"] = json!({ "required": true, "content": content(schema) });
    }
    described
}

fn summary(operation: Operation) -> &'static str {
    match operation {
        Operation::Factors => "The factors this person could enrol",
        Operation::List => "This person's authentication methods, oldest first",
        Operation::Enroll => "Begin an enrolment",
        Operation::Get => "One authentication method",
        Operation::Update => "Rename an authentication method",
        Operation::Delete => "Remove an authentication method",
        Operation::Verify => "Finish an enrolment with a proof",
        Operation::Consents => "What this person approved, oldest first",
        Operation::Consent => "One approval",
        Operation::Organizations => "The organizations this person belongs to, by name",
    }
}

fn parameters(operation: Operation) -> Value {
    let (_, path) = operation.route();
    let mut parameters = Vec::new();
    if path.contains("{id}") {
        let schema = json!({ "type": "string" });
        parameters.push(json!({ "name": "id", "in": "path", "required": true, "schema": schema }));
    }
    let queries = match operation {
        Operation::List => vec![("type", json!({ "type": "string", "enum": factor_names() }))],
        Operation::Consents => vec![("include_expired", json!({ "type": "boolean" }))],
        Operation::Organizations => vec![
            ("from", json!({ "type": "string" })),
            ("take", json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 })),
        ],
        _ if operation.access() == Access::Write => vec![("dry_run", json!({ "type": "boolean" }))],
        _ => Vec::new(),
    };
    for (name, schema) in queries {
        parameters.push(json!({ "name": name, "in": "query", "schema": schema }));
    }
    parameters.into()
}

fn factor_names() -> Vec<&'static str> {
    FactorType::ALL.iter().map(|factor| factor.as_str()).collect()
}

fn request(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::Enroll => Some("NewMethod"),
        Operation::Update => Some("Change"),
        Operation::Verify => Some("Verification"),
        Operation::Factors
        | Operation::List
        | Operation::Get
        | Operation::Delete
        | Operation::Consents
        | Operation::Consent
        | Operation::Organizations => None,
    }
}

fn content(schema: &str) -> Value {
    json!({
        "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } }
    })
}

fn either_content(one: &str, other: &str) -> Value {
    let to = |schema: &str| json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({ "application/json": { "schema": { "oneOf": [to(one), to(other)] } } })
}

fn responses(operation: Operation) -> Value {
    let (status, schema) = match operation {
        Operation::Factors => ("200", Some("Factors")),
        Operation::List => ("200", Some("Methods")),
        Operation::Enroll => ("202", Some("Enrollment")),
        Operation::Get | Operation::Update => ("200", Some("Method")),
        Operation::Delete => ("204", None),
        Operation::Verify => ("201", Some("Method")),
        Operation::Consents => ("200", Some("Consents")),
        Operation::Consent => ("200", Some("Consent")),
        Operation::Organizations => ("200", Some("Organizations")),
    };
    let mut answers = Map::new();
    let mut success = json!({ "description": "Done." });
    if let Some(schema) = schema {
        success["content"] = content(schema);
    }
    if operation.access() == Access::Write {
        let asked = "With `dry_run=true`: what would happen. Nothing did.";
        let told = json!({ "description": asked, "content": content("DryRun") });
        answers.insert("200".to_owned(), told);
    }
    if status == "200" && operation.access() == Access::Write {
        success["content"] = either_content(schema.unwrap_or("DryRun"), "DryRun");
    }
    answers.insert(status.to_owned(), success);
    for status in errors(operation) {
        let problem = json!({ "description": "Refused.", "content": content("Problem") });
        answers.insert((*status).to_owned(), problem);
    }
    answers.into()
}

fn errors(operation: Operation) -> &'static [&'static str] {
    match operation {
        Operation::Factors | Operation::Get | Operation::Consents | Operation::Consent => {
            &["401", "403", "404", "429"]
        }
        Operation::List | Operation::Organizations => &["400", "401", "403", "404", "429"],
        Operation::Delete => &["401", "403", "404", "409", "429"],
        Operation::Update => &["400", "401", "403", "404", "415", "429"],
        Operation::Enroll | Operation::Verify => &["400", "401", "403", "404", "409", "415", "429"],
    }
}

fn object(required: &[&str], properties: &Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

/// What those operations take and answer.
pub(super) fn schemas() -> Value {
    let mut all = method_schemas();
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), belonging_schemas()) {
        all.extend(more);
    }
    all
}

fn list_of(schema: &str) -> Value {
    json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{schema}") } })
}

/// Approvals and organizations.
fn belonging_schemas() -> Value {
    let text = || json!({ "type": "string" });
    json!({
        "Consent": object(&["id", "client_id", "created_at", "expires_at"], &json!({
            "id": text(), "client_id": text(),
            "created_at": { "type": "string", "format": "date-time" },
            "expires_at": { "type": "string", "format": "date-time" },
            "requested_details": object(&[], &json!({
                "binding_message": text(), "audience": text(),
                "scope": { "type": "array", "items": text() },
            })),
        })),
        "Consents": object(&["consents"], &json!({ "consents": list_of("Consent") })),
        "Organization": object(&["id", "name"], &json!({
            "id": text(), "name": text(), "display_name": text(),
        })),
        "Organizations": object(&["organizations"], &json!({
            "organizations": list_of("Organization"), "next": text(),
        })),
    })
}

fn method_schemas() -> Value {
    let text = || json!({ "type": "string" });
    let usage = || json!({ "type": "array", "items": { "enum": ["primary", "secondary"] } });
    let channels = ["sms", "voice"];
    let enrollable =
        ["email", "passkey", "password", "phone", "push-notification", "recovery-code", "totp"];
    let object_of_browsers = || json!({ "type": "object" });
    let texts = || json!({ "type": "array", "items": text() });
    json!({
        "Factor": object(&["type", "usage"], &json!({ "type": text(), "usage": usage() })),
        "Factors": object(&["factors"], &json!({ "factors": list_of("Factor") })),
        "Method": object(&["id", "type", "usage", "created_at"], &json!({
            "id": text(), "type": text(), "usage": usage(),
            "created_at": { "type": "string", "format": "date-time" },
            "confirmed": { "type": "boolean" }, "name": text(), "email": text(),
            "phone_number": text(), "preferred_authentication_method": { "enum": channels },
            "identity_user_id": text(),
            "last_auth_at": { "type": "string", "format": "date-time" },
            "last_password_reset": { "type": "string", "format": "date-time" },
            "key_id": text(), "public_key": text(), "user_handle": text(), "aaguid": text(),
            "relying_party_id": text(), "transports": texts(), "user_agent": text(),
            "credential_device_type": { "enum": ["single_device", "multi_device"] },
            "credential_backed_up": { "type": "boolean" },
        })),
        "Methods": object(
            &["authentication_methods"],
            &json!({ "authentication_methods": list_of("Method") }),
        ),
        "NewMethod": object(&["type"], &json!({
            "type": { "enum": enrollable }, "email": text(), "connection": text(),
            "identity_user_id": text(), "use_exclude_credentials": { "type": "boolean" },
            "phone_number": text(), "preferred_authentication_method": { "enum": channels },
        })),
        "Enrollment": object(&["auth_session"], &json!({
            "id": text(), "auth_session": text(), "barcode_uri": text(),
            "manual_input_code": text(), "recovery_code": text(), "policy": { "type": "object" },
            "authn_params_public_key": object_of_browsers(),
        })),
        "Verification": object(&["auth_session"], &json!({
            "auth_session": text(), "otp_code": text(), "new_password": text(),
            "authn_response": object_of_browsers(),
        })),
        "Change": object(&[], &json!({
            "name": { "type": "string", "minLength": 1, "maxLength": 100 },
            "preferred_authentication_method": { "enum": channels },
        })),
        "DryRun": object(&["dry_run", "would"], &json!({
            "dry_run": { "const": true },
            "would": object(&["status"], &json!({
                "status": { "type": "integer" },
                "removes": { "type": "array", "items": text() },
                "authentication_method": { "$ref": "#/components/schemas/Method" },
                "ends_other_sessions": { "type": "boolean" },
            })),
        })),
        "Problem": object(&["type", "title", "detail", "status"], &json!({
            "type": text(), "title": text(), "detail": text(), "status": { "type": "integer" },
            "error": text(), "validation_errors": { "type": "array" },
        })),
    })
}
