"""Which row a model's name finds, and how an effort of Codex becomes the model's own."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.upstream_models import upstream_model

Api = Literal["anthropic", "gemini"]


@pytest.mark.parametrize(
    ("api", "name", "thinking", "longest"),
    [
        ("anthropic", "claude-sonnet-4-5-20250929", "budget", 64_000),
        ("anthropic", "claude-sonnet-4-6", "effort", 128_000),
        ("anthropic", "claude-opus-4-1-20250805", "budget", 32_000),
        ("anthropic", "claude-opus-4-5", "budget", 64_000),
        ("anthropic", "claude-opus-4-8", "effort", 128_000),
        ("anthropic", "claude-opus-5", "effort", 128_000),
        ("anthropic", "claude-opus-5-5", "always", 128_000),
        ("anthropic", "anthropic/claude-fable-5", "always", 128_000),
        ("anthropic", "claude-3-5-haiku-latest", "none", 8_192),
        ("anthropic", "claude-3-7-sonnet-latest", "budget", 64_000),
        ("anthropic", "claude-3-opus-20240229", "none", 4_096),
        ("anthropic", "of-tomorrow", "always", 32_000),
        ("gemini", "gemini-2.0-flash", "none", 0),
        ("gemini", "gemini-2.5-flash-lite", "budget", 0),
        ("gemini", "gemini-3-pro-preview", "always", 0),
        ("gemini", "gemini-3.1-pro-preview", "always", 0),
    ],
)
def test_a_name_finds_its_row(api: Api, name: str, thinking: str, longest: int) -> None:
    model = upstream_model(api, name)

    assert (model.thinking, model.max_output_tokens) == (thinking, longest)


@pytest.mark.parametrize(
    ("api", "name", "efforts"),
    [
        ("anthropic", "claude-sonnet-4-6", ["low", "low", "low", "medium", "high", "high", "max"]),
        ("anthropic", "claude-opus-5", ["low", "low", "low", "medium", "high", "xhigh", "max"]),
        ("gemini", "gemini-3-pro", ["low", "low", "low", "low", "high", "high", "high"]),
    ],
)
def test_an_effort_becomes_the_next_lower_one_the_model_has(
    api: Api, name: str, efforts: list[str]
) -> None:
    model = upstream_model(api, name)

    asked = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    assert [model.effort(effort) for effort in asked] == efforts
    assert model.effort("banana") == model.effort("medium")


@pytest.mark.parametrize("api", ["anthropic", "gemini"])
def test_rows_are_whole(api: Api) -> None:
    rows: list[dict[str, Any]] = toml_data("upstream_models.toml")[api]

    assert [row["pattern"] for row in rows].index("") == len(rows) - 1
    for row in rows:
        assert bool(row.get("efforts")) == (row["thinking"] in ("effort", "always"))
        assert row["source"]
