"""What is counted of circuits and of the keys of providers."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.support.gateway_api import ask
from tests.support.gateway_server import RunningGateway, post, running_gateway
from tests.support.twin import answering, twin

QUESTION = {"model": "m", "input": "hello"}
PROVIDER = '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "openai"\n'


def reply(status: int, document: object, *headers: str) -> bytes:
    body = json.dumps(document).encode()
    head = "\r\n".join((f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers))
    return f"{head}\r\n\r\n".encode() + body


WELL = reply(200, {"id": "r", "status": "completed", "output": []})
BUSY = reply(503, {})
LIMITED = reply(429, {}, "Retry-After: 3600")
REFUSED = reply(401, {})


def counted(gateway: RunningGateway, *names: str) -> dict[str, float]:
    """Return the samples of the metrics `names`, as one line each without its prefix."""
    lines = ask(gateway, "/metrics").body.decode().splitlines()
    prefix = "coder_ai_gateway_"
    wanted = tuple(f"{prefix}{name}" for name in names)
    found = (line.removeprefix(prefix).rpartition(" ") for line in lines if line.startswith(wanted))
    return {sample: float(value) for sample, _, value in found}


def test_circuits_are_counted_and_their_state_is_told(tmp_path: Path) -> None:
    circuit = "[circuit_breaker]\nenabled = true\nfailure_threshold = 2\ntimeout_seconds = 3600\n"
    with twin(answering(WELL, BUSY, BUSY)) as service:
        text = f'{circuit}{PROVIDER}base_url = "{service.url}"\n'
        (tmp_path / "g.toml").write_text(text)
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            post(gateway, QUESTION)
            labels = '{endpoint="/v1/responses",model="m",provider="openai"}'
            assert counted(gateway, "circuit_breaker") == {f"circuit_breaker_state{labels}": 0}
            statuses = [post(gateway, QUESTION).status for _ in range(5)]
            told = counted(gateway, "circuit_breaker")

    assert statuses == [503] * 5
    assert len(service.requests) == 3
    assert told == {
        f"circuit_breaker_state{labels}": 1,
        f"circuit_breaker_trips_total{labels}": 1,
        f"circuit_breaker_rejects_total{labels}": 3,
    }


def test_keys_are_counted_and_how_many_are_left_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ABC":
        monkeypatch.setenv(name, f"sk-provider-{name}")
    with twin(answering(WELL, LIMITED, REFUSED, WELL, LIMITED)) as service:
        text = f'era = "2.36"\n{PROVIDER}base_url = "{service.url}"\nkey_env = ["A", "B", "C"]\n'
        (tmp_path / "g.toml").write_text(text)
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            assert post(gateway, QUESTION).status == 200
            assert counted(gateway, "key_pool_state{") == {
                'key_pool_state{provider="openai",state="valid"}': 3,
                'key_pool_state{provider="openai",state="temporary"}': 0,
            }
            assert [post(gateway, QUESTION).status for _ in range(3)] == [200, 429, 429]
            told = counted(
                gateway,
                "key_pool_state",
                "key_pool_exhaustions",
                "key_pool_failover_attempts_count",
                "key_pool_failover_attempts_sum",
            )

    assert told == {
        'key_pool_state{provider="openai",state="valid"}': 0,
        'key_pool_state{provider="openai",state="temporary"}': 3,
        'key_pool_state_transitions_total{provider="openai",reason="rate_limited"}': 2,
        'key_pool_state_transitions_total{provider="openai",reason="unauthorized"}': 1,
        'key_pool_exhaustions_total{outcome="rate_limited",provider="openai"}': 2,
        # The last request found none to try.
        'key_pool_failover_attempts_count{provider="openai"}': 3,
        'key_pool_failover_attempts_sum{provider="openai"}': 5,
    }


def test_when_the_providers_were_read_is_told(tmp_path: Path) -> None:
    began = time.time()
    with running_gateway(tmp_path / "state") as gateway:
        told = counted(gateway, "providers_last_reload")

    assert set(told) == {
        "providers_last_reload_timestamp_seconds",
        "providers_last_reload_success_timestamp_seconds",
    }
    assert all(began <= value <= time.time() for value in told.values())
