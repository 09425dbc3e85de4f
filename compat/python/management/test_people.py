"""Users, what they may do, and how they prove who they are."""

from housekey import CONNECTION, PASSWORD
from story import fails


def test_users(auth0):
    asked = {"connection": CONNECTION, "email": "python@example.com", "password": PASSWORD}
    made = auth0.users.create(
        **asked, given_name="Ada", user_metadata={"hobby": "x"}, app_metadata={"plan": "gold"}
    )
    assert auth0.users.get(made.user_id).given_name == "Ada"
    assert [one.user_id for one in auth0.users.list_users_by_email(email=made.email)] == [
        made.user_id
    ]
    listed = [one.user_id for one in auth0.users.list(per_page=1)]
    assert made.user_id in listed and len(listed) == 2
    searched = auth0.users.list(q='app_metadata.plan:"gold" AND email:python*')
    assert [one.user_id for one in searched] == [made.user_id]
    changed = auth0.users.update(made.user_id, blocked=True, user_metadata={"hobby": None})
    assert changed.blocked and changed.user_metadata == {}
    assert fails(auth0.users.create, **asked) == (409, "auth0_idp_error")
    assert list(auth0.users.organizations.list(made.user_id)) == []
    auth0.users.delete(made.user_id)
    assert fails(auth0.users.get, made.user_id) == (404, "inexistent_user")


def test_roles(auth0, person):
    identifier = "https://roles.example/"
    api = auth0.resource_servers.create(identifier=identifier, scopes=[{"value": "read:x"}])
    permissions = [{"resource_server_identifier": identifier, "permission_name": "read:x"}]
    made = auth0.roles.create(name="Reader", description="Reads")
    assert auth0.roles.get(made.id).name == "Reader"
    auth0.roles.permissions.add(made.id, permissions=permissions)
    allowed = [one.permission_name for one in auth0.roles.permissions.list(made.id)]
    assert allowed == ["read:x"]
    auth0.roles.users.assign(made.id, users=[person.user_id])
    assert [one.email for one in auth0.roles.users.list(made.id)] == [person.email]
    assert [one.id for one in auth0.users.roles.list(person.user_id)] == [made.id]
    assert [one.id for one in auth0.users.effective_roles.list(person.user_id)] == [made.id]
    inherited = list(auth0.users.permissions.list(person.user_id))
    assert [one.permission_name for one in inherited] == ["read:x"]
    auth0.users.roles.delete(person.user_id, roles=[made.id])
    assert list(auth0.users.roles.list(person.user_id)) == []
    auth0.roles.permissions.delete(made.id, permissions=permissions)
    assert list(auth0.roles.permissions.list(made.id)) == []
    assert auth0.roles.update(made.id, description="All").description == "All"
    assert [one.id for one in auth0.roles.list(per_page=1)] == [made.id]
    auth0.roles.delete(made.id)
    assert fails(auth0.roles.get, made.id)[0] == 404
    auth0.resource_servers.delete(api.id)


def test_permissions(auth0, person):
    identifier = "https://permitted.example/"
    api = auth0.resource_servers.create(identifier=identifier, scopes=[{"value": "read:y"}])
    permissions = [{"resource_server_identifier": identifier, "permission_name": "read:y"}]
    user = person.user_id
    auth0.users.permissions.create(user, permissions=permissions)
    assert [one.permission_name for one in auth0.users.permissions.list(user)] == ["read:y"]
    effective = auth0.users.effective_permissions.list(user, resource_server_identifier=identifier)
    assert [one.permission_name for one in effective] == ["read:y"]
    auth0.users.permissions.delete(user, permissions=permissions)
    assert list(auth0.users.permissions.list(user)) == []
    auth0.resource_servers.delete(api.id)


def test_authentication_methods(auth0, person):
    methods, user = auth0.users.authentication_methods, person.user_id
    made = methods.create(user, type="phone", phone_number="+12025550100", name="Mine")
    assert methods.get(user, made.id).phone_number == "+12025550100"
    changed = methods.update(user, made.id, name="Hers", preferred_authentication_method="voice")
    assert changed.name == "Hers"
    listed = [one.type for one in methods.list(user, per_page=1)]
    assert listed == ["phone"]
    enrolled = auth0.users.enrollments.get(user)
    assert [one.auth_method for one in enrolled] == ["sms"]
    methods.delete(user, made.id)
    assert fails(methods.get, user, made.id)[0] == 404
    replaced = methods.set(user, request=[{"type": "email", "email": person.email}])
    assert [one.type for one in replaced] == ["email"]
    methods.delete_all(user)
    assert "email" not in [one.type for one in methods.list(user)]
    assert fails(auth0.users.regenerate_recovery_code, user)[0] == 404
    auth0.users.multifactor.invalidate_remember_browser(user)
    auth0.users.authenticators.delete_all(user)


def test_enrollments(auth0, person):
    auth0.users.authentication_methods.create(
        person.user_id, type="totp", totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", name="App"
    )
    [enrolled] = auth0.users.enrollments.get(person.user_id)
    assert auth0.guardian.enrollments.get(enrolled.id).id == enrolled.id
    auth0.guardian.enrollments.delete(enrolled.id)
    assert fails(auth0.guardian.enrollments.get, enrolled.id)[0] == 404
