"""`provisioner coder check`: what a deployment supports, and whether a spec fits it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.coder_options import connect, deployment_options
from provisioner.cli.format_option import format_option
from provisioner.cli.reported_findings import reported_findings
from provisioner.cli.spec_argument import DEFAULT_SPEC
from provisioner.errors import InputError

if TYPE_CHECKING:
    from provisioner.coder_steps.deployment_facts import DeploymentFacts

__all__ = ["command"]


@click.command("check")
@click.argument("spec", required=False, type=click.Path(path_type=Path), metavar="[SPEC]")
@deployment_options
@click.option("--write", is_flag=True, help="Set target.coder in SPEC to what the deployment is.")
@format_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    spec: Path | None,
    write: bool,
    output_format: str,
    **deployment: Any,  # noqa: ANN401 - url, ca_file, timeout
) -> None:
    """Say what a Coder deployment supports, and whether a spec fits it.

    That is its version, the licence and the paths of its AI gateway, whether users may bring their
    own key, and whether there is a provider for ChatGPT logins. Without SPEC, ./provisioner.toml is
    checked if it is there. No model is asked for anything.

    \b
    Examples:
      provisioner coder check
      provisioner coder check examples/chatgpt.toml --url https://coder.example.com
      provisioner coder check provisioner.toml --write
      provisioner coder check --format json

    Exit codes: 0 nothing failed, 1 a check failed, 2 no verdict.
    """
    from provisioner.cli.check_report import check_lines, checks_data, has_failed
    from provisioner.coder_steps.deployment_checks import deployment_checks, spec_checks
    from provisioner.coder_steps.deployment_facts import deployment_facts
    from provisioner.spec.load import load

    path = spec or (Path(DEFAULT_SPEC) if Path(DEFAULT_SPEC).exists() else None)
    if write and path is None:
        raise click.UsageError("--write needs SPEC")
    # The target that --write sets may be what is wrong with the spec.
    with reported_findings(ctx, output_format):
        wanted = None if write or path is None else load(path)
    with connect(deployment) as client:
        facts = deployment_facts(client)
    checks = [*deployment_checks(facts)]
    is_written = write and path is not None and _write(path, facts)
    if path is not None:
        from provisioner.plan.resolve import resolve

        wanted = wanted or load(path)
        checks += spec_checks(facts, resolve(wanted), wanted.target.coder or "")
    if output_format == "json":
        target = {"coder": facts.version_text, "is_written": is_written}
        click.echo(json.dumps({"version": 1, **checks_data(checks), "target": target}, indent=2))
    else:
        click.echo("\n".join(check_lines(checks)))
        if is_written:
            click.echo(f"{path}: target.coder is {facts.version} now")
    ctx.exit(1 if has_failed(checks) else 0)


def _write(path: Path, facts: DeploymentFacts) -> bool:
    """Set the target; return whether the file changed."""
    from provisioner.cli.output_file import write_file
    from provisioner.coder_steps.spec_target import with_target

    if facts.version is None:
        raise InputError(f'"{facts.version_text}" is no release; set target.coder by hand')
    try:
        before = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not text in UTF-8") from error
    after = with_target(before, str(path), str(facts.version))
    if after != before:
        write_file(path.resolve(), after)
    return after != before
