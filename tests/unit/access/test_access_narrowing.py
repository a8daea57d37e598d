"""What a lower policy may do to what the levels above it leave: take away, pin, and nothing else.

The cases have the meaning of the public vectors for donmai's readers (commit 3abdc1c), in the
words of this room: what stands above is a system policy, what narrows it one of a project. One
thing differs on purpose: a policy for a kind of work counts beside the one for all work.
"""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.access.auth_mode import PREFERENCE, AuthMode
from provisioner.access.model import Access, Denied, Gateway, Organization, Resolved
from provisioner.access.policy import Asked, Level, Policy, is_mode_allowed
from provisioner.gateway_kinds import gateway_kind
from tests.support.access_worlds import BOTH_PLACES, forbidding, policy, request, resolved

THREE = ("host-session", "byok", "metered")
TWO = ("host-session", "byok")
NO, YES = {"allowed": False}, {"allowed": True}
GATEWAYS = {name: Gateway(name, gateway_kind("coder")) for name in ("eu", "us")}
ORGANIZATION = Organization(metered_enabled=True, metered_keys=frozenset({"codex"}))
Matrix = dict[str, dict[str, dict[str, Any]]]


def world(above: tuple[str, ...], *below: Policy) -> Access:
    rest = [mode for mode in PREFERENCE if mode not in above]
    return Access(
        organization=ORGANIZATION,
        policies=(forbidding(Level.SYSTEM, rest), *below),
        pools=BOTH_PLACES,
        gateways=GATEWAYS,
    )


def project(matrix: Matrix, **more: Any) -> Policy:
    return policy(Level.PROJECT, matrix, **more)


def taken(access: Access, wanted: str, workload: str = "") -> tuple[str, str, str]:
    """Return mode, gateway and model; the code alone where access is denied."""
    asked = request(None, mode=AuthMode(wanted), workload=workload)
    outcome = resolved(access, asked)
    if isinstance(outcome, Denied):
        return (str(outcome.code), "", "")
    return (str(outcome.mode), outcome.gateway.name, outcome.entry.model_id)


CASES: dict[str, tuple[tuple[str, ...], Matrix | None, str, tuple[str, str, str]]] = {
    "nothing below keeps what is asked for": (
        THREE, None, "host-session", ("host-session", "default", "large")),
    "nothing below, and what is asked for is not above": (
        ("host-session",), None, "byok", ("host-session", "default", "large")),
    "one mode forbidden, another sent to one gateway": (
        THREE, {"acme": {"host-session": {"host": "eu"}, "byok": NO}}, "host-session",
        ("host-session", "eu", "large")),
    "a grant of what is not above is worth nothing": (
        ("host-session",), {"acme": {"byok": {"allowed": True, "host": "eu", "model": "small"}}},
        "byok", ("host-session", "default", "large")),
    "such a grant does not disturb what is allowed": (
        ("host-session",), {"acme": {"byok": {"allowed": True, "host": "eu", "model": "small"}}},
        "host-session", ("host-session", "default", "large")),
    "all that is above forbidden": (
        TWO, {"acme": {"host-session": NO, "byok": NO}}, "host-session", ("ACCESS_DENIED", "", "")),
    "the row of the model before that of the company": (
        TWO, {"acme": {"host-session": YES, "byok": YES}, "large": {"byok": NO}}, "byok",
        ("host-session", "default", "large")),
    "the row of the company before that of all": (
        TWO, {"*": {"byok": NO}, "acme": {"byok": YES, "host-session": YES}}, "byok",
        ("byok", "default", "large")),
    "the row of all, where there is no other": (
        THREE, {"*": {"metered": NO}}, "metered", ("byok", "default", "large")),
    "the row of another company says nothing": (
        TWO, {"rival": {"byok": NO}}, "byok", ("byok", "default", "large")),
    "what is asked for comes before the order": (
        THREE, {"acme": dict.fromkeys(THREE, YES)}, "metered", ("metered", "default", "large")),
    "what is asked for is gone: the default order": (
        THREE, {"acme": {"metered": NO}}, "metered", ("byok", "default", "large")),
    "a pin of both": (
        ("byok",), {"acme": {"byok": {"host": "eu", "model": "small"}}}, "byok",
        ("byok", "eu", "small")),
    "an empty matrix changes nothing": (
        TWO, {}, "host-session", ("host-session", "default", "large")),
    "nothing above stays nothing": (
        (), {"acme": {"byok": YES}}, "byok", ("ACCESS_DENIED", "", "")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_a_lower_policy_can_do(name: str) -> None:
    above, matrix, wanted, expected = CASES[name]
    below = [] if matrix is None else [project(matrix)]

    assert taken(world(above, *below), wanted) == expected


BY_WORKLOAD = (
    project({"acme": {"host-session": {"host": "eu"}, "shared": NO}}),
    project(
        {"acme": {"byok": {"host": "us", "model": "small"}, "host-session": NO, "shared": YES}},
        workload="nightly",
        auth_order=(AuthMode.SHARED, AuthMode.BYOK, AuthMode.METERED),
    ),
)


@pytest.mark.parametrize(
    ("workload", "expected"),
    [
        ("nightly", ("byok", "us", "small")),
        ("", ("host-session", "eu", "large")),
        ("interview", ("host-session", "eu", "large")),
    ],
)
def test_a_kind_of_work_has_the_common_policy_and_its_own(
    workload: str, expected: tuple[str, str, str]
) -> None:
    above = (*THREE, "shared")
    assert taken(world(above, *BY_WORKLOAD), "host-session", workload) == expected


def test_an_order_of_its_own_counts_only_once_what_is_asked_for_is_gone() -> None:
    order = (AuthMode.METERED, AuthMode.BYOK)
    both = world(THREE, project({}, auth_order=order))

    assert taken(both, "host-session")[0] == "host-session"
    assert taken(both, "local")[0] == "metered"


def test_what_an_order_leaves_out_is_still_there_at_its_end() -> None:
    access = world(("shared", "local"), project({}, auth_order=(AuthMode.BYOK,)))

    assert taken(access, "byok")[0] == "shared"


def test_of_two_orders_that_of_the_narrower_level_counts() -> None:
    organization = policy(Level.ORGANIZATION, {}, auth_order=(AuthMode.METERED,))
    access = world(THREE, organization, project({}, auth_order=(AuthMode.HOST_SESSION,)))

    assert taken(access, "local")[0] == "host-session"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("byok", "MODEL_NOT_IN_CATALOG"),
        ("metered", "MODEL_DEPRECATED"),
        ("local", "MODEL_NOT_IN_CATALOG"),
    ],
)
def test_the_code_is_that_of_the_mode_asked_for_or_else_of_the_first(
    wanted: str, code: str
) -> None:
    pins = {"*": {"byok": {"model": "gone"}, "metered": {"model": "dated"}}}
    access = world(("byok", "metered"), project(pins))

    assert taken(access, wanted)[0] == code
    outcome = resolved(access, request(None))
    assert isinstance(outcome, Denied)
    assert outcome.message == (
        'model not in catalog: a policy pins byok to model "gone"; '
        'a policy pins metered to model "dated", which is deprecated'
    )


def test_a_pin_cannot_lead_to_a_model_that_another_level_forbids() -> None:
    organization = policy(Level.ORGANIZATION, {"small": {"byok": NO}})
    access = world(("byok",), organization, project({"large": {"byok": {"model": "small"}}}))

    outcome = resolved(access, request())
    assert isinstance(outcome, Denied)
    assert outcome.message == (
        "access denied: organization policy denies (company=acme \N{MULTIPLICATION SIGN} model=large "
        '\N{MULTIPLICATION SIGN} authMode=byok, workload=""): it forbids the mode for "small"'
    )


@pytest.mark.parametrize("what", ["model", "host"])
def test_two_levels_that_pin_different_things_leave_nothing(what: str) -> None:
    values = {"model": ("small", "other"), "host": ("eu", "us")}[what]
    organization = policy(Level.ORGANIZATION, {"*": {"byok": {what: values[0]}}})
    access = world(("byok",), organization, project({"*": {"byok": {what: values[1]}}}))

    outcome = resolved(access, request())
    assert isinstance(outcome, Denied)
    assert outcome.message.endswith(
        f'it pins the {what} "{values[1]}", where another policy pins "{values[0]}"'
    )


def test_a_pinned_model_of_another_company_is_judged_by_that_companys_row() -> None:
    system = policy(Level.ORGANIZATION, {"rival": {"byok": NO}})
    access = world(("byok",), system, project({"acme": {"byok": {"model": "other"}}}))

    assert taken(access, "byok") == ("ACCESS_DENIED", "", "")


@pytest.mark.parametrize(
    ("cell", "code"),
    [({"model": "gone"}, "MODEL_NOT_IN_CATALOG"), ({"host": "mars"}, "GATEWAY_CANNOT_SERVE")],
)
def test_a_pin_that_leads_nowhere_takes_the_mode_away(cell: dict[str, str], code: str) -> None:
    access = world(("byok",), project({"*": {"byok": cell}}))

    assert taken(access, "byok")[0] == code


def test_a_policy_of_another_project_is_not_asked() -> None:
    access = world(("byok",), project({"*": {"byok": NO}}, project="web"))

    assert taken(access, "byok")[0] == "byok"
    outcome = resolved(access, request(project="web"))
    assert isinstance(outcome, Denied)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"project": "web", "workload": "nightly"}, []),
        ({}, []),
        ({"project": "wbe"}, ['no policy is for the project "wbe" alone; there are policies for "shop", "web"']),
        ({"workload": "nigthly"}, ['no policy is for the kind of work "nigthly" alone; there are policies for "nightly"']),
    ],
)  # fmt: skip
def test_a_name_that_no_policy_has_is_told(asked: dict[str, str], said: list[str]) -> None:
    below = (
        project({}, project="web"),
        project({}, project="shop"),
        project({}, workload="nightly"),
    )

    outcome = resolved(world(("byok",), *below), request(**asked))
    nobody = resolved(world(("byok",)), request(**asked))

    assert isinstance(outcome, Resolved)
    assert isinstance(nobody, Resolved)
    assert [note for note in outcome.notes if note.startswith("no policy")] == said
    assert not [note for note in nobody.notes if note.startswith("no policy")]


def test_the_same_question_without_a_catalog() -> None:
    policies = (forbidding(Level.SYSTEM, [AuthMode.SHARED]),)
    asked = Asked("large", "acme")

    assert not is_mode_allowed(policies, AuthMode.SHARED, asked)
    assert is_mode_allowed(policies, AuthMode.METERED, asked)
    assert is_mode_allowed((), AuthMode.SHARED, asked)
