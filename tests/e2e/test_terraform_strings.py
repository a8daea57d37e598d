"""Quoted strings and heredocs have the value that Terraform itself gives them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.hcl_model import Literal, Text

pytestmark = pytest.mark.needs_terraform

PIECES = [
    "a", "b ", " ", "  ", "\t", "\n", "\n\n", "\n  ", "\n    ", "\n\t", "\r\n", "\r\n  ", "é", "e\u0301", "😀",
    "\u00a0", "$", "%", "$$", "%%", "$${", "%%{", "$$${1}", "{", "}", "~", "#", "\\", "'", "<<E", "E", "E x",
    "${1}", '${"q"}', "${~ 1}", "${1 ~}", "${~ 1 ~}", "\n${1}", "\n  ${1}\n", '${"x\\ny"}', "\n   \n",
]  # fmt: skip
ESCAPES = ["\\n", "\\t", "\\r", '\\"', "\\\\", "\\u00e9", "\\U0001f600", "\\\\u0041"]
_bodies = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
_heredocs = st.builds(
    lambda marker, indent, body: f"{marker}END\n{body}\n{indent}END\n",
    st.sampled_from(["<<", "<<-"]),
    st.sampled_from(["", "  ", "\t"]),
    _bodies,
)
_quoted = (
    st.lists(st.sampled_from([*PIECES, *ESCAPES]), max_size=10)
    .map("".join)
    .filter(lambda body: "\n" not in body)
    .map(lambda body: f'"{body}"\n')
)


def ours(expression: str) -> str | None:
    """Return the value, with literals in place of interpolations; None for what is wrong."""
    document = HclDocument.parse(f"a = {expression}", "main.tf")
    if document.problems or not document.complete or set(document.attributes) != {"a"}:
        return None
    text = document.attributes["a"].expression
    if not isinstance(text, Text):
        return None
    parts, shown = iter(text.parts), []
    for offset, character in enumerate(text.decoded.text):
        part = next(parts) if offset in text.decoded.holes else None
        assert part is None or isinstance(part, Literal | Text)
        shown.append(character if part is None else str(part.value))
    return normalize("NFC", "".join(shown))


def terraforms(expressions: list[str], folder: Path) -> list[object]:
    """Return the values of all expressions, from one `terraform apply`."""
    lines = (
        f'output "o{number}" {{\n  value = {text}}}\n' for number, text in enumerate(expressions)
    )
    (folder / "main.tf").write_bytes("".join(lines).encode())
    done = subprocess.run(
        ["terraform", "apply", "-json", "-auto-approve", "-input=false", "-lock=false"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout[-2000:]
    outputs = [event["outputs"] for event in events if event["type"] == "outputs"][-1]
    return [outputs[f"o{number}"]["value"] for number in range(len(expressions))]


def generated(count: int) -> list[str]:
    found = list[str]()

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(_heredocs | _quoted)
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return list(dict.fromkeys(found))


def test_strings_have_terraforms_values(tmp_path: Path) -> None:
    # What is wrong in the text of a string is for the agreement about syntax.
    good = {text: value for text in generated(900) if (value := ours(text)) is not None}
    assert len(good) > 300

    found = terraforms(list(good), tmp_path)

    different = [
        (text, value, real)
        for (text, value), real in zip(good.items(), found, strict=True)
        if value != str(real)
    ]
    assert different == []
