"""`provisioner plan`: every decision and where it came from, and what the template creates."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli.spec_argument import spec_argument

if TYPE_CHECKING:
    from provisioner.plan.model import Plan
    from provisioner.render.created import Created

__all__ = ["command"]


@click.command("plan")
@spec_argument
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
def command(spec: Path, output: str) -> None:
    """Show what follows from SPEC, where each decision comes from, and what codex.tf creates.

    The origin is `spec` (you said so), `knowledge` (a fact about a version) or `default`.

    \b
    Example:
      provisioner plan examples/chatgpt.toml
    """
    from provisioner.plan.resolve import resolve
    from provisioner.spec.load import load

    plan = resolve(load(spec))
    blocks, reason = _created(plan)
    if output == "json":
        rows = [dataclasses.asdict(decision) for decision in plan.decisions]
        creates = [dataclasses.asdict(block) for block in blocks]
        click.echo(json.dumps({"version": 1, "decisions": rows, "creates": creates}, indent=2))
        return
    width = max(len(decision.what) for decision in plan.decisions)
    for decision in plan.decisions:
        why = f"; {decision.why}" if decision.why else ""
        click.echo(f"{decision.what.ljust(width)}  {decision.value}  ({decision.origin}{why})")
    for block in blocks:
        what = f"  ({block.what})" if block.what else ""
        click.echo(f"{'creates'.ljust(width)}  {block.address}{what}")
    if reason:
        click.echo(f"{'creates'.ljust(width)}  no template  ({reason})")


def _created(plan: Plan) -> tuple[tuple[Created, ...], str]:
    """Return what the template creates, or why there is none: the rest of a plan is good alone."""
    from provisioner.errors import InputError
    from provisioner.render.created import created

    try:
        return created(plan), ""
    except InputError as error:
        return (), str(error)
