//! Which of a tenant's languages somebody is spoken to in.

/// The best of the `enabled` languages for somebody who wants `wanted`: tags in the form of
/// `Accept-Language` (RFC 9110 §12.5.4) or `ui_locales` (OpenID Connect Core §3.1.2.1). A language
/// stands in for its variants and they for it; if nothing fits it is the first one.
#[must_use]
pub fn best_language(enabled: &[String], wanted: &str) -> String {
    let mut tags: Vec<(&str, f32)> = wanted.split([',', ' ']).filter_map(weighed).collect();
    tags.sort_by(|one, other| other.1.total_cmp(&one.1));
    let found = tags.iter().find_map(|(tag, _)| {
        let exact = enabled.iter().find(|own| own.eq_ignore_ascii_case(tag));
        exact.or_else(|| enabled.iter().find(|own| primary(own).eq_ignore_ascii_case(primary(tag))))
    });
    found.or(enabled.first()).map_or_else(|| "en".to_owned(), Clone::clone)
}

/// A tag with its weight; none if it is not wanted.
fn weighed(item: &str) -> Option<(&str, f32)> {
    let mut parts = item.trim().split(';');
    let tag = parts.next().map(str::trim).filter(|tag| !tag.is_empty())?;
    let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok());
    let weight: f32 = weight.unwrap_or(1.0);
    (weight > 0.0).then_some((tag, weight))
}

fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_is_found() {
        let enabled = ["en", "de", "pt-BR"].map(String::from);
        for (wanted, expected) in [
            ("", "en"),
            ("de", "de"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("fr,it;q=0.5", "en"),
            ("en;q=0.2, pt;q=0.7", "pt-BR"),
            ("de;q=0, *", "en"),
            ("fr DE", "de"),
            ("de;q=nonsense,;;q=,,", "de"),
        ] {
            assert_eq!(best_language(&enabled, wanted), expected, "{wanted}");
        }
        assert_eq!(best_language(&[], "de"), "en");
    }
}
