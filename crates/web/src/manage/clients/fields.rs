//! The members of an application (contract 05 §7.1).

use super::super::shape::{ANY_OBJECT, Field, INSTANT, METADATA, Shape, TEXT, TEXTS, field, text};

const NAME: Shape = text(1, 128);
const URIS: Shape = Shape::List { of: &text(1, 2048), most: 100 };
const LIFETIME: Shape = Shape::Integer { least: 1, most: 157_788_000 };

const APP_TYPES: Shape = Shape::OneOf(&[
    "native",
    "spa",
    "regular_web",
    "non_interactive",
    "resource_server",
    "express_configuration",
    "sso_integration",
    "rms",
    "box",
    "cloudbees",
    "concur",
    "dropbox",
    "mscrm",
    "echosign",
    "egnyte",
    "newrelic",
    "office365",
    "salesforce",
    "sentry",
    "sharepoint",
    "slack",
    "springcm",
    "zendesk",
    "zoom",
]);

const GRANT_TYPES: Shape = Shape::OneOf(&[
    "authorization_code",
    "client_credentials",
    "implicit",
    "password",
    "refresh_token",
    "http://auth0.com/oauth/grant-type/mfa-oob",
    "http://auth0.com/oauth/grant-type/mfa-otp",
    "http://auth0.com/oauth/grant-type/mfa-recovery-code",
    "http://auth0.com/oauth/grant-type/password-realm",
    "http://auth0.com/oauth/grant-type/passwordless/otp",
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:okta:params:oauth:grant-type:webauthn",
    "urn:openid:params:grant-type:ciba",
]);

const JWT_CONFIGURATION: &[Field] = &[
    field("lifetime_in_seconds", Shape::Integer { least: 1, most: 2_592_000 }),
    field("alg", Shape::OneOf(&["HS256", "PS256", "RS256", "RS512"])),
    field("secret_encoded", Shape::Flag),
    field("scopes", ANY_OBJECT),
];

const LOGOUT: &[Field] = &[
    field("backchannel_logout_urls", URIS),
    field("backchannel_logout_initiators", Shape::Object(INITIATORS)),
    field("backchannel_logout_session_metadata", ANY_OBJECT),
];
const INITIATORS: &[Field] = &[
    field("mode", Shape::OneOf(&["custom", "all"])),
    field("selected_initiators", Shape::List { of: &INITIATOR, most: 7 }),
];
const INITIATOR: Shape = Shape::OneOf(&[
    "rp-logout",
    "idp-logout",
    "password-changed",
    "session-expired",
    "session-revoked",
    "account-deleted",
    "email-identifier-changed",
]);

const REFRESH_TOKEN: &[Field] = &[
    field("rotation_type", Shape::OneOf(&["rotating", "non-rotating"])),
    field("expiration_type", Shape::OneOf(&["expiring", "non-expiring"])),
    field("leeway", Shape::Integer { least: 0, most: 157_788_000 }),
    field("token_lifetime", LIFETIME),
    field("idle_token_lifetime", LIFETIME),
    field("infinite_token_lifetime", Shape::Flag),
    field("infinite_idle_token_lifetime", Shape::Flag),
    field("policies", Shape::List { of: &Shape::Object(REFRESH_POLICY), most: 100 }),
];
const REFRESH_POLICY: &[Field] =
    &[field("audience", text(1, 600)).required(), field("scope", TEXTS)];

const MOBILE: &[Field] =
    &[field("android", Shape::Object(ANDROID)), field("ios", Shape::Object(IOS))];
const ANDROID: &[Field] = &[
    field("app_package_name", text(1, 256)),
    field("sha256_cert_fingerprints", Shape::List { of: &text(1, 128), most: 20 }),
];
const IOS: &[Field] =
    &[field("team_id", text(1, 64)), field("app_bundle_identifier", text(1, 256))];

const CREDENTIAL_IDS: &[Field] =
    &[field("credentials", Shape::List { of: &Shape::Object(CREDENTIAL_ID), most: 2 })];
const CREDENTIAL_ID: &[Field] = &[field("id", text(1, 64)).required()];

/// Usage of organizations.
const ORGANIZATION_USAGE: Shape = Shape::OneOf(&["deny", "allow", "require"]);

pub(super) const FIELDS: &[Field] = &[
    field("client_id", TEXT).read_only().required(),
    field("tenant", TEXT).read_only(),
    field("global", Shape::Flag).read_only(),
    // Tools that write back what they read send them along; they say nothing new.
    field("created_at", INSTANT),
    field("updated_at", INSTANT),
    field("encrypted", Shape::Flag).read_only(),
    field("callback_url_template", Shape::Flag).read_only(),
    field("client_secret", text(1, 1024)).secret(),
    field("name", NAME).required(),
    field("description", text(0, 140)),
    field("logo_uri", text(0, 2048)),
    field("app_type", APP_TYPES),
    field("is_first_party", Shape::Flag),
    field(
        "token_endpoint_auth_method",
        Shape::OneOf(&["none", "client_secret_post", "client_secret_basic"]),
    ),
    field(
        "client_authentication_methods",
        Shape::Object(&[field("private_key_jwt", Shape::Object(CREDENTIAL_IDS))]),
    ),
    field("grant_types", Shape::List { of: &GRANT_TYPES, most: 32 }),
    field("callbacks", URIS),
    field("allowed_logout_urls", URIS),
    field("allowed_origins", URIS),
    field("web_origins", URIS),
    field("jwt_configuration", Shape::Object(JWT_CONFIGURATION)),
    field("refresh_token", Shape::Object(REFRESH_TOKEN)),
    field("mobile", Shape::Object(MOBILE)),
    field("client_metadata", METADATA),
    field("skip_non_verifiable_callback_uri_confirmation_prompt", Shape::Flag),
    field("organization_usage", ORGANIZATION_USAGE),
    field("require_pushed_authorization_requests", Shape::Flag),
    field("require_proof_of_possession", Shape::Flag),
    field("oidc_logout", Shape::Object(LOGOUT)),
    field("default_organization", ANY_OBJECT),
    // Kept.
    field("addons", ANY_OBJECT).kept(),
    field("allowed_clients", TEXTS).kept(),
    field("anonymous_sessions", Shape::Any).kept(),
    field("async_approval_notification_channels", TEXTS).kept(),
    field("b2b_integration_configuration", Shape::Any).kept(),
    field("client_aliases", TEXTS).kept(),
    field("compliance_level", TEXT).kept(),
    field("cross_origin_auth", Shape::Flag).kept(),
    field("cross_origin_authentication", Shape::Flag).kept(),
    field("cross_origin_loc", TEXT).kept(),
    field("custom_login_page", TEXT).kept(),
    field("custom_login_page_on", Shape::Flag).kept(),
    field("custom_login_page_preview", TEXT).kept(),
    field("encryption_key", ANY_OBJECT).kept(),
    field("express_configuration", ANY_OBJECT).kept(),
    field("fedcm_login", Shape::Any).kept(),
    field("form_template", TEXT).kept(),
    field("identity_assertion_authorization_grant", Shape::Any).kept(),
    field("initiate_login_uri", TEXT).kept(),
    field("is_token_endpoint_ip_header_trusted", Shape::Flag).kept(),
    field("my_organization_configuration", Shape::Any).kept(),
    field("native_social_login", ANY_OBJECT).kept(),
    field("oidc_conformant", Shape::Flag).kept(),
    field("organization_discovery_methods", TEXTS).kept(),
    field(
        "organization_require_behavior",
        Shape::OneOf(&["no_prompt", "pre_login_prompt", "post_login_prompt"]),
    )
    .kept(),
    field("par_request_expiry", Shape::Integer { least: 10, most: 600 }),
    field("redirection_policy", Shape::Any).kept(),
    field("resource_server_identifier", text(1, 600)).create_only().kept(),
    field("session_transfer", ANY_OBJECT).kept(),
    field("signed_request_object", ANY_OBJECT).kept(),
    field("sso", Shape::Flag).kept(),
    field("sso_disabled", Shape::Flag).kept(),
    field("third_party_security_mode", Shape::OneOf(&["strict", "permissive"]))
        .create_only()
        .kept(),
    field("token_exchange", ANY_OBJECT).kept(),
    field("token_quota", Shape::Any).kept(),
    field("token_vault_privileged_access", Shape::Any).kept(),
];
