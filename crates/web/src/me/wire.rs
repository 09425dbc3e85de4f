//! Methods and policies as they go out (contract 01 §3.3, §4.2). Absent members are left out:
//! two SDKs fail on `null`.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use housekey_core::account::Listed;
use housekey_core::factor::password::{
    CharacterType, CharacterTypeRule, DictionarySize, LongPasswords, PasswordPolicy, Repetition,
};
use housekey_core::factor::webauthn::Credential;
use housekey_core::factor::{AuthenticationMethod, FactorType, MethodKind};
use serde_json::{Value, json};

/// A stored method.
pub(super) fn method(listed: &Listed) -> Value {
    match listed {
        Listed::Method(method) => stored(&listed.id(), method),
        Listed::Password { identity_user_id, password } => {
            let mut body = json!({
                "id": listed.id(),
                "type": FactorType::Password.as_str(),
                "usage": [FactorType::Password.usage()],
                "created_at": password.created_at.rfc3339(),
                "identity_user_id": identity_user_id,
            });
            if let Some(changed) = password.changed_at {
                body["last_password_reset"] = changed.rfc3339().into();
            }
            body
        }
    }
}

fn stored(id: &str, method: &AuthenticationMethod) -> Value {
    let factor = method.kind.factor();
    let mut body = json!({
        "id": id,
        "type": factor.as_str(),
        "usage": [factor.usage()],
        "created_at": method.created_at.rfc3339(),
    });
    if factor != FactorType::Passkey {
        body["confirmed"] = method.confirmed.into();
    }
    if let Some(name) = &method.name {
        body["name"] = name.as_str().into();
    }
    if let Some(last) = method.last_auth_at {
        body["last_auth_at"] = last.rfc3339().into();
    }
    match &method.kind {
        MethodKind::Email { address } => body["email"] = address.as_str().into(),
        MethodKind::Passkey(credential) => passkey(&mut body, method, credential),
        MethodKind::Phone { number, channel } => {
            body["phone_number"] = number.as_str().into();
            body["preferred_authentication_method"] = channel.as_str().into();
        }
        MethodKind::PushNotification { .. }
        | MethodKind::RecoveryCode { .. }
        | MethodKind::Totp { .. } => {}
        MethodKind::WebauthnPlatform(credential) | MethodKind::WebauthnRoaming(credential) => {
            key(&mut body, credential);
        }
    }
    body
}

/// The encodings that Swift's and Android's decoders insist on (contract 01 §3.3).
fn passkey(body: &mut Value, method: &AuthenticationMethod, credential: &Credential) {
    key(body, credential);
    body["identity_user_id"] = method.identity_user_id().into();
    body["user_handle"] = URL_SAFE_NO_PAD.encode(&credential.user_handle).into();
    let kind = if credential.backup_eligible { "multi_device" } else { "single_device" };
    body["credential_device_type"] = kind.into();
    body["credential_backed_up"] = credential.backed_up.into();
    body["aaguid"] = credential.aaguid.to_string().into();
    body["relying_party_id"] = credential.relying_party_id.as_str().into();
    if !credential.transports.is_empty() {
        body["transports"] = json!(credential.transports);
    }
    if let Some(user_agent) = &credential.user_agent {
        body["user_agent"] = user_agent.as_str().into();
    }
}

fn key(body: &mut Value, credential: &Credential) {
    body["key_id"] = credential.key_id().into();
    body["public_key"] = STANDARD.encode(&credential.public_key).into();
}

/// What a new password must satisfy. Custom words are enforced but not shown.
pub(super) fn policy(policy: &PasswordPolicy) -> Value {
    let complexity = &policy.complexity;
    json!({
        "complexity": {
            "min_length": complexity.min_length,
            "character_types": complexity.character_types.iter().copied().map(character_type).collect::<Vec<_>>(),
            "character_type_rule": match complexity.character_type_rule {
                CharacterTypeRule::All => "all",
                CharacterTypeRule::ThreeOfFour => "three_of_four",
            },
            "identical_characters": repetition(complexity.identical_characters),
            "sequential_characters": repetition(complexity.sequential_characters),
            "max_length_exceeded": match complexity.max_length_exceeded {
                LongPasswords::Truncate => "truncate",
                LongPasswords::Error => "error",
            },
        },
        "profile_data": {
            "active": policy.profile_data.active,
            "blocked_fields": policy.profile_data.blocked_fields,
        },
        "history": { "active": policy.history.active, "size": policy.history.size },
        "dictionary": {
            "active": policy.dictionary.active,
            "default": match policy.dictionary.list {
                DictionarySize::En10k => "en_10k",
                DictionarySize::En100k => "en_100k",
            },
        },
    })
}

fn character_type(kind: CharacterType) -> &'static str {
    match kind {
        CharacterType::Uppercase => "uppercase",
        CharacterType::Lowercase => "lowercase",
        CharacterType::Number => "number",
        CharacterType::Special => "special",
    }
}

fn repetition(rule: Repetition) -> &'static str {
    match rule {
        Repetition::Allow => "allow",
        Repetition::Block => "block",
    }
}
