"""`-c` arguments: the plan's settings, whole, and nothing of the user's in between."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from provisioner.launch.overrides import overrides, own_config, pinned_provider
from provisioner.render.codex_setup import codex_setup
from tests.support.specs import FLOW_NAMES, plan_for

URL = "https://coder.example.com"
PROFILES = {"router": {"model": 'a "quoted" é', "web_search": "disabled"}}


def files(flow: str = "byok", codex: str = "0.169.0", **tables: Any) -> dict[str, str]:
    plan = plan_for(flow, gateway={"url": URL}, target={"codex": codex}, **tables)
    return codex_setup(plan).files


def read(arguments: tuple[str, ...]) -> dict[str, Any]:
    assert set(arguments[::2]) == {"-c"}
    return tomllib.loads("\n".join(arguments[1::2]))


@pytest.mark.parametrize("flow", FLOW_NAMES)
def test_the_arguments_say_what_the_file_says(flow: str) -> None:
    texts = files(flow)

    given = read(overrides(texts, "", {}, profile_files=True))

    wanted = tomllib.loads(texts["config.toml"])
    for table in wanted["model_providers"].values():
        table.pop("env_key_instructions", None)
    assert given == wanted


@pytest.mark.parametrize("codex", ["0.122.0", "0.169.0"])
def test_a_profile_is_laid_over(codex: str) -> None:
    texts = files(codex=codex, profiles=PROFILES)

    given = read(overrides(texts, "router", {}, profile_files=codex == "0.169.0"))

    assert (given["model"], given["web_search"]) == ('a "quoted" é', "disabled")
    assert "profiles" not in given


def test_a_table_of_the_user_with_the_same_id_lends_no_key() -> None:
    own = {"model_providers": {"ai_gateway": {"name": "x", "http_headers": {"A": "b"}}}}

    given = read(overrides(files(), "", own, profile_files=True))

    assert given["model_provider"] == "ai_gateway-launch"
    assert set(given["model_providers"]) == {"ai_gateway-launch"}


def test_a_table_of_the_user_without_other_keys_keeps_its_id() -> None:
    own = {"model_providers": {"ai_gateway": {"name": "x", "base_url": "y"}}}

    assert read(overrides(files(), "", own, profile_files=True))["model_provider"] == "ai_gateway"


def test_a_profile_the_user_selected_is_replaced_where_it_would_win() -> None:
    texts = files(codex="0.122.0")

    old = read(overrides(texts, "", {"profile": "mine"}, profile_files=False))
    new = read(overrides(texts, "", {"profile": "mine"}, profile_files=True))

    assert (old["profile"], old["profiles"]) == (
        "provisioner-launch",
        {"provisioner-launch": {}},
    )
    assert "profile" not in new


def test_the_provider_alone_is_pinned() -> None:
    given = read(pinned_provider(files("chatgpt")))

    assert set(given) == {"model_provider", "model_providers"}
    assert given["model_providers"]["ai_gateway"]["requires_openai_auth"] is True


def test_a_config_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    assert own_config(tmp_path) == {}
    (tmp_path / "config.toml").write_text("a = ")
    assert own_config(tmp_path) == {}
