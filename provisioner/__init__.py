"""Coder workspace templates and Codex configuration that work behind an AI gateway.

The five steps as functions: `load` a spec, `resolve` it to a plan, `render` the plan to files,
`validate` any template folder, `report` findings as text. They are imported on first use, so that
`import provisioner` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["__version__", "load", "render", "report", "resolve", "validate"]

__version__ = "0.1.0"

_HOMES = {
    "load": "provisioner.spec.load",
    "resolve": "provisioner.plan.resolve",
    "render": "provisioner.render.template",
    "validate": "provisioner.validate.run",
    "report": "provisioner.report",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute can be anything
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
