"""Who is asked for an answer: the candidates in their order, until one of them gives it."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace
from multidict import CIMultiDict

from provisioner.gateway.call import Call
from provisioner.gateway.dump import ExchangeDump
from provisioner.gateway.policy.judged import Candidate, Judged
from provisioner.gateway.request_body import with_model
from provisioner.gateway.upstreams.begun_body import begun
from provisioner.gateway.upstreams.protocol import (
    UpstreamCutError,
    UpstreamError,
    UpstreamRequest,
    UpstreamResponse,
)

__all__ = ["Asking", "CircuitOpenError"]

# LangWatch's list: what the next provider may be spared.
_NEXT = frozenset({404, 429})
_OWN_FAULTS = 500


class CircuitOpenError(Exception):
    """Nobody is asked: what they were asked for failed again and again."""


class Asking(Struct):
    """One request to whoever answers it; the notes of `call` tell who did.

    `key_hint` is that of the provider's key which the one who answered was asked with.
    """

    call: Call
    judged: Judged
    dump: ExchangeDump | None
    request: UpstreamRequest | None
    key_hint: str = ""

    async def ask(self) -> UpstreamResponse:
        """Return the first answer that is one, else the last candidate's.

        Raises `UpstreamError` and `CircuitOpenError`. A body is long and its answer may take
        minutes: nobody keeps it once it is sent.
        """
        request, self.request = self.request, None
        assert request is not None  # noqa: S101 - an exchange asks once
        try:
            return await self._ask_each(request)
        finally:
            self.judged.keep_no_body()

    async def _ask_each(self, request: UpstreamRequest) -> UpstreamResponse:
        waiting = list(self.judged.candidates[: self.judged.attempts])
        while True:
            candidate = waiting.pop(0)
            try:
                answer = await self._ask(candidate, request)
                if not waiting:
                    return answer
                if not self._goes_on(answer.status):
                    return await begun(answer)
                if not self._another(waiting):
                    return answer
                await answer.body.aclose()
            except UpstreamCutError:
                raise
            except (UpstreamError, CircuitOpenError):
                if not self._another(waiting):
                    raise
            self.call.notes.failed += 1

    def _goes_on(self, status: int) -> bool:
        """Say whether another candidate's answer may be better than one with `status`."""
        steps = self.judged.steps
        if steps is not None:
            return steps.goes_on(status)
        return status >= _OWN_FAULTS or status in _NEXT

    def _another(self, waiting: list[Candidate]) -> bool:
        """Leave those out that may not be asked now, and say whether there is one that may."""
        steps = self.judged.steps
        while waiting and steps is not None and not steps.begin(waiting[0]):
            waiting.pop(0)
        return bool(waiting)

    async def _ask(self, candidate: Candidate, request: UpstreamRequest) -> UpstreamResponse:
        provider, services = candidate.provider, self.call.services
        self.call.notes.answered, self.key_hint = candidate, provider.key_hint
        path = provider.kind.behind(self.call.route.path)
        endpoint = f"{provider.kind.prefix}{path}"
        circuit = services.circuits.circuit(provider.name, endpoint, candidate.model)
        if circuit is not None and not await circuit.may_ask():
            raise CircuitOpenError
        failed, status = False, None
        try:
            answer = await provider.upstream.open(self._for(candidate, request))
            self.call.notes.told += 1
            status = answer.status
            failed = status in provider.kind.busy
            self.key_hint = answer.key_hint or self.key_hint
        except UpstreamError as error:
            if self.dump is not None:
                await self.dump.error(str(error))
            raise
        finally:
            if circuit is not None:
                circuit.saw(failed=failed)
            if self.judged.steps is not None:
                self.judged.steps.end(candidate, status)
        return answer

    def _for(self, candidate: Candidate, request: UpstreamRequest) -> UpstreamRequest:
        """Return what `candidate` is sent: the client's bytes unless policy changes them."""
        path = candidate.provider.kind.behind(request.path)
        if path != request.path:
            request = replace(request, path=path)
        document = self.judged.document
        if document is None and candidate.model == self.judged.asked.model:
            return request
        document = request.document if document is None else document
        headers = CIMultiDict(request.headers)
        headers.pop("Content-Encoding", None)
        changed, body = with_model(document, candidate.model)
        return replace(request, headers=headers, document=changed, body=body)
