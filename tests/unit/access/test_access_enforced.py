"""What a gateway makes of an access file, for one request without profile or pools."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from provisioner.access.auth_mode import PREFERENCE, AuthMode
from provisioner.access.enforce import Enforced, Place
from provisioner.access.model import Access, Organization, Resolved
from provisioner.access.policy import Level, Policy
from provisioner.access.pool import Cap, PoolProvider
from tests.support.access_worlds import BOTH_PLACES, CATALOG, policy, request, resolved

K8S = PoolProvider.KUBERNETES
ACME = Organization("acme", True, frozenset({"codex"}))
METERED, SHARED, BYOK = AuthMode.METERED, AuthMode.SHARED, AuthMode.BYOK


def told(
    access: Access, mode: AuthMode, model: str = "large", project: str = "", **place: str
) -> str:
    ruling = Enforced(access, CATALOG, Place(K8S, **place)).ruling(mode, model, project)
    return "" if ruling.removal is None else f"{ruling.removal.code}: {ruling.removal.reason}"


def access(*policies: Policy, caps: tuple[Cap, ...] = (), **organization: object) -> Access:
    changed = replace(ACME, **organization)  # type: ignore[arg-type]
    return Access(organization=changed, policies=policies, pools=BOTH_PLACES, caps=caps)


@pytest.mark.parametrize(
    ("mode", "said", "message"),
    [
        (
            "metered",
            {"metered_enabled": False},
            "METERED_NOT_ENTITLED: Organisation is not entitled to use metered auth mode",
        ),
        (
            "metered",
            {"metered_keys": frozenset({"claude"})},
            "METERED_KEY_MISSING: No metered key is configured for provider 'codex'",
        ),
        ("shared", {"metered_enabled": False, "metered_keys": frozenset()}, ""),
        ("byok", {"metered_enabled": False, "shared_daily": Decimal(0)}, ""),
        (
            "shared",
            {"shared_daily": Decimal(0)},
            "SHARED_QUOTA_EXCEEDED: today's shared quota of 0 US dollars is used up",
        ),
        ("metered", {"shared_daily": Decimal(0)}, ""),
    ],
)
def test_what_the_organization_is_not_switched_on_for(
    mode: str, said: dict[str, object], message: str
) -> None:
    assert told(access(**said), AuthMode(mode)) == message


def test_a_policy_of_any_level_takes_a_mode_away() -> None:
    system = policy(Level.SYSTEM, {"acme": {"metered": {"allowed": False}}})
    project = policy(Level.PROJECT, {"*": {"shared": {"allowed": False}}}, project="web")
    world = access(system, project)

    by = "\N{MULTIPLICATION SIGN}"
    assert told(world, METERED) == (
        f"ACCESS_DENIED: access denied: system policy denies (company=acme {by} model=large {by} "
        'authMode=metered, workload=""): it forbids the mode for "large"'
    )
    assert told(world, METERED, "other") == ""
    assert told(world, SHARED) == ""
    assert told(world, SHARED, project="web").startswith("ACCESS_DENIED: access denied: project")


def test_the_work_of_a_gateway_brings_its_policies_along() -> None:
    world = access(policy(Level.SYSTEM, {"*": {"byok": {"allowed": False}}}, workload="review"))

    assert told(world, BYOK) == ""
    assert 'workload="review"' in told(world, BYOK, workload="review")


def test_a_pin_is_a_limit_of_what_may_be_asked_for() -> None:
    pinned = {"metered": {"model": "small"}, "shared": {"host": "eu"}}
    world = access(policy(Level.ORGANIZATION, {"*": pinned}))

    assert told(world, METERED) == (
        'ACCESS_DENIED: access denied: a policy pins metered to model "small", and not "large"'
    )
    assert told(world, METERED, "small") == ""
    assert told(world, SHARED) == (
        'ACCESS_DENIED: access denied: a policy pins shared to host "eu", which this gateway is not'
    )
    assert told(world, SHARED, host="eu") == ""


def test_what_is_not_in_the_catalog_is_refused() -> None:
    message = 'MODEL_NOT_IN_CATALOG: model not in catalog: "gpt-none"'

    assert told(access(), BYOK, "gpt-none") == message


def test_the_caps_that_stop_a_mode_are_those_of_its_pool_and_of_policies() -> None:
    here = Cap(METERED, K8S, daily=Decimal(1))
    warns = Cap(SHARED, K8S, daily=Decimal(2), warns_only=True)
    elsewhere = Cap(METERED, PoolProvider.MODAL, daily=Decimal(0))
    world = access(caps=(here, warns, elsewhere))
    blocking = policy(Level.SYSTEM, {"*": {"shared": {"enforce": "block"}}})
    stricter = replace(world, policies=(blocking,))

    def caps(world: Access, mode: AuthMode) -> tuple[Cap, ...]:
        return Enforced(world, CATALOG, Place(K8S)).ruling(mode, "large", "").caps

    assert (caps(world, METERED), caps(world, SHARED)) == ((here,), ())
    assert caps(stricter, SHARED) == (warns,)


@pytest.mark.parametrize("forbidden", [(), (METERED,), (SHARED, BYOK)])
@pytest.mark.parametrize("entitled", [True, False])
def test_a_gateway_says_what_resolving_says(
    *, forbidden: tuple[AuthMode, ...], entitled: bool
) -> None:
    cells = {mode.value: {"allowed": False} for mode in forbidden}
    world = access(policy(Level.SYSTEM, {"*": cells}), metered_enabled=entitled)

    outcome = resolved(world, request(PREFERENCE))

    assert isinstance(outcome, Resolved)
    removed = {
        item.mode: f"{item.code}: {item.reason}" for s in outcome.steps for item in s.removed
    }
    paid_for = (METERED, SHARED, BYOK)
    assert {mode: told(world, mode) for mode in paid_for} == {
        mode: removed.get(mode, "") for mode in paid_for
    }
