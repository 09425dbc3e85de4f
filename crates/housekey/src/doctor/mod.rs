//! `housekey doctor`: looks at everything a server needs, changes nothing, and says of each thing
//! what is wrong with it and how to mend it.

mod certificate;
mod clock;
mod database;
mod domains;
mod mail;
mod report;

use std::path::Path;

pub use report::{Finding, State};

use crate::config::{self, Settings};
use crate::house::House;

/// What to look at besides what there is.
pub struct Wishes {
    /// Only this tenant's hosts.
    pub tenant: Option<String>,
    /// Send a mail to this address.
    pub mail_to: Option<String>,
}

/// Looks at everything that the configuration file at `path` leads to.
pub async fn examine(path: &Path, wishes: &Wishes) -> Vec<Finding> {
    let settings = match config::load(path) {
        Ok(settings) => settings,
        Err(mistakes) => return mistakes.found().iter().map(mistake).collect(),
    };
    let usable = format!("{} is usable", path.display());
    let mut findings = vec![Finding::ok("configuration", usable)];
    let (database, looked_at) = database::look(&settings.database).await;
    findings.extend(database);
    findings.push(clock::look(looked_at.as_ref()));
    findings.extend(mail::look(settings.mail.as_ref(), wishes.mail_to.as_deref()).await);
    let certificate = settings.server.tls.as_ref().map(certificate::read);
    if let Some(certificate) = &certificate {
        findings.push(certificate::look(certificate));
    }
    if looked_at.is_some_and(|looked_at| database::is_ready(&looked_at)) {
        let certificate = certificate.and_then(Result::ok);
        findings.extend(inside(&settings, wishes, certificate.as_ref()).await);
    }
    findings
}

fn mistake(mistake: &config::Mistake) -> Finding {
    let told = format!("{}: {}", mistake.place, mistake.problem);
    Finding::problem("configuration", told, &mistake.remedy)
}

/// What takes an open database: the master key, and the tenants' hosts.
async fn inside(
    settings: &Settings,
    wishes: &Wishes,
    certificate: Option<&certificate::Certificate>,
) -> Vec<Finding> {
    let opened = House::open(&settings.database, &settings.master_key, settings.passwords).await;
    let house = match opened {
        Ok(house) => house,
        Err(error) => return vec![database::unusable(&format!("{error:#}"))],
    };
    let mut findings = Vec::new();
    match house.check_master_key().await {
        Ok(()) => {
            findings.push(Finding::ok("master key", "it opens the database"));
            findings.extend(domains::look(&house, settings, wishes, certificate).await);
        }
        Err(error) => {
            let remedy = "name the key the database was made with, or restore the database that \
                belongs to this key";
            findings.push(Finding::problem("master key", format!("{error:#}"), remedy));
        }
    }
    house.database.close().await;
    findings
}
