//! A directory that disappears with its owner.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result};

/// Tells the directories of one process apart.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A fresh directory, removed with all it holds when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a directory named after this process below `parent`.
    pub fn create(parent: &Path) -> Result<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("housekey-bench-{}-{number}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }

    /// A path inside it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_behind() {
        let scratch = Scratch::create(&std::env::temp_dir()).expect("a scratch directory");
        let inside = scratch.join("data");
        fs::create_dir(&inside).expect("a directory inside");
        fs::write(inside.join("file"), b"x").expect("a file inside");
        drop(scratch);
        assert!(!inside.exists());
        assert!(!inside.parent().expect("the scratch directory").exists());
    }
}
