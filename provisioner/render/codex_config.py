"""CodexConfig → config.toml and profile files, by a serializer.

In a template, values that only Terraform knows stay expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import TypeVar

import tomlkit
from tomlkit.items import Item, Table

from provisioner.plan.model import CodexConfig, McpServer, ModelProvider, Profile, Setting
from provisioner.render.hcl_text import Expression

_Container = TypeVar("_Container", tomlkit.TOMLDocument, Table)

__all__ = ["config_files", "config_toml_parts", "profile_files"]


def config_files(codex: CodexConfig, gateway_url: str) -> dict[str, str]:
    """Return config.toml and the profile files by name, for a Codex outside a workspace.

    Parameters take their default, and a folder is trusted only if the spec names it.
    """
    trusted = codex.trusted_workdir if codex.workdir_is_chosen else ""
    provider = _provider(codex, gateway_url)
    config = _document(codex.settings, codex, trusted, provider)
    return {"config.toml": config, **profile_files(codex)}


def profile_files(codex: CodexConfig) -> dict[str, str]:
    """Return NAME.config.toml for each profile, where the target reads profiles from files."""
    if not codex.profiles_are_files:
        return {}
    return {
        f"{profile.name}.config.toml": tomlkit.dumps(_add_settings(tomlkit.document(), profile))
        for profile in codex.profiles
    }


def config_toml_parts(
    codex: CodexConfig, gateway_url: Expression | str, *, with_provider: bool
) -> tuple[str | Expression, ...]:
    """Return config.toml as text and expressions, for a template.

    `with_provider` is False where the Codex module adds the provider table itself.
    """
    trusted = codex.trusted_workdir

    def document(settings: Iterable[Setting], url: str) -> str:
        provider = _provider(codex, url) if with_provider else None
        return _document(settings, codex, trusted, provider)

    plain = document(codex.settings, str(gateway_url))
    placeholders = _placeholders(plain)
    expressions: dict[str, Expression] = {}

    def stand_in(expression: Expression) -> str:
        placeholder = next(placeholders)
        expressions[placeholder] = expression
        return placeholder

    settings = [
        Setting(setting.key, stand_in(_parameter_value(setting.parameter.name)), None)
        if setting.parameter
        else setting
        for setting in codex.settings
    ]
    url = stand_in(gateway_url) if isinstance(gateway_url, Expression) else gateway_url
    return tuple(_split(document(settings, url), expressions))


def _parameter_value(name: str) -> Expression:
    return Expression(f"data.coder_parameter.{name}.value")


def _provider(codex: CodexConfig, gateway_url: str) -> Table:
    return _only(codex.provider.id, _provider_table(codex.provider, gateway_url))


def _document(
    settings: Iterable[Setting], codex: CodexConfig, trusted: str, providers: Table | None
) -> str:
    document = tomlkit.document()
    for setting in settings:
        document.add(setting.key, _item(setting.value))
    if trusted:
        project = tomlkit.table()
        project.add("trust_level", "trusted")
        document.add("projects", _only(trusted, project))
    if not codex.profiles_are_files and codex.profiles:
        parent = tomlkit.table(is_super_table=True)
        for profile in codex.profiles:
            parent.add(profile.name, _add_settings(tomlkit.table(), profile))
        document.add("profiles", parent)
    if codex.mcp_servers:
        servers = tomlkit.table(is_super_table=True)
        for server in codex.mcp_servers:
            servers.add(server.name, _mcp_table(server))
        document.add("mcp_servers", servers)
    if providers is not None:
        document.add("model_providers", providers)
    return tomlkit.dumps(document)


def _mcp_table(server: McpServer) -> Table:
    table = tomlkit.table()
    for key, value in server.keys.items():
        match value:
            case Mapping():
                inner = tomlkit.inline_table()
                inner.update(dict(value))
                table.add(key, inner)
            case tuple():
                table.add(key, list(value))
            case _:
                table.add(key, value)
    return table


def _add_settings(container: _Container, profile: Profile) -> _Container:
    for setting in profile.settings:
        container.add(setting.key, _item(setting.value))
    return container


def _item(value: str | int) -> Item:
    return tomlkit.string(value) if isinstance(value, str) else tomlkit.integer(value)


def _only(key: str, table: Table) -> Table:
    parent = tomlkit.table(is_super_table=True)
    parent.add(key, table)
    return parent


def _provider_table(provider: ModelProvider, gateway_url: str) -> Table:
    table = tomlkit.table()
    table.add("name", provider.name)
    table.add("base_url", gateway_url + provider.base_path)
    table.add("wire_api", "responses")
    if provider.env_key:
        table.add("env_key", provider.env_key)
    if provider.env_key_instructions:
        table.add("env_key_instructions", provider.env_key_instructions)
    if provider.requires_openai_auth:
        table.add("requires_openai_auth", value=True)
    if provider.env_http_headers:
        headers = tomlkit.inline_table()
        headers.update(dict(provider.env_http_headers))
        table.add("env_http_headers", headers)
    if provider.stream_idle_timeout_ms:
        table.add("stream_idle_timeout_ms", provider.stream_idle_timeout_ms)
    return table


def _placeholders(text: str) -> Iterator[str]:
    """Yield texts that do not occur in `text` and that TOML writes as they are."""
    for number in count():
        placeholder = f"@@{number}@@"
        if placeholder not in text:
            yield placeholder


def _split(text: str, expressions: Mapping[str, Expression]) -> Iterator[str | Expression]:
    places = sorted((text.index(key), key) for key in expressions if key in text)
    start = 0
    for place, key in places:
        yield text[start:place]
        yield expressions[key]
        start = place + len(key)
    yield text[start:]
