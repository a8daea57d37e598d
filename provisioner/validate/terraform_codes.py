"""The findings that Terraform's own diagnostics become, here and in a job of Coder."""

from __future__ import annotations

from provisioner.finding import RuleDescription, Severity

__all__ = ["CODER_JOB_FAILED", "TERRAFORM_CODES", "TERRAFORM_ERROR", "TERRAFORM_WARNING"]

_WHAT = (
    "Asked for with `provisioner validate --terraform`: what `terraform validate` says about the "
    "folder. Where another finding of this run stands at the same line, that one is enough. "
    "After `provisioner coder push` it is what Terraform said in the Coder provisioner."
)
_WHY = (
    "Terraform runs without a network: providers are schemas, and modules of a registry have the "
    "inputs they are given. Coder's schema is whole; of other providers what is not known is "
    "taken for right, unless `terraform init` has put them into the folder."
)

TERRAFORM_ERROR = RuleDescription(
    code="PRV601",
    name="terraform-error",
    severity=Severity.ERROR,
    summary="Terraform refuses the folder",
    sections={"What it does": _WHAT, "Why": _WHY, "Use instead": "What Terraform's words say."},
    topic="terraform",
)
TERRAFORM_WARNING = RuleDescription(
    code="PRV602",
    name="terraform-warning",
    severity=Severity.WARNING,
    summary="Terraform warns about the folder",
    sections={"What it does": _WHAT, "Why": _WHY, "Use instead": "What Terraform's words say."},
    topic="terraform",
)
CODER_JOB_FAILED = RuleDescription(
    code="PRV603",
    name="failed-coder-job",
    severity=Severity.ERROR,
    summary="Coder cannot make a template version of the folder",
    sections={
        "What it does": "Comes from `provisioner coder push`: the job that makes the template "
        "version failed, and not with an error of Terraform's about a line.",
        "Why": "The version cannot become active, and workspaces stay on the one before.",
        "Use instead": "What Coder's words say; values for variables come from `--variable`.",
    },
    topic="terraform",
)
TERRAFORM_CODES = (TERRAFORM_ERROR, TERRAFORM_WARNING, CODER_JOB_FAILED)
