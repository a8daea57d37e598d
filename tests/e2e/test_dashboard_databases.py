"""The dashboard on SQLite and PostgreSQL: its figures, logins shared by gateways, and outages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioner.gateway.record import schema
from provisioner.gateway.record.figures import (
    ErrorCount,
    ModelTokens,
    OutcomeCount,
    SessionTokens,
    error_counts,
    last_change,
    names_in_use,
    outcome_counts,
    session_tokens,
    tokens_over_time,
)
from provisioner.gateway.record.logins import add_login, end_login, login_token
from provisioner.gateway.record.model import Outcome
from provisioner.gateway.record.write import write_records
from provisioner.redact import Secret
from tests.support.browser_client import BrowserClient, PageText
from tests.support.dashboard_records import Recorded, prepared
from tests.support.gateway_server import running_gateway
from tests.support.interception_records import interception_start
from tests.support.postgres_server import PostgresServer

HOUR = timedelta(hours=1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def recorded(tmp_path: Path, address: str | None) -> Iterator[Recorded]:
    made = prepared(tmp_path, address)
    made.at = NOON
    yield made
    made.database.close()


def test_figures_add_up(recorded: Recorded) -> None:
    large = 2**40
    recorded.add("a", tokens=(1, 2, 3), client_session_id="s")
    recorded.add("b", tokens=(10, 20, 30), client_session_id="s")
    recorded.add("c", tokens=(large, 0, 0), model="other", client_session_id="s")
    recorded.at += HOUR
    recorded.add("d", tokens=(5, 0, 0), client_session_id="t", initiator_id="bob", initiator="bob")
    recorded.add("e", tokens=(0, 0, 0), outcome=Outcome.FAILED, status=None, error="no")
    recorded.add("f", tokens=(0, 0, 0), outcome=Outcome.FAILED, status=None, error="no")
    recorded.add("g", tokens=(0, 0, 0), outcome=Outcome.FAILED, status=429, error="no")
    read = recorded.database.read
    one = NOON + HOUR
    ada = schema.interception.c.initiator == "ada"

    assert read(lambda c: tokens_over_time(c, HOUR)) == (
        ModelTokens(NOON, "gpt-5.5", 11, 33, 22, 0),
        ModelTokens(NOON, "other", large, 0, 0, 0),
        ModelTokens(one, "gpt-5.5", 5, 0, 0, 0),
    )
    assert read(lambda c: tokens_over_time(c, 24 * HOUR, ada))[0] == ModelTokens(
        NOON - 12 * HOUR, "gpt-5.5", 11, 33, 22, 0
    )
    assert read(lambda c: outcome_counts(c, HOUR)) == (
        OutcomeCount(NOON, "gpt-5.5", Outcome.COMPLETED, 2),
        OutcomeCount(NOON, "other", Outcome.COMPLETED, 1),
        OutcomeCount(one, "gpt-5.5", Outcome.COMPLETED, 1),
        OutcomeCount(one, "gpt-5.5", Outcome.FAILED, 3),
    )
    assert read(lambda c: session_tokens(c, [("s", "id of ada"), ("t", "id of ada")])) == (
        SessionTokens("s", "id of ada", "gpt-5.5", 11, 33, 22, 0),
        SessionTokens("s", "id of ada", "other", large, 0, 0, 0),
    )
    sixth, seventh = (NOON + HOUR + timedelta(seconds=at) for at in (6, 7))
    assert read(lambda c: error_counts(c, most=5)) == (
        ErrorCount(Outcome.FAILED, None, "no", 2, sixth),
        ErrorCount(Outcome.FAILED, 429, "no", 1, seventh),
    )
    assert len(read(lambda c: error_counts(c, most=1))) == 1
    assert read(lambda c: names_in_use(c, "user", most=9)) == ("ada", "bob")
    assert read(lambda c: names_in_use(c, "model", ada, most=1)) == ("gpt-5.5",)


def test_a_start_and_an_end_are_a_change(recorded: Recorded) -> None:
    seen = [recorded.database.read(last_change)]
    write_records(recorded.database, "g", [interception_start("r", NOON)])
    seen.append(recorded.database.read(last_change))
    recorded.add("earlier than the other started")
    seen.append(recorded.database.read(last_change))

    assert seen[0] == (0, 0, 0, 0)
    assert len(set(seen)) == 3
    assert (
        recorded.database.read(lambda c: last_change(c, schema.interception.c.id == "")) == seen[0]
    )


def test_a_login_gives_its_token_back_to_its_key_alone(recorded: Recorded) -> None:
    database = recorded.database
    token = Secret("prv_" + "a" * 32)
    first = database.write(lambda c: add_login(c, token, NOON, NOON + HOUR))
    second = database.write(lambda c: add_login(c, token, NOON, NOON + 2 * HOUR))

    def found(key: Secret, at: datetime) -> Secret | None:
        return database.read(lambda c: login_token(c, key, at))

    rows = database.read(lambda c: c.execute(select(schema.dashboard_login)).all())
    assert len({row.sealed_token for row in rows}) == 2
    assert token.reveal() not in str(rows)
    assert first.reveal() not in str(rows)
    assert found(first, NOON) == found(second, NOON) == token
    assert found(first, NOON + HOUR) is None
    assert found(Secret("x"), NOON) is None
    assert found(Secret(rows[0].id), NOON) is None
    database.write(lambda c: end_login(c, second))
    assert found(second, NOON) is None
    database.write(lambda c: add_login(c, token, NOON + HOUR, NOON + 2 * HOUR))
    assert database.read(lambda c: len(c.execute(select(schema.dashboard_login)).all())) == 1


@pytest.mark.needs_postgres
def test_gateways_on_one_database_share_their_logins(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres.new_database()
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", address)
    recorded = prepared(tmp_path, address)
    _, token = recorded.user("ada", admin=True)
    for number in range(3):
        recorded.add(f"prompt {number}", outcome=Outcome.FAILED, error="e\N{GRINNING FACE}")
    with running_gateway(tmp_path / "1") as one, running_gateway(tmp_path / "2") as two:
        browser = BrowserClient(one)
        browser.log_in(token)
        elsewhere = BrowserClient(two, browser.cookie)

        (link, *_) = elsewhere.page("/ui/sessions").links("/ui/session?")
        for path in ("/ui?period=90d", "/ui/errors?outcome=failed&error=e%F0%9F%98%80", link):
            assert "e\N{GRINNING FACE}" in elsewhere.page(path).words
        for query in ("model=%00", "model=%ED%A0%80", "page=9999999"):
            assert elsewhere.get(f"/ui/sessions?{query}").status == 200
        browser.post("/ui/logout")
        assert elsewhere.get("/ui").status == 401

        browser.log_in(token)
        postgres.stop()
        try:
            away = browser.get("/ui")
        finally:
            postgres.start()
        assert away.status == 503
        assert "The database cannot be used now." in PageText(away).words
    recorded.database.close()
