"""PRV411."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.override_file import is_override
from provisioner.validate.provider_requirements import requirements
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["missing_terraform_version"]

_BUILT_IN = "terraform.io/builtin/terraform"
"""A part of Terraform, which has no version of its own."""


@rule("PRV411", "missing-terraform-version", Severity.WARNING)
def missing_terraform_version(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A folder that does not say which Terraform or which version of a provider it needs.

    What it does:
        Looks at the `terraform` blocks: for `required_version`, and for a `version` in each
        requirement. A folder without such a block is left alone, and so is one with a file that
        cannot be read.

    Why:
        The next release of a Terraform provider, or another Terraform on the Coder provisioner,
        changes or breaks workspaces that nobody touched.

    Use instead:
        `required_version = ">= 1.9"` and `version = "~> 2.12"`.
    """
    blocks = [*workspace.blocks("terraform")]
    if not workspace.is_whole or not blocks or is_override(blocks[0].path):
        return
    if all(block.value("required_version") is None for block in blocks):
        message = "the folder does not say which Terraform it needs"
        advice = 'add required_version = ">= 1.9"'
        yield this.finding(blocks[0].path, blocks[0].header_span, message, help=advice)
    for item in requirements(workspace.top_blocks):
        source = item.text("source")
        if source is not None and source.value == _BUILT_IN:
            continue
        if item.items is not None and item.text("version") is None and not item.aliases:
            message = f'the requirement of "{item.name}" names no version'
            advice = f'add version = "~> …" to {item.name}'
            yield this.finding(item.attribute.path, item.span, message, help=advice)
