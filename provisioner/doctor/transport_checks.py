"""Checks of how requests travel: WebSockets, which cost seconds, and compressed bodies."""

from __future__ import annotations

import base64
import os

import httpx

from provisioner.doctor.model import Check, ok, warning
from provisioner.doctor.patient import Patient
from provisioner.doctor.probe import Silence, ask

__all__ = ["compression", "websocket"]

_WEBSOCKET = "websocket"


async def websocket(patient: Patient, client: httpx.AsyncClient) -> Check:
    """Does a WebSocket handshake end at once? It carries no prompt, so nothing can be spent."""
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "OpenAI-Beta": "responses_websockets=2026-02-06",
    }
    answer = await ask(
        client,
        f"{patient.facts.base_url}/responses",
        {**patient.headers(with_credentials=True), **handshake},
        params=patient.facts.query_params,
        seconds=patient.seconds,
    )
    if isinstance(answer, Silence):
        seen = f"a WebSocket handshake gets {answer.reason}"
    elif answer.status == httpx.codes.SWITCHING_PROTOCOLS:
        return ok(_WEBSOCKET, "the gateway speaks WebSocket")
    elif answer.status == httpx.codes.UPGRADE_REQUIRED:
        return ok(_WEBSOCKET, "the gateway refuses WebSockets with 426: Codex takes HTTP at once")
    else:
        seen = f"the gateway answers a WebSocket handshake with HTTP {answer.status}, not 426"
    if patient.facts.supports_websockets:
        fix = f"take supports_websockets out of {_table(patient)} (coder/coder#26565)"
        return warning(_WEBSOCKET, f"{seen}: Codex tries for seconds before it takes HTTP", fix)
    return ok(_WEBSOCKET, f"{seen}, and this config does not let Codex try one")


def compression(patient: Patient) -> Check:
    """Will Codex compress its requests, which Coder's gateway cannot read? Nothing is sent."""
    if patient.facts.provider_name != "OpenAI":
        seen = "Codex sends plain bodies to a provider of this name"
        return ok("compression", seen)
    return warning(
        "compression",
        "a provider named OpenAI makes Codex compress its requests with zstd when there is a "
        "ChatGPT login, which many gateways cannot read",
        f"give {_table(patient)} another name",
    )


def _table(patient: Patient) -> str:
    """Return which table says so: a spec has no such setting, the user's own file has."""
    where = patient.config.path or patient.home.folder / "config.toml"
    return f"[model_providers.{patient.facts.provider_id}] in {where}"
