"""Paths → every finding, sorted; the only place of the validator that touches files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from provisioner.errors import InputError
from provisioner.finding import CheckResult, Finding, sorted_findings
from provisioner.validate.rules import RULES
from provisioner.validate.select import select_rules
from provisioner.validate.suppress import without_suppressed
from provisioner.validate.workspace import Workspace

__all__ = ["validate"]


def validate(
    paths: Sequence[Path], *, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> CheckResult:
    """Check template folders, `.tf` files and Codex config files.

    Every folder with `.tf` files is one template or module; a single `.tf` file is judged together
    with its neighbours. Raises `InputError` for a path that does not exist or holds nothing to
    check, and for an unknown rule in `select` or `ignore`.
    """
    if not paths:
        raise InputError("nothing to check: no path was given")
    rules = select_rules(RULES, select, ignore)
    findings: list[Finding] = []
    sources: dict[str, str] = {}
    for workspace, wanted in _workspaces(paths):
        sources |= {item.path: item.text for item in workspace.sources if item.path in wanted}
        found = (finding for rule in rules for finding in rule.check(workspace))
        findings += [finding for finding in found if finding.path in wanted]
    unique = sorted_findings(findings)
    kept = without_suppressed(unique, sources, RULES)
    return CheckResult(
        findings=tuple(kept),
        files=tuple(sorted(sources)),
        suppressed=len(unique) - len(kept),
        sources=sources,
    )


def _workspaces(paths: Sequence[Path]) -> Iterator[tuple[Workspace, set[str]]]:
    """Yield each folder or config once, with the paths of the files that were asked for."""
    folders: dict[Path, set[str]] = {}
    for file in dict.fromkeys(file for path in paths for file in _files_to_check(path)):
        if file.suffix == ".tf":
            folders.setdefault(file.parent, set()).add(file.as_posix())
        else:
            yield Workspace.read({file.as_posix(): _read(file)}), {file.as_posix()}
    for folder, wanted in folders.items():
        yield Workspace.read({file.as_posix(): _read(file) for file in _tf_files(folder)}), wanted


def _files_to_check(path: Path) -> list[Path]:
    if path.is_dir():
        found = [file for folder in _template_folders(path) for file in _tf_files(folder)]
        if not found:
            raise InputError(f'nothing to check: "{path}" holds no .tf file')
        return found
    if not path.exists():
        raise InputError(f'there is no file or folder "{path}"')
    if path.suffix not in {".tf", ".toml"}:
        raise InputError(f'"{path}" is not a folder, a .tf file or a Codex config (.toml)')
    return [path]


def _template_folders(top: Path) -> Iterator[Path]:
    """Yield the folder and all below it, but no hidden one such as .terraform."""
    for folder, subfolders, _ in os.walk(top):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield Path(folder)


def _tf_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.tf") if path.is_file())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f'"{path}" cannot be read: {error.strerror}') from error
