"""Paths → every finding, sorted; the only place of the validator that touches files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from provisioner.errors import InputError
from provisioner.finding import CheckResult, Finding, sorted_findings
from provisioner.knowledge.codex import CodexRelease, codex_release, newest_codex
from provisioner.redact import Secret
from provisioner.validate.auth_file import AuthFile
from provisioner.validate.codex_home import PROFILE_FILE, CodexHome
from provisioner.validate.outcome import CodexCheckResult, outcome
from provisioner.validate.rules import RULES
from provisioner.validate.select import select_rules
from provisioner.validate.suppress import without_suppressed
from provisioner.validate.workspace import Workspace

__all__ = ["check_codex_home", "validate"]


def validate(
    paths: Sequence[Path],
    *,
    codex_version: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> CheckResult:
    """Check template folders, `.tf` files and Codex config files.

    `codex_version` reads the configs, the newest known where it is None; in a template the version
    that the Codex module installs wins.

    Every folder with `.tf` files is one template or module; a single `.tf` file is judged together
    with its neighbours. Raises `InputError` for a path that does not exist or holds nothing to
    check, and for an unknown rule in `select` or `ignore`.
    """
    if not paths:
        raise InputError("nothing to check: no path was given")
    rules = select_rules(RULES, select, ignore)
    codex = _release(codex_version)
    findings: list[Finding] = []
    sources: dict[str, str] = {}
    for workspace, wanted in _workspaces(paths, codex):
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


def check_codex_home(
    home: Path,
    *,
    codex_version: str | None,
    profile: str | None,
    environment: Mapping[str, str],
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> CodexCheckResult:
    """Check what Codex reads in the folder `home`, when it starts with `profile`.

    Raises `InputError` for a folder that does not exist or cannot be read, and for a version that
    is none.
    """
    if not home.is_dir():
        raise InputError(f'there is no folder "{home}"; --codex-home names the one to check')
    rules = select_rules(RULES, select, ignore)
    codex = _release(codex_version)
    try:
        workspace, codex_home = _read_home(home, codex, profile, environment)
    except OSError as error:
        raise InputError(f'"{home}" cannot be read: {error.strerror}') from error
    found = (finding for rule in rules for finding in rule.check(workspace))
    unique = sorted_findings(found)
    # The text of auth.json is nothing for an excerpt.
    sources = {item.path: item.text for item in workspace.sources}
    kept = without_suppressed(unique, sources, RULES)
    return CodexCheckResult(
        findings=tuple(kept),
        files=tuple(sorted([*sources, *([codex_home.auth.path] if codex_home.auth else [])])),
        suppressed=len(unique) - len(kept),
        sources=sources,
        outcome=outcome(workspace, codex_home, RULES),
    )


def _read_home(
    folder: Path, codex: CodexRelease, profile: str | None, environment: Mapping[str, str]
) -> tuple[Workspace, CodexHome]:
    config, auth = folder / "config.toml", folder / "auth.json"
    files = [config] if config.is_file() else []
    files += sorted(path for path in folder.glob("*.config.toml") if path.is_file())
    workspace = Workspace.read({file.as_posix(): _read(file) for file in files}, codex)
    documents = {document.path: document for document in workspace.toml}
    home = CodexHome(
        config_path=config.as_posix(),
        release=codex,
        config=documents.pop(config.as_posix(), None),
        profiles={
            match[1]: document
            for path, document in documents.items()
            if (match := PROFILE_FILE.match(path))
        },
        auth=AuthFile.read(_read(auth), auth.as_posix(), auth.stat().st_mode & 0o777)
        if auth.is_file()
        else None,
        environment={name: Secret(value) for name, value in environment.items()},
        profile=profile,
    )
    return replace(workspace, home=home), home


def _release(version: str | None) -> CodexRelease:
    try:
        return CodexRelease(newest_codex()) if version is None else codex_release(version)
    except ValueError as error:
        raise InputError(f"{error}; give one such as {newest_codex()}") from error


def _workspaces(paths: Sequence[Path], codex: CodexRelease) -> Iterator[tuple[Workspace, set[str]]]:
    """Yield each folder or config once, with the paths of the files that were asked for."""
    folders: dict[Path, set[str]] = {}
    for file in dict.fromkeys(file for path in paths for file in _files_to_check(path)):
        if file.suffix == ".tf":
            folders.setdefault(file.parent, set()).add(file.as_posix())
        else:
            workspace = Workspace.read({file.as_posix(): _read(file)}, codex)
            _refuse_spec(file, workspace)
            yield workspace, {file.as_posix()}
    for folder, wanted in folders.items():
        workspace = _folder(folder, codex)
        yield replace(workspace, local_modules=_local_modules(folder, workspace)), wanted


def _folder(folder: Path, codex: CodexRelease) -> Workspace:
    files = {file.as_posix(): _read(file) for file in _tf_files(folder)}
    return replace(Workspace.read(files, codex), has_more_files=any(folder.glob("*.tf.json")))


def _local_modules(folder: Path, workspace: Workspace) -> dict[str, Workspace | None]:
    """Read the folders that `module` blocks name; one without Terraform files is None."""
    sources = {call.source for call in workspace.module_calls if call.source}
    found = dict[str, Workspace | None]()
    for source in sorted(sources):
        if source.startswith(("./", "../")):
            module = _folder(folder / source, workspace.codex)
            is_empty = not module.hcl and not module.unreadable and not module.has_more_files
            found[source] = None if is_empty else module
    return found


def _refuse_spec(path: Path, workspace: Workspace) -> None:
    """A spec is no Codex config, and "clean" would be no verdict about it."""
    if any("flow" in (document.data or {}) for document in workspace.toml):
        message = f'"{path}" is a spec and not a Codex config; `provisioner plan {path}` checks it'
        raise InputError(message)


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
    for folder, subfolders, _ in os.walk(top, onerror=_refuse_unreadable):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield Path(folder)


def _refuse_unreadable(error: OSError) -> None:
    raise InputError(f'"{error.filename}" cannot be read: {error.strerror}') from error


def _tf_files(folder: Path) -> list[Path]:
    """Return the files Terraform reads: hidden ones are not among them."""
    paths = [path for path in folder.glob("*.tf") if not path.name.startswith(".")]
    return sorted(path for path in paths if not path.is_dir())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f'"{path}" cannot be read: {error.strerror}') from error
