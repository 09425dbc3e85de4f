//! Facts about one request, fixed once at its beginning.

use std::sync::Arc;

use crate::app::App;
use crate::error::Fault;
use crate::resource_server::{ResourceServer, ResourceServerKind};
use crate::tenant::LoadedTenant;
use crate::tenant::languages::best_language;
use crate::time::Timestamp;
use crate::token::Audience;

/// Facts about one request.
#[derive(Clone)]
pub struct Call {
    /// The tenant whose host was called.
    pub tenant: Arc<LoadedTenant>,
    /// The host, with a port when it is not the scheme's default.
    pub host: String,
    /// `{scheme}://{host}/`: issuer of everything this request makes.
    pub issuer: String,
    /// The request's one and only present.
    pub now: Timestamp,
    /// The peer's address.
    pub ip: String,
    /// The peer's `User-Agent`.
    pub user_agent: String,
    /// The languages the peer asks for, as it says (RFC 9110 §12.5.4).
    pub accept_language: String,
    /// What log lines of this request have in common.
    pub request_id: String,
}

impl Call {
    /// Looks whether the tenant's configuration was changed, by whatever server, and takes the
    /// change up.
    ///
    /// # Errors
    /// If the database is not available.
    pub async fn refresh(&mut self, app: &App) -> Result<(), Fault> {
        if let Some(tenant) = app.directory().newest(&self.tenant.id, self.now).await? {
            self.tenant = tenant;
        }
        Ok(())
    }

    /// The same from somebody who asked for other languages in the first place.
    #[must_use]
    pub fn speaking(&self, languages: Option<&str>) -> Self {
        let mut call = self.clone();
        if let Some(languages) = languages {
            call.accept_language = format!("{languages},{}", self.accept_language);
        }
        call
    }

    /// The language of the tenant's to speak in.
    #[must_use]
    pub fn language(&self) -> String {
        best_language(&self.tenant.settings.enabled_locales, &self.accept_language)
    }

    /// Whether the request came over TLS, as its issuer says.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.issuer.starts_with("https://")
    }

    /// The audience of the My Account API on this host.
    #[must_use]
    pub fn my_account_audience(&self) -> String {
        format!("{}me/", self.issuer)
    }

    /// The audience of the API by which people manage their authenticators on this host.
    #[must_use]
    pub fn mfa_audience(&self) -> String {
        format!("{}mfa/", self.issuer)
    }

    /// The API that a request calls `audience`, and what its tokens call it.
    #[must_use]
    pub fn api_named(&self, audience: &str) -> Option<(&ResourceServer, Audience)> {
        let api = self.tenant.api_for(audience, &self.issuer, &self.canonical_issuer())?;
        let value = match api.kind {
            ResourceServerKind::Mfa => self.mfa_audience(),
            _ => audience.to_owned(),
        };
        Some((api, Audience { resource_server_id: api.id.clone(), value }))
    }

    /// Where devices for push messages speak with this host (contract 04 §14.1).
    #[must_use]
    pub fn guardian_base(&self) -> String {
        format!("{}appliance-mfa", self.issuer)
    }

    /// The issuer of the tenant's own domain, with this request's scheme.
    #[must_use]
    pub fn canonical_issuer(&self) -> String {
        let scheme = if self.is_secure() { "https" } else { "http" };
        format!("{scheme}://{}/", self.tenant.canonical_host())
    }

    /// Whether `issuer` is that of one of the tenant's hosts.
    #[must_use]
    pub fn is_issuer(&self, issuer: &str) -> bool {
        let scheme = if self.is_secure() { "https://" } else { "http://" };
        let host = issuer.strip_prefix(scheme).and_then(|rest| rest.strip_suffix('/'));
        host.is_some_and(|host| self.tenant.answers_on(host))
    }

    /// The issuer that links in mails lead to: that of the host that was called, unless the tenant
    /// wants its own domain in mails (`enable_custom_domain_in_emails` is false).
    #[must_use]
    pub fn mail_issuer(&self) -> String {
        if self.wants_custom_domains() { self.issuer.clone() } else { self.canonical_issuer() }
    }

    /// Whether links that go out may lead to custom domains.
    #[must_use]
    pub fn wants_custom_domains(&self) -> bool {
        self.tenant.settings.flags.get("enable_custom_domain_in_emails") != Some(&false)
    }

    /// The audience that lets a token be used at `/userinfo`.
    #[must_use]
    pub fn userinfo_audience(&self) -> String {
        format!("{}userinfo", self.canonical_issuer())
    }
}
