"""An answer that is no success → what is wrong and what to do, as an exception."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from provisioner.errors import CoderError

__all__ = ["ApiError", "Problem", "UnknownOutcomeError", "UnreachableError", "read_problem"]

_SHOWN = 600
_HINTS = {
    401: "the session token is not valid, or not any more: run `coder login`, or set "
    "CODER_SESSION_TOKEN to a new token, and run the same command again",
    403: "the user of the session token may not do this",
    404: "it is not there, or the user of the session token may not see it",
    409: "it is taken, or something else is under way there; look at it and try again",
    413: "the upload is too large for the deployment, or for a proxy before it",
}
_FORBIDDEN = 403
_OF_TEMPLATES = re.compile(r"/(?:templates|templateversions|files)(?:/|$)")


@dataclass(frozen=True, slots=True)
class Problem:
    """Coder's own words about a refusal."""

    message: str = ""
    detail: str = ""
    validations: tuple[tuple[str, str], ...] = field(default=())
    """Fields of the request and what is wrong with each."""

    @property
    def words(self) -> str:
        """All of it on one line, without anything that a terminal obeys."""
        parts = [self.message, self.detail, *(f"{name}: {why}" for name, why in self.validations)]
        return _plain("; ".join(part.strip() for part in parts if part.strip()))


class UnreachableError(CoderError):
    """No answer came, and nothing was done."""


class UnknownOutcomeError(CoderError):
    """No answer came to a request that may have been carried out."""


class ApiError(CoderError):
    """The deployment answered, and not with what was asked for."""

    def __init__(self, what: str, status: int, problem: Problem) -> None:
        """Say that `what`, such as `GET /api/v2/users/me`, got `status`."""
        self.status = status
        self.problem = problem
        words = problem.words or "nothing that Coder says"
        hint = f"; {_HINTS[status]}" if status in _HINTS else ""
        if status == _FORBIDDEN and _OF_TEMPLATES.search(what):
            hint += "; templates take the role Template Admin"
        super().__init__(f"{what} answered {status}: {words}{hint}")


def read_problem(body: bytes) -> Problem:
    """Read the body of a refusal: Coder's JSON, or the start of what somebody else wrote."""
    try:
        data = json.loads(body)
    except ValueError:
        return Problem(_plain(body[: 4 * _SHOWN].decode("utf-8", "replace")))
    if not isinstance(data, dict):
        return Problem(_plain(str(data)))
    given = data.get("validations")
    pairs = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
    return Problem(
        str(data.get("message") or ""),
        str(data.get("detail") or ""),
        tuple((str(item.get("field", "")), str(item.get("detail", ""))) for item in pairs),
    )


def _plain(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
