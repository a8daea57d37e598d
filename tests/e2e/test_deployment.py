"""The pod of docs/deploy/kubernetes as a process: its command, its variables, its probes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.command import ROOT, provisioner
from tests.support.gateway_api import ask
from tests.support.gateway_server import SECONDS, gateway_process, post
from tests.support.postgres_server import PASSWORD, PostgresServer

MANIFESTS = ROOT / "docs/deploy/kubernetes"
KEY = "sk-only-for-tests-7c1"


def read(name: str) -> dict[str, object]:
    document = yaml.safe_load((MANIFESTS / name).read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


@pytest.mark.needs_postgres
@pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")
def test_a_pod_becomes_ready_and_stops_in_time(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod = read("deployment.yaml")["spec"]["template"]["spec"]  # type: ignore[index]
    (container,) = pod["containers"]
    values = {"database": postgres.new_database(), "openai-key": KEY}
    for entry in container["env"]:
        monkeypatch.setenv(entry["name"], values[entry["valueFrom"]["secretKeyRef"]["key"]])
    config = tmp_path / "gateway.toml"
    config.write_text(read("configmap.yaml")["data"]["gateway.toml"])  # type: ignore[index]
    command, option, given = container["args"]
    assert (command, option, Path(given).name) == ("serve", "--config", config.name)

    with gateway_process(tmp_path / "state", option, str(config)) as (process, gateway):
        probes = [container[f"{name}Probe"] for name in ("startup", "liveness", "readiness")]
        answers = [ask(gateway, probe["httpGet"]["path"], token="").status for probe in probes]
        create = ("gateway", "token", "create", "--config", config, "--user", "ada", "--admin")
        made = provisioner(*create)
        headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
        models = post(gateway, b"", path="/api/v2/ai-gateway/nothing/v1/responses", headers=headers)
        providers = ask(gateway, "/api/v2/ai/providers", token=made.stdout.strip())
        process.send_signal(signal.SIGTERM)
        code = process.wait(SECONDS)
        assert process.stderr is not None
        log = process.stderr.read()

    assert answers == [200, 200, 200]
    assert gateway.token == ""
    assert (models.status, code, log) == (404, 0, "")
    assert [entry["name"] for entry in json.loads(providers.body)] == ["openai", "chatgpt"]
    # Pods have no disk of their own.
    assert not (tmp_path / "state").exists()
    for secret in (PASSWORD, KEY):
        assert secret.encode() not in providers.body


def test_the_health_check_of_the_image_tells_a_gateway_from_none(tmp_path: Path) -> None:
    lines = (ROOT / "docs/deploy/Containerfile").read_text().splitlines()
    (check,) = (line for line in lines if line.startswith("HEALTHCHECK "))
    _, option, program = json.loads(check.partition(" CMD ")[2])

    def healthy(port: int) -> bool:
        command = [sys.executable, option, program.replace(":4001/", f":{port}/")]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    with gateway_process(tmp_path) as (_, gateway):
        while_it_runs = healthy(gateway.port)
    assert (while_it_runs, healthy(gateway.port)) == (True, False)
