"""An expression that reads a file of the folder → the name of the file."""

from __future__ import annotations

from provisioner.syntax.hcl_model import Call, Expression, Text, Traversal

__all__ = ["named_file"]


def named_file(expression: Expression | None) -> str | None:
    """Return NAME of `file("${path.module}/NAME")` or `file("NAME")`.

    None for anything else: what `templatefile` makes of a file only Terraform knows.
    """
    match expression:
        case Call(name="file", arguments=(Text() as path,)):
            pass
        case _:
            return None
    match path.content:
        case (str() as name,) if not name.startswith(("/", "~")):
            return name
        case (Traversal(root="path", steps=("module" | "root",)), str() as rest):
            return rest.lstrip("/") if rest.startswith("/") else None
    return None
