"""PRV503."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.validate.codex_config import CodexConfig, Found
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
        `enable_ai_gateway = true`. In a profile that is not selected it is a warning.

    Why:
        Codex ends at the start: the selected model provider is not found.

    Use instead:
        The id of a provider that the config defines.
    """
    for config in workspace.codex_configs:
        if not config.is_known:
            continue
        version = config.release.version
        known = {
            *codex_config_keys().built_in_providers(version),
            *config.appended_providers,
            *config.provider_names,
        }
        selected = config.text("model_provider")
        for found in [*([selected] if selected else []), *_in_profiles(config)]:
            if found.value not in known and not found.has_hole:
                yield this.finding(
                    found.file,
                    found.value_span,
                    f'the model provider "{found.value}" is not defined',
                    help=did_you_mean(found.value, known)
                    or f"define it in [model_providers.{found.value}]",
                    severity=Severity.WARNING if found is not selected else None,
                )


def _in_profiles(config: CodexConfig) -> Iterator[Found]:
    # With profile files the tables are read no more.
    profiles = None if config.release.has("profile_files") else config.find("profiles")
    if profiles and isinstance(profiles.value, dict):
        for name in profiles.value:
            if found := config.text("profiles", name, "model_provider"):
                yield found
