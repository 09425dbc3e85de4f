//! Pictures of people who have none: drawn from what their address says, for whoever has it.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use housekey_core::user::COLORS;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// `GET /avatars/{name}`, such as `al-3.svg`.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    let Some((initials, color)) = read(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    (headers, draw(&initials, color)).into_response()
}

/// Up to two letters and a colour; nothing else is drawn.
fn read(name: &str) -> Option<(String, u8)> {
    let (initials, color) = name.strip_suffix(".svg")?.rsplit_once('-')?;
    let is_drawn = initials.chars().count() <= 2 && initials.chars().all(char::is_alphanumeric);
    let color = color.parse().ok().filter(|color| *color < COLORS)?;
    is_drawn.then(|| (initials.to_uppercase(), color))
}

fn draw(initials: &str, color: u8) -> String {
    let hue = u16::from(color) * 360 / u16::from(COLORS);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 128 128\" width=\"128\" \
         height=\"128\" role=\"img\"><rect width=\"128\" height=\"128\" \
         fill=\"hsl({hue} 45% 40%)\"/><text x=\"64\" y=\"64\" dy=\".36em\" text-anchor=\"middle\" \
         font-family=\"system-ui, sans-serif\" font-size=\"52\" font-weight=\"600\" \
         fill=\"#fff\">{initials}</text></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_and_colours_are_drawn() {
        assert_eq!(read("al-3.svg"), Some(("AL".to_owned(), 3)));
        assert_eq!(read("-0.svg"), Some((String::new(), 0)));
        for name in ["al-12.svg", "al.svg", "abc-1.svg", "<-1.svg", "al-1", "al--1.svg", ""] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
