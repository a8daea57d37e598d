"""Check, make the fixes, check again, and only then write: no file is left half-fixed."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from provisioner.cli.output_file import write_file
from provisioner.errors import OutputError
from provisioner.finding import CheckResult, Finding
from provisioner.validate.fix import fixable, fixed_text
from provisioner.validate.run import parses

__all__ = ["Fixed", "diff_of", "fix_until_stable", "write_fixed"]

_MOST_ROUNDS = 10
_BOM = b"\xef\xbb\xbf"

Check = Callable[[Mapping[str, bytes]], CheckResult]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What is left after the fixes, and the files they change."""

    result: CheckResult
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    made: int


def fix_until_stable(check: Check, *, unsafe: bool) -> Fixed:
    """Make fixes until `check`, which gets the changed files, finds no more that can be made."""
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    made = 0
    result = check(after)
    for _ in range(_MOST_ROUNDS):
        by_path: dict[str, list[Finding]] = defaultdict(list)
        for finding in fixable(result.findings, unsafe=unsafe):
            by_path[finding.path].append(finding)
        changed = False
        for path, findings in by_path.items():
            data = after.get(path) or Path(path).read_bytes()
            bom = _BOM if data.startswith(_BOM) else b""
            fixed = fixed_text(data.removeprefix(_BOM).decode(), findings)
            new = bom + fixed.text.encode()
            if new == data or not parses(path, new):
                continue
            before.setdefault(path, data)
            after[path], changed = new, True
            made += len(fixed.made)
        if not changed:
            break
        result = check(after)
    return Fixed(result, before, after, made)


def diff_of(fixed: Fixed) -> str:
    """Return the changes as a unified diff."""
    return "".join(_diff(fixed))


def _diff(fixed: Fixed) -> Iterator[str]:
    for path in sorted(fixed.after):
        old, new = (
            data[path].decode().splitlines(keepends=True) for data in (fixed.before, fixed.after)
        )
        for line in difflib.unified_diff(old, new, path, path):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def write_fixed(fixed: Fixed) -> None:
    """Write the changed files, each in one step.

    Raises `OutputError` for one that changed since it was read; those before it are written.
    """
    for path in sorted(fixed.after):
        target = Path(path).resolve()
        if target.read_bytes() != fixed.before[path]:
            raise OutputError(f"{path} changed while it was checked; it was left as it is")
        write_file(target, fixed.after[path].decode())
        click.echo(f"fixed {path}", err=True)
