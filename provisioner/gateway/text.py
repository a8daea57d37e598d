"""What the gateway commands print: the ready block and the list of interceptions."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime

from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.dialects import base_paths
from provisioner.gateway.record.model import InterceptionRecord
from provisioner.gateway.server import Ready
from provisioner.redact import Secret

__all__ = ["interceptions_json", "interceptions_text", "ready_json", "ready_text", "token_json"]

_HEADINGS = (
    "STARTED",
    "ENDED",
    "PROVIDER",
    "MODEL",
    "CREDENTIAL",
    "USER",
    "STATUS",
    "IN",
    "CACHED",
    "OUT",
    "TOOLS",
    "ID",
)


def ready_json(ready: Ready) -> str:
    """Return the one line that other programs wait for."""
    token = ready.token.reveal() if ready.token else None
    return json.dumps({"url": ready.url, "token": token, "state": str(ready.state)})


def ready_text(ready: Ready, config: GatewayConfig) -> str:
    """Return what a person needs to go on: addresses, token, and commands to paste."""
    bases = [ready.url + path for path in base_paths(config)]
    state = shlex.quote(str(ready.state))
    if ready.token:
        token, shown = ready.token.reveal(), "shown this once"
    else:
        token, shown = "TOKEN", f"make one: provisioner gateway token create --state {state}"
    lines = [
        f"gateway ready on {ready.url}",
        *(f"  base URL   {base}" for base in bases),
        *_missing_provider(config),
        f"  token      {token}  ({shown})",
        f"  state      {ready.state}",
        "try it with Codex:",
        f"  {_codex_command(bases[0], token)}",
        "see what was recorded:",
        f"  provisioner gateway session list --state {state}",
    ]
    return "\n".join(lines)


def _missing_provider(config: GatewayConfig) -> list[str]:
    """Say what the ChatGPT flow will miss, before it ends in a 404."""
    if config.dialect != "coder" or any(entry.name == "chatgpt" for entry in config.provider):
        return []
    return ['  note       no provider "chatgpt" is configured: the ChatGPT flow gets 404']


def _codex_command(base_url: str, token: str) -> str:
    provider = f'{{name="AI gateway", base_url="{base_url}", env_key="GATEWAY_TOKEN"}}'
    settings = ("model_provider=ai_gateway", f"model_providers.ai_gateway={provider}")
    options = " ".join(f"-c {shlex.quote(setting)}" for setting in settings)
    return (
        f"GATEWAY_TOKEN={token} codex exec --skip-git-repo-check "
        f"{options} -m gpt-5.5 hello </dev/null"
    )


def token_json(token: Secret, user: str) -> str:
    """Return a token that was just made, and whose it is, as one JSON document."""
    return json.dumps({"token": token.reveal(), "user": user})


def interceptions_json(records: Iterable[InterceptionRecord]) -> str:
    """Return `records` as one JSON document."""
    return json.dumps({"interceptions": [_document(record) for record in records]}, indent=2)


def interceptions_text(records: Sequence[InterceptionRecord]) -> str:
    """Return `records` as a table."""
    if not records:
        return "no interceptions recorded yet"
    rows = [_HEADINGS, *(_row(record) for record in records)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _document(record: InterceptionRecord) -> dict[str, object]:
    return {
        "id": record.id,
        "provider": record.provider,
        "provider_type": record.provider_type,
        "model": record.model,
        "client": record.client,
        "client_session_id": record.client_session_id,
        "credential_kind": record.credential_kind,
        "credential_hint": record.credential_hint,
        "user": record.initiator,
        "started_at": record.started_at.isoformat(),
        "ended_at": record.ended_at.isoformat() if record.ended_at else None,
        "outcome": record.outcome.value,
        "status": record.status,
        "error": record.error,
        "input_tokens": sum(usage.input for usage in record.token_usage),
        "cached_tokens": sum(usage.cache_read for usage in record.token_usage),
        "output_tokens": sum(usage.output for usage in record.token_usage),
        "tools": [usage.tool for usage in record.tools],
    }


def _row(record: InterceptionRecord) -> tuple[str, ...]:
    credential = f"{record.credential_kind} {record.credential_hint}".rstrip()
    status = "" if record.status is None else f" {record.status}"
    return tuple(
        _printable(cell)
        for cell in (
            _time(record.started_at),
            _time(record.ended_at),
            record.provider,
            record.model,
            credential,
            record.initiator,
            f"{record.outcome.value}{status}",
            str(sum(usage.input for usage in record.token_usage)),
            str(sum(usage.cache_read for usage in record.token_usage)),
            str(sum(usage.output for usage in record.token_usage)),
            ", ".join(usage.tool for usage in record.tools),
            record.id,
        )
    )


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%SZ") if moment else ""


def _printable(cell: str) -> str:
    """Return `cell` without what could steer a terminal: clients choose models and tool names."""
    return "".join(character if character.isprintable() else "?" for character in cell)
