"""The part of a bridged request between its two records: asked, answered, relayed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from aiohttp import web

from provisioner.gateway.call import Call
from provisioner.gateway.dump import AnswerDump, ExchangeDump
from provisioner.gateway.interception import Ending
from provisioner.gateway.record.model import Outcome
from provisioner.gateway.relay import Pulse, cut, read_all, relay
from provisioner.gateway.responses_api import RequestFacts
from provisioner.gateway.upstreams.protocol import (
    UpstreamCutError,
    UpstreamError,
    UpstreamRequest,
    UpstreamResponse,
)
from provisioner.gateway.wire import WireError
from provisioner.gateway.wire_format import AnswerReader, WireFormat

__all__ = ["Exchange"]

_BROKE_OFF = "upstream broke off"


@dataclass(slots=True)
class Exchange:
    """One question to an upstream and its answer to the client.

    `ending` and `reader` tell how it went, also when it fails. `request` is gone once it is sent.
    """

    call: Call
    wire: WireFormat
    facts: RequestFacts
    dump: ExchangeDump | None
    reader: AnswerReader
    request: UpstreamRequest | None
    ending: Ending = field(default_factory=Ending)

    async def run(self) -> web.StreamResponse:
        """Ask and answer; raises `WireError` while nothing was sent.

        Once the answer has begun, a failure is told in the stream.
        """
        try:
            return await self._run()
        except asyncio.CancelledError:
            self.ending.outcome = Outcome.CANCELLED
            raise
        except WireError as error:
            self.ending.status = error.answer.status
            raise
        except Exception as error:
            self.ending.error = type(error).__name__
            raise

    async def _run(self) -> web.StreamResponse:
        dialect = self.call.dialect
        if self.facts.background:
            self.ending.error = "background requests are not supported"
            raise dialect.background_refused()
        try:
            answer = await self._asked()
            async with aclosing(answer.body):
                dump = AnswerDump(None) if self.dump is None else await self.dump.answer(answer)
                try:
                    if answer.status == 200 and self.facts.stream:
                        return await self._stream(answer, dump)
                    return await self._block(answer, dump)
                finally:
                    dump.close()
        except UpstreamCutError:
            self.ending.error = _BROKE_OFF
            cut(self.call.request)
            return web.StreamResponse()
        except UpstreamError as error:
            self.ending.error = "upstream did not answer"
            raise dialect.upstream_unreachable(str(error)) from error

    async def _asked(self) -> UpstreamResponse:
        route, services = self.call.route, self.call.services
        name = route.provider.name
        circuit = services.circuits.circuit(name, route.path, self.facts.model)
        if circuit is not None and not circuit.admits():
            self.ending.error = "circuit breaker is open"
            raise services.dialect.circuit_open(services.circuits.retry_after)
        failed = False
        # A body is long and its answer may take minutes: nobody keeps it once it is sent.
        request, self.request = self.request, None
        assert request is not None  # noqa: S101 - an exchange asks once
        try:
            answer = await route.provider.upstream.open(request)
            failed = answer.status in route.provider.kind.busy
        except UpstreamError as error:
            if self.dump is not None:
                await self.dump.error(str(error))
            raise
        finally:
            if circuit is not None:
                circuit.saw(failed=failed)
        return answer

    async def _block(self, answer: UpstreamResponse, dump: AnswerDump) -> web.StreamResponse:
        body = await read_all(answer.body)
        dump.feed(body)
        self.ending.status = answer.status
        if answer.status == 200:
            self.reader.read(body)
            self._judge()
        else:
            self.ending.error = f"upstream status {answer.status}"
        return _whole(answer, body)

    async def _stream(self, answer: UpstreamResponse, dump: AnswerDump) -> web.StreamResponse:
        response = self.call.stream(answer)

        def read_along(chunk: bytes) -> None:
            dump.feed(chunk)
            self.reader.feed(chunk)

        try:
            await response.prepare(self.call.request)
            self.ending.status = 200
            await self._relay(answer, response, read_along)
        except ConnectionResetError:
            self.ending.outcome = Outcome.CANCELLED
        except UpstreamCutError:
            self.ending.error = _BROKE_OFF
            cut(self.call.request)
        except Exception:
            cut(self.call.request)
            raise
        return response

    async def _relay(
        self,
        answer: UpstreamResponse,
        response: web.StreamResponse,
        read_along: Callable[[bytes], None],
    ) -> None:
        seconds = self.call.services.relay.keep_alive_seconds
        pulse = Pulse(response, self.wire.keep_alive, seconds)
        try:
            await relay(answer, response, pulse, read_along)
            self._judge()
        except UpstreamCutError:
            raise
        except UpstreamError as error:
            self.ending.error = _BROKE_OFF
            await self._tell(response, pulse, str(error))
        finally:
            pulse.stop()

    async def _tell(self, response: web.StreamResponse, pulse: Pulse, message: str) -> None:
        """End the stream so that the client knows why, and may try again."""
        gap = b"" if pulse.between_events else b"\n\n"
        await response.write(gap + self.wire.failure(message))
        await response.write_eof()

    def _judge(self) -> None:
        self.ending.error = self.reader.facts().error
        self.ending.outcome = Outcome.FAILED if self.ending.error else Outcome.COMPLETED


def _whole(answer: UpstreamResponse, body: bytes) -> web.StreamResponse:
    """Return an answer that is sent at once; of a real upstream's headers only the type passes."""
    if answer.own:
        return web.Response(status=answer.status, body=body, headers=answer.headers)
    content_type = answer.headers.get("Content-Type", "application/octet-stream")
    return web.Response(status=answer.status, body=body, headers={"Content-Type": content_type})
