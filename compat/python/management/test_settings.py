"""What holds for the tenant as a whole."""

from conftest import connected
from story import fails


def test_tenant_settings(auth0):
    before = auth0.tenants.settings.get()
    changed = auth0.tenants.settings.update(friendly_name="Acme", session_lifetime=200)
    assert (changed.friendly_name, changed.session_lifetime) == ("Acme", 200)
    assert auth0.tenants.settings.get(fields="friendly_name").friendly_name == "Acme"
    auth0.tenants.settings.update(session_lifetime=before.session_lifetime)


def test_attack_protection(auth0):
    protection = auth0.attack_protection
    changed = protection.brute_force_protection.update(max_attempts=7, shields=["block"])
    assert (changed.max_attempts, changed.shields) == (7, ["block"])
    assert protection.brute_force_protection.get().max_attempts == 7
    stage = {"pre-login": {"max_attempts": 50, "rate": 864000}}
    protection.suspicious_ip_throttling.update(stage=stage)
    assert protection.suspicious_ip_throttling.get().stage.pre_login.max_attempts == 50
    protection.breached_password_detection.update(shields=["admin_notification"])
    assert protection.breached_password_detection.get().shields == ["admin_notification"]
    protection.bot_detection.update(bot_detection_level="high")
    assert protection.bot_detection.get().bot_detection_level == "high"
    protection.captcha.update(auth_challenge={"fail_open": True})
    assert protection.captcha.get().auth_challenge.fail_open is True


def test_keys(auth0, server):
    first = auth0.keys.signing.list()
    current = next(one for one in first if one.current)
    rotated = auth0.keys.signing.rotate()
    assert rotated.kid != current.kid
    assert auth0.keys.signing.get(rotated.kid).current
    assert auth0.keys.signing.revoke(current.kid).kid == current.kid
    # What the revoked key signed is worthless now, the SDK's token among it.
    assert fails(auth0.keys.signing.list)[0] == 401
    again = connected(server)
    assert again.keys.signing.get(current.kid).revoked
    assert [one.kid for one in again.keys.encryption.list()] == ["root"]


def test_log_streams(auth0):
    sink = {"httpEndpoint": "https://logs.example/", "httpContentFormat": "JSONLINES"}
    made = auth0.log_streams.create(request={"name": "Python", "type": "http", "sink": sink})
    assert auth0.log_streams.get(made.id).sink.http_endpoint == "https://logs.example/"
    assert made.id in [one.id for one in auth0.log_streams.list()]
    assert auth0.log_streams.update(made.id, name="P", status="paused").status == "paused"
    auth0.log_streams.delete(made.id)
    assert fails(auth0.log_streams.get, made.id)[0] == 404


def test_logs(auth0, person):
    kinds = {one.type for one in auth0.logs.list(per_page=100)}
    assert "sapi" in kinds
    [newest] = auth0.logs.list(per_page=1).items
    assert auth0.logs.get(newest.log_id).log_id == newest.log_id
    assert fails(auth0.logs.get, "90020990101000000000000000000000000000000000000000000000")[0] == 404
    assert list(auth0.users.logs.list(person.user_id)) == []
