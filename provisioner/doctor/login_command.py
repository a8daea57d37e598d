"""Patient → the command that stores its login in the home that was examined."""

from __future__ import annotations

from provisioner.doctor.patient import Patient
from provisioner.launch.wanted_login import wanted_login

__all__ = ["login_command"]


def login_command(patient: Patient) -> str:
    """Return the command, which takes a key to store from the variable that the plan names."""
    wanted = wanted_login(patient.setup.credential, patient.setup.login_variable)
    return wanted.command(patient.home.launched_by)
