"""Every combination of policy, profile, pools, entitlement, key and quota against an oracle.

The oracle shares no code with the room: it is set algebra over the words of the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from decimal import Decimal
from itertools import chain, combinations, product

import pytest

from provisioner.access.auth_mode import AuthMode
from provisioner.access.model import Access, Denied, Organization, Resolved
from provisioner.access.policy import Level
from provisioner.access.pool import Pool, PoolProvider
from provisioner.access.usage import Spending
from tests.support.access_worlds import TODAY, forbidding, request, resolved

BEST_FIRST = ["byok", "metered", "shared", "host-session", "local"]
RUNS_IN = {
    "cloud": {"byok", "metered", "shared"},
    "local": {"byok", "host-session", "local"},
}
FLOWS = {
    "byok": "byok",
    "metered": "centralized",
    "shared": "centralized",
    "host-session": "chatgpt",
    "local": "centralized",
}


def subsets(of: list[str]) -> Iterator[frozenset[str]]:
    sizes = range(len(of) + 1)
    return map(frozenset, chain.from_iterable(combinations(of, size) for size in sizes))


@dataclass(frozen=True)
class World:
    """All that varies besides policies and profile."""

    places: frozenset[str]
    entitled: bool
    has_key: bool
    quota_used_up: bool


WORLDS = [
    World(places, *switches)
    for places in subsets(["local", "cloud"])
    for switches in product([False, True], repeat=3)
]


def oracle(denied: frozenset[str], taken: frozenset[str], world: World) -> str:
    """Return the mode that is taken, or the code of the refusal."""
    allowed = set(BEST_FIRST) - denied
    if not allowed:
        return "ACCESS_DENIED"
    agreed = allowed & taken
    if not agreed:
        return "AUTHMODES_UNSATISFIABLE"
    in_local, in_cloud = RUNS_IN["local"], RUNS_IN["cloud"]
    obstacles = [
        ("METERED_NOT_ENTITLED", set() if world.entitled else {"metered"}),
        ("METERED_KEY_MISSING", set() if world.has_key else {"metered"}),
        (
            "AUTH_MODE_REQUIRES_LOCAL_CAPACITY",
            set() if "local" in world.places else in_local - in_cloud,
        ),
        (
            "AUTH_MODE_REQUIRES_CLOUD_CAPACITY",
            set() if "cloud" in world.places else in_cloud - in_local,
        ),
        ("NO_CAPACITY", set() if world.places else in_local | in_cloud),
        ("SHARED_QUOTA_EXCEEDED", {"shared"} if world.quota_used_up else set()),
    ]
    stopped = set().union(*(modes for _, modes in obstacles))
    if agreed - stopped:
        return min(agreed - stopped, key=BEST_FIRST.index)
    # What stopped the last of them is the first obstacle by which all of them are gone.
    gone = set[str]()
    for code, modes in obstacles:
        gone |= modes
        if agreed <= gone:
            return code
    raise AssertionError("unreachable: they are all stopped")


def access_for(denied: frozenset[str], world: World) -> Access:
    """Spread what is denied over the three levels, so that each has its share."""
    shares: dict[Level, list[AuthMode]] = {level: [] for level in Level}
    for index, mode in enumerate(sorted(denied)):
        shares[list(Level)[index % 3]].append(AuthMode(mode))
    pools = [
        Pool("desk", PoolProvider.LOCAL, is_active="local" in world.places),
        Pool("cluster", PoolProvider.KUBERNETES, is_active="cloud" in world.places),
    ]
    return Access(
        organization=Organization(
            name="acme",
            metered_enabled=world.entitled,
            metered_keys=frozenset({"codex"} if world.has_key else ()),
            shared_daily=Decimal(5),
        ),
        policies=tuple(forbidding(level, modes) for level, modes in shares.items()),
        pools=tuple(pools),
    )


# A set has another order in each process, and the names of tests must be the same in all.
@pytest.mark.parametrize("world", WORLDS, ids=lambda w: f"{sorted(w.places)} {astuple(w)[1:]}")
def test_every_combination_is_what_the_oracle_says(world: World) -> None:
    spent = Decimal(5 if world.quota_used_up else 4)
    ledger = (Spending(TODAY, AuthMode.SHARED, PoolProvider.KUBERNETES, spent),)
    wrong = []
    for denied in subsets(BEST_FIRST):
        access = access_for(denied, world)
        for taken in subsets(BEST_FIRST):
            asked = request(map(AuthMode, sorted(taken)), ledger=ledger)
            outcome = resolved(access, asked)
            said = outcome.code if isinstance(outcome, Denied) else outcome.mode
            expected = oracle(denied, taken, world)
            if said != expected:
                wrong.append((sorted(denied), sorted(taken), str(said), expected))
            if isinstance(outcome, Resolved):
                assert outcome.flow.name == FLOWS[outcome.mode]
                assert outcome.mode in RUNS_IN[outcome.pool.provider.place]

    assert wrong == []


def test_a_mode_that_is_asked_for_is_kept_wherever_it_is_left() -> None:
    world = World(frozenset({"local", "cloud"}), True, True, False)
    for denied in subsets(BEST_FIRST):
        left = set(BEST_FIRST) - denied
        for wanted in BEST_FIRST:
            outcome = resolved(access_for(denied, world), request(mode=AuthMode(wanted)))
            expected = wanted if wanted in left else min(left, key=BEST_FIRST.index, default="")
            assert (outcome.mode if isinstance(outcome, Resolved) else "") == expected
