"""Paths → every finding, sorted; the only place of the validator that touches files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from provisioner.errors import InputError
from provisioner.finding import CheckResult, Finding, sorted_findings
from provisioner.knowledge.codex import CodexRelease, codex_release, newest_codex
from provisioner.redact import Secret
from provisioner.syntax.source import SyntaxProblem
from provisioner.validate.auth_file import AuthFile
from provisioner.validate.codex_home import PROFILE_FILE, CodexHome
from provisioner.validate.files import (
    is_template_file,
    read_file,
    template_files,
    template_folders,
)
from provisioner.validate.outcome import CodexCheckResult, outcome
from provisioner.validate.rule import Rule
from provisioner.validate.rules import RULES
from provisioner.validate.select import select_rules
from provisioner.validate.suppress import suppress
from provisioner.validate.workspace import Workspace

__all__ = ["check_codex_home", "parses", "validate"]


def validate(
    paths: Sequence[Path],
    *,
    codex_version: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    overlay: Mapping[str, bytes] = MappingProxyType({}),
) -> CheckResult:
    """Check template folders, `.tf` files and Codex config files.

    `overlay` has contents by path that are judged in place of those on the disk.

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
    kept, hidden = list[Finding](), list[Finding]()
    sources: dict[str, str] = {}
    for workspace, wanted in _workspaces(paths, codex, overlay):
        sources |= {item.path: item.text for item in workspace.sources if item.path in wanted}
        here, left_out = _judged(workspace, rules)
        kept += [finding for finding in here if finding.path in wanted]
        hidden += [finding for finding in left_out if finding.path in wanted]
    return CheckResult(
        findings=sorted_findings(kept),
        files=tuple(sorted(sources)),
        suppressed=len(hidden),
        sources=sources,
        hidden=sorted_findings(hidden),
    )


def parses(path: str, data: bytes) -> bool:
    """Say whether `data`, as the file at `path`, can be read by Terraform or Codex."""
    workspace = Workspace.read({path: data}, CodexRelease(newest_codex()))
    first = [rule for rule in RULES if not rule.can_be_ignored]
    return not any(True for rule in first for _ in rule.check(workspace))


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
    kept, hidden = _judged(workspace, rules)
    # The text of auth.json is nothing for an excerpt.
    sources = {item.path: item.text for item in workspace.sources}
    return CodexCheckResult(
        findings=kept,
        files=tuple(sorted([*sources, *([codex_home.auth.path] if codex_home.auth else [])])),
        suppressed=len(hidden),
        sources=sources,
        hidden=hidden,
        outcome=outcome(workspace, codex_home, RULES),
    )


_Findings = tuple[Finding, ...]


def _judged(workspace: Workspace, rules: Sequence[Rule]) -> tuple[_Findings, _Findings]:
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


def _workspaces(
    paths: Sequence[Path], codex: CodexRelease, overlay: Mapping[str, bytes]
) -> Iterator[tuple[Workspace, set[str]]]:
    """Yield each folder or config once, with the paths of the files that were asked for."""

    def content(file: Path) -> bytes | SyntaxProblem:
        there = overlay.get(file.as_posix())
        return read_file(file) if there is None else there

    folders: dict[Path, set[str]] = {}
    for file in dict.fromkeys(file for path in paths for file in _files_to_check(path)):
        if is_template_file(file.name):
            folders.setdefault(file.parent, set()).add(file.as_posix())
        else:
            workspace = Workspace.read({file.as_posix(): content(file)}, codex)
            _refuse_spec(file, workspace)
            yield workspace, {file.as_posix()}
    for folder, wanted in folders.items():
        workspace = _folder(folder, codex, content, wanted)
        modules = _local_modules(folder, workspace, content)
        yield replace(workspace, local_modules=modules), wanted


_Content = Callable[[Path], bytes | SyntaxProblem]


def _folder(
    folder: Path, codex: CodexRelease, content: _Content, wanted: Iterable[str] = ()
) -> Workspace:
    names = {*template_files(folder), *(Path(path) for path in wanted)}
    files = {file.as_posix(): content(file) for file in sorted(names)}
    more = any(path.endswith(".tf.json") for path in files)
    return replace(Workspace.read(files, codex), has_more_files=more)


def _local_modules(
    folder: Path, workspace: Workspace, content: _Content
) -> dict[str, Workspace | None]:
    """Read the folders that `module` blocks name; one without Terraform files is None."""
    sources = {call.source for call in workspace.module_calls if call.source}
    found = dict[str, Workspace | None]()
    for source in sorted(sources):
        if source.startswith(("./", "../")):
            place = folder / source
            if not place.is_dir():
                found[source] = None
                continue
            module = _folder(place, workspace.codex, content)
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
        found = [file for folder in template_folders(path) for file in template_files(folder)]
        if not found:
            raise InputError(f'nothing to check: "{path}" holds no .tf file')
        return found
    if not (path.exists() or path.is_symlink()):
        raise InputError(f'there is no file or folder "{path}"')
    if not (is_template_file(path.name) or path.suffix == ".toml"):
        raise InputError(f'"{path}" is not a folder, a .tf file or a Codex config (.toml)')
    return [path]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f'"{path}" cannot be read: {error.strerror}') from error
