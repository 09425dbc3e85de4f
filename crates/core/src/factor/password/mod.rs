//! Passwords: hashing, and what a new one must satisfy.

mod dictionary;
mod hasher;
mod policy;

pub use hasher::{HashCost, PasswordHasher};
pub use policy::{
    Broken, CharacterType, CharacterTypeRule, Complexity, Dictionary, DictionarySize, History,
    LongPasswords, PasswordPolicy, ProfileData, Repetition,
};
