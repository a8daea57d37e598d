"""What gateways share, on SQLite and on PostgreSQL: places that lapse, rates, circuits, keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text, update

from provisioner.gateway.circuit import Circuit, CircuitState
from provisioner.gateway.deployment_config import CircuitBreakerConfig
from provisioner.gateway.key_pool import KeyPool
from provisioner.gateway.limits import Verdict
from provisioner.gateway.record.admission import LEASE_SECONDS, Admission, count_together
from provisioner.gateway.record.circuits import changed_circuits, drop_old_circuits, move_circuit
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.gateways import GatewayIdentity, end_interrupted, say_alive
from provisioner.gateway.record.key_pauses import KeyPause, changed_key_pauses, pause_key
from provisioner.gateway.record.opened import open_database
from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.schema import key_pause, lease, rate_count
from provisioner.gateway.record.turn import Turn, database_time, take_turn
from provisioner.gateway.shared_keys import SharedKeys
from provisioner.redact import Secret
from tests.support.postgres_server import PostgresServer

SECOND = 1_000_000
SERVED, FULL, TOO_MANY = Verdict.SERVED, Verdict.FULL, Verdict.TOO_MANY
ELSEWHERE = [GatewayIdentity(name, f"host of {name}", 1) for name in ("first", "second")]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    address = None
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        address = server.new_database()
    made = open_database(tmp_path, address)
    yield made
    made.close()


def count(
    database: Database, who: GatewayIdentity, running: int, *subjects: str, most: int = 3
) -> list[Verdict]:
    admission = Admission(who, most, 0)
    return database.write(lambda c: count_together(c, admission, running, subjects))


def test_a_place_of_a_silent_gateway_lapses(database: Database) -> None:
    first, second = ELSEWHERE
    for known in ELSEWHERE:
        database.write_plain(lambda c, known=known: say_alive(c, known))
    assert count(database, first, 0, *"aab") == [SERVED] * 3
    assert count(database, second, 0, "a") == [FULL]
    # Whoever says that it lives keeps what it has.
    assert count(database, first, 2) == []
    assert count(database, second, 0, *"ab") == [SERVED, FULL]

    ago = (LEASE_SECONDS + 1) * SECOND
    passed = update(lease).values(lapses_at=lease.c.lapses_at - ago)
    database.write(lambda c: c.execute(passed.where(lease.c.gateway_id == "first")) and None)

    assert count(database, second, 1, *"abc") == [SERVED, SERVED, FULL]
    # It was away only: it has nothing to give, and takes nothing.
    assert count(database, first, 2, "a") == [FULL]


def test_a_place_of_a_process_that_is_gone_is_free_at_once(database: Database) -> None:
    mine = GatewayIdentity.of_this_process()
    gone = GatewayIdentity("gone", mine.host, 2**22 + 1)
    for known in (mine, gone):
        database.write_plain(lambda c, known=known: say_alive(c, known))
    assert count(database, gone, 3) == []

    assert count(database, mine, 0, *"aaab") == [SERVED, SERVED, SERVED, FULL]


def test_whoever_ends_what_the_dead_left_frees_their_places(database: Database) -> None:
    mine = GatewayIdentity.of_this_process()
    gone = GatewayIdentity("gone", mine.host, 2**22 + 1)
    database.write_plain(lambda c: say_alive(c, gone))
    assert count(database, gone, 3) == []

    database.write_plain(lambda c: end_interrupted(c, mine))

    assert database.read(lambda c: c.execute(select(func.count()).select_from(lease)).scalar()) == 0


def test_rates_are_counted_by_subject_and_what_is_old_goes(database: Database) -> None:
    def work(c: Connection) -> tuple[list[Verdict], list[Verdict]]:
        # One transaction, or a second may end in between.
        now = take_turn(plain(c), Turn.LIMITS)
        full = {"subject": "a", "second": now // SECOND - 1, "requests": 1000}
        old = {"subject": "b", "second": now // SECOND - 2, "requests": 1000}
        c.execute(insert(rate_count), [full, old])
        one, other = (Admission(who, 0, 4) for who in ELSEWHERE)
        return (
            count_together(c, one, 0, ["a", "b", "b", "c"]),
            count_together(c, other, 0, ["b", "b", "b", "c"], tidy=True),
        )

    first, second = database.write(work)
    left = database.read(lambda c: c.execute(select(rate_count)).all())

    assert first[1:] == [SERVED] * 3
    assert second[:2] == [SERVED] * 2
    assert second[3] is SERVED
    assert {row.requests for row in left if row.subject == "b"} <= {1, 2, 4}
    assert max(row.second for row in left) - min(row.second for row in left) <= 2


def test_a_refused_request_takes_no_place_and_no_count(database: Database) -> None:
    def work(c: Connection) -> list[list[Verdict]]:
        admission = Admission(ELSEWHERE[0], 2, 1)
        c.execute(text("DELETE FROM rate_count"))
        return [count_together(c, admission, 0, ["a", "a", "b", "c"])]

    (verdicts,) = database.write(work)
    held, counted = database.read(
        lambda c: (
            c.execute(select(lease.c.held)).scalars().all(),
            {row.subject: row.requests for row in c.execute(select(rate_count))},
        )
    )

    assert verdicts == [SERVED, TOO_MANY, SERVED, FULL]
    assert held == [2]
    assert counted == {"a": 1, "b": 1}


def test_a_longer_pause_of_a_key_is_kept(database: Database) -> None:
    for seconds, limited in ((60.0, False), (5.0, True), (90.0, True)):
        pause = KeyPause("one", seconds, limited)
        database.write(lambda c, pause=pause: pause_key(c, pause))
        (found,) = database.read(lambda c: changed_key_pauses(c, 0, database_time(plain(c))))
        assert (found.limited, found.seconds > 30) == (seconds == 90, True)

    database.write(lambda c: pause_key(c, KeyPause("two", 0, True)))
    now = database.write_plain(database_time)
    assert len(database.read(lambda c: changed_key_pauses(c, 0, now))) == 1
    assert database.read(lambda c: changed_key_pauses(c, now + SECOND, now)) == []


def test_no_key_is_in_the_database_and_no_pause_outlives_an_hour(database: Database) -> None:
    pool = KeyPool([Secret("sk-secret-one"), Secret("sk-secret-two")])
    elsewhere = KeyPool([Secret("sk-secret-zero"), Secret("sk-secret-one")])

    async def main() -> None:
        keys, others = SharedKeys(database), SharedKeys(database)
        keys.add("openai", pool)
        others.add("openai", elsewhere)
        assert pool.refused(next(pool.usable()), 429, 9_999_999)
        await keys.told()
        others.learn(database.read(lambda c: changed_key_pauses(c, 0, database_time(plain(c)))))

    asyncio.run(main())
    (row,) = database.read(lambda c: c.execute(select(key_pause)).all())

    assert [key.secret.reveal() for key in elsewhere.usable()] == ["sk-secret-zero"]
    assert elsewhere.exhausted()[0]
    assert "sk-" not in str(tuple(row))
    assert row.until - row.changed_at == 3600 * SECOND


BREAKER = CircuitBreakerConfig(enabled=True, max_requests=1, timeout_seconds=30)


def test_a_trial_of_a_gateway_that_died_makes_room_for_another(database: Database) -> None:
    def tried(at: float) -> bool:
        def move(state: CircuitState, _: float) -> tuple[CircuitState, bool]:
            circuit = Circuit(BREAKER, lambda: at, state, lost_seconds=BREAKER.timeout_seconds)
            answer = circuit.admits()
            return circuit.state, answer

        return database.write(lambda c: move_circuit(c, "one", move))[1]

    opened = CircuitState(failures=5, counted_since=100.25, open_until=130.5)
    database.write(lambda c: move_circuit(c, "one", lambda *_: (opened, True)))

    assert database.read(lambda c: changed_circuits(c, 0)) == {"one": opened}
    assert [tried(at) for at in (130, 131, 132, 160, 161, 162)] == [
        False,
        True,
        False,
        False,
        True,
        False,
    ]
    now = database.write_plain(database_time)
    assert database.read(lambda c: changed_circuits(c, now + SECOND)) == {}
    database.write(lambda c: drop_old_circuits(c, now - SECOND))
    assert set(database.read(lambda c: changed_circuits(c, 0))) == {"one"}
    database.write(lambda c: drop_old_circuits(c, now + 60 * SECOND))
    assert database.read(lambda c: changed_circuits(c, 0)) == {}


@pytest.mark.needs_postgres
def test_postgres_ends_a_transaction_that_is_left_open(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    # A host that vanishes would keep its turn until the network gives it up, in hours.
    database = open_database(tmp_path, postgres.new_database())
    shown = database.read(
        lambda c: c.execute(text("SHOW idle_in_transaction_session_timeout")).scalar()
    )
    database.close()

    assert shown == "10s"
