"""`provisioner plan`: every decision and where it came from."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from provisioner.cli.spec_argument import spec_argument

__all__ = ["command"]


@click.command("plan")
@spec_argument
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
def command(spec: Path, output: str) -> None:
    """Show what follows from SPEC, and where each decision comes from.

    The origin is `spec` (you said so), `knowledge` (a fact about a version) or `default`.

    \b
    Example:
      provisioner plan examples/chatgpt.toml
    """
    from provisioner.plan.resolve import resolve
    from provisioner.spec.load import load

    decisions = resolve(load(spec)).decisions
    if output == "json":
        rows = [dataclasses.asdict(decision) for decision in decisions]
        click.echo(json.dumps({"version": 1, "decisions": rows}, indent=2))
        return
    width = max(len(decision.what) for decision in decisions)
    for decision in decisions:
        why = f"; {decision.why}" if decision.why else ""
        click.echo(f"{decision.what.ljust(width)}  {decision.value}  ({decision.origin}{why})")
