"""`provisioner prove`: real Codex against the reference gateway, for each combination."""

from __future__ import annotations

import dataclasses
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli.choices import FLOW_NAMES, KIND_NAMES, default_credential
from provisioner.cli.codex_note import note_unmeasured
from provisioner.cli.spec_argument import DEFAULT_SPEC
from provisioner.errors import InputError

if TYPE_CHECKING:
    from provisioner.prove.model import Proof
    from provisioner.spec.models import Spec

__all__ = ["command"]


@click.command("prove")
@click.argument("spec", type=click.Path(path_type=Path), required=False, metavar="[SPEC]")
@click.option(
    "--flow",
    "flows",
    type=click.Choice(FLOW_NAMES),
    multiple=True,
    help="Flow to prove; may be repeated. Default: the flow of SPEC, or all.",
)
@click.option(
    "--gateway-kind",
    "kinds",
    type=click.Choice(KIND_NAMES),
    multiple=True,
    help="Gateway kind to prove; may be repeated. Default: the kind of SPEC, or all.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Every gateway kind and flow, with every way to bring the credential.",
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
    help="`responses` is a plain client that proves the gateway only; `auto` takes it where Codex "
    "cannot be installed.",
)
@click.option(
    "--evidence",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep configs, requests, output and records here.",
)
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    spec: Path | None,
    *,
    flows: tuple[str, ...],
    kinds: tuple[str, ...],
    everything: bool,
    versions: tuple[str, ...],
    client: str,
    evidence: Path | None,
    output: str,
) -> None:
    """Run Codex against the reference gateway and compare what both saw with the plan.

    Each proof runs `codex exec` in a private home with the config that SPEC gives, makes it run a
    tool that writes a file, and reads the gateway's records. Codex is installed from npm into a
    cache of its own. Without SPEC: ./provisioner.toml, or else every gateway kind and flow.

    \b
    Examples:
      provisioner prove
      provisioner prove examples/chatgpt.toml --codex 0.169.0
      provisioner prove --all --codex 0.122.0 --codex 0.169.0 --format json
    """
    from provisioner.cli.extra import need_extra

    need_extra("gateway")
    from provisioner.knowledge.version import Version
    from provisioner.prove.matrix import jobs, prove_all

    todo = jobs(_specs(spec, flows, kinds, everything=everything), versions, client)
    for version in sorted({Version.parse(job.spec.target.codex or "") for job in todo}):
        note_unmeasured(version)
    if client == "auto" and any(job.client.name == "responses" for job in todo):
        click.echo(
            "npm is not on PATH, so Codex cannot be installed: a plain Responses client proves "
            "the gateway, not Codex",
            err=True,
        )
    # As an exception it runs every clean-up: processes, private homes.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    proofs = prove_all(todo, evidence, lambda line: click.echo(line, err=True))
    click.echo(_json(proofs) if output == "json" else _text(proofs))
    ctx.exit(0 if all(proof.passed for proof in proofs) else 1)


def _specs(
    path: Path | None, flows: tuple[str, ...], kinds: tuple[str, ...], *, everything: bool
) -> list[Spec]:
    from provisioner.prove.matrix import every_combination
    from provisioner.spec.load import load

    if path is None and not (everything or kinds) and Path(DEFAULT_SPEC).exists():
        path = Path(DEFAULT_SPEC)
    if path is None:
        specs = every_combination(kinds, flows, credentials=everything)
    else:
        spec = load(path)
        kind = spec.gateway.kind
        if everything or (kinds and kinds != (kind,)):
            raise InputError(
                f"{path} is for the gateway kind {kind}; leave SPEC out to prove others"
            )
        specs = [
            spec.model_copy(update={"flow": flow}) for flow in dict.fromkeys(flows or (spec.flow,))
        ]
    if not specs:
        raise InputError(f"{', '.join(kinds)} cannot serve the flow {', '.join(flows)}")
    return specs


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
        flow = f"{proof.kind} {proof.flow}"
        if proof.credential != default_credential(proof.flow):
            flow += f" by {proof.credential}"
        flow += f" -p {proof.profile}" if proof.profile else ""
        client = f"{proof.client} {proof.version}".rstrip()
        line = f"{verdict:12}  {flow:42}  {client:13}  {proof.seconds:5.1f} s"
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
