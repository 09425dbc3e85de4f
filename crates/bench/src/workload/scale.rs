//! The same work with few users in the database and with many, in one run. Each operation meets
//! another user, spread over all there are, so that what grows with their number shows: indexes,
//! caches that no longer hold everything, pages read from the disk.
//!
//! The server hashes passwords at next to no cost here; with the real one, the hash would be nearly
//! all there is to a login, however many users there are.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use http::{HeaderValue, StatusCode, header};
use http_body_util::Full;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, Client},
    load::Operation,
    login::{Account, login},
    measure::{self, Measurement},
    server::DevFile,
    workload::{Bench, connect, list::List, refresh::Refresh},
};

/// Users of the smaller database.
const FEW: u32 = 1000;
/// How many users a workload goes round that needs tokens beforehand.
const SIGNED_IN: u32 = 100;
/// How long making the larger database may take.
const SEED_TIMEOUT: Duration = Duration::from_mins(30);
const LOGIN_SCOPE: &str = "openid profile email read:me:authentication_methods";

/// Both sizes.
#[derive(Debug, Clone, Serialize)]
pub struct Scale {
    /// Users in the smaller database.
    pub few: u32,
    /// Users in the larger one.
    pub many: u32,
    /// One for each kind of work.
    pub rows: Vec<Row>,
}

/// One kind of work.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// With few users.
    pub few: Measurement,
    /// With many.
    pub many: Measurement,
}

impl Row {
    /// How much longer the slowest take with many users.
    pub fn ratio(&self) -> f64 {
        self.many.p99_us / self.few.p99_us
    }
}

/// Measures both, one after the other.
pub async fn measure(bench: &Bench<'_>, many: u32) -> Result<Scale> {
    let few = with_users(bench, FEW).await?;
    let lots = with_users(bench, many).await?;
    let rows = few.into_iter().zip(lots).map(|(few, many)| Row { few, many }).collect();
    Ok(Scale { few: FEW, many, rows })
}

async fn with_users(bench: &Bench<'_>, users: u32) -> Result<Vec<Measurement>> {
    eprintln!("measuring: {users} users");
    let count = users.to_string();
    let arguments = ["--no-rate-limits", "--cheap-passwords", "--seed-users", &count];
    let launch = bench.launch(&format!("scale-{users}"), 0, &arguments);
    let (seeding, _) = launch.start(SEED_TIMEOUT).await?;
    seeding.stop().await?;
    let (server, dev) = launch.start(SEED_TIMEOUT).await?;
    server.rest().await?;
    let (pid, time) = (server.pid(), bench.options.duration());
    let crowd = Crowd { account: Account::of(&dev)?, users, met: 0 };
    // Connected when it is their turn: the server closes connections that nobody uses.
    let login = vec![Login::connect(crowd.clone()).await?];
    let login = measure::against(pid, "login without the hash", login, time).await?;
    let refresh = vec![crowd.signed_in(Refresh::connect).await?];
    let refresh = measure::against(pid, "refresh exchange", refresh, time).await?;
    let list = vec![crowd.signed_in(List::connect).await?];
    let list = measure::against(pid, "GET authentication-methods", list, time).await?;
    let search = vec![Search::connect(crowd, &dev).await?];
    let search = measure::against(pid, "search by mail address", search, time).await?;
    server.stop().await?;
    Ok(vec![login, refresh, list, search])
}

/// The users, and how to meet them in no order.
#[derive(Clone)]
struct Crowd {
    account: Account,
    users: u32,
    met: u64,
}

impl Crowd {
    /// Somebody else than last time: steps of the golden ratio spread evenly over all of them.
    fn next(&mut self) -> Account {
        const STEP: u64 = 2_654_435_761;
        self.met += 1;
        let number = ((self.met * STEP) >> 8) % u64::from(self.users) + 1;
        self.account.of_another(format!("user{number}@example.com"))
    }

    /// Something of many users, to be gone round.
    async fn signed_in<O, F>(&self, connect: F) -> Result<InTurn<O>>
    where
        F: AsyncFn(Account) -> Result<O>,
    {
        let mut crowd = self.clone();
        let mut all = Vec::new();
        for _ in 0..SIGNED_IN {
            all.push(connect(crowd.next()).await?);
        }
        Ok(InTurn { all, next: 0 })
    }
}

/// One after the other, and again from the first.
struct InTurn<O> {
    all: Vec<O>,
    next: usize,
}

impl<O: Operation> Operation for InTurn<O> {
    async fn once(&mut self) -> Result<()> {
        let turn = self.next;
        self.next = (turn + 1) % self.all.len();
        self.all[turn].once().await
    }
}

struct Login {
    client: Client,
    crowd: Crowd,
}

impl Login {
    async fn connect(crowd: Crowd) -> Result<Self> {
        Ok(Self { client: connect(&crowd.account).await?, crowd })
    }
}

impl Operation for Login {
    async fn once(&mut self) -> Result<()> {
        login(&mut self.client, &self.crowd.next(), LOGIN_SCOPE).await.map(drop)
    }
}

/// `GET /api/v2/users` with a mail address.
struct Search {
    client: Client,
    authorization: HeaderValue,
    crowd: Crowd,
}

#[derive(Deserialize)]
struct ManagementToken {
    access_token: String,
}

impl Search {
    async fn connect(crowd: Crowd, dev: &DevFile) -> Result<Self> {
        let mut client = connect(&crowd.account).await?;
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", &dev.clients.management.client_id),
            ("client_secret", &dev.clients.management.client_secret),
            ("audience", &dev.management_audience),
        ];
        let (request, body) = client::post_form("/oauth/token", &fields)?;
        let answer = client.send(request.body(body)?).await?;
        let answer = answer.expect(StatusCode::OK, "token endpoint")?;
        let token: ManagementToken =
            serde_json::from_slice(&answer.body).context("cannot understand the token endpoint")?;
        let authorization = format!("Bearer {}", token.access_token).try_into()?;
        Ok(Self { client, authorization, crowd })
    }
}

impl Operation for Search {
    async fn once(&mut self) -> Result<()> {
        let email = self.crowd.next().email;
        let query = format!("email:\"{email}\"");
        let query = serde_urlencoded::to_string([("q", query.as_str()), ("search_engine", "v3")])?;
        let request = client::get(&format!("/api/v2/users?{query}"))
            .header(header::AUTHORIZATION, self.authorization.clone())
            .body(Full::default())?;
        let answer = self.client.send(request).await?.expect(StatusCode::OK, "user search")?;
        let text = std::str::from_utf8(&answer.body)?;
        ensure!(text.contains(&email), "{email} was not found: {text}");
        Ok(())
    }
}
