"""An expression that reads a file of the folder → the name of the file."""

from __future__ import annotations

from collections.abc import Container

from provisioner.syntax.hcl_model import Call, Expression, Text, Traversal

__all__ = ["TEMPLATE", "named_file", "named_path"]

TEMPLATE = "templatefile"
_READERS = frozenset({"file", TEMPLATE})
_BASES = frozenset({"module", "root"})


def named_file(expression: Expression | None) -> str | None:
    """Return NAME of `file("${path.module}/NAME")` or `file("NAME")`, and of `templatefile`.

    None for anything else.
    """
    match expression:
        case Call(name=name, arguments=(path, *_)) if name in _READERS:
            return named_path(path)
    return None


def named_path(path: Expression, bases: Container[str] = _BASES) -> str | None:
    """Return NAME of `"${path.module}/NAME"` or `"NAME"`, None for what only Terraform knows."""
    if not isinstance(path, Text):
        return None
    match path.content:
        case (str() as name,) if not name.startswith(("/", "~")):
            return name
        case (Traversal(root="path", steps=(str() as base,)), str() as rest) if base in bases:
            return rest.lstrip("/") if rest.startswith("/") else None
    return None
