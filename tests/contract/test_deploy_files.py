"""The files of docs/deploy fit each other, the gateway, and what Kubernetes takes."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from provisioner.gateway.config import GatewayConfig
from tests.support.command import ROOT

DEPLOY = ROOT / "docs/deploy"
MANIFESTS = DEPLOY / "kubernetes"
# The first in which a container can sleep before its stop without a shell, and the newest known.
VERSIONS = ("1.30", kubernetes_validate.latest_version())
FILES = [path for path in sorted(MANIFESTS.rglob("*.yaml")) if path.stem != "kustomization"]


def read(name: str) -> Any:
    return yaml.safe_load((MANIFESTS / name).read_text(encoding="utf-8"))


def instructions() -> list[tuple[str, str]]:
    """Return the Containerfile as pairs of instruction and arguments, lines joined."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def arguments(instruction: str) -> list[str]:
    return [rest for word, rest in instructions() if word == instruction]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_kubernetes_takes_every_manifest(path: Path, version: str) -> None:
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        kubernetes_validate.validate(document, version, strict=True)


def misspell(document: Any) -> None:
    document["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}


def mistype(document: Any) -> None:
    document["spec"]["replicas"] = "two"


@pytest.mark.parametrize("spoil", [misspell, mistype])
def test_the_schemas_would_notice(spoil: Callable[[Any], None]) -> None:
    document = copy.deepcopy(read("deployment.yaml"))
    spoil(document)

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, VERSIONS[-1], strict=True)


def test_all_manifests_are_about_the_same_pods() -> None:
    deployment = read("deployment.yaml")["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    (container,) = deployment["template"]["spec"]["containers"]
    (port,) = container["ports"]

    assert deployment["selector"]["matchLabels"] == labels
    assert read("service.yaml")["spec"]["selector"] == labels
    assert read("service.yaml")["spec"]["ports"][0]["targetPort"] == port["name"]
    assert read("poddisruptionbudget.yaml")["spec"]["selector"]["matchLabels"] == labels
    policy = read("optional/networkpolicy.yaml")["spec"]
    assert policy["podSelector"]["matchLabels"] == labels
    assert policy["ingress"][0]["ports"] == [{"port": port["name"]}]
    target = read("optional/horizontalpodautoscaler.yaml")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == (
        "Deployment",
        read("deployment.yaml")["metadata"]["name"],
    )


def test_the_kustomization_has_all_that_is_not_optional() -> None:
    there = [path.name for path in FILES if path.parent == MANIFESTS]

    assert read("kustomization.yaml")["resources"] == there


def test_the_configuration_fits_the_deployment() -> None:
    config_map, pod = read("configmap.yaml"), read("deployment.yaml")["spec"]["template"]["spec"]
    (name,) = config_map["data"]
    config = GatewayConfig.model_validate(tomllib.loads(config_map["data"][name]))
    (container,) = pod["containers"]

    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert f"{mounts['config']}/{name}" in container["args"]
    assert pod["volumes"][0]["configMap"]["name"] == config_map["metadata"]["name"]
    assert config.listen.port == container["ports"][0]["containerPort"]
    assert config.listen.host == "0.0.0.0"
    given = {entry["name"] for entry in container["env"]}
    wanted = {name for provider in config.provider for name in provider.key_env}
    assert given == wanted | {"PROVISIONER_GATEWAY_DATABASE"}
    # The pause, the answers that run, and fifteen seconds for the records of the last of them.
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    stop = pause + config.relay.shutdown_seconds + 15
    assert stop < pod["terminationGracePeriodSeconds"]


def test_no_credential_is_in_a_manifest_or_an_image() -> None:
    pod = read("deployment.yaml")["spec"]["template"]["spec"]
    sources = [list(entry.get("valueFrom", {})) for entry in pod["containers"][0]["env"]]

    assert sources == [["secretKeyRef"]] * len(sources)
    assert {read(path.relative_to(MANIFESTS).as_posix())["kind"] for path in FILES} == {
        "ConfigMap",
        "Deployment",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
    }
    assert not re.search(r"(?i)token|key|password|secret", " ".join(arguments("ENV")))


def test_nobody_runs_as_root_and_only_tmp_can_be_written() -> None:
    pod = read("deployment.yaml")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    (user,) = arguments("USER")
    context = pod["securityContext"]

    assert f"{context['runAsUser']}:{context['runAsGroup']}" == user
    assert context["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    writable = [m["mountPath"] for m in container["volumeMounts"] if not m.get("readOnly")]
    assert writable == ["/tmp"]


def test_the_image_starts_the_gateway_on_the_port_that_it_exposes() -> None:
    entry, command = (json.loads(*arguments(name)) for name in ("ENTRYPOINT", "CMD"))
    (exposed,), (health,) = arguments("EXPOSE"), arguments("HEALTHCHECK")

    done = subprocess.run(
        [sys.executable, "-m", *entry, *command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert command[-2:] == ["--port", exposed]
    assert f"http://127.0.0.1:{exposed}/healthz" in health


def test_the_wheel_is_built_from_what_the_image_copies(tmp_path: Path) -> None:
    for copied in arguments("COPY"):
        *names, target = copied.split()
        if not target.startswith("/source"):
            continue
        for name in names:
            place = tmp_path / target.removeprefix("/") / (name if target.endswith("/") else "")
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, place)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, place)

    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=tmp_path / "source",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.whl"))) == 1
