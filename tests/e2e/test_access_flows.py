"""Each auth mode, resolved and written as a spec, works with the real Codex at the gateway."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from provisioner.knowledge.service_tiers import sent_tier
from provisioner.knowledge.version import Version
from tests.support.command import provisioner
from tests.support.tree import write_tree

ACCESS = """
[organization]
metered_enabled = true
metered_keys = ["codex"]

[gateways.default]
url = "https://coder.example.com"

[[pool]]
provider = "local"
name = "desk"

[[pool]]
provider = "kubernetes"
name = "cluster"
"""
PROFILES = """
[[profile]]
name = "work"
model_id = "gpt-5.4"
effort = "high"
service_tier = "fast"
context_window = 200000

[[profile]]
name = "offline"
model_id = "own-model"
auth_modes = ["local"]
"""
CATALOG = '[[model]]\nmodel_id = "own-model"\ncontext_window = 64000\n'
SEEN = {
    "byok": ("coder", "byok", "byok", "desk"),
    "metered": ("coder", "centralized", "centralized", "cluster"),
    "shared": ("coder", "centralized", "centralized", "cluster"),
    "host-session": ("coder", "chatgpt", "byok", "desk"),
    "local": ("openai-compatible", "centralized", "centralized", "desk"),
}


def proven(folder: Path, version: str, *arguments: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Resolve and prove; return what was resolved, and the first request with what the proof saw."""
    spec = folder / "provisioner.toml"
    made = provisioner(
        "access", "resolve", *arguments, "--codex", version, "--format", "json", "-o", spec,
        cwd=folder,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    done = provisioner("prove", spec, "--format", "json", "--evidence", folder / "e", cwd=folder)
    (proof,) = json.loads(done.stdout)["proofs"]
    assert proof["proven"], proof["checks"]
    assert proof["version"] == version
    request = (Path(proof["evidence"]) / "request-1.txt").read_text()
    return json.loads(made.stdout), {**proof, "request": request}


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", ["0.122.0", "0.169.0"])
@pytest.mark.parametrize("mode", SEEN)
def test_a_resolved_mode_is_proven(tmp_path: Path, mode: str, version: str) -> None:
    write_tree(
        tmp_path, {"access.toml": ACCESS, "profiles.toml": PROFILES, "catalog.toml": CATALOG}
    )
    profile = "offline" if mode == "local" else "work"

    data, proof = proven(tmp_path, version, "--profile", profile, "--mode", mode)

    kind, flow, credential, pool = SEEN[mode]
    assert (data["authMode"], data["pool"]["name"]) == (mode, pool)
    assert (proof["kind"], proof["flow"]) == (kind, flow)
    assert (proof["gateway"]["flow"], proof["gateway"]["credential_kind"]) == (flow, credential)
    assert proof["gateway"]["model"] == data["modelId"]
    if mode != "local":
        assert '"effort":"high"' in proof["request"].replace(" ", "")


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", ["0.125.0", "0.134.0", "0.155.0", "0.160.0", "0.169.0"])
@pytest.mark.parametrize("tier", ["auto", "fast", "flex"])
def test_a_service_tier_is_what_codex_sends(tmp_path: Path, tier: str, version: str) -> None:
    text = f'[[profile]]\nname = "p"\nmodel_id = "gpt-5.5"\nservice_tier = "{tier}"\n'
    write_tree(tmp_path, {"profiles.toml": text})

    data, proof = proven(tmp_path, version)

    sent = re.findall(r'"service_tier": ?"(\w+)"', proof["request"])
    expected = sent_tier(Version.parse(version), "gpt-5.5", tier)
    assert sent == ([expected] if expected else [])
    assert (data["codexServiceTier"] is None) == (expected == "")
