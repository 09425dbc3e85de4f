//! Many users at once, for measuring: `user1@example.com` and those that follow, all with the demo
//! user's password.

use anyhow::{Context, Result};
use housekey_core::App;
use housekey_core::id::{ConnectionId, TenantId, UserId};
use housekey_core::port::Tx;
use housekey_core::tenant::Configuration;
use housekey_core::time::Timestamp;
use housekey_core::user::{Profile, User};

/// Users added in one transaction.
const BATCH: u32 = 5000;

/// Makes sure that the tenant has the first `count` of them, with the password of `like`.
///
/// # Errors
/// If the database cannot be used.
pub async fn ensure(
    app: &App,
    configuration: &Configuration,
    like: &UserId,
    count: u32,
) -> Result<()> {
    let tenant = &configuration.tenant.id;
    let connection = configuration.connections.first().context("there is no user directory")?;
    let now = app.clock().now();
    let mut next = first_missing(app, tenant, count).await?;
    if next > count {
        return Ok(());
    }
    // Hashed once for all: a million hashes of their own would take hours.
    let hash = app.read(tenant).await?.password_history(like, 1).await?;
    let hash = hash.first().context("the demo user has no password")?;
    while next <= count {
        let mut tx = app.write(tenant).await?;
        for number in next..=count.min(next + BATCH - 1) {
            insert(&mut *tx, &connection.id, hash, number, now).await?;
        }
        tx.commit().await?;
        next += BATCH;
    }
    Ok(())
}

/// They are added in order, so those that are there come before those that are not.
async fn first_missing(app: &App, tenant: &TenantId, count: u32) -> Result<u32> {
    let mut tx = app.read(tenant).await?;
    let (mut low, mut high) = (1, count + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        match tx.user(&id(middle)).await? {
            Some(_) => low = middle + 1,
            None => high = middle,
        }
    }
    Ok(low)
}

fn id(number: u32) -> UserId {
    UserId::from_raw(format!("auth0|{number:024x}"))
}

async fn insert(
    tx: &mut dyn Tx,
    connection: &ConnectionId,
    hash: &str,
    number: u32,
    now: Timestamp,
) -> Result<()> {
    let user = User {
        id: id(number),
        connection_id: connection.clone(),
        profile: Profile {
            email: Some(format!("user{number}@example.com")),
            email_verified: true,
            ..Profile::default()
        },
        blocked: false,
        created_at: now,
        updated_at: now,
    };
    tx.insert_user(&user).await?;
    tx.set_password(&user.id, hash, 0, now).await?;
    Ok(())
}
