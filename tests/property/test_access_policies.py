"""Policies only narrow, in whatever order they stand, and every removal is told exactly once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.access.auth_mode import PREFERENCE, AuthMode
from provisioner.access.model import Access, Denied, Gateway, Organization, Resolved
from provisioner.access.policy import Asked, Cell, Level, Policy, Verdict, policies_for, verdict
from provisioner.access.pool import Pool, PoolProvider
from provisioner.gateway_kinds import gateway_kind
from tests.support.access_worlds import request, resolved

COMPANIES = {"large": "acme", "small": "acme", "other": "rival"}
MODES = st.sampled_from(PREFERENCE)
CELLS = st.builds(
    Cell,
    allowed=st.sampled_from([True, True, False]),
    host=st.sampled_from(["", "", "eu", "us"]),
    model=st.sampled_from(["", "", *COMPANIES]),
    enforce=st.sampled_from(["", "block", "warn"]),
)
MATRICES = st.dictionaries(
    st.sampled_from(["*", "acme", "rival", *COMPANIES]),
    st.dictionaries(MODES, CELLS, max_size=5),
    max_size=4,
)
PROJECTS = st.sampled_from(["", "web", "shop"])
WORKLOADS = st.sampled_from(["", "nightly", "review"])
POLICIES = st.builds(
    Policy,
    level=st.sampled_from(Level),
    matrix=MATRICES,
    project=PROJECTS,
    workload=WORKLOADS,
)
LISTS = st.lists(POLICIES, max_size=4).map(tuple)
ASKED = st.builds(
    lambda model, workload: Asked(model, COMPANIES[model], workload),
    st.sampled_from(list(COMPANIES)),
    WORKLOADS,
)
ACCESS = st.builds(
    Access,
    organization=st.builds(
        Organization,
        metered_enabled=st.booleans(),
        metered_keys=st.sampled_from([frozenset(), frozenset({"codex"})]),
    ),
    policies=LISTS,
    pools=st.lists(
        st.builds(
            Pool, name=st.sampled_from("ab"), provider=st.sampled_from(PoolProvider),
            is_active=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    gateways=st.just({name: Gateway(name, gateway_kind("coder")) for name in ("eu", "us")}),
)  # fmt: skip


def allowed(
    policies: tuple[Policy, ...], asked: Asked, project: str = ""
) -> dict[AuthMode, Verdict]:
    under = policies_for(policies, project, asked.workload)
    said = {mode: verdict(under, mode, asked, COMPANIES) for mode in PREFERENCE}
    return {mode: what for mode, what in said.items() if what.denied_by is None}


@settings(deadline=None)
@given(LISTS, POLICIES, ASKED, PROJECTS)
def test_one_more_policy_never_allows_more(
    policies: tuple[Policy, ...], another: Policy, asked: Asked, project: str
) -> None:
    before = allowed(policies, asked, project)
    after = allowed((*policies, another), asked, project)

    assert after.keys() <= before.keys()
    for mode, said in after.items():
        assert before[mode].host in {"", said.host}
        assert before[mode].model in {asked.model, said.model}
        assert said.blocks or not before[mode].blocks
        # The model it leads to could have been asked for as well, and for the same gateway.
        direct = replace(asked, model=said.model, company=COMPANIES[said.model])
        assert said.model == allowed(policies, direct, project)[mode].model


@settings(deadline=None)
@given(LISTS, ASKED, PROJECTS)
def test_naming_a_project_or_a_kind_of_work_never_allows_more(
    policies: tuple[Policy, ...], asked: Asked, project: str
) -> None:
    unnamed = allowed(policies, replace(asked, workload=""))

    assert allowed(policies, asked, project).keys() <= unnamed.keys()


@settings(deadline=None)
@given(LISTS, ASKED, PROJECTS, st.randoms(use_true_random=False))
def test_the_order_of_policies_does_not_matter(
    policies: tuple[Policy, ...], asked: Asked, project: str, random: object
) -> None:
    shuffled = list(policies)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert allowed(tuple(shuffled), asked, project) == allowed(policies, asked, project)


@settings(deadline=None)
@given(ACCESS, POLICIES, st.one_of(st.none(), MODES), PROJECTS, WORKLOADS)
def test_one_more_level_never_gives_access(
    access: Access, another: Policy, wanted: AuthMode | None, project: str, workload: str
) -> None:
    asked = request(None, mode=wanted, project=project, workload=workload)
    before = resolved(access, asked)
    after = resolved(replace(access, policies=(*access.policies, another)), asked)

    left = before.steps[-2].left if isinstance(before, Resolved) else ()
    if isinstance(before, Denied):
        assert isinstance(after, Denied)
    elif isinstance(after, Resolved):
        assert set(after.steps[-2].left) <= set(left)


@settings(deadline=None)
@given(ACCESS, st.sets(MODES))
def test_what_is_left_and_what_was_taken_away_are_all_modes_each_once(
    access: Access, taken: set[AuthMode]
) -> None:
    outcome = resolved(access, request(sorted(taken)))

    steps = [step for step in outcome.steps if step.name != "preference"]
    removed = [removal.mode for step in steps for removal in step.removed]
    assert sorted([*removed, *steps[-1].left]) == sorted(PREFERENCE)
    left = set(PREFERENCE)
    for step in steps:
        left -= {removal.mode for removal in step.removed}
        assert set(step.left) == left
    assert all(removal.reason for step in steps for removal in step.removed)
    if isinstance(outcome, Denied):
        assert outcome.code in {removal.code for removal in steps[-1].removed}
    else:
        assert outcome.mode in steps[-1].left


@settings(deadline=None)
@given(ACCESS)
def test_more_pools_and_rights_never_take_access_away(access: Access) -> None:
    rights = replace(access.organization, metered_enabled=True, metered_keys=frozenset({"codex"}))
    more = replace(
        access,
        organization=rights,
        pools=(*access.pools, Pool("desk", PoolProvider.LOCAL), Pool("x", PoolProvider.E2B)),
    )

    if isinstance(resolved(access, request()), Resolved):
        assert isinstance(resolved(more, request()), Resolved)
