//! `housekey dev`.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::dev::{self, DevOptions};

/// Start a throw-away server with a demo tenant, applications and a user; nothing to configure
#[derive(Debug, Args)]
#[command(
    long_about = "Start a throw-away server with a demo tenant, applications and a user.\n\n\
        Everything is in one directory. Nothing leaves the machine: /dev/outbox shows the mail \
        that would have been sent, /dev/clock moves the server's clock.\n\
        Never put it on a network: its clients' secrets are known to everybody who can read the \
        directory.",
    after_help = "Examples:\n  housekey dev\n  \
        housekey dev --tls --listen 127.0.0.1:0 --data /tmp/try\n  \
        housekey dev --database postgres://housekey:secret@localhost/housekey"
)]
pub struct Dev {
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:4000")]
    listen: SocketAddr,
    /// Directory for the database, keys and dev.json; starting again on it keeps all data
    #[arg(long, value_name = "DIR", default_value = "./.housekey")]
    data: PathBuf,
    /// Serve HTTPS, with a certificate of an authority made on first start (DIR/ca.pem)
    #[arg(long)]
    tls: bool,
    /// Use this database instead of the file in the directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Make sure that there are this many further users, user1@example.com and so on
    #[arg(long, value_name = "N", default_value_t = 0, hide = true)]
    seed_users: u32,
    /// Leave out the rate limits, to measure what the server can do
    #[arg(long, hide = true)]
    no_rate_limits: bool,
    /// Ask this name server for records that verify custom domains, instead of the machine's
    #[arg(long, value_name = "ADDR:PORT")]
    name_server: Option<SocketAddr>,
    /// Hash passwords at next to no cost, to measure everything else
    #[arg(long, hide = true)]
    cheap_passwords: bool,
}

impl Dev {
    pub(super) async fn run(self) -> Result<()> {
        let Self {
            listen,
            data,
            tls,
            database,
            seed_users,
            no_rate_limits,
            cheap_passwords,
            name_server,
        } = self;
        let options = DevOptions {
            listen,
            data,
            tls,
            database,
            seed_users,
            no_rate_limits,
            name_server,
            cheap_passwords,
        };
        dev::run(options).await
    }
}
