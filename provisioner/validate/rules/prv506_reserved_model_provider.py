"""PRV506."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex_config import BuiltInProvider, codex_config_keys
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["reserved_model_provider"]


@rule("PRV506", "reserved-model-provider", Severity.ERROR)
def reserved_model_provider(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A table for a model provider that is built into Codex.

    What it does:
        Reports the tables `[model_providers.openai]`, `ollama` and `lmstudio`, and keys of the
        cloud providers that the version of Codex has built in (`amazon-bedrock`,
        `amazon-bedrock-runtime`, `gcp`) other than the few it lets a config change.

    Why:
        Codex ends at the start, even when the provider is not the selected one.

    Use instead:
        An id of your own, such as `openai-custom`; `openai_base_url` for the built-in `openai`.
    """
    for document, release in workspace.codex_documents:
        built_in = codex_config_keys().built_in_providers(release.version)
        tables = document.get("model_providers")
        for name, table in tables.items() if isinstance(tables, dict) else ():
            if name not in built_in or not isinstance(table, dict):
                continue
            if reason := _refusal(built_in[name], table):
                yield this.finding(
                    document.path,
                    document.key_span("model_providers", name),
                    f"Codex {release.version} refuses this: {reason}",
                    help="remove the other keys"
                    if built_in[name].changeable
                    else f'choose another id, such as "{name}-custom"',
                )


def _refusal(provider: BuiltInProvider, table: Mapping[str, Any]) -> str | None:
    if provider.changeable:
        allowed = _listed(provider.changeable)
        if _changed(table) <= set(provider.changeable):
            return None
        return (
            f"model_providers.{provider.id} only supports changing {allowed}; other non-default "
            "provider fields are not supported"
        )
    if not table and provider.may_be_empty:
        return None
    return (
        f"model_providers contains reserved built-in provider IDs: `{provider.id}`. "
        "Built-in providers cannot be overridden"
    )


def _changed(table: Mapping[str, Any]) -> set[str]:
    """Name the keys that have a value other than that of a missing key."""
    names = set()
    for key, value in table.items():
        if key == "aws" and isinstance(value, dict):
            names |= {f"aws.{inner}" for inner in value}
        elif value not in (False, {}, []):
            names.add(key)
    return names


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    if len(quoted) == 2:
        return " and ".join(quoted)
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"
