"""PRV001."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import FILE_START, Finding, Severity
from provisioner.syntax.hcl_document import MAX_LENGTH, MAX_PARTS
from provisioner.syntax.source import SyntaxProblem
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unreadable_file"]


@rule("PRV001", "unreadable-file", Severity.ERROR, can_be_ignored=False)
def unreadable_file(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A file that Terraform, Codex or Auto AI Router refuses to read.

    What it does:
        Reports files that cannot be opened, that are not UTF-8 text, Terraform files with syntax
        errors by the verdict of HashiCorp's own parser, variables files with blocks or values that
        are not constant, Terraform's JSON files that are not JSON, Codex config files that are not
        TOML, configurations of Auto AI Router that are not YAML, and an auth.json of a Codex home
        that is not JSON. All errors of a file are reported at once, up to a quote or heredoc that
        is never closed. A comment cannot suppress this rule.

    Why:
        Nothing else about the file can be judged, and `coder templates push`, Codex or the
        router stops at the first of these errors.

    Use instead:
        The text that the finding's help asks for.
    """
    for path, problem in workspace.unreadable:
        message = f"this file cannot be read: {problem.message}"
        yield this.finding(path, problem.span, message, help=problem.help)
    for document in workspace.all_hcl:
        for problem in document.problems:
            message = f"Terraform cannot read this file: {problem.message}"
            yield this.finding(document.source.path, problem.span, message, help=problem.help)
        if document.is_too_large:
            yield this.finding(
                document.source.path,
                FILE_START,
                "this file is too large: only its syntax was checked",
                help=f"split it; {MAX_LENGTH:,} characters, or {MAX_PARTS:,} numbers, texts, names "
                "and so on, are the most",
                severity=Severity.NOTE,
            )
        elif not document.complete and not document.problems:
            yield this.finding(
                document.source.path,
                FILE_START,
                "a part of this file is not understood: what needs the whole folder is not checked",
                severity=Severity.NOTE,
            )
    for path, reader, problem in _others(workspace):
        message = f"{reader} cannot read this file: {problem.message}"
        yield this.finding(path, problem.span, message, help=problem.help)
    auth = workspace.home.auth if workspace.home else None
    if auth and auth.problem:
        message = f"Codex cannot read the login in this file: {auth.problem.message}"
        yield this.finding(auth.path, auth.problem.span, message, help="run `codex login` again")


def _others(workspace: Workspace) -> Iterator[tuple[str, str, SyntaxProblem]]:
    """Yield path, reader and problem of each file that is not Terraform's."""
    for config in workspace.toml:
        if config.problem:
            yield config.path, "Codex", config.problem
    for file in workspace.router:
        if file.document.problem:
            yield file.path, "Auto AI Router", file.document.problem
