"""How much an expression tells about its value before Terraform runs."""

from __future__ import annotations

from provisioner.finding import Confidence
from provisioner.syntax.hcl_model import Expression, Text, Traversal
from provisioner.validate.declared import Declared

__all__ = ["given", "literal_text"]


def literal_text(expression: Expression | None) -> str | None:
    """Return the string that is written out here, None for anything else."""
    return expression.value if isinstance(expression, Text) else None


def given(expression: Expression | None, declared: Declared) -> Confidence | None:
    """Say how sure it is that a string argument gets a value that is neither empty nor null.

    None means that it gets none, or that only Terraform knows. A variable without a default and an
    attribute of something else are taken to have a value, with medium confidence.
    """
    match expression:
        case Text(parts=(part,)) if len(expression.decoded.text) == 1:
            return given(part, declared)
        case Text():
            decoded = expression.decoded
            return Confidence.HIGH if len(decoded.text) > len(decoded.holes) else None
        case Traversal():
            return _referred(expression, declared)
    return None


def _referred(reference: Traversal, declared: Declared) -> Confidence | None:
    match reference.root, reference.steps:
        case "var", (str() as name,):
            variable = declared.variables.get(name)
            default = variable.value("default") if variable else None
            return Confidence.MEDIUM if default is None or literal_text(default) else None
        case "local", (str() as name,):
            value = declared.locals.get(name)
            # One step only: a local that leads to another one is for Terraform to follow.
            is_local = isinstance(value, Traversal) and value.root == "local"
            return None if is_local else given(value, declared)
    return Confidence.MEDIUM
