"""Which Codex to run: a file, a version from npm, the one on PATH, or one from the cache."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import MissingToolError
from provisioner.knowledge.version import Version
from provisioner.launch.codex_install import install_codex, installed_codex, installed_versions
from provisioner.launch.plain_text import plain_text
from provisioner.launch.run_codex import run_codex

__all__ = ["FoundCodex", "find_codex"]

_SAID = re.compile(r"^codex(?:-cli)? (\S+)", re.MULTILINE)
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class FoundCodex:
    """A Codex that was asked for its version."""

    path: Path
    version: Version
    origin: str
    """Where it comes from, in words."""


def find_codex(version: str = "", path: Path | None = None, preferred: str = "") -> FoundCodex:
    """Return the Codex at `path`, or of `version`, or the one this machine has.

    `preferred` is the version to take from the cache when PATH has none. Raises `MissingToolError`
    when there is none or it does not say its version, and what `install_codex` raises.
    """
    if path is not None:
        return _asked(path, "as given")
    if version:
        return FoundCodex(install_codex(version), Version.parse(version), "installed from npm")
    on_path = shutil.which("codex")
    if on_path is not None:
        return _asked(Path(on_path), "on PATH")
    cached = installed_codex(preferred) if preferred else None
    if cached is not None:
        return FoundCodex(cached, Version.parse(preferred), "from the cache")
    newest = max(installed_versions(), default=None)
    launcher = installed_codex(str(newest)) if newest is not None else None
    if newest is None or launcher is None:
        raise MissingToolError(
            "codex is not on PATH; `--codex VERSION` installs one from npm, `--codex-path FILE` "
            "names one"
        )
    return FoundCodex(launcher, newest, "from the cache")


def _asked(path: Path, origin: str) -> FoundCodex:
    """Ask the program at `path` for its version."""
    # `Path("./codex")` is `codex`, which would be looked up on PATH.
    path = path.absolute()
    # A Codex home that does not exist, or a broken config, must not keep it from answering.
    environment = {name: value for name, value in os.environ.items() if name != "CODEX_HOME"}
    try:
        run = run_codex(path, ["--version"], environment=environment, deadline=_SECONDS)
    except OSError as error:
        raise MissingToolError(f"cannot run {path}: {error.strerror or error}") from error
    if run.exit_code is None:
        raise MissingToolError(f"{path} --version did not end within {_SECONDS:.0f} s")
    said = _SAID.search(run.stdout) if run.exit_code == 0 else None
    version = _version(said[1]) if said else None
    if version is None:
        last = plain_text(run.stdout + run.stderr)[-200:] or f"exit code {run.exit_code}"
        raise MissingToolError(f"{path} is not a Codex that works: {last}")
    return FoundCodex(path, version, origin)


def _version(text: str) -> Version | None:
    try:
        return Version.parse(text)
    except ValueError:
        return None
