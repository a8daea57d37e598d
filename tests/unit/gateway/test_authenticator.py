"""Who is let in, for how long without asking again, and what happens when nobody can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioner.gateway.actor import Actor
from provisioner.gateway.auth import AuthenticationAwayError, Authenticator
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.tokens import FoundToken, token_hash
from provisioner.redact import Secret


class World:
    """A database, somebody else who knows tokens, and a clock."""

    remembered_seconds = 5.0

    def __init__(self) -> None:
        self.now = 100.0
        self.tokens: dict[str, FoundToken] = {}
        self.others: dict[str, Actor] = {}
        self.database_away = self.others_away = False
        self.asked: list[str] = []
        self.hold = asyncio.Event()
        self.hold.set()

    def add(self, token: str, expires_at: datetime | None = None) -> None:
        self.tokens[token_hash(token)] = FoundToken(f"id of {token}", Actor("ada"), expires_at)

    async def find(self, hashed: str) -> FoundToken | None:
        self.asked.append("database")
        found = self.tokens.get(hashed)
        await self.hold.wait()
        if self.database_away:
            raise DatabaseAwayError
        return found

    async def actor(self, token: Secret) -> Actor | None:
        self.asked.append("others")
        if self.others_away:
            raise AuthenticationAwayError
        return self.others.get(token.reveal())


def run(test: Callable[[World], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await test(World())

    asyncio.run(bounded())


def authenticator(world: World, check: Any = None) -> Authenticator:
    return Authenticator(world.find, check, clock=lambda: world.now)


async def user(of: Authenticator, token: str) -> str | None:
    actor = await of.actor(Secret(token))
    return actor.user if actor else None


def test_good_tokens_are_remembered_for_half_a_second_and_bad_ones_never() -> None:
    async def test(world: World) -> None:
        world.add("good")
        known = authenticator(world)
        answers = [await user(known, token) for token in ("good", "good", "bad", "bad")]
        assert answers == ["ada", "ada", None, None]
        assert len(world.asked) == 3

        world.tokens.clear()
        assert await user(known, "good") == "ada"
        world.now += 0.5
        assert await user(known, "good") is None

    run(test)


def test_only_good_tokens_are_kept_to_be_known_again_and_not_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("provisioner.gateway.auth._REMEMBERED_SECONDS", 0.05)
    hashed: list[str] = []

    def noting(token: str) -> str:
        hashed.append(token)
        return token_hash(token)

    async def test(world: World) -> None:
        world.add("good")
        known = Authenticator(world.find, clock=lambda: world.now, hashed=noting)
        for token in ("good", "good", "good", "bad", "bad"):
            await user(known, token)
        # The first time nobody knew yet that it is one.
        assert hashed == ["good", "good", "bad", "bad"]

        await asyncio.sleep(0.06)
        await user(known, "good")
        known.forget()
        await user(known, "good")
        assert hashed[4:] == ["good", "good"]

    run(test)


def test_a_revocation_in_this_process_works_at_once() -> None:
    async def test(world: World) -> None:
        world.add("good")
        known = authenticator(world)
        assert await user(known, "good") == "ada"

        world.hold.clear()
        world.now += 1
        late = asyncio.create_task(user(known, "good"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        world.tokens.clear()
        known.forget()
        world.hold.set()
        await late

        assert await user(known, "good") is None

    run(test)


def test_many_requests_with_one_token_ask_once() -> None:
    async def test(world: World) -> None:
        world.add("good")
        known = authenticator(world)
        answers = await asyncio.gather(*(user(known, "good") for _ in range(20)))
        assert answers == ["ada"] * 20
        assert world.asked == ["database"]
        assert list(known.take_used()) == ["id of good"]
        assert known.take_used() == {}

    run(test)


def test_a_request_that_is_cancelled_does_not_take_the_others_along() -> None:
    async def test(world: World) -> None:
        world.add("good")
        world.hold.clear()
        known = authenticator(world)
        first, second = (asyncio.create_task(user(known, "good")) for _ in range(2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        world.hold.set()
        assert await second == "ada"

    run(test)


def test_an_expired_token_is_not_remembered() -> None:
    async def test(world: World) -> None:
        world.add("good", expires_at=datetime.now(UTC) + timedelta(seconds=0.2))
        known = authenticator(world)
        assert await user(known, "good") == "ada"
        world.tokens.clear()
        await asyncio.sleep(0.25)
        assert await user(known, "good") is None

    run(test)


def test_while_the_database_is_away_only_those_go_on_who_were_let_in_lately() -> None:
    async def test(world: World) -> None:
        world.add("good")
        known = authenticator(world)
        assert await user(known, "good") == "ada"

        world.database_away = True
        world.now += 29
        assert await user(known, "good") == "ada"
        with pytest.raises(AuthenticationAwayError):
            await user(known, "another")
        world.now += 1
        with pytest.raises(AuthenticationAwayError):
            await user(known, "good")

    run(test)


def test_others_are_asked_for_what_is_not_ours() -> None:
    async def test(world: World) -> None:
        world.add("good")
        world.others = {"theirs": Actor("bob"), "prv_x": Actor("eve")}
        known = authenticator(world, world)
        asked = [await user(known, token) for token in ("good", "theirs", "theirs", "prv_x")]
        assert asked == ["ada", "bob", "bob", None]
        assert world.asked == ["database", "database", "others", "database"]

        world.others = {}
        world.now += 4.9
        assert await user(known, "theirs") == "bob"
        world.now += 0.1
        assert await user(known, "theirs") is None

    run(test)


def test_a_refusal_by_others_is_remembered_for_a_second() -> None:
    async def test(world: World) -> None:
        known = authenticator(world, world)
        assert [await user(known, "bad") for _ in range(5)] == [None] * 5
        assert world.asked == ["database", "others"]
        world.others = {"bad": Actor("now good")}
        world.now += 1
        assert await user(known, "bad") == "now good"

    run(test)


def test_nobody_is_let_in_when_others_cannot_be_asked() -> None:
    async def test(world: World) -> None:
        world.others = {"theirs": Actor("bob")}
        known = authenticator(world, world)
        assert await user(known, "theirs") == "bob"
        world.others_away = True
        world.now += 5
        with pytest.raises(AuthenticationAwayError):
            await user(known, "theirs")

    run(test)
