"""Paths → every finding, sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from provisioner.errors import InputError
from provisioner.finding import CheckResult, Finding, sorted_findings
from provisioner.validate.files import Disk, is_template_file
from provisioner.validate.kept import recall_judgement, remember_judgement
from provisioner.validate.request import Judgement, Request, Unit

__all__ = ["validate", "validate_units"]

_Progress = Callable[[int, int], None]
_Excluded = Callable[[Path], bool]


def validate(
    paths: Sequence[Path],
    *,
    codex_version: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    overlay: Mapping[str, bytes] = MappingProxyType({}),
) -> CheckResult:
    """Check template folders, `.tf` files, Codex config files and configurations of Auto AI Router.

    `overlay` has contents by path that are judged in place of those on the disk.

    `codex_version` reads the configs, the newest known where it is None; in a template the version
    that the Codex module installs wins.

    Every folder with `.tf` files is one template or module; a single `.tf` file is judged together
    with its neighbours. Raises `InputError` for a path that does not exist or holds nothing to
    check, and for an unknown rule in `select` or `ignore`.
    """
    return validate_units(
        paths, Request(codex_version, tuple(select), tuple(ignore)), Disk(overlay)
    )


def validate_units(
    paths: Sequence[Path],
    request: Request,
    disk: Disk,
    *,
    is_cached: bool = False,
    jobs: int = 1,
    progress: _Progress = lambda _done, _all: None,
    is_excluded: _Excluded = lambda _: False,
) -> CheckResult:
    """Check the same, with what the command adds to it.

    Folders whose files have not changed since another run are not judged again when `is_cached`;
    the others are, by up to `jobs` processes. `progress` gets the number of those that are done,
    and of all. Files and folders that are excluded are left out, named or not. What was looked at
    is `seen` by the disk afterwards.
    """
    if not paths:
        raise InputError("nothing to check: no path was given")
    units = _units(paths, disk, is_excluded)
    found = _judgements(units, request, disk, is_cached=is_cached, jobs=jobs, progress=progress)
    kept, hidden = list[Finding](), list[Finding]()
    sources: dict[str, str] = {}
    for judgement in found:
        kept += judgement.kept
        hidden += judgement.hidden
        sources |= judgement.sources
    return CheckResult(
        findings=sorted_findings(kept),
        files=tuple(sorted(sources)),
        suppressed=len(hidden),
        sources=sources,
        hidden=sorted_findings(hidden),
    )


def _judgements(
    units: Sequence[Unit],
    request: Request,
    disk: Disk,
    *,
    is_cached: bool,
    jobs: int,
    progress: _Progress,
) -> Iterator[Judgement]:
    waiting = list[Unit]()
    for unit in units:
        known = recall_judgement(unit, request, disk) if is_cached else None
        if known is None:
            waiting.append(unit)
        else:
            yield known
    done = len(units) - len(waiting)
    progress(done, len(units))
    if not waiting:
        return
    from provisioner.validate.pool import judge_all  # noqa: PLC0415 - only what is new needs rules

    for unit, judgement, seen in judge_all(waiting, request, disk, jobs):
        if is_cached:
            remember_judgement(unit, request, judgement, seen)
        disk.seen |= seen
        done += 1
        progress(done, len(units))
        yield judgement


def _units(paths: Sequence[Path], disk: Disk, is_excluded: _Excluded) -> list[Unit]:
    """Return each folder or config once, with the paths of the files that were asked for."""
    folders: dict[Path, dict[str, None]] = {}
    configs = list[Unit]()
    found = (file for path in paths for file in _files_to_check(path, disk, is_excluded))
    for file in dict.fromkeys(file for file in found if not is_excluded(file)):
        name = file.as_posix()
        if is_template_file(file.name):
            folders.setdefault(file.parent, {})[name] = None
        else:
            configs.append(Unit(name, is_folder=False, wanted=(name,)))
    units = (Unit(path.as_posix(), True, tuple(wanted)) for path, wanted in folders.items())
    return [*configs, *units]


def _files_to_check(path: Path, disk: Disk, is_excluded: _Excluded) -> list[Path]:
    if path.is_dir():
        folders = list(disk.folders(path, is_excluded))
        found = [file for folder in folders for file in disk.template_files(folder)]
        if not found:
            raise InputError(f'nothing to check: "{path}" holds no .tf file')
        return found
    if not (path.exists() or path.is_symlink()):
        raise InputError(f'there is no file or folder "{path}"')
    if not (is_template_file(path.name) or path.suffix in (".toml", ".yaml", ".yml")):
        raise InputError(
            f'"{path}" is not a folder, a .tf file, a Codex config (.toml) '
            "or a configuration of Auto AI Router (.yaml)"
        )
    return [path]
