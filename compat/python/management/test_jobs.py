"""Jobs and tickets."""

import json
import time

import httpx

from housekey import CONNECTION

LIMIT = 30


def finished(auth0, job):
    """The job as it is once it is done."""
    limit = time.monotonic() + LIMIT
    while time.monotonic() < limit:
        found = auth0.jobs.get(job.id)
        if found.status in ("completed", "failed"):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{job.id} is not done after {LIMIT} s")


def test_imports_and_exports(auth0):
    connection = next(one.id for one in auth0.connections.list(name=[CONNECTION]))
    users = [{"email": f"imported{n}@example.com", "email_verified": True} for n in range(3)]
    upload = ("users.json", json.dumps([*users, {"email": "nothing"}]).encode())
    job = auth0.jobs.users_imports.create(
        users=upload, connection_id=connection, send_completion_email=False
    )
    done = finished(auth0, job)
    assert done.status == "completed"
    assert (done.summary.total, done.summary.inserted, done.summary.failed) == (4, 3, 1)
    assert len(auth0.jobs.errors.get(job.id)) == 1
    export = auth0.jobs.users_exports.create(connection_id=connection, format="csv")
    location = finished(auth0, export).location
    assert httpx.get(location).status_code == 200
    for user in users:
        [found] = auth0.users.list_users_by_email(email=user["email"])
        auth0.users.delete(found.user_id)


def test_verification_mail(auth0, person):
    job = auth0.jobs.verification_email.create(user_id=person.user_id)
    assert finished(auth0, job).status == "completed"


def test_tickets(auth0, server, person):
    ticket = auth0.tickets.change_password(user_id=person.user_id).ticket
    assert ticket.startswith(server.info["issuer"])
    assert auth0.tickets.verify_email(user_id=person.user_id).ticket.startswith(server.info["issuer"])
