"""Who looks on while something takes long: what is said to people, and when to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from provisioner.coder_api.models import LogLine
from provisioner.coder_steps.interrupts import Interrupts

__all__ = ["Watch"]


@dataclass(frozen=True, slots=True)
class Watch:
    """What a long step needs beside the deployment."""

    say: Callable[[str], None]
    """A line about what is done now."""
    log: Callable[[LogLine], None]
    """A line of a job's log."""
    interrupts: Interrupts
