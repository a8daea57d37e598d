"""The list of models in a shape that both Codex and OpenAI's clients take."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from provisioner.gateway.policy.listing import ListedModel
from provisioner.gateway.wire import Answer, json_answer

__all__ = ["list_answer", "model_answer"]


def list_answer(models: Sequence[ListedModel]) -> Answer:
    """Return all `models`.

    Codex wants `models`, whose entries need what only OpenAI knows; an empty list makes it use its
    own (measured on 0.169). Others want `data`.
    """
    data = [_document(model.id, model) for model in models]
    document = {"object": "list", "data": data, "models": []}
    return json_answer(200, document, "application/json")


def model_answer(models: Sequence[ListedModel], wanted: str) -> Answer | None:
    """Return the one that is called `wanted`, None when there is none."""
    for model in models:
        if model.id == wanted or fnmatchcase(wanted, model.id):
            return json_answer(200, _document(wanted, model), "application/json")
    return None


def _document(name: str, model: ListedModel) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 0, "owned_by": model.owner or "gateway"}
