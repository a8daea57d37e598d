"""What a template folder asks of the Coder provider's version."""

from __future__ import annotations

from provisioner.knowledge.version import Constraint, Version
from provisioner.validate.workspace import Workspace

__all__ = ["coder_constraints", "excludes"]


def coder_constraints(workspace: Workspace) -> tuple[Constraint, ...]:
    """Return the constraints of `required_providers` on `coder`; all of them must hold."""
    found = []
    for terraform in workspace.blocks("terraform"):
        for block in terraform.blocks:
            asked = block.value("coder") if block.type == "required_providers" else None
            known = workspace.evaluator.value(asked).known
            text = known.get("version") if isinstance(known, dict) else known
            if isinstance(text, str):
                try:
                    found.append(Constraint.parse(text))
                except ValueError:
                    continue
    return tuple(found)


def excludes(constraint: Constraint, since: Version) -> bool:
    """Say whether no release from `since` on can be selected."""
    return any(_ends_before(sign, bound, since) for sign, bound in constraint.clauses)


def _ends_before(sign: str, bound: Version, since: Version) -> bool:
    match sign:
        case "=" | "<=":
            return bound < since
        case "<":
            return bound <= since
        case "~>" if len(bound.parts) > 1:
            *kept, last, _ = bound.parts
            return Version((*kept, last + 1)) <= since
    return False
