//! ID tokens and the claims about a person that scopes open up (contract 03 §3.7, §10.2).

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::client::Client;
use crate::id::SessionId;
use crate::mfa::MULTI_FACTOR;
use crate::scope::ScopeSet;
use crate::time::Timestamp;
use crate::user::User;

/// What an ID token says beside the person's claims.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub nonce: Option<&'a str>,
    pub auth_time: Option<Timestamp>,
    pub sid: Option<&'a SessionId>,
    /// Whether a second factor was given for this answer (contract 04 §16.1).
    pub multi_factor: bool,
}

/// The claims of an ID token.
pub(super) fn claims(
    call: &Call,
    client: &Client,
    user: &User,
    scope: &ScopeSet,
    facts: Facts<'_>,
) -> Map<String, Value> {
    let now = call.now.as_seconds();
    let mut claims = person(user, scope, &call.issuer);
    claims.insert("iss".into(), call.issuer.clone().into());
    claims.insert("aud".into(), client.id.as_str().into());
    claims.insert("iat".into(), now.into());
    claims.insert("exp".into(), (now + client.settings.id_token_lifetime).into());
    if let Some(nonce) = facts.nonce {
        claims.insert("nonce".into(), nonce.into());
    }
    if let Some(auth_time) = facts.auth_time {
        claims.insert("auth_time".into(), auth_time.as_seconds().into());
    }
    if let Some(sid) = facts.sid {
        claims.insert("sid".into(), sid.as_str().into());
    }
    if facts.multi_factor {
        claims.insert("amr".into(), json!(["mfa"]));
        claims.insert("acr".into(), MULTI_FACTOR.into());
    }
    claims
}

/// `sub` and the claims that `scope` opens; what is not known is left out.
#[must_use]
pub fn person(user: &User, scope: &ScopeSet, issuer: &str) -> Map<String, Value> {
    let profile = &user.profile;
    let mut claims = Map::new();
    claims.insert("sub".into(), user.id.as_str().into());
    let mut put = |groups: &[&str], name: &str, value: Option<Value>| {
        let open = scope.contains(name) || groups.iter().any(|group| scope.contains(group));
        if let (true, Some(value)) = (open, value) {
            claims.insert(name.to_owned(), value);
        }
    };
    let text = |value: &Option<String>| value.clone().map(Value::from);
    put(&["profile"], "name", Some(user.shown_name().into()));
    put(&["profile"], "nickname", Some(user.shown_nickname().into()));
    put(&["profile"], "given_name", text(&profile.given_name));
    put(&["profile"], "family_name", text(&profile.family_name));
    put(&["profile"], "picture", Some(user.shown_picture(issuer).into()));
    put(&["profile"], "updated_at", Some(user.updated_at.rfc3339().into()));
    put(&[], "created_at", Some(user.created_at.rfc3339().into()));
    put(&["email"], "email", text(&profile.email));
    let verified = profile.email.is_some().then(|| json!(profile.email_verified));
    put(&["email"], "email_verified", verified);
    put(&["phone"], "phone_number", text(&profile.phone_number));
    let verified = profile.phone_number.is_some().then(|| json!(profile.phone_verified));
    put(&["phone"], "phone_number_verified", verified);
    claims
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ConnectionId, UserId};
    use crate::user::Profile;

    fn user() -> User {
        User {
            id: UserId::from_raw("auth0|1"),
            connection_id: ConnectionId::from_raw("con_1"),
            profile: Profile { email: Some("ada@example.com".into()), ..Profile::default() },
            blocked: false,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    fn names(scope: &str) -> Vec<String> {
        person(&user(), &ScopeSet::parse(scope), "https://a.example/").keys().cloned().collect()
    }

    #[test]
    fn scopes_open_claims() {
        assert_eq!(names("openid"), ["sub"]);
        assert_eq!(names("email"), ["email", "email_verified", "sub"]);
        assert_eq!(names("profile"), ["name", "nickname", "picture", "sub", "updated_at"]);
        assert_eq!(names("email_verified"), ["email_verified", "sub"]);
        assert_eq!(names("phone"), ["sub"], "unknown values are left out");
    }
}
