//! Whether the database can be reached, is up to date, and has room.

use std::path::Path;

use housekey_store::{Inspection, inspect};
use rustix::fs::statvfs;

use super::Finding;
use crate::config::DatabaseSettings;

const CHECK: &str = "database";
/// Below this much room the operator should do something; below a tenth of it, at once.
const ROOMY: u64 = 1 << 30;

/// What is found, and what the database is like if it can be reached.
pub(super) async fn look(settings: &DatabaseSettings) -> (Vec<Finding>, Option<Inspection>) {
    match inspect(&settings.url).await {
        // The driver's errors quote their causes.
        Err(error) => (vec![unusable(&error.to_string())], None),
        Ok(inspection) => (of(&inspection), Some(inspection)),
    }
}

/// Whether its tenants can be read without changing it.
pub(super) fn is_ready(inspection: &Inspection) -> bool {
    match inspection {
        Inspection::Missing { .. } => false,
        Inspection::File { pending, .. } | Inspection::Server { pending, .. } => *pending == 0,
    }
}

/// What is found of one that cannot be used.
pub(super) fn unusable(why: &str) -> Finding {
    let remedy = "see that it runs, that database.url names it, and that its user may use it";
    Finding::problem(CHECK, why, remedy)
}

fn of(inspection: &Inspection) -> Vec<Finding> {
    match inspection {
        Inspection::Missing { path } => {
            let told = format!("{} is not there yet", path.display());
            let remedy = "`housekey migrate` or `housekey serve` makes it; if there should be one, \
                see that database.url names it";
            vec![Finding::warning(CHECK, told, remedy), room(path)]
        }
        Inspection::File { path, pending } => {
            vec![migrated(&path.display().to_string(), *pending), room(path)]
        }
        Inspection::Server { pending, .. } => vec![migrated("PostgreSQL", *pending)],
    }
}

fn migrated(name: &str, pending: usize) -> Finding {
    if pending == 0 {
        return Finding::ok(CHECK, format!("{name} can be reached and is up to date"));
    }
    let told = format!("{name} can be reached, and {pending} migrations are missing");
    let remedy = "`housekey migrate` applies them, and so does `housekey serve` when it starts; \
        then run this again";
    Finding::warning(CHECK, told, remedy)
}

fn room(file: &Path) -> Finding {
    const CHECK: &str = "disk";
    const REMEDY: &str = "make room, or move the file: when the disk is full, nobody can sign in";
    let folder = file.parent().unwrap_or(file);
    let free = match statvfs(folder) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => {
            let told = format!("{} cannot be looked at: {error}", folder.display());
            return Finding::problem(CHECK, told, "see that the directory exists");
        }
    };
    let told = format!("{} MiB are free in {}", free >> 20, folder.display());
    match free {
        ROOMY.. => Finding::ok(CHECK, told),
        free if free >= ROOMY / 10 => Finding::warning(CHECK, told, REMEDY),
        _ => Finding::problem(CHECK, told, REMEDY),
    }
}
