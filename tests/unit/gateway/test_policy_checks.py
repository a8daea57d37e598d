"""The checks of the policy engine, one at a time: what passes, what is refused and why."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import ValidationError

from provisioner.gateway.actor import Actor
from provisioner.gateway.policy.cache import CacheCheck, forced, without_marks
from provisioner.gateway.policy.denial import DeniedError
from provisioner.gateway.policy.engine import PolicyEngine
from provisioner.gateway.policy.judged import Asked, Candidate, Check, Judged
from provisioner.gateway.policy.key_policy import CacheSettings, KeyPolicy
from provisioner.gateway.policy.models import ModelCheck, Offer
from provisioner.gateway.policy.spending import Prices
from provisioner.gateway.providers import Provider
from provisioner.gateway.upstreams.script import BUILT_IN
from provisioner.gateway.upstreams.scripted import ScriptedUpstream
from provisioner.knowledge.models import Price

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def provider(name: str, *, enabled: bool = True) -> Provider:
    return Provider(name, "openai", ScriptedUpstream(BUILT_IN), enabled)


OPENAI, AZURE, CLAUDE = provider("main"), provider("azure-eu"), provider("claude")
OFFERS = (
    Offer(OPENAI, "openai"),
    Offer(AZURE, "azure", ("my-*", "gpt-6-sol")),
    Offer(CLAUDE, "anthropic"),
)


def asked(
    policy: Mapping[str, object], document: Mapping[str, Any] | None = None, **headers: str
) -> Asked:
    document = {"model": "gpt-6-sol", **(document or {})}
    actor = Actor("ada", "1", token_id="t", policy=KeyPolicy.model_validate(policy))
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asked("i", "messages", actor, str(document["model"]), document, 9, headers, None, NOW)


def judged(check: Check, request: Asked) -> Judged:
    return asyncio.run(PolicyEngine([check]).judge(request))


def denial(check: Check, request: Asked) -> tuple[str, str]:
    with pytest.raises(DeniedError) as denied:
        judged(check, request)
    return denied.value.denial.reason.value, denied.value.denial.message


@pytest.mark.parametrize(
    ("policy", "model", "candidates"),
    [
        # What a provider declares comes before what a model is called.
        ({}, "gpt-6-sol", ["azure-eu:gpt-6-sol"]),
        ({}, "gpt-5.5", ["main:gpt-5.5"]),
        ({}, "claude-opus", ["claude:claude-opus"]),
        ({}, "my-deployment", ["azure-eu:my-deployment"]),
        # Unknown to all: those that declare nothing may have it.
        ({}, "mystery", ["main:mystery"]),
        ({"routing_mode": "fallback_all"}, "mystery", ["main:mystery", "claude:mystery"]),
        # By the name of a provider, then by its kind; the prefix does not go on.
        ({}, "azure-eu/anything", ["azure-eu:anything"]),
        ({}, "azure/my-deployment", ["azure-eu:my-deployment"]),
        ({}, "anthropic/claude-x", ["claude:claude-x"]),
        ({"routing_mode": "fallback_all"}, "openai/x", ["main:x", "azure-eu:x"]),
        # A slash that names nobody is part of the model.
        ({}, "meta/llama", ["main:meta/llama"]),
        # An alias wins, also over a name that exists.
        ({"model_aliases": {"gpt-5.5": "azure/my-5"}}, "gpt-5.5", ["azure-eu:my-5"]),
        ({"providers_allowed": ["azure-eu"]}, "mystery", ["azure-eu:mystery"]),
        ({"models_allowed": ["gpt-*"]}, "gpt-5.5", ["main:gpt-5.5"]),
        ({"models_allowed": ["azure-eu/*"]}, "my-x", ["azure-eu:my-x"]),
        (
            {"routing_mode": "policy", "fallback": {"chain": ["claude", "main"]}},
            "mystery",
            ["claude:mystery", "main:mystery"],
        ),
        # The list is about everybody who may answer, not only about who comes first.
        (
            {
                "models_allowed": ["main/*"],
                "routing_mode": "policy",
                "fallback": {"chain": ["claude", "main"]},
            },
            "mystery",
            ["main:mystery"],
        ),
        (
            {"models_allowed": ["main/*"], "routing_mode": "fallback_all"},
            "openai/x",
            ["main:x"],
        ),
        ({"models_allowed": ["claude/*"]}, "mystery", ["claude:mystery"]),
    ],
)
def test_who_answers_for_a_model(
    policy: Mapping[str, object], model: str, candidates: Sequence[str]
) -> None:
    made = judged(ModelCheck(OFFERS), asked(policy, {"model": model}))

    assert [f"{c.provider.name}:{c.model}" for c in made.candidates] == candidates


@pytest.mark.parametrize(
    ("policy", "model", "reason", "message"),
    [
        ({}, "", "missing_model", "missing model"),
        (
            {"models_allowed": ["gpt-5*"]},
            "gpt-6-sol",
            "model_not_allowed",
            "model not allowed: gpt-6-sol",
        ),
        # The list is about what an alias means.
        (
            {"models_allowed": ["fast"], "model_aliases": {"fast": "main/gpt-5.5"}},
            "fast",
            "model_not_allowed",
            'model not allowed: gpt-5.5 (named "fast" by this key)',
        ),
        (
            {"policy_rules": {"models": {"deny": ["^gpt-5"]}}},
            "gpt-5.5",
            "model_not_allowed",
            "model not allowed: gpt-5.5",
        ),
        # No pattern is searched for in a name of any length.
        (
            {"policy_rules": {"models": {"allow": ["n"]}}},
            "n" * 3_000,
            "model_not_allowed",
            f"model not allowed: {'n' * 100}",
        ),
        (
            {},
            "vertex/gemini-x",
            "model_provider_not_bound",
            'no provider for "vertex" is bound to this key',
        ),
        (
            {"providers_allowed": ["azure-eu"], "models_allowed": []},
            "my-x",
            "model_not_allowed",
            "model not allowed: my-x",
        ),
        (
            {"providers_allowed": ["nobody"]},
            "gpt-5.5",
            "no_provider_configured",
            "no provider is configured for this key",
        ),
    ],
)
def test_a_model_that_a_key_cannot_have(
    policy: Mapping[str, object], model: str, reason: str, message: str
) -> None:
    assert denial(ModelCheck(OFFERS), asked(policy, {"model": model})) == (reason, message)


def test_a_model_that_nobody_has() -> None:
    offers = [Offer(OPENAI, "openai", ("gpt-*",)), Offer(CLAUDE, "anthropic", ("claude-*",))]

    assert denial(ModelCheck(offers), asked({}, {"model": "my-x"})) == (
        "model_not_recognized",
        "model not recognized: my-x",
    )


def test_a_provider_in_the_path_is_the_only_one() -> None:
    request = replace(asked({"routing_mode": "fallback_all"}), provider=OPENAI)

    made = judged(ModelCheck(OFFERS), request)

    assert [(c.provider.name, c.model) for c in made.candidates] == [("main", "gpt-6-sol")]


def test_a_provider_that_is_switched_off_is_not_chosen() -> None:
    offers = [Offer(provider("off", enabled=False), "openai"), Offer(CLAUDE, "anthropic")]

    made = judged(ModelCheck(offers), asked({}))

    assert [c.provider.name for c in made.candidates] == ["claude"]


MARK = {"type": "ephemeral"}
MARKED = {
    "system": [{"type": "text", "text": "s", "cache_control": MARK}],
    "tools": [{"name": "t", "cache_control": MARK}],
    "messages": [{"role": "user", "content": [{"type": "text", "cache_control": MARK}]}],
}
PLAIN = {
    "system": "You are terse.",
    "messages": [
        {"role": "user", "content": "one"},
        {"role": "user", "content": [{"type": "text", "text": "two"}]},
    ],
}


@pytest.mark.parametrize(
    ("mode", "wish", "applied"),
    [
        ("respect", "", "respect"),
        ("disable", "", "disable"),
        ("disable", "respect", "respect"),
        ("respect", "DISABLE", "disable"),
        ("respect", " force ", "force"),
        ("respect", "ttl=600", "force"),
    ],
)
def test_the_header_wins_over_the_key(mode: str, wish: str, applied: str) -> None:
    request = asked({"cache": {"mode": mode}}, PLAIN, X_Cache=wish)

    assert judged(CacheCheck("X-Cache"), request).cache_mode == applied


@pytest.mark.parametrize("wish", ["on", "ttl=", "ttl=0", "ttl=-1", "ttl=1.5", "ttl=9999999"])
def test_a_wish_that_makes_no_sense(wish: str) -> None:
    assert denial(CacheCheck("X-Cache"), asked({}, PLAIN, X_Cache=wish)) == (
        "cache_override_invalid",
        "the cache override must be respect, force, disable or ttl=<seconds>",
    )


def test_marks_are_removed_at_any_depth() -> None:
    made = judged(CacheCheck("X-Cache"), asked({"cache": {"mode": "disable"}}, MARKED))

    assert "cache_control" not in json.dumps(made.document)
    assert made.document == without_marks({"model": "gpt-6-sol", **MARKED})
    # Nothing to remove: the same bytes go on.
    assert (
        judged(CacheCheck("X-Cache"), asked({"cache": {"mode": "disable"}}, PLAIN)).document is None
    )


def test_marks_are_added_where_there_are_none() -> None:
    made = judged(CacheCheck("X-Cache"), asked({}, PLAIN, X_Cache="ttl=7200"))

    hour = {"type": "ephemeral", "ttl": "1h"}
    assert made.document == {
        "model": "gpt-6-sol",
        "system": [{"type": "text", "text": "You are terse.", "cache_control": hour}],
        "messages": [
            {"role": "user", "content": "one"},
            {"role": "user", "content": [{"type": "text", "text": "two", "cache_control": hour}]},
        ],
    }
    assert judged(CacheCheck("X-Cache"), asked({}, MARKED, X_Cache="force")).document is None


def test_only_one_api_gets_marks() -> None:
    request = replace(asked({}, PLAIN, X_Cache="force"), api="chat/completions")

    assert judged(CacheCheck("X-Cache"), request).document is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "cache_control", "text"]), inner, max_size=3)
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(["system", "messages", "tools"]), json_values))
def test_whatever_has_the_wrong_shape_passes(document: dict[str, Any]) -> None:
    before = copy.deepcopy(document)

    stripped = without_marks(document)
    forced(document, CacheSettings())

    assert document == before
    assert '"cache_control"' not in json.dumps(stripped)
    assert without_marks(forced(stripped, CacheSettings())).keys() == stripped.keys()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"policy_rules": {"tools": {"deny": ["("]}}}, "is not a regular expression"),
        ({"policy_rules": {"tools": {"deny": ["^(a+)+$"]}}}, "may take too long"),
        ({"rate_limits": {"rpm": 0}}, "greater than or equal to 1"),
        ({"cache": {"mode": "off"}}, "'respect', 'force' or 'disable'"),
        ({"models": []}, "Extra inputs are not permitted"),
        ({"fallback": {"max_attempts": 0}}, "greater than or equal to 1"),
    ],
)
def test_a_key_policy_that_makes_no_sense(wrong: Mapping[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KeyPolicy.model_validate(wrong)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("gpt-5.5", "claude-opus"),
        # What it is called at the service has no price: better that of the model that was asked for.
        ("gpt-6-sol", "gpt-6-sol"),
        ("other", "other"),
    ],
)
def test_what_a_service_calls_a_model_is_what_it_costs(model: str, named: str) -> None:
    prices = Prices({name: Price(1, 1, 1, "a test") for name in ("gpt-5.5", "claude-opus")})
    there = dataclasses.replace(
        OPENAI, models={"gpt-5.5": "claude-opus", "gpt-6-sol": "claude-unheard-of"}
    )

    assert prices.name_of(Candidate(there, model)) == named
