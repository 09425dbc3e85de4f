"""What the tests run against: one server for each run, and the SDK pointed at it."""

import pytest
from auth0.management import ManagementClient

from housekey import CONNECTION, PASSWORD, Server


@pytest.fixture(scope="session")
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def auth0(server):
    """auth0-python, which gets its token by itself."""
    return connected(server)


def connected(server):
    """A client with a token of its own."""
    credentials = server.info["clients"]["management"]
    return ManagementClient(domain=server.info["domain"], **credentials)


@pytest.fixture
def person(auth0, request):
    """Somebody with a password, gone after the test."""
    email = f"{request.node.name.replace('_', '-')}@example.com"
    made = auth0.users.create(connection=CONNECTION, email=email, password=PASSWORD)
    yield made
    auth0.users.delete(made.user_id)
