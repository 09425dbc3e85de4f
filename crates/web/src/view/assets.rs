//! Style sheet, scripts and icon, embedded in the binary and served under `/assets/`.
//!
//! One version covers the whole set, so that an ES module's relative imports carry it too and a
//! browser never mixes modules of two releases. A URL that names the version in [`version`] may be
//! cached for ever; one that names another version must not be cached.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Files;

/// One embedded file.
#[derive(Clone, Debug)]
pub struct Asset {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// Value of `Content-Type`.
    pub content_type: String,
    /// Value of `ETag`, quotes included.
    pub etag: String,
}

/// The file at `path` (relative to `assets/`, such as `account/main.js`).
#[must_use]
pub fn get(path: &str) -> Option<Asset> {
    let file = Files::get(path)?;
    let mut etag = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..12] {
        // Writing to a string cannot fail.
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    Some(Asset { content_type: content_type(file.metadata.mimetype()), bytes: file.data, etag })
}

/// Where pages find the file at `path`: `/assets/<version>/<path>`.
#[must_use]
pub fn url(path: &str) -> String {
    format!("/assets/{}/{path}", version())
}

/// A short hash of the names and contents of all assets.
#[must_use]
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        // Tells releases apart; nobody gains by forging it, so the standard hasher will do.
        let mut hasher = DefaultHasher::new();
        let mut paths: Vec<_> = Files::iter().collect();
        paths.sort();
        for path in paths {
            path.hash(&mut hasher);
            Files::get(&path).map(|file| file.metadata.sha256_hash()).hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    });
    &VERSION
}

/// Text is UTF-8; saying so keeps a browser from guessing.
fn content_type(mime: &str) -> String {
    if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_names_version_and_path() {
        let url = url("housekey.css");
        assert_eq!(url, format!("/assets/{}/housekey.css", version()));
        assert_eq!(version().len(), 16);
    }

    #[test]
    fn style_sheet_and_modules_have_the_types_browsers_insist_on() {
        let css = get("housekey.css").expect("style sheet is embedded");
        assert_eq!(css.content_type, "text/css; charset=utf-8");
        assert!(css.etag.starts_with('"') && css.etag.ends_with('"') && css.etag.len() == 26);
        let module = get("account/main.js").expect("account app is embedded");
        assert_eq!(module.content_type, "text/javascript; charset=utf-8");
        assert_ne!(css.etag, module.etag);
    }

    #[test]
    fn absent_and_climbing_paths_find_nothing() {
        assert!(get("nothing.css").is_none());
        assert!(get("../templates/login.html").is_none());
        assert!(get("/etc/passwd").is_none());
    }
}
