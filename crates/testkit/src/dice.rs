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
pub enum Stream<'a> {
    /// What applications draw: `state`, `nonce`, PKCE verifiers.
    Applications,
    /// What the server draws.
    Server,
    /// What the tenant of that name begins with: ids, secrets.
    Tenant(&'a str),
}

/// Dice that fall the same way in every run.
pub struct SeededRandom(Mutex<ChaCha20Rng>);

impl SeededRandom {
    /// Dice for one purpose.
    #[must_use]
    pub fn new(stream: Stream<'_>) -> Self {
        let number = match stream {
            Stream::Applications => 1,
            Stream::Server => 2,
            // Two tenants must not have the same secrets.
            Stream::Tenant(name) => name
                .bytes()
                .fold(3, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte.into())),
        };
        let mut generator = ChaCha20Rng::seed_from_u64(SEED);
        generator.set_stream(number);
        Self(Mutex::new(generator))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}
