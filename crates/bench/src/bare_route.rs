//! The yardstick: a route that does nothing, in a process of its own so that its CPU time can be
//! told from the load generator's.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};
use axum::{Json, Router, routing};
use serde_json::json;
use tokio::net::TcpListener;

use crate::client::Origin;

/// Serves the route on a free loopback port, prints the port, and ends when standard input closes,
/// which happens however the parent ends.
pub fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?.port());
        std::io::stdout().flush()?;
        std::thread::spawn(|| {
            std::io::stdin().lock().read_to_end(&mut Vec::new()).ok();
            std::process::exit(0);
        });
        let router = Router::new().route("/", routing::get(async || Json(json!({ "ok": true }))));
        Ok(axum::serve(listener, router).await?)
    })
}

/// The child process that serves it; killed when dropped.
pub struct BareRoute {
    child: Child,
    origin: Origin,
}

impl BareRoute {
    /// Starts it.
    pub fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("bare-route")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().context("the child's output is piped")?;
        let mut port = String::new();
        BufReader::new(output).read_line(&mut port)?;
        let origin = port.trim().parse().context("the bare route did not start");
        Ok(Self { child, origin: Origin::localhost(origin?)? })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Drop for BareRoute {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
