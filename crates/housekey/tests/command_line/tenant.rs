//! `housekey tenant`: limits, factors, providers.

use super::with_tenant;

#[test]
fn limits_are_shown_and_set_one_by_one() {
    let folder = with_tenant("limits");
    let limits = "tenant limits --config housekey.toml --tenant acme --json";
    assert_eq!(folder.json(limits, "")["tenant_writes_per_second"], 25);
    let changed = folder.json(&format!("{limits} --tenant-writes 10 --person-reads 0"), "");
    assert_eq!(changed["tenant_writes_per_second"], 10);
    assert_eq!(changed["user_reads_per_minute"], 0);
    assert_eq!(changed["tenant_reads_per_second"], 25, "the rest stays");
    assert_eq!(folder.json(limits, ""), changed);
    assert_eq!(changed["log_retention_days"], 30);
    let changed = folder.json(&format!("{limits} --log-days 7"), "");
    assert_eq!(changed["log_retention_days"], 7);
    assert_eq!(changed["tenant_writes_per_second"], 10, "the rest stays");
}

#[test]
fn factors_are_switched_on_and_off() {
    let folder = with_tenant("factors");
    let factors = "tenant factors --config housekey.toml --tenant acme --json";
    assert_eq!(folder.json(factors, ""), serde_json::json!(["otp", "email", "recovery-code"]));
    let changed = folder.json(&format!("{factors} --on sms,push-notification --off email"), "");
    let expected = serde_json::json!(["otp", "sms", "push-notification", "recovery-code"]);
    assert_eq!(changed, expected);
    assert_eq!(folder.json(factors, ""), expected);
    let told = folder.refused(&format!("{factors} --on telepathy"), &[]);
    assert!(told.contains("telepathy is no factor"), "{told}");
}

#[test]
fn a_phone_provider_is_kept_sealed() {
    let folder = with_tenant("phone-provider");
    let provider = |rest: &str| {
        let (which, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let line = format!("tenant phone-provider {which} --config housekey.toml --tenant acme");
        format!("{line} {rest}").trim_end().to_owned()
    };
    let token = "a-secret-token-of-twilio";
    folder.done(&provider("twilio --sid AC1 --from +12025550100"), &format!("{token}\n"));
    let database = std::fs::read(folder.0.join("housekey.db")).expect("there is a database");
    let holds = |text: &str| database.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("+12025550100") && !holds(token));
    let told = folder.refused(&provider("webhook --url https://sms.acme.example/"), &[]);
    assert!(told.contains("standard input has no credential"), "{told}");
    folder.done(&provider("webhook --url https://sms.acme.example/ --no-voice"), "whsec_YWJj");
    folder.done(&provider("default-country 49"), "");
    let told = folder.refused(&provider("default-country +49"), &[]);
    assert!(told.contains("no calling code"), "{told}");
    folder.done(&provider("none"), "");
}

#[test]
fn push_providers_stand_beside_each_other_and_are_kept_sealed() {
    let folder = with_tenant("push-provider");
    let provider =
        |which: &str| format!("tenant push-provider {which} --config housekey.toml --tenant acme");
    let secret = "a-private-key-of-google";
    let told = folder.done(&provider("fcm"), &format!("{{\"private_key\":\"{secret}\"}}"));
    assert!(told.contains("through FCM"), "{told}");
    let apns = format!("{} --bundle-id app --team-id team --key-id key", provider("apns"));
    assert!(folder.done(&apns, "-----BEGIN").contains("through FCM and APNs"));
    let database = std::fs::read(folder.0.join("housekey.db")).expect("there is a database");
    assert!(!database.windows(secret.len()).any(|part| part == secret.as_bytes()));
    let webhook = format!("{} --url https://push.acme.example/", provider("webhook"));
    assert!(folder.done(&webhook, "whsec_YWJj").contains("webhook"));
    assert!(folder.done(&provider("none"), "").contains("no push provider"));
}
