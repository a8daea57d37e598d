"""A Codex home → every finding in it, and what Codex will do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from provisioner.errors import InputError
from provisioner.knowledge.codex import CodexRelease
from provisioner.redact import Secret
from provisioner.validate.auth_file import AuthFile
from provisioner.validate.codex_home import PROFILE_FILE, CodexHome
from provisioner.validate.files import Disk
from provisioner.validate.outcome import CodexCheckResult, outcome
from provisioner.validate.rules import RULES
from provisioner.validate.select import select_rules
from provisioner.validate.unit import judged, release
from provisioner.validate.workspace import Workspace

__all__ = ["check_codex_home"]


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
    codex = release(codex_version)
    try:
        workspace, codex_home = _read_home(home, codex, profile, environment)
    except OSError as error:
        raise InputError(f'"{home}" cannot be read: {error.strerror}') from error
    kept, hidden = judged(workspace, rules)
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


def _read_home(
    folder: Path, codex: CodexRelease, profile: str | None, environment: Mapping[str, str]
) -> tuple[Workspace, CodexHome]:
    config, auth = folder / "config.toml", folder / "auth.json"
    # A folder or pipe of that name stops Codex, a link that leads nowhere does not (0.169).
    found = [config, *sorted(folder.glob("*.config.toml"))]
    files = [path for path in found if path.exists()]
    disk = Disk()
    workspace = Workspace.read({file.as_posix(): disk.read(file) for file in files}, codex)
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


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f'"{path}" cannot be read: {error.strerror}') from error
