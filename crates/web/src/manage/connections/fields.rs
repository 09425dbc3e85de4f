//! The members of a connection (contract 05 §8).

use super::super::shape::{ANY_OBJECT, Field, METADATA, Shape, TEXT, field, text};

pub(super) const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("name", text(1, 128)).required(),
    field("strategy", text(1, 64)).required(),
    field("display_name", text(1, 128)),
    // Other providers' secrets are among them.
    field("options", ANY_OBJECT).secret(),
    field("enabled_clients", Shape::List { of: &text(1, 64), most: 1000 }),
    field("realms", Shape::List { of: &text(1, 128), most: 10 }),
    field("metadata", METADATA),
    field("authentication", Shape::Object(&[field("active", Shape::Flag).required()])),
    field("connected_accounts", ANY_OBJECT).kept(),
    field("cross_app_access_requesting_app", ANY_OBJECT).kept(),
    field("cross_app_access_resource_app", ANY_OBJECT).kept(),
    field("is_domain_connection", Shape::Flag).kept(),
    field("show_as_button", Shape::Flag).kept(),
];

const SWITCH: Shape = Shape::Open(&[field("enabled", Shape::Flag)]);
const OLD_SWITCH: Shape = Shape::Open(&[field("enable", Shape::Flag)]);
const WORDS: Shape = Shape::List { of: &text(0, 50), most: 200 };
const REPETITION: Shape = Shape::OneOf(&["allow", "block"]);

/// What is known of the options of a database connection; others are kept.
pub(super) const DATABASE_OPTIONS: &[Field] = &[
    field(
        "authentication_methods",
        Shape::Open(&[
            field(
                "password",
                Shape::Open(&[
                    field("enabled", Shape::Flag),
                    field("api_behavior", Shape::OneOf(&["required", "optional"])),
                    field("signup_behavior", Shape::OneOf(&["allow", "block"])),
                ]),
            ),
            field("passkey", SWITCH),
            field("email_otp", SWITCH),
            field("phone_otp", SWITCH),
        ]),
    ),
    field(
        "passkey_options",
        Shape::Open(&[
            field("challenge_ui", Shape::OneOf(&["both", "autofill", "button"])),
            field("progressive_enrollment_enabled", Shape::Flag),
            field("local_enrollment_enabled", Shape::Flag),
        ]),
    ),
    field("passwordPolicy", Shape::OneOf(&["none", "low", "fair", "good", "excellent"])),
    field(
        "password_complexity_options",
        Shape::Open(&[field("min_length", Shape::Integer { least: 1, most: 128 })]),
    ),
    field(
        "password_history",
        Shape::Open(&[
            field("enable", Shape::Flag),
            field("size", Shape::Integer { least: 0, most: 24 }),
        ]),
    ),
    field("password_no_personal_info", OLD_SWITCH),
    field(
        "password_dictionary",
        Shape::Open(&[field("enable", Shape::Flag), field("dictionary", WORDS)]),
    ),
    field("password_options", Shape::Object(PASSWORD_OPTIONS)),
    field("requires_username", Shape::Flag),
    field("disable_signup", Shape::Flag),
    field("disable_self_service_change_password", Shape::Flag),
    field("brute_force_protection", Shape::Flag),
    field("import_mode", Shape::Flag),
    field("enabledDatabaseCustomization", Shape::Flag),
    field(
        "attributes",
        Shape::Object(&[
            field("email", Shape::Open(ATTRIBUTE)),
            field("phone_number", Shape::Open(ATTRIBUTE)),
            field("username", Shape::Open(ATTRIBUTE)),
        ]),
    ),
    field(
        "precedence",
        Shape::List { of: &Shape::OneOf(&["email", "phone_number", "username"]), most: 3 },
    ),
    field("validation", Shape::Open(&[field("username", Shape::Open(LENGTHS))])),
    field("customScripts", ANY_OBJECT),
    field("configuration", ANY_OBJECT),
];

const LENGTH: Shape = Shape::Integer { least: 1, most: 128 };
const LENGTHS: &[Field] = &[
    field("min", LENGTH),
    field("max", LENGTH),
    field("min_length", LENGTH),
    field("max_length", LENGTH),
    field(
        "allowed_types",
        Shape::Open(&[field("email", Shape::Flag), field("phone_number", Shape::Flag)]),
    ),
];
const ATTRIBUTE: &[Field] = &[
    field(
        "identifier",
        Shape::Open(&[
            field("active", Shape::Flag),
            field("default_method", Shape::OneOf(&["password", "email_otp", "phone_otp"])),
        ]),
    ),
    field("profile_required", Shape::Flag),
    field(
        "signup",
        Shape::Open(&[
            field("status", Shape::OneOf(&["required", "optional", "inactive"])),
            field("verification", Shape::Open(&[field("active", Shape::Flag)])),
        ]),
    ),
    field("unique", Shape::Flag),
    field("verification_method", Shape::OneOf(&["link", "otp"])),
    field("validation", Shape::Open(LENGTHS)),
];

const PASSWORD_OPTIONS: &[Field] = &[
    field(
        "complexity",
        Shape::Object(&[
            field("min_length", Shape::Integer { least: 1, most: 72 }),
            field(
                "character_types",
                Shape::List {
                    of: &Shape::OneOf(&["uppercase", "lowercase", "number", "special"]),
                    most: 4,
                },
            ),
            field("character_type_rule", Shape::OneOf(&["all", "three_of_four"])),
            field("identical_characters", REPETITION),
            field("sequential_characters", REPETITION),
            field("max_length_exceeded", Shape::OneOf(&["truncate", "error"])),
        ]),
    ),
    field(
        "history",
        Shape::Object(&[
            field("active", Shape::Flag),
            field("size", Shape::Integer { least: 1, most: 24 }),
        ]),
    ),
    field(
        "dictionary",
        Shape::Object(&[
            field("active", Shape::Flag),
            field("default", Shape::OneOf(&["en_10k", "en_100k"])),
            field("custom", WORDS),
        ]),
    ),
    field(
        "profile_data",
        Shape::Object(&[
            field("active", Shape::Flag),
            field("blocked_fields", Shape::List { of: &text(1, 100), most: 12 }),
        ]),
    ),
];
