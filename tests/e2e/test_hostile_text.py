"""Whatever stands in the free text of a spec, Terraform reads the same out of the template."""

from __future__ import annotations

import string
import tempfile
import tomllib
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.plan.resolve import resolve
from provisioner.render.template import render
from provisioner.render.verify import verify
from provisioner.spec.models import Spec
from tests.support.planned_template import (
    planned,
    ready,
    show_what_the_module_is_given,
    written,
)

pytestmark = pytest.mark.needs_terraform

PIECES = [
    '"', "'", "\\", "$", "%", "${", "%{", "$${", "%%{", "${x}", "%{ if true }", "{", "}", "~", "#", "//", "/*",
    "EOT", "TOML", "SH", "<<-TOML", "é", "e\u0301", "\u2028", "\u00a0", "😀", "\U0001d54f", "`", "=", "@@0@@", " ", "a", "-",
]  # fmt: skip
ANY = st.lists(st.sampled_from([*PIECES, "\n", "\t", "\n\n", "\nTOML\n", "\nSH\n"]), max_size=8)
TEXT = ANY.map("".join)
LINE = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8)
    .map("".join)
    .filter(lambda text: bool(text.strip()) and text.isprintable())
)
OPTION = LINE.filter(lambda text: not set(text) & set('"\\'))
SCRIPT = TEXT.filter(lambda text: bool(text.strip()))
NAME = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=8)
FOLDER = LINE.map(lambda text: "/home/" + "".join(c for c in text if c not in "\"'\\$`"))


def unique(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Lists whose texts stay apart in the normal form that Terraform brings them into."""
    return st.lists(texts, min_size=1, max_size=5, unique_by=lambda text: normalize("NFC", text))


SPECS = st.fixed_dictionaries(
    {
        "template": st.fixed_dictionaries({"display_name": LINE, "description": LINE}),
        "module": st.fixed_dictionaries(
            {
                "source": st.sampled_from(["registry", "bundled"]),
                "pre_install_script": SCRIPT,
                "post_install_script": SCRIPT,
            }
        ),
        "codex": st.fixed_dictionaries(
            {"model_reasoning_effort": LINE, "service_tier": LINE, "workdir": FOLDER}
        ),
        "parameters": st.fixed_dictionaries({"model": unique(OPTION)}),
        "presets": st.dictionaries(
            NAME,
            st.fixed_dictionaries(
                {"description": LINE, "parameters": st.dictionaries(NAME, LINE, max_size=2)}
            ),
            max_size=2,
        ),
        "profiles": st.dictionaries(NAME, st.fixed_dictionaries({"model": LINE}), max_size=3),
        "mcp": st.fixed_dictionaries(
            {
                "program": st.fixed_dictionaries(
                    {
                        "command": LINE,
                        "args": st.lists(TEXT, max_size=5),
                        "env": st.dictionaries(st.sampled_from(["A", "B"]), TEXT),
                    }
                ),
                "site": st.fixed_dictionaries(
                    {
                        "url": st.just("https://mcp.example.com"),
                        "http_headers": st.dictionaries(st.sampled_from(["X-A", "X-B"]), LINE),
                        "enabled_tools": st.lists(LINE, max_size=3),
                    }
                ),
            }
        ),
    }
)


def plain(value: Any) -> Any:
    """Bring all text into the normal form that HCL brings it into."""
    match value:
        case str():
            return normalize("NFC", value)
        case dict():
            return {plain(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return value


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables=SPECS)
def test_terraform_evaluates_back_what_the_spec_says(tables: dict[str, Any]) -> None:
    spec = Spec.model_validate({"flow": "byok", **tables})
    plan = resolve(spec)
    files = render(plan)
    verify(plan, files)
    with tempfile.TemporaryDirectory() as place:
        folder = written(Path(place), files)
        with ready(folder) as environment:
            show_what_the_module_is_given(folder, environment)
            found = planned(folder, environment)

    (module,) = found.outputs["given"]
    config = tomllib.loads(module["base_config_toml"])
    assert config["model_reasoning_effort"] == plain(spec.codex.model_reasoning_effort)
    assert config["service_tier"] == plain(spec.codex.service_tier)
    assert config["model"] == plain(spec.parameters.model[0])
    assert config["projects"] == {plain(spec.codex.workdir): {"trust_level": "trusted"}}
    assert config["mcp_servers"] == plain(servers(spec))
    assert module["workdir"] == plain(spec.codex.workdir)
    assert module["pre_install_script"] == plain(spec.module.pre_install_script)
    assert module["post_install_script"].endswith(plain(spec.module.post_install_script))
    if spec.module.source == "bundled":
        profiles = {name: tomllib.loads(text) for name, text in module["profiles"].items()}
        assert profiles == {
            name: {"model": plain(item.model)} for name, item in spec.profiles.items()
        }
    parameter = found.data["data.coder_parameter.codex_model"]
    assert [option["value"] for option in parameter["option"]] == plain(spec.parameters.model)
    presets = {
        item["name"]: item for name, item in found.data.items() if "coder_workspace_preset" in name
    }
    for name, preset in spec.presets.items():
        assert presets[name]["description"] == plain(preset.description)
        assert presets[name]["parameters"] or plain(preset.parameters) == {}


def servers(spec: Spec) -> dict[str, Any]:
    """Return the MCP servers as Codex is to read them, without what is empty."""
    return {
        name: {key: value for key, value in server.model_dump().items() if value}
        for name, server in spec.mcp.items()
    }
