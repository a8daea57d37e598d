"""`provisioner coder push`: a spec or a template folder becomes an active template version."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli.coder_options import (
    deployment_options,
    named_values,
    organization_option,
    session,
)
from provisioner.cli.coder_push_options import push_options
from provisioner.cli.finding_options import FORMATS
from provisioner.cli.reported_findings import reported_findings

if TYPE_CHECKING:
    from provisioner.cli.coder_source import Source
    from provisioner.cli.coder_variables import GivenVariables
    from provisioner.coder_steps.left_behind import LeftVersion
    from provisioner.coder_steps.push import PushWish
    from provisioner.finding import CheckResult
__all__ = ["command"]


@click.command("push")
@click.argument("source", required=False, type=click.Path(path_type=Path), metavar="[SOURCE]")
@push_options
@organization_option
@deployment_options
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How to write findings; with json also what was done.",
)
@click.option(
    "--output-file",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the findings there, and only their number here.",
)
@click.pass_context
def command(ctx: click.Context, /, *, source: Path | None, **given: Any) -> None:  # noqa: ANN401
    """Push a template and make it active, once it is clean and Coder has planned it.

    SOURCE is a spec, which is rendered, or the folder of a template.  [default: provisioner.toml]

    What `provisioner validate` finds an error in is not pushed. Where the deployment has the very
    files already, nothing is uploaded. Terraform's own errors, from Coder's job, are reported like
    findings, at their file and line. A version becomes active only when its job has succeeded and
    no other one became active meanwhile. After Ctrl-C the job is canceled, and what is left on the
    deployment is said; the same command goes on from there.

    \b
    Examples:
      provisioner coder push
      provisioner coder push template --template docker-codex --message "Codex 0.169"
      provisioner coder push template --variable docker_host=unix:///run/docker.sock
      provisioner coder push examples/chatgpt.toml --dry-run
      provisioner coder push template --format github --outputs "$GITHUB_OUTPUT"

    Exit codes: 0 pushed, or nothing to do; 1 findings; 2 not pushed; 130 interrupted.
    """
    from provisioner.cli.coder_source import read_source
    from provisioner.cli.coder_variables import given_variables

    _refuse_unwritable(given)
    with tempfile.TemporaryDirectory(prefix="provisioner-") as place:
        with reported_findings(ctx, given["format_name"], given["output_file"]):
            found = read_source(source, given["template"], given["render_to"], Path(place))
        result = _validated(ctx, found, given)
        variables = given_variables(found.folder, given["variable"], given["variables_file"])
        wish = _wish(found, variables, given)
        _push(ctx, wish, result, {**given, "gateway_url": found.gateway_url})


def _wish(source: Source, variables: GivenVariables, given: dict[str, Any]) -> PushWish:
    from provisioner.coder_api.archive import LOCK_FILE, folder_entries
    from provisioner.coder_steps.push import PushWish
    from provisioner.coder_steps.template_words import checked_words, readme_words

    entries = folder_entries(source.folder)
    if LOCK_FILE not in entries and not source.is_rendered:
        click.echo(
            f"warning: no {LOCK_FILE} in {source.shown}: Coder downloads the newest Terraform "
            "providers that fit, each time; run `terraform init` there",
            err=True,
        )
    keys = ("display_name", "description", "icon")
    options = {key: given[key] for key in keys if given[key] is not None}
    return PushWish(
        template=source.name,
        entries=entries,
        folder=source.shown,
        organization=given["organization"],
        version=given["version_name"] or "",
        message=given["message"],
        variables=variables.values,
        secrets=variables.secrets,
        tags=named_values(given["provisioner_tag"], "--provisioner-tag"),
        words=checked_words({**readme_words(entries), **options}),
        activates=given["activate"],
        is_dry_run=given["dry_run"],
    )


def _push(ctx: click.Context, wish: PushWish, result: CheckResult, given: dict[str, Any]) -> None:
    """Push, and report what was done together with `result`, which did not stop it."""
    from provisioner.cli.coder_push_report import append_outputs, done_data, done_lines, report_done
    from provisioner.coder_api.login import is_deployment
    from provisioner.coder_steps.left_behind import LeftVersion
    from provisioner.coder_steps.push import push
    from provisioner.errors import FindingsError, ProvisionerError

    left = LeftVersion(wish.template)
    with session(given, wish.secrets) as (client, watch):
        if given["gateway_url"] and not is_deployment(given["gateway_url"], client.login.url):
            watch.say(
                f"warning: the gateway of the spec is {given['gateway_url']}, and this is "
                f"{client.login.url}"
            )
        try:
            done = push(client, wish, left, watch)
        except FindingsError as error:
            _say_left(left)
            _report(result.joined(error.result), given)
            ctx.exit(error.exit_code)
        except (KeyboardInterrupt, ProvisionerError):
            _say_left(left)
            raise
    url = client.login.url
    report_done(
        result,
        given["format_name"],
        given["output_file"],
        said="\n".join(done_lines(done, url, is_dry_run=wish.is_dry_run)),
        data={"push": done_data(done, url, is_dry_run=wish.is_dry_run)},
    )
    if given["outputs"]:
        append_outputs(given["outputs"], done, url)


def _refuse_unwritable(given: dict[str, Any]) -> None:
    """Raise what a write of the reports would, before anything is made on the deployment."""
    from provisioner.cli.coder_push_report import refuse_closed
    from provisioner.cli.output_file import refuse_unwritable

    if given["output_file"] is not None:
        refuse_unwritable(given["output_file"])
    if given["outputs"]:
        refuse_closed(given["outputs"])


def _say_left(left: LeftVersion) -> None:
    for line in left.lines:
        click.echo(f"left: {line}", err=True)


def _report(result: CheckResult, given: dict[str, Any]) -> None:
    from provisioner.cli.write_report import write_report

    write_report(result, given["format_name"], given["output_file"])


def _validated(ctx: click.Context, source: Source, given: dict[str, Any]) -> CheckResult:
    """Return the findings; stops where one is at or above --fail-on."""
    from provisioner.cli.coder_source import checked
    from provisioner.cli.write_report import refuse_checked
    from provisioner.finding import CheckResult

    if not given["validate"]:
        return CheckResult((), ())
    result = checked(source)
    if result.fails(given["fail_on"]):
        _report(result, given)
        click.echo("nothing was pushed; --no-validate pushes all the same", err=True)
        ctx.exit(1)
    if given["output_file"] is not None:
        refuse_checked(given["output_file"], result)
    return result
