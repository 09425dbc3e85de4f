//! Passwords: hashing, and what a new one must satisfy.

mod dictionary;
mod hasher;
pub mod imported;
mod policy;

pub use hasher::{HashCost, Held, KnownHash, PasswordHasher, Turn};
pub use policy::{
    Broken, CharacterType, CharacterTypeRule, Complexity, Dictionary, DictionarySize, History,
    LongPasswords, PasswordPolicy, ProfileData, Repetition,
};
