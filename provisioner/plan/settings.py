"""Spec → the root keys of config.toml and of each profile, with the reason for each."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.knowledge.codex import CodexRelease
from provisioner.plan.ledger import Ledger
from provisioner.plan.model import Parameter, Profile, Setting
from provisioner.spec.models import CodexSpec, ProfileSpec, Spec

__all__ = ["PARAMETERS", "parameter_name", "profiles", "settings"]

PARAMETERS = {
    "model": ("Codex model", "Model that Codex uses unless told otherwise."),
    "model_reasoning_effort": ("Reasoning effort", "How long Codex thinks before it answers."),
}
"""Settings that the user of a workspace may choose: the words Coder shows for each."""
_FIXED = ("model_context_window", "service_tier", "web_search")


def parameter_name(key: str) -> str:
    """Return the name of the Coder parameter that decides a setting."""
    return f"codex_{key}"


def settings(spec: Spec, provider_id: str, ledger: Ledger) -> tuple[Setting, ...]:
    """Return the root keys, `model_provider` first."""
    found = [Setting("model_provider", provider_id, None)]
    for key, words in PARAMETERS.items():
        setting = _choice(spec, key, words, ledger)
        if setting is not None:
            found.append(setting)
    for setting in _fixed(spec.codex):
        ledger.note(f"codex.{setting.key}", str(setting.value), "spec", "fixed")
        found.append(setting)
    return tuple(found)


def profiles(spec: Spec, codex: CodexRelease, ledger: Ledger) -> tuple[Profile, ...]:
    """Return the profiles in the order of their names."""
    found = []
    for name in sorted(spec.profiles):
        given = spec.profiles[name]
        rows = [
            Setting(key, value, None)
            for key in PARAMETERS
            if (value := getattr(given, key)) is not None
        ]
        rows += _fixed(given)
        if not codex.has("profile_files"):
            rows = [row for row in rows if row.key != "model_context_window"]
        place = f"{name}.config.toml" if codex.has("profile_files") else f"[profiles.{name}]"
        why = f"Codex {codex.version} reads profiles there; use `codex -p {name}`"
        ledger.note(f"profiles.{name}", place, "knowledge", why)
        found.append(Profile(name, tuple(rows)))
    return tuple(found)


def _choice(spec: Spec, key: str, words: tuple[str, str], ledger: Ledger) -> Setting | None:
    fixed: str | None = getattr(spec.codex, key)
    options: tuple[str, ...] = getattr(spec.parameters, key)
    if not fixed and not options:
        ledger.note(f"codex.{key}", "not set", "default", "left to Codex and its model")
        return None
    value = fixed or options[0]
    if not options:
        ledger.note(f"codex.{key}", value, "spec", "fixed")
        return Setting(key, value, None)
    ledger.note(f"codex.{key}", value, "spec", f"the user chooses among {', '.join(options)}")
    return Setting(key, value, Parameter(parameter_name(key), *words, value, options))


def _fixed(given: CodexSpec | ProfileSpec) -> Iterator[Setting]:
    for key in _FIXED:
        value = getattr(given, key)
        if value is not None:
            yield Setting(key, value, None)
