"""A config file, what is wanted of it and what we wrote before → its new text, or conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.codex_home.decide import Step, decide
from provisioner.codex_home.document import Document
from provisioner.codex_home.edit import Editor
from provisioner.codex_home.model import Change, Conflict, KeyPath, RefusedError, Written
from provisioner.codex_home.shown import shown_value
from provisioner.codex_home.toml_values import dotted
from provisioner.codex_home.verify import first_difference

__all__ = ["Merge", "merge"]


@dataclass(frozen=True, slots=True)
class Merge:
    """What becomes of one file; `text` counts only when no conflict stands in the way."""

    text: str
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    written: dict[KeyPath, Written]


def merge(
    name: str,
    document: Document,
    wanted: Mapping[KeyPath, str],
    written: Mapping[KeyPath, Written],
    *,
    profiles_are_files: bool = True,
) -> Merge:
    """Set the keys of `wanted` in `document`, the file `name`.

    `profiles_are_files` tells whether the Codex that reads it knows profiles as files only.
    Raises `RefusedError` when the document cannot be edited without touching what is not ours.
    """
    decisions = decide(document, wanted, written, profiles_are_files=profiles_are_files)
    editor = Editor(document)
    emptied = _emptied(document, decisions.steps)
    for step in decisions.steps:
        if step.raw is not None:
            editor.set(step.path, step.raw)
        else:
            editor.remove(step.path[:-1] if step.path[:-1] in emptied else step.path)
    text = editor.text()
    if not editor.managed:
        _check(document, text, decisions.steps)
    kept = {step.path: step.keep for step in decisions.steps if step.keep}
    return Merge(
        text,
        tuple(_change(name, document, step) for step in decisions.steps),
        tuple(_conflicts(document, decisions.steps, editor)),
        {**decisions.remembered, **kept},
    )


def _emptied(document: Document, steps: tuple[Step, ...]) -> set[KeyPath]:
    """Return the tables that nothing is left in: an empty provider table stops Codex."""
    removed = {step.path for step in steps if step.raw is None}
    filled = {step.path[:-1] for step in steps if step.raw is not None}
    return {
        table
        for table in {path[:-1] for path in removed} - filled
        if table and all((*table, name) in removed for name in document.get(table))
    }


def _change(name: str, document: Document, step: Step) -> Change:
    old = shown_value(step.path, document.raw(step.path))
    return Change(name, dotted(step.path), step.kind, old, shown_value(step.path, step.raw))


def _conflicts(document: Document, steps: tuple[Step, ...], editor: Editor) -> list[Conflict]:
    found = list[Conflict]()
    for step in steps:
        is_managed = bool({step.path, step.path[:-1]} & editor.managed.keys())
        if is_managed or not step.is_ours:
            message = _objection(document, step)
            if is_managed:
                message += "; the Codex module writes this block, so change it in the template"
            position = document.position(step.path)
            found.append(Conflict(position, message, can_be_forced=not is_managed))
    return sorted(found, key=lambda conflict: conflict.position)


def _objection(document: Document, step: Step) -> str:
    old, new = (shown_value(step.path, raw) for raw in (document.raw(step.path), step.raw))
    if step.kind == "added":
        table = dotted(step.path[:-1])
        return f"[{table}] is not ours, and would get {dotted(step.path[-1:])} = {new}"
    becomes = "be removed" if step.raw is None else f"become {new}"
    why = f": {step.why}" if step.why else ""
    return f"{dotted(step.path)} is {old}, and would {becomes}{why}"


def _check(document: Document, text: str, steps: tuple[Step, ...]) -> None:
    path = first_difference(document.data, text, {step.path: step.raw for step in steps})
    if path is not None:
        at = document.position(path)
        raise RefusedError(
            f'{document.label}:{at.line}:{at.column}: "{dotted(path)}" is written in a way that'
            " cannot be edited safely; write it in a simpler way first"
        )
