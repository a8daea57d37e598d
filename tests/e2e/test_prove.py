"""The real Codex proves each flow, and a flow that is broken is not proven."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from provisioner.plan.model import Plan, Setting
from provisioner.prove.codex_client import CodexClient
from provisioner.prove.responses_client import ResponsesClient
from provisioner.prove.run import prove
from tests.support.command import provisioner
from tests.support.specs import FLOW_NAMES, plan_for

CODEX = CodexClient("0.169.0")


def with_provider(plan: Plan, **changes: Any) -> Plan:
    """Return `plan` with a provider table that is wrong in some way."""
    provider = dataclasses.replace(plan.codex.provider, **changes)
    return dataclasses.replace(plan, codex=dataclasses.replace(plan.codex, provider=provider))


def failed_checks(plan: Plan) -> dict[str, str]:
    return {check.name: check.detail for check in prove(plan, CODEX).checks if not check.passed}


@pytest.mark.needs_codex
def test_three_flows_are_proven_on_the_newest_codex(tmp_path: Path) -> None:
    done = provisioner(
        "prove", "--gateway-kind", "coder", "--format", "json",
        "--evidence", tmp_path / "evidence", cwd=tmp_path,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    proofs = json.loads(done.stdout)["proofs"]
    seen = [
        (p["flow"], p["version"], p["proven"], p["gateway"]["credential_kind"], p["file_written"])
        for p in proofs
    ]
    assert seen == [
        ("centralized", "0.169.0", True, "centralized", "proof.txt"),
        ("byok", "0.169.0", True, "byok", "proof.txt"),
        ("chatgpt", "0.169.0", True, "byok", "proof.txt"),
    ]
    for proof in proofs:
        assert proof["gateway"]["interceptions"] == 2
        assert proof["gateway"]["client"] == "Codex"
        assert proof["gateway"]["tools"] == ["exec_command"]
        assert {path.name for path in Path(proof["evidence"]).iterdir()} == {
            "answer.txt",
            "config.toml",
            "log.txt",
            "records.json",
            "request-1.txt",
            "request-2.txt",
        }


@pytest.mark.needs_codex
def test_the_published_byok_recipe_is_not_proven() -> None:
    """`requires_openai_auth` with an exported OPENAI_API_KEY: the gateway's own key is spent."""
    plan = with_provider(plan_for("byok"), env_key="", requires_openai_auth=True)

    failed = failed_checks(plan)

    assert set(failed) == {"the gateway saw the flow", "the user's own credential arrived"}
    assert failed["the gateway saw the flow"].startswith("('centralized', 'openai', 'centralized')")


@pytest.mark.needs_codex
def test_a_login_on_the_wrong_path_is_not_proven() -> None:
    plan = with_provider(plan_for("chatgpt"), base_path="/api/v2/aibridge/openai/v1")

    assert set(failed_checks(plan)) == {"the gateway saw the flow"}


def with_unknown_setting(version: str) -> dict[str, str]:
    plan = plan_for("byok", target={"codex": version})
    odd = Setting("preferred_auth_method", "x", None)
    codex = dataclasses.replace(plan.codex, settings=(*plan.codex.settings, odd))
    proof = prove(dataclasses.replace(plan, codex=codex), CodexClient(version))
    return {check.name: check.detail for check in proof.checks if not check.passed}


@pytest.mark.needs_codex
def test_a_setting_that_codex_warns_of_is_all_that_is_not_proven() -> None:
    failed = with_unknown_setting("0.169.0")

    assert set(failed) == {"Codex ignores no setting"}
    assert "`preferred_auth_method` is ignored" in failed["Codex ignores no setting"]


@pytest.mark.needs_codex
def test_a_setting_that_codex_has_no_warning_for_stops_the_proof() -> None:
    failed = with_unknown_setting("0.155.0")

    words = "unknown configuration field `preferred_auth_method`"
    assert words in failed["Codex ignores no setting"]
    assert words in failed["the client ends well"]
    assert failed["both turns are recorded"] == "0 interceptions"


@pytest.mark.parametrize("flow", FLOW_NAMES)
def test_the_plain_client_passes_and_never_counts_as_proven(flow: str) -> None:
    proof = prove(plan_for(flow), ResponsesClient())

    assert [check for check in proof.checks if not check.passed] == []
    assert proof.passed
    assert not proof.proven
    assert proof.gateway is not None
    assert proof.gateway.flow == flow


def test_without_npm_a_missing_codex_is_named_and_auto_takes_the_plain_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    refused = provisioner("prove", "--flow", "byok", cwd=tmp_path)
    taken = provisioner("prove", "--flow", "byok", "--client", "auto", cwd=tmp_path)

    assert refused.returncode == 2
    assert "install Node.js" in refused.stderr.splitlines()[-1]
    assert taken.returncode == 0, taken.stderr
    assert "proves the gateway, not Codex" in taken.stderr
    assert taken.stdout.startswith("gateway only")


@pytest.mark.parametrize("flow", FLOW_NAMES)
def test_evidence_holds_no_secret_and_says_what_was_sent(flow: str, tmp_path: Path) -> None:
    plan = plan_for(flow)
    client = _Recording()

    proof = prove(plan, client, tmp_path)

    evidence = "".join(path.read_text() for path in Path(proof.evidence).iterdir())
    assert client.secrets
    assert [secret for secret in client.secrets if secret in evidence] == []
    assert plan.codex.provider.base_path in evidence


class _Recording:
    """The plain client, which also notes the secrets it was given and prints one of them."""

    name = "responses"
    version = ""
    needs_install = False

    def __init__(self) -> None:
        self.secrets: list[str] = []

    def prepare(self) -> None:
        return

    def run(self, plan: Plan, *given: Any, folder: Path) -> Any:
        credentials = given[1]
        self.secrets = [secret.reveal() for secret in credentials.all_secrets]
        run = ResponsesClient().run(plan, *given, folder=folder)
        return dataclasses.replace(run, log=f"the key is {self.secrets[0]}")
