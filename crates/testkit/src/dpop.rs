//! A client that proves possession of a key (RFC 9449), written apart from what checks it.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use housekey_core::time::Timestamp;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::app::TestApp;
use crate::application::{Authorize, Tokens};
use crate::request::{Reply, Request};
use crate::seed::HOST;

/// A client's key.
pub struct ProofKey {
    pair: EcdsaKeyPair,
    made: AtomicU32,
}

/// A proof being made: header and claims, to be changed before it is signed.
pub struct ProofDraft<'k> {
    key: &'k ProofKey,
    header: Value,
    claims: Value,
}

impl Default for ProofKey {
    fn default() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key is made");
        Self { pair, made: AtomicU32::new(0) }
    }
}

impl ProofKey {
    /// The public key.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let coordinate = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (x, y) = (coordinate(&point[1..33]), coordinate(&point[33..65]));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
    }

    /// `jkt` (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let (jwk, text) = (self.jwk(), |value: &Value| value.as_str().expect("a text").to_owned());
        let (x, y) = (text(&jwk["x"]), text(&jwk["y"]));
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        hash(&canonical)
    }

    /// A proof for a request, made now.
    #[must_use]
    pub fn draft(&self, method: &str, url: &str, now: Timestamp) -> ProofDraft<'_> {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        let jti = format!("{}-{number}", self.thumbprint());
        ProofDraft {
            key: self,
            header: json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() }),
            claims: json!({ "htm": method, "htu": url, "iat": now.as_seconds(), "jti": jti }),
        }
    }
}

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

impl ProofDraft<'_> {
    /// With another claim, or without it if it is null.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.claims, name, value.into());
        self
    }

    /// With another member of the header, or without it if it is null.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header, name, value.into());
        self
    }

    /// For an access token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        let ath = hash(token);
        self.claim("ath", ath)
    }

    /// Signed.
    #[must_use]
    pub fn sign(&self) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encode(&self.header), encode(&self.claims));
        let signature = self.key.pair.sign(&SystemRandom::new(), text.as_bytes()).expect("signs");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    let members = object.as_object_mut().expect("an object");
    match value {
        Value::Null => members.remove(name),
        value => members.insert(name.to_owned(), value),
    };
}

impl TestApp {
    /// A proof for the token endpoint.
    #[must_use]
    pub fn token_proof<'k>(&self, key: &'k ProofKey) -> ProofDraft<'k> {
        key.draft("POST", &format!("{}oauth/token", self.issuer()), self.now())
    }

    /// A token request with a proof that has the nonce it is asked for, as SDKs make it.
    pub async fn prove(&self, key: &ProofKey, fields: &[(&str, &str)]) -> Reply {
        let send =
            |proof: String| self.post("/oauth/token").form(fields).header("dpop", &proof).send();
        let reply = send(self.token_proof(key).sign()).await;
        let nonce = reply.header("dpop-nonce").expect("a nonce with every answer").to_owned();
        if !reply.body.contains("use_dpop_nonce") {
            return reply;
        }
        send(self.token_proof(key).claim("nonce", nonce).sign()).await
    }

    /// Somebody who has an account signs in to an application that has a key.
    pub async fn sign_in_bound(
        &self,
        key: &ProofKey,
        email: &str,
        request: &Authorize,
    ) -> Actor<'_> {
        let browser = self.browser();
        let code = browser.authorize_as(request, email).await.code();
        let reply = self.prove(key, &request.token_fields(&code)).await.expect(200);
        let client = request.get("client_id").expect("every request has one");
        Actor { tokens: Tokens::read(client, &reply), app: self, browser, host: HOST.to_owned() }
    }

    /// A proof for a resource.
    #[must_use]
    pub fn resource_proof<'k>(
        &self,
        key: &'k ProofKey,
        method: &str,
        path: &str,
        token: &str,
    ) -> ProofDraft<'k> {
        let url = format!("{}{path}", self.issuer().trim_end_matches('/'));
        key.draft(method, &url, self.now()).token(token)
    }

    /// A request to a resource with a bound token and its proof.
    #[must_use]
    pub fn bound(&self, key: &ProofKey, method: &str, path: &str, token: &str) -> Request<'_> {
        let proof = self.resource_proof(key, method, path, token).sign();
        let request = self.request(method, path);
        request.header("authorization", &format!("DPoP {token}")).header("dpop", &proof)
    }
}
