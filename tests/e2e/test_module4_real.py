"""With the config that release 4.3.1 of the registry's module writes, the real Codex works."""

from __future__ import annotations

import re
from typing import Any

import pytest

from provisioner.prove.run import prove
from tests.support.module4_client import Module4Client
from tests.support.specs import plan_for

pytestmark = pytest.mark.needs_codex

VERSIONS = ("0.122.0", "0.134.0", "0.169.0")
KINDS = ("coder", "langwatch", "auto-ai-router", "openai-compatible")
WARNED = "Codex ignores no setting"


def failed(client: Module4Client, profile: str = "", **spec: Any) -> dict[str, str]:
    target = {"codex": client.version, "codex_module": "~> 4.3"}
    gateway = {"url": "http://localhost:9/v1", **spec.pop("gateway")}
    proof = prove(
        plan_for("centralized", target=target, gateway=gateway, **spec), client, None, profile
    )
    return {check.name: check.detail for check in proof.checks if not check.passed}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version", VERSIONS)
def test_codex_reaches_the_gateway_with_its_token(version: str, kind: str) -> None:
    client = Module4Client(version)

    found = failed(client, gateway={"kind": kind}, mcp={"files": {"command": "true"}})

    warns = version == "0.169.0"
    assert set(found) == ({WARNED} if warns else set())
    assert set(re.findall(r"`([\w.]+)` is ignored", client.log)) == (
        {"mcp_servers.Coder.description", "mcp_servers.Coder.type"} if warns else set()
    )
    assert client.coder_called_with == "exp mcp server"


def test_a_profile_of_the_spec_is_written_too() -> None:
    profiles = {"quick": {"model_reasoning_effort": "low", "model": "gpt-5.5"}}

    found = failed(Module4Client("0.134.0"), "quick", gateway={"kind": "coder"}, profiles=profiles)

    assert found == {}


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_a_strict_codex_refuses_the_table_of_the_module(version: str) -> None:
    found = failed(Module4Client(version, ("--strict-config",)), gateway={"kind": "coder"})

    said = "unknown configuration field `mcp_servers.Coder.description`"
    assert said in found["the client ends well"]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"gateway": {"kind": "langwatch", "token_env": "OPENAI_API_KEY"}}, "OPENAI_API_KEY"),
        ({"gateway": {"kind": "langwatch"}, "credential": "api_key_login"}, ""),
    ],
)
def test_what_a_spec_is_refused_does_not_work(spec: dict[str, Any], said: str) -> None:
    found = failed(Module4Client("0.134.0"), **spec)

    assert said in found["the client ends well"]
    assert "the gateway saw the flow" in found or "both turns are recorded" in found
