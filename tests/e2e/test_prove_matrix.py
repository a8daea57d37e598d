"""Every gateway kind, flow and profile form, on both sides of every change that matters."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.prove.matrix import every_combination, jobs
from tests.support.command import ROOT, provisioner

VERSIONS = ("0.122.0", "0.134.0", "0.169.0")


@pytest.mark.needs_codex
def test_everything_that_is_offered_is_proven(tmp_path: Path) -> None:
    versions = [word for version in VERSIONS for word in ("--codex", version)]

    done = provisioner(
        "prove", "--all", *versions, "--format", "json", "--evidence", tmp_path, cwd=tmp_path
    )

    proofs = json.loads(done.stdout)["proofs"]
    assert [proof for proof in proofs if not proof["proven"]] == [], done.stderr
    seen = {(p["kind"], p["flow"], p["credential"], p["profile"], p["version"]) for p in proofs}
    keys = ("env_key", "api_key_login", "codex_api_key")
    combinations = [
        ("coder", "centralized", "env_key", ""),
        *(("coder", "byok", key, "") for key in keys),
        ("coder", "chatgpt", "chatgpt_login", ""),
        *(("langwatch", "centralized", key, "") for key in keys),
        *(("auto-ai-router", "centralized", key, "") for key in keys),
        ("auto-ai-router", "centralized", "env_key", "backend"),
        *(("openai-compatible", "centralized", key, "") for key in keys),
    ]
    assert seen == {(*row, version) for row in combinations for version in VERSIONS}
    assert len(done.stderr.splitlines()) >= len(proofs), "progress is shown for each proof"
    for proof in proofs:
        request = (Path(proof["evidence"]) / "request-1.txt").read_text()
        assert request.startswith("POST /")
        assert "authorization: Bearer " in request
        if proof["profile"]:
            assert '"model":"gpt-5.5"' in request.replace(" ", "")


def test_jobs_cover_versions_and_profiles() -> None:
    specs = every_combination((), ())

    todo = jobs(specs, ["0.122.0", "0.169.0"], "codex")

    assert len(todo) == 2 * (len(specs) + 1)
    assert todo[0].label == "coder centralized on codex 0.122.0"
    assert {job.spec.target.codex for job in todo} == {"0.122.0", "0.169.0"}
    assert [job.profile for job in todo if job.spec.gateway.kind == "auto-ai-router"] == [
        "",
        "backend",
        "",
        "backend",
    ]


def test_a_word_that_is_no_version_is_refused() -> None:
    with pytest.raises(InputError, match="--codex"):
        jobs(every_combination(("coder",), ()), ["newest"], "codex")


@pytest.mark.parametrize("options", [["--gateway-kind", "langwatch", "--flow", "byok"]])
def test_what_does_not_go_together_is_said(tmp_path: Path, options: list[str]) -> None:
    done = provisioner("prove", *options, cwd=tmp_path)

    assert (done.returncode, done.stderr) == (2, "error: langwatch cannot serve the flow byok\n")


@pytest.mark.needs_codex
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_proof_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "provisioner", "prove", "--all"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 30
    while not list(tmp_path.glob("provisioner-*/home")) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(number)
    process.communicate(timeout=30)

    assert process.returncode != 0
    assert list(tmp_path.glob("provisioner-*")) == []
