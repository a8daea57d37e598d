"""PRV112."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Confidence, Edit, Finding, Fix, Severity
from provisioner.validate.codex_config import CodexConfig
from provisioner.validate.rule import Fixes, Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unguarded_codex"]

_BYPASS = re.compile(r"--dangerously-bypass-approvals-and-sandbox\b|(?<=codex )--yolo\b")


@rule("PRV112", "unguarded-codex", Severity.WARNING, fixes=Fixes.UNSAFE)
def unguarded_codex(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A Codex that asks nobody and may do anything.

    What it does:
        Reports `sandbox_mode = "danger-full-access"` together with `approval_policy = "never"` in a
        Codex config, and `--dangerously-bypass-approvals-and-sandbox` or `codex --yolo` in a
        template.

    Why:
        Whatever the model writes is run with all rights of the user: a prompt hidden in a file or
        a web page can read the gateway token and send it away.

    Use instead:
        `sandbox_mode = "workspace-write"`, or `approval_policy = "on-request"`.
    """
    for config in workspace.codex_configs:
        yield from _in_config(this, config)
    for document in workspace.hcl:
        for match in _BYPASS.finditer(document.source.text):
            yield this.finding(
                document.source.path,
                document.source.span(*match.span()),
                "Codex would run whatever the model writes, without asking, outside its sandbox",
                help="leave it out: Codex then asks, or stays in its sandbox",
                confidence=Confidence.MEDIUM,
            )


def _in_config(this: Rule, config: CodexConfig) -> Iterator[Finding]:
    sandbox, approval = config.text("sandbox_mode"), config.text("approval_policy")
    if sandbox and approval and sandbox.value == "danger-full-access" and approval.value == "never":
        content = sandbox.document.content_span(*sandbox.path)
        yield this.finding(
            sandbox.file,
            sandbox.value_span,
            'with approval_policy = "never", Codex runs whatever the model writes, outside its '
            "sandbox",
            help='write sandbox_mode = "workspace-write"',
            fix=Fix(safe=False, edits=(Edit(content, "workspace-write"),)) if content else None,
        )
