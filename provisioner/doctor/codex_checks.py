"""Checks of Codex itself: is it there, and does it read the config?"""

from __future__ import annotations

import os
import tempfile
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
    """Does that Codex read the plan's config, every setting of it, without a request?"""
    check, codex = "config-loads", patient.codex
    if codex is None:
        return skipped(check, "there is no Codex to read it")
    strict = CodexRelease(codex.version).has("strict_config_flag")
    with tempfile.TemporaryDirectory(prefix="provisioner-", ignore_cleanup_errors=True) as folder:
        home = PrivateHome(Path(folder).resolve() / "home")
        home.write(patient.setup.files)
        for profile in ("", *patient.facts.profiles):
            said = _complaint(codex, home, profile, strict=strict)
            if said:
                name = f"with -p {profile}: " if profile else ""
                return failed(
                    check,
                    f"Codex {codex.version} refuses the config: {name}{said}",
                    "change that setting in the spec, or take another Codex with --codex VERSION",
                )
    how = "with --strict-config" if strict else "(this version cannot check for unknown settings)"
    profiles = f", profiles {', '.join(patient.facts.profiles)}" if patient.facts.profiles else ""
    return ok(check, f"Codex {codex.version} reads it {how}{profiles}")


def _complaint(codex: FoundCodex, home: PrivateHome, profile: str, *, strict: bool) -> str:
    """Return why Codex does not read the config in `home`; empty when it does."""
    # Measured on 0.134 and 0.169: with -C Codex does not read the config of the project that the
    # doctor is run in, which is no part of the spec.
    arguments = ["exec", "--skip-git-repo-check", "-C", str(home.folder)]
    arguments += ["--strict-config"] if strict else []
    arguments += ["-p", profile] if profile else []
    environment = home.environment({})
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
    lines = [line for line in words.splitlines() if not line.startswith("WARNING: proceeding")]
    return plain_text("\n".join(lines))[:500] or f"exit code {run.exit_code}"
