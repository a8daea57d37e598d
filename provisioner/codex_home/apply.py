"""Rendered files → a Codex home that has their keys, all of them or none."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from provisioner.codex_home.files import look, os_errors
from provisioner.codex_home.model import Applied, RefusedError
from provisioner.codex_home.plan_files import PlannedFile, plan_file
from provisioner.codex_home.shown import shown_diff
from provisioner.codex_home.state import Journal, JournalStep, State
from provisioner.codex_home.store import Store, sha256
from provisioner.errors import InputError, OutputError

__all__ = ["apply_files"]

_NAME = re.compile(r"(?:[A-Za-z0-9_-]+\.)?config\.toml")


def apply_files(
    codex_home: Path,
    files: Mapping[str, str],
    *,
    dry_run: bool = False,
    force: bool = False,
    profiles_are_files: bool = True,
) -> Applied:
    """Make the files in `codex_home` set every key that `files`, TOML texts by name, set.

    With `dry_run` nothing is touched. With `force` what is in the way is replaced, except inside
    the Codex module's block. `profiles_are_files` tells what a profile is to the Codex that reads
    them. Raises `RefusedError` when something is in the way, `InputError` when
    a file cannot be read as TOML, and `OutputError` when it cannot be written; nothing is changed
    then, or, when writing fails half-way, the next apply or undo completes it.
    """
    home = codex_home.absolute()
    store = Store(home)
    _check_home(home, files)

    def plan() -> tuple[PlannedFile, ...]:
        planned = _planned(store, files, profiles_are_files=profiles_are_files)
        _refuse_twins(planned)
        _refuse_conflicts(store, planned, force=force)
        return planned

    with os_errors(home):
        if not store.is_interrupted:
            # Without the lock first: a home that needs nothing, or is refused, stays untouched.
            try:
                planned = plan()
            except RefusedError:
                # Maybe only because another one was at work between two reads.
                if dry_run or not store.exists:
                    raise
            else:
                if dry_run or not any(file.is_changed for file in planned):
                    return _applied(planned)
        elif dry_run:
            raise RefusedError(
                f"an apply or undo in {home} was interrupted; run either to complete it first"
            )
        with store.locked() as completed:
            planned = plan()
            if any(file.is_changed for file in planned):
                _write(store, planned)
        return dataclasses.replace(_applied(planned), completed=completed)


def _check_home(home: Path, files: Mapping[str, str]) -> None:
    for name in files:
        if not _NAME.fullmatch(name):
            raise InputError(f'"{name}" is no config file of Codex')
    if not home.is_dir() and (home.exists() or home.is_symlink()):
        raise InputError(f"{home} is not a folder; move it away, or give --codex-home")


def _planned(
    store: Store, files: Mapping[str, str], *, profiles_are_files: bool
) -> tuple[PlannedFile, ...]:
    records = store.state().files
    planned = list[PlannedFile]()
    for name in dict.fromkeys((*files, *records)):
        path = store.home / name
        rendered, record = files.get(name), records.get(name)
        planned.append(
            plan_file(path, look(path), rendered, record, profiles_are_files=profiles_are_files)
        )
    return tuple(planned)


def _refuse_twins(planned: Sequence[PlannedFile]) -> None:
    names = dict[Path, str]()
    for file in planned:
        other = names.setdefault(file.disk.target, file.name)
        if other != file.name:
            raise InputError(f"{other} and {file.name} are the same file; make them two")


def _refuse_conflicts(store: Store, planned: Sequence[PlannedFile], *, force: bool) -> None:
    found = {
        file.name: [item for item in file.conflicts if not (force and item.can_be_forced)]
        for file in planned
    }
    conflicts = {name: items for name, items in found.items() if items}
    if conflicts:
        raise RefusedError.of_conflicts(store.home, conflicts)


def _write(store: Store, planned: tuple[PlannedFile, ...]) -> None:
    changed = [file for file in planned if file.is_changed]
    for file in changed:
        if file.disk.content is not None and not os.access(file.disk.target.parent, os.W_OK):
            raise OutputError(f"cannot write into {file.disk.target.parent}")
    records = store.state().files
    store.keep_originals(
        {
            file.name: file.disk.content
            for file in planned
            if file.record and file.name not in records and file.disk.content is not None
        }
    )
    steps = {
        file.name: JournalStep(
            str(file.disk.target) if file.disk.is_link else None,
            sha256(file.disk.content),
            file.text,
            file.mode,
        )
        for file in changed
    }
    state = State({file.name: file.record for file in planned if file.record})
    foreign = store.commit(Journal(steps, state))
    if foreign:
        raise OutputError(
            f"{', '.join(foreign)} was written by another program at the same time; apply again"
        )


def _applied(planned: tuple[PlannedFile, ...]) -> Applied:
    before = {file.name: (file.disk.content or b"").decode() for file in planned if file.is_changed}
    return Applied(
        tuple(before),
        tuple(change for file in planned for change in file.changes),
        "".join(
            shown_diff(file.name, before[file.name], file.text or "")
            for file in planned
            if file.name in before
        ),
    )
