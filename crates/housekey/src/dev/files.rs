//! The directory of a dev server: one owner, written whole or not at all.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use housekey_core::port::SystemRandom;
use housekey_core::seal::MasterKey;

/// Where a dev server keeps what it needs.
pub struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// The directory at `path`, made if it is missing.
    ///
    /// # Errors
    /// If it can be neither found nor made.
    pub fn make(path: &Path) -> Result<Self> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("{} cannot be made", path.display()))?;
        Self::at(path)
    }

    /// The directory at `path`, in which a dev server has run.
    ///
    /// # Errors
    /// If there is none.
    pub fn existing(path: &Path) -> Result<Self> {
        let directory = Self::at(path)?;
        if !directory.master_key_file().exists() {
            bail!("{} is no directory of `housekey dev`: it has no master.key", path.display());
        }
        Ok(directory)
    }

    fn at(path: &Path) -> Result<Self> {
        let path = path
            .canonicalize()
            .with_context(|| format!("{} is not a directory", path.display()))?;
        Ok(Self { path })
    }

    /// A file in it, by its absolute path.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The URL of the `SQLite` database in it.
    #[must_use]
    pub fn database_url(&self) -> String {
        format!("sqlite://{}", self.file("housekey.db").display())
    }

    /// Makes this process the only dev server on the directory until it ends, however it ends.
    ///
    /// # Errors
    /// If another one is running.
    pub fn lock(&self) -> Result<File> {
        let path = self.file("lock");
        let file = options(0o600)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("{} cannot be opened", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => bail!(
                "another `housekey dev` is running on {}: stop it, or use --data with another \
                 directory",
                self.path.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).context("locking the data directory"),
        }
    }

    /// The master key, made if it is missing.
    ///
    /// # Errors
    /// If it can be neither read nor written, or is damaged.
    pub fn master_key(&self) -> Result<MasterKey> {
        let path = self.master_key_file();
        if let Some(text) = read(&path)? {
            return MasterKey::parse(&text)
                .with_context(|| format!("{} does not hold a master key", path.display()));
        }
        let key = MasterKey::generate(&SystemRandom);
        write(&path, &key.expose(), 0o600)?;
        Ok(key)
    }

    fn master_key_file(&self) -> PathBuf {
        self.file("master.key")
    }
}

/// The text of a file, if there is one.
///
/// # Errors
/// If it cannot be read.
pub fn read(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Puts a file there at once: whoever reads it sees all of it or what was there before.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    let new = path.with_extension("new");
    let written = remove(&new)
        .and_then(|()| options(mode).truncate(true).open(&new))
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&new, path));
    written.with_context(|| format!("{} cannot be written", path.display()))
}

/// Removes a file that may be missing.
///
/// # Errors
/// If it is there and stays.
pub fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn options(mode: u32) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).mode(mode);
    options
}
