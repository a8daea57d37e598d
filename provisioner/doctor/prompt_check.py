"""The last check, made only when asked for: one real prompt through Codex and the gateway."""

from __future__ import annotations

import tempfile

from provisioner.doctor.model import Check, failed, ok
from provisioner.doctor.patient import Patient
from provisioner.errors import ProvisionerError
from provisioner.launch.found_codex import FoundCodex
from provisioner.launch.plain_text import plain_text
from provisioner.launch.prepare import launch_command
from provisioner.launch.run_codex import run_codex

__all__ = ["prompt_answered"]

_CHECK = "prompt"
_SECONDS = 120.0
_SHOWN = 200


def prompt_answered(patient: Patient, codex: FoundCodex, prompt: str) -> Check:
    """Run `codex exec` with `prompt`, in an empty folder that it cannot write to."""
    with tempfile.TemporaryDirectory(prefix="provisioner-", ignore_cleanup_errors=True) as folder:
        options = ("exec", "--skip-git-repo-check", "-s", "read-only", "-C", folder)
        try:
            launch = launch_command(
                patient.setup,
                codex,
                patient.home,
                (*options, "--", prompt),
                caller=patient.caller,
            )
            run = run_codex(
                codex.path,
                launch.command[1:],
                environment=launch.environment.variables,
                deadline=_SECONDS,
            )
        except ProvisionerError as error:
            return failed(_CHECK, f"Codex was not started: {error}", "do what it says")
        except OSError as error:
            return failed(_CHECK, f"{codex.path}: {error.strerror or error}", "install Codex anew")
    answer = plain_text(run.stdout, patient.secrets)[:_SHOWN]
    if run.exit_code == 0 and answer:
        return ok(_CHECK, f"answered after {run.seconds:.1f} s: {answer}")
    how = (
        f"exit code {run.exit_code}"
        if run.exit_code is not None
        else f"nothing in {_SECONDS:.0f} s"
    )
    lines = [line for line in run.stderr.splitlines() if line.startswith(("ERROR", "Error"))]
    said = plain_text("\n".join(lines[-1:]) or run.stderr[-_SHOWN:], patient.secrets)
    return failed(_CHECK, f"{how}: {said}", "the checks above say what is wrong, if one failed")
