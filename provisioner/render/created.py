"""Plan → what codex.tf creates, in words: which blocks, and which of their values are secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.errors import InputError
from provisioner.knowledge.secret_attributes import secret_attributes
from provisioner.plan.model import Plan
from provisioner.render.template import render
from provisioner.syntax.hcl_values import hcl_values

__all__ = ["Created", "created"]

_ATTRIBUTE = re.compile(r"\bdata\.(\w+)\.\w+\.(\w+)")
_SHOWN = ("display_name", "name", "env", "app_id")


@dataclass(frozen=True, slots=True)
class Created:
    """A block of codex.tf."""

    address: str
    """Such as `module.codex` or `data.coder_parameter.codex_model`."""
    what: str
    """What it is for, in a few words; the value of a variable is not among them."""
    is_secret: bool = False


def created(plan: Plan) -> tuple[Created, ...]:
    """Return the blocks by address; raises `InputError` where there is no template to read."""
    try:
        file = hcl_values(render(plan)["codex.tf"].decode())
    except ValueError as error:
        raise InputError(f"codex.tf is no Terraform: {error}") from error
    calls = [
        Created(f"module.{name}", f"{call.get('source', '')} {call.get('version', '')}".strip())
        for name, call in file.get("module", {}).items()
    ]
    blocks = [
        _created(kind, type_name, name, block)
        for kind in ("data", "resource")
        for type_name, named in file.get(kind, {}).items()
        for name, block in named.items()
    ]
    return tuple(sorted([*calls, *blocks], key=lambda item: item.address))


def _created(kind: str, type_name: str, name: str, block: Mapping[str, Any]) -> Created:
    address = f"{'data.' if kind == 'data' else ''}{type_name}.{name}"
    if type_name == "coder_env":
        is_secret = _is_secret(str(block.get("value", "")))
        return Created(address, f"{block.get('name', '')}{', a secret' * is_secret}", is_secret)
    return Created(address, next((str(block[key]) for key in _SHOWN if key in block), ""))


def _is_secret(expression: str) -> bool:
    """Say whether Terraform marks the value: it comes from an attribute that is sensitive."""
    found = _ATTRIBUTE.findall(expression)
    return any(name in secret_attributes("data", type_name) for type_name, name in found)
