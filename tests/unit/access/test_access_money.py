"""Caps and the shared quota: what is spent, what is left, and what that stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from provisioner.access.auth_mode import AuthMode
from provisioner.access.catalog import Catalog
from provisioner.access.model import Access, Denied, Organization, Resolved
from provisioner.access.policy import Level
from provisioner.access.pool import Cap, Pool, PoolProvider
from provisioner.access.resolve import resolve_access
from provisioner.access.usage import Spending, Spent, left_of_quota, left_under, spent
from tests.support.access_worlds import BOTH_PLACES, CATALOG, TODAY, policy, request, resolved

METERED, K8S = AuthMode.METERED, PoolProvider.KUBERNETES
POOLS = (*BOTH_PLACES, Pool("burst", PoolProvider.E2B))
CAP = Cap(METERED, K8S, daily=Decimal(10), monthly=Decimal(50), session=Decimal(3))


def row(day: str, dollars: str, mode: AuthMode = METERED, provider: PoolProvider = K8S) -> Spending:
    return Spending(date.fromisoformat(day), mode, provider, Decimal(dollars))


def world(*caps: Cap, **more: Any) -> Access:
    organization = Organization("acme", True, frozenset({"codex"}), shared_daily=Decimal("0.30"))
    return Access(organization=organization, pools=POOLS, caps=caps, **more)


def test_sums_are_those_of_the_day_and_its_month() -> None:
    ledger = (
        row("2026-08-22", "0.1"),
        row("2026-08-22", "0.2"),
        row("2026-08-01", "1"),
        row("2026-07-31", "9"),
        row("2025-08-22", "9"),
        row("2026-08-23", "9"),
        row("2026-08-22", "9", AuthMode.SHARED),
        row("2026-08-22", "4", provider=PoolProvider.E2B),
    )

    assert spent(ledger, METERED, TODAY, K8S) == Spent(Decimal("0.3"), Decimal("1.3"))
    assert spent(ledger, METERED, TODAY) == Spent(Decimal("4.3"), Decimal("5.3"))


@pytest.mark.parametrize(
    ("today", "month", "session", "left"),
    [
        ("0", "0", "0", "3"),
        ("9", "9", "0", "1"),
        ("9", "49.5", "0", "0.5"),
        ("0", "0", "2.99", "0.01"),
        ("10", "10", "0", "0"),
        ("99", "99", "0", "0"),
    ],
)
def test_what_is_left_is_the_least_of_three(
    today: str, month: str, session: str, left: str
) -> None:
    so_far = Spent(Decimal(today), Decimal(month), Decimal(session))

    assert left_under(CAP, so_far) == Decimal(left)


def test_without_a_limit_nothing_is_counted() -> None:
    assert left_under(Cap(METERED, K8S), Spent(today=Decimal(99))) is None
    assert left_of_quota(None, Spent(today=Decimal(99))) is None
    assert left_of_quota(Decimal(5), Spent(today=Decimal(2))) == 3
    assert left_of_quota(Decimal(5), Spent(today=Decimal(9))) == 0


def test_a_spent_cap_leads_to_the_next_pool_and_then_nowhere() -> None:
    used = (row("2026-08-22", "10"), row("2026-08-22", "7", provider=PoolProvider.E2B))
    one = resolved(world(CAP), request([METERED], ledger=used))
    both = world(CAP, Cap(METERED, PoolProvider.E2B, daily=Decimal(7)))
    none = resolved(both, request([METERED], ledger=used))

    assert isinstance(one, Resolved)
    assert (one.pool.name, one.spend_at_most) == ("burst", None)
    assert isinstance(none, Denied)
    assert (none.code, none.message) == (
        "CAPACITY_CAP_EXCEEDED",
        "the cap of metered in kubernetes pools is spent; the cap of metered in e2b pools is spent",
    )


def test_what_is_left_is_handed_on() -> None:
    outcome = resolved(world(CAP), request([METERED], ledger=(row("2026-08-22", "8.5"),)))

    assert isinstance(outcome, Resolved)
    assert (outcome.pool.name, outcome.spend_at_most) == ("cluster", Decimal("1.5"))


@pytest.mark.parametrize(("enforce", "goes_on"), [("", True), ("warn", True), ("block", False)])
def test_a_cap_that_only_warns_stops_where_a_policy_says_so(enforce: str, *, goes_on: bool) -> None:
    rules = policy(Level.PROJECT, {"*": {"metered": {"enforce": enforce}}})
    access = world(replace(CAP, warns_only=True), policies=(rules,))
    asked = request([METERED], ledger=(row("2026-08-22", "10"),), pool="cluster")

    outcome = resolved(access, asked)
    assert isinstance(outcome, Resolved) is goes_on
    if isinstance(outcome, Resolved):
        said = "the cap of metered in kubernetes pools is spent; that cap only warns"
        assert said in outcome.notes
        assert outcome.spend_at_most is None


def test_a_cap_cannot_be_kept_for_a_model_without_a_price() -> None:
    entries = {name: replace(entry, price=None) for name, entry in CATALOG.entries.items()}
    outcome = resolve_access(world(CAP), Catalog(entries), request([METERED], pool="cluster"))
    shared = resolve_access(world(), Catalog(entries), request([AuthMode.SHARED]))

    assert isinstance(outcome, Denied)
    assert isinstance(shared, Denied)
    assert (outcome.code, shared.code) == ("PRICE_UNKNOWN", "PRICE_UNKNOWN")


@pytest.mark.parametrize(
    ("used", "organization", "left"),
    [("0.1", "acme", "0.20"), ("0.3", "rival", "0.30"), ("0.3", "", None), ("0.3", "acme", None)],
)
def test_the_quota_is_that_of_the_organization(
    used: str, organization: str, left: str | None
) -> None:
    ledger = (replace(row("2026-08-22", used, AuthMode.SHARED), organization=organization),)

    outcome = resolved(world(), request([AuthMode.SHARED], ledger=ledger))
    if left is None:
        assert isinstance(outcome, Denied)
        assert outcome.code == "SHARED_QUOTA_EXCEEDED"
    else:
        assert isinstance(outcome, Resolved)
        assert outcome.spend_at_most == Decimal(left)


def test_usage_of_others_is_told() -> None:
    used = row("2026-08-22", "1", provider=PoolProvider.E2B)
    ledger = tuple(replace(used, organization=name) for name in ("acem", "acem", "rival", "acme"))

    named = resolved(world(), request([METERED], ledger=ledger))
    nameless = resolved(
        replace(world(), organization=Organization("", True, frozenset({"codex"}))),
        request([METERED], ledger=ledger[3:]),
    )

    assert isinstance(named, Resolved)
    assert isinstance(nameless, Resolved)
    assert [note for note in named.notes if note.startswith("usage")] == [
        'usage of "acem" is not counted (2 rows): this organization is "acme"',
        'usage of "rival" is not counted (1 row): this organization is "acme"',
    ]
    assert [note for note in nameless.notes if note.startswith("usage")] == [
        'usage of "acme" is not counted (1 row): the access file names no organization',
    ]


def test_yesterdays_quota_is_not_todays() -> None:
    outcome = resolved(
        world(), request([AuthMode.SHARED], ledger=(row("2026-08-21", "9", AuthMode.SHARED),))
    )

    assert isinstance(outcome, Resolved)
