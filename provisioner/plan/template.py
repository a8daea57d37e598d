"""Spec → the template to render and what it has around Codex."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from provisioner.flows.base import Flow
from provisioner.plan.ledger import Ledger, origin
from provisioner.plan.model import Preset, TemplatePlan
from provisioner.plan.settings import PARAMETERS, parameter_name
from provisioner.spec.models import Spec

__all__ = ["template_plan"]

_ACRONYMS = {"aws": "AWS", "gcp": "GCP"}


def template_plan(spec: Spec, flow: Flow, ledger: Ledger) -> TemplatePlan:
    """Decide the template and the words Coder shows for it."""
    given = spec.template
    name = PurePath(given.folder).name if given.folder else given.name
    where = "folder" if given.folder else "name"
    value = given.folder or name
    ledger.note(f"template.{where}", value, origin(given, where), "template source to render")
    title = " ".join(_ACRONYMS.get(word, word.capitalize()) for word in name.split("-"))
    return TemplatePlan(
        name=name,
        folder=given.folder or "",
        display_name=given.display_name or f"{title} with Codex ({flow.title})",
        description=given.description
        or f"{title} workspaces with the Codex CLI behind your AI gateway ({flow.title})",
        agents=given.agents,
        has_launcher=given.launcher,
        has_ai_task=given.ai_task,
        requires_secret=given.require_secret,
        presets=tuple(_presets(spec)),
    )


def _presets(spec: Spec) -> Iterator[Preset]:
    for name in sorted(spec.presets):
        given = spec.presets[name]
        chosen = {
            parameter_name(key): value
            for key in PARAMETERS
            if (value := getattr(given, key)) is not None
        }
        yield Preset(name, given.description or "", given.default, {**chosen, **given.parameters})
