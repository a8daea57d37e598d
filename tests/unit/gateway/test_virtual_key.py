"""Virtual keys: their form and hash, the pepper, what may be said of one, what one is told of."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import InputError
from provisioner.gateway.management.virtual_key_body import merged
from provisioner.gateway.policy.key_policy import KeyPolicy
from provisioner.gateway.policy.listing import listed_models
from provisioner.gateway.policy.models import Offer
from provisioner.gateway.policy.offers import build_offers
from provisioner.gateway.provider_config import ProviderConfig
from provisioner.gateway.providers import Provider
from provisioner.gateway.record.tokens import token_hash
from provisioner.gateway.upstreams.script import BUILT_IN
from provisioner.gateway.upstreams.scripted import ScriptedUpstream
from provisioner.gateway.virtual_key import Environment, hasher, load_pepper, new_key, shown_part
from provisioner.redact import Secret

ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("environment", "form"),
    [("live", f"vk-lw-live_{ULID}"), ("test", f"vk-lw-test_{ULID}"), ("none", f"vk-lw-{ULID}")],
)
def test_keys_have_the_form_that_langwatch_gives_them(environment: Environment, form: str) -> None:
    keys = {new_key(environment) for _ in range(100)}

    assert len(keys) == 100
    assert all(re.fullmatch(form, key.reveal()) for key in keys)
    assert {len(shown_part(key)) for key in keys} == {16}


def test_keys_are_hashed_with_the_pepper_and_tokens_without() -> None:
    one, two = hasher(Secret("p" * 32)), hasher(Secret("q" * 32))

    assert one("prv_x") == two("prv_x") == token_hash("prv_x")
    assert len({one("vk-lw-x"), two("vk-lw-x"), token_hash("vk-lw-x")}) == 3
    assert len(one("vk-lw-\udcff")) == 64


def test_the_pepper_of_a_folder_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROVISIONER_GATEWAY_PEPPER", raising=False)
    found: list[Secret] = []
    threads = [
        threading.Thread(target=lambda: found.append(load_pepper(tmp_path / "s", None)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["key-pepper"]
    assert (tmp_path / "s" / "key-pepper").stat().st_mode & 0o777 == 0o600


def test_a_pepper_that_was_cut_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROVISIONER_GATEWAY_PEPPER", raising=False)
    (tmp_path / "key-pepper").write_text("short")

    with pytest.raises(InputError, match="too short; put back what was in it"):
        load_pepper(tmp_path, None)


def test_the_environment_has_the_pepper_of_shared_databases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONER_GATEWAY_PEPPER", "x" * 32)
    assert load_pepper(tmp_path, "postgresql://x/y") == Secret("x" * 32)
    assert list(tmp_path.iterdir()) == []

    monkeypatch.setenv("PROVISIONER_GATEWAY_PEPPER", "x" * 31)
    with pytest.raises(InputError, match="must have at least 32 characters"):
        load_pepper(tmp_path, None)


@pytest.mark.parametrize(
    ("old", "patch", "new"),
    [
        # Of the table of examples in RFC 7386, appendix A.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"a": "foo"}, "bar", "bar"),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_patch_is_that_of_the_rfc(old: object, patch: object, new: object) -> None:
    assert merged(old, patch) == new


@given(JSON, JSON)
def test_a_patch_done_twice_is_done_once(old: Any, patch: Any) -> None:
    once = merged(old, patch)

    assert merged(once, patch) == once


def offer(name: str, *models: str) -> Offer:
    return Offer(Provider(name, "openai", ScriptedUpstream(BUILT_IN)), "openai", models)


@pytest.mark.parametrize(
    ("policy", "listed"),
    [
        ({}, ["main/*", "gpt-6-sol", "gpt-6-luna"]),
        ({"providers_allowed": ["main"]}, ["main/*"]),
        ({"models_allowed": ["gpt-6*", "main/o9"]}, ["gpt-6*", "main/o9"]),
        ({"models_allowed": []}, []),
        (
            {"model_aliases": {"a": "main/gpt-6-sol", "b": "o9"}, "models_allowed": ["gpt-6*"]},
            ["a", "gpt-6*"],
        ),
        ({"model_aliases": {"main/*": "o9"}, "providers_allowed": ["main"]}, ["main/*"]),
    ],
)
def test_a_key_is_told_of_what_it_may_ask_for(policy: dict[str, object], listed: list[str]) -> None:
    offers = (offer("main"), offer("second", "gpt-6-sol", "gpt-6-luna"))

    models = listed_models(offers, KeyPolicy.model_validate(policy))

    assert [model.id for model in models] == listed


@pytest.mark.parametrize(
    ("settings", "kind", "apis"),
    [
        ({"upstream": "scripted"}, "openai", {"responses", "chat/completions"}),
        ({"upstream": "chatgpt"}, "openai", {"responses", "chat/completions"}),
        ({"upstream": "anthropic", "type": "anthropic"}, "anthropic", {"messages"}),
        (
            {"upstream": "openai", "base_url": "https://me.openai.azure.com/openai/v1"},
            "azure",
            {"responses", "chat/completions"},
        ),
    ],
)
def test_a_provider_is_offered_as_what_it_is(
    settings: dict[str, str], kind: str, apis: set[str]
) -> None:
    config = ProviderConfig.model_validate({"name": "p", "type": "openai", **settings})
    provider = Provider("p", config.type, ScriptedUpstream(BUILT_IN))

    (found,) = build_offers([config], {"p": provider})

    assert (found.kind, found.apis) == (kind, apis)
