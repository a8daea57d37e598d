"""One folder or Codex config → what the rules find in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from provisioner.errors import InputError
from provisioner.finding import Finding, sorted_findings
from provisioner.knowledge.codex import CodexRelease, codex_release, newest_codex
from provisioner.syntax.source import SourceText, decode_source
from provisioner.validate.files import Disk
from provisioner.validate.named_files import files_named_in
from provisioner.validate.nearest import with_new_patience
from provisioner.validate.request import Judgement, Request, Unit
from provisioner.validate.rule import Rule
from provisioner.validate.rules import RULES
from provisioner.validate.select import select_rules
from provisioner.validate.suppress import suppress
from provisioner.validate.workspace import Workspace

__all__ = ["judge", "judged", "parses", "release"]


def judge(unit: Unit, request: Request, disk: Disk) -> Judgement:
    """Read a unit and let the rules judge it.

    Raises `InputError` for an unknown rule in the request, a version that is none, and a file that
    is neither a Codex config nor one of the router.
    """
    rules = _rules(request.select, request.ignore)
    with_new_patience()
    workspace = _read(unit, release(request.codex_version), disk)
    here, left_out = judged(workspace, rules)
    read = tuple(workspace.read_files.values())
    wanted = {*unit.wanted, *(source.path for source in read)}
    return Judgement(
        kept=tuple(finding for finding in here if finding.path in wanted),
        hidden=tuple(finding for finding in left_out if finding.path in wanted),
        sources={
            item.path: item.text for item in (*workspace.sources, *read) if item.path in wanted
        },
    )


def judged(
    workspace: Workspace, rules: Sequence[Rule]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return what the rules find, and what comments leave out, both sorted.

    Rules about the comments themselves run when all others have.
    """
    first = [rule for rule in rules if not rule.comes_last]
    found = sorted_findings(finding for rule in first for finding in rule.check(workspace))
    done = suppress(found, workspace, RULES, first)
    workspace = replace(workspace, suppressions=done.suppressions)
    last = [rule for rule in rules if rule.comes_last]
    about = sorted_findings(finding for rule in last for finding in rule.check(workspace))
    rest = suppress(about, workspace, RULES, last)
    return sorted_findings((*done.kept, *rest.kept)), sorted_findings((*done.hidden, *rest.hidden))


def parses(path: str, data: bytes) -> bool:
    """Say whether `data`, as the file at `path`, can be read by Terraform or Codex."""
    workspace = Workspace.read({path: data}, CodexRelease(newest_codex()))
    first = [rule for rule in RULES if not rule.can_be_ignored]
    return not any(True for rule in first for _ in rule.check(workspace))


@cache
def release(version: str | None) -> CodexRelease:
    """Return what is known of a version, of the newest for None; raise `InputError` for none."""
    try:
        return CodexRelease(newest_codex()) if version is None else codex_release(version)
    except ValueError as error:
        raise InputError(f"{error}; give one such as {newest_codex()}") from error


@cache
def _rules(select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[Rule, ...]:
    return select_rules(RULES, select, ignore)


def _read(unit: Unit, codex: CodexRelease, disk: Disk) -> Workspace:
    if not unit.is_folder:
        workspace = Workspace.read({unit.path: disk.read(Path(unit.path))}, codex)
        _refuse_others(unit.path, workspace)
        return workspace
    folder = Path(unit.path)
    workspace = _folder(folder, codex, disk, unit.wanted)
    workspace = replace(workspace, local_modules=_local_modules(folder, workspace, disk))
    return replace(
        workspace,
        read_files=_read_files(folder, workspace, disk),
        named_texts=_named_texts(folder, workspace, disk),
    )


def _folder(folder: Path, codex: CodexRelease, disk: Disk, wanted: Iterable[str] = ()) -> Workspace:
    names = {*disk.template_files(folder), *(Path(path) for path in wanted)}
    files = {file.as_posix(): disk.read(file) for file in sorted(names)}
    more = any(path.endswith(".tf.json") for path in files)
    return replace(Workspace.read(files, codex), has_more_files=more)


def _local_modules(folder: Path, workspace: Workspace, disk: Disk) -> dict[str, Workspace | None]:
    """Read the folders that `module` blocks name; one without Terraform files is None."""
    sources = {call.source for call in workspace.module_calls if call.source}
    found = dict[str, Workspace | None]()
    for source in sorted(sources):
        if source.startswith(("./", "../")):
            place = folder / source
            if not disk.is_folder(place):
                found[source] = None
                continue
            module = _folder(place, workspace.codex, disk)
            is_empty = not module.hcl and not module.unreadable and not module.has_more_files
            found[source] = None if is_empty else module
    return found


def _read_files(folder: Path, workspace: Workspace, disk: Disk) -> dict[str, SourceText]:
    """Read the files whose text the Codex module is given; one that is no text is left out."""
    found = dict[str, SourceText]()
    for name in sorted({name for call in workspace.codex_modules for name in call.named_files}):
        path = folder / name
        data = disk.read(path)
        if isinstance(data, bytes):
            source, problem = decode_source(data, path.as_posix())
            if problem is None:
                found[name] = source
    return found


def _named_texts(folder: Path, workspace: Workspace, disk: Disk) -> dict[str, SourceText | None]:
    """Read the files that functions are given; one that is no text is left out."""
    found = dict[str, SourceText | None]()
    if not any("file" in document.source.text for document in workspace.hcl):
        return found
    for name in sorted(files_named_in(workspace.top_blocks)):
        path = folder / name
        if not disk.exists(path):
            found[name] = None
            continue
        data = disk.read(path)
        if isinstance(data, bytes):
            source, problem = decode_source(data, path.as_posix())
            if problem is None:
                found[name] = source
    return found


def _refuse_others(path: str, workspace: Workspace) -> None:
    """A spec is no Codex config, YAML may be anything, and "clean" would be no verdict about it."""
    if any("flow" in (document.data or {}) for document in workspace.toml):
        message = f'"{path}" is a spec and not a Codex config; `provisioner plan {path}` checks it'
        raise InputError(message)
    if any(file.is_something_else for file in workspace.router):
        raise InputError(
            f'"{path}" is no configuration of Auto AI Router: it has none of '
            "server, credentials, models and fail2ban"
        )
