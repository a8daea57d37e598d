"""Upstreams that answer what they were told to: from a script, or from a recording."""

from __future__ import annotations

from pathlib import Path

from provisioner.gateway.upstreams.protocol import Upstream
from provisioner.gateway.upstreams.recording import read_recording
from provisioner.gateway.upstreams.replay import ReplayUpstream
from provisioner.gateway.upstreams.script import BUILT_IN, read_script
from provisioner.gateway.upstreams.scripted import ScriptedUpstream

__all__ = ["told_upstream"]


def told_upstream(script: Path | None, recording: Path | None) -> Upstream:
    """Return one that repeats `recording`, else plays `script`, else what is built in.

    Raises `InputError` for a file that is none.
    """
    if recording is not None:
        return ReplayUpstream(read_recording(recording))
    return ScriptedUpstream(BUILT_IN if script is None else read_script(script))
