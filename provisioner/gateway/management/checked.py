"""The body of a call in, a checked model out; each mistake with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from provisioner.gateway.management.call import ApiError

__all__ = ["checked"]

Model = TypeVar("Model", bound=BaseModel)


def checked(
    model: type[Model],
    document: Mapping[str, Any],
    below: str = "",
    *,
    names: Mapping[str, str] | None = None,
) -> Model:
    """Return `document` as `model`; raises `ApiError` with each mistake.

    Places begin with `below`; `names` says what some are called in the body, "" a mistake of all.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found: dict[str, str] = {}
        for detail in error.errors(include_input=False, include_url=False):
            place = _place([*([below] if below else []), *detail["loc"]])
            place = (names or {}).get(place, place)
            message = detail["msg"].removeprefix("Value error, ")
            unknown = detail["type"] == "extra_forbidden"
            found[place] = "unknown key" if unknown else message[:1].lower() + message[1:]
        raise ApiError(400, "Request body has invalid values.", validations=found) from error


def _place(parts: Sequence[str | int]) -> str:
    """Return `parts` as Coder writes a place: `api_keys[0].id`."""
    written = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return written.removeprefix(".")
