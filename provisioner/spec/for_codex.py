"""A spec and the Codex that is at hand → the spec for that Codex, if the two fit."""

from __future__ import annotations

from provisioner.errors import InputError
from provisioner.knowledge.version import Version
from provisioner.spec.combinations import refusals_of_codex
from provisioner.spec.models import Spec

__all__ = ["for_codex"]


def for_codex(spec: Spec, codex: Version) -> Spec:
    """Return `spec` with `codex` as its target.

    Raises `InputError` when that Codex is older than what was measured, or refuses a value of the
    spec. What the target means for a template is not asked: nothing is rendered.
    """
    target = spec.target.model_copy(update={"codex": str(codex)})
    wanted = spec.model_copy(update={"target": target})
    if reasons := tuple(refusals_of_codex(wanted)):
        raise InputError("\n       ".join(reasons))
    return wanted
