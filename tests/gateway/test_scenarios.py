"""Each archive in a dialect's folder is one exchange: request, answer, and what is recorded.

Sections: `gateway.toml` and the files it names, or the router's `config.yaml`, or neither;
`request`, `response`, `records`; more exchanges with the same gateway are `request/2` and
`response/2`, and so on. With `upstream/N/...`
there is a twin of an AI service at `@@UPSTREAM@@`, which has to get exactly these requests (`!Name`
is a header that must not be there) and gives these responses, of which an empty one is silence;
`environment` holds its keys.
`@@TOKEN@@` stands for the gateway's token, `@@KEY@@` for the virtual key that `key.json` asks for
(with `then`, what is done to it) or the user's token that `token.json` asks for (`revoked` or not),
`@@ID@@` for a part of an id, `@@ULID@@` for one of those, and `@@END@@` for the end of a body that
has no final newline. In a request, `Content-Length` is added when it is missing. `held` is a
request whose answer goes on until all others are answered.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import asdict

from provisioner.gateway.record.model import InterceptionRecord
from tests.support import txtar
from tests.support.gateway_server import Reply, RunningGateway, running_gateway, send
from tests.support.tree import write_tree
from tests.support.twin import TwinRequest, answering, twin
from tests.support.user_tokens import user_token
from tests.support.virtual_keys import virtual_key

KEYS = ("key.json", "token.json")
CONFIGS = ("gateway.toml", "config.yaml")
SCENARIOS = sorted(Path(__file__).parent.glob("*/*.txtar"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_scenario(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = txtar.parse(path.read_text(encoding="utf-8"))
    files = dict(archive.files)
    exchanges, told, asked = taken(files, "request"), taken(files, "response"), upstream(files)
    records, held = files.pop("records"), files.pop("held", "")
    key_body, token_body = (json.loads(files.pop(name, "null")) for name in KEYS)
    for line in files.pop("environment", "").splitlines():
        monkeypatch.setenv(*line.split("=", 1))

    answers = [raw_request(answer) if answer else b"" for _, answer in asked]
    with twin(answering(*answers or [b""])) as service:
        texts = {name: text.replace("@@UPSTREAM@@", service.url) for name, text in files.items()}
        write_tree(tmp_path, texts)
        config = next((tmp_path / name for name in CONFIGS if name in files), None)
        with running_gateway(tmp_path / "state", config) as gateway:
            key = virtual_key(gateway, **key_body) if key_body is not None else ""
            key = user_token(gateway, **token_body) if token_body is not None else key
            if "rate_limit" in texts.get("gateway.toml", ""):
                begin_of_second()
            ask = filled(held, gateway.token, key)
            with holding(gateway, raw_request(ask)) if held else contextlib.nullcontext():
                replies = [
                    send(gateway, raw_request(filled(request, gateway.token, key)))
                    for request in exchanges
                ]

    assert archive.comment.strip(), "say why the scenario exists"
    for reply, response in zip(replies, told, strict=True):
        assert_reply(reply, response.replace("@@UPSTREAM@@", service.url))
    for request, (expected, _) in zip(service.requests, asked, strict=True):
        assert_asked(request, expected)
    assert_records(gateway.records(), records)


@contextlib.contextmanager
def holding(gateway: RunningGateway, raw: bytes) -> Iterator[None]:
    """Have the request `raw` answered all the while."""
    with gateway.connect() as connection:
        connection.sendall(raw)
        assert connection.recv(1)
        yield


def filled(request: str, token: str, key: str) -> str:
    return request.replace("@@TOKEN@@", token).replace("@@KEY@@", key)


def taken(files: dict[str, str], name: str) -> list[str]:
    """Take `name`, `name/2`, ... out of `files`."""
    names = [key for key in files if re.fullmatch(rf"{name}(/\d+)?", key)]
    return [files.pop(key) for key in names]


def upstream(files: dict[str, str]) -> list[tuple[str, str]]:
    """Take what the twin must be asked, and what it answers, out of `files`."""
    numbers = [key.split("/")[1] for key in files if re.fullmatch(r"upstream/\d+/request", key)]
    return [
        (files.pop(f"upstream/{n}/request"), files.pop(f"upstream/{n}/response")) for n in numbers
    ]


def assert_asked(request: TwinRequest, expected: str) -> None:
    head, _, body = expected.partition("\n\n")
    line, *headers = head.splitlines()

    assert request.line == line
    for entry in headers:
        name, _, value = entry.partition(": ")
        if name.startswith("!"):
            assert request.header(name[1:]) == [], name
        else:
            assert [picked(sent, value) for sent in request.header(name)] == [value], name
    assert request.body.decode() == without_mark(body)


def raw_request(text: str) -> bytes:
    head, _, body = text.partition("\n\n")
    body = without_mark(body)
    if "content-length:" not in head.lower():
        head += f"\nContent-Length: {len(body.encode())}"
    return f"{head}\n\n".replace("\n", "\r\n").encode() + body.encode()


def begin_of_second() -> None:
    """Wait until requests are counted for a new second: in the one after it some go through."""
    time.sleep(1 - time.monotonic() % 1)


def assert_reply(reply: Reply, expected: str) -> None:
    head, _, body = expected.partition("\n\n")
    status, *headers = head.splitlines()

    assert f"HTTP/1.1 {reply.status}" == status
    for line in headers:
        name, _, value = line.partition(": ")
        if name.startswith("!"):
            assert reply.headers.get_all(name[1:]) is None, name
        else:
            (told,) = reply.headers.get_all(name, [])
            assert re.fullmatch(pattern(value), told), (name, told)
    assert re.fullmatch(pattern(without_mark(body)), reply.body.decode()), reply.body.decode()


def pattern(text: str) -> str:
    escaped = re.escape(text).replace("@@ID@@", "[0-9a-f]+")
    return escaped.replace("@@ULID@@", "[0-7][0-9A-HJKMNP-TV-Z]{25}")


def assert_records(records: tuple[InterceptionRecord, ...], expected: str) -> None:
    """Each line has the fields that must be there; lists must match in length."""
    wanted = [json.loads(line) for line in expected.splitlines()]
    held = [plain(record) for record in reversed(records)]

    assert len(held) == len(wanted), held
    for have, want in zip(held, wanted, strict=True):
        assert picked(have, want) == want


def plain(record: InterceptionRecord) -> dict[str, object]:
    tools = [{**asdict(tool), "args": tool.args} for tool in record.tools]
    parts = {name: list(getattr(record, name)) for name in ("token_usage", "prompts", "thoughts")}
    return {
        **asdict(record),
        **{name: [asdict(entry) for entry in entries] for name, entries in parts.items()},
        "tools": tools,
    }


def picked(have: object, want: object) -> object:
    """Return the parts of `have` that `want` speaks of; ids are compared as `@@ID@@`."""
    if isinstance(have, dict) and isinstance(want, dict) and want:
        return {name: picked(have.get(name), value) for name, value in want.items()}
    if isinstance(have, list) and isinstance(want, list) and len(have) == len(want):
        return [picked(one, other) for one, other in zip(have, want, strict=True)]
    if isinstance(want, str) and "@@ID@@" in want:
        pattern = re.escape(want).replace("@@ID@@", "[0-9a-f]+")
        return want if re.fullmatch(pattern, str(have)) else have
    return have


def without_mark(body: str) -> str:
    return body.removesuffix("@@END@@\n")
