"""What gateways keep of failing credentials, on both databases."""

from __future__ import annotations

import math
import time
from dataclasses import replace

from provisioner.gateway.record.bans import (
    bans_began,
    changed_bans,
    drop_old_bans,
    forget_bans_before,
    move_ban,
)
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.gateways import GatewayIdentity, say_alive, say_goodbye
from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.turn import database_time
from provisioner.gateway.router.bans import BanState

PAIR = "p" * 64


def moved(database: Database, failures: dict[int, int], seconds: float) -> BanState:
    return database.write(
        lambda c: move_ban(c, PAIR, lambda _: BanState(failures, seconds)),
    )


def known(database: Database, later: int = 0, began: int = 0) -> BanState | None:
    """Return what is known of the pair `later` microseconds from now."""
    return database.read(
        lambda c: changed_bans(c, 0, database_time(plain(c)) + later, began).get(PAIR),
    )


def test_each_move_starts_from_what_the_one_before_left(database: Database) -> None:
    def again(state: BanState) -> BanState:
        return replace(state, failures={500: state.failures.get(500, 0) + 1})

    for _ in range(3):
        database.write(lambda c: move_ban(c, PAIR, again))

    assert known(database) == BanState({500: 3})


def test_a_ban_is_over_after_its_time_unless_it_is_for_ever(database: Database) -> None:
    moved(database, {0: 2, 429: 1}, 60)
    found = known(database)

    assert found is not None
    assert found.failures == {0: 2, 429: 1}
    assert 0 < found.seconds <= 60
    assert known(database, 60_000_000) == BanState()
    moved(database, {0: 1}, math.inf)
    assert known(database, 10**15) == BanState({0: 1}, math.inf)


def test_only_what_is_no_ban_is_dropped_by_age(database: Database) -> None:
    moved(database, {0: 1}, math.inf)
    database.write(lambda c: drop_old_bans(c, 2**53))
    assert known(database) == BanState({0: 1}, math.inf)

    moved(database, {0: 1}, 0)
    database.write(lambda c: drop_old_bans(c, 2**53))
    assert known(database) is None


def test_bans_outlive_a_gateway_while_an_older_one_lives(database: Database) -> None:
    one, two = GatewayIdentity.of_this_process(), GatewayIdentity.of_this_process()
    database.write_plain(lambda c: say_alive(c, one))
    moved(database, {0: 1}, math.inf)
    time.sleep(0.05)
    database.write_plain(lambda c: say_alive(c, two))
    assert known(database, began=database.read(bans_began)) == BanState({0: 1}, math.inf)

    database.write_plain(lambda c: say_goodbye(c, one))
    began = database.read(bans_began)
    assert known(database, began=began) is None
    database.write(lambda c: forget_bans_before(c, began))
    # Whoever had heard of it hears that it is over.
    assert known(database, began=began) == BanState()


def test_without_gateways_there_is_no_beginning(database: Database) -> None:
    assert database.read(bans_began) == 0
