"""Layers of a Codex config: what wins, what is merged, and where it stands."""

from __future__ import annotations

import pytest

from provisioner.knowledge.codex import codex_release
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.knowledge.version import Version
from provisioner.syntax.toml_document import TomlDocument
from provisioner.validate.codex_config import CodexConfig, Layer

BELOW = """\
model = "below"
model_context_window = 1

[model_providers.a]
name = "A"
http_headers = { X = "1" }

[model_providers.gcp]
project_id = "p"

[profiles.p]
model = "profile"
"""
ABOVE = """\
model = "above"

[model_providers.a]
base_url = "https://a.example.com/v1"
http_headers = { Y = "2" }
"""


def config(*layers: Layer, version: str = "0.169.0") -> CodexConfig:
    return CodexConfig(layers, codex_release(version))


def layered() -> CodexConfig:
    below, above = TomlDocument.parse(BELOW, "below"), TomlDocument.parse(ABOVE, "above")
    return config(Layer(below), Layer(above))


def test_the_highest_layer_that_has_a_key_wins() -> None:
    model, window = layered().find("model"), layered().find("model_context_window")

    assert model
    assert (model.value, model.file, model.value_span.start.line) == ("above", "above", 1)
    assert window
    assert (window.value, window.file, window.value_span.start.line) == (1, "below", 2)
    assert layered().find("nothing") is None
    assert layered().text("model_context_window") is None


def test_provider_tables_are_merged_key_by_key() -> None:
    assert layered().providers["a"] == {
        "name": "A",
        "http_headers": {"X": "1", "Y": "2"},
        "base_url": "https://a.example.com/v1",
    }
    assert list(layered().custom_providers) == ["a"]
    assert list(config(*layered().layers, version="0.163.0").custom_providers) == ["a", "gcp"]


def test_a_profile_table_is_a_layer_of_the_same_document() -> None:
    document = TomlDocument.parse(BELOW, "config.toml")
    found = config(Layer(document), Layer(document, ("profiles", "p"))).find("model")

    assert found
    assert (found.value, found.value_span.start.line) == ("profile", 12)


def test_without_a_selection_the_provider_is_openai() -> None:
    assert (layered().provider_id, layered().provider) == ("openai", {})


@pytest.mark.parametrize(
    ("key", "version", "unknown"),
    [
        ("model", "0.1.0", False),
        ("nothing", "0.169.0", True),
        ("goals", "0.147.0", True),
        ("goals", "0.148.0", False),
        ("debug", "0.122.0", True),
        ("debug", "0.125.0", True),
        # A version between two measured ones may have what either has.
        ("debug", "0.130.0", False),
        ("debug", "0.147.0", False),
        ("debug", "0.148.0", True),
        ("debug", "1.0.0", True),
        ("daybreak", "0.165.0", False),
        ("daybreak", "1.0.0", False),
    ],
)
def test_a_key_is_unknown_where_no_measured_version_near_has_it(
    key: str,
    version: str,
    unknown: bool,  # noqa: FBT001
) -> None:
    known = codex_config_keys()

    assert known.is_unknown(key, known.root, Version.parse(version)) is unknown


def test_the_keys_of_the_newest_codex_are_complete() -> None:
    known, newest = codex_config_keys(), Version.parse("0.169.0")
    tables = (known.root, known.provider, known.profile)

    counts = [sum(key.known_to(newest) for key in table.values()) for table in tables]
    assert counts == [106, 24, 30]
