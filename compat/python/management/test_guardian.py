"""Factors, when they are asked for, and who delivers their codes."""

import json

from story import fails

SERVICE_ACCOUNT = {
    "type": "service_account",
    "project_id": "python",
    "client_email": "push@python.example",
    "private_key": "unused",
    "token_uri": "https://python.example/token",
}


def test_factors(auth0):
    factors = auth0.guardian.factors
    names = [one.name for one in factors.list()]
    assert names[:4] == ["sms", "push-notification", "otp", "email"]
    assert factors.set("sms", enabled=True).enabled is True
    assert next(one for one in factors.list() if one.name == "sms").enabled is True
    factors.set("sms", enabled=False)


def test_policies(auth0):
    assert auth0.guardian.policies.set(request=["all-applications"]) == ["all-applications"]
    assert auth0.guardian.policies.list() == ["all-applications"]
    assert auth0.guardian.policies.set(request=[]) == []


def test_settings(auth0):
    asked = {
        "display_remember_me_checkbox": True,
        "remember_me_default_value": False,
        "mfa_session_inactivity_timeout": 7200,
        "mfa_session_overall_timeout": 86400,
    }
    auth0.guardian.set(**asked)
    assert {name: getattr(auth0.guardian.get(), name) for name in asked} == asked


def test_phones(auth0):
    phone = auth0.guardian.factors.phone
    phone.set_message_types(message_types=["sms", "voice"])
    assert phone.get_message_types().message_types == ["sms", "voice"]
    phone.set_twilio_provider(from_="+12025550100", auth_token="secret", sid="AC1")
    assert phone.get_twilio_provider().sid == "AC1"
    assert phone.set_provider(provider="twilio").provider == "twilio"
    assert phone.get_selected_provider().provider == "twilio"
    texts = {"enrollment_message": "Enrol {{code}}", "verification_message": "Code {{code}}"}
    phone.set_templates(**texts)
    assert phone.get_templates().verification_message == "Code {{code}}"
    assert auth0.guardian.factors.sms.get_templates().enrollment_message == "Enrol {{code}}"
    for codes in (phone, auth0.guardian.factors.email):
        codes.set(otp_length=6, otp_expiration_time=300)
        assert codes.get().otp_expiration_time == 300
        refused = fails(codes.set, otp_length=8, otp_expiration_time=300)
        assert refused == (400, "operation_not_supported")
    [made] = auth0.branding.phone.providers.list().providers
    auth0.branding.phone.providers.delete(made.id)


def test_push(auth0):
    push = auth0.guardian.factors.push_notification
    push.set_fcmv_1_provider(server_credentials=json.dumps(SERVICE_ACCOUNT))
    assert push.set_provider(provider="direct").provider == "direct"
    assert push.get_selected_provider().provider == "direct"
    # Codes are not sent through Amazon here, and nobody is told that they were.
    assert fails(push.set_provider, provider="sns") == (400, "operation_not_supported")
    push.set_sns_provider(aws_access_key_id="A", aws_secret_access_key="s", aws_region="eu-west-1")
    assert push.get_sns_provider().aws_region == "eu-west-1"
    push.update_sns_provider(aws_region="eu-west-2")
    assert push.get_sns_provider().aws_region == "eu-west-2"
    assert push.get_apns_provider().bundle_id is None


def test_duo(auth0):
    settings = auth0.guardian.factors.duo.settings
    settings.set(ikey="i", skey="s", host="api.duo.example")
    assert settings.update(host="other.duo.example").host == "other.duo.example"
    assert settings.get().ikey == "i"
