"""What the configuration says that a service refuses, taken out of a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from provisioner.gateway.translate.dropped import Dropped

__all__ = ["leave_out"]


def leave_out(body: dict[str, Any], paths: Iterable[str], dropped: Dropped) -> None:
    """Take what stands at `paths`, such as `generationConfig.thinkingConfig`, out of `body`."""
    for path in paths:
        place: object = body
        *outer, last = path.split(".")
        for name in outer:
            place = place.get(name) if isinstance(place, dict) else None
        if isinstance(place, dict) and place.pop(last, None) is not None:
            dropped.add(f"leave_out.{path}".lower())
