//! `housekey tenant limits`.

use anyhow::Result;
use clap::Args;
use housekey_core::tenant::{RateLimits, change_settings};

use super::output;
use super::target::Target;

/// Say how many My Account requests a tenant and each of its people may make
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
}

impl Limits {
    pub(super) async fn run(self) -> Result<()> {
        let house = self.target.open().await?;
        let id = house.tenant(&self.tenant).await?.id.clone();
        if self.wanted.pairs(&mut RateLimits::default()).iter().any(|(new, _)| new.is_some()) {
            change_settings(&house.app, &id, |settings| {
                for (new, limit) in self.wanted.pairs(&mut settings.my_account_limits) {
                    *limit = new.unwrap_or(*limit);
                }
            })
            .await?;
        }
        let limits = house.tenant(&self.tenant).await?.settings.my_account_limits;
        house.database.close().await;
        let text = format!(
            "tenant, in a second: {} reads, {} writes, {} filtered lists\n\
             person, in a minute: {} reads, {} writes, {} filtered lists",
            limits.tenant_reads_per_second,
            limits.tenant_writes_per_second,
            limits.tenant_filtered_reads_per_second,
            limits.user_reads_per_minute,
            limits.user_writes_per_minute,
            limits.user_filtered_reads_per_minute,
        );
        output::print(self.json, &limits, &text)
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
