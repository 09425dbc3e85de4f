//! Random sequences of signing in, refreshing, giving second factors, enrolling, removing and moves
//! of the clock, held against a model: nothing gets a My Account token that is older in second-factor
//! time than the policy allows (contract 04 §8.1).

use housekey_core::factor::{AuthenticationMethod, FactorType};
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase, authenticator, jwt};
use serde_json::json;

use super::api::{allowed, give_otp, sign_in};
use super::{require_2fa, unverified};

const WINDOW: i64 = 900;
const STEPS: usize = 80;

/// A small generator: the same sequence for the same seed on every engine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }
}

/// What the model knows of one authorization.
#[derive(Clone)]
struct Grant {
    refresh: String,
    access: String,
    issued_at: i64,
    first_at: i64,
    second_at: Option<i64>,
}

/// A grant that waits for a second factor: that of an authorization, or of a new sign-in.
struct Waiting {
    token: String,
    since: i64,
    of: Option<usize>,
}

struct World<'a> {
    app: &'a TestApp,
    dice: Dice,
    grants: Vec<Grant>,
    waiting: Vec<Waiting>,
    secrets: Vec<(String, String)>,
    story: Vec<String>,
}

impl World<'_> {
    fn now(&self) -> i64 {
        self.app.now().as_seconds()
    }

    /// The person's confirmed second factors, as the database has them.
    async fn factors(&self) -> usize {
        let mut tx = self.app.core().read(&self.app.tenant_id()).await.expect("reads");
        let connection = self.app.tenant_on("acme.example").await;
        let connection = connection.connections().next().expect("one").id.clone();
        let name = housekey_core::user::Identifier::email(EMAIL).expect("an address");
        let found = tx.user_by_identifier(&connection, &name).await.expect("reads");
        let methods = tx.methods(&found.expect("a person").0.id).await.expect("reads");
        let counts =
            |own: &&AuthenticationMethod| own.confirmed && own.kind.factor() == FactorType::Totp;
        methods.iter().filter(counts).count()
    }

    /// Whether the policy lets somebody have a token now.
    async fn allows(&self, first_at: i64, second_at: Option<i64>) -> bool {
        let since = |at: i64| self.now() - at <= WINDOW;
        match self.factors().await {
            0 => since(first_at),
            _ => second_at.is_some_and(since),
        }
    }

    fn told(&mut self, what: &str, reply: &Reply) {
        let error = reply.json()["error"].as_str().unwrap_or_default().to_owned();
        self.story.push(format!("{} {what}: {} {error}", self.now(), reply.status.as_u16()));
    }

    /// Takes tokens in, if they may have been given out.
    async fn issued(&self, reply: &Reply, first_at: i64, second_at: Option<i64>) -> Grant {
        let story = self.story.join("\n");
        assert!(self.allows(first_at, second_at).await, "too old:\n{story}");
        let access = reply.text("/access_token");
        assert_eq!(jwt::claims(&access)["aud"][0], "https://acme.example/me/");
        let refresh = reply.text("/refresh_token");
        Grant { refresh, access, issued_at: self.now(), first_at, second_at }
    }

    async fn password(&mut self) {
        let more = json!({
            "audience": "https://acme.example/me/", "scope": format!("openid offline_access {ME}"),
        });
        let reply = sign_in(self.app, &more).await;
        self.told("password", &reply);
        let now = self.now();
        if reply.status == 200 {
            let grant = self.issued(&reply, now, None).await;
            self.grants.push(grant);
        } else {
            assert!(!self.allows(now, None).await, "refused:\n{}", self.story.join("\n"));
            let token = reply.text("/mfa_token");
            self.waiting.push(Waiting { token, since: now, of: None });
        }
    }

    async fn refresh(&mut self) {
        if self.grants.is_empty() {
            return;
        }
        let at = self.dice.roll(self.grants.len());
        let own = self.grants[at].clone();
        let reply = self.app.refresh(SPA, &own.refresh).await;
        self.told("refresh", &reply);
        if reply.status == 200 {
            self.grants[at] = self.issued(&reply, own.first_at, own.second_at).await;
            return;
        }
        let allowed = self.allows(own.first_at, own.second_at).await;
        assert!(!allowed, "refused:\n{}", self.story.join("\n"));
        if reply.text("/error") == "mfa_required" {
            let token = reply.text("/mfa_token");
            self.waiting.push(Waiting { token, since: self.now(), of: Some(at) });
        } else {
            assert_eq!(self.factors().await, 0, "only whoever has none is sent away");
        }
    }

    async fn give(&mut self) {
        if self.waiting.is_empty() || self.secrets.is_empty() {
            return;
        }
        let at = self.dice.roll(self.waiting.len());
        let secret = self.secrets[self.dice.roll(self.secrets.len())].1.clone();
        let token = self.waiting[at].token.clone();
        let reply = give_otp(self.app, &token, &secret).await;
        self.told("give", &reply);
        if reply.status != 200 {
            return;
        }
        let now = self.now();
        let Waiting { since, of, .. } = self.waiting.remove(at);
        assert!(now - since < 600, "an mfa_token is over:\n{}", self.story.join("\n"));
        match of {
            None => {
                let grant = self.issued(&reply, since, Some(now)).await;
                self.grants.push(grant);
            }
            Some(own) => {
                let first_at = self.grants[own].first_at;
                let grant = self.issued(&reply, first_at, Some(now)).await;
                // Some applications keep the token that they had.
                if self.dice.roll(2) == 0 {
                    self.grants[own] = grant;
                } else {
                    self.grants[own].second_at = Some(now);
                }
            }
        }
    }

    /// An authorization whose access token is still good.
    fn with_access(&mut self) -> Option<usize> {
        let now = self.now();
        let good = |own: &Grant| (0..600).contains(&(now - own.issued_at));
        let all: Vec<_> = (0..self.grants.len()).filter(|at| good(&self.grants[*at])).collect();
        if all.is_empty() { None } else { Some(all[self.dice.roll(all.len())]) }
    }

    async fn enroll(&mut self) {
        let Some(at) = self.with_access() else { return };
        let access = self.grants[at].access.clone();
        let had = self.factors().await;
        let post = |path: String, body: serde_json::Value| {
            self.app.post(&path).bearer(&access).json(&body).send()
        };
        let path = "/me/v1/authentication-methods";
        let begun = post(path.to_owned(), json!({ "type": "totp" })).await;
        if begun.status != 202 {
            return;
        }
        let (id, secret) = (begun.text("/id"), begun.text("/manual_input_code"));
        let otp = authenticator::code(&secret, self.app.now());
        let proof = json!({ "auth_session": begun.text("/auth_session"), "otp_code": otp });
        let reply = post(format!("{path}/{}/verify", id.replace('|', "%7C")), proof).await;
        self.story.push(format!("{} enroll: {}", self.now(), reply.status.as_u16()));
        if reply.status == 201 {
            if had == 0 {
                self.grants[at].second_at = Some(self.now());
            }
            self.secrets.push((id, secret));
        }
    }

    async fn remove(&mut self) {
        let Some(at) = self.with_access() else { return };
        if self.secrets.is_empty() {
            return;
        }
        let which = self.dice.roll(self.secrets.len());
        let path =
            format!("/me/v1/authentication-methods/{}", self.secrets[which].0.replace('|', "%7C"));
        let reply = self.app.request("DELETE", &path).bearer(&self.grants[at].access).send().await;
        self.story.push(format!("{} remove: {}", self.now(), reply.status.as_u16()));
        if reply.status == 204 {
            self.secrets.remove(which);
        }
    }

    async fn step(&mut self) {
        match self.dice.roll(12) {
            0..=2 => {
                let moves = [1, 29, 31, 60, 300, 599, 899, 900, 901];
                self.app.clock().advance(moves[self.dice.roll(moves.len())]);
            }
            3 | 4 => self.password().await,
            5..=7 => self.refresh().await,
            8 | 9 => self.give().await,
            10 => self.enroll().await,
            _ => self.remove().await,
        }
    }
}

async fn no_sequence_outwits_the_policy(database: TestDatabase) {
    let app = allowed(super::without_mail(database).await).configure(require_2fa).start().await;
    unverified(&app).await;
    app.ignore_messages().await;
    let mut seen = (0, 0);
    for seed in 1..=6 {
        let mut world = World {
            app: &app,
            dice: Dice(seed),
            grants: Vec::new(),
            waiting: Vec::new(),
            secrets: Vec::new(),
            story: Vec::new(),
        };
        for _ in 0..STEPS {
            world.step().await;
        }
        let count = |what: &str| world.story.iter().filter(|line| line.contains(what)).count();
        seen = (seen.0 + count("give: 200"), seen.1 + count("mfa_required"));
        app.sql("DELETE FROM authentication_methods").await;
        app.sql("DELETE FROM buckets").await;
    }
    assert!(seen.0 > 5 && seen.1 > 20, "sequences that try something: {seen:?}");
}

on_both_engines! {
    no_sequence_outwits_the_policy,
}
