//! `housekey tenant factors`.

use anyhow::{Result, bail};
use clap::Args;
use housekey_core::tenant::{FactorSwitches, change_settings};

use super::output;
use super::target::Target;

/// Say which factors a tenant's people may enrol
#[derive(Debug, Args)]
#[command(
    long_about = "Say which factors a tenant's people may enrol.\n\nFactors: otp, email, sms, \
        voice, push-notification, recovery-code, webauthn-roaming, webauthn-platform. Without \
        --on and --off it shows what is on.",
    after_help = "Example:\n  housekey tenant factors --config housekey.toml --tenant acme \
        --on sms,push-notification --off email"
)]
pub struct Factors {
    #[command(flatten)]
    target: Target,
    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: String,
    /// Factors to switch on
    #[arg(long, value_name = "FACTOR", value_delimiter = ',')]
    on: Vec<String>,
    /// Factors to switch off
    #[arg(long, value_name = "FACTOR", value_delimiter = ',')]
    off: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The switches by their names at the Management API (contract 04 §9.1), SMS and calls apart.
fn switches(factors: &mut FactorSwitches) -> [(&'static str, &mut bool); 8] {
    [
        ("otp", &mut factors.otp),
        ("email", &mut factors.email),
        ("sms", &mut factors.sms),
        ("voice", &mut factors.voice),
        ("push-notification", &mut factors.push_notification),
        ("recovery-code", &mut factors.recovery_code),
        ("webauthn-roaming", &mut factors.webauthn_roaming),
        ("webauthn-platform", &mut factors.webauthn_platform),
    ]
}

fn turn(factors: &mut FactorSwitches, names: &[String], to: bool) {
    for (name, switch) in switches(factors) {
        if names.iter().any(|own| own == name) {
            *switch = to;
        }
    }
}

impl Factors {
    pub(super) async fn run(self) -> Result<()> {
        let known = switches(&mut FactorSwitches::default()).map(|(name, _)| name);
        let named = self.on.iter().chain(&self.off);
        if let Some(unknown) = named.clone().find(|name| !known.contains(&name.as_str())) {
            bail!("{unknown} is no factor; there are {}", known.join(", "));
        }
        let house = self.target.open().await?;
        let id = house.tenant(&self.tenant).await?.id.clone();
        if named.count() > 0 {
            change_settings(&house.app, &id, |settings| {
                turn(&mut settings.factors, &self.on, true);
                turn(&mut settings.factors, &self.off, false);
            })
            .await?;
        }
        let mut factors = house.tenant(&self.tenant).await?.settings.factors;
        house.database.close().await;
        let on: Vec<_> = switches(&mut factors)
            .into_iter()
            .filter_map(|(name, switch)| switch.then_some(name))
            .collect();
        output::print(self.json, &on, &format!("on: {}", on.join(", ")))
    }
}
