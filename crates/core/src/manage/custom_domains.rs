//! Custom domains (contract 05 §13): a host becomes the tenant's once a TXT record shows that its
//! owner wants that.

use serde_json::Value;

use super::record::{Done, commit};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::guard::Limit;
use crate::port::{Resolver, StoreError, Tx};
use crate::secret::Handle;
use crate::tenant::{Domain, DomainKind, is_host};

const RESOURCE: &str = "custom-domains";
/// How often a domain's record may be looked up.
const LOOK_UPS: Limit = Limit { requests: 5, period_ms: 60_000 };
/// What the text of a record begins with.
const PREFIX: &str = "housekey-domain-verification=";

/// All custom domains.
pub fn list(call: &Call) -> impl Iterator<Item = &Domain> {
    call.tenant.domains().filter(|domain| !domain.canonical)
}

/// The custom domain of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub fn find<'a>(call: &'a Call, id: &str) -> Result<&'a Domain, ManageError> {
    list(call).find(|domain| domain.id() == id).ok_or_else(missing)
}

/// The text its record has to hold, if it needs one.
#[must_use]
pub fn record_text(domain: &Domain) -> Option<String> {
    domain.settings.challenge.as_ref().map(|challenge| format!("{PREFIX}{challenge}"))
}

/// Adds a domain that is to be verified.
///
/// # Errors
/// [`ManageError::Conflict`] if the tenant has it; [`ManageError::InvalidBody`] for what is no domain
/// name, and those of `change`.
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    host: &str,
    change: impl FnOnce(&mut Domain) -> Result<(), ManageError>,
    body: Value,
) -> Result<Domain, ManageError> {
    if !is_host(host) || !has_labels(host) {
        return Err(ManageError::InvalidBody(format!("{host} is not a domain name.")));
    }
    let mut domain = Domain { verified: false, ..Domain::verified(host, false) };
    domain.settings.challenge = Some(app.random().alphanumeric(32));
    domain.settings.created_at = Some(call.now);
    change(&mut domain)?;
    check(&domain)?;
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    let mut domains = tx.domains().await?;
    if domains.iter().any(|own| own.host == domain.host) {
        return Err(ManageError::Conflict(
            "The specified custom domain already exists.".to_owned(),
        ));
    }
    domains.push(domain.clone());
    put(&mut *tx, &domains).await?;
    let done = Done { method: "POST", resource: RESOURCE, id: &domain.id(), body };
    commit(app, call, tx, operator, done).await?;
    Ok(domain)
}

/// Changes what is set about a domain.
///
/// # Errors
/// [`ManageError::NotFound`], and those of `change`.
pub async fn update(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    change: impl FnOnce(&mut Domain) -> Result<(), ManageError>,
    body: Value,
) -> Result<Domain, ManageError> {
    let change = |domain: &mut Domain| {
        change(domain)?;
        check(domain)
    };
    let done = Done { method: "PATCH", resource: RESOURCE, id, body };
    replace(app, call, operator, change, done).await
}

/// Removes a domain. Nobody is answered there from then on.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn delete(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<(), ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    let mut domains = tx.domains().await?;
    let at = position(&domains, id)?;
    let gone = domains.remove(at);
    put(&mut *tx, &domains).await?;
    let mut settings = tx.settings().await?;
    if settings.default_domain.as_ref() == Some(&gone.host) {
        settings.default_domain = None;
        tx.put_settings(&settings).await?;
    }
    let done = Done { method: "DELETE", resource: RESOURCE, id, body: Value::Null };
    commit(app, call, tx, operator, done).await
}

/// Looks a domain's record up and lets the tenant answer there if it is right. Returns the domain
/// as it is then, and what the owner's proxy is to show, the first time.
///
/// # Errors
/// [`ManageError::NotFound`]; [`ManageError::RateLimited`]; [`ManageError::Conflict`] if another
/// tenant answers there.
pub async fn verify(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<(Domain, Option<Handle>), ManageError> {
    let found = find(call, id)?;
    let bucket = format!("custom_domain|{}|{id}", call.tenant.id);
    if app.limiter().take(bucket, LOOK_UPS, call.now).is_some_and(|decision| !decision.allowed) {
        return Err(ManageError::RateLimited);
    }
    // Nothing slow inside a transaction.
    let failure = if found.verified { None } else { look_up(app.resolver(), found).await.err() };
    let is_first = !found.verified && failure.is_none();
    let key = (is_first && found.settings.kind == DomainKind::SelfManagedCerts)
        .then(|| Handle::generate(app.random()));
    let settle = |domain: &mut Domain| {
        domain.settings.checked_at = Some(call.now);
        domain.verified |= is_first;
        domain.settings.failure = failure;
        if let Some(key) = &key {
            domain.settings.proxy_key = Some(key.hash());
        }
        Ok(())
    };
    let done = Done { method: "POST", resource: RESOURCE, id, body: Value::Null };
    let domain = replace(app, call, operator, settle, done).await?;
    Ok((domain, key))
}

/// Makes a host the one that links lead to which nobody asked for on another one.
///
/// # Errors
/// [`ManageError::NotFound`] if the tenant has no such host; [`ManageError::InvalidBody`] if it is
/// not verified.
pub async fn set_default(
    app: &App,
    call: &Call,
    operator: &Operator,
    host: &str,
    body: Value,
) -> Result<Domain, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    let found = tx.domains().await?.into_iter().find(|domain| domain.host == host);
    let domain = found.ok_or_else(missing)?;
    if !domain.verified {
        return Err(ManageError::InvalidBody(
            "The domain must be verified before it can be set as default.".to_owned(),
        ));
    }
    let mut settings = tx.settings().await?;
    settings.default_domain = Some(host.to_owned());
    tx.put_settings(&settings).await?;
    let done = Done { method: "PATCH", resource: RESOURCE, id: "default", body };
    commit(app, call, tx, operator, done).await?;
    Ok(domain)
}

/// The call as if it had come on the domain that links are to lead to: the one that is named, or else
/// the default one (contract 05 §2.4).
///
/// # Errors
/// [`ManageError::InvalidHeader`] for a domain the tenant does not answer on;
/// [`ManageError::ManyDomains`] if none is named and there are several.
pub fn links_on(call: &Call, named: Option<&str>) -> Result<Call, ManageError> {
    let tenant = &call.tenant;
    let canonical = || tenant.canonical_host().to_owned();
    let host = match (named, &tenant.settings.default_domain) {
        (Some(named), _) if tenant.answers_on(named) => named.to_owned(),
        (Some(_), _) => {
            let text = "The custom domain in the Auth0-Custom-Domain header is not the tenant's.";
            return Err(ManageError::InvalidHeader(text.to_owned()));
        }
        (None, Some(default)) if tenant.answers_on(default) => default.clone(),
        (None, _) => {
            let mut custom = list(call).filter(|domain| domain.verified);
            match (custom.next(), custom.next()) {
                (Some(_), Some(_)) => return Err(ManageError::ManyDomains),
                (Some(only), None) if call.wants_custom_domains() => only.host.clone(),
                (Some(_) | None, _) => canonical(),
            }
        }
    };
    let scheme = if call.is_secure() { "https" } else { "http" };
    Ok(Call { issuer: format!("{scheme}://{host}/"), host, ..call.clone() })
}

fn missing() -> ManageError {
    ManageError::NotFound(Thing::CustomDomain)
}

fn position(domains: &[Domain], id: &str) -> Result<usize, ManageError> {
    let is_it = |domain: &Domain| !domain.canonical && domain.id() == id;
    domains.iter().position(is_it).ok_or_else(missing)
}

/// Puts a changed domain in the place of what it was.
async fn replace(
    app: &App,
    call: &Call,
    operator: &Operator,
    change: impl FnOnce(&mut Domain) -> Result<(), ManageError>,
    done: Done<'_>,
) -> Result<Domain, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    let mut domains = tx.domains().await?;
    let at = position(&domains, done.id)?;
    change(&mut domains[at])?;
    put(&mut *tx, &domains).await?;
    commit(app, call, tx, operator, done).await?;
    Ok(domains.swap_remove(at))
}

async fn put(tx: &mut dyn Tx, domains: &[Domain]) -> Result<(), ManageError> {
    match tx.put_domains(domains).await {
        Err(StoreError::Conflict) => {
            let text = "Somebody else's tenant answers on the custom domain.";
            Err(ManageError::Conflict(text.to_owned()))
        }
        outcome => Ok(outcome?),
    }
}

/// Whether the name has an owner who can show it: addresses and bare names have none.
fn has_labels(host: &str) -> bool {
    let url = url::Url::parse(&format!("http://{host}/"));
    url.is_ok_and(|url| matches!(url.host(), Some(url::Host::Domain(name)) if name.contains('.')))
}

fn check(domain: &Domain) -> Result<(), ManageError> {
    match &domain.relying_party_identifier {
        Some(id) if !domain.may_have_relying_party(id) => Err(ManageError::InvalidBody(
            "relying_party_identifier must be the domain or a domain it is part of.".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Whether the record is right; if not, why.
async fn look_up(resolver: Option<&dyn Resolver>, domain: &Domain) -> Result<(), String> {
    let resolver = resolver.ok_or("This server cannot look domain names up.")?;
    let expected = record_text(domain).ok_or("The domain has nothing to be verified with.")?;
    let name = domain.challenge_name();
    let texts = resolver.texts(&name).await?;
    if texts.contains(&expected) {
        return Ok(());
    }
    Err(if texts.is_empty() {
        format!("{name} has no TXT record.")
    } else {
        format!("{name} has another TXT record.")
    })
}
