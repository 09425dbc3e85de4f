//! Hashing: Argon2id, bounded, off the async threads.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

use crate::error::Fault;
use crate::port::Random;

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for HashCost {
    /// The first choice of OWASP's Password Storage Cheat Sheet that fits small machines.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

/// Hashes and checks passwords, a bounded number at a time.
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    /// What is checked when there is no user, so that it takes as long as when there is one.
    decoy: String,
}

impl PasswordHasher {
    /// A hasher that runs at most `at_once` hashes at a time.
    ///
    /// # Errors
    /// If the cost is outside what Argon2 allows.
    pub fn new(cost: HashCost, at_once: usize, random: &dyn Random) -> Result<Self, Fault> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
            .map_err(|error| Fault::new(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let decoy = decoy(&params, random);
        Ok(Self { argon2, permits: Arc::new(Semaphore::new(at_once.max(1))), decoy })
    }

    /// The PHC string of `password`.
    ///
    /// # Errors
    /// If hashing fails or the process is ending.
    pub async fn hash(&self, password: &str, random: &dyn Random) -> Result<String, Fault> {
        let mut salt = [0; 16];
        random.fill(&mut salt);
        let password = password.to_owned();
        self.run(move |argon2| {
            argon2
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|hash| hash.to_string())
                .map_err(|error| Fault::new(error.to_string()))
        })
        .await?
    }

    /// Whether `password` is the one behind `hash`. Without a hash the answer is no, after the
    /// same time.
    ///
    /// # Errors
    /// If the process is ending.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Fault> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let password = password.to_owned();
        let same = self
            .run(move |argon2| argon2.verify_password(password.as_bytes(), hash.as_str()).is_ok())
            .await?;
        Ok(known && same)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let permit = self.permits.clone().acquire_owned().await.map_err(Fault::new)?;
        let argon2 = self.argon2.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&argon2)
        })
        .await
        .map_err(Fault::new)
    }
}

/// A PHC string of these parameters that no password hashes to, made without hashing.
fn decoy(params: &Params, random: &dyn Random) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    let (mut salt, mut output) = ([0; 16], [0; 32]);
    random.fill(&mut salt);
    random.fill(&mut output);
    format!(
        "$argon2id$v=19$m={},t={},p={}${}${}",
        params.m_cost(),
        params.t_cost(),
        params.p_cost(),
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(output),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::SystemRandom;

    #[tokio::test]
    async fn verifies_its_own_hashes_and_nothing_else() {
        let cost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };
        let hasher = PasswordHasher::new(cost, 1, &SystemRandom).expect("allowed cost");
        let hash = hasher.hash("correct", &SystemRandom).await.expect("hashes");
        assert!(hasher.verify("correct", Some(&hash)).await.expect("runs"));
        assert!(!hasher.verify("wrong", Some(&hash)).await.expect("runs"));
        assert!(!hasher.verify("correct", None).await.expect("runs"));
        assert!(!hasher.verify("correct", Some("not a hash")).await.expect("runs"));
        assert!(argon2::PasswordHash::new(&hasher.decoy).is_ok());
    }
}
