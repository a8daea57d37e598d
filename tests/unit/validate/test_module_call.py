"""What a call of the Codex module selects, and the config it leads to."""

from __future__ import annotations

import pytest

from provisioner.knowledge.codex import codex_release
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.workspace import Workspace

SOURCE = 'source = "registry.coder.com/coder-labs/codex/coder"'


def call(*arguments: str) -> ModuleCall:
    text = "\n".join(['module "codex" {', SOURCE, *arguments, "}\n"])
    (found,) = Workspace.read({"main.tf": text.encode()}).module_calls
    return found


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ((), "5.4.0"),
        (('version = "~> 5.2.0"',), "5.2.1"),
        (('version = ">= 4.0, < 5.0"',), "4.3.1"),
        (('version = "99.0"',), "5.4.0"),
        (('version = "< 1.0"',), None),
        (('version = "nonsense"',), None),
        (("version = var.v",), None),
    ],
)
def test_the_release_is_the_one_terraform_selects(
    version: tuple[str, ...], release: str | None
) -> None:
    found = call(*version).codex_release

    assert (str(found) if found else None) == release


@pytest.mark.parametrize(
    ("argument", "enabled"),
    [
        ("", False),
        ("enable_ai_gateway = true", True),
        ('enable_ai_gateway = "true"', True),
        ("enable_ai_gateway = false", False),
        ("enable_ai_gateway = null", False),
        ("enable_ai_gateway = var.g", None),
        ("enable_ai_gateway = 1 == 1", None),
    ],
)
def test_the_gateway_is_on_off_or_not_known(argument: str, enabled: bool | None) -> None:  # noqa: FBT001
    assert call(argument).enables_gateway is enabled


@pytest.mark.parametrize(
    ("version", "switch", "enabled"),
    [
        ("~> 4.3", "enable_aibridge", True),
        ("~> 4.3", "enable_ai_gateway", False),
        ("~> 4.1.0", "enable_aibridge", True),
        ("~> 5.0", "enable_aibridge", False),
    ],
)
def test_each_family_has_a_switch_of_its_own(version: str, switch: str, *, enabled: bool) -> None:
    assert call(f'version = "{version}"', f"{switch} = true").enables_gateway is enabled


def test_release_4_has_other_names_for_the_same() -> None:
    found = call(
        'version = "~> 4.3"',
        'base_config_toml = "a = 1"',
        'additional_mcp_servers = "b = 2"',
        "enable_aibridge = true",
    )

    assert [document.data for document in found.codex_config.documents] == [{"a": 1}, {"b": 2}]
    assert found.codex_config.appended_providers == {"aibridge"}
    assert found.codex_config.is_known


def test_both_toml_inputs_are_one_config() -> None:
    found = call('base_config_toml = "a = 1"', 'mcp = "b = 2"', "enable_ai_gateway = true")

    assert [document.data for document in found.codex_config.documents] == [{"a": 1}, {"b": 2}]
    assert found.codex_config.appended_providers == {"aigateway"}
    assert found.codex_config.is_known


@pytest.mark.parametrize(
    "arguments",
    [
        ("mcp = local.mcp",),
        ('mcp = "["',),
        ('mcp = "a = ${x}"',),
        ("enable_ai_gateway = true", 'version = "~> 4.1.0"'),
        ("enable_aibridge = true", 'version = "~> 4.1.0"'),
        ("additional_mcp_servers = var.servers", 'version = "~> 4.3"'),
    ],
)
def test_a_config_with_an_unknown_part_is_not_known(arguments: tuple[str, ...]) -> None:
    assert not call('base_config_toml = "a = 1"', *arguments).codex_config.is_known


@pytest.mark.parametrize(
    ("argument", "codex"),
    [
        ('codex_version = "0.134.0"', "0.134.0"),
        ('codex_version = "latest"', "0.147.0"),
        ("codex_version = var.codex", "0.147.0"),
        ("", "0.147.0"),
    ],
)
def test_the_codex_is_the_one_the_template_names_or_the_given_one(
    argument: str, codex: str
) -> None:
    text = f'module "codex" {{\n{SOURCE}\n{argument}\nbase_config_toml = ""\n}}\n'
    workspace = Workspace.read({"main.tf": text.encode()}, codex_release("0.147.0"))

    assert [str(config.release.version) for config in workspace.codex_configs] == [codex]


def test_another_module_is_not_the_codex_module() -> None:
    text = b'module "codex" {\n  source = "./codex"\n  base_config_toml = "["\n}\n'
    workspace = Workspace.read({"main.tf": text})

    assert workspace.codex_modules == ()
    assert workspace.embedded_toml == ()
    assert [found.source for found in workspace.module_calls] == ["./codex"]
