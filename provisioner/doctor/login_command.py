"""Patient → the command that stores its login in the home that was examined."""

from __future__ import annotations

from provisioner.doctor.patient import Patient
from provisioner.launch.stored_login import LoginKind
from provisioner.launch.wanted_login import wanted_login

__all__ = ["login_command"]


def login_command(patient: Patient) -> str:
    """Return the command; a key of the gateway is in no variable that we know, so in a FILE."""
    wanted = wanted_login(patient.setup.credential)
    if wanted.kind is LoginKind.API_KEY and not patient.plan.flow.personal_env:
        return f"{patient.home.launched_by} -- login {wanted.arguments} < FILE"
    return wanted.command(patient.home.launched_by)
