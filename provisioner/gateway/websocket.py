"""Responses over WebSocket: each message is a request, answered as the same one over HTTP is.

Whatever holds for requests holds for each message: tokens, limits, routes, records.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, WSMsgType, web
from multidict import CIMultiDict

from provisioner.gateway.actor import Actor
from provisioner.gateway.body import BODY_LIMIT
from provisioner.gateway.call import Brought
from provisioner.gateway.frames import FrameResponse, error_message
from provisioner.gateway.response_create import (
    BadMessageError,
    Create,
    History,
    HistoryRoom,
    warm_answer,
)
from provisioner.gateway.wire import WireError, text_answer

if TYPE_CHECKING:
    from provisioner.gateway.shared_sockets import SharedSockets

__all__ = ["MOST_SOCKETS", "MOST_SOCKETS_OF_USER", "WebSockets"]

# Clients keep a connection while tools run; OpenAI ends one after an hour too.
_LIFETIME_SECONDS = 3600.0
MOST_SOCKETS = 512
"""At a time, in all workers of a gateway; this and the next are those of Coder's gateway."""

MOST_SOCKETS_OF_USER = 16
_GOODBYE_SECONDS = 1.0
_OF_HANDSHAKES = ("connection", "upgrade", "openai-beta")

Handle = Callable[[web.Request, Brought], Awaitable[web.StreamResponse]]


class WebSockets:
    """The open connections of a gateway."""

    def __init__(self, handle: Handle, elsewhere: SharedSockets | None = None) -> None:
        """Have the requests answered by `handle`; `elsewhere` counts those of other workers too."""
        self._handle = handle
        self._elsewhere = elsewhere
        self._open: set[_Connection] = set()
        self._users: Counter[str] = Counter()
        self._room = HistoryRoom()

    def has_room(self, actor: Actor) -> bool:
        """Say whether `actor` may have one more in this process."""
        user = _user(actor)
        return len(self._open) < MOST_SOCKETS and self._users[user] < MOST_SOCKETS_OF_USER

    async def enter(self, actor: Actor) -> bool:
        """Say whether `actor` may have one more in all workers; `serve` it then."""
        return self._elsewhere is None or await self._elsewhere.enter(_user(actor))

    async def serve(self, request: web.Request, actor: Actor) -> web.StreamResponse:
        """Shake hands on a `request` that may enter, and answer until one side leaves."""
        connection = _Connection(request, self._handle, self._room)
        self._open.add(connection)
        self._users[_user(actor)] += 1
        try:
            return await connection.run()
        finally:
            self._open.discard(connection)
            self._users -= Counter([_user(actor)])
            if self._elsewhere is not None:
                self._elsewhere.leave(_user(actor))

    def stop(self) -> None:
        """Take no more messages; what is being answered goes on."""
        for connection in self._open:
            connection.stop()


class _Connection:
    """One client; one request at a time, as the API has it."""

    def __init__(self, request: web.Request, handle: Handle, room: HistoryRoom) -> None:
        self._request = request
        self._handle = handle
        # Messages are small, and what is not compressed cannot be a bomb.
        self._socket = web.WebSocketResponse(
            timeout=_GOODBYE_SECONDS, max_msg_size=BODY_LIMIT, compress=False
        )
        self._history = History(room, self.stop)
        self._busy = self._stopping = False
        self._farewell: asyncio.Task[bool] | None = None

    async def run(self) -> web.StreamResponse:
        try:
            await self._socket.prepare(self._request)
        except web.HTTPException as error:
            raise WireError(text_answer(400, "bad WebSocket handshake")) from error
        try:
            await self._take_messages()
            await self._socket.close(code=WSCloseCode.GOING_AWAY)
        finally:
            self._history.forget()
        return self._socket

    async def _take_messages(self) -> None:
        with suppress(TimeoutError):
            end = asyncio.get_running_loop().time() + _LIFETIME_SECONDS
            while not self._socket.closed and not self._stopping:
                left = end - asyncio.get_running_loop().time()
                message = await self._socket.receive(max(left, 0.001))
                if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    return
                await self._take(message.data)

    async def _take(self, said: str | bytes) -> None:
        self._busy = True
        # A client that is gone needs no words.
        with suppress(ConnectionError):
            await self._answer(said.encode() if isinstance(said, str) else said)
        self._busy = False

    def stop(self) -> None:
        self._stopping = True
        if not self._busy:
            self._farewell = asyncio.create_task(self._socket.close(code=WSCloseCode.GOING_AWAY))

    async def _answer(self, message: bytes) -> None:
        try:
            asked = self._history.create(message)
        except BadMessageError as error:
            await self._socket.send_str(error_message(400, json.dumps(error.document).encode(), {}))
            return
        if asked.generates:
            await self._generate(asked)
            return
        response_id, messages = warm_answer(asked)
        self._history.answered(asked, response_id)
        for text in messages:
            await self._socket.send_str(text)

    async def _generate(self, asked: Create) -> None:
        brought = Brought(asked.body, lambda _: FrameResponse(self._socket))
        answer = await self._handle(_posted(self._request), brought)
        if isinstance(answer, FrameResponse):
            self._history.answered(asked, answer.response_id, answer.output)
            if not answer.ended:
                # Over HTTP the end of the stream would tell.
                await self._socket.close(code=WSCloseCode.INTERNAL_ERROR)
            return
        self._history.answered(asked, "")
        body = answer.body if isinstance(answer, web.Response) else b""
        said = body if isinstance(body, bytes) else b""
        await self._socket.send_str(error_message(answer.status, said, answer.headers))


def _user(actor: Actor) -> str:
    return actor.id or actor.user


def _posted(handshake: web.Request) -> web.Request:
    """Return the request over HTTP that a client would send in place of a message."""
    headers = CIMultiDict(
        (name, value)
        for name, value in handshake.headers.items()
        if name.lower() not in _OF_HANDSHAKES and not name.lower().startswith("sec-websocket-")
    )
    headers["Accept"], headers["Content-Type"] = "text/event-stream", "application/json"
    return handshake.clone(method="POST", headers=headers)
