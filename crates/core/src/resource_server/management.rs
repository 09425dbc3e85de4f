//! The scopes of the Management API (contract 05 §1.1): of every kind of thing Auth0's has, served
//! here or not, because tools ask for all of them at once.

use super::ScopeDescription;

/// Kinds of things by what may be done with them: the letters of [`VERBS`].
const ENTITIES: &[(&str, &str)] = &[
    (
        "crud",
        "actions clients client_keys client_credentials client_grants resource_servers \
         connections users users_app_metadata authentication_methods roles custom_domains \
         encryption_keys custom_signing_keys log_streams email_provider phone_providers \
         phone_templates device_credentials organizations organization_connections rules \
         rules_configs hooks flows forms network_acls self_service_profiles \
         token_exchange_profiles event_streams connection_profiles user_attribute_profiles",
    ),
    (
        "crd",
        "role_members organization_members organization_member_roles organization_invitations \
         organization_client_grants organization_discovery_domains",
    ),
    ("cru", "connections_keys signing_keys email_templates"),
    ("cud", "current_user_metadata"),
    ("cu", "current_user_identities"),
    ("cd", "current_user_device_credentials"),
    ("c", "guardian_enrollment_tickets user_tickets"),
    ("rud", "branding sessions refresh_tokens"),
    (
        "ru",
        "connections_options guardian_factors mfa_policies tenant_settings attack_protection \
         prompts",
    ),
    ("rd", "guardian_enrollments anomaly_blocks grants federated_connections_tokens current_user"),
    ("r", "client_summary user_idp_tokens logs logs_users organizations_summary stats insights"),
];

const VERBS: &[(char, &str)] = &[('c', "create"), ('r', "read"), ('u', "update"), ('d', "delete")];

/// All of them.
pub(super) fn scopes() -> Vec<ScopeDescription> {
    let pairs = ENTITIES.iter().flat_map(|(verbs, entities)| {
        entities.split_ascii_whitespace().flat_map(|entity| {
            VERBS
                .iter()
                .filter(|(letter, _)| verbs.contains(*letter))
                .map(move |(_, verb)| (*verb, entity))
        })
    });
    pairs.map(|(verb, entity)| described(verb, entity)).collect()
}

fn described(verb: &str, entity: &str) -> ScopeDescription {
    let mut description = verb.to_owned();
    if let Some(first) = description.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    description.push(' ');
    description.push_str(&entity.replace('_', " "));
    ScopeDescription { value: format!("{verb}:{entity}"), description }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn scopes_are_verbs_on_things_and_none_is_there_twice() {
        let scopes = scopes();
        let unique: BTreeSet<_> = scopes.iter().map(|scope| scope.value.as_str()).collect();
        assert_eq!(unique.len(), scopes.len());
        for expected in ["read:users", "update:mfa_policies", "create:user_tickets", "read:logs"] {
            assert!(unique.contains(expected), "{expected}");
        }
        assert!(!unique.contains("delete:logs") && !unique.contains("create:branding"));
        let described = scopes.iter().find(|scope| scope.value == "read:client_grants");
        assert_eq!(described.map(|scope| scope.description.as_str()), Some("Read client grants"));
    }
}
