"""Commands as users run them: output, exit codes, and what a mistake says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from provisioner.assets import template_names
from provisioner.cli.choices import KIND_NAMES
from tests.support.command import ROOT, provisioner
from tests.support.tree import read_tree, write_tree

_AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def spec_in(folder: Path, text: str) -> Path:
    return write_tree(folder, {"provisioner.toml": text}) / "provisioner.toml"


def test_init_writes_a_spec_that_renders_and_leaves_an_existing_one_alone(tmp_path: Path) -> None:
    first = provisioner("init", "--flow", "byok", cwd=tmp_path)
    before = read_tree(tmp_path)
    again = provisioner("init", cwd=tmp_path)
    rendered = provisioner("render", "-o", "out", cwd=tmp_path)

    assert (first.returncode, rendered.returncode) == (0, 0)
    assert (again.returncode, again.stderr) == (
        2,
        "error: provisioner.toml exists already; it was left as it is\n",
    )
    assert read_tree(tmp_path)["provisioner.toml"] == before["provisioner.toml"]
    assert "codex.tf" in read_tree(tmp_path / "out")


def test_plan_says_where_each_decision_comes_from(tmp_path: Path) -> None:
    spec_in(tmp_path, 'flow = "chatgpt"\n')

    text = provisioner("plan", cwd=tmp_path)
    rows = json.loads(provisioner("plan", "--format", "json", cwd=tmp_path).stdout)["decisions"]

    assert text.returncode == 0
    assert "target.codex" in text.stdout
    assert {row["what"]: row["origin"] for row in rows}["target.codex"] == "default"


def test_a_wrong_spec_exits_1_with_the_line_and_writes_nothing(tmp_path: Path) -> None:
    spec_in(tmp_path, 'flow = "chatgtp"\n')

    done = provisioner("render", "-o", "out", cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith("provisioner.toml:1:8: error PRV012 ")
    assert read_tree(tmp_path).keys() == {"provisioner.toml"}


def test_a_missing_spec_exits_2_and_names_init(tmp_path: Path) -> None:
    done = provisioner("render", "-o", "out", cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot read provisioner.toml: No such file or directory")
    assert "provisioner init" in done.stderr


def test_render_check_tells_an_edited_folder(tmp_path: Path) -> None:
    spec_in(tmp_path, 'flow = "byok"\n')
    provisioner("render", "-o", "out", cwd=tmp_path)

    clean = provisioner("render", "-o", "out", "--check", cwd=tmp_path)
    with (tmp_path / "out" / "main.tf").open("a") as file:
        file.write("# mine\n")
    edited = provisioner("render", "-o", "out", "--check", cwd=tmp_path)
    refused = provisioner("render", "-o", "out", cwd=tmp_path)

    assert (clean.returncode, clean.stdout) == (0, "")
    assert edited.returncode == 1
    assert "main.tf: missing, or not as provisioner.toml renders it" in edited.stdout
    # A folder that is up to date but for an edit is refused, not repaired behind the user's back.
    assert refused.returncode == 2
    assert "was changed by hand since it was rendered" in refused.stderr


def test_an_unwritable_place_leaves_nothing(tmp_path: Path) -> None:
    spec_in(tmp_path, 'flow = "byok"\n')
    place = Path("/proc/none/out") if _AS_ROOT else tmp_path / "closed" / "out"
    if not _AS_ROOT:
        (tmp_path / "closed").mkdir(mode=0o500)

    done = provisioner("render", "-o", place, cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot write ")
    assert "Traceback" not in done.stderr
    assert not place.exists()


def test_codex_config_prints_toml_and_json_with_the_same_file(tmp_path: Path) -> None:
    options = ["--flow", "byok", "--gateway-url", "https://coder.example.com/", "--model", "m"]

    text = provisioner("codex", "config", *options, cwd=tmp_path)
    data = json.loads(
        provisioner("codex", "config", *options, "--format", "json", cwd=tmp_path).stdout
    )

    config = tomllib.loads(text.stdout)
    assert tomllib.loads(data["files"]["config.toml"]) == config
    assert config["model"] == "m"
    assert config["model_providers"]["ai_gateway"]["base_url"] == (
        "https://coder.example.com/api/v2/aibridge/openai/v1"
    )
    assert [variable["name"] for variable in data["environment"]] == [
        "CODER_API_TOKEN",
        "OPENAI_API_KEY",
    ]


def test_codex_config_lays_options_over_the_spec(tmp_path: Path) -> None:
    spec_in(
        tmp_path, 'flow = "byok"\n[codex]\nmodel = "a"\n[gateway]\nurl = "https://a.example.com"\n'
    )

    done = provisioner("codex", "config", "--model", "b", cwd=tmp_path)

    config = tomllib.loads(done.stdout)
    assert config["model"] == "b"
    assert config["model_providers"]["ai_gateway"]["base_url"].startswith("https://a.example.com/")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "say which flow"),
        (["--flow", "byok"], "give --gateway-url"),
        (["--flow", "nope", "--gateway-url", "https://x"], "'nope' is not one of"),
    ],
)
def test_codex_config_says_what_is_missing(tmp_path: Path, options: list[str], words: str) -> None:
    done = provisioner("codex", "config", *options, cwd=tmp_path)

    assert done.returncode == 2
    assert words in done.stderr


def test_a_bad_option_value_is_a_usage_error_without_a_line(tmp_path: Path) -> None:
    done = provisioner("codex", "config", "--flow", "byok", "--gateway-url", "coder", cwd=tmp_path)

    assert done.returncode == 2
    assert '"gateway.url": must be an http or https URL' in done.stderr
    assert "the options:" not in done.stderr


def test_init_refuses_a_template_that_render_would_not_know(tmp_path: Path) -> None:
    done = provisioner("init", "--template", "kubernets", cwd=tmp_path)

    assert (done.returncode, read_tree(tmp_path)) == (2, {})
    assert 'no template source named "kubernets"' in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "provisioner", "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
            check=False,
        )

    assert done.returncode == 2
    assert done.stderr == "error: input or output failed: No space left on device\n"


def test_the_schema_names_what_the_spec_takes(tmp_path: Path) -> None:
    schema = json.loads(provisioner("schema", "spec", cwd=tmp_path).stdout)
    provisioner("init", cwd=tmp_path)

    starter = tomllib.loads((tmp_path / "provisioner.toml").read_text())
    assert schema["required"] == ["flow"]
    assert schema["additionalProperties"] is False
    assert set(starter) <= set(schema["properties"])
    assert starter["flow"] in schema["properties"]["flow"]["enum"]


@pytest.mark.parametrize("arguments", [["nope"], ["render"], ["prove", "--codex", "newest"]])
def test_wrong_use_exits_2_without_a_traceback(tmp_path: Path, arguments: list[str]) -> None:
    done = provisioner(*arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_init_names_every_template() -> None:
    done = provisioner("init", "--help")

    assert all(name in done.stdout for name in template_names())


def test_init_writes_nothing_that_render_would_refuse(tmp_path: Path) -> None:
    refused = provisioner("init", "--flow", "byok", "--gateway-kind", "langwatch", cwd=tmp_path)
    for kind in KIND_NAMES:
        provisioner("init", kind, "--gateway-kind", kind, cwd=tmp_path)
        rendered = provisioner(
            "render", f"{kind}/provisioner.toml", "-o", f"{kind}/out", cwd=tmp_path
        )
        assert rendered.returncode == 0, rendered.stderr

    assert refused.returncode == 2
    assert 'cannot serve the flow "byok"' in refused.stderr
    assert not (tmp_path / "provisioner.toml").exists()
