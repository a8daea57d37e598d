"""What each Codex sends for a service tier; test_access_flows.py asks the real ones."""

from __future__ import annotations

import pytest

from provisioner.knowledge.service_tiers import sent_tier
from provisioner.knowledge.version import Version


@pytest.mark.parametrize(
    ("codex", "model", "written", "sent"),
    [
        ("0.122.0", "gpt-5.5", "fast", "priority"),
        ("0.125.0", "own-model", "fast", "priority"),
        ("0.134.0", "gpt-5.5", "fast", "priority"),
        ("0.134.0", "gpt-5.2", "fast", ""),
        ("0.169.0", "own-model", "fast", ""),
        ("0.125.0", "gpt-5.5", "flex", "flex"),
        ("0.134.0", "gpt-5.5", "flex", ""),
        ("0.155.0", "gpt-5.5", "flex", ""),
        ("0.160.0", "gpt-5.5", "flex", "flex"),
        ("0.169.0", "own-model", "flex", "flex"),
        ("0.122.0", "gpt-5.5", "auto", ""),
        ("0.169.0", "gpt-5.5", "auto", ""),
    ],
)
def test_what_is_sent(codex: str, model: str, written: str, sent: str) -> None:
    assert sent_tier(Version.parse(codex), model, written) == sent
