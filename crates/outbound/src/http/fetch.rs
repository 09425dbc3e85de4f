//! Fetching an address that the operator wants looked at: private ones are theirs, too.

use super::{Http, HttpSettings, Version, send};

/// Status and body of what `url` answers. `ca_certificate` is the PEM of an authority to trust
/// besides the public ones.
///
/// # Errors
/// What went wrong, with its causes.
pub async fn fetch(url: &str, ca_certificate: Option<Vec<u8>>) -> Result<(u16, Vec<u8>), String> {
    let settings = HttpSettings { allow_private_addresses: true, ca_certificate };
    let http = Http::new(&settings, Version::Any).map_err(|error| error.to_string())?;
    let answer = send(http.client.get(url)).await.map_err(|error| error.reason().to_owned())?;
    Ok((answer.status, answer.body))
}
