"""The generator and the validator agree: what any valid spec renders to has no finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomlkit
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from provisioner.assets import template_names
from provisioner.plan.resolve import resolve
from provisioner.render.template import render
from provisioner.render.write import write_folder
from provisioner.spec.combinations import possible_credentials
from provisioner.spec.load import check_spec
from provisioner.spec.models import Spec
from provisioner.validate.run import validate

_HOSTILE = st.lists(
    st.sampled_from(
        ["${x}", "%{if}", '"', "'", "\\", "$", "%", "{", "é", "😀", "EOT", "TOML", "a", " ", "#"]
    ),
    min_size=1,
    max_size=8,
).map("".join)
_LINES = _HOSTILE.filter(lambda text: bool(text.strip()))
_OPTIONS = st.lists(_LINES, max_size=3, unique=True)
_KINDS = st.sampled_from(["coder", "langwatch", "auto-ai-router", "openai-compatible"])
_PROFILES = st.dictionaries(
    st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True),
    st.fixed_dictionaries(
        {}, optional={"model": _LINES, "model_context_window": st.integers(1, 9**9)}
    ),
    max_size=2,
)


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(_KINDS)
    gateway: dict[str, Any] = {"kind": kind}
    if kind != "coder":
        gateway["url"] = "https://gateway.example.com/v1"
    flows = ["centralized", "byok", "chatgpt"] if kind == "coder" else ["centralized"]
    flow = draw(st.sampled_from(flows))
    families = ["~> 5.0", "~> 4.3"] if flow == "centralized" else ["~> 5.0"]
    target = {
        "codex": draw(st.sampled_from(["0.133.0", "0.134.0", "0.169.0"])),
        "codex_module": draw(st.sampled_from(families)),
    }
    empty = Spec.model_validate({"flow": flow, "gateway": gateway, "target": target})
    return {
        "flow": flow,
        "credential": draw(st.sampled_from(possible_credentials(empty))),
        "gateway": gateway,
        "template": draw(
            st.fixed_dictionaries(
                {"name": st.sampled_from(template_names())},
                optional={"display_name": _LINES, "description": _LINES},
            )
        ),
        "codex": draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "model": _LINES,
                    "model_reasoning_effort": _LINES,
                    "workdir": _HOSTILE.map(lambda text: f"/home/{text}"),
                    "web_search": st.sampled_from(["disabled", "live"]),
                },
            )
        ),
        "parameters": draw(
            st.fixed_dictionaries({}, optional={"model_reasoning_effort": _OPTIONS})
        ),
        "profiles": draw(_PROFILES),
        "target": target,
    }


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=specs())
def test_what_a_valid_spec_renders_to_is_clean(tmp_path_factory: Any, data: dict[str, Any]) -> None:
    spec, _ = check_spec(tomlkit.dumps(data), "spec.toml")
    assume(spec is not None)
    assert spec is not None
    folder: Path = tmp_path_factory.mktemp("rendered") / "out"

    write_folder(folder, render(resolve(spec)))

    result = validate([folder])
    assert [finding for finding in result.findings if finding.severity != "note"] == []
