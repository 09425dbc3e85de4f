//! Listening, answering, and ending in good order.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use axum::Router;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;

use crate::config::TlsFiles;

/// How long running requests may take to end once the server is asked to.
const GRACE: Duration = Duration::from_secs(10);
/// How long a client may take to send a request's head.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// Binds `address`.
///
/// # Errors
/// If it is taken, not this machine's, or not allowed.
pub fn bind(address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow!("{address} is in use: another program listens there"),
        ErrorKind::PermissionDenied => anyhow!("listening on {address} is not allowed: {error}"),
        _ => anyhow!("listening on {address} is not possible: {error}"),
    })?;
    listener.set_nonblocking(true).context("preparing to listen")?;
    Ok(listener)
}

/// What TLS is spoken with, from PEM files.
///
/// # Errors
/// If they do not hold a certificate and its key.
pub async fn tls_from_files(files: &TlsFiles) -> Result<RustlsConfig> {
    install_crypto();
    RustlsConfig::from_pem_file(&files.certificate, &files.key).await.with_context(|| {
        let (certificate, key) = (files.certificate.display(), files.key.display());
        format!("{certificate} and {key} do not make a TLS certificate and its key")
    })
}

/// Chooses the cryptography of TLS, once for the process.
pub fn install_crypto() {
    // Fails if it was chosen before, and then it is the same.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// A server that answers requests.
pub struct Server {
    handle: Handle<SocketAddr>,
    serving: JoinSet<std::io::Result<()>>,
    stop: StopSignal,
}

impl Server {
    /// Begins to answer on `listeners`.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn start(
        listeners: Vec<TcpListener>,
        tls: Option<&RustlsConfig>,
        router: &Router,
    ) -> Result<Self> {
        let handle = Handle::new();
        let mut serving = JoinSet::new();
        for listener in listeners {
            let service = router.clone().into_make_service_with_connect_info::<SocketAddr>();
            let mut server = axum_server::from_tcp(listener)?.handle(handle.clone());
            let timer = TokioTimer::new();
            server.http_builder().http1().timer(timer).header_read_timeout(HEAD_WITHIN);
            match tls {
                None => serving.spawn(server.acceptor(NoDelayAcceptor).serve(service)),
                Some(tls) => {
                    let acceptor = RustlsAcceptor::new(tls.clone()).acceptor(NoDelayAcceptor);
                    serving.spawn(server.acceptor(acceptor).serve(service))
                }
            };
        }
        Ok(Self { handle, serving, stop: StopSignal::listen()? })
    }

    /// Answers until the process is asked to end, then lets running requests finish. Asked a
    /// second time, it drops them.
    ///
    /// # Errors
    /// If listening failed.
    pub async fn run(mut self) -> Result<()> {
        tokio::select! {
            () = self.stop.received() => {}
            Some(ended) = self.serving.join_next() => ended??,
        }
        tracing::info!("stopping: no new connections, running requests may finish");
        self.handle.graceful_shutdown(Some(GRACE));
        let finish = async {
            while let Some(ended) = self.serving.join_next().await {
                ended??;
            }
            anyhow::Ok(())
        };
        tokio::select! {
            finished = finish => finished,
            () = self.stop.received() => Ok(()),
        }
    }
}

/// SIGTERM from a service manager, SIGINT from a terminal.
struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    fn listen() -> Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
