"""A plain Responses client, for machines without npm: it proves the gateway, not Codex."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.plan.model import Plan
from provisioner.prove.client_run import ClientRun
from provisioner.prove.credentials import Credentials
from provisioner.prove.gateway_process import RunningGateway
from provisioner.prove.scenario import Scenario

__all__ = ["ResponsesClient"]

_TIMEOUT_SECONDS = 20
_MAX_TURNS = 4
_DEFAULT_MODEL = "gpt-5.5"

_Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResponsesClient:
    """Sends what Codex would send, and answers tool calls without running them."""

    version = ""
    name = "responses"
    needs_install = False

    def prepare(self) -> None:
        """Nothing to install."""

    def run(
        self,
        plan: Plan,
        gateway: RunningGateway,
        credentials: Credentials,
        scenario: Scenario,
        *,
        folder: Path,
    ) -> ClientRun:
        """Hold the conversation, and return what came of it; no command is run, no file written."""
        start = time.monotonic()
        headers = _headers(plan, credentials)
        url = f"{gateway.url_for(plan.gateway_kind)}{plan.codex.provider.base_path}/responses"
        conversation: list[_Json] = [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": scenario.prompt}],
            }
        ]
        answer, calls = "", 0
        try:
            for _ in range(_MAX_TURNS):
                items = list(_turn(url, headers, _model(plan), conversation))
                conversation += items
                tool_calls = [item for item in items if item["type"] == "function_call"]
                answer = "".join(_text(item) for item in items)
                if not tool_calls:
                    break
                calls += len(tool_calls)
                conversation += [_tool_output(call) for call in tool_calls]
        except (OSError, ValueError, KeyError) as error:
            return ClientRun(
                1, "", f"{type(error).__name__}: {error}", time.monotonic() - start, ""
            )
        log = f"{calls} tool call(s) answered without running them; {folder.name}"
        return ClientRun(0, answer, log, time.monotonic() - start, "")


def _model(plan: Plan) -> str:
    settings = {setting.key: setting.value for setting in plan.codex.settings}
    return str(settings.get("model", _DEFAULT_MODEL))


def _headers(plan: Plan, credentials: Credentials) -> dict[str, str]:
    provider = plan.codex.provider
    headers = {
        "Authorization": f"Bearer {credentials.bearer.reveal()}",
        "Content-Type": "application/json",
        "User-Agent": "provisioner",
    }
    for header, variable in provider.env_http_headers.items():
        headers[header] = credentials.environment[variable].reveal()
    return headers


def _turn(
    url: str, headers: dict[str, str], model: str, conversation: list[_Json]
) -> Iterator[_Json]:
    """Send the conversation and yield the finished items of the answer."""
    body = {"model": model, "input": conversation, "stream": True, "store": False}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - our gateway
    # The gateway is on this machine: a proxy of the environment is not for it.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=_TIMEOUT_SECONDS) as response:
        for line in response:
            if line.startswith(b"data: {"):
                event = json.loads(line.removeprefix(b"data: "))
                if event["type"] == "response.output_item.done":
                    yield event["item"]


def _text(item: _Json) -> str:
    if item["type"] != "message":
        return ""
    return "".join(part["text"] for part in item["content"] if part["type"] == "output_text")


def _tool_output(call: _Json) -> _Json:
    return {"type": "function_call_output", "call_id": call["call_id"], "output": "not run"}
