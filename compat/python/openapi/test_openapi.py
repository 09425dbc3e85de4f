"""Our own description of the APIs, held against what is served: schemathesis makes requests of it,
good ones and bad ones, and looks whether each answer is one that was described."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from conftest import connected
from housekey import CONNECTION, PASSWORD, Server

CHECKS = (
    "not_a_server_error,response_schema_conformance,"
    "status_code_conformance,content_type_conformance"
)
ME = "create:me:authentication_methods read:me:authentication_methods " + (
    "update:me:authentication_methods delete:me:authentication_methods read:me:factors"
)
# How many requests are made up for each operation, besides those at the edges of its schema.
EXAMPLES = "6"
LIMIT = 600
# How often a request is about something that is there.
PROBABILITY = 0.8


@pytest.fixture
def server():
    """One of its own: what is made up changes everything there is."""
    running = Server()
    yield running
    running.stop()


def conforms(server, token, paths, folder, there):
    """Runs schemathesis and fails with what it tells if it finds anything."""
    config = folder / "schemathesis.toml"
    config.write_text(configuration(there))
    command = Path(sys.executable).parent / "schemathesis"
    run = subprocess.run(
        [command, "--config-file", config, "run", server.info["issuer"] + "openapi.json"]
        + ["--header", f"Authorization: Bearer {token}", "--tls-verify", server.ca]
        + ["--include-path-regex", paths, "--exclude-method", "DELETE", "--checks", CHECKS]
        + ["--phases", "coverage,fuzzing", "--max-examples", EXAMPLES, "--no-color"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert run.returncode == 0, run.stdout + run.stderr + server.log[-4000:]
    print(run.stdout[run.stdout.rfind("= WARNINGS") :])


def configuration(there):
    """Lets requests be about things that are there: by path, the values of parameters."""
    lines, number = [], 0
    for path, parameters in there.items():
        bound = []
        for parameter, values in parameters.items():
            number += 1
            # The texts and lists of JSON are those of TOML.
            lines += [f"[dictionaries.d{number}]", f"values = {json.dumps(values)}"]
            source = f'{{ dictionary = "d{number}", probability = {PROBABILITY} }}'
            bound.append(f'"{parameter}" = {source}')
        end = "$" if path.endswith("}") else "(/|$)"
        lines += ["[[operations]]", f"include-path-regex = {json.dumps(re.escape(path) + end)}"]
        lines.append(f"parameters = {{ {', '.join(bound)} }}")
    return "\n".join(lines) + "\n"


def call(server, path, body):
    """A POST that the SDK would refuse to make."""
    answer = httpx.post(
        server.info["management_audience"] + path,
        json=body,
        headers={"authorization": f"Bearer {server.management_token()}"},
    )
    assert answer.is_success, answer.text
    return answer.json()


def test_management(server, tmp_path):
    auth0 = connected(server)
    user = auth0.users.create(connection=CONNECTION, email="fuzz@example.com", password=PASSWORD)
    person = {"email": user.email, "password": PASSWORD}
    server.sign_in(person)
    method = auth0.users.authentication_methods.create(
        user.user_id, type="phone", phone_number="+12025550100"
    )
    client = auth0.clients.create(name="Fuzz", app_type="non_interactive")
    pem = (Path(__file__).parents[1] / "management/public.pem").read_text()
    credential = auth0.clients.credentials.create(
        client.client_id, credential_type="public_key", pem=pem
    )
    api = auth0.resource_servers.create(
        identifier="https://fuzz.example/", scopes=[{"value": "read:it"}]
    )
    sink = {"httpEndpoint": "https://logs.example/"}
    stream = auth0.log_streams.create(request={"name": "Fuzz", "type": "http", "sink": sink})
    provider = auth0.branding.phone.providers.create(
        name="twilio",
        configuration={"sid": "AC1", "default_from": "+12025550100", "delivery_methods": ["text"]},
        credentials={"auth_token": "secret"},
    )
    template = auth0.branding.phone.templates.create(
        type="otp_verify", content={"syntax": "liquid", "body": {"text": "{{ code }}"}}
    )
    parts = ("borders", "colors", "fonts", "page_background", "widget")
    theme = call(server, "branding/themes", {part: {} for part in parts})["themeId"]
    job = auth0.jobs.verification_email.create(user_id=user.user_id)
    grant = auth0.client_grants.create(
        client_id=client.client_id, audience="https://fuzz.example/", scope=["read:it"]
    )
    there = {
        "users": {"path.id": [user.user_id], "path.method": [method.id]},
        "clients": {"path.id": [client.client_id], "path.credential_id": [credential.id]},
        "client-grants": {"path.id": [grant.id]},
        "connections": {"path.id": [auth0.connections.create(name="fuzz", strategy="auth0").id]},
        "resource-servers": {"path.id": [api.id]},
        "roles": {"path.id": [auth0.roles.create(name="Fuzz").id]},
        "log-streams": {"path.id": [stream.id]},
        "branding/phone/providers": {"path.id": [provider.id]},
        "branding/phone/templates": {"path.id": [template.id]},
        "branding/themes": {"path.id": [theme]},
        "prompts": {"path.prompt": ["login"], "path.language": ["en"]},
        "jobs": {"path.id": [job.id]},
        "sessions": {"path.id": [one.id for one in auth0.users.sessions.list(user.user_id)]},
        "refresh-tokens": {
            "path.id": [one.id for one in auth0.users.refresh_token.list(user.user_id)],
            "query.user_id": [user.user_id],
        },
        "email-templates": {"path.name": ["welcome_email", "verify_email"]},
        "user-blocks": {"path.id": [user.user_id], "query.identifier": [user.email]},
        "device-credentials": {"query.user_id": [user.user_id]},
        "anomaly": {"path.ip": ["203.0.113.9", "2001:db8::9"]},
        "guardian/enrollments": {
            "path.id": [one.id for one in auth0.users.enrollments.get(user.user_id)]
        },
        # One key is enough to look at; revoked, it would take the token along.
        "keys/signing/{kid}": {"path.kid": [one.kid for one in auth0.keys.signing.list()]},
        "tickets": {"body.user_id": [user.user_id]},
        "jobs/verification-email": {"body.user_id": [user.user_id]},
    }
    there = {f"/api/v2/{path}": parameters for path, parameters in there.items()}
    conforms(server, server.management_token(), "^/api/v2", tmp_path, there)


def test_my_account(server, tmp_path):
    audience = server.info["my_account_audience"]
    token = server.sign_in(server.info["user"], scope=ME, audience=audience)["access_token"]
    auth0 = connected(server)
    user = server.info["user"]["user_id"]
    method = auth0.users.authentication_methods.create(
        user, type="phone", phone_number="+12025550100"
    )
    there = {"/me/v1/authentication-methods": {"path.id": [method.id]}}
    conforms(server, token, "^/me/v1", tmp_path, there)
