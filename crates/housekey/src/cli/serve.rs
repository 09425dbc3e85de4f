//! `housekey serve` and `housekey check-config`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use housekey_core::port::Messenger;
use housekey_outbound::{Deliveries, Dns, SmtpMessenger};

use super::output;
use crate::config::{self, Settings};
use crate::house::House;
use crate::logging;
use crate::serve::{self, Server};
use crate::worker::Worker;

/// Start a server as a configuration file says
#[derive(Debug, Args)]
#[command(
    long_about = "Start a server as a configuration file says.\n\n\
        Environment variables go over the file: HOUSEKEY_SECTION__KEY sets section.key, such as \
        HOUSEKEY_MASTER_KEY__VALUE or HOUSEKEY_DATABASE__URL.",
    after_help = "The least a file has to say:\n  [database]\n  \
        url = \"sqlite:///var/lib/housekey/housekey.db\"\n  [master_key]\n  \
        file = \"/etc/housekey/master.key\"\n\n\
        A new server has no tenants: see `housekey tenant create --help`."
)]
pub struct Serve {
    /// Configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Tell what is wrong with a configuration file, without starting anything
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  housekey check-config --config /etc/housekey/housekey.toml")]
pub struct CheckConfig {
    /// Configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl CheckConfig {
    pub(super) fn run(self) -> Result<()> {
        config::load(&self.config)?;
        output::print(false, &(), &format!("{} is usable", self.config.display()))
    }
}

impl Serve {
    pub(super) async fn run(self) -> Result<()> {
        let settings = config::load(&self.config)?;
        logging::start(&settings.log)?;
        let messenger = messenger(&settings)?;
        let tls = match &settings.server.tls {
            None => None,
            Some(files) => Some(serve::tls_from_files(files).await?),
        };
        let listener = serve::bind(settings.server.listen)?;
        let house =
            House::open(&settings.database, &settings.master_key, settings.passwords).await?;
        house.check_master_key().await?;
        let app = house.app.with_messenger(messenger.clone());
        let app = Arc::new(match Dns::new(&settings.outbound.name_servers) {
            Ok(dns) => app.with_resolver(Arc::new(dns)),
            Err(error) => {
                tracing::warn!(%error, "no name servers: custom domains cannot be verified");
                app
            }
        });
        let router = housekey_web::router(app.clone(), &settings.server.web, None);
        let address = listener.local_addr()?;
        let server = Server::start(vec![listener], tls.as_ref(), &router)?;
        tracing::info!(%address, tls = tls.is_some(), "listening");
        let worker = Worker::start(&app, messenger);
        let served = server.run().await;
        worker.stop().await;
        house.database.close().await;
        served
    }
}

fn messenger(settings: &Settings) -> Result<Arc<dyn Messenger>> {
    let mail = settings.mail.as_ref().map(SmtpMessenger::new).transpose()?;
    if mail.is_none() {
        tracing::warn!("no [mail] in the configuration: nobody can reset a password");
    }
    Ok(Arc::new(Deliveries::new(mail, &settings.outbound.http)?))
}
