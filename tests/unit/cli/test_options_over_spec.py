"""An option is laid over the spec before the spec is judged, and each is blamed for its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import provisioner

URL = '[gateway]\nurl = "https://coder.example.com"\n'


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (URL, ("--flow", "byok")),
        ('flow = "byok"\n[gateway]\nkind = "langwatch"\n', ("--flow", "centralized")),
        ('flow = "nonsense"\n' + URL, ("--flow", "byok")),
    ],
    ids=["missing", "impossible", "wrong"],
)
def test_an_option_mends_the_spec(tmp_path: Path, text: str, options: tuple[str, ...]) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(text, encoding="utf-8")
    done = provisioner("codex", "config", spec, *options)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (URL + "x = 1\n", ":3:1: error PRV011"),
        ("[gate", ":1:6: error PRV010"),
        ('flow = "byok"\n' + URL + "[codex]\nmodel = 1\n", ":5:9: error PRV012"),
    ],
)
def test_what_an_option_does_not_mend_has_its_place(tmp_path: Path, text: str, place: str) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(text, encoding="utf-8")
    done = provisioner("codex", "config", spec, "--flow", "byok")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{spec}{place}")
    assert done.stderr.count("error PRV") == 1


def test_an_option_that_does_not_fit_is_to_blame(tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text('flow = "byok"\n' + URL, encoding="utf-8")
    done = provisioner("codex", "config", spec, "--gateway-kind", "langwatch")

    assert done.returncode == 2
    assert "LangWatch" in done.stderr
