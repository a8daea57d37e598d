"""What a gateway does besides answering, on a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioner.gateway.auth import Authenticator
from provisioner.gateway.record.accounts import ensure_account
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.gateways import GatewayIdentity
from provisioner.gateway.record.model import InterceptionEnd, InterceptionStart, Outcome
from provisioner.gateway.record.opened import open_database
from provisioner.gateway.record.store import interceptions_where
from provisioner.gateway.record.token_list import list_tokens
from provisioner.gateway.record.tokens import create_token, find_token, token_hash
from provisioner.gateway.record.write import write_records
from provisioner.gateway.upkeep import Upkeep
from tests.support.interception_records import interception_start

NOW = datetime.now(UTC)


def began(name: str, days: float) -> InterceptionStart:
    return interception_start(name, NOW - timedelta(days=days))


def kept(database: Database, days: int) -> dict[str, Outcome]:
    """Run a few beats and return what is there then."""

    async def beats() -> None:
        identity = GatewayIdentity.of_this_process()
        secret, _ = database.write_plain(lambda c: create_token(c, ensure_account(c, "ada")))
        hashed = token_hash(secret.reveal())

        async def find(_: str) -> object:
            return database.write_plain(lambda c: find_token(c, hashed))

        authenticator = Authenticator(find)  # type: ignore[arg-type]
        await authenticator.actor(secret)
        upkeep = Upkeep(database, identity, authenticator, retention_days=days)
        await upkeep.start()
        async with asyncio.timeout(30):
            while database.write_plain(list_tokens)[0].last_used_at is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            # The deletion follows the rest of a beat.
            await asyncio.sleep(0.3)
        await upkeep.stop()

    asyncio.run(beats())
    return {record.id: record.outcome for record in database.read(interceptions_where)}


@pytest.mark.parametrize(("days", "left"), [(0, {"old", "new"}), (2, {"new"})])
def test_old_records_go_and_what_the_dead_left_is_ended(
    tmp_path: Path, days: int, left: set[str]
) -> None:
    database = open_database(tmp_path, None)
    ended = InterceptionEnd("old", NOW, Outcome.COMPLETED, 200, "")
    write_records(database, "dead", [began("old", 2.1), ended, began("new", 1.9)])

    outcomes = kept(database, days)

    assert set(outcomes) == left
    assert outcomes["new"] is Outcome.INTERRUPTED
    database.close()
