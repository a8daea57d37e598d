"""The part of a bridged request between its two records: asked, answered, relayed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import aclosing
from http import HTTPStatus

from aiohttp import web
from msgspec import Struct, field

from provisioner.gateway.asking import Asking, CircuitOpenError
from provisioner.gateway.call import Call
from provisioner.gateway.chat_usage import without_usage
from provisioner.gateway.dump import AnswerDump, ExchangeDump
from provisioner.gateway.farewell import STOPPED
from provisioner.gateway.interception import Ending
from provisioner.gateway.record.model import Outcome
from provisioner.gateway.relay import Pulse, cut, read_all, relay
from provisioner.gateway.responses_api import RequestFacts
from provisioner.gateway.upstreams.protocol import (
    UpstreamCutError,
    UpstreamError,
    UpstreamResponse,
    UpstreamTimeoutError,
)
from provisioner.gateway.wire import WireError
from provisioner.gateway.wire_format import AnswerReader, WireFormat

__all__ = ["Exchange"]

_BROKE_OFF = "upstream broke off"


class Exchange(Struct):
    """One question to an upstream and its answer to the client.

    `ending`, `reader` and `asking` tell how it went, also when it fails; `is_answer` whether the
    upstream answered, even if nobody was there to take it. With `hides_usage` the client is not
    told the usage of a chat stream, which it did not ask for.
    """

    call: Call
    wire: WireFormat
    facts: RequestFacts
    dump: ExchangeDump | None
    reader: AnswerReader
    asking: Asking
    hides_usage: bool = False
    ending: Ending = field(default_factory=Ending)
    is_answer: bool = False

    async def run(self) -> web.StreamResponse:
        """Ask and answer; raises `WireError` while nothing was sent.

        Once the answer has begun, a failure is told in the stream.
        """
        farewell = self.call.services.farewell
        task = farewell.begin()
        try:
            return await self._run()
        except asyncio.CancelledError:
            self._left()
            raise
        except WireError as error:
            self.ending.status = error.answer.status
            raise
        except Exception as error:
            self.ending.error = type(error).__name__
            raise
        finally:
            farewell.end(task)

    async def _run(self) -> web.StreamResponse:
        dialect = self.call.dialect
        if self.facts.background:
            self.ending.error = "background requests are not supported"
            raise dialect.background_refused()
        try:
            self.call.services.afterwards.soon()
            answer = await self.asking.ask()
            self.is_answer = answer.status == HTTPStatus.OK
            async with aclosing(answer.body):
                dump = AnswerDump(None) if self.dump is None else await self.dump.answer(answer)
                try:
                    if answer.status == 200 and self.facts.stream:
                        return await self._stream(answer, dump)
                    return await self._block(answer, dump)
                finally:
                    dump.close()
        except CircuitOpenError as error:
            self.ending.error = "circuit breaker is open"
            raise dialect.circuit_open(self.call.services.circuits.retry_after) from error
        except UpstreamCutError:
            self.ending.error = _BROKE_OFF
            cut(self.call.request)
            return web.StreamResponse()
        except UpstreamError as error:
            self.ending.error = "upstream did not answer"
            timed_out = isinstance(error, UpstreamTimeoutError)
            raise dialect.upstream_unreachable(
                str(error), self.call.notes, timed_out=timed_out
            ) from error

    async def _block(self, answer: UpstreamResponse, dump: AnswerDump) -> web.StreamResponse:
        body = await read_all(answer.body)
        dump.feed(body)
        self.ending.status = answer.status
        if answer.status == 200:
            self.reader.read(body)
            self._judge()
        else:
            self.ending.error = f"upstream status {answer.status}"
        return _whole(answer, body, self.call.dialect.passed_headers)

    async def _stream(self, answer: UpstreamResponse, dump: AnswerDump) -> web.StreamResponse:
        response = self.call.stream(answer)

        def read_along(chunk: bytes) -> None:
            dump.feed(chunk)
            self.reader.feed(chunk)

        try:
            await response.prepare(self.call.request)
            self.ending.status = 200
            if not self.hides_usage:
                await self._relay(answer, response, read_along)
                return response
            async with aclosing(without_usage(answer.body, read_along)) as events:
                told = UpstreamResponse(answer.status, answer.headers, events, answer.own)
                await self._relay(told, response, read_along)
        except ConnectionResetError:
            self._left()
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
        except asyncio.CancelledError:
            if not self.call.services.farewell.heard():
                raise
            self.ending.outcome, self.ending.error = Outcome.CANCELLED, STOPPED
            await self._tell(response, pulse, STOPPED)
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
        event = self.wire.failure(message)
        await response.write(gap + self.call.dialect.broken_off(event, message))
        await response.write_eof()

    def _left(self) -> None:
        """The client hung up, as Codex does once it has the last event."""
        if self.ending.status == HTTPStatus.OK and self.reader.ended:
            self._judge()
        else:
            self.ending.outcome = Outcome.CANCELLED

    def _judge(self) -> None:
        self.ending.error = self.reader.facts().error
        self.ending.outcome = Outcome.FAILED if self.ending.error else Outcome.COMPLETED


def _whole(answer: UpstreamResponse, body: bytes, passed: Iterable[str]) -> web.StreamResponse:
    """Return an answer that is sent at once.

    Of a real upstream's headers only the type and, with an error, those of `passed` go on.
    """
    if answer.own:
        return web.Response(status=answer.status, body=body, headers=answer.headers)
    content_type = answer.headers.get("Content-Type", "application/octet-stream")
    headers = {"Content-Type": content_type}
    if answer.status != HTTPStatus.OK:
        headers |= {name: answer.headers[name] for name in passed if name in answer.headers}
    return web.Response(status=answer.status, body=body, headers=headers)
