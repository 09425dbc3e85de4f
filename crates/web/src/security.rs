//! What pages may load and where they may be shown.

use http::{HeaderMap, HeaderValue, header};

use crate::view::Brand;

/// Headers of a page: nothing from elsewhere but what the brand has there, shown in no frame unless the
/// tenant lets them, never stored.
///
/// `form-action` is absent: browsers apply it to the redirects after a post, too, and those lead
/// to the application.
pub(crate) fn page(headers: &mut HeaderMap, nonce: &str, brand: &Brand, frames: Frames) {
    match frames {
        Frames::Any => policy(headers, &format!("{} frame-ancestors *", own(nonce, brand))),
        Frames::None => {
            policy(headers, &format!("{} frame-ancestors 'none'", own(nonce, brand)));
            headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        }
    }
}

/// In whose frames a page may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frames {
    /// In anybody's: the tenant asked for that (`disable_clickjack_protection_headers`).
    Any,
    /// In nobody's.
    None,
}

/// Headers of a document for a frame of one of `origins`, or for a popup.
pub(crate) fn framed(headers: &mut HeaderMap, nonce: &str, origins: &[String]) {
    let origins = if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
    let script = format!("default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none';");
    policy(headers, &format!("{script} frame-ancestors {origins}"));
}

/// A tenant's pictures and font are let in from where they are, and nothing else is.
fn own(nonce: &str, brand: &Brand) -> String {
    let images = if brand.any_images {
        " https:".to_owned()
    } else {
        brand.image_origins().iter().fold(String::new(), |list, origin| list + " " + origin)
    };
    let font = brand.font_origin().map(|origin| format!(" font-src {origin};"));
    let font = font.unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'self' 'nonce-{nonce}'; script-src 'self' 'nonce-{nonce}'; \
         img-src 'self'{images};{font} connect-src 'self'; base-uri 'none';"
    )
}

fn policy(headers: &mut HeaderMap, policy: &str) {
    let value = HeaderValue::try_from(policy)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, value);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
