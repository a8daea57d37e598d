"""A config file and what is wanted of it → what its selected profile would make of that.

Measured on 0.122 to 0.169: before 0.134 a key of `[profiles.NAME]` beats the root key while
`profile = "NAME"` selects it, and Codex does not start when there is no such table. From 0.134 on
it does not start when any `profile` stands in config.toml or in a profile file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.codex_home.document import Document
from provisioner.codex_home.model import KeyPath, Written
from provisioner.codex_home.toml_layout import starts_with
from provisioner.codex_home.toml_values import MISSING, dotted, value_of

__all__ = ["PROFILE", "ProfileEffect", "profile_effect"]

PROFILE: KeyPath = ("profile",)


@dataclass(frozen=True, slots=True)
class ProfileEffect:
    """What has to change so that the wanted keys count; `reasons` say why, by path."""

    refused: frozenset[KeyPath] = frozenset()
    """Keys with which Codex does not start."""
    beaten: Mapping[KeyPath, str] = field(default_factory=dict)
    """Keys that win over a wanted one, and the value they need."""
    reasons: Mapping[KeyPath, str] = field(default_factory=dict)


def profile_effect(
    document: Document,
    wanted: Mapping[KeyPath, str],
    written: Mapping[KeyPath, Written],
    *,
    profiles_are_files: bool,
) -> ProfileEffect:
    """Look at the `profile` of `document`, or at the one that an earlier apply took away."""
    if not wanted:
        return ProfileEffect()
    if profiles_are_files:
        reason = "with it this version of Codex does not start: a profile is a file, chosen by -p"
        return _refused(reason)
    name = _selected(document, written)
    if name is None:
        return ProfileEffect()
    table = ("profiles", name)
    is_made = any(starts_with(path, table) for path in wanted)
    if not isinstance(document.get(table), dict) and not is_made:
        return _refused(f"with it Codex does not start: there is no [{dotted(table)}]")
    return _beaten(document, wanted, table)


def _refused(reason: str) -> ProfileEffect:
    return ProfileEffect(frozenset({PROFILE}), reasons={PROFILE: reason})


def _selected(document: Document, written: Mapping[KeyPath, Written]) -> str | None:
    name, entry = document.get(PROFILE), written.get(PROFILE)
    if name is MISSING and entry and entry.raw is None and entry.before:
        name = value_of(entry.before)
    return name if isinstance(name, str) else None


def _beaten(document: Document, wanted: Mapping[KeyPath, str], table: KeyPath) -> ProfileEffect:
    beaten = {
        (*table, *path): raw
        for path, raw in wanted.items()
        if len(path) == 1
        and (*table, *path) not in wanted
        and document.get((*table, *path)) is not MISSING
    }
    reason = f"profile = {dotted(table[1:])} selects this table, which wins over the root"
    return ProfileEffect(beaten=beaten, reasons=dict.fromkeys(beaten, reason))
