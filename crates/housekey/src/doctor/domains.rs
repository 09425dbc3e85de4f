//! Whether people reach each tenant where it says it is: the name, the connection with its
//! certificate, and the issuer that answers.

use housekey_core::tenant::LoadedTenant;
use housekey_outbound::fetch;
use housekey_web::Scheme;
use tokio::net::lookup_host;

use super::certificate::Certificate;
use super::{Finding, Wishes};
use crate::config::Settings;
use crate::house::House;

pub(super) async fn look(
    house: &House,
    settings: &Settings,
    wishes: &Wishes,
    certificate: Option<&Certificate>,
) -> Vec<Finding> {
    let tenants = match house.app.store().registry().tenants().await {
        Ok(tenants) => tenants,
        Err(error) => return vec![super::database::unusable(&error.to_string())],
    };
    let wanted = |name: &str| wishes.tenant.as_deref().is_none_or(|wanted| wanted == name);
    let mut findings = Vec::new();
    for id in tenants.iter().filter(|id| wanted(id.as_str())) {
        match house.tenant(id.as_str()).await {
            Ok(tenant) => findings.extend(of_tenant(&tenant, settings, certificate).await),
            Err(error) => findings.push(super::database::unusable(&format!("{error:#}"))),
        }
    }
    if findings.is_empty() {
        let told = "there is no tenant to look at: nobody can sign in";
        let remedy = "`housekey tenant create` makes one, `housekey tenant list` shows all";
        findings.push(Finding::warning("domains", told, remedy));
    }
    findings
}

async fn of_tenant(
    tenant: &LoadedTenant,
    settings: &Settings,
    certificate: Option<&Certificate>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for host in tenant.hosts() {
        let check = format!("domain {host}");
        if certificate.is_some_and(|certificate| !certificate.is_for(host)) {
            let told = "server.tls_certificate is not for this name";
            let remedy = "get a certificate with this name in it";
            findings.push(Finding::problem(&check, told, remedy));
            continue;
        }
        findings.push(match reached(host, settings).await {
            Ok(issuer) => Finding::ok(check, format!("{issuer} answers as itself")),
            Err((told, remedy)) => Finding::problem(check, told, remedy),
        });
    }
    findings
}

/// The issuer that answers on `host`.
///
/// # Errors
/// What is wrong, and how to mend it.
async fn reached(host: &str, settings: &Settings) -> Result<String, (String, &'static str)> {
    let scheme = settings.server.web.public_scheme;
    resolved(host, scheme).await?;
    let issuer = format!("{}://{host}/", scheme.as_str());
    let url = format!("{issuer}.well-known/openid-configuration");
    let (status, body) = fetch(&url, settings.outbound.http.ca_certificate.clone()).await.map_err(
        |error| (format!("{issuer}: {error}"), "see that the server runs, that its port is open or its \
            proxy forwards to it, and that its certificate is valid and whole (outbound.ca_certificate \
            names an authority of your own)"),
    )?;
    if status != 200 {
        let remedy = "see that the name leads to this Housekey, and that its proxy keeps the Host \
            header or sends X-Forwarded-Host, and is in server.trusted_proxies";
        return Err((format!("{url} answered {status}"), remedy));
    }
    let told = serde_json::from_slice::<serde_json::Value>(&body).unwrap_or_default();
    let told = told["issuer"].as_str().unwrap_or_default().to_owned();
    if told != issuer {
        let remedy = "see that the proxy keeps the Host header or sends X-Forwarded-Host and \
            X-Forwarded-Proto, is in server.trusted_proxies, and that server.public_scheme is \
            what people see";
        return Err((format!("{url} says that the issuer is {told:?}"), remedy));
    }
    Ok(issuer)
}

async fn resolved(host: &str, scheme: Scheme) -> Result<(), (String, &'static str)> {
    let port = match scheme {
        Scheme::Http => 80,
        Scheme::Https => 443,
    };
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port { host.to_owned() } else { format!("{host}:{port}") };
    let remedy = "add an A or AAAA record for it that leads to this server or its proxy";
    match lookup_host(&address).await.map(|mut found| found.next()) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err((format!("{host} has no address"), remedy)),
        Err(error) => Err((format!("{host} does not resolve: {error}"), remedy)),
    }
}
