//! `housekey migrate` and `housekey master-key`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use housekey_core::port::SystemRandom;
use housekey_core::seal;

use super::output;
use crate::config;
use crate::house;

/// Bring the database's schema up to date; `serve` does it too
#[derive(Debug, Args)]
#[command(
    long_about = "Bring the database's schema up to date.\n\n`serve` does it too, under a lock; \
        this is for those who want it to be a step of its own.",
    after_help = "Example:\n  housekey migrate --config /etc/housekey/housekey.toml"
)]
pub struct Migrate {
    /// Configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<()> {
        let settings = config::load(&self.config)?;
        house::open_database(&settings.database).await?.close().await;
        output::print(false, &(), "the database is up to date")
    }
}

/// Print a new master key
#[derive(Debug, Args)]
#[command(
    long_about = "Print a new master key.\n\nEverything secret in the database is sealed with it: \
        who loses it, loses all signing keys and authenticator apps. Keep a copy, and keep it apart \
        from the database and its backups.",
    after_help = "Example:\n  (umask 077; housekey master-key > /etc/housekey/master.key)"
)]
pub struct MasterKey;

impl MasterKey {
    pub(super) fn run() -> Result<()> {
        let key = seal::MasterKey::generate(&SystemRandom);
        output::print(false, &(), &key.expose())
    }
}
