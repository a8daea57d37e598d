"""Tokens: made once, known by hash, forgotten when revoked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from provisioner.gateway.auth import Authenticator
from provisioner.gateway.record import schema
from provisioner.gateway.record.database import DATABASE_NAME, create_database
from provisioner.gateway.record.tokens import TokenStore, token_hash
from provisioner.redact import Secret


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_database(tmp_path)
    yield made
    made.dispose()


def test_a_token_is_random_and_stored_as_a_hash(engine: Engine, tmp_path: Path) -> None:
    tokens = TokenStore(engine)
    assert not tokens.any()

    one, other = tokens.create("ada"), tokens.create("bob")
    engine.dispose()

    assert one != other
    assert one.reveal().startswith("prv_")
    assert len(one.reveal()) >= len("prv_") + 160 // 6
    assert tokens.any()
    assert tokens.user(token_hash(one.reveal())) == "ada"
    assert tokens.user(token_hash("prv_unknown")) is None
    assert one.reveal().encode() not in (tmp_path / DATABASE_NAME).read_bytes()


def test_a_revoked_token_is_unknown(engine: Engine) -> None:
    tokens = TokenStore(engine)
    secret = tokens.create("ada")
    with engine.begin() as connection:
        connection.execute(update(schema.token).values(revoked=True))

    assert tokens.user(token_hash(secret.reveal())) is None
    assert tokens.any()


def test_a_header_of_any_bytes_has_a_hash() -> None:
    assert len(token_hash("\udcff\N{GRINNING FACE}")) == 64


def test_good_tokens_are_remembered_for_a_moment_and_bad_ones_never() -> None:
    now = [100.0]
    known = {token_hash("good"): "ada"}
    asked: list[str] = []

    def find_user(hashed: str) -> str | None:
        asked.append(hashed)
        return known.get(hashed)

    authenticator = Authenticator(find_user, clock=lambda: now[0])

    def user(token: str) -> str | None:
        actor = asyncio.run(authenticator.actor(Secret(token)))
        return actor.user if actor else None

    assert [user("good"), user("good"), user("bad"), user("bad")] == ["ada", "ada", None, None]
    assert len(asked) == 3

    known.clear()
    assert user("good") == "ada"
    now[0] += 2.0
    assert user("good") is None
    assert user("good") is None
