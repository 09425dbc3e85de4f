//! `/attack-protection` and `/anomaly` (contract 05 §17).

mod kept;

use housekey_core::guard::IpRange;
use housekey_core::manage::ManageError;
use housekey_core::manage::anomaly::{find, remove};
use housekey_core::tenant::TenantSettings;
use housekey_core::tenant::protection::{BruteForce, Shield, Stage, SuspiciousIp};
use http::StatusCode;
use serde_json::{Value, json};

use super::Reply;
use super::body::{Members, Sent, refused};
use super::operation::{Operation, delete, get, patch};
use super::setting::{Context, change, show};
use super::shape::{Field, Shape, field, text};

pub(super) use self::kept::OPERATIONS as KEPT;

const READ: &[&str] = &["read:attack_protection"];
const UPDATE: &[&str] = &["update:attack_protection"];

const ALLOWLIST: Shape = Shape::List { of: &text(1, 64), most: 100 };
const BRUTE_FORCE: &[Field] = &[
    field("enabled", Shape::Flag),
    field("shields", Shape::List { of: &Shape::OneOf(&["block", "user_notification"]), most: 2 }),
    field("allowlist", ALLOWLIST),
    field("mode", Shape::OneOf(&["count_per_identifier", "count_per_identifier_and_ip"])),
    field("max_attempts", Shape::Integer { least: 1, most: 100 }),
];
const SUSPICIOUS_IP: &[Field] = &[
    field("enabled", Shape::Flag),
    field("shields", Shape::List { of: &Shape::OneOf(&["block", "admin_notification"]), most: 2 }),
    field("allowlist", ALLOWLIST),
    field(
        "stage",
        Shape::Object(&[
            field("pre-login", Shape::Object(PRE_LOGIN)),
            field("pre-user-registration", Shape::Object(PRE_REGISTRATION)),
            field("pre-custom-token-exchange", Shape::Object(PRE_REGISTRATION)),
        ]),
    ),
];
const PRE_LOGIN: &[Field] = &[
    field("max_attempts", Shape::Integer { least: 1, most: 2500 }),
    field("rate", Shape::Integer { least: 34_560, most: 86_400_000 }),
];
const PRE_REGISTRATION: &[Field] = &[
    field("max_attempts", Shape::Integer { least: 1, most: 72_000 }),
    field("rate", Shape::Integer { least: 1200, most: 86_400_000 }),
];

const BRUTE_FORCE_PATH: &str = "attack-protection/brute-force-protection";
const SUSPICIOUS_IP_PATH: &str = "attack-protection/suspicious-ip-throttling";

pub(super) const OPERATIONS: &[Operation] = &[
    get(BRUTE_FORCE_PATH, READ, "How guessing a password is slowed down", |ask| {
        Box::pin(async move { Ok(show(&ask, brute_force)) })
    })
    .answers(200, &Shape::Object(BRUTE_FORCE)),
    patch(BRUTE_FORCE_PATH, UPDATE, "Say how guessing a password is slowed down", |ask| {
        Box::pin(change(ask, BRUTE_FORCE_PATH, set_brute_force, brute_force))
    })
    .changes(BRUTE_FORCE)
    .answers(200, &Shape::Object(BRUTE_FORCE)),
    get(SUSPICIOUS_IP_PATH, READ, "How addresses that try many are slowed down", |ask| {
        Box::pin(async move { Ok(show(&ask, suspicious_ip)) })
    })
    .answers(200, &Shape::Object(SUSPICIOUS_IP)),
    patch(SUSPICIOUS_IP_PATH, UPDATE, "Say how such addresses are slowed down", |ask| {
        Box::pin(change(ask, SUSPICIOUS_IP_PATH, set_suspicious_ip, suspicious_ip))
    })
    .changes(SUSPICIOUS_IP)
    .answers(200, &Shape::Object(SUSPICIOUS_IP)),
    get(
        "anomaly/blocks/ips/{ip}",
        &["read:anomaly_blocks"],
        "Whether an address is blocked",
        |ask| {
            Box::pin(async move {
                find(ask.app, ask.call, ask.id()).await?;
                Ok(Reply::bare(StatusCode::OK))
            })
        },
    )
    .answers_nothing(200),
    delete("anomaly/blocks/ips/{ip}", &["delete:anomaly_blocks"], "Unblock an address", |ask| {
        Box::pin(async move {
            remove(ask.app, ask.call, &ask.operator, ask.id()).await?;
            Ok(Reply::gone())
        })
    }),
];

fn brute_force(settings: &TenantSettings) -> Value {
    json!(settings.attack_protection.brute_force)
}

fn set_brute_force(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let (own, default) = (&mut settings.attack_protection.brute_force, BruteForce::default());
    body.set("enabled", &mut own.enabled, default.enabled)?;
    body.set("mode", &mut own.mode, default.mode)?;
    body.set("max_attempts", &mut own.max_attempts, default.max_attempts)?;
    set_shields(&mut body, &mut own.shields, default.shields)?;
    set_allowlist(&mut body, &mut own.allowlist)
}

fn suspicious_ip(settings: &TenantSettings) -> Value {
    let own = &settings.attack_protection.suspicious_ip;
    json!({
        "enabled": own.enabled,
        "shields": own.shields,
        "allowlist": own.allowlist,
        "stage": {
            "pre-login": own.pre_login,
            "pre-user-registration": own.pre_user_registration,
            "pre-custom-token-exchange": own.pre_custom_token_exchange,
        },
    })
}

fn set_suspicious_ip(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let (own, default) = (&mut settings.attack_protection.suspicious_ip, SuspiciousIp::default());
    body.set("enabled", &mut own.enabled, default.enabled)?;
    set_shields(&mut body, &mut own.shields, default.shields)?;
    set_allowlist(&mut body, &mut own.allowlist)?;
    let mut stages = match body.object("stage")? {
        Sent::Nothing => return Ok(()),
        Sent::Null => {
            own.pre_login = default.pre_login;
            own.pre_user_registration = default.pre_user_registration;
            own.pre_custom_token_exchange = default.pre_custom_token_exchange;
            return Ok(());
        }
        Sent::Value(stages) => stages,
    };
    let each: [(&str, &mut Stage, Stage); 3] = [
        ("pre-login", &mut own.pre_login, default.pre_login),
        ("pre-user-registration", &mut own.pre_user_registration, default.pre_user_registration),
        (
            "pre-custom-token-exchange",
            &mut own.pre_custom_token_exchange,
            default.pre_custom_token_exchange,
        ),
    ];
    for (name, stage, default) in each {
        match stages.object(name)? {
            Sent::Nothing => {}
            Sent::Null => *stage = default,
            Sent::Value(mut sent) => {
                sent.set("max_attempts", &mut stage.max_attempts, default.max_attempts)?;
                sent.set("rate", &mut stage.rate, default.rate)?;
            }
        }
    }
    Ok(())
}

fn set_shields(
    body: &mut Members,
    place: &mut Vec<Shield>,
    default: Vec<Shield>,
) -> Result<(), ManageError> {
    body.set("shields", place, default)?;
    place.dedup();
    Ok(())
}

fn set_allowlist(body: &mut Members, place: &mut Vec<String>) -> Result<(), ManageError> {
    let mut ranges = place.clone();
    body.set("allowlist", &mut ranges, Vec::new())?;
    if let Some(at) = ranges.iter().position(|range| IpRange::parse(range).is_none()) {
        let reason = "It is neither an address nor a network such as 192.0.2.0/24";
        return Err(refused(reason, &format!("allowlist.{at}")));
    }
    *place = ranges;
    Ok(())
}
