"""An edited text against what it should be: every key it was about, and every other one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.codex_home.model import KeyPath, Written
from provisioner.codex_home.toml_layout import starts_with
from provisioner.codex_home.toml_values import MISSING, dotted, leaves, look_up, same, value_of

__all__ = ["edited_keys", "first_difference"]


def first_difference(
    before: Mapping[str, Any], text: str, steps: Mapping[KeyPath, str | None]
) -> KeyPath | None:
    """Return a key of `text` that is not as it should be, None when all are.

    `steps` has the TOML value of each key that was set, None for one that was removed; each other
    key has to have the value it has in `before`.
    """
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError):
        return next(iter(steps), ())
    expected = {
        path: value
        for path, value in leaves(before)
        if not any(starts_with(path, step) for step in steps)
    }
    for path, raw in steps.items():
        if raw is not None:
            expected.update(_leaves_of(path, value_of(raw)))
    return next(_differences(expected, dict(leaves(found)), steps), None)


def edited_keys(
    text: str, applied_text: str, written: Mapping[KeyPath, Written]
) -> tuple[str, ...]:
    """Return the keys that are not as they were before they were `written`.

    A provider table that has no name any more, and has keys that apply did not leave in it, counts
    too: Codex does not start with it.
    """
    data, applied = (tomllib.loads(each.removeprefix("\ufeff")) for each in (text, applied_text))
    edited = dict[str, None]()
    for path, entry in written.items():
        present = look_up(data, path)
        before = MISSING if entry.before is None else value_of(entry.before)
        table = path[:2]
        if not same(present, before):
            edited[dotted(path)] = None
        elif path == (*table, "name") and present is MISSING:
            rest, known = look_up(data, table), look_up(applied, table)
            if isinstance(rest, dict) and isinstance(known, dict):
                added = [
                    name for name in rest.keys() - known.keys() if (*table, name) not in written
                ]
                edited.update({dotted(table): None} if added else {})
    return tuple(edited)


def _leaves_of(path: KeyPath, value: Any) -> Iterator[tuple[KeyPath, Any]]:  # noqa: ANN401
    if isinstance(value, dict) and value:
        return leaves(value, path)
    return iter([(path, value)])


def _differences(
    expected: Mapping[KeyPath, Any], found: Mapping[KeyPath, Any], steps: Mapping[KeyPath, Any]
) -> Iterator[KeyPath]:
    for path in {**expected, **found}:
        one, other = expected.get(path, MISSING), found.get(path, MISSING)
        # A table gains its first key or loses its last one; both ways it may be empty in between.
        is_emptied = {} in (one, other) and MISSING in (one, other)
        if is_emptied and any(starts_with(step, path) for step in steps):
            continue
        if not same(one, other):
            yield path
