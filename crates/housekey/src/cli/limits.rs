//! `housekey tenant limits`.

use anyhow::Result;
use clap::Args;
use housekey_core::tenant::{ManagementLimit, RateLimits, TenantSettings, change_settings};
use serde::Serialize;

use super::output;
use super::target::Target;

/// Say how many requests a tenant, each of its people and each managing application may make, and
/// how long its log is kept
#[derive(Debug, Args)]
#[command(
    long_about = "Say how many requests a tenant, each of its people and each managing application \
        may make.\n\n\
        At the My Account API, reads, writes and lists filtered by type are counted apart; at the \
        Management API, all requests of an application. 0 is no limit. Without numbers it shows \
        what holds. Running servers notice within a second.",
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
    /// Management requests of one application at once
    #[arg(long, value_name = "N")]
    management_burst: Option<u32>,
    /// Management requests of one application in a second, in the long run
    #[arg(long, value_name = "N")]
    management_rate: Option<u32>,
}

impl Limits {
    pub(super) async fn run(self) -> Result<()> {
        let house = self.target.open().await?;
        let id = house.tenant(&self.tenant).await?.id.clone();
        let mut defaults = TenantSettings::default();
        let limits = self.wanted.pairs(&mut defaults).iter().any(|(new, _)| new.is_some());
        if limits || self.log_days.is_some() {
            change_settings(&house.app, &id, |settings| {
                for (new, limit) in self.wanted.pairs(settings) {
                    *limit = new.unwrap_or(*limit);
                }
                settings.log_retention_days = self.log_days.unwrap_or(settings.log_retention_days);
            })
            .await?;
        }
        let settings = house.tenant(&self.tenant).await?.settings.clone();
        house.database.close().await;
        let (limits, management) = (settings.my_account_limits, settings.management_limit);
        let text = format!(
            "tenant, in a second: {} reads, {} writes, {} filtered lists\n\
             person, in a minute: {} reads, {} writes, {} filtered lists\n\
             managing application: {} at once, {} a second\n\
             log: kept for {} days",
            limits.tenant_reads_per_second,
            limits.tenant_writes_per_second,
            limits.tenant_filtered_reads_per_second,
            limits.user_reads_per_minute,
            limits.user_writes_per_minute,
            limits.user_filtered_reads_per_minute,
            management.burst,
            management.per_second,
            settings.log_retention_days,
        );
        let log_retention_days = settings.log_retention_days;
        let shown = Shown { my_account: limits, management, log_retention_days };
        output::print(self.json, &shown, &text)
    }
}

/// What holds.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    my_account: RateLimits,
    management: ManagementLimit,
    log_retention_days: u32,
}

impl Wanted {
    /// What was said, beside what it is about.
    fn pairs<'a>(&self, settings: &'a mut TenantSettings) -> [(Option<u32>, &'a mut u32); 8] {
        let limits = &mut settings.my_account_limits;
        let management = &mut settings.management_limit;
        [
            (self.tenant_reads, &mut limits.tenant_reads_per_second),
            (self.tenant_writes, &mut limits.tenant_writes_per_second),
            (self.tenant_filtered, &mut limits.tenant_filtered_reads_per_second),
            (self.person_reads, &mut limits.user_reads_per_minute),
            (self.person_writes, &mut limits.user_writes_per_minute),
            (self.person_filtered, &mut limits.user_filtered_reads_per_minute),
            (self.management_burst, &mut management.burst),
            (self.management_rate, &mut management.per_second),
        ]
    }
}
