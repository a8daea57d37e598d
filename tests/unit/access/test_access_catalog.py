"""The catalog: which entry is used, what it costs, and what a profile may ask of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from provisioner.access.auth_mode import AuthMode
from provisioner.access.catalog import Catalog, CatalogEntry, Effort
from provisioner.access.denial import AccessDenied
from provisioner.access.profile import Profile
from provisioner.access.settings import settings_for
from provisioner.access.shown import entry_data
from provisioner.knowledge.version import Version


def entry(model_id: str, replaced_by: str = "", *, deprecated: bool = False) -> CatalogEntry:
    return CatalogEntry("codex", model_id, model_id, deprecated=deprecated, replaced_by=replaced_by)


CATALOG = Catalog.of(
    [
        entry("old", "codex/older", deprecated=True),
        entry("older", "codex/gpt-5.5", deprecated=True),
        entry("left", deprecated=True),
        entry("a", "codex/b", deprecated=True),
        entry("b", "codex/a", deprecated=True),
        entry("astray", "codex/nowhere", deprecated=True),
        CatalogEntry(
            "codex",
            "own",
            "Own",
            efforts=(Effort("deep", "Deep", "xhigh"),),
            context_window=64_000,
        ),
        replace(entry("gpt-5.5"), description="ours"),
    ]
)


def test_a_deprecated_model_leads_to_what_replaces_it() -> None:
    found, passed = CATALOG.current("codex", "old")

    assert (found.id, passed) == ("codex/gpt-5.5", ("codex/old", "codex/older"))
    assert found.description == "ours"


@pytest.mark.parametrize(
    ("model_id", "said"),
    [
        (
            "gpt-9",
            'MODEL_NOT_IN_CATALOG: model not in catalog: "codex/gpt-9"; `provisioner catalog list` shows what is',
        ),
        (
            "astray",
            'MODEL_NOT_IN_CATALOG: model not in catalog: "codex/nowhere"; `provisioner catalog list` shows what is',
        ),
        ("left", 'MODEL_DEPRECATED: model "codex/left" is deprecated, and nothing replaces it'),
        ("a", "MODEL_DEPRECATED: models replace each other: codex/a -> codex/b -> codex/a"),
    ],
)
def test_a_model_that_cannot_be_used_is_refused(model_id: str, said: str) -> None:
    with pytest.raises(AccessDenied) as denied:
        CATALOG.current("codex", model_id)

    assert str(denied.value) == said


@pytest.mark.parametrize(
    ("model", "asked", "codex", "written"),
    [
        ("gpt-5.6-sol", Profile("p"), "0.169.0", ("", "", None, 0)),
        ("gpt-5.6-sol", Profile("p", effort="ultra"), "0.169.0", ("ultra", "", None, 0)),
        ("gpt-5.6-sol", Profile("p", service_tier="auto"), "0.169.0", ("", "", None, 0)),
        ("gpt-5.6-sol", Profile("p", service_tier="fast"), "0.169.0", ("", "fast", None, 0)),
        ("gpt-5.6-sol", Profile("p", service_tier="flex"), "0.155.0", ("", "", None, 1)),
        ("gpt-5.6-sol", Profile("p", context_window=872_000), "0.169.0", ("", "", 872_000, 0)),
        ("gpt-5.6-sol", Profile("p"), "0.999.0", ("", "", None, 0)),
        ("gpt-5.6-sol", Profile("p", service_tier="fast"), "0.140.0", ("", "", 272_000, 2)),
        ("own", Profile("p", effort="deep"), "0.169.0", ("xhigh", "", 64_000, 1)),
        ("own", Profile("p", context_window=9), "0.122.0", ("", "", 9, 1)),
    ],
)  # fmt: skip
def test_what_codex_is_told(
    model: str, asked: Profile, codex: str, written: tuple[str, str, int | None, int]
) -> None:
    found = CATALOG.entries[f"codex/{model}"]

    said = settings_for(asked, found, Version.parse(codex))

    assert (said.effort, said.codex_service_tier, said.context_window, len(said.notes)) == written


@pytest.mark.parametrize(
    ("model", "asked", "codex", "words"),
    [
        ("gpt-5.2", Profile("p", effort="ultra"), "0.169.0", "it has low, medium, high, xhigh"),
        (
            "gpt-5.6-sol",
            Profile("p", effort="max"),
            "0.134.0",
            'Codex 0.134.0 refuses the effort "max"',
        ),
        ("gpt-5.5", Profile("p", effort="low"), "0.169.0", "it has none"),
        ("own", Profile("p", context_window=64_001), "0.169.0", "at most 64000 tokens"),
    ],
)
def test_what_a_model_does_not_have_is_refused(
    model: str, asked: Profile, codex: str, words: str
) -> None:
    with pytest.raises(AccessDenied, match=words) as denied:
        settings_for(asked, CATALOG.entries[f"codex/{model}"], Version.parse(codex))

    assert denied.value.code == "MODEL_SETTING_UNSUPPORTED"


@dataclass(frozen=True)
class Used:
    input: int = 1_000_000
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


def test_usage_is_priced_from_the_catalog() -> None:
    assert CATALOG.cost("codex/gpt-5.6-sol", Used()) == Decimal(5)
    assert CATALOG.cost("gpt-5.6-sol", Used()) == Decimal(5)
    assert CATALOG.cost("own", Used()) is None
    assert CATALOG.cost("gpt-9", Used()) is None


def test_an_entry_is_shown_under_the_names_that_scripts_know() -> None:
    data = entry_data(CATALOG.entries["codex/gpt-5.6-luna"])

    assert data["pricing"] == {
        "inputPerMTokenCents": 20,
        "cachedInputPerMTokenCents": 2,
        "outputPerMTokenCents": 120,
        "reasoningPerMTokenCents": 120,
        "source": "docs.laozhang.ai, 2026-08-01",
    }
    assert data["efforts"][0] == {"value": "low", "label": "Low", "providerParam": "low"}
    assert entry_data(CATALOG.entries["codex/own"])["pricing"] is None


def test_only_models_with_open_weights_can_be_had_locally() -> None:
    local = {e.model_id for e in Catalog.of().entries.values() if AuthMode.LOCAL in e.auth_modes}

    assert local == {"gpt-oss-120b", "gpt-oss-20b"}
