"""PRV205."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.codex_config import CodexConfig
from provisioner.validate.codex_home import CodexHome
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unselected_gateway"]


@rule("PRV205", "unselected-gateway", Severity.WARNING)
def unselected_gateway(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A model provider that is defined and not selected.

    What it does:
        Reports a config that has tables below `model_providers` and no `model_provider` at its
        root, nor in the profile that is selected. It is a note when a profile of the home selects
        one. Reports the same of the provider that the Codex module appends for
        `enable_ai_gateway = true` (`enable_aibridge` before release 5), where `base_config_toml`
        takes the place of the module's default, which would select it.

    Why:
        Codex uses its built-in provider `openai`: requests go past the gateway to OpenAI.

    Use instead:
        `model_provider = "…"` above the first table header.
    """
    home = workspace.started_home
    for config in [home.run] if home else () if workspace.home else workspace.codex_configs:
        if not config.is_known or config.find("model_provider") or config.find("openai_base_url"):
            continue
        for name in list(config.custom_providers)[:1]:
            place = config.find("model_providers", name)
            assert place is not None  # noqa: S101 - it is one of the providers
            profile = _selecting_profile(home, config) if home else None
            names = " or ".join(f'"{provider}"' for provider in config.custom_providers)
            yield this.finding(
                place.file,
                place.key_span,
                f"no model_provider selects {names}, so Codex sends requests to OpenAI",
                help=f"start Codex with `-p {profile}`"
                if profile
                else f'write model_provider = "{name}" above the first table header',
                severity=Severity.NOTE if profile else None,
            )
    for call in workspace.codex_modules:
        config, base = call.codex_config, call.block.attributes.get("base_config_toml")
        selected = config.find("model_provider") or config.find("openai_base_url")
        if base is None or not call.enables_gateway or not call.has_base_config:
            continue
        if config.is_known and not selected and not config.custom_providers:
            (name,) = config.appended_providers
            yield this.finding(
                base.path,
                base.name_span,
                f'no model_provider in it selects "{name}", so Codex sends requests to OpenAI',
                help=f'write model_provider = "{name}" above the first table header',
            )


def _selecting_profile(home: CodexHome, config: CodexConfig) -> str | None:
    """Return a profile that selects one of the providers."""
    profiles: dict[str, object] = (
        {name: document.get("model_provider") for name, document in home.profiles.items()}
        if home.reads_profile_files
        else {
            name: table.get("model_provider")
            for name, table in home.legacy_profiles.items()
            if isinstance(table, dict)
        }
    )
    selecting = (name for name, chosen in profiles.items() if chosen in [*config.custom_providers])
    return next(selecting, None)
