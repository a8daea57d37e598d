"""Models of other makers than OpenAI, by how they want their reasoning to be asked for."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from msgspec import Struct, convert

from provisioner.knowledge.data import toml_data

__all__ = ["UpstreamModel", "upstream_model"]

_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


class UpstreamModel(Struct, frozen=True, forbid_unknown_fields=True):
    """Models whose name holds `pattern`.

    `least_budget` is the smallest number of tokens that may be asked for, 0 for none at all;
    `signs_calls` says that a call whose signature is missing is refused.
    """

    pattern: str
    thinking: Literal["none", "budget", "effort", "always"]
    source: str
    efforts: tuple[str, ...] = ()
    max_output_tokens: int = 0
    least_budget: int = 0
    signs_calls: bool = False

    def effort(self, wanted: str) -> str:
        """Return the model's own effort for the one that Codex knows: the next lower, or its least.

        A word that nobody knows counts as `medium`.
        """
        rank = _EFFORTS.index(wanted if wanted in _EFFORTS else "medium")
        within = [effort for effort in self.efforts if _EFFORTS.index(effort) <= rank]
        return within[-1] if within else self.efforts[0]


@cache
def upstream_model(api: Literal["anthropic", "gemini"], name: str) -> UpstreamModel:
    """Return what is known of the model `name` behind `api`."""
    return next(model for model in _models(api) if re.search(model.pattern, name))


@cache
def _models(api: str) -> tuple[UpstreamModel, ...]:
    return convert(toml_data("upstream_models.toml")[api], tuple[UpstreamModel, ...])
