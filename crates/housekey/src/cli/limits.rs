//! `housekey tenant limits`.

use anyhow::Result;
use clap::Args;
use housekey_core::tenant::{RateLimits, change_settings};
use serde::Serialize;

use super::output;
use super::target::Target;

/// Say how many My Account requests a tenant and each of its people may make, and how long its log
/// is kept
#[derive(Debug, Args)]
#[command(
    long_about = "Say how many My Account requests a tenant and each of its people may make.\n\n\
        Reads, writes and lists filtered by type are counted apart. 0 is no limit. Without numbers \
        it shows what holds. Running servers notice within a second.",
    after_help = "Example:\n  housekey tenant limits --config housekey.toml --tenant acme \
        --tenant-writes 10 --person-writes 20"
)]
pub struct Limits {
    #[command(flatten)]
    target: Target,
    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: String,
    #[command(flatten)]
    wanted: Wanted,
    /// Days after which log events are removed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
    log_days: Option<u32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What holds.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    limits: RateLimits,
    log_retention_days: u32,
}

/// The limits to set.
#[derive(Debug, Args)]
struct Wanted {
    /// Reads of the whole tenant in a second
    #[arg(long, value_name = "N")]
    tenant_reads: Option<u32>,
    /// Writes of the whole tenant in a second
    #[arg(long, value_name = "N")]
    tenant_writes: Option<u32>,
    /// Filtered lists of the whole tenant in a second
    #[arg(long, value_name = "N")]
    tenant_filtered: Option<u32>,
    /// Reads of one person in a minute
    #[arg(long, value_name = "N")]
    person_reads: Option<u32>,
    /// Writes of one person in a minute
    #[arg(long, value_name = "N")]
    person_writes: Option<u32>,
    /// Filtered lists of one person in a minute
    #[arg(long, value_name = "N")]
    person_filtered: Option<u32>,
}

impl Limits {
    pub(super) async fn run(self) -> Result<()> {
        let house = self.target.open().await?;
        let id = house.tenant(&self.tenant).await?.id.clone();
        let limits =
            self.wanted.pairs(&mut RateLimits::default()).iter().any(|(new, _)| new.is_some());
        if limits || self.log_days.is_some() {
            change_settings(&house.app, &id, |settings| {
                for (new, limit) in self.wanted.pairs(&mut settings.my_account_limits) {
                    *limit = new.unwrap_or(*limit);
                }
                settings.log_retention_days = self.log_days.unwrap_or(settings.log_retention_days);
            })
            .await?;
        }
        let settings = house.tenant(&self.tenant).await?.settings.clone();
        let limits = settings.my_account_limits;
        house.database.close().await;
        let text = format!(
            "tenant, in a second: {} reads, {} writes, {} filtered lists\n\
             person, in a minute: {} reads, {} writes, {} filtered lists\n\
             log: kept for {} days",
            limits.tenant_reads_per_second,
            limits.tenant_writes_per_second,
            limits.tenant_filtered_reads_per_second,
            limits.user_reads_per_minute,
            limits.user_writes_per_minute,
            limits.user_filtered_reads_per_minute,
            settings.log_retention_days,
        );
        let log_retention_days = settings.log_retention_days;
        output::print(self.json, &Shown { limits, log_retention_days }, &text)
    }
}

impl Wanted {
    /// What was said, beside what it is about.
    fn pairs<'a>(&self, limits: &'a mut RateLimits) -> [(Option<u32>, &'a mut u32); 6] {
        [
            (self.tenant_reads, &mut limits.tenant_reads_per_second),
            (self.tenant_writes, &mut limits.tenant_writes_per_second),
            (self.tenant_filtered, &mut limits.tenant_filtered_reads_per_second),
            (self.person_reads, &mut limits.user_reads_per_minute),
            (self.person_writes, &mut limits.user_writes_per_minute),
            (self.person_filtered, &mut limits.user_filtered_reads_per_minute),
        ]
    }
}
