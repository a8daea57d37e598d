"""What the registry's Codex module takes and writes, release by release."""

from __future__ import annotations

import pytest

from provisioner.knowledge.codex_module import codex_module, is_codex_module
from provisioner.knowledge.version import Constraint, Version


@pytest.mark.parametrize(
    ("release", "token_env"),
    [
        ("5.0.0", "CODER_AIBRIDGE_SESSION_TOKEN"),
        ("5.2.0", "CODER_AIBRIDGE_SESSION_TOKEN"),
        ("5.2.1", "OPENAI_CODER_AIGATEWAY_SESSION_TOKEN"),
        ("5.4.0", "OPENAI_CODER_AIGATEWAY_SESSION_TOKEN"),
    ],
)
def test_the_token_variable_was_renamed(release: str, token_env: str) -> None:
    provider = codex_module().gateway_provider(Version.parse(release))

    assert provider is not None
    assert (provider.id, provider.token_env) == ("aigateway", token_env)


def test_inputs_come_with_their_release() -> None:
    module = codex_module()

    before, after = (module.inputs(Version.parse(text)) for text in ("5.2.1", "5.3.0"))

    assert before is not None
    assert after is not None
    assert set(after) - set(before) == {"mcp_config_remote_path"}
    assert [name for name, item in after.items() if item.required] == ["agent_id"]


def test_release_4_has_inputs_of_its_own() -> None:
    module = codex_module()

    old, new = (module.inputs(Version.parse(text)) for text in ("4.3.1", "5.0.0"))

    assert old is not None
    assert new is not None
    assert [name for name, item in old.items() if item.required] == ["agent_id", "workdir"]
    assert set(new) - set(old) == {"enable_ai_gateway", "mcp"}
    assert len(set(old) - set(new)) == 21
    assert (old["openai_api_key"].sensitive, new["openai_api_key"].sensitive) == (False, True)


@pytest.mark.parametrize("release", ["3.0.0", "4.0.0", "4.3.0"])
def test_nothing_is_known_of_what_nobody_has_read(release: str) -> None:
    module, version = codex_module(), Version.parse(release)

    assert module.inputs(version) is None
    assert module.config(version) is None
    assert module.gateway_provider(version) is None
    assert module.overrides(version) == ()


@pytest.mark.parametrize("release", ["4.3.1", "5.0.0", "5.4.0"])
def test_an_override_is_of_an_input_of_the_release(release: str) -> None:
    module, version = codex_module(), Version.parse(release)
    inputs = module.inputs(version)

    assert inputs is not None
    assert {item.input for item in module.overrides(version)} <= inputs.keys()


@pytest.mark.parametrize(
    ("name", "release", "use"),
    [
        ("enable_coder_aibridge", "4.3.1", "enable_aibridge"),
        ("enable_coder_aibridge", "5.4.0", "enable_ai_gateway"),
        ("additional_mcp_servers", "4.3.1", ""),
        ("additional_mcp_servers", "5.0.0", "mcp"),
        ("folder", "4.3.1", "workdir"),
    ],
)
def test_what_took_the_place_of_an_input(name: str, release: str, use: str) -> None:
    assert codex_module().instead_of(name, Version.parse(release)) == use


@pytest.mark.parametrize(
    ("release", "empties"), [("3.1.1", False), ("4.0.0", True), ("4.3.1", True), ("5.0.0", False)]
)
def test_releases_4_empty_a_credential(release: str, *, empties: bool) -> None:
    cleared = codex_module().cleared_credential(Version.parse(release))

    assert (cleared is not None) is empties
    assert cleared is None or (cleared.variable, cleared.constraint_after) == (
        "OPENAI_API_KEY",
        "~> 5.0",
    )


@pytest.mark.parametrize(
    ("release", "codex", "limited"),
    [
        ("5.1.0", "0.169.0", False),
        ("5.1.1", "0.169.0", True),
        ("5.3.1", "0.153.0", True),
        ("5.3.1", "0.147.0", True),
        ("5.3.1", "0.145.0", False),
        ("5.4.0", "0.169.0", False),
    ],
)
def test_some_releases_cannot_install_some_codex(
    release: str, codex: str, *, limited: bool
) -> None:
    limit = codex_module().install_limit(Version.parse(release), Version.parse(codex))

    assert (limit is not None) is limited


def test_a_constraint_selects_the_newest_release() -> None:
    assert codex_module().release_for(Constraint.parse("~> 5.0")) == Version.parse("5.4.0")
    assert codex_module().release_for(Constraint.parse("~> 4.1.0")) == Version.parse("4.1.0")
    assert codex_module().release_for(Constraint.parse("~> 5.9")) == Version.parse("5.4.0")
    assert codex_module().release_for(Constraint.parse("5.2.9")) is None
    assert codex_module().release_for(None) == Version.parse("5.4.0")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("registry.coder.com/coder-labs/codex/coder", True),
        ("registry.coder.com/modules/coder-labs/codex/coder", True),
        ("registry.coder.com/coder/claude-code/coder", False),
        ("./modules/codex", False),
    ],
)
def test_the_module_is_recognized(source: str, *, expected: bool) -> None:
    assert is_codex_module(source) is expected
