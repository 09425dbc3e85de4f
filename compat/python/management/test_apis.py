"""APIs, and who may ask for them."""

from story import fails


def test_apis(auth0):
    identifier = "https://python.example/"
    made = auth0.resource_servers.create(
        identifier=identifier, name="Python", scopes=[{"value": "read:all", "description": "All"}]
    )
    assert made.scopes[0].value == "read:all"
    assert auth0.resource_servers.get(made.id) == auth0.resource_servers.get(identifier)
    listed = [one.id for one in auth0.resource_servers.list(per_page=2)]
    assert made.id in listed and len(set(listed)) == len(listed) > 2
    assert auth0.resource_servers.update(made.id, token_lifetime=60).token_lifetime == 60
    auth0.resource_servers.delete(made.id)
    missing = fails(auth0.resource_servers.get, made.id)
    assert missing == (404, "inexistent_resource_server")


def test_client_grants(server, auth0):
    identifier = "https://granted.example/"
    api = auth0.resource_servers.create(identifier=identifier, scopes=[{"value": "read:it"}])
    asked = {
        "client_id": server.info["clients"]["web"]["client_id"],
        "audience": identifier,
        "scope": ["read:it"],
    }
    made = auth0.client_grants.create(**asked)
    assert (made.scope, made.subject_type) == (["read:it"], "client")
    assert auth0.client_grants.get(made.id).id == made.id
    assert made.id in [one.id for one in auth0.client_grants.list(take=1)]
    assert fails(auth0.client_grants.create, **asked)[0] == 409
    assert auth0.client_grants.update(made.id, scope=[]).scope == []
    auth0.client_grants.delete(made.id)
    assert fails(auth0.client_grants.get, made.id)[0] == 404
    auth0.resource_servers.delete(api.id)


def test_my_account_is_switched_off_and_on(server, auth0):
    identifier = server.info["my_account_audience"]
    auth0.resource_servers.delete(identifier)
    assert fails(auth0.resource_servers.get, identifier)[0] == 404
    made = auth0.resource_servers.create(identifier=identifier, name="Mine")
    assert made.name == "Auth0 My Account API"
    assert made.is_system
