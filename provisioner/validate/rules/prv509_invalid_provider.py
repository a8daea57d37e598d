"""PRV509."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex import CodexRelease
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.syntax.toml_document import TomlDocument
from provisioner.validate.codex_config import CodexConfig, Found
from provisioner.validate.codex_values import setting_name, type_error, type_errors
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["invalid_provider"]

_Problem = tuple[TomlDocument, tuple[str | int, ...], str]
_EXCLUSIVE = ("env_key", "experimental_bearer_token", "requires_openai_auth")


@rule("PRV509", "invalid-provider", Severity.ERROR)
def invalid_provider(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A table of a model provider that Codex refuses.

    What it does:
        Reports a missing or blank `name`, values of a wrong type, `auth` without a command or
        together with another credential, and `aws` where the provider is not one of Amazon's.

    Why:
        Codex ends at the start with `Error loading config.toml`, even when the provider is not the
        selected one.

    Use instead:
        A value of the type that the finding names.
    """
    for document, release in workspace.codex_documents:
        for _, path, reason in _types(document, release):
            message = f'Codex {release.version} refuses "{setting_name(path)}": {reason}'
            yield this.finding(document.path, document.value_span(*path), message)
    for config in workspace.codex_configs:
        if config.is_known:
            for place, reason in _tables(config):
                message = f"Codex {config.release.version} refuses this: {reason}"
                yield this.finding(place.file, place.key_span, message)


def _types(document: TomlDocument, release: CodexRelease) -> Iterator[_Problem]:
    tables = document.get("model_providers")
    for name, table in tables.items() if isinstance(tables, dict) else ():
        path = ("model_providers", name)
        if reason := type_error(table, "struct ModelProviderInfo"):
            yield document, path, reason
        for key, value in table.items() if isinstance(table, dict) else ():
            known = codex_config_keys().provider.get(key)
            if known and known.known_to(release.version):
                for inner, reason in type_errors(value, known):
                    yield document, (*path, key, *inner), reason


def _tables(config: CodexConfig) -> Iterator[tuple[Found, str]]:
    for name, table in config.custom_providers.items():
        place = config.find("model_providers", name)
        if place is None or name in config.appended_providers:
            continue
        if reason := _name_problem(name, table, config.release):
            yield config.find("model_providers", name, "name") or place, reason
        if auth := config.find("model_providers", name, "auth"):
            yield from ((auth, reason) for reason in _auth_problems(name, table))
        aws = config.find("model_providers", name, "aws")
        key = codex_config_keys().provider["aws"]
        if aws and key.known_to(config.release.version):
            built_in = codex_config_keys().built_in_providers(config.release.version)
            amazons = " or ".join(f"`{item}`" for item in built_in if item.startswith("amazon-"))
            yield aws, f"model_providers.{name}: provider aws is only supported for {amazons}"


def _name_problem(name: str, table: dict[str, Any], release: CodexRelease) -> str | None:
    if not release.has("provider_name_needed"):
        return None if "name" in table else "missing field `name`"
    written = table.get("name", "")
    blank = isinstance(written, str) and not written.strip()
    return f"model_providers.{name}: provider name must not be empty" if blank else None


def _auth_problems(name: str, table: dict[str, Any]) -> Iterator[str]:
    auth = table["auth"]
    if not isinstance(auth, dict):
        return
    command = auth.get("command")
    if command is None:
        yield "missing field `command`"
    elif isinstance(command, str) and not command.strip():
        yield f"model_providers.{name}: provider auth.command must not be empty"
    if others := [key for key in _EXCLUSIVE if table.get(key) not in (None, False)]:
        yield f"model_providers.{name}: provider auth cannot be combined with {', '.join(others)}"
