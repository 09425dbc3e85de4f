//! Passkeys that are not enrolled, and why.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::passkey::{Attestation, Authenticator, Flags, KeyKind};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::passkey::{Begun, ORIGIN, add};

async fn start(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.passkeys().start().await
}

type Change = (&'static str, fn(&mut Authenticator));

/// What makes a registration wrong, and the words it is refused with.
const WRONG: [Change; 10] = [
    ("the origin is not allowed", |own| own.origin = "https://acme.example.evil.example".into()),
    ("the origin is not allowed", |own| own.origin = "http://acme.example".into()),
    ("the origin is not allowed", |own| own.origin = "android:apk-key-hash:AAAA".into()),
    ("the ceremony ran in a cross-origin frame", |own| own.cross_origin = true),
    ("the relying party id does not match", |own| own.rp_id = Some("evil.example".into())),
    ("the user was not present", |own| own.flags.up = false),
    ("the backup flags are inconsistent", |own| own.flags.bs = true),
    ("the attestation statement does not verify", |own| {
        own.attestation = Attestation::NoneWithStatement;
    }),
    ("the attestation statement does not verify", |own| {
        own.attestation = Attestation::SelfSignedWrongly;
    }),
    ("authenticatorData is malformed", |own| own.credential_id = vec![1; 1024]),
];

async fn each_wrong_step_is_named(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    for (text, change) in WRONG {
        let begun = Begun::new(&user).await;
        let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
        change(&mut authenticator);
        let mut response = authenticator.create(&begun.options);
        response["id"] = "AQID".into();
        response["rawId"] = "AQID".into();
        if text != "authenticatorData is malformed" {
            response = authenticator.create(&begun.options);
        }
        let reply = user.verify("passkey|new", &begun.proof(&response)).await.expect(400);
        assert!(reply.text("/type").ends_with("A0E-400-0001"), "{}", reply.body);
        assert_eq!(reply.text("/detail"), format!("The passkey was refused: {text}."));
    }
    assert_eq!(user.method_ids().await.len(), 1, "the password alone");
}

async fn a_key_that_was_not_offered_is_refused(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let begun = Begun::new(&user).await;
    let mut authenticator = Authenticator::new(KeyKind::Es384, 1, ORIGIN);
    let proof = begun.proof(&authenticator.create(&begun.options));
    let reply = user.verify("passkey|new", &proof).await.expect(400);
    assert_eq!(reply.text("/detail"), "The passkey was refused: the algorithm was not offered.");
}

async fn without_user_verification_it_is_enrolled(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    authenticator.flags = Flags { up: true, uv: false, be: false, bs: false };
    let method = add(&app, &user, &mut authenticator).await;
    assert_eq!(method["credential_device_type"], "single_device");
}

async fn a_challenge_is_answered_once_and_in_time(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let begun = Begun::new(&user).await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    let proof = begun.proof(&authenticator.create(&begun.options));
    let _ = user.verify("passkey|new", &proof).await.expect(201);
    app.messages().await;
    let _ = user.verify("passkey|new", &proof).await.expect(409);

    // The same answer in another session: another challenge.
    let again = Begun::new(&user).await;
    let replayed = again.proof(&proof["authn_response"]);
    let reply = user.verify("passkey|new", &replayed).await.expect(400);
    assert_eq!(reply.text("/detail"), "The passkey was refused: the challenge does not match.");

    let mut other = Authenticator::new(KeyKind::EdDsa, 2, ORIGIN);
    let late = again.proof(&other.create(&again.options));
    app.clock().advance(600);
    let user = app.sign_in_as(EMAIL, "spa", &format!("openid {ME}")).await;
    let reply = user.verify("passkey|new", &late).await.expect(403);
    assert_eq!(reply.text("/detail"), "The enrollment has expired.");
}

async fn ten_wrong_answers_void_the_session(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let begun = Begun::new(&user).await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, "https://evil.example");
    let proof = begun.proof(&authenticator.create(&begun.options));
    for _ in 0..10 {
        let _ = user.verify("passkey|new", &proof).await.expect(400);
    }
    ORIGIN.clone_into(&mut authenticator.origin);
    let right = begun.proof(&authenticator.create(&begun.options));
    let _ = user.verify("passkey|new", &right).await.expect(429);
}

async fn a_session_is_its_own_users_and_clients(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    app.person("other@example.com").await;
    let scope = format!("openid {ME}");
    let other = app.sign_in_as("other@example.com", "spa", &scope).await;
    let through_web = app.sign_in_as(EMAIL, "web", &scope).await;
    let begun = Begun::new(&user).await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    let proof = begun.proof(&authenticator.create(&begun.options));
    for stranger in [&other, &through_web] {
        let reply = stranger.verify("passkey|new", &proof).await.expect(403);
        assert_eq!(reply.text("/detail"), "The enrollment has expired.");
    }
    let _ = user.verify("passkey|new", &proof).await.expect(201);
    app.messages().await;
}

async fn a_credential_is_enrolled_once(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", "spa", &format!("openid {ME}")).await;
    add(&app, &user, &mut Authenticator::new(KeyKind::EdDsa, 1, ORIGIN)).await;
    for somebody in [&user, &other] {
        let begun = Begun::new(somebody).await;
        let mut copy = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
        let proof = begun.proof(&copy.create(&begun.options));
        let reply = somebody.verify("passkey|new", &proof).await.expect(409);
        assert!(reply.text("/type").ends_with("A0E-409-0003"), "{}", reply.body);
    }
}

async fn rivals_with_one_session_make_one_passkey(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let begun = Begun::new(&user).await;
    let proofs: Vec<Value> = (1..=6)
        .map(|number| {
            let mut authenticator = Authenticator::new(KeyKind::EdDsa, number, ORIGIN);
            begun.proof(&authenticator.create(&begun.options))
        })
        .collect();
    let (one, two, three, four, five, six) = tokio::join!(
        user.verify("passkey|new", &proofs[0]),
        user.verify("passkey|new", &proofs[1]),
        user.verify("passkey|new", &proofs[2]),
        user.verify("passkey|new", &proofs[3]),
        user.verify("passkey|new", &proofs[4]),
        user.verify("passkey|new", &proofs[5]),
    );
    let statuses: Vec<_> =
        [one, two, three, four, five, six].iter().map(|reply| reply.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 5, "{statuses:?}");
    assert_eq!(app.messages().await.len(), 1);
    assert_eq!(user.method_ids().await.len(), 2);
}

async fn bad_input_is_told_member_by_member(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let begun = Begun::new(&user).await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    let good = authenticator.create(&begun.options);
    for (pointer, value) in [
        ("/response/attestationObject", json!("/+")),
        ("/response/attestationObject", json!("A".repeat(2001))),
        ("/response/clientDataJSON", json!("A".repeat(1001))),
        ("/response/clientDataJSON", json!(null)),
        ("/response/transports", json!([1])),
        ("/response/surprise", json!(1)),
        ("/rawId", json!("AAAA")),
        ("/type", json!("password")),
        ("/authenticatorAttachment", json!("none")),
    ] {
        let mut bad = good.clone();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        bad.pointer_mut(parent).expect("is there")[name] = value;
        let reply = user.verify("passkey|new", &begun.proof(&bad)).await.expect(400);
        assert!(reply.text("/type").ends_with("A0E-400-0003"), "{pointer}: {}", reply.body);
    }
    for bad in [json!(null), json!("x"), json!([]), json!({})] {
        let _ = user.verify("passkey|new", &begun.proof(&bad)).await.expect(400);
    }
    let none = json!({ "auth_session": begun.auth_session });
    let _ = user.verify("passkey|new", &none).await.expect(400);
    // None of it was an answer, so the challenge is still good, with and without padding.
    let mut padded = good.clone();
    for pointer in ["/id", "/rawId", "/response/attestationObject", "/response/clientDataJSON"] {
        let text = padded.pointer_mut(pointer).expect("is there");
        let mut own = text.as_str().expect("a text").to_owned();
        while !own.len().is_multiple_of(4) {
            own.push('=');
        }
        *text = own.into();
    }
    let _ = user.verify("passkey|new", &begun.proof(&padded)).await.expect(201);
    app.messages().await;
}

on_both_engines! {
    each_wrong_step_is_named,
    a_key_that_was_not_offered_is_refused,
    without_user_verification_it_is_enrolled,
    a_challenge_is_answered_once_and_in_time,
    ten_wrong_answers_void_the_session,
    a_session_is_its_own_users_and_clients,
    a_credential_is_enrolled_once,
    rivals_with_one_session_make_one_passkey,
    bad_input_is_told_member_by_member,
}
