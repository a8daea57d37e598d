"""Profile, model and Codex → effort, service tier and context window, as that Codex takes them."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.access.catalog import CatalogEntry
from provisioner.access.denial import AccessDenied, Denial
from provisioner.access.profile import Profile
from provisioner.knowledge.codex import CodexRelease, newest_codex
from provisioner.knowledge.models import known_models
from provisioner.knowledge.service_tiers import sent_tier
from provisioner.knowledge.version import Version

__all__ = ["AUTO", "Settings", "settings_for"]

AUTO = "auto"
"""The service tier that leaves it to the provider: Codex has no word for it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What Codex is told about the model."""

    effort: str
    service_tier: str
    codex_service_tier: str
    context_window: int | None
    notes: tuple[str, ...]


def settings_for(profile: Profile, entry: CatalogEntry, codex: Version) -> Settings:
    """Return the settings; a version that is newer than any measured is taken for the newest.

    Raises `AccessDenied` for an effort or a context window that the model does not have, or that
    this Codex refuses.
    """
    measured = min(codex, newest_codex())
    tier = profile.service_tier or AUTO
    written, tier_note = _tier(tier, entry.model_id, measured)
    is_known = entry.model_id in known_models(measured)
    window = _window(profile, entry)
    if window is None and not is_known:
        window = entry.context_window
    notes = [tier_note]
    if not is_known:
        notes.append(
            f'Codex {codex} does not know "{entry.model_id}" and uses its general settings'
        )
    return Settings(
        effort=_effort(profile, entry, measured),
        service_tier=tier,
        codex_service_tier=written,
        context_window=window,
        notes=tuple(filter(None, notes)),
    )


def _effort(profile: Profile, entry: CatalogEntry, codex: Version) -> str:
    if profile.effort is None:
        return ""
    found = next((item for item in entry.efforts if item.value == profile.effort), None)
    if found is None:
        has = ", ".join(item.value for item in entry.efforts) or "none"
        message = f'model "{entry.id}" does not have the effort "{profile.effort}"; it has {has}'
        raise AccessDenied(Denial.MODEL_SETTING_UNSUPPORTED, message)
    accepted = CodexRelease(codex).reasoning_efforts
    if accepted is not None and found.provider_param not in accepted:
        message = (
            f'Codex {codex} refuses the effort "{found.provider_param}"; '
            f"it accepts {', '.join(accepted)}"
        )
        raise AccessDenied(Denial.MODEL_SETTING_UNSUPPORTED, message)
    return found.provider_param


def _window(profile: Profile, entry: CatalogEntry) -> int | None:
    most = entry.max_context_window or entry.context_window
    if profile.context_window is not None and most is not None and profile.context_window > most:
        message = (
            f'model "{entry.id}" has a context window of at most {most} tokens, '
            f"and the profile asks for {profile.context_window}"
        )
        raise AccessDenied(Denial.MODEL_SETTING_UNSUPPORTED, message)
    return profile.context_window


def _tier(tier: str, model: str, codex: Version) -> tuple[str, str]:
    """Return what to write into Codex's configuration, and a note where it cannot be had."""
    if tier == AUTO:
        return "", ""
    if sent_tier(codex, model, tier):
        return tier, ""
    return "", f'Codex {codex} asks for no service tier "{tier}" with "{model}": it is left out'
