//! What every handler shares.

use std::ops::Deref;
use std::sync::Arc;

use housekey_core::App;
use housekey_core::port::SystemClock;

use crate::host::{Scheme, TrustedProxies};
use crate::view::Renderer;

/// How this server is reached.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// The scheme of the URLs people and applications use.
    pub public_scheme: Scheme,
    /// Addresses or networks (CIDR) of proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<String>,
}

/// What dev mode adds.
#[derive(Clone)]
pub struct Dev {
    /// The clock that `/dev/clock` moves.
    pub clock: Arc<SystemClock>,
}

/// What every handler shares; cheap to clone.
#[derive(Clone)]
pub(crate) struct Web(Arc<Shared>);

pub(crate) struct Shared {
    pub app: Arc<App>,
    pub renderer: Renderer,
    pub scheme: Scheme,
    pub proxies: TrustedProxies,
    pub dev: Option<Dev>,
}

impl Web {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for Web {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
