"""`provisioner prove`: real Codex against the reference gateway, for each flow and version."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli.spec_argument import DEFAULT_SPEC
from provisioner.errors import InputError

if TYPE_CHECKING:
    from provisioner.prove.model import Proof
    from provisioner.prove.run import Client
    from provisioner.spec.models import Spec

__all__ = ["command"]

_FLOWS = ("centralized", "byok", "chatgpt")


@click.command("prove")
@click.argument("spec", type=click.Path(path_type=Path), required=False, metavar="[SPEC]")
@click.option(
    "--flow",
    "flows",
    type=click.Choice(_FLOWS),
    multiple=True,
    help="Flow to prove; may be repeated. Default: the flow of SPEC, or all.",
)
@click.option(
    "--codex",
    "versions",
    multiple=True,
    metavar="VERSION",
    help="Codex version; may be repeated. Default: the target of SPEC.",
)
@click.option(
    "--client",
    type=click.Choice(["codex", "responses", "auto"]),
    default="codex",
    show_default=True,
    help="`responses` is a plain client that proves the gateway only; "
    "`auto` takes it where Codex cannot be installed.",
)
@click.option(
    "--evidence",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep configs, output and records here.",
)
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(
    ctx: click.Context,
    spec: Path | None,
    flows: tuple[str, ...],
    versions: tuple[str, ...],
    *,
    client: str,
    evidence: Path | None,
    output: str,
) -> None:
    """Run Codex against the reference gateway and compare what both saw with the plan.

    Each proof runs `codex exec` in a private home with the config that SPEC gives, makes it run a
    tool that writes a file, and reads the gateway's records. Codex is installed from npm into a
    cache of its own. Without SPEC: ./provisioner.toml, or else every flow with its defaults.

    \b
    Examples:
      provisioner prove
      provisioner prove examples/chatgpt.toml --codex 0.169.0
      provisioner prove --format json
    """
    proofs = []
    for one, chosen in _runs(_specs(spec, flows), versions, client):
        label = f"{one.flow} on {chosen.name} {chosen.version}".rstrip()
        if chosen.needs_install:
            click.echo(f"installing Codex {chosen.version} from npm, once (400 MB) ...", err=True)
        click.echo(f"proving {label} ...", err=True)
        proofs.append(_prove(one, chosen, evidence))
    click.echo(_json(proofs) if output == "json" else _text(proofs))
    ctx.exit(0 if all(proof.passed for proof in proofs) else 1)


def _specs(path: Path | None, flows: tuple[str, ...]) -> list[Spec]:
    from provisioner.spec.load import load
    from provisioner.spec.models import Spec

    if path is None and Path(DEFAULT_SPEC).exists():
        path = Path(DEFAULT_SPEC)
    if path is None:
        return [Spec.model_validate({"flow": flow}) for flow in flows or _FLOWS]
    spec = load(path)
    return [spec.model_copy(update={"flow": flow}) for flow in flows or (spec.flow,)]


def _runs(specs: list[Spec], versions: tuple[str, ...], client: str) -> list[tuple[Spec, Client]]:
    from provisioner.knowledge.codex import codex_release, newest_codex
    from provisioner.launch.codex_install import installed_codex
    from provisioner.prove.codex_client import CodexClient
    from provisioner.prove.responses_client import ResponsesClient

    runs: list[tuple[Spec, Client]] = []
    for spec in specs:
        for version in versions or (spec.target.codex or str(newest_codex()),):
            try:
                codex_release(version)
            except ValueError as error:
                raise InputError(f"--codex: {error}") from error
            target = spec.target.model_copy(update={"codex": version})
            available = shutil.which("npm") is not None or installed_codex(version) is not None
            plain = client == "responses" or (client == "auto" and not available)
            if plain and client == "auto":
                click.echo(
                    "npm is not on PATH, so Codex cannot be installed: a plain Responses "
                    "client proves the gateway, not Codex",
                    err=True,
                )
            chosen: Client = ResponsesClient() if plain else CodexClient(version)
            runs.append((spec.model_copy(update={"target": target}), chosen))
    return runs


def _prove(spec: Spec, client: Client, evidence: Path | None) -> Proof:
    from provisioner.gateway.extra import need_extra
    from provisioner.plan.resolve import resolve

    need_extra()
    from provisioner.prove.run import prove

    return prove(resolve(spec), client, evidence)


def _json(proofs: list[Proof]) -> str:
    rows = [
        {**dataclasses.asdict(proof), "passed": proof.passed, "proven": proof.proven}
        for proof in proofs
    ]
    return json.dumps({"version": 1, "proofs": rows}, indent=2)


def _text(proofs: list[Proof]) -> str:
    lines = []
    for proof in proofs:
        verdict = "proven" if proof.proven else "gateway only" if proof.passed else "FAILED"
        client = f"{proof.client} {proof.version}".rstrip()
        line = f"{verdict:12}  {proof.flow:11}  {client:13}  {proof.seconds:5.1f} s"
        if proof.gateway is not None:
            saw = proof.gateway
            hint = f" {saw.credential_hint}" if saw.credential_hint else ""
            line += (
                f"  gateway saw: {saw.flow}, credential {saw.credential_kind}{hint}, "
                f"{saw.input_tokens} + {saw.output_tokens} tokens"
            )
        lines.append(line)
        lines += [f"    not so: {c.name}: {c.detail}" for c in proof.checks if not c.passed]
        if proof.evidence:
            lines.append(f"    evidence: {proof.evidence}")
    return "\n".join(lines)
