//! Looking names up.

use async_trait::async_trait;

/// Answers what the domain name system holds.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The TXT records of a name, each as one text; none if there is no such name.
    ///
    /// # Errors
    /// Why there was no answer, for people.
    async fn texts(&self, name: &str) -> Result<Vec<String>, String>;
}
