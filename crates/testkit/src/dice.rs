//! Dice that fall the same way in every run.

use std::sync::{Mutex, PoisonError};

use housekey_core::port::Random;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// One number for all tests; what they share beyond it is told apart by stream.
const SEED: u64 = 0x0068_6f75_7365_6b65;

/// What dice are thrown for: each purpose has a stream of its own, so that one more throw for one
/// does not change what the others get.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    /// What tenants begin with: ids, secrets, keys' ids.
    Seed = 1,
    /// What the server draws.
    Server = 2,
    /// What applications draw: `state`, `nonce`, PKCE verifiers.
    Applications = 3,
}

/// Dice that fall the same way in every run.
pub struct SeededRandom(Mutex<ChaCha20Rng>);

impl SeededRandom {
    /// Dice for one purpose.
    #[must_use]
    pub fn new(stream: Stream) -> Self {
        let mut generator = ChaCha20Rng::seed_from_u64(SEED);
        generator.set_stream(stream as u64);
        Self(Mutex::new(generator))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}
