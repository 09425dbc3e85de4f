//! Which Housekey a command is about.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use housekey_core::seal::MasterKey;
use housekey_core::secret::SecretText;
use housekey_web::Scheme;

use crate::config::{self, DatabaseSettings, PasswordSettings};
use crate::dev::{self, DataDir};
use crate::house::House;

/// Which Housekey the command is about; running servers notice changes within a second.
#[derive(Debug, Args)]
pub struct Target {
    /// Configuration file of `housekey serve`
    #[arg(long, value_name = "FILE", required_unless_present = "data", conflicts_with = "data")]
    config: Option<PathBuf>,
    /// Data directory of `housekey dev`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The database that `housekey dev` was started with, if it is not the one in the directory
    #[arg(long, value_name = "URL", requires = "data", conflicts_with = "config")]
    database: Option<String>,
}

impl Target {
    /// Opens its database with its master key.
    ///
    /// # Errors
    /// If the configuration or the database cannot be used.
    pub async fn open(self) -> Result<House> {
        let (database, master_key, passwords) = self.settings()?;
        let house = House::open(&database, &master_key, passwords).await?;
        house.check_master_key().await?;
        Ok(house)
    }

    /// Whether people see `https` in the address bar. For `housekey dev`, as it was started last.
    ///
    /// # Errors
    /// If the configuration cannot be used, or no dev server runs.
    pub fn is_secure(&self) -> Result<bool> {
        match &self.config {
            Some(path) => Ok(config::load(path)?.server.web.public_scheme == Scheme::Https),
            None => {
                dev::is_secure(&DataDir::existing(self.data.as_deref().unwrap_or(Path::new("")))?)
            }
        }
    }

    fn settings(self) -> Result<(DatabaseSettings, MasterKey, PasswordSettings)> {
        if let Some(path) = self.config {
            let settings = config::load(&path)?;
            return Ok((settings.database, settings.master_key, settings.passwords));
        }
        let directory = DataDir::existing(&self.data.unwrap_or_default())?;
        let master_key = directory.master_key()?;
        let database = dev::database(&directory, self.database);
        Ok((database, master_key, PasswordSettings::default()))
    }
}

/// A credential: all of standard input without white space around it.
///
/// # Errors
/// If there is none.
pub fn secret_from_stdin() -> Result<SecretText> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("reading the credential")?;
    let text = text.trim();
    if text.is_empty() {
        bail!("standard input has no credential");
    }
    Ok(SecretText::new(text))
}
