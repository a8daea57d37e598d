"""Plan and client → proof, on a gateway of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from provisioner.errors import GatewayError
from provisioner.gateway.dump import PASSTHROUGH
from provisioner.gateway.record.store import read_interceptions
from provisioner.knowledge.codex import codex_release
from provisioner.plan.model import Plan
from provisioner.prove.checks import codex_checks, gateway_checks
from provisioner.prove.client_run import ClientRun
from provisioner.prove.credentials import Credentials, made_for
from provisioner.prove.evidence import keep_evidence
from provisioner.prove.gateway_process import RunningGateway, running_gateway
from provisioner.prove.model import Check, Proof
from provisioner.prove.outcome import Outcome
from provisioner.prove.scenario import Scenario

__all__ = ["Client", "prove"]


class Client(Protocol):
    """Something that can hold the conversation of a proof."""

    @property
    def name(self) -> str:
        """What the proof calls it."""

    @property
    def version(self) -> str:
        """Its version, empty when it has none."""

    @property
    def needs_install(self) -> bool:
        """Whether its first run has to install it, which takes long."""

    def prepare(self) -> None:
        """Install what is missing."""

    def run(
        self,
        plan: Plan,
        gateway: RunningGateway,
        credentials: Credentials,
        scenario: Scenario,
        *,
        folder: Path,
    ) -> ClientRun:
        """Hold the conversation in `folder`."""


def prove(plan: Plan, client: Client, evidence: Path | None = None, profile: str = "") -> Proof:
    """Run `client` as `plan` says and compare the outcome with the plan.

    The evidence (config, requests, output, records) stays in a sub-folder of `evidence` when that
    is given. Raises `OutputError` when it cannot be written, and what `Client.prepare` raises.
    """
    client.prepare()
    names = (
        plan.gateway_kind.name,
        plan.flow.name,
        plan.credential.name,
        profile,
        client.name,
        client.version,
    )
    try:
        outcome = _outcome(plan, client, profile)
    except GatewayError as error:
        check = Check("the gateway starts", passed=False, detail=str(error))
        return Proof(*names, (check,), None, "", 0.0, "")
    checks = list(gateway_checks(outcome))
    if client.name == "codex":
        checks += codex_checks(outcome, codex_release(client.version))
    place = ""
    if evidence is not None:
        place = str(keep_evidence(outcome, evidence / "-".join(filter(None, names))))
    return Proof(
        *names,
        checks=tuple(checks),
        gateway=outcome.gateway_saw,
        file_written=outcome.scenario.file_name if outcome.run.file_written else "",
        seconds=round(outcome.run.seconds, 2),
        evidence=place,
    )


def _outcome(plan: Plan, client: Client, profile: str) -> Outcome:
    scenario = Scenario.new(profile)
    with _private_folder() as folder:
        serving = running_gateway(folder / "gateway", scenario.script, plan.gateway_kind)
        with serving as gateway:
            credentials = made_for(plan, gateway.token)
            run = client.run(plan, gateway, credentials, scenario, folder=folder)
        # The gateway has stopped, so everything it knows is on disk.
        records = read_interceptions(gateway.state)
        requests = _requests(gateway.dumps)
    return Outcome(
        plan,
        gateway.url_for(plan.gateway_kind),
        scenario,
        credentials,
        run=run,
        records=records,
        requests=requests,
    )


def _requests(folder: Path) -> list[str]:
    """Return the recorded requests in the order they came: their names start with the time.

    Codex may also ask for models, which the gateway only passes through.
    """
    found = (path for path in folder.rglob("*.req.txt") if path.parent.name != PASSTHROUGH)
    paths = sorted(found, key=lambda path: path.name)
    return [path.read_text(encoding="utf-8", errors="replace") for path in paths]


@contextmanager
def _private_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="provisioner-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()
