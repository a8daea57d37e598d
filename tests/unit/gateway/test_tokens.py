"""Tokens: made once, known by hash, forgotten when expired or revoked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioner.gateway.actor import Actor
from provisioner.gateway.record.accounts import ensure_account, join_groups
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.opened import open_database
from provisioner.gateway.record.sqlite import DATABASE_NAME
from provisioner.gateway.record.token_list import list_tokens, revoke_token
from provisioner.gateway.record.tokens import (
    FoundToken,
    TokenInfo,
    any_token,
    create_token,
    find_token,
    note_use,
    token_hash,
)
from provisioner.redact import Secret


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_database(tmp_path, None)
    yield made
    made.close()


def created(
    database: Database, user: str, name: str = "", lifetime: timedelta | None = None
) -> tuple[Secret, TokenInfo]:
    return database.write_plain(
        lambda c: create_token(c, ensure_account(c, user), name=name, lifetime=lifetime)
    )


def found(database: Database, token: str) -> FoundToken | None:
    return database.write_plain(lambda c: find_token(c, token_hash(token)))


def test_a_token_is_random_and_stored_as_a_hash(database: Database, tmp_path: Path) -> None:
    assert not database.write_plain(any_token)

    one, info = created(database, "ada", "laptop")
    other, _ = created(database, "bob")

    assert one != other
    assert one.reveal().startswith("prv_")
    assert len(one.reveal()) >= len("prv_") + 160 // 6
    assert database.write_plain(any_token)
    actor = Actor("ada", info.user_id, token_id=info.id)
    assert found(database, one.reveal()) == FoundToken(info.id, actor, None)
    assert found(database, "prv_unknown") is None
    assert (info.name, info.hint, info.state(datetime.now(UTC))) == ("laptop", one.hint, "active")
    database.close()
    assert one.reveal().encode() not in (tmp_path / DATABASE_NAME).read_bytes()


def test_a_token_brings_its_users_groups_and_rights(database: Database) -> None:
    secret, info = created(database, "ada")
    database.write_plain(lambda c: ensure_account(c, "ada", admin=True))
    for names in (["platform", "ml"], ["ml"]):
        database.write_plain(lambda c, names=names: join_groups(c, ensure_account(c, "ada"), names))

    token = found(database, secret.reveal())

    assert token is not None
    groups = frozenset({"platform", "ml"})
    assert token.actor == Actor("ada", info.user_id, groups, admin=True, token_id=info.id)


def test_a_revoked_token_is_unknown(database: Database) -> None:
    secret, info = created(database, "ada", "laptop")
    _, other = created(database, "bob", "laptop")
    strangers = database.write_plain(lambda c: revoke_token(c, info.id, other.user_id))
    assert strangers is None
    assert found(database, secret.reveal()) is not None

    revoked = database.write_plain(lambda c: revoke_token(c, "laptop", info.user_id))
    again = database.write_plain(lambda c: revoke_token(c, info.id))

    assert revoked == again
    assert revoked is not None
    assert (revoked.id, revoked.state(datetime.now(UTC))) == (info.id, "revoked")
    assert found(database, secret.reveal()) is None
    assert database.write_plain(any_token)
    assert database.write_plain(lambda c: revoke_token(c, "nobody's")) is None


def test_an_empty_name_revokes_nothing(database: Database) -> None:
    secret, _ = created(database, "ada")

    assert database.write_plain(lambda c: revoke_token(c, "")) is None
    assert found(database, secret.reveal()) is not None


def test_an_expired_token_is_unknown(database: Database) -> None:
    past, info = created(database, "ada", lifetime=timedelta(microseconds=-1))
    future, _ = created(database, "ada", lifetime=timedelta(days=1))

    assert found(database, past.reveal()) is None
    assert found(database, future.reveal()) is not None
    assert info.state(datetime.now(UTC)) == "expired"


def test_tokens_are_listed_newest_first_with_their_last_use(database: Database) -> None:
    _, first = created(database, "ada")
    _, second = created(database, "bob")
    used = datetime(2026, 1, 1, tzinfo=UTC)
    database.write_plain(lambda c: note_use(c, {first.id: used}))

    listed = database.write_plain(list_tokens)

    assert [(token.user, token.last_used_at) for token in listed] == [("bob", None), ("ada", used)]
    assert database.write_plain(lambda c: list_tokens(c, second.user_id)) == (second,)


def test_a_header_of_any_bytes_has_a_hash() -> None:
    assert len(token_hash("\udcff\N{GRINNING FACE}")) == 64
