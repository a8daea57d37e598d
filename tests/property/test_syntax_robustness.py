"""Whatever is in a file, there is a verdict: no exception, no crash, no long wait."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.finding import Finding
from provisioner.validate.rules import RULES
from provisioner.validate.run import validate
from provisioner.validate.workspace import Workspace
from tests.fuzz.inputs import check, files
from tests.support.command import ROOT

TEMPLATE = (ROOT / "templates" / "docker" / "main.tf").read_bytes()
CODEX = rb"""
module "codex" {
  source           = "registry.coder.com/coder-labs/codex/coder"
  version          = "~> 5.4"
  agent_id         = coder_agent.main.id
  codex_version    = "0.169.0"
  base_config_toml = <<-TOML
    model_provider = "gateway"

    [model_providers.gateway]
    name = "Gateway"
    base_url = "${data.coder_workspace.me.access_url}/api/v2/aibridge/openai/v1"
    http_headers = { "X-Team" = "core" }

    [projects."/home/coder"]
    trust_level = "trusted"
  TOML
}
"""
GOOD = TEMPLATE + CODEX
SPLINTERS = [b'"', b"{", b"}", b"[", b"]", b"${", b"%{", b"\n", b"\\", b"<<E\n", b"=", b"\xff"]


def findings(files: dict[str, bytes]) -> list[Finding]:
    workspace = Workspace.read(files)
    return [finding for rule in RULES for finding in rule.check(workspace)]


def test_the_template_that_is_mutated_is_clean() -> None:
    assert findings({"main.tf": GOOD}) == []


@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 12),
    st.sampled_from(SPLINTERS) | st.binary(max_size=6),
)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_damaged_template_gives_findings_inside_the_file(
    start: int, length: int, splinter: bytes
) -> None:
    data = GOOD[:start] + splinter + GOOD[start + length :]
    lines = data.count(b"\n") + 1

    for finding in findings({"main.tf": data}):
        assert 1 <= finding.span.start.line <= finding.span.end.line <= lines
        assert finding.span.start.column >= 1
        assert finding.span.start <= finding.span.end


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_any_bytes_get_a_verdict(data: bytes) -> None:
    both = findings({"main.tf": data}) + findings({"config.toml": data})

    assert all(finding.message for finding in both)


@given(files)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_folder_gets_findings_inside_its_files(folder: dict[str, bytes]) -> None:
    check(folder)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000 + "]" * 5000,
        "a = " + "[" * 5000,
        "a = " + "{a=" * 5000,
        "a = " + "!" * 5000 + "true",
        "a = " + "1 + " * 5000 + "1",
        "a {\n" * 5000 + "}\n" * 5000,
        'a = "${',
        'a = "' + "${" * 5000,
        "a = <<E\n" + "${" * 5000,
        "a = " + "[" * 200_000 + "]" * 200_000,
        "a = 1\0",
        "a = \udcff",
        '{"a": 1}',
        'a "${b}" {}\n',
    ],
    ids=range(14),
)
def test_malformed_terraform_is_a_finding(text: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(text.encode(errors="surrogateescape"))

    result = validate([tmp_path])

    assert {finding.code for finding in result.findings} == {"PRV001"}


def test_parentheses_may_be_as_deep_as_terraform_allows(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("locals {\n  a = " + "(" * 5000 + "1" + ")" * 5000 + "\n}\n")

    assert validate([tmp_path]).findings == ()


@pytest.mark.parametrize("text", ["a = " + "[" * 5000 + "]" * 5000, "a = 1\0", "\udcff", "a"])
def test_a_malformed_codex_config_is_a_finding(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))

    assert [finding.code for finding in validate([path]).findings] == ["PRV001"]
