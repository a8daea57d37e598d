"""What is there, what is wanted and what we wrote before → the steps to take, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioner.codex_home.document import Document
from provisioner.codex_home.model import KeyPath, RefusedError, Written
from provisioner.codex_home.profiles import ProfileEffect, profile_effect
from provisioner.codex_home.toml_layout import starts_with
from provisioner.codex_home.toml_values import MISSING, dotted, same, value_of
from provisioner.codex_home.wanted import HARMLESS_PROVIDER_KEYS, PROVIDERS, provider_tables

__all__ = ["Decisions", "Step", "decide"]


@dataclass(frozen=True, slots=True)
class Step:
    """One key to set or, with `raw` None, to remove."""

    path: KeyPath
    raw: str | None
    kind: str
    is_ours: bool
    """Nothing of the user's is lost."""
    keep: Written | None
    """What to remember of it; None when the key is no longer ours."""
    why: str = ""
    """Why it stands in the way, where that cannot be seen from the key."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """The steps, and what stays remembered of keys that need none."""

    steps: tuple[Step, ...]
    remembered: dict[KeyPath, Written]


def decide(
    document: Document,
    wanted: Mapping[KeyPath, str],
    written: Mapping[KeyPath, Written],
    *,
    profiles_are_files: bool,
) -> Decisions:
    """Compare `document` with `wanted`.

    Raises `RefusedError` when a table we need is something else in the document.
    """
    effect = profile_effect(document, wanted, written, profiles_are_files=profiles_are_files)
    return _Comparison(document, {**wanted, **effect.beaten}, written, effect).decisions()


class _Comparison:
    def __init__(
        self,
        document: Document,
        wanted: Mapping[KeyPath, str],
        written: Mapping[KeyPath, Written],
        effect: ProfileEffect,
    ) -> None:
        self._document = document
        self._wanted = wanted
        self._written = written
        self._effect = effect
        self._tables = provider_tables(wanted)

    def decisions(self) -> Decisions:
        steps = (*self._missing_or_other(), *self._unwanted(), *self._left_over())
        kept = {
            path: entry
            for path, entry in self._written.items()
            if path in self._wanted or (entry.raw is None and self._may_not_be(path))
        }
        changed = {step.path for step in steps}
        remembered = {path: entry for path, entry in kept.items() if path not in changed}
        return Decisions(steps, remembered)

    def _missing_or_other(self) -> Iterator[Step]:
        for path, raw in self._wanted.items():
            self._need_tables(path)
            present = self._document.get(path)
            if present is MISSING:
                yield self._step(path, raw, is_ours=not self._is_foreign_table(path[:-1]))
            elif not same(present, value_of(raw)):
                yield self._step(path, raw, is_ours=self._is_as_written(path))

    def _may_not_be(self, path: KeyPath) -> bool:
        return path[:2] in self._tables or path in self._effect.refused

    def _unwanted(self) -> Iterator[Step]:
        for path in self._effect.refused:
            if self._document.get(path) is not MISSING:
                yield self._step(path, None, is_ours=self._is_as_written(path))
        for table in self._tables:
            present = self._document.get(table)
            for name in present if isinstance(present, dict) else ():
                path = (*table, name)
                if path not in self._wanted and name not in HARMLESS_PROVIDER_KEYS:
                    yield self._step(path, None, is_ours=self._is_as_written(path))

    def _left_over(self) -> Iterator[Step]:
        """Take back what an earlier apply did and nobody changed since."""
        for path, entry in self._written.items():
            stays_away = self._may_not_be(path) and path[-1] not in HARMLESS_PROVIDER_KEYS
            if path in self._wanted or stays_away:
                continue
            if self._is_as_written(path):
                kind = "removed" if entry.before is None else "replaced"
                yield Step(path, entry.before, kind, is_ours=True, keep=None)
            elif entry.raw is None and entry.before and self._can_come_back(path):
                yield Step(path, entry.before, "added", is_ours=True, keep=None)

    def _step(self, path: KeyPath, raw: str | None, *, is_ours: bool) -> Step:
        present = self._document.raw(path)
        entry = self._written.get(path)
        before = entry.before if entry and is_ours else present
        kind = "removed" if raw is None else "added" if present is None else "replaced"
        why = self._effect.reasons.get(path, "")
        return Step(path, raw, kind, is_ours, Written(raw, before), why)

    def _is_as_written(self, path: KeyPath) -> bool:
        entry = self._written.get(path)
        present = self._document.get(path)
        if entry is None or entry.raw is None or present is MISSING:
            return False
        return same(present, value_of(entry.raw))

    def _is_foreign_table(self, table: KeyPath) -> bool:
        """Say whether `table` is a provider table that somebody else made."""
        return (
            table[:1] == (PROVIDERS,)
            and self._document.get(table) is not MISSING
            and not any(starts_with(path, table) for path in self._written)
        )

    def _can_come_back(self, path: KeyPath) -> bool:
        ancestors = [self._document.get(path[:length]) for length in range(1, len(path))]
        return self._document.get(path) is MISSING and all(
            value is MISSING or isinstance(value, dict) for value in ancestors
        )

    def _need_tables(self, path: KeyPath) -> None:
        for length in range(1, len(path)):
            present = self._document.get(path[:length])
            if present is not MISSING and not isinstance(present, dict):
                at = self._document.position(path[:length])
                raise RefusedError(
                    f'{self._document.label}:{at.line}:{at.column}: "{dotted(path[:length])}" has'
                    " to be a table; correct it first"
                )
