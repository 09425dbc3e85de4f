//! What OpenSSL, libxcrypt, Python's hashlib and the reference implementation of Argon2 computed.

use serde_json::{Value, json};

use super::*;
use crate::document::{Document, Flaws};
use crate::port::SystemRandom;
use crate::seal::MasterKey;

const PASSWORD: &str = "pässwörd";

fn read(user: &Value) -> Result<ImportedHash, Vec<String>> {
    let flaws = Flaws::default();
    let document = Document::of(user, "", &flaws).expect("an object");
    let found = read_bcrypt(&document).or_else(|| read_custom(&document));
    let flaws = flaws.into_vec();
    match found {
        Some(hash) if flaws.is_empty() => Ok(hash),
        _ => Err(flaws.into_iter().map(|flaw| format!("{} {}", flaw.code, flaw.path)).collect()),
    }
}

fn custom(algorithm: &str, hash: &Value) -> Value {
    json!({ "custom_password_hash": { "algorithm": algorithm, "hash": hash } })
}

fn text(algorithm: &str, value: &str) -> Value {
    custom(algorithm, &json!({ "value": value, "encoding": "utf8" }))
}

#[track_caller]
fn verifies(user: &Value, password: &str) {
    let hash = read(user).unwrap_or_else(|flaws| panic!("{flaws:?} in {user}"));
    assert!(hash.matches(password), "{user}");
    assert!(!hash.matches("password!"), "{user}");
    let stored = serde_json::to_string(&hash).expect("is JSON");
    assert_eq!(serde_json::from_str::<ImportedHash>(&stored).expect("is one"), hash);
}

#[test]
fn digests_with_salt_on_either_side() {
    for (algorithm, salted_before, salted_behind) in [
        ("md4", "f568839d7343cbaf7b689151a92d08f3", "LIpE26oMm-_k0MGfk95cYw=="),
        ("md5", "8848C5CB9B5D1EFCABD6526BAD56D2BA", "N34r2StfNZjAXugYD_AZrg"),
        ("sha1", "a045a351fdfe12aaf9bb4641000b815584c6b9ac", "QRNv9M4J+NvK32uv50rl36/89+I="),
        (
            "sha256",
            "0c6c72b51e990d8a66976ee61462d1a62c3e1618bf1b571c68c1730538cb84c2",
            "CQIWDRm9JfUiHqUQQfmRToi8PBa2Ulw8Xe_a2xvTgaw=",
        ),
        (
            "sha512",
            "dac9277607c38a1c50ea3564631bfc1e61c39fcff382968181bf42b9f6cbc520dcb15eb798e817a7ea14ea\
             48f1aec18fe076c876b5cea8d57a2338ec3553708b",
            "V-O6jTNqlnFnUs1nIFt8cgjj_hn8YeiP9OLdx_e6TTSDp_Dx0XypIFmVBzNpeTwGtyoRw64BurtdPukGNxdpiw==",
        ),
    ] {
        let mut user = custom(algorithm, &json!({ "value": salted_before, "encoding": "hex" }));
        user["custom_password_hash"]["salt"] = json!({ "value": "salt" });
        verifies(&user, PASSWORD);
        let mut user = custom(algorithm, &json!({ "value": salted_behind, "encoding": "base64" }));
        let salt = json!({ "value": "00FF", "encoding": "hex", "position": "suffix" });
        user["custom_password_hash"]["salt"] = salt;
        verifies(&user, PASSWORD);
    }
}

#[test]
fn passwords_in_other_encodings() {
    const UTF16: &str = "a8d2959f706e7a01c25cb411b383c48d434b9f9aacbf2740a6e8ecb27249ec6d";
    const LATIN1: &str = "0867ec9e47b8dba41b8b911df1bbbeac602b2e7fb28a90b334502f19e2da471d";
    for (encoding, value) in [
        ("utf16le", UTF16),
        ("ucs2", UTF16),
        ("latin1", LATIN1),
        ("binary", LATIN1),
        ("ascii", LATIN1),
    ] {
        let mut user = custom("sha256", &json!({ "value": value, "encoding": "hex" }));
        user["custom_password_hash"]["password"] = json!({ "encoding": encoding });
        verifies(&user, PASSWORD);
    }
}

#[test]
fn keyed_hashes() {
    for (digest, value) in [
        ("md4", "be5c0db8c78ffe89e4d7157dfbbe503c"),
        ("md5", "4d9efd872c558fa8abcb4ec2f2299f2c"),
        ("ripemd160", "a677fc3c4e306d77c81ad2e7108381a486fdbdf2"),
        ("sha1", "1838b15a8f6c301f1ce08121eb248307edf1d02e"),
        ("sha224", "83552a594c654daf0a404aaa1db8592a36dda8f7d1ce477978ecf93b"),
        ("sha256", "ee350bb56d0aa7f17ebff2d7316a0f3b692c932a2926cdac17a848d13646ae8b"),
        (
            "sha384",
            "db3241c8970f4f05ad704db9baacf5a8190948fa101ea46445143513bd4b1e591cae68f298d51004c1509c\
             1c2b9a5a4f",
        ),
        (
            "sha512",
            "8fea60d646e0c9cadcdc5e6571343979e8484fbec99d6e0f762d0f32b8867e22a2e38538a799c9b52a2774\
             eba1897dda1ec20dd3f4dab0f1c4707e38735628e1",
        ),
        (
            "whirlpool",
            "4899ea5b6182c297bd5ca952f52537bda1017ec9d7c524a8fb5543f74e3be2751809b0d088114252cce892\
             bb1161ef55e3314a3e3007daf4e93a6f1c744739a8",
        ),
    ] {
        for key in [json!({ "value": "key" }), json!({ "value": "6b6579", "encoding": "hex" })] {
            let hash = json!({ "value": value, "encoding": "hex", "digest": digest, "key": key });
            verifies(&custom("hmac", &hash), PASSWORD);
        }
    }
}

#[test]
fn directory_schemes() {
    for value in [
        "{SHA}9Rfd8dMqES/xrVXGbRsSyzjn6Pc=",
        "{SSHA}XUON4tG7MuuA1bGfueFMxZuyniFOYUNs",
        "{SHA256}RpcL73Cs7YEj8NXQlHF+KlzUEgQeA7JjdgSf5lsoNKQ=",
        "{ssha256}HPpvL26CrI0/JSc4vH0tNSYm8MOWrrofLaESEvp4sphOYUNs",
        "{SHA384}geR2CYCBTPOLgGmaHaYZ1wbatWbqPXZX9b2wQ4qiyTFKzybjcgEjJMc4WARyDMcz",
        "{SSHA384}hReLgRn4n/PwdAEtf0bt/5ojxmW8rGBjlrtl188Wj1f7ue0r8fYDssEj97BOaTZaTmFDbA==",
        "{SHA512}csf+G9M7eFdGqclPm4DSWRzTjzwTyKpD91N/MqKoxfm10c7ha2nwIS4OOalNg/V7zzomuud2AHzrsB8NYxEnPg==",
        "{SSHA512}HOR2cuO00w83NSERsvFof8GkX7cdb4iRaVOtwP2CF7nl8vPKBreN571kRTExP1SUS/rcUDLvNkkc6ufPq2OUyk5hQ2w=",
        "{SSHA224}G7/uhIDwjB4Yymu6lMjf7Y21dP3fV7oHXCyE/E5hQ2w=",
        "{MD5}EoQeS6XjfS+/x4RYxnFK3g==",
        "{SMD5}xgYKZefBtFpKzFDBXPBznU5hQ2w=",
    ] {
        verifies(&text("ldap", value), PASSWORD);
    }
    for wrong in ["{CRYPT}abc", "{SSHA}9Rfd8dMqES/xrVXGbRsSyzjn6Pc=", "{SHA}AAAA", "plain"] {
        assert_eq!(read(&text("ldap", wrong)).unwrap_err().len(), 1, "{wrong}");
    }
}

#[test]
fn pbkdf2_with_its_parameters_and_without() {
    for value in [
        "$pbkdf2-sha1$i=1000,l=64$c2FsdHNhbHQ$0/6J2VMv+SOLIARd0/98W00JQFSx59ABS73TYiVXOMdVrWE6au0qiDV9TU1MeFZnGP0ntPlHtX+/1zxP2QNp1Q",
        "$pbkdf2-sha256$i=1000,l=64$c2FsdHNhbHQ$48x5uCaVNWWLVkyLaRqhNAqjN+vMTFM9KOF0XuPOdR2Cnk62X3kpkhA3T/T3IAa/7FHva+Yt7ge9ilXLr/nFUw",
        "$pbkdf2-sha512$l=64,i=1000$c2FsdHNhbHQ$Io/28Z6ADS7kE385B3WJlUfFQh97WSTmbCrwR9ityWwa76UY6wJtcXTeEOysvEKWVCMfSCA8YyFT6P/14/OZ5w",
        "$pbkdf2-ripemd160$i=1000,l=64$c2FsdHNhbHQ$N4ALj0a3ZaheW9XyvUavDPeMWlTaArJF1HFaoZPq1rCUTpeyW5onGhGKxM5p8oE5EWI2+u/IFRsw2XI3IRRBMg",
        "$pbkdf2-whirlpool$i=1000,l=64$c2FsdHNhbHQ$5WxOjkPZhSJCAZNlbFEvUS0gbkEnkogJRnCRcV3ncBSODfmA2INF1V+bHx4ZfZPQCM+egjx0KqSXEDoM5voQvQ",
        "$pbkdf2-RSA-SHA256$c2FsdHNhbHQ$b3loQnHSnfkHdUX1n7R+Tipv0oeaO6AamJsLFL+1ajOz0o55xeRZJi6SZjuZPsYYCDEouQnNg+6ecB3pQXyv2Q",
    ] {
        verifies(&text("pbkdf2", value), PASSWORD);
    }
}

#[test]
fn scrypt_with_its_parameters_and_without() {
    let value = "af2f3b397586f3b0c48f91fe3eb7dc686f681c11da89d7350a408d9230b3633af600453be728145084688a\
                 4d866cc17d4886b10ee7d08ced7c42280203172263";
    let mut user = custom("scrypt", &json!({ "value": value, "encoding": "hex", "keylen": 64 }));
    user["custom_password_hash"]["salt"] = json!({ "value": "c2FsdA", "encoding": "base64" });
    verifies(&user, PASSWORD);
    let hash = json!({
        "value": "iohlr6hJYfqwoZ1J89K58swc71ghnCoUPI0i+upgT/c=", "encoding": "base64",
        "keylen": 32, "cost": 1024, "blockSize": 4, "parallelization": 2,
    });
    verifies(&custom("scrypt", &hash), PASSWORD);
}

#[test]
fn bcrypt_of_all_prefixes() {
    const REST: &str = "$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC";
    for prefix in ["$2a", "$2b"] {
        verifies(&json!({ "password_hash": format!("{prefix}{REST}") }), PASSWORD);
    }
    for prefix in ["$2a", "$2b", "$2y"] {
        verifies(&text("bcrypt", &format!("{prefix}{REST}")), PASSWORD);
    }
    for prefix in ["$2", "$2x", "$3"] {
        let wrong = read(&text("bcrypt", &format!("{prefix}{REST}")));
        assert_eq!(wrong.unwrap_err(), ["INVALID_FORMAT custom_password_hash.hash.value"]);
    }
    let wrong = read(&json!({ "password_hash": format!("$2y{REST}") }));
    assert_eq!(wrong.unwrap_err(), ["INVALID_FORMAT password_hash"]);
}

/// The salt counts towards the 72 bytes that bcrypt looks at.
#[test]
fn bcrypt_with_a_salt() {
    let mut user = text("bcrypt", "$2b$04$abcdefghijklmnopqrstuum/ojPWKTs0Gd1OF1Vjj7Lz0.SMT26r6");
    user["custom_password_hash"]["salt"] = json!({ "value": "salt" });
    verifies(&user, PASSWORD);
    let mut user = text("bcrypt", "$2b$04$abcdefghijklmnopqrstuuNN0TkFZOhiiGGXmXPKwE5NjJ9Z84E0y");
    user["custom_password_hash"]["salt"] = json!({ "value": "salt", "position": "suffix" });
    verifies(&user, &"x".repeat(70));
    assert!(!read(&user).unwrap().matches(&"x".repeat(71)));
}

#[test]
fn argon2_of_both_versions() {
    for value in [
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
        "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
    ] {
        verifies(&text("argon2", value), "password");
    }
}

#[test]
fn what_costs_too_much_is_refused() {
    const AT: &str = "INVALID_FORMAT custom_password_hash.hash.value";
    let b64 = |bytes: usize| STANDARD_NO_PAD.encode(vec![7; bytes]);
    let (salt, key) = (b64(8), b64(32));
    for (algorithm, value) in [
        ("argon2", format!("$argon2id$v=19$m=4194304,t=1,p=1${salt}${key}")),
        ("argon2", format!("$argon2id$v=19$m=262144,t=5,p=1${salt}${key}")),
        ("argon2", format!("$argon2id$v=19$m=8,t=4294967295,p=1${salt}${key}")),
        ("bcrypt", "$2b$31$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC".to_owned()),
        ("bcrypt", "$2b$15$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC".to_owned()),
        ("pbkdf2", format!("$pbkdf2-sha256$i=4294967295,l=32${salt}${key}")),
        ("pbkdf2", format!("$pbkdf2-sha1$i=4000000,l=32${salt}${key}")),
        ("pbkdf2", format!("$pbkdf2-sha1$i=1,l=1000${salt}${}", b64(1000))),
    ] {
        assert_eq!(read(&text(algorithm, &value)).unwrap_err(), [AT], "{value}");
    }
    for (cost, block, at_once) in [(1 << 30, 8, 1), (1 << 18, 16, 1), (1 << 14, 8, 100)] {
        let hash = json!({
            "value": "00", "encoding": "hex", "keylen": 1, "cost": cost, "blockSize": block,
            "parallelization": at_once,
        });
        let wrong = read(&custom("scrypt", &hash)).unwrap_err();
        assert_eq!(wrong, ["MAXIMUM custom_password_hash.hash.cost"], "{hash}");
    }
}

#[test]
fn what_is_malformed_is_told_with_its_place() {
    let md5 = "8848c5cb9b5d1efcabd6526bad56d2ba";
    for (wrong, flaws) in [
        (
            json!({ "algorithm": "md6", "hash": { "value": md5, "encoding": "hex" } }),
            vec!["ENUM_MISMATCH algorithm"],
        ),
        (json!({ "hash": {} }), vec!["MISSING_REQUIRED_PROPERTY algorithm"]),
        (json!({ "algorithm": "md5" }), vec!["MISSING_REQUIRED_PROPERTY hash"]),
        (json!({ "algorithm": "md5", "hash": 1 }), vec!["OBJECT_REQUIRED hash"]),
        (
            json!({ "algorithm": "md5", "hash": {} }),
            vec!["MISSING_REQUIRED_PROPERTY hash.encoding", "MISSING_REQUIRED_PROPERTY hash.value"],
        ),
        (
            json!({ "algorithm": "md5", "hash": { "value": "00", "encoding": "hex" } }),
            vec!["INVALID_FORMAT hash.value"],
        ),
        (
            json!({ "algorithm": "md5", "hash": { "value": md5, "encoding": "utf8" } }),
            vec!["ENUM_MISMATCH hash.encoding"],
        ),
        (
            json!({
                "algorithm": "md5", "hash": { "value": md5, "encoding": "hex" },
                "salt": { "value": "zz", "encoding": "hex", "position": "middle", "x": 1 },
            }),
            vec![
                "ENUM_MISMATCH salt.position",
                "OBJECT_ADDITIONAL_PROPERTIES salt.x",
                "INVALID_FORMAT salt.value",
            ],
        ),
        (
            json!({ "algorithm": "ldap", "hash": { "value": "{SHA}9Rfd8dMqES/xrVXGbRsSyzjn6Pc=" },
            "salt": { "value": "x" } }),
            vec!["NOT_PASSED salt"],
        ),
        (
            json!({ "algorithm": "scrypt", "hash": { "value": "00", "encoding": "hex" } }),
            vec!["MISSING_REQUIRED_PROPERTY hash.keylen"],
        ),
        (
            json!({ "algorithm": "hmac", "hash": { "value": md5, "encoding": "hex" } }),
            vec!["MISSING_REQUIRED_PROPERTY hash.digest", "MISSING_REQUIRED_PROPERTY hash.key"],
        ),
    ] {
        let user = json!({ "custom_password_hash": wrong });
        let told = read(&user).unwrap_err();
        let told: Vec<_> =
            told.iter().map(|flaw| flaw.replace("custom_password_hash.", "")).collect();
        assert_eq!(told, flaws, "{user}");
    }
}

#[test]
fn what_is_stored_opens_for_its_user_alone_and_shows_nothing() {
    let hash = read(&text("ldap", "{SHA}9Rfd8dMqES/xrVXGbRsSyzjn6Pc=")).expect("is one");
    let sealer = Sealer::new(&MasterKey::generate(&SystemRandom)).expect("keys derive");
    let (tenant, user) = (TenantId::from_raw("t"), UserId::from_raw("auth0|1"));
    let stored = hash.seal(&tenant, &user, &sealer, &SystemRandom).expect("seals");
    assert!(ImportedHash::is_one(&stored) && !stored.contains('$') && !stored.contains("9Rfd8"));
    assert_eq!(ImportedHash::open(&stored, &tenant, &user, &sealer).expect("opens"), Some(hash));
    let other = UserId::from_raw("auth0|2");
    assert!(ImportedHash::open(&stored, &tenant, &other, &sealer).is_err());
    let own = "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA";
    assert_eq!(ImportedHash::open(own, &tenant, &user, &sealer).expect("is none"), None);
}
