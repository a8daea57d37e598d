"""PRV503."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.syntax.toml_document import TomlDocument, TomlPair
from provisioner.validate.module_call import CodexConfig
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["undeclared_model_provider"]


@rule("PRV503", "undeclared-model-provider", Severity.ERROR)
def undeclared_model_provider(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A selected model provider that does not exist.

    What it does:
        Reports a `model_provider` that is neither built into Codex, nor a table below
        `model_providers`, nor the provider that the Codex module appends for
        `enable_ai_gateway = true`.

    Why:
        Codex ends at the start: the selected model provider is not found.

    Use instead:
        The id of a provider that the config defines.
    """
    for config in workspace.codex_configs:
        if not config.is_known:
            continue
        known = _providers(config)
        for document, pair in _selected(config):
            if pair.value not in known and not document.has_hole(*pair.path):
                yield this.finding(
                    document.path,
                    pair.value_span,
                    f'the model provider "{pair.value}" is not defined',
                    help=did_you_mean(pair.value, known)
                    or f"define it in [model_providers.{pair.value}]",
                )


def _providers(config: CodexConfig) -> set[str]:
    tables = [document.get("model_providers") for document in config.documents]
    return {
        *codex_config_keys().built_in_providers,
        *config.appended_providers,
        *(name for table in tables if isinstance(table, dict) for name in table),
    }


def _selected(config: CodexConfig) -> Iterator[tuple[TomlDocument, TomlPair]]:
    for document in config.documents:
        for pair in document.strings:
            match pair.path:
                case ("model_provider",) | ("profiles", _, "model_provider"):
                    yield document, pair
