"""What `init` writes: each line that is a comment works without its `#`."""

from __future__ import annotations

import re

import pytest

from provisioner.spec.load import check_spec
from provisioner.spec.starter import starter_spec

TEXT = starter_spec(flow="byok", template="docker", gateway_kind="coder")
OFFER = re.compile(r"^# (?=\[|\w+ = )", re.MULTILINE)


def taken(text: str, *left_out: str) -> str:
    """Take all offers but some."""
    lines = (
        line if line.removeprefix("# ").partition(" ")[0] in left_out else OFFER.sub("", line)
        for line in text.splitlines()
    )
    return "\n".join(lines)


def test_all_offers_work_together() -> None:
    spec, findings = check_spec(taken(TEXT, "folder", "codex_module"), "provisioner.toml")

    assert findings == ()
    assert spec is not None
    assert (spec.module.source, spec.module.install) == ("bundled", "npm")
    assert spec.parameters.model_reasoning_effort == ("low", "medium", "high")
    assert spec.mcp.keys() == {"issues"}


def test_a_release_of_the_registrys_module_works_too() -> None:
    spec, findings = check_spec(taken(TEXT, "folder", "[module]", "source", "install"), "x.toml")

    assert findings == ()
    assert spec is not None
    assert spec.target.codex_module == "~> 5.0"


@pytest.mark.parametrize("flow", ["centralized", "byok", "chatgpt"])
def test_it_works_as_it_is(flow: str) -> None:
    text = starter_spec(flow=flow, template="docker", gateway_kind="coder")

    spec, findings = check_spec(text, "provisioner.toml")

    assert findings == ()
    assert spec is not None
    assert spec.flow == flow
