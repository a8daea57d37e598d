"""A call of the management API, whoever transports it: what was asked, by whom, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

from provisioner.gateway.actor import Actor
from provisioner.gateway.record.document import timestamp
from provisioner.redact import Secret

if TYPE_CHECKING:
    from provisioner.gateway.key_seal import KeySeal
    from provisioner.gateway.policy.budget_config import BudgetConfig

__all__ = ["ApiAnswer", "ApiCall", "ApiError", "Document", "bad_request", "timestamp"]

Document = dict[str, object] | list[object]
"""What an answer holds, as JSON has it."""


class ApiCall(Struct, frozen=True):
    """What was asked: parts of the path, query, and the body, empty when there is none."""

    viewer: Actor
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)
    providers: tuple[Mapping[str, object], ...] = ()
    """What the gateway serves; none is known where none runs."""
    budgets: tuple[BudgetConfig, ...] = ()
    pepper: Callable[[], Secret] | None = None
    """Goes into hashes of virtual keys; None where the gateway has no such keys."""
    seal: Callable[[], KeySeal] | None = None
    """Seals keys of providers; None where only configured ones are served."""


class ApiAnswer(Struct, frozen=True):
    """Status and document; None is an empty body. A `secret` takes the place of its hint."""

    document: Document | None
    status: int = 200
    secret: Secret | None = None
    revoked: bool = False
    """Whether a token was revoked, which nobody may remember as good any more."""
    providers_changed: bool = False
    """Whether other providers are to be served now."""


class ApiError(Exception):
    """The call cannot be answered; says so as Coder does."""

    def __init__(
        self,
        status: int,
        message: str,
        detail: str = "",
        validations: Mapping[str, str] | None = None,
    ) -> None:
        """Take what is wrong, and of which fields."""
        super().__init__(message)
        self.status = status
        self.document: dict[str, object] = {"message": message}
        if detail:
            self.document["detail"] = detail
        if validations:
            self.document["validations"] = [
                {"field": name, "detail": text} for name, text in validations.items()
            ]


def bad_request(message: str, **validations: str) -> ApiError:
    """Return the error for a query or a body that cannot be used."""
    return ApiError(400, message, validations=validations)
