//! A phone with an app that speaks the Guardian protocol, written from its description (contract
//! 04 §14) and apart from the library the server verifies with, so that the two check each other.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::app::TestApp;
use crate::request::{Reply, Request};
use crate::seed::HOST;

/// A key pair of a device.
#[derive(Clone)]
pub struct Key(Arc<RsaKeyPair>);

impl Key {
    /// The key of the phone tests are about. Making one takes long, so there are two a process.
    #[must_use]
    pub fn own() -> Self {
        static KEY: OnceLock<Key> = OnceLock::new();
        KEY.get_or_init(Self::generate).clone()
    }

    /// Somebody else's key.
    #[must_use]
    pub fn other() -> Self {
        static KEY: OnceLock<Key> = OnceLock::new();
        KEY.get_or_init(Self::generate).clone()
    }

    fn generate() -> Self {
        Self(Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key is made")))
    }

    /// The public part as a device sends it.
    #[must_use]
    pub fn public(&self) -> Value {
        let public: PublicKeyComponents<Vec<u8>> = self.0.public_key().into();
        let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
        json!({ "kty": "RSA", "alg": "RS256", "use": "sig", "n": n, "e": e })
    }

    /// A signed token.
    #[must_use]
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("signs");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The same with the header that both SDKs write.
    #[must_use]
    pub fn jwt(&self, claims: &Value) -> String {
        self.sign(&json!({ "alg": "RS256", "typ": "JWT" }), claims)
    }
}

/// What a QR code says.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// `enrollment_tx_id`.
    pub ticket: String,
    /// `base_url`.
    pub base: String,
    /// `secret`, of the codes.
    pub secret: String,
}

impl Scanned {
    /// Reads the URI of a QR code.
    #[must_use]
    pub fn read(uri: &str) -> Self {
        let url = url::Url::parse(uri).expect("a URI");
        assert_eq!((url.scheme(), url.host_str()), ("otpauth", Some("totp")), "{uri}");
        let parameter = |name: &str| {
            let found = url.query_pairs().find(|(own, _)| own == name);
            found.unwrap_or_else(|| panic!("no {name} in {uri}")).1.into_owned()
        };
        Self {
            ticket: parameter("enrollment_tx_id"),
            base: parameter("base_url"),
            secret: parameter("secret"),
        }
    }
}

/// An enrolled device.
pub struct Device<'a> {
    app: &'a TestApp,
    /// What it signs with.
    pub key: Key,
    /// What it calls itself.
    pub identifier: String,
    /// Where it speaks with the server.
    pub base: String,
    /// The enrolment's id.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// The bearer it was given.
    pub token: String,
}

/// What a phone sends to enrol.
#[must_use]
pub fn enrollment(key: &Key) -> Value {
    json!({
        "identifier": "android-1",
        "name": "Ada's phone",
        "push_credentials": { "service": "GCM", "token": "fcm-token-1" },
        "public_key": key.public(),
    })
}

/// Sends an enrolment to `base` with a ticket.
pub async fn enroll(app: &TestApp, base: &str, ticket: &str, body: &Value) -> Reply {
    let authorization = format!("Ticket id=\"{ticket}\"");
    at(app, "POST", &format!("{base}/api/enroll"))
        .header("authorization", &authorization)
        .json(body)
        .send()
        .await
}

/// A request to a whole URL.
fn at<'a>(app: &'a TestApp, method: &str, url: &str) -> Request<'a> {
    let url = url::Url::parse(url).expect("a URL");
    let host = url.host_str().unwrap_or(HOST).to_owned();
    app.request(method, url.path()).host(&host)
}

impl<'a> Device<'a> {
    /// Enrols with what a QR code says.
    pub async fn enroll(app: &'a TestApp, uri: &str) -> Self {
        let (scanned, key) = (Scanned::read(uri), Key::own());
        let reply = enroll(app, &scanned.base, &scanned.ticket, &enrollment(&key)).await;
        Self::enrolled(app, key, &scanned.base, &reply.expect(200))
    }

    /// A device whose enrolment was answered.
    #[must_use]
    pub fn enrolled(app: &'a TestApp, key: Key, base: &str, reply: &Reply) -> Self {
        assert_plain_json(&reply.headers);
        Self {
            app,
            key,
            identifier: "android-1".to_owned(),
            base: base.to_owned(),
            id: reply.text("/id"),
            user_id: reply.text("/user_id"),
            token: reply.text("/token"),
        }
    }

    /// The claims with which it speaks for itself.
    #[must_use]
    pub fn claims(&self) -> Value {
        let now = self.app.now().as_seconds();
        json!({
            "iss": self.id,
            "sub": self.user_id,
            "aud": format!("{}/api/device-accounts", self.base),
            "iat": now,
            "exp": now + 7200,
        })
    }

    /// Changes itself, with any bearer.
    pub async fn patch_as(&self, bearer: &str, body: &Value) -> Reply {
        let url = format!("{}/api/device-accounts/{}", self.base, self.id);
        at(self.app, "PATCH", &url).bearer(bearer).json(body).send().await
    }

    /// Changes itself.
    pub async fn patch(&self, body: &Value) -> Reply {
        self.patch_as(&self.key.jwt(&self.claims()), body).await
    }

    /// Leaves.
    pub async fn leave(&self) -> Reply {
        let url = format!("{}/api/device-accounts/{}", self.base, self.id);
        let bearer = self.key.jwt(&self.claims());
        at(self.app, "DELETE", &url).bearer(&bearer).send().await
    }

    /// The claims that answer a push message.
    #[must_use]
    pub fn answer_claims(&self, push: &Map<String, Value>, accepted: bool) -> Value {
        let now = self.app.now().as_seconds();
        json!({
            "iss": self.identifier,
            "sub": push["c"],
            "aud": format!("{}/api/resolve-transaction", self.base),
            "iat": now,
            "exp": now + 30,
            "auth0_guardian_method": "push",
            "auth0_guardian_accepted": accepted,
        })
    }

    /// Answers a push message with any token.
    pub async fn answer_with(&self, push: &Map<String, Value>, response: &str) -> Reply {
        assert_eq!(push["dai"], self.id.as_str(), "the message is for this device");
        let token = push["txtkn"].as_str().expect("a token");
        at(self.app, "POST", &format!("{}/api/resolve-transaction", self.base))
            .bearer(token)
            .json(&json!({ "challenge_response": response }))
            .send()
            .await
    }

    /// Approves or refuses.
    pub async fn answer(&self, push: &Map<String, Value>, accepted: bool) -> Reply {
        let response = self.key.jwt(&self.answer_claims(push, accepted));
        self.answer_with(push, &response).await
    }

    /// The claims that prove the possession of the key when reading `url`.
    #[must_use]
    pub fn proof_claims(&self, push: &Map<String, Value>, url: &str) -> Value {
        let token = push["txtkn"].as_str().expect("a token");
        let hash = digest::digest(&digest::SHA256, token.as_bytes());
        json!({
            "htm": "GET",
            "htu": url,
            "ath": URL_SAFE_NO_PAD.encode(hash),
            "jti": "proof-1",
            "iat": self.app.now().as_seconds(),
        })
    }

    /// A proof over claims.
    #[must_use]
    pub fn proof(&self, claims: &Value) -> String {
        let header = json!({ "typ": "dpop+jwt", "alg": "RS256", "jwk": self.key.public() });
        self.key.sign(&header, claims)
    }

    /// Reads `url` with a proof.
    pub async fn read_with(&self, push: &Map<String, Value>, url: &str, proof: &str) -> Reply {
        let token = push["txtkn"].as_str().expect("a token");
        at(self.app, "GET", url)
            .header("authorization", &format!("MFA-DPoP {token}"))
            .header("mfa-dpop", proof)
            .send()
            .await
    }
}

/// What iOS insists on.
pub fn assert_plain_json(headers: &HeaderMap) {
    assert_eq!(headers["content-type"], "application/json");
}
