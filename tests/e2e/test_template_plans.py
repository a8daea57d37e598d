"""Every template and flow, planned by the real Terraform without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import time
import tomllib
from pathlib import Path

import pytest

from provisioner.assets import template_names
from provisioner.knowledge.coder_limits import compute_types
from provisioner.plan.model import EnvSource
from provisioner.plan.resolve import resolve
from provisioner.render.codex_config import config_files
from provisioner.render.template import render
from provisioner.spec.load import load
from provisioner.terraform.check import terraform_findings
from tests.support.command import ROOT
from tests.support.planned_template import (
    Planned,
    planned,
    ready,
    show_what_the_module_is_given,
    written,
)
from tests.support.specs import FLOW_NAMES, plan_for

pytestmark = pytest.mark.needs_terraform

GOLDEN = ROOT / "tests" / "golden"
TEMPLATES = ROOT / "templates"
HOMES = {
    "aws-linux": "aws_ebs_volume.home",
    "azure-linux": "azurerm_managed_disk.home",
    "docker": "docker_volume.home",
    "gcp-linux": "google_compute_disk.home",
    "kubernetes": "kubernetes_persistent_volume_claim_v1.home",
    "scratch": "",
}
SCRIPT = "coder_script.code_server"
URL = "access_url-of-me"
"""What our provider makes up for the URL of the deployment."""


@pytest.mark.parametrize("suffix", ["", "-bundled"], ids=["registry", "bundled"])
@pytest.mark.parametrize("flow", FLOW_NAMES)
@pytest.mark.parametrize("template", template_names())
def test_what_is_planned_of_a_golden_is_what_was_resolved(
    template: str, flow: str, suffix: str, tmp_path: Path
) -> None:
    golden = GOLDEN / f"{template}-{flow}{suffix}"
    plan = resolve(load(golden / "spec.toml"))
    folder = shutil.copytree(golden / "expected", tmp_path / "template")
    with ready(folder) as environment:
        assert terraform_findings(folder, environment) == []
        show_what_the_module_is_given(folder, environment)
        found = planned(folder, environment)

    names = [item.name for item in plan.env if item.source is EnvSource.GATEWAY_TOKEN]
    envs = found.of_type("coder_env")
    assert sorted(item["after"]["name"] for item in envs) == sorted(names)
    assert {item["after"]["value"] for item in envs} <= {"session_token-of-me"}
    assert all(item["after_sensitive"]["value"] is True for item in envs)

    (given,) = found.outputs["given"]
    config = tomllib.loads(given["base_config_toml"])
    expected = tomllib.loads(config_files(plan.codex, URL)["config.toml"])
    if plan.module.writes_provider:
        expected.pop("model_providers")
    trusted = {plan.codex.trusted_workdir: {"trust_level": "trusted"}}
    assert config == {**expected, "projects": trusted}
    assert given["codex_version"] == plan.module.codex_version
    assert given["workdir"] == plan.codex.trusted_workdir
    assert given.get("enable_ai_gateway") == (True if plan.module.writes_provider else None)
    assert given.get("credential", plan.credential.name) == plan.credential.name


@pytest.mark.parametrize(
    ("kind", "switch"), [("coder", {"enable_aibridge": True}), ("langwatch", {})]
)
def test_release_4_gets_its_own_inputs(kind: str, switch: dict[str, bool], tmp_path: Path) -> None:
    plan = plan_for(
        "centralized",
        gateway={"kind": kind},
        target={"codex_module": "~> 4.3"},
        parameters={"model": ["a", "b"]},
    )
    folder = written(tmp_path, render(plan))
    with ready(folder) as environment:
        assert terraform_findings(folder, environment) == []
        show_what_the_module_is_given(folder, environment)
        found = planned(folder, environment)

    (given,) = found.outputs["given"]
    config = tomllib.loads(given.pop("base_config_toml"))
    assert config["model"] == "a"
    assert ("model_providers" in config) is not bool(switch)
    assert {name: value for name, value in given.items() if value is not None} == {
        "workdir": "/home/coder",
        "codex_version": plan.module.codex_version,
        "codex_model": "",
        "codex_system_prompt": "",
        "report_tasks": False,
        **switch,
    }
    assert found.of_type("coder_env") == []


@pytest.mark.parametrize("template", template_names())
def test_a_stop_keeps_the_home_and_no_running_machine(template: str, tmp_path: Path) -> None:
    files = render(plan_for("byok", template={"name": template}))
    started = written(tmp_path / "start", files)
    stopped = written(
        tmp_path / "stop",
        {
            name: content.replace(b"data.coder_workspace.me.start_count", b"0").replace(
                b"data.coder_workspace.me.transition", b'"stop"'
            )
            for name, content in files.items()
        },
    )
    with ready(started) as environment:
        running = planned(started, environment)
    with ready(stopped) as environment:
        left = planned(stopped, environment)

    def machines(found: Planned) -> int:
        power = [item["after"]["state"] for item in found.of_type("aws_ec2_instance_state")]
        kinds = compute_types() - {"aws_instance"}
        count = sum(len(found.of_type(kind)) for kind in kinds)
        return count + power.count("running")

    assert machines(running) == (0 if template == "scratch" else 1)
    assert machines(left) == 0
    home = HOMES[template]
    assert ([home] if home else []) == [name for name in left.resources if name == home]
    assert left.resources.keys() <= running.resources.keys()


def test_every_template_names_its_home() -> None:
    assert tuple(sorted(HOMES)) == template_names()


@pytest.mark.parametrize(
    ("template", "variables"),
    [
        ("aws-linux", ["subnet_id=subnet-1", "instance_profile=workspaces"]),
        ("azure-linux", ["subnet_id=/subscriptions/s/subnets/1", "subscription_id=s"]),
        ("docker", ["docker_host=tcp://docker.example.com:2376", "code_server_version="]),
        ("gcp-linux", ["subnetwork=s", "public_ip=false", "service_account=a@example.com"]),
        ("kubernetes", ["use_kubeconfig=true", "storage_class=fast", "namespace=n"]),
    ],
)
def test_what_an_admin_can_choose_is_planned_too(
    template: str, variables: list[str], tmp_path: Path
) -> None:
    folder = written(tmp_path, render(plan_for("byok", template={"name": template})))
    with ready(folder) as environment:
        found = planned(folder, environment, *variables)

    networks = {"azurerm_virtual_network", "azurerm_public_ip"}
    assert not [item for item in found.resources.values() if item["type"] in networks]
    machines = [item for kind in compute_types() for item in found.of_type(kind)]
    assert len(machines) == 1
    match machines[0]["after"]:
        case {"subnet_id": subnet, "iam_instance_profile": profile}:
            assert (subnet, profile) == ("subnet-1", "workspaces")
        case {"network_interface": [interface], "service_account": [account]}:
            assert interface["subnetwork"] == "s"
            assert interface["access_config"] == []
            assert account["email"] == "a@example.com"
        case {"metadata": [{"namespace": namespace}]}:
            assert namespace == "n"


@pytest.mark.parametrize("variable", ["code_server_version=1'2", "code_server_releases=x://a'b"])
def test_what_would_break_the_script_is_refused(variable: str, tmp_path: Path) -> None:
    folder = written(tmp_path, render(plan_for("byok")))
    with ready(folder) as environment, pytest.raises(AssertionError, match="Invalid value"):
        planned(folder, environment, variable)


def program(path: Path) -> Path:
    """Write a code-server that says how it was started."""
    path.parent.mkdir(parents=True)
    path.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def release(folder: Path) -> Path:
    """Write a release of code-server and return its archive."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    name = f"code-server-1.2.3-linux-{machine}"
    program(folder / name / "bin" / "code-server")
    archive = folder / "v1.2.3" / f"{name}.tar.gz"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as file:
        file.add(folder / name, name)
    return archive


def script_of_code_server(folder: Path, *variables: str) -> str:
    written(folder, render(plan_for("byok")))
    with ready(folder) as environment:
        found = planned(folder, environment, *variables)
    return str(found.resources[SCRIPT]["after"]["script"])


def said(script: str, home: Path, *places: Path) -> str:
    """Run the script in a home folder; code-server itself goes on in the background."""
    home.mkdir(exist_ok=True)
    path = ":".join(["/usr/bin", "/bin", *map(str, places)])
    done = subprocess.run(
        ["sh", "-c", script],
        env={"HOME": str(home), "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def log(home: Path) -> str:
    path = home / ".local" / "code-server.log"
    until = time.monotonic() + 20
    while not (path.exists() and path.read_text().endswith("\n")) and time.monotonic() < until:
        time.sleep(0.02)
    return path.read_text()


def test_code_server_is_installed_once_and_started(tmp_path: Path) -> None:
    archive, home = release(tmp_path / "releases"), tmp_path / "home"
    url = archive.parent.parent.as_uri()
    script = script_of_code_server(
        tmp_path / "template", "code_server_version=1.2.3", f"code_server_releases={url}"
    )

    first = said(script, home)
    archive.unlink()

    assert first == "installed code-server 1.2.3\n"
    assert log(home).startswith("--auth none --bind-addr 127.0.0.1:13337 ")
    assert said(script, home) == ""
    assert [path.name for path in (home / ".local" / "lib").iterdir()] == [
        archive.name.removesuffix(".tar.gz")
    ]


def test_code_server_of_the_image_is_started(tmp_path: Path) -> None:
    script = script_of_code_server(tmp_path / "template")
    found = program(tmp_path / "image" / "code-server")

    assert said(script, tmp_path / "home", found.parent) == f"code-server of the image: {found}\n"
    assert log(tmp_path / "home").startswith("--auth none --bind-addr 127.0.0.1:13337 ")


def test_without_code_server_nothing_is_started(tmp_path: Path) -> None:
    script = script_of_code_server(tmp_path / "template", "code_server_version=")

    assert "the image has no code-server" in said(script, tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*/boot/start.sh.tftpl")), ids=str)
def test_the_script_at_a_boot_is_a_script(path: Path, tmp_path: Path) -> None:
    call = (
        f'templatefile("{path}", {{ home_devices = ["/dev/a b", "/dev/c"], '
        'init_script = base64encode("#!/bin/sh\\n"), token = "t" })'
    )
    (tmp_path / "main.tf").write_text(f'output "script" {{\n  value = {call}\n}}\n')
    with ready(tmp_path) as environment:
        script = planned(tmp_path, environment).outputs["script"]

    assert subprocess.run(["sh", "-n"], input=script, text=True, check=False).returncode == 0


def test_files_of_one_name_are_alike() -> None:
    for name in ("code-server.tf", "boot/start.sh.tftpl", "boot/cloud-config.yaml.tftpl"):
        contents = {path.read_bytes() for path in TEMPLATES.glob(f"*/{name}")}
        assert len(contents) == 1, name
