"""Every rule, in the order of their codes: each module of this package declares one.

Codes by topic: 0xx reading files, 1xx credentials, 2xx flow and gateway wiring, 3xx Coder
template, 4xx versions and pinning, 5xx Codex config, 7xx Auto AI Router; 9xx is left to users.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from provisioner.validate.rule import Rule

__all__ = ["RULES"]


def _declared() -> Iterator[Rule]:
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        values = vars(import_module(module.name)).values()
        yield from (value for value in values if isinstance(value, Rule))


RULES: tuple[Rule, ...] = tuple(sorted(_declared(), key=lambda rule: rule.code))
