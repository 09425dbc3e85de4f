//! Collections of Auth0's catalogue that are empty here, because there is no such thing: lists that
//! say so let tools go on where a refusal would make them leave out more than that (contract 05 §20).

use serde_json::json;

use super::operation::{Operation, Run, get};
use super::page::page;
use super::shape::{ANY_OBJECT, Field, Shape, field};
use super::{Ask, Reply};

/// The operation of an empty list.
macro_rules! none {
    ($path:literal, $key:literal, $scope:literal) => {
        get($path, &[$scope], "There are none", |ask| {
            Box::pin(async move { page(&ask.query, $key, Vec::new(), "id").map(Reply::ok) })
        })
        .pages($key, &ANY_OBJECT)
    };
}

const ACTIONS: &[Field] =
    &[field("actions", NONE).required(), field("per_page", Shape::Any).required()];
const MODULES: &[Field] =
    &[field("modules", NONE).required(), field("per_page", Shape::Any).required()];
const TRIGGERS: &[Field] = &[field("triggers", NONE).required()];
const NONE: Shape = Shape::List { of: &ANY_OBJECT, most: 0 };

const NO_ACTIONS: Run = |ask| Box::pin(async move { Ok(Reply::ok(sized(&ask, "actions"))) });
const NO_MODULES: Run = |ask| Box::pin(async move { Ok(Reply::ok(sized(&ask, "modules"))) });
const NO_TRIGGERS: Run = |_| Box::pin(async move { Ok(Reply::ok(json!({ "triggers": [] }))) });
const NO_CONFIGS: Run = |_| Box::pin(async move { Ok(Reply::ok(json!([]))) });

pub(super) const OPERATIONS: &[Operation] = &[
    get("actions/actions", &["read:actions"], "There are none", NO_ACTIONS)
        .answers(200, &Shape::Object(ACTIONS)),
    get("actions/modules", &["read:actions"], "There are none", NO_MODULES)
        .answers(200, &Shape::Object(MODULES)),
    get("actions/triggers", &["read:actions"], "There are none", NO_TRIGGERS)
        .answers(200, &Shape::Object(TRIGGERS)),
    none!("connection-profiles", "connection_profiles", "read:connection_profiles"),
    none!("event-streams", "eventStreams", "read:event_streams"),
    none!("flows", "flows", "read:flows"),
    none!("forms", "forms", "read:forms"),
    none!("hooks", "hooks", "read:hooks"),
    none!("network-acls", "network_acls", "read:network_acls"),
    none!("rules", "rules", "read:rules"),
    get("rules-configs", &["read:rules_configs"], "There are none", NO_CONFIGS).answers(200, &NONE),
    none!("self-service-profiles", "self_service_profiles", "read:self_service_profiles"),
    none!("token-exchange-profiles", "token_exchange_profiles", "read:token_exchange_profiles"),
    none!("user-attribute-profiles", "user_attribute_profiles", "read:user_attribute_profiles"),
];

/// The form of lists of Actions: members that are zero are left out.
fn sized(ask: &Ask<'_>, key: &str) -> serde_json::Value {
    let per_page = ask.query.number::<u32>("per_page").unwrap_or(20);
    json!({ key: [], "per_page": per_page })
}
