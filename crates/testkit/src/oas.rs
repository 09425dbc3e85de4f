//! Answers of the My Account API against an `OpenAPI` description of it, where there is one: the
//! file `HOUSEKEY_REFERENCE_OAS` names, or the one in `../shared/reference` beside the workspace.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::request::Reply;

/// Members that Housekey adds to errors on purpose: account screens look texts up by them.
const ERROR_KEYS: [&str; 7] = [
    "invalid_code",
    "expired_token",
    "authorization_pending",
    "bad_gateway",
    "too_many_entities",
    "invalid_phone_number",
    "unsupported_challenge_type",
];

/// The description's schemas, ready to use.
pub struct Validator {
    /// By method, path template and status.
    responses: HashMap<(String, String, String), jsonschema::Validator>,
    errors: jsonschema::Validator,
}

impl Validator {
    /// The description that is there, if any.
    pub fn reference() -> Option<&'static Self> {
        static LOADED: OnceLock<Option<Validator>> = OnceLock::new();
        LOADED.get_or_init(|| Some(Self::read(&find()?))).as_ref()
    }

    fn read(document: &Value) -> Self {
        let compile = |schema: &Value| {
            let root = json!({ "allOf": [schema], "components": document["components"] });
            jsonschema::validator_for(&root).expect("the description's schemas are well-formed")
        };
        let mut responses = HashMap::new();
        for (path, methods) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                    let schema = &response["content"]["application/json"]["schema"];
                    if !schema.is_null() {
                        let key = (method.to_uppercase(), path.clone(), status.clone());
                        responses.insert(key, compile(schema));
                    }
                }
            }
        }
        assert!(!responses.is_empty(), "the description describes something");
        let errors = compile(&json!({ "$ref": "#/components/schemas/ErrorResponse" }));
        Self { responses, errors }
    }

    /// Fails the test unless the answer is as described.
    pub(crate) fn check(&self, method: &str, path: &str, reply: &Reply) {
        if reply.body.is_empty()
            || reply.header("content-type") == Some("text/plain; charset=utf-8")
        {
            return;
        }
        let mut body = reply.json();
        let validator = if reply.status.is_success() {
            let status = reply.status.as_u16().to_string();
            let key = (method.to_owned(), template(path), status);
            match self.responses.get(&key) {
                Some(validator) => validator,
                None => panic!("{key:?} is not described"),
            }
        } else {
            take_error_key(&mut body);
            &self.errors
        };
        let broken: Vec<_> = validator
            .iter_errors(&body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(broken.is_empty(), "{method} {path} is not as described: {broken:#?}\n{body:#}");
    }
}

fn take_error_key(body: &mut Value) {
    let Some(key) = body.as_object_mut().and_then(|members| members.remove("error")) else {
        return;
    };
    assert!(ERROR_KEYS.iter().any(|known| key == *known), "{key} has a text");
}

fn find() -> Option<Value> {
    let named = std::env::var_os("HOUSEKEY_REFERENCE_OAS").map(PathBuf::from);
    let beside = || {
        let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let file = workspace.join("../shared/reference/myaccount-api-oas.json");
        file.exists().then_some(file)
    };
    let text =
        std::fs::read_to_string(named.or_else(beside)?).expect("the description is readable");
    Some(serde_json::from_str(&text).expect("the description is JSON"))
}

/// The description's path for ours: without `/me/v1`, and ids as parameters.
fn template(path: &str) -> String {
    let rest = path.strip_prefix("/me").unwrap_or(path);
    let rest = rest.strip_prefix("/v1").unwrap_or(rest);
    let mut segments: Vec<_> = rest.split('/').collect();
    if segments.get(1) == Some(&"authentication-methods") && segments.len() > 2 {
        segments[2] = "{authentication_method_id}";
    }
    if segments.get(1) == Some(&"consents") && segments.len() > 2 {
        segments[2] = "{consent_id}";
    }
    segments.join("/")
}
