//! The command line. A command is an operation of the core with a terminal face.

mod client;
mod database;
mod dev;
mod doctor;
mod factors;
mod keys;
mod limits;
mod output;
mod phone_provider;
mod push_provider;
mod serve;
mod target;
mod tenant;
#[cfg(test)]
mod tests;
mod token;
mod user;
mod user_export;
mod user_import;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// An identity server you run yourself. It speaks Auth0's wire format, My Account API included.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Try it:\n  housekey dev\n\n\
        Run it:\n  housekey master-key > master.key\n  \
        housekey check-config --config housekey.toml\n  \
        housekey tenant create --config housekey.toml acme --host login.acme.example\n  \
        housekey serve --config housekey.toml\n\n\
        docs/configuration.md explains the file, docs/operations.md the rest."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Dev(dev::Dev),
    Serve(serve::Serve),
    CheckConfig(serve::CheckConfig),
    Doctor(doctor::Doctor),
    Migrate(database::Migrate),
    MasterKey(database::MasterKey),
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    #[command(subcommand)]
    Client(client::Client),
    #[command(subcommand)]
    User(user::User),
    #[command(subcommand)]
    Keys(keys::Keys),
    Token(token::Token),
}

/// Does what was asked for.
///
/// # Errors
/// If it cannot be done; the message is for the person at the terminal.
pub fn run(cli: Cli) -> Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(cores).enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Dev(command) => command.run().await,
            Command::Serve(command) => command.run().await,
            Command::CheckConfig(command) => command.run(),
            Command::Doctor(command) => command.run().await,
            Command::Migrate(command) => command.run().await,
            Command::MasterKey(database::MasterKey) => database::MasterKey::run(),
            Command::Tenant(command) => command.run().await,
            Command::Client(command) => command.run().await,
            Command::User(command) => command.run().await,
            Command::Keys(command) => command.run().await,
            Command::Token(command) => command.run().await,
        }
    })
}
