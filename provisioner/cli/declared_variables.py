"""A template folder → the variables that it declares, and which of them are sensitive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from provisioner.errors import InputError

__all__ = ["declared_variables"]

_TRUE = (True, "true")


def declared_variables(folder: Path) -> dict[str, bool] | None:
    """Return whether each variable is sensitive, by name; None where a file cannot be parsed.

    Looked at are the files at the root of the folder, as Terraform does. Raises `InputError` for
    one that cannot be read.
    """
    found = dict[str, bool]()
    for path in sorted([*folder.glob("*.tf"), *folder.glob("*.tf.json")]):
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        read = _in_json if path.suffix == ".json" else _in_hcl
        try:
            pairs = list(read(data, path.name))
        except ValueError:
            return None
        for name, is_sensitive in pairs:
            found[name] = found.get(name, False) or is_sensitive
    return found


def _in_hcl(data: bytes, name: str) -> Iterator[tuple[str, bool]]:
    from provisioner.syntax.hcl_document import HclDocument
    from provisioner.syntax.hcl_model import Literal, Text
    from provisioner.syntax.source import decode_source

    source, problem = decode_source(data, name)
    document = HclDocument.read(source)
    if problem or document.problems or not document.complete:
        raise ValueError(name)
    for block in document.blocks:
        if block.type == "variable" and len(block.names) == 1:
            value = block.value("sensitive")
            is_plain = isinstance(value, Literal | Text) and str(value.value).lower() == "false"
            yield block.names[0], value is not None and not is_plain


def _in_json(data: bytes, _: str) -> Iterator[tuple[str, bool]]:
    for root in _many(json.loads(data)):
        for group in _many(root.get("variable")):
            for variable, bodies in group.items():
                yield variable, any(body.get("sensitive") in _TRUE for body in _many(bodies))


def _many(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    """Terraform takes an object, or a list of them, wherever blocks can stand."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]
