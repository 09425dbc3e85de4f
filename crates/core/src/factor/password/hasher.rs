//! Hashing: Argon2id, bounded, off the async threads.
//!
//! The memory of a hash is used again for the next: giving it back and getting it anew costs the
//! operating system's page faults, a good part of the time of a hash.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::imported::ImportedHash;
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

/// A hash to check a password against.
#[derive(Clone, Debug)]
pub enum KnownHash {
    /// One that [`PasswordHasher::hash`] made.
    Own(String),
    /// One that another system made.
    Imported(Box<ImportedHash>),
}

/// What hashes compute in, between two of them.
#[derive(Default)]
struct Memory {
    shelf: Mutex<Vec<Vec<Block>>>,
    used: AtomicBool,
}

impl Memory {
    fn take(&self) -> Vec<Block> {
        self.used.store(true, Ordering::Relaxed);
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn put(&self, memory: Vec<Block>) {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

/// Hashes and checks passwords, a bounded number at a time.
pub struct PasswordHasher {
    params: Params,
    memory: Arc<Memory>,
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
        let decoy = phc(&params, &random_bytes::<16>(random), &random_bytes::<32>(random));
        let permits = Arc::new(Semaphore::new(at_once.max(1)));
        Ok(Self { params, memory: Arc::default(), permits, decoy })
    }

    /// The PHC string of `password`.
    ///
    /// # Errors
    /// If hashing fails or the process is ending.
    pub async fn hash(&self, password: &str, random: &dyn Random) -> Result<String, Fault> {
        let salt = random_bytes::<16>(random);
        let (params, password) = (self.params.clone(), password.to_owned());
        let turn = self.turn().await?;
        turn.run(move |memory| {
            let mut output = [0; 32];
            compute(Version::V0x13, &params, password.as_bytes(), &salt, &mut output, memory)?;
            Some(phc(&params, &salt, &output))
        })
        .await?
        .0
        .ok_or_else(|| Fault::new("hashing failed"))
    }

    /// Whether `password` is the one behind `hash`. Without a hash the answer is no, after the
    /// same time.
    ///
    /// # Errors
    /// If the process is ending.
    pub async fn verify(&self, password: &str, hash: Option<KnownHash>) -> Result<bool, Fault> {
        Ok(self.turn().await?.verify(password, hash).await?.0)
    }

    /// Waits until a hash may run. What must still hold then is checked while holding the turn: at
    /// most as many go on at once as hashes run at once, however many wait.
    ///
    /// # Errors
    /// If the process is ending.
    pub async fn turn(&self) -> Result<Turn<'_>, Fault> {
        let permit = self.permits.clone().acquire_owned().await.map_err(Fault::new)?;
        Ok(Turn { hasher: self, permit })
    }

    /// Gives the memory of earlier hashes back, megabytes each: when no more are expected soon.
    pub fn release_memory(&self) {
        self.memory.shelf.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Gives it back if there was no hash since the last call.
    pub fn release_unused(&self) {
        if !self.memory.used.swap(false, Ordering::Relaxed) {
            self.release_memory();
        }
    }
}

/// Nobody else has this turn before it is dropped.
pub struct Held(#[expect(dead_code, reason = "it is there to be dropped")] OwnedSemaphorePermit);

/// The right to run one hash.
pub struct Turn<'a> {
    hasher: &'a PasswordHasher,
    permit: OwnedSemaphorePermit,
}

impl Turn<'_> {
    /// See [`PasswordHasher::verify`]. The turn goes on for as long as the second of the two is held:
    /// what must be written about a wrong password is, before the next one is tried.
    ///
    /// # Errors
    /// If the process is ending.
    pub async fn verify(
        self,
        password: &str,
        hash: Option<KnownHash>,
    ) -> Result<(bool, Held), Fault> {
        let (password, decoy) = (password.to_owned(), self.hasher.decoy.clone());
        let work = move |memory: &mut Vec<Block>| match hash {
            Some(KnownHash::Own(hash)) => own_matches(&password, &hash, memory),
            // A quick hash that does not match must not tell that there is somebody.
            Some(KnownHash::Imported(hash)) => {
                let right = hash.matches(&password);
                if !right {
                    own_matches(&password, &decoy, memory);
                }
                right
            }
            None => {
                own_matches(&password, &decoy, memory);
                false
            }
        };
        let (right, permit) = self.run(work).await?;
        Ok((right, Held(permit)))
    }

    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<(T, OwnedSemaphorePermit), Fault> {
        let (shelf, permit) = (self.hasher.memory.clone(), self.permit);
        tokio::task::spawn_blocking(move || {
            let mut memory = shelf.take();
            let outcome = work(&mut memory);
            shelf.put(memory);
            (outcome, permit)
        })
        .await
        .map_err(Fault::new)
    }
}

/// Fills `output` with the hash of `password`.
fn compute(
    version: Version,
    params: &Params,
    password: &[u8],
    salt: &[u8],
    output: &mut [u8],
    memory: &mut Vec<Block>,
) -> Option<()> {
    memory.resize(params.block_count(), Block::default());
    Argon2::new(Algorithm::Argon2id, version, params.clone())
        .hash_password_into_with_memory(password, salt, output, memory)
        .ok()
}

/// Whether `password` is behind one of our own hashes.
fn own_matches(password: &str, hash: &str, memory: &mut Vec<Block>) -> bool {
    matches(password.as_bytes(), hash, memory) == Some(true)
}

/// Whether `password` hashes to the PHC string `hash`; none if that is not an Argon2id hash.
fn matches(password: &[u8], hash: &str, memory: &mut Vec<Block>) -> Option<bool> {
    let parsed = PasswordHash::new(hash).ok()?;
    if parsed.algorithm.as_str() != Algorithm::Argon2id.as_str() {
        return None;
    }
    let version = Version::try_from(parsed.version.unwrap_or(Version::V0x13.into())).ok()?;
    let params = Params::try_from(&parsed).ok()?;
    let expected = parsed.hash?;
    let mut output = vec![0; expected.as_bytes().len()];
    compute(version, &params, password, parsed.salt?.as_ref(), &mut output, memory)?;
    Some(constant_time_eq(&output, expected.as_bytes()))
}

fn random_bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// The PHC string of a hash made with these parameters.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::SystemRandom;

    fn own(hash: &str) -> KnownHash {
        KnownHash::Own(hash.to_owned())
    }

    #[tokio::test]
    async fn verifies_its_own_hashes_and_nothing_else() {
        let cost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };
        let hasher = PasswordHasher::new(cost, 1, &SystemRandom).expect("allowed cost");
        let hash = hasher.hash("correct", &SystemRandom).await.expect("hashes");
        assert!(hasher.verify("correct", Some(own(&hash))).await.expect("runs"));
        assert!(!hasher.verify("wrong", Some(own(&hash))).await.expect("runs"));
        assert!(!hasher.verify("correct", None).await.expect("runs"));
        assert!(!hasher.verify("correct", Some(own("not a hash"))).await.expect("runs"));
        assert!(PasswordHash::new(&hasher.decoy).is_ok());
    }

    /// The string and the hash are those of the library's own functions.
    #[tokio::test]
    async fn other_implementations_agree() {
        use argon2::PasswordVerifier;

        let cost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };
        let hasher = PasswordHasher::new(cost, 1, &SystemRandom).expect("allowed cost");
        let hash = hasher.hash("correct", &SystemRandom).await.expect("hashes");
        assert!(Argon2::default().verify_password(b"correct", hash.as_str()).is_ok());
        let params = Params::new(256, 2, 1, None).expect("allowed");
        let mut output = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into(b"other", b"somesaltsomesalt", &mut output)
            .expect("hashes");
        let other = phc(&params, b"somesaltsomesalt", &output);
        assert!(hasher.verify("other", Some(own(&other))).await.expect("runs"), "other parameters");
    }
}
