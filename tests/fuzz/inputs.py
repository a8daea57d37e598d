"""Bytes that look more or less like a template folder, for hypothesis and for atheris."""

from __future__ import annotations

from hypothesis import strategies as st

from provisioner.validate.rules import RULES
from provisioner.validate.workspace import Workspace

__all__ = ["check", "files"]

_NAMES = st.sampled_from(["n", "main", "codex", "a-b", "é", "1st", "for", "null"])
_LITERALS = st.sampled_from(
    ["1", "-1e9", "true", "null", '"x"', '"${var.n}"', "<<-E\n  x ${n}\n  E\n"]
)
_EXPRESSIONS = st.recursive(
    _LITERALS | _NAMES | st.sampled_from(["var.n", "local.n[0].x", "data.coder_workspace.me.id"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(_NAMES, inner), max_size=3).map(
            lambda items: "{" + ", ".join(f"{key} = {value}" for key, value in items) + "}"
        ),
        st.tuples(_NAMES, inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
        st.tuples(inner, inner, inner).map(lambda three: "{} ? {} : {}".format(*three)),
        inner.map(lambda text: f'"a ${{{text}}} b"'),
        inner.map(lambda text: f"[for n in {text} : n if n]"),
        inner.map(lambda text: f'"%{{ if {text} }}x%{{ endif }}"'),
    ),
    max_leaves=8,
)
_HEADERS = st.sampled_from(
    [
        'variable "n"', 'output "n"', "locals", 'module "codex"', 'resource "coder_agent" "main"', "terraform",
        'data "coder_workspace" "me"', 'provider "coder"', "lifecycle", 'dynamic "metadata"', "content", "run",
    ]
)  # fmt: skip
_ARGUMENTS = st.sampled_from(
    [
        "source",
        "version",
        "agent_id",
        "base_config_toml",
        "default",
        "value",
        "count",
        "for_each",
        "env",
    ]
)
_LINES = st.tuples(_ARGUMENTS | _NAMES, _EXPRESSIONS).map(lambda pair: f"{pair[0]} = {pair[1]}\n")
_BODIES = st.recursive(
    st.lists(_LINES, max_size=4).map("".join),
    lambda inner: st.lists(
        _LINES | st.tuples(_HEADERS, inner).map(lambda pair: f"{pair[0]} {{\n{pair[1]}}}\n"),
        max_size=4,
    ).map("".join),
    max_leaves=6,
)
_SPLINTERS = st.sampled_from(
    ['"', "{", "}", "${", "%{", "<<E\n", "\n", "\r", "\\", "'", "\0", "\ufeff"]
)


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    text = draw(_BODIES)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(_SPLINTERS) + text[at + draw(st.integers(0, 3)) :]
    return text.encode()


_DATA = st.one_of(_damaged(), st.binary(max_size=80), st.text(max_size=60).map(str.encode))
_FILES = st.sampled_from(
    [
        "main.tf",
        "more.tf",
        "a_override.tf",
        "terraform.tfvars",
        "a.tftest.hcl",
        "more.tf.json",
        "config.toml",
    ]
)

files = st.dictionaries(_FILES, _DATA, min_size=1, max_size=3)
"""Names and bytes of the files of one folder."""


def check(folder: dict[str, bytes]) -> None:
    """Judge the files by every rule, and see that each finding stands inside its file."""
    workspace = Workspace.read(dict(folder))
    for rule in RULES:
        for finding in rule.check(workspace):
            lines = folder[finding.path].count(b"\n") + 1
            assert finding.message
            assert 1 <= finding.span.start.line <= finding.span.end.line <= lines
            assert finding.span.start.column >= 1
            assert finding.span.start <= finding.span.end
