"""What people have: sessions, refresh tokens, approvals, blocks."""

import pytest

from housekey import PASSWORD
from story import fails


@pytest.fixture
def signed_in(server, person):
    server.sign_in({"email": person.email, "password": PASSWORD})
    return person.user_id


def test_sessions(auth0, signed_in):
    [session] = auth0.users.sessions.list(signed_in, take=1)
    assert auth0.sessions.get(session.id).user_id == signed_in
    changed = auth0.sessions.update(session.id, session_metadata={"desk": "7"})
    assert changed.session_metadata == {"desk": "7"}
    auth0.sessions.revoke(session.id)
    assert fails(auth0.sessions.get, session.id)[0] == 404
    auth0.users.sessions.delete(signed_in)


def test_refresh_tokens(server, auth0, signed_in):
    [token] = auth0.users.refresh_token.list(signed_in, take=1)
    assert auth0.refresh_tokens.get(token.id).user_id == signed_in
    spa = server.info["clients"]["spa"]["client_id"]
    found = auth0.refresh_tokens.list(user_id=signed_in, client_id=spa)
    assert [one.id for one in found] == [token.id]
    changed = auth0.refresh_tokens.update(token.id, refresh_token_metadata={"desk": "7"})
    assert changed.refresh_token_metadata == {"desk": "7"}
    auth0.refresh_tokens.revoke(ids=[token.id])
    assert fails(auth0.refresh_tokens.get, token.id)[0] == 404
    assert list(auth0.users.refresh_token.list(signed_in)) == []


def test_everything_of_a_person_is_ended_at_once(auth0, signed_in):
    [session] = auth0.users.sessions.list(signed_in)
    [token] = auth0.users.refresh_token.list(signed_in)
    auth0.users.revoke_access(signed_in)
    assert fails(auth0.sessions.get, session.id)[0] == 404
    assert fails(auth0.refresh_tokens.get, token.id)[0] == 404


def test_device_credentials(auth0, signed_in):
    [device] = auth0.device_credentials.list(user_id=signed_in, per_page=1)
    assert device.user_id == signed_in
    auth0.device_credentials.delete(device.id)
    assert list(auth0.device_credentials.list(user_id=signed_in)) == []


def test_grants(server, auth0, person):
    audience = "https://approved.example/"
    api = auth0.resource_servers.create(
        identifier=audience,
        scopes=[{"value": "read:z"}],
        skip_consent_for_verifiable_first_party_clients=False,
    )
    user = {"email": person.email, "password": PASSWORD}
    server.sign_in(user, scope="openid read:z", audience=audience)
    [grant] = auth0.user_grants.list(user_id=person.user_id, per_page=1)
    assert (grant.audience, grant.scope) == (audience, ["read:z"])
    auth0.user_grants.delete(grant.id)
    assert list(auth0.user_grants.list(user_id=person.user_id)) == []
    auth0.user_grants.delete_by_user_id(user_id=person.user_id)
    auth0.resource_servers.delete(api.id)


def test_blocks(auth0, person):
    assert auth0.user_blocks.list(person.user_id).blocked_for == []
    assert auth0.user_blocks.list_by_identifier(identifier=person.email).blocked_for == []
    auth0.user_blocks.delete(person.user_id)
    auth0.user_blocks.delete_by_identifier(identifier=person.email)
    assert fails(auth0.anomaly.blocks.check_ip, "203.0.113.9")[0] == 404
    auth0.anomaly.blocks.unblock_ip("203.0.113.9")
