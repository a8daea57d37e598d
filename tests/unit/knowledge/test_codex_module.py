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
    assert module.inputs(Version.parse("4.3.1")) is None


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
