"""A PostgreSQL that refuses the gateway's login for a while: records wait, nobody gets a 500."""

from __future__ import annotations

import http.client
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.gateway.record.away import DatabaseAwayError, in_words
from provisioner.gateway.record.postgres import PostgresDatabase, postgres_url
from tests.support.gateway_server import SECONDS, RunningGateway, gateway_process, post
from tests.support.postgres_server import PASSWORD, PostgresServer

pytestmark = pytest.mark.needs_postgres

# How a role is shut out, and let in again.
REFUSALS = {
    "password": ("ALTER ROLE {role} PASSWORD 'another-one'", "ALTER ROLE {role} PASSWORD '{pw}'"),
    "permission": (
        "REVOKE CONNECT ON DATABASE {name} FROM {role}, PUBLIC",
        "GRANT CONNECT ON DATABASE {name} TO {role}",
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_login_that_is_refused_for_a_while_loses_nothing(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: str
) -> None:
    role, address, name = with_role(postgres)
    shut, opened = (text.format(role=role, name=name, pw=PASSWORD) for text in REFUSALS[refusal])
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
    prompts = "SELECT prompt FROM prompt_usage ORDER BY id"
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", address)
    with gateway_process(tmp_path) as (process, gateway):
        assert post(gateway, {"model": "m", "input": "before"}).status == 200
        wait_for(lambda: len(postgres.run(name, prompts)) == 1)
        postgres.run("postgres", shut)
        postgres.run("postgres", cut)
        assert post(gateway, {"model": "m", "input": "during"}).status == 200
        stranger = RunningGateway(gateway.port, "pgw_unknown", gateway.state)
        reply = post(stranger, {"model": "m", "input": "hello"})
        assert (reply.status, reply.body) == (503, b"could not connect to coderd\n")
        assert get(gateway, "/readyz") == (503, b"the database cannot be used now")
        postgres.run("postgres", opened)
        wait_for(lambda: len(postgres.run(name, prompts)) == 2)
        assert get(gateway, "/readyz") == (200, b"OK")
        process.terminate()
        log = process.communicate(timeout=SECONDS)[1] or ""

    assert [row["prompt"] for row in postgres.run(name, prompts)] == ["before", "during"]
    assert " lost: " not in log


def test_a_wrong_password_is_said_in_the_words_of_the_server(postgres: PostgresServer) -> None:
    role, address, _ = with_role(postgres)
    database = PostgresDatabase(postgres_url(address.replace(PASSWORD, "wrong")))

    with pytest.raises(DatabaseAwayError) as caught:
        database.read(lambda connection: connection.exec_driver_sql("SELECT 1"))
    database.close()

    assert str(caught.value) == "PostgreSQL error 28P01"
    assert in_words(caught.value) == f'password authentication failed for user "{role}"'


def with_role(postgres: PostgresServer) -> tuple[str, str, str]:
    """Make a role and its database; return its name, the address and the database's name."""
    role = f"role_{uuid.uuid4().hex}"
    address = postgres.new_database()
    name = address.rpartition("/")[2]
    postgres.run("postgres", f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
    postgres.run(name, f"GRANT ALL ON SCHEMA public TO {role}")
    postgres.run("postgres", f"GRANT CONNECT ON DATABASE {name} TO {role}")
    return role, address.replace("//gateway:", f"//{role}:"), name


def get(gateway: RunningGateway, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
    connection.request("GET", path)
    answer = connection.getresponse()
    told = answer.status, answer.read()
    connection.close()
    return told


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
