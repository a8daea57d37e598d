"""What clients of all kinds do to a gateway, and what it may answer to that."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import aiohttp

from tests.support.browser_client import BrowserClient
from tests.support.gateway_api import ask
from tests.support.gateway_server import SECONDS, Reply, RunningGateway, post, send

__all__ = ["KEY", "Clients"]

KEY = "sk-key-that-a-user-brings-6e01b7f4c2"
_WELL = ("well", "slowly")
_BREAKS = ("resets", "garbles", "stalls", "lies")
_ANSWERS = {
    "refuses": (429, b"slow down"),
    "fails": (500, b"slow down"),
    "mumbles": (500, b"no usable answer"),
    "floods": (500, b"no usable answer"),
}
# What a gateway answers while nobody can ask its database.
_AWAY = {503, 500}


@dataclass
class Clients:
    """Lanes that each do one thing after another until they are stopped."""

    gateway: RunningGateway
    acknowledged: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    troubled_until: float = 0.0
    """Until when the database may be away."""

    def __post_init__(self) -> None:
        """Begin with nothing done."""
        self._over = threading.Event()
        self._lanes: list[threading.Thread] = []
        self._pages = BrowserClient(self.gateway)
        self._pages.log_in(self.gateway.token)

    def start(self, lanes: int) -> None:
        """Let so many lanes run."""
        for seed in range(lanes):
            self._lanes.append(threading.Thread(target=self._run, args=(random.Random(seed),)))
            self._lanes[-1].start()

    def stop(self) -> None:
        """Let each finish what it does."""
        self._over.set()
        for lane in self._lanes:
            lane.join(2 * SECONDS)
            if lane.is_alive():
                self.breaches.append("a client got no answer at all")

    def _run(self, chance: random.Random) -> None:
        actions = (
            [self._stream] * 6 + [self._whole] * 2 + [self._leave] * 2 + [self._broken] * 2
            + [self._refused, self._bad_request, self._websocket]
            + [self._page, self._manage, self._churn]
        )  # fmt: skip
        while not self._over.is_set():
            action = chance.choice(actions)
            name, began = action.__name__.strip("_"), time.monotonic()
            try:
                action(chance)
            except _UnexpectedError as error:
                # The database was away, or had just come back.
                if not (error.status in _AWAY and began < self.troubled_until):
                    self.breaches.append(f"{name}: {error}")
            except Exception as error:  # noqa: BLE001 - whatever it is, it is to be told
                self.breaches.append(f"{name}: {type(error).__name__}: {error}")
            self.done[name] += 1

    def _headers(self, chance: random.Random) -> dict[str, str]:
        if chance.random() < 0.5:
            return self.gateway.headers()
        return {
            "Authorization": f"Bearer {KEY}",
            "X-Coder-AI-Governance-Token": self.gateway.token,
        }

    def _ask(
        self, chance: random.Random, model: str, *, stream: bool = True, prompt: str = ""
    ) -> Reply:
        body = {"model": model, "stream": stream, "input": prompt or str(uuid.uuid4())}
        return post(self.gateway, body, headers=self._headers(chance))

    def _stream(self, chance: random.Random) -> None:
        prompt = str(uuid.uuid4())
        reply = self._ask(chance, chance.choice(_WELL), prompt=prompt)
        _expect(reply, 200, b"response.completed")
        self.acknowledged.add(prompt)

    def _whole(self, chance: random.Random) -> None:
        prompt = str(uuid.uuid4())
        _expect(self._ask(chance, "well", stream=False, prompt=prompt), 200, b"total_tokens")
        self.acknowledged.add(prompt)

    def _broken(self, chance: random.Random) -> None:
        _expect(self._ask(chance, chance.choice(_BREAKS)), 200, b"response.failed")

    def _refused(self, chance: random.Random) -> None:
        model = chance.choice(list(_ANSWERS))
        _expect(self._ask(chance, model), *_ANSWERS[model])

    def _leave(self, chance: random.Random) -> None:
        body = json.dumps({"model": "slowly", "stream": True, "input": "leaving"})
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=SECONDS)
        with contextlib.closing(connection):
            connection.request("POST", "/openai/v1/responses", body, self._headers(chance))
            if chance.random() < 0.5:
                with contextlib.closing(connection.getresponse()) as response:
                    response.read(chance.randrange(1, 400))

    def _bad_request(self, chance: random.Random) -> None:
        token, start = self.gateway.token, "POST /openai/v1/responses HTTP/1.1\r\nHost: x\r\n"
        auth = f"Authorization: Bearer {token}\r\n"
        raw, status = chance.choice([
            (f"{start}{auth}Content-Length: 1\r\n\r\n{{", 500),
            (f"{start}{auth}Content-Length: 99999999\r\n\r\n", 413),
            (f"{start}{auth}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            (f"{start}Content-Length: 2\r\n\r\n{{}}", 400),
            (f"{start}Authorization: Bearer prv_no\r\nContent-Length: 2\r\n\r\n{{}}", 403),
            (f"GET /openai/v1/nothing HTTP/1.1\r\nHost: x\r\n{auth}\r\n", 404),
            ("\0\1\2\r\n\r\n", 400),
        ])  # fmt: skip
        _expect(send(self.gateway, raw.encode()), status)

    def _websocket(self, _: random.Random) -> None:
        prompt = str(uuid.uuid4())
        try:
            asyncio.run(_talk(self.gateway, prompt))
        except aiohttp.WSServerHandshakeError as error:
            raise _UnexpectedError(error.status, b"") from error
        self.acknowledged.add(prompt)

    def _page(self, chance: random.Random) -> None:
        path = chance.choice(["/ui", "/ui/sessions", "/ui/errors"])
        _expect(self._pages.get(path), 200)

    def _manage(self, chance: random.Random) -> None:
        base = "/api/v2/aibridge"
        path = chance.choice([
            f"{base}/sessions", f"{base}/interceptions", f"{base}/usage", f"{base}/records",
            "/metrics", "/healthz", "/readyz",
        ])  # fmt: skip
        _expect(ask(self.gateway, path), 200)

    def _churn(self, chance: random.Random) -> None:
        name, keys = str(uuid.uuid4()), "/api/v2/users/ada/keys"
        made = ask(self.gateway, f"{keys}/tokens", method="POST", body={"token_name": name})
        _expect(made, 201)
        token = json.loads(made.body)["key"]
        self.tokens.add(token)
        question, bearer = {"model": "well"}, {"Authorization": f"Bearer {token}"}
        _expect(post(self.gateway, question, headers=bearer), 200)
        _expect(ask(self.gateway, f"{keys}/{name}", method="DELETE"), 204)
        gone_by = time.monotonic() + 1 + chance.random()
        while (reply := post(self.gateway, question, headers=bearer)).status == 200:
            if time.monotonic() > gone_by:
                raise _UnexpectedError(200, b"with a token that was revoked")
        _expect(reply, 403)


class _UnexpectedError(Exception):
    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"unexpected answer {status} {body[-120:]!r}")
        self.status = status


def _expect(reply: Reply, status: int, part: bytes = b"") -> None:
    if reply.status != status or part not in reply.body:
        raise _UnexpectedError(reply.status, reply.body)


async def _talk(gateway: RunningGateway, prompt: str) -> None:
    asked = {"type": "response.create", "model": "well", "store": False}
    item = {"type": "message", "role": "user", "content": prompt}
    url = f"ws://127.0.0.1:{gateway.port}/openai/v1/responses"
    async with (
        asyncio.timeout(SECONDS),
        aiohttp.ClientSession() as session,
        session.ws_connect(url, headers=gateway.headers()) as socket,
    ):
        await socket.send_json({**asked, "input": [item]})
        while (message := await socket.receive_json())["type"] != "response.completed":
            if message["type"] == "error":
                raise _UnexpectedError(message.get("status", 0), json.dumps(message).encode())
