"""Whatever stands in the free text of a spec, Terraform reads the same out of the template."""

from __future__ import annotations

import base64
import re
import string
import tempfile
import tomllib
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
import tomlkit
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.assets import template_names
from provisioner.plan.model import Plan
from provisioner.plan.resolve import resolve
from provisioner.render.template import render
from provisioner.render.verify import verify
from provisioner.spec.load import check_spec
from provisioner.spec.models import Spec
from tests.support.planned_template import (
    Planned,
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
ANY = st.lists(
    st.sampled_from([*PIECES, "\n", "\t", "\r", "\n\n", "\nTOML\n", "\nSH\n"]), max_size=8
)
TEXT = ANY.map("".join)
LINE = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8)
    .map("".join)
    .filter(lambda text: bool(text.strip()) and text.isprintable())
)
OPTION = LINE.filter(lambda text: not set(text) & set('"\\'))
SCRIPT = TEXT.filter(lambda text: bool(text.strip()) and "\r" not in text)
NAME = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=8)
FOLDER = LINE.map(lambda text: "/home/" + "".join(c for c in text if c not in "\"'\\$`"))
PATH = LINE.map(lambda text: "x" + "".join(c for c in text if c not in '"\\?# \u00a0'))
URL = PATH.map(lambda path: f"https://host.example.com/{path}")
ARTIFACT_URL = PATH.map(lambda path: re.sub(r"[^A-Za-z0-9._~:/!$&()*+,;={}%-]", "", path)).map(
    lambda path: f"https://host.example.com/{path}/{{version}}"
)
SERVICE = st.fixed_dictionaries({}, optional={"model_reasoning_effort": LINE, "service_tier": LINE})


def unique(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Lists whose texts stay apart in the normal form that Terraform brings them into."""
    return st.lists(texts, min_size=1, max_size=5, unique_by=lambda text: normalize("NFC", text))


def extended(
    one: st.SearchStrategy[dict[str, Any]], other: st.SearchStrategy[dict[str, Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda a, b: a | b, one, other)


WAYS = st.one_of(
    st.fixed_dictionaries({"flow": st.sampled_from(["centralized", "byok", "chatgpt"])}),
    st.fixed_dictionaries(
        {
            "flow": st.just("centralized"),
            "gateway": st.fixed_dictionaries({"kind": st.just("openai-compatible"), "url": URL}),
        }
    ),
)
MODULES = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {"source": st.just("bundled"), "install": st.just("npm"), "artifact_url": ARTIFACT_URL}
    ),
    st.fixed_dictionaries(
        {
            "source": st.just("bundled"),
            "install": st.just("release"),
            "artifact_url": ARTIFACT_URL,
            "artifact_sha256": st.just({"x86_64-unknown-linux-musl": "0" * 64}),
        }
    ),
)
MODELS = st.one_of(
    st.fixed_dictionaries({"codex": st.fixed_dictionaries({"model": LINE})}),
    st.fixed_dictionaries({"parameters": st.fixed_dictionaries({"model": unique(OPTION)})}),
)
SERVERS = st.fixed_dictionaries(
    {
        "program": st.fixed_dictionaries(
            {
                "command": LINE,
                "args": st.lists(TEXT, max_size=5),
                "env": st.dictionaries(st.sampled_from(["A", "B"]), TEXT),
                "cwd": FOLDER,
            }
        ),
        "site": st.fixed_dictionaries(
            {
                "url": URL,
                "http_headers": st.dictionaries(st.sampled_from(["X-A", "X-B"]), LINE),
                "enabled_tools": st.lists(LINE, max_size=3),
                "disabled_tools": st.lists(LINE, max_size=3),
            }
        ),
    }
)
PRESETS = st.dictionaries(
    NAME.map("of-spec-{}".format),
    st.fixed_dictionaries(
        {"description": LINE, "parameters": st.dictionaries(NAME, LINE, max_size=2)}
    ),
    max_size=2,
)


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    tables: dict[str, Any] = draw(WAYS) | {"presets": draw(PRESETS), "mcp": draw(SERVERS)}
    tables["template"] = {
        "name": draw(st.sampled_from(template_names())),
        "display_name": draw(LINE),
        "description": draw(LINE),
    }
    scripts = {"pre_install_script": draw(SCRIPT), "post_install_script": draw(SCRIPT)}
    tables["module"] = draw(MODULES) | scripts
    models = draw(MODELS)
    tables |= models
    tables["codex"] = models.get("codex", {}) | draw(SERVICE) | {"workdir": draw(FOLDER)}
    profile = extended(st.fixed_dictionaries({"model": LINE}), SERVICE)
    tables["profiles"] = draw(st.dictionaries(NAME, profile, max_size=3))
    return tables


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


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables=specs())
def test_terraform_evaluates_back_what_the_spec_says(tables: dict[str, Any]) -> None:
    spec, findings = check_spec(tomlkit.dumps(tables), "spec.toml")
    assert spec is not None, findings
    plan = resolve(spec)
    files = render(plan)
    verify(plan, files)
    with tempfile.TemporaryDirectory() as place:
        folder = written(Path(place), files)
        with ready(folder) as environment:
            show_what_the_module_is_given(folder, environment)
            found = planned(folder, environment)

    (module,) = found.outputs["given"]
    check_config(spec, plan, tomllib.loads(module["base_config_toml"]))
    check_module(spec, module)
    check_what_users_choose(spec, found)
    front_matter = yaml.safe_load(files["README.md"].decode().split("\n---\n")[0])
    assert front_matter["display_name"] == spec.template.display_name
    assert front_matter["description"] == spec.template.description


def check_config(spec: Spec, plan: Plan, config: dict[str, Any]) -> None:
    model = spec.parameters.model[0] if spec.parameters.model else spec.codex.model
    assert config["model"] == plain(model)
    for key in ("model_reasoning_effort", "service_tier"):
        assert config.get(key) == plain(getattr(spec.codex, key))
    assert config["projects"] == {plain(spec.codex.workdir): {"trust_level": "trusted"}}
    assert config["mcp_servers"] == plain(servers(spec))
    if not plan.module.writes_provider:
        (provider,) = config["model_providers"].values()
        url = plain(spec.gateway.url) or "access_url-of-me"
        assert provider["base_url"] == url + plan.codex.provider.base_path


def check_module(spec: Spec, module: dict[str, Any]) -> None:
    assert module["workdir"] == plain(spec.codex.workdir)
    assert module["pre_install_script"] == plain(spec.module.pre_install_script)
    assert module["post_install_script"].endswith(plain(spec.module.post_install_script))
    if spec.module.source == "bundled":
        assert module["artifact_url"] == spec.module.artifact_url
        assert module["artifact_sha256"] == spec.module.artifact_sha256
        profiles = {name: tomllib.loads(text) for name, text in module["profiles"].items()}
        wanted = plain(profiles_of(spec))
    else:
        # The registry's module gets them in a script, as base64 that nothing normalizes.
        lines = re.findall(r"'(\S+)' \| .*/([\w-]+)\.config\.toml\"", module["post_install_script"])
        profiles = {name: tomllib.loads(base64.b64decode(text).decode()) for text, name in lines}
        wanted = profiles_of(spec)
    assert profiles == wanted


def check_what_users_choose(spec: Spec, found: Planned) -> None:
    if spec.parameters.model:
        parameter = found.data["data.coder_parameter.codex_model"]
        assert [option["value"] for option in parameter["option"]] == plain(spec.parameters.model)
    presets = [
        found.data[f"data.coder_workspace_preset.codex_{name}"] for name in sorted(spec.presets)
    ]
    assert [(item["name"], item["description"], item["parameters"] or {}) for item in presets] == [
        (name, plain(preset.description), plain(preset.parameters))
        for name, preset in sorted(spec.presets.items())
    ]


def profiles_of(spec: Spec) -> dict[str, Any]:
    return {name: item.model_dump(exclude_none=True) for name, item in spec.profiles.items()}


def servers(spec: Spec) -> dict[str, Any]:
    """Return the MCP servers as Codex is to read them, without what is empty."""
    return {
        name: {key: value for key, value in server.model_dump().items() if value}
        for name, server in spec.mcp.items()
    }
