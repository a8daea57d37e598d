"""CodexConfig → config.toml, by a serializer; values that only Terraform knows stay expressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

import tomlkit
from tomlkit.items import Table

from provisioner.plan.model import CodexConfig, ModelProvider
from provisioner.render.hcl_text import Expression

__all__ = ["config_toml", "config_toml_parts"]


def config_toml(codex: CodexConfig, gateway_url: str) -> str:
    """Return the whole config.toml for a known gateway URL; parameters take their default."""
    values = {setting.key: setting.value for setting in codex.settings}
    return _document(values, codex, gateway_url, with_provider=True)


def config_toml_parts(
    codex: CodexConfig, gateway_url: Expression, *, with_provider: bool
) -> tuple[str | Expression, ...]:
    """Return the config as text and expressions, for a template.

    `with_provider` is False where the Codex module adds the provider table itself.
    """
    expressions: dict[str, Expression] = {}
    fixed = "".join(setting.value for setting in codex.settings) + codex.trusted_workdir
    placeholders = _placeholders(fixed)

    def stand_in(expression: Expression) -> str:
        placeholder = next(placeholders)
        expressions[placeholder] = expression
        return placeholder

    values = {
        setting.key: setting.value
        if setting.parameter is None
        else stand_in(Expression(f"data.coder_parameter.{setting.parameter.name}.value"))
        for setting in codex.settings
    }
    url = stand_in(gateway_url)
    return tuple(_split(_document(values, codex, url, with_provider=with_provider), expressions))


def _document(
    values: Mapping[str, str], codex: CodexConfig, gateway_url: str, *, with_provider: bool
) -> str:
    document = tomlkit.document()
    for key, value in values.items():
        document.add(key, tomlkit.string(value))
    project = tomlkit.table()
    project.add("trust_level", "trusted")
    document.add("projects", _only(codex.trusted_workdir, project))
    if with_provider:
        provider = _provider_table(codex.provider, gateway_url)
        document.add("model_providers", _only(codex.provider.id, provider))
    return tomlkit.dumps(document)


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
    return table


def _placeholders(text: str) -> Iterator[str]:
    """Yield texts that do not occur in `text` and that TOML writes as they are."""
    for number in count():
        placeholder = f"@@{number}@@"
        if placeholder not in text:
            yield placeholder


def _split(text: str, expressions: Mapping[str, Expression]) -> Iterable[str | Expression]:
    places = sorted((text.index(key), key) for key in expressions if key in text)
    start = 0
    for place, key in places:
        yield text[start:place]
        yield expressions[key]
        start = place + len(key)
    yield text[start:]
