"""PRV516."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioner.finding import Finding, Severity
from provisioner.validate.codex_config import CodexConfig, Found
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["ineffective_retry_limit"]

_REQUEST, _STREAM = "request_max_retries", "stream_max_retries"
_DEFAULTS = {_REQUEST: 4, _STREAM: 5}
_MOST = 100
_MANY_REQUESTS = 300


@rule("PRV516", "ineffective-retry-limit", Severity.WARNING)
def ineffective_retry_limit(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Retries of a model provider that do not do what they say.

    What it does:
        Reports `request_max_retries` and `stream_max_retries` above 100, and both together when a
        failing gateway would get more than 300 requests for one turn. As a note it reports `0` in
        Codex 0.150 and newer without `unbounded_connection_retries = false`.

    Why:
        Codex counts to 100 at most. After an answer of 5xx each of the one is tried again for each
        of the other: 20 and 20 make 441 requests. From 0.150 on neither limit holds for a gateway
        that cannot be reached: Codex waits for ever.

    Use instead:
        Numbers below 10, and `unbounded_connection_retries = false` below `[features]` where Codex
        runs unattended.
    """
    for config in workspace.codex_configs:
        for name, table in config.custom_providers.items():
            found = {key: config.find("model_providers", name, key) for key in _DEFAULTS}
            yield from _of_provider(this, config, table, found)


def _of_provider(
    this: Rule, config: CodexConfig, table: dict[str, Any], found: dict[str, Found | None]
) -> Iterator[Finding]:
    limits = {key: _count(table.get(key), default) for key, default in _DEFAULTS.items()}
    requests = (min(limits[_REQUEST], _MOST) + 1) * (min(limits[_STREAM], _MOST) + 1)
    for key, place in found.items():
        if place is None:
            continue
        if limits[key] > _MOST:
            message = f"Codex tries again {_MOST} times at most, not {limits[key]} times"
        elif requests > _MANY_REQUESTS and limits[key] > _DEFAULTS[key]:
            message = f"a gateway that fails gets {requests} requests for one turn"
        else:
            continue
        yield this.finding(place.file, place.value_span, message, help="write a number below 10")
    places = [place for key, place in found.items() if place and limits[key] == 0]
    if places and config.is_known and _waits_for_ever(config):
        yield this.finding(
            places[0].file,
            places[0].value_span,
            f"Codex {config.release.version} waits for ever for a gateway that it cannot reach, "
            "whatever the limit",
            help="write unbounded_connection_retries = false below [features]",
            severity=Severity.NOTE,
        )


def _count(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _waits_for_ever(config: CodexConfig) -> bool:
    switch = config.find("features", "unbounded_connection_retries")
    is_on = switch is None or switch.value is not False
    return is_on and config.release.has("unbounded_connection_retries")
