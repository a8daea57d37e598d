"""Codex of an exact version, from npm, in a cache of our own that other installs cannot disturb."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from provisioner.cache.store import cache_folder
from provisioner.errors import InputError, MissingToolError, OutputError
from provisioner.knowledge.version import Version
from provisioner.private_folder import make_private_folder

__all__ = ["codex_cache", "install_codex", "installed_codex", "installed_versions"]

_LAUNCHER = Path("node_modules", ".bin", "codex")
_INSTALL_SECONDS = 600
_TRY_SECONDS = 60


def codex_cache() -> Path:
    """Folder with one sub-folder a version, in the cache folder of this program.

    Raises `OutputError` where the user has no home.
    """
    folder = cache_folder()
    if not folder:
        raise OutputError("there is no home folder to keep Codex in; set HOME or XDG_CACHE_HOME")
    return Path(folder, "codex")


def installed_versions() -> Iterator[Version]:
    """Yield the versions of Codex that the cache holds."""
    folder = codex_cache() if cache_folder() else None
    for path in folder.iterdir() if folder and folder.is_dir() else ():
        try:
            version = Version.parse(path.name)
        except ValueError:
            continue
        if installed_codex(path.name) is not None:
            yield version


def installed_codex(version: str) -> Path | None:
    """Return the launcher of Codex `version` if the cache holds it."""
    name = _checked(version)
    if not cache_folder():
        return None
    launcher = codex_cache() / name / _LAUNCHER
    return launcher if launcher.exists() else None


def install_codex(version: str) -> Path:
    """Return the launcher of Codex `version`, installed from npm on first use (about 400 MB).

    Raises `MissingToolError` without npm or node, `InputError` for a version npm does not have,
    `OutputError` where it cannot be kept.
    """
    present = installed_codex(version)
    if shutil.which("node") is None:
        raise MissingToolError("Codex from npm needs node, which is not on PATH; install Node.js")
    if present is not None:
        return present
    npm = shutil.which("npm")
    if npm is None:
        raise MissingToolError(
            f"Codex {version} is not installed and npm is not on PATH; install Node.js"
        )
    cache = codex_cache()
    try:
        make_private_folder(cache)
        with _lock(cache / f".{version}.lock"):
            return installed_codex(version) or _install(npm, version, cache)
    except OSError as error:
        raise OutputError(
            f"cannot install Codex into {cache}: {error.strerror or error}"
        ) from error


def _checked(version: str) -> str:
    try:
        Version.parse(version)
    except ValueError as error:
        raise InputError(f"{error}; give one such as 0.169.0") from error
    return version


def _install(npm: str, version: str, cache: Path) -> Path:
    staging = Path(tempfile.mkdtemp(prefix=f".{version}.", dir=cache))
    try:
        done = subprocess.run(  # noqa: S603 - the version was checked
            [
                npm,
                "install",
                "--prefix",
                staging,
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--loglevel=error",
                f"@openai/codex@{version}",
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_SECONDS,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            raise InputError(f"npm cannot install @openai/codex@{version}:\n{done.stderr.strip()}")
        _try(staging / _LAUNCHER, version)
        staging.rename(cache / version)
    except subprocess.TimeoutExpired as error:
        message = f"npm did not install Codex {version} in {_INSTALL_SECONDS} s; try again"
        raise MissingToolError(message) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return cache / version / _LAUNCHER


def _try(launcher: Path, version: str) -> None:
    """Run it once: npm leaves out the program itself without a word when it does not fit the disk.

    Raises `OutputError` when it does not say its version.
    """
    done = subprocess.run(  # noqa: S603 - just installed
        [launcher, "--version"],
        capture_output=True,
        text=True,
        check=False,
        timeout=_TRY_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    if version not in done.stdout:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise OutputError(
            f"npm installed Codex {version} incompletely (it says: {said}); is the disk full?"
        )


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Let one process install a version at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
