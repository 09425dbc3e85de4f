"""How pages and messages look, and who sends them."""

import pytest

from story import fails


def test_branding(auth0):
    auth0.branding.update(colors={"primary": "#112233"}, logo_url="https://python.example/l.png")
    assert auth0.branding.get().colors.primary == "#112233"
    assert auth0.branding.get().logo_url == "https://python.example/l.png"


def test_page_templates(auth0):
    template = "<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"
    auth0.branding.templates.update_universal_login(request={"template": template})
    assert auth0.branding.templates.get_universal_login().body == template
    auth0.branding.templates.delete_universal_login()
    assert fails(auth0.branding.templates.get_universal_login)[0] == 404


def test_phone_providers(auth0):
    providers = auth0.branding.phone.providers
    configuration = {"default_from": "+12025550100", "sid": "AC1", "delivery_methods": ["text"]}
    made = providers.create(
        name="twilio", configuration=configuration, credentials={"auth_token": "secret"}
    )
    assert providers.get(made.id).name == "twilio"
    assert [one.id for one in providers.list().providers] == [made.id]
    assert providers.update(made.id, disabled=True).disabled is True
    providers.delete(made.id)
    assert fails(providers.get, made.id)[0] == 404


def test_phone_templates(auth0):
    templates = auth0.branding.phone.templates

    def content(text):
        return {"syntax": "liquid", "from_": "SDK", "body": {"text": text, "voice": "Say {{ code }}"}}

    made = templates.create(type="otp_verify", content=content("Code {{ code }}"))
    assert templates.get(made.id).content.body.text == "Code {{ code }}"
    assert [one.id for one in templates.list().templates] == [made.id]
    changed = templates.update(made.id, content=content("Now {{ code }}"))
    assert changed.content.body.text == "Now {{ code }}"
    assert templates.reset(made.id, request={}).content.body.text != "Now {{ code }}"
    templates.delete(made.id)
    assert fails(templates.get, made.id)[0] == 404


def test_prompts(auth0):
    auth0.prompts.update_settings(identifier_first=True)
    assert auth0.prompts.get_settings().identifier_first is True
    auth0.prompts.custom_text.set("login", "en", request={"login": {"title": "Hello"}})
    assert auth0.prompts.custom_text.get("login", "en") == {"login": {"title": "Hello"}}
    auth0.prompts.partials.set("login", request={"login": {"form-content-start": "<b>x</b>"}})
    assert auth0.prompts.partials.get("login") == {"login": {"form-content-start": "<b>x</b>"}}


def test_email_provider(auth0):
    credentials = {"smtp_host": "mail.example", "smtp_port": 587, "smtp_user": "u", "smtp_pass": "p"}
    asked = {"name": "smtp", "default_from_address": "house@example.com"}
    made = auth0.emails.provider.create(**asked, credentials=credentials)
    assert made.credentials.smtp_host == "mail.example"
    assert auth0.emails.provider.get().credentials.smtp_port == 587
    assert auth0.emails.provider.update(enabled=False).enabled is False
    auth0.emails.provider.delete()
    assert fails(auth0.emails.provider.get) == (404, "inexistent_email_provider")


@pytest.mark.parametrize("template", ["verify_email", "welcome_email"])
def test_email_templates(auth0, template):
    content = {"subject": "Hello", "from_": "a@example.com", "syntax": "liquid", "enabled": True}
    made = auth0.email_templates.create(template=template, body="<p>Hi</p>", **content)
    assert made.subject == "Hello"
    changed = auth0.email_templates.update(template, subject="Goodbye")
    assert (changed.subject, changed.body) == ("Goodbye", "<p>Hi</p>")
    auth0.email_templates.set(template, template=template, body="<p>Ho</p>", **content)
    assert auth0.email_templates.get(template).body == "<p>Ho</p>"
