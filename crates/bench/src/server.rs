//! The server under test, as a child process.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use tokio::time::sleep;

use crate::process;

/// How often a file or a process is looked at while waiting for it.
const POLL: Duration = Duration::from_millis(5);
/// How long a server may take to end after it was asked to.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an ordinary start may take before the run is given up.
pub const START_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a server must have used no CPU to be at rest; longer than it puts off the work it
/// leaves for after its start, such as making its next signing key.
const QUIET: Duration = Duration::from_secs(3);
/// How long to wait for that.
const REST_TIMEOUT: Duration = Duration::from_secs(20);

/// What the server writes to `dev.json` for programs, as far as it is needed here.
#[derive(Deserialize)]
pub struct DevFile {
    /// Base URL.
    pub issuer: String,
    /// Audience of the My Account API.
    pub my_account_audience: String,
    /// Audience of the Management API.
    pub management_audience: String,
    /// Seeded clients.
    pub clients: Clients,
    /// Seeded user.
    pub user: User,
}

/// Seeded clients.
#[derive(Deserialize)]
pub struct Clients {
    /// The single-page application: public, code flow with PKCE, rotating refresh tokens.
    pub spa: Spa,
    /// The application that manages the tenant.
    pub management: Machine,
}

/// The single-page application.
#[derive(Deserialize)]
pub struct Spa {
    /// Its id.
    pub client_id: String,
}

/// An application that acts for itself.
#[derive(Deserialize)]
pub struct Machine {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// The seeded user.
#[derive(Deserialize)]
pub struct User {
    /// Address to sign in with.
    pub email: String,
    /// Password.
    pub password: String,
}

/// The path of the server's binary: the given one, or `housekey` beside this executable.
pub fn find(given: Option<&Path>) -> Result<PathBuf> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()?.with_file_name("housekey"),
    };
    ensure!(
        path.is_file(),
        "there is no server at {}; build it with `cargo build --release`, or name it with --server",
        path.display()
    );
    Ok(path)
}

/// How to start a server.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The binary.
    pub program: PathBuf,
    /// Data directory.
    pub data: PathBuf,
    /// Port on loopback; 0 lets the server pick one.
    pub port: u16,
    /// Further arguments.
    pub arguments: Vec<String>,
}

impl Launch {
    /// Starts the process and does not wait for it to be ready.
    pub fn spawn(&self) -> Result<Server> {
        fs::create_dir_all(&self.data)?;
        // One left over from an earlier start would be taken for this one's.
        if let Err(error) = fs::remove_file(self.dev_file())
            && error.kind() != ErrorKind::NotFound
        {
            return Err(error).context("cannot remove an old dev.json");
        }
        let log = self.data.join("server.log");
        let output = File::create(&log)?;
        let child = Command::new(&self.program)
            .args(["dev", "--listen", &format!("127.0.0.1:{}", self.port), "--data"])
            .arg(&self.data)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stderr(output.try_clone()?)
            .stdout(output)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        Ok(Server { child, log })
    }

    /// Starts the process and waits until it accepts connections.
    pub async fn start(&self, timeout: Duration) -> Result<(Server, DevFile)> {
        let mut server = self.spawn()?;
        let deadline = Instant::now() + timeout;
        loop {
            // Written atomically and last, so what is there is whole.
            if let Ok(text) = fs::read_to_string(self.dev_file()) {
                let dev = serde_json::from_str(&text).context("cannot understand dev.json")?;
                return Ok((server, dev));
            }
            server.check_running()?;
            ensure!(Instant::now() < deadline, "the server was not ready within {timeout:?}");
            sleep(POLL).await;
        }
    }

    fn dev_file(&self) -> PathBuf {
        self.data.join("dev.json")
    }
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Fails, with the last lines the server printed, if it has ended by itself.
    pub fn check_running(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            bail!("the server ended ({status}) and said:\n{}", last_lines(&log, 15));
        }
        Ok(())
    }

    /// Waits until the server has done what it does by itself after a start, so that this is not
    /// taken for the cost of a request. One that never rests is measured as it is.
    pub async fn rest(&self) -> Result<()> {
        let deadline = Instant::now() + REST_TIMEOUT;
        let mut used = process::cpu_time(self.pid())?;
        let mut quiet_since = Instant::now();
        while quiet_since.elapsed() < QUIET && Instant::now() < deadline {
            sleep(POLL).await;
            let now = process::cpu_time(self.pid())?;
            if now != used {
                used = now;
                quiet_since = Instant::now();
            }
        }
        Ok(())
    }

    /// Asks the server to end, as an operator would, and waits for it.
    pub async fn stop(mut self) -> Result<()> {
        // The standard library only knows SIGKILL; the shell's own `kill` is everywhere.
        let pid = self.pid().to_string();
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &pid]).status()?;
        ensure!(asked.success(), "cannot signal the server");
        let deadline = Instant::now() + STOP_TIMEOUT;
        while self.child.try_wait()?.is_none() {
            ensure!(Instant::now() < deadline, "the server did not stop within {STOP_TIMEOUT:?}");
            sleep(POLL).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if the process is gone already, which is what is wanted.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_server_is_explained() {
        let error = find(Some(Path::new("/nowhere/housekey"))).expect_err("no such file");
        let message = error.to_string();
        assert!(message.contains("/nowhere/housekey"), "{message}");
        assert!(message.contains("cargo build --release"), "{message}");
    }

    #[test]
    fn dev_json_is_read_as_documented() {
        let text = r#"{
            "domain": "localhost:4000", "issuer": "http://localhost:4000/",
            "my_account_audience": "http://localhost:4000/me/",
            "management_audience": "http://localhost:4000/api/v2/",
            "connection": "Username-Password-Authentication",
            "clients": { "spa": { "client_id": "spa1" }, "web": { "client_id": "w", "client_secret": "s" },
                "management": { "client_id": "m", "client_secret": "s" } },
            "user": { "user_id": "auth0|1", "email": "demo@example.com", "password": "pw" },
            "outbox": "http://localhost:4000/dev/outbox", "clock": "http://localhost:4000/dev/clock",
            "ca_certificate": null, "pid": 12345
        }"#;
        let dev: DevFile = serde_json::from_str(text).expect("the documented file");
        assert_eq!(dev.clients.spa.client_id, "spa1");
        assert_eq!(dev.user.email, "demo@example.com");
    }

    #[test]
    fn only_the_last_lines_are_shown() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a\n", 2), "a");
    }

    #[test]
    fn a_server_that_ends_at_once_shows_what_it_said() {
        let scratch = crate::scratch::Scratch::create(&std::env::temp_dir()).expect("scratch");
        let launch = Launch {
            program: PathBuf::from("echo"),
            data: scratch.join("data"),
            port: 0,
            arguments: vec!["unknown flag".to_owned()],
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let result = runtime.expect("a runtime").block_on(launch.start(Duration::from_secs(5)));
        let message = result.err().expect("echo is no server").to_string();
        assert!(message.contains("unknown flag"), "{message}");
    }
}
