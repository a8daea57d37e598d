"""Problems of the router's configurations → findings of the rules that they belong to."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.router_file.judge import router_problems
from provisioner.router_file.problem import ProblemKind, RouterProblem
from provisioner.validate.nearest import did_you_mean, nearest, renamed
from provisioner.validate.once import once
from provisioner.validate.rule import Rule
from provisioner.validate.workspace import Workspace

__all__ = ["router_findings"]


@once
def _problems(workspace: Workspace) -> Iterator[tuple[str, RouterProblem]]:
    for file in workspace.router:
        if file.document.problem is None:
            yield from ((file.path, problem) for problem in router_problems(file))


def router_findings(this: Rule, workspace: Workspace, kind: ProblemKind) -> Iterator[Finding]:
    """Yield the findings about problems of one kind."""
    for path, problem in _problems(workspace):
        if problem.kind is not kind:
            continue
        start, end = problem.span.start, problem.span.end
        written = _written(workspace, path, problem)
        is_one_word = start.line == end.line and bool(written)
        fix = renamed(written, problem.span, problem.nearby) if is_one_word else None
        # What the router's page shows is refused by its code alone.
        is_milder = problem.page_has_it and this.severity is Severity.ERROR
        yield this.finding(
            path,
            problem.span,
            problem.message,
            help=_help(problem, written),
            fix=fix,
            severity=Severity.WARNING if is_milder else None,
            secret=problem.secret,
        )


def _written(workspace: Workspace, path: str, problem: RouterProblem) -> str:
    """Return the name at the span, where another one may have been meant."""
    source = next(source for source in workspace.sources if source.path == path)
    start, end = source.offset(problem.span.start), source.offset(problem.span.end)
    written = source.text[start:end]
    # Between quotes the fix would take those away.
    return written if problem.nearby and written.isprintable() and written[:1] not in "\"'" else ""


def _help(problem: RouterProblem, written: str) -> str:
    if written and nearest(written, problem.nearby):
        return did_you_mean(written, problem.nearby)
    return problem.help or "remove it" if problem.kind is ProblemKind.UNKNOWN_KEY else problem.help
