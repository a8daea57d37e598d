"""What dialects have in common whose paths name the provider, and whose answers tell no more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from provisioner.gateway.actor import Actor
from provisioner.gateway.notes import Notes
from provisioner.gateway.wire import Answer, WireError

__all__ = ["ByPath"]

_NONE: Mapping[str, str] = {}


class ByPath(ABC):
    """The parts of a dialect that only those without providers in their paths have more of."""

    by_model = False
    passed_headers: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def own_answer(self, actor: Actor, path: str) -> Answer:  # noqa: ARG002
        """Answer what no provider is asked for: there is no such path."""
        raise self.route_not_supported("GET", path)

    def answer_headers(self, notes: Notes) -> Mapping[str, str]:  # noqa: ARG002
        """Return nothing."""
        return _NONE

    def broken_off(self, event: bytes, message: str) -> bytes:  # noqa: ARG002
        """Return the `event` of the API alone."""
        return event

    @abstractmethod
    def route_not_supported(self, method: str, path: str) -> WireError:
        """Answer a route that does not exist."""
