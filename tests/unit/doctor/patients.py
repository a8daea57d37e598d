"""Patients for these tests: a plan for a URL, a stand-in for Codex, and credentials."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provisioner.doctor.examine import examine
from provisioner.doctor.model import Check
from provisioner.doctor.patient import Patient, patient
from provisioner.knowledge.version import Version
from provisioner.launch.found_codex import FoundCodex
from provisioner.launch.prepare import CodexHome
from provisioner.plan.model import Plan
from provisioner.render.codex_setup import codex_setup
from tests.support.fake_codex import fake_codex
from tests.support.specs import plan_for

__all__ = [
    "CREDENTIALS",
    "TOKEN",
    "checked",
    "own_config",
    "patient_for",
    "patient_with",
    "plan_at",
    "seen_by",
]

TOKEN = "gateway-token-0123456789"
KEY = "sk-mine-0123456789abcdef"
CREDENTIALS = {
    "CODER_API_TOKEN": TOKEN,
    "OPENAI_API_KEY": KEY,
    "OPENAI_CODER_AIGATEWAY_SESSION_TOKEN": TOKEN,
}


def plan_at(url: str, flow: str = "centralized", **tables: Any) -> Plan:
    """Return a plan for the gateway at `url`."""
    gateway = {"url": url, **tables.pop("gateway", {})}
    return plan_for(flow, gateway=gateway, **tables)


def patient_for(
    folder: Path,
    plan: Plan,
    caller: Mapping[str, str] | None = None,
    *,
    version: str = "0.169.0",
    **more: Any,
) -> Patient:
    """Return a patient with a stand-in for Codex in `folder`."""
    codex = FoundCodex(fake_codex(folder / "bin"), Version.parse(version), "as given")
    home = CodexHome(folder / "home", is_private=True, launched_by="provisioner launch")
    given = CREDENTIALS if caller is None else caller
    if plan.flow.name == "chatgpt":
        given = {name: value for name, value in given.items() if name != "OPENAI_API_KEY"}
    return patient(plan, codex, home, given, **{"seconds": 5.0, **more})


def own_config(plan: Plan, root: str = "", provider: str = "") -> str:
    """Return the config that `plan` wants, with lines added to its root and its provider."""
    lines = codex_setup(plan).files["config.toml"].splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("[model_providers."))
    return "\n".join([root, *lines[: place + 1], provider, *lines[place + 1 :]])


def patient_with(folder: Path, plan: Plan, config: str, **more: Any) -> Patient:
    """Return a patient whose own Codex home, in `folder`, has this config.toml."""
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / "config.toml").write_text(config)
    version = more.pop("version", "0.169.0")
    path = more.pop("codex", None) or fake_codex(folder / "bin")
    codex = FoundCodex(path, Version.parse(version), "as given")
    home = CodexHome(folder / "own", is_private=False)
    return patient(plan, codex, home, CREDENTIALS, **{"seconds": 5.0, **more})


def checked(who: Patient) -> dict[str, Check]:
    """Make every check."""
    checks = examine(who)
    assert len({check.id for check in checks}) == len(checks)
    return {check.id: check for check in checks}


def seen_by(checks: Mapping[str, Check]) -> dict[str, str]:
    """Return the status of each check that is neither fine nor left out."""
    return {
        name: check.status.value
        for name, check in checks.items()
        if check.status.value in ("failed", "warning")
    }
