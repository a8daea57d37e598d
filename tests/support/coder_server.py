"""A Coder deployment on a loopback port: its state, its API by the description, and faults.

Every request and every answer is judged by tests/contract/schemas/coder-api.json, which says what
is served, and by coder-published.json, which is Coder's own; what does not fit fails the test that
ends the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from aiohttp import web

from tests.support.coder_description import DESCRIPTION, Operation
from tests.support.coder_operations import Answer, Asked, Operations
from tests.support.coder_published import PUBLISHED
from tests.support.coder_state import CoderState

__all__ = ["CoderServer", "Fault", "coder_server"]

SECONDS = 30
_TOKEN = "Coder-Session-Token"


@dataclass
class Fault:
    """What goes wrong when an operation is asked for, after `skip` times, `times` times."""

    operation: str
    answer: Answer | None = None
    """Answered instead; nothing is done."""
    cut: str = ""
    """`before`, `answer` or `middle`: where the connection is lost; the last two are carried out."""
    act: Callable[[CoderState], None] | None = None
    """Done before everything else."""
    gate: threading.Event | None = None
    """Waited for before everything else."""
    reached: threading.Event = field(default_factory=threading.Event)
    skip: int = 0
    times: int = 1


@dataclass
class CoderServer:
    """Where it listens, what it remembers, and what it was asked."""

    url: str
    state: CoderState
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Ids of the operations, in their order."""
    sent: list[str] = field(default_factory=list)
    """Requests as text, to look for secrets in."""
    wrong: list[str] = field(default_factory=list)

    def fault(self, operation: str, **what: object) -> Fault:
        self.faults.append(Fault(operation, **what))  # type: ignore[arg-type]
        return self.faults[-1]

    @property
    def changing(self) -> list[str]:
        """The operations that change something."""
        return [name for name in self.asked if DESCRIPTION.operations[name].method != "get"]


@contextlib.contextmanager
def coder_server(context: ssl.SSLContext | None = None) -> Iterator[CoderServer]:
    """Run one in a thread; raises `AssertionError` where the description was not kept to."""
    server = CoderServer("", CoderState())
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    runner = web.AppRunner(_application(server), shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        scheme = "https" if context else "http"
        server.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(SECONDS)
    try:
        yield server
    finally:
        for fault in server.faults:
            if fault.gate:
                fault.gate.set()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
    assert server.wrong == []


def _application(server: CoderServer) -> web.Application:
    application = web.Application(client_max_size=1 << 24)
    operations = Operations(server.state)
    for operation in DESCRIPTION.operations.values():
        handler = _handler(server, operation, getattr(operations, operation.id))
        application.router.add_route(operation.method, f"/api/v2{operation.path}", handler)
    for name in ("aibridge", "ai-gateway"):
        application.router.add_route("GET", f"/api/v2/{name}/{{rest:.*}}", _gateway(server, name))
    return application


def _handler(
    server: CoderServer, operation: Operation, carry_out: Callable[[Asked], Answer]
) -> Callable[[web.Request], object]:
    async def handle(request: web.Request) -> web.StreamResponse:
        data = await request.read()
        server.asked.append(operation.id)
        server.sent.append(f"{request.method} {request.path_qs}\n{data.decode('latin-1')}")
        what = (operation, dict(request.match_info), dict(request.query), _kind(request), data)
        server.wrong += [
            f"{operation.id}: {why}"
            for judge in (DESCRIPTION, PUBLISHED)
            for why in judge.wrong_request(*what)
        ]
        fault = _due(server, operation.id)
        if fault:
            await _before(fault, server)
        if fault and fault.answer:
            return _told(fault.answer)
        if fault and fault.cut == "before":
            return _cut(request)
        if operation.needs_login and request.headers.get(_TOKEN) != server.state.session_token:
            return _told(
                Answer(401, {"message": "You are signed out or your session has expired."})
            )
        is_json = _kind(request) == "application/json" and data
        body = json.loads(data) if is_json else data
        answer = carry_out(Asked(dict(request.match_info), dict(request.query), body))
        if not isinstance(answer.body, bytes):
            server.wrong += [
                f"{operation.id} answered: {why}"
                for judge in (DESCRIPTION, PUBLISHED)
                for why in judge.wrong_answer(operation, answer.status, answer.body)
            ]
        if fault and fault.cut == "answer":
            return _cut(request)
        if fault and fault.cut == "middle":
            return await _half(request, answer)
        return _told(answer)

    return handle


def _kind(request: web.Request) -> str:
    return request.content_type if request.body_exists else ""


def _due(server: CoderServer, operation: str) -> Fault | None:
    for fault in server.faults:
        if fault.operation == operation and fault.times:
            if fault.skip:
                fault.skip -= 1
                return None
            fault.times -= 1
            return fault
    return None


async def _before(fault: Fault, server: CoderServer) -> None:
    fault.reached.set()
    if fault.gate:
        await asyncio.to_thread(fault.gate.wait, SECONDS)
    if fault.act:
        fault.act(server.state)


def _told(answer: Answer) -> web.Response:
    if isinstance(answer.body, bytes):
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)


def _cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _half(request: web.Request, answer: Answer) -> web.StreamResponse:
    data = json.dumps(answer.body).encode()
    response = web.StreamResponse(headers={"Content-Length": str(len(data))})
    await response.prepare(request)
    await response.write(data[: len(data) // 2])
    assert request.transport is not None
    request.transport.abort()
    return response


def _gateway(server: CoderServer, name: str) -> Callable[[web.Request], object]:
    """Answer as the AI gateway does before a provider is asked, in its order of checks."""

    async def handle(request: web.Request) -> web.Response:
        server.sent.append(f"{request.method} {request.path_qs}")
        state, rest = server.state, request.match_info["rest"]
        own = request.headers.get("X-Coder-AI-Governance-Token", "")
        refused = _refused_by_deployment(state, name, own)
        if refused:
            return _told(refused)
        if not own:
            return web.Response(status=400, text="no authentication key provided\n")
        if own != state.session_token:
            return web.Response(status=403, text="unauthorized\n")
        if state.gateway_refusal:
            status, text = state.gateway_refusal
            return web.Response(status=status, text=f"{text}\n")
        if rest.partition("/")[0] not in state.gateway_providers:
            return web.Response(status=404, text=f"route not supported: GET /{rest}\n")
        return web.Response(status=401, text='{"error": {"message": "no key"}}')

    return handle


def _refused_by_deployment(state: CoderState, name: str, own: str) -> Answer | None:
    if name not in state.gateway_paths:
        return Answer(404, {"message": "Route not found."})
    if state.entitlement["entitlement"] == "not_entitled":
        return Answer(403, {"message": "AI Gateway is a Premium feature. Contact sales!"})
    if not state.entitlement["enabled"]:
        return Answer(404, {"message": "aibridged handler not mounted"})
    if own and not state.allows_byok:
        return Answer(403, {"message": "Bring Your Own Key (BYOK) mode is not enabled."})
    return None
