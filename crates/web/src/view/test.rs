//! Every page with every sample: it renders, it has the markup that tests of applications select,
//! and no value of it becomes markup.

use serde_json::Value;

use super::*;

const ATTACK: &str = "\"'><script>alert(1)</script>";

fn rendered(name: &str) -> String {
    let renderer = Renderer::new().expect("templates compile");
    let samples = sample_pages().expect("samples serialize");
    let sample = samples.iter().find(|sample| sample.name == name).expect("sample exists");
    renderer.render_sample(sample).expect("renders")
}

/// Asserts that the sample contains an element whose tag has all of `parts`.
#[track_caller]
fn assert_tag(html: &str, parts: &[&str]) {
    let found = html.split('<').any(|tag| {
        let tag = tag.split('>').next().unwrap_or_default();
        parts.iter().all(|part| tag.contains(part))
    });
    assert!(found, "no tag with {parts:?} in:\n{html}");
}

#[test]
fn every_sample_renders_a_whole_document() {
    let renderer = Renderer::new().expect("templates compile");
    for sample in sample_pages().expect("samples serialize") {
        let html = renderer
            .render_sample(&sample)
            .unwrap_or_else(|error| panic!("{}: {error:#}", sample.name));
        assert!(html.trim_start().starts_with("<!doctype html>"), "{}", sample.name);
        assert!(html.trim_end().ends_with("</html>"), "{}", sample.name);
        assert!(!html.contains(" style="), "{}: inline style", sample.name);
        assert!(!html.contains(" onclick=") && !html.contains("javascript:"), "{}", sample.name);
        assert_unique_ids(&sample.name, &html);
    }
}

#[track_caller]
fn assert_unique_ids(name: &str, html: &str) {
    let mut seen = std::collections::HashSet::new();
    for id in html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(seen.insert(id), "{name}: id {id:?} twice");
    }
    for list in html.split("aria-describedby=\"").skip(1).filter_map(|rest| rest.split('"').next())
    {
        for id in list.split_whitespace() {
            assert!(seen.contains(id), "{name}: described by absent {id:?}");
        }
    }
}

#[test]
fn every_screen_with_a_form_keeps_the_frame_of_the_contract() {
    let renderer = Renderer::new().expect("templates compile");
    for sample in sample_pages().expect("samples serialize") {
        let html = renderer.render_sample(&sample).expect("renders");
        if !html.contains("data-form-primary") {
            continue;
        }
        let screen = sample.screen;
        assert_tag(&html, &["body", "class=\"_widget-auto-layout\""]);
        assert_tag(&html, &["main", &format!("class=\"_widget {screen}\"")]);
        assert_tag(&html, &["section", "_prompt-box-outer"]);
        assert_tag(&html, &["id=\"prompt-logo-center\""]);
        let form = format!("class=\"_form-{screen}\"");
        assert_tag(&html, &["form", "method=\"POST\"", &form, "data-form-primary=\"true\""]);
        assert_eq!(html.matches("data-action-button-primary").count(), 1, "{}", sample.name);
        let button = format!("_button-{screen}\"");
        assert_tag(&html, &["button type=\"submit\"", "name=\"action\"", &button]);
        assert_tag(&html, &["input", "name=\"_csrf\"", "value=\"sample-csrf-token\""]);
        let key = sample.context["form"]["key"].as_object().and_then(|key| key.iter().next());
        if let Some((name, value)) = key {
            let value = format!("value=\"{}\"", value.as_str().expect("text"));
            assert_tag(&html, &["input", "hidden", &format!("name=\"{name}\""), &value]);
        }
        assert!(html.matches(" autofocus").count() <= 1, "{}", sample.name);
    }
}

#[test]
fn login_has_identifier_password_and_links() {
    let html = rendered("login-0");
    assert_tag(&html, &["input", "id=\"username\"", "name=\"username\"", "type=\"text\""]);
    assert_tag(&html, &["inputmode=\"email\"", "autocomplete=\"username\"", "autofocus"]);
    assert_tag(&html, &["id=\"password\"", "name=\"password\"", "type=\"password\""]);
    assert_tag(&html, &["id=\"password\"", "autocomplete=\"current-password\""]);
    assert_tag(&html, &["button", "value=\"default\"", "data-action-button-primary=\"true\""]);
    assert_tag(&html, &["button", "data-action=\"toggle\""]);
    assert_tag(&html, &["id=\"error-cs-username-required\"", "ulp-error-info", "hidden"]);
    assert_tag(&html, &["id=\"error-cs-password-required\""]);
    assert_tag(&html, &["id=\"ulp-error-announcer\""]);
    assert!(html.contains(">Continue</button>"));
    assert!(html.contains("<title>Log in | Acme Notes</title>"));
    assert!(html.contains("<h1>Welcome</h1>"));
    assert!(html.contains("class=\"ulp-alternate-action\"") && html.contains(">Sign up</a>"));
    assert!(html.contains("class=\"ulp-forgot-password-link\""));
    assert!(html.contains(">Forgot password?</a>"));
}

#[test]
fn a_field_error_marks_describes_and_focuses_its_field() {
    let html = rendered("login-1");
    assert_tag(
        &html,
        &[
            "id=\"error-element-password\"",
            "class=\"ulp-input-error-message\"",
            "data-error-code=\"wrong-email-credentials\"",
        ],
    );
    assert!(html.contains(">Wrong email or password</span>"));
    assert_tag(&html, &["id=\"password\"", "aria-invalid=\"true\"", "autofocus"]);
    assert_tag(&html, &["id=\"password\"", "aria-describedby=\"error-element-password "]);
    assert_tag(&html, &["id=\"username\"", "value=\"ada@example.com\""]);
    assert!(!html.contains("id=\"prompt-alert\""));
}

#[test]
fn an_error_without_field_stands_in_the_banner() {
    let html = rendered("login-2");
    assert_tag(&html, &["id=\"prompt-alert\"", "role=\"alert\""]);
    assert_tag(&html, &["data-error-code=\"same-user-login\""]);
    assert!(!html.contains("aria-invalid"));
    assert!(!html.contains("ulp-alternate-action"), "no link where signing up is off");
}

#[test]
fn identifier_page_has_decoy_and_capability_fields() {
    let html = rendered("login-id-0");
    assert_tag(&html, &["input class=\"hide\"", "type=\"password\"", "aria-hidden=\"true\""]);
    for name in [
        "js-available",
        "webauthn-available",
        "is-brave",
        "webauthn-platform-available",
        "allow-passkeys",
        "ulp-remember-me-present",
    ] {
        assert_tag(&html, &["type=\"hidden\"", &format!("name=\"{name}\"")]);
    }
}

#[test]
fn password_page_echoes_the_identifier() {
    let html = rendered("login-password-0");
    assert!(html.contains("<h1>Enter Your Password</h1>"));
    assert!(html.contains("class=\"ulp-authenticator-selector-text\">ada@example.com</span>"));
    assert!(html.contains(">Edit</a>"));
}

#[test]
fn signup_asks_for_what_the_step_needs() {
    let full = rendered("signup-1");
    assert_tag(&full, &["id=\"email\"", "name=\"email\"", "autocomplete=\"email\""]);
    assert_tag(&full, &["id=\"username\"", "name=\"username\""]);
    assert_tag(&full, &["id=\"password\"", "autocomplete=\"new-password\""]);
    assert!(full.contains("error-element-password-2"), "each error of a field has its own id");
    let identifier = rendered("signup-id-0");
    assert!(!identifier.contains("name=\"password\""));
    let password = rendered("signup-password-0");
    assert!(!password.contains("id=\"email\"") && password.contains("id=\"password\""));
    assert!(password.contains("At least 8 characters"));
}

#[test]
fn reset_pages_have_their_fields_and_actions() {
    let request = rendered("reset-password-request-0");
    assert_tag(&request, &["id=\"email\"", "name=\"email\""]);
    assert_tag(&request, &["name=\"action\"", "value=\"back-to-login\"", "formnovalidate"]);
    let sent = rendered("reset-password-email-0");
    assert_tag(&sent, &["name=\"action\"", "value=\"resend-email-action\""]);
    let change = rendered("reset-password-0");
    assert_tag(&change, &["name=\"password-reset\"", "type=\"password\""]);
    assert_tag(&change, &["name=\"re-enter-password\"", "type=\"password\""]);
    assert_tag(&change, &["name=\"ticket\"", "value=\"sample-ticket\""]);
}

#[test]
fn questions_offer_both_answers() {
    for (name, yes, no) in [
        ("consent-0", "accept", "deny"),
        ("logout-0", "accept", "deny"),
        ("confirmation-0", "default", "back-action"),
    ] {
        let html = rendered(name);
        assert_tag(&html, &["name=\"action\"", &format!("value=\"{yes}\"")]);
        assert_tag(&html, &["name=\"action\"", &format!("value=\"{no}\"")]);
    }
}

#[test]
fn web_message_goes_to_one_origin_only() {
    let html = rendered("web-message-0");
    assert!(html.contains("type: \"authorization_response\""));
    assert!(html.contains("response: {\"code\":\"sample-code\",\"state\":\"c2FtcGxl\"}"));
    assert!(html.contains("postMessage(message, \"http://localhost:3000\")"));
    assert_tag(&html, &["script", "nonce=\"c2FtcGxlLW5vbmNl\""]);
}

#[test]
fn form_post_submits_itself_and_has_a_button_without_scripts() {
    let html = rendered("form-post-0");
    assert_tag(&html, &["form", "method=\"post\"", "action=\""]);
    assert_tag(&html, &["name=\"code\"", "value=\"sample-code\""]);
    assert!(html.contains("<noscript><button"));
}

#[test]
fn account_shell_carries_its_settings() {
    let html = rendered("account-0");
    let json = html
        .split("id=\"account-config\">")
        .nth(1)
        .and_then(|rest| rest.split("</script>").next())
        .expect("settings are there");
    let config: Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(config["clientId"], "sample-client");
    assert_eq!(config["redirectUri"], "http://localhost:4000/account");
    assert!(html.contains("<noscript>"));
}

#[test]
fn no_value_becomes_markup() {
    let renderer = Renderer::new().expect("templates compile");
    for sample in sample_pages().expect("samples serialize") {
        for pointer in text_pointers(&sample.context) {
            let mut hostile = sample.clone();
            let value = hostile.context.pointer_mut(&pointer).expect("pointer is from here");
            *value = Value::from(ATTACK);
            let name = format!("{} with {pointer}", sample.name);
            let html = renderer
                .render_sample(&hostile)
                .unwrap_or_else(|error| panic!("{name}: {error:#}"));
            assert!(!html.contains("<script>alert(1)"), "{name}:\n{html}");
            assert!(!html.contains("\"'>"), "{name}: leaves an attribute\n{html}");
        }
    }
}

/// JSON pointers of all strings in `value`.
fn text_pointers(value: &Value) -> Vec<String> {
    let nested = |key: &str, value: &Value| {
        let key = key.replace('~', "~0").replace('/', "~1");
        text_pointers(value).into_iter().map(move |rest| format!("/{key}{rest}")).collect()
    };
    let nested = |(key, value): (String, &Value)| -> Vec<String> { nested(&key, value) };
    match value {
        Value::String(_) => vec![String::new()],
        Value::Array(list) => {
            list.iter().enumerate().map(|(at, v)| (at.to_string(), v)).flat_map(nested).collect()
        }
        Value::Object(map) => {
            map.iter().map(|(key, v)| (key.clone(), v)).flat_map(nested).collect()
        }
        _ => Vec::new(),
    }
}
