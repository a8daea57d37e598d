"""Checks of Codex itself: is it there, and does it read the config?"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from provisioner.doctor.model import Check, failed, ok, skipped, warning
from provisioner.doctor.patient import Patient
from provisioner.knowledge.codex import CodexRelease, newest_codex, oldest_codex
from provisioner.launch.found_codex import FoundCodex
from provisioner.launch.plain_text import plain_text
from provisioner.launch.private_home import PrivateHome
from provisioner.launch.run_codex import run_codex

__all__ = ["codex_found", "config_loads"]

_CODEX_SECONDS = 30.0
_CONFIG = "config.toml"
# Lines in which Codex quotes the file; one may hold a credential.
_QUOTED = re.compile(r"\s*\d*\s*\|")
# What Codex says when its config was read and there is no prompt: nothing was sent by then.
# Measured on 0.122, 0.134 and 0.169, where it opens no connection up to that point.
_LOADED = "No prompt provided via stdin"


def codex_found(patient: Patient) -> Check:
    """Is there a Codex, of a version that was measured?"""
    check, codex = "codex-found", patient.codex
    if codex is None:
        fix = "install Codex (`npm install -g @openai/codex`), or give --codex VERSION"
        return failed(check, patient.codex_problem, fix)
    seen = f"Codex {codex.version} at {codex.path}"
    if codex.version < oldest_codex():
        return failed(
            check, f"{seen}: older than {oldest_codex()}, the oldest measured", "update Codex"
        )
    if codex.version > newest_codex():
        seen += f": newer than {newest_codex()}, the newest measured, and treated as that one"
        return warning(check, seen, f"nothing, or `--codex {newest_codex()}` if something is odd")
    return ok(check, seen)


def config_loads(patient: Patient) -> Check:
    """Does that Codex read the home's config, every setting of it, without a request?"""
    check, codex, config = "config-loads", patient.codex, patient.config
    if config.problem:
        return failed(check, config.problem, config.fix)
    if codex is None:
        return skipped(check, "there is no Codex to read it")
    strict = CodexRelease(codex.version).has("strict_config_flag")
    with tempfile.TemporaryDirectory(prefix="provisioner-", ignore_cleanup_errors=True) as folder:
        home = _copy(Path(folder).resolve() / "home", patient)
        environment = home.environment({})
        if config.path and "HOME" in patient.caller:
            # The user's own config may name files by `~`.
            environment["HOME"] = patient.caller["HOME"]
        for profile, arguments in config.runs:
            said = _complaint(codex, home, arguments, environment, strict=strict)
            if said:
                name = f"with -p {profile}: " if profile else ""
                where = f"{config.path} or the spec" if config.path else "the spec"
                return failed(
                    check,
                    f"Codex {codex.version} refuses the config: {name}{said}",
                    f"change that setting in {where}, or take another Codex with --codex VERSION",
                )
    how = "with --strict-config" if strict else "(this version cannot check for unknown settings)"
    names = ", ".join(profile for profile, _ in config.runs if profile)
    what = f"{config.path}" if config.files[_CONFIG] and config.path else "it"
    seen = f"Codex {codex.version} reads {what} {how}{f', profiles {names}' if names else ''}"
    return warning(check, f"{seen}; {config.note}", config.fix) if config.note else ok(check, seen)


def _copy(folder: Path, patient: Patient) -> PrivateHome:
    """Return a home with what Codex reads before a prompt, and never with a login."""
    home = PrivateHome(folder)
    home.write(patient.config.files)
    for name in patient.config.named:
        there = home.codex_home / name
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(patient.home.folder / name, there)
    return home


def _complaint(
    codex: FoundCodex,
    home: PrivateHome,
    more: Sequence[str],
    environment: Mapping[str, str],
    *,
    strict: bool,
) -> str:
    """Return why Codex does not read the config in `home`; empty when it does."""
    # Measured on 0.134 and 0.169: with -C Codex does not read the config of the project that the
    # doctor is run in, which is no part of the spec.
    arguments = ["exec", "--skip-git-repo-check", "-C", str(home.folder)]
    arguments += ["--strict-config"] if strict else []
    arguments += more
    try:
        run = run_codex(
            codex.path, [*arguments, "-"], environment=environment, deadline=_CODEX_SECONDS
        )
    except OSError as error:
        return f"it cannot be run: {error.strerror or error}"
    if run.exit_code is None:
        return f"it did not end within {_CODEX_SECONDS:.0f} s"
    if _LOADED in run.stderr:
        return ""
    words = run.stderr.replace(str(home.codex_home) + os.sep, "")
    lines = [
        line
        for line in words.splitlines()
        if not line.startswith("WARNING: proceeding") and not _QUOTED.match(line)
    ]
    return plain_text("\n".join(lines))[:500] or f"exit code {run.exit_code}"
