"""Checks of the model: does that Codex know it, and does the gateway offer it?"""

from __future__ import annotations

import json

from provisioner.doctor.model import Check, ok, skipped, warning
from provisioner.doctor.patient import Patient
from provisioner.doctor.probe import Answer, Silence
from provisioner.knowledge.codex import newest_codex
from provisioner.knowledge.models import known_models
from provisioner.knowledge.version import Version

__all__ = ["model_known", "model_offered"]

_KNOWN = "model-known"
_OFFERED = "model-offered"
_SHOWN = 8


def model_known(patient: Patient) -> Check:
    """Is every model of the config in that Codex's own catalogue?"""
    models = patient.facts.models
    version = patient.codex.version if patient.codex else Version.parse(patient.plan.codex_version)
    if not models:
        return skipped(_KNOWN, "the config names no model: Codex takes its own default")
    known = known_models(min(version, newest_codex()))
    unknown = [model for model in models if model not in known]
    if not unknown:
        return ok(_KNOWN, f"Codex {version} knows {', '.join(models)}")
    shown = ", ".join(slug for slug, model in known.items() if not model.hidden)
    return warning(
        _KNOWN,
        f"Codex {version} does not know {', '.join(unknown)} and takes fallback metadata for it",
        "set model_context_window, and web_search if the backend lacks it; or take one of " + shown,
    )


def model_offered(patient: Patient, answer: Answer | Silence) -> Check:
    """Is every model of the config in the gateway's list, where it has one?"""
    if isinstance(answer, Silence) or not 200 <= answer.status < 300:
        return skipped(_OFFERED, "the gateway did not give its list of models")
    offered = _listed(answer.body)
    if not offered:
        return skipped(_OFFERED, "the gateway lists no models")
    if not patient.facts.models:
        return ok(_OFFERED, f"the gateway lists {_some(offered)}; the config names no model")
    missing = [model for model in patient.facts.models if model not in offered]
    if not missing:
        return ok(_OFFERED, f"the gateway lists {', '.join(patient.facts.models)}")
    return warning(
        _OFFERED,
        f"the gateway does not list {', '.join(missing)}; it lists {_some(offered)}",
        "take a model it lists, unless it is an alias that the gateway does not show",
    )


def _listed(body: str) -> list[str]:
    """Return model names in Codex's form (`models`, `slug`) or OpenAI's (`data`, `id`)."""
    try:
        document = json.loads(body)
    except ValueError:
        return []
    if not isinstance(document, dict):
        return []
    names = [
        item.get(key)
        for field, key in (("models", "slug"), ("data", "id"))
        for item in document.get(field) or ()
        if isinstance(item, dict)
    ]
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
