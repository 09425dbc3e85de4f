"""Applications, their keys, and connections."""

from pathlib import Path

import pytest

from story import fails


def test_applications(auth0):
    callbacks = ["https://python.example/callback"]
    made = auth0.clients.create(name="Python", app_type="regular_web", callbacks=callbacks)
    assert len(made.client_secret) == 64
    assert auth0.clients.get(made.client_id).callbacks == callbacks
    listed = [one.client_id for one in auth0.clients.list(per_page=2, is_global=False)]
    assert made.client_id in listed and len(set(listed)) == len(listed) > 2
    changed = auth0.clients.update(
        made.client_id,
        client_metadata={"team": "growth"},
        refresh_token={"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 5},
    )
    assert changed.client_metadata == {"team": "growth"}
    assert changed.refresh_token.leeway == 5
    assert auth0.clients.rotate_secret(made.client_id).client_secret != made.client_secret
    everything = list(auth0.clients.list(is_global=True))
    assert [one.name for one in everything] == ["All Applications"]
    usable = [one.name for one in auth0.clients.connections.get(made.client_id)]
    assert usable == ["Username-Password-Authentication"]
    auth0.clients.delete(made.client_id)
    assert fails(auth0.clients.get, made.client_id) == (404, "inexistent_client")


@pytest.fixture
def public_key():
    return (Path(__file__).parent / "public.pem").read_text()


def test_credentials(auth0, public_key):
    client = auth0.clients.create(name="Keyed", app_type="non_interactive")
    credentials = auth0.clients.credentials
    made = credentials.create(
        client.client_id, credential_type="public_key", name="first", pem=public_key, alg="RS256"
    )
    assert made.kid
    assert [one.id for one in credentials.list(client.client_id)] == [made.id]
    changed = credentials.update(client.client_id, made.id, expires_at="2099-01-02T03:04:05.000Z")
    assert changed.expires_at.year == 2099
    assert credentials.get(client.client_id, made.id).name == "first"
    credentials.delete(client.client_id, made.id)
    assert fails(credentials.get, client.client_id, made.id)[0] == 404
    auth0.clients.delete(client.client_id)


def test_connections(server, auth0):
    made = auth0.connections.create(name="python", strategy="auth0")
    assert made.id.startswith("con_")
    assert auth0.connections.get(made.id).name == "python"
    names = {one.name for one in auth0.connections.list(take=1)}
    assert names == {"Username-Password-Authentication", "python"}
    changed = auth0.connections.update(
        made.id, options={"passwordPolicy": "excellent"}, display_name="Python"
    )
    assert changed.display_name == "Python"
    assert changed.options["passwordPolicy"] == "excellent"
    web = server.info["clients"]["web"]["client_id"]
    auth0.connections.clients.update(made.id, request=[{"client_id": web, "status": True}])
    assert [one.client_id for one in auth0.connections.clients.get(made.id)] == [web]
    assert list(auth0.connections.scim_configuration.list()) == []
    assert list(auth0.connections.directory_provisioning.list()) == []
    auth0.connections.delete(made.id)
    assert fails(auth0.connections.get, made.id) == (404, "inexistent_connection")
