"""Rendered files → what another reader makes of them, held against the plan."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.errors import OutputError
from provisioner.knowledge.codex_module import codex_module
from provisioner.plan.model import CodexConfig, ModelProvider, Plan
from provisioner.render.codex_config import profile_files
from provisioner.render.codex_tf import agent_label, coder_environment
from provisioner.render.hcl_text import Expression
from provisioner.render.module_block import base_config_parts
from provisioner.render.template_source import chosen_agents, read_source
from provisioner.syntax.hcl_values import hcl_values

__all__ = ["verify"]

_CODEX = "codex.tf"
_PROVIDERS = codex_module().gateway_providers


def verify(plan: Plan, files: Mapping[str, bytes]) -> None:
    """Read codex.tf back with HashiCorp's parser, and the TOML in it with Python's.

    Raises `OutputError` with every value that is not as planned.
    """
    agents = chosen_agents(plan.template, read_source(plan.template))
    try:
        found = hcl_values(files[_CODEX].decode("utf-8"))
    except ValueError as error:
        raise OutputError(f"{_CODEX} does not read back: {error}") from error
    wrong = [
        f"{what} is {actual!r}, planned {wanted!r}"
        for what, actual, wanted in _compared(plan, found, agents)
        if _plain(actual) != _plain(wanted)
    ]
    if wrong:
        text = "\n  ".join(wrong)
        raise OutputError(f"{_CODEX} does not read back as planned; nothing was written:\n  {text}")


_Pair = tuple[str, Any, Any]


def _compared(plan: Plan, found: Mapping[str, Any], agents: tuple[str, ...]) -> Iterator[_Pair]:
    """Yield what is compared: its name, the value that was read, and the planned one."""
    modules = found.get("module", {})
    wanted = {agent_label("codex", agent, agents): agent for agent in agents}
    yield "the modules", sorted(modules), sorted(wanted)
    for label, agent in wanted.items():
        module = modules.get(label, {})
        where = f"module.{label}"
        yield f"{where}.source", module.get("source"), plan.module.source
        yield f"{where}.version", module.get("version", ""), plan.module.version
        yield f"{where}.agent_id", module.get("agent_id"), f"coder_agent.{agent}.id"
        yield f"{where}.workdir", module.get("workdir"), plan.codex.trusted_workdir
        yield f"{where}.codex_version", module.get("codex_version"), plan.module.codex_version
        for name, value in _switches(plan).items():
            yield f"{where}.{name}", module.get(name), value
        yield from _config(plan, where, str(module.get("base_config_toml", "")))
        if plan.module.is_bundled:
            yield f"{where}.profiles", module.get("profiles", {}), _profiles(plan)
            yield f"{where}.credential", module.get("credential"), plan.credential.name
        yield from _environment(plan, found, agent, agents)
    yield from _parameters(plan, found.get("data", {}))


def _switches(plan: Plan) -> dict[str, str | bool | None]:
    """Return the inputs that turn something on or off; those that must not be there are None."""
    on = plan.module.gateway_switch
    gateway = {item.switch: True if item.switch == on else None for item in _PROVIDERS}
    return {**gateway, **plan.module.overrides}


def _config(plan: Plan, where: str, text: str) -> Iterator[_Pair]:
    parts = base_config_parts(plan)
    planned = "".join(part.source if isinstance(part, Expression) else part for part in parts)
    yield f"{where}.base_config_toml", text, planned
    try:
        data = tomllib.loads(text)
    except ValueError as error:
        yield f"{where}.base_config_toml", str(error), "TOML"
        return
    for setting in plan.codex.settings:
        if setting.parameter is None:
            yield setting.key, data.get(setting.key), setting.value
    projects = {plan.codex.trusted_workdir: {"trust_level": "trusted"}}
    yield "projects", data.get("projects"), projects
    yield "mcp_servers", data.get("mcp_servers", {}), _servers(plan.codex)
    if not plan.module.writes_provider:
        tables = data.get("model_providers", {})
        yield "model_providers", sorted(tables), [plan.codex.provider.id]
        yield from _provider(plan.codex.provider, tables.get(plan.codex.provider.id, {}))


def _provider(provider: ModelProvider, table: Mapping[str, Any]) -> Iterator[_Pair]:
    yield "base_url", str(table.get("base_url", "")).endswith(provider.base_path), True
    yield "name", table.get("name"), provider.name
    yield "wire_api", table.get("wire_api"), "responses"
    for key in ("env_key", "requires_openai_auth"):
        wanted = getattr(provider, key)
        yield key, table.get(key, type(wanted)()), wanted
    headers = table.get("env_http_headers", {})
    yield "env_http_headers", headers, dict(provider.env_http_headers)


def _servers(codex: CodexConfig) -> dict[str, Any]:
    return {server.name: dict(server.keys) for server in codex.mcp_servers}


def _profiles(plan: Plan) -> dict[str, str]:
    files = profile_files(plan.codex)
    return {name.removesuffix(".config.toml"): text for name, text in files.items()}


def _environment(
    plan: Plan, found: Mapping[str, Any], agent: str, agents: tuple[str, ...]
) -> Iterator[_Pair]:
    resources = found.get("resource", {}).get("coder_env", {})
    for name, value, _ in coder_environment(plan):
        label = agent_label(name.lower(), agent, agents)
        wanted = {"agent_id": f"coder_agent.{agent}.id", "name": name, "value": value}
        yield f"coder_env.{label}", resources.get(label), wanted


def _parameters(plan: Plan, data: Mapping[str, Any]) -> Iterator[_Pair]:
    tables = data.get("coder_parameter", {})
    for setting in plan.codex.settings:
        if setting.parameter is not None:
            table = tables.get(setting.parameter.name, {})
            where = f"data.coder_parameter.{setting.parameter.name}"
            yield f"{where}.default", table.get("default"), setting.parameter.default
            found = table.get("option", [])
            options = [item["value"] for item in (found if isinstance(found, list) else [found])]
            yield f"{where}.option", options, setting.parameter.options


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of TOML
    """Bring strings into Unicode's normal form C, as HCL does, and sequences to lists."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case Mapping():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    return value
