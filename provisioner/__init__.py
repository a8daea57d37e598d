"""Coder workspace templates and Codex configuration that work behind an AI gateway.

The five steps as functions: `load_spec` reads a spec, `resolve_plan` decides what it leaves open,
`render_template` makes the files, `validate_paths` judges any template folder, `report_findings`
writes findings as text. They are imported on first use, so that `import provisioner` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "__version__",
    "load_spec",
    "render_template",
    "report_findings",
    "resolve_plan",
    "validate_paths",
]

__version__ = "0.1.0"

# The names differ from those of the rooms: a submodule that is imported takes its name here.
_HOMES = {
    "load_spec": ("provisioner.spec.load", "load"),
    "resolve_plan": ("provisioner.plan.resolve", "resolve"),
    "render_template": ("provisioner.render.template", "render"),
    "validate_paths": ("provisioner.validate.run", "validate"),
    "report_findings": ("provisioner.report", "report"),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute can be anything
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - costs start-up time

    module, function = _HOMES[name]
    return getattr(import_module(module), function)
