//! Hashing: Argon2id, bounded, off the async threads.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::Semaphore;

use crate::error::Fault;
use crate::port::Random;
use crate::secret::constant_time_eq;

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
    params: Params,
    permits: Arc<Semaphore>,
    desks: Arc<Mutex<Vec<Desk>>>,
    /// What is checked when there is no user, so that it takes as long as when there is one.
    decoy: String,
}

/// The memory of one hash. It is kept for the next one, so that there are never more than are
/// computed at once: given back and taken anew, it has to be zeroed each time, and some allocators
/// keep it for every thread that ever had it.
type Desk = Vec<Block>;

impl PasswordHasher {
    /// A hasher that runs at most `at_once` hashes at a time.
    ///
    /// # Errors
    /// If the cost is outside what Argon2 allows.
    pub fn new(cost: HashCost, at_once: usize, random: &dyn Random) -> Result<Self, Fault> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(fault)?;
        let (mut salt, mut output) = ([0; 16], [0; 32]);
        random.fill(&mut salt);
        random.fill(&mut output);
        let decoy = phc(&params, &salt, &output);
        let permits = Arc::new(Semaphore::new(at_once.max(1)));
        Ok(Self { params, permits, desks: Arc::default(), decoy })
    }

    /// The PHC string of `password`.
    ///
    /// # Errors
    /// If hashing fails or the process is ending.
    pub async fn hash(&self, password: &str, random: &dyn Random) -> Result<String, Fault> {
        let mut salt = [0; 16];
        random.fill(&mut salt);
        let password = password.to_owned();
        let params = self.params.clone();
        self.run(move |desk| {
            let mut output = [0; 32];
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            compute(&argon2, password.as_bytes(), &salt, &mut output, desk).map_err(fault)?;
            Ok(phc(argon2.params(), &salt, &output))
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
        let same = self.run(move |desk| matches(password.as_bytes(), &hash, desk)).await?;
        Ok(known && same == Some(true))
    }

    /// Gives the memory of earlier hashes back, when no more are expected soon.
    pub fn release_memory(&self) {
        locked(&self.desks).clear();
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let permit = self.permits.clone().acquire_owned().await.map_err(Fault::new)?;
        let desks = self.desks.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut desk = locked(&desks).pop().unwrap_or_default();
            let outcome = work(&mut desk);
            locked(&desks).push(desk);
            outcome
        })
        .await
        .map_err(Fault::new)
    }
}

/// Whether `password` has `hash`, by the algorithm and cost that the hash names; none if it is not
/// a hash that can be computed here.
fn matches(password: &[u8], hash: &str, desk: &mut Desk) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&hash).ok()?);
    let (salt, expected) = (hash.salt?, hash.hash?);
    let mut output = vec![0; expected.len()];
    compute(&argon2, password, &salt, &mut output, desk).ok()?;
    Some(constant_time_eq(&output, expected.as_bytes()))
}

fn compute(
    argon2: &Argon2<'_>,
    password: &[u8],
    salt: &[u8],
    output: &mut [u8],
    desk: &mut Desk,
) -> argon2::Result<()> {
    // What is left of the hash before is overwritten: Argon2 reads no block it has not written.
    desk.resize(argon2.params().block_count(), Block::default());
    argon2.hash_password_into_with_memory(password, salt, output, desk)
}

/// The PHC string of a hash.
fn phc(params: &Params, salt: &[u8], output: &[u8]) -> String {
    format!(
        "$argon2id$v=19$m={},t={},p={}${}${}",
        params.m_cost(),
        params.t_cost(),
        params.p_cost(),
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(output),
    )
}

fn fault(error: argon2::Error) -> Fault {
    Fault::new(error.to_string())
}

fn locked(desks: &Mutex<Vec<Desk>>) -> std::sync::MutexGuard<'_, Vec<Desk>> {
    desks.lock().unwrap_or_else(PoisonError::into_inner)
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
        assert!(PasswordHash::new(&hasher.decoy).is_ok());
    }

    /// Against an implementation that takes new memory each time.
    #[tokio::test]
    async fn computes_what_others_compute_for_each_cost_in_turn() {
        use argon2::{PasswordHasher as _, PasswordVerifier as _};

        let cost = HashCost { memory_kib: 64, passes: 2, lanes: 2 };
        let hasher = PasswordHasher::new(cost, 1, &SystemRandom).expect("allowed cost");
        for (memory, passes, algorithm) in [
            (64, 2, Algorithm::Argon2id),
            (256, 1, Algorithm::Argon2i),
            (32, 3, Algorithm::Argon2d),
        ] {
            let params = Params::new(memory, passes, 1, Some(24)).expect("allowed cost");
            let other = Argon2::new(algorithm, Version::V0x13, params);
            let theirs = other.hash_password_with_salt(b"correct", b"a salt of theirs");
            let theirs = theirs.expect("hashes").to_string();
            assert!(hasher.verify("correct", Some(&theirs)).await.expect("runs"));
            assert!(!hasher.verify("wrong", Some(&theirs)).await.expect("runs"));
            let ours = hasher.hash("correct", &SystemRandom).await.expect("hashes");
            assert!(other.verify_password(b"correct", ours.as_str()).is_ok());
        }
    }
}
