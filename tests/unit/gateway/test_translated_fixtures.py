"""Whole messages both ways: what Codex sends and what goes on, what comes and what Codex gets.

The streams are as the public references of the three APIs show them. `--update-goldens` rewrites
what is expected.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from provisioner.gateway.sse import EventStreamParser
from provisioner.gateway.translate.answer_events import AnswerEvents
from provisioner.gateway.translate.apis import APIS
from provisioner.gateway.translate.protocol import Limits
from provisioner.gateway.translate.request_reader import read_request
from provisioner.gateway.translate.seal import unseal
from provisioner.gateway.upstreams.known_body import KnownBody
from provisioner.gateway.upstreams.translated_body import TranslatedBody
from tests.support import txtar
from tests.support.api_rules import faults

CASES = sorted((Path(__file__).parent / "translated").glob("*.txtar"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_goes_on_and_what_comes_back(path: Path, request: pytest.FixtureRequest) -> None:
    archive = txtar.parse(path.read_text(encoding="utf-8"))
    given = archive.files
    api = given["api"].strip()
    asked = read_request(json.loads(given["codex-request"]), api, {})
    written = APIS[api].write(asked, Limits())
    events = AnswerEvents(api, asked.model, asked.tools)
    body = TranslatedBody(KnownBody((given["stream"].encode(),)), APIS[api].reader(events), events)
    found = {
        "api": given["api"],
        "codex-request": given["codex-request"],
        "request": f"POST {written.path}?{written.query}\n{json.dumps(written.body, indent=1)}\n",
        "dropped": "".join(f"{name}\n" for name in asked.dropped.names()),
        "stream": given["stream"],
        "events": "".join(f"{line}\n" for line in told(asyncio.run(collected(body)), api)),
    }
    if request.config.getoption("--update-goldens"):
        text = txtar.format(txtar.Archive(archive.comment, found))
        path.write_text(text, encoding="utf-8")
        given = found

    assert faults(api, written.body) == []
    assert found == given


async def collected(body: TranslatedBody) -> bytes:
    return b"".join([chunk async for chunk in body])


def told(stream: bytes, api: str) -> list[str]:
    """Return a line for each event, without what is made up; the last has the whole response."""
    return [line(json.loads(event.data), api) for event in EventStreamParser().feed(stream)]


def line(event: dict[str, Any], api: str) -> str:
    kind = event.pop("type")
    event.pop("sequence_number")
    if kind in ("response.created", "response.in_progress"):
        event = {"model": event["response"]["model"]}
    for item in (event.get("item", {}), *event.get("response", {}).get("output", ())):
        if item.get("encrypted_content"):
            item["encrypted_content"] = unseal(api, item["encrypted_content"])
    text = re.sub(r"(resp|msg|rs|fc|ctc|tsc|call)_[0-9a-f]{32}", r"\1_", json.dumps(event))
    return f"{kind} {re.sub(r'.created_at.: [0-9]+, ', '', text)}"
