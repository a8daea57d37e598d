"""A call → the answer of the deployment, with patience for what passes."""

from __future__ import annotations

import datetime as dt
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from provisioner import __version__
from provisioner.coder_api.backoff import NOT_DONE, RETRIED, waiting_time
from provisioner.coder_api.login import Login
from provisioner.coder_api.models import read_as
from provisioner.coder_api.problem import (
    ApiError,
    Problem,
    UnknownOutcomeError,
    UnreachableError,
    read_problem,
)
from provisioner.errors import CoderError, InputError
from provisioner.redact import Secret, hidden

__all__ = ["Call", "Transport", "path_of"]

_Model = TypeVar("_Model")
_TOKEN_HEADER = "Coder-Session-Token"  # noqa: S105 - a name
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_TRUST = (
    "its certificate is not trusted: give the company's own with --ca-file, or in SSL_CERT_FILE"
)


def path_of(*parts: str) -> str:
    """Return the path of `parts`, in which a name is nothing but a name.

    Raises `InputError` for what would be another path all the same.
    """
    for part in parts:
        if part in {"", ".", ".."}:
            raise InputError(f'"{part}" is no name')
    return "".join(f"/{quote(part, safe='')}" for part in parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A request below `/api/v2`."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    content: bytes | None = None
    content_type: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    can_repeat: bool = True
    """Whether a second one does no more than the first."""
    is_anonymous: bool = False
    """Whether it goes without the session token."""


class Transport:
    """Sends calls to one deployment as one user."""

    def __init__(
        self,
        http: httpx.Client,
        login: Login,
        *,
        secrets: tuple[Secret, ...] = (),
        pause: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Send through `http`; `pause` waits for seconds, and no message shows `secrets`.

        `say` hears of each attempt that is made again.
        """
        self.login = login
        self.http = http
        self.pause, self.say = pause, say
        self._secrets = (login.token, *secrets)

    def ask(self, model: type[_Model], call: Call) -> _Model:
        """Send `call` and read the answer as `model`; raises `CoderError`."""
        return self.read(model, call, self.json(call))

    def read(self, model: type[_Model], call: Call, data: object) -> _Model:
        """Read the parsed answer to `call` as `model`; raises `CoderError`."""
        try:
            return read_as(model, data)
        except msgspec.ValidationError as error:
            raise CoderError(
                f"{self._what(call)} answered something else than Coder does: {error}"
            ) from error

    def json(self, call: Call) -> Any:  # noqa: ANN401 - any JSON
        """Send `call` and return the parsed answer; raises `CoderError`."""
        answer = self.send(call)
        try:
            return json.loads(answer.content)
        except ValueError as error:
            kind = answer.headers.get("content-type", "nothing")
            raise CoderError(
                f"{self._what(call)} answered {kind} instead of JSON; is {self.login.url} a Coder "
                "deployment, or does something before it ask for a login"
            ) from error

    def send(self, call: Call) -> httpx.Response:
        """Send `call` until it succeeds or there is no hope.

        Raises `ApiError` for a refusal, `UnreachableError` when nothing was done, and
        `UnknownOutcomeError` when a call that cannot be repeated may have been carried out.
        """
        attempt = 0
        while True:
            wait: float | None
            try:
                answer = self.send_once(call)
            except httpx.HTTPError as error:
                why = self._no_answer(call, error)
                if _is_distrust(error):
                    raise UnreachableError(f"{why}; {_TRUST}") from error
                if not (call.can_repeat or isinstance(error, _NOT_SENT)):
                    raise UnknownOutcomeError(why) from error
                wait = waiting_time(attempt, None, _now())
                if wait is None:
                    raise UnreachableError(why) from error
            else:
                if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
                    return answer
                wait = self._wait_after(call, answer, attempt)
                if wait is None:
                    raise self.refusal(call, answer)
                why = f"{self._what(call)} answered {answer.status_code}"
            self.say(
                f"{why}; trying again in {wait:.0f} s" if wait >= 1 else f"{why}; trying again"
            )
            self.pause(wait)
            attempt += 1

    def send_once(self, call: Call) -> httpx.Response:
        """Send `call` once and return whatever is answered; raises `httpx.HTTPError`."""
        headers = {"Accept": "application/json", **self.headers(call)}
        if call.content_type:
            headers["Content-Type"] = call.content_type
        return self.http.request(
            call.method,
            f"{self.login.url}/api/v2{call.path}",
            params=dict(call.query) or None,
            json=call.body,
            content=call.content,
            headers=headers,
        )

    def headers(self, call: Call) -> dict[str, str]:
        """Return who asks."""
        who = {"User-Agent": f"provisioner/{__version__}", **call.headers}
        if not call.is_anonymous and self.login.token:
            who[_TOKEN_HEADER] = self.login.token.reveal()
        return who

    def refusal(self, call: Call, answer: httpx.Response) -> CoderError:
        """Return what to say of an answer that is no success."""
        if answer.is_redirect:
            there = answer.headers.get("location", "")
            return CoderError(f"{self._what(call)} is sent on to {there}; give that URL instead")
        problem = read_problem(answer.content)
        safe = Problem(hidden(problem.words, self._secrets))
        if answer.status_code in NOT_DONE and (after := answer.headers.get("retry-after")):
            safe = Problem(f"{safe.message or 'too busy'}; it asks to come back after {after}")
        return ApiError(self._what(call), answer.status_code, safe)

    def _wait_after(self, call: Call, answer: httpx.Response, attempt: int) -> float | None:
        can_try = RETRIED if call.can_repeat else NOT_DONE
        if answer.status_code not in can_try:
            if answer.status_code in RETRIED:
                raise UnknownOutcomeError(str(self.refusal(call, answer)))
            return None
        return waiting_time(attempt, answer.headers.get("retry-after"), _now())

    def _no_answer(self, call: Call, error: httpx.HTTPError) -> str:
        why = hidden(" ".join(str(error).split()) or type(error).__name__, self._secrets)
        return f"{self._what(call)} at {self.login.url} got no answer: {why}"

    @staticmethod
    def _what(call: Call) -> str:
        return f"{call.method} /api/v2{call.path}"


def _is_distrust(error: BaseException | None) -> bool:
    """Say whether TLS refused the certificate, which another attempt does not change."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
