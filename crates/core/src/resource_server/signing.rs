//! The secret an API shares with the server, if its tokens are signed under one.

use super::ResourceServer;
use crate::app::App;
use crate::error::Fault;
use crate::id::TenantId;
use crate::seal::SealedText;
use crate::secret::SecretText;
use crate::token::SigningAlgorithm;

/// Random bytes in a generated secret.
const SECRET_BYTES: usize = 32;

impl ResourceServer {
    /// Sets the algorithm and, for HS256, the secret: the one given, the one it has, or a new one.
    /// With any other algorithm there is none.
    ///
    /// # Errors
    /// If the secret cannot be sealed.
    pub fn set_signing(
        &mut self,
        app: &App,
        tenant: &TenantId,
        algorithm: SigningAlgorithm,
        secret: Option<String>,
    ) -> Result<(), Fault> {
        self.settings.signing_alg = algorithm;
        if algorithm != SigningAlgorithm::Hs256 {
            self.settings.signing_secret = None;
        } else if secret.is_some() || self.settings.signing_secret.is_none() {
            let secret = secret.unwrap_or_else(|| app.random().base64url(SECRET_BYTES));
            let secret = SecretText::new(secret);
            let name = self.signing_secret_name();
            let sealed = SealedText::seal(tenant, &name, &secret, app.sealer(), app.random())?;
            self.settings.signing_secret = Some(sealed);
        }
        Ok(())
    }

    /// The secret, for signing and for those who run the API.
    ///
    /// # Errors
    /// If it does not open.
    pub fn reveal_signing_secret(
        &self,
        app: &App,
        tenant: &TenantId,
    ) -> Result<Option<String>, Fault> {
        let Some(sealed) = &self.settings.signing_secret else { return Ok(None) };
        let secret = sealed.open(tenant, &self.signing_secret_name(), app.sealer())?;
        Ok(Some(secret.expose().to_owned()))
    }

    fn signing_secret_name(&self) -> String {
        format!("signing-secret/{}", self.id)
    }
}
